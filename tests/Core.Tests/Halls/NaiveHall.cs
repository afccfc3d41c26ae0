using System.Globalization;
using HallOps.Core.Halls;

namespace HallOps.Core.Tests.Halls;

internal sealed record ClassSpec(string Id, decimal Weight, int Credit, Grants Grants, int? AgeFrom, int? MinCalls, int? MinGap, bool NeedsLow);

internal sealed record LineSpec(string Id, string Prefix, decimal Weight, (int From, int To, int Max)[] Quotas);

internal sealed record SlotSpec(int Minutes, int Capacity, int DaysAhead, int Early, int Late);

internal sealed record ServiceSpec(string Id, string Line, bool Immediate, decimal? Minutes, bool NeedsIdentity, SlotSpec? Slots)
{
    /// <summary>Of a joint service its services, each with those whose end it waits for; empty for any other.</summary>
    public (string Service, string[] After)[] Items { get; init; } = [];
}

internal sealed record WindowSpec(string Id, IReadOnlyList<ProfileLine> Profile, bool Low);

internal sealed record StaffSpec(string Id, string[]? Lines, string[]? Services);

internal sealed record RosterSpec(string Window, string A, string B);

/// <summary>A stretch of every day, in whole hours of the morning to the evening.</summary>
/// <param name="Windows">Null: all.</param>
/// <param name="Services">Null: all.</param>
internal sealed record SessionSpec(int From, int To, bool UntilServed, string[]? Windows, string[]? Services);

/// <summary>A hall in plain values, from which its document is written; the naive hall reads these and never the document.</summary>
internal sealed record HallSpec(
    ClassSpec[] Classes, LineSpec[] Lines, ServiceSpec[] Services, WindowSpec[] Windows, StaffSpec[] Staff, RosterSpec[] Roster, string Zone, bool RemoteIssue, int MaxWaiting,
    int MaxOvertakes, int MaxPriorityRun, int MinCalls, int MinGap, int ReturnMinutes, int RejoinAfterCalls, int MaxHeld, int AutoStart, bool RequireOutcome, string[] Zones, int SlipDays = 30, int LowFirst = 10)
{
    /// <summary>Null: open at all hours.</summary>
    public SessionSpec[]? Sessions { get; init; }
    public int Grace { get; init; } = 10;
    public Admission Admission { get; init; }
}

internal sealed class NaiveAppointment
{
    public required string Code;
    public required string Service;
    public required PersonId? Person;
    public required long Order;
    public long Slot, Ends, From, Until;
    public AppointmentState State;
    public NaiveTicket? Ticket;
    public bool Counts => State is AppointmentState.Booked or AppointmentState.CheckedIn;
}

internal sealed class NaiveSlip
{
    public required long Ticket;
    public required string Service;
    public required PersonId? Person;
    public required int Times;
    public required long Until;
    public required TextHash? Missing;
    public NaiveTicket? ShownBy;
}

/// <summary>A visit with the leg that runs; or (with <see cref="Visit"/>) another leg of a joint one, of which only what is a leg's own counts.</summary>
internal sealed class NaiveTicket
{
    public required long Id;
    public int Leg = 1;
    public int Legs = 1;
    public NaiveTicket? Visit;
    public List<NaiveTicket> Beside = [];
    public ServiceSpec? Joint;
    public int Item;
    public readonly List<(int Leg, int Item, LegOutcome Outcome, FinishOutcome? How)> Done = [];
    public NaiveSlip? Slip;
    public int Told;
    public required string Number;
    public required ServiceSpec Service;
    public required string Class;
    public required PersonId? Person;
    public required DateOnly Day;
    public required long IssuedAt;
    public required long Sequence;
    public required long Since;
    public TicketState State;
    public LegOutcome Outcome;
    public int Misses;
    public long MissedAt;
    public int Overtaken;
    public (long At, string Class)? LastPassed;
    public NaiveWindow? ReservedFor;
    public Reserving Why;
    public int CallsToWait;
    public bool First;
    public NaiveWindow? HeldBy;
    public long AwayUntil;
    public int AwayOrder;
    public bool AwayFirst;
    public long? Slot;
    public readonly List<(NaiveWindow Window, ServiceSpec Service)> Stops = [];
    public string? Owner;
    public int Cases = 1;
    public string FirstLine = "";
    public string Matter => Joint?.Id ?? Service.Id;

    /// <summary>The visit that this, or the leg of it that this is.</summary>
    public NaiveTicket Whole => Visit ?? this;
    public IEnumerable<NaiveTicket> All => Beside.Prepend(this);
    public readonly HashSet<Stage> Stages = [];
    public NaiveWindow? Window;
    public bool EverCalled;
    public long LastCall;
    public int Summoned;
    public List<long> CountedCalls = [];
    public bool StartedByTime;
    public long StartedAt;
    public string? CalledBy;
    public readonly HashSet<int> Rated = [];
    public bool Forgotten;
    public bool Ended => State is TicketState.Finished or TicketState.Cancelled or TicketState.Expired or TicketState.Void;
}

/// <summary>Why a waiting ticket is one window's.</summary>
internal enum Reserving { Returning, Resuming, Sent }

internal sealed class NaiveWindow
{
    public required string Id;
    public required IReadOnlyList<ProfileLine> Profile;
    public bool Low;
    public Occupant? There;
    public bool Paused;
    public Occupant? PausedBySchedule;
    public bool Released;
    public long? BackAt;
    public long? ExpectedSince;
    public NaiveWindow? StandInAt;
    public NaiveTicket? Present;
    public int Run;
    public (NaiveTicket Ticket, int Leg)? Rateable;
    public bool Open => There is not null && !Paused;
}

/// <summary>
/// The rules of DOMAIN.md over again, as slow and as plain as they can be: lists that are searched and sorted whole, scores in decimals, no index and no treap, deciding and changing in one go.
/// Shares commands, events and ids with the product and nothing else.
/// </summary>
internal sealed class NaiveHall
{
    private readonly List<(DateOnly Day, long At)> _toForget = [];
    private readonly Dictionary<string, int> _numbers = [];
    private readonly List<(long Id, string? Zone, long Until)> _notices = [];
    private readonly HashSet<string> _suspendedLines = [];
    private readonly HashSet<string> _suspendedServices = [];
    private readonly Dictionary<DateOnly, long> _dayStarts = [];
    private readonly Dictionary<(DateOnly, int), long> _walls = [];
    private readonly TimeZoneInfo _zone;
    private bool _suspended;
    private int _summons;
    private int _aways;
    private long _sequence = 1;
    private long _lastAt;
    private DateOnly _day;
    private long _dayEnds;
    private SessionSpec? _session;
    private bool _isRun;
    private long _reached;

    public NaiveHall(HallSpec spec, Instant at)
    {
        Spec = spec;
        _zone = TimeZoneInfo.FindSystemTimeZoneById(spec.Zone);
        _lastAt = at.Milliseconds;
        _day = DateAt(at.Milliseconds);
        _dayEnds = EndOfDay(at.Milliseconds);
        Windows = [.. spec.Windows.Select(w => new NaiveWindow { Id = w.Id, Profile = w.Profile, Low = w.Low })];
    }

    public HallSpec Spec { get; private set; }

    /// <summary>The hall's own, by which its tickets are named.</summary>
    public uint Number { get; set; } = 7;
    public List<NaiveTicket> Tickets { get; } = [];
    public List<NaiveWindow> Windows { get; }
    public List<NaiveAppointment> Appointments { get; } = [];
    public List<NaiveSlip> Slips { get; } = [];
    /// <summary>Of the last call by a window's key: whom it might have called, in plain order.</summary>
    public List<(long Id, int Leg)> Candidates { get; private set; } = [];
    public DateOnly Day => _day;
    public long Sequence => _sequence;
    public Instant LastAt => new(_lastAt);

    /// <summary>The notices on the boards of a zone, or of the hall, by their names in the order of their posting.</summary>
    public List<long> Notices(string? zone) => [.. _notices.Where(n => zone is null || n.Zone is null || n.Zone == zone).Select(n => n.Id)];

    /// <summary>The next thing due by now, done; null when none is.</summary>
    public (HallEvent Event, Instant At)? Due(Instant now)
    {
        // At one moment: unprinted tickets, then what is forgotten, then the day, then windows that leave, stand-ins, windows released and windows that come back, then notices in the order of their posting, then those who are back in the order they left, then appointments nobody came for, then starts in the order of their summons.
        var due = new List<(long At, int Rank, Func<HallEvent> Do)>();
        foreach (var ticket in Tickets.Where(t => t.State == TicketState.Issued))
            due.Add((ticket.IssuedAt + 60_000, 0, () => { End(ticket, TicketState.Void); NotCheckedIn(ticket); return new TicketVoided(ticket.Id); }));
        foreach (var (day, at) in _toForget)
            due.Add((at, 1, () => Forget(day)));
        due.Add((_dayEnds, 2, () => EndDay(now.Milliseconds)));
        foreach (var window in Windows)
        {
            if (window is { There: not null, Paused: false, Present: null } && !IsOnDuty(window)) due.Add((_lastAt, 3, () => PauseBySchedule(window)));
            if (_isRun && StandInOf(window) is { } standIn)
                due.Add((standIn.At, 4, () =>
                {
                    window.StandInAt = standIn.To;
                    LetGo();
                    return new StandInChanged(new WindowId(window.Id), standIn.To is { } to ? new WindowId(to.Id) : null);
                }));
        }
        if (_isRun && _session is { UntilServed: true })
            foreach (var window in Windows)
                if (LeavesAt(window) is { } at) due.Add((at, 5, () => PauseBySchedule(window)));
        foreach (var window in Windows)
            if (window.PausedBySchedule is { } with && !window.Released && IsOnDuty(window) && window.There == with)
                due.Add((_lastAt, 6, () =>
                {
                    EndPause(window);
                    return new WindowResumed(new WindowId(window.Id));
                }));
        if (_isRun && _session is { UntilServed: true })
            foreach (var window in Windows.Where(w => w is { Released: true, There: not null } && IsOnDuty(w)))
                if (Waiters.Any(t => (t.ReservedFor is null || t.ReservedFor == window) && WouldServe(window, t.Service) && !Windows.Any(w => w.Open && IsOnDuty(w) && Serves(w, t.Service))))
                    due.Add((_lastAt, 6, () =>
                    {
                        EndPause(window);
                        return new WindowResumed(new WindowId(window.Id));
                    }));
        foreach (var (id, _, until) in _notices)
            due.Add((until, 7, () => EndNotice(id)));
        foreach (var ticket in Tickets.Where(t => t.State == TicketState.Away).OrderBy(t => t.AwayOrder))
            due.Add((ticket.AwayUntil, 8, () => Back(ticket)));
        foreach (var booked in Appointments.Where(a => a.State == AppointmentState.Booked).OrderBy(a => a.Order))
            due.Add((booked.Until, 9, () => { booked.State = AppointmentState.Released; return new AppointmentReleased(booked.Code); }));
        foreach (var window in Windows.Where(w => w.Present is { State: TicketState.Called }).OrderBy(w => w.Present!.Summoned))
            due.Add((window.Present!.LastCall + Spec.AutoStart * 1000L, 10, () => Start(window, StartKind.Time, Math.Max(window.Present.LastCall + Spec.AutoStart * 1000L, _lastAt))));
        var (moment, _, act) = due.OrderBy(d => d.At).ThenBy(d => d.Rank).First();
        if (moment > now.Milliseconds) return null;
        moment = Math.Max(moment, _lastAt);
        var e = act();
        Stamp(1, moment);
        return (e, new Instant(moment));
    }

    /// <summary>A moment of the calendar: the next one of the day, on the hall's own clock.</summary>
    public long? NextMoment(long after)
    {
        if (Spec.Sessions is not { } sessions) return null;
        var moments = sessions.SelectMany(s => new[] { Wall(_day, s.From), Wall(_day, s.To) }).Where(m => m > after && m < _dayEnds).ToList();
        return moments.Count == 0 ? null : moments.Min();
    }

    /// <summary>What the hall says it has reached is what the sessions say.</summary>
    public void Reach(HallSchedule schedule, Instant at, Action<object?, object?> expect)
    {
        var now = at.Milliseconds;
        _session = Spec.Sessions!.SingleOrDefault(s => Wall(_day, s.From) <= now && now < Wall(_day, s.To));
        _isRun = true;
        _reached = now;
        expect(_session is not null, schedule.Session is not null);
        expect(_session is { UntilServed: false }, schedule.Issuing);
        expect(NextMoment(now), schedule.Until?.Milliseconds);
        expect(string.Join(' ', Windows.Where(IsOnDuty).Select(w => $"{w.Id}:{Spec.Roster.FirstOrDefault(r => r.Window == w.Id)?.A}")), string.Join(' ', schedule.Windows.Select(w => $"{w.Window}:{w.Staff}")));
        expect(string.Join(' ', Windows.Where(w => !IsOnDuty(w)).Select(w => (w.Id, ReopensAt(w)))), string.Join(' ', schedule.Resting.Select(w => (w.Window.Value, w.ReopensAt?.Milliseconds))));
        foreach (var window in Windows)
        {
            if (!IsOnDuty(window)) (window.ExpectedSince, window.StandInAt) = (null, null);
            else window.ExpectedSince ??= now;
            if (_session is not { UntilServed: true } || window.BackAt <= now) window.Released = false;
        }
        LetGo();
        Stamp(1, now);
    }

    /// <summary>The hall is always open from here on.</summary>
    public void StopRunning()
    {
        _isRun = false;
        foreach (var window in Windows) (window.ExpectedSince, window.StandInAt, window.Released) = (null, null, false);
    }

    public bool IsRun => _isRun;

    public bool IsOnDuty(NaiveWindow window) => !_isRun || (_session is not null && IsStaffed(_session, window));

    private bool IsStaffed(SessionSpec session, NaiveWindow window) =>
        session.Windows?.Contains(window.Id) != false && (Spec.Roster.Length == 0 || Spec.Roster.Any(r => r.Window == window.Id));

    /// <summary>The next time after this session that one has the window; the first of tomorrow is the first of today.</summary>
    private long? ReopensAt(NaiveWindow window)
    {
        if (!Spec.Sessions!.Any(s => IsStaffed(s, window))) return null;
        var from = _session is null ? _reached : Wall(_day, _session.To) - 1;
        for (var day = _day; ; day = day.AddDays(1))
            foreach (var session in Spec.Sessions!.OrderBy(s => s.From))
                if (Wall(day, session.From) > from && IsStaffed(session, window)) return Wall(day, session.From);
    }

    private WindowPaused PauseBySchedule(NaiveWindow window)
    {
        var until = ReopensAt(window);
        window.Paused = true;
        window.PausedBySchedule = window.There;
        window.BackAt = until;
        window.Released = IsOnDuty(window);
        LetGo();
        return new WindowPaused(new WindowId(window.Id), PauseReason.Schedule, until is { } at ? new Instant(at) : null);
    }

    private static void EndPause(NaiveWindow window) => (window.Paused, window.PausedBySchedule, window.Released, window.BackAt) = (false, null, false, null);

    private (NaiveWindow? To, long At)? StandInOf(NaiveWindow window)
    {
        var b = IsOnDuty(window) ? Spec.Roster.FirstOrDefault(r => r.Window == window.Id)?.B : null;
        if (window.StandInAt is { } at)
            return window.There is null && b is not null && IsOnDuty(at) && at.There?.Staff?.Value == b ? null : (null, _lastAt);
        if (window.There is not null || b is null) return null;
        return Windows.FirstOrDefault(w => w.Open && IsOnDuty(w) && w.There!.Staff?.Value == b) is { } own ? (own, Math.Max(_lastAt, window.ExpectedSince!.Value + Spec.Grace * 60_000L)) : null;
    }

    /// <summary>In extended hours: when nobody can come to this window any more, or another one is there for whoever may.</summary>
    private long? LeavesAt(NaiveWindow window)
    {
        if (!window.Open || !IsOnDuty(window) || window.Present is not null || Tickets.Any(t => t.HeldBy == window || t.Stops.Any(s => s.Window == window))) return null;
        var at = _lastAt;
        foreach (var line in LinesOf(window).Select(p => p.Line.Value))
        {
            var mine = Spec.Services.Where(s => s.Line == line && Serves(window, s)).ToList();
            if (mine.Count == 0) continue;
            if (Waiters.Any(t => t.Service.Line == line && mine.Any(s => s.Id == t.Service.Id) && (t.ReservedFor is null || t.ReservedFor == window))) return null;
            if (Windows.Any(w => w != window && w.Open && IsOnDuty(w) && mine.All(s => Serves(w, s)))) continue;
            var others = Tickets.Where(t => !t.Ended && t.All.Any(leg => leg.Service.Line == line && mine.Any(s => s.Id == leg.Service.Id))).ToList();
            if (others.Any(t => t.State is TicketState.Issued or TicketState.Away or TicketState.Held)) return null;
            if (others.Any(t => t.State is TicketState.Called or TicketState.Serving && t.Beside.Any(leg => leg.Service.Line == line && mine.Any(s => s.Id == leg.Service.Id)))) return null;
            var nextSession = Windows.Select(ReopensAt).Append(_dayEnds).Min();
            foreach (var booked in Appointments.Where(a => a.State == AppointmentState.Booked && a.Slot < nextSession))
            {
                var service = Spec.Services.Single(s => s.Id == booked.Service);
                if ((service.Items.Length == 0 ? [service] : ItemsOf(service)).Any(s => s.Line == line && mine.Any(m => m.Id == s.Id))) at = Math.Max(at, booked.Until);
            }
            foreach (var missed in others.Where(t => t.State == TicketState.Missed)) at = Math.Max(at, missed.MissedAt + Spec.ReturnMinutes * 60_000L + 1);
        }
        return at;
    }

    /// <summary>A window's lines and those it takes along, at the lesser handicap and gate.</summary>
    private List<ProfileLine> LinesOf(NaiveWindow window)
    {
        var lines = window.Profile.ToList();
        foreach (var taken in Windows.Where(w => _isRun && w.StandInAt == window && w != window).SelectMany(w => w.Profile))
        {
            var own = lines.FirstOrDefault(l => l.Line == taken.Line);
            if (own is not null) lines[lines.IndexOf(own)] = new ProfileLine(own.Line, Math.Min(own.AfterMinutes, taken.AfterMinutes), Math.Min(own.OnlyAfterWaitMinutes, taken.OnlyAfterWaitMinutes));
            else lines.Add(taken);
        }
        return lines;
    }

    /// <summary>The hours of whole sessions still to come today in which a service has staffed windows, with how many.</summary>
    private IEnumerable<(long From, long To, int Windows)> Left(ServiceSpec service, long now)
    {
        foreach (var session in Spec.Sessions!.OrderBy(s => s.From))
        {
            var windows = Windows.Count(w => IsStaffed(session, w) && Can(session, w, service));
            if (Wall(_day, session.To) > now && windows > 0) yield return (Math.Max(now, Wall(_day, session.From)), Wall(_day, session.To), windows);
        }
    }

    private bool Can(SessionSpec session, NaiveWindow window, ServiceSpec service)
    {
        if (!IsOfferedIn(session, service) || !window.Profile.Any(p => p.Line.Value == service.Line)) return false;
        var a = Spec.Roster.FirstOrDefault(r => r.Window == window.Id)?.A;
        return a is null || CanDo(Spec.Staff.Single(s => s.Id == a), service);
    }

    /// <summary>Named itself, or as a part of a joint one that is.</summary>
    private bool IsOfferedIn(SessionSpec session, ServiceSpec service) =>
        session.Services is not { } named || named.Contains(service.Id) || Spec.Services.Any(s => named.Contains(s.Id) && s.Items.Any(i => i.Service == service.Id));

    private static bool CanDo(StaffSpec person, ServiceSpec service) =>
        (person.Lines is null && person.Services is null) || person.Lines?.Contains(service.Line) == true || person.Services?.Contains(service.Id) == true;

    /// <summary>A full hour of a date on the hall's clock, found by walking through the date.</summary>
    private long Wall(DateOnly day, int hour)
    {
        if (hour == 24) return DayStart(day.AddDays(1));
        if (_walls.TryGetValue((day, hour), out var known)) return known;
        var at = DayStart(day);
        while (TimeZoneInfo.ConvertTime(new Instant(at).ToDateTimeOffset(), _zone) is var local && local.Hour < hour) at += 15 * 60_000;
        return _walls[(day, hour)] = at;
    }

    /// <summary>Decides and does a command. One of events and code; neither when nothing changes.</summary>
    public (List<HallEvent> Events, RefusalCode? Code, Instant? AllowedAt) Do(HallCommand command, Instant at)
    {
        try
        {
            var events = command is WindowCommand w ? OfWindow(w, at.Milliseconds) : OfHall(command, at.Milliseconds);
            if (events.Count > 0) Stamp(events.Count, at.Milliseconds);
            return (events, null, null);
        }
        catch (No no)
        {
            return ([], no.Code, no.AllowedAt);
        }
    }

    /// <summary>Every ticket callable there now.</summary>
    public List<NaiveTicket> CallableAt(NaiveWindow window, long now) =>
        [.. Waiters.Where(t => Serves(window, t.Service) && !IsSuspended(t.Service)
            && (t.ReservedFor == window || Gate(window, t) == 0 || now - t.Since >= Gate(window, t))
            && (t.ReservedFor == window || t.First || (t.Slot + 600_000 <= now && After(window, t) == 0) || !IsLeftToLow(window, t) || now - t.Since >= Spec.LowFirst * 60_000L)
            && (t.ReservedFor is null || t.ReservedFor == window))];

    /// <summary>In plain order at a window.</summary>
    public List<NaiveTicket> InPlainOrder(NaiveWindow window, IEnumerable<NaiveTicket> tickets) =>
        [.. tickets.OrderBy(t => t.Since + After(window, t)).ThenBy(t => t.Since).ThenBy(t => t.Sequence)];

    public List<NaiveTicket> WaitingIn(string line) => [.. Waiters.Where(t => t.Service.Line == line)];

    /// <summary>Every leg that waits.</summary>
    private IEnumerable<NaiveTicket> Waiters => Tickets.Where(t => t.State == TicketState.Waiting).SelectMany(t => t.All);

    /// <summary>Of a visit that waits, the leg its holder is told about.</summary>
    public NaiveTicket Soonest(NaiveTicket visit, long now) => visit.All
        .OrderBy(t => IsSuspended(t.Service) ? 3 : t.ReservedFor is not null ? 0 : !Windows.Any(w => Serves(w, t.Service)) ? 2 : t.First ? 0 : 1)
        .ThenBy(t => InScoreOrder(t.Service.Line, now).IndexOf(t)).ThenBy(t => t.Leg).First();

    /// <summary>Those who wait in a line, and whom else is given, in score order; how many stand before a ticket is its <c>ahead</c>.</summary>
    public List<NaiveTicket> InScoreOrder(string line, long now, params NaiveTicket[] others) =>
        [.. WaitingIn(line).Concat(others).OrderByDescending(t => Score(t, now)).ThenBy(t => t.Since).ThenBy(t => t.Sequence)];

    public int WaitingInAll => Tickets.Count(t => t.State is TicketState.Waiting or TicketState.Issued);

    private decimal Score(NaiveTicket ticket, long now)
    {
        var @class = Spec.Classes.Single(c => c.Id == ticket.Whole.Class);
        return @class.Weight * Spec.Lines.Single(l => l.Id == ticket.Service.Line).Weight * (now - ticket.Since) + @class.Credit * 60_000m;
    }

    /// <summary>Why a ticket that waits is where it is.</summary>
    public ExplanationKind WhyWaiting(NaiveTicket ticket, long now) =>
        IsSuspended(ticket.Service) ? ExplanationKind.Suspended
        : ticket.ReservedFor is not null ? ExplanationKind.NextAtWindow
        : !Windows.Any(w => Serves(w, ticket.Service)) ? _isRun && !Left(ticket.Service, now).Any() ? ExplanationKind.Over : ExplanationKind.NoWindow
        : ticket.First ? ExplanationKind.NextAnywhere : ExplanationKind.Waiting;

    /// <summary>Windows that can call with the line in their profile, or taken along for somebody.</summary>
    private int OpenWindows(string line) => Windows.Count(w => w.Open && IsOnDuty(w) && (w.Profile.Any(p => p.Line.Value == line) || (LinesOf(w).Any(p => p.Line.Value == line) && Spec.Services.Any(s => s.Line == line && Serves(w, s)))));

    /// <summary>Who needs a low window is left to it by the others, by score: what is reserved, returned or due is not by score.</summary>
    private bool IsLeftToLow(NaiveWindow window, NaiveTicket ticket) => !window.Low && Spec.Classes.Single(c => c.Id == ticket.Whole.Class).NeedsLow && Windows.Any(w => w.Low && Serves(w, ticket.Service));

    private long Gate(NaiveWindow window, NaiveTicket ticket) => LinesOf(window).First(p => p.Line.Value == ticket.Service.Line).OnlyAfterWaitMinutes * 60_000L;

    private long After(NaiveWindow window, NaiveTicket ticket) => LinesOf(window).First(p => p.Line.Value == ticket.Service.Line).AfterMinutes * 60_000L;

    private bool IsSuspended(ServiceSpec service) => _suspended || _suspendedLines.Contains(service.Line) || _suspendedServices.Contains(service.Id);

    private IEnumerable<ServiceSpec> ItemsOf(ServiceSpec service) => service.Items.Select(i => Spec.Services.Single(s => s.Id == i.Service));

    private void MayWaitFor(ServiceSpec service, bool promised = false)
    {
        Refuse(!promised && ItemsOf(service).Prepend(service).Any(IsSuspended), RefusalCode.Suspended);
        Refuse((service.Items.Length == 0 ? [service] : ItemsOf(service)).Any(s => !Windows.Any(w => w.Profile.Any(p => p.Line.Value == s.Line))), RefusalCode.ServiceNotOffered);
    }

    private bool Serves(NaiveWindow window, ServiceSpec service) => window.Open && WouldServe(window, service);

    /// <summary>Were it not paused.</summary>
    private bool WouldServe(NaiveWindow window, ServiceSpec service)
    {
        if (!IsOnDuty(window) || !LinesOf(window).Any(p => p.Line.Value == service.Line)) return false;
        if (_isRun && !IsOfferedIn(_session!, service)) return false;
        return window.There!.Staff is not { } id || CanDo(Spec.Staff.Single(s => s.Id == id.Value), service);
    }

    // ---- the hall and its tickets

    private List<HallEvent> OfHall(HallCommand command, long now)
    {
        switch (command)
        {
            case IssueTicket c:
            {
                var slip = c.Slip is { } shown ? FindSlip(shown, c.Service.Value, now) : null;
                var events = Issue(c, now, null, slip);
                var visit = Tickets[^1];
                visit.Cases = c.Cases;
                if (c.Cases > 1) events.Add(new CasesDeclared(visit.Id, c.Cases));
                if (slip is null) return events;
                (visit.Slip, visit.Told, slip.ShownBy) = (slip, slip.Times, visit);
                events.Add(new SlipShown(visit.Id, slip.Ticket, slip.Times));
                return events;
            }
            case BookAppointment c: return [Book(c, now)];
            case MoveAppointment c: return Move(c, now) is { } moved ? [moved] : [];
            case CancelAppointment c:
            {
                var booked = FindLive(c.Code);
                Appointments.Remove(booked);
                return [new AppointmentCancelled(booked.Code, new ServiceId(booked.Service), new Instant(booked.Slot))];
            }
            case CheckIn c: return CheckIn(c, now);
            case MarkPrinted c:
            {
                var ticket = Find(c.Ticket, TicketState.Issued);
                ticket.State = TicketState.Waiting;
                return [new TicketPrinted(ticket.Id)];
            }
            case CancelTicket c:
            {
                var ticket = Find(c.Ticket, TicketState.Issued, TicketState.Waiting, TicketState.Called, TicketState.Missed, TicketState.Held, TicketState.Away);
                End(ticket, TicketState.Cancelled);
                return [new TicketCancelled(ticket.Id)];
            }
            case ChangeTicket c: return Change(c, now) is { } changed ? [changed] : [];
            case ReturnTicket c: return [ComeBack(Find(c.Ticket), now)];
            case StepAway c:
            {
                var ticket = Find(c.Ticket, TicketState.Waiting);
                ticket.State = TicketState.Away;
                ticket.AwayUntil = now + (long)c.For.TotalMilliseconds;
                ticket.AwayOrder = ++_aways;
                ticket.AwayFirst = ticket.First || (ticket.ReservedFor is not null && ticket.Why != Reserving.Sent);
                ticket.ReservedFor = null;
                ticket.First = false;
                return [new TicketAway(ticket.Id, ticket.Leg, new Instant(ticket.AwayUntil))];
            }
            case ChangeClass c:
            {
                var ticket = Find(c.Ticket);
                var @class = Spec.Classes.SingleOrDefault(s => s.Id == c.Class.Value) ?? throw new No(RefusalCode.UnknownClass);
                Refuse(ticket.State is not (TicketState.Issued or TicketState.Waiting or TicketState.Away or TicketState.Missed or TicketState.Held), RefusalCode.WrongState);
                if (ticket.Class == @class.Id) return [];
                var ways = Ways(@class, c.Grants, c.Age);
                Refuse(ways.Count == 0, RefusalCode.ClassNotGranted);
                ticket.Class = @class.Id;
                if (ticket.State == TicketState.Waiting) WaitAgain(ticket);
                return [new ClassChanged(ticket.Id, c.Class, ways[0])];
            }
            case RateTicket c:
            {
                var ticket = Find(c.Ticket);
                Refuse(ticket.State != TicketState.Finished, RefusalCode.NotFinished);
                Refuse(!ticket.Rated.Add(ticket.Leg), RefusalCode.AlreadyRated);
                return [new ServiceRated(ticket.Id, ticket.Leg, new WindowId(ticket.Window!.Id), c.Grade, c.Tags, c.Comment, false)];
            }
            case RateAtWindow c:
            {
                var window = Find(c.Window);
                var ticket = Tickets.SingleOrDefault(t => t.Id == c.Ticket.Ordinal && !t.Forgotten);
                Refuse(ticket?.Rated.Contains(c.Leg) == true, RefusalCode.AlreadyRated);
                Refuse(ticket is null || window.Rateable != (ticket, c.Leg), RefusalCode.RatingClosed);
                ticket!.Rated.Add(c.Leg);
                return [new ServiceRated(ticket.Id, c.Leg, c.Window, c.Grade, c.Tags, null, true)];
            }
            case ChangeProfile c:
                Find(c.Window).Profile = c.Profile;
                LetGo();
                return [new WindowProfileChanged(c.Window, c.Profile)];
            case Suspend c:
                _suspended |= c.Lines.Count + c.Services.Count == 0;
                _suspendedLines.UnionWith(c.Lines.Select(l => l.Value));
                _suspendedServices.UnionWith(c.Services.Select(s => s.Value));
                return [new Suspended(c.Lines, c.Services, c.Reason, c.Until)];
            case Resume c:
                Refuse(c.Lines.Any(l => !_suspendedLines.Contains(l.Value)) || c.Services.Any(s => !_suspendedServices.Contains(s.Value)), RefusalCode.NotSuspended);
                Refuse(!_suspended && _suspendedLines.Count + _suspendedServices.Count == 0, RefusalCode.NotSuspended);
                if (c.Lines.Count + c.Services.Count == 0)
                {
                    _suspended = false;
                    _suspendedLines.Clear();
                    _suspendedServices.Clear();
                }
                _suspendedLines.ExceptWith(c.Lines.Select(l => l.Value));
                _suspendedServices.ExceptWith(c.Services.Select(s => s.Value));
                return [new Resumed(c.Lines, c.Services)];
            case PostNotice c:
                Refuse(c.Zone is { } zone && !Spec.Zones.Contains(zone.Value), RefusalCode.UnknownZone);
                Refuse(c.Until.Milliseconds <= now, RefusalCode.NoticeOver);
                Refuse(_notices.Count >= 20, RefusalCode.TooManyNotices);
                _notices.Add((_sequence + 1, c.Zone?.Value, c.Until.Milliseconds));
                return [new NoticePosted(c.Text, c.Zone, c.Until)];
            case WithdrawNotice c:
                Refuse(_notices.All(n => n.Id != c.Notice), RefusalCode.UnknownNotice);
                return [EndNotice(c.Notice)];
            case Poke: return [];
            default: throw new ArgumentOutOfRangeException(nameof(command), command.GetType().Name, "No such command.");
        }
    }

    /// <summary>Another document with the same lines, services, classes, windows and people by the same names.</summary>
    public HallConfigured Configure(ConfigureHall command, HallSpec spec, Instant at)
    {
        Spec = spec;
        foreach (var window in Windows) (window.Profile, window.Low) = (spec.Windows.Single(w => w.Id == window.Id).Profile, spec.Windows.Single(w => w.Id == window.Id).Low);
        foreach (var ticket in Tickets)
        {
            if (!ticket.Ended)
            {
                foreach (var other in ticket.Beside)
                {
                    var its = spec.Services.Single(s => s.Id == other.Service.Id);
                    if (its.Line != other.Service.Line) other.LastPassed = null;
                    other.Service = its;
                }
                if (ticket.Joint is { } joint) ticket.FirstLine = spec.Services.Single(s => s.Id == joint.Id).Line;
            }
            var service = spec.Services.Single(s => s.Id == ticket.Service.Id);
            if (!ticket.Ended && service.Line != ticket.Service.Line) ticket.LastPassed = null;
            if (ticket.Ended) service = service with { Line = ticket.Service.Line };
            ticket.Service = service;
            if (ticket.Leg == 1 && ticket.Joint is null) ticket.FirstLine = service.Line;
            for (var i = 0; i < ticket.Stops.Count; i++) ticket.Stops[i] = ticket.Stops[i] with { Service = spec.Services.Single(s => s.Id == ticket.Stops[i].Service.Id) };
        }
        LetGo();
        Stamp(1, at.Milliseconds);
        return new HallConfigured(command.Number, command.Document, _day, new Instant(_dayEnds));
    }

    private static List<Grants> Ways(ClassSpec @class, Grants grants, int? years) =>
        [.. new[] { Grants.Self, Grants.IdCard, Grants.Guide, Grants.Manager, Grants.Appointment, Grants.Slip }
            .Where(g => @class.Grants.HasFlag(g) && grants.HasFlag(g) && (g != Grants.IdCard || (@class.AgeFrom is { } from && years is { } age && age >= from)))];

    private NaiveSlip FindSlip(TicketId shown, string service, long now)
    {
        Refuse(Spec.Services.All(s => s.Id != service), RefusalCode.UnknownService);
        var slips = Slips.Where(s => shown.Hall == Number && s.Ticket == shown.Ordinal && s.Until > now).ToList();
        Refuse(slips.Count == 0, RefusalCode.UnknownSlip);
        var slip = slips.SingleOrDefault(s => s.Service == service) ?? throw new No(RefusalCode.OtherService);
        Refuse(slip.ShownBy is { Ended: false }, RefusalCode.AlreadyWaiting);
        return slip;
    }

    /// <summary>A live visit for a service, or for another from which it comes back to this one.</summary>
    private static bool IsFor(NaiveTicket ticket, ServiceSpec service) => !ticket.Ended && (ticket.Matter == service.Id || (ticket.Joint is null && ticket.Stops.Any(s => s.Service.Id == service.Id)));

    private List<HallEvent> Issue(IssueTicket c, long now, NaiveAppointment? promised = null, NaiveSlip? slip = null)
    {
        var service = Spec.Services.SingleOrDefault(s => s.Id == c.Service.Value) ?? throw new No(RefusalCode.UnknownService);
        var own = slip is not null && Spec.Classes.Any(s => s.Id == "returning" && s.Grants.HasFlag(Grants.Slip)) ? "returning" : "normal";
        var @class = Spec.Classes.SingleOrDefault(s => s.Id == (c.Class?.Value ?? own)) ?? throw new No(RefusalCode.UnknownClass);
        Refuse(c.Remote && !Spec.RemoteIssue, RefusalCode.RemoteIssueOff);
        var ways = Ways(@class, slip is null ? c.Grants : c.Grants | Grants.Slip, c.Age);
        Refuse(ways.Count == 0, RefusalCode.ClassNotGranted);
        var person = c.Person ?? slip?.Person;
        Refuse(ItemsOf(service).Prepend(service).Any(s => s.NeedsIdentity) && person is null, RefusalCode.IdentityRequired);
        MayWaitFor(service, promised is not null);
        Refuse(person is not null && Tickets.Any(t => t.Person == person && IsFor(t, service)), RefusalCode.AlreadyWaiting);
        Refuse(_isRun && promised is null && c.Override is null && _session is not { UntilServed: false }, RefusalCode.HallClosed);
        Refuse(_isRun && (service.Items.Length == 0 ? [service] : ItemsOf(service)).Any(s => !Left(s, now).Any()), RefusalCode.CannotBeServedToday);
        Refuse(promised is null && c.Override is null && IsExhausted(Spec.Lines.Single(l => l.Id == service.Line), now), RefusalCode.QuotaReached);
        Refuse(promised is null && c.Override is null && WaitingInAll >= Spec.MaxWaiting, RefusalCode.HallFull);

        var number = _numbers[service.Line] = _numbers.GetValueOrDefault(service.Line) + 1;
        var ticket = new NaiveTicket
        {
            Id = Tickets.Count + 1,
            Number = Spec.Lines.Single(l => l.Id == service.Line).Prefix + number.ToString("000", CultureInfo.InvariantCulture),
            Service = service,
            FirstLine = service.Line,
            Class = @class.Id,
            Person = person,
            Day = _day,
            IssuedAt = now,
            Since = Math.Max(now, promised?.Slot ?? now),
            Slot = promised?.Slot,
            Sequence = _sequence + 1,
        };
        var printed = c.Printed ?? true;
        ticket.State = printed ? TicketState.Waiting : TicketState.Issued;

        // Of a joint service those that wait for nothing begin at once, the first of them as the visit's first leg.
        var first = new List<HallEvent>();
        foreach (var (item, i) in service.Items.Select((item, i) => (item, i)).Where(x => x.item.After.Length == 0))
        {
            var its = Spec.Services.Single(s => s.Id == item.Service);
            if (first.Count == 0)
            {
                (ticket.Joint, ticket.Service, ticket.Item) = (service, its, i);
                first.Add(new JointBegun(ticket.Id, i, new ServiceId(its.Id), new LineId(its.Line), [.. service.Items.Select(x => new JointLegSettings(new ServiceId(x.Service), [.. x.After.Select(a => new ServiceId(a))]))]));
            }
            else first.Add(Begin(ticket, i, its, now, _sequence + 2 + first.Count));
        }
        foreach (var other in ticket.Beside) (other.Since, other.Slot) = (ticket.Since, ticket.Slot);

        var told = ticket.All.Select(t => (Ahead: InScoreOrder(t.Service.Line, now, t).IndexOf(t), Leg: t)).OrderBy(t => t.Ahead).ThenBy(t => t.Leg.Leg).First();
        if (_isRun && Spec.Admission == Admission.Strict && promised is null && c.Override is null && @class.Id == "normal" && service.Items.Length == 0)
        {
            var minutes = Left(service, now).Sum(l => (decimal)l.Windows * (l.To - l.From)) / 60_000;
            if ((told.Ahead + 1) * (service.Minutes ?? 5) / 2 > minutes)
            {
                _numbers[service.Line]--;
                throw new No(RefusalCode.CannotBeServedToday);
            }
        }
        Tickets.Add(ticket);
        var open = OpenWindows(told.Leg.Service.Line);
        var median = open == 0 ? 0 : (told.Ahead + 1) * (told.Leg.Service.Minutes ?? 5) * 60 / open;
        var estimate = open == 0 ? (Estimate?)null : new Estimate((int)Math.Round(median / 2), (int)Math.Round(median), (int)Math.Round(median * 2));
        return [new TicketIssued(ticket.Id, ticket.Number, c.Service, new LineId(service.Line), new ClassId(@class.Id), ways[0], person, c.Source, printed, told.Ahead, estimate, c.Override), .. first];
    }

    /// <summary>One more leg of a joint visit, beside the one that runs.</summary>
    private static LegBegun Begin(NaiveTicket visit, int item, ServiceSpec service, long now, long sequence)
    {
        visit.Beside.Add(new NaiveTicket
        {
            Id = visit.Id, Leg = ++visit.Legs, Number = visit.Number, Service = service, Class = visit.Class, Person = visit.Person, Day = visit.Day, IssuedAt = visit.IssuedAt, Sequence = sequence, Since = now, Visit = visit, Item = item,
            Overtaken = visit.State == TicketState.Serving ? visit.Overtaken : 0,
        });
        return new LegBegun(visit.Id, visit.Legs, item, new ServiceId(service.Id), new LineId(service.Line), new Instant(now));
    }

    /// <summary>Makes a leg beside the one that runs.</summary>
    private static void TurnTo(NaiveTicket visit, NaiveTicket leg)
    {
        (visit.Leg, leg.Leg) = (leg.Leg, visit.Leg);
        (visit.Item, leg.Item) = (leg.Item, visit.Item);
        (visit.Service, leg.Service) = (leg.Service, visit.Service);
        (visit.Sequence, leg.Sequence) = (leg.Sequence, visit.Sequence);
        (visit.Since, leg.Since) = (leg.Since, visit.Since);
        (visit.Overtaken, leg.Overtaken) = (leg.Overtaken, visit.Overtaken);
        (visit.LastPassed, leg.LastPassed) = (leg.LastPassed, visit.LastPassed);
        (visit.ReservedFor, leg.ReservedFor) = (leg.ReservedFor, visit.ReservedFor);
        (visit.Why, leg.Why) = (leg.Why, visit.Why);
        (visit.First, leg.First) = (leg.First, visit.First);
        (visit.Slot, leg.Slot) = (leg.Slot, visit.Slot);
        (visit.Window, leg.Window) = (leg.Window, visit.Window);
        (visit.EverCalled, leg.EverCalled) = (leg.EverCalled, visit.EverCalled);
        visit.Beside = [.. visit.Beside.OrderBy(other => other.Leg)];
    }

    /// <summary>None of a visit's legs waits any more; those that were to be called before any score will be again.</summary>
    private static void LeaveLines(NaiveTicket visit)
    {
        foreach (var leg in visit.All)
        {
            leg.First |= leg.ReservedFor is not null && leg.Why != Reserving.Sent;
            leg.ReservedFor = null;
        }
    }

    /// <summary>All of them wait again: what was explained before is over.</summary>
    private static void WaitAgain(NaiveTicket visit)
    {
        visit.State = TicketState.Waiting;
        foreach (var leg in visit.All) leg.LastPassed = null;
    }

    /// <summary>Every number of the line of this hour's slot today counts, but for those that became void.</summary>
    private bool IsExhausted(LineSpec line, long now) => line.Quotas.Any(q => Hour(now) is var hour && hour >= q.From && hour < q.To
        && Tickets.Count(t => t.FirstLine == line.Id && t.Day == _day && t.State != TicketState.Void && Hour(t.IssuedAt) is var then && then >= q.From && then < q.To) >= q.Max);

    private int Hour(long at) => TimeZoneInfo.ConvertTime(new Instant(at).ToDateTimeOffset(), _zone).Hour;

    private AppointmentBooked Book(BookAppointment c, long now)
    {
        var service = Spec.Services.SingleOrDefault(s => s.Id == c.Service.Value) ?? throw new No(RefusalCode.UnknownService);
        Refuse(c.Remote && !Spec.RemoteIssue, RefusalCode.RemoteIssueOff);
        Refuse(service.NeedsIdentity && c.Person is null, RefusalCode.IdentityRequired);
        NotBookable(service, c.Slot.Milliseconds, c.Person, null, now);
        Refuse(Appointments.Any(a => a.Code == c.Code), RefusalCode.CodeTaken);
        var booked = new NaiveAppointment { Code = c.Code, Service = service.Id, Person = c.Person, Order = _sequence + 1 };
        Take(booked, service.Slots!, c.Slot.Milliseconds);
        Appointments.Add(booked);
        return new AppointmentBooked(c.Code, c.Service, c.Slot, new Instant(booked.Ends), new Instant(booked.From), new Instant(booked.Until), c.Person);
    }

    private AppointmentMoved? Move(MoveAppointment c, long now)
    {
        var booked = FindLive(c.Code);
        if (booked.Slot == c.Slot.Milliseconds) return null;
        var service = Spec.Services.Single(s => s.Id == booked.Service);
        NotBookable(service, c.Slot.Milliseconds, booked.Person, booked, now);
        Take(booked, service.Slots!, c.Slot.Milliseconds);
        return new AppointmentMoved(c.Code, c.Slot, new Instant(booked.Ends), new Instant(booked.From), new Instant(booked.Until));
    }

    private void Take(NaiveAppointment booked, SlotSpec slots, long slot)
    {
        booked.Slot = slot;
        booked.Ends = slot + slots.Minutes * 60_000L;
        booked.From = Math.Max(DayStart(DateAt(slot)), slot - slots.Early * 60_000L);
        booked.Until = Math.Min(DayStart(DateAt(slot).AddDays(1)), slot + slots.Late * 60_000L);
    }

    private NaiveAppointment FindLive(string code)
    {
        var booked = Appointments.SingleOrDefault(a => a.Code == code) ?? throw new No(RefusalCode.UnknownAppointment);
        Refuse(booked.State != AppointmentState.Booked, RefusalCode.AppointmentOver);
        return booked;
    }

    private void NotBookable(ServiceSpec service, long slot, PersonId? person, NaiveAppointment? but, long now)
    {
        Refuse(service.Slots is null, RefusalCode.NoAppointments);
        Refuse(slot <= now || DateAt(slot) > _day.AddDays(service.Slots!.DaysAhead) || SlotsOn(service, DateAt(slot)).All(s => s.Starts != slot), RefusalCode.SlotClosed);
        Refuse(person is not null && Appointments.Any(a => a != but && a.State == AppointmentState.Booked && a.Person == person && a.Service == service.Id && DateAt(a.Slot) == DateAt(slot)), RefusalCode.AlreadyBooked);
        Refuse(Room(service, slot, but).Free <= 0, RefusalCode.SlotFull);
    }

    /// <summary>The slots of a date.</summary>
    public List<(long Starts, long Ends)> SlotsOn(ServiceSpec service, DateOnly day)
    {
        var slots = new List<(long, long)>();
        foreach (var session in Spec.Sessions ?? [])
            for (var at = Wall(day, session.From); !session.UntilServed && at + service.Slots!.Minutes * 60_000L <= Wall(day, session.To); at += service.Slots.Minutes * 60_000L)
                if (OwnWindows(service, at) > 0) slots.Add((at, at + service.Slots.Minutes * 60_000L));
        if (Spec.Sessions is not null) return [.. slots.OrderBy(s => s.Item1)];
        for (var at = DayStart(day); at + service.Slots!.Minutes * 60_000L <= DayStart(day.AddDays(1)); at += service.Slots.Minutes * 60_000L) slots.Add((at, at + service.Slots.Minutes * 60_000L));
        return slots;
    }

    /// <summary>How many a slot takes when nobody has booked, and how many more it takes now, found by adding one after the other until one is too many.</summary>
    public (int Capacity, int Free) Room(ServiceSpec service, long slot, NaiveAppointment? but = null)
    {
        var own = (Starts: slot, Ends: slot + service.Slots!.Minutes * 60_000L);
        var touched = Spec.Services.Where(s => s.Line == service.Line && s.Slots is not null && s.Slots.Minutes > service.Slots.Minutes).SelectMany(s => SlotsOn(s, DateAt(slot))).Where(s => Overlap(s, own) > 0).ToList();
        var there = Appointments.Where(a => a != but && a.Counts).ToList();
        var capacity = 0;
        while (capacity < service.Slots.Capacity && (capacity + 1) * Needed(service) <= Share(own)) capacity++;
        var free = 0;
        while (there.Count(a => a.Service == service.Id && a.Slot >= own.Starts && a.Slot < own.Ends) + free + 1 <= capacity
            && touched.Append(own).All(s => Taken(s) + (free + 1) * PartOf(service, own, s) <= Share(s))) free++;
        return (capacity, free);

        decimal Share((long Starts, long Ends) s) => 0.4m * OwnWindows(service, s.Starts) * (s.Ends - s.Starts);
        decimal Taken((long Starts, long Ends) s) => there.Select(a => (Service: Spec.Services.Single(v => v.Id == a.Service), Own: (a.Slot, a.Ends))).Where(a => a.Service.Line == service.Line).Sum(a => PartOf(a.Service, a.Own, s));
        decimal PartOf(ServiceSpec of, (long Starts, long Ends) from, (long Starts, long Ends) to) => Math.Ceiling(Needed(of) * Overlap(from, to) / (from.Ends - from.Starts));
        static decimal Needed(ServiceSpec of) => (of.Minutes ?? 5) * 60_000;
        static long Overlap((long Starts, long Ends) a, (long Starts, long Ends) b) => Math.Max(0, Math.Min(a.Ends, b.Ends) - Math.Max(a.Starts, b.Starts));
    }

    /// <summary>Windows with the service's line as their own that the session at an instant staffs for it.</summary>
    public int OwnWindows(ServiceSpec service, long at)
    {
        var own = Windows.Where(w => w.Profile.Any(p => p.Line.Value == service.Line && p.AfterMinutes == 0)).ToList();
        if (Spec.Sessions is not { } sessions) return own.Count;
        return sessions.SingleOrDefault(s => Wall(DateAt(at), s.From) <= at && at < Wall(DateAt(at), s.To)) is { } session ? own.Count(w => IsStaffed(session, w) && Can(session, w, service)) : 0;
    }

    private List<HallEvent> CheckIn(CheckIn c, long now)
    {
        var booked = Appointments.SingleOrDefault(a => a.Code == c.Code) ?? throw new No(RefusalCode.UnknownAppointment);
        Refuse(c.Service is { } service && service.Value != booked.Service, RefusalCode.OtherService);
        Refuse(booked.Ticket is not null, RefusalCode.AlreadyCheckedIn);
        Refuse(now < booked.From || booked.Slot >= _dayEnds, RefusalCode.TooEarlyToCheckIn);
        var late = booked.State == AppointmentState.Released;
        var own = !late && Spec.Classes.Any(s => s.Id == "appointment" && s.Grants.HasFlag(Grants.Appointment)) ? new ClassId("appointment") : (ClassId?)null;
        var events = Issue(new IssueTicket(new ServiceId(booked.Service), c.Class ?? own, c.Grants | (late ? 0 : Grants.Appointment), c.Age, booked.Person ?? c.Person, c.Source, c.Printed, c.Remote, null), now, late ? null : booked);
        booked.Ticket = Tickets[^1];
        if (!late) booked.State = AppointmentState.CheckedIn;
        return [.. events, new AppointmentCheckedIn(booked.Code, Tickets[^1].Id, new Instant(Tickets[^1].Since), late)];
    }

    private void NotCheckedIn(NaiveTicket ticket)
    {
        foreach (var booked in Appointments.Where(a => a.Ticket == ticket))
        {
            booked.Ticket = null;
            if (booked.State == AppointmentState.CheckedIn) booked.State = AppointmentState.Booked;
        }
    }

    private TicketChanged? Change(ChangeTicket c, long now)
    {
        var ticket = Find(c.Ticket);
        var service = Spec.Services.SingleOrDefault(s => s.Id == c.Service.Value) ?? throw new No(RefusalCode.UnknownService);
        Refuse(ticket.State is not (TicketState.Issued or TicketState.Waiting or TicketState.Missed), RefusalCode.WrongState);
        Refuse(ticket.Joint is not null || service.Items.Length > 0, RefusalCode.JointVisit);
        if (ticket.Service == service) return null;
        Refuse(service.NeedsIdentity && ticket.Person is null, RefusalCode.IdentityRequired);
        MayWaitFor(service);
        Refuse(ticket.Person is not null && Tickets.Any(t => t != ticket && t.Person == ticket.Person && IsFor(t, service)), RefusalCode.AlreadyWaiting);
        Refuse(_isRun && !Left(service, now).Any(), RefusalCode.CannotBeServedToday);
        var tooLate = ticket.State == TicketState.Missed && (ticket.Misses >= 2 || now > ticket.MissedAt + Spec.ReturnMinutes * 60_000L);
        if (tooLate) ticket.Since = now;
        if (ticket.State == TicketState.Missed) ticket.State = TicketState.Waiting;
        Follow(ticket, service);
        return new TicketChanged(ticket.Id, ticket.Leg, c.Service, new LineId(service.Line), new Instant(ticket.Since));
    }

    private void Follow(NaiveTicket ticket, ServiceSpec service)
    {
        ticket.Leg = ++ticket.Legs;
        ticket.Service = service;
        ticket.Slot = null;
        ticket.Sequence = _sequence + 1;
        ticket.ReservedFor = null;
        ticket.First = false;
        ticket.EverCalled = false;
        ticket.Window = null;
        ticket.CountedCalls = [];
        ticket.StartedByTime = false;
        ticket.LastPassed = null;
    }

    private HallEvent ComeBack(NaiveTicket ticket, long now)
    {
        Refuse(ticket.State is not (TicketState.Missed or TicketState.Held or TicketState.Away), RefusalCode.WrongState);
        return ticket.State == TicketState.Missed ? Return(ticket, now) : Back(ticket);
    }

    private static TicketBack Back(NaiveTicket ticket)
    {
        var held = ticket.State == TicketState.Held;
        WaitAgain(ticket);
        ticket.ReservedFor = held ? ticket.HeldBy : null;
        ticket.Why = Reserving.Resuming;
        ticket.First = held ? ticket.HeldBy is null : ticket.AwayFirst;
        ticket.HeldBy = null;
        return new TicketBack(ticket.Id, ticket.Leg, ticket.ReservedFor is { } window ? new WindowId(window.Id) : null, ticket.First);
    }

    private TicketReturned Return(NaiveTicket ticket, long now)
    {
        WaitAgain(ticket);
        ticket.First = false;
        if (ticket.Misses >= 2 || now > ticket.MissedAt + Spec.ReturnMinutes * 60_000L)
        {
            ticket.Since = now;
            return new TicketReturned(ticket.Id, ticket.Leg, new Instant(now), null, false);
        }
        if (Serves(ticket.Window!, ticket.Service) && Spec.RejoinAfterCalls > 0)
        {
            ticket.ReservedFor = ticket.Window;
            ticket.Why = Reserving.Returning;
            ticket.CallsToWait = Spec.RejoinAfterCalls;
            return new TicketReturned(ticket.Id, ticket.Leg, new Instant(ticket.Since), new WindowId(ticket.Window!.Id), false);
        }
        ticket.First = true;
        return new TicketReturned(ticket.Id, ticket.Leg, new Instant(ticket.Since), null, true);
    }

    private void End(NaiveTicket ticket, TicketState state)
    {
        foreach (var window in Windows.Where(w => w.Present == ticket)) window.Present = null;
        var held = ticket.State == TicketState.Held;
        ticket.State = state;
        ticket.HeldBy = null;
        ticket.Stops.Clear();
        foreach (var leg in ticket.All)
        {
            leg.ReservedFor = null;
            leg.First = false;
            leg.Outcome = state == TicketState.Void ? LegOutcome.Void
                : state == TicketState.Finished && leg == ticket ? LegOutcome.Served
                : (state == TicketState.Cancelled && leg.EverCalled) || (state == TicketState.Expired && held && leg == ticket) ? LegOutcome.Withdrawn
                : leg.EverCalled ? LegOutcome.NoShow : LegOutcome.Abandoned;
        }
    }

    private DayEnded EndDay(long now)
    {
        foreach (var ticket in Tickets.Where(t => !t.Ended && t.State != TicketState.Serving).ToList())
            End(ticket, ticket.State == TicketState.Issued ? TicketState.Void : TicketState.Expired);
        _numbers.Clear();
        Appointments.RemoveAll(a => a.Slot < _dayEnds);
        Slips.RemoveAll(s => s.Until <= _dayEnds);
        var ended = _day;
        _toForget.Add((ended, _dayEnds + 24 * 3_600_000L));
        var next = DateAt(Math.Max(now, _dayEnds));
        _day = next > ended ? next : ended.AddDays(1);
        _dayEnds = EndOfDay(Math.Max(now, _dayEnds));
        return new DayEnded(ended, _day, new Instant(_dayEnds));
    }

    private NoticeEnded EndNotice(long id)
    {
        _notices.RemoveAll(n => n.Id == id);
        return new NoticeEnded(id);
    }

    private DayForgotten Forget(DateOnly day)
    {
        _toForget.RemoveAll(f => f.Day == day);
        foreach (var ticket in Tickets.Where(t => t.Ended && t.Day <= day))
        {
            ticket.Forgotten = true;
            foreach (var window in Windows.Where(w => w.Rateable?.Ticket == ticket)) window.Rateable = null;
        }
        return new DayForgotten(day);
    }

    // ---- windows

    private List<HallEvent> OfWindow(WindowCommand command, long now)
    {
        var window = Find(command.Window);
        if (command is OpenWindow open)
        {
            var who = Sitting(open.By, open.As);
            if (window.There is { } there && (there == who || (who.Staff is not null && there.Staff == who.Staff))) return [];
            Refuse(window.There is not null, RefusalCode.WindowInUse);
            NotElsewhere(window, who);
            window.There = who;
            LetGo();
            var opened = new WindowOpened(open.Window, who);
            return IsOnDuty(window) ? [opened] : [opened, PauseBySchedule(window)];
        }
        Refuse(window.There is null, RefusalCode.WindowNotOpen);
        if (command is TakeOverWindow takeOver)
        {
            var who = Sitting(takeOver.By, takeOver.As);
            if (window.There == who) return [];
            Refuse(!takeOver.By.Manages && !Spec.Roster.Any(r => r.Window == window.Id && r.B == who.Staff?.Value), RefusalCode.NotStandIn);
            NotElsewhere(window, who);
            window.There = who;
            LetGo();
            return [new WindowTakenOver(takeOver.Window, who)];
        }
        var theirs = window.There!.Account == command.By.Account || (window.There.Staff is not null && window.There.Staff == command.By.Staff);
        Refuse(!theirs && !command.By.Manages, RefusalCode.WindowInUse);

        switch (command)
        {
            case CloseWindow:
                Refuse(window.Present is not null, RefusalCode.WindowBusy);
                window.There = null;
                EndPause(window);
                LetGo();
                return [new WindowClosed(command.Window)];
            case PauseWindow c:
                Refuse(window.Present is not null, RefusalCode.WindowBusy);
                (window.Paused, window.PausedBySchedule, window.Released) = (true, null, false);
                LetGo();
                return [new WindowPaused(c.Window, c.Reason, c.Until)];
            case ResumeWindow:
                Refuse(!window.Paused, RefusalCode.WrongState);
                Refuse(!IsOnDuty(window) || window.Released, RefusalCode.NotScheduled);
                EndPause(window);
                return [new WindowResumed(command.Window)];
        }
        Refuse(window.Paused, RefusalCode.WindowNotOpen);
        switch (command)
        {
            case CallNext:
                Refuse(window.Present is not null, RefusalCode.WindowBusy);
                return Call(window, now) is { } only ? [only] : [];
            case CallTicket c:
            {
                Refuse(window.Present is not null, RefusalCode.WindowBusy);
                var ticket = FindNumber(c.Number);
                Refuse(ticket.State != TicketState.Waiting, RefusalCode.WrongState);
                var leg = ticket.All.FirstOrDefault(t => Serves(window, t.Service)) ?? ticket;
                Refuse(IsSuspended(leg.Service), RefusalCode.Suspended);
                return [Summon(window, leg, CallReason.Manager, [], c.Reason, now)];
            }
            case ReturnAtWindow c:
            {
                return [ComeBack(FindNumber(c.Number), now)];
            }
            case Next c:
            {
                var events = new List<HallEvent>();
                if (window.Present is { } there)
                {
                    Refuse(there.State == TicketState.Called && c.Outcome is null, RefusalCode.NotStarted);
                    Refuse(Spec.RequireOutcome && c.Outcome is null, RefusalCode.OutcomeRequired);
                    if (there.State == TicketState.Called) events.Add(Start(window, StartKind.Next, there.LastCall));
                    events.AddRange(Finish(window, c.Outcome, c.Missing, null, now, events.Count + 1));
                    if (Call(window, now) is { } after) events.Add(after);
                    return events;
                }
                if (Call(window, now) is { } called) events.Add(called);
                return events;
            }
        }
        var present = window.Present ?? throw new No(RefusalCode.NothingCalled);
        var summoned = present.State == TicketState.Called || present.StartedByTime;
        switch (command)
        {
            case Recall:
            {
                Refuse(!summoned, RefusalCode.AlreadyStarted);
                var counted = now - present.CountedCalls[^1] >= MinGap(present) * 1000L;
                if (counted) present.CountedCalls.Add(now);
                present.LastCall = now;
                if (present.State != TicketState.Called) present.Summoned = ++_summons;
                present.State = TicketState.Called;
                present.StartedByTime = false;
                return [new TicketRecalled(present.Id, present.Leg, command.Window, counted)];
            }
            case StartService:
                Refuse(present.State != TicketState.Called, RefusalCode.AlreadyStarted);
                return [Start(window, StartKind.Pressed, now)];
            case FinishService c:
                Refuse(present.State == TicketState.Called, RefusalCode.NotStarted);
                Refuse(Spec.RequireOutcome && c.Outcome is null, RefusalCode.OutcomeRequired);
                return Finish(window, c.Outcome, c.Missing, c.Items, now, 1);
            case MarkNoShow:
            {
                Refuse(!summoned, RefusalCode.AlreadyStarted);
                var lacking = MinCalls(present) - present.CountedCalls.Count;
                if (lacking > 0) throw new No(RefusalCode.TooEarly, new Instant(Math.Max(now, present.CountedCalls[^1] + lacking * MinGap(present) * 1000L)));
                window.Present = null;
                present.State = TicketState.Missed;
                present.StartedByTime = false;
                present.Misses++;
                present.MissedAt = now;
                var missed = new TicketMissed(present.Id, present.Leg, command.Window, present.Misses);
                if (present.Misses < 3 && present.Day == _day) return [missed];
                End(present, TicketState.Expired);
                return [missed, new TicketExpired(present.Id)];
            }
            case HoldTicket:
                Refuse(present.State == TicketState.Called, RefusalCode.NotStarted);
                Refuse(present.Day != _day, RefusalCode.DayOver);
                Refuse(Tickets.Count(t => t.HeldBy == window) >= Spec.MaxHeld, RefusalCode.TooManyHeld);
                window.Present = null;
                present.State = TicketState.Held;
                present.HeldBy = Serves(window, present.Service) ? window : null;
                return [new TicketHeld(present.Id, present.Leg, command.Window)];
            case Transfer c:
                return [PassOn(window, present, c, now)];
            case MarkStage c:
            {
                var marked = new StageMarked(present.Id, present.Leg, command.Window, c.Stage);
                var isNew = present.Stages.Add(c.Stage);
                if (!summoned) return isNew ? [marked] : [];
                return [Start(window, StartKind.StageMark, present.StartedByTime ? present.StartedAt : now), marked];
            }
            case AcceptMatter:
            {
                var staff = window.There!.Staff ?? throw new No(RefusalCode.NobodyNamed);
                if (present.Owner == staff.Value) return [];
                present.Owner = staff.Value;
                return [new OwnerChanged(present.Id, staff)];
            }
            default: throw new ArgumentOutOfRangeException(nameof(command), command.GetType().Name, "No such command.");
        }
    }

    private TicketTransferred PassOn(NaiveWindow window, NaiveTicket ticket, Transfer c, long now)
    {
        Refuse(ticket.Day != _day, RefusalCode.DayOver);
        ServiceSpec? service;
        var to = (NaiveWindow?)null;
        if (c.Service is { } named) service = Spec.Services.SingleOrDefault(s => s.Id == named.Value) ?? throw new No(RefusalCode.UnknownService);
        else if (c.Line is { } line)
        {
            Refuse(Spec.Lines.All(l => l.Id != line.Value), RefusalCode.UnknownLine);
            service = ticket.Service.Line == line.Value ? ticket.Service : Spec.Services.FirstOrDefault(s => s.Line == line.Value && s.Items.Length == 0);
        }
        else
        {
            to = Find(c.To!.Value);
            Refuse(!to.Open, RefusalCode.WindowNotOpen);
            service = Serves(to, ticket.Service) ? ticket.Service : to.Profile.SelectMany(p => Spec.Services.Where(s => s.Line == p.Line.Value && s.Items.Length == 0 && Serves(to, s))).FirstOrDefault();
        }
        Refuse(service is null, RefusalCode.ServiceNotOffered);
        Refuse(service!.NeedsIdentity && ticket.Person is null, RefusalCode.IdentityRequired);
        Refuse(service.Items.Length > 0, RefusalCode.JointVisit);
        // Given twice: it would be once by the transfer and once as the joint visit's own.
        var own = ticket.Joint is null ? -1 : Array.FindIndex(ticket.Joint.Items, i => i.Service == service.Id);
        Refuse(own >= 0 && own != ticket.Item && (ticket.Beside.Any(t => t.Item == own) || ticket.Done.All(d => d.Item != own)), RefusalCode.JointVisit);
        MayWaitFor(service);
        Refuse(ticket.Person is not null && Tickets.Any(t => t != ticket && t.Person == ticket.Person && IsFor(t, service)), RefusalCode.AlreadyWaiting);
        Refuse(_isRun && to is null && !Left(service, now).Any(), RefusalCode.CannotBeServedToday);
        window.Present = null;
        if (c.ReturnHere) ticket.Stops.Add((window, ticket.Service));
        ticket.Done.Add((ticket.Leg, ticket.Item, LegOutcome.Transferred, null));
        Follow(ticket, service);
        WaitAgain(ticket);
        ticket.Since = c.KeepPlace ? ticket.IssuedAt : now;
        ticket.ReservedFor = to;
        ticket.Why = Reserving.Sent;
        return new TicketTransferred(ticket.Id, ticket.Leg, c.Window, new ServiceId(service.Id), new LineId(service.Line), new Instant(ticket.Since), c.To, c.ReturnHere);
    }

    private TicketCalled? Call(NaiveWindow window, long now)
    {
        var callable = CallableAt(window, now);
        Candidates = [.. InPlainOrder(window, callable).Select(t => (t.Id, t.Leg))];
        if (callable.Where(t => t.ReservedFor == window && t.Why != Reserving.Returning).OrderBy(t => t.Since).ThenBy(t => t.Sequence).FirstOrDefault() is { } reserved)
            return Summon(window, reserved, CallReason.Reserved, [], null, now);
        var back = callable.Where(t => t.ReservedFor == window).OrderBy(t => t.Since).ThenBy(t => t.Sequence).FirstOrDefault()
            ?? callable.Where(t => t.First).OrderBy(t => t.Since).ThenBy(t => t.Sequence).FirstOrDefault();
        if (back is not null) return Summon(window, back, CallReason.Returned, [], null, now);
        if (callable.Where(t => t.Slot + 600_000 <= now && After(window, t) == 0).OrderBy(t => t.Slot).ThenBy(t => t.Since).ThenBy(t => t.Sequence).FirstOrDefault() is { } due)
            return Summon(window, due, CallReason.Due, [], null, now);
        if (callable.Count == 0) return null;

        var byScore = callable.OrderByDescending(t => Score(t, now) - After(window, t)).ThenBy(t => t.Since).ThenBy(t => t.Sequence).First();
        var plainly = InPlainOrder(window, callable);
        if (byScore == plainly[0]) return Summon(window, byScore, After(window, byScore) > 0 ? CallReason.Help : CallReason.FirstCome, [], null, now);
        var overtaken = plainly.TakeWhile(t => t != byScore).ToList();
        if (overtaken.Any(t => t.Overtaken + 1 > Spec.MaxOvertakes) || window.Run + 1 > Spec.MaxPriorityRun) return Summon(window, plainly[0], CallReason.Protected, [], null, now);
        return Summon(window, byScore, CallReason.Class, overtaken, null, now);
    }

    private TicketCalled Summon(NaiveWindow window, NaiveTicket ticket, CallReason reason, List<NaiveTicket> overtaken, TextHash? why, long now)
    {
        foreach (var passed in overtaken)
        {
            passed.Overtaken++;
            passed.LastPassed = (now, ticket.Whole.Class);
        }
        window.Run = reason switch
        {
            CallReason.Class => window.Run + 1,
            CallReason.Protected or CallReason.Help or CallReason.FirstCome => 0,
            _ => window.Run,
        };
        LeaveLines(ticket.Whole);
        if (ticket.Visit is { } visit)
        {
            TurnTo(visit, ticket);
            ticket = visit;
        }
        ticket.State = TicketState.Called;
        ticket.Summoned = ++_summons;
        ticket.First = false;
        ticket.EverCalled = true;
        ticket.Slot = null;
        ticket.Window = window;
        ticket.CalledBy = window.There!.Staff?.Value;
        ticket.LastCall = now;
        ticket.CountedCalls = [now];
        ticket.StartedByTime = false;
        window.Present = ticket;
        foreach (var other in Waiters.Where(t => t.ReservedFor is not null && t.Why == Reserving.Returning && t.Service.Line == ticket.Service.Line))
        {
            if (--other.CallsToWait > 0) continue;
            other.LastPassed = null;
            other.ReservedFor = null;
            other.First = true;
        }
        return new TicketCalled(ticket.Id, ticket.Leg, new WindowId(window.Id), window.There!.Staff, reason, overtaken.Count, overtaken.Count > 0 ? overtaken[0].Id : null, why);
    }

    private static ServiceStarted Start(NaiveWindow window, StartKind how, long at)
    {
        var ticket = window.Present!;
        ticket.State = TicketState.Serving;
        ticket.StartedByTime = how == StartKind.Time;
        ticket.StartedAt = at;
        ticket.Owner ??= ticket.CalledBy;
        window.Rateable = null;
        return new ServiceStarted(ticket.Id, ticket.Leg, new WindowId(window.Id), how, new Instant(at));
    }

    /// <summary>The legs that may begin by it, the finish, and the slip of one who is sent home for what is missing.</summary>
    /// <param name="place">Which of the command's events the first of them is.</param>
    private List<HallEvent> Finish(NaiveWindow window, FinishOutcome? outcome, TextHash? missing, int? items, long now, int place)
    {
        var ticket = window.Present!;
        window.Rateable = (ticket, ticket.Leg);
        var how = outcome ?? (ticket.Service.Immediate ? FinishOutcome.Done : FinishOutcome.Accepted);
        var events = new List<HallEvent>();
        var isOver = ticket.Day != _day || how == FinishOutcome.Left;
        if (!isOver && ticket.Stops.Count == 0 && ticket.Joint is { } joint)
        {
            bool Opens(FinishOutcome? o) => o is not (null or FinishOutcome.ToldOnce or FinishOutcome.Refused);
            bool IsDone(string id) => Array.FindIndex(joint.Items, i => i.Service == id) is var item && item == ticket.Item ? Opens(how)
                : ticket.Done.LastOrDefault(d => d.Item == item) is { Outcome: LegOutcome.Served } done && ticket.Beside.All(t => t.Item != item) && Opens(done.How);
            for (var i = 0; i < joint.Items.Length; i++)
            {
                if (i == ticket.Item || ticket.Done.Any(d => d.Item == i) || ticket.Beside.Any(t => t.Item == i) || !joint.Items[i].After.All(IsDone)) continue;
                events.Add(Begin(ticket, i, Spec.Services.Single(s => s.Id == joint.Items[i].Service), now, _sequence + place + events.Count));
            }
        }
        events.Add(new ServiceFinished(ticket.Id, ticket.Leg, new WindowId(window.Id), window.There!.Staff, how, missing, items ?? ticket.Cases));
        var told = ticket.Slip is { } shown && shown.Service == ticket.Service.Id && Slips.Contains(shown) ? shown.Times : 0;
        if (how != FinishOutcome.Left && told > 0) Slips.Remove(ticket.Slip!);
        if (how == FinishOutcome.ToldOnce && !Slips.Any(s => s.Ticket == ticket.Id && s.Service == ticket.Service.Id))
        {
            Slips.Add(new NaiveSlip { Ticket = ticket.Id, Service = ticket.Service.Id, Person = ticket.Person, Times = told + 1, Until = now + Spec.SlipDays * 86_400_000L, Missing = missing });
            events.Add(new SlipGiven(ticket.Id, new ServiceId(ticket.Service.Id), Slips[^1].Times, new Instant(Slips[^1].Until), missing));
        }
        place += events.FindIndex(e => e is ServiceFinished);
        if (isOver || (ticket.Stops.Count == 0 && ticket.Beside.Count == 0))
        {
            End(ticket, TicketState.Finished);
            return events;
        }
        ticket.Done.Add((ticket.Leg, ticket.Item, LegOutcome.Served, how));
        if (ticket.Stops.Count == 0)
        {
            window.Present = null;
            TurnTo(ticket, ticket.Beside[0]);
            ticket.Beside.RemoveAll(t => ticket.Done.Any(d => d.Leg == t.Leg));
            WaitAgain(ticket);
            return events;
        }
        var (back, service) = ticket.Stops[^1];
        ticket.Stops.RemoveAt(ticket.Stops.Count - 1);
        window.Present = null;
        Follow(ticket, service);
        ticket.Sequence = _sequence + place;
        WaitAgain(ticket);
        ticket.Since = now;
        if (Serves(back, service)) (ticket.ReservedFor, ticket.Why) = (back, Reserving.Resuming);
        else ticket.First = true;
        return events;
    }

    /// <summary>Whatever is reserved for a window that could not call it any more goes to any window first, or where it was only sent there, to its place.</summary>
    private void LetGo()
    {
        foreach (var ticket in Waiters.Where(t => t.ReservedFor is { } window && !Serves(window, t.Service)))
        {
            ticket.ReservedFor = null;
            ticket.LastPassed = null;
            ticket.First = ticket.Why != Reserving.Sent;
        }
        foreach (var ticket in Tickets.Where(t => t.HeldBy is { } window && !Serves(window, t.Service))) ticket.HeldBy = null;
    }

    private Occupant Sitting(Clerk by, StaffId? @as)
    {
        var staff = @as ?? by.Staff;
        Refuse(staff is { } s && !Spec.Staff.Any(p => p.Id == s.Value), RefusalCode.UnknownStaff);
        Refuse(@as is not null && @as != by.Staff && !by.Manages, RefusalCode.WindowInUse);
        return new Occupant(by.Account, staff);
    }

    private void NotElsewhere(NaiveWindow window, Occupant who) =>
        Refuse(Windows.Any(w => w != window && w.There is { } there && (who.Staff is null ? there.Staff is null && there.Account == who.Account : there.Staff == who.Staff)), RefusalCode.AlreadyAtWindow);

    private int MinCalls(NaiveTicket ticket) => Spec.Classes.Single(c => c.Id == ticket.Class).MinCalls ?? Spec.MinCalls;

    private int MinGap(NaiveTicket ticket) => Spec.Classes.Single(c => c.Id == ticket.Class).MinGap ?? Spec.MinGap;

    private NaiveTicket Find(TicketId id, params TicketState[] allowed)
    {
        var ticket = Tickets.SingleOrDefault(t => t.Id == id.Ordinal) ?? throw new No(RefusalCode.UnknownTicket);
        Refuse(ticket.Forgotten, RefusalCode.DayOver);
        Refuse(allowed.Length > 0 && !allowed.Contains(ticket.State), RefusalCode.WrongState);
        return ticket;
    }

    private NaiveTicket FindNumber(string number) => Tickets.SingleOrDefault(t => t.Number == number && t.Day == _day) ?? throw new No(RefusalCode.UnknownTicket);

    private NaiveWindow Find(WindowId id) => Windows.SingleOrDefault(w => w.Id == id.Value) ?? throw new No(RefusalCode.UnknownWindow);

    private DateOnly DateAt(long at) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(new Instant(at).ToDateTimeOffset(), _zone).Date);

    /// <summary>The first instant of a date. At noon in Greenwich it is the same date in every zone these halls are in.</summary>
    public long DayStart(DateOnly day) =>
        _dayStarts.TryGetValue(day, out var start) ? start : _dayStarts[day] = EndOfDay(Instant.From(new DateTimeOffset(day.AddDays(-1), new TimeOnly(12, 0), TimeSpan.Zero)).Milliseconds);

    /// <summary>The first instant of a later date, found by walking there: every zone's offset is whole quarters of an hour.</summary>
    private long EndOfDay(long from)
    {
        const long Quarter = 15 * 60_000;
        var day = DateAt(from);
        var at = from - from % Quarter + Quarter;
        while (DateAt(at) <= day) at += Quarter;
        return at;
    }

    private void Stamp(int events, long at)
    {
        _sequence += events;
        _lastAt = at;
    }

    private static void Refuse(bool when, RefusalCode code)
    {
        if (when) throw new No(code);
    }

    private sealed class No(RefusalCode code, Instant? allowedAt = null) : Exception
    {
        public RefusalCode Code { get; } = code;
        public Instant? AllowedAt { get; } = allowedAt;
    }
}
