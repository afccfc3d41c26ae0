using System.Collections.Concurrent;
using System.Threading.Channels;
using HallOps.Core.Halls;
using HallOps.Silo.Journal;
using Microsoft.Extensions.Logging;

namespace HallOps.Silo.Projections;

/// <summary>
/// Follows the halls: durable events become facts on the halls' own turns, wait in a bounded queue and are stored in batches, each with how far it reaches in one transaction. So every event counts
/// exactly once, whatever crashes and however many processes follow the same halls. What was not heard (a crash, an absence, a reload, the queue full) is read from the journal. Safe from any thread.
/// </summary>
/// <param name="name">In logs.</param>
/// <param name="maxQueued">Events that may wait to be stored; what comes while it is full is read from the journal later.</param>
/// <param name="gatherFor">How long events gather before they are stored while nobody waits for them: a transaction costs as much as dozens of rows.</param>
public sealed partial class JournalFollower<TFact>(
    string name, IFollowing<TFact> into, IJournal journal, TimeProvider time, ILogger log, TimeSpan gatherFor = default, int maxQueued = JournalFollower<TFact>.MaxQueued) : IConfirmedEvents, IAsyncDisposable
{
    /// <summary>As many as may be in flight in all halls: one flush of a full journal writer fits.</summary>
    private const int MaxQueued = 65_536;

    /// <summary>Half of what may wait: halls go on filling the other half while this is stored.</summary>
    private const int MaxBatch = MaxQueued / 2;
    /// <summary>Halls that are folded at the same time: each is in memory meanwhile, and the journal is gone through once for all of them.</summary>
    private const int MaxFolded = 128;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly Channel<Heard> _heard = Channel.CreateBounded<Heard>(new BoundedChannelOptions(maxQueued) { SingleReader = true });
    private readonly ConcurrentDictionary<uint, Mark> _marks = [];
    private readonly ConcurrentQueue<Func<CancellationToken, Task>> _between = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly HashSet<Mark> _unheard = [];
    private readonly List<(Mark Mark, long Sequence, TaskCompletionSource Done)> _waiting = [];
    private TaskCompletionSource _hurry = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _running = Task.CompletedTask;
    // When the oldest event was heard that left the queue and is not stored; null while there is none.
    private long? _owing;
    // What goes wrong meanwhile is the store's, whatever it looks like.
    private bool _isStoring;

    /// <summary>Goes on from what is stored: catches up with the journal first.</summary>
    public void Start()
    {
        _owing = time.GetTimestamp();
        _running = Task.Run(() => RunAsync(_stop.Token));
    }

    public void Decided(HallState state, HallEvent @event)
    {
        ArgumentNullException.ThrowIfNull(state);
        var mark = MarkOf(state.Number);
        // A new hall is not loaded before; the first event of one may be decided again after it was lost.
        if (state.Sequence == 1) mark.Begin(into.Watch(new HallState()));
        if (mark.Watch is { } watch)
        {
            mark.Decided.Enqueue((state.Sequence, false, watch.See(@event, state)));
            return;
        }
        mark.Begin(into.Watch(state));
        mark.Decided.Enqueue((state.Sequence, true, default!));
    }

    public void Confirmed(uint hall, long upTo)
    {
        var mark = MarkOf(hall);
        while (mark.Decided.TryPeek(out var next) && next.Sequence <= upTo)
        {
            mark.Decided.Dequeue();
            Hear(mark, next.Sequence, next.IsLoad, next.Fact);
        }
    }

    public void Loaded(HallState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var mark = MarkOf(state.Number);
        mark.Begin(into.Watch(state));
        Hear(mark, state.Sequence, true, default!);
    }

    /// <summary>Completes when everything of a hall up to a sequence is stored.</summary>
    /// <exception cref="OperationCanceledException">Not before <paramref name="cancel"/>.</exception>
    public async Task CaughtUpAsync(uint hall, long sequence, CancellationToken cancel)
    {
        var mark = MarkOf(hall);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (mark.Stored >= sequence) return;
            _waiting.Add((mark, sequence, done));
            _hurry.TrySetResult();
            // Nobody tells us of it: it is run elsewhere, and whoever asks knows of more than we do.
            if (Volatile.Read(ref mark.Heard) < sequence) LookUp(mark);
        }
        try
        {
            await done.Task.WaitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            lock (_gate) _waiting.RemoveAll(w => w.Done == done);
            throw;
        }
    }

    /// <summary>Runs work while nothing is being stored: between two batches, or after the next failure. What it throws is its caller's.</summary>
    /// <param name="work">Everybody waits for it, so it is short.</param>
    public async Task BetweenAsync(Func<CancellationToken, Task> work, CancellationToken cancel)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _between.Enqueue(async stop =>
        {
            if (done.Task.IsCompleted) return;
            try
            {
                using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, cancel);
                await work(either.Token);
                done.TrySetResult();
            }
            catch (Exception failed)
            {
                done.TrySetException(failed);
            }
        });
        _heard.Writer.TryWrite(default);
        await using var given = cancel.Register(() => done.TrySetCanceled(cancel));
        await done.Task;
    }

    public Behind Behind
    {
        get
        {
            var events = 0L;
            foreach (var (_, mark) in _marks)
                if (!mark.IsDamaged) events += Math.Max(0, Math.Max(Volatile.Read(ref mark.Heard), mark.Head) - mark.Stored);
            if (events == 0) return default;
            long? oldest;
            lock (_gate) oldest = _owing;
            oldest ??= _heard.Reader.TryPeek(out var first) && first.Mark is not null ? first.HeardAt : null;
            return new Behind(events, oldest is { } since ? time.GetElapsedTime(since) : TimeSpan.Zero);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _heard.Writer.TryComplete();
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (_between.TryDequeue(out var work)) await work(_stop.Token);
        _stop.Dispose();
    }

    private Mark MarkOf(uint hall) => _marks.GetOrAdd(hall, static number => new Mark(number));

    private void Hear(Mark mark, long sequence, bool isLoad, TFact fact)
    {
        Volatile.Write(ref mark.Heard, sequence);
        if (_heard.Writer.TryWrite(new Heard(mark, sequence, isLoad, time.GetTimestamp(), fact))) return;
        // No room: the journal has it. Remembered, because the hall may say nothing more for hours.
        lock (_gate) _unheard.Add(mark);
    }

    /// <summary>The journal is looked at for a hall next. Under the gate.</summary>
    private void LookUp(Mark mark)
    {
        _unheard.Add(mark);
        _heard.Writer.TryWrite(default);
    }

    private async Task RunAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await BeginAsync(cancel);
                await FollowAsync(cancel);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            // Halls run on without us, whatever it is: what is lost here stands in the journal, and is read from there once the database answers.
            catch (Exception failed)
            {
                LogBehind(log, failed, name);
                await Task.Delay(RetryAfter, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task BeginAsync(CancellationToken cancel)
    {
        _isStoring = false;
        var stored = await into.BeginAsync(cancel);
        lock (_gate)
        {
            foreach (var (_, mark) in _marks) mark.Stored = 0;
            foreach (var (hall, sequence) in stored) MarkOf(hall).Stored = sequence;
        }
        Release();
        var halls = await journal.HallsAsync(cancel);
        foreach (var hall in halls) MarkOf(hall.Number).Head = hall.Head.Sequence;
        await CatchUpAsync([.. halls.Select(h => MarkOf(h.Number))], cancel);
        lock (_gate) _owing = null;
    }

    private async Task FollowAsync(CancellationToken cancel)
    {
        var batch = new List<Heard>();
        while (true)
        {
            while (_between.TryDequeue(out var work)) await work(cancel);
            if (!await _heard.Reader.WaitToReadAsync(cancel)) await Task.Delay(Timeout.InfiniteTimeSpan, time, cancel);
            if (gatherFor > TimeSpan.Zero) await GatherAsync(cancel);
            while (batch.Count < MaxBatch && _heard.Reader.TryRead(out var heard))
            {
                if (heard.Mark is null) continue;
                if (batch.Count == 0)
                    lock (_gate) _owing = heard.HeardAt;
                batch.Add(heard);
            }
            await ApplyAsync(batch, cancel);
            lock (_gate) _owing = null;
            batch.Clear();
        }
    }

    /// <summary>Returns at once while somebody waits, and soon when a batch is there.</summary>
    private async Task GatherAsync(CancellationToken cancel)
    {
        var began = time.GetTimestamp();
        while (_heard.Reader.Count < MaxBatch && time.GetElapsedTime(began) < gatherFor)
        {
            Task hurry;
            lock (_gate)
            {
                if (_waiting.Count > 0) return;
                if (_hurry.Task.IsCompleted) _hurry = new(TaskCreationOptions.RunContinuationsAsynchronously);
                hurry = _hurry.Task;
            }
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            await Task.WhenAny(hurry, Task.Delay(LookEvery, time, enough.Token));
            await enough.CancelAsync();
            cancel.ThrowIfCancellationRequested();
        }
    }

    private async Task ApplyAsync(List<Heard> batch, CancellationToken cancel)
    {
        HashSet<Mark> missed;
        // Those that found no room come after everything that did.
        lock (_gate)
        {
            missed = [.. _unheard];
            _unheard.Clear();
        }
        var facts = new List<HallFact<TFact>>(batch.Count);
        var reached = new Dictionary<uint, Reach>();
        foreach (var (mark, sequence, isLoad, _, fact) in batch)
        {
            var stored = reached.TryGetValue(mark.Hall, out var r) ? r.To : mark.Stored;
            if (sequence <= stored) continue;
            // After a gap nothing of the hall counts until the journal has filled it.
            if (isLoad || sequence > stored + 1)
            {
                missed.Add(mark);
                continue;
            }
            facts.Add(new(mark.Hall, sequence, fact));
            reached[mark.Hall] = new Reach(mark.Stored, sequence);
        }
        if (facts.Count > 0)
            foreach (var (hall, _) in await StoreAsync(facts, reached, cancel)) missed.Add(MarkOf(hall));
        await CatchUpAsync([.. missed], cancel);
    }

    /// <summary>Folds the journal of halls anew and stores what was not stored yet, many halls in one going through it.</summary>
    private async Task CatchUpAsync(IReadOnlyList<Mark> marks, CancellationToken cancel)
    {
        HashSet<Mark> asked;
        lock (_gate) asked = [.. _waiting.Where(w => w.Sequence > w.Mark.Stored).Select(w => w.Mark)];
        var behind = marks.Where(m => m.Head > m.Stored || Volatile.Read(ref m.Heard) > m.Stored || asked.Contains(m)).ToLookup(m => m.IsDamaged);
        var alone = behind[true].ToList();
        // Where one of them is damaged, which one shows alone.
        foreach (var some in behind[false].Chunk(MaxFolded))
            if (!await TryCatchUpAsync(some, cancel)) alone.AddRange(some);
        foreach (var mark in alone) await TryCatchUpAsync([mark], cancel);
    }

    /// <summary>A hall whose journal is damaged keeps what is stored of it; the others go on.</summary>
    /// <returns>False: one of several is damaged, and nothing is said of which.</returns>
    private async Task<bool> TryCatchUpAsync(Mark[] marks, CancellationToken cancel)
    {
        try
        {
            await FoldAsync(marks, cancel);
            foreach (var mark in marks) mark.IsDamaged = false;
            return true;
        }
        catch (Exception damaged) when (!_isStoring && damaged is HallDamagedException or JournalArchiveException or FormatException or InvalidOperationException or KeyNotFoundException or ArgumentException or OverflowException)
        {
            if (marks is not [var one]) return false;
            one.IsDamaged = true;
            LogDamaged(log, damaged, name, one.Hall);
            return true;
        }
    }

    private async Task FoldAsync(Mark[] marks, CancellationToken cancel)
    {
        var folds = new Dictionary<uint, Fold>();
        foreach (var mark in marks)
        {
            var state = await journal.SnapshotAsync(mark.Hall, mark.Stored, cancel) is { } snapshot ? SnapshotCodec.Read(snapshot.Body.Span).State : new HallState();
            folds.Add(mark.Hall, new Fold(mark, state, mark.Stored));
        }
        var facts = new List<HallFact<TFact>>();
        await foreach (var page in journal.ReadFromAsync(folds.ToDictionary(f => f.Key, f => f.Value.State.Sequence), cancel))
        {
            foreach (var record in page)
            {
                if (!folds.TryGetValue(record.Hall, out var fold)) continue;
                if (record.Sequence > fold.Stored) fold.Watch ??= into.Watch(fold.State);
                var @event = EventCodec.Read(record.Type, record.Version, record.Payload.Span);
                Hall.Evolve(fold.State, @event, new Instant(record.At), record.Sequence);
                fold.Mark.Head = Math.Max(fold.Mark.Head, record.Sequence);
                if (fold.Watch is { } watch) facts.Add(new(record.Hall, record.Sequence, watch.See(@event, fold.State)));
            }
            if (facts.Count >= MaxBatch) await StoreAsync();
        }
        if (facts.Count > 0) await StoreAsync();

        async Task StoreAsync()
        {
            var reached = folds.Values.Where(f => f.Watch is not null && f.State.Sequence > f.Stored).ToDictionary(f => f.Mark.Hall, f => new Reach(f.Stored, f.State.Sequence));
            var elsewhere = await this.StoreAsync(facts, reached, cancel);
            facts = [];
            foreach (var hall in reached.Keys) folds[hall].Stored = reached[hall].To;
            foreach (var (hall, there) in elsewhere)
            {
                if (!folds.TryGetValue(hall, out var fold))
                {
                    lock (_gate) LookUp(MarkOf(hall));
                    continue;
                }
                fold.Stored = there;
                // Taken further by somebody else: what they have is gone over. Put back: that is behind us, and read another time.
                fold.Watch = null;
                if (fold.Stored >= fold.State.Sequence || !folds.Remove(hall)) continue;
                lock (_gate) LookUp(fold.Mark);
            }
        }
    }

    /// <returns>The halls that are elsewhere, because of another process: nothing of them is stored, and their marks say where they are.</returns>
    private async Task<IReadOnlyDictionary<uint, long>> StoreAsync(List<HallFact<TFact>> facts, Dictionary<uint, Reach> reached, CancellationToken cancel)
    {
        _isStoring = true;
        var elsewhere = await into.StoreAsync(new FactBatch<TFact>(facts, reached), cancel);
        _isStoring = false;
        lock (_gate)
        {
            foreach (var (hall, reach) in reached) MarkOf(hall).Stored = reach.To;
            // Of earlier batches too, which it may have kept back.
            foreach (var (hall, there) in elsewhere) MarkOf(hall).Stored = there;
        }
        Release();
        return elsewhere;
    }

    private void Release()
    {
        List<TaskCompletionSource> done = [];
        lock (_gate)
        {
            _waiting.RemoveAll(w =>
            {
                if (w.Mark.Stored < w.Sequence) return false;
                done.Add(w.Done);
                return true;
            });
        }
        foreach (var waiting in done) waiting.SetResult();
    }

    [LoggerMessage(120, LogLevel.Warning, "The projection of {Name} is behind and catches up from the journal.")]
    private static partial void LogBehind(ILogger log, Exception failed, string name);

    [LoggerMessage(121, LogLevel.Error, "The projection of {Name} cannot read the journal of hall number {Hall}, which is damaged or has an archive that is not here: it keeps what it has of it.")]
    private static partial void LogDamaged(ILogger log, Exception damaged, string name, uint hall);

    /// <param name="IsLoad">The hall was loaded and is there; what it did before, we may not have heard.</param>
    private readonly record struct Heard(Mark Mark, long Sequence, bool IsLoad, long HeardAt, TFact Fact);

    /// <summary>A hall that is folded from its journal.</summary>
    private sealed class Fold(Mark mark, HallState state, long stored)
    {
        public Mark Mark => mark;

        public HallState State => state;

        /// <summary>What is stored: its facts come after that.</summary>
        public long Stored { get; set; } = stored;

        public IHallWatch<TFact>? Watch { get; set; }
    }

    /// <summary>How far a hall is.</summary>
    private sealed class Mark(uint hall)
    {
        // The hall's own turn writes it.
        public long Heard;

        public uint Hall => hall;

        /// <summary>Made and asked on the hall's turns only.</summary>
        public IHallWatch<TFact>? Watch { get; private set; }

        /// <summary>What is decided and not durable; on the hall's turns only.</summary>
        public Queue<(long Sequence, bool IsLoad, TFact Fact)> Decided { get; } = new();

        /// <summary>The last sequence of the journal as it was read.</summary>
        public long Head { get; set; }

        public long Stored { get; set; }

        public bool IsDamaged { get; set; }

        public void Begin(IHallWatch<TFact> watch)
        {
            Watch = watch;
            Decided.Clear();
        }
    }
}
