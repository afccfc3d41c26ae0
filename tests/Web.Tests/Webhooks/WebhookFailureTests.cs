using System.Net;
using System.Net.Sockets;
using HallOps.Core.Halls;
using HallOps.Web.Webhooks;

namespace HallOps.Web.Tests.Webhooks;

/// <summary>Receivers that are down, slow, gone or choosy: who waits for them, and for how long.</summary>
public sealed class WebhookFailureTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ReceiverThatIsDown_HoldsUpNobodyElses_AndGetsAllWhenItIsBack()
    {
        await using var up = await Receiver.StartAsync();
        await using var down = await Receiver.StartAsync();
        down.Answer = _ => Task.FromResult(500);
        await using var bench = await WebhookBench.StartAsync(down.Endpoint(0, [WebhookEvent.TicketNear], nearAhead: 50), up.Endpoint(1, [WebhookEvent.TicketNear], nearAhead: 50));
        for (var i = 0; i < 40; i++) await bench.IssueAsync();
        await bench.SettledAsync();
        // No time has passed.
        Assert.Equal(40, up.Taken.Count);

        // It is asked with one at a time now, and about once a minute: forty tickets, each on its own, would ask four times as often.
        bench.Time.Advance(TimeSpan.FromHours(1));
        await bench.SettledAsync();
        var before = down.All.Count;
        for (var i = 0; i < 60; i++)
        {
            bench.Time.Advance(TimeSpan.FromMinutes(1));
            await bench.SettledAsync();
        }
        Assert.InRange(down.All.Count - before, 10, 120);

        down.Answer = _ => Task.FromResult(204);
        bench.Time.Advance(TimeSpan.FromMinutes(1));
        await bench.SettledAsync();
        Assert.Equal(40, down.Taken.Count);
    }

    [Fact]
    public async Task TicketWhoseDeliveriesFail_HoldsUpNoOtherTicket()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = id => Task.FromResult(id.StartsWith("1-2-", StringComparison.Ordinal) ? 500 : 204);
        await using var bench = await WebhookBench.StartAsync(receiver.Endpoint(nearAhead: 50));
        var (window, clerk) = (new WindowId("1"), new Clerk("c", null, true));
        await bench.IssueAsync();
        await bench.SendAsync(new OpenWindow(window, clerk, null), new CallNext(window, clerk));
        for (var i = 2; i < 22; i++)
        {
            bench.Time.Advance(TimeSpan.FromMinutes(10));
            await bench.SettledAsync();
            await bench.IssueAsync();
            // With no time passing.
            await bench.SettledAsync();
            Assert.Equal($"1-{i}", receiver.Taken[^1].Ticket);
        }
        Assert.True(receiver.All.Count(r => !r.IsTaken) > 10, "It was tried again.");
        // Its call waits behind what is not taken.
        Assert.DoesNotContain(receiver.All, r => r.Event == "ticket.called");
    }

    [Fact]
    public async Task ReceiverThatNeverAnswers_IsGivenTenSeconds()
    {
        await using var receiver = await Receiver.StartAsync();
        var asked = new TaskCompletionSource();
        receiver.Answer = async _ =>
        {
            asked.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, Cancel);
            return 204;
        };
        await using var bench = await WebhookBench.StartAsync(receiver.Endpoint());
        await bench.IssueAsync();
        await asked.Task.WaitAsync(Cancel);
        bench.Time.Advance(WebhookSender.TimeOut);
        await bench.SettledAsync();
        Assert.Equal(1, bench.Host.Pumps.Single().Waiting);
        receiver.Answer = _ => Task.FromResult(204);
        await bench.PassAsync(TimeSpan.FromSeconds(2));
        Assert.Single(receiver.Taken);
    }

    [Fact]
    public async Task ReceiverThatIsGone_IsAskedNoMore_UntilTheNextStart()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = _ => Task.FromResult(410);
        using var log = new LoggedLines();
        await using var bench = await WebhookBench.StartAsync(null, log, receiver.Endpoint());
        await bench.IssueAsync();
        await bench.SettledAsync();
        await bench.IssueAsync();
        bench.Time.Advance(TimeSpan.FromHours(1));
        await bench.SettledAsync();
        Assert.Single(receiver.All);
        Assert.Single(log.Lines, l => l.Contains("HallOps:Webhooks:0 answered 410", StringComparison.Ordinal));

        receiver.Answer = _ => Task.FromResult(204);
        await bench.EndAsync();
        await bench.OpenAsync();
        await bench.SettledAsync();
        Assert.Equal(2, receiver.Taken.Count);
    }

    [Fact]
    public async Task DeliveriesNobodyTakes_AreGivenUpAfterADay_WithOneLine_AndTheNextGoesOn()
    {
        using var log = new LoggedLines();
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = _ => Task.FromResult(500);
        await using var bench = await WebhookBench.StartAsync(null, log, receiver.Endpoint());
        var (window, clerk) = (new WindowId("1"), new Clerk("c", null, true));
        for (var i = 0; i < 3; i++) await bench.IssueAsync();
        await bench.SettledAsync();
        for (var hour = 0; hour < 23; hour++) bench.Time.Advance(TimeSpan.FromHours(1));
        await bench.SettledAsync();
        await bench.SendAsync(new OpenWindow(window, clerk, null), new CallNext(window, clerk));
        await bench.SettledAsync();
        Assert.Equal(4, bench.Host.Pumps.Single().Waiting);

        foreach (var time in new[] { TimeSpan.FromHours(1), WebhookDelivery.GiveUpEvery })
        {
            await bench.Host.Delivery!.GivenUpAsync().WaitAsync(Cancel);
            bench.Time.Advance(time);
        }
        await bench.Host.Delivery!.GivenUpAsync().WaitAsync(Cancel);
        Assert.Equal(1, bench.Host.Pumps.Single().Waiting);
        Assert.Single(log.Lines, l => l.StartsWith("3 deliveries to the webhook HallOps:Webhooks:0 are given up", StringComparison.Ordinal));
        receiver.Answer = _ => Task.FromResult(204);
        await bench.PassAsync(TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(1));
        Assert.Equal(["ticket.called"], receiver.Taken.Select(r => r.Event));
        // Failing and back: a line each, however many tries it was.
        Assert.Single(log.Lines, l => l.Contains("fails (500)", StringComparison.Ordinal));
        Assert.Single(log.Lines, l => l.Contains("takes deliveries again", StringComparison.Ordinal));
        Assert.DoesNotContain(log.Lines, l => l.Contains("of-the-receiver", StringComparison.Ordinal) || l.Contains(Receiver.Secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Backlog_AboveItsBound_LosesItsOldest()
    {
        var nobody = Receiver.EndpointAt(ClosedPort(), events: [WebhookEvent.TicketNear], nearAhead: 50);
        await using var bench = await WebhookBench.StartAsync(nobody);
        for (var i = 0; i < 10; i++) await bench.IssueAsync();
        await bench.SettledAsync();
        await using var store = bench.Store();
        var (upTo, count) = await store.GiveUpAsync(nobody.Url.AbsoluteUri, DateTimeOffset.UnixEpoch, 4, Cancel);
        Assert.Equal(6, count);
        Assert.Equal([7L, 8L, 9L, 10L], (await store.AfterAsync(0, Cancel)).Select(w => w.Number));
        Assert.Equal((0L, 0), await store.GiveUpAsync(nobody.Url.AbsoluteUri, DateTimeOffset.UnixEpoch, 4, Cancel));
        bench.Host.Pumps.Single().Forget(upTo);
        Assert.Equal(4, bench.Host.Pumps.Single().Waiting);
    }

    [Fact]
    public async Task EndpointThatFailsForMoreThanAnHour_IsAProblemToShow_UntilItTakesSomething()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = _ => Task.FromResult(500);
        await using var bench = await WebhookBench.StartAsync(receiver.Endpoint());
        await bench.IssueAsync();
        await bench.SettledAsync();
        bench.Time.Advance(WebhookPump.ProblemAfter);
        await bench.SettledAsync();
        Assert.Empty(bench.Host.Problems);
        bench.Time.Advance(TimeSpan.FromSeconds(1));
        await bench.SettledAsync();
        Assert.Equal("The webhook HallOps:Webhooks:0 has failed since 2026-01-01T00:00:00Z; 1 deliveries wait.", Assert.Single(bench.Host.Problems));
        receiver.Answer = _ => Task.FromResult(204);
        await bench.PassAsync(TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(1));
        Assert.Empty(bench.Host.Problems);
    }

    [Fact]
    public async Task EndpointThatIsNoMoreInTheSettings_LeavesNothingBehind()
    {
        var nobody = Receiver.EndpointAt(ClosedPort());
        await using var receiver = await Receiver.StartAsync();
        await using var bench = await WebhookBench.StartAsync(nobody);
        await bench.IssueAsync();
        await bench.SettledAsync();
        await bench.EndAsync();
        await bench.OpenAsync(receiver.Endpoint());
        await bench.SettledAsync();
        await using var store = bench.Store();
        Assert.Empty(await store.AfterAsync(0, Cancel));
        Assert.Empty(receiver.All);
    }

    private static Uri ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");
    }
}
