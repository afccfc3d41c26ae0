using System.Security.Cryptography;
using System.Text;
using HallOps.Core.Halls;
using HallOps.Web.Webhooks;

namespace HallOps.Web.Tests.Webhooks;

/// <summary>What a receiver gets: bodies, headers, signatures, and what never stands in them.</summary>
public sealed class WebhookBodyTests
{
    private static readonly WindowId Window = new("1");
    private static readonly Clerk Clerk = new("clerk", new StaffId("w01"), false);

    [Fact]
    public async Task Deliveries_OfAVisit_SayWhatHappened_AndNothingOfThePerson()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var bench = await WebhookBench.StartAsync(receiver.Endpoint());
        var person = new PersonId(UInt128.Parse("81985529216486895", System.Globalization.CultureInfo.InvariantCulture));
        await bench.Hall.SendAsync(new IssueTicket(new ServiceId("t"), null, Grants.Self, null, person, TicketSource.Kiosk, null, false, null), TimeSpan.FromMinutes(1));
        await bench.SendAsync(new OpenWindow(new WindowId("2"), Clerk, null), new CallNext(new WindowId("2"), Clerk), new Recall(new WindowId("2"), Clerk), new StartService(new WindowId("2"), Clerk),
            new FinishService(new WindowId("2"), Clerk, FinishOutcome.Done, null, 1), new RateTicket(new TicketId(1, 1), Grade.VeryDissatisfied, ["办得慢"], new TextHash(7)));
        await bench.SettledAsync();

        Assert.Equal(
            [
                """{"id":"1-2-ticket.near","event":"ticket.near","at":"2026-11-02T08:01:00+08:00","hall":"h","ticket":{"id":"1-1","number":"B001","leg":1,"service":"t","line":"b"},"ahead":0}""",
                """{"id":"1-4-ticket.called","event":"ticket.called","at":"2026-11-02T08:02:20+08:00","hall":"h","ticket":{"id":"1-1","number":"B001","leg":1,"service":"t","line":"b"},"window":"2","calledAt":"2026-11-02T08:02:20+08:00","times":1}""",
                """{"id":"1-5-ticket.called","event":"ticket.called","at":"2026-11-02T08:03:00+08:00","hall":"h","ticket":{"id":"1-1","number":"B001","leg":1,"service":"t","line":"b"},"window":"2","calledAt":"2026-11-02T08:02:20+08:00","times":2}""",
                """{"id":"1-8-rating.bad","event":"rating.bad","at":"2026-11-02T08:05:00+08:00","hall":"h","ticket":{"id":"1-1","number":"B001","leg":1,"service":"t","line":"b"},"window":"2","grade":"veryDissatisfied","tags":["办得慢"]}""",
            ],
            receiver.All.Select(r => r.Body));
        Assert.All(receiver.All, r => Assert.Equal((r.Json.GetProperty("id").GetString(), r.Json.GetProperty("event").GetString(), "application/json; charset=utf-8"), (r.Id, r.Event, r.ContentType)));
        Assert.DoesNotContain(receiver.All, r => r.Body.Contains(person.ToString(), StringComparison.Ordinal) || r.Body.Contains(new TextHash(7).ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Suspension_AndItsEnd_AreTold_InOrder()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var bench = await WebhookBench.StartAsync(receiver.Endpoint());
        var until = bench.Hall.Now + TimeSpan.FromHours(1);
        await bench.SendAsync(new Suspend([new LineId("b")], [new ServiceId("s")], new TextHash(9), until), new Resume([new LineId("b")], []), new Suspend([], [], new TextHash(9), null), new Resume([], []));
        await bench.SettledAsync();

        Assert.Equal(
            [
                """{"id":"1-2-hall.suspended","event":"hall.suspended","at":"2026-11-02T08:00:40+08:00","hall":"h","lines":["b"],"services":["s"],"until":"2026-11-02T09:00:00+08:00"}""",
                """{"id":"1-3-hall.resumed","event":"hall.resumed","at":"2026-11-02T08:01:20+08:00","hall":"h","lines":["b"],"services":[]}""",
                """{"id":"1-4-hall.suspended","event":"hall.suspended","at":"2026-11-02T08:02:00+08:00","hall":"h","lines":[],"services":[]}""",
                """{"id":"1-5-hall.resumed","event":"hall.resumed","at":"2026-11-02T08:02:40+08:00","hall":"h","lines":[],"services":[]}""",
            ],
            receiver.All.Select(r => r.Body));
    }

    [Fact]
    public async Task AClosedDay_IsTold_WithWhatBecameOfItsNumbers()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var bench = await WebhookBench.StartAsync(receiver.Endpoint(events: [WebhookEvent.DayClosed]));
        await bench.IssueAsync();
        await bench.IssueAsync();
        await bench.Hall.SendAsync(new Poke(), TimeSpan.FromHours(24));
        await bench.SettledAsync();

        var told = Assert.Single(receiver.All);
        Assert.Equal(("day.closed", "2026-11-02", "h"), (told.Event, told.Json.GetProperty("day").GetString(), told.Json.GetProperty("hall").GetString()));
        Assert.Equal("""{"abandoned":2,"issued":2,"noShow":0,"open":0,"served":0,"transferred":0,"void":0,"withdrawn":0}""", told.Json.GetProperty("legs").GetRawText());
    }

    [Fact]
    public async Task Signature_IsOverTimeAndBody_AndNewWithEveryTry()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var bench = await WebhookBench.StartAsync(receiver.Endpoint());
        var tries = 0;
        receiver.Answer = _ => Task.FromResult(++tries == 1 ? 500 : 204);
        await bench.IssueAsync();
        await bench.PassAsync(TimeSpan.FromMinutes(1));

        Assert.Equal([500, 204], receiver.All.Select(r => r.Status));
        Assert.All(receiver.All, r => Assert.Equal(Expected(r.Signature, r.Body), r.Signature));
        Assert.NotEqual(receiver.All[0].Signature, receiver.All[1].Signature);
        Assert.Equal(receiver.All[0].Body, receiver.All[1].Body);
        Assert.Equal($"t={bench.Time.GetUtcNow().ToUnixTimeSeconds()}", receiver.All[1].Signature.Split(',')[0]);
        Assert.NotEqual(Expected(receiver.All[0].Signature, receiver.All[0].Body + " "), receiver.All[0].Signature);
    }

    [Fact]
    public async Task CallsThatDoNotCount_AndGoodRatings_AreNotTold()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var bench = await WebhookBench.StartAsync(receiver.Endpoint(events: [WebhookEvent.TicketCalled, WebhookEvent.RatingBad]));
        await bench.IssueAsync();
        await bench.SendAsync(new OpenWindow(Window, Clerk, null), new CallNext(Window, Clerk));
        await bench.Hall.SendAsync(new Recall(Window, Clerk), TimeSpan.FromSeconds(1));
        await bench.SendAsync(new StartService(Window, Clerk), new FinishService(Window, Clerk, FinishOutcome.Done, null, 1), new RateTicket(new TicketId(1, 1), Grade.FairlySatisfied, [], null));
        await bench.SettledAsync();
        Assert.Equal(["ticket.called"], receiver.All.Select(r => r.Event));
    }

    /// <summary>As docs/webhooks.md tells a receiver to do it.</summary>
    private static string Expected(string signature, string body)
    {
        var at = signature.Split(',')[0]["t=".Length..];
        return $"t={at},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Receiver.Secret), Encoding.UTF8.GetBytes($"{at}.{body}")))}";
    }
}
