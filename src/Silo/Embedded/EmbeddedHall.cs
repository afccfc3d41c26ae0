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
    private bool _scheduled;
    private bool _gone;
    private long _storedUpTo;
    private AnswerStatus? _lost;
    private Incarnation? _incarnation;

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
                ask.Set(HallAnswer.Failed(AnswerStatus.HallBusy));
                return true;
            }
            _commands.Enqueue(ask);
            schedule = Claim();
        }
        if (schedule) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
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

    /// <summary>Lets the hall go if nothing of it would be lost by that: after this nothing more is accepted here.</summary>
    public bool TryLetGo()
    {
        lock (_gate)
        {
            if (_scheduled || _commands.Count > 0 || _actions.Count > 0 || !Actor.IsLoaded || !Actor.IsQuiet || Actor.Feed.IsWatched) return false;
            if (_incarnation is { } incarnation) _engine.Writer.Close(incarnation.Outbox);
            return _gone = true;
        }
    }

    public void Execute()
    {
        var commands = _batch;
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
                if (Quarantine is not null || (Actor.IsLoaded && Actor.HasRoom)) commands.Take(_commands);
                if (stored == 0 && lost is null && _actionsInTurn.Count == 0 && commands.Count == 0)
                {
                    _scheduled = false;
                    return;
                }
            }
            Turn(stored, lost, commands);
        }
    }

    private void Turn(long stored, AnswerStatus? lost, Batch commands)
    {
        var now = _engine.Clock.Now;
        try
        {
            if (stored > 0) Actor.Stored(stored, now);
            if (lost is { } why) Reload(why);
            foreach (var action in _actionsInTurn) action(this);
            if (commands.Count > 0) LastUsed = _engine.Clock.Real.GetTimestamp();
            while (commands.TryTake(out var ask))
            {
                if (Quarantine is not null) ask.Set(HallAnswer.Failed(AnswerStatus.Quarantined));
                else Actor.Take(ask.Request, ask, now);
            }
            if (Actor.WantsSnapshot) WriteSnapshot();
            DueAt = Actor.DueAt?.Milliseconds ?? long.MaxValue;
        }
        catch (Exception broken)
        {
            // A bug of ours in one hall stays that hall's: what it decided and nobody stored is dropped, and it loads again from what is durable.
            LogBroken(_engine.Log, broken, Actor.Hall.Value, Actor.Confirmed.Sequence);
            commands.Current?.Set(HallAnswer.Failed(AnswerStatus.OutcomeUnknown));
            if (_incarnation is { } incarnation) _engine.Writer.Close(incarnation.Outbox);
            Reload(AnswerStatus.OutcomeUnknown);
            while (commands.TryTake(out var rest)) Actor.Take(rest.Request, rest, now);
        }
        finally
        {
            _actionsInTurn.Clear();
        }
    }

    public void WriteSnapshot()
    {
        if (Actor.Snapshot() is { } snapshot) _engine.Writer.Snapshot(snapshot);
    }

    public Instant Now => _engine.Clock.Now;

    /// <summary>True where the hall is loaded. Else false: <paramref name="action"/> is done once it is, or <paramref name="refused"/> is told why it never will be.</summary>
    public bool WhenLoaded(Action<EmbeddedHall> action, Action<AnswerStatus> refused)
    {
        if (Actor.IsLoaded) return true;
        if (Quarantine is not null) refused(AnswerStatus.Quarantined);
        else _whenLoaded.Add((action, refused));
        return false;
    }

    public void Used() => LastUsed = _engine.Clock.Real.GetTimestamp();

    private void Reload(AnswerStatus why)
    {
        Actor.Lost(why);
        _incarnation = null;
        if (Quarantine is null) Load();
    }

    private void Load() => _ = Task.Run(async () =>
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
            // The store does not answer: whoever waits is told now, and the next who asks tries again.
            LogNotLoaded(_engine.Log, gone, Actor.Hall.Value);
            TryDo(hall =>
            {
                hall.RefuseAll(AnswerStatus.JournalUnavailable);
                lock (hall._gate)
                {
                    hall._gone = true;
                    while (hall._commands.TryDequeue(out var ask)) ask.Set(HallAnswer.Failed(AnswerStatus.JournalUnavailable));
                }
                hall._engine.LetGo(hall);
            });
        }
    });

    private void Begin(ulong epoch, HallHistory history)
    {
        try
        {
            _incarnation = new Incarnation(this, epoch, history.Head.Sequence);
            Actor.Loaded(epoch, history, _incarnation, _engine.Clock.Now);
            var waiting = _whenLoaded.ToArray();
            _whenLoaded.Clear();
            foreach (var (action, _) in waiting) action(this);
        }
        catch (Exception damaged) when (damaged is FormatException or InvalidOperationException or ArgumentOutOfRangeException or KeyNotFoundException or ArgumentException or OverflowException)
        {
            StandStill($"Hall {Actor.Hall} does not replay: {damaged.Message}");
        }
    }

    private void StandStill(string why)
    {
        Quarantine = why;
        LogQuarantined(_engine.Log, Actor.Hall.Value, why);
        Actor.Lost(AnswerStatus.Quarantined);
        RefuseAll(AnswerStatus.Quarantined);
    }

    private void RefuseAll(AnswerStatus why)
    {
        Actor.Refuse(why);
        foreach (var (_, refused) in _whenLoaded) refused(why);
        _whenLoaded.Clear();
    }

    private bool Claim()
    {
        if (_scheduled) return false;
        return _scheduled = true;
    }

    private void Heard(long stored, AnswerStatus? lost)
    {
        bool schedule;
        lock (_gate)
        {
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

        public void Stored(long upTo)
        {
            if (ReferenceEquals(_hall._incarnation, this)) _hall.Heard(upTo, null);
        }

        public void Lost(AnswerStatus why)
        {
            if (ReferenceEquals(_hall._incarnation, this)) _hall.Heard(0, why);
        }
    }

    /// <summary>The commands of one turn, out of the mailbox.</summary>
    private sealed class Batch
    {
        /// <summary>So many at a time, so that what the journal stored is heard between them.</summary>
        private const int Most = 64;

        private readonly Queue<Ask> _asks = new(4);

        public int Count => _asks.Count;

        /// <summary>The one being taken.</summary>
        public Ask? Current { get; private set; }

        public void Take(Queue<Ask> from)
        {
            while (_asks.Count < Most && from.TryDequeue(out var ask)) _asks.Enqueue(ask);
        }

        public bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Ask? ask)
        {
            var any = _asks.TryDequeue(out ask);
            Current = ask;
            return any;
        }
    }
}

/// <summary>A command and who waits for its answer.</summary>
internal sealed class Ask(in HallRequest request) : TaskCompletionSource<HallAnswer>(TaskCreationOptions.RunContinuationsAsynchronously), IPendingAnswer
{
    public HallRequest Request { get; } = request;

    public void Set(HallAnswer answer) => TrySetResult(answer);
}
