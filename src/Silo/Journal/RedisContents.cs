using System.Runtime.CompilerServices;
using HallOps.Core.Halls;
using StackExchange.Redis;

namespace HallOps.Silo.Journal;

/// <summary>The journal in a Redis as it lies there. No start is counted and no hall claimed.</summary>
internal sealed class RedisContents : JournalContents
{
    // Entries a call, as a reload reads them.
    private const int Page = 256;

    // Halls that are asked after in one go: some 100 KiB of answers.
    private const int Together = 1000;

    private readonly RedisAccess _access;
    private readonly RedisLink _link;
    private readonly JournalArchives _archives;
    private readonly RedisHistory _history;

    private RedisContents(RedisAccess access, JournalArchives archives)
    {
        (_access, _archives) = (access, archives);
        _link = access.Link();
        _history = new RedisHistory(access, _link, archives);
    }

    public static async Task<RedisContents> OpenAsync(string connection, RedisJournalOptions options)
    {
        var access = new RedisAccess(connection, options);
        try
        {
            var contents = new RedisContents(access, new JournalArchives(options.Archives));
            return await contents.AskAsync(access.Store.MetaAsync) switch
            {
                (null, _, _) => throw new JournalUnusableException($"there is no journal in the Redis at {access.Place}"),
                (var version, _, _) when !RedisStore.Knows(version) => throw access.Unknown(version),
                _ => contents,
            };
        }
        catch
        {
            access.Dispose();
            throw;
        }
    }

    public override string Name => $"the journal in the Redis at {_access.Place}";

    internal override async ValueTask<bool> IsUnfinishedAsync() => (await AskAsync(_access.Store.MetaAsync)).IsUnfinished;

    internal override async ValueTask<ulong> StartsAsync()
    {
        var (_, _, starts) = await AskAsync(_access.Store.MetaAsync);
        // A server that lost its last moments may have counted fewer than it gave out.
        foreach (var (_, (head, _)) in await StandsAsync()) starts = Math.Max(starts, head.Epoch >> 32);
        return starts;
    }

    internal override async ValueTask<IReadOnlyList<ListedHall>> HallsAsync()
    {
        var halls = new List<ListedHall>();
        foreach (var (number, (head, last)) in await StandsAsync())
        {
            if (head is { Sequence: 0, Lost: null } && last == 0) continue;
            var hall = new RedisHall(number);
            halls.Add(new(number, head.Name is { } name ? new HallId(name) : hall.Name, Math.Min(head.Sequence, last),
                head.Lost is { } lost ? RedisHall.WordsOf(lost)
                    : last > head.Sequence ? FormattableString.Invariant($"its records go on to {last}, its head is at {head.Sequence}")
                    : last < head.Sequence ? FormattableString.Invariant($"records {last + 1} to {head.Sequence} are missing") : null));
        }
        return halls;
    }

    internal override async ValueTask<IReadOnlyList<SnapshotPlace>> SnapshotsAsync()
    {
        var places = new List<SnapshotPlace>();
        foreach (var (number, sequences) in await OfEachAsync(_access.Store.SnapshotsAsync))
            places.AddRange(sequences.Order().Select(sequence => new SnapshotPlace(0, number, 0, sequence, 0)));
        return places;
    }

    internal override async ValueTask<(StoredSnapshot? Snapshot, bool IsThere)> SnapshotAsync(SnapshotPlace place)
    {
        // Looked for in both places, since a newer one moves it from the first to the second.
        foreach (var newest in (bool[])[true, false])
        {
            if (await AskAsync(redis => _access.Store.SnapshotAsync(redis, place.Hall, newest)) is { } stored && stored.Sequence == place.Sequence)
                return (stored.Body is { } body ? new StoredSnapshot(stored.Epoch, stored.Sequence, body) : null, true);
        }
        return (null, false);
    }

    internal override async IAsyncEnumerable<JournalBody> BodiesAsync(IReadOnlyList<ListedHall> halls, Action<string> wrong, [EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var hall in halls)
        {
            for (var from = 1L; from <= hall.Last;)
            {
                cancel.ThrowIfCancellationRequested();
                IReadOnlyList<RedisEntry> entries;
                try
                {
                    entries = await AskAsync(() => _history.EntriesAsync(hall.Number, from, hall.Last, Page));
                }
                catch (JournalArchiveException e)
                {
                    wrong(e.Message);
                    from = await AskAsync(redis => _access.Store.ArchivedAsync(redis, hall.Number)) + 1;
                    continue;
                }
                if (entries.Count == 0) break;
                foreach (var entry in entries) yield return new(FormattableString.Invariant($"entry {entry}"), entry.Body, hall.Number, entry.Last);
                from = entries[^1].Last + 1;
            }
        }
    }

    /// <summary>The one thing that is changed: see <see cref="JournalLoss"/>.</summary>
    public Task<string> AcceptLossAsync(uint hall) => AskAsync(redis => _access.Store.AcceptLossAsync(redis, hall));

    private Task<List<(uint Hall, (RedisHead Head, long Last) Of)>> StandsAsync() => OfEachAsync(_access.Store.StandAsync);

    /// <summary>By hall.</summary>
    private async Task<List<(uint Hall, T Of)>> OfEachAsync<T>(Func<IDatabase, uint, Task<T>> ask)
    {
        var all = new List<(uint, T)>();
        foreach (var some in (await AskAsync(_access.Store.ListedAsync)).Order().Chunk(Together))
            all.AddRange(some.Zip(await AskAsync(redis => Task.WhenAll(some.Select(hall => ask(redis, hall))))));
        return all;
    }

    private Task<T> AskAsync<T>(Func<IDatabase, Task<T>> call) => AskAsync(() => _access.AskAsync(_link, call));

    private static async Task<T> AskAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (IOException e) when (e is not JournalArchiveException)
        {
            throw new JournalUnusableException(e.Message, e);
        }
    }

    public override ValueTask DisposeAsync()
    {
        _access.Dispose();
        _archives.Dispose();
        return ValueTask.CompletedTask;
    }
}
