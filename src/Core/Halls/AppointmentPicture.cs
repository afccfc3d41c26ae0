namespace HallOps.Core.Halls;

/// <summary>An appointment as the desk sees it.</summary>
/// <param name="Person">Whose it is; null where nobody was named.</param>
/// <param name="Number">The number it became; null before it is checked in to.</param>
public sealed record AppointmentView(string Code, DateTimeOffset Slot, ServiceId Service, AppointmentState State, DateTimeOffset CheckInFrom, DateTimeOffset CheckInUntil, PersonId? Person, string? Number);

/// <summary>The appointments of a hall's confirmed state, for those who look one up.</summary>
public static class AppointmentPicture
{
    /// <summary>Those the state holds, from today on, earliest slot first.</summary>
    public static IReadOnlyList<AppointmentView> Of(HallState state) => [.. state.Appointments.All.Select(a => Show(state, a))];

    /// <summary>Null for a code of none.</summary>
    public static AppointmentView? Of(HallState state, string code) => state.Appointments.Find(code) is { } found ? Show(state, found) : null;

    /// <summary>Of today, and nobody has come for it yet; earliest slot first.</summary>
    public static IReadOnlyList<AppointmentView> Awaited(HallState state) =>
        [.. state.Appointments.All.TakeWhile(a => a.Slot < state.DayEndsAt).Where(a => a.State == AppointmentState.Booked).Select(a => Show(state, a))];

    /// <summary>The slot that a visit was booked for; null for one without an appointment.</summary>
    internal static DateTimeOffset? SlotOf(HallState state, Ticket ticket) =>
        state.Appointments.TryOfTicket(ticket.Id.Ordinal, out var appointment) ? HallPicture.Local(state, appointment.Slot) : null;

    private static AppointmentView Show(HallState state, Appointment a) => new(a.Code, HallPicture.Local(state, a.Slot), a.Service, a.State, HallPicture.Local(state, a.From), HallPicture.Local(state, a.Until),
        a.Person, a.Ticket is { } ordinal && state.Tickets.TryGetValue(ordinal, out var ticket) ? ticket.Number : null);
}
