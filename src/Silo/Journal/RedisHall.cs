using HallOps.Core.Halls;

namespace HallOps.Silo.Journal;

/// <summary>The last record of a hall that the store confirmed to this process: all zero, none.</summary>
internal readonly record struct Confirmed(ulong Epoch, long Sequence, UInt128 Chain);

/// <summary>What the journal keeps of a hall in memory. Guarded by the journal's lock.</summary>
internal sealed class RedisHall(uint number)
{
    private readonly Queue<(long Last, long Ordinal)> _tail = [];

    public uint Number => number;
    public HallId Name { get; set; } = new(FormattableString.Invariant($"hall-{number}"));

    /// <summary>Whether it is in the store's directory.</summary>
    public bool Listed { get; set; }

    /// <summary>The newest epoch this process claimed; 0: none, or another owner is known to have claimed since.</summary>
    public ulong Epoch { get; set; }

    /// <summary>The highest epoch this process ever had of it.</summary>
    public ulong Highest { get; set; }

    /// <summary>Where the claim found the head: what this process writes follows it.</summary>
    public long ClaimedAt { get; set; }

    public Confirmed Confirmed { get; set; }

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

    public string DamageOf(string what) => FormattableString.Invariant($"hall {Name} (number {number}) is damaged: {what}");

    /// <param name="lost"><c>first-last@epoch</c>.</param>
    public string LossOf(string lost) => DamageOf(WordsOf(lost));

    public static string WordsOf(string lost) => lost.Split('-', '@') is [var first, var last, ..] && first != last ? $"records {first} to {last}, which were stored, are gone" : $"record {lost.Split('-')[0]}, which was stored, is gone";
}
