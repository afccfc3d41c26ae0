using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using HallOps.Load.Measuring;
using HallOps.Load.Server;

namespace HallOps.Load.Push;

/// <summary>F17: the server is killed under thousands of screens and started again; each comes back by itself as feed.js does, after a random part of 1 s doubling to 30 s. Rate limits are on.</summary>
internal static class Restart
{
    // The longest wait between two tries, twice: once begun while the server was away, once more for a try that failed in the crowd.
    private static readonly TimeSpan BackWithin = TimeSpan.FromSeconds(60);

    // Reached by fewer tries than the backlog of 512 in any 100 ms: nobody is turned away for the crowd.
    private const int MostInAMoment = 512;

    public static async Task RunAsync(LoadOptions options, Report report)
    {
        var screens = options.Callers;
        using var folder = new TempFolder();
        var data = folder.Sub("data");
        var server = await ServerProcess.StartAsync(data, null, "--HallOps:Limits:Off", "false");
        try
        {
            using var http = new HttpClient();
            var provision = new Provision(http, () => Volatile.Read(ref server).Address, new Random(options.Seed));
            await provision.SignInAsync();
            await provision.ImportAsync(PushScenario.Hall, await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, $"samples/halls/{PushScenario.Hall}.json")));
            var run = new Crowd(() => Volatile.Read(ref server).Address, options.Seed);
            using var stop = new CancellationTokenSource();
            var began = Stopwatch.GetTimestamp();
            var living = Enumerable.Range(0, screens).Select(i => run.LiveAsync(i, stop.Token)).ToArray();
            await UntilAsync(() => run.There == screens, BackWithin, () => $"{screens} screens were to come, {run.There} did; {run.Refusals()}");
            report.Say(FormattableString.Invariant($"seed {options.Seed}: {screens:#,0} screens there after {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s"));

            run.Forget();
            await server.KillAsync();
            await UntilAsync(() => run.There == 0, BackWithin, () => $"{run.There} screens did not notice that the server is gone");
            var killed = Stopwatch.GetTimestamp();
            var next = await ServerProcess.StartAsync(data, null, "--HallOps:Limits:Off", "false");
            await server.DisposeAsync();
            Volatile.Write(ref server, next);
            var serves = Stopwatch.GetTimestamp();
            await UntilAsync(() => run.There == screens, BackWithin, () => $"{screens} screens were to come back within {BackWithin.TotalSeconds} s, {run.There} did; {run.Refusals()}");
            var back = Stopwatch.GetElapsedTime(serves);
            var busiest = run.Busiest();
            report.Say(FormattableString.Invariant($"F17: away for {Stopwatch.GetElapsedTime(killed, serves).TotalSeconds:0.0} s; all back {back.TotalSeconds:0.0} s after it serves again, at most {busiest} within 100 ms; {run.Refusals()}; peak memory {server.PeakMemoryMib:0} MiB, {server.Cpu.TotalSeconds:0.0} CPU s"));
            report.Limit("screens that came back within the same 100 ms", busiest, "screens", MostInAMoment);
            if (run.TurnedAway > 0) report.Fail($"{run.TurnedAway} tries were turned away by the server: {run.Refusals()}");
            await stop.CancelAsync();
            await Task.WhenAll(living);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    private static async Task UntilAsync(Func<bool> done, TimeSpan within, Func<string> else_)
    {
        var began = Stopwatch.GetTimestamp();
        while (!done())
        {
            if (Stopwatch.GetElapsedTime(began) > within) throw new TimeoutException(else_());
            await Task.Delay(20);
        }
    }

    private sealed class Crowd(Func<Uri> address, int seed)
    {
        private readonly ConcurrentDictionary<string, int> _refused = [];
        private readonly ConcurrentQueue<long> _came = [];
        private int _there;
        private int _turnedAway;

        public int There => Volatile.Read(ref _there);

        /// <summary>Tries that a server answered, but not with a connection.</summary>
        public int TurnedAway => Volatile.Read(ref _turnedAway);

        public async Task LiveAsync(int screen, CancellationToken stop)
        {
            var random = new Random(seed + screen);
            for (var attempt = 0; !stop.IsCancellationRequested;)
            {
                try
                {
                    await using var glass = await GlassScreen.ConnectAsync(address(), "WatchHall", $"[\"{PushScenario.Hall}\"]", null, static _ => { });
                    _came.Enqueue(Stopwatch.GetTimestamp());
                    Interlocked.Increment(ref _there);
                    attempt = 0;
                    await Task.WhenAny(glass.Ended, Task.Delay(Timeout.Infinite, stop));
                    Interlocked.Decrement(ref _there);
                }
                catch (Exception away) when (away is SocketException or IOException or HttpRequestException or OperationCanceledException)
                {
                    if (away is HttpRequestException) Interlocked.Increment(ref _turnedAway);
                    _refused.AddOrUpdate(away is SocketException socket ? socket.SocketErrorCode.ToString() : away.Message, 1, static (_, n) => n + 1);
                }
                // As feed.js, retryDelay.
                var wait = random.NextDouble() * Math.Min(30_000, 1000 * Math.Pow(2, Math.Min(attempt++, 5)));
                await Task.Delay(TimeSpan.FromMilliseconds(wait), stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        public void Forget()
        {
            _came.Clear();
            _refused.Clear();
        }

        public string Refusals() => _refused.IsEmpty ? "no try failed" : "tries that failed: " + string.Join(", ", _refused.Select(r => $"{r.Value:#,0} × {r.Key}"));

        /// <summary>The most that came within one span of 100 ms.</summary>
        public int Busiest()
        {
            var came = _came.Order().ToArray();
            var (most, first) = (0, 0);
            for (var last = 0; last < came.Length; last++)
            {
                while (Stopwatch.GetElapsedTime(came[first], came[last]).TotalMilliseconds > 100) first++;
                most = Math.Max(most, last - first + 1);
            }
            return most;
        }
    }
}
