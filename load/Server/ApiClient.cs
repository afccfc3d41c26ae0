using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace HallOps.Load.Server;

/// <summary>An answer of the API. Times are <see cref="Stopwatch"/> timestamps.</summary>
/// <param name="Body">Null where there is none.</param>
internal sealed record ApiAnswer(HttpStatusCode Status, JsonObject? Body, long Sent, long Received)
{
    public bool IsDone => (int)Status is >= 200 and < 300;

    /// <summary>The problem's code; null where it is none.</summary>
    public string? Code => IsDone ? null : (string?)Body?["code"];

    public string Text(string member) => (string?)Body?[member] ?? throw new InvalidOperationException($"The answer has no {member}: {this}");

    public override string ToString() => $"{(int)Status} {Body?.ToJsonString()}";
}

/// <summary>
/// The HTTP API as one caller uses it: every POST with a key of its own. Lost answers are played: now and then a request is sent twice with the same key, one after the other or both at once,
/// and the answers must be the same. While the server is away the same request is sent again until somebody answers. Safe from any thread.
/// </summary>
internal sealed class ApiClient(HttpClient http, Func<Uri> address, string? token, int seed)
{
    // What may be today's in a repeated answer (API.md, Idempotency).
    private static readonly string[] MayDiffer = ["ahead", "estimate"];

    private readonly Random _random = new(seed);
    private readonly string _name = string.Create(CultureInfo.InvariantCulture, $"load-{Guid.NewGuid():N}");
    private long _keys;

    /// <summary>Share of the commands that are sent twice.</summary>
    public double RepeatShare { get; init; }

    /// <summary>Requests that were sent twice, of all clients of the process.</summary>
    public static long Repeated => Interlocked.Read(ref _repeated);

    /// <summary>Answers to them that were not the same.</summary>
    public static long Differed => Interlocked.Read(ref _differed);

    private static long _repeated;
    private static long _differed;

    public Task<ApiAnswer> GetAsync(string path, CancellationToken cancel = default) => SendAsync(HttpMethod.Get, path, null, null, cancel);

    public Task<ApiAnswer> PutAsync(string path, byte[] json, CancellationToken cancel = default) => SendAsync(HttpMethod.Put, path, json, null, cancel);

    /// <param name="retry">Sent again with its key, until <paramref name="cancel"/>, while the server is away or says 503.</param>
    public async Task<ApiAnswer> PostAsync(string path, JsonObject? body = null, bool retry = false, CancellationToken cancel = default)
    {
        var json = body is null ? null : Encoding.UTF8.GetBytes(body.ToJsonString());
        var key = string.Create(CultureInfo.InvariantCulture, $"{_name}-{Interlocked.Increment(ref _keys)}");
        double chance;
        bool together;
        lock (_random) (chance, together) = (_random.NextDouble(), _random.Next(2) == 0);
        if (chance >= RepeatShare) return await OnceAsync(path, json, key, retry, cancel);

        Interlocked.Increment(ref _repeated);
        var first = OnceAsync(path, json, key, retry, cancel);
        if (!together) await first;
        var second = await OnceAsync(path, json, key, retry, cancel);
        var answer = await first;
        // A refusal is decided anew; what changed something is answered again as it was.
        if (answer.IsDone && answer.Status != HttpStatusCode.NoContent && !Same(answer, second)) Interlocked.Increment(ref _differed);
        return answer.IsDone ? answer with { Sent = Math.Min(answer.Sent, second.Sent), Received = Math.Min(answer.Received, second.Received) } : second;
    }

    private async Task<ApiAnswer> OnceAsync(string path, byte[]? json, string key, bool retry, CancellationToken cancel)
    {
        long? sent = null;
        while (true)
        {
            try
            {
                var answer = await SendAsync(HttpMethod.Post, path, json, key, cancel);
                sent ??= answer.Sent;
                if (!retry || answer.Status != HttpStatusCode.ServiceUnavailable) return answer with { Sent = sent.Value };
            }
            catch (Exception e) when (retry && !cancel.IsCancellationRequested && e is HttpRequestException or IOException or OperationCanceledException)
            {
                sent ??= Stopwatch.GetTimestamp();
            }
            await Task.Delay(TimeSpan.FromMilliseconds(50), cancel);
        }
    }

    private async Task<ApiAnswer> SendAsync(HttpMethod method, string path, byte[]? json, string? key, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, new Uri(address(), "/api/v1/" + path));
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (key is not null) request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        if (json is not null) request.Content = new ByteArrayContent(json) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        var sent = Stopwatch.GetTimestamp();
        using var response = await http.SendAsync(request, cancel);
        var body = await response.Content.ReadAsByteArrayAsync(cancel);
        return new(response.StatusCode, body.Length == 0 ? null : JsonNode.Parse(body) as JsonObject, sent, Stopwatch.GetTimestamp());
    }

    private static bool Same(ApiAnswer a, ApiAnswer b)
    {
        if (a.Status != b.Status) return false;
        var (x, y) = ((JsonObject?)a.Body?.DeepClone(), (JsonObject?)b.Body?.DeepClone());
        foreach (var member in MayDiffer)
        {
            x?.Remove(member);
            y?.Remove(member);
        }
        return JsonNode.DeepEquals(x, y);
    }
}
