namespace HallOps.Core.Foresight.Simulation;

/// <summary>
/// Plays a scenario in virtual time, from event to event. In one instant: completions, then calendar and skill changes, then leaving, then arrivals, then calls (SIMULATION.md). Not thread safe;
/// one simulator plays one day.
/// </summary>
public sealed class DaySimulator
{
    private readonly Scenario _scenario;
    private readonly Visit[] _visits;
    private readonly int[] _order;
    private readonly SimulatedWindow[] _windows;
    private readonly WaitingRoom _room;
    private readonly Dictionary<string, int> _services = new(StringComparer.Ordinal);
    private readonly PriorityQueue<Happening, Moment> _due = new();
    private readonly List<StageRecord> _records;
    private readonly List<CallRecord> _calls;
    private readonly List<MoveRecord> _moves = [];
    private readonly Action<int>? _progress;

    /// <summary>What the adviser sees; null: nobody is asked.</summary>
    private readonly ScenarioFloor? _floor;

    /// <summary>By service: how many idle, open windows do it.</summary>
    private readonly int[] _offered;

    private int _arrived;
    private int _waiting;
    private int _mostWaiting;
    private int _idle;
    private long _sequence;

    private DaySimulator(Scenario scenario, bool advised, Action<int>? progress)
    {
        (_scenario, _progress) = (scenario, progress);
        var arrivals = scenario.Arrivals;
        foreach (var arrival in arrivals)
        {
            Number(arrival.Service);
            foreach (var stage in arrival.Then) Number(stage.Service);
        }
        _offered = new int[_services.Count];
        _visits = new Visit[arrivals.Count];
        _order = new int[arrivals.Count];
        for (var i = 0; i < _order.Length; i++) _order[i] = i;
        Array.Sort(_order, (a, b) => arrivals[a].At != arrivals[b].At ? arrivals[a].At.CompareTo(arrivals[b].At) : a.CompareTo(b));
        _room = new WaitingRoom(scenario.Discipline, arrivals, _visits);
        (_records, _calls) = (new(arrivals.Count), new(arrivals.Count));
        _windows = [.. scenario.Windows.Select((w, i) => new SimulatedWindow(w, i, Can(w.Skills)))];
        foreach (var window in _windows) Plan(window);
        foreach (var busy in scenario.InService)
        {
            var window = _windows.First(w => w.Settings.Id == busy.Window);
            window.Busy = true;
            At(busy.EndsAt, Phase.Completion, window.Place, SimulatedWindow.Nobody);
        }
        At(scenario.Now, Phase.Opening, -1);
        if (!advised) return;
        _floor = new ScenarioFloor(scenario);
        PlanAdvice(-1);
    }

    /// <param name="progress">Told, now and then, how many stages have ended.</param>
    public static DayResult Run(Scenario scenario, Action<int>? progress = null) => new DaySimulator(scenario, advised: false, progress).Run();

    /// <summary>The day with an adviser asked as the scenario has it, and every move made that it advises.</summary>
    public static DayResult RunAdvised(Scenario scenario, Action<int>? progress = null) => new DaySimulator(scenario, advised: true, progress).Run();

    /// <summary>The metrics of every variant, in order; of the scenario itself where it has none.</summary>
    /// <param name="advised">Each with an adviser.</param>
    public static IReadOnlyList<(Variant Variant, DayMetrics Metrics)> RunVariants(Scenario scenario, Action<int>? progress = null, bool advised = false) =>
        [.. scenario.Variants.Select(v => (v, new DaySimulator(scenario.As(v), advised, progress).Run().Metrics))];

    private DayResult Run()
    {
        while (NextMoment() is { } now) Pass(now);
        for (var i = 0; i < _visits.Length; i++)
            if (_visits[i].Waits) Record(i, null, null, null, null, StageOutcome.Unserved);
        return DayResult.Of(_scenario, _records, _calls, _mostWaiting, _floor is null ? null : _moves);
    }

    private long? NextMoment()
    {
        long? next = _arrived < _order.Length ? _scenario.Arrivals[_order[_arrived]].At : null;
        return _due.TryPeek(out _, out var moment) && !(next <= moment.At) ? moment.At : next;
    }

    private void Pass(long now)
    {
        // Who does not come and is not waited for frees the window in the instant of the call: the instant is gone through again.
        do
        {
            while (IsDue(now, out var phase) && phase < Phase.Arrival) Happen(_due.Dequeue(), phase, now);
            for (; _arrived < _order.Length && _scenario.Arrivals[_order[_arrived]].At == now; _arrived++) Arrive(_order[_arrived], now);
            if (now >= _scenario.Now) Call(now);
        }
        while (IsDue(now, out _));
        _mostWaiting = Math.Max(_mostWaiting, _waiting);
    }

    private bool IsDue(long now, out Phase phase)
    {
        var isDue = _due.TryPeek(out _, out var moment) && moment.At == now;
        phase = moment.Phase;
        return isDue;
    }

    private void Happen(Happening happening, Phase phase, long now)
    {
        var who = happening.Arrival;
        switch (phase)
        {
            case Phase.Completion:
                Complete(_windows[happening.Window], who, now);
                break;
            case Phase.Closing:
                Change(_windows[happening.Window], static w => w.Open = false);
                break;
            case Phase.Opening when happening.Window >= 0:
                var opening = _windows[happening.Window];
                Change(opening, static w => w.Open = true);
                opening.IdleSince = Math.Max(opening.IdleSince, now);
                break;
            case Phase.Skills:
                var skilled = _windows[happening.Window];
                skilled.Can = skilled.Settings.SkillChanges[who].Skills;
                Set(skilled, skilled.Can);
                break;
            case Phase.Advice:
                Advise(now);
                break;
            case Phase.Callable when _visits[who].Waits:
                AddToRoom(who);
                break;
            case Phase.Leaving when _visits[who] is { Waits: true, Stage: 0 }:
                Stop(who);
                Record(who, null, null, null, now, StageOutcome.Abandoned);
                break;
        }
    }

    private void Set(SimulatedWindow window, IReadOnlyList<string> services)
    {
        var skills = Can(services);
        window.Offers = services;
        Change(window, w => w.Skills = skills);
    }

    private void Advise(long now)
    {
        foreach (var move in _floor!.Advise(_windows, _visits, now))
        {
            Set(_windows.First(w => w.Settings.Id == move.Window), move.Skills);
            _moves.Add(move);
        }
        PlanAdvice(now);
    }

    private void PlanAdvice(long after)
    {
        if (_floor!.NextStep(after) is { } step) At(step, Phase.Advice, -1);
    }

    private void Arrive(int who, long now)
    {
        var arrival = _scenario.Arrivals[who];
        Join(who, now);
        if (arrival.Patience is { } patience) At(now + patience, Phase.Leaving, -1, who);
        if (arrival.NotBefore > now) At(arrival.NotBefore, Phase.Callable, -1, who);
        else AddToRoom(who);
    }

    private void Join(int who, long now)
    {
        _visits[who].Joined = now;
        _visits[who].Waits = true;
        _waiting++;
        _floor?.Joined(who, _visits[who].Stage, _scenario.Arrivals[who].ServiceOf(_visits[who].Stage), now);
    }

    private void Stop(int who)
    {
        _visits[who].Waits = false;
        _waiting--;
    }

    private void AddToRoom(int who)
    {
        var service = _scenario.Arrivals[who].ServiceOf(_visits[who].Stage);
        _room.Add(who, _services[service], service);
    }

    private void Call(long now)
    {
        while (_idle > 0 && _waiting > 0 && _room.First(_offered, now) is >= 0 and var first)
        {
            var window = LongestIdle(ServiceOf(first));
            var called = _scenario.Discipline.Bounds is { } bounds ? Bounded(first, window, bounds) : first;
            Call(called, window, now);
        }
    }

    private void Call(int who, SimulatedWindow window, long now)
    {
        var arrival = _scenario.Arrivals[who];
        _room.Call(who, ServiceOf(who));
        Stop(who);
        Change(window, static w => w.Busy = true);
        var ends = now + (arrival.Shows ? _scenario.Rules.Walk + arrival.DurationOf(_visits[who].Stage) : _scenario.Rules.NoShowGrace);
        window.CalledAt = now;
        window.Serves = arrival.ServiceOf(_visits[who].Stage);
        _calls.Add(new CallRecord(now, arrival.Ticket, window.Settings.Id));
        At(ends, Phase.Completion, window.Place, who);
    }

    private void Complete(SimulatedWindow window, int who, long now)
    {
        Change(window, static w => w.Busy = false);
        window.IdleSince = Math.Max(window.IdleSince, now);
        if (who == SimulatedWindow.Nobody) return;
        var arrival = _scenario.Arrivals[who];
        _floor?.Ended(window.Serves!, now - window.CalledAt);
        window.Serves = null;
        if (!arrival.Shows)
        {
            Record(who, window, window.CalledAt, null, now, StageOutcome.NoShow);
            return;
        }
        Record(who, window, window.CalledAt, window.CalledAt + _scenario.Rules.Walk, now, StageOutcome.Served);
        if (_visits[who].Stage == arrival.Then.Count) return;
        _visits[who].Stage++;
        Join(who, now);
        AddToRoom(who);
    }

    /// <summary>The fairness of the halls (DOMAIN.md): the first in plain order instead of one whose call would overtake too often.</summary>
    private int Bounded(int first, SimulatedWindow window, Halls.FairnessSettings bounds)
    {
        var plain = _room.PlainFirst(window.Skills);
        var overtaken = plain == first ? [] : _room.Overtaken(first, window.Skills).ToList();
        if (plain == first || window.PriorityRun >= bounds.MaxPriorityRun || overtaken.Exists(o => _visits[o].Overtaken >= bounds.MaxOvertakes))
        {
            window.PriorityRun = 0;
            return plain;
        }
        window.PriorityRun++;
        foreach (var other in overtaken) _visits[other].Overtaken++;
        return first;
    }

    private SimulatedWindow LongestIdle(int service)
    {
        SimulatedWindow? best = null;
        foreach (var window in _windows)
            if (window.IsFree && window.Skills[service] && (best is null || window.IsBefore(best))) best = window;
        return best!;
    }

    /// <summary>Changes a window and keeps count of what idle windows offer.</summary>
    private void Change(SimulatedWindow window, Action<SimulatedWindow> change)
    {
        Count(window, -1);
        change(window);
        Count(window, +1);
    }

    private void Count(SimulatedWindow window, int by)
    {
        if (!window.IsFree) return;
        _idle += by;
        for (var service = 0; service < _offered.Length; service++)
            if (window.Skills[service]) _offered[service] += by;
    }

    private void Record(int who, SimulatedWindow? window, long? called, long? started, long? ended, StageOutcome outcome)
    {
        var (arrival, visit) = (_scenario.Arrivals[who], _visits[who]);
        var wait = outcome is StageOutcome.Unserved ? null : (called ?? ended) - visit.Joined;
        _records.Add(new StageRecord(arrival.Ticket, visit.Stage, arrival.ServiceOf(visit.Stage), window?.Settings.Id, visit.Joined, called, wait, started, ended, outcome));
        if (_records.Count % 16_384 == 0) _progress?.Invoke(_records.Count);
    }

    private void Plan(SimulatedWindow window)
    {
        foreach (var opening in window.Settings.Calendar)
        {
            At(opening.Closes, Phase.Closing, window.Place);
            At(opening.Opens, Phase.Opening, window.Place);
        }
        for (var i = 0; i < window.Settings.SkillChanges.Count; i++) At(window.Settings.SkillChanges[i].At, Phase.Skills, window.Place, i);
    }

    private void At(long moment, Phase phase, int window, int arrival = 0) => _due.Enqueue(new Happening(window, arrival), new Moment(moment, phase, _sequence++));

    private int ServiceOf(int who) => _services[_scenario.Arrivals[who].ServiceOf(_visits[who].Stage)];

    private int Number(string service) => _services.TryGetValue(service, out var number) ? number : _services[service] = _services.Count;

    private bool[] Can(IReadOnlyList<string> skills)
    {
        var can = new bool[_services.Count];
        // What nobody comes for needs no place.
        foreach (var skill in skills)
            if (_services.TryGetValue(skill, out var service)) can[service] = true;
        return can;
    }

    /// <summary>What comes after what in one instant. A window that closes and opens in one is open.</summary>
    private enum Phase : byte { Completion, Closing, Opening, Skills, Advice, Callable, Leaving, Arrival }

    /// <param name="Window">Its place; below 0 where it is about none.</param>
    /// <param name="Arrival">Which one; of skills, which change.</param>
    private readonly record struct Happening(int Window, int Arrival);

    private readonly record struct Moment(long At, Phase Phase, long Sequence) : IComparable<Moment>
    {
        public int CompareTo(Moment other) => At != other.At ? At.CompareTo(other.At) : Phase != other.Phase ? Phase.CompareTo(other.Phase) : Sequence.CompareTo(other.Sequence);
    }
}
