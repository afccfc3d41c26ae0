using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace HallOps.Load.Server;

/// <summary>The real server as a process of its own, from the program built beside this one, on a free port of this machine.</summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    /// <summary>The first account's password; the server is reachable from this machine only, and gone at the end.</summary>
    public const string AdminPassword = "load-generator-only";

    private static readonly TimeSpan StartWithin = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly StringBuilder _said = new();

    private ServerProcess(Process process) => _process = process;

    /// <summary>Where it serves or stands by; with no port named, another one after a take-over.</summary>
    public Uri Address { get; private set; } = null!;

    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public double PeakMemoryMib
    {
        get
        {
            _process.Refresh();
            return _process.PeakWorkingSet64 / (double)(1 << 20);
        }
    }

    /// <summary>The memory it has now, in MiB.</summary>
    public double MemoryMib
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 / (double)(1 << 20);
        }
    }

    /// <summary>Returns when it serves, or stands by.</summary>
    /// <param name="program">The folder that holds <c>hallops.dll</c>.</param>
    /// <param name="limits">With the limits on requests an address is held to; a load generator is one address.</param>
    public static Task<ServerProcess> StartAsync(string data, string? program = null, bool limits = false, params string[] settings) => StartAtAsync("http://127.0.0.1:0", data, program, limits, settings);

    /// <inheritdoc cref="StartAsync"/>
    public static Task<ServerProcess> StartAtAsync(string url, string data, string? program = null, bool limits = false, params string[] settings) =>
        StartAsync(new ProcessStartInfo("dotnet", [Path.Combine(program ?? AppContext.BaseDirectory, "hallops.dll"), "serve", "--urls", url, "--data", data, "--HallOps:Limits:Off", limits ? "false" : "true", .. settings]));

    /// <summary>Returns when it serves, or stands by; the first account has <see cref="AdminPassword"/>.</summary>
    public static async Task<ServerProcess> StartAsync(ProcessStartInfo start)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        start.Environment["HALLOPS_ADMIN_PASSWORD"] = AdminPassword;
        var server = new ServerProcess(Process.Start(start) ?? throw new InvalidOperationException("dotnet does not start."));
        var serves = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server._process.OutputDataReceived += (_, line) => server.Heard(line.Data, serves);
        server._process.ErrorDataReceived += (_, line) => server.Heard(line.Data, serves);
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        var ended = server._process.WaitForExitAsync();
        if (await Task.WhenAny(serves.Task, ended, Task.Delay(StartWithin)) != serves.Task)
        {
            await server.DisposeAsync();
            throw new InvalidOperationException($"The server did not serve within {StartWithin.TotalSeconds:0} s. It said: {server.Said}");
        }
        return server;
    }

    /// <summary>What it wrote to the console, the last lines of it.</summary>
    public string Said
    {
        get
        {
            lock (_said) return _said.ToString();
        }
    }

    public bool HasEnded => _process.HasExited;

    /// <summary>kill -9: nothing is flushed, closed or told.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Stands still until told to go on: it neither answers nor breaks its connections.</summary>
    public Task PauseAsync(bool paused) => SignalAsync(paused ? "-STOP" : "-CONT");

    /// <summary>SIGTERM, and its end awaited.</summary>
    public async Task StopAsync()
    {
        if (_process.HasExited) return;
        await SignalAsync("-TERM");
        using var late = new CancellationTokenSource(StopWithin);
        await _process.WaitForExitAsync(late.Token);
        if (_process.ExitCode != 0) throw new InvalidOperationException($"The server ended with {_process.ExitCode}. It said: {Said}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start(new ProcessStartInfo("kill", [signal, _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]));
        await kill!.WaitForExitAsync();
    }

    private void Heard(string? line, TaskCompletionSource serves)
    {
        if (line is null) return;
        lock (_said)
        {
            if (_said.Length > 20_000) _said.Clear();
            _said.AppendLine(line);
        }
        if (Serves().Match(line) is not { Success: true } match) return;
        Address = new Uri(match.Groups[1].Value);
        serves.TrySetResult();
    }

    [GeneratedRegex(@"(?:^HallOps serves|^HallOps runs halls at .* its health is at|Stands by at) (http://[^, :]+:\d+)")]
    private static partial Regex Serves();
}
