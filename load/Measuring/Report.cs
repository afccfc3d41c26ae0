using System.Globalization;
using System.Text.Json;

namespace HallOps.Load.Measuring;

/// <param name="AtLeast">True: a ratio below it misses; false: one above it does.</param>
internal readonly record struct Bound(double Value, bool AtLeast)
{
    public static Bound Least(double value) => new(value, true);
    public static Bound Most(double value) => new(value, false);

    public bool Holds(double ratio) => AtLeast ? ratio >= Value : ratio <= Value;

    public override string ToString() => FormattableString.Invariant($"{(AtLeast ? "at least" : "at most")} {Value:0.##}");
}

/// <summary>One side of a ratio, measured in turn with the other: the medians stand for it.</summary>
internal sealed record Side(string Name, string Unit, IReadOnlyList<double> Values)
{
    public double Median => Pairs.Median(Values);
}

/// <summary>Ours ÷ theirs, the median over the pairs; medians of both sides beside it.</summary>
/// <param name="Bound">Null: told, not judged.</param>
internal sealed record Ratio(string Id, string What, Bound? Bound, Side Ours, Side Theirs)
{
    public IReadOnlyList<double> Each { get; } = [.. Ours.Values.Zip(Theirs.Values, static (ours, theirs) => ours / theirs)];

    public double Value => Pairs.Median(Each);

    public bool Misses => Bound is { } bound && !bound.Holds(Value);
}

/// <summary>What a scenario found: printed as it comes, kept for the JSON, judged at the end.</summary>
internal sealed class Report
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly TextWriter _out = Console.Out;
    private readonly string _scenario;
    private readonly Machine _machine;
    private readonly List<Ratio> _ratios = [];
    private readonly List<string> _misses = [];

    public Report(string scenario, Machine machine)
    {
        (_scenario, _machine) = (scenario, machine);
        _out.WriteLine($"{scenario}: {machine}");
    }

    public void Say(string line) => _out.WriteLine(line);

    public void Add(Ratio ratio)
    {
        _ratios.Add(ratio);
        var verdict = ratio.Bound is not { } bound ? "report" : ratio.Misses ? $"MISSED, {bound}" : $"pass, {bound}";
        _out.WriteLine(FormattableString.Invariant($"{ratio.Id}  {ratio.What}"));
        foreach (var side in (ReadOnlySpan<Side>)[ratio.Ours, ratio.Theirs])
            _out.WriteLine(FormattableString.Invariant($"    {side.Name,-46} {Number(side.Median),12} {side.Unit,-12} [{string.Join(' ', side.Values.Select(Number))}]"));
        _out.WriteLine(FormattableString.Invariant($"    ratio {ratio.Value:0.000} ({verdict}), median of {ratio.Each.Count} pairs [{string.Join(' ', ratio.Each.Select(r => r.ToString("0.00", CultureInfo.InvariantCulture)))}]"));
        if (ratio.Misses) _misses.Add(FormattableString.Invariant($"{ratio.Id} is {ratio.Value:0.###}, {ratio.Bound}"));
    }

    /// <summary>A figure with a limit that is no ratio of two things measured.</summary>
    public void Limit(string name, double value, string unit, double most)
    {
        var misses = value > most;
        _out.WriteLine(FormattableString.Invariant($"{name}: {Number(value)} {unit} ({(misses ? "MISSED" : "pass")}, at most {Number(most)})"));
        if (misses) _misses.Add(FormattableString.Invariant($"{name} is {Number(value)} {unit}, at most {Number(most)}"));
    }

    public void Fail(string why) => _misses.Add(why);

    public async Task WriteJsonAsync(string file)
    {
        var body = new
        {
            scenario = _scenario,
            machine = _machine,
            ratios = _ratios.Select(r => new
            {
                id = r.Id,
                ratio = Rounded(r.Value),
                bound = r.Bound?.Value,
                ours = new { value = Rounded(r.Ours.Median), unit = r.Ours.Unit },
                theirs = new { value = Rounded(r.Theirs.Median), unit = r.Theirs.Unit },
                pairs = r.Each.Count,
            }),
        };
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(body, Json) + "\n");
    }

    /// <summary>Says what was missed, a line each; false where anything was.</summary>
    public bool Conclude()
    {
        foreach (var miss in _misses) _out.WriteLine($"MISSED: {miss}");
        return _misses.Count == 0;
    }

    public static string Number(double value) => value.ToString(Math.Abs(value) switch { >= 1000 => "#,0", >= 10 => "0.0", _ => "0.000" }, CultureInfo.InvariantCulture);

    // Six significant digits: more would be noise.
    private static double Rounded(double value) => value == 0 || !double.IsFinite(value) ? value : double.Parse(value.ToString("G6", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
