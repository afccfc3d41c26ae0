using StackExchange.Redis;

namespace HallOps.Silo.Journal;

/// <summary>
/// Sends one flush: a script call a hall, all on one connection without waiting between them, so that a server that syncs its file does so once for all. Where a connection is
/// lost on the way, what was not answered is sent again over a new one: the script sees whether it was there before, so that nothing is stored twice and its outcome is known after all.
/// </summary>
internal sealed class RedisFlush(RedisLink link, RedisStore store, string owner, RedisJournalOptions options, Flush flush)
{
    // Between two tries to ask after what became of a flush.
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(50);

    // What a server answers that cannot write now and may again by itself.
    private static readonly string[] Passing = ["OOM", "MISCONF", "READONLY", "NOREPLICAS", "LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "BUSY"];

    private readonly byte[]?[] _open = new byte[]?[flush.Appends.Count];
    private readonly bool[] _sent = new bool[flush.Appends.Count];
    private FlushFailure? _last;
    private bool _scriptGone;

    /// <summary>One an append.</summary>
    public AppendOutcome[] Outcomes { get; } = new AppendOutcome[flush.Appends.Count];

    /// <summary>The snapshots that are stored.</summary>
    public List<SnapshotWrite> Snapshots { get; } = [];

    public FlushFailure? Failure { get; private set; }

    /// <param name="sends">Of each append whether it is sent at all; the others are refused.</param>
    /// <param name="unlisted">Halls that are to be in the directory first.</param>
    public async Task RunAsync(bool[] sends, IReadOnlyList<uint> unlisted)
    {
        for (var i = 0; i < _open.Length; i++)
        {
            Outcomes[i] = AppendOutcome.Refused;
            if (sends[i]) _open[i] = flush.Appends[i].Frames.ToArray();
        }
        var began = options.Time.GetTimestamp();
        for (var listed = unlisted.Count == 0; ;)
        {
            IDatabase? redis = null;
            try
            {
                redis = await link.OpenAsync();
                if (!listed) await store.ListAsync(redis, unlisted).WaitAsync(options.AnswerWithin, options.Time);
                listed = true;
                await SendAsync(redis);
            }
            catch (RedisServerException e)
            {
                Failed(e, redis);
            }
            catch (Exception e) when (RedisLink.IsGone(e))
            {
                if (redis is not null) link.Drop(redis);
                _last = Gone(e);
            }
            if (!_open.Any(o => o is not null))
            {
                // Snapshots alone: they come due again, but nobody else would notice that the store is gone.
                if (flush.Appends.Count == 0) Failure ??= _last;
                return;
            }
            // Nothing that was never sent is waited for: its callers may as well ask again.
            if (!_sent.Any(s => s) && !_scriptGone) break;
            if (options.Time.GetElapsedTime(began) > options.ResolveWithin) break;
            await Task.Delay(Again, options.Time);
        }
        for (var i = 0; i < _open.Length; i++)
            if (_open[i] is not null) Outcomes[i] = _sent[i] ? AppendOutcome.Uncertain : AppendOutcome.NotStored;
        Failure ??= _last;
    }

    private async Task SendAsync(IDatabase redis)
    {
        // Snapshots first, so that one of a record of this very flush is seen to be ahead of its hall. They are sent once: one that is lost comes due again.
        var snapshots = _last is null ? flush.Snapshots.Select(s => store.SnapshotAsync(redis, owner, s)).ToArray() : [];
        var appends = new Task<bool>?[_open.Length];
        for (var i = 0; i < _open.Length; i++)
            if (_open[i] is { } frames) appends[i] = store.AppendAsync(redis, owner, flush.Appends[i], frames, _sent[i]);
        try
        {
            await Task.WhenAll([.. snapshots, .. appends.OfType<Task<bool>>()]).WaitAsync(options.AnswerWithin, options.Time);
        }
        catch (Exception e) when (RedisLink.IsGone(e))
        {
            // Each is looked at by itself.
            _last = Gone(e);
        }
        _scriptGone = false;
        var gone = false;
        for (var i = 0; i < snapshots.Length; i++)
        {
            if (snapshots[i].IsCompletedSuccessfully && snapshots[i].Result) Snapshots.Add(flush.Snapshots[i]);
            if (snapshots[i].Exception?.InnerException is RedisServerException e && !IsScriptGone(e)) Failure ??= Failed(e, redis);
        }
        for (var i = 0; i < appends.Length; i++)
        {
            if (appends[i] is not { } sent) continue;
            if (sent.IsCompletedSuccessfully)
            {
                Outcomes[i] = sent.Result ? AppendOutcome.Stored : AppendOutcome.Refused;
                (_open[i], _sent[i]) = (null, false);
            }
            else if (sent.Exception?.InnerException is RedisServerException e)
            {
                if (IsScriptGone(e))
                {
                    // The server was told to forget its scripts: the client loads them again with the next try.
                    _scriptGone = true;
                    _last ??= Gone(e);
                }
                else if (!_sent[i])
                {
                    Refused(i, e, redis);
                }
            }
            else
            {
                _sent[i] = gone = true;
            }
        }
        if (gone) link.Drop(redis);
    }

    /// <summary>The server answered an append that was never sent before with an error: nothing of it is stored, for sure.</summary>
    private void Refused(int i, RedisServerException e, IDatabase redis)
    {
        _open[i] = null;
        // Its stream goes on behind its head: the hall's own trouble, which its reload names.
        if (e.Message.Contains("XADD", StringComparison.Ordinal) && e.Message.Contains("equal or smaller", StringComparison.Ordinal)) return;
        Outcomes[i] = AppendOutcome.NotStored;
        Failure ??= Failed(e, redis);
    }

    private FlushFailure Failed(RedisServerException e, IDatabase? redis)
    {
        // Another server is the primary by now.
        if (redis is not null && e.Message.StartsWith("READONLY", StringComparison.Ordinal)) link.Drop(redis);
        return _last = new(Passing.Any(p => e.Message.StartsWith(p, StringComparison.Ordinal)), OneLine(e));
    }

    private static FlushFailure Gone(Exception e) => new(Full: true, $"Redis does not answer: {OneLine(e)}");

    private static bool IsScriptGone(RedisServerException e) => e.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal);

    // What the client advises its programmer is nothing to whoever reads the message.
    internal static string OneLine(Exception e) => e.Message.ReplaceLineEndings(" ").Replace("; to create a disconnected multiplexer, disable AbortOnConnectFail", "", StringComparison.Ordinal).TrimEnd();
}
