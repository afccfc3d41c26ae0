using HallOps.Core.Metrics;

namespace HallOps.Core.Foresight.Simulation;

/// <summary>The waits of stages that were served.</summary>
/// <param name="P50">Nearest rank; null of none, as the others.</param>
public sealed record WaitSummary(int N, long WaitSum, long? P50, long? P90, long? P95, long? Max, int WithinTarget)
{
    internal static WaitSummary Of(List<long> waits, long target)
    {
        waits.Sort();
        return new WaitSummary(
            waits.Count, waits.Sum(), NearestRank.Of(waits, 50), NearestRank.Of(waits, 90), NearestRank.Of(waits, 95), NearestRank.Of(waits, 100), NearestRank.CountUpTo(waits, target));
    }
}

/// <param name="Busy">From calls to ends, walk and grace included, in the scenario's unit.</param>
/// <param name="Served">Stages. Who was in service when the scenario began is in neither.</param>
public sealed record WindowWork(string Window, long Busy, int Served);

/// <summary>A day in figures. Counts are of stages, times in the scenario's unit.</summary>
/// <param name="ByService">Every service that occurs, by id.</param>
/// <param name="QueueArea">The integral of the number waiting, up to the later of the last closing and the last end.</param>
/// <param name="QueueMax">Taken after the calls of an instant.</param>
/// <param name="LastEnd">Null where nothing ended.</param>
/// <param name="Windows">In the scenario's order.</param>
public sealed record DayMetrics(
    WaitSummary Served, IReadOnlyList<KeyValuePair<string, WaitSummary>> ByService, int Abandoned, int NoShow, int Unserved, int Offered, ServiceLevel ServiceLevel, long QueueArea, int QueueMax,
    long? LastEnd, IReadOnlyList<WindowWork> Windows)
{
    /// <summary>Of windows, as an adviser had it; null where none was asked.</summary>
    public int? Moves { get; init; }

    internal static DayMetrics Of(Scenario scenario, List<StageRecord> records, int mostWaiting)
    {
        var (waits, left) = (new List<long>(), new List<long>());
        var byService = new SortedDictionary<string, List<long>>(StringComparer.Ordinal);
        var busy = scenario.Windows.ToDictionary(w => w.Id, _ => 0L, StringComparer.Ordinal);
        var served = scenario.Windows.ToDictionary(w => w.Id, _ => 0, StringComparer.Ordinal);
        var counts = new int[Enum.GetValues<StageOutcome>().Length];
        long? lastEnd = null;
        foreach (var record in records)
        {
            counts[(int)record.Outcome]++;
            if (!byService.TryGetValue(record.Service, out var own)) byService[record.Service] = own = [];
            if (record.EndedAt is { } ended) lastEnd = lastEnd > ended ? lastEnd : ended;
            if (record.Window is { } window) busy[window] += record.EndedAt!.Value - record.CalledAt!.Value;
            if (record.Outcome is StageOutcome.Abandoned) left.Add(record.Wait!.Value);
            if (record.Outcome is not StageOutcome.Served) continue;
            served[record.Window!]++;
            waits.Add(record.Wait!.Value);
            own.Add(record.Wait.Value);
        }
        var target = scenario.Rules.Target;
        var level = ServiceLevel.Of(waits, left, records.Count, target, scenario.Rules.ShortAbandon);
        return new DayMetrics(
            WaitSummary.Of(waits, target), [.. byService.Select(s => KeyValuePair.Create(s.Key, WaitSummary.Of(s.Value, target)))],
            counts[(int)StageOutcome.Abandoned], counts[(int)StageOutcome.NoShow], counts[(int)StageOutcome.Unserved], records.Count, level,
            AreaOf(scenario, records, lastEnd ?? 0), mostWaiting, lastEnd, [.. scenario.Windows.Select(w => new WindowWork(w.Id, busy[w.Id], served[w.Id]))]);
    }

    // Everybody adds one to the number waiting for as long as he waits.
    private static long AreaOf(Scenario scenario, List<StageRecord> records, long lastEnd)
    {
        var end = lastEnd;
        foreach (var window in scenario.Windows)
            foreach (var opening in window.Calendar) end = Math.Max(end, opening.Closes);
        var area = 0L;
        foreach (var record in records) area += record.Wait ?? Math.Max(0, end - record.Joined);
        return area;
    }
}

/// <summary>Which of several variants is best, by id. Ties go to the earlier.</summary>
/// <param name="LowestP90">Variants in which nobody was served come last.</param>
/// <param name="RankByWaitSum">All of them, the lowest sum first.</param>
public sealed record BestVariants(string LowestWaitSum, string LowestP90, string MostWithinTarget, IReadOnlyList<string> RankByWaitSum)
{
    /// <param name="played">At least one.</param>
    public static BestVariants Of(IReadOnlyList<(Variant Variant, DayMetrics Metrics)> played)
    {
        // OrderBy and MinBy are stable: the first of equals stays first.
        var ranked = played.OrderBy(p => p.Metrics.Served.WaitSum).Select(p => p.Variant.Id).ToList();
        return new BestVariants(
            ranked[0], played.MinBy(p => p.Metrics.Served.P90 ?? long.MaxValue).Variant.Id, played.MaxBy(p => p.Metrics.Served.WithinTarget).Variant.Id, ranked);
    }
}
