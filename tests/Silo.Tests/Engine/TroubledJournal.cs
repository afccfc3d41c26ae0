using HallOps.Silo.Journal;

namespace HallOps.Silo.Tests.Engine;

/// <summary>A journal that waits or fails where a test says so, over one that works.</summary>
internal sealed class TroubledJournal(IJournal inner) : IJournal
{
    private readonly ManualResetEventSlim _open = new(true);

    /// <summary>The failures to come, one a flush.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<Trouble> Troubles { get; } = [];

    /// <summary>Thrown by every read of a hall's history while it is there.</summary>
    public Func<uint, Exception?> Unreadable { get; set; } = static _ => null;

    /// <summary>While true nothing has room, and probes say so.</summary>
    public volatile bool IsFull;

    /// <summary>Asked before every probe: false says that nothing can be written.</summary>
    public Func<bool> OnProbe { get; set; } = static () => true;

    /// <summary>Flushes that reached the store whole.</summary>
    public int Flushes { get; private set; }

    /// <summary>Appends wait until <see cref="Release"/>.</summary>
    public void Hold() => _open.Reset();

    public void Release() => _open.Set();

    public async ValueTask<FlushOutcome> AppendAsync(Flush flush, CancellationToken cancel = default)
    {
        _open.Wait(cancel);
        if (IsFull) return Failed(flush, AppendOutcome.NotStored, full: true);
        if (!Troubles.TryDequeue(out var trouble))
        {
            Flushes++;
            return await inner.AppendAsync(flush, cancel);
        }
        if (trouble == Trouble.UncertainStored) await inner.AppendAsync(flush, cancel);
        return Failed(flush, trouble == Trouble.NotStored ? AppendOutcome.NotStored : AppendOutcome.Uncertain, full: false);
    }

    public ValueTask<HallHistory> ReadAsync(uint hall, CancellationToken cancel = default) => Unreadable(hall) is { } why ? throw why : inner.ReadAsync(hall, cancel);

    public ValueTask<IReadOnlyList<HallEntry>> HallsAsync(CancellationToken cancel = default) => inner.HallsAsync(cancel);
    public ValueTask<ulong> ClaimAsync(uint hall, CancellationToken cancel = default) => inner.ClaimAsync(hall, cancel);
    public ValueTask<StoredSnapshot?> SnapshotAsync(uint hall, long atMost, CancellationToken cancel = default) => inner.SnapshotAsync(hall, atMost, cancel);
    public IAsyncEnumerable<IReadOnlyList<JournalRecord>> ReadFromAsync(IReadOnlyDictionary<uint, long> after, CancellationToken cancel = default) => inner.ReadFromAsync(after, cancel);
    public IReadOnlyList<uint> Overdue(long records) => inner.Overdue(records);
    public ValueTask<bool> ProbeAsync(CancellationToken cancel = default) => !OnProbe() || IsFull ? new(false) : inner.ProbeAsync(cancel);

    public ValueTask DisposeAsync()
    {
        Release();
        return inner.DisposeAsync();
    }

    private static FlushOutcome Failed(Flush flush, AppendOutcome each, bool full) => new([.. flush.Appends.Select(_ => each)], new FlushFailure(full, "the test said so"));
}

internal enum Trouble
{
    NotStored,
    UncertainStored,
    UncertainNotStored,
}
