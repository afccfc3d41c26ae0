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
    private readonly Process _process;
    private readonly int _port;

    private RedisProcess(Process process, int port) => (_process, _port) = (process, port);

    public string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_port}");

    /// <exception cref="CannotMeasureException">It is not installed or does not start.</exception>
    public static async Task<RedisProcess> StartAsync(TempFolder folder)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        string[] settings = ["--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--dir", folder.Sub("redis"), "--save", "", "--appendonly", "yes", "--appendfsync", "always"];
        Process process;
        try
        {
            process = Process.Start(new ProcessStartInfo("redis-server", settings) { RedirectStandardOutput = true })!;
        }
        catch (Win32Exception e)
        {
            throw new CannotMeasureException($"redis-server does not start: {e.Message}; run `apt-get install redis-server`");
        }
        process.BeginOutputReadLine();
        var redis = new RedisProcess(process, port);
        for (var tries = 0; ; tries++)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port);
                return redis;
            }
            catch (SocketException) when (tries < 200 && !process.HasExited)
            {
                await Task.Delay(50);
            }
            catch (SocketException e)
            {
                redis.Dispose();
                throw new CannotMeasureException($"redis-server does not answer: {e.Message}");
            }
        }
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
