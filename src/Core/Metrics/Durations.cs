namespace HallOps.Core.Metrics;

/// <summary>
/// Durations with what is asked of them: exact while each value is there, by classes (<see cref="LogHistogram"/>) once what was counted by classes is added. Count, sum and longest are exact always.
/// Not thread-safe.
/// </summary>
public sealed class Durations
{
    // Of those whose values are still there; sorted when asked.
    private List<long> _values = [];
    private bool _isSorted = true;
    private LogHistogram? _classes;

    public long Count { get; private set; }

    /// <summary>Milliseconds, like all here.</summary>
    public long Sum { get; private set; }

    /// <summary>Null of nothing.</summary>
    public long? Longest { get; private set; }

    /// <summary>Whether percentiles are those of the values themselves.</summary>
    public bool IsExact => _classes is null;

    public double? Mean => Count == 0 ? null : (double)Sum / Count;

    /// <param name="milliseconds">At least 0.</param>
    public void Add(long milliseconds)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(milliseconds);
        Count++;
        Sum += milliseconds;
        Longest = Math.Max(Longest ?? 0, milliseconds);
        if (_classes is not null)
        {
            _classes.Add(milliseconds);
            return;
        }
        _isSorted &= _values.Count == 0 || _values[^1] <= milliseconds;
        _values.Add(milliseconds);
    }

    public void Add(Durations other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Count == 0) return;
        Count += other.Count;
        Sum += other.Sum;
        Longest = Math.Max(Longest ?? 0, other.Longest ?? 0);
        if (_classes is null && other._classes is null)
        {
            _values.AddRange(other._values);
            _isSorted = false;
            return;
        }
        ToClasses();
        if (other._classes is { } classes) _classes!.Add(classes);
        else
            foreach (var value in other._values) _classes!.Add(value);
    }

    /// <summary>The nearest-rank percentile (DOMAIN.md); null of nothing.</summary>
    public double? Percentile(int percent) => _classes?.Percentile(percent) is { } value ? Math.Min(value, Longest!.Value) : NearestRank.Of(Sorted(), percent);

    /// <summary>How many are at most so much.</summary>
    public long CountUpTo(long most) => _classes?.CountUpTo(most) ?? NearestRank.CountUpTo(Sorted(), most);

    /// <summary>Values with how often they are there, ascending: as they are, or by classes.</summary>
    public IEnumerable<(double Milliseconds, long Times)> Values() => _classes?.Classes() ?? Sorted().Select(v => ((double)v, 1L));

    internal void Write(MetricBytes.Writer to)
    {
        to.Number(Sum);
        to.Number((Longest ?? -1) + 1);
        var classes = _classes;
        if (classes is null)
        {
            classes = new LogHistogram();
            foreach (var value in _values) classes.Add(value);
        }
        classes.Write(to);
    }

    internal static Durations Read(ref MetricBytes.Reader from)
    {
        var durations = new Durations { Sum = from.Number(), Longest = from.Number() is > 0 and var longest ? longest - 1 : null };
        var classes = LogHistogram.Read(ref from);
        durations.Count = classes.Count;
        // Of none, nothing is known by classes only.
        if (classes.Count > 0) durations._classes = classes;
        return durations;
    }

    private void ToClasses()
    {
        if (_classes is not null) return;
        _classes = new LogHistogram();
        foreach (var value in _values) _classes.Add(value);
        _values = [];
        _isSorted = true;
    }

    private List<long> Sorted()
    {
        if (!_isSorted) _values.Sort();
        _isSorted = true;
        return _values;
    }
}
