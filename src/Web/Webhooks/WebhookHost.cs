using System.Data.Common;
using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Silo.Journal;
using HallOps.Silo.Projections;
using HallOps.Web.Operations;
using Npgsql;

namespace HallOps.Web.Webhooks;

/// <summary>Webhooks, put together: the intake from the journal and what delivers, which on PostgreSQL one of its processes does. There is none where no endpoint is set.</summary>
internal sealed partial class WebhookHost(IReadOnlyList<WebhookEndpoint> endpoints, TimeProvider time, ILoggerFactory loggers) : IAsyncDisposable
{
    private readonly ILogger _log = loggers.CreateLogger<WebhookHost>();
    private WebhookStore? _store;
    private JournalFollower<WebhookSeen>? _follower;
    // One of the two.
    private WebhookDelivery? _alone;
    private WebhookTurn? _turn;
    private bool _isDisposed;

    /// <summary>A sentence for each endpoint that has failed for more than an hour.</summary>
    public IEnumerable<string> Problems => Pumps.Select(p => p.Problem).OfType<string>();

    /// <summary>None while another process delivers.</summary>
    internal IEnumerable<WebhookPump> Pumps => Delivery?.Pumps ?? [];

    internal JournalFollower<WebhookSeen> Follower => _follower!;

    internal WebhookDelivery? Delivery => _alone ?? _turn?.Delivery;

    /// <summary>Before the halls run.</summary>
    /// <param name="open">Opens a connection to the database.</param>
    public async Task OpenAsync(Func<CancellationToken, ValueTask<DbConnection>> open, IJournal journal, HallClock clock, CancellationToken cancel)
    {
        _store = new WebhookStore(open);
        if (await _store.RemoveOthersAsync([.. endpoints.Select(e => e.Key)], cancel) is > 0 and var others) LogOthers(_log, others);
        var intake = new WebhookIntake(endpoints, _store, journal, clock, Hand, loggers.CreateLogger<WebhookIntake>());
        await intake.OpenAsync(cancel);
        _follower = new JournalFollower<WebhookSeen>("webhooks", intake, journal, clock.Real, _log);
        bool isShared;
        await using (var connection = await open(cancel)) isShared = connection is NpgsqlConnection;
        if (isShared)
        {
            _turn = new WebhookTurn(open, Deliver, time, loggers.CreateLogger<WebhookTurn>());
            return;
        }
        _alone = Deliver();
        await _alone.LookAsync(cancel);
    }

    /// <summary>What stands between the halls and the next one they tell.</summary>
    public IConfirmedEvents Before(IConfirmedEvents next) => new Both(_follower!, next);

    public void Start()
    {
        _follower!.Start();
        _turn?.Start();
    }

    private WebhookDelivery Deliver() => new(endpoints, _store!, time, loggers);

    private void Hand(IReadOnlyList<Delivery> stored)
    {
        _alone?.Add([.. stored.Select(d => new Waiting(d.Number, d.Endpoint, d.Subject))]);
        _turn?.Look();
    }

    public async ValueTask DisposeAsync()
    {
        // The engine's host ends it before the journal closes; whoever made it does so again.
        if (Interlocked.Exchange(ref _isDisposed, true)) return;
        if (_follower is not null) await _follower.DisposeAsync();
        if (_turn is not null) await _turn.DisposeAsync();
        if (_alone is not null) await _alone.DisposeAsync();
        if (_store is not null) await _store.DisposeAsync();
    }

    [LoggerMessage(2422, LogLevel.Warning, "{Count} deliveries to webhooks that are in the settings no more are given up")]
    private static partial void LogOthers(ILogger log, int count);

    private sealed class Both(IConfirmedEvents first, IConfirmedEvents second) : IConfirmedEvents
    {
        public void Decided(HallState state, HallEvent @event)
        {
            first.Decided(state, @event);
            second.Decided(state, @event);
        }

        public void Confirmed(uint hall, long upTo)
        {
            first.Confirmed(hall, upTo);
            second.Confirmed(hall, upTo);
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
