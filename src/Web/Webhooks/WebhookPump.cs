namespace HallOps.Web.Webhooks;

/// <summary>
/// Delivers what waits for one endpoint: of each subject one after the other, in order; of different subjects up to <see cref="AtOnce"/> at a time. A delivery that fails holds up its own subject
/// only, until that many different ones have failed with no success between: then the endpoint is down, and is asked with one delivery at a time. Safe from any thread.
/// </summary>
internal sealed partial class WebhookPump : IAsyncDisposable
{
    public const int AtOnce = 8;

    /// <summary>An endpoint that fails for so long is a problem to show.</summary>
    public static readonly TimeSpan ProblemAfter = TimeSpan.FromHours(1);

    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromMinutes(10);

    // How late an endpoint that was down is found to be back.
    private static readonly TimeSpan LongestProbe = TimeSpan.FromMinutes(1);

    private readonly WebhookEndpoint _endpoint;
    private readonly WebhookStore _store;
    private readonly WebhookSender _sender;
    private readonly TimeProvider _time;
    private readonly Random _chance;
    private readonly ILogger _log;
    private readonly long _origin;
    private readonly ITimer _timer;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Lane> _lanes = [];
    private readonly PriorityQueue<Lane, TimeSpan> _ready = new();
    private readonly HashSet<string> _failing = [];
    private readonly HashSet<Task> _tries = [];
    private TaskCompletionSource? _quiet;
    private TimeSpan? _failingSince;
    private TimeSpan _probeAt;
    private int _probes;
    private bool _gone;

    /// <param name="chance">For the jitter.</param>
    public WebhookPump(WebhookEndpoint endpoint, WebhookStore store, TimeProvider time, Random chance, ILogger log)
    {
        (_endpoint, _store, _time, _chance, _log) = (endpoint, store, time, chance, log);
        _sender = new WebhookSender(endpoint, time);
        _origin = time.GetTimestamp();
        _timer = time.CreateTimer(_ => Go(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public int Waiting { get; private set; }

    /// <summary>Null unless the endpoint has failed for more than an hour.</summary>
    public string? Problem
    {
        get
        {
            lock (_gate)
            {
                if (_failingSince is not { } since || Now - since <= ProblemAfter) return null;
                return FormattableString.Invariant($"The webhook {_endpoint.Setting} {(_gone ? "is disabled: it answered 410" : "has failed")} since {_time.GetUtcNow() - (Now - since):yyyy-MM-dd'T'HH:mm:ss'Z'}; {Waiting} deliveries wait.");
            }
        }
    }

    /// <summary>Takes deliveries in, each later than all before.</summary>
    public void Add(IEnumerable<(long Number, string Subject)> deliveries)
    {
        lock (_gate)
        {
            foreach (var (number, subject) in deliveries)
            {
                if (!_lanes.TryGetValue(subject, out var lane))
                {
                    _lanes.Add(subject, lane = new Lane(subject));
                    _ready.Enqueue(lane, Now);
                }
                lane.Numbers.Enqueue(number);
                Waiting++;
            }
        }
        Go();
    }

    /// <summary>Forgets what was given up.</summary>
    public void Forget(long upTo)
    {
        lock (_gate)
        {
            foreach (var lane in _lanes.Values)
                while (lane.Numbers.TryPeek(out var number) && number <= upTo) Drop(lane);
        }
        Go();
    }

    /// <summary>Completes when nothing is under way and nothing can be tried before time passes or more comes.</summary>
    internal Task QuietAsync()
    {
        lock (_gate)
        {
            if (IsQuiet) return Task.CompletedTask;
            _quiet ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _quiet.Task;
        }
    }

    private TimeSpan Now => _time.GetElapsedTime(_origin);

    private bool IsDown => _failing.Count >= AtOnce;

    private int AtOnceNow => IsDown ? 1 : AtOnce;

    private bool IsQuiet => _tries.Count == 0 && (_gone || NextAt is not { } at || at > Now);

    /// <summary>When something can be tried; null: nothing waits but for what is under way.</summary>
    private TimeSpan? NextAt => !_ready.TryPeek(out _, out var at) ? null : IsDown && _probeAt > at ? _probeAt : at;

    /// <summary>Begins what can be tried now, and sets the timer for what comes next.</summary>
    private void Go()
    {
        lock (_gate)
        {
            if (_stop.IsCancellationRequested) return;
            while (!_gone && _tries.Count < AtOnceNow && NextAt <= Now)
            {
                var lane = _ready.Dequeue();
                if (lane.Numbers.TryPeek(out var number)) Track(lane, number);
                else _lanes.Remove(lane.Subject);
            }
            // Where as many are under way as may be, the first that ends comes back here.
            _timer.Change(!_gone && _tries.Count < AtOnceNow && NextAt is { } next ? next - Now : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            if (!IsQuiet) return;
            _quiet?.TrySetResult();
            _quiet = null;
        }
    }

    private void Track(Lane lane, long number)
    {
        var started = new TaskCompletionSource();
        var task = TryAsync(lane, number, started.Task);
        _tries.Add(task);
        lane.Trying = task;
        started.SetResult();
    }

    private async Task TryAsync(Lane lane, long number, Task tracked)
    {
        await tracked.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var (outcome, why) = (SendOutcome.Failed, "");
        try
        {
            (outcome, why) = await _store.FindAsync(number, _stop.Token) is { } delivery ? await _sender.SendAsync(delivery, _stop.Token) : (SendOutcome.Delivered, "");
            if (outcome == SendOutcome.Delivered) await _store.RemoveAsync(number, _stop.Token);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return;
        }
        // The database, for the most part: what it is said to have is tried again.
        catch (Exception failed)
        {
            (outcome, why) = (SendOutcome.Failed, failed.GetType().Name);
        }
        Finish(lane, number, outcome, why);
    }

    private void Finish(Lane lane, long number, SendOutcome outcome, string why)
    {
        lock (_gate)
        {
            _tries.Remove(lane.Trying!);
            switch (outcome)
            {
                case SendOutcome.Delivered:
                    if (lane.Numbers.TryPeek(out var first) && first == number) Drop(lane);
                    lane.Failures = 0;
                    Succeeded();
                    break;
                case SendOutcome.Failed:
                    lane.Failures++;
                    Failed(lane.Subject, why);
                    break;
                case SendOutcome.Gone:
                    _gone = true;
                    _failingSince ??= Now;
                    LogGone(_log, _endpoint.Setting);
                    break;
            }
            if (lane.Numbers.Count == 0) _lanes.Remove(lane.Subject);
            else _ready.Enqueue(lane, lane.Failures == 0 ? Now : Now + Backoff(lane.Failures, LongestRetry));
        }
        Go();
    }

    private void Succeeded()
    {
        if (IsDown)
        {
            // It was the endpoint's failure and not theirs: nobody waits for a try of their own.
            var all = _ready.UnorderedItems.Select(r => r.Element).OrderBy(l => l.Numbers.TryPeek(out var number) ? number : 0).ToList();
            _ready.Clear();
            foreach (var lane in all)
            {
                lane.Failures = 0;
                _ready.Enqueue(lane, Now);
            }
        }
        _failing.Clear();
        _probes = 0;
        if (_failingSince is null) return;
        _failingSince = null;
        LogBack(_log, _endpoint.Setting);
    }

    private void Failed(string subject, string why)
    {
        _failing.Add(subject);
        if (IsDown) _probeAt = Now + Backoff(++_probes, LongestProbe);
        if (_failingSince is not null) return;
        _failingSince = Now;
        LogFailing(_log, _endpoint.Setting, why);
    }

    private void Drop(Lane lane)
    {
        lane.Numbers.Dequeue();
        Waiting--;
    }

    /// <summary>Doubling, of which a random half at most is taken off: those who failed together do not come back together.</summary>
    private TimeSpan Backoff(int failures, TimeSpan longest)
    {
        var whole = FirstRetry * Math.Pow(2, Math.Min(failures - 1, 20));
        return (whole < longest ? whole : longest) * (1 - (_chance.NextDouble() / 2));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _timer.DisposeAsync();
        Task[] tries;
        lock (_gate) tries = [.. _tries];
        await Task.WhenAll(tries);
        _sender.Dispose();
        _stop.Dispose();
    }

    [LoggerMessage(2410, LogLevel.Warning, "The webhook {Endpoint} fails ({Why}); its deliveries are tried again for 24 hours")]
    private static partial void LogFailing(ILogger log, string endpoint, string why);

    [LoggerMessage(2411, LogLevel.Information, "The webhook {Endpoint} takes deliveries again")]
    private static partial void LogBack(ILogger log, string endpoint);

    [LoggerMessage(2412, LogLevel.Error, "The webhook {Endpoint} answered 410 and is disabled until the next start; what is to be told to it waits for that, for 24 hours")]
    private static partial void LogGone(ILogger log, string endpoint);

    /// <summary>What waits of one subject.</summary>
    private sealed class Lane(string subject)
    {
        public string Subject => subject;

        public Queue<long> Numbers { get; } = new();

        /// <summary>Of the first, in a row.</summary>
        public int Failures { get; set; }

        /// <summary>Under way, as long as it is in no queue.</summary>
        public Task? Trying { get; set; }
    }
}
