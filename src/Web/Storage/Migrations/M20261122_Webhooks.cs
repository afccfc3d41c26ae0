using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace HallOps.Web.Storage.Migrations;

/// <summary>What is still to be delivered to webhooks, and which legs <c>ticket.near</c> was told of. Written with plain SQL, beside the sequence of <c>projections</c> in one transaction; no entities.</summary>
[DbContext(typeof(HallOpsDb))]
[Migration("20261122000000_Webhooks")]
internal sealed class Webhooks : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable("webhook_deliveries", table => new
        {
            number = table.Column<long>(),
            endpoint = table.Column<string>(),
            id = table.Column<string>(),
            @event = table.Column<string>(),
            subject = table.Column<string>(),
            body = table.Column<string>(),
            queued_at = table.Column<long>(),
        }, constraints: table => table.PrimaryKey("pk_webhook_deliveries", d => d.number));
        migrationBuilder.CreateIndex("ix_webhook_deliveries_endpoint", "webhook_deliveries", ["endpoint", "number"]);

        migrationBuilder.CreateTable("webhook_near", table => new
        {
            hall = table.Column<long>(),
            leg = table.Column<long>(),
            threshold = table.Column<int>(),
        }, constraints: table => table.PrimaryKey("pk_webhook_near", n => new { n.hall, n.leg }));
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.DropTable("webhook_near");
        migrationBuilder.DropTable("webhook_deliveries");
    }
}
