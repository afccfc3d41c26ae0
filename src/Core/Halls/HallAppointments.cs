using HallOps.Core.Calendars;

namespace HallOps.Core.Halls;

// Appointments: slots are booked, moved and cancelled; the visitor checks in, which issues a ticket; time releases what nobody came for.
public static partial class Hall
{
    /// <summary>From so long after its slot a checked-in appointment is called before any score.</summary>
    public static readonly TimeSpan DueAfter = TimeSpan.FromMinutes(10);

    private static Decision Decide(HallState state, BookAppointment command, Instant at)
    {
        if (!state.Settings.ServiceById.TryGetValue(command.Service, out var service)) return Decision.Refuse(RefusalCode.UnknownService, ("service", command.Service.Value));
        if (command.Remote && !state.Settings.RemoteIssue) return Decision.Refuse(RefusalCode.RemoteIssueOff);
        if (service.Identity == Identity.Required && command.Person is null) return Decision.Refuse(RefusalCode.IdentityRequired, ("service", service.Service.Value));
        if (Unbookable(state, service, command.Slot, at, command.Person, null, out var slot) is { } no) return no;
        // The code is drawn outside: whoever drew it draws another one.
        if (state.Appointments.Find(command.Code) is not null) return Decision.Refuse(RefusalCode.CodeTaken);
        var (from, until) = CheckInTimes(state, service.Appointments!, slot);
        return new AppointmentBooked(command.Code, service.Service, slot.Starts, slot.Ends, from, until, command.Person);
    }

    private static Decision Decide(HallState state, MoveAppointment command, Instant at)
    {
        if (Live(state, command.Code, out var refusal) is not { } appointment) return refusal!;
        if (appointment.Slot == command.Slot) return Decision.Nothing;
        // Its number was changed to another service, and the document has lost this one since.
        if (!state.Settings.ServiceById.TryGetValue(appointment.Service, out var service)) return Decision.Refuse(RefusalCode.UnknownService, ("service", appointment.Service.Value));
        if (Unbookable(state, service, command.Slot, at, appointment.Person, appointment.Code, out var slot) is { } no) return no;
        var (from, until) = CheckInTimes(state, service.Appointments!, slot);
        return new AppointmentMoved(appointment.Code, slot.Starts, slot.Ends, from, until);
    }

    private static Decision Decide(HallState state, CancelAppointment command) =>
        Live(state, command.Code, out var refusal) is { } appointment ? new AppointmentCancelled(appointment.Code, appointment.Service, appointment.Slot) : refusal!;

    /// <summary>
    /// In time it is what was promised: neither a suspension nor a full hall stands in its way, since the place was taken before either. Late it is an ordinary number, under the ordinary rules.
    /// </summary>
    private static Decision Decide(HallState state, CheckIn command, Instant at)
    {
        if (state.Appointments.Find(command.Code) is not { } appointment) return Decision.Refuse(RefusalCode.UnknownAppointment);
        if (command.Service is { } service && service != appointment.Service) return Decision.Refuse(RefusalCode.OtherService, ("service", appointment.Service.Value));
        if (appointment.Ticket is { } ordinal && state.Tickets[ordinal] is var there) return Decision.Refuse(RefusalCode.AlreadyCheckedIn, ("number", there.Number), ("id", there.Id.ToString()), ("state", there.State));
        // Not before its own service day, which the calendar may have moved since it was booked: the ticket would expire with the day that runs.
        var from = appointment.Slot >= state.DayEndsAt ? Instant.Max(appointment.From, state.DayEndsAt) : appointment.From;
        if (at < from) return Decision.Refuse(RefusalCode.TooEarlyToCheckIn, ("from", from), ("slot", appointment.Slot));
        var late = appointment.State == AppointmentState.Released;
        var issue = new IssueTicket(appointment.Service, command.Class ?? (late ? null : ClassOfAppointments(state.Settings)), command.Grants | (late ? Grants.None : Grants.Appointment), command.Age,
            appointment.Person ?? command.Person, command.Source, command.Printed, command.Remote, null);
        var issued = Decide(state, issue, at, late ? null : appointment);
        if (issued.Refusal is { } no) return no;
        var ticket = (TicketIssued)issued.Events[0];
        return Decision.Of([.. issued.Events, new AppointmentCheckedIn(appointment.Code, ticket.Ticket, SinceOf(late ? null : appointment, at), late)]);
    }

    /// <summary>From when waiting counts: the later of slot and check-in.</summary>
    private static Instant SinceOf(Appointment? promised, Instant at) => promised is null ? at : Instant.Max(at, promised.Slot);

    /// <summary>The class of those who come with an appointment; null where the hall has none.</summary>
    private static ClassId? ClassOfAppointments(HallSettings settings) =>
        settings.ClassById.TryGetValue(ClassId.Appointment, out var @class) && @class.GrantedBy.HasFlag(Grants.Appointment) ? @class.Class : null;

    /// <summary>An appointment that may still be moved or cancelled.</summary>
    private static Appointment? Live(HallState state, string code, out Refusal? refusal)
    {
        var appointment = state.Appointments.Find(code);
        refusal = appointment switch
        {
            null => new Refusal(RefusalCode.UnknownAppointment),
            { State: AppointmentState.Booked } => null,
            _ => new Refusal(RefusalCode.AppointmentOver, ("state", appointment.State), ("slot", appointment.Slot)),
        };
        return refusal is null ? appointment : null;
    }

    /// <summary>Why nobody, or not this person, may have a slot; null when they may.</summary>
    /// <param name="but">The code of an appointment that would leave its slot for this one.</param>
    private static Refusal? Unbookable(HallState state, ServiceSettings service, Instant starts, Instant at, PersonId? who, string? but, out Slot slot)
    {
        slot = default;
        if (service.Appointments is null) return new Refusal(RefusalCode.NoAppointments, ("service", service.Service.Value));
        if (Slots.Find(state, service, starts, at, out var timeline) is not { } found) return new Refusal(RefusalCode.SlotClosed, ("slot", starts));
        slot = found;
        if (who is { } person && BookedOn(state, person, service.Service, timeline.Date, but) is { } other)
            return new Refusal(RefusalCode.AlreadyBooked, ("appointment", other.Code), ("slot", other.Slot));
        return Slots.RoomOf(state, service, timeline, slot, but).Free > 0 ? null : new Refusal(RefusalCode.SlotFull, ("slot", starts));
    }

    private static Appointment? BookedOn(HallState state, PersonId person, ServiceId service, DateOnly day, string? but)
    {
        var (begins, ends) = BoundsOf(state, day);
        return state.Appointments.Between(begins, ends)
            .FirstOrDefault(a => a.State == AppointmentState.Booked && a.Service == service && a.Person == person && a.Code != but);
    }

    /// <summary>Within the slot's own day: a ticket belongs to the day it is issued in.</summary>
    private static (Instant From, Instant Until) CheckInTimes(HallState state, AppointmentSettings settings, Slot slot)
    {
        var (begins, ends) = BoundsOf(state, Slots.DayOf(state, slot.Starts));
        var until = slot.Starts + TimeSpan.FromMinutes(settings.LateMinutes);
        return (Instant.Max(begins, new Instant(slot.Starts.Milliseconds - settings.EarlyMinutes * 60_000L)), until < ends ? until : ends);
    }

    private static (Instant Begins, Instant Ends) BoundsOf(HallState state, DateOnly day)
    {
        var calendar = state.Settings.Calendar;
        return (calendar.EndOf(day.AddDays(-1), state.Holidays), calendar.EndOf(day, state.Holidays));
    }

    // ---- folding

    private static void Move(HallState state, AppointmentMoved e) =>
        state.Appointments.Put(AppointmentOf(state, e.Code) with { Slot = e.Slot, Ends = e.Ends, From = e.From, Until = e.Until });

    private static void CheckIn(HallState state, AppointmentCheckedIn e)
    {
        var appointment = AppointmentOf(state, e.Code);
        var ticket = TicketOf(state, e.Ticket);
        Leg[] legs = [ticket.Leg, .. ticket.Beside];
        var waits = ticket.State == TicketState.Waiting;
        if (waits)
            foreach (var leg in legs) Leave(leg);
        state.Appointments.Put(appointment with { Ticket = e.Ticket, State = e.Late ? AppointmentState.Released : AppointmentState.CheckedIn });
        foreach (var leg in legs)
        {
            leg.Since = e.Since;
            if (waits) Join(state, state.Lines[leg.Line], leg, WaitingPlace.Open, default);
        }
    }

    /// <summary>A slip that was never printed is not a visit: its appointment is as it was before.</summary>
    private static void UndoCheckIn(HallState state, long ticket)
    {
        if (!state.Appointments.TryOfTicket(ticket, out var appointment)) return;
        state.Appointments.Put(appointment with { Ticket = null, State = appointment.State == AppointmentState.CheckedIn ? AppointmentState.Booked : appointment.State });
    }

    /// <summary>The slot of a leg that waits on an appointment kept in time and was never called: of a joint visit each that began with it. Null for any other.</summary>
    internal static Instant? SlotOf(HallState state, Leg leg) =>
        (leg.Number == 1 || (leg.Ticket.Joint is { } joint && leg.Number <= JointVisits.BegunAtOnce(joint))) && leg.FirstCalledAt is null && state.Appointments.TryOfTicket(leg.Ticket.Id.Ordinal, out var appointment) && appointment.State == AppointmentState.CheckedIn ? appointment.Slot : null;

    private static Appointment AppointmentOf(HallState state, string code) =>
        state.Appointments.Find(code) ?? throw new InvalidOperationException($"Hall {state.Number} at {state.Sequence}: no appointment {code}.");
}
