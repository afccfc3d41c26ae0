using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace HallOps.Web.Storage;

/// <summary>Makes the tables of the SQL side and brings them up to date; the same migrations on SQLite and on PostgreSQL.</summary>
internal static class Schema
{
    // The oldest that the tests run on.
    private const int OldestPostgres = 15;

    /// <param name="shared">What the deployment's machines share: taken before the keys are read.</param>
    /// <exception cref="StartRefusedException">The database is of a newer version or of another deployment, is no database, is not there or may not be changed.</exception>
    public static async Task PrepareAsync(HallOpsDb database, SqlPlace place, Keys keys, CancellationToken cancel, SharedFiles? shared = null)
    {
        place.Agree();
        try
        {
            if (place.IsPostgres) await CheckServerAsync(database, cancel);
            // Of several that start on an empty database the first makes tables and keys, the others find them.
            await using var turn = place.IsPostgres ? await Turn.TakeAsync(database, cancel) : null;
            var known = database.Database.GetMigrations().ToHashSet();
            string[] applied = place.IsPostgres || File.Exists(place.Folder.DatabasePath) ? [.. await database.Database.GetAppliedMigrationsAsync(cancel)] : [];
            if (applied.FirstOrDefault(m => !known.Contains(m)) is { } newer)
                throw new StartRefusedException($"{place.Name} was written by a newer version ({newer}); use that version or restore a backup.");
            // SQLite would make it readable for everybody; its log takes the same rights.
            if (!place.IsPostgres && !File.Exists(place.Folder.DatabasePath)) await OwnerOnly.Create(place.Folder.DatabasePath).DisposeAsync();
            // What would find nothing to do takes a sixth of a second to find it.
            if (applied.Length < known.Count) await database.Database.MigrateAsync(cancel);
            if (!place.IsPostgres) await database.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL", cancel);
            // Before the keys are read.
            if (shared is not null) await shared.TakeAsync(database, cancel);
            await CheckDeploymentAsync(database, place, keys, cancel);
            if (shared is not null) await shared.GiveAllAsync(database, cancel);
            if (place.IsPostgres && place.Folder.PostgresName != place.Name) OwnerOnly.Write(place.Folder.PostgresPath, System.Text.Encoding.UTF8.GetBytes(place.Name + '\n'));
        }
        catch (Microsoft.Data.Sqlite.SqliteException e)
        {
            throw new StartRefusedException($"{place.Name} cannot be used ({e.Message.TrimEnd('.')}); restore a backup.", e);
        }
        catch (Exception e) when (place.IsPostgres && DatabaseFaults.Of(e) is { } fault)
        {
            throw new StartRefusedException($"{PostgresSetting.Name}: {Words(fault, place)}", e);
        }
    }

    /// <summary>One process at a time, whichever machine it is on.</summary>
    private sealed class Turn(HallOpsDb database) : IAsyncDisposable
    {
        // Any number that nothing else locks.
        private const long Number = 4812015004;

        public static async Task<Turn> TakeAsync(HallOpsDb database, CancellationToken cancel)
        {
            // The lock is the connection's: it stays open meanwhile.
            await database.Database.OpenConnectionAsync(cancel);
            await using var take = database.Database.GetDbConnection().CreateCommand();
            take.CommandText = $"SELECT pg_advisory_lock({Number})";
            // As long as the one before needs for its migrations.
            take.CommandTimeout = 0;
            await take.ExecuteNonQueryAsync(cancel);
            return new Turn(database);
        }

        public async ValueTask DisposeAsync()
        {
            try
            {
                await database.Database.ExecuteSqlRawAsync($"SELECT pg_advisory_unlock({Number})");
            }
            catch (Exception e) when (DatabaseFaults.Of(e) is not null)
            {
                // A connection that is gone has its lock no more.
            }
            finally
            {
                await database.Database.CloseConnectionAsync();
            }
        }
    }

    private static async Task CheckServerAsync(HallOpsDb database, CancellationToken cancel)
    {
        await database.Database.OpenConnectionAsync(cancel);
        try
        {
            var connection = (NpgsqlConnection)database.Database.GetDbConnection();
            if (connection.PostgreSqlVersion.Major < OldestPostgres)
                throw new StartRefusedException($"{PostgresSetting.Name}: the server is PostgreSQL {connection.PostgreSqlVersion}; {OldestPostgres} is the oldest that serves.");
            await using var asks = connection.CreateCommand();
            asks.CommandText = "SHOW server_encoding";
            if (await asks.ExecuteScalarAsync(cancel) is not "UTF8")
                throw new StartRefusedException($"{PostgresSetting.Name}: the database must be made with ENCODING 'UTF8', or it cannot hold Chinese.");
        }
        finally
        {
            await database.Database.CloseConnectionAsync();
        }
    }

    /// <summary>The rows hang on the keys of one data folder. A second folder on the same database would count every visit twice and could read none of its people.</summary>
    private static async Task CheckDeploymentAsync(HallOpsDb database, SqlPlace place, Keys keys, CancellationToken cancel)
    {
        var mark = keys.Mark;
        await database.Database.ExecuteSqlAsync($"INSERT INTO deployment (number, mark) VALUES (1, {mark}) ON CONFLICT (number) DO NOTHING", cancel);
        var there = await database.Database.SqlQuery<string>($"SELECT mark AS \"Value\" FROM deployment").SingleAsync(cancel);
        if (there != mark)
            throw new StartRefusedException($"{place.Name} belongs to another deployment than the keys in {place.Folder.KeysPath}; give this one a database of its own, or choose that one's folder with --data; for two machines of one deployment set HallOps:KeySecret on both.");
    }

    /// <summary>What is wrong with the database, in a sentence that says what to do.</summary>
    public static string Words(DbException fault, SqlPlace place) => fault switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } => $"there is no such database {place.Name}; make it with createdb.",
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } e => $"{place.Name} refuses the user ({Line(e.MessageText)}).",
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } e => $"the user has not the rights it needs in {place.Name} ({Line(e.MessageText)}); make it the owner of the database.",
        PostgresException e => $"{place.Name} cannot be used ({Line(e.MessageText)}).",
        _ => $"{place.Name} does not answer ({Line((fault.InnerException ?? fault).Message)}).",
    };

    private static string Line(string message) => message.ReplaceLineEndings(" ").TrimEnd('.');
}
