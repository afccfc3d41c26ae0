using HallOps.Core.Halls;

namespace HallOps.Silo.Journal;

/// <summary>A flush with records of a hall that are after its newest snapshot.</summary>
/// <param name="Last">The hall's last sequence in it.</param>
/// <param name="Ordinal">How many records of all halls the journal had before it, counted from where the start's scan began.</param>
internal readonly record struct TailFlush(long Position, long Last, long Ordinal);

/// <summary>What the journal keeps of a hall in memory. Guarded by the journal's lock.</summary>
internal sealed class SqliteHall(uint number)
{
    private List<TailFlush> _tail = [];

    public uint Number => number;
    public HallId Name { get; set; }

    /// <summary>Whether its row in the store's directory is durable.</summary>
    public bool Listed { get; set; }

    public Head Head { get; set; }

    /// <summary>Why it is quarantined; null where it is whole as far as is known.</summary>
    public string? Damage { get; set; }

    public SnapshotPlace? Newest { get; set; }
    public SnapshotPlace? Older { get; set; }

    /// <summary>Of the newest snapshot; 0 without one.</summary>
    public long Covered => Newest?.Sequence ?? 0;

    /// <summary>The flushes a reload reads, in order.</summary>
    public IReadOnlyList<TailFlush> Tail => _tail;

    /// <summary>The first flush with a record above <paramref name="sequence"/>; null where there is none.</summary>
    public TailFlush? FirstAfter(long sequence)
    {
        // Nearly always the first or none: a snapshot covers all that was stored when it was taken.
        foreach (var flush in _tail)
            if (flush.Last > sequence) return flush;
        return null;
    }

    public void Add(TailFlush flush)
    {
        if (_tail is [.., var last] && last.Position == flush.Position) _tail[^1] = last with { Last = flush.Last };
        else _tail.Add(flush);
    }

    /// <summary>A newer snapshot is durable: what it covers is not read any more.</summary>
    public void Cover(in SnapshotPlace snapshot)
    {
        if (Newest is { } newest && newest.Slot != snapshot.Slot) Older = newest;
        Newest = snapshot;
        var sequence = snapshot.Sequence;
        var covered = 0;
        while (covered < _tail.Count && _tail[covered].Last <= sequence) covered++;
        // Sixteen thousand halls must not each keep the room of their busiest hour.
        if (covered == _tail.Count && _tail.Capacity > 64) _tail = [];
        else _tail.RemoveRange(0, covered);
    }

    /// <summary>The newest snapshot turned out to be broken: the one before it, and what follows that, take its place.</summary>
    public void FallBack(in SnapshotPlace? snapshot, List<TailFlush> tail)
    {
        Newest = snapshot;
        Older = null;
        _tail = tail;
    }
}
