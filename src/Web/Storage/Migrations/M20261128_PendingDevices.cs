using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace HallOps.Web.Storage.Migrations;

/// <summary>Devices that show a code and wait, for whichever server is asked (see <see cref="Devices.PendingDevices"/>).</summary>
[DbContext(typeof(HallOpsDb))]
[Migration("20261128010000_PendingDevices")]
internal sealed class PendingDevicesTable : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable("pending_devices", table => new
        {
            secret_hash = table.Column<string>(),
            code = table.Column<string>(),
            kind = table.Column<string>(),
            model = table.Column<string>(),
            expires_at = table.Column<long>(),
            hall = table.Column<string>(nullable: true),
            zone = table.Column<string>(nullable: true),
            window = table.Column<string>(nullable: true),
            confirmed_by = table.Column<string>(nullable: true),
        }, constraints: table => table.PrimaryKey("pk_pending_devices", d => d.secret_hash));
        migrationBuilder.CreateIndex("ix_pending_devices_code", "pending_devices", "code", unique: true);
    }

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.DropTable("pending_devices");
}
