using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace HallOps.Load.Day;

/// <summary>A connection to the hub in SignalR's JSON protocol over a web socket, without negotiation: what a screen's script does, and no more.</summary>
internal sealed class HubSocket : IAsyncDisposable
{
    private const byte EndOfMessage = 0x1e;

    // The server drops a client that says nothing for 30 s.
    private static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(10);

    private readonly ClientWebSocket _socket = new();
    private readonly Action<string, JsonElement> _heard;
    private readonly SemaphoreSlim _sending = new(1);
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _welcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _reading = Task.CompletedTask;
    private Task _pinging = Task.CompletedTask;

    private HubSocket(Action<string, JsonElement> heard) => _heard = heard;

    /// <summary>Why the connection ended; null while it stands.</summary>
    public string? Ended { get; private set; }

    /// <param name="heard">Told every message, one at a time: its name and arguments.</param>
    public static async Task<HubSocket> ConnectAsync(Uri server, string? token, Action<string, JsonElement> heard)
    {
        var hub = new HubSocket(heard);
        if (token is not null) hub._socket.Options.SetRequestHeader("Authorization", "Bearer " + token);
        await hub._socket.ConnectAsync(new UriBuilder(server) { Scheme = "ws", Path = "/hub" }.Uri, CancellationToken.None);
        await hub.SendAsync("{\"protocol\":\"json\",\"version\":1}");
        hub._reading = hub.ReadAsync();
        await hub._welcome.Task.WaitAsync(TimeSpan.FromSeconds(30));
        hub._pinging = hub.PingAsync();
        return hub;
    }

    public Task SendAsync(string method, IReadOnlyList<string> arguments) => SendAsync(JsonSerializer.Serialize(new { type = 1, target = method, arguments }));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_reading, _pinging).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _socket.Dispose();
        _sending.Dispose();
        _stop.Dispose();
    }

    private async Task SendAsync(string json)
    {
        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync((byte[])[.. Encoding.UTF8.GetBytes(json), EndOfMessage], WebSocketMessageType.Text, endOfMessage: true, _stop.Token);
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task PingAsync()
    {
        using var timer = new PeriodicTimer(PingEvery);
        while (await timer.WaitForNextTickAsync(_stop.Token)) await SendAsync("{\"type\":6}");
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[64 * 1024];
        var length = 0;
        try
        {
            while (true)
            {
                if (length == buffer.Length) Array.Resize(ref buffer, buffer.Length * 2);
                var read = await _socket.ReceiveAsync(buffer.AsMemory(length), _stop.Token);
                if (read.MessageType == WebSocketMessageType.Close)
                {
                    Ended = "the server closed it";
                    return;
                }
                length += read.Count;
                var taken = 0;
                for (int end; (end = buffer.AsSpan(taken, length - taken).IndexOf(EndOfMessage)) >= 0; taken += end + 1) Take(buffer.AsMemory(taken, end));
                buffer.AsSpan(taken, length - taken).CopyTo(buffer);
                length -= taken;
            }
        }
        catch (OperationCanceledException)
        {
            Ended = "we closed it";
        }
        catch (WebSocketException e)
        {
            Ended = e.Message;
            _welcome.TrySetException(e);
        }
    }

    private void Take(ReadOnlyMemory<byte> json)
    {
        using var message = JsonDocument.Parse(json);
        var root = message.RootElement;
        if (!root.TryGetProperty("type", out var type))
        {
            // The answer to the handshake.
            if (root.TryGetProperty("error", out var error)) _welcome.TrySetException(new InvalidOperationException(error.GetString()));
            else _welcome.TrySetResult();
        }
        else if (type.GetInt32() == 1)
        {
            _heard(root.GetProperty("target").GetString()!, root.GetProperty("arguments").Clone());
        }
    }
}
