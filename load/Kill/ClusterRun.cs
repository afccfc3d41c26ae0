using System.Diagnostics;
using System.Globalization;
using HallOps.Core.Halls;
using HallOps.Load.Engine;
using HallOps.Load.Journal;
using HallOps.Load.Measuring;
using HallOps.Load.Server;
using HallOps.Silo.Journal;
using Npgsql;

namespace HallOps.Load.Kill;

/// <summary>What befalls servers that run halls together.</summary>
internal enum ClusterTrouble
{
    /// <summary>A silo is killed with -9, and started again.</summary>
    KillSilo,
    /// <summary>A silo is told to stop, and started again.</summary>
    RestartSilo,
    /// <summary>A node that runs no halls is killed, and started again.</summary>
    KillWeb,
}

/// <param name="Wrong">What is not as it should be, a sentence each.</param>
internal sealed record ClusterOutcome(IReadOnlyList<(ClusterTrouble Trouble, TimeSpan After)> Resumed, long Acknowledged, long Events, IReadOnlyList<string> Wrong);

/// <summary>
/// Two silos and two nodes that run no halls, real processes on one Redis and one PostgreSQL, asked in turn, while one trouble after the other befalls them. At the end every acknowledged step must stand in the journal
/// exactly once, and in the tables of reports as the journal has it.
/// </summary>
internal static class ClusterRun
{
    private static readonly string[] Halls = ["town-a", "town-b", "town-c"];
    private static readonly TimeSpan WholeWithin = TimeSpan.FromSeconds(60);

    /// <param name="next">The next trouble; null: it is over.</param>
    /// <param name="program">The folder with the <c>hallops.dll</c> built for several machines; null: this program's own.</param>
    /// <param name="then">Looks at the nodes that run no halls before they end.</param>
    public static async Task<ClusterOutcome> RunAsync(TempFolder folder, byte[] document, Func<ClusterTrouble?> next, int seed, string? program = null, Func<IReadOnlyList<Uri>, Provision, Task>? then = null, CancellationToken cancel = default)
    {
        using var postgres = PostgresServer.Start(folder, ["shared_buffers=64MB"]);
        using var redis = await RedisProcess.StartAsync(folder);
        string[] shared = ["--ConnectionStrings:HallOps", postgres.ConnectionString, "--ConnectionStrings:Redis", redis.Address, "--HallOps:KeySecret", "of the load generator alone"];
        var silos = Places("silo");
        var webs = Places("web");
        try
        {
            foreach (var place in silos.Concat(webs)) await place.StartAsync();
            var turn = 0;
            using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(15) };
            var provision = new Provision(http, () => webs[Interlocked.Increment(ref turn) & 1].Address, new Random(seed)) { RepeatShare = 0.05 };
            var ledgers = Halls.ToDictionary(hall => hall, _ => new Ledger());
            var works = new List<Func<CancellationToken, Task>>();
            foreach (var (hall, ledger) in ledgers) works.AddRange(await new BusyTown(ledger, document, hall).PrepareAsync(provision));
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            var working = works.Select(w => Task.Run(() => w(stop.Token), cancel)).ToArray();
            var random = new Random(seed);
            var resumed = new List<(ClusterTrouble, TimeSpan)>();
            while (next() is { } trouble)
            {
                await MoveAsync(20);
                await Task.Delay(random.Next(500), cancel);
                var place = (trouble == ClusterTrouble.KillWeb ? webs : silos)[random.Next(2)];
                var began = Stopwatch.GetTimestamp();
                if (trouble == ClusterTrouble.RestartSilo) await place.Process!.StopAsync();
                else await place.Process!.KillAsync();
                await MoveAsync(5);
                resumed.Add((trouble, Stopwatch.GetElapsedTime(began)));
                await place.StartAsync();
                await WholeAsync();
            }

            // Every hall goes on: what another silo has is no sign of it.
            Task MoveAsync(int steps) => Task.WhenAll(ledgers.Values.Select(l => BusyTown.MovesAsync(l, working, l.Count, steps, cancel)));
            await stop.CancelAsync();
            await Task.WhenAll(working);
            if (then is not null) await then([.. webs.Select(w => w.Address)], provision);

            await using var journal = await RedisJournal.OpenAsync(redis.Address);
            var stories = await HallStory.ReadAsync(journal);
            var wrong = stories.SelectMany(s => ledgers[s.Hall].Check([s])).ToList();
            if (stories.Count != Halls.Length) wrong.Add(FormattableString.Invariant($"{stories.Count} of {Halls.Length} halls are in the journal."));
            if (ApiClient.Differed > 0) wrong.Add($"{ApiClient.Differed} repeated requests were answered differently.");
            wrong.AddRange(await RowsWrongAsync(postgres.ConnectionString, journal, stories));
            return new(resumed, ledgers.Values.Sum(l => l.Count), stories.Sum(s => (long)s.Events.Count), wrong);
        }
        finally
        {
            foreach (var place in silos.Concat(webs)) await place.DisposeAsync();
        }

        ServerPlace[] Places(string role) => [.. Enumerable.Range(1, 2).Select(n => new ServerPlace(folder.Sub($"{role}{n}"), program,
            [.. shared, "--role", role, "--HallOps:Cluster:SiloPort", Port(), "--HallOps:Cluster:GatewayPort", Port()]))];

        static string Port() => ServerPlace.FreePort().ToString(CultureInfo.InvariantCulture);

        async Task WholeAsync()
        {
            var began = Stopwatch.GetTimestamp();
            while (await Task.WhenAll(silos.Concat(webs).Select(p => p.HealthAsync(cancel))) is var said && said.Any(s => s != "ok"))
            {
                if (Stopwatch.GetElapsedTime(began) > WholeWithin) throw new InvalidOperationException($"All should serve, and they say {string.Join(", ", said)}: {string.Join("\n----\n", silos.Concat(webs).Select(p => p.Process!.Said))}");
                await Task.Delay(100, cancel);
            }
        }
    }

    /// <summary>The tables follow within seconds; then they have every call once.</summary>
    private static async Task<IReadOnlyList<string>> RowsWrongAsync(string connectionString, RedisJournal journal, IReadOnlyList<HallStory> stories)
    {
        await using var database = new NpgsqlConnection(connectionString);
        await database.OpenAsync();
        var began = Stopwatch.GetTimestamp();
        var wrong = new List<string>();
        foreach (var hall in await journal.HallsAsync())
        {
            var number = (long)hall.Number;
            while (await ScalarAsync("SELECT coalesce(max(sequence), 0) FROM projections WHERE name LIKE 'legs.%' AND hall = @hall", number) is var reached && reached < hall.Head.Sequence)
            {
                if (Stopwatch.GetElapsedTime(began) > WholeWithin)
                {
                    wrong.Add(FormattableString.Invariant($"{hall.Hall}: the tables have come to {reached} of {hall.Head.Sequence}."));
                    break;
                }
                await Task.Delay(100);
            }
            var calls = stories.Single(s => s.Hall == hall.Hall.Value).Events.Count(e => e.Event is TicketCalled);
            if (await ScalarAsync("SELECT count(*) FROM calls WHERE hall = @hall", number) is var rows && rows != calls) wrong.Add(FormattableString.Invariant($"{hall.Hall}: {calls} calls in the journal are {rows} rows."));
        }
        return wrong;

        async Task<long> ScalarAsync(string sql, long hall)
        {
            await using var command = new NpgsqlCommand(sql, database) { Parameters = { new("hall", hall) } };
            return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
        }
    }
}
