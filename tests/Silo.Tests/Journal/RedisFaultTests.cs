using System.Diagnostics;
using HallOps.Silo.Journal;
using StackExchange.Redis;

namespace HallOps.Silo.Tests.Journal;

/// <summary>The faults of a journal in Redis: F4, F14, F21 and F23 of the quality page at the adapter, each on a server of its own where the server is what fails.</summary>
public sealed class RedisFaultTests
{
    // What a pen writes into its first record, and nothing else on the wire has.
    private const string Kiosk = "kiosk:k1";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static async Task<HallPen> Load(RedisJournal journal, uint number)
    {
        var pen = new HallPen(number);
        await pen.Load(journal);
        return pen;
    }

    private static async Task Store(RedisJournal journal, params Append[] appends)
    {
        var outcome = await journal.AppendAsync(HallPen.Flush(appends), Cancel);
        Assert.Null(outcome.Failure);
        Assert.All(outcome.Appends, o => Assert.Equal(AppendOutcome.Stored, o));
    }

    private static async Task<AppendOutcome> Try(RedisJournal journal, Append append) => Assert.Single((await journal.AppendAsync(HallPen.Flush(append), Cancel)).Appends);

    /// <summary>All records of a hall, checked to be whole, in order and as the pen wrote them; returns the last sequence.</summary>
    private static async Task<long> ReadWhole(RedisJournal journal, uint hall)
    {
        long last = 0;
        UInt128 chain = 0;
        await foreach (var page in journal.ReadFromAsync(hall, 0, Cancel))
        {
            foreach (var record in page)
            {
                Assert.Equal(++last, record.Sequence);
                Assert.Equal(HallPen.Payload(last, record.Payload.Length), record.Payload.ToArray());
                chain = record.Chain;
            }
        }
        var history = await journal.ReadAsync(hall, Cancel);
        Assert.Equal(last, history.Head.Sequence);
        if (history.Tail is [.., var end]) Assert.Equal(chain, end.Chain);
        return last;
    }

    /// <summary>What is given up of the first hall; null: it has lost nothing.</summary>
    private static async Task<string?> Accepted(RedisServer server) => (await JournalLoss.AcceptAsync(server.Address, new HallPen(1).Name))?.Gone;

    private static async Task<string> Damage(Func<Task> read) => (await Assert.ThrowsAsync<HallDamagedException>(read)).Message;

    private static async Task Until(Func<Task<bool>> met, string what)
    {
        var began = Stopwatch.StartNew();
        while (!await met())
        {
            Assert.True(began.Elapsed < TimeSpan.FromSeconds(20), $"not within 20 s: {what}");
            await Task.Delay(20, Cancel);
        }
    }

    // ---- F21: a server that goes away

    [Fact]
    public async Task F21_ServerKilledBetweenFlushes_LosesNothing()
    {
        using var server = new RedisServer();
        await using var journal = await RedisJournal.OpenAsync(server.Address);
        var pens = new[] { await Load(journal, 1), await Load(journal, 2) };
        for (var round = 0; round < 4; round++)
        {
            await Store(journal, pens[0].Next(2), pens[1].Next(1));
            server.Kill();
            server.Start();
        }
        // The heads are where they were: what was confirmed is there, and the incarnations go on.
        await Store(journal, pens[0].Next(2), pens[1].Next(1));

        Assert.Equal(10, await ReadWhole(journal, 1));
        Assert.Equal(5, await ReadWhole(journal, 2));
    }

    [Fact]
    public async Task F21_ServerAway_RefusesAtOnceAndIsFoundAgainByTheProbe()
    {
        using var server = new RedisServer();
        await using var journal = await RedisJournal.OpenAsync(server.Address);
        var pen = await Load(journal, 1);
        await Store(journal, pen.Next(3));
        server.Kill();
        Assert.False(await journal.ProbeAsync(Cancel));

        var outcome = await journal.AppendAsync(HallPen.Flush(pen.Next(1)), Cancel);
        Assert.Equal([AppendOutcome.NotStored], outcome.Appends);
        Assert.True(outcome.Failure!.Full, outcome.Failure.Reason);
        Assert.False(await journal.ProbeAsync(Cancel));
        await Assert.ThrowsAsync<IOException>(async () => await journal.ReadAsync(1, Cancel));
        await Assert.ThrowsAsync<IOException>(async () => await journal.ClaimAsync(1, Cancel));

        server.Start();
        await Until(async () => await journal.ProbeAsync(Cancel), "a probe that finds the server again");
        Assert.Equal(3, (await pen.Load(journal)).Head.Sequence);
        await Store(journal, pen.Next(1));
        Assert.Equal(4, await ReadWhole(journal, 1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task F21_ConnectionCutInAnAppend_ItsOutcomeIsKnownAfterAllAndItIsThereOnce(bool reachesTheServer)
    {
        using var wire = new RedisWire(RedisRun.Server.Port);
        await using var journal = await RedisJournal.OpenAsync(wire.Address, RedisRun.Apart());
        var pens = new[] { await Load(journal, 1), await Load(journal, 2), await Load(journal, 3) };
        await Store(journal, pens[0].Next(2), pens[1].Next(1));
        for (var round = 0; round < 5; round++)
        {
            wire.CutAt(Kiosk, reachesTheServer);
            await Store(journal, pens[0].Next(2), pens[1].Next(1), pens[2].Next(3));
        }
        Assert.Equal((12, 6, 15), (await ReadWhole(journal, 1), await ReadWhole(journal, 2), await ReadWhole(journal, 3)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task F14_AnswerLostAndTheServerAway_IsUncertainUntilTheReload(bool reachesTheServer)
    {
        using var wire = new RedisWire(RedisRun.Server.Port);
        var options = new RedisJournalOptions { Prefix = RedisRun.Apart().Prefix, ResolveWithin = TimeSpan.FromMilliseconds(200), ConnectWithin = TimeSpan.FromSeconds(1) };
        await using var journal = await RedisJournal.OpenAsync(wire.Address, options);
        var pen = await Load(journal, 1);
        await Store(journal, pen.Next(2));
        wire.CutAt(Kiosk, reachesTheServer);
        // The wire itself stays down when it is cut.
        wire.Down = true;

        var outcome = await journal.AppendAsync(HallPen.Flush(pen.Next(2)), Cancel);

        Assert.Equal([AppendOutcome.Uncertain], outcome.Appends);
        Assert.True(outcome.Failure!.Full, outcome.Failure.Reason);
        Assert.False(await journal.ProbeAsync(Cancel));
        wire.Down = false;
        await Until(async () => await journal.ProbeAsync(Cancel), "a probe that gets through");
        Assert.Equal(reachesTheServer ? 4 : 2, (await pen.Load(journal)).Head.Sequence);
        await Store(journal, pen.Next(1));
        Assert.Equal(reachesTheServer ? 5 : 3, await ReadWhole(journal, 1));
    }

    [Theory]
    [InlineData(true, AppendOutcome.Stored)]
    [InlineData(false, AppendOutcome.Refused)]
    public async Task F14_AnswerLostAndAnotherOwnerMeanwhile_SaysWhatIsThere(bool reachesTheServer, AppendOutcome expected)
    {
        using var wire = new RedisWire(RedisRun.Server.Port);
        var options = RedisRun.Apart();
        await using var journal = await RedisJournal.OpenAsync(wire.Address, options);
        await using var other = await RedisJournal.OpenAsync(RedisRun.Server.Address, options);
        var pen = await Load(journal, 1);
        await Store(journal, pen.Next(2));
        var next = new HallPen(1);
        wire.CutAt(Kiosk, reachesTheServer, async () =>
        {
            await next.Load(other);
            await Store(other, next.Next(2));
        });

        Assert.Equal(expected, await Try(journal, pen.Next(2)));
        Assert.Equal(reachesTheServer ? 6 : 4, await ReadWhole(journal, 1));
        Assert.Equal(AppendOutcome.Refused, await Try(journal, pen.Next(1)));
    }

    [Fact]
    public async Task F21_ServerThatStandsStill_IsGivenUpAndNothingIsStoredTwice()
    {
        using var server = new RedisServer();
        var options = new RedisJournalOptions { AnswerWithin = TimeSpan.FromMilliseconds(300), ResolveWithin = TimeSpan.FromMilliseconds(200), ConnectWithin = TimeSpan.FromSeconds(1) };
        await using var journal = await RedisJournal.OpenAsync(server.Address, options);
        var pen = await Load(journal, 1);
        await Store(journal, pen.Next(2));
        server.Pause(true);
        var began = Stopwatch.StartNew();
        Assert.Equal(AppendOutcome.Uncertain, await Try(journal, pen.Next(2)));
        Assert.True(began.Elapsed < TimeSpan.FromSeconds(5), $"given up after {began.Elapsed}");
        server.Pause(false);

        await Until(async () => await journal.ProbeAsync(Cancel), "a probe after the pause");
        // What was in the server's ears is done by now or never: the claim ends it.
        var last = (await pen.Load(journal)).Head.Sequence;
        Assert.True(last is 2 or 4, $"the head is {last}");
        await Store(journal, pen.Next(3));
        Assert.Equal(last + 3, await ReadWhole(journal, 1));
    }

    // ---- F21: a second of it lost

    [Fact]
    public async Task F21_LastSecondLost_IsNamedToEveryOwnerUntilItIsAccepted()
    {
        using var server = new RedisServer();
        await using var journal = await RedisJournal.OpenAsync(server.Address);
        var pen = await Load(journal, 1);
        var quiet = await Load(journal, 2);
        await Store(journal, quiet.Next(1));
        await Store(journal, pen.Next(3));
        await Store(journal, pen.Next(2));
        await Store(journal, pen.Next(4));
        server.Kill();
        server.LoseLast(2);
        server.Start();

        Assert.Equal(AppendOutcome.Refused, await Try(journal, pen.Next(1)));
        const string Lost = "hall hall-1 (number 1) is damaged: records 4 to 9, which were stored, are gone";
        Assert.Equal(Lost, await Damage(() => pen.Load(journal)));
        Assert.Equal(Lost, await Damage(async () => await journal.ReadAsync(1, Cancel)));
        await using (var next = await RedisJournal.OpenAsync(server.Address))
        {
            Assert.Equal(Lost, await Damage(() => new HallPen(1).Load(next)));
            Assert.Equal(Lost, await Damage(() => ReadWhole(next, 1)));
        }
        await Store(journal, quiet.Next(1));

        Assert.Equal("4-9", await Accepted(server));
        Assert.Null(await Accepted(server));
        Assert.Equal(3, (await pen.Load(journal)).Head.Sequence);
        await Store(journal, pen.Next(1));
        Assert.Equal(4, await ReadWhole(journal, 1));
        // Accepted once and for all: neither a reload nor a restart of the server brings it up again.
        server.Kill();
        server.Start();
        Assert.Equal(4, (await pen.Load(journal)).Head.Sequence);
        // But a second loss, below where the first one ended, is a loss again.
        await Store(journal, pen.Next(1));
        await Store(journal, pen.Next(1));
        server.Kill();
        server.LoseLast(1);
        server.Start();
        Assert.Equal(AppendOutcome.Refused, await Try(journal, pen.Next(1)));
        Assert.Equal("hall hall-1 (number 1) is damaged: record 6, which was stored, is gone", await Damage(() => pen.Load(journal)));
    }

    [Fact]
    public async Task Append_AfterTheServerForgotItsScripts_LoadsThemAgain()
    {
        using var server = new RedisServer();
        await using var journal = await RedisJournal.OpenAsync(server.Address);
        var pen = await Load(journal, 1);
        await Store(journal, pen.Next(1));
        Assert.Equal("+OK", server.Ask("SCRIPT FLUSH"));
        await Store(journal, pen.Next(1));
        Assert.Equal("+OK", server.Ask("SCRIPT FLUSH"));
        await pen.Load(journal);
        await Store(journal, pen.Next(1));
        Assert.Equal(3, await ReadWhole(journal, 1));
    }

    [Fact]
    public async Task F21_LossThatAnotherOwnerWroteOver_IsNamedToTheOneWhoseItWas()
    {
        using var server = new RedisServer();
        await using var journal = await RedisJournal.OpenAsync(server.Address);
        var pen = await Load(journal, 1);
        await Store(journal, pen.Next(3));
        await Store(journal, pen.Next(2));
        server.Kill();
        server.LoseLast(1);
        server.Start();
        // It knows nothing of what the first one was told, and comes first.
        await using var other = await RedisJournal.OpenAsync(server.Address);
        var next = await Load(other, 1);
        await Store(other, next.Next(3));

        Assert.Equal(AppendOutcome.Refused, await Try(journal, pen.Next(1)));
        Assert.Equal("hall hall-1 (number 1) is damaged: records 4 to 5, which were stored, are gone", await Damage(() => pen.Load(journal)));
        Assert.Equal(AppendOutcome.Refused, await Try(other, next.Next(1)));

        Assert.Equal("4-5", await Accepted(server));
        Assert.Equal(6, (await pen.Load(journal)).Head.Sequence);
        await Store(journal, pen.Next(1));
        Assert.Equal(7, (await next.Load(other)).Head.Sequence);
    }

    [Fact]
    public async Task F21_LossOfWhatAnotherOwnerWrote_IsNamedByTheOneThatTookOver()
    {
        using var server = new RedisServer();
        await using (var journal = await RedisJournal.OpenAsync(server.Address))
        {
            var pen = await Load(journal, 1);
            await Store(journal, pen.Next(3));
            await Store(journal, pen.Next(2));
        }
        await using var next = await RedisJournal.OpenAsync(server.Address);
        var taken = await Load(next, 1);
        Assert.Equal(5, taken.Sequence);
        server.Kill();
        // The append, the second start and the claim: the one that was told of the append is gone, the one that showed it is not.
        server.LoseLast(3);
        server.Start();

        Assert.Equal(AppendOutcome.Refused, await Try(next, taken.Next(1)));
        Assert.Equal("hall hall-1 (number 1) is damaged: records 4 to 5, which were stored, are gone", await Damage(() => taken.Load(next)));
        Assert.Equal("4-5", await Accepted(server));
        Assert.Equal(3, (await taken.Load(next)).Head.Sequence);
    }

    [Fact]
    public async Task F21_LossWrittenOverAfterAReload_IsNamedFromItsFirstRecordOn()
    {
        using var server = new RedisServer();
        await using var journal = await RedisJournal.OpenAsync(server.Address);
        var pen = await Load(journal, 1);
        await Store(journal, pen.Next(3));
        await Store(journal, pen.Next(2));
        await pen.Load(journal);
        server.Kill();
        server.LoseLast(2);
        server.Start();
        await using var other = await RedisJournal.OpenAsync(server.Address);
        var next = await Load(other, 1);
        await Store(other, next.Next(3));

        Assert.Equal("hall hall-1 (number 1) is damaged: records 4 to 5, which were stored, are gone", await Damage(() => pen.Load(journal)));
    }

    [Fact]
    public async Task F21_LossWrittenOverInPart_IsNamedFromItsFirstRecordOn()
    {
        using var server = new RedisServer();
        await using var journal = await RedisJournal.OpenAsync(server.Address);
        var pen = await Load(journal, 1);
        await Store(journal, pen.Next(3));
        await Store(journal, pen.Next(1));
        await Store(journal, pen.Next(2));
        server.Kill();
        server.LoseLast(2);
        server.Start();
        await using var other = await RedisJournal.OpenAsync(server.Address);
        var next = await Load(other, 1);
        await Store(other, next.Next(1));

        // The head is behind what is known, and what it is at is another record.
        Assert.Equal("hall hall-1 (number 1) is damaged: records 4 to 6, which were stored, are gone", await Damage(() => pen.Load(journal)));
        Assert.Equal(AppendOutcome.Refused, await Try(other, next.Next(1)));
    }

    [Fact]
    public async Task F21_ClaimLost_IsNoEpochOfTwoOwners()
    {
        using var server = new RedisServer();
        await using var first = await RedisJournal.OpenAsync(server.Address);
        await using var second = await RedisJournal.OpenAsync(server.Address);
        var pen = await Load(first, 1);
        await Store(first, pen.Next(1));
        var lost = await Load(second, 1);
        server.Kill();
        server.LoseLast(1);
        server.Start();

        Assert.Equal(1, (await pen.Load(first)).Head.Sequence);
        // As a server does that lost its count of starts as well: the same number again, to another process.
        await server.ReachAsync(redis => redis.ExecuteAsync("HSET", (RedisKey)"hallops:{1}:head", "epoch", lost.Epoch.ToString(System.Globalization.CultureInfo.InvariantCulture)));

        Assert.Equal(AppendOutcome.Refused, await Try(second, lost.Next(1)));
        Assert.Equal(1, await ReadWhole(first, 1));
    }

    [Theory]
    [InlineData(20261122)]
    [InlineData(7)]
    public async Task F21_TwoOwnersTakingTurns_NeverBothWrite(int seed)
    {
        var options = RedisRun.Apart();
        await using var a = await RedisJournal.OpenAsync(RedisRun.Server.Address, options);
        await using var b = await RedisJournal.OpenAsync(RedisRun.Server.Address, options);
        var random = new Random(seed);
        var owners = new[] { (Journal: a, Pen: new HallPen(1)), (Journal: b, Pen: new HallPen(1)) };
        (int Owner, long Last) held = (-1, 0);
        for (var step = 0; step < 300; step++)
        {
            var i = random.Next(2);
            var (journal, pen) = owners[i];
            if (random.Next(4) == 0)
            {
                await pen.Load(journal);
                Assert.Equal(held.Last, pen.Sequence);
                held.Owner = i;
            }
            else
            {
                var append = pen.Next(random.Next(1, 4));
                var outcome = await Try(journal, append);
                Assert.True((held.Owner == i) == (outcome == AppendOutcome.Stored), $"seed {seed}, step {step}: owner {i} of {held} got {outcome}");
                if (outcome == AppendOutcome.Stored) held.Last = append.Last;
            }
        }
        Assert.Equal(held.Last, await ReadWhole(a, 1));
        Assert.Empty(owners[1 - held.Owner].Journal.Overdue(0));
    }

    // ---- F4

    [Fact]
    public async Task F4_ServerWithoutRoom_StoresNothingOfItAndRecoversByItself()
    {
        using var server = new RedisServer();
        await using var journal = await RedisJournal.OpenAsync(server.Address);
        var pen = await Load(journal, 1);
        await Store(journal, pen.Next(3));
        await journal.AppendAsync(HallPen.Flush([], [pen.Snapshot()]), Cancel);
        Assert.Equal("+OK", server.Ask("CONFIG SET maxmemory 1"));

        var append = await journal.AppendAsync(HallPen.Flush(pen.Next(2)), Cancel);
        Assert.Equal([AppendOutcome.NotStored], append.Appends);
        Assert.True(append.Failure is { Full: true } full && full.Reason.Contains("maxmemory", StringComparison.Ordinal), $"{append.Failure}");
        Assert.False(await journal.ProbeAsync(Cancel));
        // Halls can still be read, and claimed for it.
        Assert.Equal((3, 3), ((await pen.Load(journal)).Head.Sequence, (await journal.ReadAsync(1, Cancel)).Snapshot!.Sequence));
        var snapshot = await journal.AppendAsync(HallPen.Flush([], [pen.Snapshot()]), Cancel);
        Assert.True(snapshot.Failure is { Full: true });
        Assert.Equal(AppendOutcome.NotStored, await Try(journal, (await Load(journal, 9)).Next(1)));

        Assert.Equal("+OK", server.Ask("CONFIG SET maxmemory 0"));
        Assert.True(await journal.ProbeAsync(Cancel));
        await Store(journal, pen.Next(2));
        Assert.Equal(5, await ReadWhole(journal, 1));
        Assert.Equal(3, (await journal.ReadAsync(1, Cancel)).Snapshot!.Sequence);
    }

    // ---- F3: what others did to the store

    public static TheoryData<string, string> Damages => new()
    {
        { "redis.call('XDEL', KEYS[1], '5-2')", "records 4 to 5 are missing before entry 6-1" },
        { "redis.call('XDEL', KEYS[1], '3-3')", "records 1 to 3 are missing before entry 5-2" },
        { "redis.call('XDEL', KEYS[1], '6-1')", "record 6 is missing" },
        { "local b = e[2][2][2] e[2][2][2] = b:sub(1, 20) .. string.char((b:byte(21) + 1) % 256) .. b:sub(22)", "record 4 at byte 0 of entry 5-2 does not fit its checksum" },
        { "e[3][2][2] = e[2][2][2]", "entry 6-1 has record 4 again" },
        { "e[2][2][2] = e[3][2][2]", "records 4 to 5 are missing in entry 5-2" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task F3_DamagedRecords_QuarantineTheirHallAndNoOther(string how, string what)
    {
        var options = RedisRun.Apart();
        await using var writer = await RedisJournal.OpenAsync(RedisRun.Server.Address, options);
        var (pen, other) = (await Load(writer, 1), await Load(writer, 2));
        await Store(writer, pen.Next(3), other.Next(3));
        await Store(writer, pen.Next(2));
        await Store(writer, pen.Next(1), other.Next(1));
        var script = $"""
            local e = redis.call('XRANGE', KEYS[1], '-', '+')
            {how}
            if redis.call('XLEN', KEYS[1]) < #e then return end
            redis.call('DEL', KEYS[1])
            for _, one in ipairs(e) do redis.call('XADD', KEYS[1], one[1], 'r', one[2][2]) end
            """;
        await RedisRun.Server.ReachAsync(redis => redis.ScriptEvaluateAsync(script, [(RedisKey)$"{options.Prefix}:{{1}}:log"]));
        await using var journal = await RedisJournal.OpenAsync(RedisRun.Server.Address, options);

        var read = new List<JournalRecord>();
        Assert.Equal($"hall hall-1 (number 1) is damaged: {what}", await Damage(async () =>
        {
            await foreach (var page in journal.ReadFromAsync(new Dictionary<uint, long> { [1] = 0, [2] = 0 }, Cancel)) read.AddRange(page);
        }));
        Assert.Equal(4, read.Count(r => r.Hall == 2));
        Assert.StartsWith("hall hall-1 (number 1) is damaged: ", await Damage(async () => await journal.ClaimAsync(1, Cancel)), StringComparison.Ordinal);
        // The one who wrote learns it too, and writes no more.
        await Damage(() => ReadWhole(writer, 1));
        Assert.Equal(AppendOutcome.Refused, await Try(writer, pen.Next(1)));
        Assert.Equal(4, (await other.Load(journal)).Head.Sequence);
        await Store(journal, other.Next(1));
    }

    [Fact]
    public async Task F3_HeadThatWasSetBack_IsDamageAndNoReasonToWrite()
    {
        var options = RedisRun.Apart();
        await using var journal = await RedisJournal.OpenAsync(RedisRun.Server.Address, options);
        var pen = await Load(journal, 1);
        await Store(journal, pen.Next(3));
        await RedisRun.Server.ReachAsync(redis => redis.ExecuteAsync("HSET", (RedisKey)$"{options.Prefix}:{{1}}:head", "sequence", "2"));

        await using var next = await RedisJournal.OpenAsync(RedisRun.Server.Address, options);
        Assert.Equal("hall hall-1 (number 1) is damaged: its records go on to 3, its head is at 2", await Damage(() => new HallPen(1).Load(next)));
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 0)]
    public async Task F3_BrokenSnapshots_TheOneBeforeOrAllRecordsAreRead(int broken, long expected)
    {
        var options = RedisRun.Apart();
        await using var journal = await RedisJournal.OpenAsync(RedisRun.Server.Address, options);
        var pen = await Load(journal, 1);
        await Store(journal, pen.Next(3));
        await journal.AppendAsync(HallPen.Flush([pen.Next(2)], []), Cancel);
        // At 3 it would be ahead of its own flush; the pen's are of what is stored.
        var at3 = new HallPen(1);
        at3.Next(3);
        at3.Epoch = pen.Epoch;
        await journal.AppendAsync(HallPen.Flush([], [at3.Snapshot()]), Cancel);
        await journal.AppendAsync(HallPen.Flush([pen.Next(1)], [pen.Snapshot()]), Cancel);
        await journal.AppendAsync(HallPen.Flush([], [pen.Snapshot()]), Cancel);
        Assert.Equal(6, (await journal.ReadAsync(1, Cancel)).Snapshot!.Sequence);
        Assert.Empty(journal.Overdue(0));
        string[] keys = ["snapshot", "before"];
        foreach (var key in keys[..broken])
            await RedisRun.Server.ReachAsync(redis => redis.ExecuteAsync("HSET", (RedisKey)$"{options.Prefix}:{{1}}:{key}", "body", "broken"));

        var history = await journal.ReadAsync(1, Cancel);

        Assert.Equal((expected, 6 - expected), (history.Snapshot?.Sequence ?? 0, history.Tail.Count));
        Assert.Equal([1], journal.Overdue(1_000_000));
        await journal.AppendAsync(HallPen.Flush([], [pen.Snapshot()]), Cancel);
        Assert.Equal(6, (await journal.ReadAsync(1, Cancel)).Snapshot!.Sequence);
    }

    // ---- F23, and servers that cannot keep a journal

    [Fact]
    public async Task F23_NewerFormat_IsRefusedAndLeftAsItIs()
    {
        var options = RedisRun.Apart();
        await RedisRun.Server.ReachAsync(redis => redis.ExecuteAsync("HSET", (RedisKey)$"{options.Prefix}:meta", "hallops-journal", "3", "starts", "5"));

        var refused = await Assert.ThrowsAsync<JournalUnusableException>(() => RedisJournal.OpenAsync(RedisRun.Server.Address, options));

        Assert.Contains("is of format 3, and this program knows up to 2", refused.Message, StringComparison.Ordinal);
        var meta = await RedisRun.Server.ReachAsync(async redis => (string[]?)await redis.ExecuteAsync("HGETALL", (RedisKey)$"{options.Prefix}:meta"));
        Assert.Equal(["hallops-journal", "3", "starts", "5"], meta!);
    }

    [Theory]
    [InlineData("--appendonly no", "keeps nothing over a restart")]
    [InlineData("--maxmemory 100mb --maxmemory-policy allkeys-lru", "set it to noeviction")]
    public async Task Open_OfAServerThatCannotKeepAJournal_SaysWhatToSet(string settings, string what)
    {
        using var server = new RedisServer(settings);
        var refused = await Assert.ThrowsAsync<JournalUnusableException>(() => RedisJournal.OpenAsync(server.Address));
        Assert.Contains(what, refused.Message, StringComparison.Ordinal);
        server.Kill();
        refused = await Assert.ThrowsAsync<JournalUnusableException>(() => RedisJournal.OpenAsync(server.Address));
        Assert.Contains($"The journal in the Redis at {server.Address} does not answer", refused.Message, StringComparison.Ordinal);
    }
}
