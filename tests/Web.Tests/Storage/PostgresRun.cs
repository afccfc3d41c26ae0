using HallOps.Load.Engine;
using HallOps.Load.Measuring;
using HallOps.Web.Storage;
using HallOps.Web.Tests.Storage;
using Npgsql;

[assembly: AssemblyFixture(typeof(PostgresRun))]

namespace HallOps.Web.Tests.Storage;

/// <summary>Which of the two a test runs on.</summary>
public enum SqlKind { Sqlite, Postgres }

/// <summary>One PostgreSQL 15 for the whole run of the tests, started by the first test that needs it and stopped with the run; each asks for a database of its own.</summary>
public sealed class PostgresRun : IDisposable
{
    // What is in it is thrown away: no need to wait for a disk.
    internal static readonly string[] Quick = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=32MB"];

    private static readonly Lazy<(TempFolder Folder, PostgresServer Server)> One = new(Start);
    private static int _databases;

    /// <summary>The connection string of a new, empty database; null for SQLite.</summary>
    internal static async Task<string?> DatabaseAsync(SqlKind kind)
    {
        if (kind == SqlKind.Sqlite) return null;
        var name = $"test{Interlocked.Increment(ref _databases)}";
        await ExecuteAsync(One.Value.Server.ConnectionString, $"CREATE DATABASE {name}");
        return In(One.Value.Server, name);
    }

    /// <summary>Where the tables of a test are to be, in a folder of its own.</summary>
    internal static async Task<SqlPlace> PlaceAsync(SqlKind kind, string folder) => new(new DataFolder(folder), await DatabaseAsync(kind));

    internal static string In(PostgresServer server, string database) =>
        // Hundreds of tests share the server's hundred connections.
        new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = database, Pooling = true, MaxPoolSize = 20, ConnectionIdleLifetime = 2, ConnectionPruningInterval = 1, NoResetOnClose = false }.ToString();

    internal static async Task ExecuteAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database) { Pooling = false }.ToString());
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    public void Dispose()
    {
        if (!One.IsValueCreated) return;
        One.Value.Server.Dispose();
        One.Value.Folder.Dispose();
    }

    private static (TempFolder, PostgresServer) Start()
    {
        var folder = new TempFolder();
        try
        {
            return (folder, PostgresServer.Start(folder, Quick));
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }
}
