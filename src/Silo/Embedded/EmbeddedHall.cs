using HallOps.Core.Halls;
using HallOps.Silo.Journal;
using Microsoft.Extensions.Logging;

namespace HallOps.Silo.Embedded;

/// <summary>
/// Drives one hall's actor: a mailbox on the thread pool, one turn at a time. A turn first hears what the journal stored, then what was lost, then looks and watches, then
/// commands while there is room.
/// </summary>
internal sealed partial class EmbeddedHall : IThreadPoolWorkItem
{
    /// <summary>Commands a mailbox holds; more are answered <see cref="AnswerStatus.HallBusy"/>.</summary>
    public const int MaxCommands = 1_024;

    private readonly EmbeddedHalls _engine;
    private readonly Lock _gate = new();
    private readonly Queue<Ask> _commands = new();
    private readonly Batch _batch = new();
    private List<Action<EmbeddedHall>> _actions = [];
    private List<Action<EmbeddedHall>> _actionsInTurn = [];
    private readonly List<(Action<EmbeddedHall> Action, Action<AnswerStatus> Refused)> _whenLoaded = [];
    /// <summary>Commands that a turn had in its hands when the incarnation ended: first when the next one begins.</summary>
    private readonly Queue<Ask> _held = new();

    private bool _scheduled;
    private bool _loading;
    private bool _loadAgain;
    private volatile bool _gone;
    private long _storedUpTo;
    /// <summary>The last event that was due when somebody looked: until it is durable the confirmed picture is of before.</summary>
    private long _dueUpTo;
    private AnswerStatus? _lost;
    private Incarnation? _incarnation;
    /// <summary>The turn's last answer so far, not yet given.</summary>
    private Ask? _answered;

    public EmbeddedHall(EmbeddedHalls engine, uint number, HallId hall)
    {
        _engine = engine;
        Actor = new HallActor(number, hall, TimeSpan.FromSeconds(30) * engine.Clock.Speed, engine.Told, engine.Options.Actor);
        LastUsed = engine.Clock.Real.GetTimestamp();
        Load();
    }

    public HallActor Actor { get; }

    /// <summary>Real time of the last command, look or watch.</summary>
    public long LastUsed { get; private set; }

    /// <summary>When time alone changes the hall next, on the hall's clock; <see cref="long.MaxValue"/> while unknown.</summary>
    public long DueAt { get; private set; } = long.MaxValue;

    /// <summary>Why the hall stands still; null while it runs.</summary>
    public string? Quarantine { get; private set; }

    /// <summary>Takes a command; false where the hall has been let go in the meantime.</summary>
    public bool TrySend(Ask ask)
    {
        bool schedule;
        lock (_gate)
        {
            if (_gone) return false;
            if (_commands.Count >= MaxCommands)
            {
                ask.Answer(HallAnswer.Failed(AnswerStatus.HallBusy), here: false);
                return true;
            }
            ask.Reaches(this);
            _commands.Enqueue(ask);
            schedule = Claim();
        }
        // Who asks is about to wait: the thread it leaves takes the turn, and has the command in its cache.
        if (schedule) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
        return true;
    }

    /// <summary>Does something on the hall's turn; false where the hall has been let go in the meantime.</summary>
    public bool TryDo(Action<EmbeddedHall> action)
    {
        bool schedule;
        lock (_gate)
        {
            if (_gone) return false;
            _actions.Add(action);
            schedule = Claim();
        }
        if (schedule) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return true;
    }

    /// <summary>Lets the hall go if nothing of it would be lost by that and its snapshot is on its way: after this nothing more is accepted here.</summary>
    public bool TryLetGo()
    {
        lock (_gate)
        {
            if (_scheduled || _commands.Count > 0 || _actions.Count > 0 || !Actor.IsLoaded || !Actor.IsQuiet || !Actor.IsSnapshotted || Actor.Feed.IsWatched) return false;
            if (_incarnation is { } incarnation) _engine.Writer.Close(incarnation.Outbox);
            return _gone = true;
        }
    }

    /// <summary>There is room again: a mailbox that waited for it goes on.</summary>
    public void Wake()
    {
        bool schedule;
        lock (_gate) schedule = !_gone && Claim();
        if (schedule) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    public void Execute()
    {
        Ask? last;
        while (true)
        {
            long stored;
            AnswerStatus? lost;
            lock (_gate)
            {
                stored = _storedUpTo;
                lost = _lost;
                _storedUpTo = 0;
                _lost = null;
                (_actions, _actionsInTurn) = (_actionsInTurn, _actions);
                if (Quarantine is not null || (Actor.IsLoaded && Actor.HasRoom)) _batch.Take(_commands);
                if (stored == 0 && lost is null && _actionsInTurn.Count == 0 && _batch.Count == 0)
                {
                    _scheduled = false;
                    // From here on another thread may be on this hall's turn.
                    (last, _answered) = (_answered, null);
                    // Others fill the writer: nothing this hall hears of will tell it that there is room again.
                    if (_commands.Count > 0 && Actor.IsLoaded && !_engine.Writer.HasRoom) _engine.WaitForRoom(this);
                    break;
                }
            }
            GiveLast();
            Turn(stored, lost);
        }
        // The mailbox is free: whoever waited for the last answer goes on here, which spares it a way through the thread pool.
        last?.Give(here: true);
    }

    /// <summary>Gives the answer before this one and keeps this one back until the turn is over. On the hall's turn.</summary>
    public void Answered(Ask ask)
    {
        GiveLast();
        _answered = ask;
    }

    private void GiveLast()
    {
        if (_answered is not { } ask) return;
        _answered = null;
        ask.Give(here: false);
    }

    private void Turn(long stored, AnswerStatus? lost)
    {
        var now = _engine.Clock.Now;
        try
        {
            if (stored > 0)
            {
                Actor.Stored(stored, now);
                if (Actor.Confirmed.Sequence >= _dueUpTo) DoWaiting();
            }
            if (lost is { } why) Reload(why);
        }
        catch (Exception broken)
        {
            Restart(broken);
        }
        foreach (var action in _actionsInTurn)
        {
            try
            {
                action(this);
            }
            catch (Exception broken)
            {
                Restart(broken);
            }
        }
        _actionsInTurn.Clear();
        if (_batch.Count > 0) LastUsed = _engine.Clock.Real.GetTimestamp();
        if (Actor.IsLoaded)
            for (var held = _held.Count; held > 0; held--) Take(_held.Dequeue(), now);
        while (_batch.TryTake(out var ask)) Take(ask, now);
        if (Actor.WantsSnapshot) WriteSnapshot();
        DueAt = Actor.DueAt?.Milliseconds ?? long.MaxValue;
    }

    private void Take(Ask ask, Instant now)
    {
        if (Quarantine is not null) ask.Set(HallAnswer.Failed(AnswerStatus.Quarantined));
        else if (_gone) ask.Set(HallAnswer.Failed(AnswerStatus.NotRecorded));
        else if (!Actor.IsLoaded) _held.Enqueue(ask);
        else
        {
            try
            {
                Actor.Take(ask.Request, ask, now);
            }
            catch (Exception broken)
            {
                ask.Set(HallAnswer.Failed(AnswerStatus.OutcomeUnknown));
                Restart(broken);
            }
        }
    }

    /// <summary>A bug of ours in one hall stays that hall's: what it decided and nobody stored is dropped, and it loads again from what is durable.</summary>
    private void Restart(Exception broken)
    {
        LogBroken(_engine.Log, broken, Actor.Hall.Value, Actor.Confirmed.Sequence);
        if (_incarnation is { } incarnation) _engine.Writer.Close(incarnation.Outbox);
        Reload(AnswerStatus.OutcomeUnknown);
    }

    /// <summary>Writes a snapshot where the last one lacks something, or <paramref name="again"/>.</summary>
    public void WriteSnapshot(bool again = false)
    {
        if (Actor.Snapshot(again) is { } snapshot) _engine.Writer.Snapshot(snapshot);
    }

    /// <summary>The engine stops and nothing more is stored: who still waits is told so.</summary>
    public void End()
    {
        Actor.Lost(AnswerStatus.NotRecorded);
        RefuseAll(AnswerStatus.NotRecorded);
        lock (_gate)
        {
            _gone = true;
            while (_commands.TryDequeue(out var ask)) ask.Set(HallAnswer.Failed(AnswerStatus.NotRecorded));
        }
    }

    /// <summary>Whether a load failed and those who watch wait for the next.</summary>
    public bool WantsLoad => _loadAgain;

    public void LoadAgain()
    {
        if (!_loadAgain) return;
        _loadAgain = false;
        Load();
    }

    public Instant Now => _engine.Clock.Now;

    /// <summary>
    /// True where the hall is loaded and its confirmed picture has what time alone brought about by now. Else false: <paramref name="action"/> is done once it has, or
    /// <paramref name="refused"/> is told why it never will.
    /// </summary>
    public bool WhenLoaded(Action<EmbeddedHall> action, Action<AnswerStatus> refused)
    {
        if (Actor.IsLoaded)
        {
            if (Actor.DueAt <= Now)
            {
                // A hall that slept over midnight would show yesterday to the first who looks.
                Actor.Poke(Now);
                _dueUpTo = Actor.Confirmed.Sequence + Actor.InFlight;
            }
            if (Actor.Confirmed.Sequence >= _dueUpTo) return true;
            _whenLoaded.Add((action, refused));
            return false;
        }
        if (Quarantine is not null) refused(AnswerStatus.Quarantined);
        else if (_gone) refused(AnswerStatus.JournalUnavailable);
        else _whenLoaded.Add((action, refused));
        return false;
    }

    public void Used() => LastUsed = _engine.Clock.Real.GetTimestamp();

    private void Reload(AnswerStatus why)
    {
        Actor.Lost(why);
        Become(null);
        if (Quarantine is null && !_loading) Load();
    }

    /// <summary>From here on only this incarnation is heard: what the last one is still told belongs to nobody.</summary>
    private void Become(Incarnation? incarnation)
    {
        lock (_gate)
        {
            _incarnation = incarnation;
            _storedUpTo = 0;
            _lost = null;
        }
    }

    private void Load()
    {
        _loading = true;
        _ = Task.Run(async () =>
        {
            try
            {
                var epoch = await _engine.Journal.ClaimAsync(Actor.Number);
                var history = await _engine.Journal.ReadAsync(Actor.Number);
                TryDo(hall => hall.Begin(epoch, history));
            }
            catch (HallDamagedException damaged)
            {
                TryDo(hall => hall.StandStill(damaged.Message));
            }
            catch (Exception gone)
            {
                LogNotLoaded(_engine.Log, gone, Actor.Hall.Value);
                var why = gone is NotOwnerException ? AnswerStatus.NotOwner : AnswerStatus.JournalUnavailable;
                TryDo(hall => hall.NotLoaded(why));
            }
        });
    }

    /// <summary>The store does not answer, or not to this process: whoever waits is told now, and the next who asks tries again; for those who watch the engine's clock does.</summary>
    private void NotLoaded(AnswerStatus why)
    {
        _loading = false;
        lock (_gate)
        {
            _loadAgain = Actor.Feed.IsWatched;
            _gone = !_loadAgain;
            while (_commands.TryDequeue(out var ask)) ask.Set(HallAnswer.Failed(why));
        }
        RefuseAll(why);
        if (_gone) _engine.LetGo(this);
    }

    private void Begin(ulong epoch, HallHistory history)
    {
        _loading = false;
        if (_gone) return;
        var incarnation = new Incarnation(this, epoch, history.Head.Sequence);
        Become(incarnation);
        try
        {
            Actor.Loaded(epoch, history, incarnation, _engine.Clock.Now);
        }
        catch (Exception damaged)
        {
            // Whatever it throws, the same records would make it throw again.
            StandStill($"Hall {Actor.Hall} does not replay: {damaged.Message}");
            return;
        }
        // Its first flush may be stored although nobody could say so.
        if (Actor.Confirmed.Exists) _engine.Exists(Actor.Number);
        _dueUpTo = 0;
        DoWaiting();
    }

    private void DoWaiting()
    {
        if (_whenLoaded.Count == 0) return;
        var waiting = _whenLoaded.ToArray();
        _whenLoaded.Clear();
        foreach (var (action, _) in waiting) action(this);
    }

    private void StandStill(string why)
    {
        _loading = false;
        Quarantine = why;
        LogQuarantined(_engine.Log, Actor.Hall.Value, why);
        Actor.Lost(AnswerStatus.Quarantined);
        RefuseAll(AnswerStatus.Quarantined);
    }

    private void RefuseAll(AnswerStatus why)
    {
        Actor.Refuse(why);
        while (_held.TryDequeue(out var ask)) ask.Set(HallAnswer.Failed(why));
        foreach (var (_, refused) in _whenLoaded) refused(why);
        _whenLoaded.Clear();
    }

    private bool Claim()
    {
        if (_scheduled) return false;
        return _scheduled = true;
    }

    private void Heard(Incarnation of, long stored, AnswerStatus? lost)
    {
        bool schedule;
        lock (_gate)
        {
            if (!ReferenceEquals(_incarnation, of)) return;
            _storedUpTo = Math.Max(_storedUpTo, stored);
            _lost ??= lost;
            schedule = Claim();
        }
        if (schedule) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    [LoggerMessage(101, LogLevel.Error, "Hall {Hall} broke at sequence {Sequence} and loads again.")]
    private static partial void LogBroken(ILogger log, Exception broken, string hall, long sequence);

    [LoggerMessage(102, LogLevel.Critical, "Hall {Hall} stands still: {Why}")]
    private static partial void LogQuarantined(ILogger log, string hall, string why);

    [LoggerMessage(103, LogLevel.Error, "Hall {Hall} could not be loaded: the journal does not answer.")]
    private static partial void LogNotLoaded(ILogger log, Exception gone, string hall);

    /// <summary>One incarnation's side of the journal: hears of its own flushes only.</summary>
    private sealed class Incarnation : IAppendOwner, IRecorder
    {
        private readonly EmbeddedHall _hall;

        public Incarnation(EmbeddedHall hall, ulong epoch, long sequence)
        {
            _hall = hall;
            Outbox = JournalWriter.Open(this, hall.Actor.Number, hall.Actor.Hall, epoch, sequence);
        }

        public Outbox Outbox { get; }

        public bool HasRoom => _hall._engine.Writer.HasRoom;

        public string? Unavailable => _hall._engine.Writer.Unavailable;

        public void Append(ReadOnlySpan<byte> frames, int count) => _hall._engine.Writer.Append(Outbox, frames, count);

        public void Stored(long upTo) => _hall.Heard(this, upTo, null);

        public void Lost(AnswerStatus why) => _hall.Heard(this, 0, why);
    }

    /// <summary>The commands of one turn, out of the mailbox.</summary>
    private sealed class Batch
    {
        /// <summary>So many at a time, so that what the journal stored is heard between them.</summary>
        private const int Most = 64;

        private readonly Queue<Ask> _asks = new(4);

        public int Count => _asks.Count;

        public void Take(Queue<Ask> from)
        {
            while (_asks.Count < Most && from.TryDequeue(out var ask)) _asks.Enqueue(ask);
        }

        public bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Ask? ask) => _asks.TryDequeue(out ask);
    }
}
