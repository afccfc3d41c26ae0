using System.Globalization;
using HallOps.Core.Halls;
using Microsoft.AspNetCore.WebUtilities;

namespace HallOps.Displays.Serving;

/// <summary>What a report is asked for with, as it stands in the page's address: so that back, bookmarks and sharing work.</summary>
/// <param name="Halls">By number; every one that the caller may see, where none was named.</param>
/// <param name="AllHalls">None was named.</param>
/// <param name="From">The first service day.</param>
/// <param name="To">The last one.</param>
/// <param name="By">What the rows are; a word of <see cref="Groupings"/>.</param>
/// <param name="TargetMinutes">What a wait should at most be; null: what its line says.</param>
/// <param name="Compare">With what else, a word of <see cref="Comparisons"/> or a hall's id; null: with nothing.</param>
/// <param name="Wrong">What is wrong with the address, by field; nothing is asked for then.</param>
public sealed record ReportQuestion(IReadOnlyList<PageHall> Halls, bool AllHalls, DateOnly From, DateOnly To, string By, int? TargetMinutes, string? Compare, ReportFault? Wrong)
{
    public static readonly IReadOnlyList<string> Groupings = ["service", "window", "staff", "line", "department", "hall", "region", "hour", "weekday", "day", "week", "month"];

    /// <summary>With the days just before, the same days a week earlier, or a year earlier.</summary>
    public static readonly IReadOnlyList<string> Comparisons = ["before", "week", "year"];

    /// <summary>A day: who waits longer has gone home.</summary>
    public const int MostTarget = 1_440;

    /// <summary>Ten years: more than any deployment keeps.</summary>
    public const int MostDays = 3_650;

    /// <summary>Whether it is days that are compared, and those of <see cref="Halls"/>.</summary>
    public bool ComparesDays => Compare is not null && Comparisons.Contains(Compare);

    /// <summary>The first of the days compared with.</summary>
    public DateOnly OtherFrom => Earlier(From);

    public DateOnly OtherTo => Earlier(To);

    /// <param name="query">Of the page's address.</param>
    /// <param name="mine">The halls the caller may see figures of; at least one.</param>
    /// <param name="today">In those halls; the day that is asked for where none is named.</param>
    public static ReportQuestion Read(Microsoft.AspNetCore.Http.IQueryCollection query, IReadOnlyList<PageHall> mine, DateOnly today)
    {
        var named = query["halls"].SelectMany(h => (h ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).ToHashSet();
        var halls = named.Count == 0 ? mine : [.. mine.Where(h => named.Contains(h.Hall.Value))];
        ReportFault? wrong = null;
        var to = DayOf("to") ?? DayOf("from") ?? today;
        var from = DayOf("from") ?? to;
        if (wrong is null && from > to) wrong = ReportFault.EndsBeforeItBegins;
        if (wrong is null && to.DayNumber - from.DayNumber >= MostDays) wrong = ReportFault.TooLong;
        int? target = null;
        if (query["target"].ToString() is { Length: > 0 } typed)
        {
            if (int.TryParse(typed, NumberStyles.None, CultureInfo.InvariantCulture, out var minutes) && minutes is >= 1 and <= MostTarget) target = minutes;
            else wrong ??= ReportFault.NoTarget;
        }
        var by = query["by"].ToString();
        var compare = query["compare"].ToString();
        return new ReportQuestion(halls, named.Count == 0, from, to, Groupings.Contains(by) ? by : "service", target,
            Comparisons.Contains(compare) || mine.Any(h => h.Hall.Value == compare) ? compare : null, wrong);

        DateOnly? DayOf(string field)
        {
            if (query[field].ToString() is not { Length: > 0 } text) return null;
            if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is >= 2000 and < 2190) return day;
            wrong ??= ReportFault.NoDay;
            return null;
        }
    }

    /// <summary>The same question with other days, as an address.</summary>
    public string With(DateOnly from, DateOnly to)
    {
        var parts = new List<KeyValuePair<string, string?>>();
        if (!AllHalls) parts.Add(new("halls", string.Join(',', Halls.Select(h => h.Hall.Value))));
        parts.AddRange([new("from", Of(from)), new("to", Of(to)), new("by", By)]);
        if (TargetMinutes is { } target) parts.Add(new("target", target.ToString(CultureInfo.InvariantCulture)));
        if (Compare is not null) parts.Add(new("compare", Compare));
        return QueryHelpers.AddQueryString("/reports", parts);
    }

    /// <summary>A day as addresses, forms and the API have it.</summary>
    public static string Of(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private DateOnly Earlier(DateOnly day) => Compare switch
    {
        "before" => day.AddDays(-(To.DayNumber - From.DayNumber + 1)),
        "week" => day.AddDays(-7),
        "year" => day.AddYears(-1),
        _ => day,
    };
}

/// <summary>What is wrong with the address of a report.</summary>
public enum ReportFault { NoDay, EndsBeforeItBegins, TooLong, NoTarget }
