using System.Globalization;
using HallOps.Core.Foresight.Recording;
using HallOps.Core.Foresight.Simulation;
using HallOps.Core.Halls;
using HallOps.Silo.Journal;
using HallOps.Web.Operations;
using HallOps.Web.Storage;

namespace HallOps.Web.Cli;

/// <summary>
/// <c>simulate</c>: a scenario in virtual time, its result as JSON on standard output (SIMULATION.md, docs/foresight.md). The scenario is a file, or a day that a hall recorded; that by itself is written
/// out as a scenario, and under other rules it is played once for each.
/// </summary>
internal static class SimulateCommand
{
    public static readonly string[] Options = ["svg", "rules", "advisor"];
    public static readonly string[] RecordedOptions = [.. Options, "from-hall", "date"];

    // A result that somebody reads is set out line by line; one of thousands of visits is not read.
    private const int MostReadable = 2_000;

    public static int Run(string file, string? svg, string? rules, string? advisor)
    {
        var advised = IsAdvised(advisor);
        var progress = new Progress("read", null);
        var read = ScenarioDocument.Read(InputFile.Read(file), progress.Told);
        progress.Done();
        var scenario = read.Scenario ?? throw new StartRefusedException($"{file}: {read.Problem}");
        Play(WithRules(scenario, rules), svg, advised);
        return 0;
    }

    public static int RunRecorded(Settings settings, string hall, string? date, string? svg, string? rules, string? advisor)
    {
        var advised = IsAdvised(advisor);
        if (advised && rules is null) throw new WrongUsageException("--advisor needs --rules where --from-hall only writes the day down");
        if (date is null) throw new WrongUsageException("--date is missing");
        if (!DateOnly.TryParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)) throw new StartRefusedException($"--date must be a date like 2026-11-21, was \"{date}\".");
        var recorder = new DayRecorder(day);
        settings.Journal.MustBeInFolder("a recorded day is read from a folder: copy the journal with \"hallops journal copy sqlite:DIR\" and give --data DIR");
        var folder = settings.Folder.FullPath;
        var isKnown = JournalReplay.Run(folder, new HallId(hall), (state, @event) =>
        {
            recorder.Note(state, @event);
            // Services of the day may end after midnight, and not after the hall has forgotten its visits.
            return !(@event is DayForgotten forgotten && forgotten.Day >= day);
        });
        if (!isKnown) throw new StartRefusedException($"--from-hall must be a hall of {folder}, was \"{hall}\".");
        if (!recorder.HasDay) throw new StartRefusedException($"--date must be a service day of {hall} on which something happened, was {date}.");
        var scenario = recorder.ToScenario();
        if (rules is not null)
        {
            Play(WithRules(scenario, rules), svg, advised);
            return 0;
        }
        if (svg is not null) Draw(svg, scenario, DaySimulator.Run(scenario));
        JsonOutput.Print(scenario.Arrivals.Count <= MostReadable, (json, _) => ScenarioJson.Write(json, scenario));
        return 0;
    }

    private static Scenario WithRules(Scenario scenario, string? rules)
    {
        if (rules is null) return scenario;
        var read = ScenarioDocument.ReadRules(InputFile.Read(rules), scenario);
        return read.Scenario ?? throw new StartRefusedException($"{rules}: {read.Problem}");
    }

    private static bool IsAdvised(string? advisor) => advisor switch
    {
        null => false,
        "auto" => true,
        _ => throw new WrongUsageException($"--advisor must be auto, was \"{advisor}\""),
    };

    private static void Play(Scenario scenario, string? svg, bool advised)
    {
        var progress = new Progress("simulated", scenario.Arrivals.Count * Math.Max(1, scenario.Variants.Count));
        if (scenario.Variants.Count > 0)
        {
            var played = DaySimulator.RunVariants(scenario, progress.Told, advised);
            progress.Done();
            if (svg is not null) Draw(svg, scenario, Day(null));
            JsonOutput.Print(readable: true, (json, _) => DayJson.Write(json, played));
            return;
        }
        var day = Day(progress.Told);
        progress.Done();
        if (svg is not null) Draw(svg, scenario, day);
        JsonOutput.Print(day.Tickets.Count <= MostReadable, (json, wrote) => DayJson.Write(json, day, wrote));

        DayResult Day(Action<int>? told) => advised ? DaySimulator.RunAdvised(scenario, told) : DaySimulator.Run(scenario, told);
    }

    private static void Draw(string file, Scenario scenario, DayResult day)
    {
        try
        {
            File.WriteAllText(file, DayPicture.Draw(scenario, day));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException($"{file} cannot be written ({e.Message.TrimEnd('.')}).", e);
        }
    }
}
