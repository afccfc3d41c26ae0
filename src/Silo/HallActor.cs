using HallOps.Core.Calendars;
using HallOps.Core.Halls;
using HallOps.Silo.Feeds;
using HallOps.Silo.Journal;

namespace HallOps.Silo;

/// <summary>Somebody waiting for an answer.</summary>
public interface IPendingAnswer
{
    void Set(HallAnswer answer);
}

/// <summary>Where an incarnation puts its records; the journal writer, or a benchmark's nothing.</summary>
public interface IRecorder
{
    bool HasRoom { get; }

    /// <summary>Null while the store takes what it is given.</summary>
    string? Unavailable { get; }

    void Append(ReadOnlySpan<byte> frames, int count);

    /// <summary>False where nothing is kept, so that nothing need be encoded: frames are empty then.</summary>
    bool Keeps => true;
}

/// <summary>Told every event once it is durable, in order, on the hall's turn: must return at once. After a reload there may be a gap; the journal has what is missing.</summary>
public interface IConfirmedEvents
{
    /// <param name="state">The confirmed picture right after the event; not to be kept.</param>
    void Confirmed(HallState state, HallEvent @event);

    /// <summary>The hall is loaded, anew or for the first time: what is durable up to here may not have been told.</summary>
    void Loaded(HallState state);
}

/// <summary>What an actor does not decide itself.</summary>
/// <param name="SnapshotEvery">Events between two snapshots of a hall.</param>
/// <param name="Notices">The holidays announced so far; null: none, and halls keep what they have.</param>
public sealed record HallActorOptions(int SnapshotEvery = 10_000, HolidayNotices? Notices = null);

/// <summary>The holidays of the country as announced so far: one for all halls of a process. Safe from any thread.</summary>
public sealed class HolidayNotices(HolidayTable current)
{
    private volatile HolidayTable _current = current;

    /// <summary>Halls that go by it read their calendars with it when they are next asked or poked.</summary>
    public HolidayTable Current
    {
        get => _current;
        // The same dates stay the same object: halls would compare them day by day, at every command.
        set => _current = value.Equals(_current) ? _current : value;
    }
}

/// <summary>
/// A hall, run: takes commands one at a time, keeps the state that runs ahead and the confirmed picture beside it, releases answers in order when what they stand on is durable.
/// Passive: it never waits and never calls back but by what it is given; whoever drives it calls one method at a time. Time comes with the call.
/// </summary>
/// <remarks>
/// An incarnation lasts from <see cref="Loaded"/> to <see cref="Lost"/>: after a refused or uncertain append nothing of it is believed, and the hall loads again.
/// </remarks>
public sealed class HallActor
{
    /// <summary>The actor's name in the journal for what time alone brings about.</summary>
    public const string ByTime = "hall";

    private readonly HallActorOptions _options;
    private readonly ByteWriter _frames = new();
    private readonly ByteWriter _payload = new();
    private readonly Queue<Decided> _decided = new();
    private readonly Queue<Released> _waiting = new();
    private readonly Queue<Ahead> _ahead = new();
    private Answers _remembered = new();
    private HallState _live = new();
    private HallState _confirmed = new();
    private UInt128 _chain;
    private UInt128 _confirmedChain;
    private IRecorder? _recorder;
    private ulong _epoch;
    private long _lastSnapshot;
    private DateOnly? _snapshotDay;

    private readonly IConfirmedEvents? _told;

    public HallActor(uint number, HallId hall, TimeSpan announceFor, IConfirmedEvents? told = null, HallActorOptions? options = null)
    {
        (Number, Hall, _told, _options) = (number, hall, told, options ?? new());
        Feed = new HallFeed(hall, announceFor);
    }

    public uint Number { get; }
    public HallId Hall { get; }
    public HallFeed Feed { get; }

    /// <summary>Loading while false: commands queue.</summary>
    public bool IsLoaded => _recorder is not null;

    /// <summary>The picture people see: a fold of durable events.</summary>
    public HallState Confirmed => _confirmed;

    /// <summary>Events decided and not yet durable.</summary>
    public int InFlight => (int)(_live.Sequence - _confirmed.Sequence);

    /// <summary>Whether the hall may decide more now, or its mailbox waits.</summary>
    public bool HasRoom => _recorder is not null && (InFlight < JournalWriter.MaxInFlightOfHall && _recorder.HasRoom);

    /// <summary>Nothing decided that is not durable, nobody waiting for an answer.</summary>
    public bool IsQuiet => InFlight == 0 && _waiting.Count == 0 && _ahead.Count == 0;

    /// <summary>When time alone changes the hall next; null while it loads or does not exist yet.</summary>
    public Instant? DueAt => IsLoaded ? Core.Halls.Hall.DueAt(_live, _options.Notices?.Current) : null;

    /// <summary>Begins an incarnation.</summary>
    /// <exception cref="FormatException">A record or snapshot does not decode.</exception>
    /// <exception cref="InvalidOperationException">A record does not follow the one before.</exception>
    public void Loaded(ulong epoch, HallHistory history, IRecorder recorder, Instant now)
    {
        var (live, chain, remembered) = Replay(history, out var confirmed, out _snapshotDay);
        (_live, _confirmed, _chain, _confirmedChain, _remembered, _epoch, _recorder) = (live, confirmed, chain, chain, remembered, epoch, recorder);
        _lastSnapshot = history.Snapshot?.Sequence ?? 0;
        // The same table a second time would be kept once a hall.
        if (_options.Notices?.Current is { } announced && announced.Equals(_live.Holidays)) _live.Holidays = _confirmed.Holidays = announced;
        if (_live.Exists)
        {
            _told?.Loaded(_confirmed);
            Feed.Restart(_confirmed, now);
        }
        while (_ahead.TryDequeue(out var early)) Take(early.Request, early.Pending, now);
    }

    /// <summary>Loading failed for good: whoever waits is told.</summary>
    public void Refuse(AnswerStatus why)
    {
        while (_ahead.TryDequeue(out var early)) early.Pending.Set(HallAnswer.Failed(why));
    }

    /// <summary>Takes a command; its answer is set when it is durable, perhaps before this returns.</summary>
    public void Take(in HallRequest request, IPendingAnswer pending, Instant now)
    {
        if (_recorder is null)
        {
            _ahead.Enqueue(new Ahead(request, pending));
            return;
        }
        var at = Instant.Max(now, _live.At);
        if (!ApplyDue(at))
        {
            pending.Set(HallAnswer.Failed(AnswerStatus.JournalUnavailable));
            return;
        }
        if (request.CommandId != UInt128.Zero && _remembered.TryGet(request.CommandId, out var known))
        {
            Release(known.BodyHash == request.BodyHash
                ? new HallAnswer(AnswerStatus.Done, known.Reply, null, _live.Sequence, true, _live.Settings.Calendar.Zone)
                : new HallAnswer(AnswerStatus.KeyReused, null, null, _live.Sequence, false, null), pending);
            return;
        }
        if (!_live.Exists && request.Command is not ConfigureHall)
        {
            Release(HallAnswer.Failed(AnswerStatus.UnknownHall), pending);
            return;
        }
        var decision = Core.Halls.Hall.Decide(_live, request.Command, at);
        if (decision.Refusal is { } refusal)
        {
            Release(new HallAnswer(AnswerStatus.Refused, null, refusal, _live.Sequence, false, Zone), pending);
            return;
        }
        if (decision.Events.Count == 0)
        {
            Release(new HallAnswer(AnswerStatus.Done, _live.Exists ? Core.Halls.Hall.ReplyToNothing(_live, request.Command) : null, null, _live.Sequence, false, Zone), pending);
            return;
        }
        if (_recorder.Unavailable is not null)
        {
            pending.Set(HallAnswer.Failed(AnswerStatus.JournalUnavailable));
            return;
        }
        Record(decision.Events, at, request.Actor, request.CommandId, request.BodyHash);
        var reply = Core.Halls.Hall.ReplyTo(_live, decision.Events);
        if (request.CommandId != UInt128.Zero) _remembered.Add(request.CommandId, new Remembered(request.BodyHash, _live.Sequence, _live.Day, reply));
        Release(new HallAnswer(AnswerStatus.Done, reply, null, _live.Sequence, false, Zone), pending);
    }

    /// <summary>Applies what is due.</summary>
    public void Poke(Instant now)
    {
        if (_recorder is not null && _live.Exists) ApplyDue(Instant.Max(now, _live.At));
    }

    /// <summary>Everything up to the sequence is durable: the confirmed picture follows, answers that stand on it are released, those who watch are told.</summary>
    public void Stored(long upTo, Instant now)
    {
        while (_decided.TryPeek(out var next) && next.Sequence <= upTo)
        {
            _decided.Dequeue();
            Core.Halls.Hall.Evolve(_confirmed, next.Event, next.At, next.Sequence);
            _confirmedChain = next.Chain;
            _confirmed.Share(_live, next.Event);
            // Not sooner: until then a snapshot of the confirmed picture has the keys, as a replay would.
            if (next.Event is DayForgotten forgotten) _remembered.Forget(forgotten.Day);
            _told?.Confirmed(_confirmed, next.Event);
            if (Feed.IsWatched) Feed.Note(next.Event, _confirmed);
        }
        while (_waiting.TryPeek(out var first) && first.Answer.Sequence <= _confirmed.Sequence) _waiting.Dequeue().Pending.Set(first.Answer);
        if (Feed.IsWatched) Feed.Publish(_confirmed, now);
    }

    /// <summary>The incarnation is over: everybody who waits for an answer of it is told why, and the hall loads again.</summary>
    public void Lost(AnswerStatus why)
    {
        _recorder = null;
        _decided.Clear();
        while (_waiting.TryDequeue(out var waiting)) waiting.Pending.Set(HallAnswer.Failed(why));
    }

    /// <summary>Answers from the confirmed picture.</summary>
    public T? Read<T>(HallQuery<T> query, Instant now) => _confirmed.Exists ? query.Read(_confirmed, Instant.Max(now, _confirmed.At)) : default;

    /// <summary>Whether enough happened since the last snapshot.</summary>
    public bool WantsSnapshot => IsLoaded && _confirmed.Sequence - _lastSnapshot >= _options.SnapshotEvery;

    /// <summary>Whether a day ended that no snapshot has behind it.</summary>
    public bool WantsSnapshotOfDay => IsLoaded && _confirmed.Exists && _confirmed.Day != _snapshotDay;

    /// <summary>Whether a snapshot was asked for that has all there is.</summary>
    public bool IsSnapshotted => _confirmed.Sequence == _lastSnapshot;

    /// <summary>A snapshot of the confirmed picture; null where the last one has it all.</summary>
    /// <param name="again">Also where it has: the journal says that it never got that one, since a flush that fails takes its snapshots with it.</param>
    public SnapshotWrite? Snapshot(bool again = false)
    {
        if (!IsLoaded || !_confirmed.Exists || (IsSnapshotted && !again)) return null;
        (_lastSnapshot, _snapshotDay) = (_confirmed.Sequence, _confirmed.Day);
        return new SnapshotWrite(Number, Hall, _epoch, _confirmed.Sequence, SnapshotCodec.Write(_confirmed, _confirmedChain, _remembered));
    }

    /// <summary>The hash of the confirmed picture's snapshot: what a replay must come to (I9).</summary>
    internal byte[] Fingerprint() => System.Security.Cryptography.SHA256.HashData(SnapshotCodec.Write(_confirmed, _confirmedChain, _remembered));

    private TimeZoneInfo? Zone => _live.Exists ? _live.Settings.Calendar.Zone : null;

    /// <summary>False where something is due and the store takes nothing.</summary>
    private bool ApplyDue(Instant now)
    {
        while (Core.Halls.Hall.NextDue(_live, now, _options.Notices?.Current) is var (@event, at))
        {
            if (_recorder!.Unavailable is not null) return false;
            Record(new EventList(@event), Instant.Max(at, _live.At), ByTime, default, default);
        }
        return true;
    }

    private void Record(EventList events, Instant at, string actor, UInt128 commandId, UInt128 bodyHash)
    {
        _frames.Clear();
        for (var i = 0; i < events.Count; i++)
        {
            var @event = events[i];
            var sequence = _live.Sequence + 1;
            if (_recorder!.Keeps) Encode(@event, sequence, at, first: i == 0, actor, commandId, bodyHash);
            Core.Halls.Hall.Evolve(_live, @event, at, sequence);
            _decided.Enqueue(new Decided(sequence, at, @event, _chain));
        }
        _recorder!.Append(_frames.Written, events.Count);
    }

    private void Encode(HallEvent @event, long sequence, Instant at, bool first, string actor, UInt128 commandId, UInt128 bodyHash)
    {
        _payload.Clear();
        var type = EventCodec.Write(_payload, @event);
        var record = new JournalRecord(Number, _epoch, sequence, at.Milliseconds, first, first ? actor : "", first ? commandId : default, first ? bodyHash : default, type, EventCodec.Version, default, default);
        _chain = RecordFrame.Write(_frames, record, _payload.Written, _chain);
    }

    private void Release(HallAnswer answer, IPendingAnswer pending)
    {
        if (answer.Sequence <= _confirmed.Sequence && _waiting.Count == 0) pending.Set(answer);
        else _waiting.Enqueue(new Released(answer, pending));
    }

    private static (HallState Live, UInt128 Chain, Answers Remembered) Replay(HallHistory history, out HallState confirmed, out DateOnly? snapshotDay)
    {
        var live = new HallState();
        UInt128 chain = default;
        var remembered = new Answers();
        snapshotDay = null;
        if (history.Snapshot is { } stored)
        {
            var snapshot = SnapshotCodec.Read(stored.Body.Span);
            live = snapshot.State;
            snapshotDay = live.Day;
            chain = snapshot.Chain;
            remembered = snapshot.Remembered;
        }
        var command = new List<HallEvent>(3);
        for (var i = 0; i < history.Tail.Count; i++)
        {
            var record = history.Tail[i];
            var @event = EventCodec.Read(record.Type, record.Version, record.Payload.Span);
            var at = new Instant(record.At);
            Core.Halls.Hall.Evolve(live, @event, at, record.Sequence);
            chain = record.Chain;
            if (@event is DayForgotten forgotten) remembered.Forget(forgotten.Day);
            if (record.StartsCommand) command.Clear();
            command.Add(@event);
            var last = i + 1 == history.Tail.Count || history.Tail[i + 1].StartsCommand;
            if (!last) continue;
            var first = history.Tail[i - command.Count + 1];
            if (first.CommandId != UInt128.Zero) remembered.Add(first.CommandId, new Remembered(first.BodyHash, record.Sequence, live.Day, Core.Halls.Hall.ReplyTo(live, new EventList([.. command]))));
        }
        confirmed = live.Copy();
        return (live, chain, remembered);
    }

    private readonly record struct Decided(long Sequence, Instant At, HallEvent Event, UInt128 Chain);

    private readonly record struct Released(HallAnswer Answer, IPendingAnswer Pending);

    private readonly record struct Ahead(HallRequest Request, IPendingAnswer Pending);
}
