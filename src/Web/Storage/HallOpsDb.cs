using System.Globalization;
using System.Text;
using HallOps.Web.Accounts;
using HallOps.Web.Audit;
using HallOps.Web.Devices;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace HallOps.Web.Storage;

/// <summary>
/// The SQL side: accounts, devices, people, texts and the audit, and the tables that projections fill by plain SQL. Names are snake case, times are milliseconds
/// since 1970 in UTC. The schema is made by the migrations beside this file alone.
/// </summary>
public sealed class HallOpsDb(DbContextOptions<HallOpsDb> options) : IdentityUserContext<Account>(options)
{
    public DbSet<AccountRole> AccountRoles => Set<AccountRole>();

    public DbSet<AccountStaff> AccountStaff => Set<AccountStaff>();

    public DbSet<DeviceRow> Devices => Set<DeviceRow>();

    public DbSet<DeviceLinkRow> DeviceLinks => Set<DeviceLinkRow>();

    public DbSet<PendingDeviceRow> PendingDevices => Set<PendingDeviceRow>();

    public DbSet<PersonRow> People => Set<PersonRow>();

    public DbSet<AuditRow> Audit => Set<AuditRow>();

    public DbSet<TextRow> Texts => Set<TextRow>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        ArgumentNullException.ThrowIfNull(configurationBuilder);
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UnixMilliseconds>();
    }

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        // Claims and outside log-ins are Identity's for sites that have them; roles here carry halls and have their own table.
        builder.Ignore<IdentityUserClaim<string>>();
        builder.Ignore<IdentityUserLogin<string>>();

        builder.Entity<Account>().ToTable("accounts");
        builder.Entity<IdentityUserToken<string>>().ToTable("account_tokens");
        builder.Entity<AccountRole>(b =>
        {
            b.ToTable("account_roles").HasKey(r => new { r.Account, r.Role });
            b.HasOne<Account>().WithMany(a => a.Roles).HasForeignKey(r => r.Account).OnDelete(DeleteBehavior.Cascade);
        });
        builder.Entity<AccountStaff>(b =>
        {
            b.ToTable("account_staff").HasKey(s => new { s.Account, s.Hall });
            b.HasOne<Account>().WithMany(a => a.Staff).HasForeignKey(s => s.Account).OnDelete(DeleteBehavior.Cascade);
        });
        builder.Entity<DeviceRow>(b =>
        {
            b.ToTable("devices").HasKey(d => d.Id);
            b.HasIndex(d => d.TokenHash).IsUnique();
        });
        builder.Entity<DeviceLinkRow>().ToTable("device_links").HasKey(l => l.SecretHash);
        builder.Entity<PendingDeviceRow>(b =>
        {
            b.ToTable("pending_devices").HasKey(d => d.SecretHash);
            b.Ignore(d => d.Place);
            b.HasIndex(d => d.Code).IsUnique();
        });
        builder.Entity<PersonRow>(b =>
        {
            b.ToTable("people").HasKey(p => p.Person);
            b.HasIndex(p => p.KeyHash).IsUnique();
            b.HasIndex(p => p.DeleteAfter);
        });
        builder.Entity<AuditRow>(b =>
        {
            b.ToTable("audit").HasKey(r => r.Number);
            b.Property(r => r.Number).ValueGeneratedNever();
            b.HasIndex(r => new { r.Hall, r.Number });
        });
        builder.Entity<TextRow>(b =>
        {
            b.ToTable("texts").HasKey(t => t.Hash);
            b.HasIndex(t => t.At);
        });

        foreach (var property in builder.Model.GetEntityTypes().SelectMany(t => t.GetProperties()))
            property.SetColumnName(SnakeCase(property.Name));
    }

    private static string SnakeCase(string name)
    {
        var snake = new StringBuilder(name.Length + 4);
        foreach (var letter in name)
        {
            if (char.IsUpper(letter) && snake.Length > 0) snake.Append('_');
            snake.Append(char.ToLower(letter, CultureInfo.InvariantCulture));
        }
        return snake.ToString();
    }

    private sealed class UnixMilliseconds() : ValueConverter<DateTimeOffset, long>(time => time.ToUnixTimeMilliseconds(), value => DateTimeOffset.FromUnixTimeMilliseconds(value));
}

/// <summary>A person as SQL keeps it; see <see cref="People"/>.</summary>
public sealed class PersonRow
{
    /// <summary>128 random bits in hex.</summary>
    public required string Person { get; set; }
    public required byte[] KeyHash { get; set; }
    public required byte[] Value { get; set; }
    public DateTimeOffset DeleteAfter { get; set; }
}

/// <summary>A free text as SQL keeps it; see <see cref="Texts"/>.</summary>
public sealed class TextRow
{
    /// <summary>The hash in hex.</summary>
    public required string Hash { get; set; }
    public required string Text { get; set; }
    public DateTimeOffset At { get; set; }
}
