using System.Text.Json.Serialization;
using HallOps.Core.Halls;
using HallOps.Core.Metrics;
using HallOps.Silo.Projections;

namespace HallOps.Web.Reports;

/// <summary>Durations on the wire; all null of none but the counts.</summary>
/// <param name="WithinTarget">How many were at most as long as the target; null where none is asked about.</param>
/// <param name="AtLeast">These are lower bounds.</param>
public sealed record DurationsView(long N, double? MeanSeconds, double? P50Seconds, double? P90Seconds, double? P95Seconds, double? P99Seconds, double? MaxSeconds, long? WithinTarget,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? AtLeast = null)
{
    public static DurationsView Of(Durations durations, long? withinTarget = null, bool? atLeast = null)
    {
        ArgumentNullException.ThrowIfNull(durations);
        double? At(int percent) => durations.Percentile(percent) is { } value ? Wire(value) : null;
        return new DurationsView(durations.Count, durations.Mean is { } mean ? Wire(mean) : null, At(50), At(90), At(95), At(99), durations.Longest is { } longest ? Wire(longest) : null,
            withinTarget, atLeast);
    }

    // Whole milliseconds: what lies beyond was never measured.
    public static double Wire(double milliseconds) => Math.Round(milliseconds) / 1000;
}

/// <param name="Rate">part ÷ of; null of nothing.</param>
/// <param name="Target">What it is to be here; left out where nothing was agreed on.</param>
public sealed record RateView(long Part, long Of, double? Rate, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] TargetView? Target = null)
{
    public static RateView From(Share share) => new(share.Part, share.Of, share.Of == 0 ? null : (double)share.Part / share.Of);

    /// <param name="target">Null: none.</param>
    public RateView AtLeast(double? target) => target is { } least ? this with { Target = new TargetView(least, null, Rate is null ? null : Rate >= least) } : this;

    public RateView AtMost(double? target) => target is { } most ? this with { Target = new TargetView(null, most, Rate is null ? null : Rate <= most) } : this;
}

/// <summary>A rate's target: one of the two, from 0 to 1.</summary>
/// <param name="Met">Null where there is no rate.</param>
public sealed record TargetView([property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? AtLeast, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? AtMost, bool? Met);

/// <summary>docs/reports.md says each formula.</summary>
public sealed record RatesView(RateView NoShow, RateView Abandonment, RateView LeftUnserved, RateView Satisfaction, RateView Response, RateView DoneAtOnce, RateView CameAgain, RateView Faster, RateView ToldRight)
{
    public static RatesView Of(Tally tally, ReportTargets targets)
    {
        ArgumentNullException.ThrowIfNull(targets);
        var rates = Rates.Of(tally);
        return new RatesView(RateView.From(rates.NoShow).AtMost(targets.NoShow), RateView.From(rates.Abandonment).AtMost(targets.Abandonment), RateView.From(rates.LeftUnserved).AtMost(targets.LeftUnserved),
            RateView.From(rates.Satisfaction).AtLeast(targets.Satisfaction), RateView.From(rates.Response).AtLeast(targets.Response), RateView.From(rates.DoneAtOnce).AtLeast(targets.DoneAtOnce),
            RateView.From(rates.CameAgain).AtMost(targets.CameAgain), RateView.From(rates.Faster).AtLeast(targets.Faster), RateView.From(rates.ToldRight).AtLeast(targets.ToldRight));
    }
}

/// <summary>The share answered within the target, over four denominators.</summary>
/// <param name="TargetSeconds">Null: each leg's own, of its line.</param>
public sealed record ServiceLevelView(double? TargetSeconds, double ShortAbandonSeconds, RateView AnsweredOnly, RateView OfOffered, RateView OfferedLessShortAbandons, RateView AbandonsInTargetCountGood)
{
    /// <param name="inTime">What the share of all who came is to be; null: nothing was agreed on.</param>
    public static ServiceLevelView Of(Tally tally, WaitTarget target, long shortAbandon, double? inTime)
    {
        var level = Rates.ServiceLevelOf(tally, target, shortAbandon);
        return new ServiceLevelView(target.IsOfLines ? null : target.Milliseconds / 1000d, shortAbandon / 1000d, RateView.From(level.AnsweredOnly), RateView.From(level.OfOffered).AtLeast(inTime), RateView.From(level.OfferedLessShortAbandons), RateView.From(level.AbandonsInTargetCountGood));
    }
}

/// <summary>What visitors were told at issue against what came.</summary>
/// <param name="N">Answered waits that something was told of.</param>
/// <param name="Within">How many of them were between the low and the high.</param>
/// <param name="BiasSeconds">How much longer than the median they waited, in the mean; below 0: shorter.</param>
/// <param name="MeanErrorSeconds">By how much the median was wrong, either way, in the mean.</param>
public sealed record ToldView(long N, long Within, double? BiasSeconds, double? MeanErrorSeconds)
{
    public static ToldView Of(Tally tally)
    {
        ArgumentNullException.ThrowIfNull(tally);
        var (n, little, much) = (tally[Count.Told], tally[Count.ToldTooLittle], tally[Count.ToldTooMuch]);
        return new ToldView(n, tally[Count.ToldWithin], n == 0 ? null : DurationsView.Wire((double)(little - much) / n), n == 0 ? null : DurationsView.Wire((double)(little + much) / n));
    }
}

/// <summary>The distribution of waits that takes lower bounds for what they are (Kaplan-Meier).</summary>
/// <param name="P50Seconds">Half are answered within that; null where so many never were.</param>
public sealed record SurvivalView(double? P50Seconds, double? P90Seconds, IReadOnlyList<SurvivalStepView> Steps)
{
    public static SurvivalView Of(Tally tally)
    {
        ArgumentNullException.ThrowIfNull(tally);
        var survival = tally.Survival();
        double? Within(double share) => survival.Within(share) is { } waited ? DurationsView.Wire(waited) : null;
        return new SurvivalView(Within(0.5), Within(0.9), [.. survival.Steps.Select(s => new SurvivalStepView(DurationsView.Wire(s.Waited), s.StillWaiting))]);
    }
}

/// <param name="StillWaiting">The share that waits longer.</param>
public sealed record SurvivalStepView(double Seconds, double StillWaiting);

/// <param name="UpToSeconds">Included; null: all that are longer.</param>
/// <param name="N">Answered waits longer than the class before, and no longer than this.</param>
public sealed record WaitClassView(double? UpToSeconds, long N)
{
    private static readonly int[] s_minutes = [1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120];

    public static IReadOnlyList<WaitClassView> Of(Durations waits)
    {
        ArgumentNullException.ThrowIfNull(waits);
        var (classes, before) = (new List<WaitClassView>(s_minutes.Length + 1), 0L);
        foreach (var minutes in s_minutes)
        {
            var upTo = waits.CountUpTo(minutes * 60_000L);
            classes.Add(new WaitClassView(minutes * 60, upTo - before));
            before = upTo;
        }
        classes.Add(new WaitClassView(null, waits.Count - before));
        return classes;
    }
}

/// <summary>A row of <c>metrics/waits</c>.</summary>
/// <param name="Key">Null in the one row for all; empty: legs that have none.</param>
/// <param name="Hall">Of lines, windows and staff: whose they are.</param>
/// <param name="Exact">Whether percentiles are those of the values themselves; else within 1 %.</param>
public sealed record WaitsRowView(string? Key, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Hall, long Tickets, long Legs, long Called, long Served, long NoShow, long Abandoned, long Withdrawn,
    long Transferred, long Void, long Open, DurationsView Wait, DurationsView Walk, DurationsView Service, DurationsView IncludingWaiting, ToldView Told, RatesView Rates,
    ServiceLevelView ServiceLevel,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] SurvivalView? Survival,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<WaitClassView>? Distribution, bool Exact,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ComparedView? Compared = null)
{
    public static WaitsRowView Of(MetricRow row, ReportRequest request)
    {
        ArgumentNullException.ThrowIfNull(row);
        ArgumentNullException.ThrowIfNull(request);
        var tally = row.Tally;
        return new WaitsRowView(row.Key, row.Hall?.Value, tally[Count.Tickets], tally[Count.Legs], tally[Count.Called], tally[Count.Served], tally[Count.NoShow], tally[Count.Abandoned], tally[Count.Withdrawn], tally[Count.Transferred],
            tally[Count.Void], tally[Count.Open], DurationsView.Of(tally.Wait, tally.WaitInTime(request.Target)), DurationsView.Of(tally.Walk), DurationsView.Of(tally.Service),
            DurationsView.Of(tally.IncludingWaiting(), tally.IncludingWaitingInTime(request.Target), atLeast: true), ToldView.Of(tally), RatesView.Of(tally, request.Targets),
            ServiceLevelView.Of(tally, request.Target, request.ShortAbandonMilliseconds, request.Targets.InTime),
            request.Survival ? SurvivalView.Of(tally) : null, request.Distribution ? WaitClassView.Of(tally.Wait) : null, row.Exact);
    }
}

/// <summary>The row of the other period or halls, and what this one has more than it.</summary>
/// <param name="Row">Null where the other answer has no such row.</param>
/// <param name="Difference">Null with it.</param>
/// <param name="Notes">Why the two are no equals, in sentences; left out where they are.</param>
public sealed record ComparedView(WaitsRowView? Row, DifferenceView? Difference, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<Text>? Notes = null);

/// <summary>This row less the other; null where either has no such figure.</summary>
public sealed record DifferenceView(long Tickets, long Legs, long Served, double? WaitMeanSeconds, double? WaitP50Seconds, double? WaitP90Seconds, double? ServiceP50Seconds, double? WithinTarget, double? NoShow, double? Abandonment,
    double? LeftUnserved, double? Satisfaction, double? DoneAtOnce)
{
    public static DifferenceView Of(WaitsRowView a, WaitsRowView b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        return new DifferenceView(a.Tickets - b.Tickets, a.Legs - b.Legs, a.Served - b.Served, a.Wait.MeanSeconds - b.Wait.MeanSeconds, a.Wait.P50Seconds - b.Wait.P50Seconds, a.Wait.P90Seconds - b.Wait.P90Seconds,
            a.Service.P50Seconds - b.Service.P50Seconds, a.ServiceLevel.AnsweredOnly.Rate - b.ServiceLevel.AnsweredOnly.Rate, a.Rates.NoShow.Rate - b.Rates.NoShow.Rate, a.Rates.Abandonment.Rate - b.Rates.Abandonment.Rate,
            a.Rates.LeftUnserved.Rate - b.Rates.LeftUnserved.Rate, a.Rates.Satisfaction.Rate - b.Rates.Satisfaction.Rate, a.Rates.DoneAtOnce.Rate - b.Rates.DoneAtOnce.Rate);
    }
}

/// <summary>Where windows' time went: the parts of sessions add up to <paramref name="SessionSeconds"/>; <paramref name="OutsideSeconds"/>, open and not paused outside of any, is apart.</summary>
/// <param name="PausedSeconds">By reason; those of no length are left out.</param>
public sealed record TimeView(double ServingSeconds, double WalkingSeconds, double IdleSeconds, double IdleWaitedForSeconds, IReadOnlyDictionary<string, double> PausedSeconds, double SuspendedSeconds, double ClosedSeconds,
    double SessionSeconds, double OutsideSeconds)
{
    public static TimeView Of(Tally tally)
    {
        ArgumentNullException.ThrowIfNull(tally);
        double Use(WindowUse use) => tally[use] / 1000d;
        return new TimeView(Use(WindowUse.Serving), Use(WindowUse.Walking), Use(WindowUse.Idle), Use(WindowUse.IdleWaitedFor),
            Enum.GetValues<PauseReason>().Where(r => tally[r] > 0).ToDictionary(r => TableWord.Of(r), r => tally[r] / 1000d), Use(WindowUse.Suspended), Use(WindowUse.Closed),
            Enum.GetValues<WindowUse>().Sum(u => tally[u]) / 1000d, tally[Count.OpenOutside] / 1000d);
    }
}

/// <summary>A row of <c>metrics/windows</c>.</summary>
/// <param name="Saturation">Waiting ÷ open windows, over the time: seconds waited by all ÷ seconds that windows were open and not paused. Of rows that are not about one window or person alone.</param>
public sealed record WindowsRowView(string? Key, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Hall, long Called, long Legs, long Served, TimeView Time, DurationsView Service,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] SaturationView? Saturation, bool Exact)
{
    /// <param name="by">What the rows are.</param>
    public static WindowsRowView Of(MetricRow row, Grouping? by)
    {
        ArgumentNullException.ThrowIfNull(row);
        var tally = row.Tally;
        return new WindowsRowView(row.Key, row.Hall?.Value, tally[Count.Called], tally[Count.Legs], tally[Count.Served], TimeView.Of(tally), DurationsView.Of(tally.Service), by is Grouping.Window or Grouping.Staff ? null : SaturationView.Of(tally), row.Exact);
    }
}

public sealed record SaturationView(double WaitedSeconds, double OpenSeconds, double? Ratio)
{
    public static SaturationView Of(Tally tally)
    {
        ArgumentNullException.ThrowIfNull(tally);
        var waited = tally.Wait.Sum + tally.Left.Sum + tally.Unanswered.Sum;
        var open = Enum.GetValues<WindowUse>().Where(u => u is not (WindowUse.Closed or WindowUse.Paused)).Sum(u => tally[u]) + tally[Count.OpenOutside];
        return new SaturationView(waited / 1000d, open / 1000d, open == 0 ? null : (double)waited / open);
    }
}

/// <summary>A row of <c>metrics/staff</c>.</summary>
public sealed record StaffRowView(string? Key, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Hall, long Called, long Legs, long Served, long NoShow, DurationsView Walk, DurationsView Service, TimeView Time, RatesView Rates, bool Exact)
{
    // Targets are agreed on for halls: nobody is measured by them alone.
    private static readonly ReportTargets s_none = new() { Faster = null };

    public static StaffRowView Of(MetricRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        var tally = row.Tally;
        return new StaffRowView(row.Key, row.Hall?.Value, tally[Count.Called], tally[Count.Legs], tally[Count.Served], tally[Count.NoShow], DurationsView.Of(tally.Walk), DurationsView.Of(tally.Service), TimeView.Of(tally), RatesView.Of(tally, s_none), row.Exact);
    }
}

/// <summary>A row of <c>metrics/ratings</c>.</summary>
/// <param name="Grades">How often each was given, by its word or its code.</param>
/// <param name="Unrated">Served and not rated.</param>
public sealed record RatingsRowView(string? Key, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Hall, long Served, long Rated, long Unrated, long Bad, IReadOnlyDictionary<string, long> Grades, RateView Satisfaction, RateView Response)
{
    public static RatingsRowView Of(MetricRow row, bool hasCodes, ReportTargets targets)
    {
        ArgumentNullException.ThrowIfNull(row);
        ArgumentNullException.ThrowIfNull(targets);
        var (tally, rates) = (row.Tally, Rates.Of(row.Tally));
        return new RatingsRowView(row.Key, row.Hall?.Value, tally[Count.Served], tally.Rated, tally[Count.Served] - tally.Rated, tally.Bad,
            Enum.GetValues<Grade>().ToDictionary(g => GradeCode.Of(g, hasCodes), g => tally[Count.VerySatisfied + (int)g]), RateView.From(rates.Satisfaction).AtLeast(targets.Satisfaction), RateView.From(rates.Response).AtLeast(targets.Response));
    }
}

/// <summary>Grades at the edge: GB/T 39046-2020 A.8 has 1 = 非常满意 … 5 = 非常不满意.</summary>
internal static class GradeCode
{
    public static string Of(Grade grade, bool hasCodes) => hasCodes ? ((int)grade + 1).ToString(System.Globalization.CultureInfo.InvariantCulture) : TableWord.Of(grade);
}

/// <summary>A cell of the heat map of arrivals.</summary>
/// <param name="Day">The service day, or the weekday.</param>
/// <param name="Hour">Of joining, on the hall's wall.</param>
/// <param name="Days">How many days are in it: of a weekday, those of the range.</param>
public sealed record ArrivalsView(string Day, int Hour, long Tickets, long Legs, int Days);
