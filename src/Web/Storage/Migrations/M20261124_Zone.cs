using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace HallOps.Web.Storage.Migrations;

/// <summary>What a hall's clocks show, in the list of halls: reports tell hours without waking it. Written with plain SQL; no entities.</summary>
[DbContext(typeof(HallOpsDb))]
[Migration("20261124000000_Zone")]
internal sealed class Zone : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.AddColumn<string>("zone", "halls", nullable: true);

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.DropColumn("zone", "halls");
}
