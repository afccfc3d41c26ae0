namespace HallOps.Core.Metrics;

/// <summary>One wait: how long, and whether it was answered or was only known to have lasted so long (still waiting, or left).</summary>
public readonly record struct ObservedWait(double Waited, bool Answered);

/// <param name="Waited">A wait at which somebody was answered.</param>
/// <param name="StillWaiting">The share that waits longer.</param>
public readonly record struct SurvivalStep(double Waited, double StillWaiting);

/// <summary>
/// The distribution of waits of which some are only lower bounds: counting those as answered, or leaving them out, makes every line look shorter than it is. Source: E. Kaplan and P. Meier,
/// Nonparametric estimation from incomplete observations, 1958.
/// </summary>
/// <param name="Steps">By wait; none where nobody was answered.</param>
public sealed record KaplanMeier(IReadOnlyList<SurvivalStep> Steps)
{
    /// <param name="waits">In any order. Who left or is still there at a wait was at risk at it.</param>
    public static KaplanMeier Of(IEnumerable<ObservedWait> waits) => OfCounted(waits.Select(w => (w, 1L)));

    /// <param name="waits">Each with how often it was observed, at least once.</param>
    public static KaplanMeier OfCounted(IEnumerable<(ObservedWait Wait, long Times)> waits)
    {
        var sorted = waits.OrderBy(w => w.Wait.Waited).ToList();
        var (steps, left, atRisk) = (new List<SurvivalStep>(), 1.0, sorted.Sum(w => w.Times));
        for (var i = 0; i < sorted.Count;)
        {
            var (at, here, answered) = (sorted[i].Wait.Waited, 0L, 0L);
            for (; i < sorted.Count && sorted[i].Wait.Waited == at; i++)
            {
                here += sorted[i].Times;
                if (sorted[i].Wait.Answered) answered += sorted[i].Times;
            }
            if (answered > 0)
            {
                left *= (double)(atRisk - answered) / atRisk;
                steps.Add(new SurvivalStep(at, left));
            }
            atRisk -= here;
        }
        return new KaplanMeier(steps);
    }

    /// <summary>The share that waits longer than so long.</summary>
    public double StillWaitingAfter(double waited)
    {
        var share = 1.0;
        foreach (var step in Steps)
        {
            if (step.Waited > waited) break;
            share = step.StillWaiting;
        }
        return share;
    }

    /// <summary>The shortest wait within which so large a share is answered; null where so many never were.</summary>
    /// <param name="share">Above 0, at most 1.</param>
    public double? Within(double share)
    {
        foreach (var step in Steps)
            // 1e-12: a product of fractions that should be a half is a half.
            if (1 - step.StillWaiting >= share - 1e-12) return step.Waited;
        return null;
    }
}
