using HallOps.Silo.Journal;
using HallOps.Web.Operations;
using HallOps.Web.Storage;

namespace HallOps.Web.Cli;

/// <summary>The commands of the program. Ends with 0, with 1 for a refusal or bad input (one line on standard error), with 2 for wrong usage.</summary>
public static class CommandLine
{
    private const string Usage = """
        hallops [serve] [--urls URLS] [--data DIR] [--HallOps:SETTING VALUE]…   serve the halls
        hallops serve --demo [--urls URLS] [--HallOps:Clock:Speed 4]…           play a day in the sample halls, in ./data-demo, which is emptied first
        hallops hall import FILE… [--check] [--data DIR]                        add or change halls; --check only prints what would change
        hallops journal verify [--data DIR]                                     check every hall's records and the audit, a line each
        hallops journal salvage TO [--data DIR]                                 copy what is whole out of a damaged journal into the new folder TO
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
                ["journal", "verify"] => JournalVerifyCommand.Run(Settings.Read(words.Settings())),
                ["journal", "salvage", var to] => JournalSalvageCommand.Run(Settings.Read(words.Settings()), to),
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

        /// <summary>The options as settings, by their full names; <paramref name="own"/> are the command's.</summary>
        public Dictionary<string, string?> Settings(params string[] own) => Options.Where(o => !own.Contains(o.Key)).ToDictionary(
            o => o.Key switch
            {
                "urls" or "data" => $"HallOps:{o.Key}",
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
