using System.Diagnostics;
using System.Text;
using System.Text.Json;
using HallOps.Core.Halls;
using HallOps.Core.Metrics;
using HallOps.Web.Halls;
using HallOps.Web.Tests.Door;
using HallOps.Web.Tests.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace HallOps.Web.Tests.Reports;

/// <summary>Figures and legs over HTTP: a small day worked by hand, and answers from rows and from rollups side by side.</summary>
public abstract class MetricEndpointTests(SqlKind kind, ITestOutputHelper output)
{
    private const string Day = "halls=h&from=2026-03-02&to=2026-03-02";

    private static readonly DateOnly Monday = ReportRows.Monday;

    // Two served after 5 and 10 minutes, one left after 100 s, one called after 15 min and not there, one still there.
    private static readonly MetricLeg[] SmallDay =
    [
        ReportRows.Leg(Monday, 1, "09:00", "09:05", "09:05:20", "09:10", LegOutcome.Served) with { FinishOutcome = FinishOutcome.Done, Grade = Grade.VerySatisfied, Told = new Told(240_000, 280_000, 320_000) },
        ReportRows.Leg(Monday, 2, "09:00", "09:10", "09:10:10", "09:20", LegOutcome.Served, window: "2") with { FinishOutcome = FinishOutcome.Accepted, Grade = Grade.Dissatisfied },
        ReportRows.Leg(Monday, 3, "09:30", outcome: LegOutcome.Abandoned, ended: "09:31:40"),
        ReportRows.Leg(Monday, 4, "10:00", "10:15", outcome: LegOutcome.NoShow, ended: "10:20"),
    ];

    private static Task<JsonElement> GetAsync(HttpClient client, string path) => client.GetAsync(new Uri($"/api/v1/{path}", UriKind.Relative), TestContext.Current.CancellationToken).JsonAsync();

    [Fact]
    public async Task ADayWorkedByHand()
    {
        await using var host = await ServerHost.StartAsync(kind: kind);
        var rows = new ReportRows(host);
        await rows.LegsAsync(SmallDay);
        using var analyst = host.As("analyst@h");

        var row = (await GetAsync(analyst, $"metrics/waits?{Day}&targetSeconds=300&shortAbandonSeconds=100&survival=true&distribution=true"))[0];
        Assert.Equal(JsonValueKind.Null, row.GetProperty("key").ValueKind);
        Assert.Equal((4, 4, 3, 2, 1, 1, 0), (N(row, "tickets"), N(row, "legs"), N(row, "called"), N(row, "served"), N(row, "noShow"), N(row, "abandoned"), N(row, "open")));
        var wait = row.GetProperty("wait");
        Assert.Equal((2, 450d, 300d, 600d, 600d, 1), (N(wait, "n"), D(wait, "meanSeconds"), D(wait, "p50Seconds"), D(wait, "p90Seconds"), D(wait, "maxSeconds"), N(wait, "withinTarget")));
        // 100, 300, 600 and the one called in vain after 15 minutes.
        var including = row.GetProperty("includingWaiting");
        Assert.Equal((4, 300d, 900d, true), (N(including, "n"), D(including, "p50Seconds"), D(including, "maxSeconds"), including.GetProperty("atLeast").GetBoolean()));
        var level = row.GetProperty("serviceLevel");
        Assert.Equal([(1, 2), (1, 4), (1, 3), (2, 4)], new[] { "answeredOnly", "ofOffered", "offeredLessShortAbandons", "abandonsInTargetCountGood" }.Select(n => (N(level.GetProperty(n), "part"), N(level.GetProperty(n), "of"))));
        Assert.Equal((1, 3, 1 / 3d), (N(row.GetProperty("rates").GetProperty("noShow"), "part"), N(row.GetProperty("rates").GetProperty("noShow"), "of"), D(row.GetProperty("rates").GetProperty("noShow"), "rate")));
        // Of 4 at risk one left at 100 s; 2/3 wait longer than 300 s, 1/3 than 600 s.
        Assert.Equal([(300d, 2 / 3d), (600d, 1 / 3d)], row.GetProperty("survival").GetProperty("steps").EnumerateArray().Select(s => (D(s, "seconds"), Math.Round(D(s, "stillWaiting"), 12))).Select(s => (s.Item1, s.Item2 > 0.5 ? 2 / 3d : 1 / 3d)));
        Assert.Equal((1, 1, 20d, 20d), (N(row.GetProperty("told"), "n"), N(row.GetProperty("told"), "within"), D(row.GetProperty("told"), "biasSeconds"), D(row.GetProperty("told"), "meanErrorSeconds")));
        Assert.Equal(1, row.GetProperty("distribution").EnumerateArray().Single(c => c.GetProperty("upToSeconds").ValueKind == JsonValueKind.Number && D(c, "upToSeconds") == 300).GetProperty("n").GetInt32());
        Assert.True(row.GetProperty("exact").GetBoolean());

        Assert.Equal(["9", "10"], (await GetAsync(analyst, $"metrics/waits?{Day}&by=hour")).EnumerateArray().Select(r => r.GetProperty("key").GetString()));
        Assert.Equal(["江苏省/南通市"], (await GetAsync(analyst, $"metrics/waits?{Day}&by=region")).EnumerateArray().Select(r => r.GetProperty("key").GetString()));
        Assert.Equal(["江苏省"], (await GetAsync(analyst, $"metrics/waits?{Day}&by=region&level=1")).EnumerateArray().Select(r => r.GetProperty("key").GetString()));
        Assert.Equal([("1", "h", 2L), ("2", "h", 1L), ("", "h", 1L)], (await GetAsync(analyst, $"metrics/waits?{Day}&by=window")).EnumerateArray().Select(r => (r.GetProperty("key").GetString(), r.GetProperty("hall").GetString(), r.GetProperty("legs").GetInt64())));
        // The Monday before had nobody: fourteen days of it beside it.
        var compared = (await GetAsync(analyst, $"metrics/waits?{Day}&by=day&compare=2026-02-23..2026-02-23"))[0].GetProperty("compared");
        Assert.Equal(JsonValueKind.Null, compared.GetProperty("row").ValueKind);
        Assert.Equal(0, N((await GetAsync(analyst, $"metrics/waits?{Day}&compare=2026-03-02..2026-03-02"))[0].GetProperty("compared").GetProperty("difference"), "served"));

        var ratings = (await GetAsync(analyst, $"metrics/ratings?{Day}&codes=gbt39046"))[0];
        Assert.Equal((2, 1, 1, 1), (N(ratings, "rated"), N(ratings, "bad"), N(ratings.GetProperty("grades"), "1"), N(ratings.GetProperty("grades"), "4")));
        Assert.Equal([("monday", 9, 3L, 1), ("monday", 10, 1L, 1)], (await GetAsync(analyst, $"metrics/arrivals?{Day}")).EnumerateArray().Select(c => (c.GetProperty("day").GetString(), N(c, "hour"), c.GetProperty("legs").GetInt64(), N(c, "days"))));
    }

    [Fact]
    public async Task Names_AreThoseOfTheHallsAskedFor_AndOfFewAtOnce()
    {
        await using var host = await ServerHost.StartAsync(kind: kind);
        using var analyst = host.As("analyst@h");
        var names = await GetAsync(analyst, "metrics/names?halls=h");
        Assert.Equal(("测试大厅", "咨询", "综合", "窗口人员02"), (Zh("halls", "h"), Zh("services", "s"), Zh("lines", "h/a"), Zh("staff", "h/w02")));
        Assert.Equal(["h"], names.GetProperty("named").EnumerateArray().Select(h => h.GetString()));
        await AskAsync("metrics/names?halls=h,o").ProblemAsync(403, "NotAllowed");
        await AskAsync("metrics/names").ProblemAsync(400, "BadField", "halls");

        Task<HttpResponseMessage> AskAsync(string path) => analyst.GetAsync(new Uri($"/api/v1/{path}", UriKind.Relative), TestContext.Current.CancellationToken);

        string? Zh(string kind, string id) => names.GetProperty(kind).GetProperty(id).GetProperty("zh").GetString();
    }

    [Fact]
    public async Task Rollups_AndRows_SayTheSame_WhateverDayIsDueOrRunsStill()
    {
        const int seed = 20261123;
        await using var host = await ServerHost.StartAsync(kind: kind);
        var rows = new ReportRows(host);
        var (random, legs) = (new Random(seed), new List<MetricLeg>());
        var first = new DateOnly(2025, 11, 20);
        for (var day = 0; day < 200; day++) legs.AddRange(ReportRows.Drawn(random, first.AddDays(day), legs.Count + 1, random.Next(0, 12)));
        var (due, running) = (first.AddDays(77), legs[^1].Day);
        await rows.LegsAsync(legs);
        // The cells of the day that is due are older than its rows; the last day has not ended.
        await rows.RollAsync([.. legs.Where(l => l.Day != running && (l.Day != due || l.Ticket % 2 == 0))], DoorHost.Hall);
        await rows.DueAsync(due);
        await rows.UnlistAsync();
        using var analyst = host.As("analyst@h");
        foreach (var by in new[] { "", "hall", "service", "window", "hour", "weekday", "day", "week", "month" })
        {
            var report = new WaitReport(by.Length == 0 ? null : Enum.Parse<Grouping>(by, ignoreCase: true), 0);
            foreach (var leg in legs) report.Add(leg);
            var expected = report.Rows();
            var got = (await GetAsync(analyst, $"metrics/waits?halls=h&from={first:yyyy-MM-dd}&to={first.AddDays(199):yyyy-MM-dd}{(by.Length == 0 ? "" : $"&by={by}")}")).EnumerateArray().ToList();
            Assert.Equal(expected.Select(r => r.Key), got.Select(r => r.GetProperty("key").GetString() ?? ""));
            foreach (var ((key, tally), row) in expected.Zip(got))
            {
                Assert.Equal((seed, by, key, tally[Count.Tickets], tally[Count.Legs], tally[Count.Served], tally[Count.NoShow], tally.Wait.Count), (seed, by, key, row.GetProperty("tickets").GetInt64(), row.GetProperty("legs").GetInt64(), row.GetProperty("served").GetInt64(), row.GetProperty("noShow").GetInt64(), row.GetProperty("wait").GetProperty("n").GetInt64()));
                if (tally.Wait.Percentile(90) is not { } p90) continue;
                Assert.True(Math.Abs(D(row.GetProperty("wait"), "p90Seconds") * 1000 - p90) <= p90 * 0.01 + 1, $"seed {seed}, by {by}: {key}");
            }
            if (by == "") Assert.False(got[0].GetProperty("exact").GetBoolean());
        }
        // A part of it, and one service of it, from rows: the very same as Core has.
        var part = new WaitReport(null, 0);
        foreach (var leg in legs.Where(l => l.Day < first.AddDays(30) && l.Service == "s")) part.Add(leg);
        var exact = (await GetAsync(analyst, $"metrics/waits?halls=h&from={first:yyyy-MM-dd}&to={first.AddDays(29):yyyy-MM-dd}&service=s"))[0];
        Assert.Equal((true, part.Rows()[0].Value.Wait.Percentile(90) / 1000), (exact.GetProperty("exact").GetBoolean(), D(exact.GetProperty("wait"), "p90Seconds")));
        var arrivals = (await GetAsync(analyst, $"metrics/arrivals?halls=h&from={first:yyyy-MM-dd}&to={first.AddDays(199):yyyy-MM-dd}&by=day")).EnumerateArray().Sum(c => c.GetProperty("legs").GetInt64());
        Assert.Equal(legs.Count, arrivals);
    }

    [Fact]
    public async Task Overview_OfOneHallAndDay_AnswersAtOnce()
    {
        await using var host = await ServerHost.StartAsync(kind: kind);
        var rows = new ReportRows(host);
        for (var day = 0; day < 5; day++) await rows.LegsAsync(ReportRows.Drawn(new Random(day), Monday.AddDays(day), day * 1000 + 1, 800));
        using var analyst = host.As("analyst@h");
        var times = new List<double>();
        for (var i = 0; i < 25; i++)
        {
            var began = Stopwatch.GetTimestamp();
            await GetAsync(analyst, $"metrics/waits?{Day}&by=hour&targetSeconds=600");
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
        var median = times.Skip(5).Order().ElementAt(10);
        output.WriteLine($"The overview of one hall and day, 800 legs by hour: {median:0.0} ms (median of 20, warm)");
        Assert.True(median < 250, $"The overview of one hall and day took {median:0.0} ms, warm");
    }

    [Fact]
    public async Task Legs_ComeInPages_AndAsAFile()
    {
        await using var host = await ServerHost.StartAsync(kind: kind);
        var rows = new ReportRows(host);
        await rows.LegsAsync(SmallDay.Append(ReportRows.Leg(Monday, 5, "11:00", service: "=1+1")));
        using var analyst = host.As("analyst@h");
        var (numbers, after) = (new List<string?>(), "");
        do
        {
            var page = await GetAsync(analyst, $"legs?{Day}&limit=2{after}");
            numbers.AddRange(page.GetProperty("legs").EnumerateArray().Select(l => l.GetProperty("number").GetString()));
            after = page.TryGetProperty("next", out var next) ? $"&after={next.GetString()}" : "";
        }
        while (after.Length > 0);
        Assert.Equal(["A001", "A002", "A003", "A004", "A005"], numbers);
        var one = Assert.Single((await GetAsync(analyst, $"legs?{Day}&window=2&hour=9&weekday=monday&outcome=served")).GetProperty("legs").EnumerateArray());
        Assert.Equal(("A002", "2026-03-02T09:10:00+08:00", 600d), (one.GetProperty("number").GetString(), one.GetProperty("calledAt").GetString(), D(one, "waitSeconds")));

        var file = await analyst.GetByteArrayAsync(new Uri($"/api/v1/legs.csv?{Day}&codes=gbt39046", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(Encoding.UTF8.Preamble, file.AsSpan(0, 3));
        var lines = Encoding.UTF8.GetString(file, 3, file.Length - 3).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(',')).ToList();
        Assert.Equal(6, lines.Count);
        string Cell(int line, string column) => lines[line][Array.IndexOf(lines[0], column)];
        Assert.Equal(("2026-03-02T09:00:00+08:00", "1", "4", "\"'=1+1\"", "300"), (Cell(1, "issued"), Cell(1, "grade"), Cell(2, "grade"), Cell(5, "service"), Cell(1, "waitSeconds")));
    }

    [Fact]
    public async Task OneVisit_IsToldWithItsEvents_AndNobodysName()
    {
        await using var host = await ServerHost.StartAsync(kind: kind);
        using var clerk = host.As("clerk@h");
        var issued = await clerk.PostAsync("/api/v1/halls/h/tickets", """{"service":"s","idNumber":"11010519491231002X"}""", "0123456789abcdef1").JsonAsync(201);
        await clerk.PostAsync("/api/v1/halls/h/windows/1/open", "{}", "0123456789abcdef2").JsonAsync();
        await clerk.PostAsync("/api/v1/halls/h/windows/1/call-next", "{}", "0123456789abcdef3").JsonAsync();
        var sequence = (await GetAsync(clerk, "halls/h/board")).GetProperty("sequence").GetInt64();
        await host.App.Services.GetRequiredService<IHallList>().HasAsync(new ReportRows(host).Number(), sequence, TestContext.Current.CancellationToken);
        using var analyst = host.As("analyst@h");
        var visit = await GetAsync(analyst, $"legs/h/{issued.GetProperty("id").GetString()}");
        Assert.Equal(["ticketIssued", "ticketCalled"], visit.GetProperty("events").EnumerateArray().Select(e => e.GetProperty("event").GetString()));
        Assert.Equal(("s", "1"), (visit.GetProperty("events")[0].GetProperty("facts").GetProperty("service").GetString(), visit.GetProperty("events")[1].GetProperty("facts").GetProperty("window").GetString()));
        Assert.True(visit.GetProperty("eventsComplete").GetBoolean());
        foreach (var hidden in new[] { "person", "override", "why", "11010519491231002X" }) Assert.DoesNotContain($"\"{hidden}\"", visit.GetRawText(), StringComparison.Ordinal);
        await analyst.GetAsync(new Uri("/api/v1/legs/h/1-999", UriKind.Relative)).ProblemAsync(404, "UnknownTicket");
    }

    [Fact]
    public async Task BadInput_IsSaidInOneSentence()
    {
        await using var host = await ServerHost.StartAsync(kind: kind);
        using var analyst = host.As("analyst@h");
        foreach (var (path, field) in new[]
        {
            ("metrics/waits?from=2026-03-02&to=2026-03-01", "to"),
            ("metrics/waits?from=2016-03-02&to=2026-03-02", "to"),
            ("metrics/waits?from=yesterday", "from"),
            ("metrics/waits?by=colour", "by"),
            ("metrics/waits?targetSeconds=-1", "targetSeconds"),
            ("metrics/waits?halls=h,,h", "halls"),
            ("metrics/waits?compare=2026-03-01", "compare"),
            ("metrics/waits?outcome=lost", "outcome"),
            ("metrics/waits?counted=everybody", "counted"),
            ("legs?grade=best", "grade"),
            ("legs?waitOverSeconds=-1", "waitOverSeconds"),
            ("legs.csv?waitUpToSeconds=long", "waitUpToSeconds"),
            ("metrics/windows?counted=answered", "window"),
            ("metrics/windows?by=service", "by"),
            ("metrics/windows?service=s", "window"),
            ("metrics/flags?from=2025-01-01&to=2025-12-31", "to"),
            ("metrics/ratings?codes=other", "codes"),
            ("legs?after=here", "after"),
            ("legs?limit=1001", "limit"),
            ("legs.csv?hour=24", "hour"),
        })
            await analyst.GetAsync(new Uri($"/api/v1/{path}", UriKind.Relative)).ProblemAsync(400, "BadField", field);
    }

    [Fact]
    public async Task Halls_OutsideOfARole_AreNotNamed()
    {
        await using var host = await ServerHost.StartAsync(kind: kind);
        await new ReportRows(host).LegsAsync(SmallDay.Concat(SmallDay.Select(l => l with { Hall = "o" })));
        using var analyst = host.As("analyst@h");
        await analyst.GetAsync(new Uri("/api/v1/metrics/waits?halls=h,o", UriKind.Relative)).ProblemAsync(403, "NotAllowed");
        await analyst.GetAsync(new Uri("/api/v1/metrics/waits?halls=nowhere", UriKind.Relative)).ProblemAsync(403, "NotAllowed");
        using var admin = host.As("admin@*");
        await admin.GetAsync(new Uri("/api/v1/metrics/waits?halls=h,nowhere", UriKind.Relative)).ProblemAsync(404, "UnknownHall");
        Assert.Equal(["h"], (await GetAsync(analyst, "metrics/waits?by=hall&from=2026-03-02&to=2026-03-02")).EnumerateArray().Select(r => r.GetProperty("key").GetString()));
        await admin.GetAsync(new Uri("/api/v1/metrics/waits?by=window&halls=h&compareHalls=h,o", UriKind.Relative)).ProblemAsync(400, "BadField", "compareHalls");
        Assert.Equal(["h", "o"], (await GetAsync(admin, "metrics/waits?by=hall&from=2026-03-02&to=2026-03-02")).EnumerateArray().Select(r => r.GetProperty("key").GetString()));
    }

    private static int N(JsonElement element, string name) => element.GetProperty(name).GetInt32();

    private static double D(JsonElement element, string name) => element.GetProperty(name).GetDouble();
}

public sealed class MetricEndpointSqliteTests(ITestOutputHelper output) : MetricEndpointTests(SqlKind.Sqlite, output);

public sealed class MetricEndpointPostgresTests(ITestOutputHelper output) : MetricEndpointTests(SqlKind.Postgres, output);
