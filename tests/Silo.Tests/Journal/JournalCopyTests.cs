using System.Buffers.Binary;
using HallOps.Core.Halls;
using HallOps.Silo.Embedded;
using HallOps.Silo.Journal;
using HallOps.Silo.Tests.Engine;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace HallOps.Silo.Tests.Journal;

/// <summary><c>journal copy</c>: what comes over, what is refused, and that half a copy is never served.</summary>
public sealed class JournalCopyTests : IDisposable
{
    private static readonly HallId[] Names = [new("rudong-town"), new("rudong-village"), new("huangpu-street")];
    private readonly TestFolder _folder = new();
    private readonly RedisJournalOptions _keys = RedisRun.Apart();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    // ---- there and back

    [Fact]
    public async Task Copy_ToRedisAndBack_KeepsEveryByteAndEachCopyGoesOn()
    {
        await using var first = SqliteJournal.Open(_folder.At);
        await using var engine = await OpenAsync(first);
        foreach (var name in Names) Assert.Equal(AnswerStatus.Done, (await Send(engine, name, new ConfigureHall(0, SampleHalls.AlwaysOpen(name.Value)))).Status);
        foreach (var name in Names) await BusyAsync(engine, name, 400);
        var stood = await AllAsync(first);
        Assert.True(stood.Sum(h => h.Value.Count) > 3_000, $"{stood.Sum(h => h.Value.Count)} records");

        // Beside the running engine: its snapshots lie somewhere in the middle.
        var lines = await CopyAsync(JournalContents.OfFolder(_folder.At), await JournalTarget.OfRedisAsync(RedisRun.Server.Address, _keys));

        Assert.Equal(Names.Length, lines.Length);
        Assert.Equal($"rudong-town: {stood[1].Count:n0} records and a snapshot, the same up to chain {Hex(stood[1][^1].Chain)}", lines[0]);
        await using (var copy = await RedisJournal.OpenAsync(RedisRun.Server.Address, _keys))
        {
            Assert.Equal(Comparable(stood), Comparable(await AllAsync(copy)));
            await ReplaysAsync(first, copy, withTail: true);
            await using (var next = await OpenAsync(copy))
                foreach (var name in Names) await BusyAsync(next, name, 5);
            var goneOn = await AllAsync(copy);
            foreach (var (hall, records) in goneOn)
            {
                Assert.True(records.Count > stood[hall].Count);
                Assert.True(records[stood[hall].Count].Epoch > stood[hall][^1].Epoch, "the copy's epochs are above those of before");
                Assert.Equal(stood[hall][^1].Chain, records[stood[hall].Count - 1].Chain);
            }
            // Whoever ran a hall before goes on in its own journal, and has no part in the copy.
            await BusyAsync(engine, Names[0], 5);
            var straggler = new HallPen(1, Names[0].Value) { Epoch = stood[1][^1].Epoch };
            Assert.Equal([AppendOutcome.Refused], (await copy.AppendAsync(HallPen.Flush(straggler.Next(1)), Cancel)).Appends);

            using var back = new TestFolder();
            await CopyAsync(await JournalContents.OfRedisAsync(RedisRun.Server.Address, _keys), JournalTarget.OfFolder(back.At));

            var output = new StringWriter();
            await using (var contents = JournalContents.OfFolder(back.At)) Assert.True(await JournalVerify.RunAsync(contents, output, ChainOf, Decode, Cancel), output.ToString());
            await using var third = SqliteJournal.Open(back.At);
            Assert.Equal(Comparable(goneOn), Comparable(await AllAsync(third)));
            await ReplaysAsync(copy, third, withTail: false);
            await using var last = await OpenAsync(third);
            foreach (var name in Names) await BusyAsync(last, name, 5);
            foreach (var (hall, records) in await AllAsync(third)) Assert.True(records[^1].Epoch > goneOn[hall][^1].Epoch);
        }
    }

    [Fact]
    public async Task Copy_OfSnapshotsInTheMiddle_IsReadFromThemAndFromItsCheckpoint()
    {
        HallPen[] pens = [new(1), new(2), new(3)];
        await using (var journal = SqliteJournal.Open(_folder.At))
        {
            foreach (var pen in pens) await pen.Load(journal);
            for (var i = 1; i <= 3_000; i++)
            {
                await journal.AppendAsync(HallPen.Flush([.. pens.Select(p => p.Next(1))]), Cancel);
                // Hall 3 has none.
                if (i is 1_000 or 2_500) await journal.AppendAsync(HallPen.Flush([], [pens[0].Snapshot(), pens[1].Snapshot()]), Cancel);
            }
        }
        using var to = new TestFolder();

        await CopyAsync(JournalContents.OfFolder(_folder.At), JournalTarget.OfFolder(to.At), ChainOfPen);

        await using (var copy = SqliteJournal.Open(to.At))
        {
            Assert.Equal([2_500L, 2_500L, null], await Task.WhenAll(pens.Select(async p => (await copy.ReadAsync(p.Number, Cancel)).Snapshot?.Sequence)));
            foreach (var pen in pens)
            {
                var before = pen.Epoch;
                Assert.Equal(3_000, (await pen.Load(copy)).Head.Sequence);
                Assert.True(pen.Epoch > before);
                Assert.Equal([AppendOutcome.Stored], (await copy.AppendAsync(HallPen.Flush(pen.Next(1)), Cancel)).Appends);
            }
            await copy.AppendAsync(HallPen.Flush([], [.. pens.Select(p => p.Snapshot())]), Cancel);
        }
        // Hall 3 held the checkpoint at the beginning; now nothing does.
        await using var again = SqliteJournal.Open(to.At);
        Assert.Empty((await again.ReadAsync(3, Cancel)).Tail);
    }

    // ---- what is refused

    // The last hex digits of a body are its last record's checksum: huangpu's.
    [Theory]
    [InlineData("UPDATE flushes SET body = CAST(substr(body, 1, length(body) - 1) || x'00' AS BLOB) WHERE position = 700", "hall huangpu (number 2) is damaged and is not copied: record 700 at byte ")]
    [InlineData("DELETE FROM flushes WHERE position = 700", "hall rudong-town (number 1) is damaged and is not copied: records 700 to 700 are missing before byte ")]
    [InlineData("UPDATE flushes SET body = (SELECT body FROM flushes WHERE position = 899) WHERE position = 900", "hall rudong-town (number 1) is damaged and is not copied: record 899 at byte ")]
    public async Task Copy_OfADamagedJournal_IsRefusedWithTheHallAndLeavesNothingToServe(string damage, string expected)
    {
        await WriteAsync(_folder.At, 900);
        Sql(damage);
        using var to = new TestFolder();

        var refused = await Assert.ThrowsAsync<JournalUnusableException>(() => CopyAsync(JournalContents.OfFolder(_folder.At), JournalTarget.OfFolder(to.At), ChainOfPen));

        Assert.StartsWith(expected, refused.Message, StringComparison.Ordinal);
        var unfinished = $"the journal in {to.At} is a copy that was not finished: remove journal.db, journal.db-wal and journal.db-shm there and copy again";
        Assert.Equal(unfinished, Assert.Throws<JournalUnusableException>(() => SqliteJournal.Open(to.At)).Message);
        Assert.Equal(unfinished, Assert.Throws<JournalUnusableException>(() => JournalTarget.OfFolder(to.At)).Message);
        var output = new StringWriter();
        await using (var contents = JournalContents.OfFolder(to.At))
        {
            Assert.False(await JournalVerify.RunAsync(contents, output, cancel: Cancel));
            using var other = new TestFolder();
            Assert.Equal($"the journal in {to.At} is a copy that was not finished itself",
                (await Assert.ThrowsAsync<JournalUnusableException>(() => CopyAsync(JournalContents.OfFolder(to.At), JournalTarget.OfFolder(other.At)))).Message);
            Assert.Empty(Directory.EnumerateFiles(other.At, "journal.*"));
        }
        Assert.StartsWith($"the journal in {to.At} is a copy that was not finished", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Copy_BrokenOffOnItsWayToRedis_LeavesNothingToServe()
    {
        await WriteAsync(_folder.At, 900);
        Sql("DELETE FROM flushes WHERE position = 700");

        await Assert.ThrowsAsync<JournalUnusableException>(async () => await CopyAsync(JournalContents.OfFolder(_folder.At), await JournalTarget.OfRedisAsync(RedisRun.Server.Address, _keys), ChainOfPen));

        var unfinished = $"the journal in the Redis at {RedisRun.Server.Address} is a copy that was not finished: remove its keys ({_keys.Prefix}:*) and copy again";
        Assert.Equal(unfinished, (await Assert.ThrowsAsync<JournalUnusableException>(() => RedisJournal.OpenAsync(RedisRun.Server.Address, _keys))).Message);
        Assert.Equal(unfinished, (await Assert.ThrowsAsync<JournalUnusableException>(() => JournalTarget.OfRedisAsync(RedisRun.Server.Address, _keys))).Message);
    }

    [Fact]
    public async Task Copy_OfAHallThatHasLostRecords_IsRefusedBeforeAnythingIsWritten()
    {
        await using (var journal = await RedisJournal.OpenAsync(RedisRun.Server.Address, _keys))
        {
            var pen = new HallPen(1, "huangpu");
            await pen.Load(journal);
            await journal.AppendAsync(HallPen.Flush(pen.Next(5)), Cancel);
        }
        await RedisRun.Server.ReachAsync(redis => redis.ExecuteAsync("HSET", (RedisKey)$"{_keys.Prefix}:{{1}}:head", "lost", "6-9@4294967297"));
        using var to = new TestFolder();

        Assert.Equal("hall huangpu (number 1) is damaged and is not copied: records 6 to 9, which were stored, are gone",
            (await Assert.ThrowsAsync<JournalUnusableException>(async () => await CopyAsync(await JournalContents.OfRedisAsync(RedisRun.Server.Address, _keys), JournalTarget.OfFolder(to.At)))).Message);
        Assert.Empty(Directory.EnumerateFiles(to.At, "journal.*"));
    }

    [Fact]
    public async Task Target_ThatIsNotEmptyOrCannotBeHad_IsRefusedWithOneSentence()
    {
        await WriteAsync(_folder.At, 3);
        Assert.Equal($"{_folder.At} has a journal already", Assert.Throws<JournalUnusableException>(() => JournalTarget.OfFolder(_folder.At)).Message);
        using var locked = new TestFolder();
        using (FolderLock.Acquire(locked.At))
            Assert.Equal($"the data folder {locked.At} is in use by process {Environment.ProcessId}", Assert.Throws<JournalUnusableException>(() => JournalTarget.OfFolder(locked.At)).Message);
        Assert.StartsWith("cannot write to the data folder /proc/none", Assert.Throws<JournalUnusableException>(() => JournalTarget.OfFolder("/proc/none")).Message, StringComparison.Ordinal);

        await CopyAsync(JournalContents.OfFolder(_folder.At), await JournalTarget.OfRedisAsync(RedisRun.Server.Address, _keys), ChainOfPen);
        Assert.Equal($"the Redis at {RedisRun.Server.Address} has a journal already (keys {_keys.Prefix}:*)",
            (await Assert.ThrowsAsync<JournalUnusableException>(() => JournalTarget.OfRedisAsync(RedisRun.Server.Address, _keys))).Message);
        Assert.StartsWith("The journal in the Redis at 127.0.0.1:1 does not answer: ", (await Assert.ThrowsAsync<JournalUnusableException>(() => JournalTarget.OfRedisAsync("127.0.0.1:1", _keys))).Message, StringComparison.Ordinal);
        Assert.Equal("the address of the journal's Redis names no server: host:port is the least of it", (await Assert.ThrowsAsync<JournalUnusableException>(() => JournalTarget.OfRedisAsync("password=secret", _keys))).Message);
        Assert.Equal($"there is no journal in the Redis at {RedisRun.Server.Address}", (await Assert.ThrowsAsync<JournalUnusableException>(() => JournalContents.OfRedisAsync(RedisRun.Server.Address, RedisRun.Apart()))).Message);
    }

    [Fact]
    public async Task Copy_WhileAnotherProcessWritesIntoTheTarget_IsNotFinished()
    {
        await WriteAsync(_folder.At, 900);
        await using var to = await JournalTarget.OfRedisAsync(RedisRun.Server.Address, _keys);
        // Opened while there was nothing yet: it has no way to know.
        await using var other = await RedisJournal.OpenAsync(RedisRun.Server.Address, _keys);
        var pen = new HallPen(3);
        await pen.Load(other);
        await using var from = JournalContents.OfFolder(_folder.At);
        var written = false;

        var refused = await Assert.ThrowsAsync<JournalUnusableException>(() => JournalCopy.RunAsync(from, to, TextWriter.Null, ChainOfPen, null, _ =>
        {
            if (written) return;
            written = true;
            Assert.Equal([AppendOutcome.Stored], other.AppendAsync(HallPen.Flush(pen.Next(1)), Cancel).AsTask().GetAwaiter().GetResult().Appends);
        }, Cancel));

        Assert.StartsWith($"hall hall-3 is not the same in the journal in the Redis at {RedisRun.Server.Address}: 1 records up to chain ", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<JournalUnusableException>(() => RedisJournal.OpenAsync(RedisRun.Server.Address, _keys));
    }

    // ---- how

    private static async Task<string[]> CopyAsync(JournalContents from, JournalTarget to, JournalVerify.DecodeSnapshot? decode = null)
    {
        var output = new StringWriter();
        await using (from)
        await using (to)
            await JournalCopy.RunAsync(from, to, output, decode ?? ChainOf, decode is null ? Decode : null, cancel: Cancel);
        return output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
    }

    private static async Task WriteAsync(string folder, int flushes)
    {
        await using var journal = SqliteJournal.Open(folder);
        HallPen[] pens = [new(1, "rudong-town"), new(2, "huangpu")];
        foreach (var pen in pens) await pen.Load(journal);
        for (var i = 0; i < flushes; i++) await journal.AppendAsync(HallPen.Flush([.. pens.Select(p => p.Next(1))]), Cancel);
    }

    private void Sql(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_folder.File("journal.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static Task<EmbeddedHalls> OpenAsync(IJournal journal) => EmbeddedHalls.OpenAsync(journal, new HallClock(TimeProvider.System),
        EngineOptions.Default with { Actor = new HallActorOptions(700) }, NullLogger.Instance, cancel: Cancel);

    private static async Task<HallAnswer> Send(EmbeddedHalls halls, HallId hall, HallCommand command) => await halls.SendAsync(hall, new HallRequest(command, "test", 0, 0));

    /// <summary>So many come, and one window serves half of them.</summary>
    private static async Task BusyAsync(EmbeddedHalls halls, HallId hall, int visitors)
    {
        var settings = SampleHalls.AlwaysOpen(hall.Value).Settings;
        var window = settings.Windows[0].Window;
        var service = settings.Services.First(s => settings.Windows[0].Profile.Any(p => p.Line == s.Line)).Service;
        var clerk = new Clerk("li", null, false);
        await Send(halls, hall, new OpenWindow(window, clerk, null));
        for (var i = 0; i < visitors; i++)
        {
            Assert.Equal(AnswerStatus.Done, (await Send(halls, hall, new IssueTicket(service, null, Grants.Self, null, null, TicketSource.Kiosk, null, false, null))).Status);
            if (i % 2 == 0) Assert.Equal(AnswerStatus.Done, (await Send(halls, hall, new Next(window, clerk, FinishOutcome.Done, null))).Status);
            if (i % 2 == 0) await Send(halls, hall, new StartService(window, clerk));
        }
    }

    private static async Task<SortedDictionary<uint, List<JournalRecord>>> AllAsync(IJournal journal)
    {
        var all = new SortedDictionary<uint, List<JournalRecord>>();
        foreach (var hall in await journal.HallsAsync(Cancel))
        {
            all.Add(hall.Number, []);
            await foreach (var page in journal.ReadFromAsync(hall.Number, 0, Cancel)) all[hall.Number].AddRange(page);
        }
        return all;
    }

    private static string[] Comparable(SortedDictionary<uint, List<JournalRecord>> all) =>
        [.. all.Values.SelectMany(h => h).Select(r => $"{r.Hall} {r.Epoch} {r.Sequence} {r.At} {r.StartsCommand} {r.Actor} {r.CommandId:x} {r.BodyHash:x} {r.Type} {r.Version} {Convert.ToHexString(r.Payload.Span)} {Hex(r.Chain)}")];

    /// <summary>I9: from the first record and from the snapshot, the same state in both.</summary>
    private static async Task ReplaysAsync(IJournal one, IJournal other, bool withTail)
    {
        foreach (var hall in await one.HallsAsync(Cancel))
        {
            var (here, there) = (await one.ReadAsync(hall.Number, Cancel), await other.ReadAsync(hall.Number, Cancel));
            Assert.Equal(here.Snapshot!.Sequence, there.Snapshot!.Sequence);
            Assert.Equal(here.Snapshot.Body.ToArray(), there.Snapshot.Body.ToArray());
            Assert.Equal(withTail, there.Tail.Count > 0);
            var live = Fingerprint(hall, here);
            Assert.Equal(live, Fingerprint(hall, there));
            Assert.Equal(live, Fingerprint(hall, new HallHistory(there.Head, null, (await AllAsync(other))[hall.Number])));
        }
    }

    private static string Fingerprint(HallEntry hall, HallHistory history)
    {
        var actor = new HallActor(hall.Number, hall.Hall, TimeSpan.Zero);
        actor.Loaded(1, history, Nowhere.Instance, new Instant(1_900_000_000_000));
        return Convert.ToHexString(actor.Fingerprint());
    }

    private static UInt128? ChainOf(uint hall, StoredSnapshot snapshot) => SnapshotCodec.Read(snapshot.Body.Span).Chain;

    private static UInt128? ChainOfPen(uint hall, StoredSnapshot snapshot) => BinaryPrimitives.ReadUInt128LittleEndian(snapshot.Body.Span);

    private static void Decode(in JournalRecord record) => EventCodec.Read(record.Type, record.Version, record.Payload.Span);

    private static string Hex(UInt128 chain)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, chain);
        return Convert.ToHexStringLower(bytes);
    }

    private sealed class Nowhere : IRecorder
    {
        public static readonly Nowhere Instance = new();

        public bool HasRoom => false;
        public string? Unavailable => "a replay records nothing";
        public void Append(ReadOnlySpan<byte> frames, int count) => throw new InvalidOperationException("a replay recorded something");
    }
}
