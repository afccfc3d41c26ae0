using HallOps.Core.Calendars;
using HallOps.Core.Halls;

namespace HallOps.Web.Calendars;

/// <summary>Somebody booked, whose time would be without staff: whom to tell.</summary>
/// <param name="Code">As people type it; the guide's desk finds and moves the appointment by it.</param>
/// <param name="Name">The service's.</param>
/// <param name="PhoneEnd">The last four digits of the telephone that was given; null where none was, or it is erased.</param>
public sealed record AffectedAppointment(string Code, DateTimeOffset Slot, string Service, Text Name, string? PhoneEnd)
{
    /// <param name="settings">They have the appointments' services: what takes one away that is booked is not taken.</param>
    internal static async ValueTask<IReadOnlyList<AffectedAppointment>> OfAsync(IReadOnlyList<Appointment> appointments, HallSettings settings, HallDoor door, CancellationToken cancel)
    {
        var affected = new List<AffectedAppointment>(appointments.Count);
        foreach (var one in appointments)
            affected.Add(new(one.Code, WireTime.At(one.Slot, settings.Calendar.Zone), one.Service.Value, settings.ServiceById[one.Service].Name, one.Person is { } person ? await door.PhoneEndAsync(person, cancel) : null));
        return affected;
    }
}

// The shapes of what Core's TimelineJson writes, for the OpenAPI document.

/// <summary>A service date, compiled (CALENDAR.md).</summary>
public sealed record TimelineDayShape(DateOnly Date, string Day, IReadOnlyList<TimelineIntervalShape> Intervals, IReadOnlyList<StretchShape> Issuing, IReadOnlyList<GapShape> Gaps, IReadOnlyList<string> Warnings);

public sealed record TimelineIntervalShape(DateTimeOffset From, DateTimeOffset To, string Session, IReadOnlyList<StaffedWindowShape> Windows, IReadOnlyList<ClosedWindowShape> Closed, IReadOnlyList<string> Offered);

public sealed record StaffedWindowShape(string Window, string? Staff, string? Role, IReadOnlyList<string> Services, IReadOnlyList<string> AlsoFor);

public sealed record ClosedWindowShape(string Window, string? GoTo, string Reason);

public sealed record StretchShape(DateTimeOffset From, DateTimeOffset To);

/// <param name="ReopensAt">Null where nobody can within 31 days.</param>
public sealed record GapShape(string Service, DateTimeOffset From, DateTimeOffset To, string Reason, DateTimeOffset? ReopensAt);

/// <summary>What of a date is uncovered, and what is assumed.</summary>
public sealed record CoverageShape(DateOnly Date, IReadOnlyList<GapShape> Gaps, IReadOnlyList<string> Warnings);

/// <summary>What another calendar did, or would do.</summary>
/// <param name="Applied">It is in force now.</param>
/// <param name="Version">Of the hall's document, as it is now: the ETag.</param>
/// <param name="Warnings">What it allows but probably does not mean, and what the next 31 days assume.</param>
/// <param name="Coverage">The dates of the next 31 days that would have gaps.</param>
/// <param name="GapsAppear">Of these days, gaps that are not there now.</param>
/// <param name="GapsGo">Gaps of now that would not be there any more.</param>
/// <param name="Appointments">Booked for a time at which nobody would be there, earliest first.</param>
/// <param name="Timeline">The dates asked for, under the other calendar; empty where none were.</param>
public sealed record CalendarCheckedShape(bool Applied, string Version, IReadOnlyList<string> Warnings, IReadOnlyList<CoverageShape> Coverage, IReadOnlyList<GapShape> GapsAppear, IReadOnlyList<GapShape> GapsGo,
    IReadOnlyList<AffectedAppointment> Appointments, IReadOnlyList<TimelineDayShape> Timeline);

/// <summary>The holidays in force.</summary>
/// <param name="Source"><c>product</c>: as they came with the program; <c>replaced</c>: an admin put others in their place.</param>
/// <param name="Years">By year.</param>
public sealed record HolidaysView(string Source, IReadOnlyList<HolidayYear> Years);

/// <summary>What other holidays did, or would do.</summary>
/// <param name="Applied">They are in force now.</param>
/// <param name="Changes">Dates that are something else from then on, by date.</param>
/// <param name="Halls">Those with appointments that would be without staff.</param>
/// <param name="NotAsked">Halls that could not answer: ask again when they can.</param>
public sealed record HolidaysChecked(bool Applied, IReadOnlyList<HolidayChange> Changes, IReadOnlyList<AffectedHall> Halls, IReadOnlyList<string> NotAsked);

/// <param name="WasOffDay">Null: it followed the week.</param>
/// <param name="IsOffDay">Null: it follows the week.</param>
public sealed record HolidayChange(DateOnly Date, string Name, bool? WasOffDay, bool? IsOffDay);

/// <param name="Appointments">Whom to tell, earliest slot first.</param>
public sealed record AffectedHall(string Hall, Text Name, IReadOnlyList<AffectedAppointment> Appointments);
