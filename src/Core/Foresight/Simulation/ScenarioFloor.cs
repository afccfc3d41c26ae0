using HallOps.Core.Foresight.Advice;

namespace HallOps.Core.Foresight.Simulation;

/// <summary>A window that was set to other services.</summary>
/// <param name="Skills">In the order of their names.</param>
public sealed record MoveRecord(long At, string Window, IReadOnlyList<string> Skills);

/// <summary>
/// What an adviser may know of a simulated day at each moment: the live state, what has happened so far, and the scenario's forecast. It is told what happens when it happens and never looks at an
/// arrival that has not joined.
/// </summary>
internal sealed class ScenarioFloor
{
    private const double QuarterSeconds = 900;
    private const double RecentSeconds = 3_600;

    // Arrivals that the forecast weighs when it is corrected by those seen in the last hour, and services that a given mean weighs beside those seen; where no mean is given, the mean of all counts as a few.
    private const double ForecastCounts = 10;
    private const double MeanCounts = 10;
    private const double MeanOfAllCounts = 3;

    private readonly Scenario _scenario;
    private readonly AdviserSettings _settings;
    private readonly double _unit;
    private readonly List<string> _services = [];
    private readonly Dictionary<string, Line> _lines = new(StringComparer.Ordinal);

    public ScenarioFloor(Scenario scenario)
    {
        _scenario = scenario;
        _settings = scenario.Foreknowledge.Adviser ?? new AdviserSettings();
        _unit = scenario.InMilliseconds ? 1_000 : 1;
        foreach (var service in scenario.Foreknowledge.Forecast.Keys.Concat(scenario.Foreknowledge.MeanServiceSeconds.Keys)) LineOf(service);
    }

    /// <summary>The first moment after <paramref name="now"/>, and not before windows act, at which advice is asked for: a whole number of steps, with a window open. Null: never again.</summary>
    public long? NextStep(long now)
    {
        var every = _settings.EverySeconds * (long)_unit;
        var from = Math.Max(now + 1, _scenario.Now);
        long? next = null;
        foreach (var window in _scenario.Windows)
        {
            foreach (var opening in window.Calendar)
            {
                var step = Math.Max(1, (Math.Max(from, opening.Opens) + every - 1) / every) * every;
                if (step < opening.Closes && !(next <= step)) next = step;
            }
        }
        return next;
    }

    public void Joined(int who, int stage, string service, long now)
    {
        var line = LineOf(service);
        line.Waiting.Add((who, stage));
        if (stage == 0) line.Came.Enqueue(now);
        else line.CameOn.Enqueue(now);
    }

    /// <param name="held">From the call on.</param>
    public void Ended(string service, long held)
    {
        var line = LineOf(service);
        line.Ended++;
        line.Held += held / _unit;
    }

    /// <summary>Asks the adviser. The live state is that after the completions, openings and skill changes of the instant.</summary>
    /// <param name="windows">In the scenario's order.</param>
    /// <returns>The most helpful move first; each changes what a window does.</returns>
    public IEnumerable<MoveRecord> Advise(SimulatedWindow[] windows, Visit[] visits, long now)
    {
        foreach (var window in windows)
            foreach (var service in window.Offers.Concat(window.Can)) LineOf(service);
        _services.Sort(StringComparer.Ordinal);
        for (var i = 0; i < _services.Count; i++) _lines[_services[i]].Place = i;
        var lines = _services.Select(s => View(s, _lines[s], visits, now)).ToList();
        var mean = MeanOfAll();
        var floor = new FloorView(lines, [.. windows.Select(w => View(w, lines, mean, now))], _settings.EverySeconds);
        // A seed for each moment, the same in seconds and in milliseconds.
        foreach (var move in Adviser.Advise(floor, (ulong)(now / _unit))) yield return new MoveRecord(now, windows[move.Window].Settings.Id, [.. move.Lines.Select(l => _services[l])]);
    }

    private FloorLine View(string service, Line line, Visit[] visits, long now)
    {
        line.Waiting.RemoveAll(w => !visits[w.Who].Waits || visits[w.Who].Stage != w.Stage);
        var waiting = line.Waiting.Select(w => new FloorVisitor(
            (now - visits[w.Who].Joined) / _unit, w.Stage == 0 ? Math.Max(0, _scenario.Arrivals[w.Who].NotBefore - now) / _unit : 0)).OrderByDescending(v => v.WaitedSeconds);
        var weight = _scenario.Discipline.Kind is DisciplineKind.WeightedWait or DisciplineKind.Score ? (double)_scenario.Discipline.Weight.GetValueOrDefault(service, 1) : 1;
        return new FloorLine(service, weight, HoldOf(service, line), [.. waiting], [.. Expected(service, line, now / _unit)]);
    }

    private FloorWindow View(SimulatedWindow window, List<FloorLine> lines, double mean, long now)
    {
        var offers = window.Offers.Select(s => _lines[s].Place).Distinct().Order().ToList();
        var may = _settings.Flexible ? [.. Enumerable.Range(0, lines.Count)] : window.Can.Select(s => _lines[s].Place).Distinct().Order().ToList();
        var openings = window.Settings.Calendar.Where(o => o.Closes > now).Select(o => new FloorOpening((o.Opens - now) / _unit, (o.Closes - now) / _unit));
        var serving = !window.Busy ? null
            : window.Serves is { } service ? new ServiceInProgress(lines[_lines[service].Place].HoldSeconds, (now - window.CalledAt) / _unit)
            : (ServiceInProgress?)new ServiceInProgress(mean, (now - _scenario.Now) / _unit);
        return new FloorWindow(window.Settings.Id, offers, may, _settings.MaxServices, [.. openings], serving, (now - window.IdleSince) / _unit);
    }

    private double HoldOf(string service, Line line)
    {
        var (given, counts) = _scenario.Foreknowledge.MeanServiceSeconds.TryGetValue(service, out var mean) ? (mean + _scenario.Rules.Walk / _unit, MeanCounts) : (MeanOfAll(), MeanOfAllCounts);
        // A service of no time at all is still one to be called.
        return Math.Max(0.001, (given * counts + line.Held) / (counts + line.Ended));
    }

    private double MeanOfAll()
    {
        var given = _scenario.Foreknowledge.MeanServiceSeconds.Values;
        var assumed = (given.Any() ? given.Average() : PlainEstimate.AssumedMinutes * 60) + _scenario.Rules.Walk / _unit;
        return (assumed * MeanOfAllCounts + _lines.Values.Sum(l => l.Held)) / (MeanOfAllCounts + _lines.Values.Sum(l => l.Ended));
    }

    private IEnumerable<ExpectedArrivals> Expected(string service, Line line, double now)
    {
        var since = Math.Max(0, now - RecentSeconds);
        Forget(line.Came, since);
        Forget(line.CameOn, since);
        // Never of less than a quarter hour: two who come at once are no stream.
        var hours = Math.Max(QuarterSeconds, now - since) / 3600;
        var on = line.CameOn.Count / hours;
        if (!_scenario.Foreknowledge.Forecast.TryGetValue(service, out var forecast))
        {
            yield return new ExpectedArrivals(0, double.PositiveInfinity, on + (line.Came.Count / hours));
            yield break;
        }
        var expected = 0.0;
        for (var q = (int)(since / QuarterSeconds); q < forecast.Count && q * QuarterSeconds < now; q++)
            expected += forecast[q] / 3600 * (Math.Min(now, (q + 1) * QuarterSeconds) - Math.Max(since, q * QuarterSeconds));
        var correction = (line.Came.Count + ForecastCounts) / (expected + ForecastCounts);
        for (var q = (int)Math.Min(forecast.Count, now / QuarterSeconds); q < forecast.Count; q++)
            yield return new ExpectedArrivals(Math.Max(0, q * QuarterSeconds - now), (q + 1) * QuarterSeconds - now, on + (correction * forecast[q]));
        // After its end nobody is expected but who comes on from elsewhere.
        if (on > 0) yield return new ExpectedArrivals(Math.Max(0, forecast.Count * QuarterSeconds - now), double.PositiveInfinity, on);
    }

    private void Forget(Queue<long> came, double sinceSeconds)
    {
        while (came.TryPeek(out var at) && at / _unit < sinceSeconds) came.Dequeue();
    }

    private Line LineOf(string service)
    {
        if (_lines.TryGetValue(service, out var line)) return line;
        _services.Add(service);
        return _lines[service] = new Line();
    }

    private sealed class Line
    {
        public readonly List<(int Who, int Stage)> Waiting = [];
        public readonly Queue<long> Came = new();
        public readonly Queue<long> CameOn = new();
        public int Place;
        public int Ended;
        public double Held;
    }
}
