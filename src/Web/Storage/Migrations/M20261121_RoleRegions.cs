using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace HallOps.Web.Storage.Migrations;

/// <summary>Roles for regions beside those for named halls.</summary>
[DbContext(typeof(HallOpsDb))]
[Migration("20261121100000_RoleRegions")]
internal sealed class RoleRegions : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.AddColumn<string>("regions", "account_roles", nullable: true);

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.DropColumn("regions", "account_roles");
}
