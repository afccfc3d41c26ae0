using System.Diagnostics;
using System.Text.Json;
using HallOps.Silo.Feeds;
using Microsoft.AspNetCore.SignalR;

namespace HallOps.Load.Push;

/// <summary>The least that SignalR can do: on a POST the same messages to a group of as many connections. In a process of its own, as the server is.</summary>
internal sealed class BareHubServer(Process process, Uri address) : IAsyncDisposable
{
    public Uri Address { get; } = address;

    public TimeSpan Cpu
    {
        get
        {
            process.Refresh();
            return process.TotalProcessorTime;
        }
    }

    public static async Task<BareHubServer> StartAsync()
    {
        var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "HallOps.Load.dll"), BareHub.Scenario]) { RedirectStandardOutput = true })!;
        var line = await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return line is not null ? new(process, new Uri(line)) : throw new InvalidOperationException("The bare hub does not start.");
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}

internal sealed class BareHub : Hub
{
    /// <summary>The word this program is started with to be it; no scenario of its own.</summary>
    public const string Scenario = "bare-hub";

    private const string Group = "hall";

    public Task WatchHall(string hall)
    {
        _ = hall;
        return Groups.AddToGroupAsync(Context.ConnectionId, Group);
    }

    public static async Task RunAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        // The same writing of Chinese, or the bytes would not be the same.
        builder.Services.AddSignalR().AddJsonProtocol(options => FeedJson.Configure(options.PayloadSerializerOptions));
        await using var app = builder.Build();
        app.MapHub<BareHub>("/hub");
        app.MapPost("/send", async (Sending[] messages, IHubContext<BareHub> hub) =>
        {
            foreach (var message in messages) await hub.Clients.Group(Group).SendCoreAsync(message.Target, [.. message.Arguments.Select(a => (object)a)]);
            return Results.Ok();
        });
        await app.StartAsync();
        await Console.Out.WriteLineAsync(app.Urls.First());
        await app.WaitForShutdownAsync();
    }

    internal sealed record Sending(string Target, JsonElement[] Arguments);
}
