namespace HallOps.Core.Halls;

/// <summary>Why the rules say no. The names are the wire's codes.</summary>
public enum RefusalCode
{
    UnknownService, UnknownClass, UnknownLine, UnknownWindow, UnknownStaff, UnknownTicket,
    ClassNotGranted, RemoteIssueOff, IdentityRequired,
    HallClosed, NotScheduled, ServiceNotOffered, Suspended, QuotaReached, HallFull, CannotBeServedToday, AlreadyWaiting,
    WindowInUse, AlreadyAtWindow, NotStandIn, TooManyHeld, NobodyNamed, JointVisit, UnknownSlip, WindowBusy, WindowNotOpen,
    NothingCalled, NotStarted, AlreadyStarted, TooEarly, OutcomeRequired, WrongState, DayOver,
    NotFinished, AlreadyRated, RatingClosed,
    InUse, VersionChanged, NotSuspended,
    UnknownZone, UnknownNotice, NoticeOver, TooManyNotices,
    NoAppointments, SlotClosed, SlotFull, AlreadyBooked, CodeTaken, UnknownAppointment, AppointmentOver, OtherService, AlreadyCheckedIn, TooEarlyToCheckIn,
}

/// <summary>A refusal by the rules: expected, a value, changes nothing.</summary>
/// <param name="Facts">Members of the problem on the wire, camelCase: strings, numbers, <see cref="Instant"/>s, enums, lists of strings or of <see cref="Alternative"/>s. May be empty.</param>
public sealed record Refusal(RefusalCode Code, params (string Name, object? Value)[] Facts);
