using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace HallOps.Web.Storage;

/// <summary>Where the SQL side is: SQLite's file in the data folder, or a database of PostgreSQL. Safe from any thread.</summary>
/// <param name="postgres">As <see cref="PostgresSetting"/> reads it; null: SQLite.</param>
public sealed class SqlPlace(DataFolder folder, string? postgres = null)
{
    // The pages that a batch over many halls touches stay in memory (32 MiB at most, taken as they are used), and go from the log to the file 16 MiB at a time: the same page once for many batches.
    private const string Following = "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 4096";

    public DataFolder Folder => folder;

    /// <summary>PostgreSQL's connection string, password and all; null: SQLite.</summary>
    internal string? Postgres => postgres;

    public bool IsPostgres => postgres is not null;

    /// <summary>For messages: the file, or server and database; never a password.</summary>
    public string Name { get; } = postgres is null ? folder.DatabasePath : NameOf(new NpgsqlConnectionStringBuilder(postgres));

    public void Configure(DbContextOptionsBuilder options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _ = postgres is null ? options.UseSqlite(Sqlite().ToString()) : options.UseNpgsql(postgres);
        // The migrations are written by hand and carry no copy of the model to compare with; a test compares the schema itself.
        // And Identity's tables for claims and outside log-ins are left out on purpose.
        options.ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning, CoreEventId.MappedEntityTypeIgnoredWarning));
    }

    /// <summary>A connection of one's own for what follows the journal. Rows that a power cut takes are read from the journal again, as is the sequence beside them: no need to wait for the disk.
    /// Not pooled, since nobody else's writes may be like that.</summary>
    public async ValueTask<DbConnection> OpenFollowingAsync(CancellationToken cancel)
    {
        DbConnection connection = postgres is null
            ? new SqliteConnection(new SqliteConnectionStringBuilder(Sqlite().ToString()) { Pooling = false }.ToString())
            : new NpgsqlConnection(new NpgsqlConnectionStringBuilder(postgres) { Pooling = false }.ToString());
        try
        {
            await connection.OpenAsync(cancel);
            await using var relaxed = connection.CreateCommand();
            relaxed.CommandText = postgres is null ? Following : "SET synchronous_commit = off";
            await relaxed.ExecuteNonQueryAsync(cancel);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>A connection for a command that only reads, beside a running server or without one; not opened yet.</summary>
    public DbConnection Reading() => postgres is null
        ? new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = folder.DatabasePath, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString())
        : new NpgsqlConnection(new NpgsqlConnectionStringBuilder(postgres) { Pooling = false, Options = "-c default_transaction_read_only=on" }.ToString());

    /// <summary>A connection that waits for what is told on it and is asked little; not opened yet.</summary>
    /// <exception cref="InvalidOperationException">The SQL side is SQLite's, where nothing is told.</exception>
    internal NpgsqlConnection Listening() => new(new NpgsqlConnectionStringBuilder(postgres ?? throw new InvalidOperationException("SQLite tells nothing.")) { Pooling = false, Timeout = 5, CommandTimeout = 5, ApplicationName = "hallops news" }.ToString());

    /// <summary>Folder and settings agree on where the SQL side is.</summary>
    /// <exception cref="StartRefusedException">They do not: accounts, people and the audit would seem to be gone.</exception>
    public void Agree()
    {
        if (!IsPostgres && folder.PostgresName is { } there)
            throw new StartRefusedException($"The SQL side of {folder.FullPath} is in PostgreSQL ({there}): set {PostgresSetting.Name}, or choose another folder with --data.");
        if (IsPostgres && File.Exists(folder.DatabasePath))
            throw new StartRefusedException($"{PostgresSetting.Name} is set, but {folder.FullPath} has its SQL side in hallops.db and nothing moves it to PostgreSQL: leave the setting out, or choose another folder with --data.");
    }

    private SqliteConnectionStringBuilder Sqlite() => new() { DataSource = folder.DatabasePath, ForeignKeys = true };

    private static string NameOf(NpgsqlConnectionStringBuilder builder) => FormattableString.Invariant($"{builder.Host}:{builder.Port}/{builder.Database}");
}
