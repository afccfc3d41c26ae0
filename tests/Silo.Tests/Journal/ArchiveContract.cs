using System.Buffers.Binary;
using HallOps.Silo.Journal;

namespace HallOps.Silo.Tests.Journal;

/// <summary>What <c>journal archive</c> does, whatever the store: days that are over leave it, and nobody who reads the journal can tell.</summary>
public abstract class ArchiveContract : IAsyncLifetime
{
    private static readonly DateOnly First = new(2026, 10, 1);

    private readonly TestFolder _folder = new();
    private readonly HallPen[] _pens = [new(1, "rudong-town"), new(2, "huangpu-street"), new(3, "jiangyong-county")];
    private IJournal? _journal;
    private DateOnly _day = First;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Where the journal or its archives are.</summary>
    protected string At => _folder.At;

    private IJournal Journal => _journal!;
    private string Archives => _folder.File("archive");
    private IEnumerable<string> Files => Directory.Exists(Archives) ? Directory.EnumerateFiles(Archives).Order(StringComparer.Ordinal) : [];

    protected abstract ValueTask<IJournal> OpenAsync();

    protected abstract Task ArchiveAsync(DateOnly before, TextWriter output, Action<string>? step);

    protected abstract ValueTask<JournalContents> ContentsAsync();

    /// <summary>How many records of the halls the store itself has.</summary>
    protected abstract Task<long> KeptAsync();

    /// <summary>Breaks a record of hall 2 in the store.</summary>
    protected abstract Task BreakAsync(long sequence);

    /// <summary>Breaks all snapshots of hall 1.</summary>
    protected abstract Task BreakSnapshotsAsync();

    public async ValueTask InitializeAsync()
    {
        _journal = await OpenAsync();
        foreach (var pen in _pens) await pen.Load(Journal);
    }

    public virtual async ValueTask DisposeAsync()
    {
        await Journal.DisposeAsync();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    // ---- what goes

    [Fact]
    public async Task Archive_OfDaysThatAreOver_IsReadAsIfTheyWereThere()
    {
        await DaysAsync(4);
        var (all, kept) = (await AllAsync(), await KeptAsync());

        var lines = await RunAsync(First.AddDays(2));

        Assert.Matches(@"^archive/before-2026-10-03-[0-9a-f]{8}\.archive: 2,4\d\d records of 3 halls, [0-9.]+ KiB instead of [0-9.]+ KiB$", lines[0]);
        Assert.Single(Files);
        Assert.InRange(await KeptAsync(), kept / 3, kept * 2 / 3);
        // Who has the journal open sees no difference, nor who opens it anew, nor who verifies.
        Assert.Equal(all, await AllAsync());
        await ReopenAsync();
        Assert.Equal(all, await AllAsync());
        var (whole, said) = await VerifyAsync();
        Assert.Equal(["rudong-town: 1,620 records, 2 snapshots, whole", "huangpu-street: 1,620 records, 2 snapshots, whole", "jiangyong-county: 1,620 records, 2 snapshots, whole"], said);
        Assert.True(whole);
        // From anywhere.
        foreach (var after in (long[])[0, 1, 399, 404, 405, 406, 809, 810, 811, 812, 1_619])
            Assert.Equal(Enumerable.Range(1, 1_620).Select(i => (long)i).Where(i => i > after), (await FromAsync(2, after)).Select(r => r.Sequence));
    }

    [Fact]
    public async Task Archive_AndAgain_GoesOnWhereItWas_AndTheHallsGoOn()
    {
        await DaysAsync(3);
        await RunAsync(First.AddDays(1));
        await ReopenAsync();
        foreach (var pen in _pens) await pen.Load(Journal);
        await DaysAsync(2);
        var all = await AllAsync();

        await RunAsync(First.AddDays(2));
        await File.WriteAllTextAsync(Path.Combine(Archives, "before-2026-10-02-00000000.archive"), "as a run leaves it that was killed", Cancel);
        var nothing = await RunAsync(First.AddDays(2));
        Assert.Contains("nothing to archive before 2026-10-03 in the journal", nothing[0], StringComparison.Ordinal);
        Assert.Contains("  ! archive/before-2026-10-02-00000000.archive is not this journal's: a run that broke off left it, or another journal has it", nothing);
        await RunAsync(First.AddDays(4));

        Assert.Equal(4, Files.Count());
        Assert.Equal(all, await AllAsync());
        Assert.True((await VerifyAsync()).Whole);
        await StoreAsync(_pens.Select(p => p.Next(3)));
        await ReopenAsync();
        foreach (var pen in _pens) Assert.Equal(pen.Sequence, (await pen.Load(Journal)).Head.Sequence);
        Assert.Equal(all.Count + 9, (await AllAsync()).Count);
    }

    [Fact]
    public async Task Archive_OfAllThereIs_LeavesEachHallsLastRecordAndItsHead()
    {
        await DaysAsync(2);
        var all = await AllAsync();

        await RunAsync(First.AddDays(100));

        Assert.InRange(await KeptAsync(), 1, 10);
        await ReopenAsync();
        foreach (var pen in _pens) Assert.Equal(pen.Sequence, (await pen.Load(Journal)).Head.Sequence);
        await StoreAsync(_pens.Select(p => p.Next(1)));
        Assert.Equal(all.Count + 3, (await AllAsync()).Count);
    }

    [Fact]
    public async Task Archive_OfADayWithoutASnapshotAfterIt_LeavesItAndSaysWhy()
    {
        await DaysAsync(1);
        await DaysAsync(1, snapshots: false);
        var all = await AllAsync();

        var lines = await RunAsync(First.AddDays(2));

        Assert.Contains(" 1,21", lines[0], StringComparison.Ordinal);
        Assert.Contains(lines, l => l.StartsWith("  ! ", StringComparison.Ordinal) && l.Contains("after each day, and when it stops", StringComparison.Ordinal));
        Assert.Equal(all, await AllAsync());
    }

    [Fact]
    public async Task Archive_OfADayThatHasNotEnded_LeavesItAndSaysWhose()
    {
        await DaysAsync(1);
        await DayAsync(except: 2, snapshots: true);
        var all = await AllAsync();

        var lines = await RunAsync(First.AddDays(2));

        Assert.Contains(lines, l => l.Contains("huangpu-street", StringComparison.Ordinal) && l.Contains("its day 2026-10-02 has not ended", StringComparison.Ordinal));
        Assert.Equal(all, await AllAsync());
    }

    // ---- what is damaged or missing

    [Fact]
    public async Task Archive_OfADamagedHall_StopsBeforeTheDamage()
    {
        await DaysAsync(3);
        await BreakAsync(600);

        var lines = await RunAsync(First.AddDays(3));

        Assert.Contains(lines, l => l.Contains("huangpu-street", StringComparison.Ordinal) && l.Contains("record 601", StringComparison.Ordinal));
        var (whole, said) = await VerifyAsync();
        Assert.False(whole);
        Assert.Contains(said, l => l.StartsWith("huangpu-street: ", StringComparison.Ordinal) && l.Contains("record 601 at byte ", StringComparison.Ordinal));
        Assert.Contains("rudong-town: 1,215 records, 2 snapshots, whole", said);
    }

    [Fact]
    public async Task Archive_ThatIsMissing_IsNamedByWhoeverNeedsIt_AndTheHallsAreServed()
    {
        await DaysAsync(3);
        var all = await AllAsync();
        await RunAsync(First.AddDays(2));
        var file = Assert.Single(Files);
        File.Move(file, _folder.File("away"));
        await ReopenAsync();

        foreach (var pen in _pens) Assert.Equal(1_215, (await pen.Load(Journal)).Head.Sequence);
        await StoreAsync(_pens.Select(p => p.Next(1)));
        var missing = await Assert.ThrowsAsync<JournalArchiveException>(() => AllAsync());
        Assert.EndsWith($"the archive {Path.GetFileName(file)} of the journal is not in {Archives}: put it, or a copy of it, there", missing.Message, StringComparison.Ordinal);
        // Nobody is quarantined for it.
        await StoreAsync(_pens.Select(p => p.Next(1)));
        var (whole, said) = await VerifyAsync();
        Assert.False(whole);
        Assert.Contains(said, l => l.Contains(missing.Message[missing.Message.IndexOf("the archive", StringComparison.Ordinal)..], StringComparison.Ordinal));
        var refused = await Assert.ThrowsAsync<JournalUnusableException>(() => RunAsync(First.AddDays(3)));
        Assert.EndsWith("; nothing was archived", refused.Message, StringComparison.Ordinal);

        File.Move(_folder.File("away"), file);
        Assert.Equal(all, (await AllAsync()).Where(r => r.Item2 <= 1_215));
        Assert.True((await VerifyAsync()).Whole);
    }

    [Fact]
    public async Task Archive_ThatIsDamaged_IsNamedWithTheByte()
    {
        await DaysAsync(3);
        await RunAsync(First.AddDays(2));
        var file = Assert.Single(Files);
        var bytes = await File.ReadAllBytesAsync(file, Cancel);
        bytes[100] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, Cancel);
        await ReopenAsync();

        var damaged = await Assert.ThrowsAsync<JournalArchiveException>(() => AllAsync());

        Assert.Contains("cannot be read (at byte 8: a checksum does not fit): put a copy of it there, out of a backup", damaged.Message, StringComparison.Ordinal);
        Assert.False((await VerifyAsync()).Whole);
    }

    [Fact]
    public async Task Archive_OfAnotherJournalUnderItsName_IsRefused()
    {
        await DaysAsync(3);
        await RunAsync(First.AddDays(1));
        await RunAsync(First.AddDays(2));
        var (one, other) = (Files.First(), Files.Last());
        File.Copy(one, other, overwrite: true);
        await ReopenAsync();

        var refused = await Assert.ThrowsAsync<JournalArchiveException>(() => AllAsync());

        Assert.Contains("it is another file than was written here", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Snapshots_ThatAreAllBroken_AreMadeUpForOutOfTheArchive()
    {
        await DaysAsync(3);
        await RunAsync(First.AddDays(2));
        await BreakSnapshotsAsync();
        await ReopenAsync();

        var history = await Journal.ReadAsync(1, Cancel);

        Assert.Null(history.Snapshot);
        Assert.Equal(Enumerable.Range(1, 1_215).Select(i => (long)i), history.Tail.Select(r => r.Sequence));
    }

    // ---- broken off, and beside others

    [Theory]
    [InlineData(JournalArchiving.Written)]
    [InlineData(JournalArchiving.Named)]
    [InlineData(JournalArchiving.Swept)]
    public async Task Archive_BrokenOff_LosesNothing_AndTheNextGoesOn(string at)
    {
        await DaysAsync(3);
        var all = await AllAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync(First.AddDays(2), step => { if (step == at) throw new InvalidOperationException(at); }));

        Assert.Equal(all, await AllAsync());
        await ReopenAsync();
        Assert.Equal(all, await AllAsync());
        Assert.True((await VerifyAsync()).Whole);
        await RunAsync(First.AddDays(2));
        Assert.Equal(1_215, await KeptAsync());
        Assert.Equal(all, await AllAsync());
        foreach (var pen in _pens) Assert.Equal(1_215, (await pen.Load(Journal)).Head.Sequence);
        Assert.True((await VerifyAsync()).Whole);
    }

    [Fact]
    public async Task Archive_BesideWritersAndReaders_IsSeenByNobody()
    {
        await DaysAsync(6);
        var all = await AllAsync();
        using var held = FolderLock.Acquire(At);
        var stop = new TaskCompletionSource();
        var reads = 0;
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            while (!stop.Task.IsCompleted)
            {
                Assert.Equal(all, (await AllAsync())[..all.Count]);
                Interlocked.Increment(ref reads);
            }
        }, Cancel)).ToArray();
        var writer = Task.Run(async () =>
        {
            while (!stop.Task.IsCompleted) await StoreAsync(_pens.Select(p => p.Next(1)));
        }, Cancel);

        for (var day = 1; day <= 6; day++) await RunAsync(First.AddDays(day), held: true);
        var seen = Volatile.Read(ref reads);
        while (Volatile.Read(ref reads) < seen + 3) await Task.Yield();
        stop.SetResult();
        await Task.WhenAll([.. readers, writer]);

        Assert.Equal(6, Files.Count());
        Assert.True((await VerifyAsync()).Whole);
        foreach (var pen in _pens) Assert.Equal(pen.Sequence, (await Journal.ReadAsync(pen.Number, Cancel)).Head.Sequence);
    }

    [Fact]
    public async Task Copy_OfAnArchivedJournal_HasAllOfIt()
    {
        await DaysAsync(3);
        var all = await AllAsync();
        await RunAsync(First.AddDays(2));
        using var to = new TestFolder();
        var output = new StringWriter();

        await using (var from = await ContentsAsync())
        await using (var target = JournalTarget.OfFolder(to.At))
            await JournalCopy.RunAsync(from, target, output, ChainOf, cancel: Cancel);

        await using var copy = SqliteJournal.Open(to.At);
        Assert.Equal(all, await AllAsync(copy));
    }

    // ---- a few days of three halls

    protected Task WriteDaysAsync(int days) => DaysAsync(days);

    protected ValueTask CloseAsync() => Journal.DisposeAsync();

    private async Task DaysAsync(int days, bool snapshots = true)
    {
        for (var i = 0; i < days; i++) await DayAsync(except: 0, snapshots);
    }

    /// <summary>405 records a hall: 100 flushes, the last of them its end.</summary>
    private async Task DayAsync(uint except, bool snapshots)
    {
        for (var flush = 0; flush < 101; flush++) await StoreAsync(_pens.Select(p => p.Next(4, payload: 60)));
        foreach (var pen in _pens)
            if (pen.Number != except) await StoreAsync([pen.EndDay(_day)]);
            else await StoreAsync([pen.Next(1)]);
        if (snapshots) await Journal.AppendAsync(HallPen.Flush([], [.. _pens.Select(p => p.Snapshot())]), Cancel);
        _day = _day.AddDays(1);
    }

    private async Task StoreAsync(IEnumerable<Append> appends)
    {
        var outcome = await Journal.AppendAsync(HallPen.Flush([.. appends]), Cancel);
        Assert.Null(outcome.Failure);
        Assert.All(outcome.Appends, a => Assert.Equal(AppendOutcome.Stored, a));
    }

    private async Task<string[]> RunAsync(DateOnly before, Action<string>? step = null, bool held = false)
    {
        // As beside a server.
        using var server = held ? null : FolderLock.Acquire(At);
        var output = new StringWriter();
        await ArchiveAsync(before, output, step);
        return output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
    }

    private async Task ReopenAsync()
    {
        await Journal.DisposeAsync();
        _journal = await OpenAsync();
    }

    private Task<List<(uint, long, UInt128)>> AllAsync() => AllAsync(Journal);

    private static async Task<List<(uint, long, UInt128)>> AllAsync(IJournal journal)
    {
        var all = new List<(uint Hall, long Sequence, UInt128 Chain)>();
        await foreach (var page in journal.ReadFromAsync(new Dictionary<uint, long> { [1] = 0, [2] = 0, [3] = 0 }, Cancel)) all.AddRange(page.Select(r => (r.Hall, r.Sequence, r.Chain)));
        // What is written meanwhile comes after what was there.
        return [.. all.GroupBy(r => r.Sequence <= 405 * 6 ? 0 : 1).OrderBy(g => g.Key).SelectMany(g => g.OrderBy(r => r.Hall).ThenBy(r => r.Sequence))];
    }

    private async Task<List<JournalRecord>> FromAsync(uint hall, long after)
    {
        var records = new List<JournalRecord>();
        await foreach (var page in Journal.ReadFromAsync(hall, after, Cancel)) records.AddRange(page);
        return records;
    }

    private async Task<(bool Whole, string[] Lines)> VerifyAsync()
    {
        var output = new StringWriter();
        await using var contents = await ContentsAsync();
        var whole = await JournalVerify.RunAsync(contents, output, ChainOf, cancel: Cancel);
        return (whole, output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }

    private static UInt128? ChainOf(uint hall, StoredSnapshot snapshot) => BinaryPrimitives.ReadUInt128LittleEndian(snapshot.Body.Span);
}
