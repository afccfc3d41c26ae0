using HallOps.Core.Metrics;

namespace HallOps.Core.Tests.Metrics;

/// <summary>Percentiles, service levels and censored waits.</summary>
public sealed class SmallFunctionTests
{
    [Theory]
    [InlineData(50, 3)]
    [InlineData(90, 5)]
    [InlineData(80, 4)]
    // ⌈0.81 × 5⌉ = 5: never between two.
    [InlineData(81, 5)]
    [InlineData(20, 1)]
    [InlineData(21, 2)]
    [InlineData(0, 1)]
    [InlineData(100, 5)]
    public void NearestRank_IsAValueThatWasThere(int percent, int expected) => Assert.Equal(expected, NearestRank.Of([1, 2, 3, 4, 5], percent));

    [Fact]
    public void NearestRank_OfNothing_IsNone() => Assert.Null(NearestRank.Of(Array.Empty<long>(), 50));

    [Fact]
    public void NearestRank_IsTheSmallestValueThatSoManyDoNotExceed()
    {
        var random = new Random(20261122);
        for (var run = 0; run < 500; run++)
        {
            var values = Enumerable.Range(0, random.Next(1, 60)).Select(_ => (long)random.Next(0, 30)).Order().ToList();
            var percent = random.Next(1, 101);
            var expected = values.First(v => 100 * values.Count(w => w <= v) >= percent * values.Count);
            Assert.Equal((run, expected), (run, NearestRank.Of(values, percent)!.Value));
            var most = random.Next(-1, 31);
            Assert.Equal((run, values.Count(v => v <= most)), (run, NearestRank.CountUpTo(values, most)));
        }
    }

    [Fact]
    public void ServiceLevel_HasFourDenominators()
    {
        // Served after 10, 20 and 90; left after 5 and 30; one is still there: target 20, short 5, both inclusive.
        var level = ServiceLevel.Of([90, 10, 20], [30, 5], 6, 20, 5);
        Assert.Equal(new ServiceLevel(new(2, 3), new(2, 6), new(2, 5), new(3, 6)), level);
    }

    [Fact]
    public void KaplanMeier_OfThePapersExample_IsThePapersResult()
    {
        // Kaplan and Meier 1958, section 1: deaths at 0.8, 3.1, 5.4 and 9.2 months, losses at 1.0, 2.7, 7.0 and 12.1.
        var curve = KaplanMeier.Of([new(3.1, true), new(1, false), new(0.8, true), new(12.1, false), new(5.4, true), new(2.7, false), new(9.2, true), new(7, false)]);
        Assert.Equal([0.8, 3.1, 5.4, 9.2], curve.Steps.Select(s => s.Waited));
        Assert.Equal([0.875, 0.7, 0.525, 0.2625], curve.Steps.Select(s => Math.Round(s.StillWaiting, 12)));
        Assert.Equal((1, 0.875, 0.7), (curve.StillWaitingAfter(0.5), curve.StillWaitingAfter(3), Math.Round(curve.StillWaitingAfter(3.1), 12)));
        Assert.Equal((0.8, 5.4, 9.2, (double?)null), (curve.Within(0.125)!.Value, curve.Within(0.475)!.Value, curve.Within(0.5)!.Value, curve.Within(0.9)));
    }

    [Fact]
    public void KaplanMeier_WithoutCensoring_IsTheShareThatWaitsLonger()
    {
        var random = new Random(20261123);
        var waits = Enumerable.Range(0, 200).Select(_ => (double)random.Next(0, 40)).ToList();
        var curve = KaplanMeier.Of(waits.Select(w => new ObservedWait(w, true)));
        for (var t = -1.0; t < 41; t += 0.5) Assert.Equal(waits.Count(w => w > t) / 200.0, curve.StillWaitingAfter(t), 12);
    }

    [Fact]
    public void KaplanMeier_OfThoseStillWaiting_KnowsNoWait()
    {
        Assert.Empty(KaplanMeier.Of([new(5, false), new(7, false)]).Steps);
        Assert.Null(KaplanMeier.Of([]).Within(0.5));
    }
}
