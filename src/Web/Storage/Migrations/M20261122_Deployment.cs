using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace HallOps.Web.Storage.Migrations;

/// <summary>Whose database this is: one row with the mark of the deployment's keys. Written with plain SQL; no entity.</summary>
[DbContext(typeof(HallOpsDb))]
[Migration("20261122200000_Deployment")]
internal sealed class Deployment : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.CreateTable("deployment", table => new
    {
        number = table.Column<int>(),
        mark = table.Column<string>(),
    }, constraints: table => table.PrimaryKey("pk_deployment", d => d.number));

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.DropTable("deployment");
}
