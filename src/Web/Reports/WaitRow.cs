using System.Text.Json.Serialization;
using HallOps.Core.Metrics;

namespace HallOps.Web.Reports;

/// <summary>A row of <c>metrics/waits</c>, and of <c>hallops report</c> (API.md).</summary>
/// <param name="Key">Null of all in one, and of legs without such a thing, as those that nobody called have no window.</param>
/// <param name="Open">Still there.</param>
/// <param name="IncludingWaiting">Waits with those of who left or is still there, as lower bounds.</param>
/// <param name="Exact">Percentiles are of the values themselves; else of classes, within 1 %.</param>
public sealed record WaitRow(string? Key, long Tickets, long Legs, long Called, long Served, long NoShow, long Abandoned, long Withdrawn, long Transferred, long Void, long Open,
    DurationRow Wait, DurationRow Walk, DurationRow Service, DurationRow IncludingWaiting, bool Exact)
{
    /// <param name="target">Inclusive; null: none is counted.</param>
    public static WaitRow Of(string? key, Tally tally, TimeSpan? target)
    {
        var including = tally.IncludingWaiting();
        return new WaitRow(string.IsNullOrEmpty(key) ? null : key, tally[Count.Tickets], tally[Count.Legs], tally[Count.Called], tally[Count.Served], tally[Count.NoShow], tally[Count.Abandoned], tally[Count.Withdrawn],
            tally[Count.Transferred], tally[Count.Void], tally[Count.Open],
            DurationRow.Of(tally.Wait, target), DurationRow.Of(tally.Walk, null), DurationRow.Of(tally.Service, null), DurationRow.Of(including, target) with { AtLeast = true },
            including.IsExact && tally.Walk.IsExact && tally.Service.IsExact);
    }
}

/// <summary>Durations in seconds; of none, all but <paramref name="N"/> are null.</summary>
/// <param name="WithinTarget">How many are at most the target; null without one.</param>
/// <param name="AtLeast">True where the figures are lower bounds; left out elsewhere.</param>
public sealed record DurationRow(long N, double? MeanSeconds, double? P50Seconds, double? P90Seconds, double? P95Seconds, double? P99Seconds, double? MaxSeconds, long? WithinTarget,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? AtLeast = null)
{
    public static DurationRow Of(Durations durations, TimeSpan? target) => new(durations.Count, durations.Mean / 1000, durations.Percentile(50) / 1000, durations.Percentile(90) / 1000, durations.Percentile(95) / 1000,
        durations.Percentile(99) / 1000, durations.Longest / 1000.0, target is { } most ? durations.CountUpTo((long)most.TotalMilliseconds) : null);
}
