using HallOps.Core.Halls;
using HallOps.Silo.Embedded;
using HallOps.Silo.Journal;
using Microsoft.Extensions.Logging.Abstractions;

namespace HallOps.Silo.Tests.Engine;

/// <summary>The embedded engine: the contract of all engines, and what only it promises.</summary>
public class EmbeddedHallsTests : EngineContract
{
    private int _checkpointRecords = EngineOptions.Default.CheckpointRecords;
    private HallClock _clock = null!;

    private EmbeddedHalls Engine => (EmbeddedHalls)Halls;

    private protected override HallRunner Runner => Engine.Runner;

    protected override async ValueTask<IHalls> OpenAsync(IJournal journal, TimeProvider time) =>
        await EmbeddedHalls.OpenAsync(journal, _clock = new HallClock(time), EngineOptions.Default with { CheckpointRecords = _checkpointRecords }, NullLogger.Instance, cancel: TestContext.Current.CancellationToken);

    protected override ValueTask CloseAsync(IHalls halls) => ((EmbeddedHalls)halls).DisposeAsync();

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
    public async Task Dispose_WithHallsInMemory_RefusesWhoAsksAfterwards()
    {
        await Board();
        var stopped = Halls;
        await CloseAsync(stopped);
        // On a thread of its own: it used to turn for ever there.
        var look = await Assert.ThrowsAsync<HallUnavailableException>(() => Task.Run(() => stopped.ReadAsync(Town, new ReadBoard()).AsTask()).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
        Assert.Equal(AnswerStatus.NotRecorded, look.Status);
        await Assert.ThrowsAsync<HallUnavailableException>(() => Task.Run(() => stopped.WatchAsync(new Topic(TopicKind.Hall, Town), new RecordingSink()).AsTask()).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
        Assert.Equal(AnswerStatus.NotRecorded, (await stopped.SendAsync(Town, new HallRequest(Issue, "test"))).Status);
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

    [Fact]
    public async Task F7_ClockForwardOverMidnight_RollsTheDayOnceAtItsMoment()
    {
        var id = ((IssuedReply)(await Send(Issue)).Reply!).Id;
        using var watch = await Watch(new Topic(TopicKind.Hall, Town), new RecordingSink());
        Time.Advance(TimeSpan.FromHours(11));
        Time.Step(TimeSpan.FromHours(6));
        await Until(() => _clock.Read().Step > TimeSpan.Zero, TimeSpan.FromMilliseconds(500), "the step seen");
        Assert.Equal(TicketState.Waiting, await StateOf(id));

        await Until(async () => await StateOf(id) == TicketState.Expired, TimeSpan.FromMilliseconds(500), "the step followed after a minute, and the day over");
        // Set back again: the same midnight comes a second time, on the system's clock alone.
        Time.Step(TimeSpan.FromHours(-6));
        await Until(() => _clock.Read().NeedsAccepting, TimeSpan.FromMilliseconds(500), "the step back seen");
        Assert.True(_clock.Accept(TimeSpan.FromHours(-6)));
        Time.Advance(TimeSpan.FromHours(14));
        Assert.Equal("M001", ((IssuedReply)(await Send(Issue)).Reply!).Number);

        var ended = Assert.Single(await History(), r => r.Event is DayEnded);
        Assert.Equal(Instant.From(new DateTimeOffset(2026, 11, 24, 0, 0, 0, TimeSpan.FromHours(8))), ended.At);
    }

    [Fact]
    public async Task F7_ClockBackAnHour_KeepsTheOrderAndNoDurationIsNegative()
    {
        await Send(new OpenWindow(Window, Clerk, null));
        await Send(Issue);
        Time.Step(TimeSpan.FromHours(-1));
        await Until(() => _clock.Read().NeedsAccepting, TimeSpan.FromMilliseconds(500), "the step seen");
        Time.Advance(TimeSpan.FromMinutes(1));
        await Send(new CallNext(Window, Clerk));
        // Halls do not start from the wrong time by themselves: what came before has the later stamp, and a restart takes the system's time as it is.
        await StopAsync();
        await StartAsync();
        await Send(new StartService(Window, Clerk));
        Time.Advance(TimeSpan.FromMinutes(2));
        await Send(new Next(Window, Clerk, null, null));
        Time.Advance(TimeSpan.FromHours(1));
        await Send(Issue);

        var history = await History();
        for (var i = 1; i < history.Count; i++) Assert.True(history[i].At >= history[i - 1].At, $"{history[i - 1]} then {history[i]}");
        Assert.Equal(Enumerable.Range(1, history.Count).Select(n => (long)n), history.Select(r => r.Sequence));
        Assert.Equal(Instant.From(Time.GetUtcNow()), history[^1].At);
    }

    private async Task<TicketState> StateOf(TicketId id) => (await Halls.ReadAsync(Town, new ReadTicket(id), TestContext.Current.CancellationToken))!.State;

    private async Task<List<(long Sequence, Instant At, HallEvent Event)>> History()
    {
        var history = new List<(long, Instant, HallEvent)>();
        await foreach (var page in Journal.ReadFromAsync(1, 0, TestContext.Current.CancellationToken))
            foreach (var record in page) history.Add((record.Sequence, new Instant(record.At), EventCodec.Read(record.Type, record.Version, record.Payload.Span)));
        return history;
    }
}
