using System.Data.Common;

namespace HallOps.Web.Webhooks;

/// <summary>What delivers: a pump for each endpoint, filled with what waits, and what gives up what nobody takes. In one process at a time. Safe from any thread, but for <see cref="LookAsync"/>.</summary>
internal sealed partial class WebhookDelivery : IAsyncDisposable
{
    /// <summary>Deliveries that wait for one endpoint; the oldest are given up for more. Some 50 MB.</summary>
    public const int MaxWaiting = 100_000;

    public static readonly TimeSpan GiveUpEvery = TimeSpan.FromMinutes(1);

    private readonly WebhookStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<string, (WebhookEndpoint Endpoint, WebhookPump Pump)> _pumps;
    private readonly ITimer _timer;
    private Task _givingUp = Task.CompletedTask;
    private long _seen;

    public WebhookDelivery(IReadOnlyList<WebhookEndpoint> endpoints, WebhookStore store, TimeProvider time, ILoggerFactory loggers)
    {
        (_store, _time, _log) = (store, time, loggers.CreateLogger<WebhookDelivery>());
#pragma warning disable CA5394 // Jitter is no secret.
        _pumps = endpoints.ToDictionary(e => e.Key, e => (e, new WebhookPump(e, store, time, new Random(), loggers.CreateLogger<WebhookPump>())));
#pragma warning restore CA5394
        _timer = time.CreateTimer(_ => GiveUp(), null, GiveUpEvery, GiveUpEvery);
    }

    public IEnumerable<WebhookPump> Pumps => _pumps.Values.Select(p => p.Pump);

    /// <summary>Takes in what waits and was not seen yet, whoever stored it. One at a time.</summary>
    public async Task LookAsync(CancellationToken cancel) => Add(await _store.AfterAsync(_seen, cancel));

    /// <summary>Takes deliveries in, each later than all before.</summary>
    public void Add(IReadOnlyList<Waiting> deliveries)
    {
        if (deliveries.Count == 0) return;
        _seen = deliveries[^1].Number;
        foreach (var some in deliveries.GroupBy(d => d.Endpoint))
            if (_pumps.TryGetValue(some.Key, out var to)) to.Pump.Add(some.Select(d => (d.Number, d.Subject)));
    }

    /// <summary>Completes with the giving up that is under way.</summary>
    internal Task GivenUpAsync() => _givingUp;

    private void GiveUp()
    {
        if (_givingUp.IsCompleted) _givingUp = GiveUpAsync(_stop.Token);
    }

    private async Task GiveUpAsync(CancellationToken cancel)
    {
        foreach (var (key, (endpoint, pump)) in _pumps)
        {
            try
            {
                var (upTo, count) = await _store.GiveUpAsync(key, _time.GetUtcNow() - WebhookIntake.MaxAge, MaxWaiting, cancel);
                if (count == 0) continue;
                pump.Forget(upTo);
                LogGivenUp(_log, count, endpoint.Setting, MaxWaiting);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (DbException failed)
            {
                LogNotGivenUp(_log, failed);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _timer.DisposeAsync();
        await _givingUp;
        foreach (var pump in Pumps) await pump.DisposeAsync();
        _stop.Dispose();
    }

    [LoggerMessage(2420, LogLevel.Error, "{Count} deliveries to the webhook {Endpoint} are given up: 24 hours old, or the oldest of more than {Most}")]
    private static partial void LogGivenUp(ILogger log, int count, string endpoint, int most);

    [LoggerMessage(2421, LogLevel.Warning, "What webhooks did not take could not be given up; it is tried again in a minute")]
    private static partial void LogNotGivenUp(ILogger log, Exception failed);
}
