namespace HallOps.Load.Measuring;

/// <summary>Two things measured in turn, A B A B …, so that what else the machine does falls on both.</summary>
internal static class Pairs
{
    public static async Task<(List<double> Ours, List<double> Theirs)> MeasureAsync(int pairs, Func<Task<double>> ours, Func<Task<double>> theirs)
    {
        var (a, b) = (new List<double>(pairs), new List<double>(pairs));
        for (var i = 0; i < pairs; i++)
        {
            a.Add(await ours());
            b.Add(await theirs());
        }
        return (a, b);
    }

    /// <summary>The middle value; the mean of the middle two of an even number. At least one value.</summary>
    public static double Median(IReadOnlyList<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
