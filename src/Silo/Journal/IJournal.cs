using HallOps.Core.Halls;

namespace HallOps.Silo.Journal;

/// <summary>Where a hall's history stands: who may write (the newest epoch claimed) and the last sequence stored. Sequences begin at 1; 0 is an empty history.</summary>
public readonly record struct Head(ulong Epoch, long Sequence);

/// <summary>A hall the store knows.</summary>
/// <param name="Number">Never reused.</param>
public readonly record struct HallEntry(uint Number, HallId Hall, Head Head);

/// <summary>
/// What one hall appends in a flush: whole commands, records <c>After + 1 … After + Count</c> as <see cref="RecordFrame"/>s, back to back.
/// </summary>
/// <param name="Hall">The hall's number.</param>
/// <param name="Name">The hall's id, for the store's directory when the hall is new.</param>
/// <param name="Epoch">The epoch the incarnation claimed when it loaded.</param>
/// <param name="After">The sequence the first record follows.</param>
/// <param name="Count">At least 1.</param>
/// <param name="Frames">The slice of <see cref="Flush.Body"/> with the records.</param>
public readonly record struct Append(uint Hall, HallId Name, ulong Epoch, long After, int Count, ReadOnlyMemory<byte> Frames)
{
    public long Last => After + Count;
}

/// <summary>A snapshot of the confirmed picture of a hall at a sequence that is stored already (never one of the same flush).</summary>
public readonly record struct SnapshotWrite(uint Hall, HallId Name, ulong Epoch, long Sequence, ReadOnlyMemory<byte> Body);

/// <summary>What one commit makes durable. A hall appends at most once in a flush. <paramref name="Body"/> is all appends' frames, back to back, in order.</summary>
public sealed record Flush(ReadOnlyMemory<byte> Body, IReadOnlyList<Append> Appends, IReadOnlyList<SnapshotWrite> Snapshots);

/// <summary>What became of one append.</summary>
public enum AppendOutcome : byte
{
    /// <summary>Durable.</summary>
    Stored,
    /// <summary>The head has another epoch or sequence: nothing of it is stored, for sure. The incarnation is over.</summary>
    Refused,
    /// <summary>The store failed and nothing of it is stored, for sure.</summary>
    NotStored,
    /// <summary>The store failed and may or may not have it.</summary>
    Uncertain,
}

/// <summary>Why a flush failed as a whole.</summary>
/// <param name="Full">No room, or the store is gone: it may come back by itself.</param>
public sealed record FlushFailure(bool Full, string Reason);

/// <param name="Appends">One outcome an append, same order.</param>
/// <param name="Failure">Null unless the store failed.</param>
public sealed record FlushOutcome(IReadOnlyList<AppendOutcome> Appends, FlushFailure? Failure);

/// <summary>A stored snapshot.</summary>
public sealed record StoredSnapshot(ulong Epoch, long Sequence, ReadOnlyMemory<byte> Body);

/// <summary>What a reload reads: the newest snapshot, if any, and every record after it, in order and without holes.</summary>
public sealed record HallHistory(Head Head, StoredSnapshot? Snapshot, IReadOnlyList<JournalRecord> Tail);

/// <summary>A hall's records are damaged: it is quarantined, the others run. The message names hall, sequence or position, and what is wrong.</summary>
public sealed class HallDamagedException : Exception
{
    public HallDamagedException() { }
    public HallDamagedException(string message) : base(message) { }
    public HallDamagedException(string message, Exception inner) : base(message, inner) { }
}

/// <summary>Another process has the halls of this store.</summary>
public sealed class NotOwnerException : Exception
{
    public NotOwnerException() { }
    public NotOwnerException(string message) : base(message) { }
    public NotOwnerException(string message, Exception inner) : base(message, inner) { }
}

/// <summary>The store as a whole cannot be used: the start is refused with this one line.</summary>
public sealed class JournalUnusableException : Exception
{
    public JournalUnusableException() { }
    public JournalUnusableException(string message) : base(message) { }
    public JournalUnusableException(string message, Exception inner) : base(message, inner) { }
}

/// <summary>
/// The journal port: one history a hall, appended to by the one incarnation that holds the newest epoch. Held to one contract by
/// <c>JournalContract</c> in the tests, whatever the store. <see cref="AppendAsync"/> is called by one writer at a time; everything else may be
/// called from any thread at any time.
/// </summary>
public interface IJournal : IAsyncDisposable
{
    /// <summary>Every hall with at least one record, by number.</summary>
    ValueTask<IReadOnlyList<HallEntry>> HallsAsync(CancellationToken cancel = default);

    /// <summary>Claims the next epoch of a hall: higher than every epoch of the hall before. From here on appends of older epochs are refused.</summary>
    /// <exception cref="NotOwnerException">It is another process's to run.</exception>
    ValueTask<ulong> ClaimAsync(uint hall, CancellationToken cancel = default);

    /// <summary>Makes a flush durable in one commit, comparing each append's epoch and sequence with its hall's head, hall by hall. Never throws for a store that fails: the outcome says so.</summary>
    ValueTask<FlushOutcome> AppendAsync(Flush flush, CancellationToken cancel = default);

    /// <summary>Newest whole snapshot and tail. An unknown hall has an empty history.</summary>
    /// <exception cref="HallDamagedException">A record is broken, missing or doubled.</exception>
    ValueTask<HallHistory> ReadAsync(uint hall, CancellationToken cancel = default);

    /// <summary>The newest whole snapshot of a hall at or before a sequence; null: none is kept.</summary>
    ValueTask<StoredSnapshot?> SnapshotAsync(uint hall, long atMost, CancellationToken cancel = default);

    /// <summary>
    /// Stored records of halls, of each those above the sequence given with it, in order within a hall, in pages of the store's choosing; snapshots play no part. The store is gone through once for all
    /// of them: who is behind is so with many halls. A hall that the store does not know has none.
    /// </summary>
    /// <exception cref="HallDamagedException">A record of one of them is broken, missing or doubled.</exception>
    IAsyncEnumerable<IReadOnlyList<JournalRecord>> ReadFromAsync(IReadOnlyDictionary<uint, long> after, CancellationToken cancel = default);

    /// <summary>Halls whose oldest record that is in no snapshot lies more than <paramref name="records"/> records back: those to snapshot, so that the checkpoint moves and start-up stays short.</summary>
    IReadOnlyList<uint> Overdue(long records);

    /// <summary>Whether the store can write now: tried by the writer every second after a <see cref="FlushFailure.Full"/>.</summary>
    ValueTask<bool> ProbeAsync(CancellationToken cancel = default);
}

public static class JournalReads
{
    /// <summary>Stored records of one hall with a sequence above <paramref name="after"/>, in order.</summary>
    /// <exception cref="HallDamagedException">A record is broken, missing or doubled.</exception>
    public static IAsyncEnumerable<IReadOnlyList<JournalRecord>> ReadFromAsync(this IJournal journal, uint hall, long after, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(journal);
        return journal.ReadFromAsync(new Dictionary<uint, long> { [hall] = after }, cancel);
    }
}
