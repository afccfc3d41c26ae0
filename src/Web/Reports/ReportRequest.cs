using System.Globalization;
using HallOps.Core.Halls;
using HallOps.Core.Metrics;
using HallOps.Silo;
using HallOps.Silo.Projections;
using HallOps.Web.Problems;
using Microsoft.AspNetCore.Mvc;

namespace HallOps.Web.Reports;

/// <summary>What a question for figures or legs may say, as it stands in the address: texts all, so that what is wrong is said in our words.</summary>
public sealed record ReportParameters
{
    /// <summary>Ids separated by commas; left out: all that the caller may see.</summary>
    [FromQuery(Name = "halls")] public string? Halls { get; init; }
    /// <summary>A date; left out: the last one.</summary>
    [FromQuery(Name = "from")] public string? From { get; init; }
    /// <summary>The last date, included; left out: today.</summary>
    [FromQuery(Name = "to")] public string? To { get; init; }
    /// <summary>What the rows are; left out: one row for all.</summary>
    [FromQuery(Name = "by")] public string? By { get; init; }
    /// <summary>Of rows by region: how many levels of the way from the top.</summary>
    [FromQuery(Name = "level")] public string? Level { get; init; }
    /// <summary>Of every wait; left out: each by its line's own target.</summary>
    [FromQuery(Name = "targetSeconds")] public string? TargetSeconds { get; init; }
    [FromQuery(Name = "shortAbandonSeconds")] public string? ShortAbandonSeconds { get; init; }
    [FromQuery(Name = "survival")] public string? Survival { get; init; }
    [FromQuery(Name = "distribution")] public string? Distribution { get; init; }
    /// <summary>A second period, like <c>2026-10-01..2026-10-31</c>.</summary>
    [FromQuery(Name = "compare")] public string? Compare { get; init; }
    /// <summary>Other halls, for the second answer.</summary>
    [FromQuery(Name = "compareHalls")] public string? CompareHalls { get; init; }
    [FromQuery(Name = "department")] public string? Department { get; init; }
    [FromQuery(Name = "service")] public string? Service { get; init; }
    [FromQuery(Name = "line")] public string? Line { get; init; }
    [FromQuery(Name = "window")] public string? Window { get; init; }
    [FromQuery(Name = "staff")] public string? Staff { get; init; }
    [FromQuery(Name = "class")] public string? Class { get; init; }
    [FromQuery(Name = "outcome")] public string? Outcome { get; init; }
    [FromQuery(Name = "hour")] public string? Hour { get; init; }
    [FromQuery(Name = "weekday")] public string? Weekday { get; init; }
    [FromQuery(Name = "grade")] public string? Grade { get; init; }
    /// <summary>Only the legs that a figure counts, like <c>answered</c>.</summary>
    [FromQuery(Name = "counted")] public string? Counted { get; init; }
    /// <summary>Only answered waits longer than that.</summary>
    [FromQuery(Name = "waitOverSeconds")] public string? WaitOverSeconds { get; init; }
    /// <summary>Only answered waits no longer than that.</summary>
    [FromQuery(Name = "waitUpToSeconds")] public string? WaitUpToSeconds { get; init; }
    /// <summary>Of legs: the <c>next</c> of the page before.</summary>
    [FromQuery(Name = "after")] public string? After { get; init; }
    [FromQuery(Name = "limit")] public string? Limit { get; init; }
    /// <summary><c>gbt39046</c>: grades are 1 (非常满意) to 5.</summary>
    [FromQuery(Name = "codes")] public string? Codes { get; init; }
}

/// <summary>A question as it was meant.</summary>
/// <param name="Target">What a wait should at most be.</param>
/// <param name="ShortAbandonMilliseconds">Who left within that did not come to wait.</param>
/// <param name="Compared">The second question; null: none.</param>
/// <param name="Targets">What rates are to reach here.</param>
public sealed record ReportRequest(MetricQuery Query, WaitTarget Target, long ShortAbandonMilliseconds, bool Survival, bool Distribution, MetricQuery? Compared, bool HasCodes, ReportTargets Targets)
{
    private const int MaxYears = 10;

    private const long DefaultShortAbandon = 30_000;

    /// <summary>A day: a wait is never longer than its service day but for the few that go on over midnight.</summary>
    private const double MaxTargetSeconds = 86_400;

    /// <summary>As <c>/reports</c> asks where nobody says more than halls and days.</summary>
    internal static ReportRequest Plain(MetricQuery query, ReportTargets targets) => new(query, OfLines(targets), DefaultShortAbandon, Survival: false, Distribution: false, Compared: null, HasCodes: false, targets);

    /// <summary>Reads an address. Rights are asked for first: whoever may see nothing is told nothing else.</summary>
    /// <param name="allowed">The groupings of this question, the first where it names none; none of them: one row for all.</param>
    public static async ValueTask<(ReportRequest? Request, Problem? Problem)> ReadAsync(HttpContext http, ReportParameters said, IReadOnlyList<Grouping> allowed, Grouping? otherwise)
    {
        var services = http.RequestServices;
        var (all, clock, caller) = (services.GetRequiredService<ReportHalls>(), services.GetRequiredService<HallClock>(), Caller.Of(http.User));
        var (halls, refused) = await all.FindAsync(caller, said.Halls, "halls", http.RequestAborted);
        if (halls is null) return (null, refused);
        http.Response.Headers.CacheControl = "no-store";

        var today = halls.Count > 0 ? halls.Max(h => h.DayOf(clock.Now)) : DateOnly.FromDateTime(clock.Now.ToDateTimeOffset().DateTime);
        if (!TryDate(said.To, out var to)) return (null, NoDate("to"));
        if (!TryDate(said.From, out var from)) return (null, NoDate("from"));
        var (last, first) = (to ?? (from > today ? from.Value : today), from ?? to ?? today);
        if (Wrong("to", "from", first, last) is { } range) return (null, range);

        if (!TryGrouping(said.By, allowed, out var by)) return (null, Problem.BadField("by", allowed.Count == 0 ? "is not for this question; leave it out" : $"must be {AllowedValues.OneOf(allowed.Select(g => g.ToString()))}"));
        if (!TryWhole(said.Level, 1, 10, out var level)) return (null, Problem.BadField("level", "must be a whole number from 1 to 10: the levels of the way from the top"));
        if (!TrySeconds(said.TargetSeconds, out var target)) return (null, NoSeconds("targetSeconds"));
        if (!TrySeconds(said.ShortAbandonSeconds, out var shortAbandon)) return (null, NoSeconds("shortAbandonSeconds"));
        if (!TryFlag(said.Survival, out var survival)) return (null, Problem.BadField("survival", "must be true or false"));
        if (!TryFlag(said.Distribution, out var distribution)) return (null, Problem.BadField("distribution", "must be true or false"));
        if (said.Codes is not (null or "gbt39046")) return (null, Problem.BadField("codes", "must be gbt39046, or left out"));
        var targets = services.GetRequiredService<ReportTargets>();
        var measure = target is { } named ? new WaitTarget(named) : OfLines(targets);
        if (FilterOf(said, measure, out var filter) is { } wrong) return (null, wrong);

        var query = new MetricQuery(halls, first, last, by ?? otherwise) { Filter = filter, RegionLevel = level };
        MetricQuery? compared = null;
        if (said.Compare is not null || said.CompareHalls is not null)
        {
            compared = query;
            if (said.Compare is { } period)
            {
                if (period.Split("..") is not [var a, var b] || !TryDate(a, out var comparedFrom) || !TryDate(b, out var comparedTo) || comparedFrom is null || comparedTo is null)
                    return (null, Problem.BadField("compare", "must be two dates like 2026-10-01..2026-10-31"));
                if (Wrong("compare", "its first date", comparedFrom.Value, comparedTo.Value) is { } other) return (null, other);
                compared = compared with { From = comparedFrom.Value, To = comparedTo.Value };
            }
            if (said.CompareHalls is { } ids)
            {
                (var others, refused) = await all.FindAsync(caller, ids, "compareHalls", http.RequestAborted);
                if (others is null) return (null, refused);
                // Line a of one hall is not line a of another: with one on each side it is clear which is meant.
                if (query.IsByHallToo && (halls.Count != 1 || others.Count != 1) && !halls.SequenceEqual(others)) return (null, Problem.BadField("compareHalls", "must be one hall beside one hall where rows are lines, windows or staff"));
                compared = compared with { Halls = others };
            }
        }
        return (new ReportRequest(query, measure, shortAbandon ?? DefaultShortAbandon, survival, distribution, compared, said.Codes is not null, targets), null);
    }

    private static WaitTarget OfLines(ReportTargets targets) => new(targets.WaitMinutes * 60_000L, IsOfLines: true);

    private static Problem? FilterOf(ReportParameters said, WaitTarget target, out LegFilter filter)
    {
        filter = LegFilter.All;
        if (said.Outcome is not null && TableWord.Find<LegOutcome>(said.Outcome) is null) return Problem.BadField("outcome", $"must be {AllowedValues.OneOf(Enum.GetNames<LegOutcome>())}");
        if (!TryWhole(said.Hour, 0, 23, out var hour)) return Problem.BadField("hour", "must be a whole number from 0 to 23");
        if (said.Weekday is not null && TableWord.Find<DayOfWeek>(said.Weekday) is null) return Problem.BadField("weekday", $"must be {AllowedValues.OneOf(Enum.GetNames<DayOfWeek>())}");
        if (said.Grade is not null && TableWord.Find<Grade>(said.Grade) is null) return Problem.BadField("grade", $"must be {AllowedValues.OneOf(Enum.GetNames<Grade>())}");
        if (said.Counted is not null && TableWord.Find<LegSet>(said.Counted) is null) return Problem.BadField("counted", $"must be {AllowedValues.OneOf(Enum.GetNames<LegSet>())}");
        if (!TrySeconds(said.WaitOverSeconds, out var over)) return NoSeconds("waitOverSeconds");
        if (!TrySeconds(said.WaitUpToSeconds, out var upTo)) return NoSeconds("waitUpToSeconds");
        filter = new LegFilter
        {
            Department = said.Department, Service = said.Service, Line = said.Line, Window = said.Window, Staff = said.Staff, Class = said.Class,
            Outcome = TableWord.Find<LegOutcome>(said.Outcome), Hour = hour, Weekday = TableWord.Find<DayOfWeek>(said.Weekday),
            Grade = TableWord.Find<Grade>(said.Grade), Counted = TableWord.Find<LegSet>(said.Counted), WaitOver = over, WaitUpTo = upTo,
        };
        if (filter.Counted == LegSet.InTime) filter = filter with { InTimeBy = target };
        return null;
    }

    private static Problem? Wrong(string field, string start, DateOnly from, DateOnly to) =>
        to < from ? Problem.BadField(field, $"must not be before {start}")
        : to >= from.AddYears(MaxYears) ? Problem.BadField(field, string.Create(CultureInfo.InvariantCulture, $"must be within {MaxYears} years of {start}")) : null;

    private static Problem NoDate(string field) => Problem.BadField(field, "must be a date like 2026-11-21, from 1970 to 2189");

    private static Problem NoSeconds(string field) => Problem.BadField(field, string.Create(CultureInfo.InvariantCulture, $"must be seconds from 0 to {MaxTargetSeconds}"));

    private static bool TryDate(string? text, out DateOnly? date)
    {
        date = null;
        if (text is null) return true;
        if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var read) || read.Year is < 1970 or >= 2190) return false;
        date = read;
        return true;
    }

    private static bool TryGrouping(string? text, IReadOnlyList<Grouping> allowed, out Grouping? by) => (by = TableWord.Find<Grouping>(text)) is { } known ? allowed.Contains(known) : text is null;

    private static bool TryWhole(string? text, int least, int most, out int? number)
    {
        number = null;
        if (text is null) return true;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var read) || read < least || read > most) return false;
        number = read;
        return true;
    }

    private static bool TrySeconds(string? text, out long? milliseconds)
    {
        milliseconds = null;
        if (text is null) return true;
        if (!double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds) || !(seconds >= 0 && seconds <= MaxTargetSeconds)) return false;
        milliseconds = (long)Math.Round(seconds * 1000);
        return true;
    }

    private static bool TryFlag(string? text, out bool flag) => (flag = text == "true") || text is null or "false";
}
