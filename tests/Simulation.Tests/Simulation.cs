using System.Globalization;
using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Silo.Journal;

namespace HallOps.Simulation.Tests;

/// <summary>How rough a run is. Each is how often in 1,000 steps, before the seed's own temper.</summary>
/// <param name="Faults">Flushes that fail, a store that is full.</param>
/// <param name="Crashes">The process is gone.</param>
/// <param name="Others">Another process claims a hall, or writes to it.</param>
/// <param name="Jumps">The clock jumps.</param>
public sealed record Roughness(int Steps = 500, int Halls = 2, int Faults = 40, int Crashes = 8, int Others = 8, int Jumps = 12)
{
    public static Roughness Calm { get; } = new(Faults: 0, Crashes: 0, Others: 0, Jumps: 0);
}

/// <summary>
/// A whole engine on one thread, driven by one seed: which step comes next, what fails and how, what the clock does. Real actors, real writer, real feeds; the disk, the clients, the
/// screens and the clock are simulated. The invariants of QUALITY.md are held at every answer, every message and every durable event, and compared whole after every crash and at the end.
/// </summary>
public sealed class Simulation
{
    private const int Kept = 60;

    private readonly Random _random;
    private readonly Roughness _roughness;
    private readonly SimulatedStore _store = new();
    private readonly SimulatedHall.Name[] _names;
    private readonly HallActorOptions _options;
    private readonly List<Operation> _operations = [];
    private readonly List<Attempt> _attempts = [];
    private readonly List<Screen> _screens = [];
    private readonly Queue<string> _trace = new();
    private readonly People _people;
    private SimulatedEngine _engine;
    private Instant _now;
    private UInt128 _lastKey;
    private int _step;

    private Simulation(int seed, Roughness roughness)
    {
        _random = new Random(seed);
        _roughness = roughness;
        _now = new Instant(1_795_224_000_000 + _random.Next(86_400_000));
        _options = new HallActorOptions(_random.Next(4) switch { 0 => 5, 1 => 30, 2 => 200, _ => 10_000 });
        _people = new People(_random, _random.Next(3, 9));
        // Half of the seeds are rougher or calmer in one way, so that rare kinds of trouble also meet in plenty.
        if (_random.Next(2) == 0)
        {
            _roughness = _random.Next(4) switch
            {
                0 => roughness with { Faults = roughness.Faults * 5 },
                1 => roughness with { Crashes = roughness.Crashes * 5 },
                2 => roughness with { Others = roughness.Others * 5 },
                _ => roughness with { Jumps = roughness.Jumps * 5 },
            };
        }
        _names = [.. Enumerable.Range(1, roughness.Halls).Select(n => new SimulatedHall.Name((uint)n, new HallId($"hall-{n}")))];
        _engine = new SimulatedEngine(_store, _names, _options);
        foreach (var name in _names)
            foreach (var topic in Topics(name)) _screens.Add(new Screen(topic, name.Number, () => _store.LedgerOf(name.Number).State.Sequence));
    }

    /// <summary>What a run came to.</summary>
    public sealed record Result(int Operations, int Acknowledged, int Tickets, long Events, int Announced);

    /// <summary>Runs a seed to its end.</summary>
    /// <exception cref="LawBrokenException">An invariant does not hold: names the seed and the last steps.</exception>
    public static Result Run(int seed, Roughness? roughness = null)
    {
        var simulation = new Simulation(seed, roughness ?? new());
        try
        {
            simulation.Go();
            simulation.Settle();
        }
        catch (Exception e)
        {
            throw new LawBrokenException(string.Create(CultureInfo.InvariantCulture,
                $"Seed {seed}, step {simulation._step}: {e.Message}\nRun it alone with HALLOPS_SEED={seed}. The last steps:\n  {string.Join("\n  ", simulation._trace)}"), e);
        }
        return new Result(simulation._operations.Count, simulation._operations.Count(o => o.Acknowledged is not null), simulation._names.Sum(n => simulation._store.LedgerOf(n.Number).Issued),
            simulation._names.Sum(n => simulation._store.LedgerOf(n.Number).State.Sequence), simulation._screens.Sum(s => s.Spoken));
    }

    private static IEnumerable<Topic> Topics(SimulatedHall.Name hall) =>
    [
        new(TopicKind.Hall, hall.Hall), new(TopicKind.Zone, hall.Hall, "east"), new(TopicKind.Zone, hall.Hall, "west"), new(TopicKind.Window, hall.Hall, "1"), new(TopicKind.Window, hall.Hall, "3"),
        new(TopicKind.Floor, hall.Hall), new(TopicKind.Ticket, hall.Hall, null, new TicketId(hall.Number, 1)), new(TopicKind.Ticket, hall.Hall, null, new TicketId(hall.Number, 4)),
    ];

    private void Go()
    {
        foreach (var name in _names) Send(NewOperation(name.Number, new ConfigureHall(name.Number, People.Documents[name.Number - 1][0])));
        for (_step = 0; _step < _roughness.Steps; _step++)
        {
            if (_engine.Writer.Fatal) Crash("the journal failed for good");
            var chance = _random.Next(1_000);
            if ((chance -= _roughness.Crashes) < 0) Crash("the power is cut");
            else if ((chance -= _roughness.Others) < 0) Usurp();
            else if ((chance -= _roughness.Jumps) < 0) Jump();
            else if ((chance -= _roughness.Faults / 8) < 0) Note($"the store is {((_store.IsFull = !_store.IsFull) ? "full" : "roomy again")}");
            else if ((chance -= 5) < 0 && _roughness.Faults > 0) Break();
            else Work();
        }
    }

    /// <summary>One step of those that can run.</summary>
    private void Work()
    {
        var hall = Any(_engine.Halls.Where(h => h.HasNews || h.Mailbox.Count > 0 || !h.Actor.IsLoaded).DefaultIfEmpty(Any(_engine.Halls)).ToList());
        switch (_random.Next(20))
        {
            case 0 or 1 or 2: Ask(); break;
            case 3: Retry(); break;
            case 4 or 5 or 6 or 7: Turn(hall); break;
            case 8 or 9: Hear(hall); break;
            case 10 or 15 or 16 or 17: Flush(); break;
            case 11: Advance(); break;
            case 12: Look(hall); break;
            case 13: Watch(); break;
            case 14:
                var screen = Any(_screens);
                if (screen.HasMail) Note($"{screen.Topic} is delivered");
                screen.Deliver();
                break;
            default: Now(hall); break;
        }
    }

    // ---- clients

    private void Ask()
    {
        var name = Any(_names);
        var operation = NewOperation(name.Number, _people.Next(name, _store.LedgerOf(name.Number).State, _now));
        Send(operation);
        // A finger that taps twice.
        if (_random.Next(12) == 0) Send(operation);
    }

    private void Retry()
    {
        var open = _operations.Where(o => o.Waiting == 0 && Remembered(o)).TakeLast(30).ToList();
        if (open.Count > 0) Send(Any(open));
    }

    /// <summary>A key is good for 24 hours after its service day, and no client keeps one longer.</summary>
    private bool Remembered(Operation operation)
    {
        var ledger = _store.LedgerOf(operation.Hall);
        return ledger.WrittenUnder(operation.Key) is not [.., var last] || last.Day >= ledger.State.Day;
    }

    private Operation NewOperation(uint hall, HallCommand command)
    {
        var operation = new Operation(hall, command, ++_lastKey);
        _operations.Add(operation);
        return operation;
    }

    private void Send(Operation operation)
    {
        var hall = _engine.Halls[(int)operation.Hall - 1];
        var attempt = new Attempt(_store, operation, _random.Next(10) == 0);
        _attempts.Add(attempt);
        operation.Waiting++;
        Note($"hall {operation.Hall}: {operation} is sent{(operation.Acknowledged is null ? "" : " again")}");
        hall.Mailbox.Enqueue((new HallRequest(operation.Command, "client", operation.Key, 7), attempt));
    }

    // ---- the engine's own steps

    private void Turn(SimulatedHall hall)
    {
        if (hall.Mailbox.Count == 0) return;
        // A few reach the actor while it loads: a turn that heard of a loss with commands in its hands.
        if (!hall.Actor.IsLoaded && _random.Next(5) > 0) return;
        if (hall.Actor.IsLoaded && !hall.Actor.HasRoom) return;
        for (var n = _random.Next(1, 4); n > 0 && hall.Mailbox.Count > 0; n--)
        {
            Note($"hall {hall.Actor.Number} takes {hall.Mailbox.Peek().Request.Command.GetType().Name}");
            hall.TakeOne(_now);
        }
    }

    private void Hear(SimulatedHall hall)
    {
        if (!hall.Actor.IsLoaded)
        {
            Note($"hall {hall.Actor.Number} loads");
            hall.Load(_now);
        }
        else if (hall.HasNews)
        {
            hall.Hear(_now);
            Note($"hall {hall.Actor.Number} hears: confirmed {hall.Actor.Durable}, {(hall.Actor.IsLoaded ? "goes on" : "is lost")}");
        }
    }

    private void Flush()
    {
        if (_engine.Out is null)
        {
            if (_engine.Writer.Unavailable is not null && !_store.IsFull && !_engine.Writer.Fatal)
            {
                Note("the probe finds room");
                _engine.Writer.Available();
            }
            else if (_engine.TakeFlush()) Note($"a flush goes out with {string.Join(", ", _engine.Out!.Appends.Select(a => $"{a.Hall}:{a.After + 1}-{a.Last}"))}");
        }
        else if (_engine.Outcome is null)
        {
            var fate = _random.Next(250) < _roughness.Faults ? Any(Fate.NotStored, Fate.UncertainStored, Fate.UncertainNotStored) : Fate.Stored;
            _engine.Commit(fate);
            Note($"the store makes of it {fate}: {string.Join(", ", _engine.Outcome!.Appends)}");
        }
        else
        {
            Note("the writer hears of it");
            _engine.Report();
        }
    }

    private void Look(SimulatedHall hall)
    {
        if (!hall.Actor.IsLoaded) return;
        switch (_random.Next(5))
        {
            case 0:
                Note($"hall {hall.Actor.Number} is poked");
                hall.Actor.Poke(_now);
                break;
            case 1:
                hall.Snapshot();
                break;
            case 2:
                hall.Look(() => hall.Actor.Feed.PublishDerived(hall.Actor.Confirmed, _now));
                hall.Actor.Feed.Heartbeat();
                break;
            case 3:
                Note($"hall {hall.Actor.Number} is looked at");
                hall.Look(() =>
                {
                    if (hall.Actor.Read(new ReadBoard(), _now) is { } board)
                        Law.Holds(board.Sequence <= _store.LedgerOf(hall.Actor.Number).State.Sequence, $"hall {hall.Actor.Number} shows {board.Sequence}, which is not durable");
                });
                break;
            default:
                if (hall.Actor.WantsSnapshot) hall.Snapshot();
                break;
        }
    }

    private void Now(SimulatedHall hall)
    {
        if (_random.Next(6) == 0) hall.Look(() => Audit(hall));
        else Hear(hall);
    }

    private void Watch()
    {
        var screen = Any(_screens);
        var hall = _engine.Halls[(int)screen.Hall - 1];
        var actor = hall.Actor;
        if (!actor.IsLoaded) return;
        if (screen.Watches)
        {
            if (_random.Next(4) > 0) return;
            Note($"{screen.Topic} is cut off");
            actor.Feed.Unwatch(screen.Topic, screen);
            screen.Disconnect();
            return;
        }
        Note($"{screen.Topic} wants to watch");
        hall.Look(() =>
        {
            // Asked for twice before the hall could show anything.
            if (screen.Watches || !actor.Confirmed.Exists) return;
            screen.Watches = true;
            if (!actor.Feed.Watch(screen.Topic, screen, actor.Confirmed, _now)) screen.Watches = false;
            else Note($"{screen.Topic} watches");
        });
    }

    private void Advance() => _now = new Instant(_now.Milliseconds + _random.Next(4) switch { 0 => _random.Next(200), 1 => _random.Next(8_000), 2 => _random.Next(30_000), _ => _random.Next(120_000) });

    // ---- what goes wrong

    private void Jump()
    {
        var by = _random.Next(5) switch
        {
            0 => -_random.Next(3_600_000),
            1 => -_random.Next(20 * 3_600_000),
            2 => _random.Next(3_600_000),
            3 => _random.Next(12 * 3_600_000),
            _ => _random.Next(30 * 3_600_000),
        };
        _now = new Instant(_now.Milliseconds + by);
        Note($"the clock jumps by {by / 1000} s");
    }

    private void Break()
    {
        var hall = Any(_engine.Halls);
        Note($"hall {hall.Actor.Number} breaks");
        hall.Break();
    }

    /// <summary>Another process takes a hall over; it may write there before it goes.</summary>
    private void Usurp()
    {
        var name = Any(_names);
        if (_random.Next(2) == 0)
        {
            Note($"another process claims hall {name.Number}");
            _store.Claim(name.Number);
            return;
        }
        var other = new SimulatedEngine(_store, _names, _options);
        var hall = other.Halls[(int)name.Number - 1];
        hall.Load(_now);
        hall.Load(_now);
        var operation = NewOperation(name.Number, _people.Next(name, _store.LedgerOf(name.Number).State, _now));
        var attempt = new Attempt(_store, operation, answerGetsLost: false);
        operation.Waiting++;
        Note($"another process claims hall {name.Number} and does {operation}");
        hall.Actor.Take(new HallRequest(operation.Command, "other", operation.Key, 7), attempt, _now);
        if (_store.IsFull || !other.TakeFlush())
        {
            attempt.Abandoned = true;
            operation.MayBeThere = true;
            operation.Waiting = 0;
            return;
        }
        other.Commit(Fate.Stored);
        other.Report();
        hall.Hear(_now);
        Law.Holds(operation.Waiting == 0, $"{operation} stored by another process is not answered");
    }

    private void Crash(string why)
    {
        Note(why);
        // What was on its way to the disk may have reached it.
        if (_engine.Out is not null && _engine.Outcome is null && _random.Next(2) == 0) _engine.Commit(Fate.Stored);
        foreach (var attempt in _attempts)
        {
            attempt.Abandoned = true;
            if (attempt.Operation.Waiting == 0) continue;
            (attempt.Operation.Waiting, attempt.Operation.MayBeThere) = (0, true);
        }
        _attempts.Clear();
        foreach (var screen in _screens.Where(s => s.Watches)) screen.Disconnect();
        _store.Restart();
        _engine = new SimulatedEngine(_store, _names, _options);
        foreach (var hall in _engine.Halls)
        {
            if (_random.Next(2) == 0) continue;
            hall.Load(_now);
            hall.Load(_now);
            Audit(hall);
        }
    }

    // ---- the end

    /// <summary>The trouble is over: everything is heard, delivered, asked again and compared.</summary>
    private void Settle()
    {
        Note("the trouble is over");
        _store.IsFull = false;
        if (_engine.Writer.Fatal) Crash("the journal failed for good");
        Quieten();
        foreach (var attempt in _attempts) Law.Holds(attempt.Operation.Waiting == 0, $"{attempt.Operation} was never answered");
        foreach (var operation in _operations.Where(o => o.SurelyNot))
            Law.Holds(_store.LedgerOf(operation.Hall).WrittenUnder(operation.Key) is [], $"{operation} was said not to be recorded, and is there");
        foreach (var operation in _operations.Where(o => o.Acknowledged is not null))
            Law.Holds(_store.LedgerOf(operation.Hall).WrittenUnder(operation.Key).Any(w => Attempt.Same(w.Reply, operation.Acknowledged!.Reply)), $"I2: {operation} was acknowledged, and is not there");
        // Everything that is remembered, once more: the same answers (I4), and nothing new written under them.
        foreach (var operation in _operations.Where(o => o.Waiting == 0 && Remembered(o) && (o.Acknowledged is not null || o.MayBeThere)).ToList()) Send(operation);
        Quieten();
        foreach (var screen in _screens.Where(s => !s.Watches))
        {
            var actor = _engine.Halls[(int)screen.Hall - 1].Actor;
            screen.Watches = actor.Confirmed.Exists && Exists(actor, screen);
        }
        foreach (var hall in _engine.Halls)
        {
            hall.Actor.Feed.PublishDerived(hall.Actor.Confirmed, _now);
            hall.Actor.Feed.Heartbeat();
        }
        foreach (var screen in _screens.Where(s => s.Watches))
        {
            screen.Deliver();
            Compare(screen);
        }
        foreach (var hall in _engine.Halls)
        {
            hall.Snapshot();
            Audit(hall);
        }
        Quieten();
        foreach (var hall in _engine.Halls) Audit(hall);
    }

    private bool Exists(HallActor actor, Screen screen)
    {
        screen.Watches = true;
        return actor.Feed.Watch(screen.Topic, screen, actor.Confirmed, _now);
    }

    private void Quieten()
    {
        for (var round = 0; round < 10_000; round++)
        {
            if (_engine.Writer.Unavailable is not null) _engine.Writer.Available();
            foreach (var hall in _engine.Halls)
            {
                while (!hall.Actor.IsLoaded) hall.Load(_now);
                while (hall.HasNews) hall.Hear(_now);
                while (hall.Actor.IsLoaded && hall.Mailbox.Count > 0 && hall.Actor.HasRoom) hall.TakeOne(_now);
            }
            if (_engine.Out is null) _engine.TakeFlush();
            if (_engine.Out is not null)
            {
                if (_engine.Outcome is null) _engine.Commit(Fate.Stored);
                _engine.Report();
            }
            else if (_engine.Halls.All(h => h.IsQuiet)) return;
        }
        throw new LawBrokenException("the engine does not come to rest");
    }

    /// <summary>I5: what the screen shows is what one who looks only now is shown.</summary>
    private void Compare(Screen screen)
    {
        var actor = _engine.Halls[(int)screen.Hall - 1].Actor;
        var sequence = _store.LedgerOf(screen.Hall).State.Sequence;
        var fresh = new Screen(screen.Topic, screen.Hall, () => sequence) { Watches = true };
        if (!actor.Feed.Watch(screen.Topic, fresh, actor.Confirmed, _now)) return;
        actor.Feed.Unwatch(screen.Topic, fresh);
        fresh.Deliver();
        var (expected, shown) = (fresh.Picture(), screen.Picture());
        foreach (var key in expected.Keys.Union(shown.Keys))
            Law.Holds(expected.GetValueOrDefault(key) == shown.GetValueOrDefault(key), $"I5: {screen.Topic} shows {key} as {shown.GetValueOrDefault(key)}, it is {expected.GetValueOrDefault(key)}");
        Law.Holds(fresh.Sequence == screen.Sequence, $"I5: {screen.Topic} is at {screen.Sequence}, one who looks now at {fresh.Sequence}");
    }

    /// <summary>I3, I7 and I9 for one hall: the confirmed picture is what its durable events replay to, from the first one and from the snapshot.</summary>
    private void Audit(SimulatedHall hall)
    {
        if (!hall.Actor.IsSettled) return;
        var (number, confirmed) = (hall.Actor.Number, hall.Actor.Confirmed);
        if (!confirmed.Exists) return;
        Note($"hall {number} is audited at {confirmed.Sequence}");
        var live = Convert.ToHexString(hall.Actor.Fingerprint());
        var records = _store.Read(number, withSnapshot: false, confirmed.Sequence);
        Law.Holds(records.Tail.Count == confirmed.Sequence, $"hall {number} shows {confirmed.Sequence}, durable is {records.Tail.Count}");
        Law.Holds(live == Replayed(hall, records), $"I9: hall {number}: replayed from the first event, {confirmed.Sequence} is another state");
        Law.Holds(live == Replayed(hall, _store.Read(number, withSnapshot: true, confirmed.Sequence)), $"I9: hall {number}: replayed from its snapshot, {confirmed.Sequence} is another state");
        _store.LedgerOf(number).Compare(confirmed);
    }

    private string Replayed(SimulatedHall hall, HallHistory history)
    {
        var replay = new HallActor(hall.Actor.Number, hall.Actor.Hall, TimeSpan.Zero);
        replay.Loaded(1, history, Nowhere.Instance, _now);
        return Convert.ToHexString(replay.Fingerprint());
    }

    private void Note(string step)
    {
        if (_trace.Count == Kept) _trace.Dequeue();
        _trace.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{_step} {_now} {step}"));
    }

    private T Any<T>(params IReadOnlyList<T> of) => of[_random.Next(of.Count)];
}
