using System.Text.Json;
using System.Threading.Channels;
using HallOps.Core.Halls;
using HallOps.Web.Tests.Door;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;

namespace HallOps.Web.Tests.Hub;

/// <summary>The hub with real clients.</summary>
public sealed class HallHubTests
{
    private const string Tickets = "/api/v1/halls/h/tickets";
    private const string Window = "/api/v1/halls/h/windows/1";

    [Fact]
    public async Task Screen_GetsSnapshotChangesTheCallAndHeartbeats()
    {
        await using var host = await DoorHost.StartAsync();
        await using var screen = await Screen.ConnectAsync(host);
        await screen.Hub.InvokeAsync("WatchHall", "h", Cancel);
        var snapshot = await screen.NextAsync("Snapshot");
        Assert.Equal("hall/h", snapshot[0].GetString());
        var sequence = snapshot[1].GetInt64();
        Assert.Equal(["a", "b"], snapshot[2].GetProperty("lines").EnumerateArray().Select(l => l.GetProperty("line").GetString()));

        using var kiosk = host.As("kiosk@h");
        using var clerk = host.As("clerk@h");
        await clerk.PostAsync($"{Window}/open").JsonAsync();
        await kiosk.PostAsync(Tickets, """{"service":"s"}""").JsonAsync(201);
        await clerk.PostAsync($"{Window}/call-next").JsonAsync();
        var heard = false;
        while (!heard)
        {
            var (target, message) = await screen.NextAsync();
            if (target == "Change")
            {
                Assert.Equal(sequence, message[1].GetInt64());
                sequence = message[2].GetInt64();
            }
            if (target != "Announce") continue;
            heard = true;
            Assert.Equal(("h", "main"), (message[0].GetString(), message[1].GetString()));
            Assert.Equal(("A001", "1", 1), (message[2].GetProperty("ticket").GetString(), message[2].GetProperty("window").GetString(), message[2].GetProperty("times").GetInt32()));
        }
        var beat = await screen.NextAsync("Heartbeat");
        Assert.Equal(("hall/h", sequence), (beat[0].GetString(), beat[1].GetInt64()));
    }

    [Fact]
    public async Task Screen_GetsTheNoticesOfTheDocument_AsTheBoardThatIsReadHasThem()
    {
        await using var host = await DoorHost.StartAsync();
        await host.ConfigureAsync(new HallId("n"), DoorHost.Document(new HallId("n"), extra: ", \"notices\": [{\"zh\": \"午间有人值班\", \"en\": \"Open at noon\"}]"));
        await using var screen = await Screen.ConnectAsync(host);
        await screen.Hub.InvokeAsync("WatchHall", "n", Cancel);
        var shown = (await screen.NextAsync("Snapshot"))[2].GetProperty("notices");
        using var visitor = host.As(null);
        var read = (await visitor.GetAsync(new Uri("/api/v1/halls/n/board", UriKind.Relative), Cancel).JsonAsync()).GetProperty("notices");
        Assert.Equal(1, read.GetArrayLength());
        Assert.True(JsonElement.DeepEquals(read, shown), shown.GetRawText());
    }

    [Fact]
    public async Task Screen_GetsTheWordsOfANoticeInAChange_AndTheirEnd()
    {
        await using var host = await DoorHost.StartAsync();
        await using var screen = await Screen.ConnectAsync(host);
        await screen.Hub.InvokeAsync("WatchZone", "h", "main", Cancel);
        await screen.NextAsync("Snapshot");
        using var manager = host.As("manager@h");

        var posted = await manager.PostAsync("/api/v1/halls/h/notices", """{"text":"请往二楼","until":"2099-01-01T10:00:00+08:00"}""").JsonAsync(201);
        var notice = posted.GetProperty("notice").GetInt64();
        var shown = Assert.Single((await NoticesAsync()).EnumerateArray());
        Assert.Equal(("请往二楼", notice), (shown.GetProperty("text").GetProperty("zh").GetString(), shown.GetProperty("notice").GetInt64()));

        await manager.PostAsync($"/api/v1/halls/h/notices/{notice}/withdraw").JsonAsync();
        Assert.Equal(0, (await NoticesAsync()).GetArrayLength());

        async Task<JsonElement> NoticesAsync()
        {
            while (true)
            {
                var message = await screen.NextAsync("Change");
                if (message[3].TryGetProperty("notices", out var notices)) return notices;
            }
        }
    }

    [Fact]
    public async Task Pad_OfTheWindow_GetsANonceAndRatesOnce_NobodyElseDoes()
    {
        await using var host = await DoorHost.StartAsync();
        using var kiosk = host.As("kiosk@h");
        using var clerk = host.As("clerk@h");
        using var pad = host.As("pad@h");
        await clerk.PostAsync($"{Window}/open").JsonAsync();
        await kiosk.PostAsync(Tickets, """{"service":"s"}""").JsonAsync(201);
        await clerk.PostAsync($"{Window}/call-next").JsonAsync();
        await clerk.PostAsync($"{Window}/start").JsonAsync();

        await using var padScreen = await Screen.ConnectAsync(host, "pad@h");
        await using var screen = await Screen.ConnectAsync(host);
        foreach (var one in new[] { padScreen, screen }) await one.Hub.InvokeAsync("WatchWindow", "h", "1", Cancel);
        Assert.Equal(JsonValueKind.Null, (await padScreen.NextAsync("Snapshot"))[2].GetProperty("rating").ValueKind);
        Assert.False((await screen.NextAsync("Snapshot"))[2].TryGetProperty("rating", out _));
        await clerk.PostAsync($"{Window}/finish").JsonAsync();

        JsonElement rating;
        while (!(await padScreen.NextAsync("Change"))[3].TryGetProperty("rating", out rating) || rating.ValueKind != JsonValueKind.Object) { }
        Assert.Equal("s", rating.GetProperty("service").GetString());
        var nonce = rating.GetProperty("nonce").GetString();
        Assert.False((await screen.NextAsync("Change"))[3].TryGetProperty("rating", out _));

        var body = $$"""{"nonce":"{{nonce}}","grade":"dissatisfied"}""";
        using (var other = host.As("pad@o")) await other.PostAsync($"{Window}/rating", body).ProblemAsync(403, "NotAllowed");
        await pad.PostAsync($"{Window}/rating", body).JsonAsync(201);
        await pad.PostAsync($"{Window}/rating", body).ProblemAsync(409, "AlreadyRated");

        // The next one is not rated before the service after it starts: from then on its nonce is void.
        for (var i = 0; i < 2; i++) await kiosk.PostAsync(Tickets, """{"service":"s"}""").JsonAsync(201);
        await clerk.PostAsync($"{Window}/call-next").JsonAsync();
        await clerk.PostAsync($"{Window}/start").JsonAsync();
        await clerk.PostAsync($"{Window}/finish").JsonAsync();
        string? next = nonce;
        while (next == nonce || next is null)
            if ((await padScreen.NextAsync("Change"))[3].TryGetProperty("rating", out rating) && rating.ValueKind == JsonValueKind.Object) next = rating.GetProperty("nonce").GetString();
        await clerk.PostAsync($"{Window}/call-next").JsonAsync();
        await clerk.PostAsync($"{Window}/start").JsonAsync();
        await pad.PostAsync($"{Window}/rating", $$"""{"nonce":"{{next}}","grade":"satisfied"}""").ProblemAsync(409, "RatingClosed");
    }

    [Fact]
    public async Task Holder_WatchesTheTicket()
    {
        await using var host = await DoorHost.StartAsync();
        using var visitor = host.As(null);
        var issued = await visitor.PostAsync(Tickets, """{"service":"s"}""").JsonAsync(201);
        await using var phone = await Screen.ConnectAsync(host);
        await phone.Hub.InvokeAsync("WatchTicket", issued.GetProperty("token").GetString(), Cancel);
        var snapshot = await phone.NextAsync("Snapshot");
        Assert.Equal($"ticket/{issued.GetProperty("id").GetString()}", snapshot[0].GetString());
        Assert.Equal("waiting", snapshot[2].GetProperty("state").GetString());
        await visitor.PostAsync($"/api/v1/tickets/{issued.GetProperty("token").GetString()}/cancel").JsonAsync();
        JsonElement state;
        while (!(await phone.NextAsync("Change"))[3].TryGetProperty("state", out state)) { }
        Assert.Equal("cancelled", state.GetString());
        await phone.Hub.InvokeAsync("Unwatch", snapshot[0].GetString(), Cancel);
    }

    [Fact]
    public async Task Holder_HearsOfTheTicketWhatHttpSaysOfIt()
    {
        await using var host = await DoorHost.StartAsync();
        using var visitor = host.As(null);
        using var clerk = host.As("clerk@h");
        var first = await visitor.PostAsync(Tickets, """{"service":"s"}""").JsonAsync(201);
        var second = (await visitor.PostAsync(Tickets, """{"service":"s"}""").JsonAsync(201)).GetProperty("token").GetString();
        await using var phone = await Screen.ConnectAsync(host);
        await phone.Hub.InvokeAsync("WatchTicket", second, Cancel);
        var heard = (await phone.NextAsync("Snapshot"))[2].EnumerateObject().ToDictionary(m => m.Name, m => m.Value.GetRawText());
        Assert.Equal(await OverHttpAsync(), heard);

        // Of a change, only what is different; together they are the whole again.
        await visitor.PostAsync($"/api/v1/tickets/{first.GetProperty("token").GetString()}/cancel").JsonAsync();
        await clerk.PostAsync($"{Window}/open").JsonAsync();
        var whole = await OverHttpAsync();
        Assert.Contains("\"zh\"", whole["explanation"]);
        while (!heard.OrderBy(m => m.Key).SequenceEqual(whole.OrderBy(m => m.Key)))
        {
            foreach (var member in (await phone.NextAsync("Change"))[3].EnumerateObject()) heard[member.Name] = member.Value.GetRawText();
        }

        async Task<Dictionary<string, string>> OverHttpAsync() =>
            (await visitor.GetAsync($"/api/v1/tickets/{second}", Cancel).JsonAsync()).EnumerateObject().ToDictionary(m => m.Name, m => m.Value.GetRawText());
    }

    [Fact]
    public async Task Announcement_ReportedSpoken_IsNotSentAgainAfterTheNextSnapshot()
    {
        await using var host = await DoorHost.StartAsync();
        using var kiosk = host.As("kiosk@h");
        using var clerk = host.As("clerk@h");
        await clerk.PostAsync($"{Window}/open").JsonAsync();
        await kiosk.PostAsync(Tickets, """{"service":"s"}""").JsonAsync(201);
        await clerk.PostAsync($"{Window}/call-next").JsonAsync();

        await using (var before = await Screen.ConnectAsync(host, "board@h"))
        {
            await before.Hub.InvokeAsync("WatchZone", "h", "main", Cancel);
            await before.NextAsync("Snapshot");
            var call = (await before.NextAsync("Announce"))[2];
            await before.Hub.InvokeAsync("Announced", call.GetProperty("id").GetInt64(), DateTimeOffset.UnixEpoch, Cancel);
        }
        await using var after = await Screen.ConnectAsync(host, "board@h");
        await after.Hub.InvokeAsync("WatchZone", "h", "main", Cancel);
        await after.NextAsync("Snapshot");
        await clerk.PostAsync($"{Window}/recall").JsonAsync();
        Assert.Equal(2, (await after.NextAsync("Announce"))[2].GetProperty("times").GetInt32());
    }

    [Fact]
    public async Task Floor_ShowsWhatDevicesReport()
    {
        await using var host = await DoorHost.StartAsync();
        await using var floor = await Screen.ConnectAsync(host, "guide@h");
        await using var board = await Screen.ConnectAsync(host, "board@h");
        await floor.Hub.InvokeAsync("WatchFloor", "h", Cancel);
        Assert.Equal(0, (await floor.NextAsync("Snapshot"))[2].GetProperty("devices").GetArrayLength());
        await board.Hub.InvokeAsync("Report", new { sequenceShown = 7, sound = "blocked", version = "1.2" }, Cancel);
        var change = await floor.NextAsync("Change");
        Assert.Equal(change[1].GetInt64(), change[2].GetInt64());
        var device = change[3].GetProperty("devices")[0];
        Assert.Equal(("board@h", "board", "main", 7, "blocked"), (device.GetProperty("device").GetString(), device.GetProperty("kind").GetString(), device.GetProperty("zone").GetString(),
            device.GetProperty("sequenceShown").GetInt32(), device.GetProperty("sound").GetString()));
    }

    [Theory]
    [InlineData(null, "WatchHall", "nowhere", null, "UnknownHall")]
    [InlineData(null, "WatchZone", "h", "nowhere", "UnknownZone")]
    [InlineData(null, "WatchWindow", "h", "99", "UnknownWindow")]
    [InlineData(null, "WatchTicket", "forged", null, "UnknownTicket")]
    [InlineData(null, "WatchFloor", "h", null, "SignInNeeded")]
    [InlineData("clerk@o", "WatchFloor", "h", null, "NotAllowed")]
    [InlineData("analyst@h", "WatchFloor", "h", null, "NotAllowed")]
    [InlineData("auditor@h", "WatchFloor", "h", null, "NotAllowed")]
    [InlineData("board@h", "WatchFloor", "h", null, "NotAllowed")]
    [InlineData("clerk@h", "WatchFloor", "h", null, null)]
    [InlineData("manager@h", "WatchFloor", "h", null, null)]
    [InlineData("admin@*", "WatchFloor", "h", null, null)]
    [InlineData("clerk@o", "WatchHall", "h", null, null)]
    [InlineData("board@o", "WatchWindow", "h", "1", null)]
    public async Task Watch_ThatIsNotAllowedOrUnknown_SaysSoWithItsCode(string? caller, string method, string hall, string? part, string? code)
    {
        await using var host = await DoorHost.StartAsync();
        await using var screen = await Screen.ConnectAsync(host, caller);
        var sending = part is null ? screen.Hub.InvokeAsync(method, hall, Cancel) : screen.Hub.InvokeAsync(method, hall, part, Cancel);
        if (code is null)
        {
            await sending;
            await screen.NextAsync("Snapshot");
        }
        else
        {
            Assert.Contains($"{code}: ", (await Assert.ThrowsAsync<HubException>(() => sending)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Report_FromNoDevice_IsRefused_AndSoAreTooManyTopics()
    {
        await using var host = await DoorHost.StartAsync();
        await host.ConfigureAsync(new("many"), DoorHost.Document(new("many")).Replace(
            "\"windows\": [", "\"windows\": [" + string.Concat(Enumerable.Range(10, 70).Select(i => $$$"""{"window": "{{{i}}}", "kind": "comprehensive", "profile": [{"line": "a"}]},""")), StringComparison.Ordinal));
        await using var screen = await Screen.ConnectAsync(host, "clerk@h");
        var refused = await Assert.ThrowsAsync<HubException>(() => screen.Hub.InvokeAsync("Report", new { sequenceShown = 7 }, Cancel));
        Assert.Contains("DevicesOnly: ", refused.Message, StringComparison.Ordinal);
        for (var i = 10; i < 74; i++) await screen.Hub.InvokeAsync("WatchWindow", "many", $"{i}", Cancel);
        await screen.Hub.InvokeAsync("WatchWindow", "many", "10", Cancel);
        refused = await Assert.ThrowsAsync<HubException>(() => screen.Hub.InvokeAsync("WatchWindow", "many", "74", Cancel));
        Assert.Contains("TooManyTopics: ", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://evil.example", 403)]
    [InlineData("null", 403)]
    [InlineData(null, 200)]
    [InlineData("http://{host}", 200)]
    public async Task Origin_OfAnotherSite_IsTurnedAway(string? origin, int status)
    {
        await using var host = await DoorHost.StartAsync();
        using var client = host.As(null);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/hub/negotiate?negotiateVersion=1");
        if (origin is not null) request.Headers.Add("Origin", origin.Replace("{host}", host.Address.Authority, StringComparison.Ordinal));
        using var response = await client.SendAsync(request, Cancel);
        Assert.Equal(status, (int)response.StatusCode);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private sealed class Screen : IAsyncDisposable
    {
        private readonly Channel<(string Target, JsonElement[] Arguments)> _messages = Channel.CreateUnbounded<(string, JsonElement[])>();

        private Screen(HubConnection hub)
        {
            Hub = hub;
            foreach (var (target, arguments) in new[] { ("Snapshot", 3), ("Change", 4), ("Announce", 3), ("Heartbeat", 2) })
            {
                hub.On(target, [.. Enumerable.Repeat(typeof(JsonElement), arguments)], (values, _) =>
                {
                    _messages.Writer.TryWrite((target, [.. values.Select(v => (JsonElement)v!)]));
                    return Task.CompletedTask;
                }, new object());
            }
        }

        public HubConnection Hub { get; }

        public static async Task<Screen> ConnectAsync(DoorHost host, string? caller = null)
        {
            var screen = new Screen(HubClient.Connect(host.Address, caller));
            await screen.Hub.StartAsync(Cancel);
            return screen;
        }

        public async Task<(string Target, JsonElement[] Arguments)> NextAsync() => await _messages.Reader.ReadAsync(Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Cancel);

        /// <summary>The next message of a kind, leaving out the others.</summary>
        public async Task<JsonElement[]> NextAsync(string target)
        {
            while (true)
            {
                var (heard, arguments) = await NextAsync();
                if (heard == target) return arguments;
            }
        }

        public ValueTask DisposeAsync() => Hub.DisposeAsync();
    }
}
