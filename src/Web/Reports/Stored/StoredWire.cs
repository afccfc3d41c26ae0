using System.Text.Json.Serialization;
using HallOps.Core.Metrics;
using HallOps.Silo.Projections;

namespace HallOps.Web.Reports.Stored;

/// <summary>The figures of a hall and a day or month as the metrics answered when it was stored: each part is the answer to the question it is named after.</summary>
/// <param name="Period">A day like <c>2026-11-22</c> or a month like <c>2026-11</c>.</param>
/// <param name="To">Included.</param>
/// <param name="MadeAt">On the hall's wall; what came later (a rating, an import) is not in it.</param>
/// <param name="Version">Of this shape.</param>
/// <param name="Total">Against the target that its <c>serviceLevel</c> names.</param>
/// <param name="Time">Where the time of all windows went, and the saturation.</param>
/// <param name="Days">Of a month; left out of a day.</param>
public sealed record StoredReportView(string Hall, string Period, DateOnly From, DateOnly To, DateTimeOffset MadeAt, int Version, WaitsRowView Total, WindowsRowView Time, RatingsRowView Ratings, FlagCountsView Flags,
    IReadOnlyList<WaitsRowView> Hours, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<WaitsRowView>? Days, IReadOnlyList<WaitsRowView> Services,
    IReadOnlyList<WindowsRowView> Windows, IReadOnlyList<StaffRowView> Staff)
{
    /// <summary>Readers take every version from 1 to this: what is stored is never made anew.</summary>
    public const int CurrentVersion = 1;
}

/// <summary>How many there were of each kind; which ones, the live report says.</summary>
public sealed record FlagCountsView(int BurstOfCalls, int QuickFinish, int LongIdle)
{
    public static FlagCountsView Of(IReadOnlyList<FlagView> flags)
    {
        int Of(FlagKind kind) => flags.Count(f => f.Kind == TableWord.Of(kind));
        return new FlagCountsView(Of(FlagKind.BurstOfCalls), Of(FlagKind.QuickFinish), Of(FlagKind.LongIdle));
    }
}

/// <summary>One of the list.</summary>
/// <param name="Href">The report.</param>
public sealed record StoredEntryView(string Hall, string Period, DateOnly From, DateOnly To, DateTimeOffset MadeAt, string Href);
