using HallOps.Core.Halls;
using static HallOps.Core.Tests.Halls.SampleHall;

namespace HallOps.Core.Tests.Halls;

/// <summary>Visits for several services at once: those that need no order wait in several lines from one instant, and the first free window calls.</summary>
public sealed class JointVisitTests
{
    private static readonly ServiceId Home = new("home");

    /// <summary>A new home: card and water at once, the permit when both are done. Li is at window 1 (line a), Qian at 2 (line b).</summary>
    private static HallScenario Joint(string more = "") => HallScenario.Of(With("{\"service\": \"none\"",
        "{\"service\": \"home\", \"name\": {\"zh\": \"新居一件事\"}, \"line\": \"c\", \"kind\": \"joint\", \"legs\": [{\"service\": \"permit\", \"after\": [\"card\", \"water\"]}, {\"service\": \"card\"}, {\"service\": \"water\"}]" + more + "}, {\"service\": \"none\""))
        .Given(Open(1, Li), Open(2, Qian));

    [Fact]
    public void Issue_BeginsWhatWaitsForNothing_InSeveralLinesFromOneInstant()
    {
        var story = Joint().Given(Issue("card")).At(60).When(Issue("home"));
        Assert.Equal(["TicketIssued", "JointBegun", "LegBegun"], story.Events.Select(e => e.GetType().Name));
        Assert.Equal(("C001", Home, new LineId("c"), 0), story.Events[0] is TicketIssued e ? (e.Number, e.Service, e.Line, e.Ahead) : default);
        var ticket = story.Ticket(2);
        Assert.Equal([("card", "a"), ("water", "b")], ticket.Legs.Select(l => (l.Service.Value, l.Line.Value)));
        Assert.All(ticket.Legs, leg => Assert.Equal(story.Seconds(60), leg.Since));
        Assert.Equal((2, 1, 0, 2), (story.State.Find(A)!.Waiting, story.State.Find(B)!.Waiting, story.State.Find(new LineId("c"))!.Waiting, story.State.Waiting));
        // The holder is told of the line where it goes fastest.
        var view = HallPicture.Ticket(story.State, story.Now, T(2))!;
        Assert.Equal((0, ExplanationKind.Waiting), (view.Ahead, view.Explanation!.Kind));
        Assert.Equal(["card waiting", "water waiting"], view.Legs.Select(l => $"{l.Service} {l.State.ToString().ToLowerInvariant()}"));
    }

    [Fact]
    public void Call_ByTheFirstFreeWindow_TakesItOutOfEveryLine_AndItsFinishBringsTheOthersBackWithTheirTime()
    {
        var story = Joint().Given(Issue("home")).At(60).Given(Issue("card"));
        story.When(CallNext(2, Qian)).ThenCalled(1, CallReason.FirstCome);
        Assert.Equal((2, "water"), (((TicketCalled)story.Events[0]).Leg, story.Ticket(1).Leg.Service.Value));
        // Neither callable nor ahead of anybody while it is at window 2.
        Assert.Equal((1, 0), (story.State.Find(A)!.Waiting, HallPicture.Ticket(story.State, story.Now, T(2))!.Ahead));
        story.At(70).Given(StartAt(2, Qian)).At(300).Given(FinishAt(2, Qian)).ThenTicket(1, TicketState.Waiting);
        Assert.Equal((story.Seconds(0), 1), (story.Ticket(1).Leg.Since, HallPicture.Ticket(story.State, story.Now, T(2))!.Ahead));
        story.When(CallNext(1, Li)).ThenCalled(1, CallReason.FirstCome);
    }

    [Fact]
    public void Finish_OfTheLastOneItWaitedFor_BeginsTheLegAfterThem()
    {
        var story = Joint().Given(Issue("home"), CallNext(2, Qian), StartAt(2, Qian), FinishAt(2, Qian), CallNext(1, Li), StartAt(1, Li)).At(600);
        story.When(FinishAt(1, Li)).Then(new LegBegun(1, 3, 0, Permit, A, story.Now), new ServiceFinished(1, 1, W(1), new StaffId("li"), FinishOutcome.Done, null, 1));
        story.ThenTicket(1, TicketState.Waiting);
        Assert.Equal((Permit, story.Now), (story.Ticket(1).Leg.Service, story.Ticket(1).Leg.Since));
        story.Given(CallNext(1, Li), StartAt(1, Li), FinishAt(1, Li)).ThenTicket(1, TicketState.Finished, LegOutcome.Served);
        Assert.All(story.Ticket(1).Legs, leg => Assert.Equal(LegOutcome.Served, leg.Outcome));
    }

    [Theory]
    [InlineData(FinishOutcome.ToldOnce)]
    [InlineData(FinishOutcome.Refused)]
    public void Finish_ThatSendsHome_OpensNoWayToWhatNeedsIt_AndTheOthersGoOn(FinishOutcome outcome)
    {
        var story = Joint().Given(Issue("home"), CallNext(2, Qian), StartAt(2, Qian), FinishAt(2, Qian, outcome)).ThenTicket(1, TicketState.Waiting);
        story.Given(CallNext(1, Li), StartAt(1, Li), FinishAt(1, Li)).ThenTicket(1, TicketState.Finished, LegOutcome.Served);
        Assert.Equal(2, story.Ticket(1).Legs.Count());
    }

    [Fact]
    public void Finish_OfOneWhoWentAway_EndsTheWholeVisit()
    {
        var story = Joint().Given(Issue("home"), CallNext(2, Qian), StartAt(2, Qian), FinishAt(2, Qian, FinishOutcome.Left)).ThenTicket(1, TicketState.Finished, LegOutcome.Served);
        Assert.Equal(LegOutcome.Abandoned, story.Ticket(1).LegOf(1)!.Outcome);
        Assert.Equal(0, story.State.Waiting);
    }

    [Fact]
    public void Next_AtAWindowThatDoesBoth_GoesOnWithTheSameVisitor()
    {
        var story = Joint().Given(new ChangeProfile(W(1), [new ProfileLine(A, 0, 0), new ProfileLine(B, 0, 0)])).Given(Issue("home"), CallNext(1, Li), StartAt(1, Li)).At(200).Given(Issue("card")).At(210);
        story.When(Next(1, Li, FinishOutcome.Done)).ThenCalled(1, CallReason.FirstCome);
        Assert.Equal("water", story.Ticket(1).Leg.Service.Value);
    }

    [Fact]
    public void Missed_AndBack_IsReservedWhereItWasCalled_AndStillWaitsInTheOtherLine()
    {
        var story = Joint().Given(Issue("home"), CallNext(1, Li)).At(20).Given(Recall(1, Li)).At(40).Given(NoShow(1, Li)).At(50);
        Assert.Equal(0, story.State.Find(B)!.Waiting);
        story.Given(Back(1));
        Assert.Equal((1, 1), (story.State.Find(A)!.Waiting, story.State.Find(B)!.Waiting));
        // Window 2 is quicker; afterwards it is still to be called first for what it missed.
        story.Given(CallNext(2, Qian), StartAt(2, Qian)).At(100).Given(Issue("card")).Given(FinishAt(2, Qian));
        story.When(CallNext(1, Li)).ThenCalled(1, CallReason.Returned);
    }

    [Fact]
    public void Transfer_InTheMiddle_ReplacesItsLeg_AndWhatWaitsForItWaitsForThatOne()
    {
        var story = Joint().Given(Issue("home"), CallNext(2, Qian), StartAt(2, Qian), FinishAt(2, Qian), CallNext(1, Li), StartAt(1, Li), PassOn(1, Li, Water));
        Assert.Equal([1, 2, 3], story.Ticket(1).Legs.Select(l => l.Number));
        story.Given(CallNext(2, Qian), StartAt(2, Qian)).When(FinishAt(2, Qian));
        Assert.Equal(["LegBegun", "ServiceFinished"], story.Events.Select(e => e.GetType().Name));
        Assert.Equal(4, story.Ticket(1).Leg.Number);
    }

    [Fact]
    public void Transfer_ToAnotherOfItsServices_StillToBeGiven_IsRefused()
    {
        // Water waits beside, the permit is still to begin: either would be given twice.
        var story = Joint().Given(Issue("home"), CallNext(1, Li), StartAt(1, Li));
        story.When(PassOn(1, Li, Water)).ThenRefused(RefusalCode.JointVisit, ("service", "water"));
        story.When(PassOn(1, Li, Permit)).ThenRefused(RefusalCode.JointVisit, ("service", "permit"));
        story.When(PassOn(1, Li, Card)).ThenNothingRefused();
    }

    [Fact]
    public void Cancel_EndsEveryLeg_AndTheEndOfTheDayToo()
    {
        var story = Joint().Given(Issue("home"), Issue("home"), new CancelTicket(T(1))).ThenTicket(1, TicketState.Cancelled, LegOutcome.Abandoned);
        Assert.All(story.Ticket(1).Legs, leg => Assert.Equal(LegOutcome.Abandoned, leg.Outcome));
        story.At(15 * 3600 + 1).When(new Poke());
        Assert.All(story.Ticket(2).Legs, leg => Assert.Equal(LegOutcome.Abandoned, leg.Outcome));
        Assert.Equal((0, 0), (story.State.Find(A)!.Waiting, story.State.Find(B)!.Waiting));
    }

    [Fact]
    public void Void_WhenNotPrinted_TakesBackEveryLeg()
    {
        var story = Joint().Given(Issue("home", printed: false));
        Assert.Equal((0, 0, 1), (story.State.Find(A)!.Waiting, story.State.Find(B)!.Waiting, story.State.Waiting));
        story.Given(new MarkPrinted(T(1)));
        Assert.Equal((1, 1), (story.State.Find(A)!.Waiting, story.State.Find(B)!.Waiting));
        story.Given(Issue("home", printed: false)).At(100).When(new Poke());
        Assert.All(story.Ticket(2).Legs, leg => Assert.Equal(LegOutcome.Void, leg.Outcome));
    }

    [Fact]
    public void Issue_Again_ForTheSamePerson_IsRefused_WhateverLegRuns()
    {
        var story = Joint().Given(Issue("home", person: P(1)), CallNext(2, Qian), StartAt(2, Qian), FinishAt(2, Qian));
        story.When(Issue("home", person: P(1))).ThenRefused(RefusalCode.AlreadyWaiting, ("number", "C001"));
        story.Given(new CancelTicket(T(1))).When(Issue("home", person: P(1))).ThenNothingRefused();
    }

    [Fact]
    public void Issue_WhereOneOfItsServicesIsSuspendedOrHasNoWindow_IsRefused()
    {
        var story = Joint().Given(SuspendService(Water)).When(Issue("home")).ThenRefused(RefusalCode.Suspended);
        Assert.False(HallPicture.Hall(story.State, story.Now).Services.Single(s => s.Service == "home").OfferedNow);
        Joint().Given(Profile(2, new ProfileLine(A, 0, 0)), Profile(3, new ProfileLine(A, 0, 0))).When(Issue("home")).ThenRefused(RefusalCode.ServiceNotOffered);
    }

    [Fact]
    public void Change_OfAJointNumber_OrToOne_IsRefused()
    {
        Joint().Given(Issue("home")).When(new ChangeTicket(T(1), Card)).ThenRefused(RefusalCode.JointVisit);
        Joint().Given(Issue("card")).When(new ChangeTicket(T(1), Home)).ThenRefused(RefusalCode.JointVisit);
        Joint().Given(Issue("card"), CallNext(1, Li), StartAt(1, Li)).When(PassOn(1, Li, Home)).ThenRefused(RefusalCode.JointVisit);
    }

    [Fact]
    public void Document_ThatTakesAwayAServiceStillToCome_IsRefused_AndNamesWho()
    {
        var story = Joint().Given(Issue("home"));
        story.When(Configure(Document)).ThenRefused(RefusalCode.InUse);
    }
}
