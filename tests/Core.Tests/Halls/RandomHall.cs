using System.Globalization;
using System.Text.Json;
using HallOps.Core.Halls;

namespace HallOps.Core.Tests.Halls;

/// <summary>Halls and commands drawn from a seed. Commands are mostly sensible: a window's key is pressed by the one who sits there, a number named is one of those about.</summary>
internal sealed class RandomHall(int seed)
{
    private static readonly string[] Zones = ["Asia/Shanghai", "America/Santiago", "Europe/Berlin"];
    private static readonly string[] Prefixes = ["A", "B", "C", "D"];
    private static readonly string[] ClassIds = ["normal", "elderly", "appointment", "returning", "green", "veteran"];

    private readonly Random _random = new(seed);
    private int _codes;

    /// <summary>How full the hall gets: of a hundred commands, so many ask for a number.</summary>
    private int Issues => seed % 4 * 13 + 18;

    public HallSpec Draw()
    {
        var lines = Enumerable.Range(0, _random.Next(1, 5)).Select(i => new LineSpec("l" + i, Prefixes[i], Weight(), Quotas())).ToArray();
        var services = lines.SelectMany(l => Enumerable.Range(0, _random.Next(1, 4)).Select(i =>
            new ServiceSpec($"{l.Id}-{i}", l.Id, Chance(50), Pick<decimal?>(null, 3, 7.5m, 12), Chance(10), Chance(70) ? Slots() : null))).ToArray();
        if (Chance(50) && services.Length > 1) services = [.. services, Joint(lines, services)];
        var staff = Enumerable.Range(0, _random.Next(2, 7)).Select(i => new StaffSpec("s" + i, Skills(lines.Select(l => l.Id)), Skills(services.Select(s => s.Id)))).ToArray();
        var windows = Enumerable.Range(1, _random.Next(1, 6)).Select(i => new WindowSpec(i.ToString(CultureInfo.InvariantCulture), Profile(lines), Chance(30))).ToArray();
        return new HallSpec(
            [.. ClassIds.Take(_random.Next(1, 7)).Select(Class)], lines, services, windows, staff,
            Roster(windows, staff, out var sessions, services),
            Pick(Zones), Chance(50), Pick(8, 40, 2000), Pick(0, 1, 2, 3, 5, 10), Pick(0, 1, 2, 2, 4, 20), _random.Next(1, 4), Pick(0, 10, 20), Pick(1, 5, 30), _random.Next(0, 5), _random.Next(0, 4), Pick(15, 45, 300), Chance(20), ["east", "west"], Pick(1, 30, 30), Pick(0, 2, 10)) { Sessions = sessions, Grace = Pick(0, 1, 10), Admission = Pick(Admission.Warn, Admission.Strict, Admission.Off) };
    }

    /// <summary>Half of the halls are always open; the others run by sessions, of which one window has one person, and the next window's is its B.</summary>
    private RosterSpec[] Roster(WindowSpec[] windows, StaffSpec[] staff, out SessionSpec[]? sessions, ServiceSpec[] services)
    {
        sessions = Chance(50) ? null : Sessions(windows, services);
        if (sessions is null) return [.. windows.Where(_ => Chance(50)).Select(w => new RosterSpec(w.Id, "s0", "s1"))];
        return Chance(20) ? [] : [.. windows.Take(staff.Length).Select((w, i) => new RosterSpec(w.Id, staff[i].Id, staff[(i + 1) % staff.Length].Id))];
    }

    private SessionSpec[] Sessions(WindowSpec[] windows, ServiceSpec[] services)
    {
        var sessions = new List<SessionSpec>();
        for (var hour = _random.Next(3, 12); hour < 24;)
        {
            var to = Math.Min(24, hour + _random.Next(1, 5));
            sessions.Add(new SessionSpec(hour, to, Chance(25), Chance(50) ? null : [.. windows.Where((_, i) => i == 0 || Chance(50)).Select(w => w.Id)], Chance(70) ? null : [.. services.Where(s => s.Items.Length > 0 || Chance(60)).Select(s => s.Id)]));
            hour = to + (Chance(60) ? 0 : _random.Next(1, 3));
        }
        return [.. sessions];
    }

    /// <summary>A joint service of two to four others, some of which wait for some before them.</summary>
    private ServiceSpec Joint(LineSpec[] lines, ServiceSpec[] services)
    {
        var own = services.OrderBy(_ => _random.Next()).Take(_random.Next(2, 5)).Select(s => s.Id).ToArray();
        return new ServiceSpec("joint", Pick(lines).Id, false, null, false, Chance(50) ? Slots() : null) { Items = [.. own.Select((id, i) => (id, Chance(50) ? [] : own.Take(i).Where(_ => Chance(50)).ToArray()))] };
    }

    /// <summary>The same ids and names with other weights, credits, profiles, skills and times.</summary>
    public HallSpec Redraw(HallSpec spec) => spec with
    {
        Classes = [.. spec.Classes.Select(c => Class(c.Id))],
        Lines = [.. spec.Lines.Select(l => l with { Weight = Weight(), Quotas = Quotas() })],
        Services = [.. spec.Services.Select(s => s with { Minutes = Pick<decimal?>(null, 4, 9), Line = Chance(15) ? Pick(spec.Lines).Id : s.Line, Slots = Chance(90) ? Slots() : null })],
        Windows = [.. spec.Windows.Select(w => w with { Profile = Profile(spec.Lines), Low = Chance(30) })],
        Staff = [.. spec.Staff.Select(s => s with { Lines = Skills(spec.Lines.Select(l => l.Id)), Services = Skills(spec.Services.Select(v => v.Id)) })],
        AutoStart = Pick(15, 45, 300),
        ReturnMinutes = Pick(1, 5, 30),
        RejoinAfterCalls = _random.Next(0, 5),
        MaxHeld = _random.Next(0, 4),
        Sessions = spec.Sessions is null ? null : Chance(15) ? null : Sessions(spec.Windows, spec.Services),
        Grace = Pick(0, 1, 10),
    };

    /// <summary>An hour of the afternoon or evening of a day on which some zone's clock does something.</summary>
    public Instant StartOfHistory() =>
        Instant.From(new DateTimeOffset(2026, 9, 5, 6, 0, 0, TimeSpan.Zero) + TimeSpan.FromDays(_random.Next(0, 80)) + TimeSpan.FromMilliseconds(_random.Next(0, 24 * 3_600_000)));

    public TimeSpan Step() => _random.Next(200) switch
    {
        < 40 => TimeSpan.Zero,
        < 100 => TimeSpan.FromMilliseconds(_random.Next(0, 5_000)),
        < 170 => TimeSpan.FromSeconds(_random.Next(5, 60)),
        < 194 => TimeSpan.FromMinutes(_random.Next(1, 20)),
        < 199 => TimeSpan.FromHours(_random.Next(1, 9)),
        _ => TimeSpan.FromHours(_random.Next(20, 80)),
    };

    public bool Chance(int percent) => _random.Next(100) < percent;

    public HallCommand Command(NaiveHall hall)
    {
        if (Chance(Issues)) return Chance(15) ? WithSlip(hall, Issue(hall)) : Issue(hall);
        if (Chance(15)) return OfTicket(hall);
        if (Chance(4)) return OfHall(hall);
        if (Chance(4)) return OfNotice(hall);
        if (Chance(20)) return OfAppointment(hall);
        return OfWindow(hall);
    }

    private IssueTicket Issue(NaiveHall hall)
    {
        var @class = Chance(50) ? null : (ClassId?)new ClassId(Pick(ClassIds));
        var grants = Grants.Self | (Chance(50) ? Grants.Guide : 0) | (Chance(30) ? Grants.IdCard : 0) | (Chance(10) ? Grants.Manager : 0);
        return new IssueTicket(new ServiceId(Chance(2) ? "none" : Pick(hall.Spec.Services).Id), @class, grants, Chance(40) ? _random.Next(20, 90) : null,
            Chance(40) ? new PersonId((UInt128)_random.Next(12)) : null, TicketSource.Kiosk, Chance(15) ? false : Chance(50) ? null : true, Chance(10), Chance(5) ? new TextHash(9) : null, Chance(5) ? _random.Next(2, 6) : 1);
    }

    /// <summary>Somebody who was sent home comes back with the slip, mostly for what it is for.</summary>
    private IssueTicket WithSlip(NaiveHall hall, IssueTicket issue)
    {
        if (hall.Slips.Count == 0) return issue with { Slip = Chance(10) ? new TicketId(7, 1) : null };
        var slip = Pick(hall.Slips);
        return issue with { Slip = new TicketId(Chance(2) ? 8u : 7u, slip.Ticket), Service = Chance(90) ? new ServiceId(slip.Service) : issue.Service, Class = Chance(80) ? null : issue.Class };
    }

    private HallCommand OfAppointment(NaiveHall hall)
    {
        var service = Chance(80) && hall.Spec.Services.Where(s => s.Slots is not null).ToList() is { Count: > 0 } bookable ? Pick(bookable) : Pick(hall.Spec.Services);
        var any = hall.Appointments.Count > 0 && Chance(95) ? Pick(hall.Appointments) : null;
        var code = any?.Code ?? "nobody";
        switch (_random.Next(10))
        {
            case < 4:
                var @new = Chance(3) ? code : "c" + ++_codes;
                return new BookAppointment(@new, new ServiceId(Chance(1) ? "none" : service.Id), SlotFor(hall, service), Chance(50) ? new PersonId((UInt128)_random.Next(12)) : null, Chance(10));
            case < 8:
                var here = hall.Appointments.Where(a => a.Ticket is null && a.From <= hall.LastAt.Milliseconds).ToList();
                if (here.Count > 0 && Chance(90)) code = Pick(here).Code;
                return new CheckIn(code, Chance(70) ? null : new ServiceId(any?.Service ?? service.Id), Chance(90) ? null : new ClassId(Pick(ClassIds)), Grants.Self | (Chance(20) ? Grants.Guide : 0), null,
                    Chance(30) ? new PersonId((UInt128)_random.Next(12)) : null, TicketSource.Kiosk, Chance(20) ? false : null, Chance(10));
            case < 9:
                return new MoveAppointment(code, Chance(10) && any is not null ? new Instant(any.Slot) : SlotFor(hall, hall.Spec.Services.FirstOrDefault(s => s.Id == any?.Service) ?? service));
            default:
                return new CancelAppointment(code);
        }
    }

    /// <summary>Mostly one of the next few slots.</summary>
    private Instant SlotFor(NaiveHall hall, ServiceSpec service)
    {
        if (hall.Spec.Sessions is not null && service.Slots is not null && Chance(90))
        {
            var day = hall.Day.AddDays(Chance(85) ? 0 : 1);
            var next = hall.SlotsOn(service, day).Where(s => s.Starts > hall.LastAt.Milliseconds).Take(3).ToList();
            if (next.Count > 0) return new Instant(Pick(next).Starts);
        }
        var minutes = service.Slots?.Minutes ?? 30;
        var midnight = hall.DayStart(hall.Day.AddDays(Chance(85) ? 0 : _random.Next(-1, 4)));
        var slots = (hall.LastAt.Milliseconds - hall.DayStart(hall.Day)) / (minutes * 60_000L) + _random.Next(0, 3) + 1;
        return new Instant(midnight + slots * minutes * 60_000L + (Chance(2) ? 60_000 : 0));
    }

    private SlotSpec Slots() => new(Pick(5, 10, 15, 30, 45), Pick(1, 2, 4), Pick(0, 1, 5), Pick(0, 10, 30, 120), Pick(0, 5, 15, 15, 60));

    private HallCommand OfTicket(NaiveHall hall)
    {
        var id = new TicketId(7, Chance(5) ? hall.Tickets.Count + 5 : Chance(20) ? _random.Next(1, hall.Tickets.Count + 2) : About(hall)?.Id ?? 1);
        return _random.Next(14) switch
        {
            11 => new StepAway(hall.Tickets.LastOrDefault(t => t.State == TicketState.Waiting) is { } waiting && Chance(80) ? new TicketId(7, waiting.Id) : id, TimeSpan.FromMinutes(Pick(1, 5, 30))),
            12 => new ChangeClass(id, new ClassId(Pick(ClassIds)), Grants.Guide | (Chance(30) ? Grants.Manager : 0), null),
            10 => new ChangeTicket(hall.Tickets.LastOrDefault(t => t.State == TicketState.Missed) is { } gone && Chance(30) ? new TicketId(7, gone.Id) : id, new ServiceId(Chance(2) ? "none" : Pick(hall.Spec.Services).Id)),
            0 or 1 => new MarkPrinted(hall.Tickets.LastOrDefault(t => t.State == TicketState.Issued) is { } unprinted && Chance(80) ? new TicketId(7, unprinted.Id) : id),
            2 => new CancelTicket(id),
            3 => new RateTicket(id, Pick(Enum.GetValues<Grade>()), [], null),
            4 or 5 => Pick(hall.Windows) is var w && w.Rateable is { } r && Chance(80)
                ? new RateAtWindow(new WindowId(w.Id), new TicketId(7, r.Ticket.Id), r.Leg, Pick(Enum.GetValues<Grade>()), [])
                : new RateAtWindow(new WindowId(w.Id), id, hall.Tickets.SingleOrDefault(t => t.Id == id.Ordinal)?.Leg ?? 1, Grade.Satisfied, []),
            _ => new ReturnTicket(hall.Tickets.LastOrDefault(t => t.State is TicketState.Missed or TicketState.Held or TicketState.Away) is { } missed && Chance(90) ? new TicketId(7, missed.Id) : id),
        };
    }

    private HallCommand OfHall(NaiveHall hall) => _random.Next(8) switch
    {
        0 or 1 => new ChangeProfile(new WindowId(Pick(hall.Windows).Id), Profile(hall.Spec.Lines)),
        2 => new Suspend(Some(hall.Spec.Lines, l => new LineId(l.Id)), Some(hall.Spec.Services, s => new ServiceId(s.Id)), new TextHash(1), null),
        3 => new Poke(),
        4 => new Resume([new LineId(Pick(hall.Spec.Lines).Id)], []),
        _ => new Resume([], []),
    };

    private HallCommand OfNotice(NaiveHall hall)
    {
        var posted = hall.Notices(null);
        if (Chance(30)) return new WithdrawNotice(posted.Count > 0 && Chance(80) ? Pick(posted) : _random.Next(200));
        var zone = Chance(40) ? null : (ZoneId?)new ZoneId(Chance(5) ? "north" : Pick(hall.Spec.Zones));
        return new PostNotice(new TextHash(8), zone, hall.LastAt + TimeSpan.FromSeconds(Pick(-1, 0, 10, 45, 300, 300, 10_000, 100_000)));
    }

    private WindowCommand OfWindow(NaiveHall hall)
    {
        var window = Pick(hall.Windows);
        var id = new WindowId(Chance(1) ? "99" : window.Id);
        var staff = Pick(hall.Spec.Staff).Id;
        var by = Chance(3) ? new Clerk("boss", null, true)
            : Chance(3) ? new Clerk("temp", null, false)
            : window.There is { } there && Chance(95) ? new Clerk(there.Account, there.Staff, there.Account == "boss")
            : new Clerk(staff + "@hall", new StaffId(staff), false);
        var other = by.Manages && Chance(50) ? new StaffId(staff) : (StaffId?)null;
        if (window.There is null && Chance(90)) return new OpenWindow(id, by, other);
        if (window.Paused && Chance(window.PausedBySchedule is null ? 60 : 5)) return new ResumeWindow(id, by);
        var number = About(hall)?.Number ?? "A001";
        var outcome = Chance(70) ? Pick(Enum.GetValues<FinishOutcome>()) : (FinishOutcome?)null;
        return _random.Next(100) switch
        {
            < 40 => window.Present switch
            {
                null => Chance(50) ? new CallNext(id, by) : new Next(id, by, outcome, null),
                { State: TicketState.Called } => Chance(50) ? new StartService(id, by) : Chance(50) ? new Recall(id, by) : new MarkNoShow(id, by),
                _ => Chance(25) ? new HoldTicket(id, by) : Chance(25) ? Transfer(hall, id, by) : Chance(20) ? new MarkStage(id, by, Pick(Enum.GetValues<Stage>())) : Chance(50) ? new Next(id, by, outcome, null) : new FinishService(id, by, outcome, null, null),
            },
            < 43 => new HoldTicket(id, by),
            < 45 => Transfer(hall, id, by),
            < 46 => new MarkStage(id, by, Pick(Enum.GetValues<Stage>())),
            < 47 => new AcceptMatter(id, by),
            < 50 => new CallNext(id, by),
            < 60 => new Next(id, by, outcome, null),
            < 68 => new Recall(id, by),
            < 72 => new StartService(id, by),
            < 76 => new FinishService(id, by, outcome, new TextHash(3), 2),
            < 84 => new MarkNoShow(id, by),
            < 88 => new ReturnAtWindow(id, by, hall.Tickets.LastOrDefault(t => t.State is TicketState.Missed or TicketState.Held)?.Number ?? number),
            < 91 => new CallTicket(id, by, number, new TextHash(5)),
            < 93 => new CloseWindow(id, by),
            < 96 => new PauseWindow(id, by, PauseReason.Break, null),
            < 97 => new ResumeWindow(id, by),
            < 99 => new TakeOverWindow(id, Chance(50) ? new Clerk("boss", null, true) : new Clerk("s1@hall", new StaffId("s1"), false), other),
            _ => new OpenWindow(id, by, other),
        };
    }

    private Transfer Transfer(NaiveHall hall, WindowId at, Clerk by)
    {
        var kind = _random.Next(3);
        return new Transfer(at, by, kind == 0 ? new LineId(Chance(2) ? "none" : Pick(hall.Spec.Lines).Id) : null, kind == 1 ? new ServiceId(Chance(2) ? "none" : Pick(hall.Spec.Services).Id) : null,
            kind == 2 ? new WindowId(Chance(2) ? "99" : Pick(hall.Windows).Id) : null, Chance(50), Chance(50));
    }

    private NaiveTicket? About(NaiveHall hall)
    {
        var live = hall.Tickets.Where(t => !t.Ended).ToList();
        return live.Count > 0 ? Pick(live) : hall.Tickets.LastOrDefault();
    }

    private ClassSpec Class(string id) => id == "normal"
        ? new ClassSpec(id, 1, 0, Grants.Self, null, null, null, false)
        : new ClassSpec(id, Weight(), Pick(0, 1, 5, 15, 1440), (id == "appointment" ? Grants.Appointment : id == "returning" ? Grants.Slip : 0) | Grants.Guide | (Chance(50) ? Grants.IdCard : 0) | (Chance(30) ? Grants.Manager : 0), Chance(70) ? 60 : null, Pick<int?>(null, 3), Pick<int?>(null, 30), Chance(40));

    private (int, int, int)[] Quotas() => Chance(60) ? [] : [(6, 12, _random.Next(0, 8)), (12, 18, _random.Next(1, 12)), (18, 23, 5)];

    private decimal Weight() => Pick(1m, 1m, 0.5m, 1.5m, 2m, 3.33m, 0.01m, 100m);

    private ProfileLine[] Profile(LineSpec[] lines) =>
        [.. lines.OrderBy(_ => _random.Next()).Take(_random.Next(1, lines.Length + 1)).Select(l => new ProfileLine(new LineId(l.Id), Pick(0, 0, 0, 1, 5, 10), Pick(0, 0, 0, 1, 3)))];

    private string[]? Skills(IEnumerable<string> all) => Chance(60) ? null : [.. all.Where(_ => Chance(50))];

    private TId[] Some<T, TId>(T[] all, Func<T, TId> id) => Chance(50) ? [] : [id(Pick(all))];

    private T Pick<T>(params IReadOnlyList<T> all) => all[_random.Next(all.Count)];

    public static string Document(HallSpec spec) => JsonSerializer.Serialize(new
    {
        hall = "random",
        name = Name("随机"),
        remoteIssue = spec.RemoteIssue,
        maxWaiting = spec.MaxWaiting,
        zones = spec.Zones.Select(z => new { zone = z, name = Name(z) }),
        fairness = new { maxOvertakes = spec.MaxOvertakes, maxPriorityRun = spec.MaxPriorityRun },
        calling = new
        {
            minCalls = spec.MinCalls, minGapSeconds = spec.MinGap, returnMinutes = spec.ReturnMinutes, rejoinAfterCalls = spec.RejoinAfterCalls, maxHeld = spec.MaxHeld, autoStartSeconds = spec.AutoStart, requireOutcome = spec.RequireOutcome, slipDays = spec.SlipDays, lowFirstMinutes = spec.LowFirst, standInAfterMinutes = spec.Grace,
        },
        classes = spec.Classes.Select(c => new
        {
            @class = c.Id, weight = c.Weight, creditMinutes = c.Credit, grantedBy = Enum.GetValues<Grants>().Where(g => g != Grants.None && c.Grants.HasFlag(g)).Select(g => JsonNamingPolicy.CamelCase.ConvertName(g.ToString())),
            ageFrom = c.AgeFrom, minCalls = c.MinCalls, minGapSeconds = c.MinGap, low = c.NeedsLow,
        }),
        lines = spec.Lines.Select(l => new { line = l.Id, prefix = l.Prefix, name = Name(l.Id), weight = l.Weight, quotas = l.Quotas.Select(q => new { from = $"{q.From:00}:00", to = $"{q.To:00}:00", max = q.Max }) }),
        services = spec.Services.Select(s => new
        {
            service = s.Id, name = Name(s.Id), line = s.Line, kind = s.Items.Length > 0 ? "joint" : s.Immediate ? "immediate" : "promised", expectedMinutes = s.Minutes, identity = s.NeedsIdentity ? "required" : "optional",
            legs = s.Items.Length == 0 ? null : s.Items.Select(i => new { service = i.Service, after = i.After }),
            appointments = s.Slots is { } a ? new { slotMinutes = a.Minutes, capacity = a.Capacity, daysAhead = a.DaysAhead, earlyMinutes = a.Early, lateMinutes = a.Late } : null,
        }),
        windows = spec.Windows.Select(w => new
        {
            window = w.Id, kind = "comprehensive", low = w.Low, profile = w.Profile.Select(p => new { line = p.Line.Value, afterMinutes = p.AfterMinutes, onlyAfterWaitMinutes = p.OnlyAfterWaitMinutes }),
        }),
        staff = spec.Staff.Select(s => new { staff = s.Id, name = s.Id, lines = s.Lines, services = s.Services }),
        admission = JsonNamingPolicy.CamelCase.ConvertName(spec.Admission.ToString()),
        calendar = new
        {
            timeZone = spec.Zone,
            holidays = "none",
            sessions = (object?)spec.Sessions?.Select((s, i) => new
            {
                kind = s.UntilServed ? "extended" : "regular", days = new[] { "workday", "restday" }, from = $"{s.From:00}:00", to = $"{s.To:00}:00", untilServed = s.UntilServed, windows = s.Windows, services = s.Services, offered = "covered",
            }) ?? "always",
            roster = spec.Roster.Select(r => new { window = r.Window, a = r.A, b = r.B }),
        },
    });

    private static object Name(string text) => new { zh = text };
}
