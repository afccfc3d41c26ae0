using System.Diagnostics;
using HallOps.Core.Halls;
using HallOps.Load.Halls;
using HallOps.Load.Measuring;
using HallOps.Silo;
using HallOps.Silo.Embedded;
using HallOps.Silo.Journal;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace HallOps.Load.Recover;

/// <summary>R9 of docs/benchmarks.md: reading a hall back.</summary>
internal static class RecoverScenario
{
    // Ten times a town hall's day: a start is measured in milliseconds, not in noise.
    private const int Tickets = 5_000;

    // What happens between the last snapshot and a crash, at most 10,000 events apart: a few minutes' worth.
    private const int TailTickets = 50;

    private const int WarmUps = 60;

    // A leg takes milliseconds: many, so that whatever else the machine does falls on few.
    private const int PairsOfEach = 25;

    private static readonly DateTimeOffset Morning = new(2026, 11, 23, 9, 0, 0, TimeSpan.FromHours(8));

    public static async Task RunAsync(LoadOptions options, Report report)
    {
        using var folder = new TempFolder();
        var document = Town.Document(Town.Id(0));
        var (whole, tail) = (folder.Sub("whole"), folder.Sub("tail"));
        await PlayAsync(folder.Sub("played"), document, whole, tail);

        // Opening scans the flushes too; it is measured by the start below, not here.
        await using var journal = SqliteJournal.Open(whole);
        var events = await ReplayAsync(journal);
        var (times, pairs) = options.Quick ? (2, options.Pairs) : (5, PairsOfEach);
        // Both warm, so that neither side measures the compiler: a server that reads many halls back reads nearly all of them so.
        for (var i = 0; i < WarmUps; i++)
        {
            await ReplayAsync(journal);
            ReadBare(whole);
            await PauseAsync();
        }
        var (spent, bare) = (await SpentAsync(times, () => ReplayAsync(journal)), await SpentAsync(times, () => Task.FromResult(ReadBare(whole))));
        var (ours, theirs) = await Pairs.MeasureAsync(pairs,
            async () => await RateAsync(times, events, () => ReplayAsync(journal)),
            async () => await RateAsync(times, events, () => Task.FromResult(ReadBare(whole))));
        report.Add(new Ratio("R9", "decode and Evolve of a hall's whole day ÷ bare read of the same rows", Bound.Least(0.2),
            new("read, check, decode, Evolve", "events/s", ours), new("SELECT body, every byte looked at", "events/s", theirs)));
        report.Say(FormattableString.Invariant($"    {events:#,0} events of {Tickets:#,0} tickets; a ticket costs {spent.Cpu.TotalMicroseconds / times / Tickets:0.0} CPU µs and {spent.Allocated / times / Tickets:#,0} bytes allocated, read bare {bare.Cpu.TotalMicroseconds / times / Tickets:0.0} CPU µs"));

        await journal.DisposeAsync();
        for (var i = 0; i < WarmUps; i++)
        {
            await StartAsync(whole);
            await StartAsync(tail);
            await PauseAsync();
        }
        var (startTail, startWhole) = (await SpentAsync(times, () => StartAsync(tail)), await SpentAsync(times, () => StartAsync(whole)));
        // Faster is larger: both sides as starts a second.
        var (fromTail, fromWhole) = await Pairs.MeasureAsync(pairs, async () => 1 / (await StartAsync(tail)).TotalSeconds, async () => 1 / (await StartAsync(whole)).TotalSeconds);
        report.Add(new Ratio("R9-start", "open the store and load the hall, from snapshot and tail ÷ from the whole day", Bound.Least(5),
            new($"snapshot and {TailTickets * 4} events", "starts/s", fromTail), new($"{events:#,0} events", "starts/s", fromWhole)));
        report.Say(FormattableString.Invariant($"    a start costs {startTail.Cpu.TotalMilliseconds / times:0.0} CPU ms and {startTail.Allocated / times / 1024:#,0} KiB allocated, {startWhole.Cpu.TotalMilliseconds / times:0.0} CPU ms and {startWhole.Allocated / times / 1024:#,0} KiB from the whole day"));
        report.Say(FormattableString.Invariant($"peak memory of this process: {Cost.PeakMemoryMib:0} MiB"));
    }

    /// <summary>A day through the real engine, its files copied at the end of the day without a snapshot, and after a restart with a snapshot and a short tail.</summary>
    private static async Task PlayAsync(string folder, PackedDocument document, string whole, string tail)
    {
        var options = EngineOptions.Default with { Actor = new HallActorOptions(SnapshotEvery: int.MaxValue), CheckpointRecords = int.MaxValue };
        var slots = Town.Slots([document]);
        for (var start = 0; start < 2; start++)
        {
            await using var journal = SqliteJournal.Open(folder);
            await using var halls = await EmbeddedHalls.OpenAsync(journal, new HallClock(TimeProvider.System, Morning.AddHours(start)), options, NullLogger.Instance);
            var key = (UInt128)(uint)(start + 1) << 64;
            async Task SendAsync(HallCommand command, UInt128 id)
            {
                var answer = await halls.SendAsync(document.Settings.Hall, new HallRequest(command, "load", id, 7));
                if (answer.Status != AnswerStatus.Done) throw new InvalidOperationException($"{command}: {answer.Status} {answer.Refusal?.Code}");
            }
            if (start == 0)
            {
                await SendAsync(new ConfigureHall(0, document), 0);
                foreach (var slot in slots) await SendAsync(new OpenWindow(slot.Window, Actor.ChannelHall.Clerk(slot), null), 0);
            }
            await Task.WhenAll(slots.Select(slot => Task.Run(async () =>
            {
                var cycle = Actor.ChannelHall.Cycle(slot);
                for (var i = 0; i < (start == 0 ? Tickets : TailTickets) / slots.Length; i++)
                    foreach (var command in cycle) await SendAsync(command, (ulong)Interlocked.Increment(ref _keys) + key);
            })));
            // Everything answered is in these files, as a power cut would leave them.
            foreach (var file in Directory.EnumerateFiles(folder)) File.Copy(file, Path.Combine(start == 0 ? whole : tail, Path.GetFileName(file)));
        }
    }

    private static long _keys;

    private static async Task<long> ReplayAsync(SqliteJournal journal)
    {
        var state = new HallState();
        await foreach (var page in journal.ReadFromAsync(1, 0))
            foreach (var record in page) Hall.Evolve(state, EventCodec.Read(record.Type, record.Version, record.Payload.Span), new Instant(record.At), record.Sequence);
        return state.Sequence;
    }

    private static long ReadBare(string folder)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(folder, "journal.db"), Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        connection.Open();
        using var select = connection.CreateCommand();
        select.CommandText = "SELECT body FROM flushes ORDER BY position";
        using var rows = select.ExecuteReader();
        var sum = 0L;
        while (rows.Read())
            foreach (var b in rows.GetFieldValue<byte[]>(0)) sum += b;
        return sum;
    }

    // In which the compiler can do something about what it has seen to be hot.
    private static Task PauseAsync() => Task.Delay(30);

    private static async Task<double> RateAsync(int times, long events, Func<Task<long>> read)
    {
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < times; i++) await read();
        return events * times / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static async Task<Cost> SpentAsync<T>(int times, Func<Task<T>> work)
    {
        var before = Cost.Now;
        for (var i = 0; i < times; i++) await work();
        return Cost.Now - before;
    }

    private static async Task<TimeSpan> StartAsync(string folder)
    {
        var began = Stopwatch.GetTimestamp();
        await using var journal = SqliteJournal.Open(folder);
        var hall = (await journal.HallsAsync())[0];
        var actor = new HallActor(hall.Number, hall.Hall, TimeSpan.FromSeconds(30));
        actor.Loaded(await journal.ClaimAsync(hall.Number), await journal.ReadAsync(hall.Number), new Nowhere(), Instant.From(Morning.AddHours(2)));
        if (actor.Confirmed.Sequence != hall.Head.Sequence) throw new InvalidOperationException($"{hall.Hall} was loaded up to {actor.Confirmed.Sequence} instead of {hall.Head.Sequence}.");
        return Stopwatch.GetElapsedTime(began);
    }

    /// <summary>For a hall that is only loaded.</summary>
    private sealed class Nowhere : IRecorder
    {
        public bool HasRoom => true;
        public string? Unavailable => null;
        public void Append(ReadOnlySpan<byte> frames, int count) => throw new InvalidOperationException("Nothing is decided here.");
    }
}
