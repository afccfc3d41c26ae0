using System.Globalization;

namespace HallOps.Core.Metrics;

/// <summary>What the rows of a report are.</summary>
public enum Grouping { Hall, Region, Department, Service, Line, Window, Staff, Hour, Weekday, Day, Week, Month }

/// <summary>Keys of rows, and their order.</summary>
public static class GroupingKeys
{
    /// <summary>The row that a leg belongs to: an id, an hour (0 to 23), a weekday (<c>monday</c>), a day (<c>2026-11-23</c>), an ISO week (<c>2026-W48</c>) or a month (<c>2026-11</c>); null where it has none, as a leg that nobody called has no window.</summary>
    public static string? KeyOf(this Grouping by, MetricLeg leg)
    {
        ArgumentNullException.ThrowIfNull(leg);
        return by switch
        {
            Grouping.Hall => leg.Hall,
            Grouping.Region => leg.Region,
            Grouping.Department => leg.Department,
            Grouping.Service => leg.Service,
            Grouping.Line => leg.Line,
            Grouping.Window => leg.Window,
            Grouping.Staff => leg.Staff,
            Grouping.Hour => leg.Joined.Hour.ToString(CultureInfo.InvariantCulture),
            _ => by.KeyOf(leg.Day),
        };
    }

    /// <summary>The row that a service day belongs to.</summary>
    /// <param name="by">A grouping by days, or by what is made of days.</param>
    public static string KeyOf(this Grouping by, DateOnly day) => by switch
    {
        Grouping.Weekday => day.DayOfWeek.ToString().ToLowerInvariant(),
        Grouping.Day => day.ToString("O", CultureInfo.InvariantCulture),
        Grouping.Week => string.Create(CultureInfo.InvariantCulture, $"{ISOWeek.GetYear(day.ToDateTime(default)):D4}-W{ISOWeek.GetWeekOfYear(day.ToDateTime(default)):D2}"),
        Grouping.Month => day.ToString("yyyy-MM", CultureInfo.InvariantCulture),
        _ => throw new ArgumentOutOfRangeException(nameof(by), by, "is not by days"),
    };

    /// <summary>Rows in the order people expect: hours by the clock, weekdays from Monday, all others by their key; none last.</summary>
    public static IOrderedEnumerable<KeyValuePair<string, T>> InOrder<T>(this Grouping by, IEnumerable<KeyValuePair<string, T>> rows) => by switch
    {
        Grouping.Hour => rows.OrderBy(r => r.Key.Length).ThenBy(r => r.Key, StringComparer.Ordinal),
        Grouping.Weekday => rows.OrderBy(r => ((int)Enum.Parse<DayOfWeek>(r.Key, ignoreCase: true) + 6) % 7),
        _ => rows.OrderBy(r => r.Key.Length == 0).ThenBy(r => r.Key, StringComparer.Ordinal),
    };
}
