using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using HallOps.Load.Halls;
using HallOps.Load.Measuring;
using HallOps.Load.Server;

namespace HallOps.Load.Http;

/// <summary>R6 of docs/benchmarks.md: numbers given out over HTTP, beside the least an endpoint can do.</summary>
internal static class HttpScenario
{
    private const int Connections = 64;

    // A few, so that no hall fills up to its limit on those waiting while it is measured.
    private const int Halls = 8;

    public static async Task RunAsync(LoadOptions options, Report report)
    {
        using var folder = new TempFolder();
        var data = folder.Sub("data");
        await using var server = await ServerProcess.StartAsync(data);
        using var http = new HttpClient();
        var provision = new Provision(http, () => server.Address, new Random(options.Seed));
        await provision.SignInAsync();
        var document = JsonNode.Parse(AlwaysOpen.Of(await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "samples/halls/rudong-town.json"))))!;
        document["maxWaiting"] = 100_000;
        var services = document["services"]!.AsArray().Select(s => (string)s!["service"]!).ToArray();
        var kiosks = new List<Kiosk>();
        for (var i = 0; i < Halls; i++)
        {
            var hall = string.Create(CultureInfo.InvariantCulture, $"town-{i}");
            document["hall"] = hall;
            await provision.ImportAsync(hall, Encoding.UTF8.GetBytes(document.ToJsonString()));
            kiosks.Add(new(hall, await provision.DeviceAsync("kiosk", hall), services));
        }
        var sample = await provision.Caller(kiosks[0].Token).PostAsync($"halls/{kiosks[0].Hall}/tickets", new JsonObject { ["service"] = services[0] });
        await using var bare = await BareServer.StartAsync(Provision.Expect(sample, "a first number").Body!.ToJsonString());
        var measured = TimeSpan.FromSeconds(options.Quick ? 1 : 2.5);
        Task<double> Ours() => PostAsync(server.Address, kiosks, measured);
        Task<double> Theirs() => PostAsync(bare.Address, kiosks, measured);
        // The server has many times the code of the bare endpoint to compile, and again once the compiler knows what is hot: a server that runs for months is not to be measured while it does.
        // With pauses: while both processors are taken, the compiler gets little done.
        for (var i = 0; i < (options.Quick ? 2 : 8); i++)
        {
            await PostAsync(server.Address, kiosks, TimeSpan.FromSeconds(1.5));
            await PostAsync(bare.Address, kiosks, TimeSpan.FromSeconds(0.5));
            await Task.Delay(TimeSpan.FromSeconds(0.5));
        }
        var (cpu, mine) = (server.Cpu, Cost.Now);
        var began = Stopwatch.GetTimestamp();
        var rate = await Ours();
        var (spent, client, requests) = (server.Cpu - cpu, Cost.Now - mine, rate * Stopwatch.GetElapsedTime(began).TotalSeconds);
        var (ours, theirs) = await Pairs.MeasureAsync(options.Pairs, Ours, Theirs);
        report.Add(new Ratio("R6", $"POST tickets requests/s, durable, keyed, {Connections} connections ÷ a bare endpoint with the same body and answer", Bound.Least(0.5),
            new("the server", "requests/s", ours), new("bare minimal API", "requests/s", theirs)));
        report.Say(FormattableString.Invariant($"    a ticket: {spent.TotalMicroseconds / requests:0} CPU µs of the server, {client.Cpu.TotalMicroseconds / requests:0} of the client; the server's peak memory {server.PeakMemoryMib:0} MiB"));
        await server.StopAsync();
        var stories = await HallStory.ReadAsync(data);
        var events = stories.Sum(s => s.Events.Count);
        report.Say(FormattableString.Invariant($"    {events:#,0} events in the journal, {new FileInfo(Path.Combine(data, "journal.db")).Length / (double)events:0} bytes of file each, snapshots included"));
    }

    /// <summary>Requests a second over so many connections, each waiting for its answer before it asks again. The client writes and reads plain bytes, so that it costs both sides as little as it can.</summary>
    private static async Task<double> PostAsync(Uri address, List<Kiosk> kiosks, TimeSpan measured)
    {
        using var stop = new CancellationTokenSource();
        var counts = new long[Connections * 16];
        var working = Enumerable.Range(0, Connections).Select(i => Task.Run(() => WorkAsync(address, kiosks[i % Halls], i, counts, stop.Token))).ToArray();
        await Task.WhenAny(Task.WhenAll(working), Task.Delay(TimeSpan.FromMilliseconds(300)));
        var (before, began) = (counts.Sum(), Stopwatch.GetTimestamp());
        await Task.WhenAny(Task.WhenAll(working), Task.Delay(measured));
        var rate = (counts.Sum() - before) / Stopwatch.GetElapsedTime(began).TotalSeconds;
        await stop.CancelAsync();
        await Task.WhenAll(working);
        return rate;
    }

    private static async Task WorkAsync(Uri address, Kiosk kiosk, int connection, long[] counts, CancellationToken stop)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, address.Port, CancellationToken.None);
        var answer = new byte[8 * 1024];
        var run = Guid.NewGuid().ToString("N");
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var body = $"{{\"service\":\"{kiosk.Services[(connection + i) % kiosk.Services.Length]}\"}}";
            var request = string.Create(CultureInfo.InvariantCulture,
                $"POST /api/v1/halls/{kiosk.Hall}/tickets HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {kiosk.Token}\r\nIdempotency-Key: {run}-{i}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
            await socket.SendAsync(Encoding.ASCII.GetBytes(request), SocketFlags.None, CancellationToken.None);
            await ReadAnswerAsync(socket, answer);
            counts[connection * 16]++;
        }
    }

    private static async Task ReadAnswerAsync(Socket socket, byte[] buffer)
    {
        for (var length = 0; ;)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(length), SocketFlags.None, CancellationToken.None);
            if (read == 0) throw new InvalidOperationException("The server closed the connection.");
            length += read;
            var seen = buffer.AsSpan(0, length);
            var end = seen.IndexOf("\r\n\r\n"u8);
            if (end < 0) continue;
            if (!seen.StartsWith("HTTP/1.1 201"u8)) throw new InvalidOperationException($"Not a number: {Encoding.UTF8.GetString(seen)}");
            if (IsWhole(seen[..(end + 2)], seen[(end + 4)..])) return;
        }
    }

    private static bool IsWhole(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body)
    {
        var at = head.IndexOf("Content-Length: "u8);
        if (at < 0) return body.EndsWith("0\r\n\r\n"u8);
        var number = head[(at + 16)..];
        return body.Length >= int.Parse(number[..number.IndexOf((byte)'\r')], NumberStyles.None, CultureInfo.InvariantCulture);
    }

    private sealed record Kiosk(string Hall, string Token, string[] Services);

    /// <summary>Kestrel with one endpoint that reads a body and writes an answer of the same shape and length, in a process of its own as the server is.</summary>
    private sealed class BareServer(Process process, Uri address) : IAsyncDisposable
    {
        public Uri Address { get; } = address;

        public static async Task<BareServer> StartAsync(string answer)
        {
            var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "HallOps.Load.dll"), BareEndpoint.Scenario]) { RedirectStandardOutput = true, Environment = { [BareEndpoint.AnswerVariable] = answer } };
            var process = Process.Start(start)!;
            var line = await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60));
            return line is not null ? new(process, new Uri(line)) : throw new InvalidOperationException("The bare endpoint does not start.");
        }

        public async ValueTask DisposeAsync()
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }
}

/// <summary>What a minimal API does when it does nothing: reads the body as JSON, writes the answer as JSON.</summary>
internal static class BareEndpoint
{
    /// <summary>The word this program is started with to be it; no scenario of its own.</summary>
    public const string Scenario = "bare-endpoint";

    public const string AnswerVariable = "HALLOPS_LOAD_ANSWER";

    public static async Task RunAsync()
    {
        var answer = JsonSerializer.Deserialize<BareAnswer>(Environment.GetEnvironmentVariable(AnswerVariable)!, JsonSerializerOptions.Web)!;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        app.MapPost("/api/v1/halls/{hall}/tickets", (string hall, BareBody body) => body.Service is null ? Results.BadRequest() : Results.Json(answer, statusCode: StatusCodes.Status201Created));
        await app.StartAsync();
        await Console.Out.WriteLineAsync(app.Urls.First());
        await app.WaitForShutdownAsync();
    }

    private sealed record BareBody(string? Service, string? Class, string? IdNumber, string? Phone, string? Source, bool? Printed, string? Override);

    private sealed record BareEstimate(int LowSeconds, int MedianSeconds, int HighSeconds);

    private sealed record BareAnswer(string Id, string Token, string Number, string Line, string Service, string State, int Ahead, BareEstimate? Estimate, DateTimeOffset IssuedAt, string Url);
}
