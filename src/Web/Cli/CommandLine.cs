using HallOps.Silo.Journal;
using HallOps.Web.Operations;
using HallOps.Web.Storage;

namespace HallOps.Web.Cli;

/// <summary>The commands of the program. Ends with 0, with 1 for a refusal or bad input (one line on standard error), with 2 for wrong usage.</summary>
public static class CommandLine
{
    private const string Usage = """
        hallops [serve] [--urls URLS] [--data DIR] [--HallOps:SETTING VALUE]…   serve the halls
        hallops serve --role silo|web|all [--urls URLS] [--data DIR]…           serve together with others on one Redis and one PostgreSQL; in the build for several machines
        hallops serve --demo [--urls URLS] [--HallOps:Clock:Speed 4]…           play a day in the sample halls, in ./data-demo, which is emptied first
        hallops hall import FILE… [--check] [--data DIR]                        add or change halls; --check only prints what would change
        hallops journal verify [--data DIR]                                     check every hall's records and the audit, a line each
        hallops journal copy TO [--data DIR]                                    copy it into an empty store, sqlite:DIR or redis:CONNECTION, and compare the two
        hallops journal archive --before DATE [--data DIR]                      move days that are over before DATE into compressed files
        hallops journal accept-loss HALL [--data DIR]                           give up what Redis has lost of a hall, so that it goes on
        hallops journal salvage TO [--data DIR]                                 copy what is whole out of a damaged journal into the new folder TO
        hallops projections rebuild [--data DIR]                                make what reports read anew from the journal; the old serves until then
        hallops simulate FILE [--advisor auto] [--rules RULES] [--svg PICTURE]  play a scenario in virtual time; its result as JSON; RULES: once for each;
                                                                                advisor: windows are set to other services as is advised
        hallops simulate --from-hall HALL --date D [--rules RULES [--advisor auto]] [--svg PICTURE] [--data DIR]
                                                                                a recorded day as a scenario, or played again under other rules
        hallops timeline FILE --date D [--to D] [--check]                       compile a service calendar; --check prints gaps and warnings only, and fails where a service is uncovered
        hallops staffing --arrivals-per-hour 60 --service-seconds 240 --within-seconds 600 --target 0.9 [--windows N] [--patience-seconds P]
                                                                                how many windows a line needs, or how N do
        hallops formula erlang-b|erlang-c|mg1|priority|accumulating|square-root --OPTION VALUE…
                                                                                the values of a formula
        hallops report VISITS.csv [--by hall|department|service|line|window|staff|hour|weekday|day|week|month] [--target-seconds N] [--at TIME]
                                                                                the wait report of a file of visits, as JSON; nothing after TIME is known
        hallops sample-year --halls N [--year 2025] [--seed 1]                  a year of plausible visits of the sample halls, as a file of visits on standard output
        hallops visits import FILE… [--check] [--data DIR]                      visits of earlier years beside those that were counted here; --check only says what would be done
        hallops person export|erase id|phone [--data DIR]                       what is kept of a person, as JSON, or that it be forgotten; the number is read from standard input
        hallops backup FILE [--data DIR]                                        copy everything into one file
        hallops restore FILE [--erased LIST] [--data DIR]                       put a backup into an empty data folder; LIST is the old folder's erased.txt: who was erased stays erased
        """;

    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            var words = Words.Split(args);
            if (words.Has("help") || words.Has("h"))
            {
                Console.WriteLine(Usage);
                return 0;
            }
            return words.Command switch
            {
                [] or ["serve"] => await Serve.RunAsync(Settings.Read(words.Settings("demo"), words.Has("demo"))),
                ["hall", "import", .. { Length: > 0 } files] => await HallImportCommand.RunAsync(Settings.Read(words.Settings("check")), files, words.Has("check")),
                ["journal", "verify"] => await JournalVerifyCommand.RunAsync(Settings.Read(words.Settings())),
                ["journal", "copy", var to] => await JournalCopyCommand.RunAsync(Settings.Read(words.Settings()), to),
                ["journal", "archive"] => await JournalArchiveCommand.RunAsync(Settings.Read(words.Settings("before")), words.Value("before")),
                ["journal", "accept-loss", var hall] => await JournalAcceptLossCommand.RunAsync(Settings.Read(words.Settings()), hall),
                ["journal", "salvage", var to] => JournalSalvageCommand.Run(Settings.Read(words.Settings()), to),
                ["projections", "rebuild"] => await ProjectionsRebuildCommand.RunAsync(Settings.Read(words.Settings())),
                ["simulate"] when words.Value("from-hall") is { } recorded =>
                    SimulateCommand.RunRecorded(Settings.Read(words.Settings(SimulateCommand.RecordedOptions)), recorded, words.Value("date"), words.Value("svg"), words.Value("rules"), words.Value("advisor")),
                ["simulate", var file] when words.HasOnly(SimulateCommand.Options) => SimulateCommand.Run(file, words.Value("svg"), words.Value("rules"), words.Value("advisor")),
                ["timeline", var file] when words.HasOnly(TimelineCommand.Options) => TimelineCommand.Run(file, words.Value("date"), words.Value("to"), words.Has("check")),
                ["staffing"] when words.HasOnly(StaffingCommand.Options) => StaffingCommand.Run(words.Value),
                ["formula", var formula] when FormulaCommand.Options.TryGetValue(formula, out var own) && words.HasOnly(own) => FormulaCommand.Run(formula, words.Value),
                ["report", var file] when words.HasOnly(ReportCommand.Options) => ReportCommand.Run(file, words.Value("by"), words.Value("target-seconds"), words.Value("at")),
                ["visits", "import", .. { Length: > 0 } files] => await VisitsImportCommand.RunAsync(Settings.Read(words.Settings("check")), files, words.Has("check")),
                ["sample-year"] when words.HasOnly(SampleYearCommand.Options) => SampleYearCommand.Run(words.Value("halls"), words.Value("year"), words.Value("seed")),
                ["person", "export", "id" or "phone"] => await PersonCommand.ExportAsync(Settings.Read(words.Settings()), words.Command[2]),
                ["person", "erase", "id" or "phone"] => await PersonCommand.EraseAsync(Settings.Read(words.Settings()), words.Command[2]),
                ["backup", var file] => await BackupCommand.RunAsync(Settings.Read(words.Settings()), file),
                ["restore", var file] => await RestoreCommand.RunAsync(Settings.Read(words.Settings("erased")), file, words.Value("erased")),
                var other => throw new WrongUsageException($"there is no command \"{string.Join(' ', other)}\""),
            };
        }
        catch (WrongUsageException e)
        {
            await Console.Error.WriteLineAsync($"hallops: {e.Message}\n{Usage}");
            return 2;
        }
        catch (Exception e) when (e is StartRefusedException or JournalUnusableException)
        {
            await Console.Error.WriteLineAsync($"hallops: {e.Message}");
            return 1;
        }
    }

    /// <summary>The words of a command line: the command's own, and options <c>--name value</c> or <c>--name=value</c>.</summary>
    private sealed record Words(string[] Command, IReadOnlyDictionary<string, string?> Options)
    {
        // Options that stand alone.
        private static readonly string[] Flags = ["check", "demo", "help", "h"];

        public bool Has(string flag) => Options.ContainsKey(flag);

        /// <summary>Null where it is not given.</summary>
        public string? Value(string option) => Options.GetValueOrDefault(option);

        public static Words Split(string[] args)
        {
            List<string> command = [];
            var options = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
            for (var i = 0; i < args.Length; i++)
            {
                if (!args[i].StartsWith('-') || args[i].Length == 1)
                {
                    command.Add(args[i]);
                    continue;
                }
                var option = args[i].TrimStart('-').Split('=', 2);
                var value = option.Length == 2 ? option[1] : Flags.Contains(option[0]) ? null : ++i < args.Length ? args[i] : throw new WrongUsageException($"--{option[0]} needs a value");
                if (!options.TryAdd(option[0], value)) throw new WrongUsageException($"--{option[0]} is given twice");
            }
            return new Words([.. command], options);
        }

        /// <summary>True, for a command that takes no settings: its own options are all there are.</summary>
        public bool HasOnly(params string[] own) =>
            Options.Keys.FirstOrDefault(o => !own.Contains(o)) is { } other ? throw new WrongUsageException($"there is no option --{other} here") : true;

        /// <summary>The options as settings, by their full names; <paramref name="own"/> are the command's.</summary>
        public Dictionary<string, string?> Settings(params string[] own) => Options.Where(o => !own.Contains(o.Key)).ToDictionary(
            o => o.Key switch
            {
                "urls" or "data" or "role" => $"HallOps:{o.Key}",
                var key when key.Contains(':', StringComparison.Ordinal) && key.Split(':')[0].ToUpperInvariant() is ("HALLOPS" or "CONNECTIONSTRINGS" or "LOGGING") => key,
                var key => throw new WrongUsageException($"there is no option --{key}"),
            },
            o => o.Value,
            StringComparer.OrdinalIgnoreCase);
    }
}

/// <summary>The command line says something that is no command of ours.</summary>
public sealed class WrongUsageException : Exception
{
    public WrongUsageException() { }
    public WrongUsageException(string message) : base(message) { }
    public WrongUsageException(string message, Exception inner) : base(message, inner) { }
}
