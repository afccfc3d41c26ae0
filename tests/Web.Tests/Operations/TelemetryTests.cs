using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using HallOps.Web.Cli;
using HallOps.Web.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace HallOps.Web.Tests.Operations;

/// <summary>The built server as a process, since the exporter is set by the environment alone.</summary>
public sealed class TelemetryTests : IDisposable
{
    private readonly DataFolder _folder = new(Directory.CreateTempSubdirectory("hallops-telemetry-").FullName);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder.FullPath, recursive: true);

    [Fact]
    public async Task Request_IsTracedByItsRoute_AndItsTokenIsNowhere()
    {
        var received = new ConcurrentQueue<(string Path, string Body)>();
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel().UseUrls("http://127.0.0.1:0");
        await using var collector = builder.Build();
        collector.MapPost("/v1/{signal}", async (HttpContext http) =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body, Cancel);
            // Protobuf keeps texts as they are, so they are found in the bytes.
            received.Enqueue((http.Request.Path, Encoding.UTF8.GetString(body.ToArray())));
            if (received.Any(r => r.Body.Contains("/api/v1/tickets/{token}", StringComparison.Ordinal) && r.Path == "/v1/traces") && received.Any(r => r.Body.Contains("http.server.request.duration", StringComparison.Ordinal))) enough.TrySetResult();
        });
        await collector.StartAsync(Cancel);

        using var server = Start(collector.Urls.First());
        try
        {
            var address = await AddressAsync(server);
            using var client = new HttpClient { BaseAddress = new Uri(address) };
            using var answer = await client.GetAsync("/api/v1/tickets/a-secret-token?also=a-secret-query", Cancel);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            await Task.WhenAny(enough.Task, Task.Delay(TimeSpan.FromSeconds(30), Cancel));
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync(CancellationToken.None);
        }

        Assert.True(enough.Task.IsCompleted, $"Expected a trace of /api/v1/tickets/{{token}} and http.server.request.duration within 30 s; got {string.Join("; ", received.Select(r => $"{r.Path} of {r.Body.Length}"))}");
        Assert.All(received, r => Assert.DoesNotContain("a-secret", r.Body, StringComparison.Ordinal));
    }

    private Process Start(string collector)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        foreach (var argument in (string[])[typeof(CommandLine).Assembly.Location, "serve", "--data", _folder.FullPath, "--urls", "http://127.0.0.1:0"]) start.ArgumentList.Add(argument);
        start.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector;
        start.Environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        start.Environment["OTEL_METRIC_EXPORT_INTERVAL"] = "500";
        start.Environment["OTEL_BSP_SCHEDULE_DELAY"] = "200";
        return Process.Start(start)!;
    }

    private static async Task<string> AddressAsync(Process server)
    {
        while (await server.StandardOutput.ReadLineAsync(Cancel) is { } line)
            if (line.StartsWith("HallOps serves ", StringComparison.Ordinal)) return line["HallOps serves ".Length..].Split(' ')[0];
        throw new InvalidOperationException("The server ended before it served.");
    }
}
