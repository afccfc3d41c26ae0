using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Web.Devices;
using HallOps.Web.Operations;
using HallOps.Web.Problems;
using HallOps.Web.Tickets;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HallOps.Web.Demo;

internal sealed record DemoTicketBody(string? Hall);

/// <summary>Where the tour goes on.</summary>
internal sealed record DemoGo(string Url);

/// <summary>What the tour does for people with one click: makes their browser a device of a hall, or takes a number for them. Only there while the demonstration plays.</summary>
internal static class DemoEndpoints
{
    public static void MapDemo(this IEndpointRouteBuilder api)
    {
        var demo = api.MapGroup("/demo").AllowAnonymous().ExcludeFromDescription();
        demo.MapPost("/devices", EnrolAsync);
        demo.MapPost("/tickets", TakeNumberAsync);
    }

    private static async Task<Results<Ok<DemoGo>, Problem>> EnrolAsync(HttpContext http, DeviceBook book, DemoAccounts accounts, TimeProvider time)
    {
        var (body, wrong) = await http.ReadBodyAsync<LinkBody>();
        if (body is null) return wrong!;
        var (link, problem) = await book.LinkAsync(await accounts.CallerAsync("admin", http.RequestAborted), body, http.RequestAborted);
        if (link is null) return problem!;
        var device = await book.RedeemAsync(link.Url.Split('#')[1], http.RequestAborted) ?? throw new InvalidOperationException("A link that was made now is good.");
        DeviceEndpoints.Keep(http, device, time);
        var place = device.Window ?? (device.Kind == DeviceKind.Board ? device.Zone : null);
        return TypedResults.Ok(new DemoGo($"/{device.Kind.ToString().ToLowerInvariant()}/{device.Hall}{(place is null ? "" : "/" + place)}"));
    }

    private static async Task<Results<Ok<DemoGo>, Problem>> TakeNumberAsync(HttpContext http, DemoHost demo, DemoAccounts accounts, IHalls halls, HallDoor door, TicketTokens tokens)
    {
        var (body, wrong) = await http.ReadBodyAsync<DemoTicketBody>();
        if (body is null) return wrong!;
        if (demo.Tour?.Halls.FirstOrDefault(h => h.Hall.Value == body.Hall) is not { } stop) return Problem.Of("UnknownHall");
        // In the line that the window for people serves, so that whoever sits down there can call this very number.
        var settings = (await halls.ReadAsync(stop.Hall, new ReadConfig(), http.RequestAborted))!.Settings;
        var line = settings.WindowById[stop.Window].Profile[0].Line;
        var service = settings.Services.First(s => s.Line == line && s.Kind != ServiceKind.Joint && s.Identity != Identity.Required);
        var sent = await door.SendAsync(await accounts.CallerAsync(DemoAccounts.Player, http.RequestAborted), stop.Hall,
            new IssueTicket(service.Service, null, Grants.Self, null, null, TicketSource.Kiosk, null, Remote: false, null), DoorKey.None);
        return sent.IsDone ? TypedResults.Ok(new DemoGo("/t#" + tokens.Of(((IssuedReply)sent.Answer.Reply!).Id))) : sent.Problem;
    }
}
