using System.Globalization;

namespace HallOps.Load.Measuring;

/// <summary>What was asked for on the command line.</summary>
/// <param name="Json">Where the ratios go as JSON; null: nowhere.</param>
/// <param name="Quick">Shorter legs, to see that it works: its figures prove nothing.</param>
/// <param name="Callers">Callers at full load.</param>
/// <param name="Only">The ratios to measure, by id; empty: all.</param>
/// <param name="Seed">Of every random choice.</param>
/// <param name="Speed">Seconds of the halls a real second.</param>
/// <param name="Times">How often the server is killed.</param>
/// <param name="Minutes">How long a pair of servers is troubled.</param>
internal sealed record LoadOptions(string Scenario, string? Json, bool Quick, int Callers, IReadOnlySet<string> Only, int Seed, double Speed, int Times, double Minutes)
{
    /// <summary>Ratios are medians of at least five pairs; a quick look takes three.</summary>
    public int Pairs => Quick ? 3 : 5;

    public bool Wants(string ratio) => Only.Count == 0 || Only.Contains(ratio);

    /// <summary>Null where the arguments read; else the one line that says what is wrong and what is allowed.</summary>
    public static string? Read(string[] args, IEnumerable<string> scenarios, out LoadOptions options)
    {
        options = new("", null, false, 512, new HashSet<string>(), 20261124, 60, 10, 20);
        var usage = $"usage: load {string.Join('|', scenarios)} [--json FILE] [--quick] [--only R1,R2] [--callers N] [--seed N] [--speed N] [--times N] [--minutes N]";
        if (args is not [var scenario, ..] || !scenarios.Contains(scenario)) return args is [var unknown, ..] ? $"unknown scenario {unknown}; {usage}" : usage;
        options = options with { Scenario = scenario };
        for (var i = 1; i < args.Length; i++)
        {
            var value = i + 1 < args.Length ? args[i + 1] : null;
            switch (args[i])
            {
                case "--quick":
                    options = options with { Quick = true };
                    continue;
                case "--json" when value is not null:
                    options = options with { Json = value };
                    break;
                case "--callers" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var callers) && callers is > 0 and <= 6_000:
                    options = options with { Callers = callers };
                    break;
                case "--seed" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seed):
                    options = options with { Seed = seed };
                    break;
                case "--speed" when double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var speed) && speed is >= 1 and <= 600:
                    options = options with { Speed = speed };
                    break;
                case "--times" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var times) && times is > 0 and <= 1_000:
                    options = options with { Times = times };
                    break;
                case "--minutes" when double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var minutes) && minutes is > 0 and <= 1_440:
                    options = options with { Minutes = minutes };
                    break;
                case "--only" when value is not null:
                    options = options with { Only = value.Split(',').ToHashSet(StringComparer.OrdinalIgnoreCase) };
                    break;
                default:
                    return $"{args[i]} {value} is not understood; {usage}";
            }
            i++;
        }
        return null;
    }
}
