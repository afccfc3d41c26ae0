using System.Globalization;
using HallOps.Core.Foresight.Formulas;
using HallOps.Core.Foresight.Simulation;

namespace HallOps.Core.Tests.Foresight;

/// <summary>
/// The simulator on long days of chance against the formulas: each mean within three standard errors, these from the spread of batches that follow each other. The seeds are fixed: what passes once
/// passes always, and a failure is a change.
/// </summary>
public sealed class SimulatorAgainstFormulaTests
{
    private const int Visits = 160_000;
    private const int WarmUp = 4_000;
    private const int Batches = 52;
    private const double Service = 240_000;

    [Theory]
    [InlineData(1, 0.7)]
    [InlineData(3, 2.4)]
    [InlineData(20, 17)]
    public void LineOfChance_WaitsAsErlangC(int windows, double load)
    {
        var day = Play(1, windows, Discipline.Fifo, load, random => Exponential(random, Service));
        Compare(Erlang.MeanWait(windows, load, Service), day, t => t.Wait!.Value);
        Compare(Erlang.C(windows, load), day, t => t.Wait > 0 ? 1 : 0);
        Compare(Erlang.ServedWithin(windows, load, Service, 300_000), day, t => t.Wait <= 300_000 ? 1 : 0);
    }

    [Theory]
    [InlineData(3, 2.4, 600_000)]
    [InlineData(5, 8, 300_000)]
    public void LineThatPeopleLeave_WaitsAsErlangA(int windows, double load, double patience)
    {
        var day = Play(2, windows, Discipline.Fifo, load, random => Exponential(random, Service), patience);
        var a = new ErlangA(windows, load, Service, patience);
        Compare(a.Abandoned, day, t => t.Outcome is StageOutcome.Abandoned ? 1 : 0);
        Compare(a.MeanWait, day, t => t.Wait!.Value);
        Compare(a.ServedWithin(120_000), day, t => t.Outcome is StageOutcome.Served && t.Wait <= 120_000 ? 1 : 0);
    }

    [Fact]
    public void ServicesOfOneLength_WaitAsPollaczekAndKhinchineSay()
    {
        var day = Play(3, 1, Discipline.Fifo, 0.7, _ => (long)Service);
        Compare(SingleServer.MeanWait(0.7 / Service, Service, 0), day, t => t.Wait!.Value);
    }

    [Fact]
    public void Priorities_WaitAsKellaAndYechialiSay()
    {
        var day = Play(4, 2, Discipline.Of(DisciplineKind.Priority), 1.7, random => Exponential(random, Service), classes: 3);
        // The most urgent is the highest number.
        var waits = Priorities.Strict(2, 1 / Service, [.. Enumerable.Repeat(1.7 / 3 / Service, 3)]);
        for (var c = 0; c < 3; c++) Compare(waits[2 - c], day.Where(t => ClassOf(t) == c), t => t.Wait!.Value);
    }

    [Fact]
    public void AccumulatingPriorities_WaitAsKleinrockSays()
    {
        var slopes = new Dictionary<int, decimal> { [0] = 1, [1] = 2, [2] = 5 };
        var day = Play(5, 2, Discipline.Of(DisciplineKind.Accumulating) with { Slope = slopes }, 1.7, random => Exponential(random, Service), classes: 3);
        var waits = Priorities.Accumulating(2, 1 / Service, [.. Enumerable.Repeat(1.7 / 3 / Service, 3)], [1, 2, 5]);
        for (var c = 0; c < 3; c++) Compare(waits[c], day.Where(t => ClassOf(t) == c), t => t.Wait!.Value);
    }

    /// <summary>The stages in order of joining, without the first, who find a hall emptier than it will be.</summary>
    private static IEnumerable<StageRecord> Play(int seed, int windows, Discipline discipline, double load, Func<Random, long> service, double? patience = null, int classes = 1)
    {
        var random = new Random(seed);
        var (t, arrivals) = (0.0, new List<Arrival>(Visits));
        for (var i = 0; i < Visits; i++)
        {
            t += -Math.Log(1 - random.NextDouble()) * Service / load;
            var @class = random.Next(classes);
            arrivals.Add(new Arrival(string.Create(CultureInfo.InvariantCulture, $"{i}-{@class}"), (long)t, "A", service(random), @class, patience is { } mean ? Exponential(random, mean) : null, true, 0, []));
        }
        return DaySimulator.Run(new Scenario
        {
            Id = "chance",
            Title = "",
            InMilliseconds = true,
            Discipline = discipline,
            Rules = new ScenarioRules(),
            Windows = [.. Enumerable.Range(1, windows).Select(i => new ScenarioWindow($"{i}", i, ["A"], [new Opening(0, Scenario.LastMoment)], []))],
            Arrivals = arrivals,
        }).Tickets.Skip(WarmUp);
    }

    private static long Exponential(Random random, double mean) => Math.Max(1, (long)Math.Round(-Math.Log(1 - random.NextDouble()) * mean));

    private static int ClassOf(StageRecord record) => record.Ticket[^1] - '0';

    private static void Compare(double expected, IEnumerable<StageRecord> day, Func<StageRecord, double> value)
    {
        var values = day.Select(value).ToArray();
        var length = values.Length / Batches;
        var means = Enumerable.Range(0, Batches).Select(b => values.AsSpan(b * length, length).ToArray().Average()).ToArray();
        var mean = means.Average();
        var error = Math.Sqrt(means.Sum(m => (m - mean) * (m - mean)) / (Batches - 1) / Batches);
        Assert.True(Math.Abs(mean - expected) <= 3 * error, string.Create(CultureInfo.InvariantCulture, $"expected {expected:G8}, was {mean:G8} with a standard error of {error:G3}"));
    }
}
