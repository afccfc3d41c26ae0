using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Silo.Journal;

namespace HallOps.Simulation.Tests;

/// <summary>One process's memory: the writer, the halls, what they heard and have not looked at yet. A crash drops it whole.</summary>
internal sealed class SimulatedEngine
{
    public SimulatedEngine(SimulatedStore store, IEnumerable<SimulatedHall.Name> halls, HallActorOptions options)
    {
        Store = store;
        Writer = new JournalWriter(static () => { });
        Halls = [.. halls.Select(h => new SimulatedHall(Writer, h, options, store))];
    }

    public SimulatedStore Store { get; }
    public JournalWriter Writer { get; }
    public IReadOnlyList<SimulatedHall> Halls { get; }

    /// <summary>The flush that is out; null where none is.</summary>
    public Flush? Out { get; private set; }

    /// <summary>What the store made of it; null until it did. A crash between loses the news, not the flush.</summary>
    public FlushOutcome? Outcome { get; private set; }

    public bool TakeFlush()
    {
        Law.Holds(Out is null, $"two flushes are out");
        Out = Writer.NextFlush();
        return Out is not null;
    }

    public void Commit(Fate fate) => Outcome = Store.Commit(Out!, fate);

    public void Report()
    {
        var (flush, outcome) = (Out!, Outcome!);
        (Out, Outcome) = (null, null);
        Writer.Completed(flush, outcome);
    }
}

/// <summary>One hall of a process, driven step by step.</summary>
internal sealed class SimulatedHall
{
    private readonly JournalWriter _writer;
    private readonly SimulatedStore? _store;
    private readonly Queue<(Incarnation Of, long Stored, AnswerStatus? Lost)> _heard = new();
    private readonly List<Action> _looks = [];
    private Incarnation? _incarnation;
    private ulong _claimed;

    /// <param name="store">What <see cref="Load"/> asks; null where whoever drives the hall loads it itself.</param>
    public SimulatedHall(JournalWriter writer, Name name, HallActorOptions options, SimulatedStore? store)
    {
        _writer = writer;
        _store = store;
        Actor = new HallActor(name.Number, name.Hall, TimeSpan.FromSeconds(30), null, options);
    }

    public HallActor Actor { get; }
    public Queue<(HallRequest Request, IPendingAnswer Pending)> Mailbox { get; } = new();
    public bool HasNews => _heard.Count > 0;
    public bool IsQuiet => Actor.IsLoaded && Actor.IsQuiet && !HasNews && Mailbox.Count == 0 && _looks.Count == 0;

    /// <summary>One of the two steps of a load: first the claim, then the read, with anything between them.</summary>
    public void Load(Instant now)
    {
        if (_claimed == 0)
        {
            _claimed = _store!.Claim(Actor.Number);
            return;
        }
        Begin(_claimed, _store!.Read(Actor.Number), now);
        _claimed = 0;
    }

    public void Begin(ulong epoch, HallHistory history, Instant now)
    {
        _incarnation = new Incarnation(this, epoch, history.Head.Sequence);
        Actor.Loaded(epoch, history, _incarnation, now);
        DoLooks();
    }

    /// <summary>Looks at what people see, once the hall is loaded and nothing is in flight.</summary>
    public void Look(Action look)
    {
        _looks.Add(look);
        if (Actor.IsLoaded) Actor.Settle();
        DoLooks();
    }

    public void Hear(Instant now)
    {
        var (of, stored, lost) = _heard.Dequeue();
        if (!ReferenceEquals(of, _incarnation)) return;
        if (stored > 0) Actor.Stored(stored, now);
        DoLooks();
        if (lost is { } why) Lose(why);
    }

    /// <summary>What the engine does when a bug throws in a hall's turn.</summary>
    public void Break()
    {
        if (_incarnation is not { } incarnation) return;
        _writer.Close(incarnation.Outbox);
        Lose(AnswerStatus.OutcomeUnknown);
    }

    public void TakeOne(Instant now)
    {
        var (request, pending) = Mailbox.Dequeue();
        Actor.Take(request, pending, now);
    }

    public void Snapshot() => Look(() =>
    {
        if (Actor.Snapshot() is { } snapshot) _writer.Snapshot(snapshot);
    });

    private void DoLooks()
    {
        if (!Actor.IsSettled) return;
        foreach (var look in _looks) look();
        _looks.Clear();
    }

    private void Lose(AnswerStatus why)
    {
        // As the embedded engine says it, which claims the hall again.
        Actor.Lost(why == AnswerStatus.NotOwner ? AnswerStatus.NotRecorded : why);
        _incarnation = null;
    }

    /// <param name="Hall">As in its document.</param>
    public readonly record struct Name(uint Number, HallId Hall);

    private sealed class Incarnation : IAppendOwner, IRecorder
    {
        private readonly SimulatedHall _hall;

        public Incarnation(SimulatedHall hall, ulong epoch, long sequence)
        {
            _hall = hall;
            Outbox = JournalWriter.Open(this, hall.Actor.Number, hall.Actor.Hall, epoch, sequence);
        }

        public Outbox Outbox { get; }
        public bool HasRoom => _hall._writer.HasRoom;
        public string? Unavailable => _hall._writer.Unavailable;
        public void Append(ReadOnlySpan<byte> frames, int count) => _hall._writer.Append(Outbox, frames, count);
        public void Stored(long upTo) => _hall._heard.Enqueue((this, upTo, null));
        public void Lost(AnswerStatus why) => _hall._heard.Enqueue((this, 0, why));
    }
}
