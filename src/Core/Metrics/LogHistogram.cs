namespace HallOps.Core.Metrics;

/// <summary>
/// Durations counted in classes that grow by 2 %: any percentile of any merger of them is within 1 % of the exact one, because each class is told as the value that is no further than that from both its
/// ends. Durations of no length have a class of their own. Merging is adding, in any order. Not thread-safe.
/// </summary>
/// <remarks>Source: C. Masson, J. Rim and H. Lee, DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees, VLDB 2019.</remarks>
public sealed class LogHistogram
{
    /// <summary>The relative error of a percentile, at most.</summary>
    public const double Error = 0.01;

    private const double Gamma = (1 + Error) / (1 - Error);
    private static readonly double s_perClass = 1 / Math.Log(Gamma);

    // Up to seven weeks: powers take longer than all else that is done with a stored tally.
    private static readonly double[] s_values = [.. Enumerable.Range(0, 1_100).Select(Value)];

    private long _zeros;
    // Count of class _first + i.
    private long[] _counts = [];
    private int _first;

    public long Count { get; private set; }

    /// <param name="milliseconds">Below 0 counts as 0.</param>
    /// <param name="times">At least 0.</param>
    public void Add(long milliseconds, long times = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(times);
        if (times == 0) return;
        Count += times;
        if (milliseconds <= 0) _zeros += times;
        else At(ClassOf(milliseconds)) += times;
    }

    public void Add(LogHistogram other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Count += other.Count;
        _zeros += other._zeros;
        if (other._counts.Length == 0) return;
        // Room for both ends at once.
        At(other._first);
        At(other._first + other._counts.Length - 1);
        for (var i = 0; i < other._counts.Length; i++) _counts[other._first - _first + i] += other._counts[i];
    }

    /// <summary>The nearest-rank percentile, within <see cref="Error"/>; null of nothing.</summary>
    /// <param name="percent">0 to 100; of 0 the lowest class is taken.</param>
    public double? Percentile(int percent)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)percent, 100u, nameof(percent));
        if (Count == 0) return null;
        var rank = Math.Max(1, (percent * Count + 99) / 100);
        var passed = _zeros;
        if (rank <= passed) return 0;
        for (var i = 0; i < _counts.Length; i++)
            if (rank <= (passed += _counts[i])) return ValueOf(_first + i);
        throw new InvalidOperationException($"{Count} durations are counted, and {passed} are in classes");
    }

    /// <summary>How many are at most so much; those within <see cref="Error"/> of it may be counted on either side.</summary>
    public long CountUpTo(double most)
    {
        if (most < 0) return 0;
        var upTo = _zeros;
        for (var i = 0; i < _counts.Length && ValueOf(_first + i) <= most; i++) upTo += _counts[i];
        return upTo;
    }

    /// <summary>Each class that has any, as its value and how many: ascending.</summary>
    public IEnumerable<(double Milliseconds, long Times)> Classes()
    {
        if (_zeros > 0) yield return (0, _zeros);
        for (var i = 0; i < _counts.Length; i++)
            if (_counts[i] > 0) yield return (ValueOf(_first + i), _counts[i]);
    }

    internal void Write(MetricBytes.Writer to)
    {
        to.Number(_zeros);
        var used = _counts.Count(c => c > 0);
        to.Number(used);
        var last = 0;
        for (var i = 0; i < _counts.Length; i++)
        {
            if (_counts[i] == 0) continue;
            to.Number(_first + i - last);
            to.Number(_counts[i]);
            last = _first + i;
        }
    }

    internal static LogHistogram Read(ref MetricBytes.Reader from)
    {
        var histogram = new LogHistogram();
        histogram.Count = histogram._zeros = from.Number();
        var (classes, at) = (from.Number(), 0L);
        for (var i = 0L; i < classes; i++)
        {
            at += from.Number();
            var times = from.Number();
            // A million years is class 1,750 or so: what lies beyond was not written by us.
            if (at is < 0 or > 4_096 || times <= 0) throw new FormatException("A histogram has a class that no duration is of");
            histogram.At((int)at) += times;
            histogram.Count += times;
        }
        return histogram;
    }

    // Class n holds what is above γ^(n-1) and at most γ^n.
    private static int ClassOf(long milliseconds) => (int)Math.Ceiling(Math.Log(milliseconds) * s_perClass);

    private static double ValueOf(int number) => number < s_values.Length ? s_values[number] : Value(number);

    private static double Value(int number) => 2 * Math.Pow(Gamma, number) / (Gamma + 1);

    private ref long At(int number)
    {
        if (_counts.Length == 0) (_counts, _first) = (new long[1], number);
        else if (number < _first)
        {
            var wider = new long[_counts.Length + _first - number];
            _counts.CopyTo(wider, _first - number);
            (_counts, _first) = (wider, number);
        }
        else if (number >= _first + _counts.Length)
        {
            // Room for more: of stored ones each class is beyond the one before it.
            Array.Resize(ref _counts, Math.Max(number - _first + 1, Math.Min(_counts.Length * 2, _counts.Length + 64)));
        }
        return ref _counts[number - _first];
    }
}
