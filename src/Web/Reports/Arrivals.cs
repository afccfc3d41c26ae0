using System.Globalization;
using HallOps.Core.Metrics;
using HallOps.Silo;
using HallOps.Silo.Projections;
using HallOps.Web.Storage;
using Microsoft.EntityFrameworkCore;

namespace HallOps.Web.Reports;

/// <summary>When people come: legs by day or weekday, and by the hour they joined. Safe from any thread.</summary>
public sealed class Arrivals(IDbContextFactory<HallOpsDb> databases, HallClock clock)
{
    /// <param name="query">By day or by weekday.</param>
    /// <returns>By day and hour; hours in which nobody came are left out.</returns>
    public async Task<IReadOnlyList<ArrivalsView>> AskAsync(MetricQuery query, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(query);
        var grouping = query.By ?? Grouping.Day;
        query = query with { By = grouping };
        var (cells, seen, days) = (new Dictionary<(string Day, int Hour), (long Tickets, long Legs)>(), new HashSet<(int, uint, long, DateOnly)>(), new Dictionary<string, int>());
        void Add(DateOnly day, int hour, long tickets, long legs)
        {
            var known = cells.GetValueOrDefault((grouping.KeyOf(day), hour));
            cells[(grouping.KeyOf(day), hour)] = (known.Tickets + tickets, known.Legs + legs);
        }

        await using var database = await ReportDatabase.OpenAsync(databases, cancel);
        IReadOnlyList<UnrolledDays> raw = [.. query.Halls.Select(h => new UnrolledDays(h, query.From, query.To))];
        if (query.Filter.IsAll && (long)query.Days * query.Halls.Count > Metrics.RawHallDays)
        {
            var (unrolled, plans) = await RollupReader.PlansAsync(database, query, clock.Now, cancel);
            foreach (var (halls, plan) in plans)
                foreach (var some in plan.Days.Chunk(400))
                    await foreach (var (day, hour, tickets, legs) in CellsAsync(database, halls, some, cancel)) Add(day, hour, tickets, legs);
            raw = unrolled;
        }
        foreach (var (hall, from, to) in raw)
            await foreach (var leg in database.LegsAsync(query, hall, from, to, cancel))
                Add(leg.Day, leg.Joined.Hour, seen.Add((leg.Joined.Hour, hall.Number, leg.Ticket, leg.Day)) ? 1 : 0, 1);

        // Nobody has come yet on days to come.
        var (today, last) = (query.Halls.Count == 0 ? query.To : query.Halls.Max(h => h.DayOf(clock.Now)), query.To);
        if (today < last) last = today;
        for (var day = query.From; day <= last; day = day.AddDays(1)) days[grouping.KeyOf(day)] = days.GetValueOrDefault(grouping.KeyOf(day)) + 1;
        return [.. from day in grouping.InOrder(cells.GroupBy(c => c.Key.Day).Select(g => KeyValuePair.Create(g.Key, g)))
            from cell in day.Value.OrderBy(c => c.Key.Hour)
            select new ArrivalsView(day.Key, cell.Key.Hour, cell.Value.Tickets, cell.Value.Legs, days.GetValueOrDefault(day.Key, 1))];
    }

    private static async IAsyncEnumerable<(DateOnly Day, int Hour, long Tickets, long Legs)> CellsAsync(ReportDatabase database, IReadOnlyList<ReportHall> halls, string[] buckets, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        var sql = $"""
            SELECT bucket, "key", SUM(tickets), SUM(legs) FROM rollups WHERE grain = 'day' AND dimension = 'hour'
            AND bucket IN ({string.Join(", ", buckets.Select((_, i) => $"@b{i}"))}) AND hall IN ({string.Join(", ", halls.Select(h => h.Number))}) GROUP BY bucket, "key"
            """;
        var days = new DayText();
        await foreach (var row in database.RowsAsync(sql, [.. buckets.Select((b, i) => ($"@b{i}", (object)b))], cancel))
            // A sum of whole numbers is a decimal in PostgreSQL.
            yield return (days.Read(row.GetString(0)), int.Parse(row.GetString(1), CultureInfo.InvariantCulture), Convert.ToInt64(row.GetValue(2), CultureInfo.InvariantCulture), Convert.ToInt64(row.GetValue(3), CultureInfo.InvariantCulture));
    }
}
