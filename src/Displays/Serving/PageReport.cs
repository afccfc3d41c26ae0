using System.Text.Json;
using HallOps.Silo.Feeds;

namespace HallOps.Displays.Serving;

/// <summary>One of the list of stored reports.</summary>
/// <param name="Period">A day like <c>2026-11-22</c> or a month like <c>2026-11</c>.</param>
public sealed record PageReportEntry(string Period, DateOnly From)
{
    public bool IsMonth => Period.Length == "2026-11".Length;
}

/// <summary>What the page of a stored report shows of the JSON that <c>GET reports/{hall}/{period}</c> gives (docs/reports.md); members are called as there, and durations are seconds.</summary>
/// <param name="MadeAt">On the hall's wall.</param>
/// <param name="Days">Null but of a month.</param>
public sealed record PageReport(string Period, DateOnly From, DateOnly To, DateTimeOffset MadeAt, ReportWaits Total, ReportUse Time, ReportGrades Ratings, ReportFlagCounts Flags,
    IReadOnlyList<ReportWaits> Hours, IReadOnlyList<ReportWaits>? Days, IReadOnlyList<ReportWaits> Services, IReadOnlyList<ReportUse> Windows, IReadOnlyList<ReportUse> Staff)
{
    /// <param name="json">Of any version from 1 on.</param>
    public static PageReport Read(string json) => JsonSerializer.Deserialize<PageReport>(json, FeedJson.Options)!;
}

/// <summary>A row of waits.</summary>
/// <param name="Key">The hour, day or service; null in the one row for all.</param>
public sealed record ReportWaits(string? Key, long Tickets, long Legs, long Called, long Served, long NoShow, long Abandoned, long Withdrawn, long Transferred, long Void, long Open,
    ReportDurations Wait, ReportDurations Service, ReportDurations IncludingWaiting, ReportTold Told, ReportRates Rates, ReportLevel ServiceLevel, bool Exact);

public sealed record ReportDurations(long N, double? P50Seconds, double? P90Seconds, double? MaxSeconds, long? WithinTarget);

public sealed record ReportTold(long N, long Within, double? BiasSeconds, double? MeanErrorSeconds);

/// <param name="Target">Null where nothing was agreed on.</param>
public sealed record ReportShare(long Part, long Of, double? Rate, ReportShareTarget? Target = null);

/// <param name="AtLeast">Null where it is <paramref name="AtMost"/>.</param>
/// <param name="Met">Null where there is no rate.</param>
public sealed record ReportShareTarget(double? AtLeast, double? AtMost, bool? Met);

public sealed record ReportRates(ReportShare NoShow, ReportShare Abandonment, ReportShare LeftUnserved, ReportShare Satisfaction, ReportShare Response, ReportShare DoneAtOnce, ReportShare CameAgain, ReportShare Faster, ReportShare ToldRight);

/// <param name="TargetSeconds">Null: each leg by its line's own.</param>
public sealed record ReportLevel(double? TargetSeconds, ReportShare OfOffered);

/// <summary>A row of where time went.</summary>
/// <param name="Key">The window or member of staff; empty: none; null in the one row for all.</param>
public sealed record ReportUse(string? Key, long Served, ReportTime Time, ReportSaturation? Saturation = null);

/// <param name="PausedSeconds">By reason.</param>
public sealed record ReportTime(double ServingSeconds, double WalkingSeconds, double IdleSeconds, double IdleWaitedForSeconds, IReadOnlyDictionary<string, double> PausedSeconds, double SuspendedSeconds, double ClosedSeconds);

public sealed record ReportSaturation(double? Ratio);

/// <param name="Grades">By the word on the wire.</param>
public sealed record ReportGrades(long Served, long Rated, long Unrated, IReadOnlyDictionary<string, long> Grades, ReportShare Satisfaction, ReportShare Response);

public sealed record ReportFlagCounts(int BurstOfCalls, int QuickFinish, int LongIdle);
