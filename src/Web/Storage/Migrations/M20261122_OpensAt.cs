using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace HallOps.Web.Storage.Migrations;

/// <summary>When a hall between sessions opens next, in the list of halls: as it is shown, with the hall's offset. Written with plain SQL; no entities.</summary>
[DbContext(typeof(HallOpsDb))]
[Migration("20261122120000_OpensAt")]
internal sealed class OpensAt : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.AddColumn<string>("opens_at", "halls", nullable: true);

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.DropColumn("opens_at", "halls");
}
