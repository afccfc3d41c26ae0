using HallOps.Core.Halls;

namespace HallOps.Silo.Projections;

/// <summary>A leg as analysts see it: a row of the table <c>legs</c>, whole but for what only some events say. Times are milliseconds since 1970-01-01Z.</summary>
/// <param name="Said">What the event said that is not in the hall's state.</param>
internal sealed record LegRow(long Hall, long Ticket, int Leg, string Number, string Day, string Service, string Line, string Class, TicketSource Source, long IssuedAt, long Since,
    long? CalledAt, long? FirstCalledAt, long? StartedAt, StartKind? StartKind, long? FinishedAt, string? Window, string? Staff, LegOutcome Outcome, FinishOutcome? FinishOutcome,
    CallReason? Reason, int Overtook, int Times, int Misses, Grade? Grade, TicketState State, int ToldBefore, LegSaid Said)
{
    /// <summary>This row after an earlier one of the same leg.</summary>
    public LegRow After(LegRow earlier) => this with { Said = Said.After(earlier.Said) };

    private static LegRow Of(Ticket ticket, Leg leg, TicketState state, string day, in LegSaid said)
    {
        return new LegRow(ticket.Id.Hall, ticket.Id.Ordinal, leg.Number, ticket.Number, day, leg.Service.Value, leg.Line.Value, ticket.Class.Value, ticket.Source,
            ticket.IssuedAt.Milliseconds, leg.Since.Milliseconds, leg.CalledAt?.Milliseconds, leg.FirstCalledAt?.Milliseconds, leg.StartedAt?.Milliseconds, leg.StartKind, leg.FinishedAt?.Milliseconds,
            leg.Window?.Value, leg.Staff?.Value, leg.Outcome, leg.FinishOutcome, leg.Reason, leg.Overtook, leg.Times, ticket.Misses, leg.Grade, state, ticket.Told, said);
    }

    /// <summary>The legs an event changed, from the state right after it.</summary>
    /// <param name="days">Texts of days.</param>
    public static LegRow[] ChangedBy(HallEvent @event, HallState state, DayTexts days)
    {
        var rows = new Rows(@event, state, days, @event is DayEnded day ? ClosedAt(state, day.Day) : null);
        return @event switch
        {
            TicketIssued e => rows.One(e.Ticket),
            JointBegun e => rows.One(e.Ticket),
            SlipShown e => rows.One(e.Ticket),
            LegBegun e => rows.One(e.Ticket),
            TicketPrinted e => rows.One(e.Ticket),
            AppointmentCheckedIn e => rows.One(e.Ticket),
            TicketVoided e => rows.One(e.Ticket),
            TicketCalled e => rows.One(e.Ticket),
            TicketRecalled e => rows.One(e.Ticket),
            ServiceStarted e => rows.One(e.Ticket),
            ServiceFinished e => state.Tickets[e.Ticket] is var ticket && ticket.Leg.Number != e.Leg ? rows.Two(ticket) : rows.One(e.Ticket),
            TicketMissed e => rows.One(e.Ticket),
            TicketReturned e => rows.One(e.Ticket),
            TicketHeld e => rows.One(e.Ticket),
            TicketAway e => rows.One(e.Ticket),
            TicketBack e => rows.One(e.Ticket),
            TicketChanged e => rows.Two(state.Tickets[e.Ticket]),
            TicketTransferred e => rows.Two(state.Tickets[e.Ticket]),
            ClassChanged e => rows.All(state.Tickets[e.Ticket]),
            TicketCancelled e => rows.One(e.Ticket),
            TicketExpired e => rows.One(e.Ticket),
            ServiceRated e when state.Tickets[e.Ticket] is var ticket && ticket.Leg.Number != e.Leg => [rows.Earlier(ticket, ticket.LegOf(e.Leg)!)],
            ServiceRated e => rows.One(e.Ticket),
            // Their services may be of other lines now.
            HallConfigured => rows.Every(t => !t.Ended),
            // Who was served is nobody's business here.
            DayEnded e => rows.EveryOneLeft(e.Day),
            _ => [],
        };
    }

    /// <summary>Makes the rows of one event. A struct, and without lambdas where every event comes by: they would make an object for each.</summary>
    private readonly struct Rows(HallEvent @event, HallState state, DayTexts days, long? closed)
    {
        public LegRow[] One(long ticket) => Running(state.Tickets[ticket]);

        // The leg that ended and the one that began.
        public LegRow[] Two(Ticket ticket) => ticket.Joint is null ? [Earlier(ticket, ticket.Earlier[^1]), Row(ticket, ticket.Leg, ticket.State)] : All(ticket);

        // An ended leg of a visit that goes on.
        public LegRow Earlier(Ticket ticket, Leg leg) => Row(ticket, leg, TicketState.Finished);

        public LegRow[] All(Ticket ticket)
        {
            var rows = new List<LegRow>();
            foreach (var leg in ticket.Legs) rows.Add(Row(ticket, leg, HallPicture.StateOf(ticket, leg)));
            return [.. rows];
        }

        public LegRow[] Every(Func<Ticket, bool> isMeant)
        {
            var rows = new List<LegRow>();
            foreach (var ticket in state.Tickets)
                if (isMeant(ticket)) rows.AddRange(Running(ticket));
            return [.. rows];
        }

        public LegRow[] EveryOneLeft(DateOnly day) => Every(t => t.Day == day && t.State is TicketState.Expired or TicketState.Void);

        // What becomes of one leg of a joint visit is the others' business too; there are few of them.
        private LegRow[] Running(Ticket ticket) => ticket.Joint is null ? [Row(ticket, ticket.Leg, ticket.State)] : All(ticket);

        private LegRow Row(Ticket ticket, Leg leg, TicketState its) => Of(ticket, leg, its, days.Of(ticket.Day), LegSaid.By(@event, state, ticket, leg, closed));
    }

    /// <summary>When the last session of a day that has ended was over; null where the day had none.</summary>
    private static long? ClosedAt(HallState state, DateOnly day) =>
        state.Settings.Calendar.Of(day, state.Holidays).Intervals is { Count: > 0 } open ? open.Max(i => i.Stretch.To.Milliseconds) : null;
}

/// <summary>
/// What a row says once. Times are of the event that says them and stay; where the service belongs, what it promises and what its line calls in time are as they were when the leg began (of an item that says nothing: its joint service's).
/// </summary>
/// <param name="JoinedAt">When it began to be waited for: issue for the first leg.</param>
/// <param name="EndedAt">When it was not open any more; for those that a day's end found there still, when the hall closed: nobody waits in a closed hall.</param>
/// <param name="ToldLow">The estimate at issue, in milliseconds.</param>
/// <param name="Held">By a hold: wait and walk of the call that was answered, and the service that is broken off, in milliseconds. Later calls say nothing of that any more. Of several the first wait and walk, and the sum of the services.</param>
internal readonly record struct LegSaid(
    long? JoinedAt, long? EndedAt, long? ToldLow, long? ToldMedian, long? ToldHigh, long? RatedAt, string? Department, int? PromisedDays, int? StatutoryDays, int? TargetMinutes, (long Wait, long Walk, long Serving)? Held = null)
{
    /// <param name="closed">Of the end of a day: when the hall closed.</param>
    public static LegSaid By(HallEvent @event, HallState state, Ticket ticket, Leg leg, long? closed)
    {
        var begins = leg.FirstSequence == state.Sequence || (@event is JointBegun && leg.Number == 1);
        long? ended = leg.Outcome == LegOutcome.Open ? null : closed is { } left ? Math.Min(state.At.Milliseconds, Math.Max(left, Math.Max(ticket.IssuedAt.Milliseconds, leg.Since.Milliseconds))) : state.At.Milliseconds;
        if (!begins) return new LegSaid(null, ended, null, null, null, @event is ServiceRated rated && rated.Leg == leg.Number ? state.At.Milliseconds : null, null, null, null, null, @event is TicketHeld held && held.Leg == leg.Number ? HeldOf(leg, state.At) : null);
        var service = state.Settings.ServiceById.GetValueOrDefault(leg.Service);
        var joint = ticket.Joint is { } of ? state.Settings.ServiceById.GetValueOrDefault(of.Service) : null;
        var told = @event is TicketIssued { Estimate: { } estimate } ? estimate : (Estimate?)null;
        return new LegSaid(leg.Number == 1 ? ticket.IssuedAt.Milliseconds : state.At.Milliseconds, ended, told?.LowSeconds * 1000L, told?.MedianSeconds * 1000L, told?.HighSeconds * 1000L, null,
            (service?.Department ?? joint?.Department)?.Value, service?.PromisedDays ?? joint?.PromisedDays, service?.StatutoryDays ?? joint?.StatutoryDays, state.Settings.LineById.GetValueOrDefault(leg.Line)?.TargetMinutes);
    }

    public LegSaid After(in LegSaid earlier) => new(earlier.JoinedAt ?? JoinedAt, earlier.EndedAt ?? EndedAt, earlier.ToldLow ?? ToldLow, earlier.ToldMedian ?? ToldMedian, earlier.ToldHigh ?? ToldHigh,
        earlier.RatedAt ?? RatedAt, Department ?? earlier.Department, PromisedDays ?? earlier.PromisedDays, StatutoryDays ?? earlier.StatutoryDays, TargetMinutes ?? earlier.TargetMinutes,
        earlier.Held is { } first && Held is { } next ? first with { Serving = first.Serving + next.Serving } : earlier.Held ?? Held);

    private static (long Wait, long Walk, long Serving)? HeldOf(Leg leg, Instant at) => leg is { CalledAt: { } called, StartedAt: { } started }
        ? (Math.Max(0, called.Milliseconds - leg.Since.Milliseconds), Math.Max(0, started.Milliseconds - called.Milliseconds), Math.Max(0, at.Milliseconds - started.Milliseconds)) : null;
}

/// <summary>Days as texts, the last one kept: nearly every row is of the same. Not thread-safe.</summary>
internal sealed class DayTexts
{
    private (DateOnly Day, string Text) _last = (default, "");

    public string Of(DateOnly day)
    {
        if (_last.Day != day || _last.Text.Length == 0) _last = (day, day.ToString("O", System.Globalization.CultureInfo.InvariantCulture));
        return _last.Text;
    }
}
