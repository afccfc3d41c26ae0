using HallOps.Core.Calendars;
using HallOps.Core.Foresight.Simulation;
using HallOps.Core.Halls;

namespace HallOps.Core.Foresight.Recording;

/// <summary>
/// Takes down a service day of a hall while its history is folded, and makes of it the scenario that would have led to it: who came when for what, how long it took, who left after how long, which
/// windows were open for what. Decision 0004 says what of a day a scenario cannot hold.
/// </summary>
/// <param name="day">The service day wanted.</param>
public sealed class DayRecorder(DateOnly day)
{
    private readonly List<Ticket> _tickets = [];
    private readonly Dictionary<(long Ticket, int Leg), Instant> _left = [];
    private readonly List<long> _graces = [];
    private readonly Dictionary<WindowId, WindowRecord> _windows = [];
    private HallSettings? _settings;
    private Instant _last;

    /// <summary>Whether anything of the day was seen.</summary>
    public bool HasDay => _settings is not null;

    /// <param name="state">The hall right after the event. Events come in order, from the hall's first on.</param>
    public void Note(HallState state, HallEvent @event)
    {
        if (@event is DayEnded ended && ended.Day == day)
        {
            _last = state.At;
            foreach (var window in _windows.Values) window.Note(state.At, false, []);
        }
        if (state.Day == day) Look(state, @event);
        switch (@event)
        {
            case TicketIssued e when state.Day == day:
                _tickets.Add(state.Tickets[e.Ticket]);
                break;
            case TicketCancelled e:
                _left[(e.Ticket, state.Tickets[e.Ticket].Leg.Number)] = state.At;
                break;
            case TicketTransferred e:
                _left[(e.Ticket, e.Leg - 1)] = state.At;
                break;
            case TicketMissed e when state.Day == day && state.Tickets[e.Ticket].Leg.CalledAt is { } called:
                _graces.Add((state.At - called).Ticks / TimeSpan.TicksPerMillisecond);
                break;
        }
    }

    /// <summary>The scenario, in milliseconds from the day's first instant.</summary>
    /// <exception cref="InvalidOperationException">The day is not in the history: see <see cref="HasDay"/>.</exception>
    public Scenario ToScenario()
    {
        var settings = _settings ?? throw new InvalidOperationException($"{day:O} is not in the history");
        var zero = ServiceDay.EndOf(day.AddDays(-1), settings.Calendar.Zone).Milliseconds;
        var visits = new RecordedVisits(settings, _left, zero);
        return new Scenario
        {
            Id = FormattableString.Invariant($"{settings.Hall}-{day:yyyy-MM-dd}"),
            Title = FormattableString.Invariant($"{settings.Name.Zh} {day:yyyy-MM-dd}"),
            InMilliseconds = true,
            Discipline = RecordedDiscipline.Of(settings),
            Rules = new ScenarioRules(Target: 600_000, Walk: RecordedVisits.Median(_tickets.SelectMany(RecordedVisits.Walks)) ?? 0, NoShowGrace: RecordedVisits.Median(_graces) ?? 0),
            Windows = [.. settings.Windows.Select((w, i) => Window(w.Window, i, zero)).OfType<ScenarioWindow>()],
            Arrivals = visits.Of(_tickets),
        };
    }

    private void Look(HallState state, HallEvent @event)
    {
        var isFirst = _settings is null;
        (_settings, _last) = (state.Settings, state.At);
        // Who sits where and what is offered changes with these alone.
        if (!isFirst && @event is not (WindowOpened or WindowClosed or WindowPaused or WindowResumed or WindowTakenOver or WindowProfileChanged or Suspended or Resumed or HallConfigured)) return;
        foreach (var (id, window) in state.Windows)
        {
            if (!_windows.TryGetValue(id, out var record)) record = _windows[id] = new WindowRecord();
            record.Note(state.At, window.CanCall && state.Suspension is null, Skills(state, window));
        }
    }

    private static string[] Skills(HallState state, WindowState window) =>
    [
        .. from offer in window.Offer
           from service in state.Settings.Services
           where service.Line == offer.Line.Settings.Line && offer.Has(service.Service) && !state.IsSuspended(offer.Line, service.Service)
           select service.Service.Value,
    ];

    /// <summary>Null of a window that was never open that day.</summary>
    private ScenarioWindow? Window(WindowId id, int order, long zero) => _windows.GetValueOrDefault(id)?.ToWindow(id.Value, order + 1, zero, _last);

    private sealed class WindowRecord
    {
        private readonly List<(Instant At, bool Open, string[] Skills)> _changes = [];

        public void Note(Instant at, bool open, string[] skills) => _changes.Add((at, open, open ? skills : []));

        public ScenarioWindow? ToWindow(string id, int order, long zero, Instant last)
        {
            var (calendar, skills) = (new List<Opening>(), new List<SkillChange>());
            long? opened = null;
            foreach (var (at, open, offered) in _changes)
            {
                var t = Math.Max(0, at.Milliseconds - zero);
                if (open && opened is null) opened = t;
                if (open && (skills.Count == 0 || !skills[^1].Skills.SequenceEqual(offered))) skills.Add(new SkillChange(t, offered));
                if (!open) Close(t);
            }
            // Of a day that is not over yet: until now.
            Close(Math.Max(0, last.Milliseconds - zero) + 1);
            return calendar.Count == 0 ? null : new ScenarioWindow(id, order, skills[0].Skills, calendar, skills[1..]);

            void Close(long t)
            {
                if (opened is { } since && t > since) calendar.Add(new Opening(since, t));
                opened = null;
            }
        }
    }
}
