using HallOps.Silo.Journal;
using HallOps.Silo.Tests.Engine;

namespace HallOps.Silo.Tests.Journal;

/// <summary>One process at a time: the lease says which, and the halls' epochs hold it to that.</summary>
public sealed class RedisLeaseTests
{
    private readonly ManualTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 1, 0, 0, TimeSpan.Zero));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lease_IsOneProcess_AndTheNextOnesWhenItIsLetGo()
    {
        var options = RedisRun.Apart();
        await using var a = new RedisLease(RedisRun.Server.Address, "a", options);
        await using var b = new RedisLease(RedisRun.Server.Address, "b", options);
        Assert.Null(await a.TryTakeAsync());
        Assert.Null(await a.TryTakeAsync());
        Assert.Equal("a", await b.TryTakeAsync());
        // Somebody else's is not let go.
        await b.ReleaseAsync();
        Assert.Equal("a", await b.TryTakeAsync());
        await a.ReleaseAsync();
        Assert.Null(await b.TryTakeAsync());
        Assert.Equal("b", await a.TryTakeAsync());
    }

    [Fact]
    public async Task Lease_IsHeldUntilToldToStop_AndItsLossIsTold()
    {
        var options = RedisRun.Apart() with { Time = _time };
        await using var a = new RedisLease(RedisRun.Server.Address, "a", options);
        await using var b = new RedisLease(RedisRun.Server.Address, "b", options);
        Assert.Null(await a.TryTakeAsync());
        using var stop = new CancellationTokenSource();
        var held = a.HoldAsync(stop.Token);
        _time.Advance(RedisLease.RenewedEvery);
        await stop.CancelAsync();
        Assert.Null(await held);

        held = a.HoldAsync(Cancel);
        // As when it stood still for too long.
        await a.ReleaseAsync();
        Assert.Null(await b.TryTakeAsync());
        while (!held.IsCompleted)
        {
            _time.Advance(RedisLease.RenewedEvery);
            await Task.Delay(10, Cancel);
        }
        Assert.Equal("b", await held);
    }

    [Fact]
    public async Task Lease_ThatEndedUnnoticed_GoesOnWhereNobodyHadIt_AndElseIsOver()
    {
        using var server = new RedisServer();
        var options = new RedisJournalOptions { Time = _time };
        await using var a = new RedisLease(server.Address, "a", options);
        await using var b = new RedisLease(server.Address, "b", options);
        Assert.Null(await a.TryTakeAsync());
        var held = a.HoldAsync(Cancel);
        await server.ReachAsync(redis => redis.ExecuteAsync("DEL", (StackExchange.Redis.RedisKey)"{hallops:meta}:lease"));
        // Not by asking for it, which would take it.
        while (await server.ReachAsync(redis => redis.ExecuteAsync("EXISTS", (StackExchange.Redis.RedisKey)"{hallops:meta}:lease")) is var there && (int)there == 0) await Renewed();
        Assert.Equal("a", await b.TryTakeAsync());
        Assert.False(held.IsCompleted);

        await server.ReachAsync(redis => redis.ExecuteAsync("DEL", (StackExchange.Redis.RedisKey)"{hallops:meta}:lease"));
        Assert.Null(await b.TryTakeAsync());
        await b.ReleaseAsync();
        while (!held.IsCompleted) await Renewed();
        Assert.Equal("", await held);

        async Task Renewed()
        {
            _time.Advance(RedisLease.RenewedEvery);
            await Task.Delay(20, Cancel);
        }
    }

    [Fact]
    public async Task Lease_OfAStoreThatDoesNotAnswer_IsOverdue_AndGoesOnAfterwards()
    {
        using var server = new RedisServer();
        await using var a = new RedisLease(server.Address, "a", new RedisJournalOptions { Time = _time });
        Assert.Null(await a.TryTakeAsync());
        using var stop = new CancellationTokenSource();
        var held = a.HoldAsync(stop.Token);
        server.Kill();
        while (a.Overdue < TimeSpan.FromSeconds(5)) await Passes();
        Assert.False(held.IsCompleted);
        server.Start();
        while (a.Overdue > TimeSpan.Zero) await Passes();
        await stop.CancelAsync();
        Assert.Null(await held);

        async Task Passes()
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(20, Cancel);
        }
    }

    [Fact]
    public async Task Exclusive_ProcessThatStartedEarlier_IsNotGivenAHallThatALaterOneHasHad()
    {
        var options = RedisRun.Apart() with { Exclusive = true };
        await using var first = await RedisJournal.OpenAsync(RedisRun.Server.Address, options);
        var pen = new HallPen(1);
        await pen.Load(first);
        Assert.Equal(AppendOutcome.Stored, await Try(first, pen.Next(2)));
        var late = pen.Next(1);

        await using var second = await RedisJournal.OpenAsync(RedisRun.Server.Address, options);
        // Until the later one asks for it, the earlier one may go on.
        var other = new HallPen(2);
        await other.Load(first);
        Assert.Equal(AppendOutcome.Stored, await Try(first, other.Next(1)));
        var taken = new HallPen(1);
        await taken.Load(second);
        Assert.Equal(2, taken.Sequence);
        Assert.Equal(AppendOutcome.Refused, await Try(first, late));
        await Assert.ThrowsAsync<NotOwnerException>(async () => await first.ClaimAsync(1, Cancel));
        Assert.Equal(AppendOutcome.Stored, await Try(second, taken.Next(1)));
    }

    [Fact]
    public async Task Journal_OfAnotherDeployment_IsNotOpened()
    {
        var options = RedisRun.Apart();
        await (await RedisJournal.OpenAsync(RedisRun.Server.Address, options with { Deployment = "one" })).DisposeAsync();
        await (await RedisJournal.OpenAsync(RedisRun.Server.Address, options)).DisposeAsync();
        var refused = await Assert.ThrowsAsync<JournalUnusableException>(() => RedisJournal.OpenAsync(RedisRun.Server.Address, options with { Deployment = "other" }));
        Assert.Contains("belongs to another deployment", refused.Message, StringComparison.Ordinal);
        await (await RedisJournal.OpenAsync(RedisRun.Server.Address, options with { Deployment = "one" })).DisposeAsync();
    }

    private static async Task<AppendOutcome> Try(RedisJournal journal, Append append) => Assert.Single((await journal.AppendAsync(HallPen.Flush(append), Cancel)).Appends);
}
