using HallOps.Core.Halls;
using HallOps.Silo.Journal;
using Microsoft.Extensions.Logging;

namespace HallOps.Silo;

// How a hall comes into memory, from one incarnation to the next, and leaves it.
internal sealed partial class ResidentHall
{
    private readonly List<(Action<ResidentHall> Action, Action<AnswerStatus> Refused)> _whenSettled = [];
    private readonly List<TaskCompletionSource> _quiet = [];
    private bool _loading;
    private bool _loadAgain;
    private volatile bool _gone;
    private AnswerStatus _goneWhy = AnswerStatus.JournalUnavailable;
    private Incarnation? _incarnation;

    /// <summary>Nothing more is stored here: who still waits is told so.</summary>
    public void End(AnswerStatus why)
    {
        Actor.Lost(why);
        _goneWhy = why;
        RefuseAll(why);
        lock (_gate)
        {
            _gone = true;
            while (_commands.TryDequeue(out var ask)) ask.Set(HallAnswer.Failed(why));
        }
    }

    /// <summary>Asks for a snapshot, and completes once nothing decided here waits for the journal, nor anybody for an answer.</summary>
    public Task QuietAsync()
    {
        var quiet = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!TryDo(Ask)) quiet.SetResult();
        return quiet.Task;

        void Ask(ResidentHall hall)
        {
            if (hall.Actor.IsLoaded && !hall.WhenSettled(Ask, _ => quiet.SetResult())) return;
            hall.WriteSnapshot();
            hall._quiet.Add(quiet);
        }
    }

    /// <summary>The hall is somebody else's: whoever asks next is sent there.</summary>
    private void GiveUp()
    {
        LogLeft(_engine.Log, Actor.Hall.Value, Actor.Durable);
        End(AnswerStatus.NotOwner);
        Place.Leave(this);
    }

    /// <summary>Whether a load failed and those who watch wait for the next.</summary>
    public bool WantsLoad => _loadAgain;

    public void LoadAgain()
    {
        if (!_loadAgain) return;
        _loadAgain = false;
        Load();
    }

    /// <summary>As <see cref="WhenSettled"/>, once the confirmed picture has what time alone brought about by now.</summary>
    public bool WhenCurrent(Action<ResidentHall> action, Action<AnswerStatus> refused)
    {
        // A hall that slept over midnight would show yesterday to the first who looks.
        if (Actor.DueAt <= Now) Actor.Poke(Now);
        return WhenSettled(action, refused);
    }

    /// <summary>
    /// True where the hall is loaded and nothing of it is in flight, so that the confirmed picture may be looked at. Else false: <paramref name="action"/> is done once it is so, until when the hall decides
    /// nothing more, or <paramref name="refused"/> is told why it never will.
    /// </summary>
    public bool WhenSettled(Action<ResidentHall> action, Action<AnswerStatus> refused)
    {
        if (Actor.IsSettled) return true;
        if (Quarantine is not null) refused(AnswerStatus.Quarantined);
        else if (_gone) refused(_goneWhy);
        else
        {
            if (Actor.IsLoaded) Actor.Settle();
            _whenSettled.Add((action, refused));
        }
        return false;
    }

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
        if (_gone) Place.Leave(this);
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
        if (Actor.RecordedAs is { } name && name != Actor.Hall)
        {
            // Its number was given to two, and the other one was first.
            GiveUp();
            return;
        }
        // Its first flush may be stored although nobody could say so.
        if (Actor.RecordedAs is not null) _engine.Exists(Place);
        if (Actor.IsSettled) DoWaiting();
    }

    private void DoWaiting()
    {
        if (_whenSettled.Count == 0) return;
        var waiting = _whenSettled.ToArray();
        _whenSettled.Clear();
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
        foreach (var (_, refused) in _whenSettled) refused(why);
        _whenSettled.Clear();
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
        if (schedule) Schedule(preferLocal: false);
    }

    [LoggerMessage(102, LogLevel.Critical, "Hall {Hall} stands still: {Why}")]
    private static partial void LogQuarantined(ILogger log, string hall, string why);

    [LoggerMessage(104, LogLevel.Warning, "Hall {Hall} is run by somebody else since sequence {Sequence}: it is left to them.")]
    private static partial void LogLeft(ILogger log, string hall, long sequence);

    [LoggerMessage(103, LogLevel.Error, "Hall {Hall} could not be loaded: the journal does not answer.")]
    private static partial void LogNotLoaded(ILogger log, Exception gone, string hall);

    /// <summary>One incarnation's side of the journal: hears of its own flushes only.</summary>
    private sealed class Incarnation : IAppendOwner, IRecorder
    {
        private readonly ResidentHall _hall;

        public Incarnation(ResidentHall hall, ulong epoch, long sequence)
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
}
