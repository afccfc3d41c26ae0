using Microsoft.Data.Sqlite;
using SQLitePCL;
using static SQLitePCL.raw;

namespace HallOps.Silo.Journal;

/// <summary>A stored snapshot's row, its body left where it is.</summary>
internal readonly record struct SnapshotPlace(long Slot, uint Hall, ulong Epoch, long Sequence, long Tail);

/// <summary>
/// One connection that only reads, for one thread at a time. No call leaves a read transaction open, and who reads much reads in sittings, so that no reader, however slow,
/// keeps the log from being moved into the file. Throws <see cref="SqliteException"/> where the store fails.
/// </summary>
internal sealed class SqliteReader : IDisposable
{
    /// <summary>Bytes of flushes to read in one transaction: as much as the log holds before it is moved.</summary>
    public const long Sitting = 16 << 20;

    /// <summary>What looks at a flush; the bytes are SQLite's own and gone when it returns.</summary>
    /// <returns>False to stop.</returns>
    public delegate bool Look(long position, ReadOnlySpan<byte> body);

    private readonly SqliteConnection _connection;
    private readonly sqlite3 _db;
    private readonly sqlite3_stmt _one, _range;

    public SqliteReader(string folder)
    {
        _connection = SqliteSchema.Connect(SqliteSchema.FileIn(folder), SqliteOpenMode.ReadOnly);
        try
        {
            _db = _connection.Handle!;
            _one = Prepare("SELECT position, body FROM flushes WHERE position = ?1");
            _range = Prepare("SELECT position, body FROM flushes WHERE position >= ?1 ORDER BY position");
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    /// <summary>False where there is no such flush.</summary>
    public bool One(long position, Look look)
    {
        var seen = false;
        Run(_one, position, (at, body) =>
        {
            seen = true;
            return look(at, body);
        });
        return seen;
    }

    /// <summary>The flushes from a position on, in order, until <paramref name="look"/> has enough.</summary>
    public void From(long position, Look look) => Run(_range, position, look);

    public long Meta(string key) => (long)SqliteSchema.Scalar(_connection, $"SELECT value FROM meta WHERE key = '{key}'")!;

    /// <summary>Whether it is a copy that is being made, or was broken off.</summary>
    public bool IsUnfinishedCopy => SqliteSchema.Scalar(_connection, $"SELECT value FROM meta WHERE key = '{SqliteSchema.Copying}'") is not null;

    /// <summary>0 where there is none.</summary>
    public long LastPosition() => (long)SqliteSchema.Scalar(_connection, "SELECT coalesce(max(position), 0) FROM flushes")!;

    public IReadOnlyList<(uint Number, string Name)> Halls()
    {
        var halls = new List<(uint, string)>();
        using var command = _connection.CreateCommand();
        command.CommandText = "SELECT number, name FROM halls ORDER BY number";
        using var rows = command.ExecuteReader();
        while (rows.Read()) halls.Add(((uint)rows.GetInt64(0), rows.GetString(1)));
        return halls;
    }

    /// <summary>By hall, then sequence.</summary>
    public IReadOnlyList<SnapshotPlace> Snapshots()
    {
        var places = new List<SnapshotPlace>();
        using var command = _connection.CreateCommand();
        command.CommandText = "SELECT slot, hall, epoch, sequence, tail FROM snapshots ORDER BY hall, sequence";
        using var rows = command.ExecuteReader();
        while (rows.Read()) places.Add(new((long)rows[0], (uint)rows.GetInt64(1), (ulong)rows.GetInt64(2), rows.GetInt64(3), rows.GetInt64(4)));
        return places;
    }

    /// <summary>A snapshot with its body; null where the row is gone, holds another sequence by now, or its checksum does not fit.</summary>
    public StoredSnapshot? Snapshot(in SnapshotPlace place)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = "SELECT crc, body FROM snapshots WHERE slot = $slot AND sequence = $sequence";
        command.Parameters.AddWithValue("$slot", place.Slot);
        command.Parameters.AddWithValue("$sequence", place.Sequence);
        using var rows = command.ExecuteReader();
        if (!rows.Read()) return null;
        var body = (byte[])rows[1];
        return Crc32C.Of(body) == (uint)rows.GetInt64(0) ? new StoredSnapshot(place.Epoch, place.Sequence, body) : null;
    }

    /// <summary>Whether the snapshot's row is still there.</summary>
    public bool Has(in SnapshotPlace place) =>
        (long)SqliteSchema.Scalar(_connection, FormattableString.Invariant($"SELECT count(*) FROM snapshots WHERE slot = {place.Slot} AND sequence = {place.Sequence}"))! != 0;

    /// <summary>A consistent copy while others write.</summary>
    public void VacuumInto(string file)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = "VACUUM INTO $file";
        command.CommandTimeout = 0;
        command.Parameters.AddWithValue("$file", file);
        command.ExecuteNonQuery();
    }

    private void Run(sqlite3_stmt statement, long position, Look look)
    {
        Check(sqlite3_bind_int64(statement, 1, position));
        try
        {
            int rc;
            while ((rc = sqlite3_step(statement)) == SQLITE_ROW)
                if (!look(sqlite3_column_int64(statement, 0), sqlite3_column_blob(statement, 1))) return;
            if (rc != SQLITE_DONE) SqliteException.ThrowExceptionForRC(rc, _db);
        }
        finally
        {
            _ = sqlite3_reset(statement);
        }
    }

    private void Check(int rc)
    {
        if (rc != SQLITE_OK) SqliteException.ThrowExceptionForRC(rc, _db);
    }

    private sqlite3_stmt Prepare(string sql)
    {
        Check(sqlite3_prepare_v2(_db, sql, out var statement));
        return statement;
    }

    public void Dispose()
    {
        _one?.Dispose();
        _range?.Dispose();
        _connection.Dispose();
    }
}
