using System.Globalization;

namespace HallOps.Web.Reports.Stored;

/// <summary>What a stored report is about: a service day, <c>2026-11-22</c>, or a month, <c>2026-11</c>.</summary>
/// <param name="Text">As addresses and the table have it.</param>
/// <param name="To">Included.</param>
internal sealed record ReportPeriod(string Text, DateOnly From, DateOnly To)
{
    public bool IsMonth => Text.Length == "2026-11".Length;

    /// <summary>Null for a text that is neither a day nor a month.</summary>
    public static ReportPeriod? Find(string text) =>
        DateOnly.TryParseExact(text, ["yyyy-MM-dd", "yyyy-MM"], CultureInfo.InvariantCulture, DateTimeStyles.None, out _) ? Of(text) : null;

    /// <param name="bucket">A day or a month as rollups name it.</param>
    public static ReportPeriod Of(string bucket)
    {
        var (from, to) = RollupPlan.DaysOf(bucket);
        return new ReportPeriod(bucket, from, to);
    }
}
