using HallOps.Core.Halls;
using HallOps.Silo.Embedded;
using HallOps.Silo.Journal;
using HallOps.Silo.Scheduling;
using HallOps.Silo.Tests.Engine;
using HallOps.Silo.Tests.Journal;
using Microsoft.Extensions.Logging.Abstractions;

namespace HallOps.Silo.Tests.Scheduling;

/// <summary>The schedule over the real engine: what happens to halls that nobody looks at.</summary>
public sealed class SleepingHallTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly DateTimeOffset Midnight = new(2026, 11, 24, 0, 0, 0, TimeSpan.FromHours(8));
    private readonly TestFolder _folder = new();
    private readonly DuePokes _due = new();
    private readonly ManualTimeProvider _time = new(Midnight.AddMinutes(-20));
    // At once: these halls are asleep as soon as nothing is due within the hour.
    private TimeSpan _idleAfter = TimeSpan.FromSeconds(30);
    private SqliteJournal _journal = null!;
    private EmbeddedHalls _halls = null!;
    private PokeSchedule _schedule = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _journal = SqliteJournal.Open(_folder.At);
        var clock = new HallClock(_time);
        _halls = await EmbeddedHalls.OpenAsync(_journal, clock, EngineOptions.Default with { IdleAfter = _idleAfter }, NullLogger.Instance, cancel: Cancel);
        _schedule = new PokeSchedule(clock, NullLoggerFactory.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _folder.Dispose();
    }

    private async Task CloseAsync()
    {
        await _schedule.DisposeAsync();
        await _halls.DisposeAsync();
        await _journal.DisposeAsync();
    }

    [Fact]
    public async Task F8_MidnightOverHallsAsleep_EndsEachDayAtItsMoment()
    {
        var town = await ConfigureAsync("rudong-town");
        var village = await ConfigureAsync("rudong-village");
        await RestartAsync();
        Assert.Equal(0, _halls.Resident);
        await _schedule.StartAsync(_halls, [], [(town, Instant.From(Midnight)), (village, Instant.From(Midnight))], Cancel);

        await Until(() => _schedule.Read().Pokes.Count == 2, TimeSpan.FromSeconds(10), "both poked at midnight");

        foreach (var number in new uint[] { 1, 2 })
        {
            var ended = Assert.Single(await HistoryAsync(number), r => r.Event is DayEnded);
            Assert.Equal(Instant.From(Midnight), ended.At);
        }
        Assert.All(_schedule.Read().Pokes, p => Assert.Equal((PokeResult.Done, Instant.From(Midnight)), (p.Result, p.PlannedAt)));
        // Each at the first moment of its own calendar: numbers from a quarter past eight in town, doors at half past in the village.
        Assert.Equal([(town, Instant.From(Midnight.AddHours(8.25))), (village, Instant.From(Midnight.AddHours(8.5)))], _schedule.Read().Halls.Select(h => (h.Hall, h.PokeAt!.Value)).OrderBy(h => h.Hall.Value));
        await Until(() => _halls.Resident == 0, TimeSpan.FromSeconds(10), "both asleep again");
    }

    [Fact]
    public async Task Snapshots_OfDaysThatEnded_AreWrittenOnceByTheHourlyWork()
    {
        _idleAfter = TimeSpan.FromHours(1);
        await RestartAsync();
        var town = await ConfigureAsync("rudong-town");
        var work = new EndedDaySnapshots(_halls);
        // The first day has no snapshot before it.
        Assert.Equal("1 halls whose day had ended", await work.RunAsync(Cancel));
        Assert.Equal("0 halls whose day had ended", await work.RunAsync(Cancel));
        _time.Advance(TimeSpan.FromMinutes(25));
        await _halls.SendAsync(town, new HallRequest(new Poke(), "test"), Cancel);

        Assert.Equal("1 halls whose day had ended", await work.RunAsync(Cancel));
        Assert.Equal("0 halls whose day had ended", await work.RunAsync(Cancel));
        await Until(() => _journal.ReadAsync(1, Cancel).AsTask().GetAwaiter().GetResult() is { Snapshot: { } snapshot, Head: var head } && snapshot.Sequence == head.Sequence, TimeSpan.Zero, "the snapshot durable");
    }

    private async Task<HallId> ConfigureAsync(string sample)
    {
        var document = PackedDocument.Pack(HallDocument.Minify(await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, $"samples/halls/{sample}.json"), Cancel)));
        Assert.Equal(AnswerStatus.Done, (await _halls.SendAsync(document.Settings.Hall, new HallRequest(new ConfigureHall(0, document), "test"), Cancel)).Status);
        return document.Settings.Hall;
    }

    private async Task RestartAsync()
    {
        await CloseAsync();
        await InitializeAsync();
    }

    private async Task<List<(Instant At, HallEvent Event)>> HistoryAsync(uint hall)
    {
        var history = new List<(Instant, HallEvent)>();
        await foreach (var page in _journal.ReadFromAsync(hall, 0, Cancel))
            foreach (var record in page) history.Add((new Instant(record.At), EventCodec.Read(record.Type, record.Version, record.Payload.Span)));
        return history;
    }

    private async Task Until(Func<bool> isSo, TimeSpan step, string what)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!isSo())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Patience, $"expected {what}; it is {_time.GetUtcNow():O}, {_halls.Resident} in memory, poked {string.Join(", ", _schedule.Read().Pokes)}");
            if (step > TimeSpan.Zero && !_due.Any(_schedule, Instant.From(_time.GetUtcNow()))) _time.Advance(step);
            await Task.Delay(5, Cancel);
        }
    }
}
