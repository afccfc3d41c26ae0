namespace HallOps.Silo.Journal;

/// <summary>What may be set when a <see cref="SqliteJournal"/> is opened; the defaults are those of production.</summary>
public sealed class SqliteJournalOptions
{
    /// <summary>Bytes written to the write-ahead log before its pages are moved into the main file. 16 MiB: moving them costs some 10 ms, which a call waits for at most every 100,000 events.</summary>
    public long WalBytes { get; init; } = 16 << 20;

    /// <summary>Called with a name of <see cref="SqliteStep"/> before and after everything that touches the disk, on the writing thread. Tests kill the process in it, or throw what SQLite would; null in production.</summary>
    public Action<string>? Step { get; init; }

    /// <summary>Pages the main file may grow to: SQLite's own "disk full", for tests.</summary>
    internal long? MaxPages { get; init; }
}

/// <summary>The steps of <see cref="SqliteJournalOptions.Step"/>.</summary>
public static class SqliteStep
{
    /// <summary>An empty file is to be laid out.</summary>
    public const string Create = "create";
    /// <summary>The tables are there; the write-ahead log is not yet switched on.</summary>
    public const string Created = "created";
    /// <summary>The start's number is to be written.</summary>
    public const string Start = "start";
    /// <summary>The start's number is durable, the flushes are not yet scanned.</summary>
    public const string Started = "started";
    /// <summary>A try whether writing works is to be written.</summary>
    public const string Probe = "probe";
    /// <summary>A transaction of several statements begins: snapshots or new halls are in the flush.</summary>
    public const string Begin = "begin";
    /// <summary>The flush's row is to be written.</summary>
    public const string Insert = "insert";
    /// <summary>A snapshot's row is to be written.</summary>
    public const string Snapshot = "snapshot";
    /// <summary>The checkpoint's row is to be moved.</summary>
    public const string Checkpoint = "checkpoint";
    /// <summary>All is written but the commit.</summary>
    public const string Commit = "commit";
    /// <summary>Durable, but nobody knows yet.</summary>
    public const string Committed = "committed";
    /// <summary>The write-ahead log's pages are to be moved into the main file.</summary>
    public const string Move = "move";
    /// <summary>The log's pages are moved; it begins anew with the next flush.</summary>
    public const string Moved = "moved";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Create, Created, Start, Started, Probe, Begin, Insert, Snapshot, Checkpoint, Commit, Committed, Move, Moved];
}
