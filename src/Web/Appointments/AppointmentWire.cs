using HallOps.Core.Halls;
using HallOps.Web.Tickets;

namespace HallOps.Web.Appointments;

/// <summary>A slot is asked for.</summary>
/// <param name="Slot">When it begins.</param>
/// <param name="Name">How the caller is addressed while booking; not kept.</param>
/// <param name="Phone">Or <paramref name="IdNumber"/>: needed from whoever is not signed in.</param>
public sealed record BookBody(string? Service, DateTimeOffset? Slot, string? Name, string? Phone, string? IdNumber);

/// <param name="Slot">When the new one begins.</param>
public sealed record MoveBody(DateTimeOffset? Slot);

/// <summary>As for a number, but for the service, which the appointment names.</summary>
public sealed record CheckInBody(string? Class, string? IdNumber, string? Phone, TicketSource? Source, bool? Printed);

/// <summary>An appointment after book, move or cancel.</summary>
/// <param name="CheckInFrom">Null once it is cancelled.</param>
/// <param name="CheckInUntil">Later than this it is an ordinary number; null once it is cancelled.</param>
public sealed record BookedAppointment(string Code, DateTimeOffset Slot, string Service, AppointmentState State, DateTimeOffset? CheckInFrom, DateTimeOffset? CheckInUntil)
{
    public static BookedAppointment Of(AppointmentReply reply, TimeZoneInfo? zone) =>
        new(reply.Code, WireTime.At(reply.Slot, zone), reply.Service.Value, reply.State, WireTime.At(reply.From, zone), WireTime.At(reply.Until, zone));
}

/// <summary>What an appointment's number says about it.</summary>
/// <param name="Late">After the grace: an ordinary number.</param>
public sealed record KeptAppointment(string Code, DateTimeOffset Slot, bool Late);

/// <summary>By one of them, or by none: those of today that nobody has come for yet.</summary>
/// <param name="Code">As people type it.</param>
/// <param name="Phone">The last digits of the telephone that was given, four at least.</param>
public sealed record FindBody(string? Code, string? Phone, string? IdNumber);

/// <summary>Appointments that were found, earliest slot first.</summary>
/// <param name="More">There are others: more digits are needed.</param>
public sealed record FoundAppointments(IReadOnlyList<FoundAppointment> Appointments, bool More);

/// <param name="Number">The number it became; null before it is checked in to.</param>
public sealed record FoundAppointment(string Code, DateTimeOffset Slot, string Service, AppointmentState State, DateTimeOffset CheckInFrom, DateTimeOffset CheckInUntil, string? Number)
{
    public static FoundAppointment Of(AppointmentView a) => new(a.Code, a.Slot, a.Service.Value, a.State, a.CheckInFrom, a.CheckInUntil, a.Number);
}
