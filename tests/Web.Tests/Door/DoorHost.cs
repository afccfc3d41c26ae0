using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Silo.Embedded;
using HallOps.Silo.Feeds;
using HallOps.Silo.Journal;
using HallOps.Web.OpenApi;
using HallOps.Web.Halls;
using HallOps.Web.Problems;
using HallOps.Web.Storage;
using HallOps.Web.Tickets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace HallOps.Web.Tests.Door;

/// <summary>
/// The door over the real engine and a real journal in a temporary folder, on a port of its own. Who calls is said by the bearer token, which is a name of <see cref="As"/>;
/// signing in has tests of its own.
/// </summary>
internal sealed class DoorHost : IAsyncDisposable
{
    /// <summary>The halls: <c>h</c> gives numbers by phone, <c>o</c> is the other one.</summary>
    public static readonly HallId Hall = new("h"), Other = new("o");

    private readonly string _folder;
    private readonly SqliteJournal _journal;
    private readonly EmbeddedHalls _engine;
    private readonly ConcurrentDictionary<string, Caller> _callers = [];

    private DoorHost(string folder, SqliteJournal journal, EmbeddedHalls engine, IHalls halls, WebApplication app)
    {
        (_folder, _journal, _engine, Halls, App) = (folder, journal, engine, halls, app);
        Address = new Uri(app.Urls.First());
    }

    public IHalls Halls { get; }
    public WebApplication App { get; }
    public Uri Address { get; }
    public TicketTokens Tokens => App.Services.GetRequiredService<TicketTokens>();
    public TestPeople People => (TestPeople)App.Services.GetRequiredService<IPeople>();

    /// <param name="wrap">What stands between the web and the engine, to count, lose or refuse.</param>
    /// <param name="time">The web's own time; the halls have the system's.</param>
    public static async Task<DoorHost> StartAsync(Func<IHalls, IHalls>? wrap = null, TimeProvider? time = null)
    {
        var folder = Directory.CreateTempSubdirectory("hallops-web-").FullName;
        var journal = SqliteJournal.Open(folder);
        var engine = await EmbeddedHalls.OpenAsync(journal, new HallClock(TimeProvider.System), EngineOptions.Default, NullLogger.Instance);
        var halls = wrap?.Invoke(engine) ?? engine;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel().UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.ConfigureHttpJsonOptions(options => FeedJson.Configure(options.SerializerOptions));
        builder.Services.AddSingleton(halls);
        builder.Services.AddSingleton<IPeople, TestPeople>();
        builder.Services.AddSingleton<ITexts, TestTexts>();
        builder.Services.AddSingleton<IHallList, NoHallList>();
        builder.Services.AddSingleton<IVisitRecords, NoPastTickets>();
        builder.Services.AddHallDoor(_ => RandomNumberGenerator.GetBytes(32));
        builder.Services.AddApiDocument();
        var app = builder.Build();
        DoorHost? host = null;
        app.UseCodedProblems();
        app.Use((http, next) =>
        {
            var name = http.Request.Headers.Authorization.ToString();
            if (name.Length > 0) http.User = new ClaimsPrincipal(new CallerIdentity(host!._callers[name["Bearer ".Length..]], "test"));
            return next(http);
        });
        app.UseRouting();
        app.MapHallDoor();
        app.MapApiDocument();
        app.MapGet("/throws", string () => throw new InvalidOperationException("A secret of the inside."));
        await app.StartAsync();
        host = new DoorHost(folder, journal, engine, halls, app);
        foreach (var hall in new[] { Hall, Other }) await host.ConfigureAsync(hall, Document(hall, remoteIssue: hall == Hall));
        foreach (var (caller, name) in Callers()) host._callers[name] = caller;
        return host;
    }

    /// <summary>A client that calls as the one of this name; null: nobody. Every request has a key of its own unless it names one.</summary>
    public HttpClient As(string? name)
    {
        var client = new HttpClient(new KeyForEveryPost()) { BaseAddress = Address };
        if (name is not null) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", name);
        return client;
    }

    /// <summary>Everybody the tests know, by role and hall: <c>clerk@h</c>, <c>pad@o</c>, <c>admin@*</c>.</summary>
    public static IEnumerable<(Caller Caller, string Name)> Callers()
    {
        foreach (var hall in new[] { Hall, Other })
        {
            foreach (var role in Enum.GetValues<Role>())
            {
                var name = $"{role.ToString().ToLowerInvariant()}@{hall}";
                var staff = role == Role.Clerk ? new Dictionary<HallId, StaffId> { [hall] = new("w01") } : [];
                yield return (new Caller(name, [new RoleGrant(role, new HashSet<HallId> { hall })], staff), name);
            }
            yield return (new Caller($"clerk2@{hall}", [new RoleGrant(Role.Clerk, new HashSet<HallId> { hall })], new Dictionary<HallId, StaffId> { [hall] = new("w02") }), $"clerk2@{hall}");
            foreach (var kind in Enum.GetValues<DeviceKind>())
            {
                var name = $"{kind.ToString().ToLowerInvariant()}@{hall}";
                yield return (new Caller(new DevicePlace(name, kind, hall, new ZoneId("main"), kind is DeviceKind.Window or DeviceKind.Pad ? new WindowId("1") : null)), name);
            }
        }
        yield return (new Caller("admin@*", [new RoleGrant(Role.Admin, null)], new Dictionary<HallId, StaffId>()), "admin@*");
    }

    public async Task ConfigureAsync(HallId hall, string document)
    {
        var answer = await Halls.SendAsync(hall, new HallRequest(new ConfigureHall(0, PackedDocument.Pack(HallDocument.Minify(Encoding.UTF8.GetBytes(document)))), "test"), TestContext.Current.CancellationToken);
        Assert.Equal(AnswerStatus.Done, answer.Status);
    }

    public static string Document(HallId hall, bool remoteIssue = true, string extra = "") => $$$"""
        {
          "hall": "{{{hall}}}", "name": {"zh": "测试大厅", "en": "Test hall"}, "remoteIssue": {{{(remoteIssue ? "true" : "false")}}}, "location": [{{{(hall == Hall ? "121.18, 32.33" : "113.1, 23.0")}}}],
          "region": [{"zh": "江苏省", "en": "Jiangsu"}, {"zh": "{{{(hall == Hall ? "南通市" : "苏州市")}}}", "en": "{{{(hall == Hall ? "Nantong" : "Suzhou")}}}"}],
          "classes": [{"class": "elderly", "creditMinutes": 15, "grantedBy": ["idCard", "guide"], "ageFrom": 60}, {"class": "green", "creditMinutes": 1440, "grantedBy": ["guide", "manager"]}],
          "zones": [{"zone": "main", "name": {"zh": "一号区", "en": "Zone 1"}}, {"zone": "side", "name": {"zh": "二号区", "en": "Zone 2"}}],
          "lines": [{"line": "a", "prefix": "A", "name": {"zh": "综合", "en": "General"}}, {"line": "b", "prefix": "B", "name": {"zh": "社保", "en": "Insurance"}}],
          "services": [{"service": "s", "name": {"zh": "咨询", "en": "Advice"}, "line": "a", "kind": "immediate", "appointments": {"slotMinutes": 30, "capacity": 4, "earlyMinutes": 1440}},
                       {"service": "t", "name": {"zh": "低保", "en": "Allowance"}, "line": "b", "kind": "promised", "promisedDays": 20, "identity": "required"}],
          "windows": [{"window": "1", "kind": "comprehensive", "zone": "main", "profile": [{"line": "a"}]},
                      {"window": "2", "kind": "comprehensive", "zone": "side", "profile": [{"line": "a"}, {"line": "b"}]}],
          "staff": [{"staff": "w01", "name": "窗口人员01"}, {"staff": "w02", "name": "窗口人员02"}],
          "calendar": {"timeZone": "Asia/Shanghai", "sessions": "always"}{{{extra}}}
        }
        """;

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync(new CancellationToken(canceled: true));
        await App.DisposeAsync();
        await _engine.DisposeAsync();
        await _journal.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private sealed class KeyForEveryPost : DelegatingHandler
    {
        public KeyForEveryPost() => InnerHandler = new SocketsHttpHandler();

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Method == HttpMethod.Post && !request.Headers.Contains("Idempotency-Key")) request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
            else if (request.Headers.TryGetValues("Idempotency-Key", out var given) && given.Single() == NoKey) request.Headers.Remove("Idempotency-Key");
            return base.SendAsync(request, cancellationToken);
        }
    }

    /// <summary>Stands for no key at all.</summary>
    public const string NoKey = "none";
}

internal sealed class TestPeople : IPeople
{
    private readonly ConcurrentDictionary<(string, string), PersonId> _known = [];

    public IEnumerable<(string Kind, string Value)> Seen => _known.Keys;

    public ValueTask<PersonId> ExchangeAsync(string kind, string value, CancellationToken cancel) =>
        new(_known.GetOrAdd((kind, value), _ => new PersonId(BinaryPrimitives.ReadUInt128LittleEndian(RandomNumberGenerator.GetBytes(16)))));

    public ValueTask<string?> RevealAsync(PersonId person, CancellationToken cancel) => new(_known.Where(k => k.Value == person).Select(k => k.Key.Item2).SingleOrDefault());
    public ValueTask<KnownPerson?> FindAsync(string kind, string value, CancellationToken cancel) => throw new NotSupportedException();
    public ValueTask ExportedAsync(PersonId person, string who, CancellationToken cancel) => throw new NotSupportedException();
    public ValueTask<bool> EraseAsync(PersonId person, string who, CancellationToken cancel) => throw new NotSupportedException();
    public ValueTask<int> EraseDueAsync(CancellationToken cancel) => throw new NotSupportedException();
}

internal sealed class TestTexts : ITexts
{
    private readonly ConcurrentDictionary<TextHash, string> _texts = [];

    public ValueTask<TextHash> KeepAsync(string text, CancellationToken cancel)
    {
        var hash = new TextHash(BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text))));
        _texts[hash] = text;
        return new(hash);
    }

    public string? Find(TextHash hash) => _texts.GetValueOrDefault(hash);
}

/// <summary>There is no SQL here: what is listed is tested on the whole server.</summary>
internal sealed class NoHallList : IHallList
{
    public ValueTask<IReadOnlyList<HallListed>> ListAsync(string? region, (double Longitude, double Latitude)? near, CancellationToken cancel) => throw new NotSupportedException();
    public ValueTask HasAsync(uint hall, long sequence, CancellationToken cancel) => default;
}

internal sealed class NoPastTickets : IVisitRecords
{
    public ValueTask<HallOps.Core.Halls.TicketView?> FindAsync(HallId hall, TicketId ticket, CancellationToken cancel) => default;
}

internal static class Wired
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<HttpResponseMessage> SendAsync(this HttpClient client, HttpMethod method, string path, string? body, string? key = null, string contentType = "application/json")
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse(contentType));
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        return await client.SendAsync(request, Cancel);
    }

    public static Task<HttpResponseMessage> PostAsync(this HttpClient client, string path, string? body = null, string? key = null) => client.SendAsync(HttpMethod.Post, path, body, key);

    /// <summary>The answer as JSON, after asserting its status; a failure shows what came instead.</summary>
    public static async Task<JsonElement> JsonAsync(this Task<HttpResponseMessage> sending, int status = 200)
    {
        using var response = await sending;
        var text = await response.Content.ReadAsStringAsync(Cancel);
        Assert.True((int)response.StatusCode == status, $"Expected {status}, got {(int)response.StatusCode}: {text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement.Clone();
    }

    /// <summary>A problem of this status and code, with all that a problem has.</summary>
    public static async Task<JsonElement> ProblemAsync(this Task<HttpResponseMessage> sending, int status, string code, string? field = null)
    {
        using var response = await sending;
        var text = await response.Content.ReadAsStringAsync(Cancel);
        Assert.True((int)response.StatusCode == status, $"Expected {status} {code}, got {(int)response.StatusCode}: {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonDocument.Parse(text).RootElement.Clone();
        Assert.Equal(code, problem.GetProperty("code").GetString());
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.GetProperty("title").GetString()!);
        Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
        if (field is not null) Assert.Equal(field, problem.GetProperty("field").GetString());
        return problem;
    }
}
