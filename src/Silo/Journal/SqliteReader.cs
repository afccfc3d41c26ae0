using Microsoft.Data.Sqlite;
using SQLitePCL;
using static SQLitePCL.raw;

namespace HallOps.Silo.Journal;

/// <summary>A stored snapshot's row, its body left where it is.</summary>
internal readonly record struct SnapshotPlace(long Slot, uint Hall, ulong Epoch, long Sequence, long Tail);

/// <summary>Flushes that are in an archive.</summary>
internal readonly record struct SqliteArchive(long First, long Last, ArchivePlace Place);

/// <summary>
/// One connection that only reads, for one thread at a time. No call leaves a read transaction open, and who reads much reads in sittings, so that no reader, however slow,
/// keeps the log from being moved into the file. Flushes whose rows are archived are read out of their archives, which only this class knows of. Throws <see cref="SqliteException"/>
/// where the store fails, and <see cref="JournalArchiveException"/> where an archive does.
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
    private readonly sqlite3_stmt _range;
    private readonly JournalArchives _archives;
    private readonly bool _ownsArchives;

    // Of the last archived flush that was asked for by its position, and those packed with it.
    private (string Name, List<ArchivedEntry> Entries) _unpacked = ("", []);

    /// <param name="archives">Where others read them too; null: of this reader's own.</param>
    public SqliteReader(string folder, JournalArchives? archives = null)
    {
        (_archives, _ownsArchives) = (archives ?? new JournalArchives(JournalArchives.FolderOf(folder)), archives is null);
        _connection = SqliteSchema.Connect(SqliteSchema.FileIn(folder), SqliteOpenMode.ReadOnly);
        try
        {
            _db = _connection.Handle!;
            _range = Prepare("SELECT position, body FROM flushes WHERE position >= ?1 ORDER BY position");
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    /// <summary>The flushes of these positions, ascending, in one transaction, until <paramref name="look"/> has enough or there is no such flush. One transaction each would cost more than what they hold.</summary>
    /// <returns>How many were looked at.</returns>
    public int Each(ReadOnlySpan<long> positions, Look look)
    {
        var all = positions.Length;
        Check(sqlite3_exec(_db, "BEGIN"));
        try
        {
            var goesOn = true;
            while (goesOn && !positions.IsEmpty)
            {
                var run = 1;
                while (run < positions.Length && positions[run] == positions[0] + run) run++;
                goesOn = Row(positions[0], run, look, out var seen);
                if (seen == 0)
                {
                    if (!Archived(positions[0], look, out goesOn)) break;
                    seen = 1;
                }
                positions = positions[seen..];
            }
            return all - positions.Length;
        }
        finally
        {
            _ = sqlite3_exec(_db, "ROLLBACK");
        }
    }

    /// <summary>Looks at the flushes from a position on that are there without a gap.</summary>
    /// <param name="most">So many at most.</param>
    /// <returns>False where <paramref name="look"/> has enough.</returns>
    private bool Row(long position, int most, Look look, out int seen)
    {
        var (goesOn, count) = (true, 0);
        Run(_range, position, (at, body) =>
        {
            if (at != position + count) return false;
            count++;
            goesOn = look(at, body);
            return goesOn && count < most;
        });
        seen = count;
        return goesOn;
    }

    /// <summary>False where the flush is in no archive.</summary>
    private bool Archived(long position, Look look, out bool goesOn)
    {
        goesOn = false;
        if (ArchiveOf(position) is not { } archive) return false;
        if (_unpacked.Name != archive.Place.Name || _unpacked.Entries is not [var first, .., var last] || position < first.Key || position > last.Key)
            _unpacked = (archive.Place.Name, _archives.Open(archive.Place).From(0, position) ?? []);
        var entry = _unpacked.Entries.Find(e => e.Key == position);
        if (entry.Key != position) return false;
        goesOn = look(position, entry.Body.Span);
        return true;
    }

    /// <summary>The flushes from a position on, in order, until <paramref name="look"/> has enough.</summary>
    public void From(long position, Look look)
    {
        while (true)
        {
            var (found, hole) = (false, false);
            Run(_range, position, (at, body) =>
            {
                hole = !found && at != position;
                found = true;
                return !hole && look(at, body);
            });
            if (found && !hole) return;
            // Looked for after the rows: what is archived meanwhile is found here.
            if (ArchiveOf(position) is not { } archive)
            {
                if (hole) Run(_range, position, look);
                return;
            }
            var file = _archives.Open(archive.Place);
            while (position <= archive.Last)
            {
                foreach (var entry in file.From(0, position) ?? throw new JournalArchiveException(FormattableString.Invariant($"the archive {archive.Place.Name} of the journal does not have flush {position}")))
                {
                    if (!look(entry.Key, entry.Body.Span)) return;
                    position = entry.Key + 1;
                }
            }
        }
    }

    /// <summary>By position; the flushes from one to another in each.</summary>
    public IReadOnlyList<SqliteArchive> Archives() => HasArchives() ? Archives("SELECT first, last, name, hash FROM archives ORDER BY last") : [];

    private SqliteArchive? ArchiveOf(long position) =>
        HasArchives() && Archives(FormattableString.Invariant($"SELECT first, last, name, hash FROM archives WHERE last >= {position} ORDER BY last LIMIT 1")) is [var archive] && archive.First <= position ? archive : null;

    private bool HasArchives() => (long)SqliteSchema.Scalar(_connection, "SELECT count(*) FROM sqlite_master WHERE name = 'archives'")! != 0;

    private List<SqliteArchive> Archives(string sql)
    {
        var archives = new List<SqliteArchive>();
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        using var rows = command.ExecuteReader();
        while (rows.Read()) archives.Add(new(rows.GetInt64(0), rows.GetInt64(1), new(rows.GetString(2), (byte[])rows[3])));
        return archives;
    }

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
        _range?.Dispose();
        _connection.Dispose();
        if (_ownsArchives) _archives.Dispose();
    }
}
