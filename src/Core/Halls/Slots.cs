using HallOps.Core.Calendars;
using HallOps.Core.Foresight;

namespace HallOps.Core.Halls;

/// <summary>A stretch of a day that appointments are made for, from its start to before its end.</summary>
internal readonly record struct Slot(Instant Starts, Instant Ends)
{
    public long Milliseconds => Ends.Milliseconds - Starts.Milliseconds;

    public bool Overlaps(Slot other) => Starts < other.Ends && other.Starts < Ends;
}

/// <summary>How many appointments a slot has and how many of them are left.</summary>
/// <param name="Free">0 to <paramref name="Capacity"/>.</param>
internal readonly record struct Room(int Capacity, int Free);

/// <summary>
/// The slots of a service and what still fits into them. Until calendars are compiled a hall is open at all hours: slots follow one another from the first instant of a day on,
/// whole ones only, so that a day on which clocks change has two or four fewer or more of them but none twice.
/// </summary>
internal static class Slots
{
    /// <summary>The longest slot a document may ask for.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(480);

    /// <summary>The slots of a date, earliest first.</summary>
    public static IEnumerable<Slot> Of(AppointmentSettings settings, DateOnly day, TimeZoneInfo zone)
    {
        var length = TimeSpan.FromMinutes(settings.SlotMinutes);
        var end = ServiceDay.EndOf(day, zone);
        for (var starts = ServiceDay.EndOf(day.AddDays(-1), zone); starts + length <= end; starts += length) yield return new Slot(starts, starts + length);
    }

    /// <summary>The slot that begins at an instant, where it may be booked now: from the next one that begins to the last of <c>daysAhead</c> days after today. Null for any other instant.</summary>
    public static Slot? Find(HallState state, AppointmentSettings settings, Instant starts, Instant now)
    {
        if (starts <= now || starts >= state.DayEndsAt + TimeSpan.FromDays(settings.DaysAhead + 2)) return null;
        var zone = state.Settings.Calendar.Zone;
        var day = ServiceDay.At(starts, zone);
        if (day > state.Day.AddDays(settings.DaysAhead)) return null;
        var length = TimeSpan.FromMinutes(settings.SlotMinutes);
        var begins = ServiceDay.EndOf(day.AddDays(-1), zone);
        return (starts - begins).Ticks % length.Ticks == 0 && starts + length <= ServiceDay.EndOf(day, zone) ? new Slot(starts, starts + length) : null;
    }

    /// <summary>
    /// The room of a slot. Appointments take at most 40 % of the minutes of a line's own windows (those with the line in their profile at <c>afterMinutes</c> 0, open or not), each at the
    /// expected minutes of its service: <c>capacity</c> is the service's own, cut to what fits into that share of the slot. The share is one for all services of the line: what is
    /// booked for one is gone for the others. Where their slots differ in length, an appointment counts in another service's slot by the part of its own slot that lies there, and a booking has
    /// to fit into every longer slot of the line that it touches; so the longest slots of a line are never beyond the share, whatever the order of the bookings.
    /// </summary>
    /// <param name="but">An appointment that is about to leave its slot.</param>
    public static Room RoomOf(HallState state, ServiceSettings service, Slot slot, string? but = null)
    {
        var settings = service.Appointments!;
        var windows = state.Windows.Values.Count(w => w.Profile.Any(p => p.Line == service.Line && p.AfterMinutes == 0));
        var each = MillisecondsOf(service);
        var capacity = Math.Min(settings.Capacity, Share(windows, slot) / each);
        var booked = state.Appointments.Between(slot.Starts, slot.Ends).Count(a => a.Service == service.Service && a.Counts && a.Code != but);
        var free = Math.Min(capacity - booked, (Share(windows, slot) - Taken(state, service.Line, slot, but)) / each);
        foreach (var longer in LongerSlots(state, service, slot))
            free = Math.Min(free, (Share(windows, longer) - Taken(state, service.Line, longer, but)) / Part(each, slot, longer));
        return new Room((int)capacity, (int)Math.Max(0, free));
    }

    private static long Share(int windows, Slot slot) => windows * slot.Milliseconds * 2 / 5;

    /// <summary>Milliseconds of a slot that appointments of the line take.</summary>
    private static long Taken(HallState state, LineId line, Slot slot, string? but)
    {
        var taken = 0L;
        foreach (var a in state.Appointments.Between(new Instant(slot.Starts.Milliseconds - (long)Longest.TotalMilliseconds), slot.Ends))
            if (a.Counts && a.Code != but && new Slot(a.Slot, a.Ends) is var own && own.Overlaps(slot) && state.Settings.ServiceById.TryGetValue(a.Service, out var service) && service.Line == line)
                taken += Part(MillisecondsOf(service), own, slot);
        return taken;
    }

    private static IEnumerable<Slot> LongerSlots(HallState state, ServiceSettings service, Slot slot)
    {
        var zone = state.Settings.Calendar.Zone;
        foreach (var other in state.Settings.Services)
        {
            if (other.Line != service.Line || other.Appointments is not { } settings || settings.SlotMinutes <= service.Appointments!.SlotMinutes) continue;
            foreach (var longer in Of(settings, ServiceDay.At(slot.Starts, zone), zone))
                if (longer.Overlaps(slot)) yield return longer;
        }
    }

    private static long MillisecondsOf(ServiceSettings service) => Math.Max(1, (long)Math.Round((service.ExpectedMinutes ?? PlainEstimate.AssumedMinutes) * 60_000));

    /// <summary>What falls into a slot of a time that is spread evenly over another, rounded up.</summary>
    private static long Part(long milliseconds, Slot over, Slot into)
    {
        var overlap = Math.Min(over.Ends.Milliseconds, into.Ends.Milliseconds) - Math.Max(over.Starts.Milliseconds, into.Starts.Milliseconds);
        return (milliseconds * overlap + over.Milliseconds - 1) / over.Milliseconds;
    }
}
