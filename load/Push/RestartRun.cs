using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using HallOps.Load.Server;

namespace HallOps.Load.Push;

/// <summary>F17: the server is killed under thousands of screens and started again; each comes back by itself as feed.js does, after a random part of 1 s doubling to 30 s. Rate limits are on.</summary>
internal static class RestartRun
{
    private const string Hall = "rudong-town";

    /// <summary>Reached by fewer tries than a listener's backlog in any 100 ms: nobody is turned away for the crowd.</summary>
    public const int MostInAMoment = 512;

    // The longest wait between two tries, twice: once begun while the server was away, once more for a try that failed in the crowd.
    private static readonly TimeSpan BackWithin = TimeSpan.FromSeconds(60);

    /// <param name="document">The hall that they all watch.</param>
    /// <exception cref="TimeoutException">Not all came, or came back.</exception>
    public static async Task<RestartOutcome> RunAsync(string data, byte[] document, int screens, int seed)
    {
        var server = await ServerProcess.StartAsync(data, limits: true);
        using var stop = new CancellationTokenSource();
        Task[] living = [];
        try
        {
            using var http = new HttpClient();
            var provision = new Provision(http, () => Volatile.Read(ref server).Address, new Random(seed));
            await provision.SignInAsync();
            await provision.ImportAsync(Hall, document);
            var run = new Crowd(() => Volatile.Read(ref server).Address, seed);
            var began = Stopwatch.GetTimestamp();
            living = [.. Enumerable.Range(0, screens).Select(i => run.LiveAsync(i, stop.Token))];
            await UntilAsync(() => run.There == screens, () => $"{screens} screens were to come, {run.There} did; {run.Refusals()}");
            var gathered = Stopwatch.GetElapsedTime(began);

            run.Forget();
            await server.KillAsync();
            await UntilAsync(() => run.There == 0, () => $"{run.There} screens did not notice that the server is gone");
            var killed = Stopwatch.GetTimestamp();
            var next = await ServerProcess.StartAsync(data, limits: true);
            await server.DisposeAsync();
            Volatile.Write(ref server, next);
            var serves = Stopwatch.GetTimestamp();
            await UntilAsync(() => run.There == screens, () => $"{screens} screens were to come back within {BackWithin.TotalSeconds} s, {run.There} did; {run.Refusals()}");
            return new(gathered, Stopwatch.GetElapsedTime(killed, serves), Stopwatch.GetElapsedTime(serves), run.Busiest(), run.TurnedAway, run.Refusals(), server.PeakMemoryMib, server.Cpu);
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(living);
            await server.DisposeAsync();
        }
    }

    private static async Task UntilAsync(Func<bool> done, Func<string> otherwise)
    {
        var began = Stopwatch.GetTimestamp();
        while (!done())
        {
            if (Stopwatch.GetElapsedTime(began) > BackWithin) throw new TimeoutException(otherwise());
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
                    await using var glass = await GlassScreen.ConnectAsync(address(), "WatchHall", $"[\"{Hall}\"]", null, static _ => { });
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

/// <param name="Gathered">Until all were there at first.</param>
/// <param name="Away">Between the last screen's loss and the server's return.</param>
/// <param name="Back">From then until all were back.</param>
/// <param name="Busiest">The most that came back within the same 100 ms.</param>
/// <param name="TurnedAway">Tries that the server answered, but not with a connection.</param>
internal sealed record RestartOutcome(TimeSpan Gathered, TimeSpan Away, TimeSpan Back, int Busiest, int TurnedAway, string Refusals, double PeakMemoryMib, TimeSpan Cpu);
