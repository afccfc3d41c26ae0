using System.Diagnostics;
using System.Threading.Channels;
using HallOps.Core.Calendars;
using HallOps.Core.Halls;
using HallOps.Load.Halls;
using HallOps.Load.Measuring;
using HallOps.Silo;
using HallOps.Silo.Embedded;
using HallOps.Silo.Journal;
using Microsoft.Extensions.Logging.Abstractions;

namespace HallOps.Load.Actor;

/// <summary>R5 of docs/benchmarks.md, and the memory of an idle hall.</summary>
internal static class ActorScenario
{
    // A very busy day of one hall.
    private const int Tickets = 4_000;

    // ARCHITECTURE and the plan's limit for a hall with nobody in it.
    private const double MostKibIdle = 96;

    public static async Task RunAsync(LoadOptions options, Report report)
    {
        var document = Town.Document(Town.Id(0));
        // Many short legs instead of a few long ones: whatever else the machine does for a while falls on few of them, and the median passes it over.
        var (days, pairs) = options.Quick ? (2, 3) : (4, 101);
        foreach (var callers in (int[])[8, 1])
        {
            Task<double> Ours() => NanosecondsAsync(days, () => HallDayAsync(document, callers));
            Task<double> Theirs() => NanosecondsAsync(days, () => BareDayAsync(callers));
            // Until the compiler has seen what is hot, with pauses in which it can do something about it.
            for (var i = 0; i < 8; i++)
            {
                await Ours();
                await Theirs();
                await Task.Delay(150);
            }
            var before = Cost.Now;
            await Ours();
            var spent = Cost.Now - before;
            var (ours, theirs) = await Pairs.MeasureAsync(pairs, Ours, Theirs);
            report.Add(new Ratio(callers == 1 ? "R5-alone" : "R5", $"one command through a hall's mailbox, all rules on, no journal ÷ a bare channel, {callers} caller{(callers == 1 ? "" : "s")}", callers == 1 ? null : Bound.Most(3),
                new("HallActor behind a channel", "ns", ours), new("bare Channel<T> with a TaskCompletionSource", "ns", theirs)));
            report.Say(FormattableString.Invariant($"    the hall's side a ticket: {spent.Cpu.TotalMicroseconds / (days * Tickets):0.0} CPU µs, {spent.Allocated / (double)(days * Tickets):#,0} bytes allocated"));
        }
        Breakdown(report, document, days * 3);
        await IdleAsync(options, report);
        report.Say(FormattableString.Invariant($"peak memory of this process: {Cost.PeakMemoryMib:0} MiB"));
    }

    /// <summary>The time of a command, from so many days with so many callers.</summary>
    private static async Task<double> NanosecondsAsync(int days, Func<Task<TimeSpan>> day)
    {
        var took = TimeSpan.Zero;
        for (var i = 0; i < days; i++) took += await day();
        return took.TotalNanoseconds / (days * Tickets * 4.0);
    }

    private static async Task<TimeSpan> HallDayAsync(PackedDocument document, int callers)
    {
        var hall = new ChannelHall(document);
        var mailbox = Mailbox<Ask>();
        var began = Stopwatch.GetTimestamp();
        var running = hall.RunAsync(mailbox.Reader);
        await Task.WhenAll(hall.Lines.Take(callers).Select(slot => Task.Run(async () =>
        {
            var cycle = ChannelHall.Cycle(slot);
            for (var i = 0; i < Tickets / callers; i++)
            {
                foreach (var command in cycle)
                {
                    var ask = Ask.For(new HallRequest(command, "load"));
                    var answered = ask.Task;
                    mailbox.Writer.TryWrite(ask);
                    var answer = await answered;
                    if (answer.Status != AnswerStatus.Done) throw new InvalidOperationException($"{command}: {answer.Status} {answer.Refusal?.Code}");
                }
            }
        })));
        mailbox.Writer.Complete();
        await running;
        return Stopwatch.GetElapsedTime(began);
    }

    private static async Task<TimeSpan> BareDayAsync(int callers)
    {
        var mailbox = Mailbox<TaskCompletionSource<long>>();
        var began = Stopwatch.GetTimestamp();
        var running = Task.Run(async () =>
        {
            var count = 0L;
            while (await mailbox.Reader.WaitToReadAsync())
                while (mailbox.Reader.TryRead(out var asked)) asked.SetResult(++count);
        });
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < Tickets / callers * 4; i++)
            {
                var asked = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
                mailbox.Writer.TryWrite(asked);
                await asked.Task;
            }
        })));
        mailbox.Writer.Complete();
        await running;
        return Stopwatch.GetElapsedTime(began);
    }

    private static Channel<T> Mailbox<T>() => Channel.CreateUnbounded<T>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Where the time of a command goes, on one thread: the rules alone, then the actor around them.</summary>
    private static void Breakdown(Report report, PackedDocument document, int days)
    {
        var (decide, evolve, reply, encode, actor) = (0L, 0L, 0L, 0L, 0L);
        for (var day = 0; day < days; day++)
        {
            var hall = new ChannelHall(document);
            var slots = hall.Lines;
            var cycles = slots.Select(ChannelHall.Cycle).ToArray();
            var began = Stopwatch.GetTimestamp();
            for (var i = 0; i < Tickets; i++)
                foreach (var command in cycles[i % slots.Length]) hall.Take(command);
            actor += Stopwatch.GetTimestamp() - began;

            var state = new HallState();
            var now = Instant.From(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.FromHours(8)));
            var (frames, payload, chain) = (new ByteWriter(), new ByteWriter(), UInt128.Zero);
            foreach (var command in (IEnumerable<HallCommand>)[new ConfigureHall(1, document), .. slots.Select(s => new OpenWindow(s.Window, ChannelHall.Clerk(s), null))])
                foreach (var @event in Hall.Decide(state, command, now).Events) Hall.Evolve(state, @event, now, state.Sequence + 1);
            for (var i = 0; i < Tickets; i++)
            {
                now += TimeSpan.FromSeconds(2);
                foreach (var command in cycles[i % slots.Length])
                {
                    var a = Stopwatch.GetTimestamp();
                    var decision = Hall.Decide(state, command, now);
                    var b = Stopwatch.GetTimestamp();
                    foreach (var @event in decision.Events) Hall.Evolve(state, @event, now, state.Sequence + 1);
                    var c = Stopwatch.GetTimestamp();
                    _ = Hall.ReplyTo(state, decision.Events);
                    var d = Stopwatch.GetTimestamp();
                    frames.Clear();
                    foreach (var @event in decision.Events)
                    {
                        payload.Clear();
                        var type = EventCodec.Write(payload, @event);
                        chain = RecordFrame.Write(frames, new JournalRecord(1, 1, state.Sequence, now.Milliseconds, true, "load", default, default, type, EventCodec.Version, default, default), payload.Written, chain);
                    }
                    var e = Stopwatch.GetTimestamp();
                    (decide, evolve, reply, encode) = (decide + b - a, evolve + c - b, reply + d - c, encode + e - d);
                }
            }
        }
        // Each reading of the clock costs about as much as a small step: taken off.
        var clock = ClockNanoseconds();
        double Each(long ticks) => ticks * 1e9 / Stopwatch.Frequency / (days * Tickets * 4.0);
        report.Say(FormattableString.Invariant($"where the time of a command goes (one thread): Decide {Each(decide) - clock:0} ns, Evolve {Each(evolve) - clock:0} ns, reply {Each(reply) - clock:0} ns, record, chain and checksum {Each(encode) - clock:0} ns; the whole actor {Each(actor):0} ns"));
    }

    private static double ClockNanoseconds()
    {
        const int Times = 1_000_000;
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < Times; i++) _ = Stopwatch.GetTimestamp();
        return Stopwatch.GetElapsedTime(began).TotalNanoseconds / Times;
    }

    /// <summary>Halls with nobody in them, loaded from a journal as after a restart, their journal and engine included, beside the process before.</summary>
    private static async Task IdleAsync(LoadOptions options, Report report)
    {
        var count = options.Quick ? 100 : 600;
        using var folder = new TempFolder();
        // Before anything of these halls is there: what the process that configured them leaves behind for a while is not to be taken off.
        var before = Settled();
        await ConfigureAsync(folder.Path, count);
        await using var journal = SqliteJournal.Open(folder.Path);
        await using var halls = await EmbeddedHalls.OpenAsync(journal, new HallClock(TimeProvider.System), Options, NullLogger.Instance);
        foreach (var hall in halls.Halls)
            if (await halls.ReadAsync(hall.Hall, new ReadBoard()) is null) throw new InvalidOperationException($"{hall.Hall} has no board.");
        var after = Settled();
        if (halls.Resident != count) throw new InvalidOperationException($"{halls.Resident} halls are in memory instead of {count}.");
        report.Limit($"an idle resident hall, mean of {count} with equal texts shared", (after - before) / 1024.0 / count, "KiB", MostKibIdle);
    }

    private static EngineOptions Options { get; } = EngineOptions.Default with { Actor = new HallActorOptions { Notices = new HolidayNotices(HolidayData.China) } };

    /// <summary>Bytes in use once everything that can go has gone, what only finalizers held included.</summary>
    private static long Settled()
    {
        for (var i = 0; i < 4; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static async Task ConfigureAsync(string folder, int count)
    {
        await using var journal = SqliteJournal.Open(folder);
        await using var halls = await EmbeddedHalls.OpenAsync(journal, new HallClock(TimeProvider.System), Options, NullLogger.Instance);
        foreach (var documents in Enumerable.Range(0, count).Select(i => Town.AsItIs(Town.Id(i))).Chunk(64))
            await Task.WhenAll(documents.Select(async d => await halls.SendAsync(d.Settings.Hall, new HallRequest(new ConfigureHall(0, d), "load"))));
    }
}
