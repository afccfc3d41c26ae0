using HallOps.Core.Halls;
using HallOps.Core.Search;
using HallOps.Silo;
using HallOps.Web.Boards;
using HallOps.Web.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HallOps.Web.Tickets;

/// <summary>What the guide desk, and the kiosk where it can, does beside issuing: find a service, print a slip again, change a wrong number.</summary>
public static class DeskEndpoints
{
    /// <summary>More than anybody reads with a visitor waiting.</summary>
    private const int MostFound = 20;

    private const int LongestQuery = 64;

    public static void MapDesk(this IEndpointRouteBuilder api)
    {
        api.MapGet("/halls/{hall}/search", SearchAsync).Reads<IReadOnlyList<FoundService>>(Act.SearchServices);
        api.MapPost("/halls/{hall}/tickets/reprint", ReprintAsync).Commands<ReprintBody, IssuedTicket>(Act.Reprint);
        api.MapPost("/halls/{hall}/tickets/{id}/class", ReclassAsync).Commands<ClassBody, ClerkTicket>(Act.ChangeTicket);
        api.MapPost("/halls/{hall}/tickets/{id}/change", ChangeAsync).Commands<ChangeBody, ClerkTicket>(Act.ChangeTicket);
    }

    private static async Task<Results<Answer<IReadOnlyList<FoundService>>, Problem>> SearchAsync(string hall, string? q, HttpContext http, IHalls halls, BoardJson json)
    {
        var id = new HallId(hall);
        if (Rights.Against(Caller.Of(http.User), id, Act.SearchServices) is { } no) return no;
        if (q is { Length: > LongestQuery }) return Problem.BadField("q", $"must be at most {LongestQuery} characters");
        if (await halls.ReadAsync(id, new ReadConfig(), http.RequestAborted) is not { } config || await halls.ReadAsync(id, new ReadBoard(), http.RequestAborted) is not { } board) return Problem.Of("UnknownHall");
        var lines = board.Lines.ToDictionary(l => l.Line);
        IReadOnlyList<FoundService> found = [.. ServiceSearch.Find(config.Settings, q ?? "", MostFound).Select(s => FoundService.Of(s, config.Settings, lines[s.Line.Value]))];
        return new Answer<IReadOnlyList<FoundService>>(StatusCodes.Status200OK, found, json.Of<IReadOnlyList<FoundService>>());
    }

    private static async Task<Results<Answer<IssuedTicket>, Problem>> ReprintAsync(string hall, HttpContext http, HallDoor door, IHalls halls, TicketTokens tokens)
    {
        var entry = await HallDoor.EnterAsync(http, Act.Reprint, new HallId(hall), Wire.Json.ReprintBody);
        if (!entry.IsIn) return entry.Problem;
        var body = entry.Body;
        if (string.IsNullOrEmpty(body.IdNumber) == string.IsNullOrEmpty(body.Number)) return Problem.BadField("number", "must be given, or else idNumber: one of the two");
        PersonId? person = null;
        if (!string.IsNullOrEmpty(body.IdNumber))
        {
            if (await halls.ReadAsync(entry.Hall, new ReadDate(), http.RequestAborted) is not { } today) return Problem.Of("UnknownHall");
            if (!PersonalNumbers.TryIdNumber(body.IdNumber, today, out var idNumber, out _)) return Problem.BadField("idNumber", "must be an 18-digit ID number with a valid date of birth and check digit");
            person = await door.PersonAsync(idNumber, null, http.RequestAborted);
        }
        if (await halls.ReadAsync(entry.Hall, new ReadSlip(person is null ? body.Number : null, person), http.RequestAborted) is not { } slip) return Problem.Of("UnknownTicket");
        var token = tokens.Of(slip.Id);
        return new Answer<IssuedTicket>(StatusCodes.Status200OK, new IssuedTicket(slip.Id.ToString(), token, slip.Number, slip.Line, slip.Service, slip.State, slip.Ahead, slip.Estimate, slip.IssuedAt, "/t#" + token), Wire.Json.IssuedTicket);
    }

    private static async Task<Results<Answer<ClerkTicket>, Problem>> ChangeAsync(string hall, string id, HttpContext http, HallDoor door, IHalls halls)
    {
        var entry = await HallDoor.EnterAsync(http, Act.ChangeTicket, new HallId(hall), Wire.Json.ChangeBody);
        if (!entry.IsIn) return entry.Problem;
        if (halls.Find(entry.Hall) is not { } known) return Problem.Of("UnknownHall");
        if (string.IsNullOrEmpty(entry.Body.Service)) return Problem.BadField("service", "must be given: the service the number is for from now on");
        if (!TicketId.TryParse(id, out var ticket) || ticket.Hall != known.Number) return Problem.Of("UnknownTicket");
        var sent = await door.SendAsync(entry.Caller, entry.Hall, new ChangeTicket(ticket, new ServiceId(entry.Body.Service)), entry.Key);
        return sent.IsDone ? new Answer<ClerkTicket>(StatusCodes.Status200OK, ClerkTicket.Of((TicketReply)sent.Answer.Reply!, sent.Answer.Zone), Wire.Json.ClerkTicket) : sent.Problem;
    }

    private static async Task<Results<Answer<ClerkTicket>, Problem>> ReclassAsync(string hall, string id, HttpContext http, HallDoor door, IHalls halls)
    {
        var entry = await HallDoor.EnterAsync(http, Act.ChangeTicket, new HallId(hall), Wire.Json.ClassBody);
        if (!entry.IsIn) return entry.Problem;
        if (halls.Find(entry.Hall) is not { } known) return Problem.Of("UnknownHall");
        var body = entry.Body;
        if (string.IsNullOrEmpty(body.Class)) return Problem.BadField("class", "must be given: the priority class from now on");
        if (!TicketId.TryParse(id, out var ticket) || ticket.Hall != known.Number) return Problem.Of("UnknownTicket");
        int? age = null;
        if (body.IdNumber is not null)
        {
            if (await halls.ReadAsync(entry.Hall, new ReadDate(), http.RequestAborted) is not { } today) return Problem.Of("UnknownHall");
            if (!PersonalNumbers.TryIdNumber(body.IdNumber, today, out _, out var years)) return Problem.BadField("idNumber", "must be an 18-digit ID number with a valid date of birth and check digit");
            age = years;
        }
        var command = new ChangeClass(ticket, new ClassId(body.Class), TicketEndpoints.GrantsOf(entry.Caller, entry.Hall, age is not null), age);
        var sent = await door.SendAsync(entry.Caller, entry.Hall, command, entry.Key);
        return sent.IsDone ? new Answer<ClerkTicket>(StatusCodes.Status200OK, ClerkTicket.Of((TicketReply)sent.Answer.Reply!, sent.Answer.Zone), Wire.Json.ClerkTicket) : sent.Problem;
    }
}

/// <param name="Service">What the visitor really came for.</param>
public sealed record ChangeBody(string? Service);

/// <summary>One of the two.</summary>
public sealed record ReprintBody(string? IdNumber, string? Number);

/// <summary>A service that was found, with what a visitor asks about it.</summary>
/// <param name="Prefix">The letters of the numbers of its line.</param>
/// <param name="Estimate">For one who joins its line now; null where no window serves it.</param>
public sealed record FoundService(string Service, Text Name, IReadOnlyList<string> Alias, string? Department, string Line, string Prefix, ServiceKind Kind, IReadOnlyList<Text> Materials, Text? Fee, int? PromisedDays,
    Identity Identity, int Waiting, int OpenWindows, EstimateView? Estimate)
{
    public static FoundService Of(ServiceSettings s, HallSettings hall, LineBoard line) => new(s.Service.Value, s.Name, s.Alias, s.Department?.Value, s.Line.Value, hall.LineById[s.Line].Prefix, s.Kind, s.Materials, s.Fee, s.PromisedDays,
        s.Identity, line.Waiting, line.OpenWindows, line.Estimate);
}
