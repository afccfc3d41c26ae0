using System.Collections.Concurrent;
using HallOps.Core.Halls;
using HallOps.Silo.Journal;
using Microsoft.Extensions.Logging;

namespace HallOps.Silo.Embedded;

/// <param name="IdleAfter">A hall nobody used for so long, with nobody watching and nothing due within <see cref="EmbeddedHalls.DueSoon"/>, leaves memory.</param>
/// <param name="CheckpointRecords">How far back the oldest record that is in no snapshot may lie before its hall is asked for one; start-up reads at most about twice that.</param>
public sealed record EmbeddedOptions(TimeSpan IdleAfter, int CheckpointRecords = 100_000)
{
    public static EmbeddedOptions Default { get; } = new(TimeSpan.FromMinutes(15));

    public HallActorOptions Actor { get; init; } = new();
}

/// <summary>
/// The in-process engine: a mailbox a hall on the thread pool, one thread that writes the journal, one clock tick that pokes halls at the moments their state names, sends heartbeats,
/// compares the clock with the system's and lets idle halls go.
/// </summary>
public sealed partial class EmbeddedHalls : IHalls, IAsyncDisposable
{
    /// <summary>A hall with something due within this stays in memory.</summary>
    public static readonly TimeSpan DueSoon = TimeSpan.FromHours(1);

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan DerivedEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan HeartbeatEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<HallId, Entry> _byId = new();
    private readonly ConcurrentDictionary<uint, Entry> _byNumber = new();
    private readonly ConcurrentQueue<EmbeddedHall> _waitForRoom = new();
    private readonly Lock _directory = new();
    // Never spun on: a flush takes a hundred times as long as a spin, and the halls need the processor.
    private readonly ManualResetEventSlim _work = new(false, spinCount: 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _fatal = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _writing;
    private readonly Task _ticking;

    private volatile bool _stopping;
    private bool _disposed;

    private EmbeddedHalls(IJournal journal, HallClock clock, EmbeddedOptions options, ILogger log, IConfirmedEvents? told, IReadOnlyList<HallEntry> halls)
    {
        (Journal, Clock, Options, Log, Told) = (journal, clock, options, log, told);
        Writer = new JournalWriter(_work.Set);
        foreach (var hall in halls) Enter(new Entry(hall.Number, hall.Hall) { Exists = true });
        _writing = new Thread(Write) { IsBackground = true, Name = "journal" };
        _writing.Start();
        _ticking = TickAsync();
    }

    internal IJournal Journal { get; }
    internal HallClock Clock { get; }
    internal EmbeddedOptions Options { get; }
    internal JournalWriter Writer { get; }
    internal IConfirmedEvents? Told { get; }
    internal ILogger Log { get; }

    /// <summary>Completes when the journal failed for good: the process should end, non-zero.</summary>
    public Task Fatal => _fatal.Task;

    /// <summary>Reads which halls there are and begins to run them; each loads when first asked.</summary>
    /// <param name="told">Told every durable event: the projections.</param>
    public static async Task<EmbeddedHalls> OpenAsync(IJournal journal, HallClock clock, EmbeddedOptions options, ILogger log, IConfirmedEvents? told = null, CancellationToken cancel = default) =>
        new(journal, clock, options, log, told, await journal.HallsAsync(cancel));

    public IReadOnlyCollection<HallRef> Halls => [.. _byId.Values.Where(e => e.Exists).OrderBy(e => e.Number).Select(e => e.Ref)];

    public HallRef? Find(HallId hall) => _byId.TryGetValue(hall, out var entry) && entry.Exists ? entry.Ref : null;

    public HallRef? Find(uint number) => _byNumber.TryGetValue(number, out var entry) && entry.Exists ? entry.Ref : null;

    public IReadOnlyList<string> Problems
    {
        get
        {
            var problems = new List<string>();
            if (Writer.Unavailable is { } why) problems.Add($"Nothing can be recorded: {why}");
            foreach (var entry in _byId.Values.OrderBy(e => e.Number))
                if (entry.Resident?.Quarantine is { } damaged) problems.Add(damaged);
            return problems;
        }
    }

    /// <summary>Halls in memory.</summary>
    public int Resident => _byId.Values.Count(e => e.Resident is not null);

    public ValueTask<HallAnswer> SendAsync(HallId hall, HallRequest request, CancellationToken cancel = default)
    {
        if (!_byId.TryGetValue(hall, out var entry) || !entry.Exists)
        {
            if (request.Command is not ConfigureHall) return new(HallAnswer.Failed(AnswerStatus.UnknownHall));
            entry ??= Enter(hall);
        }
        if (request.Command is ConfigureHall configure)
        {
            if (configure.Document.Settings.Hall != hall) throw new ArgumentException($"The document of {configure.Document.Settings.Hall} was sent to {hall}.", nameof(request));
            request = request with { Command = configure with { Number = entry.Number } };
        }
        if (_stopping) return new(HallAnswer.Failed(AnswerStatus.NotRecorded));
        var ask = Ask.For(request);
        // Taken before the hall has it: from then on the answer may come, be awaited and the ask be another's.
        var answer = ask.Task;
        while (!ResidentOf(entry).TrySend(ask)) { }
        return answer;
    }

    public async ValueTask<T?> ReadAsync<T>(HallId hall, HallQuery<T> query, CancellationToken cancel = default)
    {
        if (!_byId.TryGetValue(hall, out var entry) || !entry.Exists) return default;
        var answer = new TaskCompletionSource<T?>(TaskCreationOptions.RunContinuationsAsynchronously);
        Do(entry, new Look<T>(query, answer).Do);
        return await answer.Task.WaitAsync(cancel);
    }

    public async ValueTask<IDisposable?> WatchAsync(Topic topic, IFeedSink sink, CancellationToken cancel = default)
    {
        if (!_byId.TryGetValue(topic.Hall, out var entry) || !entry.Exists) return null;
        var watched = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var watching = new Watching(topic, sink, watched);
        Do(entry, watching.Do);
        try
        {
            return await watched.Task.WaitAsync(cancel) ? new Watch(this, entry, topic, sink) : null;
        }
        catch (OperationCanceledException)
        {
            // Nobody will end a watch that nobody was given.
            watching.Abandon();
            Do(entry, hall => hall.Actor.Feed.Unwatch(topic, sink));
            throw;
        }
    }

    /// <summary>Writes a snapshot of every hall in memory whose day ended since its last one; how many those were.</summary>
    public async Task<int> SnapshotEndedDaysAsync(CancellationToken cancel)
    {
        var looked = new List<Task<bool>>();
        foreach (var entry in _byId.Values)
        {
            if (entry.Resident is not { } hall) continue;
            var wants = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            // One that is let go meanwhile has its snapshot.
            if (hall.TryDo(h =>
            {
                var isWanted = h.Actor.WantsSnapshotOfDay;
                if (isWanted) h.WriteSnapshot();
                wants.SetResult(isWanted);
            })) looked.Add(wants.Task);
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
        foreach (var entry in _byId.Values)
        {
            if (entry.Resident is not { } hall) continue;
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (hall.TryDo(h =>
            {
                h.WriteSnapshot();
                done.SetResult();
            })) written.Add(done.Task);
        }
        await Task.WhenAll(written).WaitAsync(StopWithin, Clock.Real).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // The writing thread leaves when there is nothing left to write.
        await _stop.CancelAsync();
        _work.Set();
        await Task.Run(() => _writing.Join());
        var ended = new List<Task>();
        foreach (var entry in _byId.Values)
        {
            if (entry.Resident is not { } hall) continue;
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (hall.TryDo(h =>
            {
                h.End();
                done.SetResult();
            })) ended.Add(done.Task);
        }
        await Task.WhenAll(ended).WaitAsync(StopWithin, Clock.Real).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _ticking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _work.Dispose();
    }

    internal void LetGo(EmbeddedHall hall)
    {
        if (_byNumber.TryGetValue(hall.Actor.Number, out var entry)) Interlocked.CompareExchange(ref entry.Resident, null, hall);
    }

    /// <summary>Wakes the hall when the writer has room again.</summary>
    internal void WaitForRoom(EmbeddedHall hall)
    {
        _waitForRoom.Enqueue(hall);
        // The flush that made room may have ended in between.
        if (Writer.HasRoom) WakeWaiting();
    }

    private void WakeWaiting()
    {
        while (_waitForRoom.TryDequeue(out var hall)) ThreadPool.UnsafeQueueUserWorkItem(static h => h.Wake(), hall, preferLocal: false);
    }

    internal void Exists(uint number) => _byNumber[number].Exists = true;

    private EmbeddedHall ResidentOf(Entry entry)
    {
        if (entry.Resident is { } there) return there;
        lock (entry)
        {
            return entry.Resident ??= new EmbeddedHall(this, entry.Number, entry.Hall);
        }
    }

    private void Do(Entry entry, Action<EmbeddedHall> action)
    {
        while (!ResidentOf(entry).TryDo(action)) { }
    }

    private Entry Enter(HallId hall)
    {
        lock (_directory)
        {
            if (_byId.TryGetValue(hall, out var known)) return known;
            return Enter(new Entry(_byNumber.IsEmpty ? 1 : _byNumber.Keys.Max() + 1, hall));
        }
    }

    private Entry Enter(Entry entry)
    {
        _byNumber[entry.Number] = entry;
        _byId[entry.Hall] = entry;
        return entry;
    }

    private void Write()
    {
        while (true)
        {
            if (Writer.NextFlush() is { } flush)
            {
                var outcome = Journal.AppendAsync(flush).AsTask().GetAwaiter().GetResult();
                for (var i = 0; i < flush.Appends.Count; i++)
                    if (flush.Appends[i].After == 0 && outcome.Appends[i] == AppendOutcome.Stored) Exists(flush.Appends[i].Hall);
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
            foreach (var entry in _byNumber.Values)
            {
                if (entry.Resident is not { } hall) continue;
                if (hall.DueAt <= now) hall.TryDo(static h => h.Actor.Poke(h.Now));
                if (isDerived && hall.WantsLoad) hall.TryDo(static h => h.LoadAgain());
                if (!hall.Actor.Feed.IsWatched) continue;
                if (isDerived) hall.TryDo(static h => { if (h.Actor.IsLoaded) h.Actor.Feed.PublishDerived(h.Actor.Confirmed, h.Now); });
                if (isHeartbeat) hall.TryDo(static h => { if (h.Actor.IsLoaded) h.Actor.Feed.Heartbeat(); });
            }
            if (Writer.Unavailable is not null && !Writer.Fatal && Passed(ref probed, DerivedEvery) && await Journal.ProbeAsync(_stop.Token)) Writer.Available();
            if (Passed(ref swept, SweepEvery)) Sweep(now);
        }
    }

    /// <summary>Asks for the snapshots that hold the checkpoint back, and lets idle halls go once their snapshot is written.</summary>
    private void Sweep(long now)
    {
        foreach (var number in Journal.Overdue(Options.CheckpointRecords))
            if (_byNumber.TryGetValue(number, out var entry)) Do(entry, new Snapshotting().Do);
        foreach (var entry in _byNumber.Values)
        {
            if (entry.Resident is not { } hall || Clock.Real.GetElapsedTime(hall.LastUsed) < Options.IdleAfter) continue;
            if (hall.DueAt - now < DueSoon.TotalMilliseconds || hall.Actor.Feed.IsWatched) continue;
            if (hall.TryLetGo()) LetGo(hall);
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

    private sealed class Entry(uint number, HallId hall)
    {
        public EmbeddedHall? Resident;

        public uint Number { get; } = number;
        public HallId Hall { get; } = hall;
        public HallRef Ref => new(Number, Hall);

        /// <summary>Its first event is durable.</summary>
        public volatile bool Exists;
    }

    private sealed class Look<T>(HallQuery<T> query, TaskCompletionSource<T?> answer)
    {
        public void Do(EmbeddedHall hall)
        {
            hall.Used();
            if (!hall.WhenLoaded(Do, why => answer.TrySetException(new HallUnavailableException($"Hall {hall.Actor.Hall} cannot be read now.") { Status = why }))) return;
            try
            {
                answer.TrySetResult(hall.Actor.Read(query, hall.Now));
            }
            catch (Exception broken)
            {
                answer.TrySetException(broken);
            }
        }
    }

    private sealed class Snapshotting
    {
        public void Do(EmbeddedHall hall)
        {
            if (hall.WhenLoaded(Do, static _ => { })) hall.WriteSnapshot(again: true);
        }
    }

    private sealed class Watching(Topic topic, IFeedSink sink, TaskCompletionSource<bool> watched)
    {
        private volatile bool _abandoned;

        public void Abandon() => _abandoned = true;

        public void Do(EmbeddedHall hall)
        {
            if (_abandoned) return;
            hall.Used();
            if (!hall.WhenLoaded(Do, why => watched.TrySetException(new HallUnavailableException($"Hall {hall.Actor.Hall} cannot be watched now.") { Status = why }))) return;
            try
            {
                watched.TrySetResult(hall.Actor.Confirmed.Exists && hall.Actor.Feed.Watch(topic, sink, hall.Actor.Confirmed, hall.Now));
            }
            catch (Exception broken)
            {
                hall.Actor.Feed.Unwatch(topic, sink);
                watched.TrySetException(broken);
            }
        }
    }

    private sealed class Watch(EmbeddedHalls engine, Entry entry, Topic topic, IFeedSink sink) : IDisposable
    {
        private int _ended;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _ended, 1) == 0 && entry.Resident is not null) engine.Do(entry, hall => hall.Actor.Feed.Unwatch(topic, sink));
        }
    }
}
