using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace HallOps.Web.Storage;

/// <summary>Registers the SQL side of a data folder.</summary>
internal static class StorageParts
{
    public static void AddStorage(this IServiceCollection services, DataFolder folder)
    {
        services.AddDbContextFactory<HallOpsDb>(options => Configure(options, folder.DatabasePath));
        services.AddSingleton(_ => Keys.Open(folder));
        services.AddSingleton<ErasedList>().AddSingleton<IPeople, People>();
        services.AddSingleton<Texts>().AddSingleton<ITexts>(s => s.GetRequiredService<Texts>());
        services.AddDataProtection().SetApplicationName("HallOps").PersistKeysToFileSystem(new DirectoryInfo(folder.DataProtectionPath));
    }

    public static string ConnectionString(string path) => new Microsoft.Data.Sqlite.SqliteConnectionStringBuilder { DataSource = path, ForeignKeys = true }.ToString();

    public static void Configure(DbContextOptionsBuilder options, string path) => options
        .UseSqlite(ConnectionString(path))
        // The migrations are written by hand and carry no copy of the model to compare with; a test compares the schema itself.
        // And Identity's tables for claims and outside log-ins are left out on purpose.
        .ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning, CoreEventId.MappedEntityTypeIgnoredWarning));

    /// <summary>Brings the schema up to date.</summary>
    /// <exception cref="StartRefusedException">The database is of a newer version, or is no database.</exception>
    public static async Task MigrateAsync(HallOpsDb database, DataFolder folder, CancellationToken cancel)
    {
        try
        {
            var known = database.Database.GetMigrations().ToHashSet();
            if (File.Exists(folder.DatabasePath) && (await database.Database.GetAppliedMigrationsAsync(cancel)).FirstOrDefault(m => !known.Contains(m)) is { } newer)
                throw new StartRefusedException($"{folder.DatabasePath} was written by a newer version ({newer}); use that version or restore a backup.");
            // SQLite would make it readable for everybody; its log takes the same rights.
            if (!File.Exists(folder.DatabasePath)) await OwnerOnly.Create(folder.DatabasePath).DisposeAsync();
            await database.Database.MigrateAsync(cancel);
            await database.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL", cancel);
        }
        catch (Microsoft.Data.Sqlite.SqliteException e)
        {
            throw new StartRefusedException($"{folder.DatabasePath} cannot be used ({e.Message.TrimEnd('.')}); restore a backup.", e);
        }
    }
}
