using System.Globalization;
using HallOps.Core.Halls;

namespace HallOps.Core.Calendars;

/// <summary>Windows for which two roster rows hold at one time.</summary>
internal static class DoubleRows
{
    /// <summary>The windows, with how many of their rows overlap another on the date.</summary>
    public static IEnumerable<(int Window, int Rows)> On(CalendarPlan plan, DateFacts date)
    {
        for (var w = 0; w < plan.Posts.Length; w++)
        {
            if (plan.Posts[w].Length < 2) continue;
            var rows = plan.Posts[w].Where(p => p.Row.Holds(date)).Select(p => p.Row).ToList();
            var overlapping = rows.Count(row => rows.Exists(other => !ReferenceEquals(row, other) && row.Times.Overlaps(other.Times)));
            if (overlapping > 0) yield return (w, overlapping);
        }
    }
}

/// <summary>What a calendar says that contradicts itself: asked when a document is submitted. A document already in force compiles all the same.</summary>
internal static class CalendarCheck
{
    // 2019 is the first year of the holiday data; by 2035 every weekday has met every date, holidays aside.
    private static readonly (DateOnly First, DateOnly Last) Years = (new(2019, 1, 1), new(2035, 12, 31));

    // As many as a reading tells.
    private const int Most = 20;

    /// <summary>At most twenty, each pair of places once, with the first date on which they meet.</summary>
    /// <param name="prefix">Of the paths: <c>calendar.</c> in a hall's document.</param>
    public static IReadOnlyList<DocumentProblem> ProblemsOf(CalendarPlan plan, HolidayTable announced, string prefix)
    {
        var problems = new List<DocumentProblem>();
        RefuseDatesTwice(plan, prefix, problems);
        if (plan.Always) return problems;

        var holidays = plan.HolidaysOf(announced);
        var sessions = new HeldSessions(plan, holidays);
        var told = new HashSet<(string, string)>();
        // Clashes of rows are looked for where there is more than one of a window.
        var crowded = plan.Posts.Where(p => p.Length > 1).ToArray();
        (DateOnly Date, List<SessionRule> Sessions)? before = null;
        foreach (var date in Dates(plan))
        {
            if (problems.Count >= Most) break;
            var facts = DateFacts.Of(date, holidays);
            var held = sessions.With(facts);
            for (var i = 0; i < held.Count; i++)
                for (var j = i + 1; j < held.Count && held[j].Time.From < held[i].Time.To; j++)
                    Refuse($"{prefix}{held[j].Place}.from", $"{prefix}{held[i].Place}", string.Create(CultureInfo.InvariantCulture,
                        $"must not overlap another session of its date: on {date:yyyy-MM-dd} {held[j]} overlaps {held[i]} ({prefix}{held[i].Place})"));
            if (before is { } last && last.Date.AddDays(1) == date)
            {
                foreach (var late in last.Sessions.Where(s => s.Time.To > 1440))
                    foreach (var early in held.Where(s => s.Time.From < late.Time.To - 1440))
                        Refuse($"{prefix}{late.Place}.to", $"{prefix}{early.Place}", string.Create(CultureInfo.InvariantCulture,
                            $"must not reach into the next date's sessions: {late} of {last.Date:yyyy-MM-dd} overlaps {early} ({prefix}{early.Place})"));
            }
            before = (date, held);
            foreach (var posts in crowded) RefuseDoubleRows(posts, facts);
        }
        return problems;

        void Refuse(string path, string other, string message)
        {
            if (problems.Count < Most && told.Add((path, other))) problems.Add(new DocumentProblem(path, message));
        }

        // By reference: rows that say the same are equal.
        int PlaceOf(RosterRow row) => Array.FindIndex(plan.Roster, r => ReferenceEquals(r, row));

        void RefuseDoubleRows(CalendarPlan.Post[] posts, DateFacts date)
        {
            var rows = posts.Where(p => p.Row.Holds(date)).Select(p => p.Row).OrderBy(r => r.Times.From).ToList();
            for (var i = 0; i < rows.Count && problems.Count < Most; i++)
                for (var j = i + 1; j < rows.Count && rows[j].Times.From < rows[i].Times.To; j++)
                {
                    var places = new[] { PlaceOf(rows[i]), PlaceOf(rows[j]) }.Order().ToArray();
                    Refuse(string.Create(CultureInfo.InvariantCulture, $"{prefix}roster[{places[1]}].window"), string.Create(CultureInfo.InvariantCulture, $"{places[0]}"), string.Create(CultureInfo.InvariantCulture,
                        $"must not have two rows at one time: on {date.Date:yyyy-MM-dd} window {rows[i].Window} has {prefix}roster[{places[0]}] as well"));
                }
        }
    }

    private static void RefuseDatesTwice(CalendarPlan plan, string prefix, List<DocumentProblem> problems)
    {
        var days = new Dictionary<DateOnly, int>();
        foreach (var (i, day) in plan.OwnHolidays.Index())
            if (!days.TryAdd(day.Date, i) && problems.Count < Most)
                problems.Add(new DocumentProblem(string.Create(CultureInfo.InvariantCulture, $"{prefix}holidays[{i}].date"),
                    string.Create(CultureInfo.InvariantCulture, $"must be given once: {day.Date:yyyy-MM-dd} is {prefix}holidays[{days[day.Date]}] already")));
        var whole = new Dictionary<DateOnly, string>();
        foreach (var exception in plan.Exceptions.Where(e => e.Windows is null))
            if (!whole.TryAdd(exception.Date, exception.Place) && problems.Count < Most)
                problems.Add(new DocumentProblem($"{prefix}{exception.Place}.date",
                    string.Create(CultureInfo.InvariantCulture, $"must have one exception with sessions or closed: {exception.Date:yyyy-MM-dd} has {prefix}{whole[exception.Date]} already")));
    }

    private static IEnumerable<DateOnly> Dates(CalendarPlan plan)
    {
        var named = plan.Exceptions.Select(e => e.Date).Concat(plan.Sessions.SelectMany(s => s.Days?.Dates ?? [])).Concat(plan.OwnHolidays.Select(d => d.Date))
            .Concat(plan.Roster.SelectMany(r => (r.Days?.Dates ?? []).Concat(new[] { r.From, r.To }.OfType<DateOnly>())))
            .Where(d => (d < Years.First || d > Years.Last) && d.Year is >= 1900 and < 9900)
            .SelectMany(d => new[] { d.AddDays(-1), d, d.AddDays(1) });
        return named.Concat(Enumerable.Range(Years.First.DayNumber, Years.Last.DayNumber - Years.First.DayNumber + 1).Select(DateOnly.FromDayNumber)).Distinct().Order();
    }
}
