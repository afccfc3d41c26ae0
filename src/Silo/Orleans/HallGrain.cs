using HallOps.Core.Halls;
using Orleans.Concurrency;

namespace HallOps.Silo.Orleans;

/// <summary>
/// Runs one hall: the same <see cref="ResidentHall"/> as in one process, on this grain's turns. Reentrant, so that flushes pipeline: a call waits for nothing but its own pending answer. It stays while
/// the hall is in memory, which the <see cref="HallRunner"/> decides, and leaves the hall to another silo as soon as the journal says that one has claimed it.
/// </summary>
[Reentrant, CollectionAgeLimit(AlwaysActive = true)]
internal sealed class HallGrain(SiloHalls silo) : Grain, IHallGrain
{
    private readonly Dictionary<long, FeedLease> _leases = [];
    private Place? _place;

    /// <summary>The hall that the leases are of: another one in its place knows nothing of them.</summary>
    private ResidentHall? _posting;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var hall = new HallId(this.GetPrimaryKeyString());
        var number = silo.NumberOf(hall) ?? await GrainFactory.GetGrain<IDirectoryGrain>(0).NumberOfAsync(hall.Value);
        _place = new Place(number, hall, this);
        silo.Runner.Add(_place);
        this.RegisterGrainTimer(EndLeases, FeedLease.EndsAfter / 3, FeedLease.EndsAfter / 3);
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_place is not { } place) return;
        place.IsOver = true;
        foreach (var lease in _leases.Values) lease.End();
        if (place.Resident is { } hall)
        {
            // What is decided is stored first, so that whoever has the hall next begins with it.
            await hall.QuietAsync().WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            hall.TryDo(static h => h.End(AnswerStatus.NotOwner));
            place.Leave(hall);
        }
        silo.Runner.Remove(place);
    }

    public async ValueTask<HallAnswer> SendAsync(HallRequest request) =>
        _place is { IsOver: false } place ? await silo.Runner.SendAsync(place, request.Numbered(place.Hall, place.Number)) : HallAnswer.Failed(AnswerStatus.NotOwner);

    public async ValueTask<HallResult> ReadAsync(HallQuery query)
    {
        if (_place is not { IsOver: false } place) return new(AnswerStatus.NotOwner, null);
        try
        {
            return new(AnswerStatus.Done, await silo.Runner.ReadAsync(place, new Any(query)));
        }
        catch (HallUnavailableException gone)
        {
            return new(gone.Status, null);
        }
    }

    public async ValueTask<FeedOpening> OpenAsync(Topic topic, IFeedObserver node, long lease)
    {
        if (_place is not { IsOver: false } place) return new(AnswerStatus.NotOwner, 0, []);
        var opened = new TaskCompletionSource<FeedOpening>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!silo.Runner.TryDo(place, Open)) return new(AnswerStatus.NotRecorded, 0, []);
        return await opened.Task;

        void Open(ResidentHall hall)
        {
            hall.Used();
            if (hall.WhenCurrent(Open, why => opened.TrySetResult(new(why, 0, [])))) opened.TrySetResult(Opened(hall, topic, node, lease));
        }
    }

    public ValueTask<long[]> RenewAsync(long[] leases)
    {
        var numbers = new long[leases.Length];
        for (var i = 0; i < leases.Length; i++)
        {
            numbers[i] = -1;
            if (_place!.Resident != _posting || !_leases.TryGetValue(leases[i], out var lease)) continue;
            lease.Renew();
            numbers[i] = lease.Number;
        }
        return new(numbers);
    }

    public ValueTask CloseAsync(long lease)
    {
        if (_leases.Remove(lease, out var ended)) Unwatch(ended);
        return default;
    }

    private FeedOpening Opened(ResidentHall hall, Topic topic, IFeedObserver node, long id)
    {
        if (_posting != hall) _leases.Clear();
        _posting = hall;
        var (feed, state) = (hall.Actor.Feed, hall.Actor.Confirmed);
        var isThere = state.Exists;
        if (_leases.TryGetValue(id, out var lease))
        {
            // The others of this node have their picture: this one is for those who come.
            var look = new FeedLease(id, topic, node, TimeProvider.System);
            var seen = look.Collect(() => isThere = isThere && feed.Watch(topic, look, state, hall.Now));
            feed.Unwatch(topic, look);
            lease.Renew();
            return isThere ? new(AnswerStatus.Done, lease.Number, [.. seen]) : new(AnswerStatus.UnknownHall, 0, []);
        }
        lease = new FeedLease(id, topic, node, TimeProvider.System);
        var first = lease.Collect(() => isThere = isThere && feed.Watch(topic, lease, state, hall.Now));
        if (!isThere) return new(AnswerStatus.UnknownHall, 0, []);
        _leases.Add(id, lease);
        return new(AnswerStatus.Done, 0, [.. first]);
    }

    private Task EndLeases()
    {
        foreach (var (id, lease) in _leases.ToList())
            if (lease.HasEnded && _leases.Remove(id)) Unwatch(lease);
        return Task.CompletedTask;
    }

    private void Unwatch(FeedLease lease)
    {
        if (_posting is { } hall) hall.TryDo(h => h.Actor.Feed.Unwatch(lease.Topic, lease));
    }

    /// <summary>The hall on this grain's turns.</summary>
    private sealed class Place(uint number, HallId hall, HallGrain grain) : HallPlace(number, hall, TaskScheduler.Current)
    {
        public bool IsOver { get; set; }

        public override bool LeavesToOthers => true;

        protected override void Left()
        {
            // Asked again in the next moment it is loaded again, here or elsewhere.
            if (!IsOver) grain.GrainContext.Deactivate(new(DeactivationReasonCode.ApplicationRequested, "The hall left memory."));
        }
    }

    private sealed record Any(HallQuery Query) : HallQuery<object?>
    {
        internal override object? Read(HallState state, Instant now) => Query.ReadAny(state, now);
    }
}
