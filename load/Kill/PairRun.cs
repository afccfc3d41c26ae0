using System.Diagnostics;
using HallOps.Core.Halls;
using HallOps.Load.Engine;
using HallOps.Load.Journal;
using HallOps.Load.Measuring;
using HallOps.Load.Server;
using HallOps.Silo.Journal;

namespace HallOps.Load.Kill;

/// <summary>What befalls a pair of servers.</summary>
internal enum Trouble
{
    /// <summary>The one that serves is killed with -9.</summary>
    Kill,
    /// <summary>The one that serves is told to stop.</summary>
    Stop,
    /// <summary>The one that serves stands still for longer than its lease, and goes on when the other has taken over.</summary>
    Pause,
    /// <summary>The one that stands by is killed.</summary>
    KillStandby,
    /// <summary>Redis is killed and started again on its file.</summary>
    KillRedis,
}

/// <summary>A trouble, and how long it took until the next step was acknowledged.</summary>
internal sealed record Resumed(Trouble Trouble, TimeSpan After);

/// <param name="Wrong">Everything that was acknowledged and is not there exactly once, a sentence each.</param>
internal sealed record PairOutcome(IReadOnlyList<Resumed> Resumed, long Acknowledged, long Events, IReadOnlyList<string> Wrong);

/// <summary>
/// Two real servers on one Redis and one PostgreSQL under load, one serving and one standing by, while one trouble after the other befalls them. At the end every acknowledged step must stand in the
/// journal, exactly once.
/// </summary>
internal static class PairRun
{
    /// <param name="next">The next trouble; null: it is over.</param>
    /// <param name="program">The folder with <c>hallops.dll</c>; null: this program's own.</param>
    public static async Task<PairOutcome> RunAsync(TempFolder folder, byte[] document, Func<Trouble?> next, int seed, string? program = null, CancellationToken cancel = default)
    {
        using var postgres = PostgresServer.Start(folder, ["shared_buffers=64MB"]);
        using var redis = await RedisProcess.StartAsync(folder);
        string[] settings = ["--ConnectionStrings:HallOps", postgres.ConnectionString, "--ConnectionStrings:Redis", redis.Address, "--HallOps:KeySecret", "of the load generator alone"];
        var ledger = new Ledger();
        var resumed = new List<Resumed>();
        await using var pair = await Pair.StartAsync(folder, settings, program);
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        var provision = new Provision(http, () => pair.Address, new Random(seed)) { RepeatShare = 0.05 };
        var works = await new BusyTown(ledger, document).PrepareAsync(provision);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var working = works.Select(w => Task.Run(() => w(stop.Token), cancel)).ToArray();
        var random = new Random(seed);
        while (next() is { } trouble)
        {
            await MovesAsync(ledger.Count, 15);
            await Task.Delay(random.Next(500), cancel);
            var began = Stopwatch.GetTimestamp();
            switch (trouble)
            {
                case Trouble.Kill:
                    await pair.Serving.KillAsync();
                    await AgainAsync();
                    break;
                case Trouble.Stop:
                    await pair.Serving.StopAsync();
                    await AgainAsync();
                    break;
                case Trouble.Pause:
                    var paused = pair.Serving;
                    await paused.PauseAsync(true);
                    await MovesAsync(ledger.Count, 1);
                    resumed.Add(new(trouble, Stopwatch.GetElapsedTime(began)));
                    await Task.Delay(random.Next(3_000), cancel);
                    await paused.PauseAsync(false);
                    break;
                case Trouble.KillStandby:
                    await pair.StandingBy.KillAsync();
                    await AgainAsync();
                    break;
                case Trouble.KillRedis:
                    redis.Kill();
                    await Task.Delay(random.Next(3_000), cancel);
                    await redis.RunAsync();
                    await AgainAsync();
                    break;
            }
            await pair.WholeAsync(cancel);

            async Task AgainAsync()
            {
                await MovesAsync(ledger.Count, 1);
                resumed.Add(new(trouble, Stopwatch.GetElapsedTime(began)));
            }
        }
        await stop.CancelAsync();
        await Task.WhenAll(working);
        await pair.Serving.KillAsync();
        await pair.StandingBy.KillAsync();

        await using var journal = await RedisJournal.OpenAsync(redis.Address);
        var stories = await HallStory.ReadAsync(journal);
        var wrong = ledger.Check(stories).ToList();
        if (ApiClient.Differed > 0) wrong.Add($"{ApiClient.Differed} repeated requests were answered differently.");
        return new(resumed, ledger.Count, stories.Sum(s => (long)s.Events.Count), wrong);

        Task MovesAsync(int from, int steps) => BusyTown.MovesAsync(ledger, working, from, steps, cancel);
    }

    /// <summary>Two servers, each at an address of its own with a folder of its own.</summary>
    private sealed class Pair : IAsyncDisposable
    {
        private static readonly TimeSpan WholeWithin = TimeSpan.FromSeconds(60);

        private readonly ServerPlace[] _places;
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _looking;
        private volatile int _serving;

        private Pair(ServerPlace[] places)
        {
            _places = places;
            _looking = LookAsync();
        }

        public ServerProcess Serving => _places[_serving].Process!;

        public ServerProcess StandingBy => _places[1 - _serving].Process!;

        /// <summary>Of the one that says it serves: what a load balancer would find by <c>/health</c>.</summary>
        public Uri Address => _places[_serving].Address;

        public static async Task<Pair> StartAsync(TempFolder folder, string[] settings, string? program)
        {
            var places = Enumerable.Range(1, 2).Select(n => new ServerPlace(folder.Sub(FormattableString.Invariant($"server{n}")), program, settings)).ToArray();
            foreach (var place in places) await place.StartAsync();
            return new(places);
        }

        /// <summary>Starts whichever has ended, and returns when one serves and the other stands by.</summary>
        public async Task WholeAsync(CancellationToken cancel)
        {
            foreach (var place in _places.Where(p => p.Process!.HasEnded)) await place.StartAsync();
            var began = Stopwatch.GetTimestamp();
            while (true)
            {
                var said = await Task.WhenAll(_places.Select(p => p.HealthAsync(cancel)));
                if (said.Count(s => s == "ok") == 1 && said.Count(s => s == "standby") == 1) break;
                if (Stopwatch.GetElapsedTime(began) > WholeWithin)
                    throw new InvalidOperationException($"One should serve and one stand by, and they say {string.Join(", ", said)}: {string.Join("\n----\n", _places.Select(p => p.Process!.Said))}");
                await Task.Delay(100, cancel);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _looking;
            foreach (var place in _places) await place.DisposeAsync();
            _stop.Dispose();
        }

        private async Task LookAsync()
        {
            try
            {
                while (true)
                {
                    for (var i = 0; i < _places.Length; i++)
                        if (await _places[i].HealthAsync(_stop.Token) == "ok") _serving = i;
                    await Task.Delay(100, _stop.Token);
                }
            }
            catch (OperationCanceledException)
            {
            }
        }
    }
}
