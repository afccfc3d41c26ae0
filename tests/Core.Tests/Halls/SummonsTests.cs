using HallOps.Core.Halls;
using static HallOps.Core.Tests.Halls.SampleHall;

namespace HallOps.Core.Tests.Halls;

/// <summary>DOMAIN.md, "The life of a ticket": call, recall, start, finish, no-show and return.</summary>
public sealed class SummonsTests
{
    /// <summary>li at window 1, A001 called there at second 0.</summary>
    private static HallScenario CalledAt1(string part = "示例大厅", string instead = "示例大厅") => Scenario(part, instead).Given(Open(1, Li)).Given(Issue()).Given(CallNext(1, Li));

    // ---- next, start, finish

    [Fact]
    public void Next_WhenServing_FinishesAndCallsTheNextAtOnce() =>
        CalledAt1().Given(Issue()).Given(StartAt(1, Li)).At(30).When(Next(1, Li)).Then(Finished(1), Called(2)).ThenTicket(1, TicketState.Finished, LegOutcome.Served);

    [Fact]
    public void Next_ReadyToCallAgain_AnswersBothTickets()
    {
        var reply = Assert.IsType<NextReply>(CalledAt1().Given(Issue()).Given(StartAt(1, Li)).When(Next(1, Li)).Reply);
        Assert.Equal(("A001", FinishOutcome.Done, "A002", TicketState.Called), (reply.Finished!.Number, reply.Finished.Outcome, reply.Called!.Number, reply.Called.State));
    }

    [Theory]
    [InlineData("card", FinishOutcome.Done)]
    [InlineData("permit", FinishOutcome.Accepted)]
    public void Finish_WithoutAnOutcome_TakesTheServicesOwn(string service, FinishOutcome outcome) =>
        Scenario().Given(Open(1, Li)).Given(Issue(service)).Given(CallNext(1, Li), StartAt(1, Li)).When(FinishAt(1, Li)).Then(Finished(1, outcome));

    [Fact]
    public void Finish_WithoutAnOutcomeWhereOneIsRequired_IsRefused()
    {
        var story = CalledAt1("\"maxWaiting\": 5", "\"maxWaiting\": 5, \"calling\": {\"requireOutcome\": true}").Given(StartAt(1, Li));
        story.When(FinishAt(1, Li)).ThenRefused(RefusalCode.OutcomeRequired);
        story.When(Next(1, Li)).ThenRefused(RefusalCode.OutcomeRequired);
        story.When(Next(1, Li, FinishOutcome.Advice)).Then(Finished(1, FinishOutcome.Advice));
    }

    [Fact]
    public void Next_WhenCalledAndNotStarted_IsRefusedWithoutAnOutcome() => CalledAt1().When(Next(1, Li)).ThenRefused(RefusalCode.NotStarted);

    [Fact]
    public void Next_WhenCalledAndNotStarted_WithAnOutcome_InfersTheStartAtTheLastCall()
    {
        // The recall at 5 s is too soon to count, and still the last call.
        var story = CalledAt1().At(5).Given(Recall(1, Li)).At(40);
        story.When(Next(1, Li, FinishOutcome.Collected)).Then(Started(1, story.Seconds(5), StartKind.Next), Finished(1, FinishOutcome.Collected));
    }

    [Fact]
    public void Start_45SecondsAfterTheLastCall_IsInferred()
    {
        var story = CalledAt1().At(30).Given(Recall(1, Li)).At(74.999).When(new Poke()).ThenDue();
        story.At(90).When(new Poke()).ThenDue(Started(1, story.Seconds(75), StartKind.Time)).ThenTicket(1, TicketState.Serving);
        Assert.Equal(story.Seconds(75), story.History[^1].At);
    }

    [Fact]
    public void Recall_OfAStartInferredByTime_TakesItBack()
    {
        var story = CalledAt1().At(50).When(Recall(1, Li)).ThenDue(Started(1, HallScenario.Start + TimeSpan.FromSeconds(45), StartKind.Time)).Then(Recalled(1, counted: true));
        story.ThenTicket(1, TicketState.Called);
        Assert.Null(story.Ticket(1).Leg.StartedAt);
        story.At(95).When(new Poke()).ThenDue(Started(1, story.Seconds(95), StartKind.Time));
    }

    [Fact]
    public void NoShow_OfAStartInferredByTime_TakesItBack()
    {
        var story = CalledAt1().At(20).Given(Recall(1, Li)).At(100).When(NoShow(1, Li)).Then(Missed(1)).ThenTicket(1, TicketState.Missed);
        Assert.Null(story.Ticket(1).Leg.StartedAt);
    }

    [Fact]
    public void Recall_OfAStartPressed_IsAlreadyStarted()
    {
        var story = CalledAt1().Given(StartAt(1, Li)).At(100);
        story.When(Recall(1, Li)).ThenRefused(RefusalCode.AlreadyStarted);
        story.When(NoShow(1, Li)).ThenRefused(RefusalCode.AlreadyStarted);
    }

    [Fact]
    public void DueStart_WhenADocumentShortensTheWait_IsNotBeforeTheLastEvent()
    {
        // At 40 s the wait becomes 10 s: the start is due at once, not 30 s ago.
        var story = CalledAt1().At(40).Given(Configure(With("\"maxWaiting\": 5", "\"maxWaiting\": 5, \"calling\": {\"autoStartSeconds\": 10}")));
        story.At(41).When(new Poke()).ThenTicket(1, TicketState.Serving);
        Assert.Equal(story.Seconds(40), story.History[^1].At);
    }

    // ---- recall and no-show

    [Fact]
    public void Recall_SoonerThanTheGap_IsSpokenAndDoesNotCount()
    {
        var story = CalledAt1();
        story.At(19.999).When(Recall(1, Li)).Then(Recalled(1, counted: false));
        story.At(20).When(Recall(1, Li)).Then(Recalled(1, counted: true));
        Assert.Equal((3, 2), (story.Ticket(1).Leg.Times, story.Ticket(1).Leg.CountedCalls));
    }

    [Fact]
    public void NoShow_BeforeTheCallsItTakes_IsTooEarly()
    {
        var story = CalledAt1();
        story.At(5).When(NoShow(1, Li)).ThenRefused(RefusalCode.TooEarly, ("allowedAt", story.Seconds(20)));
        story.At(10).Given(Recall(1, Li)).When(NoShow(1, Li)).ThenRefused(RefusalCode.TooEarly, ("allowedAt", story.Seconds(20)));
        story.At(30).When(NoShow(1, Li)).ThenRefused(RefusalCode.TooEarly, ("allowedAt", story.Seconds(30)));
        story.Given(Recall(1, Li)).When(NoShow(1, Li)).Then(Missed(1));
    }

    [Fact]
    public void NoShow_OfAnElder_TakesThreeCalls30SecondsApart()
    {
        var story = Scenario().Given(Open(1, Li)).Given(Issue(@class: "elderly", grants: Grants.Guide)).Given(CallNext(1, Li));
        story.At(10).When(NoShow(1, Li)).ThenRefused(RefusalCode.TooEarly, ("allowedAt", story.Seconds(60)));
        story.At(25).When(Recall(1, Li)).Then(Recalled(1, counted: false));
        story.At(30).When(Recall(1, Li)).Then(Recalled(1, counted: true));
        story.When(NoShow(1, Li)).ThenRefused(RefusalCode.TooEarly, ("allowedAt", story.Seconds(60)));
        story.At(60).Given(Recall(1, Li)).When(NoShow(1, Li)).Then(Missed(1));
    }

    // ---- return

    /// <summary>A001 missed at window 1 at second 20; A002 and A003 wait since second 1.</summary>
    private static HallScenario MissedAt1(string part = "示例大厅", string instead = "示例大厅") =>
        CalledAt1(part, instead).At(1).Given(Issue(), Issue()).At(20).Given(Recall(1, Li), NoShow(1, Li));

    [Fact]
    public void Return_WithinReturnMinutes_IsNextAtTheWindowThatCalled()
    {
        var story = MissedAt1().Given(CallNext(1, Li)).Given(Open(3, Wang)).At(20 + 1800);
        story.When(new ReturnTicket(T(1))).Then(Returned(1, HallScenario.Start, reservedFor: 1));
        story.When(CallNext(3, Wang)).ThenCalled(3, CallReason.FirstCome);
        story.When(Next(1, Li)).ThenCalled(1, CallReason.Returned);
    }

    [Fact]
    public void Return_AfterReturnMinutes_GoesToTheEnd()
    {
        var story = MissedAt1().At(20 + 1800.001);
        story.When(ReturnAt(1, Li, "A001")).Then(Returned(1, story.Now)).Given(CallNext(1, Li)).ThenCalled(2, CallReason.FirstCome);
        story.Given(Next(1, Li, FinishOutcome.Done)).ThenCalled(3, CallReason.FirstCome).Given(Next(1, Li, FinishOutcome.Done)).ThenCalled(1, CallReason.FirstCome);
    }

    [Fact]
    public void Return_AfterTheSecondMiss_GoesToTheEndAndTheThirdMissClosesTheTicket()
    {
        var story = MissedAt1().Given(new ReturnTicket(T(1))).Given(CallNext(1, Li)).ThenCalled(1, CallReason.Returned);
        story.At(40).Given(Recall(1, Li)).When(NoShow(1, Li)).Then(Missed(1, misses: 2));
        story.When(new ReturnTicket(T(1))).Then(Returned(1, story.Now));
        story.Given(new CancelTicket(T(2)), new CancelTicket(T(3))).Given(CallNext(1, Li)).ThenCalled(1, CallReason.FirstCome);
        story.At(60).Given(Recall(1, Li)).When(NoShow(1, Li)).Then(Missed(1, misses: 3), new TicketExpired(1)).ThenTicket(1, TicketState.Expired, LegOutcome.NoShow);
        Assert.Equal(WindowStatus.Idle, story.State.Find(W(1))!.Status);
        story.When(new ReturnTicket(T(1))).ThenRefused(RefusalCode.WrongState, ("state", TicketState.Expired));
    }

    [Fact]
    public void Return_OfAReservedTicket_AfterThreeCallsOfItsLine_IsFirstAtAnyWindow()
    {
        var story = MissedAt1().Given(Issue(), Issue()).Given(Open(3, Wang)).Given(CallNext(1, Li)).Given(new ReturnTicket(T(1)));
        // Called at window 3 while window 1 serves on: 3, 4 and 5 are the three calls.
        story.Given(CallNext(3, Wang)).ThenCalled(3, CallReason.FirstCome);
        story.Given(Next(3, Wang, FinishOutcome.Done)).ThenCalled(4, CallReason.FirstCome);
        Assert.NotNull(story.Ticket(1).Leg.CallsUntilFirst);
        story.Given(Issue()).Given(Next(3, Wang, FinishOutcome.Done)).ThenCalled(5, CallReason.FirstCome);
        story.Given(Next(3, Wang, FinishOutcome.Done)).ThenCalled(1, CallReason.Returned);
    }

    [Fact]
    public void Return_WhereRejoinAfterCallsIsZero_IsFirstAtAnyWindowAtOnce()
    {
        var story = MissedAt1("\"maxWaiting\": 5", "\"maxWaiting\": 5, \"calling\": {\"rejoinAfterCalls\": 0}").Given(Open(3, Wang)).Given(new ReturnTicket(T(1)));
        story.When(CallNext(3, Wang)).ThenCalled(1, CallReason.Returned);
    }

    [Theory]
    [InlineData("pauses")]
    [InlineData("closes")]
    [InlineData("loses the line")]
    [InlineData("is taken over by one who cannot")]
    public void Return_OfAReservedTicket_WhenItsWindowCannotCallIt_IsFirstAtAnyWindow(string window)
    {
        var story = MissedAt1().Given(new ReturnTicket(T(1))).Given(Open(3, Wang));
        story.Given(window switch
        {
            "pauses" => (HallCommand)Pause(1, Li),
            "closes" => Close(1, Li),
            "loses the line" => Profile(1, new ProfileLine(B, 0, 0)),
            _ => TakeOver(1, Boss, "qian"),
        });
        story.When(CallNext(3, Wang)).ThenCalled(1, CallReason.Returned);
    }

    [Fact]
    public void Return_WhenTheWindowThatCalledIsPaused_IsFirstAtAnyWindowAtOnce() =>
        MissedAt1().Given(Pause(1, Li)).When(new ReturnTicket(T(1))).Then(Returned(1, HallScenario.Start, first: true));

    [Fact]
    public void Return_WhileTheLineIsSuspended_KeepsTheReservation()
    {
        var story = MissedAt1().Given(SuspendLine(A)).When(new ReturnTicket(T(1))).Then(Returned(1, HallScenario.Start, reservedFor: 1));
        story.When(CallNext(1, Li)).ThenNothing();
        story.Given(ResumeAll()).When(CallNext(1, Li)).ThenCalled(1, CallReason.Returned);
    }

    [Fact]
    public void Return_CountsTheFullNumberOfCallsAnew()
    {
        var story = MissedAt1().Given(new ReturnTicket(T(1))).Given(CallNext(1, Li));
        story.When(NoShow(1, Li)).ThenRefused(RefusalCode.TooEarly, ("allowedAt", story.Seconds(40)));
        Assert.Equal(1, story.Ticket(1).Leg.Times);
    }

    [Fact]
    public void Missed_IsNeitherAheadNorWaiting()
    {
        var story = MissedAt1();
        Assert.Equal((2, 2), (story.State.Waiting, story.State.Find(A)!.Waiting));
        Assert.Equal(0, HallPicture.Ticket(story.State, story.Now, T(2))!.Ahead);
        story.Given(new ReturnTicket(T(1)));
        Assert.Equal((3, 3), (story.State.Waiting, story.State.Find(A)!.Waiting));
        // Reservations are left out of score order: the one that is back came first, so it counts as ahead.
        Assert.Equal(1, HallPicture.Ticket(story.State, story.Now, T(2))!.Ahead);
    }

    [Fact]
    public void Missed_StaysOnTheBoardForReturnMinutes()
    {
        var story = MissedAt1();
        Assert.Equal("A001", Assert.Single(HallPicture.Missed(story.State, story.Seconds(20 + 1800))).Ticket);
        Assert.Empty(HallPicture.Missed(story.State, story.Seconds(20 + 1801)));
    }
}
