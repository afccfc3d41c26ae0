using System.Collections.Concurrent;
using System.Security.Cryptography;
using HallOps.Core.Halls;

namespace HallOps.Silo.Orleans;

/// <summary>What this node watches: it hears of the halls that its screens show and of no others. Renewed every few seconds, a call a hall.</summary>
internal sealed class NodeFeeds : IFeedObserver
{
    private readonly ConcurrentDictionary<Topic, NodeFeed> _feeds = new();
    private readonly ConcurrentDictionary<long, NodeFeed> _byLease = new();
    private readonly IGrainFactory _grains;

    // Orleans holds it weakly.
    private readonly IFeedObserver _self;

    public NodeFeeds(IGrainFactory grains)
    {
        _grains = grains;
        _self = grains.CreateObjectReference<IFeedObserver>(this);
    }

    public static long NewLease() => BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8)) | 1;

    public async ValueTask<IDisposable?> WatchAsync(Topic topic, IFeedSink sink, CancellationToken cancel)
    {
        while (true)
        {
            var feed = _feeds.GetOrAdd(topic, static (t, node) => new NodeFeed(node, t), this);
            var isThere = await feed.JoinAsync(sink, cancel);
            if (!isThere) return null;
            // Given up for want of watchers just before this one came.
            if (_feeds.TryGetValue(topic, out var now) && ReferenceEquals(now, feed)) return new Watch(feed, sink);
            feed.Leave(sink);
        }
    }

    public ValueTask PostAsync(FeedBatch batch)
    {
        if (_byLease.TryGetValue(batch.Lease, out var feed)) feed.Take(batch);
        return default;
    }

    /// <summary>Never throws: the status says what it was.</summary>
    public async Task<FeedOpening> OpenAsync(NodeFeed feed, long lease)
    {
        _byLease[lease] = feed;
        return await Calls.ReachAsync(_grains.GetGrain<IHallGrain>(feed.Topic.Hall.Value), grain => grain.OpenAsync(feed.Topic, _self, lease), o => o.Status == AnswerStatus.NotOwner, status => new FeedOpening(status, 0, []));
    }

    /// <summary>Ends what nobody watches any more, and tells the halls that the rest is still wanted.</summary>
    public async Task RenewAsync()
    {
        foreach (var (lease, feed) in _byLease)
            if (feed.Lease != lease) _byLease.TryRemove(lease, out _);
        foreach (var (topic, feed) in _feeds)
        {
            if (!feed.IsIdle || !_feeds.TryRemove(new(topic, feed))) continue;
            if (feed.Lease is not 0 and var lease && _byLease.TryRemove(lease, out _)) _grains.GetGrain<IHallGrain>(topic.Hall.Value).CloseAsync(lease).AsTask().Ignore();
        }
        await Task.WhenAll(_byLease.GroupBy(l => l.Value.Topic.Hall).Select(RenewAsync));
        foreach (var feed in _feeds.Values) feed.Ask();
    }

    private async Task RenewAsync(IGrouping<HallId, KeyValuePair<long, NodeFeed>> leases)
    {
        var all = leases.ToArray();
        // A hall that does not answer is asked again the next time: meanwhile its screens hear no heartbeat, and say so.
        var numbers = await Calls.ReachAsync(_grains.GetGrain<IHallGrain>(leases.Key.Value), grain => grain.RenewAsync([.. all.Select(l => l.Key)]), static _ => false, static _ => []);
        for (var i = 0; i < numbers.Length; i++) all[i].Value.Renewed(all[i].Key, numbers[i]);
    }

    private sealed class Watch(NodeFeed feed, IFeedSink sink) : IDisposable
    {
        private int _ended;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _ended, 1) == 0) feed.Leave(sink);
        }
    }
}
