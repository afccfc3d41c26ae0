using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace HallOps.Web.Storage.Migrations;

/// <summary>
/// The first schema. Written by hand: columns carry CLR types only, so that every provider picks its own, and a test compares the outcome with the model.
/// The last three tables are filled by projections with plain SQL and are no entities.
/// </summary>
[DbContext(typeof(HallOpsDb))]
[Migration("20261121000000_First")]
internal sealed class First : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable("accounts", table => new
        {
            id = table.Column<string>(),
            user_name = table.Column<string>(maxLength: 256, nullable: true),
            normalized_user_name = table.Column<string>(maxLength: 256, nullable: true),
            email = table.Column<string>(maxLength: 256, nullable: true),
            normalized_email = table.Column<string>(maxLength: 256, nullable: true),
            email_confirmed = table.Column<bool>(),
            password_hash = table.Column<string>(nullable: true),
            security_stamp = table.Column<string>(nullable: true),
            concurrency_stamp = table.Column<string>(nullable: true),
            phone_number = table.Column<string>(nullable: true),
            phone_number_confirmed = table.Column<bool>(),
            two_factor_enabled = table.Column<bool>(),
            lockout_end = table.Column<long>(nullable: true),
            lockout_enabled = table.Column<bool>(),
            access_failed_count = table.Column<int>(),
            name = table.Column<string>(),
            disabled = table.Column<bool>(),
        }, constraints: table => table.PrimaryKey("pk_accounts", a => a.id));
        migrationBuilder.CreateIndex("ix_accounts_normalized_user_name", "accounts", "normalized_user_name", unique: true);
        migrationBuilder.CreateIndex("ix_accounts_normalized_email", "accounts", "normalized_email");

        migrationBuilder.CreateTable("account_tokens", table => new
        {
            user_id = table.Column<string>(),
            login_provider = table.Column<string>(),
            name = table.Column<string>(),
            value = table.Column<string>(nullable: true),
        }, constraints: table =>
        {
            table.PrimaryKey("pk_account_tokens", t => new { t.user_id, t.login_provider, t.name });
            table.ForeignKey("fk_account_tokens_accounts", t => t.user_id, "accounts", "id", onDelete: ReferentialAction.Cascade);
        });

        migrationBuilder.CreateTable("account_roles", table => new
        {
            account = table.Column<string>(),
            role = table.Column<string>(),
            halls = table.Column<string>(nullable: true),
        }, constraints: table =>
        {
            table.PrimaryKey("pk_account_roles", r => new { r.account, r.role });
            table.ForeignKey("fk_account_roles_accounts", r => r.account, "accounts", "id", onDelete: ReferentialAction.Cascade);
        });

        migrationBuilder.CreateTable("account_staff", table => new
        {
            account = table.Column<string>(),
            hall = table.Column<string>(),
            staff = table.Column<string>(),
        }, constraints: table =>
        {
            table.PrimaryKey("pk_account_staff", s => new { s.account, s.hall });
            table.ForeignKey("fk_account_staff_accounts", s => s.account, "accounts", "id", onDelete: ReferentialAction.Cascade);
        });

        migrationBuilder.CreateTable("devices", table => new
        {
            id = table.Column<string>(),
            kind = table.Column<string>(),
            hall = table.Column<string>(),
            zone = table.Column<string>(nullable: true),
            window = table.Column<string>(nullable: true),
            token_hash = table.Column<string>(),
            enrolled_at = table.Column<long>(),
            enrolled_by = table.Column<string>(),
        }, constraints: table => table.PrimaryKey("pk_devices", d => d.id));
        migrationBuilder.CreateIndex("ix_devices_token_hash", "devices", "token_hash", unique: true);

        migrationBuilder.CreateTable("device_links", table => new
        {
            secret_hash = table.Column<string>(),
            kind = table.Column<string>(),
            hall = table.Column<string>(),
            zone = table.Column<string>(nullable: true),
            window = table.Column<string>(nullable: true),
            expires_at = table.Column<long>(),
            made_by = table.Column<string>(),
        }, constraints: table => table.PrimaryKey("pk_device_links", l => l.secret_hash));

        migrationBuilder.CreateTable("people", table => new
        {
            person = table.Column<string>(),
            key_hash = table.Column<byte[]>(),
            value = table.Column<byte[]>(),
            delete_after = table.Column<long>(),
        }, constraints: table => table.PrimaryKey("pk_people", p => p.person));
        migrationBuilder.CreateIndex("ix_people_key_hash", "people", "key_hash", unique: true);
        migrationBuilder.CreateIndex("ix_people_delete_after", "people", "delete_after");

        migrationBuilder.CreateTable("texts", table => new
        {
            hash = table.Column<string>(),
            text = table.Column<string>(),
            at = table.Column<long>(),
        }, constraints: table => table.PrimaryKey("pk_texts", t => t.hash));
        migrationBuilder.CreateIndex("ix_texts_at", "texts", "at");

        migrationBuilder.CreateTable("halls", table => new
        {
            number = table.Column<long>(),
            hall = table.Column<string>(),
            name_zh = table.Column<string>(),
            name_en = table.Column<string>(nullable: true),
            region = table.Column<string>(nullable: true),
            longitude = table.Column<double>(nullable: true),
            latitude = table.Column<double>(nullable: true),
            kind = table.Column<string>(),
            level = table.Column<int>(nullable: true),
            open = table.Column<bool>(),
            waiting = table.Column<int>(),
            estimate_json = table.Column<string>(nullable: true),
            next_at = table.Column<long>(nullable: true),
            sequence = table.Column<long>(),
        }, constraints: table => table.PrimaryKey("pk_halls", h => h.number));
        migrationBuilder.CreateIndex("ix_halls_hall", "halls", "hall", unique: true);
        migrationBuilder.CreateIndex("ix_halls_next_at", "halls", "next_at");

        migrationBuilder.CreateTable("legs", table => new
        {
            hall = table.Column<long>(),
            ticket = table.Column<long>(),
            leg = table.Column<int>(),
            number = table.Column<string>(),
            day = table.Column<string>(),
            service = table.Column<string>(),
            line = table.Column<string>(),
            @class = table.Column<string>(),
            source = table.Column<string>(nullable: true),
            issued_at = table.Column<long>(),
            since = table.Column<long>(),
            called_at = table.Column<long>(nullable: true),
            first_called_at = table.Column<long>(nullable: true),
            started_at = table.Column<long>(nullable: true),
            start_kind = table.Column<string>(nullable: true),
            finished_at = table.Column<long>(nullable: true),
            window = table.Column<string>(nullable: true),
            staff = table.Column<string>(nullable: true),
            outcome = table.Column<string>(nullable: true),
            finish_outcome = table.Column<string>(nullable: true),
            reason = table.Column<string>(nullable: true),
            overtook = table.Column<int>(nullable: true),
            times = table.Column<int>(nullable: true),
            misses = table.Column<int>(nullable: true),
            grade = table.Column<string>(nullable: true),
            state = table.Column<string>(),
        }, constraints: table => table.PrimaryKey("pk_legs", l => new { l.hall, l.ticket, l.leg }));
        migrationBuilder.CreateIndex("ix_legs_hall_day", "legs", ["hall", "day"]);

        migrationBuilder.CreateTable("projections", table => new
        {
            name = table.Column<string>(),
            hall = table.Column<long>(),
            sequence = table.Column<long>(),
        }, constraints: table => table.PrimaryKey("pk_projections", p => new { p.name, p.hall }));
    }

    protected override void Down(MigrationBuilder migrationBuilder) =>
        throw new NotSupportedException("There is nothing before the first schema.");
}
