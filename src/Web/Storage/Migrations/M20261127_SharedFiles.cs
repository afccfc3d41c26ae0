using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace HallOps.Web.Storage.Migrations;

/// <summary>Files that the machines of a deployment share, encrypted (see <see cref="Storage.SharedFiles"/>). Read and written with plain SQL; no entities.</summary>
[DbContext(typeof(HallOpsDb))]
[Migration("20261127000000_SharedFiles")]
internal sealed class SharedFilesTable : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("CREATE TABLE shared_files (name text NOT NULL, body text NOT NULL, CONSTRAINT pk_shared_files PRIMARY KEY (name))");

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.DropTable("shared_files");
}
