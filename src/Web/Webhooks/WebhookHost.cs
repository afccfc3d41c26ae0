using System.Data.Common;
using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Silo.Journal;
using HallOps.Silo.Projections;
using HallOps.Web.Operations;

namespace HallOps.Web.Webhooks;

/// <summary>Webhooks, put together: the intake from the journal, a pump for each endpoint, and what gives up what nobody takes. There is none where no endpoint is set.</summary>
internal sealed partial class WebhookHost(IReadOnlyList<WebhookEndpoint> endpoints, TimeProvider time, ILoggerFactory loggers) : IAsyncDisposable
{
    /// <summary>Deliveries that wait for one endpoint; the oldest are given up for more. Some 50 MB.</summary>
    public const int MaxWaiting = 100_000;

    public static readonly TimeSpan GiveUpEvery = TimeSpan.FromMinutes(1);

    private readonly ILogger _log = loggers.CreateLogger<WebhookHost>();
    private readonly CancellationTokenSource _stop = new();
    private Dictionary<string, WebhookPump> _pumps = [];
    private WebhookStore? _store;
    private JournalFollower<WebhookSeen>? _follower;
    private ITimer? _timer;
    private Task _givingUp = Task.CompletedTask;
    private bool _isDisposed;

    /// <summary>A sentence for each endpoint that has failed for more than an hour.</summary>
    public IEnumerable<string> Problems => _pumps.Values.Select(p => p.Problem).OfType<string>();

    internal IEnumerable<WebhookPump> Pumps => _pumps.Values;

    internal JournalFollower<WebhookSeen> Follower => _follower!;

    /// <summary>Before the halls run.</summary>
    /// <param name="open">Opens a connection to the database.</param>
    public async Task OpenAsync(Func<CancellationToken, ValueTask<DbConnection>> open, IJournal journal, HallClock clock, CancellationToken cancel)
    {
        _store = new WebhookStore(open);
        if (await _store.RemoveOthersAsync([.. endpoints.Select(KeyOf)], cancel) is > 0 and var others) LogOthers(_log, others);
#pragma warning disable CA5394 // Jitter is no secret.
        _pumps = endpoints.ToDictionary(KeyOf, e => new WebhookPump(e, _store, time, new Random(), loggers.CreateLogger<WebhookPump>()));
#pragma warning restore CA5394
        var intake = new WebhookIntake(endpoints, _store, journal, clock, Hand, loggers.CreateLogger<WebhookIntake>());
        await intake.OpenAsync(cancel);
        _follower = new JournalFollower<WebhookSeen>("webhooks", intake, journal, clock.Real, _log);
        foreach (var (key, pump) in _pumps) pump.Add(await _store.WaitingAsync(key, cancel));
    }

    /// <summary>What stands between the halls and the next one they tell.</summary>
    public IConfirmedEvents Before(IConfirmedEvents next) => new Both(_follower!, next);

    public void Start()
    {
        _follower!.Start();
        _timer = time.CreateTimer(_ => GiveUp(), null, GiveUpEvery, GiveUpEvery);
    }

    /// <summary>Completes with the giving up that is under way.</summary>
    internal Task GivenUpAsync() => _givingUp;

    /// <summary>By its address: another one at the same place of the settings is another receiver.</summary>
    private static string KeyOf(WebhookEndpoint endpoint) => endpoint.Url.AbsoluteUri;

    private void Hand(IReadOnlyList<Delivery> stored)
    {
        foreach (var some in stored.GroupBy(d => d.Endpoint)) _pumps[some.Key].Add(some.Select(d => (d.Number, d.Subject)));
    }

    private void GiveUp()
    {
        if (_givingUp.IsCompleted) _givingUp = GiveUpAsync(_stop.Token);
    }

    private async Task GiveUpAsync(CancellationToken cancel)
    {
        foreach (var endpoint in endpoints)
        {
            try
            {
                var (upTo, count) = await _store!.GiveUpAsync(KeyOf(endpoint), time.GetUtcNow() - WebhookIntake.MaxAge, MaxWaiting, cancel);
                if (count == 0) continue;
                _pumps[KeyOf(endpoint)].Forget(upTo);
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
        // The engine's host ends it before the journal closes; whoever made it does so again.
        if (Interlocked.Exchange(ref _isDisposed, true)) return;
        await _stop.CancelAsync();
        if (_timer is not null) await _timer.DisposeAsync();
        await _givingUp;
        if (_follower is not null) await _follower.DisposeAsync();
        foreach (var pump in _pumps.Values) await pump.DisposeAsync();
        if (_store is not null) await _store.DisposeAsync();
        _stop.Dispose();
    }

    [LoggerMessage(2420, LogLevel.Error, "{Count} deliveries to the webhook {Endpoint} are given up: 24 hours old, or the oldest of more than {Most}")]
    private static partial void LogGivenUp(ILogger log, int count, string endpoint, int most);

    [LoggerMessage(2421, LogLevel.Warning, "What webhooks did not take could not be given up; it is tried again in a minute")]
    private static partial void LogNotGivenUp(ILogger log, Exception failed);

    [LoggerMessage(2422, LogLevel.Warning, "{Count} deliveries to webhooks that are in the settings no more are given up")]
    private static partial void LogOthers(ILogger log, int count);

    private sealed class Both(IConfirmedEvents first, IConfirmedEvents second) : IConfirmedEvents
    {
        public void Confirmed(HallState state, HallEvent @event)
        {
            first.Confirmed(state, @event);
            second.Confirmed(state, @event);
        }

        public void Loaded(HallState state)
        {
            first.Loaded(state);
            second.Loaded(state);
        }
    }
}

internal static class WebhookParts
{
    /// <summary>Nothing at all where no endpoint is set.</summary>
    public static void AddWebhooks(this IServiceCollection services, Settings settings)
    {
        if (settings.Webhooks.Count == 0) return;
        services.AddSingleton(s => new WebhookHost(settings.Webhooks, s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILoggerFactory>()));
    }
}
