using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Silo.Projections;
using HallOps.Silo.Scheduling;
using HallOps.Web.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HallOps.Web.Reports.Stored;

/// <summary>The reports of days and months that were stored on schedule (docs/reports.md), for analysts and auditors.</summary>
internal static class StoredEndpoints
{
    public static IServiceCollection AddStored(this IServiceCollection services) => services
        .AddSingleton<ReportShelf>().AddSingleton<ReportMaker>()
        .AddSingleton<IHousekeeping>(s => new ReportKeeping(
            () => new(s.GetRequiredService<ReportShelf>(), s.GetRequiredService<ReportMaker>(), s.GetRequiredService<IHalls>(), s.GetRequiredService<ReportHalls>(), s.GetRequiredService<HallClock>()),
            s.GetRequiredService<ILogger<ReportKeeping>>()));

    public static void MapStored(this IEndpointRouteBuilder api)
    {
        api.MapGet("/reports", ListAsync).Reads<IReadOnlyList<StoredEntryView>>(Act.ReadReports);
        api.MapGet("/reports/{hall}/{period}", ReadAsync).Reads<StoredReportView>(Act.ReadReports);
    }

    private static async Task<Results<Ok<IReadOnlyList<StoredEntryView>>, Problem>> ListAsync(HttpContext http, ReportHalls all, ReportShelf shelf, string? hall)
    {
        var (halls, refused) = await all.FindAsync(Caller.Of(http.User), hall, "hall", http.RequestAborted);
        if (halls is null) return refused!;
        if (hall is null || halls is not [var place]) return Problem.BadField("hall", "must be the id of one hall");
        http.Response.Headers.CacheControl = "no-store";
        var wall = new WallClock(place.Zone);
        return TypedResults.Ok<IReadOnlyList<StoredEntryView>>([.. (await shelf.ListAsync(place.Number, http.RequestAborted))
            .Select(r => new StoredEntryView(place.Hall.Value, r.Period.Text, r.Period.From, r.Period.To, wall.At(r.MadeAt.Milliseconds), $"/api/v1/reports/{place.Hall}/{r.Period.Text}"))]);
    }

    private static async Task<Results<ContentHttpResult, Problem>> ReadAsync(string hall, string period, HttpContext http, IHalls halls, ReportShelf shelf)
    {
        var id = new HallId(hall);
        if (Rights.Against(Caller.Of(http.User), id, Act.ReadReports) is { } no) return no;
        if (halls.Find(id) is not { } found) return Problem.Of("UnknownHall");
        if (ReportPeriod.Find(period) is not { } named || await shelf.FindAsync(found.Number, named, http.RequestAborted) is not { } body) return Problem.Of("UnknownReport");
        http.Response.Headers.CacheControl = "no-store";
        // As it was stored, whatever this version would make of it.
        return TypedResults.Text(body, "application/json; charset=utf-8");
    }
}
