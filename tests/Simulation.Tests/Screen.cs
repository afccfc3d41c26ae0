using HallOps.Silo;
using HallOps.Silo.Feeds;

namespace HallOps.Simulation.Tests;

/// <summary>
/// A screen behind a slow line: a mailbox in which the newest value per key wins, and a picture that changes only when it is delivered. Holds I5 at every message.
/// </summary>
/// <param name="durable">The hall's durable sequence now.</param>
internal sealed class Screen(Topic topic, uint hall, Func<long> durable) : IFeedSink
{
    private readonly Dictionary<string, object?> _picture = [];
    private readonly Dictionary<string, object?> _changes = [];
    private readonly HashSet<(long, string)> _spoken = [];
    private FeedSnapshot? _snapshot;
    private long? _queuedTo;
    private long _from;

    public Topic Topic => topic;
    public uint Hall => hall;

    /// <summary>What it shows; survives a lost connection, as the glass does.</summary>
    public long Sequence { get; private set; }

    public bool Watches { get; set; }

    public bool HasMail => _queuedTo is not null;

    /// <summary>Announcements heard, each call once.</summary>
    public int Spoken => _spoken.Count;

    public void Post(params ReadOnlySpan<FeedMessage> messages)
    {
        foreach (var message in messages) Take(message);
    }

    private void Take(FeedMessage message)
    {
        Law.Holds(Watches, $"{topic}: a message after the watch ended");
        switch (message)
        {
            case FeedSnapshot s:
                Law.Holds(s.Sequence <= durable(), $"{topic}: a snapshot at {s.Sequence}, durable is {durable()}");
                _snapshot = s;
                _changes.Clear();
                _queuedTo = s.Sequence;
                break;
            case FeedChange c:
                Law.Holds(c.To <= durable(), $"{topic}: a change to {c.To}, durable is {durable()}");
                Law.Holds(c.From <= c.To, $"I5: {topic}: a change from {c.From} to {c.To}");
                Law.Holds(c.From == (_queuedTo ?? Sequence), $"I5: {topic}: a change from {c.From}, the screen has {_queuedTo ?? Sequence}");
                if (_queuedTo is null) _from = c.From;
                _queuedTo = c.To;
                foreach (var (key, value) in c.Changes)
                {
                    // A list sent whole takes the place of what was changed in it before.
                    if (value.Value is System.Collections.IEnumerable and not string)
                        foreach (var older in _changes.Keys.Where(k => k.StartsWith(key + "/", StringComparison.Ordinal)).ToList()) _changes.Remove(older);
                    _changes[key] = value.Value;
                }
                break;
            case FeedAnnouncement a:
                Law.Holds(a.Id <= durable(), $"{topic}: call {a.Id} is announced, durable is {durable()}");
                _spoken.Add((a.Id, a.Ticket));
                break;
            case FeedHeartbeat h:
                Law.Holds(h.Sequence == (_queuedTo ?? Sequence), $"I5: {topic}: a heartbeat at {h.Sequence}, the screen was sent {_queuedTo ?? Sequence}");
                break;
        }
    }

    /// <summary>The line lets through what waits.</summary>
    public void Deliver()
    {
        if (_queuedTo is not { } to) return;
        Law.Holds(to >= Sequence, $"I5: {topic}: the screen goes back from {Sequence} to {to}");
        if (_snapshot is { } snapshot)
        {
            _picture.Clear();
            foreach (var (key, value) in snapshot.State) Set(key, value.Value);
        }
        else Law.Holds(_from == Sequence, $"I5: {topic}: a change from {_from} reaches a screen at {Sequence}");
        // Lists sent whole first, then what changed in them since.
        foreach (var (key, value) in _changes.OrderBy(c => c.Key.Contains('/', StringComparison.Ordinal))) Set(key, value);
        Sequence = to;
        (_snapshot, _queuedTo) = (null, null);
        _changes.Clear();
    }

    /// <summary>The connection is gone, and what waited with it.</summary>
    public void Disconnect()
    {
        Watches = false;
        (_snapshot, _queuedTo) = (null, null);
        _changes.Clear();
    }

    /// <summary>What it shows, comparable: member by member, lists by key; without the two members that name the moment.</summary>
    public SortedDictionary<string, string> Picture()
    {
        var shown = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in _picture)
            if (key is not ("sequence" or "asOf")) shown.Add(key, System.Text.Encoding.UTF8.GetString(FeedJson.Utf8(value)));
        return shown;
    }

    /// <summary>The lists that are changed by key are taken apart into their keys.</summary>
    private void Set(string key, object? value)
    {
        if (key is "lines" or "windows" && topic.Kind is not (TopicKind.Window or TopicKind.Ticket))
        {
            foreach (var old in _picture.Keys.Where(k => k.StartsWith(key + "/", StringComparison.Ordinal)).ToList()) _picture.Remove(old);
            if (value is IReadOnlyList<Core.Halls.LineBoard> lines) foreach (var line in lines) _picture["lines/" + line.Line] = line;
            if (value is IReadOnlyList<Core.Halls.WindowBoard> windows) foreach (var window in windows) _picture["windows/" + window.Window] = window;
        }
        else if (value is null && key.Contains('/', StringComparison.Ordinal)) _picture.Remove(key);
        else _picture[key] = value;
    }
}
