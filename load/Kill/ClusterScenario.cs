#if ENGINE_ORLEANS
using System.Diagnostics;
using HallOps.Load.Halls;
using HallOps.Load.Measuring;

namespace HallOps.Load.Kill;

/// <summary>Two silos and two nodes that run no halls, under every trouble for as long as is wanted (F29, the whole product).</summary>
internal static class ClusterScenario
{
    public static async Task RunAsync(LoadOptions options, Report report)
    {
        using var folder = new TempFolder();
        var (random, began, lasts) = (new Random(options.Seed), Stopwatch.GetTimestamp(), TimeSpan.FromMinutes(options.Minutes));
        report.Say($"seed {options.Seed}, {options.Minutes} minutes");
        var document = await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "samples/halls/rudong-town.json"));
        var outcome = await ClusterRun.RunAsync(folder, AlwaysOpen.Of(document), () => Stopwatch.GetElapsedTime(began) < lasts ? (ClusterTrouble)random.Next(Enum.GetValues<ClusterTrouble>().Length) : null, options.Seed);
        report.Say(FormattableString.Invariant($"{outcome.Resumed.Count} troubles in {Stopwatch.GetElapsedTime(began).TotalMinutes:0.0} minutes: {outcome.Acknowledged:#,0} steps acknowledged, {outcome.Events:#,0} events in the journal, {outcome.Wrong.Count} of them wrong"));
        foreach (var of in outcome.Resumed.GroupBy(r => r.Trouble).OrderBy(g => g.Key))
        {
            var took = of.Select(r => r.After.TotalSeconds).Order().ToArray();
            report.Say(FormattableString.Invariant($"  {of.Key,-12} {took.Length,3} times: five steps in every hall after {took[took.Length / 2]:0.0} s (median), {took[^1]:0.0} s (longest)"));
        }
        foreach (var wrong in outcome.Wrong.Take(20)) report.Fail(wrong);
    }
}
#endif
