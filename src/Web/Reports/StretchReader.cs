using System.Runtime.CompilerServices;
using HallOps.Core.Halls;
using HallOps.Core.Metrics;

namespace HallOps.Web.Reports;

/// <summary>Windows' time of the table, cut by days of the hall's wall and by its sessions.</summary>
internal static class StretchReader
{
    private static readonly string s_closed = TableWord.Of(WindowUse.Closed);

    /// <summary>Every part of windows' time from one day to another, both included, with its day; of what is still so up to now.</summary>
    public static async IAsyncEnumerable<(DateOnly Day, MetricStretch Part, bool InSession)> StretchesAsync(
        this ReportDatabase database, MetricQuery query, ReportHall hall, DateOnly from, DateOnly to, Instant now, [EnumeratorCancellation] CancellationToken cancel)
    {
        var (begin, end) = (hall.StartOf(from).Milliseconds, Math.Min(hall.StartOf(to.AddDays(1)).Milliseconds, now.Milliseconds));
        if (end <= begin) yield break;
        var (windows, sessions) = (new List<MetricStretch>(), new List<(long From, long To)>());
        await foreach (var window in WindowsAsync(database, hall, cancel))
        {
            if (window.Length > 0 && query.Filter.Window is { } only && only != window) continue;
            // From the stretch that was going on at the beginning.
            const string sql = """
                SELECT from_at, "use", reason, staff, to_at FROM window_time WHERE hall = @hall AND "window" = @window AND from_at < @end
                AND from_at >= COALESCE((SELECT MAX(from_at) FROM window_time WHERE hall = @hall AND "window" = @window AND from_at <= @begin), @begin) ORDER BY from_at
                """;
            await foreach (var row in database.RowsAsync(sql, [("@hall", (long)hall.Number), ("@window", window), ("@begin", begin), ("@end", end)], cancel))
            {
                var (starts, ends) = (Math.Max(begin, row.GetInt64(0)), Math.Min(end, row.LongOrNull(4) ?? end));
                if (ends <= starts) continue;
                if (window.Length == 0)
                {
                    if (row.GetString(1) != s_closed) sessions.Add((starts, ends));
                    continue;
                }
                var staff = row.TextOrNull(3);
                if (query.Filter.Staff is { } person && person != (staff ?? "")) continue;
                windows.Add(new MetricStretch(hall.Hall.Value, window, staff, TableWord.Read<WindowUse>(row, 1)!.Value, TableWord.Read<PauseReason>(row, 2), starts, ends));
            }
        }
        var days = new List<(DateOnly Day, long From, long To)>();
        for (var day = from; day <= to && hall.StartOf(day).Milliseconds < end; day = day.AddDays(1)) days.Add((day, hall.StartOf(day).Milliseconds, hall.StartOf(day.AddDays(1)).Milliseconds));
        foreach (var stretch in windows)
        {
            // The day it begins in, and those it goes on into.
            for (var i = DayAt(days, stretch.From); i < days.Count && days[i].From < stretch.To; i++)
            {
                var part = stretch with { From = Math.Max(stretch.From, days[i].From), To = Math.Min(stretch.To, days[i].To) };
                foreach (var (cut, inSession) in SessionTime.Cut([part], sessions)) yield return (days[i].Day, cut, inSession);
            }
        }
    }

    /// <summary>The windows that have any time, the hall itself (empty) first: a step each, over however many stretches.</summary>
    private static async IAsyncEnumerable<string> WindowsAsync(ReportDatabase database, ReportHall hall, [EnumeratorCancellation] CancellationToken cancel)
    {
        yield return "";
        for (string? last = ""; last is not null;)
        {
            string? next = null;
            await foreach (var row in database.RowsAsync("SELECT MIN(\"window\") FROM window_time WHERE hall = @hall AND \"window\" > @last", [("@hall", (long)hall.Number), ("@last", last)], cancel)) next = row.TextOrNull(0);
            last = next;
            if (last is not null) yield return last;
        }
    }

    private static int DayAt(List<(DateOnly Day, long From, long To)> days, long at)
    {
        var (low, high) = (0, days.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) >>> 1;
            if (days[middle].From <= at) low = middle;
            else high = middle - 1;
        }
        return low;
    }
}
