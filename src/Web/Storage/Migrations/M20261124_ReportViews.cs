using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace HallOps.Web.Storage.Migrations;

/// <summary>What BI tools read (docs/sql.md): names and seconds instead of numbers of halls and milliseconds. They keep their columns when the tables behind them change.</summary>
[DbContext(typeof(HallOpsDb))]
[Migration("20261124000000_ReportViews")]
internal sealed class ReportViews : Migration
{
    // A wait counts where the call was answered by a start (DOMAIN.md); before a booked slot nobody waits.
    internal const string Legs = """
        CREATE VIEW report_legs AS
        SELECT h.hall AS hall, l.ticket, l.leg, l.number, l."day", l.service, l.line, l.department, l."class", l.source, l."window", l.staff, l.outcome, l.finish_outcome, l.grade, l.reason, l.overtook, l.misses,
            COALESCE(l.joined_at, l.issued_at) AS joined_at, l.since, l.called_at, l.started_at, l.finished_at, l.ended_at,
            CASE WHEN l.started_at IS NULL OR l.called_at IS NULL THEN NULL WHEN l.called_at < l.since THEN 0.0 ELSE (l.called_at - l.since) / 1000.0 END AS wait_seconds,
            CASE WHEN l.started_at < l.called_at THEN 0.0 ELSE (l.started_at - l.called_at) / 1000.0 END AS walk_seconds,
            CASE WHEN l.outcome = 'served' THEN (l.finished_at - l.started_at) / 1000.0 END AS service_seconds,
            l.told_low_ms / 1000.0 AS told_low_seconds, l.told_median_ms / 1000.0 AS told_median_seconds, l.told_high_ms / 1000.0 AS told_high_seconds,
            CASE WHEN l.ticket < 0 THEN 1 ELSE 0 END AS imported
        FROM legs l JOIN halls h ON h.number = l.hall;
        """;

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(Legs);
        migrationBuilder.Sql("""
            CREATE VIEW report_calls AS
            SELECT h.hall AS hall, c.ticket, c.leg, c."day", c."at", c."window", c.staff, c.reason, c.overtook
            FROM calls c JOIN halls h ON h.number = c.hall;
            """);
        migrationBuilder.Sql("""
            CREATE VIEW report_window_time AS
            SELECT h.hall AS hall, w."window", w.staff, w."use", w.reason, w.from_at, w.to_at, (w.to_at - w.from_at) / 1000.0 AS seconds
            FROM window_time w JOIN halls h ON h.number = w.hall WHERE w."window" <> '';
            """);
        migrationBuilder.Sql("""
            CREATE VIEW report_figures AS
            SELECT h.hall AS hall, r.grain, r.bucket, r.dimension, r."key", r.tickets, r.legs, r.called, r.served, r.no_show, r.abandoned, r.withdrawn, r.transferred, r.void, r."open", r.wait_n, r.wait_ms / 1000.0 AS wait_seconds,
                r.walk_ms / 1000.0 AS walk_seconds, r.service_n, r.service_ms / 1000.0 AS service_seconds, r.rated, r.bad
            FROM rollups r JOIN halls h ON h.number = r.hall;
            """);
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        foreach (var view in (string[])["report_figures", "report_window_time", "report_calls", "report_legs"]) migrationBuilder.Sql($"DROP VIEW {view};");
    }
}
