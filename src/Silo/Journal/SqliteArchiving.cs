using System.Globalization;
using Microsoft.Data.Sqlite;

namespace HallOps.Silo.Journal;

/// <summary>
/// Archives the flushes of a folder's journal, from its first on, up to the first that holds a record of a day that is not closed and over before the date, or of which not every
/// record is in a snapshot. Beside a running server or without one: rows that a server reads or writes are not touched.
/// </summary>
internal sealed class SqliteArchiving : IDisposable
{
    // Rows that are deleted in one go: a server that writes meanwhile waits for some milliseconds.
    private const int Swept = 200;

    private readonly string _folder;
    private readonly DateOnly _before;
    private readonly Action<string>? _step;
    private readonly JournalArchives _archives;
    private readonly SqliteReader _reader;
    private readonly Dictionary<uint, Followed> _halls = [];

    // The last flush that may go as far as days are concerned.
    private long _closed;

    /// <param name="Days">The hall's records and days.</param>
    private sealed record Followed(string Name, ClosedDays Days)
    {
        /// <summary>The first flush with a record that must stay; 0: none.</summary>
        public long Open { get; set; }
    }

    public SqliteArchiving(string folder, DateOnly before, Action<string>? step)
    {
        if (SqliteSchema.LookFirst(folder)) throw new JournalUnusableException($"there is no journal in {folder}");
        (_folder, _before, _step) = (folder, before, step);
        _archives = new JournalArchives(JournalArchives.FolderOf(folder));
        _reader = new SqliteReader(folder, _archives);
    }

    /// <exception cref="JournalUnusableException">An earlier archive is missing, or the disk has no room.</exception>
    public void Run(TextWriter output, CancellationToken cancel)
    {
        if (_reader.IsUnfinishedCopy) throw SqliteSchema.Unfinished(_folder);
        var before = _reader.Archives();
        var archived = before is [.., var newest] ? newest.Last : 0;
        var end = Follow(before, archived + 1, cancel);
        if (end <= archived)
        {
            Sweep(archived, cancel);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"nothing to archive before {_before:yyyy-MM-dd} in the journal in {_folder}"));
        }
        else
        {
            using var writer = new ArchiveWriter(_archives.Folder, _before);
            var halls = Write(writer, archived + 1, end, cancel);
            var place = writer.Finish();
            _step?.Invoke(JournalArchiving.Written);
            Register(writer, place, archived, end);
            _step?.Invoke(JournalArchiving.Named);
            Sweep(end, cancel);
            JournalArchiving.Say(output, writer, halls);
        }
        HeldBack(output, end);
        JournalArchiving.SayUnnamed(output, _archives.Folder, _reader.Archives().Select(a => a.Place.Name));
    }

    /// <summary>Gives the rows' room back to the disk; nobody else may have the journal.</summary>
    public static void Shrink(string folder)
    {
        using var connection = SqliteSchema.Connect(SqliteSchema.FileIn(folder), SqliteOpenMode.ReadWrite);
        SqliteSchema.Execute(connection, "VACUUM");
        SqliteSchema.Execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
    }

    /// <returns>The last flush that may go.</returns>
    private long Follow(IReadOnlyList<SqliteArchive> before, long first, CancellationToken cancel)
    {
        foreach (var (number, name) in _reader.Halls())
        {
            var known = default(ArchivedHall);
            foreach (var archive in before)
                if (_archives.Open(archive.Place).Index.Halls.TryGetValue(number, out var there)) known = there;
            _halls.Add(number, new(name, new ClosedDays(number, _before, known.Last, known.Chain)));
        }
        var (last, checkpoint, unknown) = (_reader.LastPosition(), _reader.Meta("checkpoint"), long.MaxValue);
        foreach (var (position, body) in Flushes(first, last, cancel))
            if (!Follow(position, body)) unknown = Math.Min(unknown, position);
        var open = _halls.Values.Where(h => h.Open > 0).Select(h => h.Open).Append(unknown).Append(last).Min();
        _closed = open - 1;
        // The last flush stays, so that the table itself says where it ends.
        return Math.Min(_closed, checkpoint - 1);
    }

    private bool Follow(long position, byte[] body)
    {
        var isKnown = true;
        var walk = new FrameWalk(body);
        while (walk.Next())
        {
            var number = walk.Broken ? (walk.Repaired() ?? walk.Claimed())?.Hall : walk.Hall;
            if (number is not { } known || !_halls.TryGetValue(known, out var hall))
            {
                // Whose it is nobody can tell: from here on all stays.
                isKnown = false;
                continue;
            }
            if (walk.Broken) hall.Days.Is(FormattableString.Invariant($"record {hall.Days.Last + 1} in flush {position} does not fit its checksum"));
            else hall.Days.Take(body.AsMemory(walk.Offset, walk.Bytes.Length));
            if (hall.Days.Closed == hall.Days.Last && hall.Days.Wrong is null) hall.Open = 0;
            else if (hall.Open == 0) hall.Open = position;
        }
        return isKnown;
    }

    private int Write(ArchiveWriter writer, long first, long end, CancellationToken cancel)
    {
        var halls = new Dictionary<uint, ArchivedHall>();
        foreach (var (position, body) in Flushes(first, end, cancel))
        {
            writer.Add(0, new(position, 0, body));
            for (ReadOnlyMemory<byte> left = body; !left.IsEmpty;)
            {
                var record = RecordFrame.ReadChecked(left, out var consumed);
                left = left[consumed..];
                halls[record.Hall] = new(halls.TryGetValue(record.Hall, out var of) ? of.First : record.Sequence, record.Sequence, record.Chain);
            }
        }
        foreach (var (number, hall) in halls) writer.Has(number, hall);
        return halls.Count;
    }

    private IEnumerable<(long Position, byte[] Body)> Flushes(long from, long last, CancellationToken cancel)
    {
        var page = new List<(long, byte[])>();
        while (from <= last)
        {
            cancel.ThrowIfCancellationRequested();
            page.Clear();
            var bytes = 0L;
            _reader.From(from, (position, body) =>
            {
                if (position > last) return false;
                if (position != from) throw new JournalUnusableException(FormattableString.Invariant($"the journal in {_folder} is damaged, and nothing was archived: flushes {from} to {position - 1} are missing"));
                page.Add((position, body.ToArray()));
                from = position + 1;
                return (bytes += body.Length) < SqliteReader.Sitting;
            });
            foreach (var flush in page) yield return flush;
            if (page.Count == 0) yield break;
        }
    }

    /// <summary>From here on the flushes are archived, whether their rows are still there or not.</summary>
    private void Register(ArchiveWriter writer, ArchivePlace place, long archived, long end)
    {
        using var connection = SqliteSchema.Connect(SqliteSchema.FileIn(_folder), SqliteOpenMode.ReadWrite);
        SqliteSchema.Execute(connection, "PRAGMA synchronous = FULL");
        SqliteSchema.Execute(connection, $"BEGIN IMMEDIATE; {SqliteSchema.Archives}");
        if ((long)SqliteSchema.Scalar(connection, "SELECT coalesce(max(last), 0) FROM archives")! != archived) throw new JournalUnusableException($"the journal in {_folder} was archived by another process meanwhile; nothing was archived");
        // Where a snapshot turned out to be broken meanwhile, more is needed than was.
        if ((long)SqliteSchema.Scalar(connection, "SELECT value FROM meta WHERE key = 'checkpoint'")! <= end) throw new JournalUnusableException($"the checkpoint of the journal in {_folder} went back meanwhile; nothing was archived: try again");
        using (var insert = connection.CreateCommand())
        {
            insert.CommandText = "INSERT INTO archives(last, first, name, hash) VALUES($last, $first, $name, $hash)";
            insert.Parameters.AddWithValue("$last", end);
            insert.Parameters.AddWithValue("$first", archived + 1);
            insert.Parameters.AddWithValue("$name", place.Name);
            insert.Parameters.AddWithValue("$hash", place.Hash);
            insert.ExecuteNonQuery();
        }
        SqliteSchema.Execute(connection, FormattableString.Invariant($"PRAGMA user_version = {SqliteSchema.Version}"));
        // Whatever becomes of the commit, the file may be named from here on.
        writer.Keep();
        SqliteSchema.Execute(connection, "COMMIT");
    }

    private void Sweep(long end, CancellationToken cancel)
    {
        using var connection = SqliteSchema.Connect(SqliteSchema.FileIn(_folder), SqliteOpenMode.ReadWrite);
        // A row that comes back after a power cut is swept the next time.
        SqliteSchema.Execute(connection, "PRAGMA synchronous = NORMAL");
        while (SqliteSchema.Scalar(connection, FormattableString.Invariant($"SELECT min(position) FROM flushes WHERE position <= {end}")) is long first)
        {
            cancel.ThrowIfCancellationRequested();
            SqliteSchema.Execute(connection, FormattableString.Invariant($"DELETE FROM flushes WHERE position <= {Math.Min(end, first + Swept - 1)}"));
            _step?.Invoke(JournalArchiving.Swept);
        }
    }

    private void HeldBack(TextWriter output, long end)
    {
        if (_closed > end) output.WriteLine(FormattableString.Invariant($"  ! closed days after flush {end} stay: not every record is in a snapshot yet. A server writes one after each day, and when it stops"));
        foreach (var hall in _halls.Values.Where(h => h.Open > 0 && (h.Days.Wrong is not null || h.Days.Day is not { } day || day < _before)).OrderBy(h => h.Open).Take(5))
            output.WriteLine(FormattableString.Invariant($"  ! {hall.Name} holds back what follows flush {hall.Open - 1}: {hall.Days.Wrong ?? (hall.Days.Day is { } day ? FormattableString.Invariant($"its day {day:yyyy-MM-dd} has not ended") : "its first day has not ended")}"));
    }

    public void Dispose()
    {
        _reader.Dispose();
        _archives.Dispose();
    }
}
