using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using HallOps.Core.Foresight.Simulation;
using HallOps.Load.Measuring;

namespace HallOps.Load.Simulate;

/// <summary>
/// R12: a busy hall's day in virtual time against the clock on the wall, from the scenario's bytes to the result's, as <c>hallops simulate</c> does it; and a scenario of a million visits, with the
/// memory it takes.
/// </summary>
internal static class SimulateScenario
{
    private const int DaySeconds = 8 * 3600;

    public static Task RunAsync(LoadOptions options, Report report)
    {
        if (options.Wants("R12")) Day(options, report);
        if (options.Wants("million")) Million(options, report);
        return Task.CompletedTask;
    }

    private static void Day(LoadOptions options, Report report)
    {
        const int Visits = 3_000;
        var utf8 = Write(BusyHall(options.Seed, Visits, 40, DaySeconds));
        // Once to be compiled.
        for (var i = 0; i < 20; i++) Play(utf8);
        List<double> speed = [], visits = [];
        for (var pair = 0; pair < options.Pairs; pair++)
        {
            const int Days = 10;
            var watch = Stopwatch.StartNew();
            for (var i = 0; i < Days; i++) Play(utf8);
            speed.Add(Days * DaySeconds / watch.Elapsed.TotalSeconds);
            visits.Add(Days * Visits / watch.Elapsed.TotalSeconds);
        }
        report.Add(new Ratio("R12", $"a day of 8 hours, 40 windows and {Visits:N0} visits in virtual time ÷ the clock on the wall", Bound.Least(100_000),
            new Side("virtual seconds, read, played and written", "s/s", speed), new Side("the clock on the wall", "s/s", [.. speed.Select(_ => 1.0)])));
        report.Say(FormattableString.Invariant($"    {Report.Number(Pairs.Median(visits))} visits/s read, played and written"));
    }

    private static void Million(LoadOptions options, Report report)
    {
        var count = options.Quick ? 100_000 : 1_000_000;
        var utf8 = Write(BusyHall(options.Seed, count, 40, DaySeconds * (count / 3_000)));
        GC.Collect();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var watch = Stopwatch.StartNew();
        var scenario = ScenarioDocument.Read(utf8).Scenario!;
        var read = watch.Elapsed;
        var told = 0;
        var day = DaySimulator.Run(scenario, _ => told++);
        var played = watch.Elapsed - read;
        var held = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(day);
        report.Say(FormattableString.Invariant($"{count:N0} visits of {utf8.Length / 1e6:0} MB: read in {read.TotalSeconds:0.00} s, played in {played.TotalSeconds:0.00} s ({Report.Number(count / played.TotalSeconds)} visits/s), progress told {told} times, at most {day.Metrics.QueueMax} waiting"));
        // Bounded by the visits, not by what happens to them: the scenario and a record each.
        report.Limit("memory a visit, scenario and result", held / (double)count, "bytes", 500);
        GC.KeepAlive(scenario);
    }

    private static void Play(byte[] utf8)
    {
        var day = DaySimulator.Run(ScenarioDocument.Read(utf8).Scenario!);
        var to = new ArrayBufferWriter<byte>(1 << 20);
        using var json = new Utf8JsonWriter(to);
        DayJson.Write(json, day);
    }

    /// <summary>Arrivals of chance, four services, three classes, some who leave and some who do not come; windows loaded to nine tenths.</summary>
    private static Scenario BusyHall(int seed, int visits, int windows, int seconds)
    {
        var random = new Random(seed);
        string[] services = ["social-insurance", "residence", "tax", "real-estate"];
        var mean = 0.9 * windows * seconds / visits;
        var arrivals = Enumerable.Range(0, visits).Select(i => new Arrival(
            string.Create(CultureInfo.InvariantCulture, $"A{i:000}"), random.Next(seconds), services[random.Next(4)], Math.Max(1, (long)(-Math.Log(1 - random.NextDouble()) * mean)), random.Next(20) switch { 0 => 2, < 4 => 1, _ => 0 },
            random.Next(4) == 0 ? random.Next(300, 3600) : null, random.Next(30) > 0, 0, random.Next(15) == 0 ? [new FurtherStage("tax", 120)] : [])).OrderBy(a => a.At).ToList();
        return new Scenario
        {
            Id = "busy",
            Title = "a busy hall's day",
            Discipline = Discipline.Of(DisciplineKind.Accumulating) with { Slope = new Dictionary<int, decimal> { [1] = 1.5m, [2] = 4 } },
            Rules = new ScenarioRules(900, 12, 60, 30),
            Windows = [.. Enumerable.Range(1, windows).Select(i => new ScenarioWindow(
                string.Create(CultureInfo.InvariantCulture, $"{i}"), i, i % 3 == 0 ? services : [services[i % 4], services[(i + 1) % 4]], [new Opening(0, seconds)], []))],
            Arrivals = arrivals,
        };
    }

    private static byte[] Write(Scenario scenario)
    {
        var to = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(to)) ScenarioJson.Write(json, scenario);
        return to.WrittenSpan.ToArray();
    }
}
