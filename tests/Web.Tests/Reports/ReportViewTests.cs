using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using HallOps.Core.Metrics;
using HallOps.Web.Halls;
using HallOps.Web.Storage;
using HallOps.Web.Tests.Door;
using HallOps.Web.Tests.OpenApi;
using HallOps.Web.Tests.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HallOps.Web.Tests.Reports;

/// <summary>The views for BI tools: what they tell is what the API tells, and the questions of docs/sql.md can be asked as they stand there.</summary>
public sealed partial class ReportViewTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SqlKind.Sqlite)]
    [InlineData(SqlKind.Postgres)]
    public async Task Views_TellWhatTheApiTells(SqlKind kind)
    {
        await using var host = await ServerHost.StartAsync(kind: kind);
        var rows = new ReportRows(host);
        // Views name halls by what is known of them, and that comes a moment after the answer.
        await host.App.Services.GetRequiredService<IHallList>().HasAsync(rows.Number(), 1, Cancel);
        var (random, day) = (new Random(11), ReportRows.Monday);
        var drawn = ReportRows.Drawn(random, day, 1, 120).ToList();
        drawn.Add(drawn.First(l => l.Grade is not null) with { Ticket = 900, BeforeHold = (120_000, 15_000, 90_000) });
        await rows.LegsAsync(drawn);
        await rows.CallsAsync(day, ("1", "w01", 1, "09:00"), ("2", "w02", 2, "09:01"));
        await rows.StretchesAsync(("1", "idle", null, "w01", ReportRows.At(day, "09:00"), ReportRows.At(day, "09:10")), ("1", "serving", null, "w01", ReportRows.At(day, "09:10"), ReportRows.At(day, "09:40")));
        await rows.RollAsync(drawn, DoorHost.Hall);
        using var analyst = host.As("analyst@h");
        var legs = (await analyst.GetAsync(new Uri("/api/v1/legs?halls=h&from=2026-03-02&to=2026-03-02&limit=1000", UriKind.Relative), Cancel).JsonAsync()).GetProperty("legs").EnumerateArray().ToList();
        var waits = (await analyst.GetAsync(new Uri("/api/v1/metrics/waits?halls=h&from=2026-03-02&to=2026-03-02", UriKind.Relative), Cancel).JsonAsync())[0];

        Assert.Equal(legs.Select(l => (l.GetProperty("number").GetString(), l.GetProperty("outcome").GetString(), Seconds(l, "waitSeconds"), Seconds(l, "walkSeconds"), Seconds(l, "serviceSeconds"))),
            (await RowsAsync(host, "SELECT number, outcome, wait_seconds, walk_seconds, service_seconds FROM report_legs WHERE hall = 'h' ORDER BY ticket, leg")).Select(r => ((string?)r[0], (string?)r[1], Number(r[2]), Number(r[3]), Number(r[4]))));
        Assert.Equal(legs.Count(l => l.GetProperty("grade").ValueKind == JsonValueKind.String), (int)Number((await RowsAsync(host, "SELECT COUNT(*) FROM ratings"))[0][0])!);
        Assert.Equal(legs.Count, (int)Number((await RowsAsync(host, "SELECT SUM(issued) FROM arrivals"))[0][0])!);
        Assert.Equal(2, (int)Number((await RowsAsync(host, "SELECT COUNT(*) FROM report_calls WHERE hall = 'h'"))[0][0])!);
        // The hall itself runs too, today.
        Assert.Equal([600, 1_800], (await RowsAsync(host, $"SELECT seconds FROM report_window_time WHERE hall = 'h' AND from_at < {ReportRows.At(day, "12:00")} ORDER BY from_at")).Select(r => Number(r[0])));
        var figures = Assert.Single(await RowsAsync(host, "SELECT legs, served, wait_n, wait_seconds FROM report_figures WHERE hall = 'h' AND grain = 'day' AND dimension = 'hall'"));
        var wait = waits.GetProperty("wait");
        Assert.Equal((waits.GetProperty("legs").GetDouble(), waits.GetProperty("served").GetDouble(), wait.GetProperty("n").GetDouble()), (Number(figures[0]), Number(figures[1]), Number(figures[2])));
        Assert.Equal(wait.GetProperty("meanSeconds").GetDouble(), Number(figures[3])!.Value / wait.GetProperty("n").GetDouble(), 2);

        // As they stand in the manual, and each has an answer to give.
        var questions = Question().Matches(await File.ReadAllTextAsync(Path.Combine(ApiDocumentTests.Root(), "docs", "sql.md"), Cancel)).Select(m => m.Groups[1].Value.Replace("2026-11-01", "2026-03-01", StringComparison.Ordinal).Replace("2026-11-30", "2026-03-31", StringComparison.Ordinal)).ToList();
        Assert.Equal(3, questions.Count);
        await rows.StretchesAsync(("2", "idleWaitedFor", null, "w02", ReportRows.At(day, "10:00"), ReportRows.At(day, "10:06")));
        foreach (var question in questions) Assert.NotEmpty(await RowsAsync(host, question));

        static double? Seconds(JsonElement leg, string name) => leg.GetProperty(name) is { ValueKind: JsonValueKind.Number } seconds ? seconds.GetDouble() : null;

        static double? Number(object? value) => value is null ? null : Convert.ToDouble(value, CultureInfo.InvariantCulture);
    }

    private static async Task<List<object?[]>> RowsAsync(ServerHost host, string sql)
    {
        await using var database = await host.App.Services.GetRequiredService<IDbContextFactory<HallOpsDb>>().CreateDbContextAsync(Cancel);
        var connection = database.Database.GetDbConnection();
        await connection.OpenAsync(Cancel);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The texts are this file's own and the manual's.
        command.CommandText = sql;
#pragma warning restore CA2100
        var rows = new List<object?[]>();
        await using var reader = await command.ExecuteReaderAsync(Cancel);
        while (await reader.ReadAsync(Cancel)) rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? null : reader.GetValue(i))]);
        return rows;
    }

    [GeneratedRegex("```sql\n(SELECT.*?);?\n```", RegexOptions.Singleline)]
    private static partial Regex Question();
}
