using HallOps.Core.Halls;
using static HallOps.Core.Tests.Halls.SampleHall;

namespace HallOps.Core.Tests.Halls;

/// <summary>
/// Every pair of state and command: the events that follow (in order, joined by +), a dash where nothing changes, or the code of the refusal. What the events say is in the tests beside this one.
/// </summary>
public sealed class DecisionTableTests
{
    /// <summary>Commands about a ticket. Ticket 1 is in the state; li is at window 1, where it was called; wang sits idle at window 3.</summary>
    private const string OfTickets = """
                       | None          | Issued          | Waiting         | Called          | Serving      | ByTime       | Missed          | Held            | Away            | Finished     | Rated        | Cancelled    | Expired      | Void         | Forgotten
        MarkPrinted    | UnknownTicket | TicketPrinted   | WrongState      | WrongState      | WrongState   | WrongState   | WrongState      | WrongState      | WrongState      | WrongState   | WrongState   | WrongState   | WrongState   | WrongState   | DayOver
        CancelTicket   | UnknownTicket | TicketCancelled | TicketCancelled | TicketCancelled | WrongState   | WrongState   | TicketCancelled | TicketCancelled | TicketCancelled | WrongState   | WrongState   | WrongState   | WrongState   | WrongState   | DayOver
        ReturnTicket   | UnknownTicket | WrongState      | WrongState      | WrongState      | WrongState   | WrongState   | TicketReturned  | TicketBack      | TicketBack      | WrongState   | WrongState   | WrongState   | WrongState   | WrongState   | DayOver
        ChangeTicket   | UnknownTicket | TicketChanged   | TicketChanged   | WrongState      | WrongState   | WrongState   | TicketChanged   | WrongState      | WrongState      | WrongState   | WrongState   | WrongState   | WrongState   | WrongState   | DayOver
        RateTicket     | UnknownTicket | NotFinished     | NotFinished     | NotFinished     | NotFinished  | NotFinished  | NotFinished     | NotFinished     | NotFinished     | ServiceRated | AlreadyRated | NotFinished  | NotFinished  | NotFinished  | DayOver
        RateAtWindow   | RatingClosed  | RatingClosed    | RatingClosed    | RatingClosed    | RatingClosed | RatingClosed | RatingClosed    | RatingClosed    | RatingClosed    | ServiceRated | AlreadyRated | RatingClosed | RatingClosed | RatingClosed | RatingClosed
        ReturnAtWindow | UnknownTicket | WrongState      | WrongState      | WrongState      | WrongState   | WrongState   | TicketReturned  | TicketBack      | TicketBack      | WrongState   | WrongState   | WrongState   | WrongState   | WrongState   | UnknownTicket
        CallTicket     | UnknownTicket | WrongState      | TicketCalled    | WrongState      | WrongState   | WrongState   | WrongState      | WrongState      | WrongState      | WrongState   | WrongState   | WrongState   | WrongState   | WrongState   | UnknownTicket
        StepAway       | UnknownTicket | WrongState      | TicketAway      | WrongState      | WrongState   | WrongState   | WrongState      | WrongState      | WrongState      | WrongState   | WrongState   | WrongState   | WrongState   | WrongState   | DayOver
        ChangeClass    | UnknownTicket | ClassChanged    | ClassChanged    | WrongState      | WrongState   | WrongState   | ClassChanged    | ClassChanged    | ClassChanged    | WrongState   | WrongState   | WrongState   | WrongState   | WrongState   | DayOver
        """;

    /// <summary>Commands of li at window 1, which is in the state. A001 was missed there; A002 is the one called or served; A003 waits where somebody waits.</summary>
    private const string OfWindows = """
                       | Unknown       | Closed               | Paused               | Idle                 | SomebodyWaits        | Calling                        | Serving              | ByTime                     | AnotherThere
        OpenWindow     | UnknownWindow | WindowOpened         | -                    | -                    | -                    | -                              | -                    | -                          | WindowInUse
        CloseWindow    | UnknownWindow | WindowNotOpen        | WindowClosed         | WindowClosed         | WindowClosed         | WindowBusy                     | WindowBusy           | WindowBusy                 | WindowInUse
        PauseWindow    | UnknownWindow | WindowNotOpen        | WindowPaused         | WindowPaused         | WindowPaused         | WindowBusy                     | WindowBusy           | WindowBusy                 | WindowInUse
        ResumeWindow   | UnknownWindow | WindowNotOpen        | WindowResumed        | WrongState           | WrongState           | WrongState                     | WrongState           | WrongState                 | WindowInUse
        TakeOverWindow | UnknownWindow | WindowNotOpen        | -                    | -                    | -                    | -                              | -                    | -                          | NotStandIn
        CallNext       | UnknownWindow | WindowNotOpen        | WindowNotOpen        | -                    | TicketCalled         | WindowBusy                     | WindowBusy           | WindowBusy                 | WindowInUse
        Next           | UnknownWindow | WindowNotOpen        | WindowNotOpen        | -                    | TicketCalled         | ServiceStarted+ServiceFinished | ServiceFinished      | ServiceFinished            | WindowInUse
        Recall         | UnknownWindow | WindowNotOpen        | WindowNotOpen        | NothingCalled        | NothingCalled        | TicketRecalled                 | AlreadyStarted       | TicketRecalled             | WindowInUse
        StartService   | UnknownWindow | WindowNotOpen        | WindowNotOpen        | NothingCalled        | NothingCalled        | ServiceStarted                 | AlreadyStarted       | AlreadyStarted             | WindowInUse
        FinishService  | UnknownWindow | WindowNotOpen        | WindowNotOpen        | NothingCalled        | NothingCalled        | NotStarted                     | ServiceFinished      | ServiceFinished            | WindowInUse
        MarkNoShow     | UnknownWindow | WindowNotOpen        | WindowNotOpen        | NothingCalled        | NothingCalled        | TicketMissed                   | AlreadyStarted       | TicketMissed               | WindowInUse
        ReturnAtWindow | UnknownWindow | WindowNotOpen        | WindowNotOpen        | TicketReturned       | TicketReturned       | TicketReturned                 | TicketReturned       | TicketReturned             | WindowInUse
        CallTicket     | UnknownWindow | WindowNotOpen        | WindowNotOpen        | UnknownTicket        | TicketCalled         | WindowBusy                     | WindowBusy           | WindowBusy                 | WindowInUse
        RateAtWindow   | UnknownWindow | RatingClosed         | RatingClosed         | RatingClosed         | RatingClosed         | RatingClosed                   | RatingClosed         | RatingClosed               | RatingClosed
        ChangeProfile  | UnknownWindow | WindowProfileChanged | WindowProfileChanged | WindowProfileChanged | WindowProfileChanged | WindowProfileChanged           | WindowProfileChanged | WindowProfileChanged       | WindowProfileChanged
        HoldTicket     | UnknownWindow | WindowNotOpen        | WindowNotOpen        | NothingCalled        | NothingCalled        | NotStarted                     | TicketHeld           | TicketHeld                 | WindowInUse
        Transfer       | UnknownWindow | WindowNotOpen        | WindowNotOpen        | NothingCalled        | NothingCalled        | TicketTransferred              | TicketTransferred    | TicketTransferred          | WindowInUse
        MarkStage      | UnknownWindow | WindowNotOpen        | WindowNotOpen        | NothingCalled        | NothingCalled        | ServiceStarted+StageMarked     | StageMarked          | ServiceStarted+StageMarked | WindowInUse
        AcceptMatter   | UnknownWindow | WindowNotOpen        | WindowNotOpen        | NothingCalled        | NothingCalled        | OwnerChanged                   | -                    | -                          | WindowInUse
        """;

    /// <summary>Commands to the hall as a whole: a ticket for a card, line a suspended, everything resumed, another document, a notice posted, the first one taken down.</summary>
    private const string OfHalls = """
                       | Open                 | LineSuspended        | ServiceSuspended     | HallSuspended        | Full                 | Unserved             | Noticed              | FullOfNotices
        IssueTicket    | TicketIssued         | Suspended            | Suspended            | Suspended            | HallFull             | ServiceNotOffered    | TicketIssued         | TicketIssued
        ChangeProfile  | WindowProfileChanged | WindowProfileChanged | WindowProfileChanged | WindowProfileChanged | WindowProfileChanged | WindowProfileChanged | WindowProfileChanged | WindowProfileChanged
        Suspend        | Suspended            | Suspended            | Suspended            | Suspended            | Suspended            | Suspended            | Suspended            | Suspended
        Resume         | NotSuspended         | Resumed              | Resumed              | Resumed              | NotSuspended         | NotSuspended         | NotSuspended         | NotSuspended
        ConfigureHall  | HallConfigured       | HallConfigured       | HallConfigured       | HallConfigured       | HallConfigured       | HallConfigured       | HallConfigured       | HallConfigured
        Poke           | -                    | -                    | -                    | -                    | -                    | -                    | -                    | -
        PostNotice     | NoticePosted         | NoticePosted         | NoticePosted         | NoticePosted         | NoticePosted         | NoticePosted         | NoticePosted         | TooManyNotices
        WithdrawNotice | UnknownNotice        | UnknownNotice        | UnknownNotice        | UnknownNotice        | UnknownNotice        | UnknownNotice        | NoticeEnded          | NoticeEnded
        """;

    /// <summary>Commands about appointments. Appointment a is of the slot at 10:00 and of person 1; who books, and who moves, wants the slot at 11:00. It is 09:00 but where somebody may check in (09:35) or is too late (10:20).</summary>
    private const string OfAppointments = """
                          | NeverBooked        | Booked               | Expected                          | CheckedIn         | Released                          | Cancelled          | AllTaken
        BookAppointment   | AppointmentBooked  | AlreadyBooked        | AlreadyBooked                     | AppointmentBooked | AppointmentBooked                 | AppointmentBooked  | SlotFull
        MoveAppointment   | UnknownAppointment | AppointmentMoved     | AppointmentMoved                  | AppointmentOver   | AppointmentOver                   | UnknownAppointment | SlotFull
        CancelAppointment | UnknownAppointment | AppointmentCancelled | AppointmentCancelled              | AppointmentOver   | AppointmentOver                   | UnknownAppointment | AppointmentCancelled
        CheckIn           | UnknownAppointment | TooEarlyToCheckIn    | TicketIssued+AppointmentCheckedIn | AlreadyCheckedIn  | TicketIssued+AppointmentCheckedIn | UnknownAppointment | TooEarlyToCheckIn
        """;

    public static TheoryData<string, string, string> AppointmentCells => Cells(OfAppointments);
    public static TheoryData<string, string, string> TicketCells => Cells(OfTickets);
    public static TheoryData<string, string, string> WindowCells => Cells(OfWindows);
    public static TheoryData<string, string, string> HallCells => Cells(OfHalls);

    [Theory]
    [MemberData(nameof(TicketCells))]
    public void TicketInState_WhenCommand_DecidesAsTheTableSays(string command, string state, string expected) =>
        AssertDecides(expected, TicketIn(state).When(TicketCommand(command)));

    [Theory]
    [MemberData(nameof(AppointmentCells))]
    public void AppointmentInState_WhenCommand_DecidesAsTheTableSays(string command, string state, string expected) =>
        AssertDecides(expected, AppointmentIn(state).When(AppointmentCommand(command)));

    [Theory]
    [MemberData(nameof(WindowCells))]
    public void WindowInState_WhenCommand_DecidesAsTheTableSays(string command, string state, string expected) =>
        AssertDecides(expected, WindowIn(state).When(WindowCommand(command, state == "Unknown" ? 9 : 1)));

    [Theory]
    [MemberData(nameof(HallCells))]
    public void HallInState_WhenCommand_DecidesAsTheTableSays(string command, string state, string expected) =>
        AssertDecides(expected, HallIn(state).When(HallCommand(command)));

    [Fact]
    public void Tables_HaveEveryCommandInEveryState()
    {
        var commands = typeof(HallCommand).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(HallCommand)) && !t.IsAbstract).Select(t => t.Name);
        Assert.Equal(commands.Order(), AllCells().Select(c => c.Command).Distinct().Order());

        var states = Enum.GetValues<TicketState>().Select(s => s.ToString());
        Assert.Empty(states.Except(Read(OfTickets).Select(c => c.State)));
        foreach (var state in Enum.GetValues<TicketState>())
            Assert.Equal(state, TicketIn(state.ToString()).When(new Poke()).Ticket(1).State);

        var windowCommands = typeof(WindowCommand).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(WindowCommand))).Select(t => t.Name);
        Assert.Empty(windowCommands.Except(Read(OfWindows).Select(c => c.Command)));
        foreach (var status in Enum.GetValues<WindowStatus>())
            Assert.Contains(Read(OfWindows).Select(c => c.State).Distinct(), s => s != "Unknown" && WindowIn(s).State.Find(W(1))!.Status == status);

        foreach (var table in new[] { OfTickets, OfWindows, OfHalls, OfAppointments })
        {
            var cells = Read(table);
            Assert.Equal(cells.Select(c => c.Command).Distinct().Count() * cells.Select(c => c.State).Distinct().Count(), cells.Count);
        }
    }

    [Fact]
    public void Tables_ExerciseEveryEvent()
    {
        var seen = new HashSet<Type>();
        foreach (var (command, state, _) in Read(OfTickets)) See(TicketIn(state).When(TicketCommand(command)));
        foreach (var (command, state, _) in Read(OfWindows)) See(WindowIn(state).When(WindowCommand(command, state == "Unknown" ? 9 : 1)));
        foreach (var (command, state, _) in Read(OfHalls)) See(HallIn(state).When(HallCommand(command)));
        foreach (var (command, state, _) in Read(OfAppointments)) See(AppointmentIn(state).When(AppointmentCommand(command)));
        See(Scenario().Given(Open(1, Li)).When(TakeOver(1, Wang)));
        See(Scenario().When(Issue() with { Cases = 2 }));
        See(HallScenario.Of(With("\"service\": \"none\", \"name\": {\"zh\": \"无窗口\"}, \"line\": \"c\", \"kind\": \"immediate\"", "\"service\": \"both\", \"name\": {\"zh\": \"一件事\"}, \"line\": \"c\", \"kind\": \"joint\", \"legs\": [{\"service\": \"card\"}, {\"service\": \"water\"}]")).When(Issue("both")));
        See(Scenario().Given(Open(1, Li), Issue(), CallNext(1, Li), StartAt(1, Li), FinishAt(1, Li, FinishOutcome.ToldOnce)).When(Issue() with { Slip = T(1) }));

        // The calendar's: no command brings them about (ScheduleTests).
        seen.UnionWith([typeof(HolidaysAnnounced), typeof(ScheduleReached), typeof(StandInChanged)]);

        var events = typeof(HallEvent).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(HallEvent)) && !t.IsAbstract);
        Assert.Empty(events.Except(seen).Select(t => t.Name));

        void See(HallScenario story) => seen.UnionWith(story.History.Select(h => h.Event.GetType()));
    }

    [Fact]
    public void Evolve_OfAnEventItDoesNotKnow_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Hall.Evolve(Scenario().State, new NeverHeardOf(), HallScenario.Start, 2));

    [Fact]
    public void Evolve_OfASequenceThatDoesNotFollow_Throws() =>
        Assert.Throws<InvalidOperationException>(() => Hall.Evolve(Scenario().State, Issued(1), HallScenario.Start, 3));

    [Fact]
    public void Decide_OfACommandItDoesNotKnow_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Hall.Decide(Scenario().State, new NeverThoughtOf(), HallScenario.Start));

    private sealed record NeverHeardOf : HallEvent;

    private sealed record NeverThoughtOf : HallCommand;

    // ---- states

    private static HallScenario TicketIn(string state)
    {
        var story = Scenario().Given(Opened(1, "li"), Opened(3, "wang"));
        switch (state)
        {
            case "None": return story;
            case "Issued": return story.Given(Issued(1, printed: false));
            case "Void": return story.Given(Issued(1, printed: false)).At(61);
        }
        story.Given(Issued(1));
        var called = story.Now;
        return state switch
        {
            "Waiting" => story,
            "Called" => story.Given(Called(1)),
            "Serving" => story.Given(Called(1), Started(1, called)),
            "ByTime" => story.Given(Called(1)).At(100),
            "Missed" => story.Given(Called(1), Missed(1)),
            "Held" => story.Given(Called(1), Started(1, called), new TicketHeld(1, 1, W(1))),
            "Away" => story.Given(new TicketAway(1, 1, called + TimeSpan.FromMinutes(10))),
            "Finished" => story.Given(Called(1), Started(1, called), Finished(1)),
            "Rated" => story.Given(Called(1), Started(1, called), Finished(1), new ServiceRated(1, 1, W(1), Grade.Satisfied, [], null, OnPad: true)),
            "Cancelled" => story.Given(new TicketCancelled(1)),
            "Expired" => story.Given(Called(1), Missed(1, 3), new TicketExpired(1)),
            // 15 hours to the end of the day and 24 more.
            "Forgotten" => story.At((15 + 24) * 3600),
            _ => throw new ArgumentOutOfRangeException(nameof(state), state, "No such column."),
        };
    }

    private static HallScenario WindowIn(string state)
    {
        var story = Scenario().Given(Opened(1, "li"), Issued(1), Called(1), Missed(1));
        var now = story.Now;
        HallEvent[] second = [Issued(2), Called(2)];
        return state switch
        {
            "Unknown" or "Idle" => story,
            "Closed" => story.Given(new WindowClosed(W(1))),
            "Paused" => story.Given(new WindowPaused(W(1), PauseReason.Meal, null)),
            "SomebodyWaits" => story.Given(Issued(2), new TicketCancelled(2), Issued(3)),
            // Called twice, a gap apart, so that a no-show is allowed.
            "Calling" => story.Given(second).At(20).Given(Recalled(2, counted: true)),
            "Serving" => story.Given(second).Given(Started(2, now)),
            "ByTime" => story.Given(second).At(20).Given(Recalled(2, counted: true)).At(100),
            "AnotherThere" => story.Given(new WindowClosed(W(1)), Opened(1, "zhao")),
            _ => throw new ArgumentOutOfRangeException(nameof(state), state, "No such column."),
        };
    }

    private static HallScenario HallIn(string state) => state switch
    {
        "Open" => Scenario(),
        "LineSuspended" => Scenario().Given(SuspendLine(A)),
        "ServiceSuspended" => Scenario().Given(SuspendService(Card)),
        "HallSuspended" => Scenario().Given(SuspendHall()),
        "Full" => Scenario().Given(Issued(1), Issued(2), Issued(3), Issued(4), Issued(5)),
        "Unserved" => Scenario().Given(Profile(1), Profile(2), Profile(3)),
        "Noticed" => Scenario().Given(Notice()),
        "FullOfNotices" => Scenario().Given([.. Enumerable.Repeat(Notice(), Hall.MaxNotices)]),
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "No such column."),
    };

    private static HallScenario AppointmentIn(string state)
    {
        var story = Scenario("\"expectedMinutes\": 6", "\"expectedMinutes\": 6, \"appointments\": {\"slotMinutes\": 30, \"capacity\": 2}");
        if (state == "NeverBooked") return story;
        story.Given(Book("a", 10, state == "AllTaken" ? null : P(1)));
        return state switch
        {
            "Booked" => story,
            "Expected" => story.At(35 * 60),
            "CheckedIn" => story.At(35 * 60).Given(AppointmentCommand(nameof(CheckIn))),
            "Released" => story.At(80 * 60),
            "Cancelled" => story.Given(new CancelAppointment("a")),
            "AllTaken" => story.Given(Book("b", 11, null), Book("c", 11, null)),
            _ => throw new ArgumentOutOfRangeException(nameof(state), state, "No such column."),
        };
    }

    private static Instant Hour(int hour) => HallScenario.Start + TimeSpan.FromHours(hour - 9);

    private static BookAppointment Book(string code, int hour, PersonId? person) => new(code, Card, Hour(hour), person, false);

    // ---- commands

    private static HallCommand AppointmentCommand(string name) => name switch
    {
        nameof(BookAppointment) => Book("new", 11, P(1)),
        nameof(MoveAppointment) => new MoveAppointment("a", Hour(11)),
        nameof(CancelAppointment) => new CancelAppointment("a"),
        nameof(CheckIn) => new CheckIn("a", null, null, Grants.Self, null, null, TicketSource.Kiosk, null, false),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No such row."),
    };

    private static HallCommand TicketCommand(string name) => name switch
    {
        nameof(MarkPrinted) => new MarkPrinted(T(1)),
        nameof(CancelTicket) => new CancelTicket(T(1)),
        nameof(ReturnTicket) => new ReturnTicket(T(1)),
        nameof(StepAway) => new StepAway(T(1), TimeSpan.FromMinutes(5)),
        nameof(ChangeClass) => new ChangeClass(T(1), Elderly, Grants.Guide, null),
        nameof(ChangeTicket) => new ChangeTicket(T(1), Permit),
        nameof(RateTicket) => Rate(1),
        nameof(RateAtWindow) => RatePad(1, 1),
        nameof(ReturnAtWindow) => ReturnAt(3, Wang, "A001"),
        nameof(Core.Halls.CallTicket) => CallTicket(3, Boss, "A001"),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No such row."),
    };

    private static HallCommand WindowCommand(string name, int window) => name switch
    {
        nameof(OpenWindow) => Open(window, Li),
        nameof(CloseWindow) => Close(window, Li),
        nameof(PauseWindow) => Pause(window, Li),
        nameof(ResumeWindow) => Unpause(window, Li),
        nameof(TakeOverWindow) => TakeOver(window, Li),
        nameof(Core.Halls.CallNext) => CallNext(window, Li),
        nameof(Core.Halls.Next) => Next(window, Li, FinishOutcome.Done),
        nameof(Core.Halls.Recall) => Recall(window, Li),
        nameof(StartService) => StartAt(window, Li),
        nameof(FinishService) => FinishAt(window, Li),
        nameof(MarkNoShow) => NoShow(window, Li),
        nameof(ReturnAtWindow) => ReturnAt(window, Li, "A001"),
        nameof(Core.Halls.CallTicket) => CallTicket(window, Li, "A003"),
        nameof(RateAtWindow) => RatePad(window, 2),
        nameof(HoldTicket) => new HoldTicket(W(window), Li),
        nameof(Core.Halls.Transfer) => PassOn(window, Li, Water),
        nameof(MarkStage) => new MarkStage(W(window), Li, Stage.Receipt),
        nameof(AcceptMatter) => new AcceptMatter(W(window), Li),
        nameof(ChangeProfile) => Profile(window, new ProfileLine(B, 0, 0)),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No such row."),
    };

    private static HallCommand HallCommand(string name) => name switch
    {
        nameof(IssueTicket) => Issue(),
        nameof(ChangeProfile) => Profile(2, new ProfileLine(A, 0, 0)),
        nameof(Suspend) => SuspendLine(A),
        nameof(Resume) => ResumeAll(),
        nameof(ConfigureHall) => Configure(With("示例大厅", "另一个大厅")),
        nameof(Poke) => new Poke(),
        nameof(PostNotice) => Notice(),
        // The hall's own document is its first event, the first notice its second.
        nameof(WithdrawNotice) => new WithdrawNotice(2),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No such row."),
    };

    // ---- the tables

    private static void AssertDecides(string expected, HallScenario story) =>
        Assert.Equal(expected, story.Refusal is { } refusal ? refusal.Code.ToString() : story.Events.Count == 0 ? "-" : string.Join('+', story.Events.Select(e => e.GetType().Name)));

    private static TheoryData<string, string, string> Cells(string table)
    {
        var data = new TheoryData<string, string, string>();
        foreach (var (command, state, expected) in Read(table)) data.Add(command, state, expected);
        return data;
    }

    private static IEnumerable<(string Command, string State, string Expected)> AllCells() => [.. Read(OfTickets), .. Read(OfWindows), .. Read(OfHalls), .. Read(OfAppointments)];

    private static List<(string Command, string State, string Expected)> Read(string table)
    {
        var rows = table.Split('\n').Select(row => row.Split('|', StringSplitOptions.TrimEntries)).ToArray();
        return [.. rows.Skip(1).SelectMany(row => row.Skip(1).Select((cell, column) => (row[0], rows[0][column + 1], cell)))];
    }
}
