using System.Globalization;
using HallOps.Core.Calendars;
using HallOps.Core.Halls;

namespace HallOps.Core.Tests.Calendars;

/// <summary>
/// CALENDAR.md read once more, as slowly as it is written: every minute (or every step to which all times are rounded) of a date is asked by itself which session runs, who sits where and what is uncovered,
/// and equal minutes are joined at the end. Shares nothing with the compiler but the types compared.
/// </summary>
internal sealed class NaiveCalendar(CalendarSpec spec)
{
    private readonly TimeZoneInfo zone = TimeZoneInfo.FindSystemTimeZoneById(spec.Zone);
    private readonly Dictionary<DateOnly, HolidayDate> listed = (spec.Holidays ?? [.. HolidayData.China.Days]).ToDictionary(d => d.Date);
    private readonly Dictionary<DateOnly, List<SessionSpec>> regular = [];
    private readonly Dictionary<DateOnly, List<Minute>> minutes = [];
    private readonly Dictionary<DateTime, DateTime> clock = [];

    /// <param name="State">As <see cref="CalendarText.State"/>, and who would stand in.</param>
    public sealed record Minute(DateTime At, SessionSpec Session, string State, IReadOnlySet<string> Covered);

    public string KindOf(DateOnly date) => Off(date) ? "holiday" : Worked(date) && Weekend(date) ? "makeup" : Weekend(date) ? "restday" : "workday";

    /// <summary>The intervals as lines, for comparison.</summary>
    public List<string> Intervals(DateOnly date)
    {
        var lines = new List<string>();
        foreach (var run in Runs(MinutesOf(date), (a, b) => a.Session == b.Session && a.State == b.State))
            lines.Add($"{Utc(run[0].At)} {Utc(run[^1].At.AddMinutes(spec.Step))} {run[0].Session.Kind} {run[0].State}");
        return lines;
    }

    public List<string> Gaps(DateOnly date)
    {
        var gaps = new List<string>();
        foreach (var service in spec.Services)
        {
            var uncovered = MinutesOf(date).Where(m => m.Session is { Covered: false, UntilServed: false } && Offered(m.Session).Contains(service) && !m.Covered.Contains(service)).ToList();
            foreach (var run in Runs(uncovered, (a, b) => a.Session == b.Session && b.At == a.At.AddMinutes(spec.Step)))
            {
                var end = run[^1].At.AddMinutes(spec.Step);
                var reopens = Enumerable.Range(0, 32).SelectMany(n => MinutesOf(date.AddDays(n))).FirstOrDefault(m => m.At >= end && m.Covered.Contains(service));
                gaps.Add($"{service} {Utc(run[0].At)} {Utc(end)} {(reopens is null ? "never" : Utc(reopens.At))}");
            }
        }
        return gaps;
    }

    public List<string> Issuing(DateOnly date)
    {
        var stretches = Sessions(date).Where(s => !s.UntilServed && !s.AppointmentOnly).Select(s => (From: First(date, s.IssueFrom ?? s.From), To: First(date, s.IssueUntil ?? s.To))).ToList();
        if (stretches.Count == 0) return [];
        var taken = new List<DateTime>();
        for (var at = stretches.Min(s => s.From); at < stretches.Max(s => s.To); at = at.AddMinutes(spec.Step))
            if (stretches.Exists(s => s.From <= at && at < s.To)) taken.Add(at);
        return [.. Runs(taken, (a, b) => b == a.AddMinutes(spec.Step)).Select(r => $"{Utc(r[0])} {Utc(r[^1].AddMinutes(spec.Step))}")];
    }

    public DateTime Ends(DateOnly date)
    {
        var midnight = First(date.AddDays(1), 0);
        return Sessions(date).Select(s => First(date, s.To)).Append(midnight).Max();
    }

    public static string Utc(Instant at) => Utc(at.ToDateTimeOffset().UtcDateTime);

    private static string Utc(DateTime at) => at.ToString("MM-dd'T'HH:mm", CultureInfo.InvariantCulture);

    private bool Weekend(DateOnly date) => date.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday;

    private bool Off(DateOnly date) => listed.TryGetValue(date, out var day) && day.IsOffDay;

    private bool Worked(DateOnly date) => listed.TryGetValue(date, out var day) && !day.IsOffDay;

    private bool Means(string word, DateOnly date)
    {
        var makeup = Weekend(date) && Worked(date);
        return word switch
        {
            "makeup" => makeup,
            "workday" => makeup || (!Weekend(date) && !Off(date)),
            "restday" => !makeup && (Weekend(date) || Off(date)),
            "holiday" => Off(date),
            _ when char.IsAsciiDigit(word[0]) => date == DateOnly.Parse(word, CultureInfo.InvariantCulture),
            _ => !Off(date) && !makeup && date.DayOfWeek.ToString().Equals(word, StringComparison.OrdinalIgnoreCase),
        };
    }

    private static bool InSeason((string From, string To) season, DateOnly date)
    {
        var day = date.ToString("MM-dd", CultureInfo.InvariantCulture);
        var (after, before) = (string.CompareOrdinal(season.From, day) <= 0, string.CompareOrdinal(day, season.To) <= 0);
        return string.CompareOrdinal(season.From, season.To) <= 0 ? after && before : after || before;
    }

    private List<SessionSpec> Regular(DateOnly date)
    {
        if (regular.TryGetValue(date, out var known)) return known;
        var held = new List<SessionSpec>();
        foreach (var kind in spec.Sessions.Select(s => s.Kind).Distinct())
        {
            var candidates = spec.Sessions.Where(s => s.Kind == kind && (s.Season is not { } season || InSeason(season, date))).ToList();
            foreach (var words in new Func<string, bool>[] { w => char.IsAsciiDigit(w[0]), w => w is "holiday" or "makeup", w => w.EndsWith("day", StringComparison.Ordinal) && w is not ("workday" or "restday" or "holiday"), w => w is "workday" or "restday" })
            {
                var of = candidates.Where(s => s.Days.Any(w => words(w) && Means(w, date))).ToList();
                held.AddRange(of);
                if (of.Count > 0) break;
            }
        }
        return regular[date] = held;
    }

    private List<SessionSpec> Sessions(DateOnly date)
    {
        var whole = spec.Exceptions.FirstOrDefault(e => e.Date == date && e.Windows is null);
        return whole is null ? Regular(date) : [.. whole.Sessions ?? []];
    }

    /// <summary>The first minute of UTC at which the date's wall clock shows the time or a later one.</summary>
    private DateTime First(DateOnly date, int minute)
    {
        var wall = date.ToDateTime(default).AddMinutes(minute);
        if (clock.TryGetValue(wall, out var known)) return known;
        var at = DateTime.SpecifyKind(wall.AddHours(-15), DateTimeKind.Utc);
        while (TimeZoneInfo.ConvertTimeFromUtc(at, zone) < wall) at = at.AddMinutes(1);
        return clock[wall] = at;
    }

    private DateTime First(DateTime wall) => First(DateOnly.FromDateTime(wall), (int)wall.TimeOfDay.TotalMinutes);

    private string[] Offered(SessionSpec session) => [.. spec.Services.Where(s => session.Services?.Contains(s) ?? true)];

    private List<Minute> MinutesOf(DateOnly date)
    {
        if (minutes.TryGetValue(date, out var known)) return known;
        var all = new List<Minute>();
        foreach (var session in Sessions(date).OrderBy(s => s.From))
            for (var at = First(date, session.From); at < First(date, session.To); at = at.AddMinutes(spec.Step))
                all.Add(Ask(date, session, at));
        return minutes[date] = all;
    }

    private bool Turn(SessionSpec session, DateOnly date, string window)
    {
        if (session.Groups is not { } groups) return true;
        var turn = ISOWeek.GetWeekOfYear(date.ToDateTime(default));
        if (!session.ByWeek)
        {
            turn = 0;
            for (var earlier = new DateOnly(date.Year, 1, 1); earlier < date; earlier = earlier.AddDays(1))
                if (Regular(earlier).Contains(session)) turn++;
        }
        return groups[turn % groups.Length].Contains(window);
    }

    private Minute Ask(DateOnly date, SessionSpec session, DateTime at)
    {
        var opened = spec.Windows.Select(w => w.Window).Where(w => (session.Windows?.Contains(w) ?? true) && Turn(session, date, w)).ToList();
        var closed = new Dictionary<string, string>();
        var sits = new Dictionary<string, (string? Person, string Role, string? StandIn)>();
        var along = opened.ToDictionary(w => w, _ => new List<string>());
        foreach (var e in spec.Exceptions.Where(e => e.Date == date && e.Windows is not null && First(date, e.From ?? 0) <= at && at < First(date, e.To ?? 1800)))
            foreach (var w in opened.Where(e.Windows!.Contains)) closed[w] = ":exception";
        var rows = opened.ToDictionary(w => w, w => spec.Roster.SingleOrDefault(r => r.Window == w && !(date < r.From) && !(date > r.To) && (r.Days?.Any(d => Means(d, date)) ?? true)
            && (r.Times is not { } t || (First(date, t.From) <= at && at < First(date, t.To)))));
        foreach (var w in opened.Where(w => !closed.ContainsKey(w)))
        {
            if (spec.Roster.Length == 0) sits[w] = (null, "", null);
            else if (rows[w] is not { } row) closed[w] = ":noRoster";
            else if (row.A is { } a && Here(a, at) && sits.Values.All(s => s.Person != a)) sits[w] = (a, "A", row.B);
        }
        foreach (var w in opened.Where(w => !closed.ContainsKey(w) && !sits.ContainsKey(w)))
        {
            var b = rows[w]!.B;
            var there = sits.FirstOrDefault(s => b is not null && s.Value.Person == b).Key;
            if (b is null || !Here(b, at)) closed[w] = ":absent";
            else if (there is null) sits[w] = (b, "B", null);
            else
            {
                closed[w] = $"~{there}:absent";
                along[there].Add(w);
            }
        }
        var does = sits.Keys.ToDictionary(w => w, w => spec.Services.Where(s => along[w].Append(w).Any(o => spec.Windows.Single(x => x.Window == o).Services.Contains(s)) && (session.Services?.Contains(s) ?? true)
            && (spec.Staff.FirstOrDefault(p => p.Staff == sits[w].Person).Services?.Contains(s) ?? true)).ToList());
        var covered = does.Values.SelectMany(d => d).ToHashSet();
        var shown = opened.Where(sits.ContainsKey).Select(w => $"{w}{(sits[w].Person is { } p ? $"={p}/{sits[w].Role}" : "")}:{string.Join(',', does[w])}{string.Concat(spec.Windows.Where(x => along[w].Contains(x.Window)).Select(x => $"+{x.Window}"))}")
            .Concat(opened.Where(closed.ContainsKey).Select(w => w + closed[w]));
        var offered = Offered(session).Where(s => !(session.Covered || session.UntilServed) || covered.Contains(s));
        return new Minute(at, session, $"{string.Join(' ', shown)} | {string.Join(',', offered)}".TrimStart() + $" [{string.Join(',', opened.Where(sits.ContainsKey).Select(w => sits[w].StandIn))}]", covered);
    }

    private bool Here(string person, DateTime at) => !spec.Absences.Any(a => a.Staff == person && First(a.From) <= at && at < First(a.To));

    private static List<List<T>> Runs<T>(IEnumerable<T> items, Func<T, T, bool> belongs)
    {
        var runs = new List<List<T>>();
        foreach (var item in items)
        {
            if (runs.Count > 0 && belongs(runs[^1][^1], item)) runs[^1].Add(item);
            else runs.Add([item]);
        }
        return runs;
    }
}
