using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using HallOps.Silo.Journal;
using HallOps.Silo.Tests.Journal;
using StackExchange.Redis;

[assembly: AssemblyFixture(typeof(RedisRun))]

namespace HallOps.Silo.Tests.Journal;

/// <summary>A redis-server of its own on a free port, its files in a temporary folder; killed when disposed.</summary>
internal sealed class RedisServer : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly string _settings;
    private Process? _process;

    /// <param name="settings">Beside those of a journal: the later ones count.</param>
    public RedisServer(string settings = "")
    {
        _settings = settings;
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        }
        try
        {
            Start();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public int Port { get; }

    public string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>Returns when it takes commands.</summary>
    public void Start()
    {
        var arguments = string.Create(CultureInfo.InvariantCulture, $"--port {Port} --bind 127.0.0.1 --dir {_folder.At} --save '' --appendonly yes --appendfsync always --daemonize no {_settings}");
        _process = Process.Start(new ProcessStartInfo("redis-server", arguments.Replace("''", "\"\"", StringComparison.Ordinal)) { RedirectStandardOutput = true })!;
        _process.BeginOutputReadLine();
        var began = Stopwatch.StartNew();
        while (Ask("PING") != "+PONG")
            if (_process.HasExited || began.Elapsed > TimeSpan.FromSeconds(20)) throw new InvalidOperationException("redis-server does not start: apt-get install redis-server");
    }

    /// <summary>As in a power cut, but for what the system has in its own memory.</summary>
    public void Kill()
    {
        if (_process is null) return;
        // One that stands still ends too.
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Stands still until told to go on: neither answers nor breaks its connections.</summary>
    public void Pause(bool paused) => Process.Start("kill", [paused ? "-STOP" : "-CONT", _process!.Id.ToString(CultureInfo.InvariantCulture)]).WaitForExit();

    /// <summary>Drops what the file of a killed server ends with: so many of its last writes, each a command or a transaction; the first of them is cut in the middle, as a crash would leave it.</summary>
    public void LoseLast(int writes)
    {
        var file = Directory.EnumerateFiles(_folder.At, "*.incr.aof", SearchOption.AllDirectories).Single();
        var bytes = File.ReadAllBytes(file);
        var begins = new List<int>();
        var isOpen = false;
        for (var at = 0; at < bytes.Length;)
        {
            var (start, name) = (at, "");
            for (var parts = Number('*'); parts > 0; parts--)
            {
                var length = Number('$');
                if (name.Length == 0) name = Encoding.ASCII.GetString(bytes, at, length);
                at += length + 2;
            }
            if (!isOpen) begins.Add(start);
            isOpen = name == "MULTI" || (isOpen && name != "EXEC");

            int Number(char kind)
            {
                Assert.Equal(kind, (char)bytes[at]);
                var end = Array.IndexOf(bytes, (byte)'\r', at);
                var number = int.Parse(bytes.AsSpan(at + 1, end - at - 1), CultureInfo.InvariantCulture);
                at = end + 2;
                return number;
            }
        }
        File.WriteAllBytes(file, bytes[..(begins[^writes] + 20)]);
    }

    /// <summary>The first line of the answer to one inline command; empty where there is none.</summary>
    public string Ask(string command)
    {
        try
        {
            using var client = new TcpClient();
            client.Connect(IPAddress.Loopback, Port);
            client.ReceiveTimeout = 5000;
            using var stream = client.GetStream();
            stream.Write(Encoding.ASCII.GetBytes(command + "\r\n"));
            using var reader = new StreamReader(stream, Encoding.ASCII);
            return reader.ReadLine() ?? "";
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return "";
        }
    }

    /// <summary>The store as anybody may reach into it.</summary>
    public async Task<T> ReachAsync<T>(Func<IDatabase, Task<T>> reach)
    {
        using var multiplexer = await ConnectionMultiplexer.ConnectAsync(Address);
        return await reach(multiplexer.GetDatabase());
    }

    public void Dispose()
    {
        Kill();
        _folder.Dispose();
    }
}

/// <summary>One redis-server for the whole run of the tests, started by the first test that needs it; each test has a prefix of its own.</summary>
public sealed class RedisRun : IDisposable
{
    private static readonly Lazy<RedisServer> One = new(() => new RedisServer());
    private static int _tests;

    internal static RedisServer Server => One.Value;

    /// <summary>Options with keys that no other test has.</summary>
    internal static RedisJournalOptions Apart() => new() { Prefix = string.Create(CultureInfo.InvariantCulture, $"test{Interlocked.Increment(ref _tests)}"), ConnectWithin = TimeSpan.FromSeconds(10) };

    public void Dispose()
    {
        if (One.IsValueCreated) One.Value.Dispose();
    }
}
