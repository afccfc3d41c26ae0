using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace HallOps.Web.Storage.Migrations;

/// <summary>What each wait should at most be, as its line said when the leg began. Filled by projections with plain SQL; no entities.</summary>
[DbContext(typeof(HallOpsDb))]
[Migration("20261129000000_Targets")]
internal sealed class Targets : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<int>("target_minutes", "legs", nullable: true);
        // PostgreSQL keeps who may read a view that is replaced; SQLite knows neither.
        if (migrationBuilder.IsSqlite()) migrationBuilder.Sql("DROP VIEW report_legs;");
        migrationBuilder.Sql(HeldLegs.View(migrationBuilder, ", l.target_minutes * 60 AS target_seconds"));
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql("DROP VIEW report_legs;");
        migrationBuilder.DropColumn("target_minutes", "legs");
        migrationBuilder.Sql(HeldLegs.View(migrationBuilder, ""));
    }
}
