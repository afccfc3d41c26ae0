using System.Globalization;
using System.Text;
using HallOps.Core.Halls;
using HallOps.Core.Metrics;
using HallOps.Silo.Projections;

namespace HallOps.Web.Reports;

/// <summary>Stretches of days of a hall whose figures are not in rollups, or not as they are now.</summary>
internal sealed record UnrolledDays(ReportHall Hall, DateOnly From, DateOnly To);

/// <summary>Answers from rollups, and says for which days they are no answer.</summary>
internal static class RollupReader
{
    /// <summary>Whether rollups have cells that answer the question.</summary>
    public static bool Knows(MetricQuery query) => DimensionOf(query) is not null;

    /// <summary>Adds the cells of the days that rollups know.</summary>
    /// <returns>The days to be counted from the rows themselves.</returns>
    public static async Task<IReadOnlyList<UnrolledDays>> AddRollupsAsync(this ReportDatabase database, MetricQuery query, AnswerRows rows, Instant now, CancellationToken cancel)
    {
        var (dimension, key) = DimensionOf(query)!.Value;
        var (unrolled, plans) = await PlansAsync(database, query, now, cancel);
        foreach (var (halls, plan) in plans)
        {
            var byNumber = halls.ToDictionary(h => h.Number);
            foreach (var (grain, buckets) in plan.Grains)
                foreach (var some in buckets.Chunk(400))
                    await AddCellsAsync(database, query, rows, byNumber, (grain, dimension, key), some, unrolled, cancel);
        }
        return unrolled;
    }

    /// <summary>The days that rollups do not know, and the cells of all others: halls of which the same days are due have the same plan, mostly all of them.</summary>
    public static async Task<(List<UnrolledDays> Unrolled, List<(IReadOnlyList<ReportHall> Halls, RollupPlan Plan)> Plans)> PlansAsync(ReportDatabase database, MetricQuery query, Instant now, CancellationToken cancel)
    {
        var due = await DueAsync(database, query, cancel);
        var (unrolled, plans) = (new List<UnrolledDays>(), new List<(IReadOnlyList<ReportHall>, RollupPlan)>());
        await foreach (var days in UnrolledAsync(database, query, due, now, cancel)) unrolled.Add(days);
        var later = query.Halls.Any(h => query.To >= h.DayOf(now)) ? await LaterAsync(database, query, cancel) : [];
        foreach (var halls in query.Halls.GroupBy(h => (Due: string.Join(',', due[h.Number]), IsToNow: query.To >= h.DayOf(now) && !later.Contains(h.Number))))
        {
            // No later day has any figures yet: so far the year is whole.
            var to = halls.Key.IsToNow ? new DateOnly(query.To.Year, 12, 31) : query.To;
            plans.Add(([.. halls], RollupPlan.Of(query.From, to, due[halls.First().Number].ToHashSet(), query.By)));
        }
        return (unrolled, plans);
    }

    /// <summary>Halls that have figures of later days of that year: a file may say of visits what it likes.</summary>
    private static async Task<HashSet<uint>> LaterAsync(ReportDatabase database, MetricQuery query, CancellationToken cancel)
    {
        var later = new HashSet<uint>();
        var sql = $"SELECT DISTINCT hall FROM rollups WHERE grain = 'day' AND dimension = 'hall' AND bucket > @to AND bucket <= @end AND hall IN ({string.Join(", ", query.Halls.Select(h => h.Number))})";
        await foreach (var row in database.RowsAsync(sql, [("@to", DayText.Of(query.To)), ("@end", DayText.Of(new DateOnly(query.To.Year, 12, 31)))], cancel)) later.Add((uint)row.GetInt64(0));
        return later;
    }

    private static async Task AddCellsAsync(ReportDatabase database, MetricQuery query, AnswerRows rows, Dictionary<uint, ReportHall> halls, (string Grain, string Dimension, string? Key) of, string[] buckets, List<UnrolledDays> unrolled, CancellationToken cancel)
    {
        var sql = new StringBuilder("SELECT bucket, hall, \"key\", version, body FROM rollups WHERE grain = @grain AND dimension = @dimension AND bucket IN (")
            .AppendJoin(", ", buckets.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"@b{i}"))).Append(") AND hall IN (").AppendJoin(", ", halls.Keys).Append(')');
        var values = new List<(string, object)> { ("@grain", of.Grain), ("@dimension", of.Dimension) };
        for (var i = 0; i < buckets.Length; i++) values.Add((string.Create(CultureInfo.InvariantCulture, $"@b{i}"), buckets[i]));
        if (of.Key is { } key)
        {
            sql.Append(" AND \"key\" = @key");
            values.Add(("@key", key));
        }
        await foreach (var row in database.RowsAsync(sql.ToString(), [.. values], cancel))
        {
            var (from, to) = RollupPlan.DaysOf(row.GetString(0));
            var hall = halls[(uint)row.GetInt64(1)];
            // Written by another version and not made anew yet.
            if (row.GetInt32(3) != Tally.Version)
            {
                // The day that runs still is counted already.
                var counted = unrolled.Where(u => u.Hall == hall).ToList();
                for (var day = from < query.From ? query.From : from; day <= to && day <= query.To; day = day.AddDays(1))
                    if (!counted.Any(u => u.From <= day && day <= u.To)) unrolled.Add(new(hall, day, day));
            }
            else rows.Add(hall, from, row.GetString(2), Tally.Read(row.GetFieldValue<byte[]>(4)));
        }
    }

    /// <summary>Of each hall, the days whose cells are older than their rows.</summary>
    private static async Task<ILookup<uint, DateOnly>> DueAsync(ReportDatabase database, MetricQuery query, CancellationToken cancel)
    {
        var (due, days) = (new List<(uint Hall, DateOnly Day)>(), new DayText());
        await foreach (var row in database.RowsAsync("SELECT hall, \"day\" FROM rollups_due WHERE \"day\" >= @from AND \"day\" <= @to ORDER BY hall, \"day\"", [("@from", DayText.Of(query.From)), ("@to", DayText.Of(query.To))], cancel))
            due.Add(((uint)row.GetInt64(0), days.Read(row.GetString(1))));
        return due.ToLookup(d => d.Hall, d => d.Day);
    }

    /// <summary>Days that are due, and those that run still.</summary>
    private static async IAsyncEnumerable<UnrolledDays> UnrolledAsync(ReportDatabase database, MetricQuery query, ILookup<uint, DateOnly> due, Instant now, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        // A hall's days follow each other: when a leg of one is stored, every day before it has ended, and is due or has its cells. So only the last one may run still.
        var running = new Dictionary<uint, DateOnly>();
        var (text, halls) = (new DayText(), string.Join(", ", query.Halls.Select(h => h.Number)));
        var last = $"""
            WITH n(number) AS (VALUES {string.Join(", ", query.Halls.Select(h => $"({h.Number})"))})
            SELECT CAST(h.hall AS bigint), h.last_day FROM (SELECT n.number AS hall, (SELECT MAX(l."day") FROM legs l WHERE l.hall = n.number AND l."day" <= @to) AS last_day FROM n) h
            WHERE h.last_day >= @from AND NOT EXISTS (SELECT 1 FROM rollups r WHERE r.grain = 'day' AND r.dimension = 'hall' AND r.bucket = h.last_day AND r.hall = h.hall)
            """;
        await foreach (var row in database.RowsAsync(last, [("@from", DayText.Of(query.From)), ("@to", DayText.Of(query.To))], cancel)) running[(uint)row.GetInt64(0)] = text.Read(row.GetString(1));
        // A day nobody came on may have windows' time: of that only the very last days can lack cells.
        var rolled = query.WithTime ? await RolledAsync(database, query, halls, now, cancel) : null;
        foreach (var hall in query.Halls)
        {
            var days = due[hall.Number].ToHashSet();
            if (running.TryGetValue(hall.Number, out var runs)) days.Add(runs);
            if (rolled is not null)
                foreach (var day in LastDays(hall, now))
                    if (day >= query.From && day <= query.To && !rolled.Contains((hall.Number, day))) days.Add(day);
            foreach (var day in days.Order()) yield return new UnrolledDays(hall, day, day);
        }
    }

    private static async Task<HashSet<(uint Hall, DateOnly Day)>> RolledAsync(ReportDatabase database, MetricQuery query, string halls, Instant now, CancellationToken cancel)
    {
        var (rolled, text) = (new HashSet<(uint, DateOnly)>(), new DayText());
        var days = query.Halls.SelectMany(h => LastDays(h, now)).Distinct().Order().ToList();
        var sql = $"SELECT hall, bucket FROM rollups WHERE grain = 'day' AND dimension = 'hall' AND bucket IN ({string.Join(", ", days.Select((_, i) => $"@d{i}"))}) AND hall IN ({halls})";
        await foreach (var row in database.RowsAsync(sql, [.. days.Select((d, i) => ($"@d{i}", (object)DayText.Of(d)))], cancel)) rolled.Add(((uint)row.GetInt64(0), text.Read(row.GetString(1))));
        return rolled;
    }

    private static DateOnly[] LastDays(ReportHall hall, Instant now) => [hall.DayOf(now).AddDays(-1), hall.DayOf(now)];

    /// <summary>The dimension whose cells answer, and the one key of it that counts; null where none does: cells are by one thing each.</summary>
    private static (string Dimension, string? Key)? DimensionOf(MetricQuery query)
    {
        string? own = query.By switch
        {
            Grouping.Department or Grouping.Service or Grouping.Line or Grouping.Window or Grouping.Staff or Grouping.Hour => TableWord.Of(query.By.Value),
            _ => null,
        };
        if (query.Filter.IsAll) return (own ?? "hall", own is null ? "" : null);
        if (query.Filter.Single is not var (dimension, key) || (own is not null && own != dimension)) return null;
        return (dimension, key);
    }
}
