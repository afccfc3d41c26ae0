using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace HallOps.Load.Push;

/// <summary>
/// A screen that costs the measurement as little as it can: a web socket by hand that only looks for announcements in what comes, so that a thousand of them on the server's own cores do not
/// become what is measured. Both sides of a ratio are watched by the same.
/// </summary>
internal sealed class GlassScreen : IAsyncDisposable
{
    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(30);

    // The server drops a client that says nothing for 30 s.
    private static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(10);

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private long _received;

    private GlassScreen()
    {
    }

    /// <summary>Bytes since the connection stands, frames included.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>Completes when the connection has ended.</summary>
    public Task Ended => _running;

    /// <param name="watch">The method that it calls first, and its arguments as JSON.</param>
    /// <param name="token">Of a device; null: nobody.</param>
    /// <param name="onAnnounce">Told of every announcement as it comes; null: the screen takes nothing out of its socket after the handshake, and has hardly room in it.</param>
    /// <exception cref="HttpRequestException">The server turns it away: with the status.</exception>
    public static async Task<GlassScreen> ConnectAsync(Uri server, string watch, string arguments, string? token, Action<long>? onAnnounce)
    {
        var screen = new GlassScreen();
        try
        {
            using var late = new CancellationTokenSource(ConnectWithin);
            if (onAnnounce is null) screen._socket.ReceiveBufferSize = 4096;
            await screen._socket.ConnectAsync(IPAddress.Loopback, server.Port, late.Token);
            var bearer = token is null ? "" : $"Authorization: Bearer {token}\r\n";
            var key = Convert.ToBase64String(Guid.NewGuid().ToByteArray());
            await screen._socket.SendAsync(Encoding.ASCII.GetBytes($"GET /hub HTTP/1.1\r\nHost: {server.Authority}\r\n{bearer}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"), late.Token);
            await screen.ReadUpgradeAsync(late.Token);
            await screen.SayAsync("{\"protocol\":\"json\",\"version\":1}", late.Token);
            await screen.SayAsync($"{{\"type\":1,\"target\":\"{watch}\",\"arguments\":{arguments}}}", late.Token);
        }
        catch
        {
            await screen.DisposeAsync();
            throw;
        }
        screen._running = onAnnounce is null ? screen.PingAsync() : Task.WhenAny(screen.ReadAsync(onAnnounce), screen.PingAsync());
        return screen;
    }

    /// <summary>Calls a method once more, without waiting for its answer.</summary>
    public Task AskAsync(string method, string arguments) => SayAsync($"{{\"type\":1,\"target\":\"{method}\",\"arguments\":{arguments}}}", _stop.Token);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        // Reset, not closed: nothing is left behind that a later run would have to wait for.
        _socket.Close(0);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _socket.Dispose();
    }

    private async Task ReadUpgradeAsync(CancellationToken cancel)
    {
        // Byte by byte: what comes after the header is a frame.
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await _socket.ReceiveAsync(one, cancel) == 0) throw new IOException("The server closed the connection.");
            head.Append((char)one[0]);
        }
        var status = (HttpStatusCode)int.Parse(head.ToString(9, 3), System.Globalization.CultureInfo.InvariantCulture);
        if (status != HttpStatusCode.SwitchingProtocols) throw new HttpRequestException($"The hub answered {(int)status}.", null, status);
    }

    private async Task SayAsync(string json, CancellationToken cancel)
    {
        // A text frame with the mask 0, which changes nothing (RFC 6455, 5.3), and SignalR's end of a message.
        var text = Encoding.UTF8.GetBytes(json + "\u001e");
        byte[] frame = text.Length < 126 ? [0x81, (byte)(0x80 | text.Length), 0, 0, 0, 0, .. text] : [0x81, 0xFE, (byte)(text.Length >> 8), (byte)text.Length, 0, 0, 0, 0, .. text];
        await _socket.SendAsync(frame, cancel);
    }

    private async Task PingAsync()
    {
        using var timer = new PeriodicTimer(PingEvery);
        while (await timer.WaitForNextTickAsync(_stop.Token)) await SayAsync("{\"type\":6}", _stop.Token);
    }

    private async Task ReadAsync(Action<long> onAnnounce)
    {
        var marker = "\"target\":\"Announce\""u8.ToArray();
        var buffer = new byte[8 * 1024];
        var kept = 0;
        while (true)
        {
            var read = await _socket.ReceiveAsync(buffer.AsMemory(kept), _stop.Token);
            if (read == 0) return;
            var now = Stopwatch.GetTimestamp();
            Interlocked.Add(ref _received, read);
            var seen = buffer.AsSpan(0, kept + read);
            for (int at; (at = seen.IndexOf(marker)) >= 0; seen = seen[(at + marker.Length)..]) onAnnounce(now);
            // A marker may come in two pieces.
            kept = Math.Min(seen.Length, marker.Length - 1);
            seen[^kept..].CopyTo(buffer);
        }
    }
}
