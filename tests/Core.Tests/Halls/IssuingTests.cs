using HallOps.Core.Halls;
using static HallOps.Core.Tests.Halls.SampleHall;

namespace HallOps.Core.Tests.Halls;

/// <summary>DOMAIN.md, "Issuing a number", classes and the first minute of a ticket.</summary>
public sealed class IssuingTests
{
    private static readonly WindowOpened LiAt1 = Opened(1, "li");

    [Fact]
    public void IssueTicket_InAnEmptyHall_IsTheFirstNumberOfItsLine() =>
        Scenario().Given(LiAt1).When(Issue()).Then(new TicketIssued(1, "A001", Card, A, ClassId.Normal, Grants.Self, null, TicketSource.Kiosk, true, 0, new Estimate(180, 360, 720), null));

    [Fact]
    public void IssueTicket_WithTwoAhead_EstimatesFromAheadMinutesAndOpenWindows()
    {
        // (2 + 1) × 6 min ÷ 2 windows open with line a in their profile; a paused and a closed one do not count.
        var story = Scenario().Given(Opened(1, "li"), Opened(2, "wang")).Given(Issue(), Issue());
        var issued = Assert.IsType<TicketIssued>(Assert.Single(story.When(Issue()).Events));
        Assert.Equal((2, new Estimate(270, 540, 1080)), (issued.Ahead, issued.Estimate));

        issued = Assert.IsType<TicketIssued>(Assert.Single(story.Given(Pause(2, Wang)).When(Issue()).Events));
        Assert.Equal((3, new Estimate(720, 1440, 2880)), (issued.Ahead, issued.Estimate));
    }

    [Fact]
    public void IssueTicket_OfAServiceWithoutExpectedMinutes_AssumesFive()
    {
        var issued = Assert.IsType<TicketIssued>(Assert.Single(Scenario().Given(LiAt1).When(Issue("permit")).Events));
        Assert.Equal(new Estimate(150, 300, 600), issued.Estimate);
    }

    [Fact]
    public void IssueTicket_WithoutAnOpenWindow_HasNoEstimate() =>
        Assert.Null(Assert.IsType<TicketIssued>(Assert.Single(Scenario().When(Issue()).Events)).Estimate);

    [Theory]
    [InlineData("nothing", null, RefusalCode.UnknownService)]
    [InlineData("card", "royal", RefusalCode.UnknownClass)]
    [InlineData("card", "green", RefusalCode.ClassNotGranted)]
    [InlineData("deed", null, RefusalCode.IdentityRequired)]
    [InlineData("none", null, RefusalCode.ServiceNotOffered)]
    public void IssueTicket_WhatTheHallDoesNotGive_IsRefused(string service, string? @class, RefusalCode code) => Scenario().When(Issue(service, @class)).ThenRefused(code);

    [Fact]
    public void IssueTicket_WithAnIdentity_FitsAServiceThatRequiresOne() => Scenario().When(Issue("deed", person: P(1))).ThenTicket(1, TicketState.Waiting);

    [Fact]
    public void IssueTicket_ByAnonymousWhereRemoteIssueIsOff_IsRefused()
    {
        Scenario("\"remoteIssue\": true", "\"remoteIssue\": false").When(Issue(remote: true)).ThenRefused(RefusalCode.RemoteIssueOff);
        Scenario().When(Issue(remote: true)).ThenTicket(1, TicketState.Waiting);
    }

    [Theory]
    [InlineData(Grants.Self | Grants.IdCard, 60, Grants.IdCard)]
    [InlineData(Grants.Self | Grants.IdCard, 59, null)]
    [InlineData(Grants.Self | Grants.IdCard, null, null)]
    [InlineData(Grants.Self | Grants.Guide, null, Grants.Guide)]
    [InlineData(Grants.Self | Grants.IdCard | Grants.Guide, 30, Grants.Guide)]
    [InlineData(Grants.Self | Grants.Manager, 80, null)]
    public void IssueTicket_OfAnElder_IsGrantedByAgeOrGuide(Grants grants, int? age, Grants? granted)
    {
        var story = Scenario().When(Issue(@class: "elderly", grants: grants, age: age));
        if (granted is null) story.ThenRefused(RefusalCode.ClassNotGranted, ("class", "elderly"));
        else Assert.Equal(granted, Assert.IsType<TicketIssued>(Assert.Single(story.Events)).Granted);
    }

    [Fact]
    public void IssueTicket_OfAClassGrantedByIdCardWithoutAnAge_IsGrantedToNobodyByIdCard() =>
        Scenario(", \"ageFrom\": 60", "").When(Issue(@class: "elderly", grants: Grants.IdCard, age: 90)).ThenRefused(RefusalCode.ClassNotGranted);

    [Fact]
    public void IssueTicket_ForAPersonWhoWaitsForThatService_IsAlreadyWaiting()
    {
        var story = Scenario().Given(Issue(person: P(1)));
        story.When(Issue(person: P(1))).ThenRefused(RefusalCode.AlreadyWaiting, ("number", "A001"), ("id", "7-1"));
        story.When(Issue(person: P(2))).ThenTicket(2, TicketState.Waiting);
        story.When(Issue("permit", person: P(1))).ThenTicket(3, TicketState.Waiting);
        story.Given(new CancelTicket(T(1))).When(Issue(person: P(1))).ThenTicket(4, TicketState.Waiting);
    }

    [Theory]
    [InlineData("Issued")]
    [InlineData("Called")]
    [InlineData("Serving")]
    [InlineData("Missed")]
    public void IssueTicket_ForAPersonWithALiveTicket_IsAlreadyWaitingInEveryState(string state)
    {
        var story = Scenario().Given(LiAt1, Issued(1, printed: state != "Issued", person: P(1)));
        if (state != "Issued") story.Given(Called(1));
        if (state == "Serving") story.Given(Started(1, story.Now));
        if (state == "Missed") story.Given(Missed(1));
        story.When(Issue(person: P(1))).ThenRefused(RefusalCode.AlreadyWaiting);
    }

    [Fact]
    public void IssueTicket_WhenMaxWaitingIsReached_IsHallFull()
    {
        // One of the five is not printed, one was missed and is back: both wait. A called one does not.
        var story = Scenario().Given(LiAt1).Given(Issue(printed: false), Issue(), Issue(), Issue(), Issue());
        story.When(Issue("water")).ThenRefused(RefusalCode.HallFull, ("waiting", 5), ("maxWaiting", 5));
        story.Given(CallNext(1, Li)).When(Issue("water")).ThenTicket(6, TicketState.Waiting);
        story.When(Issue()).ThenRefused(RefusalCode.HallFull);
    }

    [Fact]
    public void IssueTicket_AfterA999_IsA1000() =>
        Assert.Equal("A1000", Assert.IsType<TicketIssued>(Assert.Single(Scenario().Given(Issued(1, "A999"), new TicketCancelled(1)).When(Issue()).Events)).Number);

    [Fact]
    public void IssueTicket_AfterAPrefixMovedToAnotherLine_RepeatsNoNumber()
    {
        var story = Scenario().Given(Issued(1, "A001"), new TicketCancelled(1));
        story.Given(Configure(With("\"prefix\": \"A\"", "\"prefix\": \"X\"").Replace("\"prefix\": \"B\"", "\"prefix\": \"A\"", StringComparison.Ordinal)));
        Assert.Equal("A002", Assert.IsType<TicketIssued>(Assert.Single(story.When(Issue("water")).Events)).Number);
    }

    [Fact]
    public void Issued_Within60Seconds_IsPrintedAndKeepsTheTimeOfIssue()
    {
        var story = Scenario().Given(Issue(printed: false), Issue()).At(59.999).When(new MarkPrinted(T(1))).ThenDue().Then(new TicketPrinted(1));
        Assert.Equal(HallScenario.Start, story.Ticket(1).Leg.Since);
        story.Given(Open(1, Li)).When(CallNext(1, Li)).ThenCalled(1, CallReason.FirstCome);
    }

    [Fact]
    public void Issued_After60Seconds_IsVoid() =>
        Scenario().Given(Issue(printed: false)).At(60).When(new MarkPrinted(T(1))).ThenDue(new TicketVoided(1)).ThenRefused(RefusalCode.WrongState, ("state", TicketState.Void))
            .ThenTicket(1, TicketState.Void, LegOutcome.Void).When(Issue()).ThenTicket(2, TicketState.Waiting);

    [Fact]
    public void Issued_IsNeitherCallableNorAheadOfAnyone()
    {
        var story = Scenario().Given(Open(1, Li)).Given(Issue(printed: false));
        story.When(CallNext(1, Li)).ThenNothing();
        Assert.Equal(0, Assert.IsType<TicketIssued>(Assert.Single(story.When(Issue()).Events)).Ahead);
    }

    [Fact]
    public void Issued_OfSeveral_AreVoidEachAtItsOwnMoment()
    {
        var story = Scenario().Given(Issue(printed: false)).At(10).Given(Issue(printed: false)).At(20).Given(Issue(printed: false)).Given(new MarkPrinted(T(2)));
        story.At(500).When(new Poke()).ThenDue(new TicketVoided(1), new TicketVoided(3));
        Assert.Equal([story.Seconds(60), story.Seconds(80)], story.History.Where(h => h.Event is TicketVoided).Select(h => h.At));
    }

    [Theory]
    [InlineData("Issued", LegOutcome.Abandoned)]
    [InlineData("Waiting", LegOutcome.Abandoned)]
    [InlineData("Called", LegOutcome.Withdrawn)]
    [InlineData("Missed", LegOutcome.Withdrawn)]
    [InlineData("Returned", LegOutcome.Withdrawn)]
    public void CancelTicket_CountsAsWithdrawnOnceCalled(string state, LegOutcome outcome)
    {
        var story = Scenario().Given(LiAt1, Issued(1, printed: state != "Issued"));
        if (state is "Called" or "Missed" or "Returned") story.Given(Called(1));
        if (state is "Missed" or "Returned") story.Given(Missed(1));
        if (state is "Returned") story.Given(new ReturnTicket(T(1)));
        story.When(new CancelTicket(T(1))).ThenTicket(1, TicketState.Cancelled, outcome);
        Assert.Equal((0, WindowStatus.Idle), (story.State.Waiting, story.State.Find(W(1))!.Status));
    }
}
