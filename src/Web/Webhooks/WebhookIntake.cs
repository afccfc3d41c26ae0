using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Silo.Journal;
using HallOps.Silo.Projections;

namespace HallOps.Web.Webhooks;

/// <summary>What an event means to webhooks.</summary>
internal readonly record struct WebhookSeen(IReadOnlyList<WebhookFact> Facts, bool DayEnded);

/// <summary>
/// Durable events as deliveries: a row for each endpoint that wants one, in one transaction with how far each hall's journal was taken in. So each is told once, whatever crashes and whichever process hears of it; a
/// <see cref="JournalFollower{TFact}"/> sees to that.
/// </summary>
/// <param name="stored">Told what was stored.</param>
internal sealed partial class WebhookIntake(
    IReadOnlyList<WebhookEndpoint> endpoints, WebhookStore store, IJournal journal, HallClock clock, Action<IReadOnlyList<Delivery>> stored, ILogger log) : IFollowing<WebhookSeen>
{
    /// <summary>Nothing older is told: who waited for it is long gone.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromHours(24);

    /// <summary>Events that tell nobody anything before how far they got is stored: so many are read once more after a crash.</summary>
    private const int MaxUnmarked = 2_000;

    private readonly IReadOnlyList<WebhookEndpoint> _endpoints = endpoints;
    private readonly HallClock _clock = clock;
    private Dictionary<(uint Hall, long Leg), int> _near = [];
    // Taken in, and nothing to tell: how far it got alone is worth no transaction, since it is read from the journal again.
    private Dictionary<uint, Reach> _unmarked = [];
    private int _unmarkedEvents;

    /// <summary>At the very first start what happened before is marked as taken in. Before the halls run, so that nothing they do then is passed over.</summary>
    public async Task OpenAsync(CancellationToken cancel)
    {
        if ((await store.ReadProgressAsync(cancel)).Begun) return;
        await store.BeginAsync((await journal.HallsAsync(cancel)).ToDictionary(h => h.Number, h => h.Head.Sequence), cancel);
    }

    public IHallWatch<WebhookSeen> Watch(HallState state) => new Sight(_endpoints);

    public async Task<IReadOnlyDictionary<uint, long>> BeginAsync(CancellationToken cancel)
    {
        var progress = await store.ReadProgressAsync(cancel);
        (_near, _unmarked, _unmarkedEvents) = (progress.Near, [], 0);
        return progress.Taken;
    }

    public async Task<IReadOnlyDictionary<uint, long>> StoreAsync(FactBatch<WebhookSeen> batch, CancellationToken cancel)
    {
        var page = new Page(this, batch);
        var intake = page.Intake;
        foreach (var (hall, reach) in batch.Reached) _unmarked[hall] = _unmarked.TryGetValue(hall, out var since) ? since with { To = reach.To } : reach;
        _unmarkedEvents += batch.Facts.Count;
        Dictionary<uint, long> elsewhere = [];
        if (page.IsToStore || _unmarkedEvents >= MaxUnmarked)
        {
            var taken = await store.StoreAsync(intake with { Taken = _unmarked }, _clock.Real.GetUtcNow(), cancel);
            (_unmarked, _unmarkedEvents, elsewhere) = ([], 0, taken.Elsewhere);
            if (page.TooOld > 0) LogTooOld(log, page.TooOld);
            if (taken.Deliveries.Count > 0) stored(taken.Deliveries);
            foreach (var leg in _near.Keys.Where(n => elsewhere.ContainsKey(n.Hall)).ToList()) _near.Remove(leg);
            foreach (var (leg, threshold) in taken.Near) _near[leg] = threshold;
        }
        foreach (var (leg, threshold) in intake.Near)
            if (!elsewhere.ContainsKey(leg.Hall)) _near[leg] = threshold;
        foreach (var (hall, upTo) in intake.DaysEnded)
            foreach (var leg in _near.Keys.Where(n => n.Hall == hall && n.Leg <= upTo && !elsewhere.ContainsKey(hall)).ToList()) _near.Remove(leg);
        return elsewhere;
    }

    /// <summary>What goes into one transaction.</summary>
    private sealed class Page
    {
        private readonly WebhookIntake _intake;
        private readonly IReadOnlyDictionary<uint, Reach> _reached;
        private readonly List<(uint, Delivery)> _deliveries = [];
        private readonly Dictionary<(uint, long), int> _near = [];
        private readonly Dictionary<uint, long> _daysEnded = [];
        private readonly Instant _oldest;

        public Page(WebhookIntake intake, FactBatch<WebhookSeen> batch)
        {
            (_intake, _reached, _oldest) = (intake, batch.Reached, intake._clock.Now + -MaxAge);
            foreach (var (hall, sequence, seen) in batch.Facts)
            {
                foreach (var fact in seen.Facts) Add(hall, fact);
                if (seen.DayEnded) _daysEnded[hall] = sequence;
            }
        }

        public int TooOld { get; private set; }

        public bool IsToStore => _deliveries.Count + _near.Count + _daysEnded.Count + TooOld > 0;

        public Intake Intake => new(_deliveries, _reached, _near, _daysEnded);

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
                if (_near.TryGetValue((hall, near.Leg), out var known) || _intake._near.TryGetValue((hall, near.Leg), out known)) told = known;
                if (near.Threshold >= told) return;
                _near[(hall, near.Leg)] = near.Threshold;
            }
            foreach (var endpoint in _intake._endpoints)
            {
                if (!endpoint.Wants(fact.Event, fact.Hall)) continue;
                if (fact.Near is { } n && (endpoint.NearAhead < n.Threshold || endpoint.NearAhead >= told)) continue;
                _deliveries.Add((hall, new Delivery(0, endpoint.Key, fact.Id, fact.Event.NameOf(), fact.Subject, fact.Body)));
            }
        }
    }

    /// <summary>Known from the first event on only: a new hall has no id before it.</summary>
    private sealed class Sight(IReadOnlyList<WebhookEndpoint> endpoints) : IHallWatch<WebhookSeen>
    {
        private HallSight? _sight;

        public WebhookSeen See(HallEvent @event, HallState state) => new((_sight ??= HallSight.Of(state.Settings.Hall, endpoints)).See(@event, state), @event is DayEnded);
    }

    [LoggerMessage(2402, LogLevel.Warning, "{Count} events are more than 24 hours old and are not told to any webhook")]
    private static partial void LogTooOld(ILogger log, int count);
}
