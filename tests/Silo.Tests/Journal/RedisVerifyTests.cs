using System.Buffers.Binary;
using System.Globalization;
using HallOps.Silo.Journal;
using StackExchange.Redis;

namespace HallOps.Silo.Tests.Journal;

/// <summary>What <c>journal verify</c> says of a journal in Redis: the same lines as of a folder's.</summary>
public sealed class RedisVerifyTests
{
    private readonly RedisJournalOptions _keys = RedisRun.Apart();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string Server => RedisRun.Server.Address;

    /// <summary>Two halls with 40 records each, two a flush, and snapshots at 10, 20 and 30, of which the newest two are kept.</summary>
    private async Task WriteAsync()
    {
        await using var journal = await RedisJournal.OpenAsync(Server, _keys);
        HallPen[] pens = [new(1, "rudong-town"), new(2, "huangpu")];
        foreach (var pen in pens) await pen.Load(journal);
        for (var i = 1; i <= 20; i++)
        {
            Assert.Null((await journal.AppendAsync(HallPen.Flush([.. pens.Select(p => p.Next(2))], []), Cancel)).Failure);
            if (i is 5 or 10 or 15) await journal.AppendAsync(HallPen.Flush([], [.. pens.Select(p => p.Snapshot())]), Cancel);
        }
    }

    private async Task<(bool Whole, string[] Lines)> VerifyAsync()
    {
        var output = new StringWriter();
        await using var contents = await JournalContents.OfRedisAsync(Server, _keys);
        var whole = await JournalVerify.RunAsync(contents, output, (_, snapshot) => BinaryPrimitives.ReadUInt128LittleEndian(snapshot.Body.Span), cancel: Cancel);
        return (whole, output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }

    private async Task DoAsync(string command, params object[] arguments)
    {
        arguments[0] = (RedisKey)$"{_keys.Prefix}:{{2}}:{arguments[0]}";
        await RedisRun.Server.ReachAsync(redis => redis.ExecuteAsync(command, arguments));
    }

    private async Task<byte[]> EntryAsync(string hall, string id) => await RedisRun.Server.ReachAsync(async redis =>
        (byte[])((RedisResult[])((RedisResult[])((RedisResult[])(await redis.ExecuteAsync("XRANGE", (RedisKey)$"{_keys.Prefix}:{{{hall}}}:log", id, id))!)[0]!)[1]!)[1]!);

    [Fact]
    public async Task Verify_OfAWholeJournal_SaysSoBesideTheServerThatWritesIt()
    {
        await WriteAsync();
        await using var journal = await RedisJournal.OpenAsync(Server, _keys);
        var starts = await StartsAsync();

        var (whole, lines) = await VerifyAsync();

        Assert.True(whole);
        Assert.Equal(["rudong-town: 40 records, 2 snapshots, whole", "huangpu: 40 records, 2 snapshots, whole"], lines);
        Assert.Equal(starts, await StartsAsync());

        async Task<string> StartsAsync() => (string)(await RedisRun.Server.ReachAsync(redis => redis.ExecuteAsync("HGET", (RedisKey)$"{_keys.Prefix}:meta", "starts")))!;
    }

    [Theory]
    [InlineData("XDEL log 14-2", "huangpu: 38 records, 2 snapshots, records 13 to 14 are missing before byte 0 of entry 16-2")]
    [InlineData("XDEL log 40-2", "huangpu: 38 records, 2 snapshots, records 39 to 40 are missing")]
    [InlineData("HSET head sequence 38", "huangpu: 38 records, 2 snapshots, its records go on to 40, its head is at 38")]
    [InlineData("HSET head lost 41-44@4294967298", "huangpu: 40 records, 2 snapshots, records 41 to 44, which were stored, are gone")]
    [InlineData("HSET head lost 41-41@4294967298", "huangpu: 40 records, 2 snapshots, record 41, which was stored, is gone")]
    [InlineData("HSET snapshot body 0123456789012345678901234", "huangpu: 40 records, 2 snapshots, the snapshot at 30 does not fit its checksum")]
    [InlineData("HSET snapshot sequence 41", "huangpu: 40 records, 2 snapshots, the snapshot at 41 is ahead of the last record, 40")]
    [InlineData("DEL log", "huangpu: 0 records, 2 snapshots, records 1 to 40 are missing")]
    public async Task Verify_OfADamagedJournal_SaysWhatIsWrong(string damage, string expected)
    {
        await WriteAsync();
        var words = damage.Split(' ');
        await DoAsync(words[0], [.. words[1..]]);

        var (whole, lines) = await VerifyAsync();

        Assert.False(whole);
        Assert.Equal(["rudong-town: 40 records, 2 snapshots, whole", expected], lines);
    }

    [Fact]
    public async Task Verify_OfARecordThatWasChangedOrIsAnothers_NamesItsEntry()
    {
        await WriteAsync();
        var changed = await EntryAsync("2", "40-2");
        changed[^30] ^= 1;
        await DoAsync("XDEL", "log", "40-2");
        await DoAsync("XADD", "log", "40-3", "r", changed);
        var second = 4 + BinaryPrimitives.ReadUInt32LittleEndian(changed);
        Assert.Equal(FormattableString.Invariant($"huangpu: 39 records, 2 snapshots, record 40 at byte {second} of entry 40-3 does not fit its checksum"), (await VerifyAsync()).Lines[1]);

        await DoAsync("XDEL", "log", "40-3");
        await DoAsync("XADD", "log", "40-4", "r", await EntryAsync("1", "40-2"));
        Assert.Equal("huangpu: 38 records, 2 snapshots, a record of hall number 1 is at byte 0 of entry 40-4", (await VerifyAsync()).Lines[1]);
    }

    [Fact]
    public async Task Verify_OfAHistoryThatWasWrittenAnew_SeesItInTheChain()
    {
        await WriteAsync();
        var forged = new HallPen(2, "huangpu") { Epoch = 1UL << 40 };
        forged.Next(38);
        await DoAsync("XDEL", "log", "40-2");
        await DoAsync("XADD", "log", "40-3", "r", forged.Next(2).Frames.ToArray());

        Assert.Equal("huangpu: 40 records, 2 snapshots, record 39 at byte 0 of entry 40-3: A record's chain does not follow the one before it.", (await VerifyAsync()).Lines[1]);
    }

    [Fact]
    public async Task Verify_WithoutAJournal_OrWithANewerOne_SaysSo()
    {
        Assert.Equal($"there is no journal in the Redis at {Server}", (await Assert.ThrowsAsync<JournalUnusableException>(VerifyAsync)).Message);
        await RedisRun.Server.ReachAsync(redis => redis.ExecuteAsync("HSET", (RedisKey)$"{_keys.Prefix}:meta", "hallops-journal", 3.ToString(CultureInfo.InvariantCulture)));
        Assert.Equal($"the journal in the Redis at {Server} is of format 3, and this program knows up to 2: use the program that wrote it", (await Assert.ThrowsAsync<JournalUnusableException>(VerifyAsync)).Message);
    }

    [Fact]
    public async Task AcceptLoss_GivesUpWhatIsGoneAndNothingElse()
    {
        await WriteAsync();
        await DoAsync("HSET", "head", "lost", "41-44@4294967298");

        Assert.Null(await JournalLoss.AcceptAsync(Server, new("rudong-town"), _keys));
        Assert.Equal(new JournalLoss("41-44", 40), await JournalLoss.AcceptAsync(Server, new("huangpu"), _keys));
        Assert.Null(await JournalLoss.AcceptAsync(Server, new("huangpu"), _keys));
        Assert.Equal($"the journal in the Redis at {Server} has no hall o", (await Assert.ThrowsAsync<JournalUnusableException>(() => JournalLoss.AcceptAsync(Server, new("o"), _keys))).Message);

        Assert.True((await VerifyAsync()).Whole);
        await using var journal = await RedisJournal.OpenAsync(Server, _keys);
        var pen = new HallPen(2, "huangpu");
        Assert.Equal(40, (await pen.Load(journal)).Head.Sequence);
        Assert.Equal([AppendOutcome.Stored], (await journal.AppendAsync(HallPen.Flush(pen.Next(1)), Cancel)).Appends);
    }
}
