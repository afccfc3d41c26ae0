using System.Net.Http.Headers;
using System.Security.Claims;
using System.Text;
using System.Text.Encodings.Web;
using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Web.Accounts;
using HallOps.Web.Operations;
using HallOps.Web.Storage;
using HallOps.Web.Tests.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace HallOps.Web.Tests.Door;

/// <summary>The whole server on a temporary folder, with everything that it maps; only who calls is said by name, as <see cref="DoorHost"/> does.</summary>
internal sealed class ServerHost : IAsyncDisposable
{
    private readonly string _folder;

    private ServerHost(string folder, WebApplication app) => (_folder, App) = (folder, app);

    public WebApplication App { get; }

    public static async Task<ServerHost> StartAsync(Action<IServiceCollection>? change = null, SqlKind kind = SqlKind.Sqlite)
    {
        var postgres = await PostgresRun.DatabaseAsync(kind);
        var folder = Directory.CreateTempSubdirectory("hallops-server-").FullName;
        var app = Server.Build(new Settings(new DataFolder(folder), "http://127.0.0.1:0", LimitsOff: true) { Postgres = postgres }, services =>
        {
            services.Configure<AuthenticationOptions>(options => options.SchemeMap[CallerAuthentication.Name].HandlerType = typeof(ByName));
            change?.Invoke(services);
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        var host = new ServerHost(folder, app);
        foreach (var hall in new[] { DoorHost.Hall, DoorHost.Other })
        {
            var document = PackedDocument.Pack(HallDocument.Minify(Encoding.UTF8.GetBytes(DoorHost.Document(hall))));
            Assert.Equal(AnswerStatus.Done, (await app.Services.GetRequiredService<IHalls>().SendAsync(hall, new HallRequest(new ConfigureHall(0, document), "test"), TestContext.Current.CancellationToken)).Status);
        }
        return host;
    }

    public HttpClient As(string? name)
    {
        var client = new HttpClient { BaseAddress = new Uri(App.Urls.First()) };
        if (name is not null) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", name);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync(TestContext.Current.CancellationToken);
        await App.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private sealed class ByName(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder) : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
    {
        private static readonly Dictionary<string, Caller> Callers = DoorHost.Callers().ToDictionary(c => c.Name, c => c.Caller);

        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            var header = Request.Headers.Authorization.ToString();
            return Task.FromResult(header.Length == 0 ? AuthenticateResult.NoResult()
                : AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new CallerIdentity(Callers[header["Bearer ".Length..]], Scheme.Name)), Scheme.Name)));
        }
    }
}
