namespace HallOps.Silo.Tests.Engine;

/// <summary>Keeps what a hall sends. A wait is armed before the act that it waits for.</summary>
internal sealed class RecordingSink : IFeedSink
{
    private readonly Lock _gate = new();
    private readonly List<FeedMessage> _messages = [];
    private readonly List<(Func<FeedMessage, bool> Fits, TaskCompletionSource<FeedMessage> Came)> _awaited = [];

    public IReadOnlyList<FeedMessage> Messages
    {
        get
        {
            lock (_gate) return [.. _messages];
        }
    }

    /// <summary>The sequence that a screen of these messages is at; -1 before the first. Fails where it went back, or a change did not follow (I5).</summary>
    public long InStep()
    {
        var at = -1L;
        foreach (var message in Messages)
            if (message is FeedSnapshot snapshot)
            {
                Assert.True(snapshot.Sequence >= at, $"I5: a snapshot of {snapshot.Sequence} after {at}");
                at = snapshot.Sequence;
            }
            else if (message is FeedChange change)
            {
                Assert.Equal(at, change.From);
                at = change.To;
            }
        return at;
    }

    /// <summary>The next message that fits, from now on.</summary>
    public Task<FeedMessage> Next(Func<FeedMessage, bool> fits)
    {
        var came = new TaskCompletionSource<FeedMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate) _awaited.Add((fits, came));
        return came.Task;
    }

    public void Post(params ReadOnlySpan<FeedMessage> messages)
    {
        foreach (var message in messages) Take(message);
    }

    private void Take(FeedMessage message)
    {
        lock (_gate)
        {
            _messages.Add(message);
            foreach (var awaited in _awaited.Where(a => a.Fits(message)).ToList())
            {
                _awaited.Remove(awaited);
                awaited.Came.SetResult(message);
            }
        }
    }
}
