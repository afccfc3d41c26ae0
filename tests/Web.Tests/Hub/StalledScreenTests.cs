using System.Net.WebSockets;
using System.Text;
using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Web.Hub;
using HallOps.Web.Tests.Door;
using Microsoft.Extensions.Logging.Abstractions;

namespace HallOps.Web.Tests.Hub;

/// <summary>QUALITY.md, F16: a screen that takes nothing is dropped after 30 s, and costs nobody anything until then.</summary>
public sealed class StalledScreenTests
{
    private static readonly Topic Board = new(TopicKind.Hall, DoorHost.Hall);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Pump_WhoseScreenTakesNothing_DropsItAfter30Seconds()
    {
        var time = new DrivenTime();
        var mailbox = new ScreenMailbox(time);
        var (never, dropped, sent) = (new TaskCompletionSource(), new TaskCompletionSource(), 0);
        var pump = new ScreenPump(mailbox, (_, _) => Interlocked.Increment(ref sent) == 1 ? new ValueTask(never.Task) : ValueTask.CompletedTask, dropped.SetResult, time, NullLogger.Instance).RunAsync(CancellationToken.None);
        mailbox.Open(Board);
        mailbox.Post(new FeedSnapshot(Board, 0, new Dictionary<string, FeedValue>()));
        await UntilAsync(() => time.Armed == 1, "the pump waits for its screen");
        for (var i = 0; i < 10_000; i++) mailbox.Post(new FeedChange(Board, i, i + 1, new Dictionary<string, FeedValue> { [$"windows/{i % 40}"] = new(i) }));
        time.Advance(TimeSpan.FromSeconds(29.9));
        Assert.False(dropped.Task.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.2));
        await dropped.Task.WaitAsync(Soon, TestContext.Current.CancellationToken);
        await pump.WaitAsync(Soon, TestContext.Current.CancellationToken);
        Assert.Equal(1, sent);
    }

    [Fact]
    public async Task Pump_WhoseScreenIsSlowButTakes_KeepsItAndMerges()
    {
        var time = new DrivenTime();
        var mailbox = new ScreenMailbox(time);
        var (gate, sent, dropped) = (new SemaphoreSlim(0), new List<FeedMessage>(), false);
        using var closed = new CancellationTokenSource();
        var pump = new ScreenPump(mailbox, async (message, cancel) =>
        {
            await gate.WaitAsync(cancel);
            lock (sent) sent.Add(message);
        }, () => dropped = true, time, NullLogger.Instance).RunAsync(closed.Token);
        mailbox.Open(Board);
        mailbox.Post(new FeedSnapshot(Board, 0, new Dictionary<string, FeedValue>()));
        await UntilAsync(() => time.Armed == 1, "the pump waits for its screen");
        for (var i = 0; i < 1000; i++) mailbox.Post(new FeedChange(Board, i, i + 1, new Dictionary<string, FeedValue> { ["lines/a"] = new(i) }));
        time.Advance(TimeSpan.FromSeconds(29));
        gate.Release(2);
        await UntilAsync(() => { lock (sent) return sent.Count == 2; }, "two messages are taken");
        time.Advance(TimeSpan.FromSeconds(60));
        var change = Assert.IsType<FeedChange>(sent[1]);
        Assert.Equal((0, 1000, 999), (change.From, change.To, change.Changes["lines/a"].Value));
        Assert.False(dropped);
        await closed.CancelAsync();
        await pump.WaitAsync(Soon, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task F16_SocketThatTakesNothing_IsDroppedAfter30Seconds()
    {
        var time = new DrivenTime();
        Flood? flood = null;
        await using var host = await DoorHost.StartAsync(halls => flood = new Flood(halls), time);
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://{host.Address.Authority}/hub"), TestContext.Current.CancellationToken);
        await SendAsync("""{"protocol":"json","version":1}""");
        await SendAsync("""{"type":1,"target":"WatchHall","arguments":["h"]}""");
        var sink = await flood!.Watched.Task.WaitAsync(Soon, TestContext.Current.CancellationToken);

        // A megabyte at a time, until the operating system's buffers are full and the pump has to wait.
        var value = new FeedValue(new string('x', 1 << 20));
        var sequence = 0L;
        await UntilAsync(() =>
        {
            sink.Post(new FeedChange(Board, sequence, ++sequence, new Dictionary<string, FeedValue> { ["lines/a"] = value }));
            return time.Armed > 0 && sequence > 200;
        }, "the socket is full");
        Assert.False(flood.Ended.Task.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(31));
        await flood.Ended.Task.WaitAsync(Soon, TestContext.Current.CancellationToken);

        Task SendAsync(string message) => socket.SendAsync(Encoding.UTF8.GetBytes(message + "\u001e"), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
    }

    private static async Task UntilAsync(Func<bool> is_, string what)
    {
        using var limit = new CancellationTokenSource(Soon);
        while (!is_())
        {
            Assert.False(limit.IsCancellationRequested, $"Expected within {Soon.TotalSeconds} s that {what}.");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Halls whose watchers get what the test posts.</summary>
    private sealed class Flood(IHalls halls) : IHalls
    {
        public TaskCompletionSource<IFeedSink> Watched { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ValueTask<IDisposable?> WatchAsync(Topic topic, IFeedSink sink, CancellationToken cancel = default)
        {
            sink.Post(new FeedSnapshot(topic, 0, new Dictionary<string, FeedValue>()));
            Watched.SetResult(sink);
            return new(new End(Ended));
        }

        public ValueTask<HallAnswer> SendAsync(HallId hall, HallRequest request, CancellationToken cancel = default) => halls.SendAsync(hall, request, cancel);
        public ValueTask<T?> ReadAsync<T>(HallId hall, HallQuery<T> query, CancellationToken cancel = default) => halls.ReadAsync(hall, query, cancel);
        public IReadOnlyCollection<HallRef> Halls => halls.Halls;
        public HallRef? Find(HallId hall) => halls.Find(hall);
        public HallRef? Find(uint number) => halls.Find(number);
        public IReadOnlyList<string> Problems => halls.Problems;

        private sealed class End(TaskCompletionSource ended) : IDisposable
        {
            public void Dispose() => ended.TrySetResult();
        }
    }
}
