using HallOps.Core.Halls;

namespace HallOps.Core.Metrics;

/// <summary>The rates of DOMAIN.md, each with both its counts. A rate of nothing is no rate: <see cref="Share.Of"/> is 0.</summary>
/// <param name="NoShow">未到率: no-shows ÷ called.</param>
/// <param name="Abandonment">弃号率: abandoned ÷ issued.</param>
/// <param name="LeftUnserved">no-shows, abandoned and withdrawn ÷ issued.</param>
/// <param name="Satisfaction">满意率: ratings that are not bad ÷ ratings.</param>
/// <param name="Response">评价率: rated ÷ served.</param>
/// <param name="DoneAtOnce">当场办结率: finished as done ÷ finished as done or accepted.</param>
/// <param name="CameAgain">二次办理率: served for those sent home for the same matter before ÷ served.</param>
/// <param name="Faster">承诺提速率, 1 − promised ÷ statutory: working days saved ÷ statutory working days, over the legs served whose service has both limits.</param>
/// <param name="ToldRight">waits between the low and the high told at issue ÷ waits that something was told of.</param>
public sealed record Rates(Share NoShow, Share Abandonment, Share LeftUnserved, Share Satisfaction, Share Response, Share DoneAtOnce, Share CameAgain, Share Faster, Share ToldRight)
{
    public static Rates Of(Tally tally)
    {
        ArgumentNullException.ThrowIfNull(tally);
        var (issued, served) = (tally[Count.Legs], tally[Count.Served]);
        return new Rates(
            new(tally[Count.NoShow], tally[Count.Called]),
            new(tally[Count.Abandoned], issued),
            new(tally[Count.NoShow] + tally[Count.Abandoned] + tally[Count.Withdrawn], issued),
            new(tally.Rated - tally.Bad, tally.Rated),
            new(tally.Rated, served),
            new(tally[Count.Done], tally[Count.Done] + tally[Count.Accepted]),
            new(tally[Count.CameAgain], served),
            new(tally[Count.StatutoryDays] - tally[Count.PromisedDays], tally[Count.StatutoryDays]),
            new(tally[Count.ToldWithin], tally[Count.Told]));
    }

    /// <summary>The share of legs answered within the target; <see cref="ServiceLevel"/> says over what.</summary>
    /// <param name="shortAbandonMilliseconds">Who left within that did not come to wait.</param>
    public static ServiceLevel ServiceLevelOf(Tally tally, WaitTarget target, long shortAbandonMilliseconds)
    {
        ArgumentNullException.ThrowIfNull(tally);
        var (within, offered) = (tally.WaitInTime(target), tally.Offered);
        return new ServiceLevel(
            new(within, tally.Wait.Count),
            new(within, offered),
            new(within, offered - tally.Left.CountUpTo(shortAbandonMilliseconds)),
            new(within + tally.LeftInTime(target), offered));
    }
}
