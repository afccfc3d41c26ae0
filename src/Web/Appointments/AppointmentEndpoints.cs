using System.Globalization;
using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Web.Boards;
using HallOps.Web.Problems;
using HallOps.Web.Tickets;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HallOps.Web.Appointments;

/// <summary>Slots and appointments: looked up, booked, moved and cancelled from anywhere, by the desk on somebody's behalf too, and checked in to in the hall.</summary>
public static class AppointmentEndpoints
{
    /// <summary>The rate limit of calls that try an appointment's code, registered by name.</summary>
    public const string CodeLimit = "appointment-code";

    /// <summary>One clash in the life of a deployment is unlikely; this many in a row is a broken source of randomness.</summary>
    private const int MostDraws = 5;

    private const int LongestName = 100;

    public static void MapAppointments(this IEndpointRouteBuilder api)
    {
        api.MapGet("/halls/{hall}/slots", SlotsAsync).Reads<IReadOnlyList<SlotView>>(Act.ReadPublic);
        api.MapPost("/halls/{hall}/appointments", BookAsync).Commands<BookBody, BookedAppointment>(Act.Book, StatusCodes.Status201Created).RequireRateLimiting(TicketEndpoints.IssueLimit);
        api.MapPost("/tickets/{token}/appointment", BookByHolderAsync).Commands<MoveBody, BookedAppointment>(Act.HoldTicket, StatusCodes.Status201Created).RequireRateLimiting(TicketEndpoints.IssueLimit);
        api.MapPost("/halls/{hall}/appointments/{code}/move", MoveAsync).Commands<MoveBody, BookedAppointment>(Act.ChangeAppointment).RequireRateLimiting(CodeLimit);
        api.MapPost("/halls/{hall}/appointments/{code}/cancel", CancelAsync).Commands<NoBody, BookedAppointment>(Act.ChangeAppointment).RequireRateLimiting(CodeLimit);
        api.MapPost("/halls/{hall}/appointments/{code}/check-in", CheckInAsync).Commands<CheckInBody, IssuedTicket>(Act.Issue, StatusCodes.Status201Created).RequireRateLimiting(CodeLimit);
    }

    private static async Task<Results<Answer<IReadOnlyList<SlotView>>, Problem>> SlotsAsync(string hall, string? service, string? date, HttpContext http, IHalls halls, BoardJson json)
    {
        var id = new HallId(hall);
        if (halls.Find(id) is null) return Problem.Of("UnknownHall");
        if (string.IsNullOrEmpty(service)) return Problem.BadField("service", "must be given: the service that the slots are for");
        DateOnly? day = null;
        if (date is not null)
        {
            if (!DateOnly.TryParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var named)) return Problem.BadField("date", "must be a date like 2026-11-23, or left out for today");
            day = named;
        }
        return await halls.ReadAsync(id, new ReadSlots(new ServiceId(service), day), http.RequestAborted) is { } slots
            ? new Answer<IReadOnlyList<SlotView>>(StatusCodes.Status200OK, slots, json.Of<IReadOnlyList<SlotView>>())
            : Problem.Of("UnknownService", ("field", "service"));
    }

    private static async Task<Results<Answer<BookedAppointment>, Problem>> BookAsync(string hall, HttpContext http, HallDoor door, IHalls halls)
    {
        var entry = await HallDoor.EnterAsync(http, Act.Book, new HallId(hall), Wire.Json.BookBody);
        if (!entry.IsIn) return entry.Problem;
        var (caller, body) = (entry.Caller, entry.Body);
        if (string.IsNullOrEmpty(body.Service)) return Problem.BadField("service", "must be given: the service that the appointment is for");
        if (body.Slot is not { } slot) return SlotMissing;
        if (body.Name is { } name && (name.Length > LongestName || !Words.IsText(name))) return Problem.BadField("name", $"must be at most {LongestName} characters, not blank");
        if (caller.IsAnonymous && body.Phone is null && body.IdNumber is null) return Problem.BadField("phone", "must be given, or else idNumber: whose appointment it is");

        string? idNumber = null, phone = null;
        if (body.IdNumber is not null)
        {
            if (await halls.ReadAsync(entry.Hall, new ReadDate(), http.RequestAborted) is not { } today) return Problem.Of("UnknownHall");
            if (!PersonalNumbers.TryIdNumber(body.IdNumber, today, out idNumber, out _)) return Problem.BadField("idNumber", "must be an 18-digit ID number with a valid date of birth and check digit");
        }
        if (body.Phone is not null && !PersonalNumbers.TryPhone(body.Phone, out phone)) return Problem.BadField("phone", "must be a telephone number of 5 to 15 digits");
        var person = await door.PersonAsync(idNumber, phone, http.RequestAborted);

        return await DrawAsync(code => door.SendAsync(caller, entry.Hall, new BookAppointment(code, new ServiceId(body.Service), Instant.From(slot), person, Remote: caller.IsAnonymous), entry.Key));
    }

    /// <summary>
    /// The holder of a number takes a slot for the same matter, as one whom a suspension sends home. Not the remote booking that a hall may have off: the number was taken in the hall, and whoever holds it
    /// books as its visitor, so once a day. The number stays until its holder gives it up.
    /// </summary>
    private static async Task<Results<Answer<BookedAppointment>, Problem>> BookByHolderAsync(string token, HttpContext http, HallDoor door, IHalls halls, TicketTokens tokens)
    {
        if (!tokens.TryRead(token, out var ticket) || halls.Find(ticket.Hall) is not { } hall) return Problem.Of("UnknownTicket");
        var entry = await HallDoor.EnterAsync(http, Act.HoldTicket, hall.Hall, Wire.Json.MoveBody);
        if (!entry.IsIn) return entry.Problem;
        if (entry.Body.Slot is not { } slot) return SlotMissing;
        if (await halls.ReadAsync(hall.Hall, new ReadHolder(ticket), http.RequestAborted) is not { } holder) return Problem.Of("UnknownTicket");
        // Who was not served by the end of the day is offered a slot as well.
        if (holder.Ended && holder.State != TicketState.Expired) return Problem.Of(nameof(RefusalCode.WrongState), ("state", holder.State));
        // Whoever gave no name is the holder of this number, and nobody else.
        var person = holder.Person ?? await door.HolderAsync(ticket, http.RequestAborted);
        return await DrawAsync(code => door.SendAsync(entry.Caller, hall.Hall, new BookAppointment(code, holder.Service, Instant.From(slot), person, Remote: false), entry.Key, Act.HoldTicket));
    }

    private static async Task<Results<Answer<BookedAppointment>, Problem>> DrawAsync(Func<string, ValueTask<DoorAnswer>> send)
    {
        for (var draw = 1; ; draw++)
        {
            var sent = await send(AppointmentCode.Draw());
            if (sent.Problem is { Code: nameof(RefusalCode.CodeTaken) } && draw < MostDraws) continue;
            return Booked(sent, StatusCodes.Status201Created);
        }
    }

    private static async Task<Results<Answer<BookedAppointment>, Problem>> MoveAsync(string hall, string code, HttpContext http, HallDoor door)
    {
        var entry = await HallDoor.EnterAsync(http, Act.ChangeAppointment, new HallId(hall), Wire.Json.MoveBody);
        if (!entry.IsIn) return entry.Problem;
        if (entry.Body.Slot is not { } slot) return SlotMissing;
        if (!AppointmentCode.TryRead(code, out var known)) return Problem.Of("UnknownAppointment");
        return Booked(await door.SendAsync(entry.Caller, entry.Hall, new MoveAppointment(known, Instant.From(slot)), entry.Key));
    }

    private static async Task<Results<Answer<BookedAppointment>, Problem>> CancelAsync(string hall, string code, HttpContext http, HallDoor door)
    {
        var entry = await HallDoor.EnterAsync(http, Act.ChangeAppointment, new HallId(hall), Wire.Json.NoBody);
        if (!entry.IsIn) return entry.Problem;
        if (!AppointmentCode.TryRead(code, out var known)) return Problem.Of("UnknownAppointment");
        return Booked(await door.SendAsync(entry.Caller, entry.Hall, new CancelAppointment(known), entry.Key));
    }

    private static async Task<Results<Answer<IssuedTicket>, Problem>> CheckInAsync(string hall, string code, HttpContext http, HallDoor door, IHalls halls, TicketTokens tokens)
    {
        var entry = await HallDoor.EnterAsync(http, Act.Issue, new HallId(hall), Wire.Json.CheckInBody);
        return entry.IsIn
            ? await TicketEndpoints.IssueToAsync(entry.Caller, entry.Hall, new IssueBody(null, entry.Body.Class, entry.Body.IdNumber, entry.Body.Phone, entry.Body.Source, entry.Body.Printed, null, null, code), entry.Key, http, door, halls, tokens)
            : entry.Problem;
    }

    private static Problem SlotMissing => Problem.BadField("slot", "must be given: the time a slot begins, with its offset, as GET slots lists it");

    private static Results<Answer<BookedAppointment>, Problem> Booked(DoorAnswer sent, int status = StatusCodes.Status200OK)
    {
        if (!sent.IsDone) return sent.Problem;
        return new Answer<BookedAppointment>(status, BookedAppointment.Of((AppointmentReply)sent.Answer.Reply!, sent.Answer.Zone), Wire.Json.BookedAppointment);
    }
}
