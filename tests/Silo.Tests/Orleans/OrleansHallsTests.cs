using HallOps.Core.Halls;
using HallOps.Silo.Journal;
using HallOps.Silo.Orleans;
using HallOps.Silo.Tests.Engine;
using HallOps.Silo.Tests.Journal;
using Microsoft.Extensions.Logging.Abstractions;

namespace HallOps.Silo.Tests.Orleans;

/// <summary>The Orleans engine, one silo that is its own node: the contract of all engines, and what only it promises.</summary>
public class OrleansHallsTests : EngineContract
{
    private OrleansHalls Node => (OrleansHalls)Halls;

    protected override async ValueTask<IHalls> OpenAsync(IJournal journal, TimeProvider time)
    {
        var (silo, gateway) = Ports.Free();
        return await OrleansHalls.OpenSiloAsync(new OrleansOptions(Redis: null) { SiloPort = silo, GatewayPort = gateway }, journal, new HallClock(time), EngineOptions.Default, NullLoggerFactory.Instance, cancel: TestContext.Current.CancellationToken);
    }

    protected override ValueTask CloseAsync(IHalls halls) => ((OrleansHalls)halls).DisposeAsync();

    [Fact]
    public async Task F5_TwoFlushesRunningThatFail_EndAcknowledgingAndCompleteFatal()
    {
        Journal.Troubles.Enqueue(Trouble.NotStored);
        Journal.Troubles.Enqueue(Trouble.UncertainNotStored);
        Assert.Equal(AnswerStatus.NotRecorded, (await Send(Issue, key: 1)).Status);
        Assert.Equal(AnswerStatus.OutcomeUnknown, (await Send(Issue, key: 1)).Status);

        await Until(Node.Fatal, TimeSpan.Zero, "Fatal complete");
        Assert.Equal(AnswerStatus.JournalUnavailable, (await Send(Issue, key: 1)).Status);
    }

    [Fact]
    public async Task Idle_HallNobodyUses_LeavesMemoryAndComesBackTheSame()
    {
        await Send(new OpenWindow(Window, Clerk, null));
        var issued = (IssuedReply)(await Send(Issue, key: 7)).Reply!;
        var before = (await Board()) with { AsOf = default };
        Assert.Equal(1, Node.Resident);

        await Until(() => Node.Resident == 0, TimeSpan.FromSeconds(20), "the hall out of memory after 15 min");

        var after = (await Board()) with { AsOf = default };
        Assert.Equal(Feeds.FeedJson.Utf8(before), Feeds.FeedJson.Utf8(after));
        Assert.Equal(issued, (await Send(Issue, key: 7)).Reply);
    }

    [Fact]
    public async Task Dispose_WithCommandsOnTheirWay_AnswersEveryOneAndLosesNothing()
    {
        Journal.Hold();
        var sent = Enumerable.Range(0, 1_500).Select(_ => Send(Issue)).ToList();
        await StopAsync();
        var answers = await Task.WhenAll(sent);
        await StartAsync();

        Assert.Equal(answers.Count(a => a.Status == AnswerStatus.Done), (await Board()).Lines.Sum(l => l.Waiting));
    }

    [Fact]
    public async Task InFlight_OfOneHall_StaysWithinItsBound()
    {
        Journal.Hold();
        var sent = Enumerable.Range(0, 1_900).Select(_ => Send(Issue)).ToList();
        await Until(() => Node.Runner!.Writer.InFlight >= JournalWriter.MaxInFlightOfHall, TimeSpan.Zero, "the hall's bound reached");
        Assert.InRange(Node.Runner!.Writer.InFlight, JournalWriter.MaxInFlightOfHall, JournalWriter.MaxInFlightOfHall + 64);
        Journal.Release();
        var answers = await Task.WhenAll(sent);
        Assert.True(answers.Count(a => a.Status == AnswerStatus.Done) >= JournalWriter.MaxInFlightOfHall);
    }

    [Fact]
    public async Task Window_ByItsAddress_ReadsSendsAndTellsWhoIsThere()
    {
        var window = Node.Grains.GetGrain<IWindowGrain>(WindowGrain.Key(Town, Window));
        Assert.Equal(AnswerStatus.Done, (await window.SendAsync(new HallRequest(new OpenWindow(Window, Clerk, null), "test"))).Status);
        Assert.Equal(WindowStatus.Idle, (await window.ReadAsync())!.State);
        var seen = new DevicePresence("pad-1", "pad", Time.GetUtcNow());
        await window.SeenAsync(seen);
        await window.SeenAsync(seen with { SeenAt = seen.SeenAt.AddSeconds(5) });
        Assert.Equal([seen with { SeenAt = seen.SeenAt.AddSeconds(5) }], await window.PresentAsync());
    }
}

/// <summary>The same engine, its halls in Redis.</summary>
public sealed class OrleansOnRedisTests : OrleansHallsTests
{
    private readonly RedisJournalOptions _options = RedisRun.Apart();

    protected override async ValueTask<IJournal> OpenJournalAsync() => await RedisJournal.OpenAsync(RedisRun.Server.Address, _options);
}
