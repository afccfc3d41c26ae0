using HallOps.Core.Halls;
using HallOps.Load.Halls;
using HallOps.Load.Journal;
using HallOps.Load.Measuring;

namespace HallOps.Load.Engine;

/// <summary>R1, R2, R3, R10, R1's callers on Redis and what the projection costs them, of docs/benchmarks.md.</summary>
internal static class EngineScenario
{
    private const int Clients = 64;

    public static async Task RunAsync(LoadOptions options, Report report)
    {
        var documents = Town.Documents(Town.FoshanHalls);
        var measured = TimeSpan.FromSeconds(options.Quick ? 1 : 2.5);
        using (var folder = new TempFolder())
        {
            // The first run compiles the code it goes through; nothing of it is counted.
            await EngineAsync(folder, documents, Clients, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(options.Quick ? 1 : 8));
        }
        if (options.Wants("R1") || options.Wants("R3")) await CyclesAsync(options, report, documents, measured);
        if (options.Wants("projection")) await ProjectedAsync(options, report, documents, measured);
        // When it is asked for: all the others take what a run may.
        if (options.Only.Contains("redis")) await OnRedisAsync(options, report, documents, measured);
        if (options.Wants("R2")) await FullLoadAsync(options, report, documents, measured);
        if (options.Wants("R10")) await CallsAsync(options, report);
        report.Say(FormattableString.Invariant($"peak memory of this process, all legs and the load generator included: {Cost.PeakMemoryMib:0} MiB"));
    }

    /// <summary>R1 and R3: 64 clients on the engine, on PostgreSQL, and one client on the engine, in turn.</summary>
    private static async Task CyclesAsync(LoadOptions options, Report report, PackedDocument[] documents, TimeSpan measured)
    {
        using var folder = new TempFolder();
        using var server = options.Wants("R1") ? PostgresServer.Start(folder) : null;
        await using var postgres = server is null ? null : await PostgresCycles.OpenAsync(server, Town.Slots(documents), Clients);
        if (postgres is not null) await postgres.RunAsync(TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(100));
        var (ours, theirs, alone) = (new List<EngineRun>(), new List<PostgresRun>(), new List<EngineRun>());
        for (var i = 0; i < options.Pairs; i++)
        {
            ours.Add(await EngineAsync(folder, documents, Clients, TimeSpan.FromSeconds(0.5), measured));
            if (postgres is not null) theirs.Add(await postgres.RunAsync(TimeSpan.FromSeconds(0.5), measured));
            if (options.Wants("R3")) alone.Add(await EngineAsync(folder, documents, 1, TimeSpan.FromSeconds(0.3), measured / 2));
        }
        if (theirs.Count > 0)
            report.Add(new Ratio("R1", $"durable issue-call-start-finish cycles/s, {documents.Length} halls, {Clients} clients, engine ÷ PostgreSQL", Bound.Least(20),
                new("embedded engine, SQLite synchronous=FULL", "cycles/s", [.. ours.Select(r => r.CyclesPerSecond)]),
                new("PostgreSQL 15, SKIP LOCKED", "cycles/s", [.. theirs.Select(r => r.CyclesPerSecond)])));
        Spent(report, $"engine, {Clients} callers", ours);
        if (theirs.Count > 0)
            report.Say(FormattableString.Invariant($"    PostgreSQL's own processes: {Pairs.Median([.. theirs.Select(r => r.ServerCpu.TotalMicroseconds / r.Cycles)]):0} CPU µs a ticket (its clients not counted)"));
        var keyed = await EngineAsync(folder, documents, Clients, TimeSpan.FromSeconds(0.5), measured, keyed: true);
        report.Say(FormattableString.Invariant($"    the same with an idempotency key on every command: {keyed.CyclesPerSecond:#,0} cycles/s, {keyed.Bytes / (double)keyed.Cycles:0} bytes of journal a ticket"));
        if (alone.Count > 0)
            report.Add(new Ratio("R3", $"durable events/s, {Clients} callers ÷ 1 caller", null,
                new($"{Clients} callers", "events/s", [.. ours.Select(r => r.EventsPerSecond)]),
                new("1 caller", "events/s", [.. alone.Select(r => r.EventsPerSecond)])));
    }

    /// <summary>R1's callers with the projection of reports behind the halls, and without.</summary>
    private static async Task ProjectedAsync(LoadOptions options, Report report, PackedDocument[] documents, TimeSpan measured)
    {
        using var folder = new TempFolder();
        var (ours, theirs) = (new List<EngineRun>(), new List<EngineRun>());
        // The scenario's first run went through nothing of the projection.
        await EngineAsync(folder, documents, Clients, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(options.Quick ? 1 : 8), projected: true);
        for (var i = 0; i < options.Pairs; i++)
        {
            ours.Add(await EngineAsync(folder, documents, Clients, TimeSpan.FromSeconds(0.5), measured, projected: true));
            theirs.Add(await EngineAsync(folder, documents, Clients, TimeSpan.FromSeconds(0.5), measured));
        }
        report.Add(new Ratio("projection", $"durable issue-call-start-finish cycles/s, {documents.Length} halls, {Clients} clients, with the projection of reports ÷ without", Bound.Least(0.8),
            new("engine and projection", "cycles/s", [.. ours.Select(r => r.CyclesPerSecond)]),
            new("engine", "cycles/s", [.. theirs.Select(r => r.CyclesPerSecond)])));
        report.Say(FormattableString.Invariant($"    behind at the end: {Pairs.Median([.. ours.Select(r => (double)r.Behind.Events)]):#,0} of {Pairs.Median([.. ours.Select(r => (double)r.Events)]):#,0} events, the oldest for {Pairs.Median([.. ours.Select(r => r.Behind.Since.TotalSeconds)]):0.00} s"));
        report.Say(FormattableString.Invariant($"    a ticket: {Pairs.Median([.. ours.Select(r => r.Cost.Cpu.TotalMicroseconds / r.Cycles)]):0.0} CPU µs with, {Pairs.Median([.. theirs.Select(r => r.Cost.Cpu.TotalMicroseconds / r.Cycles)]):0.0} without"));
    }

    /// <summary>R1's callers on the journal in Redis, and on SQLite.</summary>
    private static async Task OnRedisAsync(LoadOptions options, Report report, PackedDocument[] documents, TimeSpan measured)
    {
        using var folder = new TempFolder();
        using var redis = await RedisProcess.StartAsync(folder);
        var (ours, theirs) = (new List<EngineRun>(), new List<EngineRun>());
        for (var i = 0; i < options.Pairs; i++)
        {
            ours.Add(await EngineAsync(folder, documents, Clients, TimeSpan.FromSeconds(0.5), measured, redis: redis));
            theirs.Add(await EngineAsync(folder, documents, Clients, TimeSpan.FromSeconds(0.5), measured));
        }
        report.Add(new Ratio("redis", $"durable issue-call-start-finish cycles/s, {documents.Length} halls, {Clients} clients, journal in Redis ÷ in SQLite", null,
            new("embedded engine, Redis appendfsync=always", "cycles/s", [.. ours.Select(r => r.CyclesPerSecond)]),
            new("embedded engine, SQLite synchronous=FULL", "cycles/s", [.. theirs.Select(r => r.CyclesPerSecond)])));
        Spent(report, $"engine on Redis, {Clients} callers", ours);
    }

    /// <summary>R2: as many callers as it takes, then the bare loop with the sizes of the flushes just recorded.</summary>
    private static async Task FullLoadAsync(LoadOptions options, Report report, PackedDocument[] documents, TimeSpan measured)
    {
        using var folder = new TempFolder();
        var (ours, theirs) = (new List<EngineRun>(), new List<double>());
        for (var i = 0; i < options.Pairs; i++)
        {
            var run = await EngineAsync(folder, documents, options.Callers, TimeSpan.FromSeconds(0.5), measured);
            ours.Add(run);
            using var bare = new TempFolder();
            theirs.Add(run.Events / BlobLoop.Write(bare.Path, run.Flushes).TotalSeconds);
        }
        report.Add(new Ratio("R2", $"durable events/s at full load, {options.Callers} callers, engine ÷ bare loop of the same flushes", Bound.Least(0.2),
            new("embedded engine", "events/s", [.. ours.Select(r => r.EventsPerSecond)]),
            new("one blob row a flush, same sizes", "events/s", theirs)));
        Spent(report, $"engine, {options.Callers} callers", ours);
    }

    /// <summary>R10: the pure rules, 10,000 waiting and 100, in turn.</summary>
    private static async Task CallsAsync(LoadOptions options, Report report)
    {
        var many = new CallCost(10_000);
        var few = new CallCost(100);
        var calls = options.Quick ? 5_000 : 20_000;
        many.Run(calls);
        few.Run(calls);
        var (ours, theirs) = await Pairs.MeasureAsync(options.Pairs, () => Task.FromResult(many.Run(calls)), () => Task.FromResult(few.Run(calls)));
        report.Add(new Ratio("R10", "cost of a call (Decide and Evolve), fairness on", Bound.Most(2),
            new("10,000 waiting", "ns", ours), new("100 waiting", "ns", theirs)));
        foreach (var side in (ReadOnlySpan<CallCost>)[many, few])
            report.Say(FormattableString.Invariant($"    of {side.Reasons.All:#,0} calls with {side.Waiting:#,0} waiting, {side.Reasons.Class * 100.0 / side.Reasons.All:0.0} % overtook and {side.Reasons.Protected * 100.0 / side.Reasons.All:0.0} % were kept from it by a bound"));
    }

    private static async Task<EngineRun> EngineAsync(TempFolder folder, PackedDocument[] documents, int callers, TimeSpan warmUp, TimeSpan measured, bool keyed = false, bool projected = false, RedisProcess? redis = null)
    {
        var data = folder.Sub("engine");
        try
        {
            await using var engine = await EngineUnderLoad.OpenAsync(data, documents, projected, redis);
            // What the run before left behind is not this one's to collect.
            GC.Collect();
            return await engine.RunAsync(callers, warmUp, measured, keyed);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    /// <summary>What it cost and where the time went, medians over the runs.</summary>
    private static void Spent(Report report, string what, List<EngineRun> runs)
    {
        double Of(Func<EngineRun, double> figure) => Pairs.Median([.. runs.Select(figure)]);
        report.Say($"    {what}, callers included:");
        report.Say(FormattableString.Invariant($"      a ticket: {Of(r => r.Cost.Cpu.TotalMicroseconds / r.Cycles):0.0} CPU µs, {Of(r => r.Cost.Allocated / (double)r.Cycles):#,0} bytes allocated, {Of(r => r.Bytes / (double)r.Cycles):0} bytes of journal in {Of(r => r.Events / (double)r.Cycles):0.00} events"));
        report.Say(FormattableString.Invariant($"      a command: {Of(r => r.Cost.Cpu.TotalMicroseconds / r.Events):0.00} CPU µs; {Of(r => r.Cost.Cpu / r.Took):0.00} of {Environment.ProcessorCount} cores busy; collector paused {Of(r => r.Cost.Paused / r.Took) * 100:0.0} % of the time in {Of(r => r.Cost.Collections):0} collections"));
        report.Say(FormattableString.Invariant($"      a flush: {Of(r => r.Events / (double)r.Flushes.Count):0.0} records, {Of(r => r.Bytes / (double)r.Flushes.Count):#,0} bytes, {Of(r => r.Flushes.Average(f => f.Took.TotalMicroseconds)):0} µs in the store; {Of(r => r.Flushes.Count / r.Took.TotalSeconds):#,0} flushes/s; the store is at work {Of(r => r.Flushes.Sum(f => f.Took.TotalSeconds) / r.Took.TotalSeconds) * 100:0} % of the time; {Of(r => r.Flushes.Sum(f => f.Snapshots)):0} snapshots"));
    }
}
