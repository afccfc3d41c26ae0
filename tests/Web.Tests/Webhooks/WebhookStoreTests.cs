using HallOps.Silo.Projections;
using HallOps.Web.Storage;
using HallOps.Web.Tests.Storage;
using HallOps.Web.Webhooks;
using Microsoft.EntityFrameworkCore;

namespace HallOps.Web.Tests.Webhooks;

/// <summary>The tables of webhooks on both databases.</summary>
public sealed class WebhookStoreTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 2, 8, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("hallops-webhook-store-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SqlKind.Sqlite)]
    [InlineData(SqlKind.Postgres)]
    public async Task Deliveries_Stored_AreReadRemovedAndGivenUp(SqlKind kind)
    {
        await using var store = new WebhookStore(await OpenedAsync(kind));
        Assert.False((await store.ReadProgressAsync(Cancel)).Begun);
        await store.BeginAsync(new Dictionary<uint, long> { [1] = 7 }, Cancel);
        var stored = (await store.StoreAsync(Intake("a", 6, 7), Now, Cancel)).Deliveries;
        await store.StoreAsync(Intake("b", 1, 8), Now, Cancel);

        var progress = await store.ReadProgressAsync(Cancel);
        Assert.Equal((true, 8L, 5), (progress.Begun, progress.Taken[1], progress.Near[(1, 3)]));
        Assert.Equal(stored[2], await store.FindAsync(stored[2].Number, Cancel));
        await store.RemoveAsync(stored[0].Number, Cancel);
        Assert.Equal((0L, 0), await store.GiveUpAsync("a", Now, keep: 5, Cancel));
        Assert.Equal((stored[2].Number, 2), await store.GiveUpAsync("a", Now, keep: 3, Cancel));
        Assert.Equal(stored.Skip(3).Select(d => new Waiting(d.Number, "a", d.Subject)), (await store.AfterAsync(0, Cancel)).Where(w => w.Endpoint == "a"));
        Assert.Equal((stored[5].Number, 3), await store.GiveUpAsync("a", Now.AddSeconds(1), keep: 3, Cancel));
        Assert.Equal((0L, 0), await store.GiveUpAsync("a", Now.AddSeconds(1), keep: 3, Cancel));
        Assert.Equal(1, await store.RemoveOthersAsync(["a"], Cancel));
    }

    [Theory]
    [InlineData(SqlKind.Sqlite)]
    [InlineData(SqlKind.Postgres)]
    public async Task Intake_OfAHallThatIsElsewhere_IsLeftOut_AndNumbersAreNeverGivenAgain(SqlKind kind)
    {
        var open = await OpenedAsync(kind);
        await using var store = new WebhookStore(open);
        await using var other = new WebhookStore(open);
        await store.BeginAsync(new Dictionary<uint, long> { [1] = 7, [2] = 3 }, Cancel);
        await other.BeginAsync(new Dictionary<uint, long> { [1] = 9 }, Cancel);
        var first = await other.StoreAsync(Intake("a", 2, 7), Now, Cancel);
        Assert.Equal([1L, 2L], first.Deliveries.Select(d => d.Number));

        var late = Intake("a", 3, 7);
        var taken = await store.StoreAsync(late with { Deliveries = [.. late.Deliveries, (2u, late.Deliveries[0].Delivery)], Taken = new Dictionary<uint, Reach> { [1] = new(7, 8), [2] = new(3, 4) } }, Now, Cancel);
        Assert.Equal([3L], taken.Deliveries.Select(d => d.Number));
        Assert.Equal([(1u, 8L)], taken.Elsewhere.Select(e => (e.Key, e.Value)));
        Assert.Equal([((1u, 3L), 5)], taken.Near.Select(n => (n.Key, n.Value)));
        Assert.Equal((8L, 4L), (await store.ReadProgressAsync(Cancel)).Taken is var progress ? (progress[1], progress[2]) : default);

        foreach (var waiting in await store.AfterAsync(0, Cancel)) await store.RemoveAsync(waiting.Number, Cancel);
        Assert.Equal([4L], (await other.StoreAsync(Intake("a", 1, 8), Now, Cancel)).Deliveries.Select(d => d.Number));
    }

    private static Intake Intake(string endpoint, int deliveries, long from) => new(
        [.. Enumerable.Range(0, deliveries).Select(i => (1u, new Delivery(0, endpoint, $"{endpoint}{i}", "ticket.called", "1-1", "{}")))],
        new Dictionary<uint, Reach> { [1] = new(from, 8) }, new Dictionary<(uint, long), int> { [(1, 3)] = 5 }, new Dictionary<uint, long> { [2] = 4 });

    private async Task<Func<CancellationToken, ValueTask<System.Data.Common.DbConnection>>> OpenedAsync(SqlKind kind)
    {
        var place = await PostgresRun.PlaceAsync(kind, _folder);
        var options = new DbContextOptionsBuilder<HallOpsDb>();
        place.Configure(options);
        await using var database = new HallOpsDb(options.Options);
        await Schema.PrepareAsync(database, place, Keys.Open(place.Folder), Cancel);
        return place.OpenFollowingAsync;
    }

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }
}
