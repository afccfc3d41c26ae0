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
/// The slots of a service and what still fits into them. In each session they follow one another from its beginning on, whole ones only, where the service has a staffed window of its own all the
/// while; a session that goes on until everybody is served has none. A hall that is always open has one session a day: one on which clocks change has two or four slots fewer or more but none twice.
/// </summary>
internal static class Slots
{
    /// <summary>The longest slot a document may ask for.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(480);

    /// <summary>The slots of a service on a date, earliest first.</summary>
    public static IEnumerable<Slot> Of(HallState state, ServiceSettings service, DayTimeline timeline)
    {
        var length = TimeSpan.FromMinutes(service.Appointments!.SlotMinutes);
        Stretch? before = null;
        foreach (var interval in timeline.Intervals)
        {
            var session = interval.SessionStretch;
            if (session == before || interval.UntilServed) continue;
            before = session;
            for (var starts = session.From; starts + length <= session.To; starts += length)
                if (new Slot(starts, starts + length) is var slot && (state.Settings.Calendar.Always || WindowsIn(state, service, timeline, slot) > 0)) yield return slot;
        }
    }

    /// <summary>The slot that begins at an instant, where it may be booked now: from the next one that begins to the last of <c>daysAhead</c> days after today. Null for any other instant.</summary>
    /// <param name="timeline">The slot's date.</param>
    public static Slot? Find(HallState state, ServiceSettings service, Instant starts, Instant now, out DayTimeline timeline)
    {
        timeline = Timetable.Of(state, state.Day);
        var settings = service.Appointments!;
        if (starts <= now || starts >= state.DayEndsAt + TimeSpan.FromDays(settings.DaysAhead + 2)) return null;
        var day = DayOf(state, starts);
        if (day > state.Day.AddDays(settings.DaysAhead)) return null;
        timeline = Timetable.Of(state, day);
        foreach (var slot in Of(state, service, timeline))
            if (slot.Starts == starts) return slot;
        return null;
    }

    /// <summary>The first slot of a date after an instant that is free; null where none is.</summary>
    public static Instant? FirstFree(HallState state, ServiceSettings service, DayTimeline timeline, Instant after)
    {
        foreach (var slot in Of(state, service, timeline))
            // A month of full slots is passed over without working out their room.
            if (slot.Starts > after && BookedIn(state, service, slot, null) < service.Appointments!.Capacity && RoomOf(state, service, timeline, slot).Free > 0) return slot.Starts;
        return null;
    }

    /// <summary>Whether the calendar still staffs an appointment's service all through its slot: however slots are cut by now, somebody is there.</summary>
    public static bool IsHonoured(HallState state, Appointment appointment) =>
        state.Settings.Calendar.Always || (state.Settings.ServiceById.TryGetValue(appointment.Service, out var service)
            && WindowsIn(state, service, Timetable.Of(state, DayOf(state, appointment.Slot)), new Slot(appointment.Slot, appointment.Ends)) > 0);

    /// <summary>The service day that an instant belongs to.</summary>
    public static DateOnly DayOf(HallState state, Instant at) => state.Settings.Calendar.DayAt(at, state.Holidays);

    /// <summary>
    /// The room of a slot. Appointments take at most 40 % of the minutes of a line's own windows (those with the line in their profile at <c>afterMinutes</c> 0, open or not, that the calendar staffs
    /// all the while), all of them in a session that gives numbers to nobody else, each at the expected minutes of its service: <c>capacity</c> is the service's own, cut to what fits into that share of the slot. The share is one for all services of the line: what is
    /// booked for one is gone for the others. Where their slots differ in length, an appointment counts in another service's slot by the part of its own slot that lies there, and a booking has
    /// to fit into every longer slot of the line that it touches; so the longest slots of a line are never beyond the share, whatever the order of the bookings.
    /// </summary>
    /// <param name="timeline">The slot's date.</param>
    /// <param name="but">An appointment that is about to leave its slot.</param>
    public static Room RoomOf(HallState state, ServiceSettings service, DayTimeline timeline, Slot slot, string? but = null)
    {
        var settings = service.Appointments!;
        var each = MillisecondsOf(service);
        var capacity = Math.Min(settings.Capacity, Share(state, service, timeline, slot) / each);
        var free = Math.Min(capacity - BookedIn(state, service, slot, but), (Share(state, service, timeline, slot) - Taken(state, service.Line, slot, but)) / each);
        foreach (var longer in LongerSlots(state, service, timeline, slot))
            free = Math.Min(free, (Share(state, service, timeline, longer) - Taken(state, service.Line, longer, but)) / Part(each, slot, longer));
        return new Room((int)capacity, (int)Math.Max(0, free));
    }

    private static int BookedIn(HallState state, ServiceSettings service, Slot slot, string? but)
    {
        var booked = 0;
        foreach (var appointment in state.Appointments.Between(slot.Starts, slot.Ends))
            if (appointment.Service == service.Service && appointment.Counts && appointment.Code != but) booked++;
        return booked;
    }

    private static long Share(HallState state, ServiceSettings service, DayTimeline timeline, Slot slot)
    {
        var all = WindowsIn(state, service, timeline, slot) * slot.Milliseconds;
        // Nobody else is served then: there is nobody to leave room for.
        return timeline.Intervals.Any(i => i.AppointmentOnly && i.Stretch.Contains(slot.Starts)) ? all : all * 2 / 5;
    }

    /// <summary>Own windows of the service's line that are staffed for the service all through a slot: the fewest at any time.</summary>
    private static int WindowsIn(HallState state, ServiceSettings service, DayTimeline timeline, Slot slot)
    {
        if (state.Settings.Calendar.Always)
        {
            var own = 0;
            foreach (var window in state.Windows.Values)
                if (IsOwn(window, service.Line)) own++;
            return own;
        }
        var (fewest, covered) = (int.MaxValue, slot.Starts);
        foreach (var interval in timeline.Intervals)
        {
            if (interval.Stretch.To <= slot.Starts || interval.Stretch.From >= slot.Ends) continue;
            if (interval.Stretch.From > covered) return 0;
            covered = interval.Stretch.To;
            var staffed = 0;
            for (var i = 0; i < interval.Windows.Count; i++)
                if (IsOwn(state.Windows[interval.Windows[i].Window], service.Line) && Staffing.Does(state, interval, interval.Windows[i], service)) staffed++;
            fewest = Math.Min(fewest, staffed);
        }
        return covered < slot.Ends ? 0 : fewest;
    }

    private static bool IsOwn(WindowState window, LineId line)
    {
        for (var i = 0; i < window.Profile.Count; i++)
            if (window.Profile[i].Line == line && window.Profile[i].AfterMinutes == 0) return true;
        return false;
    }

    /// <summary>Milliseconds of a slot that appointments of the line take.</summary>
    private static long Taken(HallState state, LineId line, Slot slot, string? but)
    {
        var taken = 0L;
        foreach (var a in state.Appointments.Between(new Instant(slot.Starts.Milliseconds - (long)Longest.TotalMilliseconds), slot.Ends))
            if (a.Counts && a.Code != but && new Slot(a.Slot, a.Ends) is var own && own.Overlaps(slot) && state.Settings.ServiceById.TryGetValue(a.Service, out var service) && service.Line == line)
                taken += Part(MillisecondsOf(service), own, slot);
        return taken;
    }

    private static IEnumerable<Slot> LongerSlots(HallState state, ServiceSettings service, DayTimeline timeline, Slot slot)
    {
        foreach (var other in state.Settings.Services)
        {
            if (other.Line != service.Line || other.Appointments is not { } settings || settings.SlotMinutes <= service.Appointments!.SlotMinutes) continue;
            foreach (var longer in Of(state, other, timeline))
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
