using System.Buffers.Binary;
using System.Globalization;

namespace HallOps.Silo.Journal;

/// <summary>
/// Copies a journal into an empty store, of the same kind or another, also while a server writes to it: of every hall the records there are now, byte for byte, and its newest whole
/// snapshot. The copy is read back, and is only let go when every hall ends with the same record and the same chain.
/// </summary>
public static class JournalCopy
{
    /// <summary>Writes a line a hall, by number: <c>rudong-town: 12,345 records and a snapshot, the same up to chain 00ff…</c>.</summary>
    /// <param name="decode">As for <see cref="JournalVerify"/>.</param>
    /// <param name="decodeRecord">As for <see cref="JournalVerify"/>.</param>
    /// <param name="told">How many records are copied so far.</param>
    /// <exception cref="JournalUnusableException">A hall is damaged or has lost records, or a store fails. Once something was written, what is there stays marked as unfinished.</exception>
    public static async Task RunAsync(JournalContents from, JournalTarget to, TextWriter output, JournalVerify.DecodeSnapshot? decode = null, JournalVerify.DecodeRecord? decodeRecord = null,
        Action<long>? told = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        ArgumentNullException.ThrowIfNull(output);
        if (await from.IsUnfinishedAsync()) throw new JournalUnusableException($"{from.Name} is a copy that was not finished itself");
        var walk = await JournalWalk.StartAsync(from, decodeRecord);
        MustBeWhole(walk, null);
        await to.BeginAsync();
        await CopyRecordsAsync(walk, to, told, cancel);
        var snapshots = await CopySnapshotsAsync(walk, to, decode, cancel);

        await using (var copy = await to.ContentsAsync()) await CompareAsync(walk, copy, to, decode, cancel);
        // Read when all records are: a process that has started meanwhile may have written some of them.
        await to.FinishAsync(Math.Max(await from.StartsAsync(), walk.Halls.Select(h => h.Epoch >> 32).DefaultIfEmpty().Max()) + 1);
        foreach (var hall in walk.Halls)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{hall.Name}: {hall.Records:n0} records{(snapshots.Contains(hall.Number) ? " and a snapshot" : "")}, the same up to chain {Hex(hall.Chain)}"));
        if (walk.Halls.Count == 0) output.WriteLine($"{from.Name} has no halls");
    }

    private static async Task CopyRecordsAsync(JournalWalk walk, JournalTarget to, Action<long>? told, CancellationToken cancel)
    {
        string? nobodys = null;
        long records = 0;
        await walk.RunAsync(what => nobodys ??= what, async parts =>
        {
            foreach (var part in parts)
            {
                if (nobodys is not null || part.Hall.Wrong is not null) MustBeWhole(walk, nobodys);
                await to.AddAsync(part);
                records += part.Count;
            }
            told?.Invoke(records);
        }, cancel);
        MustBeWhole(walk, nobodys);
        await to.FlushAsync();
    }

    /// <returns>The halls that have one.</returns>
    private static async Task<HashSet<uint>> CopySnapshotsAsync(JournalWalk walk, JournalTarget to, JournalVerify.DecodeSnapshot? decode, CancellationToken cancel)
    {
        var copied = new HashSet<uint>();
        foreach (var hall in walk.Halls)
        {
            cancel.ThrowIfCancellationRequested();
            // One that is broken is no loss: the one before it does, or none.
            foreach (var place in hall.Snapshots.Reverse())
            {
                if ((await walk.SnapshotAsync(hall, place, decode)).Snapshot is not { } snapshot || !hall.At.TryGetValue(place.Sequence, out var at)) continue;
                await to.SnapshotAsync(hall, snapshot with { Epoch = at.Epoch });
                copied.Add(hall.Number);
                break;
            }
        }
        return copied;
    }

    private static async Task CompareAsync(JournalWalk walk, JournalContents copy, JournalTarget to, JournalVerify.DecodeSnapshot? decode, CancellationToken cancel)
    {
        var read = await JournalWalk.StartAsync(copy, null);
        string? nobodys = null;
        await read.RunAsync(what => nobodys ??= what, null, cancel);
        if (nobodys is not null) throw new JournalUnusableException($"{to.Name} is not what was written: {nobodys}");
        foreach (var (wanted, there) in Pairs(walk, read))
        {
            if (there is not null)
                foreach (var place in there.Snapshots)
                    if ((await read.SnapshotAsync(there, place, decode)).Wrong is { } what) there.Is(what);
            if (wanted is null || there?.Wrong is not null || there is null || (wanted.Name, wanted.Last, wanted.Chain) != (there.Name, there.Last, there.Chain))
                throw new JournalUnusableException($"hall {(wanted ?? there)!.Name} is not the same in {to.Name}: {there?.Wrong ?? Differs(wanted, there)}");
        }
    }

    private static IEnumerable<(WalkedHall? Wanted, WalkedHall? There)> Pairs(JournalWalk walk, JournalWalk read)
    {
        var there = read.Halls.ToDictionary(h => h.Number);
        foreach (var hall in walk.Halls)
        {
            there.Remove(hall.Number, out var same);
            yield return (hall, same);
        }
        foreach (var other in there.Values) yield return (null, other);
    }

    private static string Differs(WalkedHall? wanted, WalkedHall? there)
    {
        static string Of(WalkedHall? hall) => hall is null ? "nothing" : string.Create(CultureInfo.InvariantCulture, $"{hall.Last:n0} records up to chain {Hex(hall.Chain)}");
        return $"{Of(there)} instead of {Of(wanted)}";
    }

    private static void MustBeWhole(JournalWalk walk, string? nobodys)
    {
        if (walk.Halls.FirstOrDefault(h => h.Wrong is not null) is { } hall)
            throw new JournalUnusableException(FormattableString.Invariant($"hall {hall.Name} (number {hall.Number}) is damaged and is not copied: {hall.Wrong}"));
        if (nobodys is not null) throw new JournalUnusableException($"the journal is damaged and is not copied: {nobodys}");
    }

    private static string Hex(UInt128 chain)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, chain);
        return Convert.ToHexStringLower(bytes);
    }
}
