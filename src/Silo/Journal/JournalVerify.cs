using System.Globalization;
using HallOps.Core.Halls;
using Microsoft.Data.Sqlite;

namespace HallOps.Silo.Journal;

/// <summary>
/// Reads the whole journal of a folder, whether a server runs on it or not, and changes nothing: every record's checksum and chain, no holes and none twice, epochs that never go
/// down, every snapshot's checksum and, where the caller can decode them, the content of both.
/// </summary>
public static class JournalVerify
{
    /// <summary>What a caller makes of a snapshot: the chain of the record it was taken after, if it holds that.</summary>
    /// <exception cref="FormatException">It cannot be decoded.</exception>
    public delegate UInt128? DecodeSnapshot(uint hall, StoredSnapshot snapshot);

    /// <summary>What a caller makes of a record.</summary>
    /// <exception cref="FormatException">It cannot be decoded: its type, its version or its payload.</exception>
    public delegate void DecodeRecord(in JournalRecord record);

    /// <summary>Writes a line a hall, by number: <c>rudong-town: 12,345 records, 3 snapshots, whole</c>, or what is wrong first.</summary>
    /// <returns>Whether all is whole.</returns>
    /// <exception cref="JournalUnusableException">There is no journal, it is of a newer format, or its pages cannot be read.</exception>
    public static bool Run(string folder, TextWriter output, DecodeSnapshot? decode = null, DecodeRecord? decodeRecord = null, CancellationToken cancel = default)
    {
        if (SqliteSchema.LookFirst(folder)) throw new JournalUnusableException($"there is no journal in {folder}");
        try
        {
            using var reader = new SqliteReader(folder);
            return Run(folder, reader, output, decode, decodeRecord, cancel);
        }
        catch (SqliteException e)
        {
            throw SqliteSchema.Unusable(folder, e);
        }
    }

    private static bool Run(string folder, SqliteReader reader, TextWriter output, DecodeSnapshot? decode, DecodeRecord? decodeRecord, CancellationToken cancel)
    {
        // Snapshots before records and records up to now: what is written meanwhile is left for the next time, and no snapshot is ahead of what is read.
        var snapshots = reader.Snapshots().ToLookup(s => s.Hall);
        var halls = new SortedDictionary<uint, Seen>();
        foreach (var (number, name) in reader.Halls()) halls.Add(number, new Seen(number, new HallId(name), [.. snapshots[number].Select(s => s.Sequence)], decodeRecord));
        var whole = true;
        void Wrong(string what)
        {
            whole = false;
            output.WriteLine(what);
        }
        foreach (var orphan in snapshots.Where(s => !halls.ContainsKey(s.Key))) Wrong(FormattableString.Invariant($"a snapshot of hall number {orphan.Key}, which the directory does not know"));

        var checkpoint = reader.Meta("checkpoint");
        var last = reader.LastPosition();
        long next = 0;
        for (var from = 1L; from <= last;)
        {
            var bytes = 0L;
            var began = from;
            reader.From(from, (position, body) =>
            {
                if (position > last) return false;
                cancel.ThrowIfCancellationRequested();
                if (next != 0 && position != next) Wrong(FormattableString.Invariant($"flushes {next} to {position - 1} are missing"));
                from = next = position + 1;
                foreach (var what in Flush(position, body, halls)) Wrong(what);
                return (bytes += body.Length) < SqliteReader.Sitting;
            });
            if (from == began) break;
        }
        if (checkpoint > last + 1) Wrong(FormattableString.Invariant($"flushes {last + 1} to {checkpoint - 1} are missing"));

        foreach (var hall in halls.Values)
        {
            foreach (var place in snapshots[hall.Number])
                if (Snapshot(reader, place, hall, decode) is { } what) hall.Wrong ??= what;
            if (hall.Last == 0) hall.Wrong ??= "none of its records is there";
            whole &= hall.Wrong is null;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{hall.Name}: {hall.Records:n0} records, {hall.Snapshots.Length:n0} snapshots, {hall.Wrong ?? "whole"}"));
        }
        if (halls.Count == 0) output.WriteLine($"the journal in {folder} has no halls");
        return whole;
    }

    private static List<string> Flush(long position, ReadOnlySpan<byte> body, SortedDictionary<uint, Seen> halls)
    {
        var wrong = new List<string>();
        var walk = new FrameWalk(body);
        while (walk.Next())
        {
            var where = FormattableString.Invariant($"at byte {walk.Offset} of flush {position}");
            if (walk.Broken)
            {
                var owner = walk.Repaired() ?? walk.Claimed();
                if (owner is var (number, sequence) && halls.TryGetValue(number, out var broken) && sequence == broken.Last + 1)
                {
                    broken.Wrong ??= FormattableString.Invariant($"record {sequence} {where} does not fit its checksum");
                    broken.Skip(sequence);
                }
                else
                {
                    wrong.Add($"{walk.Bytes.Length} bytes {where} fit no checksum, and it cannot be told whose they are");
                }
            }
            else if (halls.TryGetValue(walk.Hall, out var hall))
            {
                hall.Take(walk.Bytes.ToArray(), where);
            }
            else
            {
                wrong.Add(FormattableString.Invariant($"a record of hall number {walk.Hall} {where}, which the directory does not know"));
            }
        }
        return wrong;
    }

    private static string? Snapshot(SqliteReader reader, in SnapshotPlace place, Seen hall, DecodeSnapshot? decode)
    {
        if (reader.Snapshot(place) is not { } snapshot)
        {
            // Gone because a newer one has taken its slot while we read, or broken where it is.
            return reader.Has(place) ? FormattableString.Invariant($"the snapshot at {place.Sequence} does not fit its checksum") : null;
        }
        if (place.Sequence > hall.Last) return FormattableString.Invariant($"the snapshot at {place.Sequence} is ahead of the last record, {hall.Last}");
        try
        {
            return decode?.Invoke(place.Hall, snapshot) is { } chain && hall.ChainAt.TryGetValue(place.Sequence, out var stored) && chain != stored
                ? FormattableString.Invariant($"the snapshot at {place.Sequence} was taken of another history")
                : null;
        }
        catch (FormatException e)
        {
            return FormattableString.Invariant($"the snapshot at {place.Sequence} cannot be read: {e.Message}");
        }
    }

    private sealed class Seen(uint number, HallId name, long[] snapshots, DecodeRecord? decode)
    {
        // Unknown after a broken record, and before the first one where older days are archived.
        private UInt128? _chain;
        private ulong _epoch;

        public uint Number => number;
        public HallId Name => name;
        public long[] Snapshots => snapshots;
        public long Records { get; private set; }
        public long Last { get; private set; }

        /// <summary>The first thing found wrong.</summary>
        public string? Wrong { get; set; }

        /// <summary>The chain of the records that snapshots were taken after.</summary>
        public Dictionary<long, UInt128> ChainAt { get; } = [];

        public void Skip(long sequence)
        {
            Last = sequence;
            _chain = null;
        }

        public void Take(ReadOnlyMemory<byte> frame, string where)
        {
            Records++;
            var (_, _, sequence) = RecordFrame.Peek(frame.Span, out _);
            if (sequence <= Last) Wrong ??= FormattableString.Invariant($"record {sequence} {where} is there twice");
            if (sequence <= Last) return;
            if (sequence > Last + 1)
            {
                Wrong ??= FormattableString.Invariant($"records {Last + 1} to {sequence - 1} are missing before {where[3..]}");
                _chain = null;
            }
            else if (sequence == 1)
            {
                _chain = UInt128.Zero;
            }
            try
            {
                var record = RecordFrame.Read(frame, out _, _chain);
                if (record.Epoch < _epoch) Wrong ??= FormattableString.Invariant($"record {sequence} {where} has epoch {record.Epoch}, the one before it {_epoch}");
                _epoch = Math.Max(_epoch, record.Epoch);
                _chain = record.Chain;
                if (Array.IndexOf(snapshots, sequence) >= 0) ChainAt[sequence] = record.Chain;
                decode?.Invoke(record);
            }
            catch (Exception e) when (e is FormatException or OverflowException)
            {
                Wrong ??= FormattableString.Invariant($"record {sequence} {where}: {e.Message}");
                _chain = null;
            }
            Last = sequence;
        }
    }
}
