namespace HallOps.Core.Halls;

/// <summary>Why the rules say no. The names are the wire's codes.</summary>
public enum RefusalCode
{
    UnknownService, UnknownClass, UnknownLine, UnknownWindow, UnknownStaff, UnknownTicket,
    ClassNotGranted, RemoteIssueOff, IdentityRequired,
    HallClosed, ServiceNotOffered, Suspended, QuotaReached, HallFull, CannotBeServedToday, AlreadyWaiting,
    WindowInUse, AlreadyAtWindow, NotStandIn, WindowBusy, WindowNotOpen,
    NothingCalled, NotStarted, AlreadyStarted, TooEarly, OutcomeRequired, WrongState, DayOver,
    NotFinished, AlreadyRated, RatingClosed,
    InUse, VersionChanged, NotSuspended,
}

/// <summary>A refusal by the rules: expected, a value, changes nothing.</summary>
/// <param name="Facts">Members of the problem on the wire, camelCase: strings, numbers, <see cref="Instant"/>s, enums or lists of strings. May be empty.</param>
public sealed record Refusal(RefusalCode Code, params (string Name, object? Value)[] Facts);

/// <summary>Events, in order, or a refusal. No events and no refusal: the command changes nothing and is answered all the same.</summary>
public readonly struct Decision
{
    private static readonly HallEvent[] None = [];

    private Decision(IReadOnlyList<HallEvent> events, Refusal? refusal) => (_events, Refusal) = (events, refusal);

    private readonly IReadOnlyList<HallEvent>? _events;

    public IReadOnlyList<HallEvent> Events => _events ?? None;

    public Refusal? Refusal { get; }

    public static Decision Nothing => default;
    public static Decision Of(params HallEvent[] events) => new(events, null);
    public static Decision Refuse(RefusalCode code, params (string, object?)[] facts) => new(None, new Refusal(code, facts));

    public static implicit operator Decision(HallEvent one) => new([one], null);
    public static implicit operator Decision(Refusal refusal) => new(None, refusal);
}
