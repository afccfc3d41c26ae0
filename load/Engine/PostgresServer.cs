using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using HallOps.Load.Measuring;

namespace HallOps.Load.Engine;

/// <summary>A PostgreSQL 15 of its own in a temporary folder, on a free port and a socket in that folder; stopped when disposed, and when the process is told to end.</summary>
internal sealed class PostgresServer : IDisposable
{
    private const string Bin = "/usr/lib/postgresql/15/bin";
    private const string User = "postgres";

    private readonly string _data;
    private readonly string _sockets;
    private readonly int _port;
    private readonly string[] _settings;
    private readonly PosixSignalRegistration[] _signals;
    private bool _stopped;

    private PostgresServer(string data, string sockets, int port, string[] settings)
    {
        (_data, _sockets, _port, _settings) = (data, sockets, port, settings);
        _signals = [PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => Stop()), PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => Stop())];
    }

    public string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"Host={_sockets};Port={_port};Username={User};Database=postgres;Pooling=false;No Reset On Close=true");

    /// <summary>Room enough that no checkpoint of its own falls into a run; synchronous_commit and fsync are what is compared.</summary>
    private static readonly string[] Measured = ["shared_buffers=512MB", "synchronous_commit=on", "fsync=on", "max_wal_size=8GB", "checkpoint_timeout=1h", "autovacuum=on"];

    public static bool IsInstalled => !OperatingSystem.IsWindows() && File.Exists(Path.Combine(Bin, "initdb"));

    /// <param name="settings">Its own, <c>name=value</c>; null: those that R1 is measured with.</param>
    /// <exception cref="CannotMeasureException">It is not installed or does not start.</exception>
    public static PostgresServer Start(TempFolder folder, string[]? settings = null)
    {
        if (OperatingSystem.IsWindows() || !IsInstalled) throw new CannotMeasureException($"PostgreSQL 15 is not in {Bin}: run `apt-get install postgresql-15`, or leave R1 out with --only R2,R3,R10");
        var data = folder.Sub("postgres");
        var sockets = folder.Sub("sockets");
        if (Environment.UserName == "root")
        {
            // The folder is ours alone; its own subfolders are handed over, and the way to them must be passable.
            File.SetUnixFileMode(folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
            Run("chown", [User, data, sockets]);
        }
        AsUser("initdb", ["-D", data, "-U", User, "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C"]);
        var server = new PostgresServer(data, sockets, FreePort(), settings ?? Measured);
        try
        {
            server.Run();
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>Goes away as in a power cut; <see cref="Run"/> brings it back at the same place.</summary>
    public void Kill() => AsUser("pg_ctl", ["-D", _data, "-m", "immediate", "-w", "-t", "20", "stop"]);

    /// <summary>Returns when it takes connections.</summary>
    public void Run()
    {
        string[] settings = [FormattableString.Invariant($"port={_port}"), $"unix_socket_directories={_sockets}", "listen_addresses=127.0.0.1", "max_connections=100", .. _settings];
        AsUser("pg_ctl", ["-D", _data, "-l", Path.Combine(_data, "server.log"), "-w", "-t", "30", "-o", string.Join(' ', settings.Select(s => "-c " + s)), "start"]);
    }

    /// <summary>Processor time of all its processes so far: those that ended are left out, so ask while its connections are open.</summary>
    public TimeSpan Cpu
    {
        get
        {
            var main = File.ReadLines(Path.Combine(_data, "postmaster.pid")).First();
            var ticks = 0L;
            foreach (var process in Directory.EnumerateDirectories("/proc").Where(d => char.IsDigit(Path.GetFileName(d)[0])))
            {
                try
                {
                    var stat = File.ReadAllText(Path.Combine(process, "stat"));
                    var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                    if (fields[1] == main) ticks += long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
                }
                catch (IOException)
                {
                    // It ended while we looked.
                }
            }
            // Linux counts in hundredths of a second on every architecture it runs .NET on.
            return TimeSpan.FromMilliseconds(ticks * 10);
        }
    }

    public void Dispose()
    {
        Stop();
        foreach (var signal in _signals) signal.Dispose();
    }

    private void Stop()
    {
        lock (_signals)
        {
            if (_stopped) return;
            _stopped = true;
            if (!File.Exists(Path.Combine(_data, "postmaster.pid"))) return;
            Kill();
        }
    }

    private static void AsUser(string program, string[] arguments)
    {
        var path = Path.Combine(Bin, program);
        if (Environment.UserName == "root") Run("runuser", ["-u", User, "--", path, .. arguments]);
        else Run(path, arguments);
    }

    private static void Run(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        using var process = Process.Start(start)!;
        // Not read to its end: a server that pg_ctl started keeps it open.
        var errors = new System.Text.StringBuilder();
        process.ErrorDataReceived += (_, line) => { lock (errors) errors.AppendLine(line.Data); };
        process.OutputDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        if (!process.WaitForExit(TimeSpan.FromSeconds(60)) || process.ExitCode != 0)
            lock (errors) throw new CannotMeasureException($"{program} {string.Join(' ', arguments)} failed: {errors.ToString().ReplaceLineEndings(" ").Trim()}");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
