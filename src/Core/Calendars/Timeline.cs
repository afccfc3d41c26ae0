using HallOps.Core.Halls;

namespace HallOps.Core.Calendars;

/// <summary>What a date is, whatever its sessions.</summary>
public enum DayKind : byte { Workday, Makeup, Restday, Holiday }

public enum SessionKind : byte { Regular, Lunch, Weekend, Extended }

/// <summary>The holder of a post and the named stand-in (A角, B角).</summary>
public enum PostRole : byte { A, B }

/// <summary>Why a window that its session opens is served by nobody.</summary>
public enum ClosedReason : byte { Absent, NoRoster, Exception }

/// <summary>From an instant to before another.</summary>
public readonly record struct Stretch(Instant From, Instant To)
{
    public bool Contains(Instant at) => From <= at && at < To;
}

/// <summary>A service date, compiled (CALENDAR.md).</summary>
/// <param name="Intervals">In order, disjoint; two equal neighbours of one session are one.</param>
/// <param name="Issuing">When numbers may be taken, in order, disjoint.</param>
/// <param name="Gaps">By service in the document's order, then by time.</param>
/// <param name="Warnings">What is assumed, in words.</param>
/// <param name="Ends">The later of the next local midnight and the end of the last session.</param>
public sealed record DayTimeline(DateOnly Date, DayKind Day, IReadOnlyList<TimelineInterval> Intervals, IReadOnlyList<Stretch> Issuing, IReadOnlyList<CoverageGap> Gaps, IReadOnlyList<string> Warnings, Instant Ends);

/// <summary>A stretch of a session in which nothing changes.</summary>
/// <param name="SessionStretch">The whole session that it is a part of.</param>
/// <param name="UntilServed">No numbers; windows leave when nobody is left for them.</param>
/// <param name="AppointmentOnly">Numbers only for those who booked.</param>
/// <param name="SessionServices">What the session is cut to; null: everything.</param>
/// <param name="Windows">The staffed ones, in the document's order.</param>
/// <param name="Closed">Those that the session opens and nobody serves, in the document's order.</param>
/// <param name="Offered">In the document's order of services (lines, where people's skills are given by line).</param>
public sealed record TimelineInterval(Stretch Stretch, SessionKind Session, Stretch SessionStretch, bool UntilServed, bool AppointmentOnly, IReadOnlySet<ServiceId>? SessionServices,
    IReadOnlyList<StaffedWindow> Windows, IReadOnlyList<ClosedWindow> Closed, IReadOnlyList<ServiceId> Offered);

/// <param name="Staff">Null: the calendar has no roster.</param>
/// <param name="Role">Null: the calendar has no roster.</param>
/// <param name="StandIn">The B of the row that holds, where its A sits here; null for none.</param>
/// <param name="Services">What the window can do with that person, those taken along included, in the document's order.</param>
/// <param name="AlsoFor">Windows whose services it takes along, in the document's order.</param>
public sealed record StaffedWindow(WindowId Window, StaffId? Staff, PostRole? Role, StaffId? StandIn, IReadOnlyList<ServiceId> Services, IReadOnlyList<WindowId> AlsoFor);

/// <param name="GoTo">The window that takes its services along; null for none.</param>
public sealed record ClosedWindow(WindowId Window, WindowId? GoTo, ClosedReason Reason);

/// <summary>A stretch of one session in which an offered service has no staffed window that can do it.</summary>
/// <param name="ReopensAt">When the next one can; null where none does within 31 days.</param>
public sealed record CoverageGap(ServiceId Service, Stretch Stretch, Instant? ReopensAt);
