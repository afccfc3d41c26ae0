using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using HallOps.Load.Measuring;

namespace HallOps.Load.Journal;

/// <summary>A redis-server of its own in a temporary folder, on a free port; killed when disposed.</summary>
internal sealed class RedisProcess : IDisposable
{
    private readonly string _folder;
    private readonly int _port;
    private Process? _process;

    private RedisProcess(string folder, int port) => (_folder, _port) = (folder, port);

    public string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_port}");

    /// <exception cref="CannotMeasureException">It is not installed or does not start.</exception>
    public static async Task<RedisProcess> StartAsync(TempFolder folder)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var redis = new RedisProcess(folder.Sub("redis"), ((IPEndPoint)listener.LocalEndpoint).Port);
        listener.Stop();
        await redis.RunAsync();
        return redis;
    }

    /// <summary>As in a power cut, but for what the system has in its own memory.</summary>
    public void Kill()
    {
        if (_process is null) return;
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Returns when it answers.</summary>
    /// <exception cref="CannotMeasureException">It is not installed or does not start.</exception>
    public async Task RunAsync()
    {
        string[] settings = ["--port", _port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--dir", _folder, "--save", "", "--appendonly", "yes", "--appendfsync", "always"];
        try
        {
            _process = Process.Start(new ProcessStartInfo("redis-server", settings) { RedirectStandardOutput = true })!;
        }
        catch (Win32Exception e)
        {
            throw new CannotMeasureException($"redis-server does not start: {e.Message}; run `apt-get install redis-server`");
        }
        _process.BeginOutputReadLine();
        for (var tries = 0; ; tries++)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, _port);
                return;
            }
            catch (SocketException) when (tries < 200 && !_process.HasExited)
            {
                await Task.Delay(50);
            }
            catch (SocketException e)
            {
                Kill();
                throw new CannotMeasureException($"redis-server does not answer: {e.Message}");
            }
        }
    }

    public void Dispose() => Kill();
}
