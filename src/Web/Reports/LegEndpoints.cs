using System.Globalization;
using HallOps.Core.Halls;
using HallOps.Core.Metrics;
using HallOps.Silo;
using HallOps.Silo.Projections;
using HallOps.Web.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HallOps.Web.Reports;

/// <summary>The legs behind the figures: in pages, as a file, and one visit with its events.</summary>
internal static class LegEndpoints
{
    private const int MostLegs = 1_000;

    public static void MapLegs(this IEndpointRouteBuilder api)
    {
        api.MapGet("/legs", PageAsync).Reads<LegPage>(Act.ReadReports);
        api.MapGet("/legs.csv", CsvAsync).WithMetadata(Act.ReadReports).Produces<string>(StatusCodes.Status200OK, "text/csv");
        api.MapGet("/legs/{hall}/{ticket}", VisitAsync).Reads<VisitView>(Act.ReadReports);
    }

    private static async Task<Results<Ok<LegPage>, Problem>> PageAsync(HttpContext http, LegPages pages, [AsParameters] ReportParameters said)
    {
        var (request, wrong) = await ReportRequest.ReadAsync(http, said, [], null);
        if (request is null) return wrong!;
        LegPlace? after = null;
        if (said.After is { } text)
        {
            if (!LegPlace.TryParse(text, out var place)) return Problem.BadField("after", "must be the next of the page before");
            after = place;
        }
        var limit = 100;
        if (said.Limit is not null && (!int.TryParse(said.Limit, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > MostLegs)) return Problem.BadField("limit", $"must be from 1 to {MostLegs}");
        var (legs, next) = await pages.PageAsync(request.Query, after, limit, http.RequestAborted);
        return TypedResults.Ok(new LegPage(request.HasCodes ? [.. legs.Select(Coded)] : legs, next?.ToString()));
    }

    private static async Task<Results<PushStreamHttpResult, Problem>> CsvAsync(HttpContext http, LegPages pages, [AsParameters] ReportParameters said)
    {
        var (request, wrong) = await ReportRequest.ReadAsync(http, said, [], null);
        if (request is null) return wrong!;
        // Before anything is sent: what goes wrong here can still be said.
        var first = await LegCsv.FirstAsync(pages, request.Query, http.RequestAborted);
        return TypedResults.Stream(body => LegCsv.WriteAsync(body, pages, request.Query, first, request.HasCodes, http.RequestAborted), "text/csv; charset=utf-8", $"legs-{DayText.Of(request.Query.From)}-{DayText.Of(request.Query.To)}.csv");
    }

    private static async Task<Results<Ok<VisitView>, Problem>> VisitAsync(string hall, string ticket, HttpContext http, IHalls halls, ReportHalls all, LegPages pages, VisitStory story)
    {
        var id = new HallId(hall);
        if (Rights.Against(Caller.Of(http.User), id, Act.ReadReports) is { } no) return no;
        if (halls.Find(id) is not { } found) return Problem.Of("UnknownHall");
        var dash = ticket.IndexOf('-', StringComparison.Ordinal);
        if (dash <= 0 || !uint.TryParse(ticket.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number != found.Number
            || !long.TryParse(ticket.AsSpan(dash + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var ordinal))
            return Problem.Of("UnknownTicket");
        var place = await all.OfAsync(found, http.RequestAborted);
        var legs = await pages.OfVisitAsync(place, ordinal, http.RequestAborted);
        if (legs.Count == 0) return Problem.Of("UnknownTicket");
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(await story.TellAsync(place, ordinal, legs, http.RequestAborted));
    }

    private static LegView Coded(LegView leg) => leg with { Grade = TableWord.Find<Grade>(leg.Grade) is { } grade ? GradeCode.Of(grade, hasCodes: true) : null };
}
