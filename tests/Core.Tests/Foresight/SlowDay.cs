using HallOps.Core.Foresight.Simulation;
using HallOps.Core.Halls;

namespace HallOps.Core.Tests.Foresight;

/// <summary>
/// SIMULATION.md once more, in the plainest way there is: it looks at every instant one after the other, at everybody, and holds no event, heap or group. What it counts it counts while it goes.
/// </summary>
internal sealed class SlowDay
{
    private readonly Scenario _day;
    private readonly List<Person> _people;
    private readonly List<Desk> _desks;
    private readonly List<int> _waitingFrom = [];

    public List<StageRecord> Records { get; } = [];
    public List<CallRecord> Calls { get; } = [];
    public int QueueMax { get; private set; }
    public long QueueArea { get; private set; }

    private SlowDay(Scenario day)
    {
        _day = day;
        _people = [.. day.Arrivals.Select((a, i) => new Person(a, i))];
        _desks = [.. day.Windows.Select(w => new Desk(w))];
        foreach (var busy in day.InService)
        {
            var desk = _desks.Single(d => d.Window.Id == busy.Window);
            (desk.Busy, desk.Until) = (true, busy.EndsAt);
        }
    }

    public static SlowDay Play(Scenario day)
    {
        var slow = new SlowDay(day);
        slow.Play();
        return slow;
    }

    private void Play()
    {
        var horizon = _day.Arrivals.Select(a => a.At + (a.Patience ?? 0)).Concat(_desks.SelectMany(d => d.Window.Calendar).Select(o => o.Closes)).Append(_day.Now).Max();
        for (var t = 0L; t <= horizon || _desks.Exists(d => d.Busy); t++)
        {
            Pass(t);
            QueueMax = Math.Max(QueueMax, _people.Count(p => p.Waits));
            _waitingFrom.Add(_people.Count(p => p.Waits));
        }
        foreach (var person in _people.Where(p => p.Waits)) Note(person, null, null, null, null, StageOutcome.Unserved);
        var lastEnd = Records.Max(r => r.EndedAt) ?? 0;
        var lastClosing = _day.Windows.SelectMany(w => w.Calendar).Select(o => o.Closes).DefaultIfEmpty(0).Max();
        for (var t = 0; t < Math.Max(lastEnd, lastClosing); t++) QueueArea += _waitingFrom[t];
        Records.Sort((a, b) => (a.Joined, b.Joined) is var (x, y) && x != y ? x.CompareTo(y) : string.CompareOrdinal(a.Ticket, b.Ticket) is not 0 and var c ? c : a.Stage - b.Stage);
        Calls.Sort((a, b) => a.At != b.At ? a.At.CompareTo(b.At) : string.CompareOrdinal(a.Ticket, b.Ticket));
    }

    private void Pass(long t)
    {
        var again = true;
        while (again)
        {
            foreach (var desk in _desks.Where(d => d.Busy && d.Until == t)) Finish(desk, t);
            foreach (var desk in _desks)
            {
                desk.Open = desk.Window.Calendar.Any(o => o.Opens <= t && t < o.Closes);
                if (desk.Window.Calendar.Any(o => o.Opens == t)) desk.IdleSince = Math.Max(desk.IdleSince, t);
                desk.Skills = desk.Window.SkillChanges.Where(c => c.At <= t).Select(c => c.Skills).LastOrDefault() ?? desk.Window.Skills;
            }
            foreach (var person in _people.Where(p => p.Waits && p.Stage == 0 && p.Arrival.At + p.Arrival.Patience == t).ToList())
            {
                Note(person, null, null, null, t, StageOutcome.Abandoned);
                person.Waits = false;
            }
            foreach (var person in _people.Where(p => !p.Came && p.Arrival.At == t)) (person.Came, person.Waits, person.Joined) = (true, true, t);
            if (t >= _day.Now) CallAll(t);
            again = _desks.Exists(d => d.Busy && d.Until == t) || _people.Exists(p => p.Waits && p.Stage == 0 && p.Arrival.At + p.Arrival.Patience == t);
        }
    }

    private void CallAll(long t)
    {
        while (true)
        {
            var callable = _people.Where(p => p.Waits && p.Arrival.NotBefore <= t && _desks.Exists(d => d.IsFree && d.Skills.Contains(p.Service))).ToList();
            if (callable.Count == 0) return;
            var first = callable[0];
            foreach (var person in callable)
                if (IsBefore(person, first, t)) first = person;
            var desk = _desks.Where(d => d.IsFree && d.Skills.Contains(first.Service)).OrderBy(d => d.IdleSince).ThenBy(d => d.Window.Order).First();
            Call(_day.Discipline.Bounds is { } bounds ? Bounded(first, desk, bounds, t) : first, desk, t);
        }
    }

    private Person Bounded(Person first, Desk desk, FairnessSettings bounds, long t)
    {
        var inOrder = _people.Where(p => p.Waits && p.Arrival.NotBefore <= t && desk.Skills.Contains(p.Service)).OrderBy(p => p.Joined).ThenBy(p => p.Place).ToList();
        var overtaken = inOrder.TakeWhile(p => p != first).ToList();
        if (overtaken.Count == 0 || desk.Run >= bounds.MaxPriorityRun || overtaken.Exists(p => p.Overtaken >= bounds.MaxOvertakes))
        {
            desk.Run = 0;
            return inOrder[0];
        }
        desk.Run++;
        overtaken.ForEach(p => p.Overtaken++);
        return first;
    }

    private bool IsBefore(Person a, Person b, long t)
    {
        var rule = _day.Discipline;
        int[] order = rule.Kind switch
        {
            DisciplineKind.Fifo => [a.Joined.CompareTo(b.Joined)],
            DisciplineKind.Priority => [b.Arrival.Priority.CompareTo(a.Arrival.Priority), a.Joined.CompareTo(b.Joined)],
            DisciplineKind.HeadStart => [(a.Joined - Of(rule.HeadStart, a, 0)).CompareTo(b.Joined - Of(rule.HeadStart, b, 0))],
            DisciplineKind.Accumulating => [(Of(rule.Slope, b, 1) * (t - b.Joined)).CompareTo(Of(rule.Slope, a, 1) * (t - a.Joined))],
            DisciplineKind.WeightedWait => [(rule.Weight.GetValueOrDefault(b.Service, 1) * (t - b.Joined)).CompareTo(rule.Weight.GetValueOrDefault(a.Service, 1) * (t - a.Joined))],
            _ => [Score(b).CompareTo(Score(a))],
        };
        return order.Append(a.Place.CompareTo(b.Place)).FirstOrDefault(c => c != 0) < 0;

        decimal Score(Person p) => Of(rule.Slope, p, 1) * rule.Weight.GetValueOrDefault(p.Service, 1) * (t - p.Joined) + Of(rule.HeadStart, p, 0);
        static decimal Of(IReadOnlyDictionary<int, decimal> table, Person person, decimal otherwise) => table.GetValueOrDefault(person.Arrival.Priority, otherwise);
    }

    private void Call(Person person, Desk desk, long t)
    {
        person.Waits = false;
        (desk.Busy, desk.Serves, desk.CalledAt) = (true, person, t);
        desk.Until = t + (person.Arrival.Shows ? _day.Rules.Walk + person.Arrival.DurationOf(person.Stage) : _day.Rules.NoShowGrace);
        Calls.Add(new CallRecord(t, person.Arrival.Ticket, desk.Window.Id));
    }

    private void Finish(Desk desk, long t)
    {
        (desk.Busy, desk.IdleSince) = (false, Math.Max(desk.IdleSince, t));
        if (desk.Serves is not { } person) return;
        desk.Serves = null;
        Note(person, desk, desk.CalledAt, person.Arrival.Shows ? desk.CalledAt + _day.Rules.Walk : null, t, person.Arrival.Shows ? StageOutcome.Served : StageOutcome.NoShow);
        if (!person.Arrival.Shows || person.Stage == person.Arrival.Then.Count) return;
        person.Stage++;
        (person.Waits, person.Joined) = (true, t);
    }

    private void Note(Person person, Desk? desk, long? called, long? started, long? ended, StageOutcome outcome) => Records.Add(new StageRecord(
        person.Arrival.Ticket, person.Stage, person.Service, desk?.Window.Id, person.Joined, called, outcome is StageOutcome.Unserved ? null : (called ?? ended) - person.Joined, started, ended, outcome));

    private sealed class Person(Arrival arrival, int place)
    {
        public Arrival Arrival { get; } = arrival;
        public int Place { get; } = place;
        public bool Came { get; set; }
        public bool Waits { get; set; }
        public long Joined { get; set; }
        public int Stage { get; set; }
        public int Overtaken { get; set; }
        public string Service => Arrival.ServiceOf(Stage);
    }

    private sealed class Desk(ScenarioWindow window)
    {
        public ScenarioWindow Window { get; } = window;
        public IReadOnlyList<string> Skills { get; set; } = window.Skills;
        public bool Open { get; set; }
        public bool Busy { get; set; }
        public long Until { get; set; }
        public Person? Serves { get; set; }
        public long CalledAt { get; set; }
        public long IdleSince { get; set; }
        public int Run { get; set; }
        public bool IsFree => Open && !Busy;
    }
}
