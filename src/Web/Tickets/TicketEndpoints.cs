using System.Text.Json.Serialization.Metadata;
using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Web.Appointments;
using HallOps.Web.Boards;
using HallOps.Web.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HallOps.Web.Tickets;

/// <summary>What visitors do, and what kiosks and guides do for them: take a number, look at it, cancel it, come back, rate.</summary>
public static class TicketEndpoints
{
    /// <summary>The rate limit of <c>POST tickets</c>, registered by name.</summary>
    public const string IssueLimit = "issue";

    /// <summary>Minutes a holder may step away for: a meal, and no half day.</summary>
    private const int LongestAway = 120;

    /// <summary>Cases on one number: what an agency's clerk carries under one arm.</summary>
    private const int MostCases = 50;

    public static void MapTickets(this IEndpointRouteBuilder api)
    {
        api.MapPost("/halls/{hall}/tickets", IssueAsync).Commands<IssueBody, IssuedTicket>(Act.Issue, StatusCodes.Status201Created).RequireRateLimiting(IssueLimit);
        api.MapPost("/halls/{hall}/tickets/{id}/printed", PrintedAsync).Commands<NoBody, HeldTicket>(Act.MarkPrinted);
        api.MapPost("/halls/{hall}/tickets/{id}/return", ReturnAsync).Commands<NoBody, HeldTicket>(Act.ReturnForVisitor);
        api.MapGet("/tickets/{token}", ReadAsync).Reads<TicketView>(Act.ReadTicket);
        api.MapPost("/tickets/{token}/cancel", CancelAsync).Commands<NoBody, HeldTicket>(Act.HoldTicket);
        api.MapPost("/tickets/{token}/back", BackAsync).Commands<NoBody, HeldTicket>(Act.HoldTicket);
        api.MapPost("/tickets/{token}/step-away", StepAwayAsync).Commands<AwayBody, HeldTicket>(Act.HoldTicket);
        api.MapPost("/tickets/{token}/rating", RateAsync).Commands<RatingBody, RatedService>(Act.RateTicket, StatusCodes.Status201Created);
        api.MapPost("/halls/{hall}/windows/{window}/rating", RateAtPadAsync).Commands<PadRatingBody, RatedService>(Act.RateAtPad, StatusCodes.Status201Created);
    }

    private static async Task<Results<Answer<IssuedTicket>, Problem>> IssueAsync(string hall, HttpContext http, HallDoor door, IHalls halls, TicketTokens tokens)
    {
        var entry = await HallDoor.EnterAsync(http, Act.Issue, new HallId(hall), Wire.Json.IssueBody);
        if (!entry.IsIn) return entry.Problem;
        if (string.IsNullOrEmpty(entry.Body.Service)) return Problem.BadField("service", "must be given: the service that the number is for");
        return await IssueToAsync(entry.Caller, entry.Hall, entry.Body, entry.Key, http, door, halls, tokens);
    }

    /// <summary>Issues a number, or checks in to the appointment that the body names; only then its service may be left out.</summary>
    internal static async Task<Results<Answer<IssuedTicket>, Problem>> IssueToAsync(Caller caller, HallId hall, IssueBody body, DoorKey key, HttpContext http, HallDoor door, IHalls halls, TicketTokens tokens)
    {
        var appointment = (string?)null;
        if (body.Appointment is not null && !AppointmentCode.TryRead(body.Appointment, out appointment)) return Problem.Of("UnknownAppointment");
        if (appointment is not null && (body.Override is not null || body.Cases > 1)) return Problem.BadField(body.Override is not null ? "override" : "cases", "must be left out with an appointment");
        if (appointment is not null && body.Slip is not null) return Problem.BadField("slip", "must be left out with an appointment");
        TicketId shown = default;
        if (body.Slip is not null && !tokens.TryRead(body.Slip, out shown)) return Problem.Of("UnknownSlip");
        if (body.Override is not null && !caller.Has(Role.Guide, hall)) return Problem.Of("NotAllowed");
        if (body.Override is not null && !Words.IsText(body.Override)) return Problem.BadField("override", Words.TextAllowed);
        if (Source(caller) is { } own && body.Source is { } named && named != own) return Problem.BadField("source", $"must be {AllowedValues.OneOf([own.ToString()])["one of ".Length..]} for this caller, or left out");

        if (body.Cases is < 1 or > MostCases) return Problem.BadField("cases", $"must be a whole number from 1 to {MostCases}");
        if (body.Cases > 1 && caller.IsAnonymous) return Problem.Of("NotAllowed", ("field", "cases"));

        int? age = null;
        string? idNumber = null, phone = null;
        if (body.IdNumber is not null)
        {
            // What people may claim from anywhere is not evidence: an ID number is read where somebody or something in the hall sees the card.
            if (caller.IsAnonymous) return Problem.Of("NotAllowed", ("field", "idNumber"));
            // On the hall's own date: a demonstration's clock may stand in another year, and a birthday begins where the hall is.
            if (await halls.ReadAsync(hall, new ReadDate(), http.RequestAborted) is not { } today) return Problem.Of("UnknownHall");
            if (!PersonalNumbers.TryIdNumber(body.IdNumber, today, out idNumber, out var years))
                return Problem.BadField("idNumber", "must be an 18-digit ID number with a valid date of birth and check digit");
            age = years;
        }
        if (body.Phone is not null && !PersonalNumbers.TryPhone(body.Phone, out phone)) return Problem.BadField("phone", "must be a telephone number of 5 to 15 digits");

        var person = await door.PersonAsync(idNumber, phone, http.RequestAborted);
        var why = await door.KeepAsync(body.Override, http.RequestAborted);
        var service = string.IsNullOrEmpty(body.Service) ? (ServiceId?)null : new ServiceId(body.Service);
        var @class = body.Class is { } c ? new ClassId(c) : (ClassId?)null;
        var source = body.Source ?? Source(caller) ?? TicketSource.Guide;
        // On somebody else's behalf: the card says whose matter it is, and proves nobody's age who is there.
        var grants = GrantsOf(caller, hall, age is not null && source != TicketSource.Agent);
        HallCommand command = appointment is null
            ? new IssueTicket(service!.Value, @class, grants, age, person, source, body.Printed, Remote: caller.IsAnonymous, why, body.Cases ?? 1, body.Slip is null ? null : shown)
            : new CheckIn(appointment, service, @class, grants, age, person, source, body.Printed, Remote: caller.IsAnonymous);
        var sent = await door.SendAsync(caller, hall, command, key);
        if (!sent.IsDone) return sent.Problem;

        var come = sent.Answer.Reply as CheckedInReply;
        var reply = come?.Issued ?? (IssuedReply)sent.Answer.Reply!;
        var token = tokens.Of(reply.Id);
        var estimate = reply.Estimate is { } e ? new EstimateView(e.LowSeconds, e.MedianSeconds, e.HighSeconds) : null;
        return new Answer<IssuedTicket>(StatusCodes.Status201Created, new IssuedTicket(reply.Id.ToString(), token, reply.Number, reply.Line.Value, reply.Service.Value, reply.State, reply.Ahead,
            estimate, WireTime.At(reply.IssuedAt, sent.Answer.Zone), "/t#" + token, come is null ? null : new KeptAppointment(come.Code, WireTime.At(come.Slot, sent.Answer.Zone), come.Late), reply.MayNotBeServed), Wire.Json.IssuedTicket);
    }

    private static async Task<Results<Answer<HeldTicket>, Problem>> PrintedAsync(string hall, string id, HttpContext http, HallDoor door, IHalls halls) =>
        await OnTicketAsync(http, door, halls, Act.MarkPrinted, new HallId(hall), id, ticket => new MarkPrinted(ticket));

    private static async Task<Results<Answer<HeldTicket>, Problem>> ReturnAsync(string hall, string id, HttpContext http, HallDoor door, IHalls halls) =>
        await OnTicketAsync(http, door, halls, Act.ReturnForVisitor, new HallId(hall), id, ticket => new ReturnTicket(ticket));

    private static async Task<Results<Answer<HeldTicket>, Problem>> OnTicketAsync(HttpContext http, HallDoor door, IHalls halls, Act act, HallId hall, string id, Func<TicketId, HallCommand> command)
    {
        var entry = await HallDoor.EnterAsync(http, act, hall, Wire.Json.NoBody);
        if (!entry.IsIn) return entry.Problem;
        if (halls.Find(hall) is not { } known) return Problem.Of("UnknownHall");
        if (!TicketId.TryParse(id, out var ticket) || ticket.Hall != known.Number) return Problem.Of("UnknownTicket");
        return Held(await door.SendAsync(entry.Caller, hall, command(ticket), entry.Key, act));
    }

    private static async Task<Results<Answer<TicketView>, Problem>> ReadAsync(string token, HttpContext http, IHalls halls, IVisitRecords past, TicketTokens tokens, BoardJson json)
    {
        if (!tokens.TryRead(token, out var ticket) || halls.Find(ticket.Hall) is not { } hall) return Problem.Of("UnknownTicket");
        return await halls.ReadAsync(hall.Hall, new ReadTicket(ticket), http.RequestAborted) is { } held ? Shown(held)
            : await past.FindAsync(hall.Hall, ticket, http.RequestAborted) is { } view ? Shown(view with { ToldOnce = await halls.ReadAsync(hall.Hall, new ReadToldOnce(ticket), http.RequestAborted) })
            : Problem.Of("UnknownTicket");

        Answer<TicketView> Shown(TicketView view) => new(StatusCodes.Status200OK, view, json.Of<TicketView>());
    }

    private static async Task<Results<Answer<HeldTicket>, Problem>> CancelAsync(string token, HttpContext http, HallDoor door, IHalls halls, TicketTokens tokens) =>
        await OnTokenAsync(token, http, door, halls, tokens, ticket => new CancelTicket(ticket));

    private static async Task<Results<Answer<HeldTicket>, Problem>> BackAsync(string token, HttpContext http, HallDoor door, IHalls halls, TicketTokens tokens) =>
        await OnTokenAsync(token, http, door, halls, tokens, ticket => new ReturnTicket(ticket));

    private static async Task<Results<Answer<HeldTicket>, Problem>> StepAwayAsync(string token, HttpContext http, HallDoor door, IHalls halls, TicketTokens tokens) =>
        await OnTokenAsync(token, http, door, halls, tokens, Wire.Json.AwayBody, (ticket, body) =>
            body.Minutes is >= 1 and <= LongestAway ? new StepAway(ticket, TimeSpan.FromMinutes(body.Minutes.Value)) : null,
            Problem.BadField("minutes", $"must be a whole number from 1 to {LongestAway}"));

    private static async Task<Results<Answer<HeldTicket>, Problem>> OnTokenAsync(string token, HttpContext http, HallDoor door, IHalls halls, TicketTokens tokens, Func<TicketId, HallCommand> command) =>
        await OnTokenAsync(token, http, door, halls, tokens, Wire.Json.NoBody, (ticket, _) => command(ticket), Problem.Of("UnknownTicket"));

    /// <param name="command">Null where the body is wrong.</param>
    private static async Task<Results<Answer<HeldTicket>, Problem>> OnTokenAsync<T>(string token, HttpContext http, HallDoor door, IHalls halls, TicketTokens tokens, JsonTypeInfo<T> type,
        Func<TicketId, T, HallCommand?> command, Problem wrong) where T : class
    {
        if (!tokens.TryRead(token, out var ticket) || halls.Find(ticket.Hall) is not { } hall) return Problem.Of("UnknownTicket");
        var entry = await HallDoor.EnterAsync(http, Act.HoldTicket, hall.Hall, type);
        if (!entry.IsIn) return entry.Problem;
        if (command(ticket, entry.Body) is not { } made) return wrong;
        return Held(await door.SendAsync(entry.Caller, hall.Hall, made, entry.Key));
    }

    private static async Task<Results<Answer<RatedService>, Problem>> RateAsync(string token, HttpContext http, HallDoor door, IHalls halls, TicketTokens tokens)
    {
        if (!tokens.TryRead(token, out var ticket) || halls.Find(ticket.Hall) is not { } hall) return Problem.Of("UnknownTicket");
        var entry = await HallDoor.EnterAsync(http, Act.RateTicket, hall.Hall, Wire.Json.RatingBody);
        if (!entry.IsIn) return entry.Problem;
        var body = entry.Body;
        if (body.Grade is not { } grade) return GradeMissing;
        if (!Words.AreTags(body.Tags)) return Problem.BadField("tags", Words.TagsAllowed);
        if (body.Comment is not null && !Words.IsText(body.Comment)) return Problem.BadField("comment", Words.TextAllowed);
        var comment = await door.KeepAsync(body.Comment, http.RequestAborted);
        return Rated(await door.SendAsync(entry.Caller, hall.Hall, new RateTicket(ticket, grade, body.Tags ?? [], comment), entry.Key));
    }

    private static async Task<Results<Answer<RatedService>, Problem>> RateAtPadAsync(string hall, string window, HttpContext http, HallDoor door, IHalls halls, TicketTokens tokens)
    {
        var (hallId, windowId) = (new HallId(hall), new WindowId(window));
        var entry = await HallDoor.EnterAsync(http, Act.RateAtPad, hallId, Wire.Json.PadRatingBody);
        if (!entry.IsIn) return entry.Problem;
        if (entry.Caller.Device?.Window != windowId) return Problem.Of("NotAllowed");
        if (halls.Find(hallId) is not { } known) return Problem.Of("UnknownHall");
        var body = entry.Body;
        if (body.Grade is not { } grade) return GradeMissing;
        if (!Words.AreTags(body.Tags)) return Problem.BadField("tags", Words.TagsAllowed);
        if (body.Nonce is null) return Problem.BadField("nonce", "must be given: the one that the window's topic gave");
        if (!tokens.TryReadNonce(body.Nonce, hallId, known.Number, windowId, out var ticket, out var leg)) return Problem.Of("UnknownTicket", ("field", "nonce"));
        return Rated(await door.SendAsync(entry.Caller, hallId, new RateAtWindow(windowId, ticket, leg, grade, body.Tags ?? []), entry.Key));
    }

    private static Problem GradeMissing => Problem.BadField("grade", "must be " + AllowedValues.OneOf(Enum.GetNames<Grade>()));

    private static Results<Answer<HeldTicket>, Problem> Held(DoorAnswer sent)
    {
        if (!sent.IsDone) return sent.Problem;
        var held = sent.Answer.Reply switch
        {
            HolderReply holder => HeldTicket.Of(holder),
            TicketReply ticket => new HeldTicket(ticket.Id.ToString(), ticket.Number, ticket.State),
            IssuedReply issued => new HeldTicket(issued.Id.ToString(), issued.Number, issued.State),
            CheckedInReply come => new HeldTicket(come.Issued.Id.ToString(), come.Issued.Number, come.Issued.State),
            var other => throw new InvalidOperationException($"A ticket's command was answered with {other?.GetType().Name ?? "nothing"}."),
        };
        return new Answer<HeldTicket>(StatusCodes.Status200OK, held, Wire.Json.HeldTicket);
    }

    private static Results<Answer<RatedService>, Problem> Rated(DoorAnswer sent)
    {
        if (!sent.IsDone) return sent.Problem;
        return new Answer<RatedService>(StatusCodes.Status201Created, RatedService.Of((RatingReply)sent.Answer.Reply!), Wire.Json.RatedService);
    }

    // Null: an account may name any.
    private static TicketSource? Source(Caller caller) => caller.IsAnonymous ? TicketSource.Phone : caller.Device is not null ? TicketSource.Kiosk : null;

    // DOMAIN.md, "priority class": idCard only with an ID number, guide for guides and managers, who include them.
    internal static Grants GrantsOf(Caller caller, HallId hall, bool card)
    {
        var grants = Grants.Self;
        if (card) grants |= Grants.IdCard;
        if (caller.Has(Role.Guide, hall)) grants |= Grants.Guide;
        if (caller.Has(Role.Manager, hall)) grants |= Grants.Manager;
        return grants;
    }
}
