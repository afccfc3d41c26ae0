using HallOps.Core.Halls;
using static HallOps.Core.Tests.Halls.SampleHall;

namespace HallOps.Core.Tests.Halls;

/// <summary>Visits that do not go straight from call to finish: held, away, passed on, brought back, with stages and an owner.</summary>
public sealed class VisitTests
{
    // ---- held

    [Fact]
    public void Hold_FreesTheWindowAndCallsNobodyWhoIsAway()
    {
        var story = Serving().Given(Hold(1, Li)).ThenTicket(1, TicketState.Held);
        Assert.Null(story.State.Find(W(1))!.Present);
        story.When(CallNext(1, Li)).ThenNothing();
        Assert.Equal(0, story.State.Waiting);
    }

    [Fact]
    public void Back_FromHeld_IsFirstAtThatWindow_BeforeWhoeverHasWaitedLonger()
    {
        var story = Serving(others: 2).Given(Hold(1, Li));
        story.When(Back(1)).Then(new TicketBack(1, 1, W(1), First: false));
        // Not another window's, however long nobody else waits there.
        story.Given(Open(3, Wang)).When(CallNext(3, Wang)).ThenCalled(2, CallReason.FirstCome);
        story.When(CallNext(1, Li)).ThenCalled(1, CallReason.Reserved);
    }

    [Fact]
    public void Back_AtTheKeyOfAnyWindow_BringsHeldToTheOneThatHolds()
    {
        var story = Serving().Given(Hold(1, Li)).Given(Open(3, Wang)).When(ReturnAt(3, Wang, "A001"));
        story.Then(new TicketBack(1, 1, W(1), First: false));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Held_WhoseWindowStopped_IsCalledFirstByAnyOfItsLine(bool pause)
    {
        var story = Serving(others: 2).Given(Hold(1, Li)).Given(pause ? Pause(1, Li) : (HallCommand)Close(1, Li));
        story.ThenTicket(1, TicketState.Held).Given(Open(3, Wang));
        story.When(Back(1)).Then(new TicketBack(1, 1, null, First: true));
        story.When(CallNext(3, Wang)).ThenCalled(1, CallReason.Returned);
    }

    [Fact]
    public void Back_ThenTheWindowPauses_IsReleasedToAnyOfItsLine()
    {
        var story = Serving(others: 1).Given(Hold(1, Li)).Given(Back(1)).Given(Pause(1, Li)).Given(Open(3, Wang));
        story.When(CallNext(3, Wang)).ThenCalled(1, CallReason.Returned);
    }

    [Fact]
    public void Hold_OfMoreThanMaxHeld_IsRefused()
    {
        var story = Scenario().Given(Open(1, Li));
        for (var ticket = 1; ticket <= 4; ticket++)
        {
            story.Given(Issue()).Given(CallNext(1, Li)).Given(StartAt(1, Li));
            if (ticket < 4) story.Given(Hold(1, Li));
        }
        story.When(Hold(1, Li)).ThenRefused(RefusalCode.TooManyHeld, ("held", 3), ("maxHeld", 3));
    }

    [Fact]
    public void Held_WhoIsCancelled_IsWithdrawn() => Serving().Given(Hold(1, Li)).Given(new CancelTicket(T(1))).ThenTicket(1, TicketState.Cancelled, LegOutcome.Withdrawn);

    [Fact]
    public void EndOfDay_ByState()
    {
        var story = Scenario("\"maxWaiting\": 5", "\"maxWaiting\": 50").Given(Open(1, Li)).Given(Open(3, Wang));
        // 1 held, 2 missed, 3 away, 4 called, 5 being served, 6 waiting, 7 held and back, 8 not printed.
        story.Given(Issue()).Given(CallNext(1, Li)).Given(StartAt(1, Li)).Given(Hold(1, Li));
        story.Given(Issue()).Given(CallNext(1, Li)).At(20).Given(Recall(1, Li)).At(40).Given(NoShow(1, Li));
        story.Given(Issue()).Given(Away(3, minutes: 20 * 60));
        story.Given(Issue()).Given(CallNext(1, Li)).Given(StartAt(1, Li)).Given(Hold(1, Li)).Given(Back(4)).Given(Issue()).Given(CallNext(3, Wang)).Given(StartAt(3, Wang));
        story.Given(Issue());
        // An hour before midnight, so that no start is inferred before the end of the day.
        story.At(15 * 3600 - 30).Given(CallNext(1, Li)).Given(Issue(printed: false));
        story.At(15 * 3600).When(new Poke());

        Assert.Equal(
            [
                (1, TicketState.Expired, LegOutcome.Withdrawn), (2, TicketState.Expired, LegOutcome.NoShow), (3, TicketState.Expired, LegOutcome.Abandoned), (4, TicketState.Expired, LegOutcome.NoShow),
                (5, TicketState.Serving, LegOutcome.Open), (6, TicketState.Expired, LegOutcome.Abandoned), (7, TicketState.Void, LegOutcome.Void),
            ],
            Enumerable.Range(1, 7).Select(n => (n, story.Ticket(n).State, story.Ticket(n).Leg.Outcome)));
        Assert.Equal(0, story.State.Waiting);
        Assert.Equal((0, 0), (story.State.Held.Count, story.State.Away.Count));
        // Of a day that is over: it can be finished, and nothing else leads out of it.
        story.When(Hold(3, Wang)).ThenRefused(RefusalCode.DayOver);
        story.When(PassOn(3, Wang, Water)).ThenRefused(RefusalCode.DayOver);
        story.When(FinishAt(3, Wang)).ThenNothingRefused().ThenTicket(5, TicketState.Finished, LegOutcome.Served);
    }

    // ---- away

    [Fact]
    public void StepAway_KeepsThePlace_AndIsNotCalledMeanwhile()
    {
        var story = Scenario().Given(Issue()).At(10).Given(Issue()).Given(Open(1, Li));
        story.When(Away(1)).Then(new TicketAway(1, 1, story.Now + TimeSpan.FromMinutes(10)));
        Assert.Equal(TicketState.Away, ((HolderReply)story.Reply!).State);
        story.When(CallNext(1, Li)).ThenCalled(2, CallReason.FirstCome);
        story.Given(StartAt(1, Li)).At(100).Given(Issue()).When(Back(1)).Then(new TicketBack(1, 1, null, First: false));
        Assert.Equal(0, HallPicture.Ticket(story.State, story.Now, T(1))!.Ahead);
        story.When(Next(1, Li)).ThenCalled(1, CallReason.FirstCome);
    }

    [Fact]
    public void StepAway_OverItsTime_IsBackByItself()
    {
        var story = Scenario().Given(Issue()).Given(Away(1)).At(600).When(new Poke());
        story.ThenDue(new TicketBack(1, 1, null, First: false)).ThenTicket(1, TicketState.Waiting);
    }

    [Fact]
    public void StepAway_OfOneWhoIsNext_IsFirstWhenBack()
    {
        var story = Serving(others: 1).Given(Hold(1, Li)).Given(Back(1)).Given(Away(1)).Given(Back(1));
        story.Given(Open(3, Wang)).When(CallNext(3, Wang)).ThenCalled(1, CallReason.Returned);
    }

    [Fact]
    public void Away_IsNotPassedOver()
    {
        var story = Scenario().Given(Issue()).Given(Open(1, Li)).Given(Away(1)).At(5).Given(Issue(@class: "elderly", grants: Grants.Guide));
        story.When(CallNext(1, Li)).ThenCalled(2, CallReason.FirstCome);
        story.Given(Back(1));
        Assert.Equal(0, story.Ticket(1).Leg.Overtaken);
    }

    // ---- passed on

    [Fact]
    public void Transfer_ToAService_BeginsANewLegAtTheEndOfItsLine_OrAtItsPlace()
    {
        var end = Serving().At(100).When(PassOn(1, Li, Water));
        end.Then(new TicketTransferred(1, 2, W(1), Water, B, end.Now, null, false)).ThenTicket(1, TicketState.Waiting);
        Assert.Equal((LegOutcome.Transferred, 1), (end.Ticket(1).Earlier[0].Outcome, end.State.Find(B)!.Waiting));
        Assert.Null(end.State.Find(W(1))!.Present);
        Assert.Empty(HallPicture.Calls(end.State));

        var kept = Serving().At(100).When(PassOn(1, Li, Water, keepPlace: true));
        kept.Then(new TicketTransferred(1, 2, W(1), Water, B, HallScenario.Start, null, false));
    }

    [Fact]
    public void Transfer_ToALine_IsForTheSameServiceOrTheLinesFirst()
    {
        var same = Serving().When(new Transfer(W(1), Li, A, null, null, false, false));
        same.Then(new TicketTransferred(1, 2, W(1), Card, A, same.Now, null, false));
        var other = Serving().When(new Transfer(W(1), Li, B, null, null, false, false));
        other.Then(new TicketTransferred(1, 2, W(1), Water, B, other.Now, null, false));
        Serving().When(new Transfer(W(1), Li, new LineId("x"), null, null, false, false)).ThenRefused(RefusalCode.UnknownLine);
    }

    [Fact]
    public void Transfer_ToAWindow_IsReservedForIt_AndWhenItStopsWaitsWhereItIs()
    {
        var story = Serving(others: 1).Given(Open(3, Wang)).At(100);
        story.When(PassOnTo(1, Li, 3)).Then(new TicketTransferred(1, 2, W(1), Card, A, story.Now, W(3), false));
        story.When(CallNext(3, Wang)).ThenCalled(1, CallReason.Reserved);

        var stopped = Serving(others: 1).Given(Open(3, Wang)).At(100).Given(PassOnTo(1, Li, 3)).Given(Pause(3, Wang));
        stopped.When(CallNext(1, Li)).ThenCalled(2, CallReason.FirstCome);
        stopped.Given(StartAt(1, Li)).When(Next(1, Li)).ThenCalled(1, CallReason.FirstCome);
    }

    [Fact]
    public void Transfer_ToAWindowThatDoesSomethingElse_IsForWhatItOffersFirst()
    {
        var story = Serving().Given(Open(2, Qian));
        story.When(PassOnTo(1, Li, 2)).Then(new TicketTransferred(1, 2, W(1), Water, B, story.Now, W(2), false));
        Serving().When(PassOnTo(1, Li, 2)).ThenRefused(RefusalCode.WindowNotOpen, ("window", "2"));
        Serving().When(PassOnTo(1, Li, 9)).ThenRefused(RefusalCode.UnknownWindow);
    }

    [Fact]
    public void Transfer_ReturnHere_ComesBackToTheFirstWindow_AndOnlyThatFinishEndsTheVisit()
    {
        var story = Serving(others: 1).Given(Open(2, Qian)).Given(PassOn(1, Li, Water, returnHere: true)).Given(CallNext(2, Qian)).Given(StartAt(2, Qian));
        story.At(300).When(FinishAt(2, Qian, FinishOutcome.Paid)).ThenTicket(1, TicketState.Waiting);
        Assert.Equal((3, Card, A), (story.Ticket(1).Leg.Number, story.Ticket(1).Leg.Service, story.Ticket(1).Leg.Line));
        Assert.Equal([LegOutcome.Transferred, LegOutcome.Served], story.Ticket(1).Earlier.Select(l => l.Outcome));
        var finished = ((NextReply)story.Reply!).Finished!;
        Assert.Equal((FinishOutcome.Paid, Water, TicketState.Waiting), (finished.Outcome, finished.Service, finished.State));
        // What was paid for is rated at the pad of the window that took it, though the visit goes on.
        story.When(new RateAtWindow(W(2), T(1), 2, Grade.Satisfied, [])).ThenNothingRefused();
        Assert.Equal(Grade.Satisfied, story.Ticket(1).Earlier[1].Grade);

        story.When(CallNext(1, Li)).ThenCalled(1, CallReason.Reserved);
        story.Given(StartAt(1, Li)).When(FinishAt(1, Li)).ThenTicket(1, TicketState.Finished, LegOutcome.Served);
    }

    [Fact]
    public void Transfer_ReturnHere_KeepsThePersonFromASecondNumberForWhatTheyComeBackFor()
    {
        var story = Scenario().Given(Open(1, Li), Open(2, Qian)).Given(Issue(person: P(1)), CallNext(1, Li), StartAt(1, Li), PassOn(1, Li, Water, returnHere: true));
        story.When(Issue(person: P(1))).ThenRefused(RefusalCode.AlreadyWaiting, ("number", "A001"));
        story.When(Issue("water", person: P(1))).ThenRefused(RefusalCode.AlreadyWaiting, ("number", "A001"));
        story.Given(CallNext(2, Qian), StartAt(2, Qian), FinishAt(2, Qian)).When(Issue("water", person: P(1))).ThenNothingRefused();
        story.When(Issue(person: P(1))).ThenRefused(RefusalCode.AlreadyWaiting, ("number", "A001"));
        story.Given(CallNext(1, Li), StartAt(1, Li), FinishAt(1, Li)).When(Issue(person: P(1))).ThenNothingRefused();
    }

    [Fact]
    public void Transfer_ReturnHere_OfOneWhoLeft_FreesWhatTheyWouldHaveComeBackFor()
    {
        var story = Scenario().Given(Open(1, Li), Open(2, Qian)).Given(Issue(person: P(1)), CallNext(1, Li), StartAt(1, Li), PassOn(1, Li, Water, returnHere: true)).Given(new CancelTicket(T(1)));
        story.When(Issue(person: P(1))).ThenNothingRefused();
        story.When(Issue("water", person: P(1))).ThenNothingRefused();
    }

    [Fact]
    public void Transfer_ReturnHere_WhereTheFirstWindowIsGone_IsCalledFirstByAnyOfItsLine()
    {
        var story = Serving(others: 1).Given(Open(2, Qian)).Given(PassOn(1, Li, Water, returnHere: true)).Given(Close(1, Li)).Given(CallNext(2, Qian)).Given(StartAt(2, Qian)).Given(FinishAt(2, Qian));
        story.Given(Open(3, Wang)).When(CallNext(3, Wang)).ThenCalled(1, CallReason.Returned);
    }

    [Fact]
    public void Next_AtTheWindowItHasToComeBackTo_CallsItBeforeAnybody()
    {
        // Window 3 does both lines: it passes the visitor on, and is free first for that as well.
        var story = Scenario().Given(Open(3, Wang)).Given(Issue(), CallNext(3, Wang), StartAt(3, Wang), PassOn(3, Wang, Water, returnHere: true)).At(300).Given(CallNext(3, Wang), StartAt(3, Wang)).Given(Issue());
        story.When(Next(3, Wang, FinishOutcome.Paid)).ThenCalled(1, CallReason.Reserved);
        Assert.Equal((3, Card), (story.Ticket(1).Leg.Number, story.Ticket(1).Leg.Service));
    }

    [Fact]
    public void Transfer_ReturnHereTwice_ComesBackStepByStep()
    {
        var story = Serving().Given(Open(2, Qian)).Given(Open(3, Wang));
        story.Given(PassOn(1, Li, Water, returnHere: true)).Given(CallNext(2, Qian)).Given(StartAt(2, Qian)).Given(PassOnTo(2, Qian, 3, returnHere: true));
        story.Given(CallNext(3, Wang)).Given(StartAt(3, Wang)).Given(FinishAt(3, Wang));
        story.When(CallNext(2, Qian)).ThenCalled(1, CallReason.Reserved).Given(StartAt(2, Qian)).Given(FinishAt(2, Qian));
        story.When(CallNext(1, Li)).ThenCalled(1, CallReason.Reserved).Given(StartAt(1, Li)).When(FinishAt(1, Li)).ThenTicket(1, TicketState.Finished, LegOutcome.Served);
        Assert.Equal(4, story.Ticket(1).Earlier.Count);
    }

    [Fact]
    public void Transfer_OfOneWhoIsOnlyCalled_EndsThatLegUnserved()
    {
        var story = Scenario().Given(Issue()).Given(Open(1, Li)).Given(CallNext(1, Li)).When(PassOn(1, Li, Water));
        Assert.Null(story.Ticket(1).Earlier[0].StartedAt);
        // Nothing is left to start by time.
        story.At(3600).When(new Poke()).ThenDue();
    }

    [Fact]
    public void Transfer_ForWhatThePersonWaitsForAlready_IsRefused()
    {
        var story = Scenario().Given(Issue(person: P(1))).Given(Issue("water", person: P(1))).Given(Open(1, Li)).Given(CallNext(1, Li)).Given(StartAt(1, Li));
        story.When(PassOn(1, Li, Water)).ThenRefused(RefusalCode.AlreadyWaiting, ("number", "B001"));
        // The service it has is its own.
        story.When(PassOn(1, Li, Card)).ThenNothingRefused();
        story.When(Issue(person: P(1))).ThenRefused(RefusalCode.AlreadyWaiting, ("number", "A001"));
    }

    [Fact]
    public void ALegThatFollows_KeepsHowOftenItWasPassedOver()
    {
        var story = Scenario("\"maxWaiting\": 5", "\"maxWaiting\": 5, \"fairness\": {\"maxOvertakes\": 1}").Given(Issue()).At(1).Given(Issue(@class: "elderly", grants: Grants.Guide)).Given(Open(1, Li));
        story.When(CallNext(1, Li)).ThenCalled(2, CallReason.Class, 1, 1);
        story.Given(StartAt(1, Li)).Given(new ChangeTicket(T(1), Permit)).At(2).Given(Issue(@class: "elderly", grants: Grants.Guide));
        story.When(Next(1, Li)).ThenCalled(1, CallReason.Protected);
    }

    // ---- class, stages, owner

    [Fact]
    public void ChangeClass_OfOneWhoWaits_MovesItInItsLine()
    {
        var story = Scenario().Given(Issue()).At(1).Given(Issue()).Given(Open(1, Li));
        story.When(new ChangeClass(T(2), Elderly, Grants.Guide, null)).Then(new ClassChanged(2, Elderly, Grants.Guide));
        Assert.Equal((1, 0), (HallPicture.Ticket(story.State, story.Now, T(1))!.Ahead, HallPicture.Ticket(story.State, story.Now, T(2))!.Ahead));
        story.When(CallNext(1, Li)).ThenCalled(2, CallReason.Class, 1, 1);
    }

    [Fact]
    public void ChangeClass_ThatTheCallerMayNotGrant_IsRefused()
    {
        var story = Scenario().Given(Issue());
        story.When(new ChangeClass(T(1), Green, Grants.Self, null)).ThenRefused(RefusalCode.ClassNotGranted);
        story.When(new ChangeClass(T(1), Elderly, Grants.IdCard, 59)).ThenRefused(RefusalCode.ClassNotGranted);
        story.When(new ChangeClass(T(1), Elderly, Grants.IdCard, 60)).Then(new ClassChanged(1, Elderly, Grants.IdCard));
        story.When(new ChangeClass(T(1), new ClassId("nobody"), Grants.Guide, null)).ThenRefused(RefusalCode.UnknownClass);
    }

    [Fact]
    public void ChangeClass_OfOneReservedForAWindow_KeepsTheReservation()
    {
        var story = Serving(others: 1).Given(Hold(1, Li)).Given(Back(1)).Given(new ChangeClass(T(1), Green, Grants.Guide, null));
        story.Given(Open(3, Wang)).When(CallNext(3, Wang)).ThenCalled(2, CallReason.FirstCome);
        story.When(CallNext(1, Li)).ThenCalled(1, CallReason.Reserved);
    }

    [Fact]
    public void MarkStage_StartsAServiceThatIsOnlyCalled_AndStampsOnce()
    {
        var story = Scenario().Given(Issue()).Given(Open(1, Li)).Given(CallNext(1, Li)).At(5);
        story.When(new MarkStage(W(1), Li, Stage.Receipt)).Then(new ServiceStarted(1, 1, W(1), StartKind.StageMark, story.Now), new StageMarked(1, 1, W(1), Stage.Receipt));
        story.When(new MarkStage(W(1), Li, Stage.Receipt)).ThenNothing();
        story.When(new MarkStage(W(1), Li, Stage.Acceptance)).Then(new StageMarked(1, 1, W(1), Stage.Acceptance));
        Assert.Equal((true, false, true), (story.Ticket(1).HasReached(Stage.Receipt), story.Ticket(1).HasReached(Stage.Review), story.Ticket(1).HasReached(Stage.Acceptance)));
    }

    [Fact]
    public void MarkStage_AfterAStartByTime_ConfirmsIt()
    {
        var story = Scenario().Given(Issue()).Given(Open(1, Li)).Given(CallNext(1, Li)).At(100);
        story.When(new MarkStage(W(1), Li, Stage.Receipt)).Then(new ServiceStarted(1, 1, W(1), StartKind.StageMark, story.Seconds(45)), new StageMarked(1, 1, W(1), Stage.Receipt));
        story.When(NoShow(1, Li)).ThenRefused(RefusalCode.AlreadyStarted);
    }

    [Fact]
    public void Owner_IsWhoServedFirst_UntilAnotherAcceptsByName()
    {
        var story = Serving().Given(Open(3, Wang)).Given(PassOnTo(1, Li, 3));
        Assert.Equal("li", story.Ticket(1).Owner!.Value.Value);
        story.Given(CallNext(3, Wang)).Given(StartAt(3, Wang));
        Assert.Equal("li", story.Ticket(1).Owner!.Value.Value);
        story.When(new AcceptMatter(W(3), Wang)).Then(new OwnerChanged(1, new StaffId("wang")));
        story.When(new AcceptMatter(W(3), Wang)).ThenNothing();
        Scenario().Given(Issue()).Given(Open(1, Boss)).Given(CallNext(1, Boss)).Given(StartAt(1, Boss)).When(new AcceptMatter(W(1), Boss)).ThenRefused(RefusalCode.NobodyNamed);
    }

    /// <summary>Li serves A001 at window 1; so many others wait behind.</summary>
    private static HallScenario Serving(int others = 0)
    {
        var story = Scenario().Given(Issue()).Given(Open(1, Li)).Given(CallNext(1, Li)).Given(StartAt(1, Li));
        for (var i = 0; i < others; i++) story.Given(Issue());
        return story;
    }
}
