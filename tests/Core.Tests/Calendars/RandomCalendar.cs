using System.Globalization;
using System.Text.Json;
using HallOps.Core.Calendars;

namespace HallOps.Core.Tests.Calendars;

internal sealed record SessionSpec
{
    public required string Kind { get; init; }
    public required string[] Days { get; init; }
    public (string From, string To)? Season { get; init; }
    public int From { get; init; }
    public int To { get; init; }
    public int? IssueFrom { get; init; }
    public int? IssueUntil { get; init; }
    public string[]? Windows { get; init; }
    public string[]? Services { get; init; }
    public bool Covered { get; init; }
    public string[][]? Groups { get; init; }
    public bool ByWeek { get; init; }
    public bool UntilServed { get; init; }
    public bool AppointmentOnly { get; init; }
}

internal sealed record ExceptionSpec(DateOnly Date, SessionSpec[]? Sessions, string[]? Windows, int? From, int? To);

internal sealed record RowSpec(string Window, string? A, string? B, DateOnly? From = null, DateOnly? To = null, string[]? Days = null, (int From, int To)? Times = null);

internal sealed record AbsenceSpec(string Staff, DateTime From, DateTime To);

internal sealed record CalendarSpec
{
    public required string Zone { get; init; }

    /// <summary>Null: China's.</summary>
    public HolidayDate[]? Holidays { get; init; }
    public required string[] Services { get; init; }
    public required (string Window, string[] Services)[] Windows { get; init; }
    public required (string Staff, string[]? Services)[] Staff { get; init; }
    public required SessionSpec[] Sessions { get; init; }
    public required ExceptionSpec[] Exceptions { get; init; }
    public required RowSpec[] Roster { get; init; }
    public required AbsenceSpec[] Absences { get; init; }

    /// <summary>Every time is a multiple of so many minutes.</summary>
    public int Step { get; init; }

    public string Json() => JsonSerializer.Serialize(new
    {
        timeZone = Zone,
        holidays = Holidays is null ? (object)"CN" : Holidays.Select(d => new { date = Text(d.Date), isOffDay = d.IsOffDay }),
        services = Services.ToDictionary(s => s),
        windows = Windows.Select(w => new { window = w.Window, services = w.Services }),
        staff = Staff.Select(s => new { staff = s.Staff, services = s.Services }),
        sessions = Sessions.Select(s => Session(s, true)),
        exceptions = Exceptions.Select(e => Given(("date", Text(e.Date)), ("sessions", e.Sessions?.Select(s => Session(s, false))), ("closed", e.Sessions is null ? true : null), ("windows", e.Windows), ("from", Clock(e.From)), ("to", Clock(e.To)))),
        roster = Roster.Select(r => Given(("window", r.Window), ("a", r.A), ("b", r.B), ("from", r.From is { } f ? Text(f) : null), ("to", r.To is { } t ? Text(t) : null), ("days", r.Days),
            ("times", r.Times is { } times ? new[] { Clock(times.From), Clock(times.To) } : null))),
        absences = Absences.Select(a => new { staff = a.Staff, from = Text(a.From), to = Text(a.To) }),
    });

    private static Dictionary<string, object> Session(SessionSpec s, bool dated) => Given(("kind", s.Kind), ("days", dated ? s.Days : null),
        ("season", dated && s.Season is { } season ? new { from = season.From, to = season.To } : null), ("from", Clock(s.From)), ("to", Clock(s.To)), ("issueFrom", Clock(s.IssueFrom)), ("issueUntil", Clock(s.IssueUntil)),
        ("windows", s.Windows), ("services", s.Services), ("offered", s.Covered ? "covered" : null), ("rotate", s.Groups is null ? null : new { groups = s.Groups, by = s.ByWeek ? "week" : "day" }),
        ("untilServed", s.UntilServed ? true : null), ("appointmentOnly", s.AppointmentOnly ? true : null));

    private static Dictionary<string, object> Given(params (string Name, object? Value)[] fields) => fields.Where(f => f.Value is not null).ToDictionary(f => f.Name, f => f.Value!);

    private static string Text(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Text(DateTime time) => time.ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture);

    private static string? Clock(int? minutes) => minutes is { } m ? string.Create(CultureInfo.InvariantCulture, $"{m / 60:00}:{m % 60:00}") : null;
}

/// <summary>Draws calendars that contradict themselves nowhere, around the days on which most can go wrong. All of it follows from the seed.</summary>
internal sealed class RandomCalendar(int seed)
{
    private static readonly string[] Zones = ["Asia/Shanghai", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"];
    private static readonly string[] Words = ["workday", "makeup", "restday", "holiday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

    // A holiday with its make-up days; the year's end; clocks changing in Berlin, New York and on Lord Howe.
    private static readonly string[] Around = ["2026-02-14", "2026-10-01", "2026-12-31", "2026-03-29", "2026-10-25", "2026-03-08", "2026-11-01", "2026-04-05", "2026-10-04"];

    private readonly Random random = new(seed);

    public DateOnly Middle { get; private set; }

    public CalendarSpec Draw()
    {
        var step = random.Next(8) == 0 ? 1 : 15;
        Middle = DateOnly.Parse(One(Around), CultureInfo.InvariantCulture).AddDays(random.Next(-2, 3));
        var services = Names("ABCD", random.Next(1, 5));
        var windows = Names("12345", random.Next(1, 6)).Select(w => (w, Some(services, 0.6))).ToArray();
        var people = Names("pqrstu", random.Next(1, 7));
        var names = windows.Select(w => w.w).ToArray();

        // The day in slots, each one kind's, so that sessions of different kinds never meet.
        var midnight = random.Next(4) == 0;
        var cuts = Enumerable.Range(0, random.Next(3, 7)).Select(_ => random.Next(midnight ? 26 : 0, midnight ? 120 : 96) * 15).Append(midnight ? 24 * 60 : 6 * 60).Distinct().Order()
            .Select(c => step == 1 ? c + random.Next(15) : c).ToArray();
        var slots = cuts.Zip(cuts.Skip(1)).Select(c => (c.First, c.Second, Kind: One(["regular", "lunch", "weekend", "extended"]))).ToArray();

        var roster = random.Next(6) == 0 ? [] : names.SelectMany(w => Rows(w, people)).ToArray();
        var staff = Some(people, 0.5).Select(p => (Staff: p, random.Next(3) == 0 ? null : Some(services, 0.6))).ToArray();
        // Whoever stands in neither list is nobody, and cannot be away.
        var known = roster.SelectMany(r => new[] { r.A, r.B }).OfType<string>().Concat(staff.Select(s => s.Staff)).Distinct().ToArray();

        return new CalendarSpec
        {
            Zone = One(Zones), Step = step, Services = services, Windows = windows, Staff = staff,
            Holidays = random.Next(2) == 0 ? null : [.. Enumerable.Range(0, random.Next(6)).Select(_ => Near(5)).Distinct().Select(d => new HolidayDate(d, random.Next(2) == 0, ""))],
            Sessions = [.. slots.SelectMany(s => Enumerable.Range(0, random.Next(1, 4)).Select(_ => Session(s, services, names))).Aggregate(new List<SessionSpec>(), Fitting)],
            Exceptions = [.. Exceptions(slots, services, names, midnight)],
            Roster = roster,
            Absences = [.. Enumerable.Range(0, random.Next(6)).Select(_ => Absence(known, step))],
        };

        // Two sessions of one slot must not meet on any date: they are of different rank, or in different halves of the year.
        List<SessionSpec> Fitting(List<SessionSpec> all, SessionSpec next)
        {
            if (all.All(o => o.Kind != next.Kind || o.To <= next.From || next.To <= o.From || Rank(o) != Rank(next) || (o.Season, next.Season) is ((_, _), (_, _)) && o.Season != next.Season)) all.Add(next);
            return all;
        }
    }

    private static int Rank(SessionSpec s) => char.IsAsciiDigit(s.Days[0][0]) ? 3 : s.Days[0] is "holiday" or "makeup" ? 2 : s.Days[0] is "workday" or "restday" ? 0 : 1;

    private SessionSpec Session((int From, int To, string Kind) slot, string[] services, string[] windows)
    {
        var (from, to) = random.Next(3) == 0 && slot.To - slot.From > 30 ? (slot.From + 15, slot.To - 15) : (slot.From, slot.To);
        var turns = random.Next(3) == 0;
        var open = random.Next(3) == 0 ? Some(windows, 0.7) : null;
        return new SessionSpec
        {
            Kind = slot.Kind,
            // Words of one rank, so that the session has one.
            Days = random.Next(5) switch { 0 => [.. Enumerable.Range(0, 2).Select(_ => Text(Near(2))).Distinct()], 1 => ["holiday"], 2 => Some(Words[4..], 0.4), 3 => ["workday"], _ => ["workday", "restday"] },
            Season = random.Next(3) == 0 ? One<(string, string)>([("10-01", "02-29"), ("03-01", "09-30")]) : null,
            From = from, To = to,
            IssueFrom = random.Next(3) == 0 ? Math.Max(0, from - 30) : null, IssueUntil = random.Next(3) == 0 ? Math.Max(from, to - 15) : null,
            Windows = open, Services = random.Next(3) == 0 ? Some(services, 0.7) : null, Covered = random.Next(3) == 0,
            Groups = turns ? [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Some(windows, 0.5))] : null, ByWeek = random.Next(2) == 0,
            UntilServed = random.Next(5) == 0, AppointmentOnly = random.Next(5) == 0,
        };
    }

    private IEnumerable<ExceptionSpec> Exceptions((int From, int To, string Kind)[] slots, string[] services, string[] windows, bool midnight)
    {
        var whole = new HashSet<DateOnly>();
        for (var n = random.Next(6); n > 0; n--)
        {
            var date = Near(2);
            if (random.Next(2) == 0) yield return new ExceptionSpec(date, null, Some(windows, 0.5), random.Next(2) == 0 ? 36 * 15 : null, random.Next(2) == 0 ? 60 * 15 : null);
            else if (whole.Add(date)) yield return new ExceptionSpec(date, random.Next(2) == 0 ? null : [.. slots.Where(s => midnight || s.To <= 1440).Where(_ => random.Next(3) > 0).Select(s => Session(s, services, windows))], null, null, null);
        }
    }

    private RowSpec[] Rows(string window, string[] people)
    {
        return random.Next(7) switch
        {
            0 => [],
            1 => [Row() with { Times = (8 * 60, 12 * 60) }, Row() with { Times = (12 * 60, 19 * 60 + 15) }],
            2 => [Row() with { To = Middle }, Row() with { From = Middle.AddDays(1) }],
            3 => [Row() with { Days = ["monday", "wednesday", "friday", "holiday"] }, Row() with { Days = ["tuesday", "saturday"], Times = (0, 11 * 60) }],
            4 => [Row() with { Days = [Text(Middle), "makeup"] }],
            _ => [Row()],
        };

        RowSpec Row()
        {
            var a = One(people);
            var b = One(people);
            return random.Next(6) == 0 ? new RowSpec(window, null, b) : new RowSpec(window, a, a == b ? null : b);
        }
    }

    private AbsenceSpec Absence(string[] people, int step)
    {
        var from = Near(2).ToDateTime(default).AddMinutes(random.Next(1440 / step) * step);
        return new AbsenceSpec(One(people), from, from.AddMinutes((random.Next(1800 / step) + 1) * step));
    }

    private DateOnly Near(int days) => Middle.AddDays(random.Next(-days, days + 1));

    private static string Text(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private T One<T>(T[] of) => of[random.Next(of.Length)];

    private static string[] Names(string letters, int count) => [.. letters[..count].Select(c => c.ToString())];

    /// <summary>At least one.</summary>
    private T[] Some<T>(T[] of, double share)
    {
        var some = of.Where(_ => random.NextDouble() < share).ToArray();
        return some.Length > 0 ? some : [One(of)];
    }

    public T[] Shuffled<T>(IEnumerable<T> items)
    {
        var all = items.ToArray();
        random.Shuffle(all);
        return all;
    }
}
