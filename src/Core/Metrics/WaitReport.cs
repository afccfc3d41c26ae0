namespace HallOps.Core.Metrics;

/// <summary>Legs and tallies added up, by row or in all. Parts may come in any order. Not thread-safe.</summary>
/// <param name="by">Null: one row for all.</param>
/// <param name="now">How long those still there have waited by then, in the milliseconds of the legs.</param>
public sealed class WaitReport(Grouping? by, long now)
{
    private readonly Dictionary<string, Tally> _rows = [];
    private readonly HashSet<(string Row, string Hall, long Ticket)> _seen = [];

    /// <summary>Legs without a key (nobody called them to a window, no department is known) have the row with the empty key.</summary>
    public void Add(MetricLeg leg)
    {
        ArgumentNullException.ThrowIfNull(leg);
        Add(by?.KeyOf(leg) ?? "", leg);
    }

    /// <summary>A leg in a row that the caller says.</summary>
    public void Add(string key, MetricLeg leg)
    {
        ArgumentNullException.ThrowIfNull(leg);
        Row(key).Add(leg, _seen.Add((key, leg.Hall, leg.Ticket)), now);
    }

    /// <summary>What was added up before: of a day or more, whose visits none of the other parts has.</summary>
    public void Add(string key, Tally tally) => Row(key).Add(tally);

    /// <summary>A part of a window's time, as <see cref="SessionTime.Cut"/> gives them.</summary>
    public void Add(string key, in MetricStretch part, bool inSession) => Row(key).Add(part, inSession);

    /// <summary>In the order of <see cref="GroupingKeys.InOrder"/>. Of all in one, that one, though nothing was added; else only rows that have something.</summary>
    public IReadOnlyList<KeyValuePair<string, Tally>> Rows()
    {
        if (by is { } grouping) return [.. grouping.InOrder(_rows)];
        return [new("", Row(""))];
    }

    private Tally Row(string key)
    {
        if (!_rows.TryGetValue(key, out var row)) _rows.Add(key, row = new Tally());
        return row;
    }
}
