using System.Globalization;
using System.Text.Json;
using HallOps.Core.Halls;

namespace HallOps.Web.Tests.Reports.Recomputed;

/// <summary>A journal folded as DOMAIN.md reads, by lists that are gone through after every event: figures are worked out from this and from nothing that counts in the product.</summary>
internal sealed class NaiveFold(string hall)
{
    private sealed class Seat
    {
        public bool IsOpen;
        public string? Staff;
        public string? Pause;
        public NaiveVisit? Present;
        public List<string> Profile = [];
    }

    private readonly Dictionary<long, NaiveVisit> _visits = [];
    private readonly SortedDictionary<string, Seat> _windows = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Use, string? Staff, long From)> _uses = [];
    private readonly HashSet<string> _suspendedLines = [], _suspendedServices = [];
    private bool _suspended;
    private HallSchedule? _schedule;
    private long? _closed;
    private readonly Dictionary<string, JsonElement> _services = [];
    private JsonElement _document;
    private string _day = "";
    private long _at;

    public List<NaiveLeg> Legs { get; } = [];
    public List<(string Window, string? Staff, long Ticket, int Leg, long At, string Day)> Calls { get; } = [];
    public List<NaiveStretch> Stretches { get; } = [];

    /// <summary>When sessions ran.</summary>
    public List<(long From, long To)> Sessions { get; } = [];
    private long? _sessionSince;

    public void See(HallEvent @event, long at)
    {
        _at = at;
        Evolve(@event);
        Release();
        foreach (var (id, seat) in _windows) Use(id, UseOf(id, seat), seat.Staff);
        var isSession = Bool("always") || _schedule?.Session is not null;
        if (isSession) _sessionSince ??= at;
        else if (_sessionSince is { } since)
        {
            if (at > since) Sessions.Add((since, at));
            _sessionSince = null;
        }
    }

    /// <summary>What is still so is so up to now.</summary>
    public void EndAt(long now)
    {
        foreach (var (window, (use, staff, from)) in _uses)
            if (now > from) Stretches.Add(new(window, use, staff, from, now));
        _uses.Clear();
        if (_sessionSince is { } since && now > since) Sessions.Add((since, now));
    }

    private void Evolve(HallEvent @event)
    {
        switch (@event)
        {
            case HallConfigured e:
                _document = JsonDocument.Parse(e.Document.Unpack()).RootElement;
                _day = Text(e.Day);
                _services.Clear();
                foreach (var service in _document.GetProperty("services").EnumerateArray()) _services.Add(service.GetProperty("service").GetString()!, service);
                foreach (var window in _document.GetProperty("windows").EnumerateArray())
                {
                    var id = window.GetProperty("window").GetString()!;
                    if (!_windows.TryGetValue(id, out var seat)) _windows.Add(id, seat = new Seat());
                    seat.Profile = [.. window.GetProperty("profile").EnumerateArray().Select(l => l.GetProperty("line").GetString()!)];
                }
                if (Bool("always")) _schedule = null;
                break;
            case ScheduleReached e:
                if (e.Schedule.Session is not null) _closed = null;
                else if (_schedule?.Session is not null) _closed = _at;
                _schedule = e.Schedule;
                break;
            case TicketIssued e:
                var visit = _visits[e.Ticket] = new NaiveVisit(e.Ticket, _day) { State = e.Printed ? "waiting" : "issued" };
                Begin(visit, e.Service.Value, e.Line.Value, _at);
                if (e.Estimate is { } told) visit.Now.Told = (told.LowSeconds * 1000L, told.MedianSeconds * 1000L, told.HighSeconds * 1000L);
                break;
            case JointBegun e:
                var joint = _visits[e.Ticket];
                joint.Matter = joint.Now.Service;
                Of(joint.Now, e.Service.Value, e.Line.Value);
                break;
            case LegBegun e:
                Begin(_visits[e.Ticket], e.Service.Value, e.Line.Value, e.Since.Milliseconds, isBeside: true);
                break;
            case SlipShown e: _visits[e.Ticket].ToldBefore = e.Times; break;
            case TicketPrinted e: _visits[e.Ticket].State = "waiting"; break;
            case TicketVoided e: End(_visits[e.Ticket], "void"); break;
            case TicketCalled e: Call(e); break;
            case TicketRecalled e: TakeBack(_visits[e.Ticket]); break;
            case ServiceStarted e: Start(e); break;
            case ServiceFinished e: Finish(e); break;
            case TicketMissed e:
                TakeBack(_visits[e.Ticket]);
                _visits[e.Ticket].State = "missed";
                _windows[e.Window.Value].Present = null;
                break;
            case TicketReturned e:
                _visits[e.Ticket].State = "waiting";
                _visits[e.Ticket].Now.Since = e.Since.Milliseconds;
                Reserve(_visits[e.Ticket].Now, e.ReservedFor?.Value, _document.GetProperty("calling").GetProperty("rejoinAfterCalls").GetInt32());
                break;
            case TicketHeld e:
                var held = _visits[e.Ticket].Now;
                held.BeforeHold ??= (held.Wait!.Value, held.Walk!.Value);
                held.ServedBeforeHolds += _at - held.Started!.Value;
                held.Visit.State = "held";
                _windows[e.Window.Value].Present = null;
                break;
            case TicketAway e:
                _visits[e.Ticket].State = "away";
                foreach (var leg in _visits[e.Ticket].Open) leg.ReservedFor = null;
                break;
            case TicketBack e:
                _visits[e.Ticket].State = "waiting";
                Reserve(_visits[e.Ticket].Now, e.ReservedFor?.Value, null);
                break;
            case TicketChanged e:
                Over(_visits[e.Ticket].Now, "transferred");
                Begin(_visits[e.Ticket], e.Service.Value, e.Line.Value, e.Since.Milliseconds);
                if (_visits[e.Ticket].State != "issued") _visits[e.Ticket].State = "waiting";
                break;
            case TicketTransferred e:
                var sent = _visits[e.Ticket];
                if (e.ReturnHere) sent.Returns.Push((e.From.Value, sent.Now.Service, sent.Now.Line));
                Over(sent.Now, "transferred");
                _windows[e.From.Value].Present = null;
                Begin(sent, e.Service.Value, e.Line.Value, e.Since.Milliseconds);
                sent.State = "waiting";
                Reserve(sent.Now, e.ReservedFor?.Value, null);
                break;
            case TicketCancelled e: End(_visits[e.Ticket], "cancelled"); break;
            case TicketExpired e: End(_visits[e.Ticket], "expired"); break;
            case ServiceRated e:
                var rated = _visits[e.Ticket].Legs.Single(l => l.Number == e.Leg);
                (rated.Grade, rated.Rated) = ((int)e.Grade, _at);
                break;
            case WindowOpened e: (_windows[e.Window.Value].IsOpen, _windows[e.Window.Value].Staff) = (true, e.Occupant.Staff?.Value); break;
            case WindowTakenOver e: _windows[e.Window.Value].Staff = e.Occupant.Staff?.Value; break;
            case WindowClosed e: (_windows[e.Window.Value].IsOpen, _windows[e.Window.Value].Staff, _windows[e.Window.Value].Pause) = (false, null, null); break;
            case WindowPaused e: _windows[e.Window.Value].Pause = Word(e.Reason); break;
            case WindowResumed e: _windows[e.Window.Value].Pause = null; break;
            case WindowProfileChanged e: _windows[e.Window.Value].Profile = [.. e.Profile.Select(p => p.Line.Value)]; break;
            case Suspended e:
                _suspended |= e.Lines.Count == 0 && e.Services.Count == 0;
                _suspendedLines.UnionWith(e.Lines.Select(l => l.Value));
                _suspendedServices.UnionWith(e.Services.Select(s => s.Value));
                break;
            case Resumed e:
                var all = e.Lines.Count == 0 && e.Services.Count == 0;
                if (all) _suspended = false;
                _suspendedLines.RemoveWhere(l => all || e.Lines.Any(r => r.Value == l));
                _suspendedServices.RemoveWhere(s => all || e.Services.Any(r => r.Value == s));
                break;
            case DayEnded e:
                // Who is served stays until finished, and belongs to this day.
                foreach (var there in _visits.Values.Where(v => !v.IsOver && v.State != "serving")) End(there, there.State == "issued" ? "void" : "expired", _closed);
                (_day, _closed) = (Text(e.NextDay), null);
                break;
            case DayForgotten or ClassChanged or OwnerChanged or StageMarked or SlipGiven or CasesDeclared or StandInChanged or HolidaysAnnounced: break;
            default: throw new NotSupportedException($"The naive fold does not know {@event.GetType().Name}");
        }
    }

    private NaiveLeg Begin(NaiveVisit visit, string service, string line, long since, bool isBeside = false)
    {
        var leg = new NaiveLeg(hall, visit, visit.Legs.Count + 1, _at, since);
        Of(leg, service, line);
        visit.Legs.Add(leg);
        Legs.Add(leg);
        if (!isBeside) visit.Now = leg;
        return leg;
    }

    private void Of(NaiveLeg leg, string service, string line)
    {
        (leg.Service, leg.Line) = (service, line);
        var settings = _services[service];
        // What an item does not say of itself, its joint service says.
        leg.Department = DepartmentOf(service) ?? (leg.Visit.Matter is { } matter ? DepartmentOf(matter) : null);
        leg.Target = _document.GetProperty("lines").EnumerateArray().Single(l => l.GetProperty("line").GetString() == line).TryGetProperty("targetMinutes", out var minutes) ? minutes.GetInt64() * 60_000 : null;
        leg.Days = settings.TryGetProperty("promisedDays", out var promised) && settings.TryGetProperty("statutoryDays", out var statutory) ? (promised.GetInt32(), statutory.GetInt32()) : null;
    }

    private string? DepartmentOf(string service) => _services[service].TryGetProperty("department", out var department) ? department.GetString() : null;

    private void Call(TicketCalled e)
    {
        var visit = _visits[e.Ticket];
        var leg = visit.Now = visit.Legs.Single(l => l.Number == e.Leg);
        Calls.Add((e.Window.Value, e.Staff?.Value, e.Ticket, e.Leg, _at, visit.Day));
        foreach (var open in visit.Open) (open.ReservedFor, open.CallsLeft) = (null, null);
        // Returned ones wait for their window no longer than so many calls of their line.
        foreach (var other in Legs.Where(l => l.ReservedFor is not null && l.CallsLeft is not null && l.Line == leg.Line))
            if (--other.CallsLeft <= 0) (other.ReservedFor, other.CallsLeft) = (null, null);
        (visit.State, leg.Window, leg.Staff) = ("called", e.Window.Value, e.Staff?.Value);
        leg.FirstCalled ??= _at;
        (leg.Called, leg.Started, leg.ByTime) = (_at, null, false);
        _windows[e.Window.Value].Present = visit;
    }

    private void Start(ServiceStarted e)
    {
        var visit = _visits[e.Ticket];
        if (visit.State == "called") Rename(e.Window.Value, e.StartedAt.Milliseconds, "walking", "serving");
        visit.State = "serving";
        (visit.Now.Started, visit.Now.ByTime) = (e.StartedAt.Milliseconds, e.How == StartKind.Time);
    }

    /// <summary>A start that time alone inferred was none.</summary>
    private void TakeBack(NaiveVisit visit)
    {
        if (visit.Now is { ByTime: true, Started: { } from }) Rename(visit.Now.Window!, from, "serving", "walking");
        (visit.Now.Started, visit.Now.ByTime, visit.State) = (null, false, "called");
    }

    private void Finish(ServiceFinished e)
    {
        var visit = _visits[e.Ticket];
        var leg = visit.Now;
        (leg.Finished, leg.Finish, leg.Staff) = (_at, Word(e.Outcome), e.Staff?.Value);
        Over(leg, "served");
        _windows[e.Window.Value].Present = null;
        var goesOn = visit.Day == _day && e.Outcome != FinishOutcome.Left;
        if (goesOn && visit.Returns.TryPop(out var stop))
        {
            var next = Begin(visit, stop.Service, stop.Line, _at);
            visit.State = "waiting";
            Reserve(next, Serves(stop.Window, next) ? stop.Window : null, null);
        }
        else if (goesOn && visit.Open.Any())
        {
            visit.Now = visit.Open.First();
            visit.State = "waiting";
        }
        else
        {
            // Those of a joint visit that went away after one service never had the others.
            foreach (var other in visit.Open.ToList()) Over(other, other.WasCalled ? "noShow" : "abandoned");
            visit.State = "finished";
        }
    }

    /// <param name="left">Whom the end of the day finds there went home when the hall closed; null: now.</param>
    private void End(NaiveVisit visit, string how, long? left = null)
    {
        foreach (var leg in visit.Open.ToList())
        {
            var isHeld = visit.State == "held" && leg == visit.Now;
            Over(leg, how == "void" ? "void" : (how == "cancelled" && leg.WasCalled) || (how == "expired" && isHeld) ? "withdrawn" : leg.WasCalled ? "noShow" : "abandoned");
            leg.Ended = Math.Min(_at, Math.Max(left ?? _at, Math.Max(leg.Joined, leg.Since)));
        }
        foreach (var seat in _windows.Values.Where(w => w.Present == visit)) seat.Present = null;
        visit.State = how;
    }

    private void Over(NaiveLeg leg, string outcome) => (leg.Outcome, leg.Ended, leg.ReservedFor, leg.CallsLeft) = (outcome, _at, null, null);

    private static void Reserve(NaiveLeg leg, string? window, int? calls) => (leg.ReservedFor, leg.CallsLeft) = (window, window is null ? null : calls);

    // ---- windows

    /// <summary>What is reserved for a window that cannot call it any more is anybody's.</summary>
    private void Release()
    {
        foreach (var leg in Legs)
            if (leg.ReservedFor is { } window && !Serves(window, leg)) (leg.ReservedFor, leg.CallsLeft) = (null, null);
    }

    private bool Serves(string window, NaiveLeg leg) => _windows.TryGetValue(window, out var seat) && seat is { IsOpen: true, Pause: null } && Offers(window, seat, leg.Service);

    /// <summary>The profile, cut to the session's services and to what the person there can do.</summary>
    private bool Offers(string window, Seat seat, string service)
    {
        var line = LineOf(service);
        if (!seat.IsOpen || !seat.Profile.Contains(line)) return false;
        if (!Bool("always") && _schedule?.Windows.Any(w => w.Window.Value == window) != true) return false;
        if (_schedule?.Services is { } cut && !cut.Any(s => s.Value == service)) return false;
        var person = seat.Staff is null ? default : _document.GetProperty("staff").EnumerateArray().FirstOrDefault(s => s.GetProperty("staff").GetString() == seat.Staff);
        if (person.ValueKind == JsonValueKind.Undefined) return true;
        var (hasLines, hasServices) = (person.TryGetProperty("lines", out var lines), person.TryGetProperty("services", out var services));
        return (!hasLines && !hasServices) || (hasLines && lines.EnumerateArray().Any(l => l.GetString() == line)) || (hasServices && services.EnumerateArray().Any(s => s.GetString() == service));
    }

    private string LineOf(string service) => _services[service].GetProperty("line").GetString()!;

    private string UseOf(string id, Seat seat)
    {
        if (!seat.IsOpen) return "closed";
        if (seat.Present is { } present) return present.State == "called" ? "walking" : "serving";
        if (seat.Pause is { } reason) return "paused " + reason;
        var offered = _services.Keys.Where(s => Offers(id, seat, s)).ToList();
        bool IsStopped(string service) => _suspendedLines.Contains(LineOf(service)) || _suspendedServices.Contains(service);
        if (_suspended || (offered.Count > 0 && offered.All(IsStopped))) return "suspended";
        var runs = offered.Where(s => !IsStopped(s)).ToHashSet();
        return Legs.Any(l => l.Outcome == "open" && l.Visit.State == "waiting" && runs.Contains(l.Service) && (l.ReservedFor is null || l.ReservedFor == id)) ? "idleWaitedFor" : "idle";
    }

    private void Use(string window, string use, string? staff)
    {
        if (_uses.TryGetValue(window, out var now))
        {
            if (now.Use == use && now.Staff == staff) return;
            if (_at > now.From) Stretches.Add(new(window, now.Use, now.Staff, now.From, _at));
        }
        _uses[window] = (use, staff, _at);
    }

    /// <summary>From a moment before this one on, one thing was the other.</summary>
    private void Rename(string window, long from, string was, string becomes)
    {
        for (var i = Stretches.Count - 1; i >= 0; i--)
        {
            var stretch = Stretches[i];
            if (stretch.Window != window || stretch.Use != was || stretch.To <= from) continue;
            Stretches[i] = stretch with { From = Math.Max(from, stretch.From), Use = becomes };
            if (from > stretch.From) Stretches.Add(stretch with { To = from });
        }
        if (_uses.TryGetValue(window, out var now) && now.Use == was)
        {
            if (from > now.From) Stretches.Add(new(window, was, now.Staff, now.From, from));
            _uses[window] = (becomes, now.Staff, Math.Max(from, now.From));
        }
    }

    private bool Bool(string always) => _document.GetProperty("calendar").GetProperty("sessions") is { ValueKind: JsonValueKind.String } sessions && sessions.GetString() == always;

    public static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Word(Enum word) => JsonNamingPolicy.CamelCase.ConvertName(word.ToString());
}
