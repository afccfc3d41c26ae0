using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace HallOps.Web.Storage.Migrations;

/// <summary>The figures of days and months as they stood when they were stored: no projection, since nothing makes them anew. Read and written with plain SQL; no entities.</summary>
[DbContext(typeof(HallOpsDb))]
[Migration("20261126000000_StoredReports")]
internal sealed class StoredReports : Migration
{
    // Kept by row, not by key as the tables of figures are: a report is as long as a page of SQLite's or longer.
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("""
        CREATE TABLE stored_reports (
            hall bigint NOT NULL, period text NOT NULL, made_at bigint NOT NULL, version integer NOT NULL, body text NOT NULL,
            CONSTRAINT pk_stored_reports PRIMARY KEY (hall, period));
        """);

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.DropTable("stored_reports");
}
