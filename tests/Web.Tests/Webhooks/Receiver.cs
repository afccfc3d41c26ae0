using System.Collections.Concurrent;
using System.Text.Json;
using HallOps.Web.Webhooks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace HallOps.Web.Tests.Webhooks;

/// <summary>A request as the receiver got it.</summary>
/// <param name="Status">What it was answered.</param>
internal sealed record Received(string Id, string Event, string Signature, string? ContentType, string Body, int Status)
{
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public bool IsTaken => Status is >= 200 and < 300;

    /// <summary>The ticket's id; null for one of the hall's.</summary>
    public string? Ticket => Json.TryGetProperty("ticket", out var ticket) ? ticket.GetProperty("id").GetString() : null;
}

/// <summary>Somebody's server that takes deliveries, on a port of its own.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    public const string Secret = "a secret of the test's";

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Received> _received = [];

    private Receiver(WebApplication app) => _app = app;

    /// <summary>What it answers a delivery's id; 204 by default. A task that does not end: never.</summary>
    public Func<string, Task<int>> Answer { get; set; } = _ => Task.FromResult(204);

    public Uri Url => new(new Uri(_app.Urls.First()), "/hook?key=of-the-receiver");

    /// <summary>Every request that was answered, in the order of the answers.</summary>
    public IReadOnlyList<Received> All => [.. _received];

    public IReadOnlyList<Received> Taken => [.. _received.Where(r => r.IsTaken)];

    public static async Task<Receiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new Receiver(app);
        app.MapPost("/hook", receiver.TakeAsync);
        await app.StartAsync();
        return receiver;
    }

    public WebhookEndpoint Endpoint(int number = 0, WebhookEvent[]? events = null, string[]? halls = null, int nearAhead = WebhookEndpoint.DefaultNearAhead) => EndpointAt(Url, number, events, halls, nearAhead);

    public static WebhookEndpoint EndpointAt(Uri url, int number = 0, WebhookEvent[]? events = null, string[]? halls = null, int nearAhead = WebhookEndpoint.DefaultNearAhead) =>
        new($"HallOps:Webhooks:{number}", url, Secret, (events ?? Enum.GetValues<WebhookEvent>()).ToHashSet(), halls?.Select(h => new Core.Halls.HallId(h)).ToHashSet(), nearAhead);

    private async Task TakeAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var body = await reader.ReadToEndAsync();
        var headers = http.Request.Headers;
        var id = headers["HallOps-Delivery"].ToString();
        http.Response.StatusCode = await Answer(id).WaitAsync(http.RequestAborted);
        if (http.Response.StatusCode is 302 or 307) http.Response.Headers.Location = "/hook";
        _received.Enqueue(new Received(id, headers["HallOps-Event"].ToString(), headers["HallOps-Signature"].ToString(), http.Request.ContentType, body, http.Response.StatusCode));
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }
}
