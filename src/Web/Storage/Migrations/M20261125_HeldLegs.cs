using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace HallOps.Web.Storage.Migrations;

/// <summary>The wait, the walk and the service before a visitor was held: the call after that is another one. Filled by projections with plain SQL; no entities.</summary>
[DbContext(typeof(HallOpsDb))]
[Migration("20261125000000_HeldLegs")]
internal sealed class HeldLegs : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        foreach (var time in (string[])["held_wait_ms", "held_walk_ms"]) migrationBuilder.AddColumn<long>(time, "legs", nullable: true);
        migrationBuilder.AddColumn<long>("held_serving_ms", "legs", nullable: false, defaultValue: 0L);
        // PostgreSQL keeps who may read a view that is replaced; SQLite knows neither.
        if (migrationBuilder.IsSqlite()) migrationBuilder.Sql("DROP VIEW report_legs;");
        migrationBuilder.Sql(View(migrationBuilder, ""));
    }

    /// <param name="more">Columns at the end, where PostgreSQL takes them: each after a comma.</param>
    internal static string View(MigrationBuilder migrationBuilder, string more) => $"""
        CREATE {(migrationBuilder.IsSqlite() ? "" : "OR REPLACE ")}VIEW report_legs AS
        SELECT h.hall AS hall, l.ticket, l.leg, l.number, l."day", l.service, l.line, l.department, l."class", l.source, l."window", l.staff, l.outcome, l.finish_outcome, l.grade, l.reason, l.overtook, l.misses,
            COALESCE(l.joined_at, l.issued_at) AS joined_at, l.since, l.called_at, l.started_at, l.finished_at, l.ended_at,
            CASE WHEN l.held_wait_ms IS NOT NULL THEN l.held_wait_ms / 1000.0 WHEN l.called_at IS NULL OR (l.started_at IS NULL AND l.outcome <> 'served') THEN NULL
                WHEN l.called_at < l.since THEN 0.0 ELSE (l.called_at - l.since) / 1000.0 END AS wait_seconds,
            CASE WHEN l.held_walk_ms IS NOT NULL THEN l.held_walk_ms / 1000.0 WHEN l.started_at < l.called_at THEN 0.0 ELSE (l.started_at - l.called_at) / 1000.0 END AS walk_seconds,
            CASE WHEN l.outcome = 'served' THEN (l.finished_at - l.started_at + l.held_serving_ms) / 1000.0 END AS service_seconds,
            l.told_low_ms / 1000.0 AS told_low_seconds, l.told_median_ms / 1000.0 AS told_median_seconds, l.told_high_ms / 1000.0 AS told_high_seconds,
            CASE WHEN l.ticket < 0 THEN 1 ELSE 0 END AS imported{more}
        FROM legs l JOIN halls h ON h.number = l.hall;
        """;

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql("DROP VIEW report_legs;");
        foreach (var column in (string[])["held_wait_ms", "held_walk_ms", "held_serving_ms"]) migrationBuilder.DropColumn(column, "legs");
        migrationBuilder.Sql(ReportViews.Legs);
    }
}
