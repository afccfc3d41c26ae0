using HallOps.Core.Halls;
using HallOps.Silo.Journal;

namespace HallOps.Silo;

/// <summary>Told what became of what it appended. Called by whoever drives the writer, or from its own append where the store is gone, with nothing of the writer locked.</summary>
public interface IAppendOwner
{
    /// <summary>Everything up to the sequence is durable.</summary>
    void Stored(long upTo);

    /// <summary>The incarnation is over: nothing of it is accepted any more, what was appended and not stored fails with it.</summary>
    /// <param name="why"><see cref="AnswerStatus.NotOwner"/>: not stored, since somebody else has claimed the hall or written to it.</param>
    void Lost(AnswerStatus why);
}

/// <summary>
/// Where one incarnation of a hall puts its records until the writer takes them. Opened with the epoch the incarnation claimed; dead for ever after the first failure.
/// </summary>
public sealed class Outbox
{
    internal Outbox(IAppendOwner owner, uint hall, HallId name, ulong epoch, long sequence) => (Owner, Hall, Name, Epoch, Last) = (owner, hall, name, epoch, sequence);

    internal IAppendOwner Owner { get; }
    internal uint Hall { get; }
    internal HallId Name { get; }
    internal ulong Epoch { get; }

    /// <summary>The last sequence taken into a flush.</summary>
    internal long Last { get; set; }

    internal ByteWriter Frames { get; } = new(256);
    internal int Count { get; set; }
    internal bool Dead { get; set; }
}

/// <summary>
/// Group commit: collects what all halls appended since the last flush into one, and tells each hall what became of it. Passive: whoever drives it asks for the
/// <see cref="NextFlush"/>, has the journal store it, and reports <see cref="Completed"/>; one flush is out at a time. Safe from any thread.
/// </summary>
/// <param name="signal">Called, without a lock held, when there is something to flush and no flush is out.</param>
public sealed class JournalWriter(Action signal)
{
    /// <summary>In flight in all halls; then mailboxes wait.</summary>
    public const int MaxInFlight = 65_536;

    /// <summary>In flight of one hall; then its mailbox waits.</summary>
    public const int MaxInFlightOfHall = 1_024;

    /// <summary>Failures in a row that are neither lack of room nor a refusal: after them nothing this process says about its store can be believed.</summary>
    public const int FatalFailures = 2;

    private readonly Lock _gate = new();
    private readonly List<Outbox> _filled = [];
    private readonly List<SnapshotWrite> _snapshots = [];
    private readonly ByteWriter _body = new(64 * 1024);
    private readonly List<Append> _appends = [];
    private List<Outbox> _out = [];
    private List<Outbox> _told = [];
    private bool _flushing;
    private int _failures;
    private volatile int _inFlight;
    private volatile string? _unavailable;

    /// <summary>Null while the store takes what it is given; else why it does not, in a sentence. Nothing is appended meanwhile.</summary>
    public string? Unavailable => _unavailable;

    /// <summary>The store failed twice running: stop acknowledging and end the process.</summary>
    public bool Fatal { get; private set; }

    public int InFlight => _inFlight;

    /// <summary>Whether halls may append more now.</summary>
    public bool HasRoom => _inFlight < MaxInFlight;

    /// <summary>Begins an incarnation of a hall that loaded up to <paramref name="sequence"/>.</summary>
    public static Outbox Open(IAppendOwner owner, uint hall, HallId name, ulong epoch, long sequence) => new(owner, hall, name, epoch, sequence);

    /// <summary>Ends an incarnation from the hall's side: what is not in a flush yet is dropped.</summary>
    public void Close(Outbox outbox)
    {
        lock (_gate) Kill(outbox);
    }

    /// <summary>Appends the records of one command: all of them or none are stored. Dropped where the incarnation is over; its owner is told by <see cref="IAppendOwner.Lost"/>.</summary>
    public void Append(Outbox outbox, ReadOnlySpan<byte> frames, int count)
    {
        var idle = false;
        var refused = false;
        lock (_gate)
        {
            if (outbox.Dead) return;
            if (_unavailable is not null)
            {
                // The store went while the hall decided: what is put here now would wait for one that may never come back.
                Kill(outbox);
                refused = true;
            }
            else
            {
                if (outbox.Count == 0) _filled.Add(outbox);
                outbox.Frames.Raw(frames);
                outbox.Count += count;
                _inFlight += count;
                idle = !_flushing && _filled.Count == 1 && outbox.Count == count;
            }
        }
        if (refused) outbox.Owner.Lost(AnswerStatus.JournalUnavailable);
        else if (idle) signal();
    }

    /// <summary>Puts a snapshot of an incarnation's confirmed picture into the queue. It is lost without harm if the incarnation is over when its turn comes.</summary>
    public void Snapshot(SnapshotWrite snapshot)
    {
        bool idle;
        lock (_gate)
        {
            _snapshots.Add(snapshot);
            idle = !_flushing && _filled.Count == 0;
        }
        if (idle) signal();
    }

    /// <summary>Everything appended since the last flush; null where there is nothing, or a flush is out. Its memory is reused after <see cref="Completed"/>.</summary>
    public Flush? NextFlush()
    {
        lock (_gate)
        {
            if (_flushing || _unavailable is not null || (_filled.Count == 0 && _snapshots.Count == 0)) return null;
            _flushing = true;
            _body.Clear();
            var total = 0;
            foreach (var outbox in _filled) total += outbox.Frames.Length;
            var body = _body;
            body.Take(total);
            body.Clear();
            _appends.Clear();
            foreach (var outbox in _filled)
            {
                var start = body.Length;
                body.Raw(outbox.Frames.Written);
                _appends.Add(new Append(outbox.Hall, outbox.Name, outbox.Epoch, outbox.Last, outbox.Count, body.WrittenMemory[start..]));
                outbox.Last += outbox.Count;
                outbox.Count = 0;
                outbox.Frames.Clear();
                _out.Add(outbox);
            }
            _filled.Clear();
            var snapshots = _snapshots.Count == 0 ? [] : _snapshots.ToArray();
            _snapshots.Clear();
            return new Flush(body.WrittenMemory, _appends, snapshots);
        }
    }

    /// <summary>Reports what became of the flush that is out, and tells every hall in it.</summary>
    public void Completed(Flush flush, FlushOutcome outcome)
    {
        List<Outbox> told;
        List<(Outbox Outbox, AnswerStatus Why)>? lost = null;
        lock (_gate)
        {
            // The two lists take turns: what was told last time is forgotten by now.
            told = _out;
            (_out, _told) = (_told, _out);
            _out.Clear();
            if (outcome.Failure is null) _failures = 0;
            else if (outcome.Failure.Full) _unavailable = outcome.Failure.Reason;
            else if (++_failures >= FatalFailures)
            {
                Fatal = true;
                _unavailable = $"The journal failed {_failures} times running: {outcome.Failure.Reason}";
            }
            for (var i = 0; i < told.Count; i++)
            {
                _inFlight -= flush.Appends[i].Count;
                if (outcome.Appends[i] == AppendOutcome.Stored) continue;
                Kill(told[i]);
                (lost ??= []).Add((told[i], outcome.Appends[i] switch
                {
                    AppendOutcome.Uncertain => AnswerStatus.OutcomeUnknown,
                    AppendOutcome.Refused => AnswerStatus.NotOwner,
                    _ when outcome.Failure is { Full: true } => AnswerStatus.JournalUnavailable,
                    _ => AnswerStatus.NotRecorded,
                }));
            }
            if (_unavailable is not null)
            {
                // What waits for the next flush would wait for a store that is not there.
                foreach (var outbox in _filled.ToList())
                {
                    Kill(outbox);
                    (lost ??= []).Add((outbox, AnswerStatus.JournalUnavailable));
                }
            }
            _flushing = false;
        }
        for (var i = 0; i < told.Count; i++)
            if (outcome.Appends[i] == AppendOutcome.Stored) told[i].Owner.Stored(flush.Appends[i].Last);
        if (lost is null) return;
        foreach (var (outbox, why) in lost) outbox.Owner.Lost(why);
    }

    /// <summary>The store answers again: halls may append.</summary>
    public void Available()
    {
        lock (_gate)
        {
            if (!Fatal) _unavailable = null;
        }
        signal();
    }

    private void Kill(Outbox outbox)
    {
        if (outbox.Dead) return;
        outbox.Dead = true;
        _inFlight -= outbox.Count;
        outbox.Count = 0;
        outbox.Frames.Clear();
        _filled.Remove(outbox);
    }
}
