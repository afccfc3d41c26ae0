using System.Globalization;
using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Web.Boards;
using HallOps.Web.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HallOps.Web.Halls;

/// <summary>The list of halls, what a hall is, and its suspension.</summary>
public static class HallEndpoints
{
    public static void MapHalls(this IEndpointRouteBuilder api)
    {
        api.MapGet("/halls", ListAsync).Reads<IReadOnlyList<HallListed>>(Act.ReadPublic);
        api.MapGet("/halls/{hall}", ReadAsync).Reads<HallView>(Act.ReadPublic);
        api.MapPost("/halls/{hall}/suspend", SuspendAsync).Commands<SuspendBody, SuspendedNow>(Act.Suspend);
        api.MapPost("/halls/{hall}/resume", ResumeAsync).Commands<ResumeBody, SuspendedNow>(Act.Suspend);
        api.MapNotices();
        api.MapOtherHalls();
        api.MapConfig();
    }

    private static async Task<Results<Answer<IReadOnlyList<HallListed>>, Problem>> ListAsync(string? region, string? near, HttpContext http, IHallList list, BoardJson json)
    {
        (double, double)? place = null;
        if (!string.IsNullOrEmpty(near))
        {
            if (!TryPlace(near, out var at)) return Problem.BadField("near", "must be longitude,latitude in degrees, like 121.18,32.33");
            place = at;
        }
        var halls = await list.ListAsync(string.IsNullOrEmpty(region) ? null : region, place, http.RequestAborted);
        return new Answer<IReadOnlyList<HallListed>>(StatusCodes.Status200OK, halls, json.Of<IReadOnlyList<HallListed>>());
    }

    private static async Task<Results<Answer<HallView>, Problem>> ReadAsync(string hall, HttpContext http, IHalls halls, BoardJson json) =>
        await halls.ReadAsync(new HallId(hall), new ReadHall(), http.RequestAborted) is { } view
            ? new Answer<HallView>(StatusCodes.Status200OK, view, json.Of<HallView>())
            : Problem.Of("UnknownHall");

    private static async Task<Results<Answer<SuspendedNow>, Problem>> SuspendAsync(string hall, HttpContext http, HallDoor door)
    {
        var entry = await HallDoor.EnterAsync(http, Act.Suspend, new HallId(hall), Wire.Json.SuspendBody);
        if (!entry.IsIn) return entry.Problem;
        var body = entry.Body;
        if (body.Reason is null || !Words.IsText(body.Reason)) return Problem.BadField("reason", Words.TextAllowed);
        var reason = await door.KeepAsync(body.Reason, http.RequestAborted);
        return Now(await door.SendAsync(entry.Caller, entry.Hall, new Suspend(Lines(body.Lines), Services(body.Services), reason!.Value, body.Until is { } until ? Instant.From(until) : null), entry.Key));
    }

    private static async Task<Results<Answer<SuspendedNow>, Problem>> ResumeAsync(string hall, HttpContext http, HallDoor door)
    {
        var entry = await HallDoor.EnterAsync(http, Act.Suspend, new HallId(hall), Wire.Json.ResumeBody);
        if (!entry.IsIn) return entry.Problem;
        return Now(await door.SendAsync(entry.Caller, entry.Hall, new Resume(Lines(entry.Body.Lines), Services(entry.Body.Services)), entry.Key));
    }

    private static Results<Answer<SuspendedNow>, Problem> Now(DoorAnswer sent)
    {
        if (!sent.IsDone) return sent.Problem;
        var reply = (SuspensionReply)sent.Answer.Reply!;
        return new Answer<SuspendedNow>(StatusCodes.Status200OK, new SuspendedNow(reply.Hall, [.. reply.Lines.Select(l => l.Value)], [.. reply.Services.Select(s => s.Value)]), Wire.Json.SuspendedNow);
    }

    private static List<LineId> Lines(IReadOnlyList<string>? ids) => ids?.Select(id => new LineId(id ?? "")).ToList() ?? [];

    private static List<ServiceId> Services(IReadOnlyList<string>? ids) => ids?.Select(id => new ServiceId(id ?? "")).ToList() ?? [];

    private static bool TryPlace(string text, out (double Longitude, double Latitude) place)
    {
        place = default;
        var parts = text.Split(',');
        if (parts.Length != 2
            || !double.TryParse(parts[0], NumberStyles.Float, CultureInfo.InvariantCulture, out var longitude)
            || !double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var latitude)
            || !(Math.Abs(longitude) <= 180 && Math.Abs(latitude) <= 90))
            return false;
        place = (longitude, latitude);
        return true;
    }
}
