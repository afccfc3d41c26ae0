using System.Diagnostics;
using HallOps.Core.Halls;
using HallOps.Load.Halls;
using HallOps.Load.Journal;
using HallOps.Load.Measuring;
using HallOps.Silo;
using HallOps.Silo.Embedded;
using HallOps.Silo.Journal;
using HallOps.Silo.Projections;
using HallOps.Web.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace HallOps.Load.Engine;

/// <summary>What a run of the engine under load came to. Times and costs are of the measured stretch only.</summary>
/// <param name="Behind">How far the projection was behind at the end of it; nothing where none ran.</param>
internal sealed record EngineRun(TimeSpan Took, long Cycles, Cost Cost, IReadOnlyList<Flushed> Flushes, Behind Behind)
{
    public long Events => Flushes.Sum(f => (long)f.Records);
    public long Bytes => Flushes.Sum(f => (long)f.Bytes);
    public double CyclesPerSecond => Cycles / Took.TotalSeconds;
    public double EventsPerSecond => Events / Took.TotalSeconds;
}

/// <summary>The embedded engine, on SQLite or on Redis, with all halls configured and their windows open, and callers that go through issue, call, start and finish, each waiting for the durable answer.</summary>
internal sealed class EngineUnderLoad : IAsyncDisposable
{
    // A Monday morning in Shanghai: no run meets the end of a service day.
    private static readonly DateTimeOffset Morning = new(2026, 11, 23, 9, 0, 0, TimeSpan.FromHours(8));

    private readonly RecordingJournal _journal;
    private readonly EmbeddedHalls _halls;
    private readonly Commands[] _commands;
    private readonly ReportProjection? _projection;

    private EngineUnderLoad(RecordingJournal journal, EmbeddedHalls halls, Commands[] commands, ReportProjection? projection) => (_journal, _halls, _commands, _projection) = (journal, halls, commands, projection);

    /// <param name="redis">The Redis that has the journal, under keys of this run's own; null: SQLite in the folder.</param>
    /// <param name="projected">With the projection of reports behind the halls, on a database beside the journal.</param>
    public static async Task<EngineUnderLoad> OpenAsync(string folder, PackedDocument[] documents, bool projected = false, RedisProcess? redis = null)
    {
        var journal = new RecordingJournal(redis is null ? SqliteJournal.Open(folder) : await RedisJournal.OpenAsync(redis.Address, new RedisJournalOptions { Prefix = Guid.NewGuid().ToString("N") }));
        var place = new SqlPlace(new DataFolder(folder));
        if (projected) await MigrateAsync(place);
        var projection = projected ? new ReportProjection(place.OpenFollowingAsync, journal, TimeProvider.System, NullLogger.Instance) : null;
        var halls = await EmbeddedHalls.OpenAsync(journal, new HallClock(TimeProvider.System, Morning), EngineOptions.Default, NullLogger.Instance, projection);
        projection?.Start(halls);
        foreach (var batch in documents.Chunk(64)) await Task.WhenAll(batch.Select(d => Done(halls, d.Settings.Hall, new ConfigureHall(0, d))));
        var commands = Town.Slots(documents).Select(slot => new Commands(slot)).ToArray();
        foreach (var batch in commands.Chunk(256)) await Task.WhenAll(batch.Select(c => Done(halls, c.Hall, new OpenWindow(c.Window, c.By, null))));
        // What setting up left behind is not what is measured.
        while (projection?.Behind.Events > 0) await Task.Delay(10);
        return new(journal, halls, commands, projection);
    }

    private static async Task MigrateAsync(SqlPlace place)
    {
        var options = new DbContextOptionsBuilder<HallOpsDb>();
        place.Configure(options);
        await using var database = new HallOpsDb(options.Options);
        await database.Database.MigrateAsync();
        await database.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL");
        // The next run's file has the same name.
        SqliteConnection.ClearAllPools();
    }

    /// <summary>Runs so many callers, each on windows of its own in turn, and measures once they are under way.</summary>
    /// <param name="keyed">Each command with an idempotency key, as the server's own are; SQL has nothing like it.</param>
    public async Task<EngineRun> RunAsync(int callers, TimeSpan warmUp, TimeSpan measured, bool keyed = false)
    {
        using var stop = new CancellationTokenSource();
        var counts = new Counter[callers];
        var running = new Task[callers];
        for (var i = 0; i < callers; i++)
        {
            var (first, count) = (i, counts[i] = new Counter());
            running[i] = Task.Run(() => CallAsync(first, callers, count, keyed, stop.Token));
        }
        await Task.WhenAny(Task.WhenAll(running), Task.Delay(warmUp));
        var (cost, before, began) = (Cost.Now, counts.Sum(c => Volatile.Read(ref c.Cycles)), Stopwatch.GetTimestamp());
        _journal.Begin();
        await Task.WhenAny(Task.WhenAll(running), Task.Delay(measured));
        var flushes = _journal.End();
        var took = Stopwatch.GetElapsedTime(began);
        var run = new EngineRun(took, counts.Sum(c => Volatile.Read(ref c.Cycles)) - before, Cost.Now - cost, flushes, _projection?.Behind ?? default);
        await stop.CancelAsync();
        await Task.WhenAll(running);
        return run;
    }

    public async ValueTask DisposeAsync()
    {
        await _halls.DisposeAsync();
        if (_projection is not null) await _projection.DisposeAsync();
        await _journal.DisposeAsync();
    }

    private async Task CallAsync(int first, int step, Counter count, bool keyed, CancellationToken stop)
    {
        // Keys are random to the engine; a counter scattered over the range is one, without the cost of a generator.
        var key = (UInt128)(uint)(first + 1) << 96;
        while (true)
        {
            for (var i = first; i < _commands.Length; i += step)
            {
                if (stop.IsCancellationRequested) return;
                var c = _commands[i];
                foreach (var command in c.Cycle)
                {
                    var answer = await _halls.SendAsync(c.Hall, new HallRequest(command, c.By.Account, keyed ? ++key * 0x9E3779B97F4A7C15 : default, 7), CancellationToken.None);
                    if (answer.Status != AnswerStatus.Done) throw new InvalidOperationException($"{command} at {c.Hall}: {answer.Status} {answer.Refusal}");
                }
                count.Cycles++;
            }
        }
    }

    private static async Task Done(EmbeddedHalls halls, HallId hall, HallCommand command)
    {
        var answer = await halls.SendAsync(hall, new HallRequest(command, "load"));
        if (answer.Status != AnswerStatus.Done) throw new InvalidOperationException($"{command} at {hall}: {answer.Status} {answer.Refusal}");
    }

    /// <summary>A slot's commands, made once: what is measured is the engine.</summary>
    private sealed class Commands(Slot slot)
    {
        public HallId Hall { get; } = Town.Id(slot.Hall);
        public WindowId Window { get; } = slot.Window;
        public Clerk By { get; } = new("clerk-" + slot.Window, null, false);
        public HallCommand[] Cycle => field ??=
        [
            new IssueTicket(slot.Service, null, Grants.Self, null, null, TicketSource.Kiosk, null, false, null), new CallNext(Window, By), new StartService(Window, By),
            new FinishService(Window, By, FinishOutcome.Done, null, 1),
        ];
    }

    /// <summary>Alone on its cache lines: callers must not slow each other by counting.</summary>
    [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Explicit, Size = 192)]
    private sealed class Counter
    {
        [System.Runtime.InteropServices.FieldOffset(64)]
        public long Cycles;
    }
}
