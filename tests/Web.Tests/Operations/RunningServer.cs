using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using HallOps.Web.Accounts;
using HallOps.Web.Operations;
using HallOps.Web.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace HallOps.Web.Tests.Operations;

/// <summary>The whole server, as <c>serve</c> runs it, on a port of its own and a folder of its own.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    public const string Password = "correct horse battery";

    private readonly bool _ownsFolder;

    private RunningServer(DataFolder folder, WebApplication app, TestTime time, bool ownsFolder) => (Folder, App, Time, _ownsFolder, Address) = (folder, app, time, ownsFolder, new Uri(app.Urls.First()));

    public DataFolder Folder { get; }
    public WebApplication App { get; }
    public TestTime Time { get; }
    public Uri Address { get; }

    public static async Task<RunningServer> StartAsync(DataFolder? folder = null, bool limitsOff = true, TestTime? time = null, Action<IServiceCollection>? change = null, ClockSettings? clock = null, bool totpRequired = false,
        IReadOnlyList<HallOps.Web.Webhooks.WebhookEndpoint>? webhooks = null, string? postgres = null, string? keySecret = null)
    {
        var at = folder ?? new DataFolder(Directory.CreateTempSubdirectory("hallops-server-").FullName);
        time ??= new TestTime();
        var app = Server.Build(new Settings(at, "http://127.0.0.1:0", limitsOff, clock) { Postgres = postgres, KeySecret = keySecret, TotpRequired = totpRequired, Webhooks = webhooks ?? [] }, services =>
        {
            services.AddSingleton<TimeProvider>(time);
            // A tenth of a second for each password, over a thousand times; what it costs where nothing is changed is tested in SignInTests.
            services.PostConfigure<PasswordHasherOptions>(options => options.IterationCount = 1_000);
            change?.Invoke(services);
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new RunningServer(at, app, time, folder is null);
    }

    /// <summary>Redeems the set-up link, so that <c>admin</c> can sign in with <see cref="Password"/>.</summary>
    public async Task SetUpAsync()
    {
        using var client = Client();
        using var answer = await client.PostAsJsonAsync("setup", new { secret = App.Services.GetRequiredService<FirstAccount>().Secret, password = Password }, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    public HttpClient Client(string? token = null)
    {
        var client = new HttpClient(new HttpClientHandler { UseCookies = false }) { BaseAddress = new Uri(Address, "/api/v1/") };
        if (token is not null) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    public async Task<HttpResponseMessage> TrySignInAsync(string user, string password, string? code = null)
    {
        using var client = Client();
        return await client.PostAsJsonAsync("sign-in", new { user, password, code }, TestContext.Current.CancellationToken);
    }

    public async Task<HttpClient> SignInAsync(string user = "admin", string password = Password)
    {
        using var answer = await TrySignInAsync(user, password);
        answer.EnsureSuccessStatusCode();
        return Client((await JsonAsync(answer)).GetProperty("token").GetString());
    }

    /// <summary>A hall with window 1, zone main and line a, or of a document.</summary>
    public async Task AddHallAsync(string hall, string? document = null)
    {
        using var admin = await SignInAsync();
        using var answer = await admin.PutAsync($"halls/{hall}/config", new StringContent(document ?? Document(hall), Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public static string Document(string hall, string windows = """{"window": "1", "kind": "comprehensive", "zone": "main", "profile": [{"line": "a", "afterMinutes": 0}]}""") => $$$"""
        {
          "hall": "{{{hall}}}", "name": {"zh": "大厅", "en": "Hall"}, "remoteIssue": true,
          "zones": [{"zone": "main", "name": {"zh": "一号区", "en": "Zone 1"}}],
          "lines": [{"line": "a", "prefix": "A", "name": {"zh": "综合", "en": "General"}}],
          "services": [{"service": "s", "name": {"zh": "办事", "en": "Service"}, "line": "a", "kind": "immediate"}],
          "windows": [{{{windows}}}],
          "calendar": {"timeZone": "Asia/Shanghai", "sessions": "always"}
        }
        """;

    public static async Task<JsonElement> JsonAsync(HttpResponseMessage answer) => await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);

    public static async Task<string?> CodeOf(HttpResponseMessage answer) => (await JsonAsync(answer)).GetProperty("code").GetString();

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync(CancellationToken.None);
        await App.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        if (_ownsFolder) Directory.Delete(Folder.FullPath, recursive: true);
    }
}

/// <summary>The system's time with a hand on it: the wall clock can be set forward, timers and time-outs stay real.</summary>
internal class TestTime : TimeProvider
{
    private TimeSpan _forward;

    public void Forward(TimeSpan by) => _forward += by;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _forward;
}
