using HallOps.Core.Calendars;

namespace HallOps.Core.Halls;

public static partial class Hall
{
    /// <summary>When time alone changes this hall next; never null once the hall exists, since days end.</summary>
    public static Instant? DueAt(HallState state) => state.Exists ? Earliest(state).At : null;

    /// <summary>
    /// The next event that time alone brings about by <paramref name="now"/>, with its own moment; null when nothing is due. Before any command the hall applies these one by one until
    /// none is left, so that it does not matter when, how often or whether it is poked.
    /// </summary>
    public static (HallEvent Event, Instant At)? NextDue(HallState state, Instant now)
    {
        if (!state.Exists) return null;
        var due = Earliest(state);
        if (due.At > now) return null;
        // A document may bring a moment forward to before it was there (a shorter wait, another time zone): then it is due at once.
        if (due.At < state.At) due.At = state.At;
        return (due.What switch
        {
            Due.Void => new TicketVoided(due.Ticket!.Id.Ordinal),
            Due.Start => new ServiceStarted(due.Ticket!.Id.Ordinal, due.Ticket.Leg.Number, due.Ticket.Leg.Window!.Value, StartKind.Time, due.At),
            Due.EndNotice => new NoticeEnded(due.Notice),
            Due.Back => Back(state, due.Ticket!),
            Due.Release => new AppointmentReleased(state.Appointments.FirstToRelease!.Code),
            Due.EndOfDay => EndDay(state, now),
            _ => (HallEvent)new DayForgotten(state.ToForget.Peek().Day),
        }, due.At);
    }

    private enum Due { Void, Start, EndOfDay, Forget, EndNotice, Back, Release }

    private static (Due What, Instant At, Ticket? Ticket, long Notice) Earliest(HallState state)
    {
        (Due What, Instant At, Ticket? Ticket, long Notice) first = (Due.EndOfDay, state.DayEndsAt, null, 0);
        if (state.ToForget.TryPeek(out var forget) && forget.At <= first.At) first = (Due.Forget, forget.At, null, 0);
        if (state.Unprinted.TryPeek(out var unprinted) && unprinted.IssuedAt + PrintWithin <= first.At) first = (Due.Void, unprinted.IssuedAt + PrintWithin, unprinted, 0);
        foreach (var notice in state.Notices)
            if (notice.Until < first.At) first = (Due.EndNotice, notice.Until, null, notice.Id);
        foreach (var away in state.Away)
            if (away.Until < first.At) first = (Due.Back, away.Until, away.Ticket, 0);
        if (state.Appointments.FirstToRelease is { } awaited && awaited.Until < first.At) first = (Due.Release, awaited.Until, null, 0);
        var autoStart = state.Settings.Calling.AutoStartSeconds;
        if (autoStart <= 0) return first;
        foreach (var ticket in state.Summoned)
        {
            var start = new Instant(ticket.Leg.LastCallAt!.Value.Milliseconds + autoStart * 1000L);
            if (start < first.At) first = (Due.Start, start, ticket, 0);
        }
        return first;
    }

    private static DayEnded EndDay(HallState state, Instant now)
    {
        // Days that passed while nobody looked saw no visit: the next day is the one that runs now.
        var zone = state.Settings.Calendar.Zone;
        var next = ServiceDay.At(Instant.Max(now, state.DayEndsAt), zone);
        if (next <= state.Day) next = state.Day.AddDays(1);
        return new DayEnded(state.Day, next, ServiceDay.EndOf(next, zone));
    }
}
