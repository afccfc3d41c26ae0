using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using HallOps.Web.Accounts;
using HallOps.Web.Devices;
using HallOps.Web.Storage;
using HallOps.Web.Tests.Hub;
using HallOps.Web.Tests.Operations;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HallOps.Web.Tests.Devices;

public sealed class EnrolmentTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Device_ThatShowsItsCode_IsPutSomewhereByAnAdmin_AndGetsItsTokenOnce()
    {
        await using var server = await StartAsync();
        using var admin = await server.SignInAsync();
        using var device = server.Client();
        var (code, secret) = await EnrolAsync(device, "pad");
        using (var early = await PollAsync(device, secret)) Assert.Equal(HttpStatusCode.Accepted, early.StatusCode);
        using (var nowhere = await ConfirmAsync(admin, code)) Assert.Equal("window", (await RunningServer.JsonAsync(nowhere)).GetProperty("field").GetString());

        var typed = $" {code.ToLowerInvariant().Replace("-", "", StringComparison.Ordinal)} ";
        using (var confirmed = await ConfirmAsync(admin, typed, "1"))
            Assert.Equal("""{"kind":"pad","model":"P1","hall":"h","zone":null,"window":"1"}""", await confirmed.Content.ReadAsStringAsync(Cancel));
        using (var again = await ConfirmAsync(admin, code, "1")) Assert.Equal("UnknownCode", await RunningServer.CodeOf(again));

        var polls = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => PollAsync(device, secret)));
        var enrolled = await RunningServer.JsonAsync(Assert.Single(polls, p => p.StatusCode == HttpStatusCode.OK));
        Assert.All(polls.Where(p => p.StatusCode != HttpStatusCode.OK), p => Assert.Equal(HttpStatusCode.NotFound, p.StatusCode));
        Assert.Equal(("pad", "h", "1"), (enrolled.GetProperty("kind").GetString(), enrolled.GetProperty("hall").GetString(), enrolled.GetProperty("window").GetString()));
        using var pad = server.Client(enrolled.GetProperty("token").GetString());
        using (var known = await pad.GetAsync("devices", Cancel)) Assert.Equal(HttpStatusCode.Forbidden, known.StatusCode);
        var listed = Assert.Single((await admin.GetFromJsonAsync<JsonElement>("devices", Cancel)).EnumerateArray());
        Assert.Equal(("P1", "admin"), (listed.GetProperty("model").GetString(), listed.GetProperty("enrolledBy").GetString()));
    }

    [Fact]
    public async Task Code_TenMinutesLater_IsOver()
    {
        await using var server = await StartAsync();
        using var device = server.Client();
        var (code, secret) = await EnrolAsync(device, "kiosk");

        server.Time.Forward(PendingDevices.Lifetime);

        using var admin = await server.SignInAsync();
        using (var late = await ConfirmAsync(admin, code)) Assert.Equal("UnknownCode", await RunningServer.CodeOf(late));
        using var poll = await PollAsync(device, secret);
        Assert.Equal("UnknownLink", await RunningServer.CodeOf(poll));
    }

    [Fact]
    public async Task Pending_AsManyAsMay_TakeNoMore_UntilOneIsOver()
    {
        await using var server = await RunningServer.StartAsync();
        await using var scope = server.App.Services.CreateAsyncScope();
        var (pending, database) = (scope.ServiceProvider.GetRequiredService<PendingDevices>(), scope.ServiceProvider.GetRequiredService<HallOpsDb>());
        database.AddRange(Enumerable.Range(1, PendingDevices.Most - 1).Select(i => new PendingDeviceRow { SecretHash = $"{i}", Code = $"{i}", Kind = "board", Model = "B", ExpiresAt = server.Time.GetUtcNow() + PendingDevices.Lifetime }));
        await database.SaveChangesAsync(Cancel);
        Assert.NotNull(await pending.AddAsync(DeviceKind.Board, "B", Cancel));
        Assert.Null(await pending.AddAsync(DeviceKind.Board, "B", Cancel));
        server.Time.Forward(PendingDevices.Lifetime);
        Assert.NotNull(await pending.AddAsync(DeviceKind.Board, "B", Cancel));
        Assert.Equal(1, await database.PendingDevices.CountAsync(Cancel));
    }

    [Theory]
    [InlineData("""{"model":"P1"}""", "kind")]
    [InlineData("""{"kind":"kiosk"}""", "model")]
    [InlineData("""{"kind":"kiosk","model":"a\u0007b"}""", "model")]
    public async Task Enrolment_WithAWrongField_NamesIt(string body, string field)
    {
        await using var server = await RunningServer.StartAsync();
        using var device = server.Client();
        using var answer = await device.PostAsync("devices/enrol", new StringContent(body, System.Text.Encoding.UTF8, "application/json"), Cancel);
        Assert.Equal((HttpStatusCode.BadRequest, field), (answer.StatusCode, (await RunningServer.JsonAsync(answer)).GetProperty("field").GetString()));
    }

    [Fact]
    public async Task Admin_OfAnotherHall_ConfirmsNothing()
    {
        await using var server = await StartAsync();
        using var admin = await server.SignInAsync();
        (await admin.PostAsJsonAsync("accounts", new { user = "boss", name = "Boss", password = RunningServer.Password, roles = new[] { new { role = "admin", halls = new[] { "o" } } } }, Cancel)).EnsureSuccessStatusCode();
        using var boss = await server.SignInAsync("boss");
        using var device = server.Client();
        var (code, _) = await EnrolAsync(device, "kiosk");
        using var refused = await ConfirmAsync(boss, code);
        Assert.Equal("NotAllowed", await RunningServer.CodeOf(refused));
    }

    [Fact]
    public async Task Token_Exchanged_LivesOnForTenMinutes_SoThatALostAnswerLocksNobodyOut_AlsoOverARestart()
    {
        var folder = new DataFolder(Directory.CreateTempSubdirectory("hallops-refresh-").FullName);
        var time = new TestTime();
        try
        {
            string old, lost, fresh;
            await using (var server = await RunningServer.StartAsync(folder, time: time))
            {
                await server.SetUpAsync();
                await server.AddHallAsync("h");
                old = await DeviceAsync(server);
                lost = await RefreshAsync(server, old);
                time.Forward(DeviceBook.Grace - TimeSpan.FromMinutes(1));
                fresh = await RefreshAsync(server, old);
                Assert.Equal((bool[])[false, true, true], await AreGoodAsync(server, lost, fresh, old));
            }
            await using var again = await RunningServer.StartAsync(folder, time: time);
            Assert.Equal((bool[])[false, true, true], await AreGoodAsync(again, lost, fresh, old));
            time.Forward(TimeSpan.FromMinutes(1));
            Assert.Equal((bool[])[false, true, false], await AreGoodAsync(again, lost, fresh, old));
        }
        finally
        {
            Directory.Delete(folder.FullPath, recursive: true);
        }
    }

    [Fact]
    public async Task Token_ExchangedFromManySidesAtOnce_LeavesOneThatIsGood()
    {
        await using var server = await StartAsync();
        var old = await DeviceAsync(server);
        var tokens = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => RefreshAsync(server, old)));
        Assert.Single(await AreGoodAsync(server, tokens), good => good);
    }

    [Fact]
    public async Task Connection_OfADeviceOrAccountThatEnds_IsClosedAtOnce()
    {
        await using var server = await StartAsync();
        using var admin = await server.SignInAsync();
        (await admin.PostAsJsonAsync("accounts", new { user = "li", name = "Li", password = RunningServer.Password, roles = new[] { new { role = "manager" } } }, Cancel)).EnsureSuccessStatusCode();
        using var li = await server.SignInAsync("li");
        var token = await DeviceAsync(server);
        await using var staff = await ConnectAsync(server, token);
        await using var floor = await ConnectAsync(server, li.DefaultRequestHeaders.Authorization!.Parameter!);
        await using var visitor = await ConnectAsync(server, null);
        await floor.Hub.InvokeAsync("WatchFloor", "h", Cancel);
        await staff.Hub.InvokeAsync("WatchHall", "h", Cancel);

        var id = Assert.Single((await admin.GetFromJsonAsync<JsonElement>("devices", Cancel)).EnumerateArray()).GetProperty("id").GetString();
        (await admin.DeleteAsync($"devices/{id}", Cancel)).EnsureSuccessStatusCode();
        await staff.Closed.WaitAsync(TimeSpan.FromSeconds(10), Cancel);
        Assert.False(floor.Closed.IsCompleted);
        (await admin.PutAsJsonAsync("accounts/li", new { name = "Li", roles = new[] { new { role = "manager" } }, disabled = true }, Cancel)).EnsureSuccessStatusCode();
        await floor.Closed.WaitAsync(TimeSpan.FromSeconds(10), Cancel);

        await visitor.Hub.InvokeAsync("WatchHall", "h", Cancel);
        await Assert.ThrowsAnyAsync<Exception>(() => ConnectAsync(server, token));
    }

    [Fact]
    public async Task Connection_OfASession_IsClosedWhenTheSessionIsOver_AndOthersStay()
    {
        var time = new SessionTime();
        await using var server = await StartAsync(time);
        using var admin = await server.SignInAsync();
        var session = admin.DefaultRequestHeaders.Authorization!.Parameter!;
        await using var staff = await ConnectAsync(server, await DeviceAsync(server));
        await using var floor = await ConnectAsync(server, session);
        await using var visitor = await ConnectAsync(server, null);
        foreach (var screen in (Connected[])[staff, floor, visitor]) await screen.Hub.InvokeAsync("WatchHall", "h", Cancel);

        var timer = Assert.Single(time.OfHours);
        Assert.InRange(timer.Due, AccountTokens.Lifetime - TimeSpan.FromMinutes(1), AccountTokens.Lifetime);
        time.Forward(AccountTokens.Lifetime);
        timer.Fire();

        await floor.Closed.WaitAsync(TimeSpan.FromSeconds(10), Cancel);
        foreach (var screen in (Connected[])[staff, visitor]) await screen.Hub.InvokeAsync("WatchHall", "h", Cancel);
        await Assert.ThrowsAnyAsync<Exception>(() => ConnectAsync(server, session));
    }

    private static async Task<RunningServer> StartAsync(TestTime? time = null)
    {
        var server = await RunningServer.StartAsync(time: time);
        await server.SetUpAsync();
        await server.AddHallAsync("h");
        return server;
    }

    private static async Task<(string Code, string Secret)> EnrolAsync(HttpClient device, string kind)
    {
        using var answer = await device.PostAsJsonAsync("devices/enrol", new { kind, model = "P1" }, Cancel);
        var json = await RunningServer.JsonAsync(answer);
        return (json.GetProperty("code").GetString()!, json.GetProperty("secret").GetString()!);
    }

    private static Task<HttpResponseMessage> PollAsync(HttpClient device, string secret) => device.PostAsJsonAsync("devices/enrol/poll", new { secret }, Cancel);

    private static Task<HttpResponseMessage> ConfirmAsync(HttpClient admin, string code, string? window = null) => admin.PostAsJsonAsync("devices/confirm", new { code, hall = "h", window }, Cancel);

    /// <summary>The token of a new staff screen of hall h.</summary>
    private static async Task<string> DeviceAsync(RunningServer server)
    {
        using var admin = await server.SignInAsync();
        using var device = server.Client();
        var (code, secret) = await EnrolAsync(device, "staff");
        (await ConfirmAsync(admin, code)).EnsureSuccessStatusCode();
        using var enrolled = await PollAsync(device, secret);
        return (await RunningServer.JsonAsync(enrolled)).GetProperty("token").GetString()!;
    }

    private static async Task<string> RefreshAsync(RunningServer server, string token)
    {
        using var device = server.Client(token);
        using var answer = await device.PostAsync("devices/refresh", null, Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await RunningServer.JsonAsync(answer)).GetProperty("token").GetString()!;
    }

    // A device may not list devices, but is told that it may not; a stranger has to sign in.
    private static async Task<bool> IsGoodAsync(RunningServer server, string token)
    {
        using var device = server.Client(token);
        using var answer = await device.GetAsync("devices", Cancel);
        return answer.StatusCode == HttpStatusCode.Forbidden;
    }

    private static Task<bool[]> AreGoodAsync(RunningServer server, params string[] tokens) => Task.WhenAll(tokens.Select(t => IsGoodAsync(server, t)));

    private static async Task<Connected> ConnectAsync(RunningServer server, string? token)
    {
        var connected = new Connected(HubClient.Connect(server.Address, token));
        await connected.Hub.StartAsync(Cancel);
        return connected;
    }

    /// <summary>Timers for about a session's length fire when they are told to.</summary>
    private sealed class SessionTime : TestTime
    {
        public ConcurrentQueue<(TimeSpan Due, Action Fire)> OfHours { get; } = new();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime > AccountTokens.Lifetime / 2 && period == Timeout.InfiniteTimeSpan) OfHours.Enqueue((dueTime, () => callback(state)));
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }

    private sealed class Connected : IAsyncDisposable
    {
        private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Connected(HubConnection hub)
        {
            Hub = hub;
            hub.Closed += _ =>
            {
                _closed.TrySetResult();
                return Task.CompletedTask;
            };
        }

        public HubConnection Hub { get; }

        public Task Closed => _closed.Task;

        public ValueTask DisposeAsync() => Hub.DisposeAsync();
    }
}
