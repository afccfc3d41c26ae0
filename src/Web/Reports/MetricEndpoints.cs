using HallOps.Core.Halls;
using HallOps.Core.Metrics;
using HallOps.Displays.Components;
using HallOps.Silo;
using HallOps.Web.Problems;
using HallOps.Web.Reports.Stored;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace HallOps.Web.Reports;

/// <summary>The figures, for analysts and auditors. What each member means: docs/reports.md.</summary>
public static class MetricEndpoints
{
    private static readonly Grouping[] s_all = Enum.GetValues<Grouping>();

    // Whatever a stretch of a window's time knows.
    private static readonly Grouping[] s_ofTime = [Grouping.Hall, Grouping.Region, Grouping.Window, Grouping.Staff, Grouping.Weekday, Grouping.Day, Grouping.Week, Grouping.Month];

    public static void AddReports(this IServiceCollection services, ReportTargets targets) => services.AddSingleton(targets).AddSingleton<ReportHalls>().AddSingleton<Metrics>().AddSingleton<LegPages>().AddSingleton<Arrivals>().AddSingleton<FlagSearch>().AddSingleton(s => new VisitStory(s.GetRequiredService<Microsoft.EntityFrameworkCore.IDbContextFactory<Storage.HallOpsDb>>(), s.GetRequiredService<Operations.EngineHost>())).AddStored();

    public static void MapReports(this IEndpointRouteBuilder api)
    {
        api.MapGet("/metrics/waits", WaitsAsync).Reads<IReadOnlyList<WaitsRowView>>(Act.ReadReports);
        api.MapGet("/metrics/windows", WindowsAsync).Reads<IReadOnlyList<WindowsRowView>>(Act.ReadReports);
        api.MapGet("/metrics/staff", StaffAsync).Reads<IReadOnlyList<StaffRowView>>(Act.ReadReports);
        api.MapGet("/metrics/ratings", RatingsAsync).Reads<IReadOnlyList<RatingsRowView>>(Act.ReadReports);
        api.MapGet("/metrics/arrivals", ArrivalsAsync).Reads<IReadOnlyList<ArrivalsView>>(Act.ReadReports);
        api.MapGet("/metrics/flags", FlagsAsync).Reads<IReadOnlyList<FlagView>>(Act.ReadReports);
        api.MapGet("/metrics/names", NamesAsync).Reads<ReportNames>(Act.ReadReports);
        api.MapLegs();
        api.MapStored();
    }

    private static async Task<Results<Ok<IReadOnlyList<WaitsRowView>>, Problem>> WaitsAsync(HttpContext http, Metrics metrics, [AsParameters] ReportParameters said)
    {
        var (request, wrong) = await ReportRequest.ReadAsync(http, said, s_all, null);
        if (request is null) return wrong!;
        try
        {
            var answer = await metrics.AskAsync(request.Query, http.RequestAborted);
            if (request.Compared is not { } compared) return Rows<WaitsRowView>([.. answer.Rows.Select(r => WaitsRowView.Of(r, request))]);
            var other = await metrics.AskAsync(compared, http.RequestAborted);
            var notes = Comparison.NotesOf(request.Query, compared, answer.AsOf) is { Count: > 0 } some ? some : null;
            return Rows<WaitsRowView>([.. Comparison.Of(request.Query, answer.Rows, compared, other.Rows).Select(pair => Beside(pair.Row, pair.Other, notes))]);
        }
        catch (QuestionTooLargeException large)
        {
            return TooLarge(large);
        }

        WaitsRowView Beside(MetricRow row, MetricRow? other, IReadOnlyList<Text>? notes)
        {
            var (view, like) = (WaitsRowView.Of(row, request!), other is null ? null : WaitsRowView.Of(other, request!));
            return view with { Compared = new ComparedView(like, like is null ? null : DifferenceView.Of(view, like), notes) };
        }
    }

    private static Task<Results<Ok<IReadOnlyList<WindowsRowView>>, Problem>> WindowsAsync(HttpContext http, Metrics metrics, [AsParameters] ReportParameters said) =>
        RowsAsync(http, metrics, said, s_ofTime, Grouping.Window, (row, request) => WindowsRowView.Of(row, request.Query.By));

    private static Task<Results<Ok<IReadOnlyList<StaffRowView>>, Problem>> StaffAsync(HttpContext http, Metrics metrics, [AsParameters] ReportParameters said) =>
        RowsAsync(http, metrics, said, [Grouping.Staff], Grouping.Staff, (row, _) => StaffRowView.Of(row));

    private static Task<Results<Ok<IReadOnlyList<RatingsRowView>>, Problem>> RatingsAsync(HttpContext http, Metrics metrics, [AsParameters] ReportParameters said) =>
        RowsAsync(http, metrics, said, s_all, null, (row, request) => RatingsRowView.Of(row, request.HasCodes, request.Targets), withTime: false);

    private static async Task<Results<Ok<IReadOnlyList<T>>, Problem>> RowsAsync<T>(HttpContext http, Metrics metrics, ReportParameters said, Grouping[] allowed, Grouping? otherwise, Func<MetricRow, ReportRequest, T> view, bool withTime = true)
    {
        var (request, wrong) = await ReportRequest.ReadAsync(http, said, allowed, otherwise);
        if (request is null) return wrong!;
        if (withTime && !request.Query.Filter.IsOfWindows) return Problem.BadField("window", "and staff are the only filters of windows' time; leave the others out");
        try
        {
            var answer = await metrics.AskAsync(request.Query with { WithTime = withTime }, http.RequestAborted);
            return Rows<T>([.. answer.Rows.Select(r => view(r, request))]);
        }
        catch (QuestionTooLargeException large)
        {
            return TooLarge(large);
        }
    }

    private static async Task<Results<Ok<IReadOnlyList<ArrivalsView>>, Problem>> ArrivalsAsync(HttpContext http, Arrivals arrivals, [AsParameters] ReportParameters said)
    {
        var (request, wrong) = await ReportRequest.ReadAsync(http, said, [Grouping.Day, Grouping.Weekday], Grouping.Weekday);
        if (request is null) return wrong!;
        if (!request.Query.Filter.IsAll && (long)request.Query.Days * request.Query.Halls.Count > Metrics.MostRawHallDays) return Problem.BadField("to", "must be nearer to from where filters are given");
        return Rows(await arrivals.AskAsync(request.Query, http.RequestAborted));
    }

    private static async Task<Results<Ok<IReadOnlyList<FlagView>>, Problem>> FlagsAsync(HttpContext http, FlagSearch flags, [AsParameters] ReportParameters said)
    {
        var (request, wrong) = await ReportRequest.ReadAsync(http, said, [], null);
        if (request is null) return wrong!;
        if ((long)request.Query.Days * request.Query.Halls.Count > Metrics.RawHallDays)
            return Problem.BadField("to", $"must be within {Math.Max(1, Metrics.RawHallDays / Math.Max(1, request.Query.Halls.Count))} days of from for so many halls");
        return Rows(await flags.FindAsync(request.Query, http.RequestAborted));
    }

    private static async Task<Results<Ok<ReportNames>, Problem>> NamesAsync(HttpContext http, ReportHalls all, IHalls halls, [FromQuery(Name = "halls")] string? named)
    {
        var (found, refused) = await all.FindAsync(Caller.Of(http.User), named, "halls", http.RequestAborted);
        if (found is null) return refused!;
        if (named is null || found.Count > ReportNames.MostHalls) return Problem.BadField("halls", $"must be ids of at most {ReportNames.MostHalls} halls separated by commas");
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(await ReportNames.ReadAsync(halls, found.Select(h => h.Hall), http.RequestAborted));
    }

    private static Ok<IReadOnlyList<T>> Rows<T>(IReadOnlyList<T> rows) => TypedResults.Ok(rows);

    private static Problem TooLarge(QuestionTooLargeException large) => Problem.BadField("to", large.Message);
}
