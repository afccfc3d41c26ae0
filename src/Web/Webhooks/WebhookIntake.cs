using System.Collections.Concurrent;
using System.Threading.Channels;
using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Silo.Journal;

namespace HallOps.Web.Webhooks;

/// <summary>
/// Durable events as deliveries: a row for each endpoint that wants one, in one transaction with how far each hall's journal was taken in. So each is told once, whatever crashes; what was not
/// heard (a crash, a reload, the queue full) is read from the journal.
/// </summary>
/// <param name="stored">Told what was stored.</param>
internal sealed partial class WebhookIntake(
    IReadOnlyList<WebhookEndpoint> endpoints, WebhookStore store, IJournal journal, HallClock clock, Action<IReadOnlyList<Delivery>> stored, ILogger log) : IConfirmedEvents, IAsyncDisposable
{
    /// <summary>Nothing older is told: who waited for it is long gone.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromHours(24);

    /// <summary>As many as may be in flight in all halls; what comes while it is full is read from the journal.</summary>
    private const int MaxQueued = 65_536;

    private const int MaxBatch = 2_000;

    /// <summary>Events that tell nobody anything before how far they got is stored: so many are read once more after a crash.</summary>
    private const int MaxUnmarked = 2_000;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly IReadOnlyList<WebhookEndpoint> _endpoints = endpoints;
    private readonly HallClock _clock = clock;
    private readonly Channel<Heard> _heard = Channel.CreateBounded<Heard>(new BoundedChannelOptions(MaxQueued) { SingleReader = true });
    private readonly ConcurrentDictionary<uint, HallSight> _sights = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly HashSet<uint> _unheard = [];
    private readonly List<(uint Hall, long Sequence, TaskCompletionSource Done)> _waiting = [];
    private Dictionary<uint, long> _taken = [];
    private Dictionary<(uint Hall, long Leg), int> _near = [];
    // Taken in, and nothing to tell: how far it got alone is worth no transaction, since it is read from the journal again.
    private Dictionary<uint, long> _unmarked = [];
    private int _unmarkedEvents;
    private Task _running = Task.CompletedTask;

    /// <summary>At the very first start what happened before is marked as taken in. Before the halls run, so that nothing they do then is passed over.</summary>
    public async Task OpenAsync(CancellationToken cancel)
    {
        if ((await store.ReadProgressAsync(cancel)).Begun) return;
        await store.BeginAsync((await journal.HallsAsync(cancel)).ToDictionary(h => h.Number, h => h.Head.Sequence), cancel);
    }

    /// <summary>Catches up with the journal and goes on from there.</summary>
    public void Start() => _running = Task.Run(() => RunAsync(_stop.Token));

    public void Confirmed(HallState state, HallEvent @event)
    {
        var sight = _sights.GetOrAdd(state.Number, static (_, at) => HallSight.Of(at.Hall, at.Endpoints), (state.Settings.Hall, Endpoints: _endpoints));
        Hear(new Heard(state.Number, state.Sequence, sight.See(@event, state), @event is DayEnded));
    }

    public void Loaded(HallState state)
    {
        _sights[state.Number] = HallSight.Of(state.Settings.Hall, _endpoints);
        Hear(new Heard(state.Number, state.Sequence, null, false));
    }

    /// <summary>Completes when everything of a hall up to a sequence is stored as far as it is to be told.</summary>
    internal async Task CaughtUpAsync(uint hall, long sequence, CancellationToken cancel)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_taken.GetValueOrDefault(hall) >= sequence) return;
            _waiting.Add((hall, sequence, done));
        }
        await done.Task.WaitAsync(cancel);
    }

    private void Hear(Heard heard)
    {
        if (_heard.Writer.TryWrite(heard)) return;
        lock (_gate) _unheard.Add(heard.Hall);
    }

    public async ValueTask DisposeAsync()
    {
        _heard.Writer.TryComplete();
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                var progress = await store.ReadProgressAsync(cancel);
                lock (_gate) (_taken, _near, _unmarked, _unmarkedEvents) = (progress.Taken, progress.Near, [], 0);
                Release();
                foreach (var hall in await journal.HallsAsync(cancel)) await TryCatchUpAsync(hall.Number, cancel);
                await FollowAsync(cancel);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            // Halls run on without us, whatever it is: what is lost here stands in the journal, and is read from there once the database answers.
            catch (Exception failed)
            {
                LogBehind(log, failed);
                await Task.Delay(RetryAfter, _clock.Real, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task FollowAsync(CancellationToken cancel)
    {
        var batch = new List<Heard>(MaxBatch);
        while (await _heard.Reader.WaitToReadAsync(cancel))
        {
            while (batch.Count < MaxBatch && _heard.Reader.TryRead(out var heard)) batch.Add(heard);
            HashSet<uint> missed;
            // Those that found no room come after everything that did.
            lock (_gate)
            {
                missed = [.. _unheard];
                _unheard.Clear();
            }
            var page = new Page(this);
            foreach (var heard in batch)
            {
                var taken = page.TakenOf(heard.Hall);
                if (heard.Sequence <= taken) continue;
                if (heard.Facts is null || heard.Sequence > taken + 1) missed.Add(heard.Hall);
                else page.Add(heard);
            }
            batch.Clear();
            await StoreAsync(page, cancel);
            foreach (var hall in missed) await TryCatchUpAsync(hall, cancel);
        }
    }

    /// <summary>A hall whose journal is damaged tells nothing more; the others go on.</summary>
    private async Task TryCatchUpAsync(uint hall, CancellationToken cancel)
    {
        try
        {
            await CatchUpAsync(hall, cancel);
        }
        catch (Exception damaged) when (damaged is HallDamagedException or FormatException or InvalidOperationException or KeyNotFoundException or ArgumentException or OverflowException)
        {
            LogDamaged(log, damaged, hall);
        }
    }

    /// <summary>Folds a hall's journal anew and stores what was not taken in yet.</summary>
    private async Task CatchUpAsync(uint hall, CancellationToken cancel)
    {
        var taken = _taken.GetValueOrDefault(hall);
        var history = await journal.ReadAsync(hall, cancel);
        if (history.Head.Sequence <= taken) return;
        var state = new HallState();
        if (history.Snapshot is { } snapshot && snapshot.Sequence <= taken) state = SnapshotCodec.Read(snapshot.Body.Span).State;
        HallSight? sight = null;
        var page = new Page(this);
        await foreach (var records in journal.ReadFromAsync(hall, state.Sequence, cancel))
        {
            foreach (var record in records)
            {
                var @event = EventCodec.Read(record.Type, record.Version, record.Payload.Span);
                Hall.Evolve(state, @event, new Instant(record.At), record.Sequence);
                if (record.Sequence <= taken) continue;
                sight ??= HallSight.Of(state.Settings.Hall, _endpoints);
                page.Add(new Heard(hall, record.Sequence, sight.See(@event, state), @event is DayEnded));
            }
            if (page.Count < MaxBatch) continue;
            await StoreAsync(page, cancel);
            page = new Page(this);
        }
        await StoreAsync(page, cancel);
    }

    private async Task StoreAsync(Page page, CancellationToken cancel)
    {
        if (page.Count == 0) return;
        var intake = page.Intake;
        foreach (var (hall, sequence) in intake.Taken) _unmarked[hall] = sequence;
        _unmarkedEvents += page.Count;
        if (page.IsToStore || _unmarkedEvents >= MaxUnmarked)
        {
            var deliveries = await store.StoreAsync(intake with { Taken = _unmarked }, _clock.Real.GetUtcNow(), cancel);
            (_unmarked, _unmarkedEvents) = ([], 0);
            if (page.TooOld > 0) LogTooOld(log, page.TooOld);
            if (deliveries.Count > 0) stored(deliveries);
        }
        foreach (var (leg, threshold) in intake.Near) _near[leg] = threshold;
        foreach (var (hall, upTo) in intake.DaysEnded)
            foreach (var leg in _near.Keys.Where(n => n.Hall == hall && n.Leg <= upTo).ToList()) _near.Remove(leg);
        lock (_gate)
            foreach (var (hall, sequence) in intake.Taken) _taken[hall] = sequence;
        Release();
    }

    private void Release()
    {
        List<TaskCompletionSource> done = [];
        lock (_gate)
        {
            _waiting.RemoveAll(w =>
            {
                if (_taken.GetValueOrDefault(w.Hall) < w.Sequence) return false;
                done.Add(w.Done);
                return true;
            });
        }
        foreach (var waiting in done) waiting.SetResult();
    }

    /// <summary>What goes into one transaction.</summary>
    private sealed class Page(WebhookIntake intake)
    {
        private readonly List<Delivery> _deliveries = [];
        private readonly Dictionary<uint, long> _taken = [];
        private readonly Dictionary<(uint, long), int> _near = [];
        private readonly Dictionary<uint, long> _daysEnded = [];
        private readonly Instant _oldest = intake._clock.Now + -MaxAge;

        public int Count { get; private set; }

        public int TooOld { get; private set; }

        public bool IsToStore => _deliveries.Count + _near.Count + _daysEnded.Count + TooOld > 0;

        public Intake Intake => new(_deliveries, _taken, _near, _daysEnded);

        public long TakenOf(uint hall) => _taken.TryGetValue(hall, out var taken) ? taken : intake._taken.GetValueOrDefault(hall);

        public void Add(Heard heard)
        {
            Count++;
            _taken[heard.Hall] = heard.Sequence;
            foreach (var fact in heard.Facts!) Add(heard.Hall, fact);
            if (heard.DayEnded) _daysEnded[heard.Hall] = heard.Sequence;
        }

        private void Add(uint hall, WebhookFact fact)
        {
            if (fact.At < _oldest)
            {
                TooOld++;
                return;
            }
            var told = int.MaxValue;
            if (fact.Near is { } near)
            {
                if (_near.TryGetValue((hall, near.Leg), out var known) || intake._near.TryGetValue((hall, near.Leg), out known)) told = known;
                if (near.Threshold >= told) return;
                _near[(hall, near.Leg)] = near.Threshold;
            }
            foreach (var endpoint in intake._endpoints)
            {
                if (!endpoint.Wants(fact.Event, fact.Hall)) continue;
                if (fact.Near is { } n && (endpoint.NearAhead < n.Threshold || endpoint.NearAhead >= told)) continue;
                _deliveries.Add(new Delivery(0, endpoint.Url.AbsoluteUri, fact.Id, fact.Event.NameOf(), fact.Subject, fact.Body));
            }
        }
    }

    [LoggerMessage(2400, LogLevel.Warning, "Webhooks are behind and catch up from the journal")]
    private static partial void LogBehind(ILogger log, Exception failed);

    [LoggerMessage(2401, LogLevel.Error, "The journal of hall number {Hall} is damaged: webhooks tell nothing of it")]
    private static partial void LogDamaged(ILogger log, Exception damaged, uint hall);

    [LoggerMessage(2402, LogLevel.Warning, "{Count} events are more than 24 hours old and are not told to any webhook")]
    private static partial void LogTooOld(ILogger log, int count);

    /// <param name="Facts">Null: the hall was loaded and is there; what it did before, we may not have heard.</param>
    private readonly record struct Heard(uint Hall, long Sequence, IReadOnlyList<WebhookFact>? Facts, bool DayEnded);
}
