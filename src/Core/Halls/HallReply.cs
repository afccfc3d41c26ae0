namespace HallOps.Core.Halls;

public static partial class Hall
{
    /// <summary>What the events of one command are answered with, from the state right after them. At least one event.</summary>
    public static HallReply? ReplyTo(HallState state, EventList events)
    {
        // What a number is issued with follows it.
        if (events[0] is TicketIssued first)
            return events[^1] is AppointmentCheckedIn come ? new CheckedInReply(Issued(state, first, mayNotBeServed: false), come.Code, AppointmentOf(state, come.Code).Slot, come.Late) : Issued(state, first, MayNotBeServed(state, first));
        TicketReply? finished = null;
        foreach (var e in events)
            if (e is ServiceFinished f && TicketOf(state, f.Ticket) is var done) finished = Show(state, done, done.LegOf(f.Leg));
        return events[^1] switch
        {
            TicketCalled e => new NextReply(finished, Show(state, TicketOf(state, e.Ticket))),
            ServiceFinished or SlipGiven => new NextReply(finished, null),
            TicketPrinted e => Holder(TicketOf(state, e.Ticket)),
            TicketCancelled e => Holder(TicketOf(state, e.Ticket)),
            TicketRecalled e => Show(state, TicketOf(state, e.Ticket)),
            ServiceStarted e => Show(state, TicketOf(state, e.Ticket)),
            TicketMissed e => Show(state, TicketOf(state, e.Ticket)),
            TicketExpired e => Show(state, TicketOf(state, e.Ticket)),
            TicketReturned e => Show(state, TicketOf(state, e.Ticket)),
            TicketChanged e => Show(state, TicketOf(state, e.Ticket)),
            TicketHeld e => Show(state, TicketOf(state, e.Ticket)),
            TicketAway e => Holder(TicketOf(state, e.Ticket)),
            TicketBack e => Show(state, TicketOf(state, e.Ticket)),
            TicketTransferred e => Show(state, TicketOf(state, e.Ticket)),
            StageMarked e => Show(state, TicketOf(state, e.Ticket)),
            ClassChanged e => Show(state, TicketOf(state, e.Ticket)),
            OwnerChanged e => Show(state, TicketOf(state, e.Ticket)),
            ServiceRated e when TicketOf(state, e.Ticket) is var t => new RatingReply(t.Id, t.Number, e.Leg, e.Grade),
            WindowOpened e => Show(WindowOf(state, e.Window)),
            WindowTakenOver e => Show(WindowOf(state, e.Window)),
            WindowClosed e => Show(WindowOf(state, e.Window)),
            WindowPaused e => Show(WindowOf(state, e.Window)),
            WindowResumed e => Show(WindowOf(state, e.Window)),
            WindowProfileChanged e => Show(WindowOf(state, e.Window)),
            NoticePosted e => new NoticeReply(state.Sequence, e.Until),
            NoticeEnded e => new NoticeReply(e.Notice, state.At),
            AppointmentBooked e => Show(AppointmentOf(state, e.Code)),
            AppointmentMoved e => Show(AppointmentOf(state, e.Code)),
            AppointmentCancelled e => new AppointmentReply(e.Code, e.Service, e.Slot, null, null, AppointmentState.Cancelled),
            Suspended or Resumed => Suspensions(state),
            HallConfigured => new ConfiguredReply(state.Settings.Hall, state.Number, state.Document.Version, Created: state.Sequence == 1),
            _ => null,
        };
    }

    /// <summary>What a command that changes nothing is answered with; such an answer is not remembered.</summary>
    public static HallReply? ReplyToNothing(HallState state, HallCommand command) => command switch
    {
        CallNext or Next => new NextReply(null, null),
        ChangeTicket c => Show(state, TicketOf(state, c.Ticket.Ordinal)),
        ChangeClass c => Show(state, TicketOf(state, c.Ticket.Ordinal)),
        MarkStage or AcceptMatter => Show(state, WindowOf(state, ((WindowCommand)command).Window).Present!),
        MoveAppointment c => Show(AppointmentOf(state, c.Code)),
        WindowCommand c => Show(WindowOf(state, c.Window)),
        ConfigureHall => new ConfiguredReply(state.Settings.Hall, state.Number, state.Document.Version, Created: false),
        _ => null,
    };

    /// <param name="of">One of its legs; null: the one that runs.</param>
    internal static TicketReply Show(HallState state, Ticket ticket, Leg? of = null)
    {
        var leg = of ?? ticket.Leg;
        var overtaken = leg.FirstOvertaken is { } first && state.Tickets.TryGetValue(first, out var t) ? t.Number : null;
        return new TicketReply(ticket.Id, ticket.Number, leg.Line, leg.Service, ticket.Class, ticket.State, leg.Since, leg.CalledAt, leg.Times, leg.Reason, leg.Overtook, overtaken, leg.FinishOutcome);
    }

    private static WindowReply Show(WindowState window) =>
        new(window.Settings.Window, window.Status, window.Occupant?.Account, window.Occupant?.Staff, window.Pause, window.PausedUntil, window.Present?.Number);

    private static IssuedReply Issued(HallState state, TicketIssued e, bool mayNotBeServed)
    {
        var ticket = TicketOf(state, e.Ticket);
        return new IssuedReply(ticket.Id, ticket.Number, e.Line, e.Service, e.Printed ? TicketState.Waiting : TicketState.Issued, e.Ahead, e.Estimate, ticket.IssuedAt, mayNotBeServed);
    }

    /// <summary>Whoever takes a number so is told, and chooses.</summary>
    private static bool MayNotBeServed(HallState state, TicketIssued e) =>
        state.Schedule is not null && state.Settings.Admission != Admission.Off && state.Settings.ServiceById[e.Service] is { Legs.Count: 0 } service && !Staffing.Fits(state, service, e.Ahead, 1, state.At);

    private static AppointmentReply Show(Appointment a) => new(a.Code, a.Service, a.Slot, a.From, a.Until, a.State);

    private static HolderReply Holder(Ticket ticket) => new(ticket.Id, ticket.Number, ticket.State);

    private static SuspensionReply Suspensions(HallState state) => new(
        state.Suspension is not null,
        [.. state.Settings.Lines.Select(l => l.Line).Where(l => state.Lines[l].Suspension is not null)],
        [.. state.Settings.Services.Select(s => s.Service).Where(state.SuspendedServices.ContainsKey)]);
}
