using System.Globalization;

namespace HallOps.Simulation.Tests;

/// <summary>
/// <c>HALLOPS_SEEDS=n</c> runs so many seeds instead of 1,000; <c>HALLOPS_SEED=s</c> runs that one alone. A failure names its seed and its last steps, and becomes a named test here.
/// </summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    [Fact]
    public void Engine_OfAThousandSeeds_HoldsItsInvariants()
    {
        if (Environment.GetEnvironmentVariable("HALLOPS_SEED") is { Length: > 0 } one)
        {
            output.WriteLine(Simulation.Run(int.Parse(one, CultureInfo.InvariantCulture)).ToString());
            return;
        }
        var seeds = Environment.GetEnvironmentVariable("HALLOPS_SEEDS") is { Length: > 0 } n ? int.Parse(n, CultureInfo.InvariantCulture) : 1_000;
        // A moving start would find more and fail without a change of the code; more seeds are asked for by number.
        var started = TimeProvider.System.GetTimestamp();
        var sum = new Simulation.Result(0, 0, 0, 0, 0);
        for (var seed = 1; seed <= seeds; seed++)
        {
            var run = Simulation.Run(seed);
            sum = new(sum.Operations + run.Operations, sum.Acknowledged + run.Acknowledged, sum.Tickets + run.Tickets, sum.Events + run.Events, sum.Announced + run.Announced);
        }
        output.WriteLine($"{seeds} seeds in {TimeProvider.System.GetElapsedTime(started).TotalSeconds:0.0} s: {sum}");
        // A simulation in which little happens proves little.
        Assert.True(sum.Acknowledged > seeds * 15 && sum.Tickets > seeds * 8 && sum.Announced > seeds, $"too little happened: {sum}");
    }
}
