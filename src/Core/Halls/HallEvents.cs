using HallOps.Core.Calendars;

namespace HallOps.Core.Halls;

/// <summary>Who sits at a window: an account, and the member of staff it sits there as (null: nobody of the list, with the whole profile on offer).</summary>
public sealed record Occupant(string Account, StaffId? Staff)
{
    /// <summary>Whether the clerk is this person: the same account, or the same member of staff.</summary>
    public bool Is(Clerk clerk) => clerk.Account == Account || (Staff is { } s && clerk.Staff == s);
}

/// <summary>Seconds to wait, told to a visitor as a range around the median.</summary>
public readonly record struct Estimate(int LowSeconds, int MedianSeconds, int HighSeconds);

/// <summary>
/// Something that happened in a hall, durable before anybody is told. Complete: <see cref="Hall.Evolve"/> needs only the state and the event.
/// Tickets are named by their ordinal. Types are versioned in the journal, retired, never reused.
/// </summary>
public abstract record HallEvent;

/// <summary>The hall has this document now. The first event of every hall; its number never changes after it.</summary>
/// <param name="Day">The service day that runs.</param>
/// <param name="DayEndsAt">When it ends.</param>
public sealed record HallConfigured(uint Number, PackedDocument Document, DateOnly Day, Instant DayEndsAt) : HallEvent;

/// <param name="Printed">False: not live for calling until <see cref="TicketPrinted"/>.</param>
/// <param name="Granted">The way the class was granted by.</param>
/// <param name="Ahead">What the visitor was told: waiting tickets of the line before this one.</param>
/// <param name="Estimate">What the visitor was told; null where no window serves the line.</param>
public sealed record TicketIssued(long Ticket, string Number, ServiceId Service, LineId Line, ClassId Class, Grants Granted, PersonId? Person, TicketSource Source,
    bool Printed, int Ahead, Estimate? Estimate, TextHash? Override) : HallEvent;

/// <summary>Somebody brought several cases on this one number.</summary>
/// <param name="Cases">At least 2.</param>
public sealed record CasesDeclared(long Ticket, int Cases) : HallEvent;

/// <summary>The number just issued is for a joint matter: its first leg is for one of the items, and not for the joint service itself.</summary>
/// <param name="Item">That one, counted from 0.</param>
/// <param name="Service">Its service.</param>
/// <param name="Items">All of them, as the joint service had them then.</param>
public sealed record JointBegun(long Ticket, int Item, ServiceId Service, LineId Line, IReadOnlyList<JointLegSettings> Items) : HallEvent;

/// <summary>One more leg of a joint visit begins beside the others.</summary>
/// <param name="Leg">The new one.</param>
public sealed record LegBegun(long Ticket, int Leg, int Item, ServiceId Service, LineId Line, Instant Since) : HallEvent;

/// <summary>The visitor was sent home once for what is missing, and has a slip for it: the ticket's own key, for a number in class <c>returning</c>.</summary>
/// <param name="Service">What the number may be for.</param>
/// <param name="Times">Which time it is for this matter: 1 for the first.</param>
/// <param name="Until">No longer than that.</param>
/// <param name="Missing">The hash of what is missing; null where it was not said.</param>
public sealed record SlipGiven(long Ticket, ServiceId Service, int Times, Instant Until, TextHash? Missing) : HallEvent;

/// <summary>The ticket just issued is for a matter that somebody was sent home for.</summary>
/// <param name="Slip">The ordinal of the ticket it was then.</param>
/// <param name="Times">How often by now.</param>
public sealed record SlipShown(long Ticket, long Slip, int Times) : HallEvent;

public sealed record TicketPrinted(long Ticket) : HallEvent;

/// <summary>Not printed in time: the number is burnt.</summary>
public sealed record TicketVoided(long Ticket) : HallEvent;

/// <param name="Overtook">How many callable tickets preceded it in plain order; 0 for calls outside the bounds.</param>
/// <param name="FirstOvertaken">The ordinal of the first of them.</param>
/// <param name="Why">The hash of a manager's reason.</param>
public sealed record TicketCalled(long Ticket, int Leg, WindowId Window, StaffId? Staff, CallReason Reason, int Overtook, long? FirstOvertaken, TextHash? Why) : HallEvent;

/// <param name="Counted">False for a recall sooner than the class's gap: spoken, not counted.</param>
public sealed record TicketRecalled(long Ticket, int Leg, WindowId Window, bool Counted) : HallEvent;

/// <param name="StartedAt">When the service began, where <paramref name="How"/> infers it before the event.</param>
public sealed record ServiceStarted(long Ticket, int Leg, WindowId Window, StartKind How, Instant StartedAt) : HallEvent;

/// <summary>A service is over. The visit ends with it, or goes on where it has to come back to.</summary>
public sealed record ServiceFinished(long Ticket, int Leg, WindowId Window, StaffId? Staff, FinishOutcome Outcome, TextHash? Missing, int Items) : HallEvent;

/// <param name="Misses">Counting this one.</param>
public sealed record TicketMissed(long Ticket, int Leg, WindowId Window, int Misses) : HallEvent;

/// <summary>A missed visitor waits again.</summary>
/// <param name="Since">From when waiting counts: kept, or the return.</param>
/// <param name="ReservedFor">The window that called, where it can call next.</param>
/// <param name="First">Any window of the line calls it first.</param>
public sealed record TicketReturned(long Ticket, int Leg, Instant Since, WindowId? ReservedFor, bool First) : HallEvent;

/// <summary>The visit goes on with another service: its leg ended as transferred, the next one waits.</summary>
/// <param name="Leg">The new one.</param>
/// <param name="Since">From when waiting counts: kept, or the change for one who was missed and came back too late.</param>
public sealed record TicketChanged(long Ticket, int Leg, ServiceId Service, LineId Line, Instant Since) : HallEvent;

/// <summary>The visitor is away copying or paying: not called until back, and then first at this window.</summary>
public sealed record TicketHeld(long Ticket, int Leg, WindowId Window) : HallEvent;

/// <summary>The visitor stepped away while waiting and keeps the place.</summary>
/// <param name="Until">Back by then, whether said or not.</param>
public sealed record TicketAway(long Ticket, int Leg, Instant Until) : HallEvent;

/// <summary>One who was held or away waits again, as long as before.</summary>
/// <param name="ReservedFor">The window that held, where it is first; null for one who was away, or whose window let go.</param>
/// <param name="First">Any window of the line calls it first.</param>
public sealed record TicketBack(long Ticket, int Leg, WindowId? ReservedFor, bool First) : HallEvent;

/// <summary>A window passed the visitor on: the leg there ended as transferred, the next one waits.</summary>
/// <param name="Leg">The new one.</param>
/// <param name="From">The window that passed on.</param>
/// <param name="Since">From when waiting counts: the first issue where the place is kept, else now.</param>
/// <param name="ReservedFor">The window named, where it is first.</param>
/// <param name="ReturnHere">The finish of what follows begins one more leg of the first one's service, at <paramref name="From"/>.</param>
public sealed record TicketTransferred(long Ticket, int Leg, WindowId From, ServiceId Service, LineId Line, Instant Since, WindowId? ReservedFor, bool ReturnHere) : HallEvent;

/// <summary>One of the eight stages, stamped.</summary>
public sealed record StageMarked(long Ticket, int Leg, WindowId Window, Stage Stage) : HallEvent;

/// <summary>The visit has another priority class from here on; its time and its place in that class are by the same <c>since</c>.</summary>
/// <param name="Granted">The way the class was granted by.</param>
public sealed record ClassChanged(long Ticket, ClassId Class, Grants Granted) : HallEvent;

/// <summary>The visitor's matter has another owner, who accepted it by name.</summary>
public sealed record OwnerChanged(long Ticket, StaffId Owner) : HallEvent;

public sealed record TicketCancelled(long Ticket) : HallEvent;

/// <summary>Closed by the hall: the third miss.</summary>
public sealed record TicketExpired(long Ticket) : HallEvent;

/// <param name="OnPad">On the window's pad; else with the ticket's token.</param>
public sealed record ServiceRated(long Ticket, int Leg, WindowId Window, Grade Grade, IReadOnlyList<string> Tags, TextHash? Comment, bool OnPad) : HallEvent;

public sealed record WindowOpened(WindowId Window, Occupant Occupant) : HallEvent;

public sealed record WindowClosed(WindowId Window) : HallEvent;

public sealed record WindowPaused(WindowId Window, PauseReason Reason, Instant? Until) : HallEvent;

public sealed record WindowResumed(WindowId Window) : HallEvent;

public sealed record WindowTakenOver(WindowId Window, Occupant Occupant) : HallEvent;

public sealed record WindowProfileChanged(WindowId Window, IReadOnlyList<ProfileLine> Profile) : HallEvent;

/// <summary>Both lists empty: the whole hall.</summary>
public sealed record Suspended(IReadOnlyList<LineId> Lines, IReadOnlyList<ServiceId> Services, TextHash Reason, Instant? Until) : HallEvent;

/// <summary>Both lists empty: every suspension, the hall's included.</summary>
public sealed record Resumed(IReadOnlyList<LineId> Lines, IReadOnlyList<ServiceId> Services) : HallEvent;

/// <summary>The service day is over: what waits expires, what is not printed is void, numbers start anew.</summary>
/// <param name="NextDay">The day that runs from here; days on which nothing happened are passed over.</param>
public sealed record DayEnded(DateOnly Day, DateOnly NextDay, Instant NextDayEndsAt) : HallEvent;

/// <summary>24 hours after its end: the ended visits of that service day leave the hall's state.</summary>
public sealed record DayForgotten(DateOnly Day) : HallEvent;

/// <summary>The hall's country has announced these holidays and make-up working days: its calendar is read with them from here on.</summary>
/// <param name="DayEndsAt">When the running day ends by them.</param>
public sealed record HolidaysAnnounced(HolidayTable Holidays, Instant DayEndsAt) : HallEvent;

/// <summary>A moment that the calendar names: from here on the hall runs so.</summary>
public sealed record ScheduleReached(HallSchedule Schedule) : HallEvent;

/// <summary>Nobody signed in at a window by the grace, and its B has a window of its own: that one takes its services along.</summary>
/// <param name="At">Null: no more.</param>
public sealed record StandInChanged(WindowId Window, WindowId? At) : HallEvent;

/// <summary>A notice of the manager's on the boards; its sequence is its name.</summary>
public sealed record NoticePosted(TextHash Text, ZoneId? Zone, Instant Until) : HallEvent;

/// <summary>A notice is over: its time has come, or it was taken down.</summary>
/// <param name="Notice">The sequence of its posting.</param>
public sealed record NoticeEnded(long Notice) : HallEvent;

/// <param name="Code">The visitor's key to it.</param>
/// <param name="Ends">The end of the slot.</param>
/// <param name="From">From when the visitor may check in.</param>
/// <param name="Until">Released unless checked in before.</param>
public sealed record AppointmentBooked(string Code, ServiceId Service, Instant Slot, Instant Ends, Instant From, Instant Until, PersonId? Person) : HallEvent;

/// <summary>Another slot for the same service; times as of a booking.</summary>
public sealed record AppointmentMoved(string Code, Instant Slot, Instant Ends, Instant From, Instant Until) : HallEvent;

public sealed record AppointmentCancelled(string Code, ServiceId Service, Instant Slot) : HallEvent;

/// <summary>Nobody came in time.</summary>
public sealed record AppointmentReleased(string Code) : HallEvent;

/// <summary>The visitor is there: the ticket just issued is the appointment's.</summary>
/// <param name="Since">From when the ticket's waiting counts: the later of slot and check-in.</param>
/// <param name="Late">After the release: an ordinary ticket.</param>
public sealed record AppointmentCheckedIn(string Code, long Ticket, Instant Since, bool Late) : HallEvent;
