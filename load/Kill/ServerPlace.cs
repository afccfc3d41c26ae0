using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using HallOps.Load.Server;

namespace HallOps.Load.Kill;

/// <summary>Where one of several servers runs, again and again: its address and its folder stay.</summary>
/// <param name="program">The folder with <c>hallops.dll</c>; null: this program's own.</param>
internal sealed class ServerPlace(string folder, string? program, string[] settings) : IAsyncDisposable
{
    private readonly HttpClient _health = new() { Timeout = TimeSpan.FromSeconds(1) };

    public Uri Address { get; } = new(FormattableString.Invariant($"http://127.0.0.1:{FreePort()}"));

    /// <summary>Null before the first start.</summary>
    public ServerProcess? Process { get; private set; }

    public async Task StartAsync()
    {
        if (Process is { } ended) await ended.DisposeAsync();
        Process = await ServerProcess.StartAtAsync(Address.OriginalString, folder, program, false, settings);
    }

    /// <summary>What it says of itself; <c>nothing</c> where it does not answer within a second.</summary>
    public async Task<string> HealthAsync(CancellationToken cancel)
    {
        try
        {
            using var answer = await _health.GetAsync(new Uri(Address, "/health"), cancel);
            return (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancel))?["status"] ?? "nothing";
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return "nothing";
        }
    }

    public async ValueTask DisposeAsync()
    {
        _health.Dispose();
        if (Process is { } process) await process.DisposeAsync();
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
