using HallOps.Core.Halls;
using HallOps.Silo.Journal;

namespace HallOps.Simulation.Tests;

/// <summary>What becomes of a flush.</summary>
internal enum Fate
{
    Stored,
    /// <summary>The store failed and has nothing of it.</summary>
    NotStored,
    /// <summary>No room: nothing of it is there.</summary>
    Full,
    /// <summary>The store failed; it is there all the same.</summary>
    UncertainStored,
    /// <summary>The store failed and cannot say; it is not there.</summary>
    UncertainNotStored,
}

/// <summary>
/// A disk that outlives processes: what was committed, and nothing else, is read back. Heads are compared as every journal does (<c>JournalContract</c>); beside the records stands the
/// <see cref="Ledger"/>, folded from durable events alone, that the engine is judged by.
/// </summary>
internal sealed class SimulatedStore
{
    private readonly SortedDictionary<uint, History> _halls = [];
    private ulong _process = 1;
    private uint _claims;

    public bool IsFull { get; set; }

    /// <summary>The next process begins: its epochs are above all before.</summary>
    public void Restart()
    {
        _process++;
        _claims = 0;
    }

    public ulong Claim(uint hall)
    {
        var history = Of(hall);
        history.Head = history.Head with { Epoch = (_process << 32) | ++_claims };
        return history.Head.Epoch;
    }

    public Head HeadOf(uint hall) => Of(hall).Head;

    public Ledger LedgerOf(uint hall) => Of(hall).Ledger;

    public StoredSnapshot? SnapshotOf(uint hall) => Of(hall).Snapshot;

    /// <param name="upTo">Records after it are left out.</param>
    public HallHistory Read(uint hall, bool withSnapshot = true, long upTo = long.MaxValue)
    {
        var history = Of(hall);
        var snapshot = withSnapshot && history.Snapshot is { } s && s.Sequence <= upTo ? s : null;
        return new HallHistory(history.Head, snapshot, [.. history.Records.Skip((int)(snapshot?.Sequence ?? 0)).TakeWhile(r => r.Sequence <= upTo)]);
    }

    public FlushOutcome Commit(Flush flush, Fate fate)
    {
        if (IsFull) fate = Fate.Full;
        var outcomes = new AppendOutcome[flush.Appends.Count];
        var stored = fate is Fate.Stored or Fate.UncertainStored;
        var snapshots = flush.Snapshots.Where(s => Of(s.Hall) is var h && h.Head.Epoch == s.Epoch && s.Sequence <= h.Head.Sequence).ToList();
        for (var i = 0; i < outcomes.Length; i++)
        {
            var append = flush.Appends[i];
            var history = Of(append.Hall);
            if (history.Head != new Head(append.Epoch, append.After))
            {
                outcomes[i] = AppendOutcome.Refused;
                continue;
            }
            if (stored) history.Add(append);
            outcomes[i] = fate switch { Fate.Stored => AppendOutcome.Stored, Fate.NotStored or Fate.Full => AppendOutcome.NotStored, _ => AppendOutcome.Uncertain };
        }
        if (stored)
            foreach (var s in snapshots)
                if (s.Sequence >= (Of(s.Hall).Snapshot?.Sequence ?? 0)) Of(s.Hall).Snapshot = new StoredSnapshot(s.Epoch, s.Sequence, s.Body.ToArray());
        return new FlushOutcome(outcomes, fate == Fate.Stored ? null : new FlushFailure(fate == Fate.Full, $"the simulation said {fate}"));
    }

    private History Of(uint hall)
    {
        if (!_halls.TryGetValue(hall, out var history)) _halls.Add(hall, history = new History(hall));
        return history;
    }

    private sealed class History(uint hall)
    {
        public Head Head { get; set; }
        public StoredSnapshot? Snapshot { get; set; }
        public List<JournalRecord> Records { get; } = [];
        public Ledger Ledger { get; } = new(hall);

        public void Add(in Append append)
        {
            var frames = (ReadOnlyMemory<byte>)append.Frames.ToArray();
            var first = Records.Count;
            while (!frames.IsEmpty)
            {
                // Throws where the chain does not follow the record before: the chain is whole.
                var record = RecordFrame.Read(frames, out var consumed, Records is [.., var previous] ? previous.Chain : UInt128.Zero);
                frames = frames[consumed..];
                Law.Holds(record.Hall == hall && record.Epoch == append.Epoch && record.Sequence == Records.Count + 1, $"hall {hall}: record {record.Sequence} of epoch {record.Epoch} comes after {Records.Count}");
                Records.Add(record);
            }
            Law.Holds(Records.Count == append.Last, $"hall {hall}: {append.Count} records were announced, {Records.Count - first} came");
            Head = new Head(append.Epoch, append.Last);
            Ledger.Add(Records, first);
        }
    }
}
