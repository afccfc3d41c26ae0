using System.Globalization;
using HallOps.Core.Halls;
using Microsoft.Data.Sqlite;

namespace HallOps.Silo.Journal;

/// <summary>
/// Makes a new, whole journal out of a damaged one: of every hall all records up to the first that is broken or missing, and its snapshots up to there. The damaged one is only read.
/// For when there is no backup, or a worse one: what is lost is said, hall by hall.
/// </summary>
public static class JournalSalvage
{
    // Where the end of the table cannot be read either, positions are tried one by one until this many in a row are not there: more than one damaged inner page leads to.
    private const int Misses = 100_000;

    /// <summary>Writes a line a hall: how many records it has now, and from where on they are lost.</summary>
    /// <param name="to">A folder without a journal; made where it is not there.</param>
    /// <returns>Whether nothing was lost.</returns>
    /// <exception cref="JournalUnusableException">Not even the tables can be found, or <paramref name="to"/> has a journal already or cannot be written to.</exception>
    public static bool Run(string folder, string to, TextWriter output, CancellationToken cancel = default)
    {
        if (SqliteSchema.LookFirst(folder)) throw new JournalUnusableException($"there is no journal in {folder}");
        if (File.Exists(SqliteSchema.FileIn(to))) throw new JournalUnusableException($"{to} has a journal already");
        using var held = FolderLock.Acquire(to);
        try
        {
            using var reader = new SqliteReader(folder);
            using var writer = new SqliteWriter(to, new(), create: true);
            return Run(reader, writer, output, cancel);
        }
        catch (SqliteException e)
        {
            throw SqliteSchema.Unusable(folder, e);
        }
    }

    private static bool Run(SqliteReader reader, SqliteWriter writer, TextWriter output, CancellationToken cancel)
    {
        var names = Try(() => reader.Halls(), []).ToDictionary(h => h.Number, h => h.Name);
        var halls = new SortedDictionary<uint, Saved>();
        foreach (var number in names.Keys) halls.Add(number, new Saved());
        var last = Try(() => reader.LastPosition(), -1);
        var body = new ByteWriter();
        var unreadable = 0;
        ulong highest = 0;
        long target = 1;
        var missed = 0;
        for (long position = 1; last >= 0 ? position <= last : missed < Misses; position++)
        {
            cancel.ThrowIfCancellationRequested();
            body.Clear();
            var fresh = new List<(uint, string)>();
            if (Try(() => reader.Each([position], (_, bytes) => Flush(bytes)), 0) == 0)
            {
                missed++;
                if (last >= 0) unreadable++;
                continue;
            }
            missed = 0;
            if (body.Length > 0) writer.Commit(target++, body.Written, fresh, [], null);

            bool Flush(ReadOnlySpan<byte> bytes)
            {
                var walk = new FrameWalk(bytes);
                while (walk.Next())
                {
                    if (walk.Broken) continue;
                    if (!halls.TryGetValue(walk.Hall, out var hall)) halls.Add(walk.Hall, hall = new Saved());
                    highest = Math.Max(highest, walk.Epoch);
                    if (!hall.Follows(walk.Bytes.ToArray())) continue;
                    if (hall.Last == 1) fresh.Add((walk.Hall, Name(walk.Hall)));
                    body.Raw(walk.Bytes);
                }
                // Taken once it is read: a further step, which may fail, has nothing to give.
                return false;
            }
        }
        foreach (var place in Try(() => reader.Snapshots(), []))
        {
            if (!halls.TryGetValue(place.Hall, out var hall) || Try(() => reader.Snapshot(place), null) is not { } snapshot) continue;
            hall.Claimed = Math.Max(hall.Claimed, place.Sequence);
            if (place.Sequence <= hall.Last) writer.Commit(target, [], [], [new SnapshotRow(place.Slot, place.Hall, place.Epoch, place.Sequence, 1, snapshot.Body)], null);
        }
        // Above every epoch of before, whether or not the old count can be read.
        writer.Start(Math.Max((ulong)Try(() => reader.Meta("starts"), 0), highest >> 32) + 1);

        var complete = unreadable == 0 && last >= 0;
        foreach (var (number, hall) in halls)
        {
            var lost = hall.Claimed > hall.Last;
            complete &= !lost;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{Name(number)}: {hall.Last:n0} records{(lost ? string.Create(CultureInfo.InvariantCulture, $"; those from {hall.Last + 1} on are lost, there were {hall.Claimed:n0} or more") : ", whole as far as can be seen")}"));
        }
        if (unreadable > 0) output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{unreadable:n0} flushes could not be read: any hall may have lost its last records"));
        if (last < 0) output.WriteLine("the end of the journal could not be read: any hall may have lost its last records");
        return complete;

        string Name(uint number) => names.TryGetValue(number, out var name) ? name : FormattableString.Invariant($"hall-{number}");
    }

    private static T Try<T>(Func<T> read, T otherwise)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is JournalArchiveException || (e is SqliteException store && SqliteSchema.IsDamage(store)))
        {
            // What is damaged is what this is about: it is left out and counted.
            return otherwise;
        }
    }

    private sealed class Saved
    {
        private UInt128 _chain;

        public long Last { get; private set; }

        /// <summary>The highest sequence met, saved or not.</summary>
        public long Claimed { get; set; }

        /// <summary>Whether the record goes on where the hall has got to, chain and all; then it has got one further.</summary>
        public bool Follows(ReadOnlyMemory<byte> frame)
        {
            var (_, _, sequence) = RecordFrame.Peek(frame.Span, out _);
            Claimed = Math.Max(Claimed, sequence);
            if (sequence != Last + 1) return false;
            try
            {
                _chain = RecordFrame.Read(frame, out _, _chain).Chain;
                Last = sequence;
                return true;
            }
            catch (Exception e) when (e is FormatException or OverflowException)
            {
                return false;
            }
        }
    }
}
