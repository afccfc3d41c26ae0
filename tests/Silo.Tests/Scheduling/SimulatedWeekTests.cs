using HallOps.Core.Halls;
using HallOps.Silo.Embedded;
using HallOps.Silo.Journal;
using HallOps.Silo.Scheduling;
using HallOps.Silo.Tests.Engine;
using HallOps.Silo.Tests.Journal;
using Microsoft.Extensions.Logging.Abstractions;

namespace HallOps.Silo.Tests.Scheduling;

/// <summary>A week of rudong-town through the real engine, a real journal and real Quartz on a driven clock.</summary>
public sealed class SimulatedWeekTests
{
    private static readonly TimeZoneInfo Zone = TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai");
    private static readonly DateOnly Monday = new(2026, 11, 23);
    private static readonly WindowId Window = new("1");
    private static readonly Clerk Clerk = new("li", null, false);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Week_OfAHallThatMostlySleeps_EndsEachDayAtItsMidnightAndOnce()
    {
        var week = await PlayAsync(new Random(1), restarts: 0);
        Assert.Equal(Enumerable.Range(1, 7).Select(n => Instant.From(Local(Monday.AddDays(n), 0))), week.Where(r => r.Event is DayEnded).Select(r => r.At));
        // Some service every day, whatever time did to the rest; on Sunday only for those who booked.
        Assert.Equal(6, week.Where(r => r.Event is ServiceFinished).Select(r => Day(r.At)).Distinct().Count());
    }

    [Fact]
    public async Task Week_ReachesEveryMomentOfItsCalendar_AtItsInstantAndOnce()
    {
        var week = await PlayAsync(new Random(2), restarts: 3);
        var expected = new List<Instant> { Instant.From(Local(Monday, 7)) };
        for (var n = 0; n < 7; n++)
        {
            string[] moments = n < 5 ? ["08:15", "08:30", "11:50", "12:00", "13:30", "16:50", "17:00", "18:00"] : n == 5 ? ["08:15", "08:30", "11:30"] : ["09:00", "11:00"];
            expected.AddRange(moments.Select(m => TimeOnly.Parse(m, System.Globalization.CultureInfo.InvariantCulture)).Select(t => Instant.From(Local(Monday.AddDays(n), t.Hour, t.Minute))));
            expected.Add(Instant.From(Local(Monday.AddDays(n + 1), 0)));
        }
        Assert.Equal(expected, week.Where(r => r.Event is ScheduleReached).Select(r => r.At));

        // Somebody signed in at window 9 on Monday at seven and never left. It is in the first of the two groups at lunch, has nobody to serve in extended hours, and opens on Saturday.
        var moves = week.Where(r => r.Event is WindowPaused { Window.Value: "9", Reason: PauseReason.Schedule } or WindowResumed { Window.Value: "9" }).Select(r => (r.Event is WindowResumed, r.At)).ToList();
        var wanted = new List<(bool, Instant)> { (false, At(0, 7, 0)) };
        for (var n = 0; n < 6; n++)
        {
            wanted.Add((true, At(n, 8, 30)));
            if (n == 5) wanted.Add((false, At(n, 11, 30)));
            if (n == 5) continue;
            // Workdays of the year before it, by the data: 1 January 2026 is a Thursday and a holiday.
            if (WorkdaysBefore(Monday.AddDays(n)) % 2 == 1) wanted.AddRange([(false, At(n, 12, 0)), (true, At(n, 13, 30))]);
            wanted.Add((false, At(n, 17, 0)));
        }
        Assert.Equal(wanted, moves);

        static Instant At(int day, int hour, int minute) => Instant.From(Local(Monday.AddDays(day), hour, minute));
    }

    /// <summary>Earlier dates of the year on which the winter's lunch session holds: workdays of January to May and from October on. The holidays announced are none here.</summary>
    private static int WorkdaysBefore(DateOnly date)
    {
        var count = 0;
        for (var day = new DateOnly(date.Year, 1, 1); day < date; day = day.AddDays(1))
            if (day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday) && day.Month is (<= 5 or >= 10)) count++;
        return count;
    }

    [Fact]
    public async Task Week_WithRandomRestarts_EndsAsTheSameWeekWithout()
    {
        var seed = Environment.TickCount;
        var plain = await PlayAsync(new Random(seed), restarts: 0);
        var restarted = await PlayAsync(new Random(seed + 1), restarts: 40);
        Assert.True(plain.Count == restarted.Count, $"seed {seed}: {plain.Count} events and {restarted.Count}");
        for (var i = 0; i < plain.Count; i++) Assert.True((plain[i].At, plain[i].Payload) == (restarted[i].At, restarted[i].Payload) && plain[i].Event.GetType() == restarted[i].Event.GetType(), $"seed {seed}, event {i + 1}: {plain[i]} and {restarted[i]}");
    }

    /// <summary>Plays the week, time passing in random strides, and says what the journal has of it.</summary>
    private static async Task<List<(Instant At, HallEvent Event, string Payload)>> PlayAsync(Random random, int restarts)
    {
        using var folder = new TestFolder();
        var time = new ManualTimeProvider(Local(Monday, 7));
        await using var run = new Run(folder, time);
        await run.OpenAsync([]);
        var document = PackedDocument.Pack(HallDocument.Minify(await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "samples/halls/rudong-town.json"), Cancel)));
        var hall = document.Settings.Hall;
        var service = document.Settings.Services.First(s => s.Line.Value == "livelihood").Service;
        await run.SendAsync(hall, new ConfigureHall(0, document));
        await run.ListAsync(hall);

        await run.SendAsync(hall, new OpenWindow(new WindowId("9"), new Clerk("all-week", null, false), null));
        await run.ListAsync(hall);

        var script = Enumerable.Range(0, 7).SelectMany(day => Script(Monday.AddDays(day), service)).ToList();
        foreach (var (at, command) in script)
        {
            while (time.GetUtcNow() < at)
            {
                var stride = TimeSpan.FromSeconds(Math.Min(random.Next(1, 3 * 3_600), (at - time.GetUtcNow()).TotalSeconds));
                time.Leap(stride);
                await run.SettleAsync();
                if (random.Next(script.Count * 2) < restarts) await run.RestartAsync();
            }
            await run.SendAsync(hall, command);
            await run.ListAsync(hall);
        }
        while (time.GetUtcNow() < Local(Monday.AddDays(7), 1))
        {
            time.Leap(TimeSpan.FromMinutes(30));
            await run.SettleAsync();
        }
        return await run.HistoryAsync();
    }

    /// <summary>A quiet day: people come, some are served, one number is left over for the end of the day.</summary>
    private static IEnumerable<(DateTimeOffset At, HallCommand Command)> Script(DateOnly day, ServiceId service)
    {
        var issue = new IssueTicket(service, null, Grants.Self, null, null, TicketSource.Kiosk, null, false, null);
        yield return (Local(day, 9, 10), new OpenWindow(Window, Clerk, null));
        yield return (Local(day, 9, 20), issue);
        yield return (Local(day, 9, 30), issue with { Printed = false });
        yield return (Local(day, 9, 40), new CallNext(Window, Clerk));
        yield return (Local(day, 9, 50), new Next(Window, Clerk, null, null));
        yield return (Local(day, 10, 0), issue);
        yield return (Local(day, 10, 30), new CloseWindow(Window, Clerk));
    }

    private static DateTimeOffset Local(DateOnly day, int hour, int minute = 0) => new(day.ToDateTime(new TimeOnly(hour, minute)), Zone.GetUtcOffset(day.ToDateTime(new TimeOnly(hour, minute))));

    private static DateOnly Day(Instant at) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at.ToDateTimeOffset(), Zone).DateTime);

    private sealed class Run(TestFolder folder, ManualTimeProvider time) : IAsyncDisposable
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
        private readonly DuePokes _due = new();
        private HallClock _clock = null!;
        private SqliteJournal _journal = null!;
        private EmbeddedHalls _halls = null!;
        private PokeSchedule _schedule = null!;

        /// <param name="moments">What the list of halls had.</param>
        public async Task OpenAsync(IReadOnlyList<(HallId, Instant)> moments)
        {
            _journal = SqliteJournal.Open(folder.At);
            _clock = new HallClock(time);
            _halls = await EmbeddedHalls.OpenAsync(_journal, _clock, EngineOptions.Default, NullLogger.Instance, cancel: Cancel);
            _schedule = new PokeSchedule(_clock, NullLoggerFactory.Instance);
            await _schedule.StartAsync(_halls, [new EndedDaySnapshots(_halls)], moments, Cancel);
        }

        public async Task RestartAsync()
        {
            var moments = _schedule.Read().Halls.Select(h => (h.Hall, h.NextAt!.Value)).ToList();
            await DisposeAsync();
            await OpenAsync(moments);
        }

        public async Task SendAsync(HallId hall, HallCommand command)
        {
            var answer = await _halls.SendAsync(hall, new HallRequest(command, "test"), Cancel);
            Assert.True(answer.Status is AnswerStatus.Done or AnswerStatus.Refused, $"{command}: {answer}");
        }

        /// <summary>As the projection does after a hall changed.</summary>
        public async Task ListAsync(HallId hall) => await _schedule.ListedAsync([(await _halls.ReadAsync(hall, new ReadListing(), Cancel))!], Cancel);

        /// <summary>Waits until every poke that is due is done.</summary>
        public async Task SettleAsync()
        {
            var started = TimeProvider.System.GetTimestamp();
            while (_due.Any(_schedule, _clock.Now))
            {
                Assert.True(TimeProvider.System.GetElapsedTime(started) < Patience, $"it is {_clock.Now}: {string.Join(", ", _schedule.Read().Halls)}");
                await Task.Delay(1, Cancel);
            }
        }

        public async Task<List<(Instant, HallEvent, string)>> HistoryAsync()
        {
            var history = new List<(Instant, HallEvent, string)>();
            await foreach (var page in _journal.ReadFromAsync(1, 0, Cancel))
                foreach (var record in page) history.Add((new Instant(record.At), EventCodec.Read(record.Type, record.Version, record.Payload.Span), Convert.ToHexString(record.Payload.Span)));
            return history;
        }

        public async ValueTask DisposeAsync()
        {
            await _schedule.DisposeAsync();
            await _halls.DisposeAsync();
            await _journal.DisposeAsync();
        }
    }
}
