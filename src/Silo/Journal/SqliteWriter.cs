using Microsoft.Data.Sqlite;
using SQLitePCL;
using static SQLitePCL.raw;

namespace HallOps.Silo.Journal;

/// <summary>A snapshot's row as it will be written.</summary>
/// <param name="Slot">Twice the hall's number, or that and one: the newest two of a hall are kept.</param>
/// <param name="Tail">The first flush that may hold records after the snapshot.</param>
internal readonly record struct SnapshotRow(long Slot, uint Hall, ulong Epoch, long Sequence, long Tail, ReadOnlyMemory<byte> Body);

/// <summary>
/// The one connection that writes, with its statements prepared. Every method throws <see cref="SqliteException"/> where the store fails; whoever catches it calls
/// <see cref="IsSureNotStored"/> and <see cref="TryRollBack"/>. Not thread-safe.
/// </summary>
internal sealed class SqliteWriter : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly sqlite3 _db;
    private readonly Action<string>? _step;
    private readonly long _walBytes;
    private readonly sqlite3_stmt _begin, _commit, _flush, _hall, _snapshot, _set;
    private long _written;
    private bool _committing;

    /// <param name="copying">What is created is to be a copy: see <see cref="Finish"/>.</param>
    public SqliteWriter(string folder, SqliteJournalOptions options, bool create = false, bool copying = false)
    {
        _step = options.Step;
        _walBytes = options.WalBytes;
        _connection = SqliteSchema.Connect(SqliteSchema.FileIn(folder), create ? SqliteOpenMode.ReadWriteCreate : SqliteOpenMode.ReadWrite);
        try
        {
            if (create) SqliteSchema.Create(_connection, copying, _step);
            if ((string)SqliteSchema.Scalar(_connection, "PRAGMA journal_mode = WAL")! != "wal")
                throw new JournalUnusableException($"the journal {SqliteSchema.FileIn(folder)} cannot have a write-ahead log on this file system");
            SqliteSchema.Execute(_connection, "PRAGMA synchronous = FULL");
            // Moved by Commit, so that a failure to move is seen as what it is and not as a failed flush.
            SqliteSchema.Execute(_connection, "PRAGMA wal_autocheckpoint = 0");
            if (options.MaxPages is { } pages) SqliteSchema.Execute(_connection, FormattableString.Invariant($"PRAGMA max_page_count = {pages}"));
            _db = _connection.Handle!;
            _begin = Prepare("BEGIN IMMEDIATE");
            _commit = Prepare("COMMIT");
            _flush = Prepare("INSERT INTO flushes(position, body) VALUES(?1, ?2)");
            _hall = Prepare("INSERT INTO halls(number, name) VALUES(?1, ?2)");
            _snapshot = Prepare("INSERT OR REPLACE INTO snapshots(slot, hall, epoch, sequence, tail, crc, body) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)");
            _set = Prepare("UPDATE meta SET value = ?2 WHERE key = ?1");
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    /// <summary>Makes a flush durable that brings nothing but records.</summary>
    public void Commit(long position, ReadOnlySpan<byte> body)
    {
        _committing = false;
        _step?.Invoke(SqliteStep.Insert);
        Check(sqlite3_bind_int64(_flush, 1, position));
        Check(sqlite3_bind_blob(_flush, 2, body));
        _committing = true;
        _step?.Invoke(SqliteStep.Commit);
        Run(_flush);
        _step?.Invoke(SqliteStep.Committed);
        Move(body.Length);
    }

    /// <summary>Makes a flush durable with everything that comes with it.</summary>
    /// <param name="body">Empty where nothing of the flush was accepted: then there is no row.</param>
    /// <param name="checkpoint">Null where it stays.</param>
    public void Commit(long position, ReadOnlySpan<byte> body, IReadOnlyList<(uint Number, string Name)> halls, IReadOnlyList<SnapshotRow> snapshots, long? checkpoint)
    {
        _committing = false;
        _step?.Invoke(SqliteStep.Begin);
        Run(_begin);
        long written = body.Length;
        if (!body.IsEmpty)
        {
            _step?.Invoke(SqliteStep.Insert);
            Check(sqlite3_bind_int64(_flush, 1, position));
            Check(sqlite3_bind_blob(_flush, 2, body));
            Run(_flush);
        }
        foreach (var (number, name) in halls)
        {
            Check(sqlite3_bind_int64(_hall, 1, number));
            Check(sqlite3_bind_text(_hall, 2, name));
            Run(_hall);
        }
        foreach (var row in snapshots)
        {
            _step?.Invoke(SqliteStep.Snapshot);
            Check(sqlite3_bind_int64(_snapshot, 1, row.Slot));
            Check(sqlite3_bind_int64(_snapshot, 2, row.Hall));
            Check(sqlite3_bind_int64(_snapshot, 3, (long)row.Epoch));
            Check(sqlite3_bind_int64(_snapshot, 4, row.Sequence));
            Check(sqlite3_bind_int64(_snapshot, 5, row.Tail));
            Check(sqlite3_bind_int64(_snapshot, 6, Crc32C.Of(row.Body.Span)));
            Check(sqlite3_bind_blob(_snapshot, 7, row.Body.Span));
            Run(_snapshot);
            written += row.Body.Length;
        }
        if (checkpoint is { } at)
        {
            _step?.Invoke(SqliteStep.Checkpoint);
            Set("checkpoint", at);
        }
        _committing = true;
        _step?.Invoke(SqliteStep.Commit);
        Run(_commit);
        _step?.Invoke(SqliteStep.Committed);
        Move(written);
    }

    /// <summary>Writes the number of a start, durably.</summary>
    public void Start(ulong number)
    {
        _committing = true;
        _step?.Invoke(SqliteStep.Start);
        Set("starts", (long)number);
        _step?.Invoke(SqliteStep.Started);
    }

    /// <summary>The copy is whole: from here on it is a journal like others.</summary>
    public void Finish() => SqliteSchema.Execute(_connection, $"DELETE FROM meta WHERE key = '{SqliteSchema.Copying}'");

    /// <summary>Tries whether a durable write works.</summary>
    public void Probe(long number)
    {
        _committing = true;
        _step?.Invoke(SqliteStep.Probe);
        Set("probe", number);
    }

    /// <summary>Whether a failure means that nothing of the transaction is stored, now or after a crash.</summary>
    /// <remarks>
    /// Before the commit nothing in the log is valid. In the commit, SQLITE_FULL, READONLY, CANTOPEN, BUSY and LOCKED come before the frame that ends the transaction is
    /// whole; after an I/O error it may be, and a later start would find it.
    /// </remarks>
    public bool IsSureNotStored(SqliteException e) => !_committing || (e.SqliteErrorCode & 0xFF) is 5 or 6 or 8 or 13 or 14;

    public bool TryRollBack()
    {
        foreach (var statement in (ReadOnlySpan<sqlite3_stmt>)[_begin, _commit, _flush, _hall, _snapshot, _set]) _ = sqlite3_reset(statement);
        return sqlite3_get_autocommit(_db) != 0 || (sqlite3_exec(_db, "ROLLBACK") == SQLITE_OK && sqlite3_get_autocommit(_db) != 0);
    }

    /// <summary>Whether a flush is stored at the position.</summary>
    public bool Has(long position) => (long)SqliteSchema.Scalar(_connection, FormattableString.Invariant($"SELECT count(*) FROM flushes WHERE position = {position}"))! != 0;

    /// <summary>Moves the log's pages into the main file now and then. A failure is no failure of the flush, which is durable already: it is tried again after as many bytes.</summary>
    private void Move(long written)
    {
        // Each of the few pages beside the body's own is written whole.
        _written += written + 8192;
        if (_written < _walBytes) return;
        _written = 0;
        _step?.Invoke(SqliteStep.Move);
        _ = sqlite3_wal_checkpoint_v2(_db, "main", SQLITE_CHECKPOINT_PASSIVE, out _, out _);
        _step?.Invoke(SqliteStep.Moved);
    }

    private void Set(string key, long value)
    {
        Check(sqlite3_bind_text(_set, 1, key));
        Check(sqlite3_bind_int64(_set, 2, value));
        Run(_set);
    }

    private void Run(sqlite3_stmt statement)
    {
        var rc = sqlite3_step(statement);
        if (rc != SQLITE_DONE) SqliteException.ThrowExceptionForRC(rc, _db);
        Check(sqlite3_reset(statement));
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
        foreach (var statement in (ReadOnlySpan<sqlite3_stmt>)[_begin, _commit, _flush, _hall, _snapshot, _set]) statement.Dispose();
        _connection.Dispose();
    }
}
