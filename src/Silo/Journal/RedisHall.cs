using System.Buffers.Binary;
using HallOps.Core.Halls;

namespace HallOps.Silo.Journal;

/// <summary>The last record of a hall that this process was told is there, by a claim or for one of its own: all zero, none.</summary>
/// <param name="Epoch">Of this process when it was told.</param>
internal readonly record struct Confirmed(ulong Epoch, long Sequence, UInt128 Chain);

/// <summary>What the journal keeps of a hall in memory. Guarded by the journal's lock.</summary>
internal sealed class RedisHall(uint number)
{
    // Some 1.5 KiB a hall that is busy or was read.
    private const int MaxEnds = 32;

    private readonly Queue<(long Last, long Ordinal)> _tail = [];

    // Records known to be there, oldest first: one that is not there any more takes those from First on with it.
    private readonly List<(long First, long Last, UInt128 Chain)> _ends = [];

    public uint Number => number;
    public HallId Name { get; set; } = new(FormattableString.Invariant($"hall-{number}"));

    /// <summary>Whether it is in the store's directory.</summary>
    public bool Listed { get; set; }

    /// <summary>The newest epoch this process claimed; 0: none, or another owner is known to have claimed since.</summary>
    public ulong Epoch { get; set; }

    /// <summary>The highest epoch this process ever had of it.</summary>
    public ulong Highest { get; set; }

    public Confirmed Confirmed { get; private set; }

    /// <summary>Why it is quarantined; null where it is whole as far as is known.</summary>
    public string? Damage { get; set; }

    /// <summary>How many records of all halls this process had stored before the hall's oldest that is in no snapshot; null where all are in one.</summary>
    public long? Oldest => _tail.TryPeek(out var first) ? first.Ordinal : null;

    public void Add(long last, long ordinal) => _tail.Enqueue((last, ordinal));

    /// <summary>A snapshot at the sequence is stored.</summary>
    public void Cover(long sequence)
    {
        while (_tail.TryPeek(out var first) && first.Last <= sequence) _tail.Dequeue();
        // Sixteen thousand halls must not each keep the room of their busiest hour.
        if (_tail.Count == 0) _tail.TrimExcess();
    }

    public void Forget() => _tail.Clear();

    /// <summary>A claim of this process succeeded.</summary>
    /// <param name="chain">Of the record at <paramref name="sequence"/>, the last.</param>
    /// <param name="accepted">The epoch up to which losses were accepted: what was known under it is not asked after any more.</param>
    public void Claimed(ulong epoch, long sequence, UInt128 chain, ulong accepted)
    {
        Epoch = Highest = epoch;
        Listed |= sequence > 0;
        if (Confirmed.Epoch <= accepted) _ends.Clear();
        Confirmed = sequence > 0 ? new(epoch, sequence, chain) : default;
        if (sequence > 0) Ended(sequence, chain);
    }

    /// <summary>The owner has read these, the last of the history.</summary>
    public void Read(IReadOnlyList<JournalRecord> records)
    {
        if (_ends.Count > 1 || records.Count == 0) return;
        _ends.Clear();
        for (var i = Math.Max(0, records.Count - MaxEnds / 2); i < records.Count; i++) Ended(records[i].Sequence, records[i].Chain);
    }

    /// <summary>What became of an append that was sent under an epoch of this process.</summary>
    public void Told(in Append append, AppendOutcome outcome)
    {
        if (outcome == AppendOutcome.Stored)
        {
            Name = append.Name;
            Listed = true;
            // The chain stands before the checksum that ends the last record.
            Confirmed = new(append.Epoch, append.Last, BinaryPrimitives.ReadUInt128LittleEndian(append.Frames.Span[^20..^4]));
            Ended(append.Last, Confirmed.Chain, append.After + 1);
        }
        else if (outcome == AppendOutcome.Refused && Epoch == append.Epoch)
        {
            Epoch = 0;
            Forget();
        }
    }

    /// <summary>The first record known to this process that is not there any more; null: the last one known is where it was. Where the records between two that are known may be gone or not, they count as gone.</summary>
    /// <param name="isThere">Whether a record with this chain is at the sequence; null: that cannot be told.</param>
    public static async ValueTask<long?> FirstLostAsync(Confirmed confirmed, IReadOnlyList<(long First, long Last, UInt128 Chain)> ends, Func<long, UInt128, ValueTask<bool?>> isThere)
    {
        if (await isThere(confirmed.Sequence, confirmed.Chain) is not false) return null;
        var first = confirmed.Sequence;
        foreach (var end in ends.Reverse())
        {
            if (end.Last > confirmed.Sequence) continue;
            if (end.Last < confirmed.Sequence && await isThere(end.Last, end.Chain) is not false) break;
            first = end.First;
        }
        return first;
    }

    /// <summary>As they are now.</summary>
    public IReadOnlyList<(long First, long Last, UInt128 Chain)> Ends() => [.. _ends];

    private void Ended(long sequence, UInt128 chain, long? first = null)
    {
        if (_ends is [.., var newest])
        {
            if (sequence <= newest.Last) return;
            first = newest.Last + 1;
        }
        _ends.Add((first ?? sequence, sequence, chain));
        if (_ends.Count < MaxEnds) return;
        // The older ones more and more coarsely, so that also a long loss is named from somewhere before its beginning.
        for (var i = 0; i < MaxEnds / 4; i++)
        {
            _ends[i] = _ends[i + 1] with { First = _ends[i].First };
            _ends.RemoveAt(i + 1);
        }
    }

    public string DamageOf(string what) => FormattableString.Invariant($"hall {Name} (number {number}) is damaged: {what}");

    /// <param name="lost"><c>first-last@epoch</c>.</param>
    public string LossOf(string lost) => DamageOf(WordsOf(lost));

    public static string WordsOf(string lost) => lost.Split('-', '@') is [var first, var last, ..] && first != last ? $"records {first} to {last}, which were stored, are gone" : $"record {lost.Split('-')[0]}, which was stored, is gone";
}
