using HallOps.Core.Calendars;
using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Silo.Scheduling;
using HallOps.Web.Storage;

namespace HallOps.Web.Reports.Stored;

/// <summary>Stores the report of every hall's day once its figures are made, and of every month once all its days have theirs; each once. Every hour, and only of what is missing.</summary>
/// <param name="parts">Asked for at the first run: this is made before the folder is taken, and what it needs is in it.</param>
internal sealed partial class ReportKeeping(Func<ReportKeeping.Parts> parts, ILogger<ReportKeeping> log) : IHousekeeping
{
    /// <summary>How far back what is missing is made up for: an absence, or a month that was imported; not the years before.</summary>
    public const int DaysBack = 35, MonthsBack = 13;

    /// <summary>How long reports of days are kept: a year, and a month to compare it with. Those of months stay.</summary>
    public const int DaysKept = 400;

    /// <summary>In one run: the days and months of 753 halls, and half an hour of work at most. What is left is made in the next one.</summary>
    public const int MostAtOnce = 2_000;

    // The longest service day ends at 06:00 of the next date (CalendarRules); an hour more where clocks are put back.
    private static readonly TimeSpan LongestOverMidnight = TimeSpan.FromHours(7);

    public string Name => "reports";

    public async Task<string> RunAsync(CancellationToken cancel)
    {
        var (shelf, maker, halls, places, clock) = parts();
        var now = clock.Now;
        // No zone is a day away.
        var utc = ServiceDay.At(now, TimeZoneInfo.Utc);
        var known = halls.Halls.ToDictionary(h => h.Number);
        var (stored, failed) = (0, new Dictionary<HallId, Exception>());
        foreach (var missing in await shelf.MissingAsync(utc.AddDays(-DaysBack - 1), new DateOnly(utc.Year, utc.Month, 1).AddMonths(-MonthsBack - 1), cancel))
        {
            if (stored == MostAtOnce) break;
            if (!known.TryGetValue(missing.Hall, out var hall) || failed.ContainsKey(hall.Hall)) continue;
            try
            {
                var place = await places.OfAsync(hall, cancel);
                if (IsDue(missing, place, now) && await shelf.StoreAsync(missing.Hall, await maker.MakeAsync(place, missing.Period, cancel), cancel)) stored++;
            }
            // One hall that stands still keeps no other waiting; a database that is away is no hall's fault.
            catch (Exception e) when (!cancel.IsCancellationRequested && !(DatabaseFaults.Of(e) is { } fault && DatabaseFaults.IsAway(fault)))
            {
                failed[hall.Hall] = e;
                LogNotStored(log, e, hall.Hall.Value, missing.Period.Text);
            }
        }
        var forgotten = await shelf.ForgetDaysAsync(utc.AddDays(-DaysKept), cancel);
        var done = FormattableString.Invariant($"{stored} reports stored, {forgotten} forgotten");
        return failed.Count == 0 ? done : throw new InvalidOperationException(FormattableString.Invariant($"{done}; not those of {failed.Count} halls ({failed.First().Key}: {failed.First().Value.Message})"), failed.First().Value);
    }

    private static bool IsDue(MissingReport missing, ReportHall hall, Instant now)
    {
        var (period, today) = (missing.Period, hall.DayOf(now));
        // A file may say of visits what it likes, so also that they are to come.
        if (!period.IsMonth) return period.To < today && period.To >= today.AddDays(-DaysBack);
        var month = new DateOnly(today.Year, today.Month, 1);
        if (period.To >= month || period.From < month.AddMonths(-MonthsBack)) return false;
        // Days that were never followed have no legs and are not due: the hall must be known to be past all of them.
        return missing.KnownTo is { } known && known.Milliseconds > hall.StartOf(period.To.AddDays(1)).Milliseconds + (long)LongestOverMidnight.TotalMilliseconds;
    }

    /// <summary>What a run needs.</summary>
    internal sealed record Parts(ReportShelf Shelf, ReportMaker Maker, IHalls Halls, ReportHalls Places, HallClock Clock);

    [LoggerMessage(EventId = 2310, Level = LogLevel.Warning, Message = "The report of hall {Hall} for {Period} could not be stored; it is tried again within an hour.")]
    private static partial void LogNotStored(ILogger log, Exception failed, string hall, string period);
}
