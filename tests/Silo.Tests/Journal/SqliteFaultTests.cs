using System.Security.Cryptography;
using HallOps.Silo.Journal;
using Microsoft.Data.Sqlite;

namespace HallOps.Silo.Tests.Journal;

/// <summary>The faults of the store: F2 to F6 and F23 of the quality page, at the adapter. F1 is in <see cref="SqliteCrashTests"/>.</summary>
public sealed class SqliteFaultTests : IDisposable
{
    // SQLite's own numbers: SQLITE_IOERR_FSYNC, SQLITE_FULL.
    private const int IoError = 10;
    private const int Full = 13;

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static SqliteException Failure(int code) => new($"SQLite Error {code}: 'the test said so'.", code);

    private static async Task<HallPen> Load(SqliteJournal journal, uint number)
    {
        var pen = new HallPen(number);
        await pen.Load(journal);
        return pen;
    }

    private static async Task Store(SqliteJournal journal, params Append[] appends)
    {
        var outcome = await journal.AppendAsync(HallPen.Flush(appends));
        Assert.Null(outcome.Failure);
        Assert.All(outcome.Appends, o => Assert.Equal(AppendOutcome.Stored, o));
    }

    /// <summary>All records of a hall, checked to be whole, in order and as the pen wrote them; returns the last sequence.</summary>
    private static async Task<long> ReadWhole(SqliteJournal journal, uint hall)
    {
        long last = 0;
        await foreach (var page in journal.ReadFromAsync(hall, 0))
        {
            foreach (var record in page)
            {
                Assert.Equal(++last, record.Sequence);
                Assert.Equal(HallPen.Payload(last, record.Payload.Length), record.Payload.ToArray());
            }
        }
        var history = await journal.ReadAsync(hall);
        Assert.Equal(last, history.Head.Sequence);
        Assert.Equal(last, (history.Snapshot?.Sequence ?? 0) + history.Tail.Count);
        return last;
    }

    // ---- F2

    [Theory]
    [InlineData("cut")]
    [InlineData("zeroed")]
    [InlineData("repeated")]
    public async Task F2_TheLogDamagedAtAnyByteOfItsLastTransaction_OpensAtTheLastWholeFlush(string how)
    {
        byte[] file, before, after;
        await using (var journal = SqliteJournal.Open(_folder.At))
        {
            var pens = new[] { await Load(journal, 1), await Load(journal, 2) };
            for (var i = 0; i < 4; i++) await Store(journal, [.. pens.Select(p => p.Next(2))]);
            before = await File.ReadAllBytesAsync(_folder.File("journal.db-wal"));
            await Store(journal, pens[0].Next(2));
            after = await File.ReadAllBytesAsync(_folder.File("journal.db-wal"));
            file = await File.ReadAllBytesAsync(_folder.File("journal.db"));
        }
        Assert.True(after.Length > before.Length && after.AsSpan().StartsWith(before));

        using var copy = new TestFolder();
        for (var at = before.Length; at <= after.Length; at++)
        {
            byte[] log = how switch
            {
                "cut" => after[..at],
                "zeroed" => [.. after[..at], .. new byte[after.Length - at]],
                // The bytes so far, then the transaction from its beginning: what a write that was tried again leaves.
                _ => [.. after[..at], .. after[before.Length..]],
            };
            // A transaction whose zeroed rest was zeros anyway is whole, and so is one that is repeated from its very beginning.
            var whole = log.AsSpan().StartsWith(after);
            await File.WriteAllBytesAsync(copy.File("journal.db"), file);
            await File.WriteAllBytesAsync(copy.File("journal.db-wal"), log);
            await using var journal = SqliteJournal.Open(copy.At);
            Assert.Equal(whole ? 10 : 8, (await journal.ReadAsync(1)).Head.Sequence);
            Assert.Equal(8, (await journal.ReadAsync(2)).Tail.Count);
        }
    }

    // ---- F3

    [Fact]
    public async Task F3_ABitFlippedAnywhereInARecord_QuarantinesThatHallOnly()
    {
        var flipped = await ThreeHalls();
        var file = await File.ReadAllBytesAsync(_folder.File("journal.db"));
        var at = file.AsSpan().IndexOf(flipped.Frames.Span);
        Assert.True(at > 0);
        using var copy = new TestFolder();
        for (var bit = 0; bit < flipped.Frames.Length * 8; bit++)
        {
            file[at + bit / 8] ^= (byte)(1 << (bit % 8));
            await File.WriteAllBytesAsync(copy.File("journal.db"), file);
            await using (var journal = SqliteJournal.Open(copy.At))
            {
                var read = await Assert.ThrowsAsync<HallDamagedException>(() => journal.ReadAsync(2).AsTask());
                Assert.StartsWith("hall hall-2 (number 2) is damaged: record 3 at byte ", read.Message, StringComparison.Ordinal);
                Assert.Contains("flush 3", read.Message, StringComparison.Ordinal);
                await Assert.ThrowsAsync<HallDamagedException>(() => journal.ClaimAsync(2).AsTask());
                Assert.Equal(4, (await journal.ReadAsync(1)).Tail.Count);
                var other = await Load(journal, 3);
                Assert.Equal(4, other.Sequence);
                if (bit % 64 == 0) await Store(journal, other.Next(1));
            }
            file[at + bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public async Task F3_ABitFlippedWhileTheJournalIsOpen_IsFoundByTheNextRead()
    {
        await ThreeHalls();
        await using var journal = SqliteJournal.Open(_folder.At);
        Assert.Equal(4, await ReadWhole(journal, 2));
        Sql("UPDATE flushes SET body = CAST(substr(body, 1, length(body) / 2) || x'00' || substr(body, length(body) / 2 + 2) AS BLOB) WHERE position = 3");

        var read = await Assert.ThrowsAsync<HallDamagedException>(() => journal.ReadAsync(2).AsTask());

        Assert.StartsWith("hall hall-2 (number 2) is damaged: record 3 is missing in flush 3; flush 3 has ", read.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<HallDamagedException>(() => journal.ClaimAsync(2).AsTask());
        Assert.Equal(4, await ReadWhole(journal, 1));
        Assert.Equal(4, await ReadWhole(journal, 3));
    }

    [Fact]
    public async Task F3_ARecordWithAForeignChain_IsReadAndIsFoundByVerify()
    {
        await using var journal = SqliteJournal.Open(_folder.At);
        var hall = await Load(journal, 1);
        await Store(journal, hall.Next(2));
        // Another history of the same hall: same epoch and sequences, other chain.
        var forged = new HallPen(1) { Epoch = hall.Epoch };
        forged.Next(2, payload: 41);
        await Store(journal, forged.Next(1));

        Assert.Equal(3, (await journal.ReadAsync(1)).Tail.Count);
        var lines = new StringWriter();

        await using var contents = JournalContents.OfFolder(_folder.At);
        Assert.False(await JournalVerify.RunAsync(contents, lines));
        Assert.Contains("A record's chain does not follow the one before it.", lines.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task F3_ABrokenNewestSnapshot_FallsBackToTheOneBeforeItAndThenToTheRecords()
    {
        HallPen hall;
        await using (var journal = SqliteJournal.Open(_folder.At))
        {
            hall = await Load(journal, 1);
            var other = await Load(journal, 2);
            for (var i = 0; i < 3; i++)
            {
                await Store(journal, hall.Next(3), other.Next(1));
                await journal.AppendAsync(HallPen.Flush([], [hall.Snapshot(), other.Snapshot()]));
            }
            await Store(journal, hall.Next(1));
        }
        // Slots are taken in turn: the third snapshot took the first one's.
        Sql("UPDATE snapshots SET body = zeroblob(64) WHERE hall = 1 AND sequence = 9");
        await using (var journal = SqliteJournal.Open(_folder.At))
        {
            for (var i = 0; i < 2; i++)
            {
                var history = await journal.ReadAsync(1);
                Assert.Equal((6L, 10L, 4), (history.Snapshot!.Sequence, history.Head.Sequence, history.Tail.Count));
            }
            Assert.Equal([1], journal.Overdue(100));
            hall = await Load(journal, 1);
        }
        Sql("UPDATE snapshots SET body = zeroblob(64) WHERE hall = 1");
        await using (var journal = SqliteJournal.Open(_folder.At))
        {
            var history = await hall.Load(journal);
            Assert.Null(history.Snapshot);
            Assert.Equal(10, history.Tail.Count);
            await journal.AppendAsync(HallPen.Flush([hall.Next(1)], []));
            await journal.AppendAsync(HallPen.Flush([], [hall.Snapshot()]));
            Assert.Equal(11, (await journal.ReadAsync(1)).Snapshot!.Sequence);
            Assert.Empty(journal.Overdue(100));
        }
    }

    [Fact]
    public async Task F3_APageOverwritten_RefusesTheStartOrQuarantinesButLosesNothingSilently()
    {
        await using (var journal = SqliteJournal.Open(_folder.At))
        {
            var pens = new List<HallPen>();
            for (uint n = 1; n <= 3; n++) pens.Add(await Load(journal, n));
            for (var i = 0; i < 40; i++)
            {
                var snapshots = i % 15 == 14 ? pens.Select(p => p.Snapshot(6000)).ToArray() : [];
                await journal.AppendAsync(HallPen.Flush([.. pens.Select(p => p.Next(1, 700))], snapshots));
            }
        }
        Directory.CreateDirectory(_folder.File("backups"));
        await File.WriteAllTextAsync(_folder.File("backups/2026-07-13.zip"), "");
        var file = await File.ReadAllBytesAsync(_folder.File("journal.db"));
        const int page = 4096;
        var refused = 0;
        var quarantined = 0;
        foreach (var fill in new byte[] { 0, 0xFF, 0x5A })
        {
            for (var at = 0; at < file.Length; at += page)
            {
                var damaged = file.ToArray();
                damaged.AsSpan(at, page).Fill(fill);
                using var copy = new TestFolder();
                await File.WriteAllBytesAsync(copy.File("journal.db"), damaged);
                Directory.CreateDirectory(copy.File("backups"));
                await File.WriteAllTextAsync(copy.File("backups/2026-07-13.zip"), "");
                try
                {
                    await using var journal = SqliteJournal.Open(copy.At);
                    for (uint n = 1; n <= 3; n++)
                    {
                        try
                        {
                            var history = await journal.ReadAsync(n);
                            Assert.Equal(40, (history.Snapshot?.Sequence ?? 0) + history.Tail.Count);
                        }
                        catch (Exception e) when (e is HallDamagedException or IOException)
                        {
                            quarantined++;
                        }
                    }
                }
                catch (JournalUnusableException e)
                {
                    refused++;
                    Assert.DoesNotContain('\n', e.Message);
                    Assert.StartsWith("the journal is damaged (", e.Message, StringComparison.Ordinal);
                    Assert.EndsWith($"): restore the newest backup {copy.File("backups/2026-07-13.zip")} or run `hallops journal salvage TO`", e.Message, StringComparison.Ordinal);
                }
            }
        }
        Assert.True(refused > 0, "no page led to a refusal");
        Assert.True(refused + quarantined > 3, $"{refused} refused, {quarantined} quarantined");
    }

    [Fact]
    public async Task F3_AFlushThatIsGone_RefusesTheStart()
    {
        await ThreeHalls();
        Sql("DELETE FROM flushes WHERE position = 2");

        var e = Assert.Throws<JournalUnusableException>(() => SqliteJournal.Open(_folder.At));

        Assert.Equal($"the journal is damaged (flush 2 is missing): run `hallops journal salvage TO` (there is no backup in {_folder.File("backups")})", e.Message);
    }

    // ---- F4

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task F4_DiskFull_StoresNothingSaysSoAndWorksAgainWithRoom(bool inSnapshot)
    {
        HallPen hall;
        long acknowledged = 0;
        await using (var journal = SqliteJournal.Open(_folder.At, new() { MaxPages = 64 }))
        {
            hall = await Load(journal, 1);
            FlushOutcome outcome;
            do
            {
                var snapshots = inSnapshot && hall.Sequence > 0 ? [hall.Snapshot(20_000 * (int)(1 + hall.Sequence))] : Array.Empty<SnapshotWrite>();
                outcome = await journal.AppendAsync(HallPen.Flush([hall.Next(1, inSnapshot ? 40 : 9000)], snapshots));
                if (outcome.Failure is null) acknowledged = hall.Sequence;
            } while (outcome.Failure is null);

            Assert.Equal([AppendOutcome.NotStored], outcome.Appends);
            Assert.True(outcome.Failure.Full);
            Assert.DoesNotContain('\n', outcome.Failure.Reason);
            Assert.Equal(acknowledged, await ReadWhole(journal, 1));
            // What is small still fits, and follows what is stored.
            await hall.Load(journal);
            await Store(journal, hall.Next(1));
            acknowledged = hall.Sequence;
        }
        await using (var journal = SqliteJournal.Open(_folder.At))
        {
            Assert.Equal(acknowledged, await ReadWhole(journal, 1));
            await hall.Load(journal);
            await Store(journal, hall.Next(1, 9000));
        }
    }

    [Fact]
    public async Task F4_DiskFullForAWhile_ProbesTellWhenItIsOver()
    {
        var full = false;
        await using var journal = SqliteJournal.Open(_folder.At, new() { Step = step => { if (full && step is SqliteStep.Commit or SqliteStep.Probe) throw Failure(Full); } });
        var hall = await Load(journal, 1);
        await Store(journal, hall.Next(1));
        full = true;

        var outcome = await journal.AppendAsync(HallPen.Flush(hall.Next(1)));
        Assert.Equal([AppendOutcome.NotStored], outcome.Appends);
        Assert.True(outcome.Failure!.Full);
        Assert.False(await journal.ProbeAsync());

        full = false;
        Assert.True(await journal.ProbeAsync());
        Assert.Equal(1, (await hall.Load(journal)).Head.Sequence);
        await Store(journal, hall.Next(1));
    }

    // ---- F5

    [Theory]
    [InlineData(SqliteStep.Begin, AppendOutcome.NotStored, 2)]
    [InlineData(SqliteStep.Insert, AppendOutcome.NotStored, 2)]
    [InlineData(SqliteStep.Snapshot, AppendOutcome.NotStored, 2)]
    [InlineData(SqliteStep.Checkpoint, AppendOutcome.NotStored, 2)]
    [InlineData(SqliteStep.Commit, AppendOutcome.Uncertain, 2)]
    [InlineData(SqliteStep.Committed, AppendOutcome.Uncertain, 4)]
    public async Task F5_AFlushThatFailsOnce_IsToldForWhatItIsAndHeadsAreWhatIsThere(string at, AppendOutcome expected, long head)
    {
        var fail = false;
        await using var journal = SqliteJournal.Open(_folder.At, new()
        {
            Step = step =>
            {
                if (!fail || step != at) return;
                fail = false;
                throw Failure(IoError);
            },
        });
        var hall = await Load(journal, 1);
        var refused = await Load(journal, 2);
        await Store(journal, hall.Next(2));
        await Store(journal, refused.Next(1));
        await journal.ClaimAsync(2);
        fail = true;

        var snapshot = hall.Snapshot();
        var outcome = await journal.AppendAsync(HallPen.Flush([hall.Next(2), refused.Next(1)], [snapshot]));

        Assert.False(fail);
        Assert.Equal([expected, AppendOutcome.Refused], outcome.Appends);
        Assert.False(outcome.Failure!.Full);
        var history = await hall.Load(journal);
        Assert.Equal(head, history.Head.Sequence);
        Assert.Equal(head == 4 ? 2 : null, history.Snapshot?.Sequence);
        await Store(journal, hall.Next(1));
        Assert.Equal(head + 1, await ReadWhole(journal, 1));
        Assert.Equal(1, await ReadWhole(journal, 2));
    }

    [Fact]
    public async Task F5_AStoreThatStaysAway_RefusesEverythingUntilItIsBack()
    {
        var away = false;
        await using var journal = SqliteJournal.Open(_folder.At, new() { Step = step => { if (away && step is SqliteStep.Committed or SqliteStep.Probe) throw Failure(IoError); } });
        var hall = await Load(journal, 1);
        away = true;

        Assert.Equal([AppendOutcome.Uncertain], (await journal.AppendAsync(HallPen.Flush(hall.Next(2)))).Appends);
        var second = await journal.AppendAsync(HallPen.Flush(hall.Next(1)));
        Assert.Equal([AppendOutcome.NotStored], second.Appends);
        Assert.NotNull(second.Failure);
        Assert.False(await journal.ProbeAsync());
        await Assert.ThrowsAsync<IOException>(() => journal.ClaimAsync(1).AsTask());

        away = false;
        Assert.True(await journal.ProbeAsync());
        Assert.Equal(2, (await hall.Load(journal)).Head.Sequence);
        await Store(journal, hall.Next(1));
        Assert.Equal(3, await ReadWhole(journal, 1));
    }

    // ---- F6

    [Fact]
    public async Task F6_PowerCutAtAnyMoment_LeavesEveryAcknowledgedRecord()
    {
        var acknowledged = new Dictionary<uint, long>();
        long log = 0;
        var cuts = 0;
        var random = new Random(6);
        void Cut(string step)
        {
            // Every step of every 9th flush, and every move of the log.
            if (acknowledged.Count == 0 || (random.Next(9) != 0 && step is not (SqliteStep.Move or SqliteStep.Moved))) return;
            cuts++;
            using var copy = _folder.Copy();
            File.Delete(copy.File("journal.db-shm"));
            // What was written after the last acknowledged commit is lost with the power. A log that has begun anew since is as long as ever: what is new in it stays.
            using (var stream = new FileStream(copy.File("journal.db-wal"), FileMode.Open)) stream.SetLength(Math.Min(stream.Length, log));
            var journal = SqliteJournal.Open(copy.At);
            foreach (var (hall, sequence) in acknowledged)
            {
                var last = ReadWhole(journal, hall).GetAwaiter().GetResult();
                Assert.True(last >= sequence, $"at {step}: hall {hall} has {last}, {sequence} was acknowledged");
            }
            journal.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
        await using var journal = SqliteJournal.Open(_folder.At, new() { WalBytes = 100_000, Step = Cut });
        var pens = new[] { await Load(journal, 1), await Load(journal, 2), await Load(journal, 3) };
        for (var i = 0; i < 150; i++)
        {
            var snapshots = pens.Where(p => p.Sequence > 0 && random.Next(10) == 0).Select(p => p.Snapshot(5000)).ToArray();
            var appends = pens.Where(_ => random.Next(2) == 0).Select(p => p.Next(random.Next(1, 4), random.Next(1000))).ToArray();
            Assert.Null((await journal.AppendAsync(HallPen.Flush(appends, snapshots))).Failure);
            foreach (var append in appends) acknowledged[append.Hall] = append.Last;
            log = new FileInfo(_folder.File("journal.db-wal")).Length;
        }
        Assert.True(cuts > 50, $"{cuts} cuts");
    }

    // ---- F23

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task F23_ANewerFormat_IsRefusedAndNotAByteIsChanged(bool inTheLogOnly)
    {
        await ThreeHalls();
        using var copy = new TestFolder();
        using (var connection = new SqliteConnection($"Data Source={_folder.File("journal.db")};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 3";
            command.ExecuteNonQuery();
            if (inTheLogOnly)
                foreach (var name in new[] { "journal.db", "journal.db-wal" }) File.Copy(_folder.File(name), copy.File(name));
        }
        if (!inTheLogOnly) File.Copy(_folder.File("journal.db"), copy.File("journal.db"));
        Dictionary<string, string> Hashes() => Directory.EnumerateFiles(copy.At).Where(f => !f.EndsWith("-shm", StringComparison.Ordinal))
            .ToDictionary(f => Path.GetFileName(f), f => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(f))));
        var before = Hashes();

        var e = Assert.Throws<JournalUnusableException>(() => SqliteJournal.Open(copy.At));

        Assert.Equal($"the journal {copy.File("journal.db")} has format 3, this program reads up to 2: start the newer program; nothing was changed", e.Message);
        Assert.Equal(before, Hashes());
    }

    [Fact]
    public async Task Open_OfAnotherProgramsDatabase_IsRefusedAndNotAByteIsChanged()
    {
        Sql("CREATE TABLE songs(title TEXT)");
        var before = await File.ReadAllBytesAsync(_folder.File("journal.db"));

        var e = Assert.Throws<JournalUnusableException>(() => SqliteJournal.Open(_folder.At));

        Assert.Equal($"{_folder.File("journal.db")} is not a HallOps journal; nothing was changed", e.Message);
        Assert.Equal(before, await File.ReadAllBytesAsync(_folder.File("journal.db")));
    }

    [Fact]
    public async Task Open_OfWhatIsNoDatabase_SaysThatTheJournalIsDamaged()
    {
        await File.WriteAllTextAsync(_folder.File("journal.db"), new string('x', 5000));

        var e = Assert.Throws<JournalUnusableException>(() => SqliteJournal.Open(_folder.At));

        Assert.StartsWith("the journal is damaged (it does not begin as a database does)", e.Message, StringComparison.Ordinal);
    }

    // ---- Beside the faults: what only this adapter has

    [Fact]
    public async Task Checkpoint_MovesWithTheHallThatHeldIt_SoThatAStartReadsOnlyWhatIsInNoSnapshot()
    {
        await using (var journal = SqliteJournal.Open(_folder.At))
        {
            var a = await Load(journal, 1);
            var b = await Load(journal, 2);
            await Store(journal, a.Next(1));
            for (var i = 0; i < 9; i++) await Store(journal, b.Next(1));
            await journal.AppendAsync(HallPen.Flush([], [b.Snapshot()]));
            Assert.Equal(1L, Sql("SELECT value FROM meta WHERE key = 'checkpoint'"));
            await Store(journal, b.Next(1));
            await journal.AppendAsync(HallPen.Flush([b.Next(1)], [a.Snapshot()]));
            Assert.Equal(11L, Sql("SELECT value FROM meta WHERE key = 'checkpoint'"));
        }
        // What lies before the checkpoint is not looked at: this would refuse the start otherwise.
        Sql("UPDATE flushes SET body = x'00' WHERE position < 11");
        await using (var journal = SqliteJournal.Open(_folder.At))
        {
            Assert.Equal(2, (await journal.ReadAsync(2)).Tail.Count);
            Assert.Equal(1, (await journal.ReadAsync(1)).Head.Sequence);
        }
    }

    [Fact]
    public async Task ReadFrom_BeforeTheSnapshotOfAHallAmongMuchElse_GoesThroughEverythingInPages()
    {
        await using (var journal = SqliteJournal.Open(_folder.At))
        {
            var rare = await Load(journal, 1);
            var busy = await Load(journal, 2);
            await Store(journal, rare.Next(1));
            // More than is read in one sitting.
            for (var i = 0; i < 40; i++) await Store(journal, busy.Next(1, 500_000));
            await Store(journal, rare.Next(1));
            await journal.AppendAsync(HallPen.Flush([], [rare.Snapshot(), busy.Snapshot()]));
        }
        await using (var journal = SqliteJournal.Open(_folder.At))
        {
            Assert.Equal(2, await ReadWhole(journal, 1));
            Assert.Equal(40, await ReadWhole(journal, 2));
            var pages = 0;
            await foreach (var page in journal.ReadFromAsync(2, 0))
            {
                pages++;
                Assert.InRange(page.Count, 1, 3);
            }
            Assert.True(pages > 10, $"{pages} pages");
            var flushes = 0;
            await foreach (var _ in journal.FlushesAsync(1)) flushes++;
            Assert.Equal(42, flushes);
        }
        await using var contents = JournalContents.OfFolder(_folder.At);
        Assert.True(await JournalVerify.RunAsync(contents, TextWriter.Null));
    }

    [Fact]
    public async Task Read_WhileOthersAppendAndClaim_GivesWholeHistories()
    {
        await using var journal = SqliteJournal.Open(_folder.At, new() { WalBytes = 300_000 });
        var pens = new List<HallPen>();
        for (uint n = 1; n <= 4; n++) pens.Add(await Load(journal, n));
        var random = new Random(4);
        var stop = 0;
        var readers = Enumerable.Range(1, 3).Select(n => Task.Run(async () =>
        {
            var reads = 0;
            for (; Volatile.Read(ref stop) == 0 || reads < 5; reads++)
            {
                var history = await journal.ReadAsync((uint)n);
                Assert.Equal(history.Head.Sequence, (history.Snapshot?.Sequence ?? 0) + history.Tail.Count);
                if (history.Head.Sequence > 0) await ReadAtLeast(journal, (uint)n, history.Head.Sequence);
                if (n == 3) await journal.ClaimAsync(9);
            }
        })).ToArray();
        for (var i = 0; i < 300; i++)
        {
            var snapshots = pens.Where(p => p.Sequence > 0 && random.Next(8) == 0).Select(p => p.Snapshot(3000)).ToArray();
            var outcome = await journal.AppendAsync(HallPen.Flush([.. pens.Select(p => p.Next(2, random.Next(500)))], snapshots));
            Assert.All(outcome.Appends, o => Assert.Equal(AppendOutcome.Stored, o));
        }
        Volatile.Write(ref stop, 1);
        await Task.WhenAll(readers);

        static async Task ReadAtLeast(SqliteJournal journal, uint hall, long sequence)
        {
            long last = 0;
            await foreach (var page in journal.ReadFromAsync(hall, 0))
                foreach (var record in page) Assert.Equal(++last, record.Sequence);
            Assert.True(last >= sequence);
        }
    }

    [Fact]
    public async Task Flushes_AreGivenInOrderFromAnyPosition()
    {
        await ThreeHalls();
        await using var journal = SqliteJournal.Open(_folder.At);
        var positions = new List<long>();
        await foreach (var (position, body) in journal.FlushesAsync(2))
        {
            positions.Add(position);
            Assert.True(body.Length > 0);
        }
        Assert.Equal([2, 3, 4], positions);
    }

    [Fact]
    public async Task BackupTo_WhileOthersWrite_IsAWholeJournalAtSomeFlush()
    {
        using var target = new TestFolder();
        await using (var journal = SqliteJournal.Open(_folder.At, new() { WalBytes = 200_000 }))
        {
            var hall = await Load(journal, 1);
            await Store(journal, hall.Next(5));
            var stop = 0;
            var writer = Task.Run(async () =>
            {
                while (Volatile.Read(ref stop) == 0) await Store(journal, hall.Next(3, 500));
            });
            for (var i = 0; i < 5; i++)
            {
                var before = (await journal.ReadAsync(1)).Head.Sequence;
                journal.BackupTo(target.File($"backup{i}.db"));
                using var restored = new TestFolder();
                File.Copy(target.File($"backup{i}.db"), restored.File("journal.db"));
                await using var copy = SqliteJournal.Open(restored.At);
                Assert.True(await ReadWhole(copy, 1) >= before);
            }
            Volatile.Write(ref stop, 1);
            await writer;
            Assert.Throws<IOException>(() => journal.BackupTo(target.File("backup0.db")));
        }
        Assert.Empty(Directory.EnumerateFiles(target.At, "*.partial"));
    }

    /// <summary>Four flushes in which three halls have a record each; gives hall 2's third.</summary>
    private async Task<Append> ThreeHalls()
    {
        await using var journal = SqliteJournal.Open(_folder.At);
        var pens = new[] { await Load(journal, 1), await Load(journal, 2), await Load(journal, 3) };
        Append third = default;
        for (var i = 0; i < 4; i++)
        {
            Append[] appends = [.. pens.Select(p => p.Next(1))];
            if (i == 2) third = appends[1];
            await Store(journal, appends);
        }
        return third;
    }

    private object? Sql(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_folder.File("journal.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
