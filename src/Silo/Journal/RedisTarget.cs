using System.Security.Cryptography;
using StackExchange.Redis;

namespace HallOps.Silo.Journal;

/// <summary>A Redis that a journal is copied into: as an owner of its halls would write them, an entry for each flush a hall was in.</summary>
internal sealed class RedisTarget : JournalTarget
{
    // Bytes, and entries, that go out before their answers are waited for.
    private const int OutBytes = 256 << 10;
    private const int OutEntries = 2000;

    private readonly string _connection;
    private readonly RedisJournalOptions _options;
    private readonly RedisAccess _access;
    private readonly RedisLink _link;
    private readonly string _owner = Convert.ToHexString(RandomNumberGenerator.GetBytes(8));
    private readonly Dictionary<uint, ulong> _epochs = [];
    private readonly List<Append> _out = [];
    private int _bytes;

    private RedisTarget(string connection, RedisJournalOptions options)
    {
        (_connection, _options) = (connection, options);
        _access = new RedisAccess(connection, options);
        _link = _access.Link();
    }

    public static async Task<RedisTarget> OpenAsync(string connection, RedisJournalOptions options)
    {
        var target = new RedisTarget(connection, options);
        try
        {
            await DoAsync(async () =>
            {
                await target._access.CheckServerAsync(target._link);
                var (version, isUnfinished, _) = await target._access.AskAsync(target._link, target._access.Store.MetaAsync);
                target.MustBeEmpty(isUnfinished ? RedisStore.Unfinished : version ?? RedisStore.Version, (await target._access.AskAsync(target._link, target._access.Store.ListedAsync)).Count > 0);
            });
            return target;
        }
        catch
        {
            await target.DisposeAsync();
            throw;
        }
    }

    public override string Name => $"the journal in the Redis at {_access.Place}";

    internal override ValueTask BeginAsync() => DoAsync(async () =>
    {
        var (version, hasHalls) = await _access.AskAsync(_link, _access.Store.BeginCopyAsync);
        MustBeEmpty(version, hasHalls);
    });

    internal override async ValueTask AddAsync(WalkedPart part)
    {
        var hall = part.Hall;
        if (!_epochs.TryGetValue(hall.Number, out var epoch)) _epochs.Add(hall.Number, epoch = await ClaimAsync(hall.Number));
        _out.Add(new(hall.Number, hall.Name, epoch, part.After, part.Count, part.Frames));
        if ((_bytes += part.Frames.Length) >= OutBytes || _out.Count >= OutEntries) await FlushAsync();
    }

    internal override ValueTask FlushAsync() => DoAsync(async () =>
    {
        // As if sent before: where the connection breaks, what was stored all the same is found again.
        var stored = await _access.AskAsync(_link, redis => Task.WhenAll(_out.Select(a => _access.Store.AppendAsync(redis, _owner, a, a.Frames.ToArray(), again: true))));
        for (var i = 0; i < stored.Length; i++)
            if (!stored[i]) throw new JournalUnusableException($"another process writes to hall {_out[i].Name} in {Name}");
        _out.Clear();
        _bytes = 0;
    });

    internal override ValueTask SnapshotAsync(WalkedHall hall, StoredSnapshot snapshot) => DoAsync(() =>
        _access.AskAsync(_link, redis => _access.Store.SnapshotAsync(redis, _owner, new SnapshotWrite(hall.Number, hall.Name, _epochs[hall.Number], snapshot.Sequence, snapshot.Body))));

    internal override async ValueTask<JournalContents> ContentsAsync() => await RedisContents.OpenAsync(_connection, _options);

    internal override ValueTask FinishAsync(ulong starts) => DoAsync(() => _access.AskAsync(_link, redis => _access.Store.FinishCopyAsync(redis, starts)));

    public override ValueTask DisposeAsync()
    {
        _access.Dispose();
        return ValueTask.CompletedTask;
    }

    private async ValueTask<ulong> ClaimAsync(uint hall)
    {
        ulong epoch = 0;
        await DoAsync(async () =>
        {
            await _access.AskAsync(_link, redis => _access.Store.ListAsync(redis, [hall]));
            epoch = (await _access.AskAsync(_link, redis => _access.Store.ClaimAsync(redis, hall, _owner, 1, default, 0))).Head.Epoch;
        });
        return epoch;
    }

    private void MustBeEmpty(string version, bool hasHalls)
    {
        if (!RedisStore.Knows(version)) throw _access.Unknown(version);
        if (hasHalls) throw new JournalUnusableException($"the Redis at {_access.Place} has a journal already (keys {_options.Prefix}:*)");
    }

    private static async ValueTask DoAsync(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (IOException e)
        {
            throw new JournalUnusableException(e.Message, e);
        }
    }
}
