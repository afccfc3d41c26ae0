using HallOps.Load.Halls;
using HallOps.Load.Measuring;

namespace HallOps.Load.Push;

/// <summary>F17 of docs/benchmarks.md, told in figures.</summary>
internal static class Restart
{
    public static async Task RunAsync(LoadOptions options, Report report)
    {
        using var folder = new TempFolder();
        var document = await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, $"samples/halls/{PushScenario.Hall}.json"));
        var outcome = await RestartRun.RunAsync(folder.Sub("data"), AlwaysOpen.Of(document), options.Callers, options.Seed);
        report.Say(FormattableString.Invariant($"seed {options.Seed}: {options.Callers:#,0} screens there after {outcome.Gathered.TotalSeconds:0.0} s"));
        report.Say(FormattableString.Invariant($"F17: away for {outcome.Away.TotalSeconds:0.0} s; all back {outcome.Back.TotalSeconds:0.0} s after it serves again, at most {outcome.Busiest} within 100 ms; {outcome.Refusals}; peak memory {outcome.PeakMemoryMib:0} MiB, {outcome.Cpu.TotalSeconds:0.0} CPU s"));
        report.Limit("screens that came back within the same 100 ms", outcome.Busiest, "screens", RestartRun.MostInAMoment);
        if (outcome.TurnedAway > 0) report.Fail($"{outcome.TurnedAway} tries were turned away by the server: {outcome.Refusals}");
    }
}
