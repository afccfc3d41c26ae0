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

    private protected override HallRunner Runner => Node.Runner!;

    protected override async ValueTask<IHalls> OpenAsync(IJournal journal, TimeProvider time)
    {
        var (silo, gateway) = Ports.Free();
        return await OrleansHalls.OpenSiloAsync(new OrleansOptions(Redis: null) { SiloPort = silo, GatewayPort = gateway }, journal, new HallClock(time), EngineOptions.Default, NullLoggerFactory.Instance, cancel: TestContext.Current.CancellationToken);
    }

    protected override ValueTask CloseAsync(IHalls halls) => ((OrleansHalls)halls).DisposeAsync();

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
