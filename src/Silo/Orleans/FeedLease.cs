using HallOps.Core.Halls;

namespace HallOps.Silo.Orleans;

/// <summary>A topic posted to one node, which shares it out to its screens: as many of them as there are, the hall sends once. On the hall's turn, but for <see cref="Renew"/>.</summary>
internal sealed class FeedLease(long id, Topic topic, IFeedObserver node, TimeProvider time) : IFeedSink
{
    public static readonly TimeSpan EndsAfter = TimeSpan.FromSeconds(30);

    private long _renewed = time.GetTimestamp();
    private List<FeedMessage>? _collected;
    private long _number;

    public Topic Topic => topic;

    public long Number => Volatile.Read(ref _number);

    public bool HasEnded => time.GetElapsedTime(Volatile.Read(ref _renewed)) > EndsAfter;

    public void Renew() => Volatile.Write(ref _renewed, time.GetTimestamp());

    public void Post(params ReadOnlySpan<FeedMessage> messages)
    {
        if (_collected is not null) _collected.AddRange(messages);
        else Send([.. messages]);
    }

    /// <summary>Tells the node to open anew.</summary>
    public void End() => Send([]);

    /// <summary>Gathers what is posted meanwhile instead of sending it.</summary>
    public List<FeedMessage> Collect(Action during)
    {
        var collected = _collected = [];
        try
        {
            during();
        }
        finally
        {
            _collected = null;
        }
        return collected;
    }

    // A node that is gone hears nothing and renews nothing: whether this one arrived is seen by the number of the next.
    private void Send(FeedMessage[] messages) => node.PostAsync(new FeedBatch(id, ++_number, messages)).AsTask().Ignore();
}
