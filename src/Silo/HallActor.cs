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

/// <summary>
/// Told every event twice, in order, on the hall's turn: when it is decided, with the hall as it is right after it, and when it is durable. Must return at once. After a reload there may be a gap; the journal
/// has what is missing.
/// </summary>
public interface IConfirmedEvents
{
    /// <summary>An event is decided and not durable yet: what follows from it is kept back until it is, and forgotten where the hall is loaded again.</summary>
    /// <param name="state">The hall right after the event; not to be kept.</param>
    void Decided(HallState state, HallEvent @event);

    /// <summary>All of a hall's events up to a sequence are durable.</summary>
    void Confirmed(uint hall, long upTo);

    /// <summary>The hall is loaded, anew or for the first time: all of it is durable, which may not have been told, and what was decided before and not confirmed never was.</summary>
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
/// A hall, run: takes commands one at a time and keeps the state, which runs ahead of what is durable; releases answers in order when what they stand on is durable.
/// Passive: it never waits and never calls back but by what it is given; whoever drives it calls one method at a time. Time comes with the call.
/// </summary>
/// <remarks>
/// What people see is durable: the state is shown while nothing is in flight (<see cref="IsSettled"/>), and who waits to look has the hall decide nothing more until then (<see cref="Settle"/>).
/// An incarnation lasts from <see cref="Loaded"/> to <see cref="Lost"/>: after a refused or uncertain append nothing of it is believed, and the hall loads again.
/// </remarks>
public sealed class HallActor
{
    /// <summary>The actor's name in the journal for what time alone brings about.</summary>
    public const string ByTime = "hall";

    private readonly HallActorOptions _options;
    private readonly ByteWriter _frames = new();
    private readonly ByteWriter _payload = new();
    private readonly Queue<Released> _waiting = new();
    private readonly Queue<Ahead> _ahead = new();
    private Answers _remembered = new();
    private HallState _state = new();
    private UInt128 _chain;
    private long _durable;
    private bool _settling;
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

    /// <summary>The hall that the records loaded are of; null before its first.</summary>
    public HallId? RecordedAs => _state.Exists ? _state.Settings.Hall : null;

    /// <summary>Whether all that the hall has decided is durable, so that it may be shown.</summary>
    public bool IsSettled => IsLoaded && InFlight == 0;

    /// <summary>The picture people see: a fold of durable events.</summary>
    /// <exception cref="InvalidOperationException">The hall is not settled.</exception>
    public HallState Confirmed => IsSettled ? _state : throw new InvalidOperationException($"Hall {Hall} is shown before what it has decided is durable.");

    /// <summary>The sequence up to which this incarnation is known to be durable, or the last one was.</summary>
    public long Durable => _durable;

    /// <summary>Events decided and not yet durable.</summary>
    public int InFlight => (int)(_state.Sequence - _durable);

    /// <summary>Whether the hall may decide more now, or its mailbox waits.</summary>
    public bool HasRoom => _recorder is not null && !_settling && InFlight < JournalWriter.MaxInFlightOfHall && _recorder.HasRoom;

    /// <summary>Nothing decided that is not durable, nobody waiting for an answer.</summary>
    public bool IsQuiet => InFlight == 0 && _waiting.Count == 0 && _ahead.Count == 0;

    /// <summary>When time alone changes the hall next; null while it loads or does not exist yet.</summary>
    public Instant? DueAt => IsLoaded ? Core.Halls.Hall.DueAt(_state, _options.Notices?.Current) : null;

    /// <summary>Somebody waits to look: nothing more is decided until all that was is durable.</summary>
    public void Settle() => _settling = InFlight > 0;

    /// <summary>Begins an incarnation.</summary>
    /// <exception cref="FormatException">A record or snapshot does not decode.</exception>
    /// <exception cref="InvalidOperationException">A record does not follow the one before.</exception>
    public void Loaded(ulong epoch, HallHistory history, IRecorder recorder, Instant now)
    {
        var (state, chain, remembered) = Replay(history, out _snapshotDay);
        (_state, _durable, _chain, _remembered, _epoch, _recorder, _settling) = (state, state.Sequence, chain, remembered, epoch, recorder, false);
        _lastSnapshot = history.Snapshot?.Sequence ?? 0;
        // The same table a second time would be kept once a hall.
        if (_options.Notices?.Current is { } announced && announced.Equals(_state.Holidays)) _state.Holidays = announced;
        if (_state.Exists)
        {
            _told?.Loaded(_state);
            Feed.Restart(_state, now);
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
        var at = Instant.Max(now, _state.At);
        if (!ApplyDue(at))
        {
            pending.Set(HallAnswer.Failed(AnswerStatus.JournalUnavailable));
            return;
        }
        if (request.CommandId != UInt128.Zero && _remembered.TryGet(request.CommandId, out var known))
        {
            Release(known.BodyHash == request.BodyHash
                ? new HallAnswer(AnswerStatus.Done, known.Reply, null, _state.Sequence, true, _state.Settings.Calendar.Zone)
                : new HallAnswer(AnswerStatus.KeyReused, null, null, _state.Sequence, false, null), pending);
            return;
        }
        if (!_state.Exists && request.Command is not ConfigureHall)
        {
            Release(HallAnswer.Failed(AnswerStatus.UnknownHall), pending);
            return;
        }
        var decision = Core.Halls.Hall.Decide(_state, request.Command, at);
        if (decision.Refusal is { } refusal)
        {
            Release(new HallAnswer(AnswerStatus.Refused, null, refusal, _state.Sequence, false, Zone), pending);
            return;
        }
        if (decision.Events.Count == 0)
        {
            Release(new HallAnswer(AnswerStatus.Done, _state.Exists ? Core.Halls.Hall.ReplyToNothing(_state, request.Command) : null, null, _state.Sequence, false, Zone), pending);
            return;
        }
        if (_recorder.Unavailable is not null)
        {
            pending.Set(HallAnswer.Failed(AnswerStatus.JournalUnavailable));
            return;
        }
        Record(decision.Events, at, request.Actor, request.CommandId, request.BodyHash);
        var reply = Core.Halls.Hall.ReplyTo(_state, decision.Events);
        if (request.CommandId != UInt128.Zero) _remembered.Add(request.CommandId, new Remembered(request.BodyHash, _state.Sequence, _state.Day, reply));
        Release(new HallAnswer(AnswerStatus.Done, reply, null, _state.Sequence, false, Zone), pending);
    }

    /// <summary>Applies what is due.</summary>
    public void Poke(Instant now)
    {
        if (_recorder is not null && _state.Exists) ApplyDue(Instant.Max(now, _state.At));
    }

    /// <summary>Everything up to the sequence is durable: answers that stand on it are released, those who follow are told, and those who watch once nothing else is in flight.</summary>
    public void Stored(long upTo, Instant now)
    {
        _durable = Math.Clamp(upTo, _durable, _state.Sequence);
        _told?.Confirmed(Number, _durable);
        while (_waiting.TryPeek(out var first) && first.Answer.Sequence <= _durable) _waiting.Dequeue().Pending.Set(first.Answer);
        _settling &= InFlight > 0;
        if (!Feed.HasNews) return;
        if (InFlight == 0) Feed.Publish(_state, now);
        else Settle();
    }

    /// <summary>The incarnation is over: everybody who waits for an answer of it is told why, and the hall loads again.</summary>
    public void Lost(AnswerStatus why)
    {
        _recorder = null;
        while (_waiting.TryDequeue(out var waiting)) waiting.Pending.Set(HallAnswer.Failed(why));
    }

    /// <summary>Answers from the confirmed picture.</summary>
    /// <exception cref="InvalidOperationException">The hall is not settled.</exception>
    public T? Read<T>(HallQuery<T> query, Instant now) => Confirmed.Exists ? query.Read(_state, Instant.Max(now, _state.At)) : default;

    /// <summary>Whether enough happened since the last snapshot.</summary>
    public bool WantsSnapshot => IsLoaded && _durable - _lastSnapshot >= _options.SnapshotEvery;

    /// <summary>Whether a day ended that no snapshot has behind it.</summary>
    public bool WantsSnapshotOfDay => IsLoaded && _state.Exists && _state.Day != _snapshotDay;

    /// <summary>Whether a snapshot was asked for that has all there is.</summary>
    public bool IsSnapshotted => _state.Sequence == _lastSnapshot;

    /// <summary>A snapshot of the confirmed picture; null where the last one has it all, and while the hall is not settled.</summary>
    /// <param name="again">Also where it has: the journal says that it never got that one, since a flush that fails takes its snapshots with it.</param>
    public SnapshotWrite? Snapshot(bool again = false)
    {
        if (!IsSettled || !_state.Exists || (IsSnapshotted && !again)) return null;
        (_lastSnapshot, _snapshotDay) = (_state.Sequence, _state.Day);
        return new SnapshotWrite(Number, Hall, _epoch, _state.Sequence, SnapshotCodec.Write(_state, _chain, _remembered));
    }

    /// <summary>The hash of the confirmed picture's snapshot: what a replay must come to (I9).</summary>
    internal byte[] Fingerprint() => System.Security.Cryptography.SHA256.HashData(SnapshotCodec.Write(Confirmed, _chain, _remembered));

    private TimeZoneInfo? Zone => _state.Exists ? _state.Settings.Calendar.Zone : null;

    /// <summary>False where something is due and the store takes nothing.</summary>
    private bool ApplyDue(Instant now)
    {
        while (Core.Halls.Hall.NextDue(_state, now, _options.Notices?.Current) is var (@event, at))
        {
            if (_recorder!.Unavailable is not null) return false;
            Record(new EventList(@event), Instant.Max(at, _state.At), ByTime, default, default);
        }
        return true;
    }

    private void Record(EventList events, Instant at, string actor, UInt128 commandId, UInt128 bodyHash)
    {
        _frames.Clear();
        for (var i = 0; i < events.Count; i++)
        {
            var @event = events[i];
            var sequence = _state.Sequence + 1;
            if (_recorder!.Keeps) Encode(@event, sequence, at, first: i == 0, actor, commandId, bodyHash);
            Core.Halls.Hall.Evolve(_state, @event, at, sequence);
            // A snapshot has no answers of days that the state has forgotten, as a replay has none.
            if (@event is DayForgotten forgotten) _remembered.Forget(forgotten.Day);
            _told?.Decided(_state, @event);
            if (Feed.IsWatched) Feed.Note(@event, _state);
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
        if (answer.Sequence <= _durable && _waiting.Count == 0) pending.Set(answer);
        else _waiting.Enqueue(new Released(answer, pending));
    }

    private static (HallState State, UInt128 Chain, Answers Remembered) Replay(HallHistory history, out DateOnly? snapshotDay)
    {
        var state = new HallState();
        UInt128 chain = default;
        var remembered = new Answers();
        snapshotDay = null;
        if (history.Snapshot is { } stored)
        {
            var snapshot = SnapshotCodec.Read(stored.Body.Span);
            state = snapshot.State;
            snapshotDay = state.Day;
            chain = snapshot.Chain;
            remembered = snapshot.Remembered;
        }
        var command = new List<HallEvent>(3);
        for (var i = 0; i < history.Tail.Count; i++)
        {
            var record = history.Tail[i];
            var @event = EventCodec.Read(record.Type, record.Version, record.Payload.Span);
            var at = new Instant(record.At);
            Core.Halls.Hall.Evolve(state, @event, at, record.Sequence);
            chain = record.Chain;
            if (@event is DayForgotten forgotten) remembered.Forget(forgotten.Day);
            if (record.StartsCommand) command.Clear();
            command.Add(@event);
            var last = i + 1 == history.Tail.Count || history.Tail[i + 1].StartsCommand;
            if (!last) continue;
            var first = history.Tail[i - command.Count + 1];
            if (first.CommandId != UInt128.Zero) remembered.Add(first.CommandId, new Remembered(first.BodyHash, record.Sequence, state.Day, Core.Halls.Hall.ReplyTo(state, new EventList([.. command]))));
        }
        return (state, chain, remembered);
    }

    private readonly record struct Released(HallAnswer Answer, IPendingAnswer Pending);

    private readonly record struct Ahead(HallRequest Request, IPendingAnswer Pending);
}
