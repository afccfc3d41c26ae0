using System.Net;
using System.Net.Sockets;
using System.Text;

namespace HallOps.Silo.Tests.Journal;

/// <summary>A wire to a Redis that a test can cut: it passes everything on until then.</summary>
internal sealed class RedisWire : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _port;
    private readonly List<TcpClient> _clients = [];
    private Func<Task>? _whenCut;
    private volatile string? _cutAt;
    private bool _passes;

    public RedisWire(int port)
    {
        _port = port;
        _listener.Start();
        _ = Task.Run(AcceptAsync);
    }

    public string Address => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>Nobody gets through, and no wire is made.</summary>
    public volatile bool Down;

    /// <summary>Cuts the connection at the next request that has the text in it.</summary>
    /// <param name="passes">Whether the request reaches the server: then its answer is what is lost.</param>
    /// <param name="whenCut">Done before anybody can connect again.</param>
    public void CutAt(string text, bool passes, Func<Task>? whenCut = null)
    {
        (_passes, _whenCut) = (passes, whenCut);
        _cutAt = text;
    }

    public void Dispose()
    {
        _listener.Stop();
        lock (_clients)
            foreach (var client in _clients) client.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = PassAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Stopped with the test.
        }
    }

    private async Task PassAsync(TcpClient client)
    {
        using var server = new TcpClient();
        try
        {
            lock (_clients) _clients.Add(client);
            if (Down) return;
            await server.ConnectAsync(IPAddress.Loopback, _port);
            client.NoDelay = server.NoDelay = true;
            var (near, far) = (client.GetStream(), server.GetStream());
            var lost = false;
            var back = Task.Run(async () =>
            {
                var answers = new byte[64 << 10];
                int answered;
                try
                {
                    while ((answered = await far.ReadAsync(answers)) > 0)
                        if (!Volatile.Read(ref lost)) await near.WriteAsync(answers.AsMemory(0, answered));
                }
                catch (Exception e) when (e is IOException or ObjectDisposedException)
                {
                    // One of the two sides is gone.
                }
            });
            var buffer = new byte[256 << 10];
            int read;
            while ((read = await near.ReadAsync(buffer)) > 0)
            {
                if (_cutAt is { } text && Encoding.Latin1.GetString(buffer, 0, read).Contains(text, StringComparison.Ordinal))
                {
                    _cutAt = null;
                    var down = Down;
                    Down = true;
                    lost = true;
                    if (_passes)
                    {
                        await far.WriteAsync(buffer.AsMemory(0, read));
                        server.Client.Shutdown(SocketShutdown.Send);
                        // It closes its side when it has done all it was told.
                        await back.WaitAsync(TimeSpan.FromSeconds(10));
                    }
                    if (_whenCut is not null) await _whenCut();
                    Down = down;
                    return;
                }
                await far.WriteAsync(buffer.AsMemory(0, read));
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // One of the two sides is gone.
        }
        finally
        {
            client.Dispose();
        }
    }
}
