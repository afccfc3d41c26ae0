using HallOps.Core.Calendars;

namespace HallOps.Core.Halls;

/// <summary>
/// What the calendar makes of a hall from one of its moments to the next. Recorded whole as it is reached: a replay needs no calendar, and a calendar read differently by a later program changes no
/// day that is over.
/// </summary>
/// <param name="Session">The session that runs; null between sessions.</param>
/// <param name="Until">The next moment of the running day; null when none is left before its end.</param>
/// <param name="Issuing">Numbers may be taken.</param>
/// <param name="AppointmentOnly">The session's numbers are for those who booked.</param>
/// <param name="UntilServed">Windows leave when nobody is left for them.</param>
/// <param name="OpensAt">When the next session begins, where none runs; null where none does within 31 days.</param>
/// <param name="IssuesAt">When numbers may be taken again, where they may not; null where not within 31 days.</param>
/// <param name="Services">What the session is cut to; null: everything.</param>
/// <param name="Windows">Those that may be open, in the document's order.</param>
/// <param name="Resting">All others, in the document's order.</param>
public sealed record HallSchedule(SessionKind? Session, Instant? Until, bool Issuing, bool AppointmentOnly, bool UntilServed, Instant? OpensAt, Instant? IssuesAt, IReadOnlyList<ServiceId>? Services,
    IReadOnlyList<ScheduledWindow> Windows, IReadOnlyList<RestingWindow> Resting);

/// <param name="Staff">Who is expected; null: anybody.</param>
/// <param name="StandIn">The B of its row, where its A is expected.</param>
/// <param name="AlsoFor">Windows whose services it takes along.</param>
/// <param name="Again">When it is expected after this session, where windows leave before its end; null where that is not said.</param>
public sealed record ScheduledWindow(WindowId Window, StaffId? Staff, PostRole? Role, StaffId? StandIn, IReadOnlyList<WindowId> AlsoFor, Instant? Again);

/// <param name="Reason">Why nobody serves it, where its session opens it; null where no session does.</param>
/// <param name="GoTo">Where its visitors go meanwhile.</param>
/// <param name="ReopensAt">Null where it does not within 31 days.</param>
public sealed record RestingWindow(WindowId Window, ClosedReason? Reason, WindowId? GoTo, Instant? ReopensAt);

/// <summary>Reads a hall's calendar at a moment.</summary>
internal static class Timetable
{
    /// <summary>How far ahead a reopening is looked for.</summary>
    public const int DaysAhead = 31;

    /// <summary>The running day, or another one, compiled.</summary>
    public static DayTimeline Of(HallState state, DateOnly day) => state.Settings.Calendar.Of(day, state.Holidays);

    /// <summary>The dates after the running one, as far ahead as a reopening is looked for.</summary>
    public static IEnumerable<DayTimeline> After(HallState state) => state.Settings.Calendar.Between(state.Day.AddDays(1), state.Day.AddDays(DaysAhead), state.Holidays);

    /// <summary>The running day and the dates after it, each compiled as it is looked at and once; only the running one is remembered.</summary>
    public static IEnumerable<DayTimeline> From(HallState state, int daysAhead) =>
        state.Settings.Calendar.Between(state.Day.AddDays(1), state.Day.AddDays(daysAhead), state.Holidays).Prepend(Of(state, state.Day));

    /// <summary>What holds from an instant of the running day on.</summary>
    public static HallSchedule At(HallState state, Instant at)
    {
        var today = Of(state, state.Day);
        var interval = today.Intervals.FirstOrDefault(i => i.Stretch.Contains(at));
        var issuing = today.Issuing.Any(s => s.Contains(at));
        var next = new Search(state.Settings, interval, at);
        next.Look(today);
        foreach (var day in After(state))
        {
            if (next.IsDone) break;
            next.Look(day);
        }
        return new HallSchedule(interval?.Session, NextMoment(today, at), issuing, interval?.AppointmentOnly ?? AppointmentOnlyAfter(today, at), interval?.UntilServed ?? false,
            interval is null ? next.OpensAt : null, issuing ? null : next.IssuesAt, interval?.SessionServices is { } cut ? [.. state.Settings.Services.Select(s => s.Service).Where(cut.Contains)] : null,
            interval is null ? [] : [.. interval.Windows.Select(w => new ScheduledWindow(w.Window, w.Staff, w.Role, w.StandIn, w.AlsoFor, interval.UntilServed ? next.Of(w.Window) : null))],
            [.. state.Settings.Windows.Where(w => interval is null || !interval.Windows.Any(s => s.Window == w.Window)).Select(w => Resting(state, interval, w.Window, next.Of(w.Window)))]);
    }

    /// <summary>Between sessions it is the next one that matters: a kiosk is asked before the doors open.</summary>
    private static bool AppointmentOnlyAfter(DayTimeline today, Instant at) => today.Intervals.FirstOrDefault(i => i.Stretch.From >= at)?.AppointmentOnly ?? false;

    private static Instant? NextMoment(DayTimeline today, Instant at)
    {
        Instant? next = null;
        foreach (var interval in today.Intervals) Take(interval.Stretch);
        foreach (var issuing in today.Issuing) Take(issuing);
        return next;

        void Take(Stretch stretch)
        {
            if (stretch.From > at && !(stretch.From >= next)) next = stretch.From;
            // What ends with the day ends by the end of the day.
            if (stretch.To > at && stretch.To < today.Ends && !(stretch.To >= next)) next = stretch.To;
        }
    }

    private static RestingWindow Resting(HallState state, TimelineInterval? interval, WindowId window, Instant? reopensAt)
    {
        var closed = interval?.Closed.FirstOrDefault(c => c.Window == window);
        return new RestingWindow(window, closed?.Reason, closed?.GoTo ?? (interval is null ? null : GoTo(state, interval, window)), reopensAt);
    }

    /// <summary>The window on duty that serves most of another one's own lines, as its own where one does; null where none serves any.</summary>
    private static WindowId? GoTo(HallState state, TimelineInterval interval, WindowId from)
    {
        (WindowId? Window, int Lines, int Own) best = (null, 0, 0);
        foreach (var there in interval.Windows)
        {
            var (lines, own) = (0, 0);
            foreach (var line in state.Windows[from].Profile)
            {
                if (line.AfterMinutes > 0 || !state.Settings.Services.Any(s => s.Line == line.Line && Staffing.Does(state, interval, there, s))) continue;
                lines++;
                if (state.Windows[there.Window].Profile.Any(p => p.Line == line.Line && p.AfterMinutes == 0)) own++;
            }
            if (lines > best.Lines || (lines == best.Lines && own > best.Own)) best = (there.Window, lines, own);
        }
        return best.Window;
    }

    /// <summary>When things begin after an instant: found date by date, as far as asked for.</summary>
    private sealed class Search(HallSettings settings, TimelineInterval? now, Instant at)
    {
        private readonly Dictionary<WindowId, Instant> _windows = [];
        // One that no row names is never staffed: nobody need look for it.
        private readonly int _wanted = settings.Windows.Count(w => (now is null || now.UntilServed || !now.Windows.Any(n => n.Window == w.Window)) && (settings.Calendar.Roster.Count == 0 || settings.Calendar.Roster.Any(r => r.Window == w.Window)));

        public Instant? OpensAt { get; private set; }
        public Instant? IssuesAt { get; private set; }
        public bool IsDone => OpensAt is not null && IssuesAt is not null && _windows.Count >= _wanted;

        public Instant? Of(WindowId window) => _windows.TryGetValue(window, out var from) ? from : null;

        public void Look(DayTimeline day)
        {
            foreach (var interval in day.Intervals)
            {
                // The session that runs is not one that comes: what it releases is back in the next.
                if (interval.Stretch.From <= at || (now is { UntilServed: true } && interval.SessionStretch == now.SessionStretch)) continue;
                OpensAt ??= interval.Stretch.From;
                foreach (var window in interval.Windows)
                    if (now is null || now.UntilServed || !now.Windows.Any(w => w.Window == window.Window)) _windows.TryAdd(window.Window, interval.Stretch.From);
            }
            foreach (var issuing in day.Issuing)
                if (issuing.From > at) IssuesAt ??= issuing.From;
        }
    }
}
