using HallOps.Core.Halls;
using HallOps.Silo.Journal;

namespace HallOps.Silo.Tests.Journal;

/// <summary>How the next append fails.</summary>
internal enum MemoryFault
{
    /// <summary>Nothing is stored, for sure.</summary>
    NotStored,
    /// <summary>Nothing is stored, for sure, because there is no room.</summary>
    Full,
    /// <summary>Told as uncertain; it is stored.</summary>
    UncertainStored,
    /// <summary>Told as uncertain; it is not stored.</summary>
    UncertainNotStored,
}

/// <summary>
/// The journal port over plain dictionaries, for simulations: deterministic, no I/O, failures as told. What a process would lose with a crash is the epochs only;
/// <see cref="Reopen"/> gives the journal of the next process over the same records.
/// </summary>
internal sealed class MemoryJournal : IJournal
{
    private readonly SortedDictionary<uint, Hall> _halls;
    private readonly ulong _start;
    private uint _claims;
    private long _records;

    public MemoryJournal() : this([], 1, 0) { }

    private MemoryJournal(SortedDictionary<uint, Hall> halls, ulong start, long records)
    {
        _halls = halls;
        _start = start;
        _records = records;
    }

    /// <summary>The failures to come, one an append; none: it works.</summary>
    public Queue<MemoryFault> Faults { get; init; } = [];

    /// <summary>While true, probes answer no and appends fail as <see cref="MemoryFault.Full"/>.</summary>
    public bool Gone { get; set; }

    public MemoryJournal Reopen()
    {
        foreach (var hall in _halls.Values) hall.Head = hall.Stored;
        return new MemoryJournal(_halls, _start + 1, _records);
    }

    public ValueTask<IReadOnlyList<HallEntry>> HallsAsync(CancellationToken cancel = default) =>
        new([.. _halls.Where(h => h.Value.Records.Count > 0).Select(h => new HallEntry(h.Key, h.Value.Name, h.Value.Head))]);

    public ValueTask<ulong> ClaimAsync(uint hall, CancellationToken cancel = default)
    {
        if (!_halls.TryGetValue(hall, out var entry)) _halls.Add(hall, entry = new Hall());
        var epoch = (_start << 32) | ++_claims;
        entry.Head = entry.Head with { Epoch = epoch };
        return new(epoch);
    }

    public ValueTask<FlushOutcome> AppendAsync(Flush flush, CancellationToken cancel = default)
    {
        MemoryFault? fault = Gone ? MemoryFault.Full : Faults.TryDequeue(out var next) ? next : null;
        var outcomes = new AppendOutcome[flush.Appends.Count];
        var snapshots = flush.Snapshots.Where(s => _halls.TryGetValue(s.Hall, out var hall) && hall.Head.Epoch == s.Epoch && s.Sequence >= 1 && s.Sequence <= hall.Head.Sequence).ToList();
        for (var i = 0; i < outcomes.Length; i++)
        {
            var append = flush.Appends[i];
            outcomes[i] = _halls.TryGetValue(append.Hall, out var hall) && hall.Head == new Head(append.Epoch, append.After) ? AppendOutcome.Stored : AppendOutcome.Refused;
            if (outcomes[i] != AppendOutcome.Stored) continue;
            if (fault is null or MemoryFault.UncertainStored) hall!.Add(append, ref _records);
            if (fault is not null) outcomes[i] = fault is MemoryFault.NotStored or MemoryFault.Full ? AppendOutcome.NotStored : AppendOutcome.Uncertain;
        }
        if (fault is null or MemoryFault.UncertainStored)
            foreach (var snapshot in snapshots)
                if (_halls[snapshot.Hall] is var hall && snapshot.Sequence >= (hall.Snapshot?.Sequence ?? 0)) hall.Snapshot = new StoredSnapshot(snapshot.Epoch, snapshot.Sequence, snapshot.Body.ToArray());
        return new(new FlushOutcome(outcomes, fault is { } f ? new FlushFailure(f == MemoryFault.Full, $"the test said {f}") : null));
    }

    public ValueTask<HallHistory> ReadAsync(uint hall, CancellationToken cancel = default)
    {
        if (!_halls.TryGetValue(hall, out var entry)) return new(new HallHistory(default, null, []));
        return new(new HallHistory(entry.Head, entry.Snapshot, [.. entry.Records.Skip((int)(entry.Snapshot?.Sequence ?? 0))]));
    }

    public ValueTask<StoredSnapshot?> SnapshotAsync(uint hall, long atMost, CancellationToken cancel = default) => new(_halls.GetValueOrDefault(hall)?.Snapshot is { } snapshot && snapshot.Sequence <= atMost ? snapshot : null);

    public IAsyncEnumerable<IReadOnlyList<JournalRecord>> ReadFromAsync(IReadOnlyDictionary<uint, long> after, CancellationToken cancel = default) =>
        after.Where(a => _halls.ContainsKey(a.Key)).SelectMany(a => _halls[a.Key].Records.Skip((int)a.Value).Chunk(100).ToArray()).Select(IReadOnlyList<JournalRecord> (page) => page).ToAsyncEnumerable();

    public IReadOnlyList<uint> Overdue(long records) => [.. _halls.Where(h => h.Value.Oldest is { } oldest && _records - oldest > records).Select(h => h.Key)];

    public ValueTask<bool> ProbeAsync(CancellationToken cancel = default) => new(!Gone);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Hall
    {
        private readonly List<long> _ordinals = [];

        public HallId Name { get; private set; }
        public Head Head { get; set; }
        public StoredSnapshot? Snapshot { get; set; }
        public List<JournalRecord> Records { get; } = [];

        /// <summary>What the next process finds: the epoch of the last thing stored.</summary>
        public Head Stored => new(Math.Max(Records is [.., var last] ? last.Epoch : 0, Snapshot?.Epoch ?? 0), Records.Count);

        /// <summary>How many records of all halls lay before the first one that is in no snapshot; null where all are.</summary>
        public long? Oldest => (int)(Snapshot?.Sequence ?? 0) is var at && at < _ordinals.Count ? _ordinals[at] : null;

        public void Add(in Append append, ref long ordinal)
        {
            Name = append.Name;
            var frames = (ReadOnlyMemory<byte>)append.Frames.ToArray();
            UInt128? chain = Records is [.., var previous] ? previous.Chain : UInt128.Zero;
            while (!frames.IsEmpty)
            {
                var record = RecordFrame.Read(frames, out var consumed, chain);
                frames = frames[consumed..];
                chain = record.Chain;
                _ordinals.Add(ordinal++);
                Records.Add(record);
            }
            Head = new Head(append.Epoch, append.Last);
        }
    }
}
