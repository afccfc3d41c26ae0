using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace HallOps.Web.Storage.Migrations;

/// <summary>What reports read: more of each leg, every summons, where windows' time went, and figures of days, months and years. Filled by projections with plain SQL; no entities.</summary>
[DbContext(typeof(HallOpsDb))]
[Migration("20261123000000_Reports")]
internal sealed class Reports : Migration
{
    // Their rows come in the order of their keys, so that SQLite keeps them there and nowhere else.
    private string ByKey => IsSqlite ? " WITHOUT ROWID" : "";

    private string Blob => IsSqlite ? "BLOB" : "bytea";

    private bool IsSqlite => ActiveProvider?.EndsWith("Sqlite", StringComparison.Ordinal) ?? false;

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        foreach (var time in (string[])["joined_at", "ended_at", "told_low_ms", "told_median_ms", "told_high_ms", "rated_at"]) migrationBuilder.AddColumn<long>(time, "legs", nullable: true);
        foreach (var days in (string[])["promised_days", "statutory_days"]) migrationBuilder.AddColumn<int>(days, "legs", nullable: true);
        migrationBuilder.AddColumn<string>("department", "legs", nullable: true);
        migrationBuilder.AddColumn<int>("told_before", "legs", nullable: false, defaultValue: 0);

        migrationBuilder.Sql($"""
            CREATE TABLE calls (
                hall bigint NOT NULL, sequence bigint NOT NULL, ticket bigint NOT NULL, leg integer NOT NULL, "day" text NOT NULL, "at" bigint NOT NULL, "window" text NOT NULL, staff text, reason text NOT NULL,
                overtook integer NOT NULL, first_overtaken bigint, CONSTRAINT pk_calls PRIMARY KEY (hall, sequence)){ByKey};
            """);
        migrationBuilder.Sql($"""
            CREATE TABLE window_time (
                hall bigint NOT NULL, "window" text NOT NULL, from_at bigint NOT NULL, "use" text NOT NULL, reason text, staff text, to_at bigint,
                CONSTRAINT pk_window_time PRIMARY KEY (hall, "window", from_at)){ByKey};
            """);
        migrationBuilder.Sql($"""
            CREATE TABLE rollups (
                grain text NOT NULL, dimension text NOT NULL, bucket text NOT NULL, hall bigint NOT NULL, "key" text NOT NULL,
                tickets bigint NOT NULL, legs bigint NOT NULL, called bigint NOT NULL, served bigint NOT NULL, no_show bigint NOT NULL, abandoned bigint NOT NULL, withdrawn bigint NOT NULL, transferred bigint NOT NULL,
                void bigint NOT NULL, "open" bigint NOT NULL, wait_n bigint NOT NULL, wait_ms bigint NOT NULL, walk_ms bigint NOT NULL, service_n bigint NOT NULL, service_ms bigint NOT NULL, rated bigint NOT NULL, bad bigint NOT NULL,
                body {Blob} NOT NULL, version integer NOT NULL,
                CONSTRAINT pk_rollups PRIMARY KEY (grain, dimension, bucket, hall, "key")){ByKey};
            """);
        migrationBuilder.Sql($"""CREATE TABLE rollups_due (hall bigint NOT NULL, "day" text NOT NULL, CONSTRAINT pk_rollups_due PRIMARY KEY (hall, "day")){ByKey};""");

        migrationBuilder.Sql("""
            CREATE VIEW ratings AS
            SELECT hall, ticket, leg, "day", service, line, department, "class", "window", staff, grade, rated_at, finished_at
            FROM legs WHERE grade IS NOT NULL;
            """);
        // Visits: the first leg's; a leg that began later is nobody's arrival.
        migrationBuilder.Sql("""
            CREATE VIEW arrivals AS
            SELECT hall, "day", issued_at - issued_at % 900000 AS quarter_at, service, line, "class", source, COUNT(*) AS issued
            FROM legs WHERE leg = 1
            GROUP BY hall, "day", issued_at - issued_at % 900000, service, line, "class", source;
            """);
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        foreach (var view in (string[])["arrivals", "ratings"]) migrationBuilder.Sql($"DROP VIEW {view};");
        foreach (var table in (string[])["rollups_due", "rollups", "window_time", "calls"]) migrationBuilder.DropTable(table);
        foreach (var column in (string[])["joined_at", "ended_at", "told_low_ms", "told_median_ms", "told_high_ms", "rated_at", "promised_days", "statutory_days", "department", "told_before"]) migrationBuilder.DropColumn(column, "legs");
    }
}
