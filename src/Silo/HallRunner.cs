using System.Collections.Concurrent;
using HallOps.Core.Halls;
using HallOps.Silo.Journal;
using Microsoft.Extensions.Logging;

namespace HallOps.Silo;

/// <summary>
/// What runs the halls of one process, whichever engine puts them there: one thread that writes the journal, one clock tick that pokes halls at the moments their state names, sends heartbeats,
/// compares the clock with the system's and lets idle halls go.
/// </summary>
internal sealed partial class HallRunner : IAsyncDisposable
{
    /// <summary>A hall with something due within this stays in memory.</summary>
    public static readonly TimeSpan DueSoon = TimeSpan.FromHours(1);

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan DerivedEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan HeartbeatEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<uint, HallPlace> _places = new();
    private readonly ConcurrentQueue<ResidentHall> _waitForRoom = new();
    // Never spun on: a flush takes a hundred times as long as a spin, and the halls need the processor.
    private readonly ManualResetEventSlim _work = new(false, spinCount: 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _fatal = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _writing;
    private readonly Task _ticking;

    private volatile bool _stopping;
    private bool _disposed;

    /// <param name="told">Told every durable event: the projections.</param>
    public HallRunner(IJournal journal, HallClock clock, EngineOptions options, ILogger log, IConfirmedEvents? told = null)
    {
        (Journal, Clock, Options, Log, Told) = (journal, clock, options, log, told);
        Writer = new JournalWriter(_work.Set);
        _writing = new Thread(Write) { IsBackground = true, Name = "journal" };
        _writing.Start();
        _ticking = TickAsync();
    }

    public IJournal Journal { get; }
    public HallClock Clock { get; }
    public EngineOptions Options { get; }
    public JournalWriter Writer { get; }
    public IConfirmedEvents? Told { get; }
    public ILogger Log { get; }

    /// <summary>Completes when the journal failed for good: the process should end, non-zero.</summary>
    public Task Fatal => _fatal.Task;

    /// <summary>The first event of a hall is durable.</summary>
    public Action<HallPlace>? Begun { get; set; }

    /// <summary>What is wrong now, a sentence each.</summary>
    public IReadOnlyList<string> Problems
    {
        get
        {
            var problems = new List<string>();
            if (Writer.Unavailable is { } why) problems.Add($"Nothing can be recorded: {why}");
            foreach (var place in _places.Values.OrderBy(p => p.Number))
                if (place.Resident?.Quarantine is { } damaged) problems.Add(damaged);
            return problems;
        }
    }

    /// <summary>Halls in memory.</summary>
    public int Resident => _places.Values.Count(p => p.Resident is not null);

    /// <summary>From here on the hall may be run here.</summary>
    public void Add(HallPlace place) => _places[place.Number] = place;

    /// <summary>It is run here no more.</summary>
    public void Remove(HallPlace place) => _places.TryRemove(new(place.Number, place));

    public ValueTask<HallAnswer> SendAsync(HallPlace place, in HallRequest request)
    {
        if (_stopping) return new(HallAnswer.Failed(AnswerStatus.NotRecorded));
        var ask = Ask.For(request);
        // Taken before the hall has it: from then on the answer may come, be awaited and the ask be another's.
        var answer = ask.Task;
        while (!ResidentOf(place).TrySend(ask))
        {
            if (!_stopping) continue;
            ask.Answer(HallAnswer.Failed(AnswerStatus.NotRecorded), here: false);
            break;
        }
        return answer;
    }

    /// <exception cref="HallUnavailableException">The hall cannot be read now.</exception>
    public Task<T?> ReadAsync<T>(HallPlace place, HallQuery<T> query)
    {
        var answer = new TaskCompletionSource<T?>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!TryDo(place, new Look<T>(query, answer).Do)) answer.SetException(HallUnavailableException.Stopped(place.Hall));
        return answer.Task;
    }

    /// <summary>Does something on the hall's turn, loading it where it is not in memory; false where the engine stops: its halls end where they are, and none is loaded any more.</summary>
    public bool TryDo(HallPlace place, Action<ResidentHall> action)
    {
        while (!_stopping)
            if (ResidentOf(place).TryDo(action)) return true;
        return false;
    }

    /// <summary>Writes a snapshot of every hall in memory whose day ended since its last one; how many those were.</summary>
    public async Task<int> SnapshotEndedDaysAsync(CancellationToken cancel)
    {
        var looked = new List<Task<bool>>();
        foreach (var place in _places.Values)
        {
            if (place.Resident is not { } hall) continue;
            var wants = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            // One that is let go meanwhile has its snapshot.
            if (hall.TryDo(Look)) looked.Add(wants.Task);

            void Look(ResidentHall h)
            {
                if (h.Actor.IsLoaded && !h.WhenSettled(Look, _ => wants.SetResult(false))) return;
                var isWanted = h.Actor.WantsSnapshotOfDay;
                if (isWanted) h.WriteSnapshot();
                wants.SetResult(isWanted);
            }
        }
        return (await Task.WhenAll(looked).WaitAsync(cancel)).Count(isWanted => isWanted);
    }

    /// <summary>Stops taking commands, writes what is decided and a snapshot of every resident hall, and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        // Whoever opened it closes it, and the container that handed it out does so again.
        if (Interlocked.Exchange(ref _disposed, true)) return;
        _stopping = true;
        var written = new List<Task>();
        foreach (var place in _places.Values)
        {
            if (place.Resident is not { } hall) continue;
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (hall.TryDo(Leave)) written.Add(done.Task);

            void Leave(ResidentHall h)
            {
                if (h.Actor.IsLoaded && !h.WhenSettled(Leave, _ => done.SetResult())) return;
                h.WriteSnapshot();
                done.SetResult();
            }
        }
        await Task.WhenAll(written).WaitAsync(StopWithin, Clock.Real).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // The writing thread leaves when there is nothing left to write.
        await _stop.CancelAsync();
        _work.Set();
        await Task.Run(() => _writing.Join());
        var ended = new List<Task>();
        foreach (var place in _places.Values)
        {
            if (place.Resident is not { } hall) continue;
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (hall.TryDo(h =>
            {
                h.End(AnswerStatus.NotRecorded);
                done.SetResult();
            })) ended.Add(done.Task);
        }
        await Task.WhenAll(ended).WaitAsync(StopWithin, Clock.Real).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _ticking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _work.Dispose();
    }

    /// <summary>Wakes the hall when the writer has room again.</summary>
    public void WaitForRoom(ResidentHall hall)
    {
        _waitForRoom.Enqueue(hall);
        // The flush that made room may have ended in between.
        if (Writer.HasRoom) WakeWaiting();
    }

    private void WakeWaiting()
    {
        while (_waitForRoom.TryDequeue(out var hall)) ThreadPool.UnsafeQueueUserWorkItem(static h => h.Wake(), hall, preferLocal: false);
    }

    public void Exists(HallPlace place)
    {
        if (place.Exists) return;
        place.Exists = true;
        Begun?.Invoke(place);
    }

    private ResidentHall ResidentOf(HallPlace place)
    {
        if (place.Resident is { } there) return there;
        lock (place)
        {
            return place.Resident ??= new ResidentHall(this, place);
        }
    }

    private void Write()
    {
        while (true)
        {
            if (Writer.NextFlush() is { } flush)
            {
                var outcome = Journal.AppendAsync(flush).AsTask().GetAwaiter().GetResult();
                for (var i = 0; i < flush.Appends.Count; i++)
                    if (flush.Appends[i].After == 0 && outcome.Appends[i] == AppendOutcome.Stored && _places.TryGetValue(flush.Appends[i].Hall, out var place)) Exists(place);
                if (outcome.Failure is { } failure) LogFlushFailed(Log, failure.Reason);
                Writer.Completed(flush, outcome);
                if (Writer.HasRoom) WakeWaiting();
                if (Writer.Fatal) _fatal.TrySetResult();
                continue;
            }
            if (_stop.IsCancellationRequested) return;
            _work.Wait();
            _work.Reset();
        }
    }

    private async Task TickAsync()
    {
        using var timer = new PeriodicTimer(Tick, Clock.Real);
        var (derived, heartbeat, swept, probed) = (Clock.Real.GetTimestamp(), Clock.Real.GetTimestamp(), Clock.Real.GetTimestamp(), Clock.Real.GetTimestamp());
        while (await timer.WaitForNextTickAsync(_stop.Token))
        {
            try
            {
                await OnTickAsync();
            }
            catch (Exception broken) when (!_stop.IsCancellationRequested)
            {
                // The next tick tries again: without ticks no day would end, no screen would hear a heartbeat and nobody would look whether the store is back.
                LogTickBroke(Log, broken);
            }
        }

        async ValueTask OnTickAsync()
        {
            var isDerived = Passed(ref derived, DerivedEvery);
            var isHeartbeat = Passed(ref heartbeat, HeartbeatEvery);
            if (isDerived) Clock.Compare();
            var now = Clock.Now.Milliseconds;
            foreach (var place in _places.Values)
            {
                if (place.Resident is not { } hall) continue;
                if (hall.DueAt <= now) hall.TryDo(static h => h.Actor.Poke(h.Now));
                if (isDerived && hall.WantsLoad) hall.TryDo(static h => h.LoadAgain());
                if (!hall.Actor.Feed.IsWatched) continue;
                if (isDerived) hall.TryDo(PublishDerived);
                if (isHeartbeat) hall.TryDo(static h => { if (h.Actor.IsLoaded) h.Actor.Feed.Heartbeat(); });
            }
            if (Writer.Unavailable is not null && !Writer.Fatal && Passed(ref probed, DerivedEvery) && await Journal.ProbeAsync(_stop.Token)) Writer.Available();
            if (Passed(ref swept, SweepEvery)) Sweep(now);
        }
    }

    private static void PublishDerived(ResidentHall hall)
    {
        if (hall.Actor.IsLoaded && hall.WhenSettled(PublishDerived, static _ => { })) hall.Actor.Feed.PublishDerived(hall.Actor.Confirmed, hall.Now);
    }

    /// <summary>Asks for the snapshots that hold the checkpoint back, and lets idle halls go once their snapshot is written.</summary>
    private void Sweep(long now)
    {
        foreach (var number in Journal.Overdue(Options.CheckpointRecords))
            if (_places.TryGetValue(number, out var place)) TryDo(place, new Snapshotting().Do);
        foreach (var place in _places.Values)
        {
            if (place.Resident is not { } hall || Clock.Real.GetElapsedTime(hall.LastUsed) < Options.IdleAfter) continue;
            if (hall.DueAt - now < DueSoon.TotalMilliseconds || hall.Actor.Feed.IsWatched) continue;
            if (hall.TryLetGo()) place.Leave(hall);
            // At the next sweep its snapshot is written.
            else hall.TryDo(static h => h.WriteSnapshot());
        }
    }

    private bool Passed(ref long since, TimeSpan every)
    {
        if (Clock.Real.GetElapsedTime(since) < every) return false;
        since = Clock.Real.GetTimestamp();
        return true;
    }

    [LoggerMessage(110, LogLevel.Error, "A flush of the journal failed: {Reason}")]
    private static partial void LogFlushFailed(ILogger log, string reason);

    [LoggerMessage(111, LogLevel.Error, "A tick of the engine's clock failed; the next one tries again.")]
    private static partial void LogTickBroke(ILogger log, Exception broken);
}
