using System.Buffers.Binary;
using System.Globalization;

namespace HallOps.Silo.Journal;

/// <summary>
/// Archives the streams of a Redis, hall by hall, into one file of this process's folder: of each hall the entries up to the end of its last day that is closed and over before the
/// date, as far as its newest snapshot goes. Beside the processes that run the halls; a stream is cut by a script that looks again.
/// </summary>
internal sealed class RedisArchiving : IDisposable
{
    private const int Page = 256;

    private readonly RedisAccess _access;
    private readonly RedisLink _link;
    private readonly JournalArchives _archives;
    private readonly DateOnly _before;
    private readonly Action<string>? _step;

    private sealed record Cut(uint Hall, long Archived, long End);

    public RedisArchiving(string connection, DateOnly before, RedisJournalOptions options, Action<string>? step)
    {
        _access = new RedisAccess(connection, options);
        _link = _access.Link();
        _archives = new JournalArchives(options.Archives);
        (_before, _step) = (before, step);
    }

    /// <exception cref="JournalUnusableException">There is no journal, or the file cannot be written.</exception>
    /// <exception cref="JournalArchiveException">An earlier archive is missing here.</exception>
    /// <exception cref="IOException">No answer.</exception>
    public async Task RunAsync(TextWriter output, CancellationToken cancel)
    {
        var store = _access.Store;
        var (version, isUnfinished, _) = await _access.AskAsync(_link, store.MetaAsync);
        if (version is null) throw new JournalUnusableException($"there is no journal in the Redis at {_access.Place}");
        if (isUnfinished || !RedisStore.Knows(version)) throw _access.Unknown(isUnfinished ? RedisStore.Unfinished : version);
        var named = await _access.AskAsync(_link, store.ArchivesAsync);
        // All of them: whoever archives has what was archived before, and each hall's chain goes on from there.
        var before = named.Select(place => _archives.Open(place).Index).ToList();
        var notes = new List<string>();
        var cuts = new List<Cut>();
        using var writer = new ArchiveWriter(_archives.Folder, _before);
        foreach (var hall in (await _access.AskAsync(_link, store.ListedAsync)).Order())
        {
            cancel.ThrowIfCancellationRequested();
            if (await AddAsync(hall, before, writer, notes, cancel) is { } cut) cuts.Add(cut);
        }
        if (cuts.Count == 0)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"nothing to archive before {_before:yyyy-MM-dd} in the journal in the Redis at {_access.Place}"));
        }
        else
        {
            var place = writer.Finish();
            _step?.Invoke(JournalArchiving.Written);
            writer.Keep();
            // Named before anything is cut: whatever is in it twice then is the same.
            await _access.AskAsync(_link, redis => store.AddArchiveAsync(redis, place));
            _step?.Invoke(JournalArchiving.Named);
            foreach (var cut in cuts)
            {
                if (!await _access.AskAsync(_link, redis => store.CutAsync(redis, cut.Hall, cut.Archived, cut.End))) notes.Add(FormattableString.Invariant($"hall number {cut.Hall} was archived by another process meanwhile, or its snapshot is gone: its records stay in Redis as well"));
                _step?.Invoke(JournalArchiving.Swept);
            }
            JournalArchiving.Say(output, writer, cuts.Count);
        }
        foreach (var note in notes) output.WriteLine($"  ! {note}");
        JournalArchiving.SayUnnamed(output, _archives.Folder, (await _access.AskAsync(_link, store.ArchivesAsync)).Select(a => a.Name).Append(cuts.Count == 0 ? writer.Name : ""));
    }

    /// <returns>What of the hall went into the file; null: nothing.</returns>
    private async Task<Cut?> AddAsync(uint hall, List<ArchiveIndex> before, ArchiveWriter writer, List<string> notes, CancellationToken cancel)
    {
        var store = _access.Store;
        var (head, _) = await _access.AskAsync(_link, redis => store.StandAsync(redis, hall));
        var name = head.Name ?? FormattableString.Invariant($"hall-{hall}");
        if (head.Lost is not null)
        {
            notes.Add($"{name} stays: {RedisHall.WordsOf(head.Lost)}");
            return null;
        }
        var archived = await _access.AskAsync(_link, redis => store.ArchivedAsync(redis, hall));
        var snapshot = await _access.AskAsync(_link, redis => store.SnapshotAsync(redis, hall, newest: true));
        // The newest record stays: the head is compared with it.
        var end = Math.Min(snapshot is { Body: not null } s ? s.Sequence : 0, head.Sequence - 1);
        var known = before.Select(i => i.Halls.GetValueOrDefault(hall)).Where(h => h.Last == archived && archived > 0).Select(h => (UInt128?)h.Chain).FirstOrDefault();
        var days = new ClosedDays(hall, _before, archived, known);
        var waiting = new Queue<RedisEntry>();
        long gone = archived;
        UInt128 chain = 0;
        for (var from = archived + 1; from <= head.Sequence && days.Wrong is null;)
        {
            cancel.ThrowIfCancellationRequested();
            var entries = await _access.AskAsync(_link, redis => store.EntriesAsync(redis, hall, from, head.Sequence, Page));
            if (entries.Count == 0) break;
            foreach (var entry in entries)
            {
                Take(days, entry);
                waiting.Enqueue(entry);
                while (waiting.TryPeek(out var its) && its.Last <= Math.Min(days.Closed, end))
                {
                    writer.Add(hall, new(its.Last, its.Count, its.Body));
                    // The chain stands before the checksum that ends the last record.
                    (gone, chain) = (its.Last, BinaryPrimitives.ReadUInt128LittleEndian(its.Body.AsSpan()[^20..^4]));
                    waiting.Dequeue();
                }
            }
            from = entries[^1].Last + 1;
            // A day that stays has begun.
            if (days.Day >= _before) break;
        }
        if (days.Wrong is not null) notes.Add($"{name} stays from record {days.Last + 1} on: {days.Wrong}");
        else if (waiting.TryPeek(out var closed) && closed.Last <= Math.Min(days.Closed, head.Sequence - 1)) notes.Add(FormattableString.Invariant($"{name}: closed days up to record {days.Closed} stay, as no snapshot is newer. Who runs the hall writes one after each day, and when it stops"));
        else if (days.Last > days.Closed && (days.Day is null || days.Day < _before)) notes.Add($"{name} stays from record {days.Closed + 1} on: {(days.Day is { } day ? FormattableString.Invariant($"its day {day:yyyy-MM-dd} has not ended") : "its first day has not ended")}");
        if (gone == archived) return null;
        writer.Has(hall, new(archived + 1, gone, chain));
        return new(hall, archived, gone);
    }

    private static void Take(ClosedDays days, in RedisEntry entry)
    {
        if (entry.Last - entry.Count != days.Last) days.Is(FormattableString.Invariant($"entry {entry} does not follow record {days.Last}"));
        var walk = new FrameWalk(entry.Body);
        while (walk.Next())
        {
            if (walk.Broken) days.Is(FormattableString.Invariant($"record {days.Last + 1} in entry {entry} does not fit its checksum"));
            else days.Take(entry.Body.AsMemory(walk.Offset, walk.Bytes.Length));
        }
        if (days.Last != entry.Last) days.Is(FormattableString.Invariant($"entry {entry} ends with record {days.Last}"));
    }

    public void Dispose()
    {
        _access.Dispose();
        _archives.Dispose();
    }
}
