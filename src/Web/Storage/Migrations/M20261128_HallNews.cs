using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace HallOps.Web.Storage.Migrations;

/// <summary>Tells of a hall that is new in the list, in another region or on another clock (see <see cref="News"/>): by a trigger, since the rows are written elsewhere. SQLite has nobody to tell.</summary>
[DbContext(typeof(HallOpsDb))]
[Migration("20261128000000_HallNews")]
internal sealed class HallNews : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        if (!migrationBuilder.IsNpgsql()) return;
        migrationBuilder.Sql("CREATE FUNCTION halls_tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_notify('hallops', 'hall ' || NEW.hall); RETURN NULL; END $$");
        migrationBuilder.Sql("CREATE TRIGGER halls_tell_of_new AFTER INSERT ON halls FOR EACH ROW EXECUTE FUNCTION halls_tell()");
        migrationBuilder.Sql("CREATE TRIGGER halls_tell_of_moved AFTER UPDATE ON halls FOR EACH ROW WHEN (OLD.region IS DISTINCT FROM NEW.region OR OLD.zone IS DISTINCT FROM NEW.zone) EXECUTE FUNCTION halls_tell()");
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        if (!migrationBuilder.IsNpgsql()) return;
        migrationBuilder.Sql("DROP TRIGGER halls_tell_of_new ON halls");
        migrationBuilder.Sql("DROP TRIGGER halls_tell_of_moved ON halls");
        migrationBuilder.Sql("DROP FUNCTION halls_tell");
    }
}
