using HallOps.Core.Halls;
using HallOps.Silo.Embedded;
using HallOps.Silo.Journal;
using Microsoft.Extensions.Logging.Abstractions;

namespace HallOps.Silo.Tests.Engine;

/// <summary>The embedded engine: the contract of all engines, and what only it promises.</summary>
public sealed class EmbeddedHallsTests : EngineContract
{
    private int _checkpointRecords = EmbeddedOptions.Default.CheckpointRecords;

    private EmbeddedHalls Engine => (EmbeddedHalls)Halls;

    protected override async ValueTask<IHalls> OpenAsync(IJournal journal, TimeProvider time) =>
        await EmbeddedHalls.OpenAsync(journal, new HallClock(time), EmbeddedOptions.Default with { CheckpointRecords = _checkpointRecords }, NullLogger.Instance, cancel: TestContext.Current.CancellationToken);

    protected override ValueTask CloseAsync(IHalls halls) => ((EmbeddedHalls)halls).DisposeAsync();

    [Fact]
    public async Task F5_TwoFlushesRunningThatFail_EndAcknowledgingAndCompleteFatal()
    {
        Journal.Troubles.Enqueue(Trouble.NotStored);
        Journal.Troubles.Enqueue(Trouble.UncertainNotStored);
        Assert.Equal(AnswerStatus.NotRecorded, (await Send(Issue, key: 1)).Status);
        Assert.Equal(AnswerStatus.OutcomeUnknown, (await Send(Issue, key: 1)).Status);

        await Until(Engine.Fatal, TimeSpan.Zero, "Fatal complete");
        var flushes = Journal.Flushes;
        Assert.Equal(AnswerStatus.JournalUnavailable, (await Send(Issue, key: 1)).Status);
        await Until(() => Halls.Problems.Count > 0, TimeSpan.FromSeconds(1), "a problem named");
        Assert.Equal(AnswerStatus.JournalUnavailable, (await Send(Issue, key: 1)).Status);
        Assert.Equal(flushes, Journal.Flushes);
    }

    [Fact]
    public async Task Idle_HallNobodyUses_LeavesMemoryAndComesBackTheSame()
    {
        await Send(new OpenWindow(Window, Clerk, null));
        var issued = (IssuedReply)(await Send(Issue, key: 7)).Reply!;
        var before = (await Board()) with { AsOf = default };
        Assert.Equal(1, Engine.Resident);

        await Until(() => Engine.Resident == 0, TimeSpan.FromSeconds(20), "the hall out of memory after 15 min");

        Assert.Equal(Town, Assert.Single(Halls.Halls).Hall);
        var after = (await Board()) with { AsOf = default };
        Assert.Equal(Feeds.FeedJson.Utf8(before), Feeds.FeedJson.Utf8(after));
        Assert.Equal(issued, (await Send(Issue, key: 7)).Reply);
        Assert.NotNull((await Journal.ReadAsync(1, TestContext.Current.CancellationToken)).Snapshot);
    }

    [Fact]
    public async Task Idle_HallThatIsWatched_StaysInMemory()
    {
        using var watch = await Watch(new Topic(TopicKind.Hall, Town), new RecordingSink());
        for (var n = 0; n < 200; n++)
        {
            Time.Advance(TimeSpan.FromSeconds(10));
            await Task.Yield();
        }
        Assert.Equal(1, Engine.Resident);
    }

    [Fact]
    public async Task Dispose_WritesSnapshotsThatTheNextStartReads()
    {
        await Send(Issue);
        var sequence = (await Board()).Sequence;
        await StopAsync();
        await StartAsync();
        var history = await Journal.ReadAsync(1, TestContext.Current.CancellationToken);

        Assert.Equal(sequence, history.Snapshot!.Sequence);
        Assert.Empty(history.Tail);
        Assert.Equal(sequence, (await Board()).Sequence);
    }

    [Fact]
    public async Task Dispose_WithCommandsOnTheirWay_AnswersEveryOne()
    {
        Journal.Hold();
        var sent = Enumerable.Range(0, 1_500).Select(_ => Send(Issue)).ToList();
        await StopAsync();
        var answers = await Task.WhenAll(sent);
        await StartAsync();

        // Neither more nor fewer than were acknowledged.
        Assert.Equal(answers.Count(a => a.Status == AnswerStatus.Done), (await Board()).Lines.Sum(l => l.Waiting));
    }

    [Fact]
    public async Task InFlight_OfOneHall_StaysWithinItsBound()
    {
        Journal.Hold();
        var sent = Enumerable.Range(0, 1_900).Select(_ => Send(Issue)).ToList();
        await Until(() => Engine.Writer.InFlight >= JournalWriter.MaxInFlightOfHall, TimeSpan.Zero, "the hall's bound reached");
        // One turn's batch may pass it, no more.
        Assert.InRange(Engine.Writer.InFlight, JournalWriter.MaxInFlightOfHall, JournalWriter.MaxInFlightOfHall + 64);
        Journal.Release();
        var answers = await Task.WhenAll(sent);
        Assert.All(answers, a => Assert.True(a.Status is AnswerStatus.Done or AnswerStatus.HallBusy, $"{a}"));
        Assert.True(answers.Count(a => a.Status == AnswerStatus.Done) >= JournalWriter.MaxInFlightOfHall);
    }

    [Fact]
    public async Task Snapshot_LostWithItsFlush_IsWrittenAgainWhenTheJournalAsks()
    {
        await StopAsync();
        _checkpointRecords = 1;
        await StartAsync();
        foreach (var _ in Enumerable.Range(0, 5)) await Send(Issue);
        // The sweep asks for a snapshot, and the flush that has it finds no room.
        Journal.IsFull = true;
        await Until(() => Halls.Problems.Count > 0, TimeSpan.FromSeconds(10), "the snapshot's flush refused for want of room");
        Journal.IsFull = false;
        await Until(async () => (await Journal.ReadAsync(1, TestContext.Current.CancellationToken)).Snapshot is not null, TimeSpan.FromSeconds(10), "the snapshot written after all");
    }

    [Fact]
    public async Task Tick_ThatFails_IsNotTheLast()
    {
        Journal.IsFull = true;
        Assert.Equal(AnswerStatus.JournalUnavailable, (await Send(Issue)).Status);
        var asked = 0;
        Journal.OnProbe = () => Interlocked.Increment(ref asked) == 1 ? throw new IOException("the probe itself failed") : true;
        await Until(() => asked > 0, TimeSpan.FromMilliseconds(500), "a probe");
        Journal.IsFull = false;
        await Until(() => Halls.Problems.Count == 0, TimeSpan.FromMilliseconds(500), "a second probe, which finds room");
    }

    [Fact]
    public async Task Watch_CancelledWhileTheHallLoads_LeavesNoSinkBehind()
    {
        await StopAsync();
        var loads = new ManualResetEventSlim();
        await StartAsync(j => j.Unreadable = _ =>
        {
            loads.Wait();
            return null;
        });
        var sink = new RecordingSink();
        using var cancel = new CancellationTokenSource();
        var watch = Halls.WatchAsync(new Topic(TopicKind.Hall, Town), sink, cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watch);
        loads.Set();
        await Send(Issue);
        await Board();

        Assert.Empty(sink.Messages);
    }
}
