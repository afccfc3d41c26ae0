namespace HallOps.Core.Metrics;

/// <summary>
/// Windows' time by the sessions of their hall. Within a session every moment of a window counts, a closed one too: so its parts add up to the session. Outside of sessions nobody expects a window to be
/// open, and what it was open all the same (the last visitor, an early start) is told apart.
/// </summary>
public static class SessionTime
{
    /// <summary>Cuts stretches where sessions begin and end; nothing is lost, and no part has no length.</summary>
    /// <param name="stretches">Of any windows of one hall, in any order, each with an end.</param>
    /// <param name="sessions">Of that hall: ascending, and none overlaps the next.</param>
    public static IEnumerable<(MetricStretch Part, bool InSession)> Cut(IEnumerable<MetricStretch> stretches, IReadOnlyList<(long From, long To)> sessions)
    {
        ArgumentNullException.ThrowIfNull(stretches);
        ArgumentNullException.ThrowIfNull(sessions);
        foreach (var stretch in stretches)
        {
            var at = stretch.From;
            foreach (var (from, to) in sessions)
            {
                if (to <= at) continue;
                if (from >= stretch.To) break;
                if (from > at) yield return (stretch with { From = at, To = from }, false);
                var (begins, ends) = (Math.Max(at, from), Math.Min(stretch.To, to));
                if (ends > begins) yield return (stretch with { From = begins, To = ends }, true);
                at = ends;
            }
            if (at < stretch.To) yield return (stretch with { From = at }, false);
        }
    }
}
