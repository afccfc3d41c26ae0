namespace HallOps.Core.Metrics;

/// <summary>A share with both its counts: a rate without them cannot be added up.</summary>
public readonly record struct Share(long Part, long Of);

/// <summary>
/// The share answered within the target, over four denominators in use. They differ in what is done with those who left: none of them is wrong, and a figure without its name says nothing.
/// </summary>
/// <param name="AnsweredOnly">Of those served.</param>
/// <param name="OfOffered">Of all who came.</param>
/// <param name="OfferedLessShortAbandons">Of all who came but those who left at once.</param>
/// <param name="AbandonsInTargetCountGood">Of all who came; who left within the target waited no longer than promised.</param>
public readonly record struct ServiceLevel(Share AnsweredOnly, Share OfOffered, Share OfferedLessShortAbandons, Share AbandonsInTargetCountGood)
{
    /// <param name="served">Waits of those served, in any order.</param>
    /// <param name="left">How long those waited who left.</param>
    /// <param name="offered">All who came, with those still waiting and those who were called and did not come.</param>
    /// <param name="target">Inclusive, like <paramref name="shortAbandon"/>.</param>
    public static ServiceLevel Of(IReadOnlyCollection<long> served, IReadOnlyCollection<long> left, int offered, long target, long shortAbandon)
    {
        var within = served.Count(w => w <= target);
        return new ServiceLevel(
            new(within, served.Count), new(within, offered), new(within, offered - left.Count(w => w <= shortAbandon)), new(within + left.Count(w => w <= target), offered));
    }
}
