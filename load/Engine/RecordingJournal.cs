using System.Diagnostics;
using HallOps.Silo.Journal;

namespace HallOps.Load.Engine;

/// <summary>Passes everything on to a journal and, between <see cref="Begin"/> and <see cref="End"/>, notes how large each flush was and how long it took. Called by the one thread that writes.</summary>
internal sealed class RecordingJournal(IJournal journal) : IJournal
{
    private volatile List<Flushed>? _into;

    public void Begin() => _into = new(1 << 16);

    public IReadOnlyList<Flushed> End()
    {
        var flushes = _into ?? [];
        _into = null;
        return flushes;
    }

    public async ValueTask<FlushOutcome> AppendAsync(Flush flush, CancellationToken cancel = default)
    {
        var began = Stopwatch.GetTimestamp();
        var outcome = await journal.AppendAsync(flush, cancel);
        if (_into is { } into)
        {
            var records = 0;
            foreach (var append in flush.Appends) records += append.Count;
            into.Add(new(flush.Body.Length, records, flush.Snapshots.Count, Stopwatch.GetElapsedTime(began)));
        }
        return outcome;
    }

    public ValueTask<IReadOnlyList<HallEntry>> HallsAsync(CancellationToken cancel = default) => journal.HallsAsync(cancel);
    public ValueTask<ulong> ClaimAsync(uint hall, CancellationToken cancel = default) => journal.ClaimAsync(hall, cancel);
    public ValueTask<HallHistory> ReadAsync(uint hall, CancellationToken cancel = default) => journal.ReadAsync(hall, cancel);
    public ValueTask<StoredSnapshot?> SnapshotAsync(uint hall, long atMost, CancellationToken cancel = default) => journal.SnapshotAsync(hall, atMost, cancel);
    public IAsyncEnumerable<IReadOnlyList<JournalRecord>> ReadFromAsync(IReadOnlyDictionary<uint, long> after, CancellationToken cancel = default) => journal.ReadFromAsync(after, cancel);
    public IReadOnlyList<uint> Overdue(long records) => journal.Overdue(records);
    public ValueTask<bool> ProbeAsync(CancellationToken cancel = default) => journal.ProbeAsync(cancel);
    public ValueTask DisposeAsync() => journal.DisposeAsync();
}

/// <summary>One flush as it was written.</summary>
internal readonly record struct Flushed(int Bytes, int Records, int Snapshots, TimeSpan Took);
