using System.Runtime.CompilerServices;
using HallOps.Core.Halls;
using Microsoft.Data.Sqlite;

namespace HallOps.Silo.Journal;

/// <summary>
/// The journal in one SQLite file (docs/journal-format.md): one row a flush, no index, heads compared in memory under the lock of the folder that the caller holds
/// (<see cref="FolderLock"/>). Calls complete before they return; <see cref="AppendAsync"/> blocks for a commit, <see cref="ReadAsync"/> for its reads.
/// Reading methods throw <see cref="IOException"/> where the store does not answer.
/// </summary>
public sealed class SqliteJournal : IJournal
{
    // Enough for a reload on each core beside a projection and a verify; a further reader opens and closes its own.
    private const int KeptReaders = 4;

    // What a page of ReadFromAsync holds at most beyond its last flush: it, and the list of its records, stay out of the large objects, which only full collections give back.
    private const int PageBytes = 48 << 10;

    // Records that a reload makes room for at once: ten snapshots' worth.
    private const int MaxPresized = 100_000;

    private readonly Lock _gate = new();
    private readonly string _folder;
    private readonly SqliteJournalOptions _options;
    private readonly Dictionary<uint, SqliteHall> _halls = [];
    private readonly Stack<SqliteReader> _readers = [];
    private readonly JournalArchives _archives;
    private readonly ByteWriter _accepted = new();

    // The halls of the flush at hand, by append; null where it is refused.
    private SqliteHall?[] _touched = [];

    private SqliteWriter? _writer;
    private Doubt? _doubt;
    private bool _disposed;
    private ulong _start;
    private uint _claims;
    private long _position;
    private long _records;
    private long _oldest;
    private long _checkpoint;
    private long _storedCheckpoint;
    private long _probes;

    /// <summary>A flush that may or may not be stored, kept until the store answers again.</summary>
    private sealed record Doubt(Append[] Accepted, SnapshotRow[] Snapshots, long Position, bool HasRow, long Checkpoint);

    private SqliteJournal(string folder, SqliteJournalOptions options)
    {
        _folder = folder;
        _options = options;
        _archives = new JournalArchives(JournalArchives.FolderOf(folder));
    }

    /// <summary>Opens the journal of a folder, or lays out a new one, and scans it from its checkpoint on.</summary>
    /// <exception cref="JournalUnusableException">A newer format or another file (nothing is changed), damaged pages, or a flush of which it cannot be told whose records it has lost.</exception>
    public static SqliteJournal Open(string folder, SqliteJournalOptions? options = null)
    {
        var journal = new SqliteJournal(folder, options ?? new());
        try
        {
            var isNew = SqliteSchema.LookFirst(folder);
            journal._writer = new SqliteWriter(folder, journal._options, isNew);
            var reader = journal.Rent();
            if (reader.IsUnfinishedCopy)
            {
                reader.Dispose();
                throw SqliteSchema.Unfinished(folder);
            }
            // Counted before anything is claimed under it: whatever becomes of this start, the next one has a higher number.
            journal._start = (ulong)reader.Meta("starts") + 1;
            journal._writer.Start(journal._start);
            journal.Scan(reader);
            journal.Return(reader);
            return journal;
        }
        catch (SqliteException e)
        {
            journal.Close();
            throw SqliteSchema.Unusable(folder, e);
        }
        catch
        {
            journal.Close();
            throw;
        }
    }

    public ValueTask<IReadOnlyList<HallEntry>> HallsAsync(CancellationToken cancel = default)
    {
        lock (_gate)
            return new([.. _halls.Values.Where(h => h.Listed).OrderBy(h => h.Number).Select(h => new HallEntry(h.Number, h.Name, h.Head))]);
    }

    public ValueTask<ulong> ClaimAsync(uint hall, CancellationToken cancel = default)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (Settle() is { } failure) throw new IOException($"The journal does not answer: {failure.Reason}");
            var entry = HallOf(hall);
            if (entry.Damage is { } damage) throw new HallDamagedException(damage);
            var epoch = (_start << 32) | ++_claims;
            entry.Head = entry.Head with { Epoch = epoch };
            return new(epoch);
        }
    }

    public ValueTask<FlushOutcome> AppendAsync(Flush flush, CancellationToken cancel = default)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return new(Append(flush));
        }
    }

    public IReadOnlyList<uint> Overdue(long records)
    {
        lock (_gate)
        {
            // Asked after every flush: the halls are gone through only when the oldest record known of has come into reach.
            if (_records - _oldest <= records) return [];
            _oldest = _records;
            var overdue = new List<uint>();
            foreach (var hall in _halls.Values)
            {
                if (hall.Damage is not null || hall.Tail is not [var first, ..]) continue;
                _oldest = Math.Min(_oldest, first.Ordinal);
                if (_records - first.Ordinal > records) overdue.Add(hall.Number);
            }
            overdue.Sort();
            return overdue;
        }
    }

    public ValueTask<bool> ProbeAsync(CancellationToken cancel = default)
    {
        lock (_gate)
        {
            if (_disposed || Settle() is not null) return new(false);
            try
            {
                _writer!.Probe(++_probes);
                return new(true);
            }
            catch (SqliteException)
            {
                RollBack();
                return new(false);
            }
        }
    }

    /// <summary>Copies the journal, consistently and while others write, to a new file, which appears under its name only when it is whole.</summary>
    /// <exception cref="IOException">The file is there already, or the store or the target does not answer.</exception>
    public void BackupTo(string file)
    {
        if (File.Exists(file)) throw new IOException($"The backup {file} is there already.");
        var partial = file + ".partial";
        File.Delete(partial);
        Read(reader =>
        {
            reader.VacuumInto(partial);
            return true;
        });
        File.Move(partial, file);
    }

    /// <summary>Bodies of the flushes from a position on, in order, up to the last one stored when it is reached; unchecked.</summary>
    public async IAsyncEnumerable<(long Position, ReadOnlyMemory<byte> Body)> FlushesAsync(long fromPosition, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        await Task.CompletedTask;
        var bodies = new List<(long, ReadOnlyMemory<byte>)>();
        do
        {
            cancel.ThrowIfCancellationRequested();
            bodies.Clear();
            var bytes = 0;
            Read(reader =>
            {
                reader.From(fromPosition, (position, body) =>
                {
                    bodies.Add((position, body.ToArray()));
                    fromPosition = position + 1;
                    return (bytes += body.Length) < PageBytes;
                });
                return true;
            });
            foreach (var body in bodies) yield return body;
        } while (bodies.Count > 0);
    }

    public ValueTask DisposeAsync()
    {
        lock (_gate) Close();
        return ValueTask.CompletedTask;
    }

    // ---- Appending

    private FlushOutcome Append(Flush flush)
    {
        var outcomes = new AppendOutcome[flush.Appends.Count];
        if (Settle() is { } unsettled)
        {
            Array.Fill(outcomes, AppendOutcome.NotStored);
            return new(outcomes, unsettled);
        }
        var accepted = Compare(flush, outcomes);
        var body = accepted == outcomes.Length ? flush.Body : BodyOf(flush, outcomes);
        var snapshots = flush.Snapshots.Count == 0 ? [] : RowsOf(flush.Snapshots);
        if (accepted == 0 && snapshots.Length == 0) return new(outcomes, null);
        var newHalls = NewHalls(flush);
        var checkpoint = snapshots.Length == 0 ? _checkpoint : CheckpointWith(snapshots);
        try
        {
            if (snapshots.Length == 0 && newHalls.Count == 0) _writer!.Commit(_position, body.Span);
            else _writer!.Commit(_position, body.Span, newHalls, snapshots, checkpoint == _storedCheckpoint ? null : checkpoint);
        }
        catch (SqliteException e)
        {
            return Failed(flush, outcomes, snapshots, checkpoint, e);
        }
        for (var i = 0; i < outcomes.Length; i++)
            if (_touched[i] is { } hall) Stored(hall, flush.Appends[i]);
        SnapshotsStored(snapshots, checkpoint);
        if (accepted > 0) _position++;
        return new(outcomes, null);
    }

    private int Compare(Flush flush, AppendOutcome[] outcomes)
    {
        var accepted = 0;
        if (_touched.Length < outcomes.Length) _touched = new SqliteHall?[Math.Max(64, outcomes.Length * 2)];
        for (var i = 0; i < outcomes.Length; i++)
        {
            var append = flush.Appends[i];
            var fits = _halls.TryGetValue(append.Hall, out var hall) && hall.Head == new Head(append.Epoch, append.After) && hall.Damage is null && append.Count > 0;
            outcomes[i] = fits ? AppendOutcome.Stored : AppendOutcome.Refused;
            _touched[i] = fits ? hall : null;
            if (fits) accepted++;
        }
        return accepted;
    }

    private ReadOnlyMemory<byte> BodyOf(Flush flush, AppendOutcome[] outcomes)
    {
        _accepted.Clear();
        for (var i = 0; i < outcomes.Length; i++)
            if (outcomes[i] == AppendOutcome.Stored) _accepted.Raw(flush.Appends[i].Frames.Span);
        return _accepted.WrittenMemory;
    }

    private SnapshotRow[] RowsOf(IReadOnlyList<SnapshotWrite> writes)
    {
        var rows = new List<SnapshotRow>(writes.Count);
        foreach (var write in writes)
        {
            // A straggler's, or an older one than is stored: worth nothing any more.
            if (!_halls.TryGetValue(write.Hall, out var hall) || hall.Damage is not null || hall.Head.Epoch != write.Epoch
                || write.Sequence > hall.Head.Sequence || write.Sequence < 1 || write.Sequence < hall.Covered) continue;
            var slot = hall.Newest is not { } newest ? write.Hall * 2L : newest.Sequence == write.Sequence ? newest.Slot : newest.Slot ^ 1;
            // A hall that came due twice before this flush: the newer one counts.
            var twin = rows.FindIndex(row => row.Hall == write.Hall);
            if (twin >= 0 && rows[twin].Sequence > write.Sequence) continue;
            var snapshot = new SnapshotRow(slot, write.Hall, write.Epoch, write.Sequence, hall.FirstAfter(write.Sequence)?.Position ?? _position, write.Body);
            if (twin >= 0) rows[twin] = snapshot;
            else rows.Add(snapshot);
        }
        return [.. rows];
    }

    private List<(uint, string)> NewHalls(Flush flush)
    {
        List<(uint, string)>? halls = null;
        for (var i = 0; i < flush.Appends.Count; i++)
            if (_touched[i] is { Listed: false }) (halls ??= []).Add((flush.Appends[i].Hall, flush.Appends[i].Name.Value));
        return halls ?? NoHalls;
    }

    private static readonly List<(uint, string)> NoHalls = [];

    /// <summary>The first flush that is still needed when the snapshots are stored. It can only move where one of their halls holds it, so that all halls are gone through as seldom as it moves.</summary>
    private long CheckpointWith(SnapshotRow[] snapshots)
    {
        if (!snapshots.Any(row => _halls[row.Hall].Tail is [var first, ..] && first.Position == _checkpoint) && _checkpoint == _storedCheckpoint) return _checkpoint;
        var covered = snapshots.ToDictionary(row => row.Hall, row => row.Sequence);
        var lowest = _position;
        foreach (var hall in _halls.Values)
            if (hall.FirstAfter(covered.GetValueOrDefault(hall.Number)) is { } first) lowest = Math.Min(lowest, first.Position);
        return lowest;
    }

    private void Stored(SqliteHall hall, in Append append)
    {
        if (!hall.Listed)
        {
            hall.Name = append.Name;
            hall.Listed = true;
        }
        hall.Head = new Head(append.Epoch, append.Last);
        hall.Add(new TailFlush(_position, append.Last, _records));
        _records += append.Count;
    }

    private void SnapshotsStored(SnapshotRow[] rows, long checkpoint)
    {
        if (rows.Length == 0) return;
        foreach (var row in rows) _halls[row.Hall].Cover(new SnapshotPlace(row.Slot, row.Hall, row.Epoch, row.Sequence, row.Tail));
        _checkpoint = _storedCheckpoint = checkpoint;
    }

    private FlushOutcome Failed(Flush flush, AppendOutcome[] outcomes, SnapshotRow[] snapshots, long checkpoint, SqliteException e)
    {
        var sure = _writer!.IsSureNotStored(e);
        if (!sure)
            _doubt = new Doubt([.. flush.Appends.Where((_, i) => outcomes[i] == AppendOutcome.Stored)], snapshots, _position, outcomes.Contains(AppendOutcome.Stored), checkpoint);
        outcomes.AsSpan().Replace(AppendOutcome.Stored, sure ? AppendOutcome.NotStored : AppendOutcome.Uncertain);
        if (sure)
        {
            RollBack();
        }
        else
        {
            _writer.Dispose();
            _writer = null;
            // At once where it can be had: the halls of the flush reload next and are told what is really there.
            Settle();
        }
        return new(outcomes, FailureOf(e));
    }

    private void RollBack()
    {
        if (_writer!.TryRollBack()) return;
        _writer.Dispose();
        _writer = null;
    }

    /// <summary>Sees to it that there is a connection that writes, and that it is known what became of a flush in doubt. Null where so.</summary>
    private FlushFailure? Settle()
    {
        if (_writer is not null) return null;
        SqliteWriter? writer = null;
        try
        {
            writer = new SqliteWriter(_folder, _options);
            var stored = _doubt is { HasRow: true } && writer.Has(_doubt.Position);
            // A durable write on top: after a failed sync the log may hold a whole transaction that readers do not see and a restart would. This one takes its place.
            writer.Probe(++_probes);
            if (stored)
            {
                foreach (var append in _doubt!.Accepted) Stored(_halls[append.Hall], append);
                SnapshotsStored(_doubt.Snapshots, _doubt.Checkpoint);
                _position++;
            }
            _doubt = null;
            _writer = writer;
            return null;
        }
        catch (SqliteException e)
        {
            writer?.Dispose();
            return FailureOf(e);
        }
        catch (JournalUnusableException e)
        {
            return new FlushFailure(Full: true, e.Message);
        }
    }

    // SQLITE_READONLY, FULL and CANTOPEN.
    private static FlushFailure FailureOf(SqliteException e) => new((e.SqliteErrorCode & 0xFF) is 8 or 13 or 14, SqliteSchema.OneLine(e.Message));

    // ---- Reading

    public ValueTask<HallHistory> ReadAsync(uint hall, CancellationToken cancel = default) => new(Read(reader =>
    {
        while (true)
        {
            var (entry, head, newest, older, tail) = Look(hall);
            if (entry is null) return new HallHistory(head, null, []);
            if (newest is not { } place) return new HallHistory(head, null, Records(reader, entry, 0, head, tail));
            if (reader.Snapshot(place) is { } snapshot) return new HallHistory(head, snapshot, Records(reader, entry, place.Sequence, head, tail));
            lock (_gate)
                if (entry.Newest != newest) continue;
            return FallBack(reader, entry, head, place, older);
        }
    }));

    public ValueTask<StoredSnapshot?> SnapshotAsync(uint hall, long atMost, CancellationToken cancel = default) => new(Read(reader =>
    {
        var (_, _, newest, older, _) = Look(hall);
        foreach (var place in (ReadOnlySpan<SnapshotPlace?>)[newest, older])
            if (place is { } there && there.Sequence <= atMost && reader.Snapshot(there) is { } snapshot) return snapshot;
        return null;
    }));

    public IAsyncEnumerable<IReadOnlyList<JournalRecord>> ReadFromAsync(IReadOnlyDictionary<uint, long> after, CancellationToken cancel = default) => Pages(after, cancel).ToAsyncEnumerable();

    private (SqliteHall? Hall, Head Head, SnapshotPlace? Newest, SnapshotPlace? Older, TailFlush[] Tail) Look(uint number)
    {
        lock (_gate)
        {
            if (Settle() is { } failure) throw new IOException($"The journal does not answer: {failure.Reason}");
            if (!_halls.TryGetValue(number, out var hall)) return default;
            if (hall.Damage is { } damage) throw new HallDamagedException(damage);
            return hall.Head.Sequence == 0 ? (null, hall.Head, null, null, []) : (hall, hall.Head, hall.Newest, hall.Older, [.. hall.Tail]);
        }
    }

    private List<JournalRecord> Records(SqliteReader reader, SqliteHall hall, long after, Head head, TailFlush[] tail)
    {
        var collector = new HallFrames(hall, after);
        var records = new List<JournalRecord>((int)Math.Min(head.Sequence - after, MaxPresized));
        long[] positions = [.. tail.Select(flush => flush.Position)];
        for (var at = 0; at < positions.Length;)
        {
            var (read, fits) = (0L, true);
            var looked = reader.Each(positions.AsSpan(at), (position, body) =>
            {
                collector.Take(position, body);
                read += body.Length;
                fits = collector.Last == tail[at].Last;
                if (fits) at++;
                return fits && collector.Length < PageBytes && read < SqliteReader.Sitting;
            });
            if (!fits || looked == 0) throw Quarantine(hall, collector.Missing(positions[at]));
            if (collector.Length >= PageBytes) Parse(hall, collector, records);
        }
        if (collector.Last < head.Sequence) throw Quarantine(hall, collector.Missing(null));
        Parse(hall, collector, records);
        return records;
    }

    /// <summary>The newest snapshot is broken: reads from the one before it, or from the very beginning.</summary>
    private HallHistory FallBack(SqliteReader reader, SqliteHall hall, Head head, SnapshotPlace broken, SnapshotPlace? older)
    {
        var snapshot = older is { } place ? reader.Snapshot(place) : null;
        if (snapshot is null) older = null;
        var collector = new HallFrames(hall, older?.Sequence ?? 0);
        var tail = new List<TailFlush>();
        reader.From(older?.Tail ?? 1, (position, body) =>
        {
            var last = collector.Last;
            if (!collector.Take(position, body)) return false;
            // Overdue from the start, so that it soon has a good snapshot again.
            if (collector.Last > last) tail.Add(new TailFlush(position, collector.Last, long.MinValue / 2));
            return collector.Last < head.Sequence;
        });
        if (collector.Last < head.Sequence) throw Quarantine(hall, collector.Missing(null));
        var records = new List<JournalRecord>();
        Parse(hall, collector, records);
        lock (_gate)
        {
            if (hall.Newest == broken && hall.Head.Sequence == head.Sequence)
            {
                hall.FallBack(older, tail);
                _oldest = long.MinValue / 2;
                if (tail is [var first, ..]) _checkpoint = Math.Min(_checkpoint, first.Position);
            }
        }
        return new HallHistory(head, snapshot, records);
    }

    private IEnumerable<IReadOnlyList<JournalRecord>> Pages(IReadOnlyDictionary<uint, long> after, CancellationToken cancel)
    {
        var halls = new Dictionary<uint, HallFrames>(after.Count);
        // Those that have something to come, each up to where it stands now.
        var open = new List<(HallFrames Frames, long End)>(after.Count);
        var tails = new SortedSet<long>();
        long? cursor = null;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (Settle() is { } failure) throw new IOException($"The journal does not answer: {failure.Reason}");
            foreach (var (number, last) in after)
            {
                if (!_halls.TryGetValue(number, out var hall)) continue;
                var frames = new HallFrames(hall, last);
                halls.Add(number, frames);
                if (hall.Head.Sequence <= last) continue;
                open.Add((frames, hall.Head.Sequence));
                // From the newest snapshot on it is known which flushes hold the hall's records; before it all are gone through.
                if (last < hall.Covered) cursor = Math.Min(cursor ?? long.MaxValue, hall.Older is { } older && last >= older.Sequence ? older.Tail : 1);
                else tails.UnionWith(hall.Tail.Where(flush => flush.Last > last).Select(flush => flush.Position));
            }
        }
        if (cursor is { } earliest && tails.Count > 0) cursor = Math.Min(earliest, tails.Min);
        var known = tails.ToArray();
        for (var next = 0; open.Count > 0;)
        {
            cancel.ThrowIfCancellationRequested();
            var goesOn = false;
            var page = Read(reader =>
            {
                var (read, taken) = (0L, 0L);
                HallFrames? broken = null;
                bool Take(long position, ReadOnlySpan<byte> body)
                {
                    read += body.Length;
                    broken = HallFrames.Take(halls, position, body, ref taken);
                    return goesOn = broken is null;
                }
                if (cursor is null)
                {
                    var looked = reader.Each(known.AsSpan(next), (position, body) =>
                    {
                        next++;
                        return Take(position, body) && read < SqliteReader.Sitting && taken < PageBytes;
                    });
                    goesOn = broken is null && looked > 0;
                }
                else
                {
                    reader.From(cursor.Value, (position, body) =>
                    {
                        cursor = position + 1;
                        return Take(position, body) && read < SqliteReader.Sitting && taken < PageBytes;
                    });
                }
                var records = new List<JournalRecord>();
                foreach (var frames in halls.Values)
                    if (frames.Length > 0) Parse(frames.Hall, frames, records);
                return (Records: records, Broken: broken);
            });
            if (page.Records.Count > 0) yield return page.Records;
            if (page.Broken is { } hole) throw Quarantine(hole.Hall, hole.Missing(null));
            open.RemoveAll(o => o.Frames.Last >= o.End);
            if (open.Count > 0 && (!goesOn || (cursor is null && next == known.Length))) throw Quarantine(open[0].Frames.Hall, open[0].Frames.Missing(null));
        }
        foreach (var frames in halls.Values)
            if (frames.Hall.Damage is { } damage) throw new HallDamagedException(damage);
    }

    private void Parse(SqliteHall hall, HallFrames frames, List<JournalRecord> records)
    {
        try
        {
            frames.Parse(records);
        }
        catch (FormatException e)
        {
            throw Quarantine(hall, e.Message);
        }
    }

    private HallDamagedException Quarantine(SqliteHall hall, string what)
    {
        lock (_gate) hall.Damage ??= SqliteScan.Damage(hall, what);
        return new HallDamagedException(hall.Damage);
    }

    private T Read<T>(Func<SqliteReader, T> read)
    {
        SqliteReader? reader = null;
        try
        {
            reader = Rent();
            var result = read(reader);
            Return(reader);
            return result;
        }
        catch (SqliteException e)
        {
            // The connection may have a part in it.
            reader?.Dispose();
            throw new IOException($"The journal {SqliteSchema.FileIn(_folder)} cannot be read: {SqliteSchema.OneLine(e.Message)}", e);
        }
        catch (Exception e) when (e is not ObjectDisposedException)
        {
            if (reader is not null) Return(reader);
            throw;
        }
    }

    private SqliteReader Rent()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_readers.TryPop(out var reader)) return reader;
        }
        return new SqliteReader(_folder, _archives);
    }

    private void Return(SqliteReader reader)
    {
        lock (_gate)
        {
            if (!_disposed && _readers.Count < KeptReaders)
            {
                _readers.Push(reader);
                return;
            }
        }
        reader.Dispose();
    }

    // ---- Opening and closing

    private void Scan(SqliteReader reader)
    {
        var scan = new SqliteScan(_folder, _halls);
        scan.Run(reader);
        _position = scan.Next;
        _records = scan.Records;
        _storedCheckpoint = scan.Checkpoint;
        _checkpoint = _halls.Values.Aggregate(_position, (lowest, hall) => hall.Tail is [var first, ..] ? Math.Min(lowest, first.Position) : lowest);
    }

    private SqliteHall HallOf(uint number)
    {
        if (!_halls.TryGetValue(number, out var hall)) _halls.Add(number, hall = new SqliteHall(number));
        return hall;
    }

    private void Close()
    {
        if (_disposed) return;
        _disposed = true;
        // Readers first: the last connection moves the log into the file, and only one that writes can.
        foreach (var reader in _readers) reader.Dispose();
        _readers.Clear();
        _archives.Dispose();
        _writer?.Dispose();
    }
}
