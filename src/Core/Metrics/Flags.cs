using HallOps.Core.Halls;

namespace HallOps.Core.Metrics;

/// <summary>What a figure may be wrong by, and somebody should look at.</summary>
public enum FlagKind
{
    /// <summary>Calls one after the other faster than anybody can come.</summary>
    BurstOfCalls,
    /// <summary>A service over much sooner than others of its kind.</summary>
    QuickFinish,
    /// <summary>A window free for long while somebody waited for what it offers.</summary>
    LongIdle,
}

/// <summary>Something to look at, never a verdict: a burst of calls may be a line of people who left, a quick finish a paper that was ready.</summary>
/// <param name="Legs">The legs behind it, as ticket and leg; none of an idle window.</param>
/// <param name="Milliseconds">How long it lasted.</param>
/// <param name="Typical">Of a quick finish: how long its service takes in the median.</param>
public sealed record Flag(FlagKind Kind, string Hall, string Window, string? Staff, long From, long Milliseconds, long? Typical, IReadOnlyList<(long Ticket, int Leg)> Legs);

/// <summary>A summons, as flags need it.</summary>
public readonly record struct MetricCall(string Hall, string Window, string? Staff, long Ticket, int Leg, long At);

/// <summary>A stretch of a window's time.</summary>
public readonly record struct MetricStretch(string Hall, string Window, string? Staff, WindowUse Use, PauseReason? Pause, long From, long To);

/// <summary>Finds what should be looked at. All limits are in milliseconds.</summary>
public static class Flags
{
    /// <summary>So many calls of a window within <see cref="BurstWithin"/> are a burst: nobody walks to a window and is missed in twenty seconds, let alone is served.</summary>
    public const int BurstCalls = 3;

    public const long BurstWithin = 60_000;

    /// <summary>A service finished within a tenth of its median, and within half a minute: a form handed back takes that long.</summary>
    public const long QuickAtMost = 30_000;

    private const int QuickPart = 10;

    /// <summary>Of fewer finishes, no median is known.</summary>
    private const int EnoughFinishes = 20;

    /// <summary>A clerk may stretch for five minutes.</summary>
    public const long IdleAtLeast = 300_000;

    /// <param name="calls">Of any windows, in any order.</param>
    /// <returns>By hall, window and time. A longer row of calls is one burst.</returns>
    public static IEnumerable<Flag> Bursts(IEnumerable<MetricCall> calls)
    {
        foreach (var window in calls.GroupBy(c => (c.Hall, c.Window)).OrderBy(g => g.Key.Hall, StringComparer.Ordinal).ThenBy(g => g.Key.Window, StringComparer.Ordinal))
        {
            var inOrder = window.OrderBy(c => c.At).ToList();
            for (var first = 0; first < inOrder.Count;)
            {
                // As long as each call and the one two after it are close enough, it goes on.
                var last = first;
                while (last + BurstCalls - 1 < inOrder.Count && inOrder[last + BurstCalls - 1].At - inOrder[last].At <= BurstWithin) last++;
                if (last == first)
                {
                    first++;
                    continue;
                }
                var burst = inOrder[first..(last + BurstCalls - 1)];
                yield return new Flag(FlagKind.BurstOfCalls, window.Key.Hall, window.Key.Window, burst[0].Staff, burst[0].At, burst[^1].At - burst[0].At, null, [.. burst.Select(c => (c.Ticket, c.Leg))]);
                first = last + BurstCalls - 1;
            }
        }
    }

    /// <param name="legs">Services are compared with their like in one hall, over all that are given.</param>
    public static IEnumerable<Flag> QuickFinishes(IEnumerable<MetricLeg> legs)
    {
        // Who was told at once that it cannot be done, or left, was served quickly with reason.
        var finished = legs.Where(l => l is { Serving: not null, Window: not null, FinishOutcome: not (FinishOutcome.Refused or FinishOutcome.Left or FinishOutcome.Referred) });
        foreach (var service in finished.GroupBy(l => (l.Hall, l.Service)).OrderBy(g => g.Key.Hall, StringComparer.Ordinal).ThenBy(g => g.Key.Service, StringComparer.Ordinal))
        {
            var sorted = service.Select(l => l.Serving!.Value).Order().ToList();
            if (sorted.Count < EnoughFinishes) continue;
            var typical = NearestRank.Of(sorted, 50)!.Value;
            foreach (var leg in service.OrderBy(l => l.StartedAt))
                if (leg.Serving <= QuickAtMost && leg.Serving * QuickPart <= typical)
                    yield return new Flag(FlagKind.QuickFinish, leg.Hall, leg.Window!, leg.Staff, leg.StartedAt!.Value, leg.Serving.Value, typical, [(leg.Ticket, leg.Leg)]);
        }
    }

    public static IEnumerable<Flag> LongIdles(IEnumerable<MetricStretch> stretches) =>
        from s in stretches
        where s.Use == WindowUse.IdleWaitedFor && s.To - s.From >= IdleAtLeast
        orderby s.Hall, s.Window, s.From
        select new Flag(FlagKind.LongIdle, s.Hall, s.Window, s.Staff, s.From, s.To - s.From, null, []);
}
