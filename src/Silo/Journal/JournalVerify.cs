using System.Globalization;

namespace HallOps.Silo.Journal;

/// <summary>
/// Reads a whole journal and changes nothing: every record's checksum and chain, no holes and none twice, epochs that never go down, what the store knows to be lost, every snapshot's
/// checksum and, where the caller can decode them, the content of both.
/// </summary>
public static class JournalVerify
{
    /// <summary>What a caller makes of a snapshot: the chain of the record it was taken after, if it holds that.</summary>
    /// <exception cref="FormatException">It cannot be decoded.</exception>
    public delegate UInt128? DecodeSnapshot(uint hall, StoredSnapshot snapshot);

    /// <summary>What a caller makes of a record.</summary>
    /// <exception cref="FormatException">It cannot be decoded: its type, its version or its payload.</exception>
    public delegate void DecodeRecord(in JournalRecord record);

    /// <summary>Writes a line a hall, by number: <c>rudong-town: 12,345 records, 2 snapshots, whole</c>, or what is wrong first.</summary>
    /// <returns>Whether all is whole.</returns>
    /// <exception cref="JournalUnusableException">The store does not answer, or its pages cannot be read.</exception>
    public static async Task<bool> RunAsync(JournalContents journal, TextWriter output, DecodeSnapshot? decode = null, DecodeRecord? decodeRecord = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(journal);
        ArgumentNullException.ThrowIfNull(output);
        var whole = true;
        void Wrong(string what)
        {
            whole = false;
            output.WriteLine(what);
        }
        if (await journal.IsUnfinishedAsync()) Wrong($"{journal.Name} is a copy that was not finished");
        var walk = await JournalWalk.StartAsync(journal, decodeRecord);
        foreach (var orphan in walk.Orphans) Wrong(FormattableString.Invariant($"a snapshot of hall number {orphan}, which the directory does not know"));
        await walk.RunAsync(Wrong, null, cancel);
        foreach (var hall in walk.Halls)
        {
            foreach (var place in hall.Snapshots)
                if ((await walk.SnapshotAsync(hall, place, decode)).Wrong is { } what) hall.Is(what);
            whole &= hall.Wrong is null;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{hall.Name}: {hall.Records:n0} records, {hall.Snapshots.Length:n0} snapshots, {hall.Wrong ?? "whole"}"));
        }
        if (walk.Halls.Count == 0) output.WriteLine($"{journal.Name} has no halls");
        return whole;
    }
}
