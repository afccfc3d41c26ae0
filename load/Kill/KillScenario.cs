using HallOps.Load.Halls;
using HallOps.Load.Measuring;

namespace HallOps.Load.Kill;

/// <summary>The real process killed under load (F1 as a whole).</summary>
internal static class KillScenario
{
    public static async Task RunAsync(LoadOptions options, Report report)
    {
        using var folder = new TempFolder();
        report.Say($"seed {options.Seed}, {options.Times} kills");
        var document = await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "samples/halls/rudong-town.json"));
        var outcome = await KillRun.RunAsync(folder.Sub("data"), AlwaysOpen.Of(document), options.Times, options.Seed);
        report.Say(FormattableString.Invariant($"killed {outcome.Kills} times: {outcome.Acknowledged:#,0} steps acknowledged; {outcome.Issued:#,0} numbers, {outcome.Called:#,0} calls and {outcome.Rated:#,0} ratings in the journal"));
        foreach (var wrong in outcome.Wrong.Take(20)) report.Fail(wrong);
    }
}
