using System.Diagnostics;

namespace HallOps.Displays.Tests.Hosting;

/// <summary><c>serve --demo</c> as people start it: a process, in a folder of its own, on a free port.</summary>
public sealed class DemoServer : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hallops-demo-").FullName;
    private readonly Process _process;

    private DemoServer(params string[] more)
    {
        var start = new ProcessStartInfo("dotnet") { WorkingDirectory = _folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var word in (string[])[Path.Combine(AppContext.BaseDirectory, "hallops.dll"), "serve", "--demo", "--urls", "http://127.0.0.1:0", .. more]) start.ArgumentList.Add(word);
        _process = Process.Start(start)!;
    }

    public string Address { get; private set; } = "";

    /// <summary>Since the process was started.</summary>
    public Stopwatch Running { get; } = Stopwatch.StartNew();

    public static async Task<DemoServer> StartAsync(params string[] more)
    {
        var server = new DemoServer(more);
        try
        {
            var says = new List<string>();
            while (await server._process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(60)) is { } line)
            {
                says.Add(line);
                if (line.StartsWith("HallOps serves ", StringComparison.Ordinal)) server.Address = line.Split(' ')[2].TrimEnd(',');
                if (!line.Contains("A day is playing", StringComparison.Ordinal)) continue;
                // Nobody reads on, so it must not fill up.
                _ = server._process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
                _ = server._process.StandardError.BaseStream.CopyToAsync(Stream.Null);
                return server;
            }
            throw new InvalidOperationException($"serve --demo ended: {string.Join("\n", says)}\n{await server._process.StandardError.ReadToEndAsync()}");
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
