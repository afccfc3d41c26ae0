using System.Globalization;
using HallOps.Core.Halls;
using HallOps.Displays.Serving;
using HallOps.Displays.Texts;

namespace HallOps.Displays.Components;

/// <summary>Figures as people read them. <c>js/reports/format.js</c> says them alike.</summary>
public static class ReportFigures
{
    /// <summary>What stands where there is no figure.</summary>
    public const string None = "–";

    // Both languages group by thousands with a comma.
    public static string Count(long n) => n.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>"45 秒", "6 分 20 秒", "2 小时 5 分".</summary>
    public static Text Duration(double? seconds)
    {
        if (seconds is not { } value) return new Text(None, None);
        // As JavaScript rounds: a half goes up.
        var all = (long)Math.Floor(value + 0.5);
        if (all < 60) return ReportsTexts.Seconds.With(all);
        if (all < 3600) return all % 60 == 0 ? ReportsTexts.Minutes.With(all / 60) : ReportsTexts.MinutesSeconds.With(all / 60, all % 60);
        var minutes = (long)Math.Floor(all / 60d + 0.5);
        return ReportsTexts.HoursMinutes.With(Count(minutes / 60), minutes % 60);
    }

    /// <summary>Minutes with one decimal, as columns have them.</summary>
    public static string Minutes(double? seconds) => seconds is { } value ? (value / 60).ToString("N1", CultureInfo.InvariantCulture) : None;

    public static string Percent(double? share) => share is { } value ? (100 * value).ToString("N1", CultureInfo.InvariantCulture) + "\u00A0%" : None;

    public static string Percent(double part, double of) => Percent(of == 0 ? null : part / of);

    /// <summary>A rate beside its target, in words; null where nothing was agreed on.</summary>
    public static Text? Target(ReportShare share)
    {
        if (share.Target is not { } target) return null;
        var bound = $"{(target.AtLeast is null ? '≤' : '≥')}\u00A0{Percent(target.AtLeast ?? target.AtMost)}";
        return (target.Met switch { null => ReportsTexts.RateTarget, true => ReportsTexts.RateMet, false => ReportsTexts.RateMissed }).With(bound);
    }
}
