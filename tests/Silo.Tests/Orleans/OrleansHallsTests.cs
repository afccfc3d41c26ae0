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
        return await OrleansHalls.OpenSiloAsync(new OrleansOptions(Redis: null) { SiloPort = silo, GatewayPort = gateway }, journal, new HallClock(time), EngineOptions.Default, NullLoggerFactory.Instance,
            visits: () => new Records(), cancel: TestContext.Current.CancellationToken);
    }

    protected override ValueTask CloseAsync(IHalls halls) => ((OrleansHalls)halls).DisposeAsync();

    [Fact]
    public async Task Window_ByItsAddress_ReadsSendsAndTellsWhoIsThere()
    {
        var window = Node.Grains.GetGrain<IWindowGrain>(WindowGrain.Key(Town, Window));
        Assert.Equal(AnswerStatus.Done, (await window.SendAsync(new HallRequest(new OpenWindow(Window, Clerk, null), "test"))).Status);
        Assert.Equal(WindowStatus.Idle, (await window.ReadAsync())!.State);
        var seen = new DevicePresence("pad-1", "pad", null, Window.Value, 7, null, "1", Time.GetUtcNow());
        await window.SeenAsync(seen);
        await window.SeenAsync(seen with { SeenAt = seen.SeenAt.AddSeconds(5) });
        Assert.Equal([seen with { SeenAt = seen.SeenAt.AddSeconds(5) }], await window.PresentAsync());
    }

    [Fact]
    public async Task Devices_OfTheWindowsAndOfTheHall_AreToldTogether()
    {
        var pad = new DevicePresence("pad-1", "pad", null, Window.Value, 7, null, "1", Time.GetUtcNow());
        var board = new DevicePresence("board-1", "hall-board", "1", null, 8, "Playing", "1", Time.GetUtcNow());
        Node.Seen(Town, pad);
        Node.Seen(Town, board);
        var present = await Node.PresentAsync(Town, TestContext.Current.CancellationToken);
        for (var tries = 0; present.Count < 2 && tries < 200; tries++)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
            present = await Node.PresentAsync(Town, TestContext.Current.CancellationToken);
        }
        Assert.Equal([board, pad], present);
    }

    [Fact]
    public async Task Ticket_OfWhichTheHallKnowsNothing_IsReadFromTheVisitsRecord()
    {
        var number = Node.Find(Town)!.Value.Number;
        Assert.Equal("past", (await Node.ReadAsync(Town, new ReadTicket(new TicketId(number, 999_999)), TestContext.Current.CancellationToken))!.Number);
        Assert.Null(await Node.ReadAsync(Town, new ReadTicket(new TicketId(number, 999_998)), TestContext.Current.CancellationToken));
    }

    private sealed class Records : IVisitRecords
    {
        public ValueTask<TicketView?> FindAsync(HallId hall, TicketId ticket, CancellationToken cancel) => new(ticket.Ordinal == 999_999 ? new TicketView(hall.Value, "past", TicketState.Finished, null, null, null, null, null, null, []) : null);
    }
}

/// <summary>The same engine, its halls in Redis.</summary>
public sealed class OrleansOnRedisTests : OrleansHallsTests
{
    private readonly RedisJournalOptions _options = RedisRun.Apart();

    protected override async ValueTask<IJournal> OpenJournalAsync() => await RedisJournal.OpenAsync(RedisRun.Server.Address, _options);
}
