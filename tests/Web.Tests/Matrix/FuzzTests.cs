using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Web.Hub;
using HallOps.Web.Problems;
using HallOps.Web.Tests.Door;
using HallOps.Web.Tests.Hub;
using HallOps.Web.Tickets;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace HallOps.Web.Tests.Matrix;

/// <summary>
/// Random and mutated requests to every endpoint and every method of the hub, taken from the server itself: none is answered with a fault of ours, none hangs. Each request
/// is made from the seed, its endpoint and its round alone; HALLOPS_SEED repeats the run whose seed a failure printed.
/// </summary>
public sealed class FuzzTests
{
    private static readonly TimeSpan ForRequests = TimeSpan.FromSeconds(7);
    private static readonly TimeSpan ForTheHub = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Hangs = TimeSpan.FromSeconds(10);

    private static readonly string?[] Who = [null, "kiosk@h", "pad@h", "staff@o", "clerk@h", "guide@o", "manager@h", "auditor@h", "admin@h", "admin@*", "admin@*", "admin@*"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static int Seed() => int.TryParse(Environment.GetEnvironmentVariable("HALLOPS_SEED"), CultureInfo.InvariantCulture, out var seed) ? seed : Random.Shared.Next();

    [Fact]
    public async Task Endpoint_AskedForAnything_AnswersWithoutAFaultOfOurs()
    {
        var seed = Seed();
        TestContext.Current.TestOutputHelper?.WriteLine($"HALLOPS_SEED={seed}");
        var log = new Faults();
        await using var host = await ServerHost.StartAsync(services => services.AddSingleton<ILoggerProvider>(log));
        var endpoints = host.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => !e.RoutePattern.RawText!.StartsWith("/hub", StringComparison.Ordinal))
            .SelectMany(e => (e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"]).Select(m => (Method: m, Endpoint: e)))
            .OrderBy(e => $"{e.Method} {e.Endpoint.RoutePattern.RawText}", StringComparer.Ordinal).ToList();
        var odd = new OddRequests(host.App.Services.GetRequiredService<TicketTokens>().Of(new TicketId(host.App.Services.GetRequiredService<IHalls>().Find(DoorHost.Hall)!.Value.Number, 1)));
        var clients = Who.Select(host.As).ToList();
        foreach (var client in clients) client.Timeout = Hangs;

        var (started, next, wrong) = (Stopwatch.StartNew(), -1, new ConcurrentQueue<string>());
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (wrong.IsEmpty)
            {
                var number = Interlocked.Increment(ref next);
                var (round, (method, endpoint)) = (number / endpoints.Count, endpoints[number % endpoints.Count]);
                // Every endpoint at least thrice, however slow the machine.
                if (round >= 3 && started.Elapsed > ForRequests) return;
                var random = new Random(unchecked(seed * 31 + number));
                using var request = odd.Of(method, endpoint, random, out var told);
                var who = random.Next(Who.Length);
                try
                {
                    using var response = await clients[who].SendAsync(request, Cancel);
                    if ((int)response.StatusCode >= 500) wrong.Enqueue($"{(int)response.StatusCode} as {Who[who]} to {told}");
                    if (response.Content.Headers.ContentType?.MediaType != "application/problem+json") continue;
                    // HEAD is answered without the body that its headers speak of.
                    if (method == "HEAD") continue;
                    var code = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel)).RootElement.GetProperty("code").GetString()!;
                    if (!Sentences.Knows(code)) wrong.Enqueue($"the unknown code {code} as {Who[who]} to {told}");
                }
                catch (TaskCanceledException) when (!Cancel.IsCancellationRequested)
                {
                    wrong.Enqueue($"no answer in {Hangs.TotalSeconds} s as {Who[who]} to {told}");
                }
                catch (HttpRequestException)
                {
                    // The server ended the connection over a request that is no HTTP; the next one opens another.
                }
            }
        }, Cancel)));

        using (var alive = await clients[0].GetAsync("/health", Cancel)) Assert.True(alive.IsSuccessStatusCode, $"HALLOPS_SEED={seed}: the server is not healthy afterwards.");
        foreach (var client in clients) client.Dispose();
        Assert.True(wrong.IsEmpty && log.Written.IsEmpty, $"HALLOPS_SEED={seed}: {string.Join('\n', wrong.Concat(log.Written))}");
    }

    [Fact]
    public async Task HubMethod_CalledWithAnything_AnswersWithoutAFaultOfOurs()
    {
        var seed = Seed();
        TestContext.Current.TestOutputHelper?.WriteLine($"HALLOPS_SEED={seed}");
        var log = new Faults();
        await using var host = await ServerHost.StartAsync(services => services.AddSingleton<ILoggerProvider>(log));
        var methods = typeof(HallHub).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Where(m => !m.IsSpecialName && m.GetBaseDefinition() == m).OrderBy(m => m.Name, StringComparer.Ordinal).ToList();

        var (started, number) = (Stopwatch.StartNew(), 0);
        while (number < 100 || started.Elapsed < ForTheHub)
        {
            // A connection each dozen calls: what was watched before is left behind with it.
            var random = new Random(unchecked(seed * 31 + number));
            await using var hub = HubClient.Connect(new Uri(host.App.Urls.First()), Who[random.Next(Who.Length)]);
            await hub.StartAsync(Cancel);
            for (var i = 0; i < 12 && hub.State == HubConnectionState.Connected; i++, number++)
            {
                var method = methods[random.Next(methods.Count)];
                var arguments = method.GetParameters().Select(p => OddRequests.Argument(random, p.ParameterType)).ToList();
                if (random.Next(10) == 0) arguments.Add("one too many");
                if (random.Next(10) == 0 && arguments.Count > 0) arguments.RemoveAt(0);
                try
                {
                    await hub.InvokeCoreAsync(method.Name, typeof(object), [.. arguments], Cancel).WaitAsync(Hangs, Cancel);
                }
                catch (TimeoutException)
                {
                    Assert.Fail($"HALLOPS_SEED={seed}: no answer in {Hangs.TotalSeconds} s to {method.Name}({string.Join(", ", arguments)})");
                }
                catch (Exception e) when (e is HubException or OperationCanceledException or InvalidOperationException && !Cancel.IsCancellationRequested)
                {
                    // Refused, or the connection ended over a message that is none.
                }
            }
        }
        await using var still = HubClient.Connect(new Uri(host.App.Urls.First()));
        await still.StartAsync(Cancel);
        await still.InvokeAsync("WatchHall", "h", Cancel);
        Assert.True(log.Written.IsEmpty, $"HALLOPS_SEED={seed}: {string.Join('\n', log.Written)}");
    }

    /// <summary>What the server logs as a fault of its own.</summary>
    private sealed class Faults : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Written { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose() { }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) Written.Enqueue($"{formatter(state, exception)} {exception}");
        }
    }
}
