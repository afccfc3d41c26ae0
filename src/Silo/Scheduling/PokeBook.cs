using HallOps.Core.Halls;

namespace HallOps.Silo.Scheduling;

/// <param name="NextAt">When time alone changes the hall next, as last heard.</param>
/// <param name="PokeAt">When it is poked: not later than that, but for a hall poked in the last minute; null: it is being poked.</param>
public readonly record struct PlannedPoke(HallId Hall, Instant? NextAt, Instant? PokeAt);

/// <param name="Late">Real time after the moment planned, or after the moment from which it could have been done: a start, a jump of the clock.</param>
public readonly record struct DonePoke(HallId Hall, Instant PlannedAt, Instant DoneAt, TimeSpan Late, PokeResult Result);

public enum PokeResult
{
    /// <summary>The hall has everything that was due, durably.</summary>
    Done,
    /// <summary>The hall could not: it is quarantined, its store does not answer, or it did not answer in time. Tried again a minute later.</summary>
    Failed,
}

/// <param name="Outcome">What it said of itself, or why it failed.</param>
public readonly record struct DoneWork(string Name, Instant DoneAt, bool Failed, string Outcome);

/// <summary>What admins see of the schedule.</summary>
/// <param name="Halls">Those planned soonest first; those being poked before them.</param>
/// <param name="Pokes">The newest first, at most <see cref="PokeBook.MaxPokes"/>.</param>
/// <param name="Work">The last run of each, by name.</param>
public sealed record ScheduleReading(IReadOnlyList<PlannedPoke> Halls, IReadOnlyList<DonePoke> Pokes, IReadOnlyList<DoneWork> Work, Instant? WorkAt);

/// <summary>The next pokes, the last pokes and what is wrong with them. Safe from any thread.</summary>
internal sealed class PokeBook(HallClock clock)
{
    public const int MaxPokes = 1_000;

    /// <summary>A poke that comes later than this is told to whoever watches the server.</summary>
    public static readonly TimeSpan MaxLate = TimeSpan.FromSeconds(60);

    /// <summary>How long a late poke is told of.</summary>
    public static readonly TimeSpan ToldFor = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<HallId, Plan> _plans = [];
    private readonly Queue<(DonePoke Poke, long Timestamp)> _pokes = new();
    private readonly SortedDictionary<string, DoneWork> _work = new(StringComparer.Ordinal);
    private readonly long _began = clock.Real.GetTimestamp();
    private Instant? _workAt;

    // Real time. A hall just poked is in memory, where the engine's own tick has it; and one that cannot answer is asked again then.
    private static readonly TimeSpan NotAgainFor = TimeSpan.FromMinutes(1);

    /// <summary>Hears a hall's next moment; the moment to poke it at where that is earlier than planned, else null.</summary>
    public Instant? Hear(HallId hall, Instant nextAt)
    {
        lock (_gate)
        {
            var plan = PlanOf(hall);
            plan.NextAt = nextAt;
            var at = Instant.Max(nextAt, plan.NotBefore);
            return plan.IsPoked || plan.PokeAt is not { } planned || at < planned ? at : null;
        }
    }

    public void Planned(HallId hall, Instant at)
    {
        lock (_gate)
        {
            var plan = PlanOf(hall);
            (plan.PokeAt, plan.IsPoked) = (at, false);
        }
    }

    /// <summary>The hall is being poked now; the moment that was planned for.</summary>
    public Instant Begin(HallId hall)
    {
        lock (_gate)
        {
            var plan = PlanOf(hall);
            plan.IsPoked = true;
            return plan.PokeAt ??= clock.Now;
        }
    }

    /// <param name="nextAt">The hall's next moment; null: it could not be poked.</param>
    /// <returns>The moment to poke it at next.</returns>
    public Instant Done(HallId hall, Instant plannedAt, Instant? nextAt)
    {
        lock (_gate)
        {
            var plan = PlanOf(hall);
            plan.NotBefore = clock.Now + NotAgainFor * clock.Speed;
            if (nextAt is not null) plan.NextAt = nextAt;
            var result = nextAt is null ? PokeResult.Failed : PokeResult.Done;
            if (_pokes.Count == MaxPokes) _pokes.Dequeue();
            _pokes.Enqueue((new DonePoke(hall, plannedAt, clock.Now, LateAt(plannedAt), result), clock.Real.GetTimestamp()));
            return nextAt is { } at ? Instant.Max(at, plan.NotBefore) : plan.NotBefore;
        }
    }

    public void WorkPlanned(Instant at)
    {
        lock (_gate) _workAt = at;
    }

    public void Worked(DoneWork done)
    {
        lock (_gate) _work[done.Name] = done;
    }

    public ScheduleReading Read()
    {
        lock (_gate)
            return new ScheduleReading(
                [.. _plans.Select(p => new PlannedPoke(p.Key, p.Value.NextAt, p.Value.IsPoked ? null : p.Value.PokeAt)).OrderBy(p => p.PokeAt ?? default).ThenBy(p => p.Hall.Value, StringComparer.Ordinal)],
                [.. _pokes.Reverse().Select(p => p.Poke)], [.. _work.Values], _workAt);
    }

    /// <summary>What is wrong now, a sentence each.</summary>
    public IReadOnlyList<string> Problems
    {
        get
        {
            lock (_gate)
            {
                var problems = new List<string>();
                var waiting = _plans.Where(p => p.Value.PokeAt is { } at && LateAt(at) > MaxLate).Select(p => p.Key.Value).Order(StringComparer.Ordinal).ToList();
                if (waiting.Count > 0) problems.Add($"The schedule stands still: {Some(waiting)} should have been poked more than {MaxLate.TotalSeconds:0} s ago.");
                var late = _pokes.Where(p => p.Poke.Late > MaxLate && clock.Real.GetElapsedTime(p.Timestamp) < ToldFor).Select(p => p.Poke).ToList();
                if (late.Count > 0)
                    problems.Add(FormattableString.Invariant($"Pokes of the last {ToldFor.TotalMinutes:0} minutes came late, by up to {late.Max(p => p.Late).TotalSeconds:0} s: {Some([.. late.Select(p => p.Hall.Value).Distinct().Order(StringComparer.Ordinal)])}."));
                foreach (var work in _work.Values)
                    if (work.Failed) problems.Add($"The hourly work \"{work.Name}\" failed and is tried again within an hour: {work.Outcome}");
                return problems;
            }
        }
    }

    private static string Some(List<string> halls) => halls.Count <= 3 ? $"{string.Join(", ", halls)}" : $"{halls.Count} halls ({string.Join(", ", halls.Take(3))} …)";

    private TimeSpan LateAt(Instant planned)
    {
        var late = (clock.Now - planned) / clock.Speed;
        foreach (var possible in (ReadOnlySpan<TimeSpan>)[clock.SinceStep, clock.Real.GetElapsedTime(_began)])
            if (possible < late) late = possible;
        return late > TimeSpan.Zero ? late : TimeSpan.Zero;
    }

    private Plan PlanOf(HallId hall)
    {
        if (!_plans.TryGetValue(hall, out var plan)) _plans[hall] = plan = new Plan();
        return plan;
    }

    private sealed class Plan
    {
        public Instant? NextAt;
        public Instant? PokeAt;
        public Instant NotBefore;
        public bool IsPoked;
    }
}
