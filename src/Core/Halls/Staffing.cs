using HallOps.Core.Calendars;
using HallOps.Core.Foresight;

namespace HallOps.Core.Halls;

/// <summary>A way that is left to somebody who cannot be served now.</summary>
/// <param name="Kind"><c>session</c>: numbers are given again then; <c>appointment</c>: the first slot that is free.</param>
public sealed record Alternative(string Kind, Instant At);

/// <summary>How much open, staffed time a service has left, by the calendar and the profiles of now.</summary>
internal static class Staffing
{
    /// <summary>Whether whoever is expected at a window, in an interval, does a service: by the window's profile or one it takes along, within the session's services and the person's.</summary>
    public static bool Does(HallState state, TimelineInterval interval, StaffedWindow there, ServiceSettings service)
    {
        if (interval.SessionServices?.Contains(service.Service) == false || !Has(state, there, service.Line)) return false;
        return there.Staff is not { } staff || !state.Settings.StaffById.TryGetValue(staff, out var person) || person.CanDo(service.Line, service.Service);
    }

    // Asked for every window of every interval left whenever a number is: no closures.
    private static bool Has(HallState state, StaffedWindow there, LineId line)
    {
        if (Has(state, there.Window, line)) return true;
        for (var i = 0; i < there.AlsoFor.Count; i++)
            if (Has(state, there.AlsoFor[i], line)) return true;
        return false;
    }

    private static bool Has(HallState state, WindowId window, LineId line)
    {
        if (!state.Windows.TryGetValue(window, out var known)) return false;
        for (var i = 0; i < known.Profile.Count; i++)
            if (known.Profile[i].Line == line) return true;
        return false;
    }

    private static int WindowsFor(HallState state, TimelineInterval interval, ServiceSettings service)
    {
        var windows = 0;
        for (var i = 0; i < interval.Windows.Count; i++)
            if (Does(state, interval, interval.Windows[i], service)) windows++;
        return windows;
    }

    /// <summary>The stretches of the running day from an instant on in which a service has staffed windows, and how many; none for a joint service.</summary>
    public static IEnumerable<(Stretch Stretch, int Windows)> Left(HallState state, ServiceSettings service, Instant from)
    {
        foreach (var interval in Timetable.Of(state, state.Day).Intervals)
        {
            if (interval.Stretch.To <= from) continue;
            var windows = WindowsFor(state, interval, service);
            if (windows > 0) yield return (new Stretch(Instant.Max(from, interval.Stretch.From), interval.Stretch.To), windows);
        }
    }

    /// <summary>Whether a service, or each of a joint one's, has a staffed window at all in what is left of the running day.</summary>
    public static bool IsLeft(HallState state, ServiceSettings service, Instant from)
    {
        if (service.Legs.Count == 0) return IsAnyLeft(state, service, from);
        foreach (var item in service.Legs)
            if (!IsAnyLeft(state, state.Settings.ServiceById[item.Service], from)) return false;
        return true;
    }

    private static bool IsAnyLeft(HallState state, ServiceSettings service, Instant from)
    {
        var intervals = Timetable.Of(state, state.Day).Intervals;
        for (var i = 0; i < intervals.Count; i++)
            if (intervals[i].Stretch.To > from && WindowsFor(state, intervals[i], service) > 0) return true;
        return false;
    }

    /// <summary>Whether the work before a ticket and its own fit into the windows' time that is left.</summary>
    /// <param name="share">Of the plain estimate: half for the low one.</param>
    public static bool Fits(HallState state, ServiceSettings service, int ahead, double share, Instant from)
    {
        var work = (ahead + 1) * (service.ExpectedMinutes ?? PlainEstimate.AssumedMinutes) * 60_000 * share;
        foreach (var (stretch, windows) in Left(state, service, from))
        {
            work -= (double)windows * (stretch.To.Milliseconds - stretch.From.Milliseconds);
            if (work <= 0) return true;
        }
        return false;
    }

    /// <summary>What is left to somebody who gets no number now: when numbers are given again for a time in which the service is staffed, and the first free slot.</summary>
    public static IReadOnlyList<Alternative> Alternatives(HallState state, ServiceSettings service, Instant at)
    {
        var bookable = service.Appointments?.DaysAhead ?? -1;
        var (session, appointment, ahead) = ((Instant?)null, (Instant?)null, 0);
        foreach (var timeline in Timetable.From(state, Math.Max(Timetable.DaysAhead, bookable)))
        {
            if (ahead <= Timetable.DaysAhead) session ??= NextIssuing(state, service, timeline, at);
            if (ahead <= bookable) appointment ??= Slots.FirstFree(state, service, timeline, at);
            ahead++;
            if ((session is not null || ahead > Timetable.DaysAhead) && (appointment is not null || ahead > bookable)) break;
        }
        var others = new List<Alternative>(2);
        if (session is { } from) others.Add(new Alternative("session", from));
        if (appointment is { } slot) others.Add(new Alternative("appointment", slot));
        return others;
    }

    /// <summary>When numbers are given again for a time in which the service, or each of a joint one's, is staffed; null where not within 31 days.</summary>
    public static Instant? NextIssuing(HallState state, ServiceSettings service, Instant at)
    {
        foreach (var timeline in Timetable.From(state, Timetable.DaysAhead))
            if (NextIssuing(state, service, timeline, at) is { } from) return from;
        return null;
    }

    private static Instant? NextIssuing(HallState state, ServiceSettings service, DayTimeline timeline, Instant at)
    {
        foreach (var issuing in timeline.Issuing)
            if (issuing.From > at && Items(state, service).All(item => timeline.Intervals.Any(i => i.Stretch.To > issuing.From && i.Windows.Any(w => Does(state, i, w, item))))) return issuing.From;
        return null;
    }

    private static IEnumerable<ServiceSettings> Items(HallState state, ServiceSettings service) =>
        service.Legs.Count == 0 ? [service] : service.Legs.Select(leg => state.Settings.ServiceById[leg.Service]);
}
