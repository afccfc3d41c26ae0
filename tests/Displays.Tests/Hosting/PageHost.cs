using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Web;
using HallOps.Web.Accounts;
using HallOps.Web.Halls;
using HallOps.Web.Operations;
using HallOps.Web.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace HallOps.Displays.Tests.Hosting;

/// <summary>
/// The real server in process, on a folder and a port of its own. Everything is done through the API, by accounts that sign in: <c>admin</c>, and in the
/// hall of <see cref="OpenHallAsync"/> <c>manager</c>, <c>guide</c> and a clerk for every member of staff, called as the member is. Most tests have their
/// halls on the one server that all share: there each host's halls and accounts have a mark at the end of their names, which no test needs to know.
/// </summary>
public sealed class PageHost : IAsyncDisposable
{
    public const string Password = "correct horse battery 42";

    private static readonly Lazy<Task<(string Folder, WebApplication App)>> Shared = new(() => ServeAsync(demo: false, null, totpRequired: false));
    private static int _hosts;

    private readonly string _folder;
    private readonly WebApplication _app;
    private readonly bool _alone;
    private readonly string _mark;
    private readonly Dictionary<string, HttpClient> _clients = [];

    private PageHost((string Folder, WebApplication App) server, bool alone)
    {
        ((_folder, _app), _alone, _mark) = (server, alone, alone ? "" : $"-{Interlocked.Increment(ref _hosts)}");
        Address = _app.Urls.First();
    }

    public string Address { get; }

    public IServiceProvider Services => _app.Services;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Its data folder.</summary>
    public string Folder => _folder;

    /// <summary>A server of its own where it differs from the others or is to be <paramref name="alone"/>: without other tests' halls, or where <c>admin</c> signs in by hand. Otherwise a place on the shared one.</summary>
    public static async Task<PageHost> StartAsync(bool demo = false, Action<IServiceCollection>? change = null, bool totpRequired = false, bool alone = false)
    {
        alone |= demo || change is not null || totpRequired;
        return new PageHost(await (alone ? ServeAsync(demo, change, totpRequired) : Shared.Value), alone);
    }

    /// <summary>How this user of the test, or this hall, is called on the server.</summary>
    public string NameOf(string name) => name == "admin" ? name : name + _mark;

    /// <summary>The sample that a hall of <see cref="OpenHallAsync"/> is of.</summary>
    public string SampleOf(HallId hall) => hall.Value[..^_mark.Length];

    /// <summary>A hall of the samples, open all day every day whatever its calendar says, with its accounts.</summary>
    /// <param name="change">Changes the document before it is imported.</param>
    public async Task<HallId> OpenHallAsync(string sample = "jiangyong-county", Action<System.Text.Json.Nodes.JsonObject>? change = null)
    {
        var document = (System.Text.Json.Nodes.JsonObject)System.Text.Json.Nodes.JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "samples", "halls", sample + ".json"), Cancel))!;
        document["calendar"] = new System.Text.Json.Nodes.JsonObject { ["timeZone"] = "Asia/Shanghai", ["sessions"] = "always" };
        change?.Invoke(document);
        return await ImportAsync(document);
    }

    /// <summary>A hall of this document, with its accounts.</summary>
    public async Task<HallId> ImportAsync(System.Text.Json.Nodes.JsonObject document)
    {
        var hall = new HallId(NameOf((string)document["hall"]!));
        document["hall"] = hall.Value;
        var packed = PackedDocument.Pack(HallDocument.Minify(Encoding.UTF8.GetBytes(document.ToJsonString())));
        var answer = await Services.GetRequiredService<IHalls>().SendAsync(hall, new HallRequest(new ConfigureHall(0, packed), "test"), Cancel);
        Assert.True(answer.Status == AnswerStatus.Done, $"{answer.Status} {answer.Refusal}");
        // As whoever imports it waits: the start page lists what the projection has.
        await Services.GetRequiredService<IHallList>().HasAsync(((ConfiguredReply)answer.Reply!).Number, answer.Sequence, Cancel);
        await PostAsync("admin", "accounts", new { user = NameOf("manager"), name = "Manager", password = Password, roles = new[] { new { role = "manager", halls = new[] { hall.Value } } } });
        await PostAsync("admin", "accounts", new { user = NameOf("guide"), name = "Guide", password = Password, roles = new[] { new { role = "guide", halls = new[] { hall.Value } } } });
        return hall;
    }

    /// <summary>What time alone brings about is done, as the hall's own timer would at its next tick.</summary>
    public async Task PokeAsync(HallId hall) => await Services.GetRequiredService<IHalls>().SendAsync(hall, new HallRequest(new Poke(), "test"), Cancel);

    /// <summary>A clerk's account, who is this member of staff.</summary>
    public Task AddClerkAsync(HallId hall, string staff) =>
        PostAsync("admin", "accounts", new { user = NameOf(staff), name = staff, password = Password, roles = new[] { new { role = "clerk", halls = new[] { hall.Value } } }, staff = new Dictionary<string, string> { [hall.Value] = staff } });

    /// <summary>Issues a number at the guide desk: what the API answers (id, token, number …).</summary>
    public Task<JsonElement> IssueAsync(HallId hall, string service) => PostAsync("guide", $"halls/{hall}/tickets", new { service, source = "guide" });

    /// <summary>A command at a window, as the manager or as somebody else: <c>open</c>, <c>call-next</c>, <c>start</c>, <c>finish</c> …</summary>
    public Task<JsonElement> WindowAsync(HallId hall, string window, string command, object? body = null, string user = "manager") =>
        PostAsync(user, $"halls/{hall}/windows/{window}/{command}", body);

    /// <summary>A POST to the API as this user (null: nobody); its JSON, undefined for none. Fails on anything but success.</summary>
    public async Task<JsonElement> PostAsync(string? user, string path, object? body = null)
    {
        var client = await ClientAsync(user);
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        if (body is not null) request.Content = JsonContent.Create(body);
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        using var response = await client.SendAsync(request, Cancel);
        var text = await response.Content.ReadAsStringAsync(Cancel);
        Assert.True(response.IsSuccessStatusCode, $"POST {path} as {user ?? "nobody"}: {(int)response.StatusCode} {text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement.Clone();
    }

    /// <summary>A GET of the API as this user; fails on anything but success.</summary>
    public async Task<JsonElement> GetAsync(string? user, string path)
    {
        var client = await ClientAsync(user);
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative), Cancel);
        var text = await response.Content.ReadAsStringAsync(Cancel);
        Assert.True(response.IsSuccessStatusCode, $"GET {path} as {user ?? "nobody"}: {(int)response.StatusCode} {text}");
        return JsonDocument.Parse(text).RootElement.Clone();
    }

    /// <summary>The code with which a POST is refused; fails on success.</summary>
    public async Task<string> RefusalAsync(string? user, string path, object body)
    {
        var client = await ClientAsync(user);
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        using var response = await client.SendAsync(request, Cancel);
        var text = await response.Content.ReadAsStringAsync(Cancel);
        Assert.False(response.IsSuccessStatusCode, $"POST {path} as {user ?? "nobody"} was to be refused: {text}");
        return JsonDocument.Parse(text).RootElement.GetProperty("code").GetString()!;
    }

    /// <summary>The cookie of a signed-in account, for a browser.</summary>
    public async Task<IReadOnlyList<Cookie>> CookiesOfAsync(string user) => [OwnCookie("hallops", await TokenAsync(user))];

    /// <summary>The cookie of a newly enrolled device, for a browser.</summary>
    public async Task<IReadOnlyList<Cookie>> DeviceAsync(string kind, HallId hall, string? window = null, string? zone = null) =>
        [OwnCookie("hallops-device", (await PostAsync(null, "devices/redeem", new { secret = await LinkAsync(kind, hall, window, zone) })).GetProperty("token").GetString()!)];

    /// <summary>The secret of a one-time link for a device.</summary>
    public async Task<string> LinkAsync(string kind, HallId hall, string? window = null, string? zone = null)
    {
        var link = await PostAsync("admin", "devices/links", new { kind, hall = hall.Value, window, zone });
        return link.GetProperty("url").GetString()!.Split('#')[1];
    }

    private Cookie OwnCookie(string name, string value) => new() { Name = name, Value = value, Url = Address, SameSite = SameSiteAttribute.Strict, HttpOnly = true };

    private async Task<string> TokenAsync(string user) => (await PostAsync(null, "sign-in", new { user = NameOf(user), password = Password })).GetProperty("token").GetString()!;

    private async Task<HttpClient> ClientAsync(string? user)
    {
        var name = user ?? "";
        if (_clients.TryGetValue(name, out var known)) return known;
        var client = new HttpClient { BaseAddress = new Uri(Address + "/api/v1/") };
        if (user is not null) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(user));
        return _clients[name] = client;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients.Values) client.Dispose();
        if (_alone) await EndAsync((_folder, _app));
    }

    /// <summary>A new server, whose <c>admin</c> has <see cref="Password"/>.</summary>
    private static async Task<(string Folder, WebApplication App)> ServeAsync(bool demo, Action<IServiceCollection>? change, bool totpRequired)
    {
        var folder = Directory.CreateTempSubdirectory("hallops-pages-").FullName;
        var app = Server.Build(new Settings(new DataFolder(folder), "http://127.0.0.1:0", LimitsOff: true) { Demo = demo, TotpRequired = totpRequired }, services =>
        {
            // A tenth of a second for each password, hundreds of times, would be most of what these tests wait for; what it costs to guess one is tested in Web.Tests.
            services.PostConfigure<PasswordHasherOptions>(options => options.IterationCount = 1_000);
            change?.Invoke(services);
        });
        // Not the test's own token: the server may outlive the test that started it.
        await app.StartAsync(CancellationToken.None);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        using var answer = await client.PostAsJsonAsync("/api/v1/setup", new { secret = app.Services.GetRequiredService<FirstAccount>().Secret, password = Password }, CancellationToken.None);
        answer.EnsureSuccessStatusCode();
        return (folder, app);
    }

    private static async Task EndAsync((string Folder, WebApplication App) server)
    {
        // A page may be left open: it is not waited for.
        await server.App.StopAsync(new CancellationToken(canceled: true));
        await server.App.DisposeAsync();
        Directory.Delete(server.Folder, recursive: true);
    }

    /// <summary>Ends the shared server after the last test.</summary>
    public sealed class Last : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            if (Shared.IsValueCreated) await EndAsync(await Shared.Value);
        }
    }
}
