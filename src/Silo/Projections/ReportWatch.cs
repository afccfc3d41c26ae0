using HallOps.Core.Calendars;
using HallOps.Core.Halls;

namespace HallOps.Silo.Projections;

/// <summary>
/// What one hall's events change in the tables of reports. Of windows it looks at those alone that an event can have changed, since it runs on the hall's turn: its own, and the idle ones where a line has
/// other groups than before; at all of them on what is rare, and only that changes what windows there are and what they offer.
/// </summary>
internal sealed class ReportWatch : IHallWatch<ReportFact>
{
    private static readonly string Regular = TableWord.Of(SessionKind.Regular);
    private static readonly string Closed = TableWord.Of(WindowUse.Closed);

    private readonly DayTexts _days = new();
    private readonly Dictionary<WindowId, Window> _windows = [];
    private readonly Dictionary<LineId, Line> _lines = [];
    private readonly List<WindowFact> _facts = [];
    private string? _session;
    private string? _zone;
    // The day that ends next began on another clock: a part of it belongs to the day before.
    private bool _isRecut;

    public ReportWatch(HallState state)
    {
        if (!state.Exists) return;
        _zone = state.Settings.Calendar.Zone.Id;
        LookAtAll(state);
        _facts.Clear();
    }

    public ReportFact See(HallEvent @event, HallState state)
    {
        var legs = LegRow.ChangedBy(@event, state, _days);
        LookAfter(@event, state);
        WindowFact[] windows = _facts.Count == 0 ? [] : [.. _facts];
        _facts.Clear();
        return new ReportFact(legs, @event is TicketCalled called ? CallOf(called, state) : null, windows, DueBy(@event, state, legs), RecutBy(@event, state));
    }

    private CallRow CallOf(TicketCalled e, HallState state) =>
        new(state.Number, state.Sequence, e.Ticket, e.Leg, _days.Of(state.Tickets[e.Ticket].Day), state.At.Milliseconds, e.Window.Value, e.Staff?.Value, e.Reason.ToString(), e.Overtook, e.FirstOvertaken);

    private string[] DueBy(HallEvent @event, HallState state, LegRow[] legs)
    {
        // Those that passed unnoticed (the server was off) had no visits, but windows that were left open.
        if (@event is DayEnded ended)
        {
            var first = _isRecut ? ended.Day.AddDays(-1) : ended.Day;
            _isRecut = false;
            return [.. Enumerable.Range(0, Math.Max(1, ended.NextDay.DayNumber - first.DayNumber)).Select(i => _days.Of(first.AddDays(i)))];
        }
        if (legs.Length == 0) return [];
        var running = _days.Of(state.Day);
        foreach (var leg in legs)
            if (leg.Day != running) return [.. legs.Select(l => l.Day).Where(day => day != running).Distinct()];
        return [];
    }

    private string? RecutBy(HallEvent @event, HallState state)
    {
        if (@event is not HallConfigured) return null;
        var (was, zone) = (_zone, state.Settings.Calendar.Zone.Id);
        _zone = zone;
        if (was is null || was == zone) return null;
        _isRecut = true;
        return _days.Of(state.Day);
    }

    private void LookAfter(HallEvent @event, HallState state)
    {
        switch (@event)
        {
            case TicketIssued e: LookAtLine(state, e.Line); break;
            case TicketPrinted e: LookAtLines(state, e.Ticket); break;
            case TicketReturned e: LookAtLines(state, e.Ticket); break;
            case TicketAway e: LookAtLines(state, e.Ticket); break;
            case TicketBack e: LookAtLines(state, e.Ticket); break;
            case LegBegun e: LookAtLines(state, e.Ticket); break;
            case AppointmentCheckedIn e: LookAtLines(state, e.Ticket); break;
            case TicketCancelled e: LookAtLines(state, e.Ticket); LookAtItsWindow(state, e.Ticket); break;
            case TicketExpired e: LookAtLines(state, e.Ticket); LookAtItsWindow(state, e.Ticket); break;
            case TicketCalled e:
                LookAtLines(state, e.Ticket);
                LookAt(state, e.Window).InferredAt = null;
                break;
            case ServiceStarted e:
                Begin(e, state);
                LookAt(state, e.Window).InferredAt = e.How == StartKind.Time ? e.StartedAt : null;
                break;
            case TicketRecalled e: TakeBack(e.Window); LookAt(state, e.Window); break;
            case TicketMissed e: TakeBack(e.Window); LookAt(state, e.Window); break;
            case TicketHeld e: LookAt(state, e.Window); break;
            case ServiceFinished e: LookAtLines(state, e.Ticket); LookAt(state, e.Window); break;
            // A group may have gone and another come in its place: what counts is who may be called, and not by which class.
            case ClassChanged: break;
            case TicketVoided or StageMarked or OwnerChanged or ServiceRated or SlipGiven or SlipShown or CasesDeclared: break;
            case NoticePosted or NoticeEnded or DayForgotten or AppointmentBooked or AppointmentMoved or AppointmentCancelled or AppointmentReleased: break;
            default: LookAtAll(state); break;
        }
    }

    /// <summary>A start that lies before the event ends the walking there, where it was not taken for service already.</summary>
    private void Begin(ServiceStarted e, HallState state)
    {
        if (e.StartedAt < state.At && _windows.TryGetValue(e.Window, out var known) && known.Use == WindowUse.Walking) _facts.Add(new(WindowFactKind.Began, e.Window.Value, null, null, null, e.StartedAt.Milliseconds));
    }

    private void TakeBack(WindowId window)
    {
        if (!_windows.TryGetValue(window, out var known) || known.InferredAt is not { } from) return;
        _facts.Add(new(WindowFactKind.NeverBegan, window.Value, null, null, null, from.Milliseconds));
        known.InferredAt = null;
    }

    private void LookAtItsWindow(HallState state, long ticket)
    {
        if (state.Tickets[ticket].Leg.Window is { } window && state.Windows.ContainsKey(window)) LookAt(state, window);
    }

    private void LookAtLines(HallState state, long ordinal)
    {
        var ticket = state.Tickets[ordinal];
        LookAtLine(state, ticket.Leg.Line);
        // Of a joint visit every line: it leaves all when one calls it.
        if (ticket.Joint is null) return;
        foreach (var leg in ticket.Legs) LookAtLine(state, leg.Line);
    }

    /// <summary>Idle windows, where somebody may have begun or ceased to wait for them.</summary>
    private void LookAtLine(HallState state, LineId id)
    {
        if (state.Find(id) is not { } line) return;
        if (!_lines.TryGetValue(id, out var known)) _lines.Add(id, known = new Line());
        var (groups, reserved) = (line.Groups.Count, line.Reserved.Count);
        // Who loses a reservation is in another group, however many there are.
        if (known.Groups == groups && known.Reserved == reserved) return;
        (known.Groups, known.Reserved) = (groups, reserved);
        foreach (var own in known.OfferedAt ??= OfferingOf(id))
            if (own.Use is WindowUse.Idle or WindowUse.IdleWaitedFor) LookAt(state, own);
    }

    private Window[] OfferingOf(LineId line) => [.. _windows.Values.Where(w => w.There.OfferOf(line) is not null)];

    private void LookAtAll(HallState state)
    {
        if (_windows.Count > state.Windows.Count || _windows.Keys.Any(w => !state.Windows.ContainsKey(w)))
        {
            foreach (var gone in _windows.Keys.Where(w => !state.Windows.ContainsKey(w)).ToList())
            {
                _windows.Remove(gone);
                _facts.Add(new(WindowFactKind.Turned, gone.Value, null, null, null, state.At.Milliseconds));
            }
        }
        foreach (var (id, window) in state.Windows) LookAt(state, id, window);
        _lines.Clear();
        foreach (var (id, line) in state.Lines) _lines.Add(id, new Line { Groups = line.Groups.Count, Reserved = line.Reserved.Count });
        var session = state.Schedule is null ? Regular : TableWord.Of(state.Schedule.Session) ?? Closed;
        if (session == _session) return;
        _session = session;
        _facts.Add(new(WindowFactKind.Turned, "", session, null, null, state.At.Milliseconds));
    }

    private Window LookAt(HallState state, WindowId id) => LookAt(state, id, state.Windows[id]);

    private Window LookAt(HallState state, WindowId id, WindowState window)
    {
        if (!_windows.TryGetValue(id, out var own))
        {
            // Of one that was inferred before we looked a recall may still say that it never was.
            _windows.Add(id, own = new Window { There = window, InferredAt = window.Present is { State: TicketState.Serving, Leg.StartKind: StartKind.Time } there ? there.Leg.StartedAt : null });
        }
        own.There = window;
        LookAt(state, own);
        return own;
    }

    private void LookAt(HallState state, Window own)
    {
        var window = own.There;
        var use = TimeUse.UseOf(state, window);
        var reason = use == WindowUse.Paused ? window.Pause : null;
        var staff = window.Occupant?.Staff;
        if (own.Use == use && own.Reason == reason && own.Staff == staff) return;
        (own.Use, own.Reason, own.Staff) = (use, reason, staff);
        _facts.Add(new(WindowFactKind.Turned, window.Settings.Window.Value, TableWord.Of(use), TableWord.Of(reason), staff?.Value, state.At.Milliseconds));
    }

    private sealed class Line
    {
        public int Groups { get; set; }
        public int Reserved { get; set; }

        /// <summary>The windows that offer it; null until somebody wants to know.</summary>
        public Window[]? OfferedAt { get; set; }
    }

    private sealed class Window
    {
        public required WindowState There { get; set; }

        /// <summary>Null before it was looked at.</summary>
        public WindowUse? Use { get; set; }
        public PauseReason? Reason { get; set; }
        public StaffId? Staff { get; set; }

        /// <summary>When its service began, where time alone says so.</summary>
        public Instant? InferredAt { get; set; }
    }
}
