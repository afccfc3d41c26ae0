namespace HallOps.Silo.Orleans;

/// <summary>
/// A topic as this node watches it: once, for however many of its screens. Batches are counted, so that what is lost or late on the way is seen; then, and whenever the hall has moved, all of them
/// get the picture anew. Whoever comes later is shown the picture by the hall too, and goes on with the batches after it. Safe from any thread.
/// </summary>
internal sealed class NodeFeed(NodeFeeds node, Topic topic)
{
    /// <summary>Batches kept that came before their turn; more of them are a hole.</summary>
    private const int MostEarly = 64;

    private readonly Lock _gate = new();
    private readonly List<Watcher> _watchers = [];
    private readonly List<(Watcher Watcher, TaskCompletionSource<bool> Joined)> _joining = [];
    private readonly SortedDictionary<long, FeedBatch> _early = [];

    /// <summary>What came while a picture was asked for: whoever waits for that may need it after it.</summary>
    private readonly List<FeedBatch> _since = [];

    private bool _asking;
    private bool _isOpen;
    private long _at;
    private long _lagsAt = -1;

    public Topic Topic => topic;

    /// <summary>0: none.</summary>
    public long Lease { get; private set; }

    /// <summary>Nobody watches, or is about to.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_gate) return _watchers.Count == 0 && _joining.Count == 0;
        }
    }

    /// <summary>Shows the picture and what follows it to a sink; false where the hall or the part of it does not exist.</summary>
    /// <exception cref="HallUnavailableException">It cannot be watched now.</exception>
    public async Task<bool> JoinAsync(IFeedSink sink, CancellationToken cancel)
    {
        var joined = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate) _joining.Add((new Watcher(sink), joined));
        Ask();
        try
        {
            return await joined.Task.WaitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            Leave(sink);
            throw;
        }
    }

    /// <summary>From here on the sink hears nothing more.</summary>
    public void Leave(IFeedSink sink)
    {
        lock (_gate)
        {
            if (_watchers.FindIndex(w => ReferenceEquals(w.Sink, sink)) is >= 0 and var at) _watchers.RemoveAt(at);
            else _joining.RemoveAll(j => ReferenceEquals(j.Watcher.Sink, sink));
        }
    }

    public void Take(FeedBatch batch)
    {
        lock (_gate)
        {
            if (batch.Lease != Lease) return;
            if (batch.Messages.Length == 0) Lose();
            else if (!_isOpen || batch.Number > _at + 1) Keep(batch);
            else if (batch.Number == _at + 1) Pass(batch);
        }
        Ask();
    }

    /// <summary>What the hall said of the lease: the last number posted under it, or -1.</summary>
    public void Renewed(long lease, long number)
    {
        lock (_gate)
        {
            if (lease != Lease || !_isOpen) return;
            // One round later it must be here.
            if (number < 0 || (number > _at && _lagsAt == _at)) Lose();
            _lagsAt = number > _at ? _at : -1;
        }
        Ask();
    }

    /// <summary>Asks the hall for the picture where somebody lacks it.</summary>
    public void Ask()
    {
        lock (_gate)
        {
            if (_asking || (_joining.Count == 0 && (_isOpen || _watchers.Count == 0))) return;
            _asking = true;
            _since.Clear();
            if (!_isOpen)
            {
                _early.Clear();
                Lease = NodeFeeds.NewLease();
            }
        }
        _ = AskAsync(Lease);
    }

    private async Task AskAsync(long lease)
    {
        var opening = await node.OpenAsync(this, lease);
        bool again;
        lock (_gate)
        {
            _asking = false;
            // Lost meanwhile: whoever waits, waits for the next.
            again = lease != Lease;
            if (!again && opening.Status == AnswerStatus.Done) Opened(opening);
            else if (!again)
            {
                foreach (var (_, joined) in _joining)
                    if (opening.Status == AnswerStatus.UnknownHall) joined.TrySetResult(false);
                    else joined.TrySetException(new HallUnavailableException($"Hall {topic.Hall} cannot be watched now.") { Status = opening.Status });
                _joining.Clear();
            }
        }
        if (again) Ask();
    }

    private void Opened(FeedOpening opening)
    {
        if (!_isOpen)
        {
            (_isOpen, _at, _lagsAt) = (true, opening.Number, -1);
            foreach (var watcher in _watchers) watcher.Show(opening);
        }
        foreach (var (watcher, joined) in _joining)
        {
            watcher.Show(opening);
            foreach (var batch in _since) watcher.Pass(batch);
            _watchers.Add(watcher);
            joined.TrySetResult(true);
        }
        _joining.Clear();
        while (_early.Remove(_at + 1, out var next)) Pass(next);
    }

    private void Pass(FeedBatch batch)
    {
        for (; ; )
        {
            _at = batch.Number;
            if (_asking) _since.Add(batch);
            foreach (var watcher in _watchers) watcher.Pass(batch);
            if (!_early.Remove(_at + 1, out var next)) return;
            batch = next;
        }
    }

    private void Keep(FeedBatch batch)
    {
        _early[batch.Number] = batch;
        if (_early.Count > MostEarly && _isOpen) Lose();
    }

    private void Lose() => (_isOpen, Lease) = (false, 0);

    /// <param name="Sink">One of this node's screens.</param>
    private sealed record Watcher(IFeedSink Sink)
    {
        /// <summary>The last batch that its picture has.</summary>
        private long _from;

        public void Show(FeedOpening opening)
        {
            _from = opening.Number;
            Sink.Post(opening.Messages);
        }

        public void Pass(FeedBatch batch)
        {
            if (batch.Number <= _from) return;
            _from = batch.Number;
            Sink.Post(batch.Messages);
        }
    }
}
