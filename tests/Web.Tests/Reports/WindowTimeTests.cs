using System.Text.Json;
using HallOps.Core.Halls;
using HallOps.Core.Metrics;
using HallOps.Silo;
using HallOps.Web.Halls;
using HallOps.Web.Operations;
using HallOps.Web.Tests.Door;
using HallOps.Web.Tests.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace HallOps.Web.Tests.Reports;

/// <summary>Where windows' time went, over HTTP, and what of it should be looked at.</summary>
public abstract class WindowTimeTests(SqlKind kind)
{
    private const string Day = "halls=h&from=2026-03-02&to=2026-03-02";

    private static readonly DateOnly Monday = ReportRows.Monday;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WindowsTime_AddsUpToTheSession()
    {
        await using var host = await ServerHost.StartAsync(kind: kind);
        var rows = new ReportRows(host);
        long At(string time) => ReportRows.At(Monday, time);
        // The hall is open from nine to noon; the window until a quarter past, five minutes of that with somebody waiting and nobody served.
        await rows.StretchesAsync(("", "closed", null, null, At("00:00"), At("09:00")), ("", "regular", null, null, At("09:00"), At("12:00")), ("", "closed", null, null, At("12:00"), At("23:59")),
            ("1", "closed", null, null, At("00:00"), At("09:10")), ("1", "idle", null, "w01", At("09:10"), At("09:40")), ("1", "idleWaitedFor", null, "w01", At("09:40"), At("09:45")), ("1", "walking", null, "w01", At("09:45"), At("09:46")),
            ("1", "serving", null, "w01", At("09:46"), At("10:30")), ("1", "paused", "meeting", "w01", At("10:30"), At("11:00")), ("1", "serving", null, "w01", At("11:00"), At("12:15")), ("1", "closed", null, null, At("12:15"), At("23:59")));
        using var auditor = host.As("auditor@h");
        var time = (await GetAsync(auditor, $"metrics/windows?{Day}"))[0].GetProperty("time");
        Assert.Equal((600d, 1800d, 300d, 60d, (44 + 60) * 60d, 1800d), (D(time, "closedSeconds"), D(time, "idleSeconds"), D(time, "idleWaitedForSeconds"), D(time, "walkingSeconds"), D(time, "servingSeconds"), D(time.GetProperty("pausedSeconds"), "meeting")));
        Assert.Equal((3 * 3600d, 900d), (D(time, "sessionSeconds"), D(time, "outsideSeconds")));
        var staff = (await GetAsync(auditor, $"metrics/staff?{Day}"))[0];
        Assert.Equal(("w01", 3 * 3600d - 600), (staff.GetProperty("key").GetString(), D(staff.GetProperty("time"), "sessionSeconds")));
    }

    [Fact]
    public async Task Time_FromRollups_IsThatOfTheDaysThemselves()
    {
        await using var host = await ServerHost.StartAsync(kind: kind);
        var rows = new ReportRows(host);
        const int seed = 7;
        const int days = 150;
        // Ended all of them.
        var first = Monday.AddDays(-300);
        var random = new Random(seed);
        var (stretches, legs) = (new List<(string, string, string?, string?, long, long?)>(), new List<MetricLeg>());
        for (var i = 0; i < days; i++)
        {
            var day = first.AddDays(i);
            long At(string time) => ReportRows.At(day, time);
            stretches.AddRange([("", "closed", null, null, At("00:00"), At("09:00")), ("", "regular", null, null, At("09:00"), At("12:00")), ("", "closed", null, null, At("12:00"), At("00:00") + 86_400_000)]);
            foreach (var window in new[] { "1", "2" })
            {
                // Cut anywhere between half past eight and half past twelve, a part of it outside of the session.
                var cuts = Enumerable.Range(0, 5).Select(_ => At("08:30") + random.Next(0, 4 * 3_600_000)).Append(At("08:30")).Append(At("12:30")).Distinct().Order().ToList();
                stretches.Add((window, "closed", null, null, At("00:00"), cuts[0]));
                for (var cut = 1; cut < cuts.Count; cut++)
                {
                    var use = new[] { "idle", "idleWaitedFor", "walking", "serving", "paused", "suspended" }[random.Next(6)];
                    stretches.Add((window, use, use == "paused" ? "meeting" : null, "w0" + window, cuts[cut - 1], cuts[cut]));
                }
                stretches.Add((window, "closed", null, null, cuts[^1], At("00:00") + 86_400_000));
            }
            legs.AddRange(ReportRows.Drawn(random, day, legs.Count + 1, 2));
        }
        await rows.StretchesAsync([.. stretches]);
        await rows.LegsAsync(legs);
        using var analyst = host.As("analyst@h");
        foreach (var by in new[] { "window", "staff", "hall", "month", "weekday" })
        {
            // Up to 140 days are counted from the rows: two parts of them, before there is any rollup.
            var parts = new List<JsonElement>();
            foreach (var (from, to) in new[] { (0, 79), (80, days - 1) }) parts.AddRange((await TimesAsync(by, from, to)).EnumerateArray());
            if (by == "window")
            {
                await rows.DueAsync(Enumerable.Range(0, days).Select(first.AddDays));
                await host.App.Services.GetRequiredService<EngineHost>().Roller.RollAsync(Cancel);
            }
            var whole = (await TimesAsync(by, 0, days - 1)).EnumerateArray().ToList();
            Assert.Equal(parts.Select(Key).Distinct().Order(StringComparer.Ordinal), whole.Select(Key).Order(StringComparer.Ordinal));
            foreach (var row in whole)
            {
                Assert.False(row.GetProperty("exact").GetBoolean(), $"seed {seed}: {by} {Key(row)} is to be from rollups.");
                var (time, like) = (row.GetProperty("time"), parts.Where(p => Key(p) == Key(row)).Select(p => p.GetProperty("time")).ToList());
                foreach (var part in new[] { "servingSeconds", "walkingSeconds", "idleSeconds", "idleWaitedForSeconds", "suspendedSeconds", "closedSeconds", "sessionSeconds", "outsideSeconds" })
                    Assert.True(Math.Abs(like.Sum(l => D(l, part)) - D(time, part)) < 0.001, $"seed {seed}: {part} of {by} {Key(row)} is {D(time, part)}, the days' {like.Sum(l => D(l, part))}.");
                var (shares, paused) = (new[] { "servingSeconds", "walkingSeconds", "idleSeconds", "idleWaitedForSeconds", "suspendedSeconds", "closedSeconds" }.Sum(part => D(time, part)), time.GetProperty("pausedSeconds").EnumerateObject().Sum(p => p.Value.GetDouble()));
                Assert.Equal(D(time, "sessionSeconds"), shares + paused, 3);
            }
        }

        Task<JsonElement> TimesAsync(string by, int from, int to) =>
            GetAsync(analyst, $"metrics/{(by == "staff" ? "staff" : "windows")}?halls=h&by={by}&from={first.AddDays(from):yyyy-MM-dd}&to={first.AddDays(to):yyyy-MM-dd}");

        static string Key(JsonElement row) => row.GetProperty("key").GetString() ?? "";
    }

    [Fact]
    public async Task Figures_OfAHallThatMovesToAnotherZone_AreCutAnew()
    {
        await using var host = await ServerHost.StartAsync(kind: kind);
        var (rows, first) = (new ReportRows(host), Monday.AddDays(-200));
        var (legs, stretches) = (new List<MetricLeg>(), new List<(string, string, string?, string?, long, long?)>());
        for (var day = first; day < first.AddDays(150); day = day.AddDays(1))
        {
            legs.AddRange(ReportRows.Drawn(new Random(day.DayNumber), day, legs.Count + 1, 2));
            var (open, shut) = (ReportRows.At(day, "09:00"), ReportRows.At(day, "12:00"));
            stretches.AddRange([("", "closed", null, null, ReportRows.At(day, "00:00"), open), ("", "regular", null, null, open, shut), ("", "closed", null, null, shut, ReportRows.At(day, "00:00") + 86_400_000), ("1", "serving", null, "w01", open, shut)]);
        }
        await rows.LegsAsync(legs);
        await rows.StretchesAsync([.. stretches]);
        await rows.DueAsync(Enumerable.Range(0, 150).Select(first.AddDays));
        var roller = host.App.Services.GetRequiredService<EngineHost>().Roller;
        Assert.Equal(150, await roller.RollAsync(Cancel));
        using var analyst = host.As("analyst@h");
        var moved = DoorHost.Document(DoorHost.Hall).Replace("Asia/Shanghai", "America/New_York", StringComparison.Ordinal);
        var answer = await host.App.Services.GetRequiredService<IHalls>().SendAsync(DoorHost.Hall, new HallRequest(new ConfigureHall(0, PackedDocument.Pack(HallDocument.Minify(System.Text.Encoding.UTF8.GetBytes(moved)))), "test"), Cancel);
        Assert.Equal(AnswerStatus.Done, answer.Status);
        await host.App.Services.GetRequiredService<IHallList>().HasAsync(rows.Number(), answer.Sequence, Cancel);
        // What served in the morning there serves at night here, and the first night belongs to the day before.
        Assert.InRange(await roller.RollAsync(Cancel), 151, 152);
        foreach (var (what, by) in new[] { ("waits", "hour"), ("windows", "day") })
        {
            var parts = (await GetAsync(analyst, $"metrics/{what}?halls=h&by={by}&from={first.AddDays(-1):yyyy-MM-dd}&to={first.AddDays(79):yyyy-MM-dd}")).EnumerateArray().Concat((await GetAsync(analyst, $"metrics/{what}?halls=h&by={by}&from={first.AddDays(80):yyyy-MM-dd}&to={first.AddDays(150):yyyy-MM-dd}")).EnumerateArray())
                .GroupBy(Key).ToDictionary(g => g.Key, g => (g.Sum(r => D(r, "legs")), g.Sum(Serving)));
            var whole = (await GetAsync(analyst, $"metrics/{what}?halls=h&by={by}&from={first.AddDays(-1):yyyy-MM-dd}&to={first.AddDays(150):yyyy-MM-dd}")).EnumerateArray().Where(r => D(r, "legs") + Serving(r) > 0).ToDictionary(Key, r => (D(r, "legs"), Serving(r)));
            Assert.Equal(parts.Where(p => p.Value != (0, 0)).OrderBy(p => p.Key, StringComparer.Ordinal), whole.OrderBy(p => p.Key, StringComparer.Ordinal));
        }

        static string Key(JsonElement row) => row.GetProperty("key").GetString() ?? "";

        static double Serving(JsonElement row) => row.TryGetProperty("time", out var time) ? D(time, "servingSeconds") + D(time, "outsideSeconds") : 0;
    }

    [Fact]
    public async Task Flags_AreTold_WithTheirLegsAndWhereTheyAre()
    {
        await using var host = await ServerHost.StartAsync(kind: kind);
        var rows = new ReportRows(host);
        // Window 1 calls three within a minute, window 2 as many in two; one of twenty-one services takes half a minute, the others ten.
        await rows.CallsAsync(Monday, ("1", "w01", 1, "09:00"), ("1", "w01", 2, "09:00:20"), ("1", "w01", 3, "09:00:50"), ("2", "w02", 4, "09:00"), ("2", "w02", 5, "09:01"), ("2", "w02", 6, "09:02"));
        await rows.LegsAsync(Enumerable.Range(1, 21).Select(i => ReportRows.Leg(Monday, i, "08:30", $"09:{i * 2:00}", $"09:{i * 2:00}:10", i == 7 ? $"09:{i * 2:00}:40" : $"{9 + (i * 2 + 10) / 60:00}:{(i * 2 + 10) % 60:00}:10", LegOutcome.Served) with { FinishOutcome = FinishOutcome.Done }));
        // Free for six minutes while somebody waited; and before the session, when nobody is expected to call.
        await rows.StretchesAsync(("", "closed", null, null, ReportRows.At(Monday, "00:00"), ReportRows.At(Monday, "09:00")), ("", "regular", null, null, ReportRows.At(Monday, "09:00"), ReportRows.At(Monday, "12:00")),
            ("2", "idleWaitedFor", null, "w02", ReportRows.At(Monday, "08:00"), ReportRows.At(Monday, "09:00")), ("2", "serving", null, "w02", ReportRows.At(Monday, "09:00"), ReportRows.At(Monday, "10:00")),
            ("2", "idleWaitedFor", null, "w02", ReportRows.At(Monday, "10:00"), ReportRows.At(Monday, "10:06")), ("2", "closed", null, null, ReportRows.At(Monday, "10:06"), ReportRows.At(Monday, "12:00")));
        using var analyst = host.As("analyst@h");
        var flags = (await GetAsync(analyst, $"metrics/flags?{Day}")).EnumerateArray().ToList();
        Assert.Equal([("burstOfCalls", "1", "w01", "2026-03-02T09:00:00+08:00", 50d, 3), ("quickFinish", "1", "w01", "2026-03-02T09:14:10+08:00", 30d, 1), ("longIdle", "2", "w02", "2026-03-02T10:00:00+08:00", 360d, 0)],
            flags.Select(f => (f.GetProperty("kind").GetString(), f.GetProperty("window").GetString(), f.GetProperty("staff").GetString(), f.GetProperty("from").GetString(), D(f, "seconds"), f.GetProperty("legs").GetArrayLength())));
        Assert.Equal(600, D(flags[1], "typicalSeconds"));
        // Each leads to the visits behind it.
        foreach (var leg in flags.SelectMany(f => f.GetProperty("legs").EnumerateArray()))
        {
            var visit = await analyst.GetAsync(new Uri(leg.GetProperty("href").GetString()!, UriKind.Relative), Cancel).JsonAsync();
            Assert.Equal(leg.GetProperty("id").GetString(), visit.GetProperty("id").GetString());
        }
        Assert.Equal(["longIdle"], (await GetAsync(analyst, $"metrics/flags?{Day}&window=2")).EnumerateArray().Select(f => f.GetProperty("kind").GetString()));
        Assert.Equal(["burstOfCalls", "quickFinish"], (await GetAsync(analyst, $"metrics/flags?{Day}&staff=w01")).EnumerateArray().Select(f => f.GetProperty("kind").GetString()));
        Assert.Empty((await GetAsync(analyst, "metrics/flags?halls=h&from=2026-03-01&to=2026-03-01")).EnumerateArray());
    }

    private static Task<JsonElement> GetAsync(HttpClient client, string path) => client.GetAsync(new Uri($"/api/v1/{path}", UriKind.Relative), Cancel).JsonAsync();

    private static double D(JsonElement element, string name) => element.GetProperty(name).GetDouble();
}

public sealed class WindowTimeSqliteTests() : WindowTimeTests(SqlKind.Sqlite);

public sealed class WindowTimePostgresTests() : WindowTimeTests(SqlKind.Postgres);
