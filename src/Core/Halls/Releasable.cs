namespace HallOps.Core.Halls;

/// <summary>
/// Extended hours (延时): no more numbers, and windows leave one by one when no ticket left can reach them, at least one staying for each line with people.
/// </summary>
internal static class Releasable
{
    /// <summary>From when a window may leave; null while somebody is left for it.</summary>
    public static Instant? From(HallState state, WindowState window)
    {
        if (!window.CanCall || window.Scheduled is null || window.Present is not null) return null;
        foreach (var held in state.Held)
            if (held.Window == window.Settings.Window) return null;
        foreach (var stop in state.Returns)
            if (stop.Window == window.Settings.Window) return null;
        var from = state.At;
        foreach (var offer in window.Offer)
        {
            foreach (ref readonly var head in offer.Line.Groups.Heads)
                if (offer.Has(head.Group.Service) && (!head.Place.IsReserved || head.Group.Window == window.Settings.Window)) return null;
            if (IsServedElsewhere(state, window, offer)) continue;
            if (MayStillCome(state, offer) is not { } gone) return null;
            from = Instant.Max(from, gone);
        }
        return from;
    }

    /// <summary>Whether somebody came to wait whom only a window that has left could call: one who checked in late, was let in, or was passed on.</summary>
    public static bool IsNeededAgain(HallState state, WindowState window)
    {
        if (!window.IsReleased || window.Pause != PauseReason.Schedule || window.Scheduled is null || window.Occupant is null) return false;
        foreach (var offer in window.Offer)
            foreach (ref readonly var head in offer.Line.Groups.Heads)
                if (offer.Has(head.Group.Service) && (!head.Place.IsReserved || head.Group.Window == window.Settings.Window) && !Hall.IsServed(state, offer.Line.Settings.Line, head.Group.Service)) return true;
        return false;
    }

    private static bool IsServedElsewhere(HallState state, WindowState window, OfferLine offer)
    {
        foreach (var other in state.Windows.Values)
            if (other != window && other.CanCall && other.Scheduled is not null && other.OfferOf(offer.Line.Settings.Line) is { } theirs && Covers(state, theirs, offer)) return true;
        return false;
    }

    private static bool Covers(HallState state, OfferLine theirs, OfferLine offer)
    {
        if (theirs.Services is null) return true;
        foreach (var service in state.Settings.Services)
            if (service.Line == offer.Line.Settings.Line && offer.Has(service.Service) && !theirs.Has(service.Service)) return false;
        return true;
    }

    /// <summary>From when on nobody who is not waiting can come to wait for what is offered; null while somebody may at any time.</summary>
    private static Instant? MayStillCome(HallState state, OfferLine offer)
    {
        var line = offer.Line.Settings.Line;
        foreach (var ticket in state.Unprinted)
            if (ticket.State == TicketState.Issued && ticket.Beside.Prepend(ticket.Leg).Any(IsFor)) return null;
        foreach (var away in state.Away)
            if (away.Ticket.Beside.Prepend(away.Ticket.Leg).Any(IsFor)) return null;
        foreach (var held in state.Held)
            if (held.Ticket.Beside.Prepend(held.Ticket.Leg).Any(IsFor)) return null;
        // A joint visit that is served elsewhere goes on in its other lines.
        foreach (var there in state.Windows.Values)
            if (there.Present is { Beside.Count: > 0 } present && present.Beside.Any(IsFor)) return null;
        var from = state.At;
        // A promise: whoever booked is called by somebody while it holds. Those of a later session are that session's.
        foreach (var appointment in state.Appointments.Between(default, NextSession(state)))
            if (appointment.State == AppointmentState.Booked && IsPromised(appointment.Service)) from = Instant.Max(from, appointment.Until);
        foreach (var missed in state.Missed)
            if (missed.Beside.Prepend(missed.Leg).Any(IsFor)) from = Instant.Max(from, new Instant(missed.MissedAt!.Value.Milliseconds + state.Settings.Calling.ReturnMinutes * 60_000L + 1));
        return from;

        bool IsFor(Leg leg) => leg.Line == line && offer.Has(leg.Service);

        bool IsPromised(ServiceId id) => state.Settings.ServiceById.TryGetValue(id, out var service)
            && (service.Legs.Count == 0 ? service.Line == line && offer.Has(id) : service.Legs.Any(item => state.Settings.ServiceById[item.Service].Line == line && offer.Has(item.Service)));
    }

    /// <summary>When windows are on duty again after this session; the end of the day where none is before.</summary>
    private static Instant NextSession(HallState state)
    {
        var next = state.DayEndsAt;
        foreach (var window in state.Schedule!.Windows)
            if (window.Again is { } again && again < next) next = again;
        foreach (var window in state.Schedule.Resting)
            if (window.ReopensAt is { } reopens && reopens < next) next = reopens;
        return next;
    }
}
