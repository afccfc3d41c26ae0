using System.Globalization;
using System.Text;
using System.Text.Json;
using HallOps.Core.Calendars;
using HallOps.Core.Halls;
using HallOps.Core.Metrics;
using HallOps.Web.Halls;
using HallOps.Web.Operations;
using HallOps.Web.Storage;
using HallOps.Web.Tests.Door;
using HallOps.Web.Visits;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HallOps.Web.Tests.Reports;

/// <summary>Where figures meet their edges: imported visits, days to come, cells of another version, filters of flags, quarters shared by two days.</summary>
public sealed class BoundaryTests
{
    private static readonly TimeZoneInfo Shanghai = TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Task<JsonElement> GetAsync(HttpClient client, string path) => client.GetAsync(new Uri($"/api/v1/{path}", UriKind.Relative), Cancel).JsonAsync();

    private static long N(JsonElement row, string name) => row.GetProperty(name).GetInt64();

    private static async Task ImportAsync(ServerHost host, string csv)
    {
        await host.App.Services.GetRequiredService<IHallList>().HasAsync(new ReportRows(host).Number(), 1, Cancel);
        Assert.Equal(0, (await host.App.Services.GetRequiredService<VisitsImporter>().RunAsync(new MemoryStream(Encoding.UTF8.GetBytes(csv)), "visits.csv", check: false, null, Cancel)).RefusedCount);
    }

    private static async Task<HallOpsDb> OpenAsync(ServerHost host)
    {
        var database = await host.App.Services.GetRequiredService<IDbContextFactory<HallOpsDb>>().CreateDbContextAsync(Cancel);
        await database.Database.OpenConnectionAsync(Cancel);
        return database;
    }

    private static Task RollAsync(ServerHost host) => host.App.Services.GetRequiredService<EngineHost>().Roller.RollAsync(Cancel);

    // Figures of one day are the same from its rows and, in a year around it, from rollups.
    private static readonly string[] DayAndYear = ["halls=h&from=2024-03-01&to=2024-03-01", "halls=h&from=2024-01-01&to=2024-12-31"];

    [Fact]
    public async Task Import_OfAFileWithoutStarts_InventsNoWalks_AndAnswersNobodyCalledInVain()
    {
        await using var host = await ServerHost.StartAsync();
        await ImportAsync(host, """
            hall,line,service,number,issued,called,finished,outcome
            h,a,s,A001,2024-03-01T09:00:00,2024-03-01T09:05:00,2024-03-01T09:15:00,served
            h,a,s,A002,2024-03-01T09:00:00,2024-03-01T09:10:00,,noShow
            """);
        await RollAsync(host);
        using var admin = host.As("admin@*");
        foreach (var range in DayAndYear)
        {
            var row = (await GetAsync(admin, $"metrics/waits?{range}"))[0];
            Assert.Equal((1, 300d, 0, 0, 2, 600d), (N(row.GetProperty("wait"), "n"), row.GetProperty("wait").GetProperty("maxSeconds").GetDouble(), N(row.GetProperty("walk"), "n"), N(row.GetProperty("service"), "n"),
                N(row.GetProperty("includingWaiting"), "n"), row.GetProperty("includingWaiting").GetProperty("maxSeconds").GetDouble()));
        }
    }

    [Fact]
    public async Task Import_OfAVisitWithoutAnEnd_WaitsNoLongerThanItsDay()
    {
        await using var host = await ServerHost.StartAsync();
        await ImportAsync(host, """
            hall,line,service,number,issued,called,started,finished
            h,a,s,A001,2024-03-01T22:00:00,,,
            """);
        await RollAsync(host);
        using var admin = host.As("admin@*");
        foreach (var range in DayAndYear) Assert.Equal(7_200d, (await GetAsync(admin, $"metrics/waits?{range}"))[0].GetProperty("includingWaiting").GetProperty("maxSeconds").GetDouble());
    }

    [Fact]
    public async Task ARangeUpToToday_HasNoVisitsOfDaysToCome()
    {
        await using var host = await ServerHost.StartAsync();
        var today = ServiceDay.At(Instant.From(DateTimeOffset.UtcNow), Shanghai);
        // Where no later day of this year is left there is nothing to look at.
        if (today.DayOfYear >= 364) return;
        string Row(DateOnly day, int number) => $"h,a,s,A{number:000},{day:yyyy-MM-dd}T09:00:00,{day:yyyy-MM-dd}T09:05:00,{day:yyyy-MM-dd}T09:05:00,{day:yyyy-MM-dd}T09:10:00";
        await ImportAsync(host, $"hall,line,service,number,issued,called,started,finished\n{Row(today.AddDays(-10), 1)}\n{Row(today.AddDays(1), 2)}\n");
        await RollAsync(host);
        using var admin = host.As("admin@*");
        Assert.Equal(1, N((await GetAsync(admin, $"metrics/waits?halls=h&from={today.Year}-01-01&to={today:yyyy-MM-dd}"))[0], "legs"));
        var weekday = today.AddDays(-10).DayOfWeek.ToString();
        // And nobody came on days to come: a mean over them would be too low.
        async Task<string> DaysAsync(DateOnly to) => string.Join(' ', (await GetAsync(admin, $"metrics/arrivals?halls=h&from={today.AddDays(-30):yyyy-MM-dd}&to={to:yyyy-MM-dd}&by=weekday")).EnumerateArray()
            .Where(c => string.Equals(c.GetProperty("day").GetString(), weekday, StringComparison.OrdinalIgnoreCase)).Select(c => N(c, "days")));
        Assert.Equal(await DaysAsync(today), await DaysAsync(today.AddDays(100)));
    }

    [Fact]
    public async Task CellsOfAnotherVersion_DoNotCountTheRunningDayTwice()
    {
        await using var host = await ServerHost.StartAsync();
        var rows = new ReportRows(host);
        var first = new DateOnly(2025, 1, 10);
        var legs = Enumerable.Range(0, 200).Select(i => ReportRows.Leg(first.AddDays(i), i + 1, "09:00", "09:05", "09:06", "09:10", LegOutcome.Served)).ToList();
        await rows.LegsAsync(legs);
        await rows.RollAsync([.. legs.SkipLast(1)], DoorHost.Hall);
        await using (var database = await OpenAsync(host)) await database.Database.ExecuteSqlAsync($"UPDATE rollups SET version = 0 WHERE grain = 'year'", Cancel);
        using var admin = host.As("admin@*");
        Assert.Equal(200, N((await GetAsync(admin, "metrics/waits?halls=h&from=2025-01-01&to=2025-12-31"))[0], "legs"));
    }

    [Fact]
    public async Task Flags_OfOneWindow_AreMeasuredByAllOfThem_AndThoseOfAServiceAreItsOwn()
    {
        await using var host = await ServerHost.StartAsync();
        var rows = new ReportRows(host);
        var day = ReportRows.Monday;
        // Two dozen of ten minutes at the one window, three of ten seconds at the other.
        await rows.LegsAsync(Enumerable.Range(1, 24).Select(i => ReportRows.Leg(day, i, "09:00", "09:05", "09:06", "09:16", LegOutcome.Served) with { FinishOutcome = FinishOutcome.Done })
            .Concat(Enumerable.Range(25, 3).Select(i => ReportRows.Leg(day, i, "09:00", "10:05", "10:06", "10:06:10", LegOutcome.Served, window: "2") with { FinishOutcome = FinishOutcome.Done })));
        await using (var database = await OpenAsync(host))
            for (var i = 0; i < 3; i++)
                await database.Database.ExecuteSqlAsync(
                    $"""INSERT INTO calls (hall, sequence, ticket, leg, "day", "at", "window", staff, reason, overtook) VALUES ({(long)rows.Number()}, {1000 + i}, {25L + i}, 1, {day.ToString("O", CultureInfo.InvariantCulture)}, {ReportRows.At(day, "10:05") + i * 1000}, '2', 'w02', 'FirstCome', 0)""", Cancel);
        using var admin = host.As("admin@*");
        async Task<string> KindsAsync(string filter) => string.Join(' ', (await GetAsync(admin, $"metrics/flags?halls=h&from=2026-03-02&to=2026-03-02{filter}")).EnumerateArray().Select(f => f.GetProperty("kind").GetString()).Order());
        Assert.Equal("burstOfCalls quickFinish quickFinish quickFinish", await KindsAsync(""));
        Assert.Equal("burstOfCalls quickFinish quickFinish quickFinish", await KindsAsync("&window=2"));
        Assert.Equal("burstOfCalls quickFinish quickFinish quickFinish", await KindsAsync("&service=s"));
        Assert.Equal("", await KindsAsync("&service=t"));
        Assert.Equal("", await KindsAsync("&window=1"));
    }

    [Theory]
    [InlineData("2024-03-01 2024-03-02")]
    [InlineData("2024-03-02 2024-03-01")]
    public async Task AQuarterSharedByTwoServiceDays_HasTheLegsOfBoth(string order)
    {
        // Quarters are of the last two weeks only.
        var yesterday = ServiceDay.At(Instant.From(DateTimeOffset.UtcNow), Shanghai).AddDays(-1);
        await using var host = await ServerHost.StartAsync();
        var rows = new ReportRows(host);
        // The day before had a session past midnight.
        var late = ReportRows.Leg(yesterday, 1, "00:05");
        await rows.LegsAsync([late with { Day = yesterday.AddDays(-1) }, ReportRows.Leg(yesterday, 2, "00:10")]);
        foreach (var day in order.Split(' '))
        {
            await rows.DueAsync(day.EndsWith('1') ? yesterday.AddDays(-1) : yesterday);
            await RollAsync(host);
        }
        await using var database = await OpenAsync(host);
        var quarters = await database.Database.SqlQuery<long>($"SELECT SUM(legs) AS \"Value\" FROM rollups WHERE grain = 'quarter' AND dimension = 'hall'").ToListAsync(Cancel);
        Assert.Equal([2L], quarters);
    }
}
