using HallOps.Core.Metrics;

namespace HallOps.Core.Tests.Metrics;

/// <summary>Percentiles by classes. Random ones name their seed.</summary>
public sealed class LogHistogramTests
{
    [Fact]
    public void Percentiles_OfAnyMerger_AreWithinOnePercentOfTheExactOnes()
    {
        for (var seed = 1; seed <= 200; seed++)
        {
            var random = new Random(seed);
            var (merged, values) = (new LogHistogram(), new List<long>());
            for (var part = random.Next(1, 6); part > 0; part--)
            {
                var histogram = new LogHistogram();
                // From milliseconds to weeks, with ties and with waits of no length.
                for (var n = random.Next(0, 200); n > 0; n--)
                {
                    var value = random.Next(10) == 0 ? 0 : (long)Math.Exp(random.NextDouble() * 21);
                    histogram.Add(value);
                    values.Add(value);
                }
                merged.Add(histogram);
            }
            values.Sort();
            Assert.Equal((seed, values.Count), (seed, (int)merged.Count));
            if (values.Count == 0) continue;
            foreach (var percent in (ReadOnlySpan<int>)[0, 1, 10, 50, 75, 90, 95, 99, 100])
            {
                var (exact, told) = (NearestRank.Of(values, percent)!.Value, merged.Percentile(percent)!.Value);
                Assert.True(Math.Abs(told - exact) <= exact * LogHistogram.Error + 1e-6, $"seed {seed}: p{percent} is {exact}, told {told}");
            }
        }
    }

    [Fact]
    public void Counts_UpToATarget_AreRightButForThoseWithinOnePercentOfIt()
    {
        for (var seed = 1; seed <= 100; seed++)
        {
            var random = new Random(seed);
            var values = Enumerable.Range(0, 300).Select(_ => (long)random.Next(0, 100_000)).ToList();
            var histogram = new LogHistogram();
            foreach (var value in values) histogram.Add(value);
            var target = random.Next(0, 100_000);
            var (low, high) = (values.Count(v => v < target * 0.98), values.Count(v => v <= target * 1.02));
            Assert.True(histogram.CountUpTo(target) is var told && told >= low && told <= high, $"seed {seed}: {low} to {high} are at most {target}, told {told}");
        }
    }

    [Fact]
    public void OfNothing_ThereIsNoPercentile()
    {
        Assert.Null(new LogHistogram().Percentile(50));
        Assert.Equal(0, new LogHistogram().CountUpTo(1_000_000));
    }

    [Fact]
    public void Classes_AreThoseThatHaveAny_Ascending()
    {
        var histogram = new LogHistogram();
        histogram.Add(60_000, 3);
        histogram.Add(0);
        histogram.Add(-5);
        histogram.Add(1);
        var classes = histogram.Classes().ToList();
        Assert.Equal([2, 1, 3], classes.Select(c => c.Times));
        Assert.Equal(0, classes[0].Milliseconds);
        Assert.InRange(classes[2].Milliseconds, 59_400, 60_600);
    }
}
