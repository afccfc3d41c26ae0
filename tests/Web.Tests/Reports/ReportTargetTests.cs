using System.Text.Json;
using HallOps.Core.Halls;
using HallOps.Core.Metrics;
using HallOps.Web.Operations;
using HallOps.Web.Reports;
using HallOps.Web.Storage;
using HallOps.Web.Tests.Door;
using HallOps.Web.Tests.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace HallOps.Web.Tests.Reports;

/// <summary>What figures are to reach: read from the settings, and told beside the rates.</summary>
public sealed class ReportTargetTests
{
    private const string Section = "HallOps:Reports:Targets:";

    [Fact]
    public void Settings_LeftOut_HaveOnlyWhatIsKnown()
    {
        Assert.Equal(new ReportTargets { WaitMinutes = 15, Faster = 1 / 3d }, Settings.Read(new Dictionary<string, string?>()).Targets);
        var set = Settings.Read(new Dictionary<string, string?> { [Section + "WaitMinutes"] = "20", [Section + "Satisfaction"] = "0.98", [Section + "noshow"] = "0.05", [Section + "Faster"] = "" }).Targets;
        Assert.Equal(new ReportTargets { WaitMinutes = 20, Satisfaction = 0.98, NoShow = 0.05, Faster = null }, set);
    }

    [Theory]
    [InlineData("WaitMinutes", "0", "must be a whole number of minutes from 1 to 1440, was \"0\".")]
    [InlineData("WaitMinutes", "a while", "must be a whole number of minutes from 1 to 1440, was \"a while\".")]
    [InlineData("Satisfaction", "90", "must be a share from 0 to 1, like 0.9 for 90 %, was \"90\".")]
    [InlineData("CameAgain", "-0.1", "must be a share from 0 to 1, like 0.9 for 90 %, was \"-0.1\".")]
    [InlineData("InTime", "NaN", "must be a share from 0 to 1, like 0.9 for 90 %, was \"NaN\".")]
    [InlineData("Happiness", "1", "is no setting; there are ")]
    public void Setting_ThatIsWrong_IsNamedInOneSentence(string name, string value, string line)
    {
        var refused = Assert.Throws<StartRefusedException>(() => Settings.Read(new Dictionary<string, string?> { [Section + name] = value }));
        Assert.StartsWith($"{Section}{name} {line}", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public async Task Rates_AreToldBesideTheirTargets()
    {
        var targets = new ReportTargets { InTime = 0.5, NoShow = 0.2, Satisfaction = 0.5, DoneAtOnce = 0.75, CameAgain = 0.5, Faster = 1 / 3d, ToldRight = 0.9 };
        await using var host = await ServerHost.StartAsync(services => services.AddSingleton(targets));
        var day = ReportRows.Monday;
        await new ReportRows(host).LegsAsync(
        [
            ReportRows.Leg(day, 1, "09:00", "09:05", "09:05:20", "09:10", LegOutcome.Served) with { FinishOutcome = FinishOutcome.Done, Grade = Grade.Satisfied, Days = (20, 30) },
            ReportRows.Leg(day, 2, "09:00", "09:10", "09:10:10", "09:20", LegOutcome.Served) with { FinishOutcome = FinishOutcome.Accepted, Grade = Grade.Dissatisfied, ToldBefore = 1 },
            ReportRows.Leg(day, 3, "10:00", "10:15", outcome: LegOutcome.NoShow, ended: "10:20"),
        ]);
        using var analyst = host.As("analyst@h");
        var row = (await analyst.GetAsync(new Uri("/api/v1/metrics/waits?from=2026-03-02&to=2026-03-02&targetSeconds=300", UriKind.Relative), TestContext.Current.CancellationToken).JsonAsync())[0];
        var rates = row.GetProperty("rates");
        // One of three in time, no-shows one of three, and 20 of 30 days promised is a third saved: at a bound is met.
        Assert.Equal("""{"atLeast":0.5,"met":false}""", Target(row.GetProperty("serviceLevel").GetProperty("ofOffered")));
        Assert.Equal("""{"atMost":0.2,"met":false}""", Target(rates.GetProperty("noShow")));
        Assert.Equal("""{"atLeast":0.5,"met":true}""", Target(rates.GetProperty("satisfaction")));
        Assert.Equal("""{"atLeast":0.75,"met":false}""", Target(rates.GetProperty("doneAtOnce")));
        Assert.Equal("""{"atMost":0.5,"met":true}""", Target(rates.GetProperty("cameAgain")));
        Assert.True(rates.GetProperty("faster").GetProperty("target").GetProperty("met").GetBoolean());
        // Nothing was told, so nothing can have been right.
        Assert.Equal("""{"atLeast":0.9,"met":null}""", Target(rates.GetProperty("toldRight")));
        Assert.False(rates.GetProperty("abandonment").TryGetProperty("target", out _));
        var staff = (await analyst.GetAsync(new Uri("/api/v1/metrics/staff?from=2026-03-02&to=2026-03-02", UriKind.Relative), TestContext.Current.CancellationToken).JsonAsync())[0];
        Assert.False(staff.GetProperty("rates").GetProperty("satisfaction").TryGetProperty("target", out _));

        static string Target(JsonElement rate) => rate.GetProperty("target").GetRawText();
    }

    [Theory]
    [InlineData(SqlKind.Sqlite)]
    [InlineData(SqlKind.Postgres)]
    public async Task Waits_AreMeasuredByTheirLinesTargets_UnlessTheQuestionNamesOne(SqlKind kind)
    {
        await using var host = await ServerHost.StartAsync(services => services.AddSingleton(new ReportTargets { WaitMinutes = 12 }), kind);
        var (rows, day) = (new ReportRows(host), ReportRows.Monday);
        // Six minutes each: more than the line of five minutes calls in time, and not of the one of ten, nor of the one that says nothing.
        MetricLeg[] legs =
        [
            ReportRows.Leg(day, 1, "09:00", "09:06", "09:06:20", "09:10", LegOutcome.Served) with { Line = "five", Target = 300_000 },
            ReportRows.Leg(day, 2, "09:00", "09:06", "09:06:20", "09:10", LegOutcome.Served) with { Line = "ten", Target = 600_000 },
            ReportRows.Leg(day, 3, "09:00", "09:06", "09:06:20", "09:10", LegOutcome.Served) with { Line = "none" },
            ReportRows.Leg(day, 4, "09:00", "09:13", "09:13:20", "09:20", LegOutcome.Served) with { Line = "none" },
            ReportRows.Leg(day, 5, "09:00", outcome: LegOutcome.Abandoned, ended: "09:08") with { Line = "five", Target = 300_000 },
            ReportRows.Leg(day, 6, "09:00", outcome: LegOutcome.Abandoned, ended: "09:08") with { Line = "ten", Target = 600_000 },
            ReportRows.Leg(day, 7, "09:00", "09:09", outcome: LegOutcome.NoShow, ended: "09:20") with { Line = "none" },
        ];
        await rows.LegsAsync(legs);
        using var analyst = host.As("analyst@h");
        await SayAsync("from=2026-03-02&to=2026-03-02");
        await rows.DueAsync(day);
        await host.App.Services.GetRequiredService<EngineHost>().Roller.RollAsync(TestContext.Current.CancellationToken);
        // Of a year, from rollups.
        await SayAsync("from=2025-12-01&to=2026-11-30");

        async Task SayAsync(string days)
        {
            var own = (await GetAsync($"metrics/waits?{days}"))[0];
            Assert.Equal((2, 4), (N(own.GetProperty("wait"), "withinTarget"), N(own.GetProperty("includingWaiting"), "withinTarget")));
            var level = own.GetProperty("serviceLevel");
            Assert.Equal((JsonValueKind.Null, "2/4", "2/7", "3/7"), (level.GetProperty("targetSeconds").ValueKind, Share(level, "answeredOnly"), Share(level, "ofOffered"), Share(level, "abandonsInTargetCountGood")));
            var lines = (await GetAsync($"metrics/waits?{days}&by=line")).EnumerateArray().ToDictionary(r => r.GetProperty("key").GetString()!, r => Share(r.GetProperty("serviceLevel"), "ofOffered"));
            Assert.Equal(("0/2", "1/2", "1/3"), (lines["five"], lines["ten"], lines["none"]));
            var named = (await GetAsync($"metrics/waits?{days}&targetSeconds=480"))[0].GetProperty("serviceLevel");
            Assert.Equal((480d, "3/7"), (named.GetProperty("targetSeconds").GetDouble(), Share(named, "ofOffered")));
            Assert.Equal(["2", "3"], (await GetAsync($"legs?{days}&counted=inTime")).GetProperty("legs").EnumerateArray().Select(l => l.GetProperty("id").GetString()!.Split('-')[1]));
            Assert.Equal(["1", "2", "3"], (await GetAsync($"legs?{days}&counted=inTime&targetSeconds=480")).GetProperty("legs").EnumerateArray().Select(l => l.GetProperty("id").GetString()!.Split('-')[1]));
        }

        Task<JsonElement> GetAsync(string path) => analyst.GetAsync(new Uri($"/api/v1/{path}", UriKind.Relative), TestContext.Current.CancellationToken).JsonAsync();

        static int N(JsonElement of, string name) => of.GetProperty(name).GetInt32();

        static string Share(JsonElement level, string name) => $"{N(level.GetProperty(name), "part")}/{N(level.GetProperty(name), "of")}";
    }
}
