using System.Diagnostics;
using System.Globalization;

namespace HallOps.Silo.Tests.Orleans;

/// <summary>A silo in a process of its own.</summary>
internal sealed class SiloProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _error;

    private SiloProcess(Process process) => (_process, _error) = (process, process.StandardError.ReadToEndAsync());

    public bool HasExited => _process.HasExited;

    /// <summary>Returns when it is a member of its cluster.</summary>
    public static async Task<SiloProcess> StartAsync(string redis, string prefix, string cluster)
    {
        var (silo, gateway) = Ports.Free();
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[] { "exec", Path.Combine(AppContext.BaseDirectory, "HallOps.CrashChild.dll"), "silo", redis, prefix, cluster, silo.ToString(CultureInfo.InvariantCulture), gateway.ToString(CultureInfo.InvariantCulture) })
            start.ArgumentList.Add(argument);
        var process = new SiloProcess(Process.Start(start)!);
        var ready = await process._process.StandardOutput.ReadLineAsync();
        if (ready == "ready") return process;
        var error = await process._error;
        process.Dispose();
        throw new InvalidOperationException($"A silo does not start: {ready} {error}");
    }

    /// <summary>As <c>kill -9</c> does.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Neither answers nor breaks its connections until it goes on.</summary>
    public void Pause(bool paused) => Process.Start("kill", [paused ? "-STOP" : "-CONT", _process.Id.ToString(CultureInfo.InvariantCulture)]).WaitForExit();

    /// <summary>Asks it to leave its cluster; its exit code.</summary>
    public async Task<int> StopAsync()
    {
        await _process.StandardInput.WriteLineAsync("stop");
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    public Task ExitedAsync(TimeSpan within) => _process.WaitForExitAsync().WaitAsync(within);

    public void Dispose()
    {
        if (!_process.HasExited) Kill();
        _process.Dispose();
    }
}
