using HallOps.Silo.Journal;

namespace HallOps.Silo.Tests.Journal;

/// <summary>
/// What every journal must do, whatever it stores in. A further adapter derives from this and gives its own journals: <see cref="Open"/> is called once a test,
/// <see cref="Reopen"/> stands for the next process over the same store.
/// </summary>
public abstract class JournalContract : IAsyncLifetime
{
    private IJournal? _journal;

    protected IJournal Journal => _journal!;

    protected abstract ValueTask<IJournal> Open();

    protected abstract ValueTask<IJournal> Reopen(IJournal journal);

    public async ValueTask InitializeAsync() => _journal = await Open();

    public virtual async ValueTask DisposeAsync()
    {
        await Journal.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private async Task Restart() => _journal = await Reopen(Journal);

    private async Task<HallPen> Hall(uint number)
    {
        var pen = new HallPen(number);
        await pen.Load(Journal);
        return pen;
    }

    private async Task<AppendOutcome[]> Store(params Append[] appends)
    {
        var outcome = await Journal.AppendAsync(HallPen.Flush(appends));
        Assert.Null(outcome.Failure);
        return [.. outcome.Appends];
    }

    private async Task<JournalRecord[]> From(uint hall, long after)
    {
        var records = new List<JournalRecord>();
        await foreach (var page in Journal.ReadFromAsync(hall, after, TestContext.Current.CancellationToken)) records.AddRange(page);
        return [.. records];
    }

    private static void AssertRecords(long after, long last, IEnumerable<JournalRecord> records)
    {
        var next = after;
        foreach (var record in records)
        {
            Assert.Equal(++next, record.Sequence);
            Assert.Equal(HallPen.Payload(next, record.Payload.Length), record.Payload.ToArray());
        }
        Assert.Equal(last, next);
    }

    [Fact]
    public async Task Read_OfAnUnknownHall_IsAnEmptyHistory()
    {
        var history = await Journal.ReadAsync(9);

        Assert.Equal(default, history.Head);
        Assert.Null(history.Snapshot);
        Assert.Empty(history.Tail);
        Assert.Empty(await From(9, 0));
        Assert.Empty(await Journal.HallsAsync());
    }

    [Fact]
    public async Task Append_OfWhatFollowsTheHead_IsStoredAndReadBackAsItWas()
    {
        var hall = await Hall(1);

        Assert.Equal([AppendOutcome.Stored], await Store(hall.Next(3)));
        Assert.Equal([AppendOutcome.Stored], await Store(hall.Next(2)));

        var history = await Journal.ReadAsync(1);
        Assert.Equal(new Head(hall.Epoch, 5), history.Head);
        Assert.Null(history.Snapshot);
        AssertRecords(0, 5, history.Tail);
        Assert.Equal(hall.Chain, history.Tail[^1].Chain);
        Assert.Equal(("kiosk:k1", (UInt128)4, (UInt128)7, true), (history.Tail[3].Actor, history.Tail[3].CommandId, history.Tail[3].BodyHash, history.Tail[3].StartsCommand));
        Assert.Equal([new HallEntry(1, hall.Name, history.Head)], await Journal.HallsAsync());
    }

    [Fact]
    public async Task Append_OfWhatIsThereAlready_IsRefused()
    {
        var hall = await Hall(1);
        var first = hall.Next(2);
        await Store(first);

        Assert.Equal([AppendOutcome.Refused], await Store(first));

        AssertRecords(0, 2, (await Journal.ReadAsync(1)).Tail);
    }

    [Fact]
    public async Task Append_ThatWouldLeaveAHole_IsRefused()
    {
        var hall = await Hall(1);
        await Store(hall.Next(1));
        hall.Next(1);

        Assert.Equal([AppendOutcome.Refused], await Store(hall.Next(1)));

        AssertRecords(0, 1, (await Journal.ReadAsync(1)).Tail);
    }

    [Fact]
    public async Task Append_WithoutAClaim_IsRefused()
    {
        var hall = new HallPen(1) { Epoch = 5 };

        Assert.Equal([AppendOutcome.Refused], await Store(hall.Next(1)));
        Assert.Empty(await Journal.HallsAsync());
    }

    [Fact]
    public async Task Append_OfAStragglerAfterAReload_IsRefused()
    {
        var old = await Hall(1);
        await Store(old.Next(2));
        var now = await Hall(1);
        Assert.True(now.Epoch > old.Epoch);

        Assert.Equal([AppendOutcome.Refused], await Store(old.Next(1)));
        Assert.Equal([AppendOutcome.Stored], await Store(now.Next(1)));

        var history = await Journal.ReadAsync(1);
        AssertRecords(0, 3, history.Tail);
        Assert.Equal(now.Epoch, history.Tail[^1].Epoch);
    }

    [Fact]
    public async Task Append_AfterANewerEpochClaimedElsewhere_IsRefusedThoughNothingWasAppended()
    {
        var here = await Hall(1);
        await Store(here.Next(1));
        var elsewhere = await Journal.ClaimAsync(1);

        Assert.Equal([AppendOutcome.Refused], await Store(here.Next(1)));
        Assert.Equal(new Head(elsewhere, 1), (await Journal.ReadAsync(1)).Head);
    }

    [Fact]
    public async Task Append_WhenOneHallOfAFlushIsRefused_StoresTheOthers()
    {
        var a = await Hall(1);
        var b = await Hall(2);
        var c = await Hall(3);
        await Store(a.Next(1), b.Next(1), c.Next(1));
        await Journal.ClaimAsync(2);

        Assert.Equal([AppendOutcome.Stored, AppendOutcome.Refused, AppendOutcome.Stored], await Store(a.Next(2), b.Next(2), c.Next(2)));

        AssertRecords(0, 3, (await Journal.ReadAsync(1)).Tail);
        AssertRecords(0, 1, (await Journal.ReadAsync(2)).Tail);
        AssertRecords(0, 3, (await Journal.ReadAsync(3)).Tail);
        await Restart();
        AssertRecords(0, 1, (await Journal.ReadAsync(2)).Tail);
        AssertRecords(0, 3, (await Journal.ReadAsync(3)).Tail);
    }

    [Fact]
    public async Task Claim_AfterARestart_IsAboveEveryEpochBefore()
    {
        var hall = await Hall(1);
        await Store(hall.Next(1));
        for (var i = 0; i < 5; i++) hall.Epoch = await Journal.ClaimAsync(1);

        await Restart();

        Assert.True(await Journal.ClaimAsync(1) > hall.Epoch);
        Assert.True(await Journal.ClaimAsync(2) > hall.Epoch);
    }

    [Fact]
    public async Task Read_WithASnapshot_BeginsWithIt()
    {
        var hall = await Hall(1);
        await Store(hall.Next(3));
        var snapshot = hall.Snapshot();
        var outcome = await Journal.AppendAsync(HallPen.Flush([hall.Next(2)], [snapshot]));
        Assert.Equal([AppendOutcome.Stored], outcome.Appends);

        for (var opened = 0; opened < 2; opened++)
        {
            var history = await Journal.ReadAsync(1);
            Assert.Equal(5, history.Head.Sequence);
            Assert.Equal(3, history.Snapshot!.Sequence);
            Assert.Equal(snapshot.Body.ToArray(), history.Snapshot.Body.ToArray());
            AssertRecords(3, 5, history.Tail);
            AssertRecords(0, 5, await From(1, 0));
            AssertRecords(2, 5, await From(1, 2));
            AssertRecords(4, 5, await From(1, 4));
            Assert.Empty(await From(1, 5));
            await Restart();
        }
    }

    [Fact]
    public async Task SnapshotAsync_GivesTheNewestThatIsNotLater()
    {
        var hall = await Hall(1);
        Assert.Null(await Journal.SnapshotAsync(9, 5));
        await Store(hall.Next(3));
        Assert.Null(await Journal.SnapshotAsync(1, 3));
        var snapshot = hall.Snapshot();
        await Journal.AppendAsync(HallPen.Flush([hall.Next(2)], [snapshot]));

        for (var opened = 0; opened < 2; opened++)
        {
            Assert.Null(await Journal.SnapshotAsync(1, 2));
            foreach (var atMost in (long[])[3, 4, long.MaxValue])
            {
                var kept = await Journal.SnapshotAsync(1, atMost);
                Assert.Equal((3, snapshot.Epoch), (kept!.Sequence, kept.Epoch));
                Assert.Equal(snapshot.Body.ToArray(), kept.Body.ToArray());
            }
            await Restart();
        }
    }

    [Fact]
    public async Task ReadFrom_SeveralHalls_GivesEachWhatComesAfterItsOwn()
    {
        var pens = new List<HallPen>();
        for (uint n = 1; n <= 6; n++) pens.Add(await Hall(n));
        var random = new Random(20261122);
        for (var flush = 0; flush < 150; flush++)
        {
            var snapshots = pens.Where(p => p.Sequence > 0 && random.Next(25) == 0).Select(p => p.Snapshot(100)).ToArray();
            await Journal.AppendAsync(HallPen.Flush([.. pens.Where(_ => random.Next(3) == 0).Select(p => p.Next(random.Next(1, 4), random.Next(300)))], snapshots));
        }
        for (var round = 0; round < 40; round++)
        {
            // Some from the beginning, some from before and some from after their snapshots, some that have nothing more; and one that nobody knows.
            var after = pens.Where(_ => random.Next(3) > 0).ToDictionary(p => p.Number, p => random.Next(4) switch { 0 => 0, 1 => p.Sequence, _ => random.NextInt64(p.Sequence) });
            after[99] = 0;
            var read = after.ToDictionary(a => a.Key, _ => new List<JournalRecord>());
            await foreach (var page in Journal.ReadFromAsync(after, TestContext.Current.CancellationToken))
                foreach (var record in page) read[record.Hall].Add(record);
            foreach (var (hall, last) in after) AssertRecords(last, pens.SingleOrDefault(p => p.Number == hall)?.Sequence ?? 0, read[hall]);
            if (round == 20) await Restart();
        }
    }

    [Fact]
    public async Task Snapshot_AtTheHead_LeavesNoTailAndKeepsTheHead()
    {
        var hall = await Hall(1);
        await Store(hall.Next(3));
        await Journal.AppendAsync(HallPen.Flush([], [hall.Snapshot()]));

        await Restart();

        var history = await hall.Load(Journal);
        Assert.Equal(3, history.Head.Sequence);
        Assert.Empty(history.Tail);
        Assert.Equal([AppendOutcome.Stored], await Store(hall.Next(1)));
        AssertRecords(3, 4, (await Journal.ReadAsync(1)).Tail);
    }

    [Fact]
    public async Task Snapshot_OfAStraggler_IsDropped()
    {
        var old = await Hall(1);
        await Store(old.Next(2));
        await Journal.ClaimAsync(1);

        var outcome = await Journal.AppendAsync(HallPen.Flush([], [old.Snapshot()]));

        Assert.Null(outcome.Failure);
        Assert.Null((await Journal.ReadAsync(1)).Snapshot);
    }

    [Fact]
    public async Task Snapshot_AheadOfWhatIsStored_IsDropped()
    {
        var hall = await Hall(1);
        await Store(hall.Next(2));
        var append = hall.Next(1);

        await Journal.AppendAsync(HallPen.Flush([append], [hall.Snapshot()]));

        var history = await Journal.ReadAsync(1);
        Assert.Null(history.Snapshot);
        AssertRecords(0, 3, history.Tail);
    }

    [Fact]
    public async Task Snapshot_OlderThanTheOneStored_IsDropped()
    {
        var hall = await Hall(1);
        await Store(hall.Next(2));
        var old = hall.Snapshot();
        await Store(hall.Next(2));
        await Journal.AppendAsync(HallPen.Flush([], [hall.Snapshot()]));

        await Journal.AppendAsync(HallPen.Flush([], [old]));

        Assert.Equal(4, (await Journal.ReadAsync(1)).Snapshot!.Sequence);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Snapshots_OfOneHallTwiceInAFlush_TheNewerCounts(bool newerFirst)
    {
        var hall = await Hall(1);
        await Store(hall.Next(2));
        var first = hall.Snapshot();
        await Store(hall.Next(2));
        var second = hall.Snapshot();

        var outcome = await Journal.AppendAsync(HallPen.Flush([hall.Next(1)], newerFirst ? [second, first] : [first, second]));

        Assert.Equal([AppendOutcome.Stored], outcome.Appends);
        await Restart();
        var history = await Journal.ReadAsync(1);
        Assert.Equal(4, history.Snapshot!.Sequence);
        AssertRecords(4, 5, history.Tail);
    }

    [Fact]
    public async Task Overdue_NamesHallsWhoseOldestRecordInNoSnapshotLiesFurtherBack()
    {
        var a = await Hall(1);
        var b = await Hall(2);
        await Store(a.Next(1));
        for (var i = 0; i < 10; i++) await Store(b.Next(10));

        Assert.Equal([1, 2], Journal.Overdue(99));
        Assert.Equal([1], Journal.Overdue(100));
        Assert.Empty(Journal.Overdue(101));

        await Journal.AppendAsync(HallPen.Flush([], [a.Snapshot()]));
        Assert.Empty(Journal.Overdue(100));
        await Store(a.Next(1));
        Assert.Equal([2], Journal.Overdue(100));
        await Journal.AppendAsync(HallPen.Flush([], [b.Snapshot()]));
        Assert.Empty(Journal.Overdue(1));
        Assert.Equal([1], Journal.Overdue(0));
    }

    [Fact]
    public async Task Reopen_AfterManyFlushesAndSnapshots_GivesTheSame()
    {
        var pens = new List<HallPen>();
        for (uint n = 1; n <= 7; n++) pens.Add(await Hall(n));
        var random = new Random(20260714);
        for (var flush = 0; flush < 200; flush++)
        {
            var snapshots = pens.Where(p => p.Sequence > 0 && random.Next(20) == 0).Select(p => p.Snapshot(random.Next(24, 9000))).ToArray();
            var appends = pens.Where(_ => random.Next(3) == 0).Select(p => p.Next(random.Next(1, 6), random.Next(0, 300))).ToArray();
            var outcome = await Journal.AppendAsync(HallPen.Flush(appends, snapshots));
            Assert.All(outcome.Appends, o => Assert.Equal(AppendOutcome.Stored, o));
        }
        var halls = await Journal.HallsAsync();
        var before = new List<HallHistory>();
        foreach (var pen in pens) before.Add(await Journal.ReadAsync(pen.Number));

        await Restart();

        Assert.Equal(halls.Select(h => (h.Number, h.Hall, h.Head.Sequence)), (await Journal.HallsAsync()).Select(h => (h.Number, h.Hall, h.Head.Sequence)));
        foreach (var (pen, history) in pens.Zip(before))
        {
            var now = await Journal.ReadAsync(pen.Number);
            Assert.Equal(pen.Sequence, now.Head.Sequence);
            Assert.Equal(history.Snapshot?.Sequence, now.Snapshot?.Sequence);
            AssertRecords(now.Snapshot?.Sequence ?? 0, pen.Sequence, now.Tail);
            Assert.Equal(history.Tail.Select(r => r.Chain), now.Tail.Select(r => r.Chain));
            AssertRecords(0, pen.Sequence, await From(pen.Number, 0));
            await pen.Load(Journal);
            Assert.Equal([AppendOutcome.Stored], await Store(pen.Next(1)));
        }
    }

    [Fact]
    public async Task Probe_OfAStoreThatWorks_IsTrueAndChangesNoHead()
    {
        var hall = await Hall(1);
        await Store(hall.Next(1));

        Assert.True(await Journal.ProbeAsync());

        Assert.Equal(new Head(hall.Epoch, 1), (await Journal.ReadAsync(1)).Head);
        Assert.Equal([AppendOutcome.Stored], await Store(hall.Next(1)));
    }
}
