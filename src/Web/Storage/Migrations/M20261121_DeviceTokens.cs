using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace HallOps.Web.Storage.Migrations;

/// <summary>What a device calls itself, and the token it had before its present one.</summary>
[DbContext(typeof(HallOpsDb))]
[Migration("20261121110000_DeviceTokens")]
internal sealed class DeviceTokens : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<string>("model", "devices", nullable: true);
        migrationBuilder.AddColumn<string>("previous_hash", "devices", nullable: true);
        migrationBuilder.AddColumn<long>("previous_until", "devices", nullable: true);
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        foreach (var column in (ReadOnlySpan<string>)["model", "previous_hash", "previous_until"]) migrationBuilder.DropColumn(column, "devices");
    }
}
