using HallOps.Web.Tests.Storage;
using HallOps.Web.Webhooks;

namespace HallOps.Web.Tests.Webhooks;

/// <summary>Webhooks of two processes on one PostgreSQL: one of them delivers, whichever took something in.</summary>
public sealed class WebhookSharedTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(201)]
    [InlineData(202)]
    public async Task Events_OfHallsThatMoveBetweenTwoProcesses_AreDeliveredOnceAndInOrder_ByOneOfThem(int seed)
    {
        var random = new Random(seed);
        await using var receiver = await Receiver.StartAsync();
        await using var bench = await WebhookBench.StartAsync(SqlKind.Postgres, null, null, receiver.Endpoint());
        await using var other = await bench.OpenOtherAsync();
        WebhookHost[] hosts = [bench.Host, other];
        for (var move = 0; move < 15; move++)
        {
            var hall = bench.Halls[(uint)random.Next(1, 3)];
            bench.RunBy[hall.Number] = hosts[random.Next(2)];
            await hall.LoadAsync();
            for (var i = random.Next(30); i > 0; i--) await bench.Halls[(uint)random.Next(1, 3)].SendAnythingAsync(random);
            if (random.Next(4) == 0) await hosts[random.Next(2)].Follower.CaughtUpAsync(hall.Number, hall.Sequence, Cancel);
        }
        await DeliveredAsync(bench, hosts);
        Assert.Single(hosts, h => h.Delivery is not null);

        // The one that delivers ends; the other goes on with what comes, and with what was left.
        var (ends, goesOn) = bench.Host.Delivery is not null ? (bench.Host, other) : (other, bench.Host);
        await ends.DisposeAsync();
        foreach (var hall in bench.Halls.Values)
        {
            bench.RunBy[hall.Number] = goesOn;
            await hall.LoadAsync();
        }
        for (var i = 0; i < 60; i++) await bench.Halls[(uint)random.Next(1, 3)].SendAnythingAsync(random);
        await DeliveredAsync(bench, [goesOn]);

        var expected = await WebhookOrderTests.ExpectedAsync(bench);
        Assert.True(expected.Count > 20, $"seed {seed}: only {expected.Count} deliveries.");
        Assert.Equal(expected.Select(e => e.Id).Order(StringComparer.Ordinal), receiver.Taken.Select(r => r.Id).Order(StringComparer.Ordinal));
        foreach (var ticket in expected.GroupBy(e => e.Subject))
        {
            var taken = receiver.Taken.Where(r => WebhookOrderTests.SubjectOf(r) == ticket.Key).Select(r => r.Id);
            Assert.True(ticket.Select(e => e.Id).SequenceEqual(taken), $"seed {seed}, {ticket.Key}: {string.Join(' ', taken)} and not {string.Join(' ', ticket.Select(e => e.Id))}");
        }
    }

    /// <summary>Lets time pass until everything that happened is stored and delivered.</summary>
    private static async Task DeliveredAsync(WebhookBench bench, WebhookHost[] hosts)
    {
        foreach (var host in hosts)
            foreach (var hall in bench.Halls.Values) await host.Follower.CaughtUpAsync(hall.Number, hall.Sequence, Cancel).WaitAsync(TimeSpan.FromSeconds(20), Cancel);
        await using var store = bench.Store();
        for (var tries = 0; tries < 400; tries++)
        {
            if (hosts.Any(h => h.Delivery is not null) && (await store.AfterAsync(0, Cancel)).Count == 0) return;
            // A slow machine's answer must not be late by the test's time.
            foreach (var pump in hosts.SelectMany(h => h.Pumps)) await pump.QuietAsync().WaitAsync(TimeSpan.FromSeconds(20), Cancel);
            bench.Time.Advance(WebhookTurn.LookEvery);
            await Task.Delay(TimeSpan.FromMilliseconds(25), Cancel);
        }
        Assert.Fail($"{(await store.AfterAsync(0, Cancel)).Count} deliveries wait.");
    }
}
