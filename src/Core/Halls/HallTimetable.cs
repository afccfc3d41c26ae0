namespace HallOps.Core.Halls;

// The calendar runs the hall: moments are reached, windows that are no more on duty leave, those that are again come back, who is not there is stood in for.
public static partial class Hall
{
    /// <summary>Whether a window may be open now.</summary>
    internal static bool IsScheduled(HallState state, WindowState window) => state.Schedule is null || window.Scheduled is not null;

    /// <summary>Whether anybody is served by the calendar now.</summary>
    internal static bool IsOpen(HallState state) => state.Suspension is null && state.Schedule is null or { Session: not null };

    private static void Announce(HallState state, HolidaysAnnounced e, Instant at)
    {
        state.Holidays = e.Holidays;
        state.DayEndsAt = e.DayEndsAt;
        ReadAnew(state, at);
    }

    /// <summary>The calendar is looked at again at once.</summary>
    private static void ReadAnew(HallState state, Instant at)
    {
        if (state.Schedule is not null) state.Schedule = state.Schedule with { Until = at };
    }

    private static void Reach(HallState state, HallSchedule schedule, Instant at)
    {
        state.Schedule = schedule;
        // Another person has the whole grace, from the moment that person is expected.
        foreach (var window in state.Windows.Values)
            if (window.Scheduled is { } before && schedule.Windows.FirstOrDefault(w => w.Window == before.Window) is { } now && now.Staff != before.Staff) window.ExpectedSince = null;
        SetSchedule(state);
        foreach (var window in state.Windows.Values)
        {
            if (window.Scheduled is null) (window.ExpectedSince, window.StandInAt) = (null, null);
            else window.ExpectedSince ??= at;
            // It was released until then: what follows may be another session of extended hours.
            if (!schedule.UntilServed || window.PausedUntil <= at) window.IsReleased = false;
        }
        ReofferAll(state);
    }

    private static void StandIn(HallState state, StandInChanged e)
    {
        WindowOf(state, e.Window).StandInAt = e.At;
        ReofferAll(state);
    }

    /// <summary>Tells the windows what the schedule has for them.</summary>
    internal static void SetSchedule(HallState state)
    {
        foreach (var window in state.Windows.Values) window.Scheduled = null;
        if (state.Schedule is not { } schedule)
        {
            foreach (var window in state.Windows.Values) (window.ExpectedSince, window.StandInAt, window.IsReleased) = (null, null, false);
            return;
        }
        // A document may have taken a window away since.
        foreach (var scheduled in schedule.Windows)
            if (state.Windows.TryGetValue(scheduled.Window, out var window)) window.Scheduled = scheduled;
    }

    /// <summary>A window's lines with those it takes along, each with the lesser of the two handicaps and gates.</summary>
    private static List<ProfileLine> WithTakenAlong(HallState state, WindowState window)
    {
        var lines = window.Profile.ToList();
        foreach (var other in state.Windows.Values)
        {
            if (other == window || !(other.StandInAt == window.Settings.Window || window.Scheduled!.AlsoFor.Contains(other.Settings.Window))) continue;
            foreach (var line in other.Profile)
            {
                var at = lines.FindIndex(l => l.Line == line.Line);
                if (at < 0) lines.Add(line);
                else lines[at] = new ProfileLine(line.Line, Math.Min(lines[at].AfterMinutes, line.AfterMinutes), Math.Min(lines[at].OnlyAfterWaitMinutes, line.OnlyAfterWaitMinutes));
            }
        }
        return lines;
    }

    /// <summary>Finds what the calendar moves, whenever a window or the schedule changed: so that looking for what is due next looks at those only.</summary>
    internal static void ListMoves(HallState state)
    {
        state.Leaving.Clear();
        state.Waking.Clear();
        state.StandIns.Clear();
        foreach (var window in state.Windows.Values)
        {
            if (window.Pause == PauseReason.Schedule && !window.IsReleased && IsScheduled(state, window) && window.Occupant == window.PausedWith) state.Waking.Add(window);
            if (state.Schedule is null) continue;
            if (window.CanCall && window.Scheduled is null) state.Leaving.Add(window);
            if (window.StandInAt is { } at)
            {
                // While its B only pauses, the window to go to is still that one.
                if (window.Occupant is not null || !(state.Find(at) is { Scheduled: not null, Occupant: { } there } && there.Staff is { } b && b == window.Scheduled?.StandIn)) state.StandIns.Add((window, null, state.At));
            }
            else if (window.Occupant is null && window.Scheduled?.StandIn is { } standIn && window.ExpectedSince is { } since)
            {
                foreach (var own in state.Windows.Values)
                    if (own.CanCall && own.Scheduled is not null && own.Occupant!.Staff == standIn)
                        state.StandIns.Add((window, own.Settings.Window, Instant.Max(state.At, since + TimeSpan.FromMinutes(state.Settings.Calling.StandInAfterMinutes))));
            }
        }
    }
}
