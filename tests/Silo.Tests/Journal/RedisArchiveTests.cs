using HallOps.Silo.Journal;
using StackExchange.Redis;

namespace HallOps.Silo.Tests.Journal;

public sealed class RedisArchiveTests : ArchiveContract
{
    private readonly string _prefix = RedisRun.Apart().Prefix;

    private RedisJournalOptions Options => new() { Prefix = _prefix, ConnectWithin = TimeSpan.FromSeconds(10), Archives = Path.Combine(At, "archive") };

    protected override async ValueTask<IJournal> OpenAsync() => await RedisJournal.OpenAsync(RedisRun.Server.Address, Options);

    protected override Task ArchiveAsync(DateOnly before, TextWriter output, Action<string>? step) =>
        JournalArchiving.OfRedisAsync(RedisRun.Server.Address, before, output, Options, step, Cancel);

    protected override async ValueTask<JournalContents> ContentsAsync() => await JournalContents.OfRedisAsync(RedisRun.Server.Address, Options);

    protected override async Task<long> KeptAsync()
    {
        var kept = 0L;
        foreach (var hall in (int[])[1, 2, 3])
            foreach (var entry in (RedisResult[])(await DoAsync("XRANGE", Key(hall, "log"), "-", "+"))!) kept += long.Parse(((string)((RedisResult[])entry!)[0]!).Split('-')[1], System.Globalization.CultureInfo.InvariantCulture);
        return kept;
    }

    protected override async Task BreakAsync(long sequence)
    {
        // A stream is only ever appended to: its entries from this one on are taken away and put back.
        var log = Key(2, "log");
        await RedisRun.Server.ReachAsync(async redis =>
        {
            var entries = (RedisResult[])(await redis.ExecuteAsync("XRANGE", log, sequence, "+"))!;
            await redis.ExecuteAsync("XDEL", [log, .. entries.Select(e => (object)(string)((RedisResult[])e!)[0]!)]);
            await redis.ExecuteAsync("XSETID", log, $"{sequence - 1}-0");
            for (var i = 0; i < entries.Length; i++)
            {
                var parts = (RedisResult[])entries[i]!;
                var body = (byte[])((RedisResult[])parts[1]!)[1]!;
                if (i == 0) body[^1] ^= 1;
                await redis.ExecuteAsync("XADD", log, (string)parts[0]!, "r", body);
            }
            return true;
        });
    }

    protected override async Task BreakSnapshotsAsync()
    {
        foreach (var which in (string[])["snapshot", "before"]) await DoAsync("HSET", Key(1, which), "crc", "1");
    }

    /// <summary>What a program of the first layout compares the version with.</summary>
    [Fact]
    public async Task Archive_MakesAJournalThatOlderProgramsDoNotOpen()
    {
        await WriteDaysAsync(2);
        Assert.Equal("1", (string)(await DoAsync("HGET", (RedisKey)$"{_prefix}:meta", "hallops-journal"))!);

        await ArchiveAsync(new DateOnly(2026, 10, 2), TextWriter.Null, null);

        Assert.Equal("2", (string)(await DoAsync("HGET", (RedisKey)$"{_prefix}:meta", "hallops-journal"))!);
    }

    /// <summary>The owner remembers records that it knows to be there: an archived one is not a lost one.</summary>
    [Fact]
    public async Task Claim_AfterAnArchive_FindsNothingLost()
    {
        await using var first = await OpenAsync();
        await WriteDaysAsync(3);
        await ArchiveAsync(new DateOnly(2026, 10, 4), TextWriter.Null, null);

        await using var second = await OpenAsync();
        for (var i = 0; i < 3; i++)
            foreach (var journal in (IJournal[])[first, second])
            {
                Assert.True(await journal.ClaimAsync(1, Cancel) > 0);
                Assert.Equal(1_215, (await journal.ReadAsync(1, Cancel)).Head.Sequence);
            }
    }

    private RedisKey Key(int hall, string what) => $"{_prefix}:{{{hall}}}:{what}";

    private static Task<RedisResult> DoAsync(string command, params object[] arguments) => RedisRun.Server.ReachAsync(redis => redis.ExecuteAsync(command, arguments));
}
