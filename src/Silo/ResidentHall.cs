using HallOps.Core.Halls;
using HallOps.Silo.Journal;
using Microsoft.Extensions.Logging;

namespace HallOps.Silo;

/// <summary>
/// Drives one hall's actor: a mailbox and one turn at a time, on the thread pool or where its place says. A turn first hears what the journal stored, then what was lost, then looks and watches, then
/// commands while there is room.
/// </summary>
internal sealed partial class ResidentHall : IThreadPoolWorkItem
{
    /// <summary>Commands a mailbox holds; more are answered <see cref="AnswerStatus.HallBusy"/>.</summary>
    public const int MaxCommands = 1_024;

    private readonly HallRunner _engine;
    private readonly Lock _gate = new();
    private readonly Queue<Ask> _commands = new();
    private readonly Batch _batch = new();
    private List<Action<ResidentHall>> _actions = [];
    private List<Action<ResidentHall>> _actionsInTurn = [];
    /// <summary>Commands that a turn had in its hands when the incarnation ended: first when the next one begins.</summary>
    private readonly Queue<Ask> _held = new();

    private bool _scheduled;
    private long _storedUpTo;
    private AnswerStatus? _lost;
    /// <summary>The turn's last answer so far, not yet given.</summary>
    private Ask? _answered;

    public ResidentHall(HallRunner engine, HallPlace place)
    {
        (_engine, Place) = (engine, place);
        Actor = new HallActor(place.Number, place.Hall, TimeSpan.FromSeconds(30) * engine.Clock.Speed, engine.Told, engine.Options.Actor);
        LastUsed = engine.Clock.Real.GetTimestamp();
        Load();
    }

    public HallPlace Place { get; }

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
        if (schedule) Schedule(preferLocal: true);
        return true;
    }

    /// <summary>Does something on the hall's turn; false where the hall has been let go in the meantime.</summary>
    public bool TryDo(Action<ResidentHall> action)
    {
        bool schedule;
        lock (_gate)
        {
            if (_gone) return false;
            _actions.Add(action);
            schedule = Claim();
        }
        if (schedule) Schedule(preferLocal: false);
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
        if (schedule) Schedule(preferLocal: false);
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
                    if (_quiet.Count > 0 && _commands.Count == 0 && _held.Count == 0 && Actor.IsQuiet)
                    {
                        foreach (var quiet in _quiet) quiet.SetResult();
                        _quiet.Clear();
                    }
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
                if (Actor.IsSettled) DoWaiting();
            }
            if (lost == AnswerStatus.NotOwner && Place.LeavesToOthers) GiveUp();
            else if (lost is { } why) Reload(why == AnswerStatus.NotOwner ? AnswerStatus.NotRecorded : why);
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
        else if (_gone) ask.Set(HallAnswer.Failed(_goneWhy == AnswerStatus.NotOwner ? _goneWhy : AnswerStatus.NotRecorded));
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
        LogBroken(_engine.Log, broken, Actor.Hall.Value, Actor.Durable);
        if (_incarnation is { } incarnation) _engine.Writer.Close(incarnation.Outbox);
        Reload(AnswerStatus.OutcomeUnknown);
    }

    /// <summary>Writes a snapshot where the last one lacks something, or <paramref name="again"/>: once nothing is in flight.</summary>
    public void WriteSnapshot(bool again = false)
    {
        if (!Actor.IsSettled) Actor.Settle();
        else if (Actor.Snapshot(again) is { } snapshot) _engine.Writer.Snapshot(snapshot);
    }

    public Instant Now => _engine.Clock.Now;

    public void Used() => LastUsed = _engine.Clock.Real.GetTimestamp();

    private void Schedule(bool preferLocal)
    {
        if (Place.Turns is not { } turns) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal);
        // Whoever asks is on the turn already.
        else if (ReferenceEquals(TaskScheduler.Current, turns)) Execute();
        else _ = Task.Factory.StartNew(static hall => ((ResidentHall)hall!).Execute(), this, CancellationToken.None, TaskCreationOptions.None, turns);
    }

    private bool Claim()
    {
        if (_scheduled) return false;
        return _scheduled = true;
    }

    [LoggerMessage(101, LogLevel.Error, "Hall {Hall} broke at sequence {Sequence} and loads again.")]
    private static partial void LogBroken(ILogger log, Exception broken, string hall, long sequence);

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
