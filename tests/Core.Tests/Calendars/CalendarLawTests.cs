using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using HallOps.Core.Calendars;
using HallOps.Core.Halls;

namespace HallOps.Core.Tests.Calendars;

/// <summary>
/// Laws over random calendars, and the compiler against <see cref="NaiveCalendar"/>. <c>HALLOPS_MODEL_RUNS</c> sets the number of calendars, <c>HALLOPS_MODEL_SEED</c> the first seed; a failure names its seed.
/// </summary>
public sealed class CalendarLawTests
{
    [Fact]
    public void Timeline_OfAnyCalendar_IsWhatTheNaiveOneSays() => ForEach(100, (seed, seen) =>
    {
        var (spec, middle, calendar) = Drawn(seed, seen);
        if (calendar is null) return;
        var naive = new NaiveCalendar(spec);
        foreach (var date in Dates(middle, 2))
        {
            var day = calendar.Of(date, HolidayData.China);
            Assert.Equal(naive.KindOf(date), CalendarText.Word(day.Day));
            Assert.Equal(naive.Intervals(date), day.Intervals.Select(i => $"{NaiveCalendar.Utc(i.Stretch.From)} {NaiveCalendar.Utc(i.Stretch.To)} {CalendarText.Word(i.Session)} {CalendarText.State(i)} [{string.Join(',', i.Windows.Select(w => w.StandIn))}]"));
            Assert.Equal(naive.Issuing(date), day.Issuing.Select(s => $"{NaiveCalendar.Utc(s.From)} {NaiveCalendar.Utc(s.To)}"));
            Assert.Equal(naive.Gaps(date), day.Gaps.Select(g => $"{g.Service} {NaiveCalendar.Utc(g.Stretch.From)} {NaiveCalendar.Utc(g.Stretch.To)} {(g.ReopensAt is { } at ? NaiveCalendar.Utc(at) : "never")}"));
            Assert.Equal(naive.Ends(date), day.Ends.ToDateTimeOffset().UtcDateTime);
            Assert.Equal(day.Ends, calendar.EndOf(date, HolidayData.China));
            foreach (var interval in day.Intervals) Note(seen, interval);
            if (day.Gaps.Count > 0) seen.AddOrUpdate("gap", 1, (_, n) => n + 1);
            if (day.Gaps.Any(g => g.ReopensAt is null)) seen.AddOrUpdate("never", 1, (_, n) => n + 1);
            if (day.Day is DayKind.Makeup) seen.AddOrUpdate("makeup", 1, (_, n) => n + 1);
        }
    }, "along", "role B", "absent", "noRoster", "exception", "gap", "never", "makeup", "no roster", "drawn");

    [Fact]
    public void Intervals_AreInOrderAndDisjoint_AndNobodySitsTwice_NorDoesWhatTheyCannot() => ForEach(300, (seed, seen) =>
    {
        var (spec, middle, calendar) = Drawn(seed, seen);
        if (calendar is null) return;
        var can = spec.Staff.ToDictionary(s => s.Staff, s => s.Services);
        Instant last = default;
        foreach (var day in calendar.Between(middle.AddDays(-3), middle.AddDays(3), HolidayData.China))
        {
            // Over the dates too: a session past midnight ends before the next date's begin.
            foreach (var interval in day.Intervals)
            {
                Assert.True(last <= interval.Stretch.From && interval.Stretch.From < interval.Stretch.To, $"{last} {interval.Stretch}");
                Assert.True(interval.SessionStretch.From <= interval.Stretch.From && interval.Stretch.To <= interval.SessionStretch.To);
                last = interval.Stretch.To;
                Assert.Distinct(interval.Windows.Where(w => w.Staff is not null).Select(w => w.Staff));
                Assert.All(interval.Windows, w => Assert.All(w.Services, s => Assert.True(w.Staff is null || can.GetValueOrDefault(w.Staff.Value.Value)?.Contains(s.Value) is null or true)));
                Assert.All(interval.Windows.SelectMany(w => w.AlsoFor), w => Assert.Contains(interval.Closed, c => c.Window == w));
            }
            // A session is whole.
            foreach (var session in day.Intervals.GroupBy(i => i.SessionStretch))
                Assert.Equal(session.Key.To - session.Key.From, session.Aggregate(TimeSpan.Zero, (sum, i) => sum + (i.Stretch.To - i.Stretch.From)));
            Assert.True(last <= day.Ends);
            Assert.Equal(CalendarText.Json(day, calendar), CalendarText.Json(calendar.Of(day.Date, HolidayData.China), calendar));
        }
    }, "drawn");

    [Fact]
    public void Gaps_AreRealAndWhole() => ForEach(150, (seed, seen) =>
    {
        var (_, middle, calendar) = Drawn(seed, seen);
        if (calendar is null) return;
        foreach (var day in calendar.Between(middle.AddDays(-1), middle.AddDays(1), HolidayData.China))
        {
            foreach (var interval in day.Intervals)
                foreach (var service in interval.Offered)
                {
                    var covered = interval.Windows.Any(w => w.Services.Contains(service));
                    var inGap = day.Gaps.Any(g => g.Service == service && g.Stretch.From <= interval.Stretch.From && interval.Stretch.To <= g.Stretch.To);
                    Assert.Equal(!covered, inGap);
                    if (inGap) seen.AddOrUpdate("gap", 1, (_, n) => n + 1);
                }
            Assert.All(day.Gaps, g => Assert.True(g.ReopensAt is null || g.ReopensAt >= g.Stretch.To));
        }
    }, "gap");

    [Fact]
    public void Timeline_DoesNotDependOnTheOrderOfTheDocument() => ForEach(150, (seed, seen) =>
    {
        var (spec, middle, calendar) = Drawn(seed, seen);
        if (calendar is null) return;
        var random = new RandomCalendar(seed);
        var shuffled = Read(spec with
        {
            Sessions = random.Shuffled(spec.Sessions), Roster = random.Shuffled(spec.Roster), Absences = random.Shuffled(spec.Absences), Exceptions = random.Shuffled(spec.Exceptions),
        })!;
        foreach (var date in Dates(middle, 2)) Assert.Equal(CalendarText.Json(calendar.Of(date, HolidayData.China), calendar), CalendarText.Json(shuffled.Of(date, HolidayData.China), shuffled));
    }, "drawn");

    /// <summary>Documents older than the check may contradict themselves; even then no order matters, and it is said.</summary>
    [Fact]
    public void Timeline_OfACalendarThatContradictsItself_DoesNotDependOnItsOrderEither() => ForEach(150, (seed, seen) =>
    {
        var random = new RandomCalendar(seed);
        var spec = random.Draw();
        // Everything again, with other times and, at the same times, of other kinds.
        spec = spec with
        {
            Sessions = [.. spec.Sessions, .. spec.Sessions.Select(s => s with { To = Math.Min(1800, s.To + 45), Covered = !s.Covered, IssueFrom = null, IssueUntil = null }),
                .. spec.Sessions.Select(s => s with { Kind = s.Kind == "weekend" ? "regular" : "weekend" })],
            Roster = [.. spec.Roster, .. spec.Roster.Select(r => r with { A = r.B, B = r.A })],
        };
        var (one, other) = (Unchecked(spec), Unchecked(spec with { Sessions = random.Shuffled(spec.Sessions), Roster = random.Shuffled(spec.Roster), Exceptions = random.Shuffled(spec.Exceptions) }));
        Instant last = default;
        foreach (var date in Dates(random.Middle, 3))
        {
            var day = one.Of(date, HolidayData.China);
            Assert.Equal(CalendarText.Json(day, one), CalendarText.Json(other.Of(date, HolidayData.China), other));
            foreach (var interval in day.Intervals)
            {
                Assert.True(last <= interval.Stretch.From);
                last = interval.Stretch.To;
            }
            if (day.Warnings.Any(w => w.Contains("overlaps", StringComparison.Ordinal))) seen.AddOrUpdate("overlap", 1, (_, n) => n + 1);
            if (day.Warnings.Any(w => w.Contains("roster rows", StringComparison.Ordinal))) seen.AddOrUpdate("rows", 1, (_, n) => n + 1);
        }
    }, "overlap", "rows");

    [Fact]
    public void Exception_MovesNoOtherDatesTurn() => ForEach(150, (seed, seen) =>
    {
        var (spec, middle, calendar) = Drawn(seed, seen);
        if (calendar is null || spec.Exceptions.Any(e => e.Date == middle && e.Windows is null)) return;
        var with = Read(spec with { Exceptions = [.. spec.Exceptions, new ExceptionSpec(middle, null, null, null, null)] })!;
        foreach (var date in Dates(middle, 20))
        {
            if (date == middle) Assert.Empty(with.Of(date, HolidayData.China).Intervals);
            else Assert.Equal(Lines(calendar, date), Lines(with, date));
            if (date > middle && spec.Sessions.Any(s => s.Groups?.Length > 1 && !s.ByWeek) && Lines(calendar, date).Length > 0) seen.AddOrUpdate("turns", 1, (_, n) => n + 1);
        }

        static string[] Lines(CalendarSettings calendar, DateOnly date) => calendar.Of(date, HolidayData.China).Lines(calendar);
    }, "turns");

    /// <summary>The service day that runs at an instant is the one whose end comes next.</summary>
    [Fact]
    public void DayAt_IsTheDateThatHasNotEnded() => ForEach(150, (seed, seen) =>
    {
        var (_, middle, calendar) = Drawn(seed, seen);
        if (calendar is null) return;
        for (var date = middle.AddDays(-2); date < middle.AddDays(2); date = date.AddDays(1))
        {
            var end = calendar.EndOf(date, HolidayData.China);
            Assert.Equal(date, calendar.DayAt(end + TimeSpan.FromMilliseconds(-1), HolidayData.China));
            Assert.Equal(date.AddDays(1), calendar.DayAt(end, HolidayData.China));
        }
    }, "drawn");

    private static IEnumerable<DateOnly> Dates(DateOnly middle, int around) => Enumerable.Range(-around, 2 * around + 1).Select(middle.AddDays);

    private static void Note(ConcurrentDictionary<string, int> seen, TimelineInterval interval)
    {
        Count(interval.Windows.Any(w => w.AlsoFor.Count > 0), "along");
        Count(interval.Windows.Any(w => w.Role is PostRole.B), "role B");
        Count(interval.Windows.Any(w => w.Staff is null), "no roster");
        foreach (var closed in interval.Closed) Count(true, CalendarText.Word(closed.Reason));

        void Count(bool happened, string what)
        {
            if (happened) seen.AddOrUpdate(what, 1, (_, n) => n + 1);
        }
    }

    // Null where the calendar drawn contradicts itself after all: a session of words whose dates one cannot see.
    private static (CalendarSpec Spec, DateOnly Middle, CalendarSettings? Calendar) Drawn(int seed, ConcurrentDictionary<string, int> seen)
    {
        var random = new RandomCalendar(seed);
        var spec = random.Draw();
        var calendar = Read(spec);
        if (calendar is not null) seen.AddOrUpdate("drawn", 1, (_, n) => n + 1);
        return (spec, random.Middle, calendar);
    }

    private static CalendarSettings? Read(CalendarSpec spec)
    {
        var reading = CalendarFile.Read(Encoding.UTF8.GetBytes(spec.Json()), HolidayData.China);
        Assert.All(reading.Problems, p => Assert.Matches("must not (overlap|reach)", p.Message));
        return reading.Calendar;
    }

    private static CalendarSettings Unchecked(CalendarSpec spec)
    {
        // A hall's document is read without the check.
        var hall = $$"""
            {"hall": "h", "name": {"zh": "厅"}, "lines": [{{string.Join(',', spec.Services.Select(s => $$"""{"line": "{{s.ToLowerInvariant()}}", "prefix": "{{s}}", "name": {"zh": "队"} }"""))}}],
             "services": [{{string.Join(',', spec.Services.Select(s => $$"""{"service": "{{s.ToLowerInvariant()}}", "line": "{{s.ToLowerInvariant()}}", "kind": "immediate", "name": {"zh": "事"} }"""))}}],
             "windows": [{{string.Join(',', spec.Windows.Select(w => $$"""{"window": "{{w.Window}}", "kind": "comprehensive", "profile": [{{string.Join(',', w.Services.Select(s => $$"""{"line": "{{s.ToLowerInvariant()}}"}"""))}}]}"""))}}],
             "staff": [{{string.Join(',', "pqrstu".Select(p => $$"""{"staff": "{{p}}", "name": "人"}"""))}}], "calendar": CALENDAR}
            """;
        var calendar = System.Text.Json.Nodes.JsonNode.Parse(spec.Json())!.AsObject();
        foreach (var field in (string[])["services", "windows", "staff"]) calendar.Remove(field);
        foreach (var list in calendar.Where(f => f.Key is "sessions").Select(f => f.Value!.AsArray()).Concat(calendar["exceptions"]!.AsArray().Select(e => e!["sessions"]?.AsArray()).OfType<System.Text.Json.Nodes.JsonArray>()))
            foreach (var session in list)
                if (session!["services"] is System.Text.Json.Nodes.JsonArray named) session["services"] = new System.Text.Json.Nodes.JsonArray([.. named.Select(n => (System.Text.Json.Nodes.JsonNode)n!.GetValue<string>().ToLowerInvariant())]);
        var reading = HallDocument.Read(Encoding.UTF8.GetBytes(hall.Replace("CALENDAR", calendar.ToJsonString(), StringComparison.Ordinal)));
        Assert.True(reading.Problems.Count == 0, string.Join("\n", reading.Problems));
        return reading.Settings!.Calendar;
    }

    /// <param name="worth">What the calendars must have come by, or the law was not put to the test.</param>
    private static void ForEach(int runs, Action<int, ConcurrentDictionary<string, int>> law, params string[] worth)
    {
        var asked = FromEnvironment("HALLOPS_MODEL_RUNS", runs);
        var first = FromEnvironment("HALLOPS_MODEL_SEED", 1);
        var failures = new ConcurrentBag<(int Seed, string Message)>();
        var seen = new ConcurrentDictionary<string, int>();
        Parallel.For(first, first + asked, (seed, loop) =>
        {
            try
            {
                law(seed, seen);
            }
            catch (Exception e)
            {
                failures.Add((seed, e.Message + e.StackTrace));
                loop.Stop();
            }
        });
        Assert.True(failures.IsEmpty, string.Join("\n", failures.OrderBy(f => f.Seed).Take(1).Select(f => $"seed {f.Seed}: {f.Message}")));
        if (asked < runs) return;
        foreach (var what in worth) Assert.True(seen.GetValueOrDefault(what) > runs / 20, $"{what}: seen {seen.GetValueOrDefault(what)} times in {runs} calendars from seed {first}");
    }

    private static int FromEnvironment(string name, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var n) ? n : otherwise;
}
