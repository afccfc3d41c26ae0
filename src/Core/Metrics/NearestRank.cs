namespace HallOps.Core.Metrics;

/// <summary>Percentiles as DOMAIN.md counts them: the value number ⌈p·n/100⌉ of the sorted ones, never between two.</summary>
public static class NearestRank
{
    /// <param name="sorted">Ascending.</param>
    /// <param name="percent">0 to 100; of 0 the lowest is taken.</param>
    /// <returns>Null of no values.</returns>
    public static T? Of<T>(IReadOnlyList<T> sorted, int percent) where T : struct
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)percent, 100u, nameof(percent));
        if (sorted.Count == 0) return null;
        var rank = ((long)percent * sorted.Count + 99) / 100;
        return sorted[(int)Math.Max(0, rank - 1)];
    }

    /// <summary>How many of sorted values are at most so much.</summary>
    public static int CountUpTo(List<long> sorted, long most)
    {
        var (low, high) = (0, sorted.Count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (sorted[middle] <= most) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
