using System.Runtime.CompilerServices;
using HallOps.Core.Halls;
using HallOps.Core.Metrics;

namespace HallOps.Web.Reports;

/// <summary>Windows' time of the table, cut by days of the hall's wall and by its sessions.</summary>
internal static class StretchReader
{
    /// <summary>Every part of windows' time from one day to another, both included, with its day; of what is still so up to now.</summary>
    public static async IAsyncEnumerable<(DateOnly Day, MetricStretch Part, bool InSession)> StretchesAsync(
        this ReportDatabase database, MetricQuery query, ReportHall hall, DateOnly from, DateOnly to, Instant now, [EnumeratorCancellation] CancellationToken cancel)
    {
        var (begin, end) = (hall.StartOf(from).Milliseconds, Math.Min(hall.StartOf(to.AddDays(1)).Milliseconds, now.Milliseconds));
        if (end <= begin) yield break;
        var (windows, sessions) = await database.WindowsAsync(hall, begin, end, query.Filter.Window, cancel);
        if (query.Filter.Staff is { } person) windows.RemoveAll(w => person != (w.Staff ?? ""));
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
