using HallOps.Core.Halls;

namespace HallOps.Core.Foresight.Simulation;

/// <summary>Where an arrival is in its visit.</summary>
internal struct Visit
{
    public long Joined;
    public int Stage;
    public int Overtaken;
    public bool Waits;
}

/// <summary>
/// Who waits and may be called, by service and class, as in a hall: inside a group the score keeps the order of joining, so the next to be called is the best of a few heads.
/// </summary>
/// <param name="visits">By arrival, kept by the simulator. Who left without being called stays in its group until it would be next.</param>
internal sealed class WaitingRoom(Discipline discipline, IReadOnlyList<Arrival> arrivals, Visit[] visits)
{
    // Every weight and credit is a whole number of these: scores are exact, and a tie is one.
    private const int Scale = ScenarioFields.Scale;

    private readonly Dictionary<(int Service, int Class), Group> _groups = [];
    private readonly List<Group> _inUse = [];
    private readonly Dictionary<int, int> _ranks = discipline.Kind is DisciplineKind.Priority ? Ranks(arrivals) : [];

    public void Add(int arrival, int service, string serviceName)
    {
        var @class = discipline.Kind is DisciplineKind.Fifo or DisciplineKind.WeightedWait ? 0 : arrivals[arrival].Priority;
        if (!_groups.TryGetValue((service, @class), out var group)) group = _groups[(service, @class)] = new Group(service, Weight(serviceName, @class), Credit(@class));
        // Of weight 0 all score alike, however long they have waited: the list decides.
        group.Waiting.Enqueue(arrival, new OrderKey(group.Weight == 0 && discipline.Bounds is null ? 0 : visits[arrival].Joined, arrival));
        if (group.InUse) return;
        group.InUse = true;
        _inUse.Add(group);
    }

    /// <summary>The first in the order of the discipline among those of services on offer; below 0 when there is none. Left in the room.</summary>
    /// <param name="offered">By service: whether an idle, open window does it.</param>
    public int First(ReadOnlySpan<int> offered, long now)
    {
        Sweep();
        var first = -1;
        Int128 best = 0;
        foreach (var group in _inUse)
        {
            if (offered[group.Service] == 0) continue;
            var head = group.Waiting.Peek();
            var score = ScoreRule.Score<Int128>(group.Weight, group.Credit, now - visits[head].Joined);
            if (first < 0 || ScoreRule.IsBefore(score, head, best, first)) (first, best) = (head, score);
        }
        return first;
    }

    /// <summary>The first in plain order among those a window does.</summary>
    public int PlainFirst(ReadOnlySpan<bool> skills)
    {
        var first = -1;
        foreach (var group in _inUse)
        {
            if (!skills[group.Service]) continue;
            var head = group.Waiting.Peek();
            if (first < 0 || IsPlainlyBefore(head, first)) first = head;
        }
        return first;
    }

    /// <summary>Who is passed over when a window calls one: the others it does that precede in plain order.</summary>
    public IEnumerable<int> Overtaken(int called, bool[] skills)
    {
        foreach (var group in _inUse)
        {
            if (!skills[group.Service]) continue;
            foreach (var (arrival, _) in group.Waiting.UnorderedItems)
                if (visits[arrival].Waits && IsPlainlyBefore(arrival, called)) yield return arrival;
        }
    }

    /// <summary>Takes out a group's first, who is called.</summary>
    public void Call(int arrival, int service)
    {
        foreach (var group in _inUse)
        {
            if (group.Service != service || group.Waiting.Peek() != arrival) continue;
            group.Waiting.Dequeue();
            return;
        }
    }

    private bool IsPlainlyBefore(int arrival, int other) => ScoreRule.IsPlainlyBefore(visits[arrival].Joined, arrival, visits[other].Joined, other);

    // Afterwards every group in use has a first who waits.
    private void Sweep()
    {
        for (var i = _inUse.Count - 1; i >= 0; i--)
        {
            var group = _inUse[i];
            while (group.Waiting.TryPeek(out var head, out _) && !visits[head].Waits) group.Waiting.Dequeue();
            if (group.Waiting.Count > 0) continue;
            group.InUse = false;
            _inUse[i] = _inUse[^1];
            _inUse.RemoveAt(_inUse.Count - 1);
        }
    }

    private Int128 Weight(string service, int @class) => discipline.Kind switch
    {
        DisciplineKind.Accumulating => Whole(discipline.Slope.GetValueOrDefault(@class, 1)),
        DisciplineKind.WeightedWait => Whole(discipline.Weight.GetValueOrDefault(service, 1)),
        DisciplineKind.Score => Whole(decimal.Round(discipline.Slope.GetValueOrDefault(@class, 1) * discipline.Weight.GetValueOrDefault(service, 1), Scale)),
        _ => Whole(1),
    };

    private Int128 Credit(int @class) => discipline.Kind switch
    {
        // More than anybody can have waited: strict priority.
        DisciplineKind.Priority => Whole(1) * (Scenario.LastMoment + 1) * _ranks[@class],
        DisciplineKind.HeadStart or DisciplineKind.Score => Whole(discipline.HeadStart.GetValueOrDefault(@class)),
        _ => 0,
    };

    private static Dictionary<int, int> Ranks(IReadOnlyList<Arrival> arrivals) =>
        arrivals.Select(a => a.Priority).Distinct().Order().Select((priority, rank) => (priority, rank)).ToDictionary(p => p.priority, p => p.rank);

    private static Int128 Whole(decimal n)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(n, parts);
        var whole = ((Int128)(uint)parts[2] << 64) | ((Int128)(uint)parts[1] << 32) | (uint)parts[0];
        for (var digits = (parts[3] >> 16) & 0xFF; digits < Scale; digits++) whole *= 10;
        return n < 0 ? -whole : whole;
    }

    private sealed class Group(int service, Int128 weight, Int128 credit)
    {
        public readonly int Service = service;
        public readonly Int128 Weight = weight;
        public readonly Int128 Credit = credit;
        public readonly PriorityQueue<int, OrderKey> Waiting = new();
        public bool InUse;
    }
}
