using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using HallOps.Core.Halls;

namespace HallOps.Core.Tests.Halls;

/// <summary>
/// A story of one hall: given events or commands, when a command, then events or a refusal. Time is a number of seconds since <see cref="Start"/>, set by <see cref="At"/> and never read
/// from a clock. As in an engine, what is due is applied before every command.
/// </summary>
internal sealed class HallScenario
{
    /// <summary>Monday, 09:00 in Shanghai.</summary>
    public static readonly Instant Start = Instant.From(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.FromHours(8)));

    private readonly List<HallEvent> _due = [];
    private Decision _decision;

    private HallScenario(string document, Instant start)
    {
        Now = start;
        State = new HallState();
        Given(new ConfigureHall(7, SampleHall.Pack(document), null));
    }

    public static HallScenario Of(string document) => new(document, Start);

    public static HallScenario Of(string document, DateTimeOffset start) => new(document, Instant.From(start));

    public HallState State { get; }

    public Instant Now { get; private set; }

    /// <summary>Every event so far, in order.</summary>
    public List<(HallEvent Event, Instant At)> History { get; } = [];

    /// <summary>The reply to the last command that changed something.</summary>
    public HallReply? Reply { get; private set; }

    public IReadOnlyList<HallEvent> Events => _decision.Events;

    public Refusal? Refusal => _decision.Refusal;

    public Instant Seconds(double seconds) => Start + TimeSpan.FromSeconds(seconds);

    /// <summary>It is so many seconds after <see cref="Start"/> now.</summary>
    public HallScenario At(double seconds)
    {
        Now = Seconds(seconds);
        return this;
    }

    public HallScenario At(DateTimeOffset time)
    {
        Now = Instant.From(time);
        return this;
    }

    public HallScenario Given(params HallEvent[] events)
    {
        ApplyDue();
        foreach (var e in events) Fold(e, Now);
        return this;
    }

    /// <summary>Commands that must change something.</summary>
    public HallScenario Given(params HallCommand[] commands)
    {
        foreach (var command in commands)
        {
            When(command);
            if (_decision.Refusal is { } refusal) Assert.Fail($"Given {SampleHall.Say(command)} at {Now}: refused with {SampleHall.Say(refusal)}");
            if (_decision.Events.Count == 0) Assert.Fail($"Given {SampleHall.Say(command)} at {Now}: changed nothing");
        }
        return this;
    }

    public HallScenario When(HallCommand command)
    {
        ApplyDue();
        _decision = Hall.Decide(State, command, Now);
        foreach (var e in _decision.Events) Fold(e, Now);
        Reply = _decision.Events.Count > 0 ? Hall.ReplyTo(State, _decision.Events) : _decision.Refusal is null ? Hall.ReplyToNothing(State, command) : null;
        return this;
    }

    public HallScenario Then(params HallEvent[] expected)
    {
        Assert.Equal(expected.Select(SampleHall.Say), _decision.Refusal is { } refusal ? [SampleHall.Say(refusal)] : _decision.Events.Select(SampleHall.Say));
        return this;
    }

    public HallScenario ThenNothing() => Then();

    /// <summary>Not refused, whatever followed.</summary>
    public HallScenario ThenNothingRefused()
    {
        Assert.Equal("null", SampleHall.Say(_decision.Refusal));
        return this;
    }

    /// <summary>Refused with the code; of the facts, those named.</summary>
    public HallScenario ThenRefused(RefusalCode code, params (string Name, object? Value)[] facts)
    {
        Assert.True(_decision.Refusal is not null, $"expected {code}, was {string.Join(" + ", _decision.Events.Select(SampleHall.Say))}");
        Assert.Equal(code, _decision.Refusal.Code);
        foreach (var (name, value) in facts)
        {
            var given = Assert.Single(_decision.Refusal.Facts, f => f.Name == name).Value;
            Assert.Equal(value, given);
        }
        return this;
    }

    /// <summary>What time alone brought about since the last command, before it.</summary>
    public HallScenario ThenDue(params HallEvent[] expected)
    {
        Assert.Equal(expected.Select(SampleHall.Say), _due.Select(SampleHall.Say));
        return this;
    }

    /// <summary>The ticket called by the last command, and why.</summary>
    public HallScenario ThenCalled(long ticket, CallReason reason, int overtook = 0, long? firstOvertaken = null)
    {
        var called = _decision.Events.OfType<TicketCalled>().SingleOrDefault();
        Assert.True(called is not null, $"nobody was called: {(_decision.Refusal is { } r ? SampleHall.Say(r) : "nobody waits")}");
        Assert.Equal((ticket, reason, overtook, firstOvertaken), (called.Ticket, called.Reason, called.Overtook, called.FirstOvertaken));
        return this;
    }

    public HallScenario ThenTicket(long ticket, TicketState state, LegOutcome outcome = LegOutcome.Open)
    {
        var t = Ticket(ticket);
        Assert.Equal((state, outcome), (t.State, t.Leg.Outcome));
        return this;
    }

    public Ticket Ticket(long ordinal) => State.Find(new TicketId(7, ordinal)) ?? throw new InvalidOperationException($"No ticket {ordinal}.");

    private void ApplyDue()
    {
        _due.Clear();
        while (State.Exists && Hall.NextDue(State, Now) is { } due)
        {
            _due.Add(due.Event);
            Fold(due.Event, due.At);
        }
    }

    private void Fold(HallEvent e, Instant at)
    {
        Assert.True(!State.Exists || at >= State.At, $"{SampleHall.Say(e)} at {at}, before the last event at {State.At}");
        History.Add((e, at));
        Hall.Evolve(State, e, at, State.Sequence + 1);
    }
}

/// <summary>A small hall, its people, and short names for the commands and events of stories about it.</summary>
internal static class SampleHall
{
    public const string Document = """
        {
          "hall": "sample", "name": {"zh": "示例大厅"},
          "remoteIssue": true, "maxWaiting": 5,
          "classes": [{"class": "elderly", "creditMinutes": 15, "grantedBy": ["idCard", "guide"], "ageFrom": 60, "minCalls": 3, "minGapSeconds": 30},
                      {"class": "green", "creditMinutes": 1440, "grantedBy": ["guide", "manager"]}],
          "lines": [{"line": "a", "prefix": "A", "name": {"zh": "甲"}}, {"line": "b", "prefix": "B", "name": {"zh": "乙"}}, {"line": "c", "prefix": "C", "name": {"zh": "丙"}}],
          "services": [{"service": "card", "name": {"zh": "办卡"}, "line": "a", "kind": "immediate", "expectedMinutes": 6},
                       {"service": "permit", "name": {"zh": "许可"}, "line": "a", "kind": "promised"},
                       {"service": "deed", "name": {"zh": "过户"}, "line": "a", "kind": "immediate", "identity": "required"},
                       {"service": "water", "name": {"zh": "用水"}, "line": "b", "kind": "immediate"},
                       {"service": "none", "name": {"zh": "无窗口"}, "line": "c", "kind": "immediate"}],
          "windows": [{"window": "1", "kind": "specialised", "profile": [{"line": "a"}]},
                      {"window": "2", "kind": "comprehensive", "profile": [{"line": "b"}, {"line": "a", "afterMinutes": 10}]},
                      {"window": "3", "kind": "comprehensive", "profile": [{"line": "a"}, {"line": "b", "onlyAfterWaitMinutes": 5}]}],
          "staff": [{"staff": "li", "name": "李"}, {"staff": "wang", "name": "王"}, {"staff": "zhao", "name": "赵", "services": ["card", "water"]}, {"staff": "qian", "name": "钱", "lines": ["b"]}],
          "calendar": {"timeZone": "Asia/Shanghai", "sessions": "always", "roster": [{"window": "1", "a": "li", "b": "wang"}]}
        }
        """;

    public static readonly Clerk Li = Person("li");
    public static readonly Clerk Wang = Person("wang");
    public static readonly Clerk Zhao = Person("zhao");
    public static readonly Clerk Qian = Person("qian");
    public static readonly Clerk Boss = new("boss", null, Manages: true);
    public static readonly TextHash Why = new(42);

    public static readonly LineId A = new("a");
    public static readonly LineId B = new("b");
    public static readonly ServiceId Card = new("card");
    public static readonly ServiceId Permit = new("permit");
    public static readonly ServiceId Water = new("water");
    public static readonly ClassId Elderly = new("elderly");
    public static readonly ClassId Green = new("green");

    public static PackedDocument Pack(string json)
    {
        var utf8 = Encoding.UTF8.GetBytes(json);
        var reading = HallDocument.Read(utf8);
        Assert.True(reading.Settings is not null, string.Join("; ", reading.Problems));
        return PackedDocument.Pack(HallDocument.Minify(utf8));
    }

    public static HallScenario Scenario() => HallScenario.Of(Document);

    /// <summary>A scenario of the sample hall with one part of its document changed.</summary>
    public static HallScenario Scenario(string part, string instead) => HallScenario.Of(With(part, instead));

    public static string With(string part, string instead)
    {
        Assert.Contains(part, Document, StringComparison.Ordinal);
        return Document.Replace(part, instead, StringComparison.Ordinal);
    }

    public static WindowId W(int window) => new(window.ToString(CultureInfo.InvariantCulture));
    public static TicketId T(long ticket) => new(7, ticket);
    public static PersonId P(int person) => new((UInt128)person);
    public static Clerk Person(string staff) => new(staff + "@hall", new StaffId(staff), Manages: false);

    // ---- commands

    public static IssueTicket Issue(string service = "card", string? @class = null, Grants grants = Grants.Self, int? age = null, PersonId? person = null, bool? printed = null, bool remote = false) =>
        new(new ServiceId(service), @class is null ? null : new ClassId(@class), grants, age, person, TicketSource.Kiosk, printed, remote, null);

    public static OpenWindow Open(int window, Clerk by, string? @as = null) => new(W(window), by, @as is null ? null : new StaffId(@as));
    public static CloseWindow Close(int window, Clerk by) => new(W(window), by);
    public static PauseWindow Pause(int window, Clerk by) => new(W(window), by, PauseReason.Meal, null);
    public static ResumeWindow Unpause(int window, Clerk by) => new(W(window), by);
    public static TakeOverWindow TakeOver(int window, Clerk by, string? @as = null) => new(W(window), by, @as is null ? null : new StaffId(@as));
    public static CallNext CallNext(int window, Clerk by) => new(W(window), by);
    public static Next Next(int window, Clerk by, FinishOutcome? outcome = null) => new(W(window), by, outcome, null);
    public static Recall Recall(int window, Clerk by) => new(W(window), by);
    public static StartService StartAt(int window, Clerk by) => new(W(window), by);
    public static FinishService FinishAt(int window, Clerk by, FinishOutcome? outcome = null) => new(W(window), by, outcome, null, 1);
    public static MarkNoShow NoShow(int window, Clerk by) => new(W(window), by);
    public static ReturnAtWindow ReturnAt(int window, Clerk by, string number) => new(W(window), by, number);
    public static HoldTicket Hold(int window, Clerk by) => new(W(window), by);
    public static Transfer PassOn(int window, Clerk by, ServiceId service, bool keepPlace = false, bool returnHere = false) => new(W(window), by, null, service, null, keepPlace, returnHere);
    public static Transfer PassOnTo(int window, Clerk by, int to, bool keepPlace = false, bool returnHere = false) => new(W(window), by, null, null, W(to), keepPlace, returnHere);
    public static ReturnTicket Back(long ticket) => new(T(ticket));
    public static StepAway Away(long ticket, int minutes = 10) => new(T(ticket), TimeSpan.FromMinutes(minutes));
    public static CallTicket CallTicket(int window, Clerk by, string number) => new(W(window), by, number, Why);
    public static RateTicket Rate(long ticket, Grade grade = Grade.Satisfied) => new(T(ticket), grade, [], null);
    public static RateAtWindow RatePad(int window, long ticket, Grade grade = Grade.Satisfied) => new(W(window), T(ticket), 1, grade, []);
    public static ChangeProfile Profile(int window, params ProfileLine[] lines) => new(W(window), lines);
    public static Suspend SuspendHall() => new([], [], Why, null);
    public static Suspend SuspendLine(LineId line, Instant? until = null) => new([line], [], Why, until);
    public static Suspend SuspendService(ServiceId service) => new([], [service], Why, null);
    public static Resume ResumeAll() => new([], []);
    public static PostNotice Notice(double seconds = 3600, string? zone = null) => new(Why, zone is null ? null : new ZoneId(zone), HallScenario.Start + TimeSpan.FromSeconds(seconds));
    public static ConfigureHall Configure(string document) => new(7, Pack(document));

    // ---- events

    public static WindowOpened Opened(int window, string staff) => new(W(window), new Occupant(staff + "@hall", new StaffId(staff)));
    public static TicketIssued Issued(long ticket, string number = "", bool printed = true, PersonId? person = null) =>
        new(ticket, number.Length > 0 ? number : "A" + ticket.ToString("D3", CultureInfo.InvariantCulture), Card, A, ClassId.Normal, Grants.Self, person, TicketSource.Kiosk, printed, 0, null, null);
    public static TicketCalled Called(long ticket, int window = 1, CallReason reason = CallReason.FirstCome, string? staff = "li") =>
        new(ticket, 1, W(window), staff is null ? null : new StaffId(staff), reason, 0, null, null);
    public static TicketRecalled Recalled(long ticket, bool counted, int window = 1) => new(ticket, 1, W(window), counted);
    public static ServiceStarted Started(long ticket, Instant at, StartKind how = StartKind.Pressed, int window = 1) => new(ticket, 1, W(window), how, at);
    public static ServiceFinished Finished(long ticket, FinishOutcome outcome = FinishOutcome.Done, int window = 1, string? staff = "li") =>
        new(ticket, 1, W(window), staff is null ? null : new StaffId(staff), outcome, null, 1);
    public static TicketMissed Missed(long ticket, int misses = 1, int window = 1) => new(ticket, 1, W(window), misses);
    public static TicketReturned Returned(long ticket, Instant since, int? reservedFor = null, bool first = false) => new(ticket, 1, since, reservedFor is { } w ? W(w) : null, first);

    /// <summary>An event, command or refusal in full, lists included, for comparison and for people.</summary>
    public static string Say(object? value) => value switch
    {
        null => "null",
        string s => s,
        PackedDocument d => d.Version.ToString(),
        Instant or Enum or UInt128 or DateOnly => value.ToString()!,
        Refusal r => $"{r.Code}({string.Join(", ", r.Facts.Select(f => $"{f.Name}: {Say(f.Value)}"))})",
        IEnumerable list => $"[{string.Join(", ", list.Cast<object?>().Select(Say))}]",
        HallEvent or HallCommand or Occupant or Clerk or ProfileLine or HallSchedule or ScheduledWindow or RestingWindow =>
            $"{value.GetType().Name}({string.Join(", ", value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(p => $"{p.Name}: {Say(p.GetValue(value))}"))})",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
