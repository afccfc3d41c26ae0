using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using HallOps.Core.Halls;
using StackExchange.Redis;

namespace HallOps.Silo.Journal;

/// <summary>
/// The journal in Redis 7 (docs/journal-format.md): a stream, a head and two snapshots a hall, under one hash tag. Heads are compared by the server, in the script that appends, so that
/// any number of processes may share a store: the last to claim a hall is its owner. What is promised is what the server's <c>appendfsync</c> promises. Reading methods throw
/// <see cref="IOException"/> where the store does not answer.
/// </summary>
public sealed class RedisJournal : IJournal
{
    private readonly Lock _gate = new();
    private readonly RedisJournalOptions _options;
    private readonly RedisAccess _access;
    private readonly RedisStore _store;
    private readonly RedisReader _reader;
    private readonly JournalArchives _archives;
    private readonly RedisLink _writing;
    // Of its own, so that a long history on its way to a reader is not before the answer to a flush.
    private readonly RedisLink _reading;
    private readonly Dictionary<uint, RedisHall> _halls = [];

    // Who holds an epoch, beside its number: a server that lost its last second may give the same number out again, to another process.
    private readonly string _owner = Convert.ToHexString(RandomNumberGenerator.GetBytes(8));

    private bool _disposed;
    private ulong _start;
    private uint _claims;
    private long _records;
    private long _oldest;
    private long _probes;

    private RedisJournal(RedisAccess access, RedisJournalOptions options)
    {
        _options = options;
        _access = access;
        _store = access.Store;
        _writing = access.Link(CheckAsync);
        _reading = access.Link();
        _archives = new JournalArchives(options.Archives);
        _reader = new RedisReader(new RedisHistory(access, _reading, _archives));
    }

    /// <summary>Connects, looks at the server's settings and counts the start.</summary>
    /// <param name="connection">As StackExchange.Redis writes it: <c>host:port,password=…,defaultDatabase=…</c>.</param>
    /// <exception cref="JournalUnusableException">No answer, a server that cannot keep a journal, or a journal of a newer format or of another deployment (nothing is changed).</exception>
    public static async Task<RedisJournal> OpenAsync(string connection, RedisJournalOptions? options = null)
    {
        options ??= new();
        var journal = new RedisJournal(new RedisAccess(connection, options), options);
        try
        {
            await journal._access.CheckServerAsync(journal._writing);
            var (version, deployment, start) = await journal.AskAsync(journal._writing, redis => journal._store.StartAsync(redis, options.Deployment));
            if (!RedisStore.Knows(version)) throw journal._access.Unknown(version);
            if (deployment != options.Deployment) throw new JournalUnusableException($"the journal in the Redis at {journal._access.Place} belongs to another deployment: give this one a database of its own there, or that one's keys");
            journal._start = start;
            return journal;
        }
        catch (IOException e)
        {
            await journal.DisposeAsync();
            throw new JournalUnusableException(e.Message, e);
        }
        catch
        {
            await journal.DisposeAsync();
            throw;
        }
    }

    /// <summary>Where a connection leads, for messages: servers and the database's number; no password.</summary>
    /// <exception cref="JournalUnusableException">It cannot be read.</exception>
    public static string NameOf(string connection)
    {
        using var access = new RedisAccess(connection, new());
        return access.Place;
    }

    public async ValueTask<IReadOnlyList<HallEntry>> HallsAsync(CancellationToken cancel = default)
    {
        var listed = await AskAsync(_reading, _store.ListedAsync);
        var heads = await AskAsync(_reading, redis => Task.WhenAll(listed.Select(h => _store.HeadAsync(redis, h))));
        return [.. listed.Zip(heads).Where(h => h.Second is { Sequence: > 0, Name: not null }).OrderBy(h => h.First)
            .Select(h => new HallEntry(h.First, new HallId(h.Second.Name!), new Head(h.Second.Epoch, h.Second.Sequence)))];
    }

    public async ValueTask<ulong> ClaimAsync(uint hall, CancellationToken cancel = default)
    {
        RedisHall known;
        ulong atLeast;
        Confirmed confirmed;
        lock (_gate)
        {
            known = HallOf(hall);
            if (known.Damage is { } damage) throw new HallDamagedException(damage);
            atLeast = Math.Max((_start << 32) | ++_claims, known.Highest + 1);
            confirmed = known.Confirmed;
        }
        var claim = await AskAsync(_writing, redis => _store.ClaimAsync(redis, hall, _owner, atLeast, confirmed, _options.Exclusive ? _start : 0));
        Named(known, claim.Head);
        var (head, last) = (claim.Head.Sequence, claim.Last);
        var lost = claim.Head.Lost;
        if (lost is null && last < head) throw Quarantine(known, FormattableString.Invariant($"records {last + 1} to {head} are missing"));
        if (lost is null && last > head) throw Quarantine(known, FormattableString.Invariant($"its records go on to {last}, its head is at {head}"));
        // Also where a loss is known already: this process may know of more.
        if (confirmed.Epoch > claim.Accepted && await FirstLostAsync(known, confirmed, last) is { } first) lost = await AskAsync(_writing, redis => _store.MarkLostAsync(redis, hall, first, confirmed));
        if (lost is not null) throw new HallDamagedException(known.LossOf(lost));
        if (claim.IsLate) throw new NotOwnerException($"A process that started later than this one has the halls in the Redis at {_access.Place}.");
        if (head > 0 && !known.Listed) await AskAsync(_writing, redis => _store.ListAsync(redis, [hall]));
        lock (_gate)
        {
            known.Claimed(claim.Head.Epoch, head, claim.Chain, claim.Accepted);
            Uncovered(known, head, head - claim.Covered);
            return known.Epoch;
        }
    }

    public async ValueTask<FlushOutcome> AppendAsync(Flush flush, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(flush);
        var sends = new bool[flush.Appends.Count];
        List<uint> unlisted = [];
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            for (var i = 0; i < sends.Length; i++)
            {
                var append = flush.Appends[i];
                sends[i] = append.Count > 0 && append.Epoch > 0 && _halls.TryGetValue(append.Hall, out var hall) && hall.Epoch == append.Epoch && hall.Damage is null;
                if (sends[i] && !_halls[append.Hall].Listed) unlisted.Add(append.Hall);
            }
        }
        var sending = new RedisFlush(_writing, _store, _owner, _options, flush);
        await sending.RunAsync(sends, unlisted);
        lock (_gate)
        {
            // Before the records: of this flush none is in a snapshot.
            foreach (var snapshot in sending.Snapshots) _halls.GetValueOrDefault(snapshot.Hall)?.Cover(snapshot.Sequence);
            for (var i = 0; i < sends.Length; i++)
                if (sends[i]) Told(_halls[flush.Appends[i].Hall], flush.Appends[i], sending.Outcomes[i]);
        }
        return new(sending.Outcomes, sending.Failure);
    }

    public async ValueTask<HallHistory> ReadAsync(uint hall, CancellationToken cancel = default)
    {
        // Asked before the head, which may move meanwhile.
        var confirmed = Known(hall)?.Confirmed ?? default;
        // The snapshot first: the head read after it is never behind it.
        var newest = await AskAsync(_reading, redis => _store.SnapshotAsync(redis, hall, newest: true));
        var head = await AskAsync(_reading, redis => _store.HeadAsync(redis, hall));
        var known = HallFor(hall, head);
        if (head.Lost is { } lost) throw new HallDamagedException(known.LossOf(lost));
        if (head.Sequence < confirmed.Sequence && await AskAsync(_writing, redis => _store.CheckAsync(redis, hall, confirmed)) is { } now) throw new HallDamagedException(known.LossOf(now));
        if (newest?.Sequence > head.Sequence) throw Quarantine(known, FormattableString.Invariant($"the snapshot at {newest.Value.Sequence} is ahead of the last record, {head.Sequence}"));
        var snapshot = StoredOf(newest);
        if (newest is not null && snapshot is null)
        {
            // Broken: the one before it, or all records. Due at once, so that the hall soon has a good one again.
            snapshot = StoredOf(await AskAsync(_reading, redis => _store.SnapshotAsync(redis, hall, newest: false)));
            lock (_gate) Uncovered(known, head.Sequence, long.MaxValue / 4);
        }
        var (records, wrong) = await _reader.RecordsAsync(hall, snapshot?.Sequence ?? 0, head.Sequence);
        if (wrong is not null) throw Quarantine(known, wrong);
        lock (_gate)
            if (known.Epoch == head.Epoch) known.Read(records);
        return new HallHistory(new Head(head.Epoch, head.Sequence), snapshot, records);
    }

    public async ValueTask<StoredSnapshot?> SnapshotAsync(uint hall, long atMost, CancellationToken cancel = default)
    {
        var first = StoredOf(await AskAsync(_reading, redis => _store.SnapshotAsync(redis, hall, newest: true)));
        if (first?.Sequence <= atMost) return first;
        var before = StoredOf(await AskAsync(_reading, redis => _store.SnapshotAsync(redis, hall, newest: false)));
        return before?.Sequence <= atMost ? before : null;
    }

    public async IAsyncEnumerable<IReadOnlyList<JournalRecord>> ReadFromAsync(IReadOnlyDictionary<uint, long> after, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(after);
        var numbers = after.Keys.ToArray();
        var heads = await AskAsync(_reading, redis => Task.WhenAll(numbers.Select(h => _store.HeadAsync(redis, h))));
        HallDamagedException? first = null;
        var behind = new List<(uint, long, long)>();
        foreach (var (number, head) in numbers.Zip(heads))
        {
            if (head.Sequence == 0 && head.Lost is null) continue;
            var known = HallFor(number, head);
            if (head.Lost is { } lost) first ??= new(known.LossOf(lost));
            if (known.Damage is { } damage) first ??= new(damage);
            if (head.Sequence > after[number]) behind.Add((number, after[number], head.Sequence));
        }
        await foreach (var page in _reader.PagesAsync(behind, (hall, wrong) => first ??= Quarantine(Known(hall)!, wrong), cancel)) yield return page;
        if (first is not null) throw first;
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
                // One that another process runs is that process's to snapshot.
                if (hall.Damage is not null || hall.Epoch == 0 || hall.Oldest is not { } oldest) continue;
                _oldest = Math.Min(_oldest, oldest);
                if (_records - oldest > records) overdue.Add(hall.Number);
            }
            overdue.Sort();
            return overdue;
        }
    }

    public async ValueTask<bool> ProbeAsync(CancellationToken cancel = default)
    {
        try
        {
            var number = Interlocked.Increment(ref _probes);
            await AskAsync(_writing, redis => _store.ProbeAsync(redis, number));
            return true;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return false;
        }
    }

    public ValueTask DisposeAsync()
    {
        lock (_gate) _disposed = true;
        _access.Dispose();
        _archives.Dispose();
        return ValueTask.CompletedTask;
    }

    // ---- What the store has lost

    /// <summary>A new connection may lead to a server that has lost its last moments: every hall whose head is behind what was confirmed is marked before anybody writes to it, or claims it elsewhere.</summary>
    private async Task CheckAsync(IDatabase redis)
    {
        (uint Number, Confirmed Last)[] confirmed;
        lock (_gate) confirmed = [.. _halls.Values.Where(h => h.Confirmed.Sequence > 0).Select(h => (h.Number, h.Confirmed))];
        await Task.WhenAll(confirmed.Select(h => _store.CheckAsync(redis, h.Number, h.Last)));
    }

    /// <summary>The first record known to this process that is not there any more; null: its last is where it was. A new owner may have written others in their place.</summary>
    /// <param name="end">Of the stream.</param>
    private async Task<long?> FirstLostAsync(RedisHall hall, Confirmed confirmed, long end)
    {
        IReadOnlyList<(long, long, UInt128)> ends;
        lock (_gate) ends = hall.Ends();
        return await RedisHall.FirstLostAsync(confirmed, ends, async (sequence, chain) =>
        {
            if (sequence > end) return false;
            var there = await AskAsync(_reading, redis => _store.EntriesAsync(redis, hall.Number, sequence, long.MaxValue, 1));
            var own = new List<JournalRecord>();
            // Damage, and an end before it, are what the read that follows names.
            return there is [var entry] && new RedisFrames(hall.Number, sequence - 1).Take(entry, own) is null && own is [var record, ..] ? record.Chain == chain : null;
        });
    }

    // ---- The halls known

    private void Told(RedisHall hall, in Append append, AppendOutcome outcome)
    {
        hall.Told(append, outcome);
        if (outcome != AppendOutcome.Stored) return;
        hall.Add(append.Last, _records);
        _records += append.Count;
    }

    /// <summary>What a claim or a read found that is in no snapshot.</summary>
    private void Uncovered(RedisHall hall, long last, long records)
    {
        hall.Forget();
        if (records <= 0) return;
        hall.Add(last, _records - records);
        _oldest = Math.Min(_oldest, _records - records);
    }

    private RedisHall HallOf(uint number)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!_halls.TryGetValue(number, out var hall)) _halls.Add(number, hall = new RedisHall(number));
        return hall;
    }

    private RedisHall? Known(uint number)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _halls.GetValueOrDefault(number);
        }
    }

    private RedisHall HallFor(uint number, in RedisHead head)
    {
        RedisHall hall;
        lock (_gate) hall = HallOf(number);
        Named(hall, head);
        return hall;
    }

    private void Named(RedisHall hall, in RedisHead head)
    {
        if (head.Name is not { } name) return;
        lock (_gate) hall.Name = new HallId(name);
    }

    private HallDamagedException Quarantine(RedisHall hall, string what)
    {
        lock (_gate)
        {
            hall.Damage ??= hall.DamageOf(what);
            return new HallDamagedException(hall.Damage);
        }
    }

    private static StoredSnapshot? StoredOf((ulong Epoch, long Sequence, byte[]? Body)? stored) => stored is { Body: { } body } s ? new StoredSnapshot(s.Epoch, s.Sequence, body) : null;

    // ---- Asking

    private Task<bool> AskAsync(RedisLink link, Func<IDatabase, Task> call) => _access.AskAsync(link, call);

    private Task<T> AskAsync<T>(RedisLink link, Func<IDatabase, Task<T>> call) => _access.AskAsync(link, call);
}
