using System.Globalization;
using HallOps.Core.Halls;

namespace HallOps.Core.Calendars;

/// <summary>
/// Compiles dates of one calendar: sessions, then the stretches of each in which nothing changes, then who sits where, then what is uncovered and until when.
/// What was staffed for one date is kept for the next ones, which look a month ahead for the same dates. Not safe for several threads.
/// </summary>
internal sealed class CalendarCompiler(CalendarPlan plan, HolidayTable holidays)
{
    private const int DaysAhead = 31;

    private readonly HeldSessions sessions = new(plan, holidays);
    private readonly SortedDictionary<DateOnly, Staffed[]> staffed = [];
    private readonly Dictionary<string, (Instant Start, Staffed[] Parts)> plain = [];
    private readonly TimelineLists lists = new(plan);
    // Only where something is uncovered: many compilers are made just to tell a day's end.
    private readonly Lazy<IndexSet> coverable = new(() => Covered(plan, plan.Does.Aggregate(IndexSet.None(plan.Services.Count), (all, each) => all | each)));

    /// <summary>A stretch of a session in which nothing changes.</summary>
    /// <param name="Session">A place in the date's sessions.</param>
    /// <param name="Covered">What at least one staffed window can do; a joint service where each of its items is covered.</param>
    internal readonly record struct Staffed(Stretch Stretch, int Session, Seat[] Seats, IndexSet Covered);

    public DayTimeline Day(DateOnly date)
    {
        var facts = DateFacts.Of(date, holidays);
        if (plan.Always) return OpenAllDay(facts);

        var held = sessions.On(facts);
        var parts = PartsOf(facts, held);
        foreach (var old in staffed.Keys.TakeWhile(d => d < date).ToList()) staffed.Remove(old);
        staffed[date] = parts;

        var gaps = Gaps(date, held, parts);
        return new DayTimeline(date, facts.Kind, Intervals(date, held, parts), Issuing(date, held), gaps, Warnings(facts, held, gaps), EndOf(date));
    }

    /// <summary>The later of the next local midnight and the end of the last session.</summary>
    public Instant EndOf(DateOnly date)
    {
        var midnight = ServiceDay.EndOf(date, plan.Zone);
        if (plan.Always) return midnight;
        return sessions.LastEnd(DateFacts.Of(date, holidays)) is > 1440 and var last ? Instant.Max(midnight, InstantOf(date, last)) : midnight;
    }

    private DayTimeline OpenAllDay(DateFacts date)
    {
        var stretch = new Stretch(ServiceDay.EndOf(date.Date.AddDays(-1), plan.Zone), ServiceDay.EndOf(date.Date, plan.Zone));
        var windows = lists.WindowsOf([.. plan.Does.Select((does, w) => new Seat(w, -1, null, -1, does, null, null, -1))]).Staffed;
        var interval = new TimelineInterval(stretch, SessionKind.Regular, stretch, false, false, null, windows, [], lists.ServicesOf(plan.AllServices));
        return new DayTimeline(date.Date, date.Kind, [interval], [stretch], [], YearWarnings(date.Date.Year), stretch.To);
    }

    private Instant InstantOf(DateOnly date, int minutes) => ServiceDay.InstantOf(date.ToDateTime(default).AddMinutes(minutes), plan.Zone);

    private Stretch StretchOf(DateOnly date, Minutes time) => new(InstantOf(date, time.From), InstantOf(date, time.To));

    private Staffed[] PartsOf(DateFacts facts, HeldDay held)
    {
        if (held.Sessions.Length == 0) return [];
        var date = facts.Date;
        if (ShapeOf(facts, held) is not { } shape) return Staff(facts, held);
        var start = InstantOf(date, 0);
        if (!plain.TryGetValue(shape, out var like)) plain[shape] = like = (start, Staff(facts, held));
        return like.Start == start ? like.Parts : Array.ConvertAll(like.Parts, p => p with { Stretch = new(p.Stretch.From + (start - like.Start), p.Stretch.To + (start - like.Start)) });
    }

    /// <summary>
    /// Equal for dates that are staffed alike, hour by hour: most dates of a year are. Null for a date that is like no other: with an exception, somebody away, or clocks changing.
    /// </summary>
    private string? ShapeOf(DateFacts facts, HeldDay held)
    {
        var date = facts.Date;
        if (InstantOf(date, Minutes.Last) - InstantOf(date, 0) != TimeSpan.FromMinutes(Minutes.Last)) return null;
        foreach (var exception in plan.Exceptions)
            if (exception.Date == date) return null;
        if (Away(date).Length > 0) return null;
        var shape = new System.Text.StringBuilder();
        foreach (var (rule, time) in held.Sessions) shape.Append(CultureInfo.InvariantCulture, $"{rule.Place} {time.From} {time.To} {sessions.OnTurn(rule, date)};");
        foreach (var rows in plan.Posts)
            foreach (var post in rows) shape.Append(post.Row.Holds(facts) ? '1' : '0');
        return shape.ToString();
    }

    private Staffed[] Staff(DateFacts facts, HeldDay held)
    {
        var date = facts.Date;
        var clock = new Dictionary<int, Instant>();
        var closures = plan.Exceptions.Where(e => e.Date == date && e.Windows is not null).Select(e => (e.Windows!, At(e.Time))).ToArray();
        var away = Away(date);
        var posts = plan.Posts.Length == 0 ? null : Array.ConvertAll(plan.Posts, rows => RowsOn(rows));
        var seating = new Seating(plan, posts, closures, away);

        var changes = new List<Instant>();
        foreach (var (_, stretch) in closures) changes.AddRange([stretch.From, stretch.To]);
        foreach (var (_, stretch) in away) changes.AddRange([stretch.From, stretch.To]);
        if (posts is not null)
            foreach (var rows in posts)
                foreach (var (post, stretch) in rows)
                    if (post.Row.Times != Minutes.Whole) changes.AddRange([stretch.From, stretch.To]);
        changes.Sort();

        var parts = new List<Staffed>();
        for (var i = 0; i < held.Sessions.Length; i++)
        {
            var (rule, whole) = (held.Sessions[i].Rule, At(held.Sessions[i].Time));
            var opened = Opened(rule, date);
            var from = whole.From;
            foreach (var change in changes.Append(whole.To))
            {
                var to = change < whole.To ? change : whole.To;
                // Equal instants, and sessions that daylight saving leaves no time for.
                if (to <= from) continue;
                var seats = seating.At(from, opened, rule.Cut);
                if (parts.Count > 0 && parts[^1].Session == i && parts[^1].Seats.AsSpan().SequenceEqual(seats))
                    parts[^1] = parts[^1] with { Stretch = new(parts[^1].Stretch.From, to) };
                else
                    parts.Add(new Staffed(new(from, to), i, seats, Covered(plan, Done(seats))));
                from = to;
            }
        }
        return [.. parts];

        Instant Clock(int minutes) => clock.TryGetValue(minutes, out var known) ? known : clock[minutes] = InstantOf(date, minutes);

        Stretch At(Minutes time) => new(Clock(time.From), Clock(time.To));

        (CalendarPlan.Post, Stretch)[] RowsOn(CalendarPlan.Post[] rows)
        {
            var count = 0;
            foreach (var post in rows)
                if (post.Row.Holds(facts)) count++;
            if (count == 0) return [];
            var on = new (CalendarPlan.Post, Stretch)[count];
            foreach (var post in rows)
                if (post.Row.Holds(facts)) on[^count--] = (post, At(post.Row.Times));
            return on;
        }
    }

    private int[] Opened(SessionRule rule, DateOnly date)
    {
        var turn = sessions.OnTurn(rule, date);
        var opened = new List<int>(plan.Windows.Count);
        for (var w = 0; w < plan.Windows.Count; w++)
            if ((rule.Windows is null || rule.Windows.Contains(w)) && (turn is null || turn.Contains(w))) opened.Add(w);
        return [.. opened];
    }

    private (int, Stretch)[] Away(DateOnly date)
    {
        var (from, to) = (date.ToDateTime(default), date.ToDateTime(default).AddMinutes(Minutes.Last));
        List<(int, Stretch)>? away = null;
        foreach (var absence in plan.Absences)
            if (absence.From < to && from < absence.To)
                (away ??= []).Add((absence.Person, new(ServiceDay.InstantOf(absence.From, plan.Zone), ServiceDay.InstantOf(absence.To, plan.Zone))));
        return away?.ToArray() ?? [];
    }

    private IndexSet Done(Seat[] seats)
    {
        var done = IndexSet.None(plan.Services.Count);
        foreach (var seat in seats) done |= seat.Does;
        return done;
    }

    private static IndexSet Covered(CalendarPlan plan, IndexSet does)
    {
        foreach (var (joint, items) in plan.Joint)
            if (items.IsWithin(does)) does |= IndexSet.Of(plan.Services.Count, [joint]);
        return does;
    }

    // Nothing more is issued there, and windows leave one by one: what they can do is what is offered.
    private IndexSet Offered(SessionRule rule, IndexSet covered) =>
        (rule.Services ?? plan.AllServices) is var all && (rule.OffersCovered || rule.UntilServed) ? covered & all : all;

    private TimelineInterval[] Intervals(DateOnly date, HeldDay held, Staffed[] parts)
    {
        var whole = Array.ConvertAll(held.Sessions, s => StretchOf(date, s.Time));
        return Array.ConvertAll(parts, part =>
        {
            var rule = held.Sessions[part.Session].Rule;
            var (staffed, closed) = lists.WindowsOf(part.Seats);
            return new TimelineInterval(part.Stretch, rule.Kind, whole[part.Session], rule.UntilServed, rule.AppointmentOnly, rule.CutIds, staffed, closed, lists.ServicesOf(Offered(rule, part.Covered)));
        });
    }

    private List<Stretch> Issuing(DateOnly date, HeldDay held)
    {
        var issuing = new List<Stretch>();
        foreach (var stretch in held.Sessions.Where(s => s.Rule is { UntilServed: false, AppointmentOnly: false })
            .Select(s => StretchOf(date, new(s.Rule.IssueFrom ?? s.Time.From, s.Rule.IssueUntil ?? s.Time.To))).Where(s => s.From < s.To).OrderBy(s => s.From))
        {
            if (issuing.Count > 0 && stretch.From <= issuing[^1].To) issuing[^1] = new(issuing[^1].From, Instant.Max(issuing[^1].To, stretch.To));
            else issuing.Add(stretch);
        }
        return issuing;
    }

    private List<CoverageGap> Gaps(DateOnly date, HeldDay held, Staffed[] parts)
    {
        var open = new List<(int Service, int Session, Stretch Stretch)>();
        foreach (var part in parts)
        {
            var rule = held.Sessions[part.Session].Rule;
            if (rule.OffersCovered || rule.UntilServed) continue;
            foreach (var service in ((rule.Services ?? plan.AllServices) - part.Covered).Members)
            {
                var last = open.FindLastIndex(g => g.Service == service);
                if (last >= 0 && open[last].Session == part.Session && open[last].Stretch.To == part.Stretch.From)
                    open[last] = open[last] with { Stretch = new(open[last].Stretch.From, part.Stretch.To) };
                else
                    open.Add((service, part.Session, part.Stretch));
            }
        }
        return [.. open.OrderBy(g => g.Service).ThenBy(g => g.Stretch.From).Select(g => new CoverageGap(plan.Services[g.Service], g.Stretch, NextCovered(date, g.Stretch.To, g.Service)))];
    }

    private Instant? NextCovered(DateOnly date, Instant after, int service)
    {
        if (!coverable.Value.Contains(service)) return null;
        for (var ahead = 0; ahead <= DaysAhead; ahead++)
        {
            foreach (var part in PartsOn(date.AddDays(ahead)))
                if (part.Stretch.To > after && part.Covered.Contains(service)) return Instant.Max(after, part.Stretch.From);
        }
        return null;
    }

    private Staffed[] PartsOn(DateOnly date)
    {
        if (staffed.TryGetValue(date, out var known)) return known;
        var facts = DateFacts.Of(date, holidays);
        return staffed[date] = PartsOf(facts, sessions.On(facts));
    }

    private List<string> Warnings(DateFacts date, HeldDay held, List<CoverageGap> gaps)
    {
        var warnings = new List<string>(YearWarnings(date.Date.Year));
        warnings.AddRange(held.Warnings);
        foreach (var (window, rows) in DoubleRows.On(plan, date))
            warnings.Add(string.Create(CultureInfo.InvariantCulture, $"{date.Date:yyyy-MM-dd}: window {plan.Windows[window]} has {rows} roster rows at one time; one of them holds"));
        // A reopening that was looked for in the next year is as sure as that year's days.
        // Later years that matter here: that a gap's reopening may lie in, or that somebody has planned for already.
        var later = plan.Exceptions.Select(e => e.Date.Year);
        if (gaps.Count > 0) later = later.Append(date.Date.AddDays(DaysAhead).Year);
        foreach (var year in later.Where(y => y > date.Date.Year).Distinct().Order()) warnings.AddRange(YearWarnings(year));
        return warnings;
    }

    private string[] YearWarnings(int year) =>
        plan.FollowsChina && !holidays.Years.Contains(year) ? [string.Create(CultureInfo.InvariantCulture, $"{year}: holidays not announced yet; weekdays assumed")] : [];
}
