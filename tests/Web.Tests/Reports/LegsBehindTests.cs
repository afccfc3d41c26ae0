using System.Text.Json;
using HallOps.Core.Halls;
using HallOps.Core.Metrics;
using HallOps.Web.Tests.Door;
using HallOps.Web.Tests.Storage;

namespace HallOps.Web.Tests.Reports;

/// <summary>Behind each figure there are as many legs as it counts, whatever became of them.</summary>
public sealed class LegsBehindTests
{
    [Theory]
    [InlineData(1, SqlKind.Sqlite)]
    [InlineData(2, SqlKind.Postgres)]
    [InlineData(3, SqlKind.Sqlite)]
    [InlineData(4, SqlKind.Postgres)]
    public async Task LegsOfAFigure_AreAsManyAsItCounts(int seed, SqlKind kind)
    {
        await using var host = await ServerHost.StartAsync(kind: kind);
        var rows = new ReportRows(host);
        await rows.LegsAsync(Anything(new Random(seed), 400));
        using var analyst = host.As("analyst@h");
        var day = $"halls=h&from={ReportRows.Monday:yyyy-MM-dd}&to={ReportRows.Monday:yyyy-MM-dd}";
        var row = (await GetAsync($"metrics/waits?{day}&targetSeconds=600&distribution=true"))[0];
        var ratings = (await GetAsync($"metrics/ratings?{day}"))[0];
        JsonElement Rate(string name) => row.GetProperty("rates").GetProperty(name);
        long N(JsonElement of, string name) => of.GetProperty(name).GetInt64();
        var (wait, including) = (row.GetProperty("wait"), row.GetProperty("includingWaiting"));
        var expected = new List<(string Filter, long Legs)>
        {
            ("", N(row, "legs")), ("&counted=called", N(row, "called")), ("&counted=called", N(Rate("noShow"), "of")), ("&counted=answered", N(wait, "n")), ("&counted=unanswered", N(including, "n") - N(wait, "n")), ("&counted=offered", N(including, "n")),
            ("&counted=offered", N(row.GetProperty("serviceLevel").GetProperty("ofOffered"), "of")), ("&waitUpToSeconds=600", N(wait, "withinTarget")), ("&counted=inTime&targetSeconds=600", N(wait, "withinTarget")), ("&counted=inTime", N((await GetAsync($"metrics/waits?{day}"))[0].GetProperty("wait"), "withinTarget")), ("&waitOverSeconds=600", N(wait, "n") - N(wait, "withinTarget")),
            ("&counted=leftUnserved", N(Rate("leftUnserved"), "part")), ("&counted=rated", N(Rate("satisfaction"), "of")), ("&counted=unrated", N(ratings, "unrated")), ("&counted=decided", N(Rate("doneAtOnce"), "of")),
            ("&counted=cameAgain", N(Rate("cameAgain"), "part")), ("&counted=told", N(row.GetProperty("told"), "n")), ("&outcome=noShow", N(Rate("noShow"), "part")), ("&outcome=abandoned", N(Rate("abandonment"), "part")),
        };
        expected.AddRange(new[] { "open", "void", "transferred", "served", "withdrawn", "noShow", "abandoned" }.Select(outcome => ($"&outcome={outcome}", N(row, outcome))));
        expected.AddRange(ratings.GetProperty("grades").EnumerateObject().Select(grade => ($"&grade={grade.Name}", grade.Value.GetInt64())));
        var from = 0d;
        foreach (var @class in row.GetProperty("distribution").EnumerateArray())
        {
            double? upTo = @class.GetProperty("upToSeconds") is { ValueKind: JsonValueKind.Number } seconds ? seconds.GetDouble() : null;
            expected.Add(($"{(from > 0 ? $"&waitOverSeconds={from}" : "")}{(upTo is null ? "" : $"&waitUpToSeconds={upTo}")}&counted=answered", N(@class, "n")));
            from = upTo ?? 0;
        }
        foreach (var (filter, count) in expected) Assert.Equal((seed, filter, count), (seed, filter, (await LegsAsync(filter)).Count));
        // None of them is as many as any other question would find.
        Assert.DoesNotContain(expected.DistinctBy(e => e.Filter).Take(26), e => e.Legs == 0);

        // Where days are counted, the days of the legs.
        var promised = await LegsAsync("&counted=promised");
        var (statutory, kept) = (promised.Sum(l => N(l, "statutoryDays")), promised.Sum(l => N(l, "promisedDays")));
        Assert.Equal((seed, statutory, statutory - kept), (seed, N(Rate("faster"), "of"), N(Rate("faster"), "part")));
        // A figure of the legs alone is the figure.
        var answered = (await GetAsync($"metrics/waits?{day}&counted=answered"))[0].GetProperty("wait");
        Assert.Equal((N(wait, "n"), wait.GetProperty("p90Seconds").GetDouble()), (N(answered, "n"), answered.GetProperty("p90Seconds").GetDouble()));

        Task<JsonElement> GetAsync(string path) => analyst.GetAsync(new Uri($"/api/v1/{path}", UriKind.Relative), TestContext.Current.CancellationToken).JsonAsync();

        async Task<List<JsonElement>> LegsAsync(string filter) => [.. (await GetAsync($"legs?{day}{filter}&limit=1000")).GetProperty("legs").EnumerateArray()];
    }

    /// <summary>Legs at every step of their way, and ended in every way.</summary>
    private static IEnumerable<MetricLeg> Anything(Random random, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var joined = ReportRows.At(ReportRows.Monday, "08:30") + random.Next(0, 8 * 3_600_000);
            // Some have booked, and are called before their slot.
            var since = random.Next(10) == 0 ? joined + 3_600_000 : joined;
            var called = joined + (long)(Math.Pow(random.NextDouble(), 3) * 9_000_000);
            var started = called + random.Next(1_000, 60_000);
            var finished = started + random.Next(10_000, 1_200_000);
            var leg = ReportRows.Leg(ReportRows.Monday, i + 1, "08:30") with
            {
                JoinedAt = joined, Since = since, Told = random.Next(2) == 0 ? new Told(200_000, 300_000, 400_000) : null, ToldBefore = random.Next(6) == 0 ? 1 : 0, Days = random.Next(3) == 0 ? (20, 30) : null, Target = random.Next(3) * 300_000 is > 0 and var target ? target : null,
            };
            var inVain = leg with { FirstCalledAt = called, CalledAt = called, Window = "1", Staff = "w01" };
            var served = inVain with { StartedAt = started, FinishedAt = finished, EndedAt = finished, Outcome = LegOutcome.Served, FinishOutcome = (FinishOutcome)random.Next(Enum.GetValues<FinishOutcome>().Length), Grade = random.Next(3) == 0 ? null : (Grade)random.Next(5) };
            yield return random.Next(17) switch
            {
                0 => leg,
                1 => inVain,
                2 => inVain with { StartedAt = started },
                3 => leg with { Outcome = LegOutcome.Abandoned, EndedAt = called },
                4 => leg with { Outcome = LegOutcome.Withdrawn, EndedAt = called },
                5 => inVain with { Outcome = LegOutcome.NoShow, EndedAt = started },
                6 => leg with { Outcome = LegOutcome.Transferred, EndedAt = called },
                // Passed on by the window that had begun with it.
                7 => inVain with { StartedAt = started, Outcome = LegOutcome.Transferred, EndedAt = finished },
                8 => leg with { Outcome = LegOutcome.Void, EndedAt = joined },
                // A file knew neither the end nor the start.
                9 => leg with { Outcome = LegOutcome.Abandoned },
                10 => inVain with { Outcome = LegOutcome.Served, EndedAt = finished },
                // Away paying, called again or not yet; and one who was held while the hall's records say nothing of the end.
                11 => served with { BeforeHold = (random.Next(0, 2_000_000), 20_000, 60_000) },
                12 => inVain with { BeforeHold = (random.Next(0, 2_000_000), 20_000, 60_000), Outcome = LegOutcome.NoShow, EndedAt = finished },
                13 => inVain with { Since = joined, Outcome = LegOutcome.NoShow },
                _ => served,
            };
        }
    }
}
