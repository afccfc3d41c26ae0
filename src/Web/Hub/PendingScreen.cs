using System.Diagnostics.CodeAnalysis;
using HallOps.Silo;

namespace HallOps.Web.Hub;

/// <summary>
/// What one connection has not been sent yet, merged: at most a snapshot, a change and a heartbeat a topic, and 256 announcements. A screen shows state, it does
/// not collect messages, so what it was too slow for is replaced by what is true now. Pure: reads no clock; not thread-safe.
/// </summary>
/// <remarks>
/// <para>Applying the changes taken, in order, to the snapshot taken gives what applying every change added would have given.</para>
/// <para>A topic's sequence never goes back in what is taken. Where a change does not follow on what is known, it alone is kept: its <c>from</c> tells the screen to
/// watch again.</para>
/// </remarks>
public sealed class PendingScreen
{
    /// <summary>More calls than a hall makes in the 30 s for which one may be spoken.</summary>
    public const int MaxAnnouncements = 256;

    private readonly Dictionary<Topic, TopicPending> _topics = [];
    private readonly Queue<TopicPending?> _ready = [];
    private readonly LinkedList<(FeedAnnouncement Message, long Expires)> _announcements = [];

    /// <summary>Takes messages of the topic from its next snapshot on; what was pending of it is forgotten.</summary>
    public void Open(Topic topic)
    {
        Close(topic);
        _topics.Add(topic, new TopicPending(topic));
    }

    public void Close(Topic topic)
    {
        if (!_topics.Remove(topic, out var pending)) return;
        // Its place in the queue comes to nothing.
        pending.Clear();
    }

    /// <param name="expires">For an announcement: when <see cref="TryTake"/>'s <c>now</c> reaches this it is dropped.</param>
    public void Add(FeedMessage message, long expires)
    {
        switch (message)
        {
            case FeedSnapshot snapshot when _topics.TryGetValue(snapshot.Topic, out var pending):
                if (pending.Add(snapshot)) Ready(pending);
                break;
            case FeedChange change when _topics.TryGetValue(change.Topic, out var pending):
                if (pending.Add(change)) Ready(pending);
                break;
            case FeedHeartbeat heartbeat when _topics.TryGetValue(heartbeat.Topic, out var pending):
                if (pending.Add(heartbeat)) Ready(pending);
                break;
            case FeedAnnouncement announcement:
                Add(announcement, expires);
                break;
        }
    }

    /// <summary>Adds a value that the hall does not know of, at the sequence the topic stands at; nothing before its snapshot.</summary>
    public void AddDerived(Topic topic, string key, FeedValue value)
    {
        if (_topics.TryGetValue(topic, out var pending) && pending.Known is { } at && pending.Add(new FeedChange(topic, at, at, new Dictionary<string, FeedValue> { [key] = value })))
            Ready(pending);
    }

    /// <summary>The next message, in the order in which topics and announcements became pending; of one topic the snapshot, then the change, then the heartbeat.</summary>
    public bool TryTake(long now, [NotNullWhen(true)] out FeedMessage? message)
    {
        message = null;
        while (message is null && _ready.TryPeek(out var pending))
        {
            if (pending is null)
            {
                _ready.Dequeue();
                message = TakeAnnouncement(now);
            }
            else if ((message = pending.Take()) is null)
            {
                _ready.Dequeue();
                pending.IsQueued = false;
            }
        }
        return message is not null;
    }

    private void Ready(TopicPending pending)
    {
        if (pending.IsQueued) return;
        pending.IsQueued = true;
        _ready.Enqueue(pending);
    }

    private void Add(FeedAnnouncement announcement, long expires)
    {
        // A connection that watches the hall and a zone of it is told of the call twice.
        foreach (var (there, _) in _announcements)
            if (there.Id == announcement.Id && there.Hall == announcement.Hall) return;
        _announcements.AddLast((announcement, expires));
        if (_announcements.Count > MaxAnnouncements) _announcements.RemoveFirst();
        else _ready.Enqueue(null);
    }

    private FeedAnnouncement? TakeAnnouncement(long now)
    {
        while (_announcements.First is { } first)
        {
            _announcements.RemoveFirst();
            if (now < first.Value.Expires) return first.Value.Message;
        }
        return null;
    }

    private sealed class TopicPending(Topic topic)
    {
        private FeedSnapshot? _snapshot;
        private FeedChange? _change;
        private bool _merged;
        private FeedHeartbeat? _heartbeat;

        /// <summary>The sequence the screen will stand at once it has taken what is pending; null before the first snapshot.</summary>
        public long? Known { get; private set; }

        public bool IsQueued { get; set; }

        public bool Add(FeedSnapshot snapshot)
        {
            if (snapshot.Sequence < Known) return false;
            (_snapshot, _change, _merged, Known) = (snapshot, null, false, snapshot.Sequence);
            return true;
        }

        public bool Add(FeedChange change)
        {
            if (Known is not { } known || change.To < known || (change.From < change.To && change.To == known)) return false;
            if (change.From > known)
            {
                // A gap, and only the snapshot is sure to be right then: pending changes are worth nothing to a screen that has to watch again.
                (_change, _merged) = (change, false);
            }
            else if (_change is null)
            {
                // Values are whole, so a change from further back is one from here.
                _change = change.From == known ? change : change with { From = known };
            }
            else
            {
                Merge(change);
            }
            Known = change.To;
            return true;
        }

        public bool Add(FeedHeartbeat heartbeat)
        {
            if (Known is null) return false;
            _heartbeat = heartbeat;
            return true;
        }

        public FeedMessage? Take()
        {
            FeedMessage? next = _snapshot is not null ? _snapshot : _change;
            if (_snapshot is not null) _snapshot = null;
            else if (_change is not null) (_change, _merged) = (null, false);
            else if (_heartbeat is { } heartbeat)
            {
                _heartbeat = null;
                // It was made before a change that overtook it while both were pending.
                next = heartbeat.Sequence < Known ? new FeedHeartbeat(topic, Known.Value) : heartbeat;
            }
            return next;
        }

        public void Clear() => (_snapshot, _change, _heartbeat, _merged, Known) = (null, null, null, false, null);

        private void Merge(FeedChange change)
        {
            // The first change is shared by every screen; a copy of it takes the later ones.
            var values = _merged ? (Dictionary<string, FeedValue>)_change!.Changes : new Dictionary<string, FeedValue>(_change!.Changes);
            foreach (var (key, value) in change.Changes) values[key] = value;
            _change = new FeedChange(topic, _change.From, change.To, values);
            _merged = true;
        }
    }
}
