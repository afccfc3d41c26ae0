using System.Globalization;

namespace HallOps.Simulation.Tests;

/// <summary>
/// Two owners of one store. <c>HALLOPS_SHARED_SEEDS=n</c> runs so many seeds instead of 3,000; <c>HALLOPS_SHARED_SEED=s</c> runs that one alone.
/// </summary>
public sealed class SharedSimulationTests(ITestOutputHelper output)
{
    [Fact]
    public void TwoOwners_OfThreeThousandSeeds_NeverShareAHistoryAndHideNoLoss()
    {
        if (Environment.GetEnvironmentVariable("HALLOPS_SHARED_SEED") is { Length: > 0 } one)
        {
            output.WriteLine(SharedSimulation.Run(int.Parse(one, CultureInfo.InvariantCulture)).ToString());
            return;
        }
        var seeds = Environment.GetEnvironmentVariable("HALLOPS_SHARED_SEEDS") is { Length: > 0 } n ? int.Parse(n, CultureInfo.InvariantCulture) : 3_000;
        var started = TimeProvider.System.GetTimestamp();
        var sum = new SharedSimulation.Result(0, 0, 0, 0, 0, 0);
        for (var seed = 1; seed <= seeds; seed++)
        {
            var run = SharedSimulation.Run(seed);
            sum = new(sum.Operations + run.Operations, sum.Acknowledged + run.Acknowledged, sum.Events + run.Events, sum.TakeOvers + run.TakeOvers, sum.Lost + run.Lost, sum.Reported + run.Reported);
        }
        output.WriteLine($"{seeds} seeds in {TimeProvider.System.GetElapsedTime(started).TotalSeconds:0.0} s: {sum}");
        // A simulation in which little happens proves little.
        Assert.True(sum.Acknowledged > seeds * 4 && sum.TakeOvers > seeds && sum.Lost > seeds / 2 && sum.Reported > seeds / 4, $"too little happened: {sum}");
    }
}
