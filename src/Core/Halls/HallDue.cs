using HallOps.Core.Calendars;

namespace HallOps.Core.Halls;

public static partial class Hall
{
    /// <summary>When time alone changes this hall next; never null once the hall exists, since days end.</summary>
    /// <param name="announced">The holidays announced by now; null: those the hall has.</param>
    public static Instant? DueAt(HallState state, HolidayTable? announced = null) => state.Exists ? Earliest(state, announced).At : null;

    /// <summary>
    /// The next event that time alone brings about by <paramref name="now"/>, with its own moment; null when nothing is due. Before any command the hall applies these one by one until
    /// none is left, so that it does not matter when, how often or whether it is poked.
    /// </summary>
    /// <param name="announced">The holidays announced by now; null: those the hall has.</param>
    public static (HallEvent Event, Instant At)? NextDue(HallState state, Instant now, HolidayTable? announced = null)
    {
        if (!state.Exists) return null;
        var due = Earliest(state, announced);
        if (due.At > now) return null;
        // A document may bring a moment forward to before it was there (a shorter wait, another time zone): then it is due at once.
        if (due.At < state.At) due = due with { At = state.At };
        return (due.What switch
        {
            Due.Void => new TicketVoided(due.Ticket!.Id.Ordinal),
            Due.Start => new ServiceStarted(due.Ticket!.Id.Ordinal, due.Ticket.Leg.Number, due.Ticket.Leg.Window!.Value, StartKind.Time, due.At),
            Due.EndNotice => new NoticeEnded(due.Notice),
            Due.Back => Back(state, due.Ticket!),
            Due.Announce => new HolidaysAnnounced(announced!, state.Settings.Calendar.EndOf(state.Day, announced!)),
            Due.Schedule => new ScheduleReached(Timetable.At(state, due.At)),
            Due.Leave => new WindowPaused(due.Window!.Settings.Window, PauseReason.Schedule, ReopensAt(state, due.Window)),
            Due.Wake => new WindowResumed(due.Window!.Settings.Window),
            Due.StandIn => StandInOf(state, due.Window!),
            Due.Release => new AppointmentReleased(state.Appointments.FirstToRelease!.Code),
            Due.EndOfDay => EndDay(state, now),
            _ => (HallEvent)new DayForgotten(state.ToForget.Peek().Day),
        }, due.At);
    }

    // A method of its own: what captures the window would be made whenever somebody looks what is due.
    private static StandInChanged StandInOf(HallState state, WindowState window) => new(window.Settings.Window, state.StandIns.Find(s => s.Window == window).To);

    private enum Due { Void, Start, EndOfDay, Forget, EndNotice, Back, Release, Announce, Schedule, Leave, Wake, StandIn }

    private readonly record struct DueItem(Due What, Instant At, Ticket? Ticket = null, long Notice = 0, WindowState? Window = null);

    private static DueItem Earliest(HallState state, HolidayTable? announced)
    {
        var first = new DueItem(Due.EndOfDay, state.DayEndsAt);
        if (state.ToForget.TryPeek(out var forget) && forget.At <= first.At) first = new(Due.Forget, forget.At);
        if (state.Unprinted.TryPeek(out var unprinted) && unprinted.IssuedAt + PrintWithin <= first.At) first = new(Due.Void, unprinted.IssuedAt + PrintWithin, unprinted);
        if (!state.Settings.Calendar.Always) first = OfCalendar(state, announced, first);
        if (state.Waking.Count > 0 && state.At < first.At) first = new(Due.Wake, state.At, Window: state.Waking[0]);
        if (state.Schedule is { UntilServed: true } && state.At < first.At)
            foreach (var window in state.Windows.Values)
                if (Releasable.IsNeededAgain(state, window))
                {
                    first = new(Due.Wake, state.At, Window: window);
                    break;
                }
        foreach (var notice in state.Notices)
            if (notice.Until < first.At) first = new(Due.EndNotice, notice.Until, Notice: notice.Id);
        foreach (var away in state.Away)
            if (away.Until < first.At) first = new(Due.Back, away.Until, away.Ticket);
        if (state.Appointments.FirstToRelease is { } awaited && awaited.Until < first.At) first = new(Due.Release, awaited.Until);
        var autoStart = state.Settings.Calling.AutoStartSeconds;
        if (autoStart <= 0) return first;
        foreach (var ticket in state.Summoned)
        {
            var start = new Instant(ticket.Leg.LastCallAt!.Value.Milliseconds + autoStart * 1000L);
            if (start < first.At) first = new(Due.Start, start, ticket);
        }
        return first;
    }

    private static DayEnded EndDay(HallState state, Instant now)
    {
        // Days that passed while nobody looked saw no visit: the next day is the one that runs now.
        var calendar = state.Settings.Calendar;
        var next = calendar.DayAt(Instant.Max(now, state.DayEndsAt), state.Holidays);
        if (next <= state.Day) next = state.Day.AddDays(1);
        return new DayEnded(state.Day, next, calendar.EndOf(next, state.Holidays));
    }

    // ---- the calendar

    private static DueItem OfCalendar(HallState state, HolidayTable? announced, DueItem first)
    {
        // What is announced is read before the next moment is.
        if (announced is not null && state.Settings.Calendar.FollowsChina && !ReferenceEquals(announced, state.Holidays) && state.At <= first.At && !announced.Equals(state.Holidays)) return new(Due.Announce, state.At);
        if (state.Schedule is not { } schedule) return state.At < first.At ? new(Due.Schedule, state.At) : first;
        if (schedule.Until is { } until && until < first.At) first = new(Due.Schedule, until);
        foreach (var window in state.Leaving)
            if (window.Present is null && state.At < first.At) first = new(Due.Leave, state.At, Window: window);
        foreach (var (window, _, at) in state.StandIns)
            if (at < first.At) first = new(Due.StandIn, at, Window: window);
        if (schedule.UntilServed)
            foreach (var window in state.Windows.Values)
                if (Releasable.From(state, window) is { } at && at < first.At) first = new(Due.Leave, at, Window: window);
        return first;
    }

    /// <summary>When a window that pauses by the schedule is expected again, by what the calendar says now.</summary>
    internal static Instant? ReopensAt(HallState state, WindowState window) =>
        window.Scheduled is { } scheduled ? scheduled.Again : state.Schedule?.Resting.FirstOrDefault(r => r.Window == window.Settings.Window)?.ReopensAt;
}
