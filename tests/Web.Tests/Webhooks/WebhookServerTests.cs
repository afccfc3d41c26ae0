using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using HallOps.Silo;
using HallOps.Web.Operations;
using HallOps.Web.Storage;
using HallOps.Web.Tests.Operations;
using HallOps.Web.Webhooks;
using Microsoft.Extensions.DependencyInjection;

namespace HallOps.Web.Tests.Webhooks;

/// <summary>Webhooks on the whole server: settings, a visit over HTTP, a restart, health.</summary>
public sealed class WebhookServerTests : IDisposable
{
    private readonly DataFolder _folder = new(Directory.CreateTempSubdirectory("hallops-webhooks-").FullName);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Visit_WithAReceiverAwayAndARestart_IsToldWhole_AndNeverWithItsToken()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = _ => Task.FromResult(503);
        string token;
        await using (var server = await RunningServer.StartAsync(_folder, webhooks: [receiver.Endpoint()]))
        {
            await server.SetUpAsync();
            await server.AddHallAsync("one");
            using var admin = await server.SignInAsync();
            token = (await DoAsync(admin, "halls/one/tickets", new { service = "s", source = "phone", phone = "13800138000" })).GetProperty("token").GetString()!;
            await DoAsync(admin, "halls/one/windows/1/open", new { });
            await DoAsync(admin, "halls/one/windows/1/call-next", new { });
            await DoAsync(admin, "halls/one/suspend", new { reason = "请拨打 13800138000" });
            await server.CaughtUpAsync();
        }
        Assert.Empty(receiver.Taken);
        receiver.Answer = _ => Task.FromResult(200);
        await using var again = await RunningServer.StartAsync(_folder, webhooks: [receiver.Endpoint()]);
        await again.CaughtUpAsync();
        await again.App.Services.GetRequiredService<WebhookHost>().Pumps.Single().QuietAsync().WaitAsync(Cancel);

        Assert.Equal(["hall.suspended", "ticket.called", "ticket.near"], receiver.Taken.Select(r => r.Event).Order());
        Assert.Equal(["ticket.near", "ticket.called"], receiver.Taken.Where(r => r.Ticket is not null).Select(r => r.Event));
        Assert.DoesNotContain(receiver.All, r => r.Body.Contains(token, StringComparison.Ordinal) || r.Body.Contains("13800138000", StringComparison.Ordinal));
        Assert.Equal((HttpStatusCode.OK, "ok", null), await HealthAsync(again));
    }

    [Fact]
    public async Task Endpoint_ThatFailsForMoreThanAnHour_StandsInHealth_WhichStaysOk()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = _ => Task.FromResult(503);
        var time = new LeapingTime();
        await using var server = await RunningServer.StartAsync(_folder, webhooks: [receiver.Endpoint()], change: services => services.AddSingleton<TimeProvider>(time));
        await server.SetUpAsync();
        await server.AddHallAsync("one");
        using var admin = await server.SignInAsync();
        await DoAsync(admin, "halls/one/suspend", new { reason = "停电" });
        await server.CaughtUpAsync();
        await server.App.Services.GetRequiredService<WebhookHost>().Pumps.Single().QuietAsync().WaitAsync(Cancel);
        Assert.Equal((HttpStatusCode.OK, "ok", null), await HealthAsync(server));
        time.Leap(TimeSpan.FromMinutes(61));
        var (status, word, problem) = await HealthAsync(server);
        Assert.Equal((HttpStatusCode.OK, "ok"), (status, word));
        // Late in the evening the leap is over a midnight, of which more is said.
        Assert.Matches("(?m)^The webhook HallOps:Webhooks:0 has failed since .*; [12] deliveries wait.$", problem);
    }

    [Fact]
    public async Task Server_WithoutWebhooks_HasNothingOfThem()
    {
        await using var server = await RunningServer.StartAsync(_folder);
        Assert.Null(server.App.Services.GetService<WebhookHost>());
        Assert.Equal((HttpStatusCode.OK, "ok", null), await HealthAsync(server));
    }

    [Fact]
    public void Settings_AreReadAsListsOrAsOneText()
    {
        var settings = Settings.Read(new Dictionary<string, string?>
        {
            ["HallOps:Webhooks:10:Url"] = "http://localhost:9/x", ["HallOps:Webhooks:10:Secret"] = "0123456789abcdef",
            ["HallOps:Webhooks:2:Url"] = "https://example.org/hook?key=k", ["HallOps:Webhooks:2:Secret"] = "0123456789abcdef", ["HallOps:Webhooks:2:NearAhead"] = "5",
            ["HallOps:Webhooks:2:Events"] = "ticket.near, hall.resumed", ["HallOps:Webhooks:2:Halls:0"] = "one", ["HallOps:Webhooks:2:Halls:1"] = "two",
        });
        var (first, second) = (settings.Webhooks[0], settings.Webhooks[1]);
        Assert.Equal(("HallOps:Webhooks:2", 5, "HallOps:Webhooks:10", 3), (first.Setting, first.NearAhead, second.Setting, second.NearAhead));
        Assert.True(first.Wants(WebhookEvent.HallResumed, new("two")) && first.Wants(WebhookEvent.TicketNear, new("one")));
        Assert.False(first.Wants(WebhookEvent.TicketCalled, new("two")) || first.Wants(WebhookEvent.TicketNear, new("three")));
        Assert.All(Enum.GetValues<WebhookEvent>(), e => Assert.True(second.Wants(e, new("three"))));
        Assert.Empty(Settings.Read(new Dictionary<string, string?> { ["HallOps:Webhooks:0:Url"] = "https://example.org/", ["HallOps:Webhooks:0:Secret"] = "0123456789abcdef" }, demo: true).Webhooks);
    }

    [Theory]
    [InlineData("Url", "http://example.org/hook", "HallOps:Webhooks:0:Url must be an https address without a user name (http on this machine only), was \"http://example.org/hook\".")]
    [InlineData("Url", "http://example.org/hook?key=k1", "HallOps:Webhooks:0:Url must be an https address without a user name (http on this machine only), was \"http://example.org/hook\".")]
    [InlineData("Url", "https://me:pw@example.org/", "HallOps:Webhooks:0:Url must be")]
    [InlineData("Url", "hook", "HallOps:Webhooks:0:Url must be")]
    [InlineData("Url", null, "HallOps:Webhooks:0:Url must be")]
    [InlineData("Secret", "123456789012345", "HallOps:Webhooks:0:Secret must be at least 16 characters.")]
    [InlineData("Secret", null, "HallOps:Webhooks:0:Secret must be at least 16 characters.")]
    [InlineData("Events", "ticket.near,ticket.lost", "HallOps:Webhooks:0:Events must be of ticket.near, ticket.called, hall.suspended, hall.resumed, rating.bad, day.closed, was \"ticket.lost\".")]
    [InlineData("Events:0", "day.lost", "HallOps:Webhooks:0:Events must be of")]
    [InlineData("Halls", "One", "HallOps:Webhooks:0:Halls must be the short names of halls, was \"One\".")]
    [InlineData("NearAhead", "51", "HallOps:Webhooks:0:NearAhead must be a whole number from 0 to 50, was \"51\".")]
    [InlineData("NearAhead", "-1", "HallOps:Webhooks:0:NearAhead must be")]
    [InlineData("Colour", "red", "HallOps:Webhooks:0:Colour is no setting")]
    public void BadSetting_StopsTheStart_AndNamesIt_AndShowsNoKey(string name, string? value, string line)
    {
        var settings = new Dictionary<string, string?> { ["HallOps:Webhooks:0:Url"] = "https://example.org/hook", ["HallOps:Webhooks:0:Secret"] = "0123456789abcdef", [$"HallOps:Webhooks:0:{name}"] = value };
        var refused = Assert.Throws<StartRefusedException>(() => Settings.Read(settings));
        Assert.StartsWith(line, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
        Assert.False(name == "Secret" && value is not null && refused.Message.Contains(value, StringComparison.Ordinal), "A secret is not shown.");
        Assert.DoesNotContain("pw", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SameAddressTwice_IsRefused()
    {
        var settings = Enumerable.Range(0, 2).SelectMany(i => new Dictionary<string, string?> { [$"HallOps:Webhooks:{i}:Url"] = "https://example.org/hook", [$"HallOps:Webhooks:{i}:Secret"] = "0123456789abcdef" }).ToDictionary();
        Assert.StartsWith("HallOps:Webhooks:1:Url is the address of HallOps:Webhooks:0 as well", Assert.Throws<StartRefusedException>(() => Settings.Read(settings)).Message, StringComparison.Ordinal);
    }

    private static async Task<JsonElement> DoAsync(HttpClient client, string path, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        using var answer = await client.SendAsync(request, Cancel);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancel));
        return answer.StatusCode == HttpStatusCode.NoContent ? default : await RunningServer.JsonAsync(answer);
    }

    private static async Task<(HttpStatusCode Status, string? Word, string? Problem)> HealthAsync(RunningServer server)
    {
        using var client = new HttpClient { BaseAddress = server.Address };
        using var answer = await client.GetAsync("/health", Cancel);
        var health = await RunningServer.JsonAsync(answer);
        return (answer.StatusCode, health.GetProperty("status").GetString(), health.TryGetProperty("problems", out var problems) ? string.Join('\n', problems.EnumerateArray().Select(p => p.GetString())) : null);
    }

    public void Dispose() => Directory.Delete(_folder.FullPath, recursive: true);

    /// <summary>The system's time, of which some can be left out.</summary>
    private sealed class LeapingTime : TimeProvider
    {
        private long _leapt;

        public void Leap(TimeSpan by) => Interlocked.Add(ref _leapt, by.Ticks);

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(_leapt);

        public override long GetTimestamp() => System.GetTimestamp() + (long)(TimeSpan.FromTicks(_leapt).TotalSeconds * Stopwatch.Frequency);
    }
}

internal static class CaughtUp
{
    /// <summary>When webhooks have taken in what hall number 1 did.</summary>
    public static async Task CaughtUpAsync(this RunningServer server)
    {
        var halls = server.App.Services.GetRequiredService<IHalls>();
        var sequence = (await halls.ReadAsync(new("one"), new ReadListing(), TestContext.Current.CancellationToken))!.Sequence;
        await server.App.Services.GetRequiredService<WebhookHost>().Follower.CaughtUpAsync(1, sequence, TestContext.Current.CancellationToken);
    }
}
