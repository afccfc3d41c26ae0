using HallOps.Core.Metrics;
using HallOps.Silo;
using HallOps.Silo.Projections;

namespace HallOps.Web.Reports.Stored;

/// <summary>Asks the metrics for what a report is made of. Computes nothing itself: a stored figure is what an analyst was told at that moment. Safe from any thread.</summary>
internal sealed class ReportMaker(Metrics metrics, FlagSearch flags, ReportTargets targets, HallClock clock)
{
    public async Task<StoredReportView> MakeAsync(ReportHall hall, ReportPeriod period, CancellationToken cancel)
    {
        var query = new MetricQuery([hall], period.From, period.To);
        var request = ReportRequest.Plain(query, targets);
        var madeAt = clock.Now;
        var total = (await RowsAsync(null, withTime: true))[0];
        return new StoredReportView(hall.Hall.Value, period.Text, period.From, period.To, new WallClock(hall.Zone).At(madeAt.Milliseconds), StoredReportView.CurrentVersion,
            WaitsRowView.Of(total, request), WindowsRowView.Of(total, null), RatingsRowView.Of(total, hasCodes: false, targets), FlagCountsView.Of(await flags.FindAsync(query, cancel)),
            await WaitsAsync(Grouping.Hour), period.IsMonth ? await WaitsAsync(Grouping.Day) : null, await WaitsAsync(Grouping.Service),
            [.. (await RowsAsync(Grouping.Window, withTime: true)).Select(r => WindowsRowView.Of(r, Grouping.Window))], [.. (await RowsAsync(Grouping.Staff, withTime: true)).Select(StaffRowView.Of)]);

        async Task<IReadOnlyList<WaitsRowView>> WaitsAsync(Grouping by) => [.. (await RowsAsync(by, withTime: false)).Select(r => WaitsRowView.Of(r, request))];

        async Task<IReadOnlyList<MetricRow>> RowsAsync(Grouping? by, bool withTime) => (await metrics.AskAsync(query with { By = by, WithTime = withTime }, cancel)).Rows;
    }
}
