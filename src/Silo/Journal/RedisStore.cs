using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using StackExchange.Redis;

namespace HallOps.Silo.Journal;

/// <summary>An entry of a hall's stream: what the hall appended in one flush.</summary>
/// <param name="Last">The sequence of its last record: the first half of the entry's id.</param>
/// <param name="Count">How many records it has: the second half.</param>
internal readonly record struct RedisEntry(long Last, long Count, byte[] Body)
{
    public override string ToString() => FormattableString.Invariant($"{Last}-{Count}");
}

/// <summary>A hall's head as it is stored.</summary>
/// <param name="Name">Null before the first record.</param>
/// <param name="Lost">Null, or the sequences known to be gone and the epoch they were confirmed under, <c>first-last@epoch</c>.</param>
internal readonly record struct RedisHead(ulong Epoch, long Sequence, string? Name, string? Lost);

/// <summary>What a claim gave.</summary>
/// <param name="Accepted">The epoch up to which losses were accepted: what was confirmed under it is not asked after any more.</param>
/// <param name="Covered">The newest snapshot's sequence; 0 without one.</param>
/// <param name="Last">Of the stream's last entry: the head's own sequence, or the two have come apart.</param>
/// <param name="IsLate">Not given: a process that started later has had the hall.</param>
/// <param name="Chain">Of the last record.</param>
internal readonly record struct RedisClaim(RedisHead Head, ulong Accepted, long Covered, long Last, bool IsLate, UInt128 Chain);

/// <summary>How a lease stands.</summary>
/// <param name="Number">Of the asker's own lease; 0: it has none.</param>
/// <param name="Holder">Who has it instead; empty: nobody.</param>
internal readonly record struct RedisLeaseState(ulong Number, string Holder);

/// <summary>
/// Every call to Redis that the journal makes, and the keys it uses (docs/journal-format.md). Only <c>ExecuteAsync</c> and <c>ScriptEvaluateAsync</c>, so that it compiles with
/// StackExchange.Redis 1.2 and 2; only the primary is asked. Numbers go over the wire as text, so that no script rounds them.
/// </summary>
internal sealed class RedisStore(string prefix)
{
    private const CommandFlags Primary = CommandFlags.DemandMaster;

    // A hall behind what was confirmed to this process has lost the rest: it is written down at once, so that whoever claims the hall next is told as well.
    private const string Behind = """
        local function behind(key, sequence, lost, accepted, confirmed, epoch)
          if lost then return lost end
          if tonumber(sequence) >= tonumber(confirmed) or tonumber(epoch) <= tonumber(accepted) then return false end
          lost = string.format('%.0f-%s@%s', tonumber(sequence) + 1, confirmed, epoch)
          redis.call('HSET', key, 'lost', lost)
          return lost
        end

        """;

    // A claim and the mark of a loss are a few bytes: they are let through where there is no room, so that halls can still be read.
    private const string CheckScript = "#!lua flags=allow-oom\n" + Behind + """
        local h = redis.call('HMGET', KEYS[1], 'sequence', 'lost', 'accepted')
        return behind(KEYS[1], h[1] or '0', h[2], h[3] or '0', ARGV[1], ARGV[2])
        """;

    private const string ClaimScript = "#!lua flags=allow-oom\n" + Behind + """
        local h = redis.call('HMGET', KEYS[1], 'epoch', 'sequence', 'lost', 'accepted', 'name')
        local lost = behind(KEYS[1], h[2] or '0', h[3], h[4] or '0', ARGV[3], ARGV[4])
        local late = ARGV[5] ~= '0' and math.floor(tonumber(h[1] or '0') / 4294967296) > tonumber(ARGV[5])
        if not lost and not late then
          if tonumber(h[1] or '0') < tonumber(ARGV[2]) then redis.call('HSET', KEYS[1], 'epoch', ARGV[2], 'owner', ARGV[1])
          else
            redis.call('HINCRBY', KEYS[1], 'epoch', 1)
            redis.call('HSET', KEYS[1], 'owner', ARGV[1])
          end
        end
        local e = redis.call('XREVRANGE', KEYS[3], '+', '-', 'COUNT', 1)
        return { redis.call('HGET', KEYS[1], 'epoch') or '0', h[2] or '0', h[5] or '', lost or '', h[4] or '0', redis.call('HGET', KEYS[2], 'sequence') or '0',
          e[1] and string.match(e[1][1], '^%d+') or '0', late and '1' or '0', e[1] and string.sub(e[1][2][2], -20, -5) or '' }
        """;

    // Sent again after a lost answer, it first looks whether it was here before. Nothing but the entry's own bytes can say so: the hall may have another owner by now.
    private const string AppendScript = """
        if ARGV[8] == '1' then
          local e = redis.call('XRANGE', KEYS[2], ARGV[4], ARGV[4])
          if e[1] and e[1][2][2] == ARGV[6] then return 1 end
        end
        local h = redis.call('HMGET', KEYS[1], 'epoch', 'owner', 'sequence', 'lost', 'name')
        if h[1] ~= ARGV[1] or h[2] ~= ARGV[2] or (h[3] or '0') ~= ARGV[3] or h[4] then return 0 end
        redis.call('XADD', KEYS[2], ARGV[4], 'r', ARGV[6])
        redis.call('HSET', KEYS[1], 'sequence', ARGV[5])
        if not h[5] then redis.call('HSET', KEYS[1], 'name', ARGV[7]) end
        return 1
        """;

    // Declared, so that a server without room refuses it before it has moved the one snapshot out of the other's way.
    private const string SnapshotScript = "#!lua\n" + """
        local h = redis.call('HMGET', KEYS[1], 'epoch', 'owner', 'sequence', 'lost')
        if h[1] ~= ARGV[1] or h[2] ~= ARGV[2] or h[4] or tonumber(ARGV[3]) > tonumber(h[3] or '0') then return 0 end
        local newest = redis.call('HGET', KEYS[2], 'sequence')
        if newest and tonumber(newest) > tonumber(ARGV[3]) then return 0 end
        if newest and newest ~= ARGV[3] then redis.call('RENAME', KEYS[2], KEYS[3]) end
        redis.call('HSET', KEYS[2], 'epoch', ARGV[1], 'sequence', ARGV[3], 'crc', ARGV[4], 'body', ARGV[5])
        return 1
        """;

    // Together with what is marked already: each process knows of its own what is gone.
    private const string MarkScript = "#!lua flags=allow-oom\n" + """
        local lost = redis.call('HGET', KEYS[1], 'lost')
        local first, last, epoch = ARGV[1], ARGV[2], ARGV[3]
        if lost then
          local f, l, e = string.match(lost, '^(%d+)%-(%d+)@(%d+)$')
          if tonumber(f) < tonumber(first) then first = f end
          if tonumber(l) > tonumber(last) then last = l end
          if tonumber(e) > tonumber(epoch) then epoch = e end
        end
        lost = first .. '-' .. last .. '@' .. epoch
        redis.call('HSET', KEYS[1], 'lost', lost)
        return lost
        """;

    // The next epoch is above all that anything lost was confirmed under, so that what is confirmed from now on is told from what was given up.
    private const string AcceptScript = "#!lua flags=allow-oom\n" + """
        local h = redis.call('HMGET', KEYS[1], 'lost', 'epoch')
        if not h[1] then return '' end
        local epoch = string.match(h[1], '%d+$')
        if tonumber(h[2] or '0') > tonumber(epoch) then epoch = h[2] end
        redis.call('HSET', KEYS[1], 'accepted', epoch, 'epoch', epoch)
        redis.call('HDEL', KEYS[1], 'lost')
        return h[1]
        """;

    // What is there must be of this version and no half of a copy; else it is left as it is.
    private const string Known = """
        local m = redis.call('HMGET', KEYS[1], 'hallops-journal', 'copying')
        if m[1] and m[1] ~= ARGV[1] and m[1] ~= '2' then return { m[1], '0' } end
        if m[2] then return { 'copying', '0' } end

        """;

    private const string StartScript = Known + """
        if ARGV[2] ~= '' then
          local deployment = redis.call('HGET', KEYS[1], 'deployment')
          if deployment and deployment ~= ARGV[2] then return { ARGV[1], deployment, '0' } end
          if not deployment then redis.call('HSET', KEYS[1], 'deployment', ARGV[2]) end
        end
        if not m[1] then redis.call('HSET', KEYS[1], 'hallops-journal', ARGV[1]) end
        redis.call('HINCRBY', KEYS[1], 'starts', 1)
        return { ARGV[1], ARGV[2], redis.call('HGET', KEYS[1], 'starts') }
        """;

    // A lease that ended unnoticed goes on under its number where nobody has had it since. Few bytes, like a claim.
    private const string LeaseScript = "#!lua flags=allow-oom\n" + """
        local l = redis.call('HMGET', KEYS[1], 'token', 'holder')
        if l[1] and l[1] ~= ARGV[1] then return { '0', l[2] or '' } end
        local number = redis.call('HGET', KEYS[2], 'leases') or '0'
        if not l[1] then
          if ARGV[4] == '0' then number = string.format('%.0f', redis.call('HINCRBY', KEYS[2], 'leases', 1))
          elseif ARGV[4] ~= number then return { '0', '' } end
          redis.call('HSET', KEYS[1], 'token', ARGV[1], 'holder', ARGV[2])
        end
        redis.call('PEXPIRE', KEYS[1], ARGV[3])
        return { number, '' }
        """;

    private const string ReleaseScript = "#!lua flags=allow-oom\n" + """
        if redis.call('HGET', KEYS[1], 'token') == ARGV[1] then redis.call('DEL', KEYS[1]) end
        return 1
        """;

    private const string BeginCopyScript = Known + """
        if redis.call('SCARD', KEYS[2]) > 0 then return { ARGV[1], '1' } end
        redis.call('HSET', KEYS[1], 'hallops-journal', ARGV[1], 'copying', '1')
        return { ARGV[1], '0' }
        """;

    // The owner goes on behind what is cut: never its last record, and nothing that is in no snapshot.
    private const string CutScript = "#!lua flags=allow-oom\n" + """
        local h = redis.call('HMGET', KEYS[1], 'archived', 'sequence', 'lost')
        local s = redis.call('HGET', KEYS[3], 'sequence')
        if (h[1] or '0') ~= ARGV[1] or h[3] or tonumber(h[2] or '0') <= tonumber(ARGV[2]) or tonumber(s or '0') < tonumber(ARGV[2]) then return 0 end
        redis.call('HSET', KEYS[1], 'archived', ARGV[2])
        redis.call('XTRIM', KEYS[2], 'MINID', ARGV[3])
        return 1
        """;

    private const string FinishCopyScript = """
        if tonumber(redis.call('HGET', KEYS[1], 'starts') or '0') < tonumber(ARGV[1]) then redis.call('HSET', KEYS[1], 'starts', ARGV[1]) end
        return redis.call('HDEL', KEYS[1], 'copying')
        """;

    // Head and end of the stream as they are at one moment.
    private const string StandScript = """
        local h = redis.call('HMGET', KEYS[1], 'epoch', 'sequence', 'name', 'lost')
        local e = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)
        return { h[1], h[2], h[3], h[4], e[1] and string.match(e[1][1], '^%d+') or '0' }
        """;

    /// <summary>Of the layout of the keys: what a new journal is.</summary>
    public const string Version = "1";

    /// <summary>What its first archive makes of it.</summary>
    public const string WithArchives = "2";

    /// <summary>Told in a version's place by a journal that is half of a copy.</summary>
    public const string Unfinished = "copying";

    private readonly RedisKey _meta = prefix + ":meta";
    private readonly RedisKey _halls = prefix + ":halls";
    private readonly RedisKey _archives = prefix + ":archives";

    // On the node of the counter beside it.
    private readonly RedisKey _lease = $"{{{prefix}:meta}}:lease";

    public static bool Knows(string version) => version is Version or WithArchives;

    public static async Task<string> InfoAsync(IDatabase redis) => (string?)await redis.ExecuteAsync("INFO", [], Primary) ?? "";

    /// <param name="deployment">Whose the journal is from now on, where nobody's is named; empty: not asked.</param>
    /// <returns>The version that is there, or <see cref="Unfinished"/>; where it is the program's own, the deployment and, where that is the asker's, the start's number.</returns>
    public async Task<(string Version, string Deployment, ulong Start)> StartAsync(IDatabase redis, string deployment)
    {
        var answer = Parts(await redis.ScriptEvaluateAsync(StartScript, [_meta], [Version, deployment], Primary));
        return Text(answer[0]) is var version && version != Version ? (version, "", 0) : (version, Text(answer[1]), (ulong)Number(answer[2]));
    }

    /// <summary>Marks a journal without halls as half of a copy.</summary>
    /// <returns>The version that is there, or <see cref="Unfinished"/>, and whether it has halls: then, as with another version, nothing was changed.</returns>
    public async Task<(string Version, bool HasHalls)> BeginCopyAsync(IDatabase redis)
    {
        var answer = Parts(await redis.ScriptEvaluateAsync(BeginCopyScript, [_meta, _halls], [Version], Primary));
        return (Text(answer[0]), Number(answer[1]) != 0);
    }

    /// <summary>Takes the mark away.</summary>
    /// <param name="starts">What the count of starts must not be below.</param>
    public Task FinishCopyAsync(IDatabase redis, ulong starts) => redis.ScriptEvaluateAsync(FinishCopyScript, [_meta], [Text((long)starts)], Primary);

    /// <returns>The version that is there, null: none; whether it is half of a copy; how often it was opened to write.</returns>
    public async Task<(string? Version, bool IsUnfinished, ulong Starts)> MetaAsync(IDatabase redis)
    {
        var m = Parts(await redis.ExecuteAsync("HMGET", [_meta, "hallops-journal", "copying", "starts"], Primary));
        return (m[0].IsNull ? null : Text(m[0]), !m[1].IsNull, (ulong)Number(m[2]));
    }

    /// <returns>The head, and the sequence the stream ends with; 0: it is empty.</returns>
    public async Task<(RedisHead Head, long Last)> StandAsync(IDatabase redis, uint hall)
    {
        var h = Parts(await redis.ScriptEvaluateAsync(StandScript, [Head(hall), Log(hall)], [], Primary));
        return (HeadOf(h[0], h[1], h[2], h[3]), Number(h[4]));
    }

    /// <summary>The sequences of the snapshots that are there, the newest first.</summary>
    public async Task<IReadOnlyList<long>> SnapshotsAsync(IDatabase redis, uint hall)
    {
        var stored = await Task.WhenAll(redis.ExecuteAsync("HGET", [Snapshot(hall), "sequence"], Primary), redis.ExecuteAsync("HGET", [Before(hall), "sequence"], Primary));
        return [.. stored.Where(s => !s.IsNull).Select(Number)];
    }

    /// <summary>Takes the lease, or holds it for another while.</summary>
    /// <param name="token">The asker's own.</param>
    /// <param name="number">Of the lease that was given to it; 0: none yet.</param>
    public async Task<RedisLeaseState> LeaseAsync(IDatabase redis, string token, string holder, TimeSpan lasts, ulong number)
    {
        var answer = Parts(await redis.ScriptEvaluateAsync(LeaseScript, [_lease, _meta], [token, holder, Text((long)lasts.TotalMilliseconds), Text((long)number)], Primary));
        return new(ulong.Parse(Text(answer[0]), CultureInfo.InvariantCulture), Text(answer[1]));
    }

    public Task ReleaseAsync(IDatabase redis, string token) => redis.ScriptEvaluateAsync(ReleaseScript, [_lease], [token], Primary);

    public Task ProbeAsync(IDatabase redis, long number) => redis.ExecuteAsync("HSET", [_meta, "probe", Text(number)], Primary);

    /// <summary>Puts halls into the directory before their first record, so that none is ever stored that nobody finds.</summary>
    public Task ListAsync(IDatabase redis, IEnumerable<uint> halls) => redis.ExecuteAsync("SADD", [_halls, .. halls.Select(h => Text(h))], Primary);

    /// <summary>Those in the directory, in no order; some may have no record yet.</summary>
    public async Task<IReadOnlyList<uint>> ListedAsync(IDatabase redis) =>
        [.. Parts(await redis.ExecuteAsync("SMEMBERS", [_halls], Primary)).Select(h => uint.Parse(Text(h), CultureInfo.InvariantCulture))];

    public async Task<RedisHead> HeadAsync(IDatabase redis, uint hall)
    {
        var h = Parts(await redis.ExecuteAsync("HMGET", [Head(hall), "epoch", "sequence", "name", "lost"], Primary));
        return HeadOf(h[0], h[1], h[2], h[3]);
    }

    /// <returns>The sequences lost; null: none.</returns>
    public async Task<string?> CheckAsync(IDatabase redis, uint hall, Confirmed confirmed)
    {
        var lost = await redis.ScriptEvaluateAsync(CheckScript, [Head(hall)], [Text(confirmed.Sequence), Text((long)confirmed.Epoch)], Primary);
        return lost.IsNull ? null : Text(lost);
    }

    /// <param name="atLeast">What the new epoch must not be below.</param>
    /// <param name="start">The asker's; a hall that a later start has had is not given. 0: whoever asks last has it.</param>
    public async Task<RedisClaim> ClaimAsync(IDatabase redis, uint hall, string owner, ulong atLeast, Confirmed confirmed, ulong start)
    {
        var c = Parts(await redis.ScriptEvaluateAsync(ClaimScript, [Head(hall), Snapshot(hall), Log(hall)],
            [owner, Text((long)atLeast), Text(confirmed.Sequence), Text((long)confirmed.Epoch), Text((long)start)], Primary));
        return new(HeadOf(c[0], c[1], c[2], c[3]), (ulong)Number(c[4]), Number(c[5]), Number(c[6]), Number(c[7]) == 1, (byte[]?)c[8] is { Length: 16 } chain ? BinaryPrimitives.ReadUInt128LittleEndian(chain) : 0);
    }

    /// <param name="again">Whether it was sent before and not answered.</param>
    /// <returns>Whether it is stored.</returns>
    public async Task<bool> AppendAsync(IDatabase redis, string owner, Append append, byte[] frames, bool again) => (long)await redis.ScriptEvaluateAsync(AppendScript,
        [Head(append.Hall), Log(append.Hall)],
        [Text((long)append.Epoch), owner, Text(append.After), FormattableString.Invariant($"{append.Last}-{append.Count}"), Text(append.Last), frames, append.Name.Value, again ? "1" : "0"],
        Primary) == 1;

    /// <returns>Whether it is stored; a straggler's, one ahead of its hall and one older than the newest are not.</returns>
    public async Task<bool> SnapshotAsync(IDatabase redis, string owner, SnapshotWrite write) => (long)await redis.ScriptEvaluateAsync(SnapshotScript,
        [Head(write.Hall), Snapshot(write.Hall), Before(write.Hall)],
        [Text((long)write.Epoch), owner, Text(write.Sequence), Text(Crc32C.Of(write.Body.Span)), write.Body.ToArray()], Primary) == 1;

    /// <returns>All that count as lost now.</returns>
    public async Task<string> MarkLostAsync(IDatabase redis, uint hall, long first, Confirmed confirmed) =>
        Text(await redis.ScriptEvaluateAsync(MarkScript, [Head(hall)], [Text(first), Text(confirmed.Sequence), Text((long)confirmed.Epoch)], Primary));

    /// <returns>What was lost; empty where nothing was.</returns>
    public async Task<string> AcceptLossAsync(IDatabase redis, uint hall) => Text(await redis.ScriptEvaluateAsync(AcceptScript, [Head(hall)], [], Primary));

    /// <param name="newest">Or the one before it.</param>
    /// <returns>Null where there is none; a null body where its checksum does not fit.</returns>
    public async Task<(ulong Epoch, long Sequence, byte[]? Body)?> SnapshotAsync(IDatabase redis, uint hall, bool newest)
    {
        var s = Parts(await redis.ExecuteAsync("HMGET", [newest ? Snapshot(hall) : Before(hall), "epoch", "sequence", "crc", "body"], Primary));
        if (s[1].IsNull) return null;
        var body = (byte[]?)s[3];
        return ((ulong)Number(s[0]), Number(s[1]), body is not null && !s[2].IsNull && Crc32C.Of(body) == Number(s[2]) ? body : null);
    }

    /// <summary>Entries with a record at or above <paramref name="from"/> and none above <paramref name="to"/>'s entry, in order, at most <paramref name="count"/>.</summary>
    public async Task<IReadOnlyList<RedisEntry>> EntriesAsync(IDatabase redis, uint hall, long from, long to, int count)
    {
        var entries = Parts(await redis.ExecuteAsync("XRANGE", [Log(hall), Text(from), to == long.MaxValue ? "+" : Text(to), "COUNT", Text(count)], Primary));
        var read = new RedisEntry[entries.Length];
        for (var i = 0; i < entries.Length; i++)
        {
            var entry = Parts(entries[i]);
            var id = Text(entry[0]);
            var dash = id.IndexOf('-', StringComparison.Ordinal);
            read[i] = new(long.Parse(id.AsSpan(0, dash), CultureInfo.InvariantCulture), long.Parse(id.AsSpan(dash + 1), CultureInfo.InvariantCulture), (byte[]?)Parts(entry[1])[1] ?? []);
        }
        return read;
    }

    /// <summary>The archives that were named, in no order.</summary>
    public async Task<IReadOnlyList<ArchivePlace>> ArchivesAsync(IDatabase redis) =>
        [.. Parts(await redis.ExecuteAsync("HGETALL", [_archives], Primary)).Chunk(2).Select(pair => new ArchivePlace(Text(pair[0]), Convert.FromHexString(Text(pair[1]))))];

    /// <summary>Names an archive, and makes the journal one that older programs do not open.</summary>
    public async Task AddArchiveAsync(IDatabase redis, ArchivePlace place)
    {
        await redis.ExecuteAsync("HSET", [_meta, "hallops-journal", WithArchives], Primary);
        await redis.ExecuteAsync("HSET", [_archives, place.Name, Convert.ToHexStringLower(place.Hash)], Primary);
    }

    /// <summary>The sequence up to which a hall's records are in archives.</summary>
    public async Task<long> ArchivedAsync(IDatabase redis, uint hall) => Number(await redis.ExecuteAsync("HGET", [Head(hall), "archived"], Primary));

    /// <summary>Takes a hall's entries up to a record, which ends one, out of its stream.</summary>
    /// <param name="archived">Up to where that was done before.</param>
    /// <returns>False: nothing was done, as it stands otherwise by now.</returns>
    public async Task<bool> CutAsync(IDatabase redis, uint hall, long archived, long end) => (long)await redis.ScriptEvaluateAsync(CutScript,
        [Head(hall), Log(hall), Snapshot(hall)], [Text(archived), Text(end), FormattableString.Invariant($"{end + 1}-0")], Primary) == 1;

    private RedisKey Head(uint hall) => Key(hall, "head");
    private RedisKey Log(uint hall) => Key(hall, "log");
    private RedisKey Snapshot(uint hall) => Key(hall, "snapshot");
    private RedisKey Before(uint hall) => Key(hall, "before");

    // One hash tag a hall: in a cluster all its keys lie on one node, where one script can reach them.
    private RedisKey Key(uint hall, string what) => string.Create(CultureInfo.InvariantCulture, $"{prefix}:{{{hall}}}:{what}");

    private static RedisHead HeadOf(RedisResult epoch, RedisResult sequence, RedisResult name, RedisResult lost) =>
        new((ulong)Number(epoch), Number(sequence), name.IsNull || Text(name).Length == 0 ? null : Text(name), lost.IsNull || Text(lost).Length == 0 ? null : Text(lost));

    private static RedisResult[] Parts(RedisResult result) => (RedisResult[]?)result ?? [];

    private static string Text(RedisResult result) => Encoding.UTF8.GetString((byte[]?)result ?? []);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static long Number(RedisResult result) => result.IsNull ? 0 : long.Parse(Text(result), CultureInfo.InvariantCulture);
}
