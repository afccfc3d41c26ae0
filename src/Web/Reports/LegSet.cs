namespace HallOps.Web.Reports;

/// <summary>The legs that a figure counts, where no column alone says which they are: so that what stands behind a figure is as many as it says. docs/reports.md has them in words.</summary>
public enum LegSet
{
    /// <summary><c>called</c>, and the whole of <c>rates.noShow</c>.</summary>
    Called,
    /// <summary><c>wait.n</c>.</summary>
    Answered,
    /// <summary><c>wait.withinTarget</c>, and the part of <c>serviceLevel.ofOffered</c>.</summary>
    InTime,
    /// <summary>What <c>includingWaiting.n</c> has beyond <c>wait.n</c>: still there, or gone unanswered.</summary>
    Unanswered,
    /// <summary><c>includingWaiting.n</c>, and the whole of <c>serviceLevel.ofOffered</c>.</summary>
    Offered,
    /// <summary>The part of <c>rates.leftUnserved</c>.</summary>
    LeftUnserved,
    /// <summary>The whole of <c>rates.satisfaction</c>.</summary>
    Rated,
    /// <summary><c>unrated</c> of ratings.</summary>
    Unrated,
    /// <summary>The whole of <c>rates.doneAtOnce</c>: finished as done or as accepted.</summary>
    Decided,
    /// <summary>The part of <c>rates.cameAgain</c>.</summary>
    CameAgain,
    /// <summary><c>told.n</c>.</summary>
    Told,
    /// <summary>Those whose working days <c>rates.faster</c> adds up.</summary>
    Promised,
}

/// <summary>The same as <see cref="Core.Metrics.Tally"/> counts, as the table has it.</summary>
internal static class LegSets
{
    private const string Answered = "(held_wait_ms IS NOT NULL OR (called_at IS NOT NULL AND (started_at IS NOT NULL OR outcome = 'served')))";

    // Whoever went on elsewhere waits there, and a number that became void was never waited with.
    private const string Unanswered = "started_at IS NULL AND held_wait_ms IS NULL AND (outcome = 'open' OR (outcome IN ('abandoned', 'withdrawn', 'noShow') AND ended_at IS NOT NULL) OR (outcome = 'noShow' AND called_at >= since))";

    /// <summary>A condition on rows of <c>legs</c>, in brackets.</summary>
    public static string SqlOf(this LegSet set) => "(" + set switch
    {
        LegSet.Called => "first_called_at IS NOT NULL OR called_at IS NOT NULL",
        LegSet.Answered => Answered,
        LegSet.InTime => $"{Answered} AND COALESCE(held_wait_ms, called_at - since) <= CASE WHEN @ofLines = 1 THEN COALESCE(target_minutes * 60000, @target) ELSE @target END",
        LegSet.Unanswered => Unanswered,
        LegSet.Offered => $"{Answered} OR ({Unanswered})",
        LegSet.LeftUnserved => "outcome IN ('noShow', 'abandoned', 'withdrawn')",
        LegSet.Rated => "grade IS NOT NULL",
        LegSet.Unrated => "outcome = 'served' AND grade IS NULL",
        LegSet.Decided => "finish_outcome IN ('done', 'accepted')",
        LegSet.CameAgain => "outcome = 'served' AND told_before > 0",
        LegSet.Told => $"told_median_ms IS NOT NULL AND {Answered}",
        LegSet.Promised => "outcome = 'served' AND promised_days IS NOT NULL AND statutory_days IS NOT NULL",
        _ => throw new ArgumentOutOfRangeException(nameof(set), set, "No set of legs."),
    } + ")";

    /// <summary>Answered waits longer than that, in milliseconds from 0: whoever was called before their slot waited 0.</summary>
    public const string WaitOver = $"({Answered} AND COALESCE(held_wait_ms, called_at - since) > @waitOver)";

    public const string WaitUpTo = $"({Answered} AND COALESCE(held_wait_ms, called_at - since) <= @waitUpTo)";
}
