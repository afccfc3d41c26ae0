using HallOps.Core.Halls;
using static HallOps.Core.Tests.Halls.SampleHall;

namespace HallOps.Core.Tests.Halls;

/// <summary>Who sits where and what is offered there; suspension, documents, ratings.</summary>
public sealed class WindowTests
{
    // ---- sign-in and take-over

    [Fact]
    public void Open_ByAMemberOfStaff_SeatsThem() => Scenario().When(Open(1, Li)).Then(Opened(1, "li"));

    [Fact]
    public void Open_ByAnAccountThatIsNobodyOfTheList_OffersTheWholeProfile() =>
        Scenario().Given(Issue("permit")).Given(Open(1, new Clerk("temp", null, false))).When(CallNext(1, new Clerk("temp", null, false))).Then(Called(1, staff: null));

    [Fact]
    public void Open_ForAnother_IsAManagers()
    {
        Scenario().When(Open(1, Li, "wang")).ThenRefused(RefusalCode.WindowInUse);
        Scenario().When(Open(1, Boss, "wang")).Then(new WindowOpened(W(1), new Occupant("boss", new StaffId("wang"))));
        Scenario().When(Open(1, Boss, "nobody")).ThenRefused(RefusalCode.UnknownStaff);
    }

    [Fact]
    public void Open_ByOneWhoSitsThereAlready_ChangesNothing()
    {
        Scenario().Given(Open(1, Li)).When(Open(1, Li)).Then();
        Scenario().Given(Open(1, Boss, "li")).When(Open(1, Li)).Then();
        Scenario().Given(Open(1, Boss, "li")).When(Open(1, Boss, "wang")).ThenRefused(RefusalCode.WindowInUse);
    }

    [Fact]
    public void Open_ByOneWhoSitsElsewhere_IsAlreadyAtWindow()
    {
        Scenario().Given(Open(1, Li)).When(Open(2, Li)).ThenRefused(RefusalCode.AlreadyAtWindow, ("window", "1"));
        Scenario().Given(Open(1, Boss, "li")).When(Open(2, Li)).ThenRefused(RefusalCode.AlreadyAtWindow);
        Scenario().Given(Open(1, Boss)).When(Open(2, Boss)).ThenRefused(RefusalCode.AlreadyAtWindow);
        Scenario().Given(Open(1, Boss, "li")).When(Open(2, Boss, "wang")).ThenNothingRefused();
    }

    [Fact]
    public void TakeOver_ByTheNamedB_KeepsTheTicketThere()
    {
        var story = Scenario().Given(Open(1, Li)).Given(Issue()).Given(CallNext(1, Li));
        story.When(TakeOver(1, Wang)).Then(new WindowTakenOver(W(1), new Occupant("wang@hall", new StaffId("wang"))));
        story.When(StartAt(1, Li)).ThenRefused(RefusalCode.WindowInUse);
        story.Given(StartAt(1, Wang)).When(FinishAt(1, Wang)).Then(Finished(1, staff: "wang"));
    }

    [Fact]
    public void TakeOver_ByAnother_IsNotStandIn()
    {
        var story = Scenario().Given(Open(1, Li)).Given(Open(2, Wang));
        story.When(TakeOver(1, Zhao)).ThenRefused(RefusalCode.NotStandIn);
        story.When(TakeOver(2, Li)).ThenRefused(RefusalCode.NotStandIn);
        story.When(TakeOver(1, Wang)).ThenRefused(RefusalCode.AlreadyAtWindow, ("window", "2"));
        story.When(TakeOver(1, Boss)).Then(new WindowTakenOver(W(1), new Occupant("boss", null)));
    }

    [Fact]
    public void Command_OfAnother_IsRefusedUnlessAManager()
    {
        var story = Scenario().Given(Open(1, Li)).Given(Issue());
        story.When(CallNext(1, Wang)).ThenRefused(RefusalCode.WindowInUse);
        story.When(CallNext(1, Boss)).ThenCalled(1, CallReason.FirstCome);
    }

    [Fact]
    public void Close_OfAPausedWindow_ForgetsThePause()
    {
        var story = Scenario().Given(Open(1, Li)).Given(Pause(1, Li)).Given(Close(1, Li)).Given(Open(1, Li));
        Assert.Equal(WindowStatus.Idle, story.State.Find(W(1))!.Status);
    }

    // ---- the offer

    [Fact]
    public void Offer_IsTheProfileCutToWhatThePersonCanDo()
    {
        // zhao can do card and water, not permit; qian can do line b only.
        var story = Scenario().Given(Issue("permit"), Issue("card")).Given(Open(1, Zhao));
        story.When(CallNext(1, Zhao)).ThenCalled(2, CallReason.FirstCome);
        story.Given(Open(3, Qian)).When(CallNext(3, Qian)).ThenNothing();
        story.Given(TakeOver(3, Boss, "wang")).When(CallNext(3, Boss)).ThenCalled(1, CallReason.FirstCome);
    }

    [Fact]
    public void Gate_LetsOnlyThoseThroughWhoWaitedLongEnough()
    {
        // Window 3 takes line b only after five minutes.
        var story = Scenario().Given(Open(3, Wang)).Given(Issue("water")).At(299.999);
        story.When(CallNext(3, Wang)).ThenNothing();
        story.At(300).When(CallNext(3, Wang)).ThenCalled(1, CallReason.FirstCome);
    }

    [Fact]
    public void ChangeProfile_HoldsUntilTheDocumentIsImportedAnew()
    {
        var story = Scenario().Given(Open(1, Li)).Given(Issue("water")).Given(Profile(1, new ProfileLine(B, 0, 0))).When(CallNext(1, Li)).ThenCalled(1, CallReason.FirstCome);
        story.Given(Configure(With("示例大厅", "新大厅")));
        Assert.Equal(A, Assert.Single(story.State.Find(W(1))!.Profile).Line);
        story.When(Profile(1, new ProfileLine(new LineId("x"), 0, 0))).ThenRefused(RefusalCode.UnknownLine, ("line", "x"));
    }

    // ---- suspension

    [Fact]
    public void Suspend_OfALine_StopsIssuingAndCallingThereAndKeepsPlaces()
    {
        var until = HallScenario.Start + TimeSpan.FromHours(1);
        var story = Scenario().Given(Open(3, Wang)).Given(Issue(), Issue("water")).Given(SuspendLine(A, until)).At(400);
        story.When(Issue()).ThenRefused(RefusalCode.Suspended, ("reason", Why), ("until", until));
        story.When(Issue("water")).ThenTicket(3, TicketState.Waiting);
        story.When(CallNext(3, Wang)).ThenCalled(2, CallReason.FirstCome);
        story.When(CallTicket(3, Boss, "A001")).ThenRefused(RefusalCode.WindowBusy);
        story.Given(Next(3, Wang, FinishOutcome.Done)).Given(new Resume([A], [])).When(CallNext(3, Wang)).ThenNothingRefused();
    }

    [Fact]
    public void Suspend_OfAService_LeavesTheOthersOfItsLine()
    {
        var story = Scenario().Given(Open(1, Li)).Given(Issue("permit"), Issue()).Given(SuspendService(Permit));
        story.When(Issue("permit")).ThenRefused(RefusalCode.Suspended);
        story.When(CallTicket(1, Boss, "A001")).ThenRefused(RefusalCode.Suspended);
        story.When(CallNext(1, Li)).ThenCalled(2, CallReason.FirstCome);
        story.Given(new Resume([], [Permit])).When(Next(1, Li, FinishOutcome.Done)).ThenCalled(1, CallReason.FirstCome);
    }

    [Fact]
    public void Suspend_OfTheHall_StopsEverythingUntilAllIsResumed()
    {
        var story = Scenario().Given(Open(1, Li)).Given(Issue()).Given(SuspendHall(), SuspendLine(A));
        story.When(Issue("water")).ThenRefused(RefusalCode.Suspended);
        story.When(CallNext(1, Li)).ThenNothing();
        story.Given(ResumeAll()).When(CallNext(1, Li)).ThenCalled(1, CallReason.FirstCome);
        story.When(ResumeAll()).ThenRefused(RefusalCode.NotSuspended);
    }

    [Fact]
    public void Suspend_OfWhatTheHallDoesNotHave_IsRefused()
    {
        Scenario().When(SuspendLine(new LineId("x"))).ThenRefused(RefusalCode.UnknownLine, ("line", "x"));
        Scenario().When(SuspendService(new ServiceId("x"))).ThenRefused(RefusalCode.UnknownService, ("service", "x"));
        Scenario().Given(SuspendLine(A)).When(new Resume([B], [])).ThenRefused(RefusalCode.NotSuspended, ("line", "b"));
    }

    // ---- documents

    [Theory]
    [InlineData("\"service\": \"permit\"", "\"service\": \"permits\"", "services/permit", "ticket A002")]
    [InlineData("{\"class\": \"green\", \"creditMinutes\": 1440, \"grantedBy\": [\"guide\", \"manager\"]}", "{\"class\": \"red\", \"name\": {\"zh\": \"红\"}}", "classes/green", "ticket A001")]
    [InlineData("{\"window\": \"1\", \"kind\": \"specialised\", \"profile\": [{\"line\": \"a\"}]}", "{\"window\": \"9\", \"kind\": \"specialised\", \"profile\": [{\"line\": \"a\"}]}", "windows/1", "staff li")]
    [InlineData("{\"staff\": \"li\", \"name\": \"李\"}, ", "", "staff/li", "window 1")]
    public void ConfigureHall_TakingAwayWhatIsInUse_IsRefusedAndNamesIt(string part, string instead, string path, string by)
    {
        // The roster names window 1, so where that goes the roster goes with it.
        var document = With(part, instead).Replace(", \"roster\": [{\"window\": \"1\", \"a\": \"li\", \"b\": \"wang\"}]", "", StringComparison.Ordinal);
        var free = Scenario();
        free.When(Configure(document)).ThenNothingRefused();
        var used = Scenario().Given(Issue(@class: "green", grants: Grants.Guide), Issue("permit")).Given(Open(1, Li));
        used.When(Configure(document)).ThenRefused(RefusalCode.InUse, ("path", path), ("by", by));
    }

    [Theory]
    [InlineData("办卡", "办理")]
    [InlineData("\"prefix\": \"A\"", "\"prefix\": \"X\"")]
    [InlineData("{\"zh\": \"甲\"}", "{\"zh\": \"子\"}")]
    [InlineData("\"name\": \"李\"", "\"name\": \"李四\"")]
    [InlineData("\"maxWaiting\": 5", "\"maxWaiting\": 6, \"fairness\": {\"maxOvertakes\": 1}")]
    public void F24_ConfigureHall_WhileSomebodyWaits_KeepsNumberAndPlace(string part, string instead)
    {
        var story = Scenario().Given(Issue(), Issue("permit")).Given(Open(1, Li)).Given(CallNext(1, Li)).Given(Configure(With(part, instead)));
        Assert.Equal(("A002", TicketState.Waiting), (story.Ticket(2).Number, story.Ticket(2).State));
        story.Given(StartAt(1, Li)).When(Next(1, Li)).ThenCalled(2, CallReason.FirstCome);
    }

    [Fact]
    public void F24_ConfigureHall_WhereAServiceIsOfAnotherLine_MovesWhoeverIsThere_InEveryState()
    {
        var moved = With("\"line\": \"a\", \"kind\": \"immediate\", \"expectedMinutes\": 6", "\"line\": \"b\", \"kind\": \"immediate\", \"expectedMinutes\": 6").Replace("\"maxWaiting\": 5", "\"maxWaiting\": 50", StringComparison.Ordinal);
        var story = Scenario("\"maxWaiting\": 5", "\"maxWaiting\": 50").Given(Open(1, Li)).Given(Open(3, Wang));
        // 1 held, 2 missed, 3 away, 4 served, 5 called, 6 waits, 7 waits for what stays, 8 not printed, 9 back and reserved for window 1.
        story.Given(Issue()).Given(CallNext(1, Li)).Given(StartAt(1, Li)).Given(Hold(1, Li));
        story.Given(Issue()).Given(CallNext(1, Li)).At(20).Given(Recall(1, Li)).At(40).Given(NoShow(1, Li));
        story.Given(Issue()).Given(Away(3, 60)).Given(Issue()).Given(CallNext(3, Wang)).Given(StartAt(3, Wang)).Given(Issue()).Given(CallNext(1, Li)).Given(Issue()).At(50).Given(Issue("permit")).Given(Issue(printed: false));
        var plan = HallChange.To(story.State, Pack(moved).Settings);
        Assert.Empty(plan.InUse);
        Assert.Equal([("a", "b", "A001 A002 A003 A004 A005 A006 A008")], plan.Moves.Select(m => (m.From.Value, m.To.Value, string.Join(' ', m.Numbers))));

        story.Given(Configure(moved));
        Assert.Equal([B, B, B, B, B, B, A, B], Enumerable.Range(1, 8).Select(n => story.Ticket(n).Leg.Line));
        Assert.Equal((1, 1), (story.State.Find(A)!.Waiting, story.State.Find(B)!.Waiting));
        Assert.Equal(HallScenario.Start + TimeSpan.FromSeconds(40), story.Ticket(6).Leg.Since);
        // Everybody goes on where they were.
        story.When(StartAt(1, Li)).ThenNothingRefused();
        story.When(Next(1, Li)).ThenCalled(7, CallReason.FirstCome);
        story.Given(Back(3)).Given(Back(2)).Given(Back(1)).Given(new MarkPrinted(T(8)));
        story.Given(Open(2, Qian)).When(CallNext(2, Qian)).ThenCalled(1, CallReason.Returned);
        Assert.Equal(4, story.State.Find(B)!.Waiting);
    }

    [Fact]
    public void ConfigureHall_ToTheSameDocument_ChangesNothing() => Scenario().When(Configure(Document)).ThenNothing();

    [Fact]
    public void ConfigureHall_WithAnotherVersionInMind_IsVersionChanged()
    {
        var changed = new ConfigureHall(7, Pack(With("示例大厅", "新大厅")), new TextHash(1));
        Scenario().When(changed).ThenRefused(RefusalCode.VersionChanged);
        Scenario().When(changed with { IfVersion = Pack(Document).Version }).ThenNothingRefused();
    }

    [Fact]
    public void ConfigureHall_WithPeopleWaiting_LosesNobodyAndCallsUnderTheNewWeights()
    {
        var story = Scenario().Given(Open(1, Li)).Given(Issue()).At(10).Given(Issue(@class: "elderly", grants: Grants.Guide));
        Assert.Equal(1, HallPicture.Ticket(story.State, story.Now, T(1))!.Ahead);
        story.Given(Configure(With("\"creditMinutes\": 15", "\"creditMinutes\": 0")));
        Assert.Equal(0, HallPicture.Ticket(story.State, story.Now, T(1))!.Ahead);
        story.When(CallNext(1, Li)).ThenCalled(1, CallReason.FirstCome);
    }

    // ---- ratings

    private static HallScenario Served() => Scenario().Given(Open(1, Li)).Given(Issue(), Issue()).Given(CallNext(1, Li), StartAt(1, Li), FinishAt(1, Li));

    [Fact]
    public void RateTicket_OfAFinishedService_IsTakenOnce()
    {
        var story = Served().When(Rate(1, Grade.Dissatisfied)).Then(new ServiceRated(1, 1, W(1), Grade.Dissatisfied, [], null, OnPad: false));
        story.When(Rate(1)).ThenRefused(RefusalCode.AlreadyRated);
        story.When(RatePad(1, 1)).ThenRefused(RefusalCode.AlreadyRated);
    }

    [Fact]
    public void RateAtWindow_UntilTheNextStartThere_IsTaken()
    {
        var story = Served().Given(CallNext(1, Li)).When(RatePad(1, 1)).Then(new ServiceRated(1, 1, W(1), Grade.Satisfied, [], null, OnPad: true));
        story.When(Rate(1)).ThenRefused(RefusalCode.AlreadyRated);
    }

    [Fact]
    public void RateAtWindow_AfterTheNextStartThere_IsClosedAndTheTokenStillRates()
    {
        var story = Served().Given(CallNext(1, Li), StartAt(1, Li));
        story.When(RatePad(1, 1)).ThenRefused(RefusalCode.RatingClosed);
        story.When(Rate(1)).ThenTicket(1, TicketState.Finished, LegOutcome.Served);
        Assert.IsType<ServiceRated>(Assert.Single(story.Events));
    }

    [Fact]
    public void RateAtWindow_OfAnotherWindowsService_IsClosed() => Served().Given(Open(2, Wang)).When(RatePad(2, 1)).ThenRefused(RefusalCode.RatingClosed);
}
