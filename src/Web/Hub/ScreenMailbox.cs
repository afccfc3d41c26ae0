using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using HallOps.Silo;

namespace HallOps.Web.Hub;

/// <summary>A connection's end of the feeds: takes what halls post, on their turn, and keeps it merged until the pump comes for it. Safe from any thread.</summary>
public sealed class ScreenMailbox(TimeProvider time) : IFeedSink
{
    // API.md: an announcement expires 30 s after its call. Measured from when it came, in real time, since a demo's halls have clocks of their own.
    private static readonly TimeSpan AnnounceWithin = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly PendingScreen _pending = new();
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public void Post(params ReadOnlySpan<FeedMessage> messages)
    {
        lock (_lock)
        {
            foreach (var message in messages)
                _pending.Add(message, message is FeedAnnouncement ? time.GetTimestamp() + (long)(AnnounceWithin.TotalSeconds * time.TimestampFrequency) : 0);
        }
        _wake.Writer.TryWrite(true);
    }

    /// <summary>Posts a value that only the web knows, at the sequence the topic stands at.</summary>
    public void PostDerived(Topic topic, string key, FeedValue value)
    {
        lock (_lock) _pending.AddDerived(topic, key, value);
        _wake.Writer.TryWrite(true);
    }

    public void Open(Topic topic)
    {
        lock (_lock) _pending.Open(topic);
    }

    public void Close(Topic topic)
    {
        lock (_lock) _pending.Close(topic);
    }

    public bool TryTake([NotNullWhen(true)] out FeedMessage? message)
    {
        lock (_lock) return _pending.TryTake(time.GetTimestamp(), out message);
    }

    /// <summary>Returns when something may be pending.</summary>
    public async ValueTask WaitAsync(CancellationToken cancel) => await _wake.Reader.ReadAsync(cancel);
}
