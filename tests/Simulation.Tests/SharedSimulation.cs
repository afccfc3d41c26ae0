using System.Globalization;
using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Silo.Journal;

namespace HallOps.Simulation.Tests;

/// <summary>
/// Two processes and three halls on one store, driven by one seed: each believes it runs the halls. Requests and answers are late or lost, connections break while something is on its way and
/// arrives after the other has taken over, processes stand still or die, and the store forgets its last moments. Held: I1 to I4, I7 and I9; that no position of a history ever has records
/// of two owners; that what was acknowledged is there, unless the store forgot it, and that whoever lives and had been told so says it.
/// </summary>
internal sealed class SharedSimulation
{
    private const int Kept = 80;

    private readonly Random _random;
    private readonly SharedStore _store = new();
    private readonly SimulatedHall.Name[] _names = [.. Enumerable.Range(1, 3).Select(n => new SimulatedHall.Name((uint)n, new HallId($"hall-{n}")))];
    private readonly SharedProcess[] _processes = new SharedProcess[2];
    private readonly HallActorOptions _options;
    private readonly People _people;
    private readonly List<Operation> _operations = [];
    private readonly List<SharedAttempt> _attempts = [];
    private readonly List<Connection> _late = [];
    private readonly List<Obligation> _obligations = [];
    private readonly Queue<string> _trace = new();
    private readonly int _steps;
    private readonly int _cuts, _kills, _losses;
    private Instant _now;
    private UInt128 _lastKey;
    private int _started, _favoured, _step, _takeOvers, _lost;

    /// <summary>A record that the store forgot, and a living process that had been told it is there.</summary>
    private sealed record Obligation(uint Hall, JournalRecord Record, SharedProcess Knows, int ReportsBefore);

    /// <summary>What a run came to.</summary>
    /// <param name="TakeOvers">Appends that were refused since another process has the hall.</param>
    /// <param name="Lost">Records that the store forgot.</param>
    /// <param name="Reported">Losses that were named.</param>
    public sealed record Result(int Operations, int Acknowledged, long Events, int TakeOvers, int Lost, int Reported);

    private SharedSimulation(int seed)
    {
        _random = new Random(seed);
        _now = new Instant(1_795_224_000_000 + _random.Next(40_000_000));
        _options = new HallActorOptions(_random.Next(3) switch { 0 => 5, 1 => 30, _ => 10_000 });
        _people = new People(_random, _random.Next(3, 9));
        _steps = _random.Next(100, 400);
        // How often in 1,000 steps. Every third seed has no loss at all: there nothing may be excused.
        (_cuts, _kills, _losses) = (Any(5, 20, 60), Any(0, 4, 15), Any(0, 6, 20));
        for (var i = 0; i < _processes.Length; i++) Start(i);
    }

    /// <summary>Runs a seed to its end.</summary>
    /// <exception cref="LawBrokenException">A law does not hold: names the seed and the last steps.</exception>
    public static Result Run(int seed)
    {
        var simulation = new SharedSimulation(seed);
        try
        {
            simulation.Go();
            simulation.Settle();
        }
        catch (Exception e)
        {
            throw new LawBrokenException(string.Create(CultureInfo.InvariantCulture,
                $"Seed {seed}, step {simulation._step}: {e.Message}\nRun it alone with HALLOPS_SHARED_SEED={seed}. The last steps:\n  {string.Join("\n  ", simulation._trace)}"), e);
        }
        return new(simulation._operations.Count, simulation._operations.Count(o => o.Acknowledged is not null), simulation._names.Sum(n => simulation._store.SequenceOf(n.Number)),
            simulation._takeOvers, simulation._lost, simulation._store.Reports.Count);
    }

    private void Go()
    {
        foreach (var name in _names) Send(_processes[0], NewOperation(name.Number, new ConfigureHall(name.Number, People.Documents[name.Number - 1][0])));
        Quieten();
        for (_step = 0; _step < _steps; _step++)
        {
            // For a while nearly everything happens in one of them; the other stands still, and wakes up later none the wiser.
            if (_random.Next(60) == 0) _favoured = _random.Next(3);
            var which = _favoured < 2 && _random.Next(20) > 0 ? _favoured : _random.Next(2);
            var process = _processes[which];
            var chance = _random.Next(1_000);
            if ((chance -= _cuts) < 0) Cut(process);
            else if ((chance -= _kills) < 0) Kill(which);
            else if ((chance -= _losses) < 0) Forget();
            else if ((chance -= 10) < 0) Accept();
            else if ((chance -= 40) < 0) Late();
            else Work(process);
        }
    }

    private void Work(SharedProcess process)
    {
        var hall = Any(process.Halls);
        switch (_random.Next(26))
        {
            case 0 or 1 or 2: Send(process, NewOperation(hall.Number, _people.Next(hall.Name, _store.LedgerOf(hall.Number).State, _now))); break;
            case 3: Retry(process); break;
            case 4 or 5: Load(process, Any(process.Halls.Where(h => !h.Actor.IsLoaded).DefaultIfEmpty(hall).ToList())); break;
            case 6 or 7 or 8: Turn(Any(process.Halls.Where(h => h.Hall.Mailbox.Count > 0).DefaultIfEmpty(hall).ToList())); break;
            case 9 or 10 or 11: Flush(process, patient: false); break;
            case 12 or 13 or 14: if (process.Link is { There: > 0 } there) there.Serve(); break;
            case 15 or 16: if (process.Link is { Back: > 0 } back) back.Hear(); break;
            case 17: Hear(Any(process.Halls.Where(h => h.Hall.HasNews).DefaultIfEmpty(hall).ToList())); break;
            case 18: hall.Hall.Snapshot(); break;
            case 19 or 20 or 21 or 22 or 23 or 24: Hurry(process); break;
            default: _now = new Instant(_now.Milliseconds + _random.Next(8_000)); break;
        }
    }

    // ---- clients

    private Operation NewOperation(uint hall, HallCommand command)
    {
        var operation = new Operation(hall, command, ++_lastKey);
        _operations.Add(operation);
        return operation;
    }

    private void Send(SharedProcess process, Operation operation)
    {
        var attempt = new SharedAttempt(_store, process, operation, _random.Next(10) == 0);
        _attempts.Add(attempt);
        operation.Waiting++;
        Note($"{process.Owner}, hall {operation.Hall}: {operation} is sent{(operation.Acknowledged is null ? "" : " again")}");
        process.Halls[(int)operation.Hall - 1].Hall.Mailbox.Enqueue((new HallRequest(operation.Command, "client", operation.Key, 7), attempt));
    }

    private void Retry(SharedProcess process)
    {
        var open = _operations.Where(o => o.Waiting == 0).TakeLast(20).ToList();
        if (open.Count > 0) Send(process, Any(open));
    }

    // ---- a process's own steps

    private void Load(SharedProcess process, SharedHall hall)
    {
        if (process.Link is null) Connect(process);
        if (hall.Load(_now)) Note($"{process.Owner}, hall {hall.Number} loads{(hall.Actor.IsLoaded ? $": {hall.Actor.Durable}" : "")}");
    }

    private void Connect(SharedProcess process)
    {
        Note($"{process.Owner} connects");
        process.Connect();
    }

    private void Turn(SharedHall hall)
    {
        if (hall.Hall.Mailbox.Count == 0 || (hall.StandsStill is null && !hall.Actor.HasRoom)) return;
        Note($"hall {hall.Number} takes {hall.Hall.Mailbox.Peek().Request.Command.GetType().Name}");
        hall.TakeOne(_now);
    }

    private void Hear(SharedHall hall)
    {
        if (!hall.Hall.HasNews) return;
        hall.Hall.Hear(_now);
        Note($"hall {hall.Number} hears: confirmed {hall.Actor.Durable}, {(hall.Actor.IsLoaded ? "goes on" : "is lost")}");
        if (!hall.Actor.IsLoaded) _takeOvers++;
    }

    private void Flush(SharedProcess process, bool patient)
    {
        if (process.Out is null)
        {
            if (process.Writer.Unavailable is not null)
            {
                if (process.Link is null) Connect(process);
                process.Writer.Available();
            }
            if (process.TakeFlush()) Note($"{process.Owner}: a flush goes out with {string.Join(", ", process.Out!.Appends.Select(a => $"{a.Hall}:{a.After + 1}-{a.Last}@{a.Epoch:x}"))}");
        }
        else if (process.FlushIsKnown)
        {
            process.Report();
            Note($"{process.Owner} hears of its flush");
        }
        else if (process.Link is null)
        {
            if (patient || _random.Next(3) > 0) Connect(process);
            else
            {
                Note($"{process.Owner} gives its flush up");
                process.GiveUp();
            }
        }
        else if (process.Waiting == 0)
        {
            Note($"{process.Owner} sends its flush");
            process.SendFlush();
        }
    }

    // ---- what goes wrong

    private void Cut(SharedProcess process)
    {
        if (process.Link is not { } link) return;
        var late = _random.Next(link.There + 1);
        Note($"{process.Owner} is cut off; {late} of {link.There} on their way are late, {link.Back} answers are lost");
        _late.Add(process.Cut(late));
    }

    private void Late()
    {
        var late = _late.Where(l => l.There > 0).ToList();
        if (late.Count == 0) return;
        Note("something arrives late");
        Any(late).Serve();
    }

    private void Kill(int which)
    {
        var process = _processes[which];
        Note($"{process.Owner} dies");
        if (process.Link is not null) Cut(process);
        foreach (var attempt in _attempts.Where(a => a.Process == process)) attempt.Abandon();
        _attempts.RemoveAll(a => a.Process == process);
        Start(which);
    }

    private void Start(int which)
    {
        _processes[which] = new SharedProcess(_store, $"P{++_started}", _names, _options);
        Note($"P{_started} starts");
    }

    /// <summary>The store's machine is another one, and lacks its last moments.</summary>
    private void Forget()
    {
        var knew = _processes.SelectMany(p => p.Halls.Select(h => (Process: p, Hall: h)))
            .Where(k => k.Hall.Seen.Sequence > 0 && k.Hall.Seen.Epoch > _store.AcceptedOf(k.Hall.Number) && _store.IsThere(k.Hall.Number, k.Hall.Seen.Sequence, k.Hall.Seen.Chain)).ToList();
        var gone = _store.Forget(_random.Next(1, 14));
        Note($"the store forgets {string.Join(", ", gone.Select(r => $"{r.Hall}:{r.Sequence}@{r.Epoch:x}"))}");
        _lost += gone.Count;
        foreach (var record in gone)
            foreach (var (process, hall) in knew.Where(k => k.Hall.Number == record.Hall && k.Hall.Seen.Sequence >= record.Sequence)) _obligations.Add(new(record.Hall, record, process, _store.Reports.Count));
        foreach (var late in _late) late.Drop();
        foreach (var process in _processes)
            if (process.Link is not null) process.Cut(0);
    }

    private void Accept()
    {
        var name = Any(_names);
        if (_store.Accept(name.Number) is not { } loss) return;
        Note($"hall {name.Number}: {loss} is accepted");
        // What was known under this epoch or an older one is not asked after any more, whoever had looked or not.
        _obligations.RemoveAll(o => o.Hall == name.Number && o.Knows.Halls[(int)name.Number - 1].Known.Confirmed.Epoch <= _store.AcceptedOf(name.Number));
        foreach (var process in _processes) process.Halls[(int)name.Number - 1].StandsStill = null;
    }

    // ---- the end

    /// <summary>The trouble is over: everything that is late arrives, every process is asked once more for every hall, and all is compared.</summary>
    private void Settle()
    {
        Note("the trouble is over");
        while (_late.Find(l => l.There > 0) is { } late) late.Serve();
        Quieten();
        // Over a new connection, and with something to write: a process that only stands there need not know what became of its halls.
        foreach (var process in _processes)
            if (process.Link is not null) process.Cut(0);
        AskEach();
        foreach (var attempt in _attempts) Law.Holds(attempt.Operation.Waiting == 0, $"{attempt.Operation} was never answered");
        foreach (var due in _obligations.Where(o => _processes.Contains(o.Knows) && !_store.IsThere(o.Hall, o.Record.Sequence, o.Record.Chain)))
        {
            Law.Holds(_store.Reports.Skip(due.ReportsBefore).Any(r => r.Hall == due.Hall && r.Loss.First <= due.Record.Sequence && due.Record.Sequence <= r.Loss.Last),
                $"F21: hall {due.Hall}: record {due.Record.Sequence} of epoch {due.Record.Epoch} is gone, {due.Knows.Owner} knew it, and it is in no loss that was named: {string.Join(", ", _store.Reports.Where(r => r.Hall == due.Hall).Select(r => r.Loss))}");
        }
        // A second time where each of the two knew more than the store has, and the one that spoke first under the lower epoch.
        for (var accepted = 0; _names.Any(n => _store.LostOf(n.Number) is not null || _processes.Any(p => p.Halls[(int)n.Number - 1].StandsStill is not null)); accepted++)
        {
            Law.Holds(accepted < 3, $"a loss that was accepted comes up again and again");
            foreach (var name in _names)
            {
                _store.Accept(name.Number);
                foreach (var process in _processes) process.Halls[(int)name.Number - 1].StandsStill = null;
            }
            AskEach();
        }
        foreach (var operation in _operations) Compare(operation);
        foreach (var operation in _operations.Where(o => o.Waiting == 0 && (o.Acknowledged is not null || o.MayBeThere)).ToList()) Send(Any(_processes), operation);
        Quieten();
        foreach (var operation in _operations) Compare(operation);
        AskEach();
        foreach (var process in _processes)
            foreach (var hall in process.Halls) Audit(process, hall);
    }

    /// <summary>What nothing refuses, so that each process writes to each hall, and hears of it where it may not.</summary>
    private void AskEach()
    {
        foreach (var process in _processes)
        {
            foreach (var name in _names) Send(process, NewOperation(name.Number, new PostNotice(new TextHash(6), null, _now + TimeSpan.FromHours(1))));
            Quieten();
        }
    }

    private void Compare(Operation operation)
    {
        var written = _store.LedgerOf(operation.Hall).WrittenUnder(operation.Key);
        var gone = _store.GoneOf(operation.Hall).Any(r => r.CommandId == operation.Key);
        Law.Holds(!operation.SurelyNot || written is [], $"{operation} was said not to be recorded, and is there");
        if (operation.Acknowledged is { } answer && !gone) Law.Holds(written.Any(w => Attempt.Same(w.Reply, answer.Reply)), $"I2: {operation} was acknowledged, and is not there");
    }

    private void Quieten()
    {
        for (var round = 0; round < 10_000; round++)
        {
            var quiet = true;
            foreach (var process in _processes)
            {
                quiet &= process.Halls.All(h => h.IsQuiet);
                Hurry(process);
                quiet &= process.Out is null;
            }
            if (quiet) return;
        }
        throw new LawBrokenException("the processes do not come to rest");
    }

    /// <summary>One round of everything that a process has to do, with nothing in its way.</summary>
    private void Hurry(SharedProcess process)
    {
        foreach (var hall in process.Halls)
        {
            if (hall.IsQuiet) continue;
            Load(process, hall);
            Hear(hall);
            Turn(hall);
        }
        Flush(process, patient: true);
        while (process.Link is { There: > 0 } there) there.Serve();
        while (process.Link is { Back: > 0 } back) back.Hear();
    }

    /// <summary>I3, I7 and I9: what the process shows of the hall is what the store's records replay to, from the first one and from the snapshot.</summary>
    private void Audit(SharedProcess process, SharedHall hall)
    {
        var confirmed = hall.Actor.Confirmed;
        var records = _store.RecordsOf(hall.Number);
        // One that has not written since the other took over does not know it, and shows what was.
        if (_store.OwnerOf(hall.Number) != process.Owner || _store.HeadOf(hall.Number).Epoch != hall.Known.Epoch)
        {
            Law.Holds(hall.Seen.Sequence == 0 || _store.IsThere(hall.Number, hall.Seen.Sequence, hall.Seen.Chain), $"{process.Owner}, hall {hall.Number}: shows record {hall.Seen.Sequence} of another history");
            return;
        }
        Law.Holds(confirmed.Sequence == records.Count, $"{process.Owner}, hall {hall.Number}: shows {confirmed.Sequence}, there are {records.Count}");
        if (!confirmed.Exists) return;
        var live = Convert.ToHexString(hall.Actor.Fingerprint());
        Law.Holds(live == Replayed(hall, new HallHistory(_store.HeadOf(hall.Number), null, records)), $"I9: hall {hall.Number}: replayed from the first event, {confirmed.Sequence} is another state");
        if (_store.NewestOf(hall.Number) is { } snapshot)
            Law.Holds(live == Replayed(hall, new HallHistory(_store.HeadOf(hall.Number), snapshot, [.. records.Skip((int)snapshot.Sequence)])), $"I9: hall {hall.Number}: replayed from its snapshot, {confirmed.Sequence} is another state");
        _store.LedgerOf(hall.Number).Compare(confirmed);
    }

    private string Replayed(SharedHall hall, HallHistory history)
    {
        var replay = new HallActor(hall.Number, hall.Name.Hall, TimeSpan.Zero);
        replay.Loaded(1, history, Nowhere.Instance, _now);
        return Convert.ToHexString(replay.Fingerprint());
    }

    private void Note(string step)
    {
        if (_trace.Count == Kept) _trace.Dequeue();
        _trace.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{_step} {step}"));
    }

    private T Any<T>(params IReadOnlyList<T> of) => of[_random.Next(of.Count)];
}
