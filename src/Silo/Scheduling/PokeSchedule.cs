using HallOps.Core.Halls;
using HallOps.Silo.Projections;
using Microsoft.Extensions.Logging;

namespace HallOps.Silo.Scheduling;

/// <summary>
/// Pokes each hall at the next moment that its state names, so that halls asleep do what is due; and does the hourly work. A poke only says that time has passed: the hall applies what is due, each
/// event with its own moment, so that a late, double or missing poke does no harm. The moments come from the list of halls, at the start and whenever it changes, and from each poke's answer.
/// </summary>
public sealed partial class PokeSchedule : IHallListings, IAsyncDisposable
{
    /// <summary>Who pokes, in what a hall is told.</summary>
    public const string Actor = "schedule";

    // Real time; longer than a load of a hall and a flush take.
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(30);

    private const string Work = "work";
    private const string Wake = "wake";
    private const string HallKey = "hall/";

    // Off the full hour, when halls open and close.
    private static readonly TimeSpan WorkEvery = TimeSpan.FromHours(1), WorkAfter = TimeSpan.FromMinutes(10);

    private readonly HallClock _clock;
    private readonly ILogger _log;
    private readonly PokeBook _book;
    private readonly Alarms _alarms;
    private readonly CancellationTokenSource _stop = new();
    private IHalls? _halls;
    private IReadOnlyList<IHousekeeping> _work = [];
    private volatile bool _disposed;

    public PokeSchedule(HallClock clock, ILoggerFactory loggers)
    {
        (_clock, _log) = (clock, loggers.CreateLogger<PokeSchedule>());
        _book = new PokeBook(clock);
        _alarms = new Alarms(clock, RingAsync, loggers);
    }

    /// <summary>What is wrong now, a sentence each; halls record all the same.</summary>
    public IReadOnlyList<string> Problems => _book.Problems;

    public ScheduleReading Read() => _book.Read();

    /// <summary>Begins to poke. Before the list of halls says anything new.</summary>
    /// <param name="moments">The next moment of each hall as the list has it; those it lacks are told later.</param>
    public async Task StartAsync(IHalls halls, IReadOnlyList<IHousekeeping> work, IReadOnlyList<(HallId Hall, Instant NextAt)> moments, CancellationToken cancel)
    {
        (_halls, _work) = (halls, work);
        await _alarms.StartAsync(cancel);
        await HearAsync(moments, cancel);
        await PlanWorkAsync(NextWork(), cancel);
        _clock.Stepped += LookAgain;
    }

    /// <summary>What the list of halls says of them now, read again where others write it too.</summary>
    public async ValueTask HearAsync(IReadOnlyList<(HallId Hall, Instant NextAt)> moments, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(moments);
        if (_disposed) return;
        foreach (var (hall, nextAt) in moments) await HearAsync(hall, nextAt, cancel);
    }

    public async ValueTask ListedAsync(IReadOnlyList<HallListing> listings, CancellationToken cancel)
    {
        if (_disposed) return;
        foreach (var listing in listings)
            if (listing.NextAt is { } nextAt) await HearAsync(new HallId(listing.Hall), nextAt, cancel);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true)) return;
        _clock.Stepped -= LookAgain;
        await _stop.CancelAsync();
        await _alarms.DisposeAsync();
        _stop.Dispose();
    }

    private async ValueTask HearAsync(HallId hall, Instant nextAt, CancellationToken cancel)
    {
        if (_book.Hear(hall, nextAt) is { } at) await PlanAsync(hall, at, cancel);
    }

    private async ValueTask PlanAsync(HallId hall, Instant at, CancellationToken cancel)
    {
        try
        {
            _book.Planned(hall, await _alarms.SetAsync(HallKey + hall, at, cancel));
        }
        catch (Exception broken) when (broken is not OperationCanceledException)
        {
            // The plan stays as it was: where that is in the past, the problems say so.
            if (!_disposed) LogNotPlanned(_log, broken, hall.Value);
        }
    }

    private async Task RingAsync(string key, CancellationToken cancel)
    {
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, _stop.Token);
            if (key == Work) await WorkAsync(either.Token);
            else if (key != Wake) await PokeAsync(new HallId(key[HallKey.Length..]), either.Token);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The next start reads where each hall is.
        }
        catch (Exception broken)
        {
            LogRang(_log, broken, key);
        }
    }

    private async Task PokeAsync(HallId hall, CancellationToken cancel)
    {
        var planned = _book.Begin(hall);
        Instant? next = null;
        try
        {
            next = await AskAsync(hall, cancel);
        }
        catch (Exception failed) when (failed is TimeoutException or HallUnavailableException)
        {
            LogNotPoked(_log, hall.Value, failed.Message);
        }
        await PlanAsync(hall, _book.Done(hall, planned, next), cancel);
    }

    /// <returns>The hall's next moment; null: it could not be poked.</returns>
    private async Task<Instant?> AskAsync(HallId hall, CancellationToken cancel)
    {
        var answer = await _halls!.SendAsync(hall, new HallRequest(new Poke(), Actor), cancel).AsTask().WaitAsync(AnswerWithin, _clock.Real, cancel);
        if (answer.Status == AnswerStatus.Done) return await _halls.ReadAsync(hall, new ReadNextAt(), cancel).AsTask().WaitAsync(AnswerWithin, _clock.Real, cancel);
        LogNotPoked(_log, hall.Value, answer.Status.ToString());
        return null;
    }

    private async Task WorkAsync(CancellationToken cancel)
    {
        var next = NextWork();
        foreach (var work in _work)
        {
            DoneWork done;
            try
            {
                done = new DoneWork(work.Name, _clock.Now, false, await work.RunAsync(cancel));
            }
            catch (Exception failed) when (!cancel.IsCancellationRequested)
            {
                LogWorkFailed(_log, failed, work.Name);
                done = new DoneWork(work.Name, _clock.Now, true, failed.Message);
            }
            _book.Worked(done);
        }
        await PlanWorkAsync(next, cancel);
    }

    private async ValueTask PlanWorkAsync(Instant at, CancellationToken cancel)
    {
        _book.WorkPlanned(at);
        await _alarms.SetAsync(Work, at, cancel);
    }

    private Instant NextWork()
    {
        var now = _clock.Now.Milliseconds;
        var (every, after) = ((long)WorkEvery.TotalMilliseconds, (long)WorkAfter.TotalMilliseconds);
        return new Instant(now - (now - after) % every + every);
    }

    /// <summary>Quartz waits by timers that know nothing of a jump: an alarm of its own makes it look at once.</summary>
    internal void LookAgain() => _ = Task.Run(async () =>
    {
        try
        {
            await _alarms.SetAsync(Wake, _clock.Now, _stop.Token);
        }
        catch (Exception broken)
        {
            // It looks by itself within half a minute.
            LogRang(_log, broken, Wake);
        }
    });

    [LoggerMessage(130, LogLevel.Error, "The poke of hall {Hall} could not be planned.")]
    private static partial void LogNotPlanned(ILogger log, Exception broken, string hall);

    [LoggerMessage(131, LogLevel.Error, "The alarm {Key} failed.")]
    private static partial void LogRang(ILogger log, Exception broken, string key);

    [LoggerMessage(132, LogLevel.Warning, "Hall {Hall} could not be poked and is again in a minute: {Why}")]
    private static partial void LogNotPoked(ILogger log, string hall, string why);

    [LoggerMessage(133, LogLevel.Error, "The hourly work {Name} failed; it is tried again within an hour.")]
    private static partial void LogWorkFailed(ILogger log, Exception failed, string name);
}
