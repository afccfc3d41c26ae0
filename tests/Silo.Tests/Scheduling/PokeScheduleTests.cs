using HallOps.Core.Halls;
using HallOps.Silo.Projections;
using HallOps.Silo.Scheduling;
using HallOps.Silo.Tests.Engine;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace HallOps.Silo.Tests.Scheduling;

/// <summary>The schedule with real Quartz on a driven clock.</summary>
public sealed class PokeScheduleTests : IAsyncLifetime
{
    private static readonly HallId A = new("a"), B = new("b");
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 9, 0, 0, TimeSpan.FromHours(8));
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly ManualTimeProvider _time = new(Start);
    private readonly DuePokes _due = new();
    private HallClock _clock = null!;
    private ListedHalls _halls = null!;
    private PokeSchedule _schedule = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        Use(new HallClock(_time));
        return default;
    }

    public ValueTask DisposeAsync() => _schedule.DisposeAsync();

    [Fact]
    public async Task Hall_IsPokedAtItsMomentAndThenAtItsNext()
    {
        Due(A, 600, 7_200, 86_400);
        Due(B, 1_200, 100_000);
        await StartAsync();
        Assert.Equal([(A, Sec(600)), (B, Sec(1_200))], _schedule.Read().Halls.Select(h => (h.Hall, h.PokeAt!.Value)));

        _time.Advance(TimeSpan.FromSeconds(599));
        await Settle();
        Assert.Empty(_halls.Poked);
        await PokedAsync(1, TimeSpan.FromSeconds(1));
        Assert.Equal((A, Sec(600)), _halls.Poked.Single());
        await PokedAsync(2, TimeSpan.FromSeconds(100));
        await PokedAsync(3, TimeSpan.FromSeconds(100));

        Assert.Equal([(A, Sec(600)), (B, Sec(1_200)), (A, Sec(7_200))], _halls.Poked);
        var reading = _schedule.Read();
        Assert.Equal((A, Sec(86_400), Sec(86_400)), reading.Halls.Where(h => h.Hall == A).Select(h => (h.Hall, h.NextAt!.Value, h.PokeAt!.Value)).Single());
        Assert.Equal([(A, Sec(7_200)), (B, Sec(1_200)), (A, Sec(600))], reading.Pokes.Select(p => (p.Hall, p.PlannedAt)));
        Assert.All(reading.Pokes, p => Assert.Equal((PokeResult.Done, TimeSpan.Zero, p.PlannedAt), (p.Result, p.Late, p.DoneAt)));
        Assert.Empty(_schedule.Problems);
    }

    [Fact]
    public async Task Moments_ThatPassedWhileNobodyWasThere_ArePokedAtOnceAndCountAsOnTime()
    {
        Due(A, -86_400, 3_600);
        await StartAsync();
        await PokedAsync(1, TimeSpan.Zero);

        Assert.Equal((A, Sec(0)), _halls.Poked.Single());
        Assert.Equal((Sec(-86_400), TimeSpan.Zero), _schedule.Read().Pokes.Select(p => (p.PlannedAt, p.Late)).Single());
        Assert.Empty(_schedule.Problems);
    }

    [Fact]
    public async Task Listing_WithAnEarlierMoment_BringsThePokeForwardAndALaterOneDoesNotPutItOff()
    {
        Due(A, 3_600);
        await StartAsync();
        // A notice that ends sooner; then it is taken down again.
        Due(A, 1_800, 3_600);
        await _schedule.ListedAsync([Listing(A, Sec(1_800))], Cancel);
        await _schedule.ListedAsync([Listing(A, Sec(3_600))], Cancel);
        Assert.Equal(Sec(1_800), _schedule.Read().Halls.Single().PokeAt);

        await PokedAsync(1, TimeSpan.FromSeconds(60));
        await PokedAsync(2, TimeSpan.FromSeconds(60));
        Assert.Equal([Sec(1_800), Sec(3_600)], _halls.Poked.Select(p => p.At));
    }

    [Fact]
    public async Task Listing_OfAHallThatIsNew_IsPlanned()
    {
        await StartAsync();
        Due(B, 60, 3_600);
        await _schedule.ListedAsync([Listing(B, Sec(60))], Cancel);
        await PokedAsync(1, TimeSpan.FromSeconds(1));
        Assert.Equal((B, Sec(60)), _halls.Poked.Single());
    }

    [Fact]
    public async Task Hall_WithMomentsEverySecond_IsPokedOnceAMinute()
    {
        Due(A, [.. Enumerable.Range(1, 400)]);
        await StartAsync();
        for (var second = 0; second < 240; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            if (Due(A) is { } next) await _schedule.ListedAsync([Listing(A, next)], Cancel);
            await Settle();
        }
        Assert.InRange(_halls.Poked.Count, 3, 5);
    }

    [Fact]
    public async Task Hall_ThatCannotAnswer_IsToldAndPokedAgainAMinuteLater()
    {
        Due(A, 60, 3_600);
        _halls.Answers = _ => AnswerStatus.Quarantined;
        await StartAsync();
        await PokedAsync(1, TimeSpan.FromSeconds(1));
        Assert.Equal(PokeResult.Failed, _schedule.Read().Pokes.Single().Result);
        _halls.Answers = _ => AnswerStatus.Done;
        await PokedAsync(2, TimeSpan.FromSeconds(1));
        Assert.Equal([Sec(60), Sec(120)], _halls.Poked.Select(p => p.At));
        Assert.Equal(Sec(3_600), _schedule.Read().Halls.Single().PokeAt);
    }

    [Fact]
    public async Task Hall_ThatNeverAnswers_HoldsUpNoOther()
    {
        Due(A, 60);
        Due(B, 90, 3_600);
        _halls.Answers = hall => hall == A ? null : AnswerStatus.Done;
        await StartAsync();
        await Until(() => _schedule.Read().Pokes.Any(p => p.Hall == B && p.Result == PokeResult.Done), TimeSpan.FromSeconds(1), "the other hall's poke");
        await Until(() => _schedule.Read().Pokes.Any(p => p.Hall == A && p.Result == PokeResult.Failed), TimeSpan.FromSeconds(1), "the poke given up after 30 s");
    }

    [Fact]
    public async Task Pokes_ThatDoNotCome_AreAProblemThatGoesAwayWithThem()
    {
        Due(A, 60);
        await StartAsync();
        await _schedule.DisposeAsync();
        _time.Advance(TimeSpan.FromSeconds(119));
        Assert.Empty(_schedule.Problems);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("The schedule stands still: a should have been poked more than 60 s ago.", Assert.Single(_schedule.Problems));
    }

    [Fact]
    public void Poke_ThatCameLate_IsToldForTenMinutes()
    {
        var book = new PokeBook(_clock);
        Assert.Equal(Sec(60), book.Hear(A, Sec(60)));
        book.Planned(A, Sec(60));
        _time.Advance(TimeSpan.FromSeconds(150));
        var planned = book.Begin(A);
        book.Planned(A, book.Done(A, planned, Sec(86_400)));
        Assert.Equal("Pokes of the last 10 minutes came late, by up to 90 s: a.", Assert.Single(book.Problems));
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Empty(book.Problems);
    }

    [Fact]
    public void Pokes_AreKeptWithinABound()
    {
        var book = new PokeBook(_clock);
        for (var n = 0; n < PokeBook.MaxPokes + 10; n++) book.Planned(A, book.Done(A, book.Begin(A), Sec(n)));
        Assert.Equal(PokeBook.MaxPokes, book.Read().Pokes.Count);
    }

    [Fact]
    public async Task F7_ClockForward_PokesWhatItPassedOverAtOnceAndNotAsLate()
    {
        Due(A, 3 * 3_600, 30 * 3_600);
        await StartAsync();
        _time.Step(TimeSpan.FromHours(6));
        _clock.Compare();
        _time.Advance(TimeSpan.FromSeconds(60));
        await Settle();
        Assert.Empty(_halls.Poked);
        _clock.Compare();

        await PokedAsync(1, TimeSpan.Zero);
        Assert.Equal(TimeSpan.Zero, _schedule.Read().Pokes.Single().Late);
        Assert.Empty(_schedule.Problems);
    }

    [Fact]
    public async Task Demonstration_AtSixtyTimesTheSpeed_IsPokedOnTheHallsTime()
    {
        await _schedule.DisposeAsync();
        Use(new HallClock(_time, Start, 60));
        Due(A, 3_600, 7_200, 86_400);
        await StartAsync();
        _time.Advance(TimeSpan.FromSeconds(59));
        await Settle();
        Assert.Empty(_halls.Poked);
        await PokedAsync(1, TimeSpan.FromSeconds(1));
        await PokedAsync(2, TimeSpan.FromSeconds(1));
        Assert.Equal([Sec(3_600), Sec(7_200)], _halls.Poked.Select(p => p.At));
    }

    [Fact]
    public async Task Work_RunsHourlyAndAFailureIsToldUntilItWorksAgain()
    {
        var work = new CountedWork();
        await StartAsync(work);
        // It is 09:00: the first run is at 09:10.
        Assert.Equal(Sec(600), _schedule.Read().WorkAt);
        await WorkedAsync(Sec(4_200), "the first run");
        Assert.Equal(1, work.Runs);
        Assert.Equal(new DoneWork("counted", Sec(600), true, "the first one fails"), _schedule.Read().Work.Single());
        Assert.Equal("The hourly work \"counted\" failed and is tried again within an hour: the first one fails", Assert.Single(_schedule.Problems));
        await WorkedAsync(Sec(7_800), "the second run");
        Assert.Equal(new DoneWork("counted", Sec(4_200), false, "2 runs"), _schedule.Read().Work.Single());
        Assert.Empty(_schedule.Problems);
    }

    [Fact]
    public async Task SevenHundredAndFiftyThreeHalls_AreScheduledWithinTwoSeconds()
    {
        await using var connection = new SqliteConnection("Data Source=:memory:");
        await connection.OpenAsync(Cancel);
        await using (var fill = connection.CreateCommand())
        {
            fill.CommandText = "CREATE TABLE halls (number INTEGER PRIMARY KEY, hall TEXT NOT NULL, next_at INTEGER); "
                + $"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 753) INSERT INTO halls SELECT i, 'hall' || i, {Sec(0).Milliseconds} + 60000 * (i + 60) FROM n; "
                + "INSERT INTO halls VALUES (754, 'unknown', NULL)";
            await fill.ExecuteNonQueryAsync(Cancel);
        }
        var began = TimeProvider.System.GetTimestamp();
        await _schedule.StartAsync(_halls, [], await HallMoments.ReadAsync(connection, Cancel), Cancel);
        var took = TimeProvider.System.GetElapsedTime(began);

        Assert.Equal(753, _schedule.Read().Halls.Count(h => h.PokeAt is not null));
        Assert.True(took < TimeSpan.FromSeconds(2), $"753 halls took {took.TotalMilliseconds:0} ms to schedule.");
        TestContext.Current.TestOutputHelper?.WriteLine($"{took.TotalMilliseconds:0} ms");
        Assert.Empty(_halls.Poked);
    }

    [Fact]
    public async Task RealTime_WithoutAHandOnTheClock_Rings()
    {
        await _schedule.DisposeAsync();
        Use(new HallClock(TimeProvider.System));
        var at = _clock.Now + TimeSpan.FromMilliseconds(300);
        _halls.Due[A] = new([at, at + TimeSpan.FromDays(1)]);
        await StartAsync();
        await Until(() => _schedule.Read().Pokes.Count == 1, TimeSpan.Zero, "a poke in real time");
        Assert.InRange((_halls.Poked.Single().At - at).TotalMilliseconds, 0, 10_000);
    }

    private void Use(HallClock clock)
    {
        _clock = clock;
        _halls = new ListedHalls(clock);
        _schedule = new PokeSchedule(clock, NullLoggerFactory.Instance);
    }

    private static Instant Sec(int seconds) => Instant.From(Start) + TimeSpan.FromSeconds(seconds);

    private void Due(HallId hall, params int[] seconds) => _halls.Due[hall] = new(seconds.Select(Sec));

    private Instant? Due(HallId hall) => _halls.Due[hall].TryPeek(out var next) ? next : null;

    private async Task StartAsync(params IHousekeeping[] work) =>
        await _schedule.StartAsync(_halls, work, [.. _halls.Due.Where(d => !d.Value.IsEmpty).Select(d => (d.Key, d.Value.First()))], Cancel);

    private static HallListing Listing(HallId hall, Instant next) => new(hall.Value, new Text("大厅", null), [], null, HallKind.Full, null, true, 0, null, next, 1);

    /// <summary>Lets Quartz do what it has to do by now; no test fails for its being too short.</summary>
    private static Task Settle() => Task.Delay(20, Cancel);

    /// <summary>Lets time pass until so many pokes are done, and stand still while one is due or under way.</summary>
    private Task PokedAsync(int count, TimeSpan step) => Until(() =>
    {
        if (_due.Any(_schedule, _clock.Now)) return false;
        if (_schedule.Read().Pokes.Count >= count) return true;
        _time.Advance(step);
        return false;
    }, TimeSpan.Zero, $"poke {count}");

    /// <summary>Lets time pass, standing still while the work is due or under way, until it is planned for its next moment.</summary>
    private Task WorkedAsync(Instant next, string what) => Until(() =>
    {
        if (_schedule.Read().WorkAt == next) return true;
        if (!_due.Any(_schedule, _clock.Now)) _time.Advance(TimeSpan.FromMinutes(1));
        return false;
    }, TimeSpan.Zero, what);

    private async Task Until(Func<bool> isSo, TimeSpan step, string what)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!isSo())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Patience, $"expected {what}; it is {_clock.Now}, poked {string.Join(", ", _halls.Poked)}, planned {string.Join(", ", _schedule.Read().Halls)}");
            if (step > TimeSpan.Zero) _time.Advance(step);
            await Settle();
        }
    }

    private sealed class CountedWork : IHousekeeping
    {
        public int Runs { get; private set; }

        public string Name => "counted";

        public Task<string> RunAsync(CancellationToken cancel) => ++Runs == 1 ? throw new IOException("the first one fails") : Task.FromResult($"{Runs} runs");
    }
}
