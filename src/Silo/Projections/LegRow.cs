using HallOps.Core.Halls;

namespace HallOps.Silo.Projections;

/// <summary>A leg as analysts see it: a row of the table <c>legs</c>, whole. Times are milliseconds since 1970-01-01Z.</summary>
internal sealed record LegRow(long Hall, long Ticket, int Leg, string Number, string Day, string Service, string Line, string Class, TicketSource Source, long IssuedAt, long Since,
    long? CalledAt, long? FirstCalledAt, long? StartedAt, StartKind? StartKind, long? FinishedAt, string? Window, string? Staff, LegOutcome Outcome, FinishOutcome? FinishOutcome,
    CallReason? Reason, int Overtook, int Times, int Misses, Grade? Grade, TicketState State)
{
    public static LegRow Of(Ticket ticket) => Of(ticket, ticket.Leg, ticket.State);

    // An ended leg of a visit that goes on.
    private static LegRow Earlier(Ticket ticket, Leg leg) => Of(ticket, leg, TicketState.Finished);

    private static LegRow[] All(Ticket ticket) => [.. ticket.Legs.Select(leg => Of(ticket, leg, HallPicture.StateOf(ticket, leg)))];

    private static LegRow Of(Ticket ticket, Leg leg, TicketState state)
    {
        return new LegRow(ticket.Id.Hall, ticket.Id.Ordinal, leg.Number, ticket.Number, ticket.Day.ToString("O", System.Globalization.CultureInfo.InvariantCulture), leg.Service.Value, leg.Line.Value, ticket.Class.Value, ticket.Source,
            ticket.IssuedAt.Milliseconds, leg.Since.Milliseconds, leg.CalledAt?.Milliseconds, leg.FirstCalledAt?.Milliseconds, leg.StartedAt?.Milliseconds, leg.StartKind, leg.FinishedAt?.Milliseconds,
            leg.Window?.Value, leg.Staff?.Value, leg.Outcome, leg.FinishOutcome, leg.Reason, leg.Overtook, leg.Times, ticket.Misses, leg.Grade, state);
    }

    /// <summary>The legs an event changed, from the state right after it.</summary>
    public static LegRow[] ChangedBy(HallEvent @event, HallState state)
    {
        return @event switch
        {
            TicketIssued e => One(e.Ticket),
            JointBegun e => One(e.Ticket),
            LegBegun e => One(e.Ticket),
            TicketPrinted e => One(e.Ticket),
            AppointmentCheckedIn e => One(e.Ticket),
            TicketVoided e => One(e.Ticket),
            TicketCalled e => One(e.Ticket),
            TicketRecalled e => One(e.Ticket),
            ServiceStarted e => One(e.Ticket),
            ServiceFinished e => state.Tickets[e.Ticket] is var ticket && ticket.Leg.Number != e.Leg ? Two(ticket) : One(e.Ticket),
            TicketMissed e => One(e.Ticket),
            TicketReturned e => One(e.Ticket),
            TicketHeld e => One(e.Ticket),
            TicketAway e => One(e.Ticket),
            TicketBack e => One(e.Ticket),
            TicketChanged e => Two(state.Tickets[e.Ticket]),
            TicketTransferred e => Two(state.Tickets[e.Ticket]),
            ClassChanged e => All(state.Tickets[e.Ticket]),
            TicketCancelled e => One(e.Ticket),
            TicketExpired e => One(e.Ticket),
            ServiceRated e when state.Tickets[e.Ticket] is var ticket && ticket.Leg.Number != e.Leg => [Earlier(ticket, ticket.LegOf(e.Leg)!)],
            ServiceRated e => One(e.Ticket),
            // Their services may be of other lines now.
            HallConfigured => [.. state.Tickets.Where(t => !t.Ended).SelectMany(Running)],
            DayEnded e => [.. state.Tickets.Where(t => t.Day == e.Day).SelectMany(Running)],
            _ => [],
        };

        LegRow[] One(long ticket) => Running(state.Tickets[ticket]);

        // What becomes of one leg of a joint visit is the others' business too; there are few of them.
        static LegRow[] Running(Ticket ticket) => ticket.Joint is null ? [Of(ticket)] : All(ticket);

        // The leg that ended and the one that began.
        static LegRow[] Two(Ticket ticket) => ticket.Joint is null ? [Earlier(ticket, ticket.Earlier[^1]), Of(ticket)] : All(ticket);
    }
}
