using HallOps.Core.Halls;
using HallOps.Silo.Journal;

namespace HallOps.Simulation.Tests;

/// <summary>
/// A store that several processes share, as the scripts of <c>RedisStore</c> make it: each call is one step that nobody sees the half of. It may forget its last calls, as a server does whose
/// replica takes over. What it ever held is kept beside it, to judge by.
/// </summary>
internal sealed class SharedStore
{
    private readonly SortedDictionary<uint, Hall> _halls = [];
    private readonly Stack<(Hall? Hall, Standing Before, ulong Starts)> _calls = new();
    private ulong _starts;

    /// <summary>Every loss that was ever written down.</summary>
    public List<(uint Hall, Loss Loss)> Reports { get; } = [];

    public sealed record Loss(long First, long Last, ulong Epoch);

    /// <summary>What a claim gave.</summary>
    public sealed record Claimed(ulong Epoch, long Sequence, UInt128 Chain, Loss? Lost, ulong Accepted);

    public ulong Start()
    {
        _calls.Push((null, default, _starts));
        return ++_starts;
    }

    public Claimed Claim(uint hall, string owner, ulong atLeast, Confirmed confirmed)
    {
        var h = Changing(hall);
        var lost = Behind(h, confirmed);
        if (lost is null) h.Is = h.Is with { Epoch = h.Is.Epoch < atLeast ? atLeast : h.Is.Epoch + 1, Owner = owner };
        return new(h.Is.Epoch, h.Is.Sequence, h.Records is [.., var last] ? last.Chain : 0, lost, h.Is.Accepted);
    }

    public Loss? Check(uint hall, Confirmed confirmed) => Behind(Changing(hall), confirmed);

    /// <param name="again">It was sent before, and not answered.</param>
    public bool Append(string owner, in Append append, bool again)
    {
        var h = Of(append.Hall);
        var (last, count, frames) = (append.Last, append.Count, append.Frames);
        if (again && h.Log.Exists(e => e.Last == last && e.Count == count && e.Bytes.AsSpan().SequenceEqual(frames.Span))) return true;
        if (h.Is.Epoch != append.Epoch || h.Is.Owner != owner || h.Is.Sequence != append.After || h.Is.Lost is not null) return false;
        h = Changing(append.Hall);
        h.Add(append);
        return true;
    }

    public bool Snapshot(string owner, SnapshotWrite write)
    {
        var h = Of(write.Hall);
        if (h.Is.Epoch != write.Epoch || h.Is.Owner != owner || h.Is.Lost is not null || write.Sequence > h.Is.Sequence || h.Is.Newest?.Sequence > write.Sequence) return false;
        h = Changing(write.Hall);
        h.Is = h.Is with { Newest = new StoredSnapshot(write.Epoch, write.Sequence, write.Body.ToArray()), Before = h.Is.Newest?.Sequence == write.Sequence ? h.Is.Before : h.Is.Newest };
        return true;
    }

    public Loss MarkLost(uint hall, long first, Confirmed confirmed)
    {
        var h = Changing(hall);
        var lost = h.Is.Lost ?? new(first, confirmed.Sequence, confirmed.Epoch);
        Report(h, new(Math.Min(lost.First, first), Math.Max(lost.Last, confirmed.Sequence), Math.Max(lost.Epoch, confirmed.Epoch)));
        return h.Is.Lost!;
    }

    /// <summary>A person takes a hall's loss as it is.</summary>
    public Loss? Accept(uint hall)
    {
        var h = Changing(hall);
        if (h.Is.Lost is not { } lost) return null;
        var epoch = Math.Max(lost.Epoch, h.Is.Epoch);
        h.Is = h.Is with { Lost = null, Accepted = epoch, Epoch = epoch };
        return lost;
    }

    public Loss? LostOf(uint hall) => Of(hall).Is.Lost;

    public ulong AcceptedOf(uint hall) => Of(hall).Is.Accepted;

    public string? OwnerOf(uint hall) => Of(hall).Is.Owner;

    public long SequenceOf(uint hall) => Of(hall).Is.Sequence;

    public StoredSnapshot? NewestOf(uint hall) => Of(hall).Is.Newest;

    /// <summary>As of now.</summary>
    public IReadOnlyList<JournalRecord> RecordsOf(uint hall) => Of(hall).Records;

    public Head HeadOf(uint hall) => new(Of(hall).Is.Epoch, Of(hall).Is.Sequence);

    /// <summary>A fold of what is there now.</summary>
    public Ledger LedgerOf(uint hall) => Of(hall).Ledger;

    /// <summary>Records that were stored and are not there any more.</summary>
    public IEnumerable<JournalRecord> GoneOf(uint hall) => Of(hall).Gone.Where(g => !IsThere(hall, g.Sequence, g.Chain));

    public bool IsThere(uint hall, long sequence, UInt128 chain) => Of(hall).Records is var records && sequence <= records.Count && records[(int)sequence - 1].Chain == chain;

    /// <summary>Takes back its last calls.</summary>
    /// <returns>The records that are gone with them.</returns>
    public List<JournalRecord> Forget(int calls)
    {
        var gone = new List<JournalRecord>();
        while (calls-- > 0 && _calls.TryPop(out var call))
        {
            _starts = call.Starts;
            if (call.Hall is not { } hall) continue;
            gone.AddRange(hall.Back(call.Before));
        }
        return gone;
    }

    private Loss? Behind(Hall h, Confirmed confirmed)
    {
        if (h.Is.Lost is null && h.Is.Sequence < confirmed.Sequence && confirmed.Epoch > h.Is.Accepted) Report(h, new(h.Is.Sequence + 1, confirmed.Sequence, confirmed.Epoch));
        return h.Is.Lost;
    }

    private void Report(Hall h, Loss loss)
    {
        h.Is = h.Is with { Lost = loss };
        Reports.Add((h.Number, loss));
    }

    private Hall Changing(uint hall)
    {
        var h = Of(hall);
        _calls.Push((h, h.Is, _starts));
        return h;
    }

    private Hall Of(uint hall)
    {
        if (!_halls.TryGetValue(hall, out var h)) _halls.Add(hall, h = new Hall(hall));
        return h;
    }

    private readonly record struct Standing(ulong Epoch, string? Owner, long Sequence, Loss? Lost, ulong Accepted, StoredSnapshot? Newest, StoredSnapshot? Before, int Entries);

    private sealed class Hall(uint number)
    {
        private Ledger? _ledger = new(number);

        public uint Number => number;
        public Standing Is { get; set; }
        public List<(long Last, int Count, byte[] Bytes)> Log { get; } = [];
        public List<JournalRecord> Records { get; } = [];
        public List<JournalRecord> Gone { get; } = [];

        public Ledger Ledger
        {
            get
            {
                if (_ledger is not null) return _ledger;
                _ledger = new Ledger(number);
                _ledger.Add(Records, 0);
                return _ledger;
            }
        }

        public void Add(in Append append)
        {
            var ledger = Ledger;
            var bytes = append.Frames.ToArray();
            var frames = (ReadOnlyMemory<byte>)bytes;
            var first = Records.Count;
            while (!frames.IsEmpty)
            {
                // Throws where the chain does not follow the record before: two owners' records in one history.
                var record = RecordFrame.Read(frames, out var consumed, Records is [.., var previous] ? previous.Chain : UInt128.Zero);
                frames = frames[consumed..];
                Law.Holds(record.Hall == number && record.Epoch == append.Epoch && record.Sequence == Records.Count + 1, $"hall {number}: record {record.Sequence} of epoch {record.Epoch} comes after {Records.Count}");
                Law.Holds(Records is [] || record.Epoch >= Records[^1].Epoch, $"hall {number}: record {record.Sequence} has epoch {record.Epoch}, the one before it {Records[^1].Epoch}");
                Records.Add(record);
            }
            Law.Holds(Records.Count == append.Last, $"hall {number}: {append.Count} records were announced, {Records.Count - first} came");
            Log.Add((append.Last, append.Count, bytes));
            Is = Is with { Sequence = append.Last, Entries = Log.Count };
            ledger.Add(Records, first);
        }

        public IReadOnlyList<JournalRecord> Back(Standing before)
        {
            Is = before;
            if (Log.Count == before.Entries) return [];
            Log.RemoveRange(before.Entries, Log.Count - before.Entries);
            var gone = Records[(int)before.Sequence..];
            Records.RemoveRange((int)before.Sequence, gone.Count);
            Gone.AddRange(gone);
            _ledger = null;
            return gone;
        }
    }
}
