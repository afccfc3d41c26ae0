using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace HallOps.Web.Storage.Migrations;

/// <summary>The audit, which grows and nothing else: the store itself refuses to change or remove a row.</summary>
[DbContext(typeof(HallOpsDb))]
[Migration("20261121200000_Audit")]
internal sealed class AuditTable : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable("audit", table => new
        {
            number = table.Column<long>(),
            at = table.Column<long>(),
            who = table.Column<string>(),
            what = table.Column<string>(),
            of = table.Column<string>(nullable: true),
            hall = table.Column<string>(nullable: true),
            outcome = table.Column<string>(),
            detail = table.Column<string>(nullable: true),
            chain = table.Column<byte[]>(),
        }, constraints: table => table.PrimaryKey("pk_audit", a => a.number));
        migrationBuilder.CreateIndex("ix_audit_hall", "audit", ["hall", "number"]);
        if (migrationBuilder.IsNpgsql())
        {
            migrationBuilder.Sql("CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'a row of the audit is never %', TG_ARGV[0]; END $$");
            migrationBuilder.Sql("CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit FOR EACH ROW EXECUTE FUNCTION audit_stays('changed')");
            migrationBuilder.Sql("CREATE TRIGGER audit_never_shrinks BEFORE DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_stays('removed')");
            migrationBuilder.Sql("CREATE TRIGGER audit_never_empties BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_stays('removed')");
            return;
        }
        migrationBuilder.Sql("CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'a row of the audit is never changed'); END");
        migrationBuilder.Sql("CREATE TRIGGER audit_never_shrinks BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'a row of the audit is never removed'); END");
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.DropTable("audit");
        if (migrationBuilder.IsNpgsql()) migrationBuilder.Sql("DROP FUNCTION audit_stays");
    }
}
