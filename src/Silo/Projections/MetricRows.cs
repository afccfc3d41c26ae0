using System.Data.Common;
using HallOps.Core.Halls;
using HallOps.Core.Metrics;

namespace HallOps.Silo.Projections;

/// <summary>Rows of <c>legs</c> and <c>window_time</c> as figures need them.</summary>
public static class MetricRows
{
    /// <summary>The legs of a hall's service day, by ticket and leg; imported visits with them.</summary>
    /// <param name="number">The hall's.</param>
    public static async Task<List<MetricLeg>> LegsAsync(DbConnection connection, DbTransaction? transaction, uint number, HallId hall, TimeZoneInfo zone, string day, CancellationToken cancel)
    {
        var (legs, rows) = (new List<MetricLeg>(), new LegRows(hall, null, zone));
        await foreach (var row in Sql.RowsAsync(connection, transaction, $"SELECT {LegRows.Columns} FROM legs WHERE hall = @p0 AND \"day\" = @p1 ORDER BY ticket, leg", [(long)number, day], cancel)) legs.Add(rows.Read(row));
        return legs;
    }

    /// <summary>The legs of the days before and after that joined between two instants, the second not included.</summary>
    public static async Task<List<MetricLeg>> BesideAsync(DbConnection connection, DbTransaction? transaction, uint number, HallId hall, TimeZoneInfo zone, DateOnly day, long from, long to, CancellationToken cancel)
    {
        var (legs, rows) = (new List<MetricLeg>(), new LegRows(hall, null, zone));
        var beside = $"SELECT {LegRows.Columns} FROM legs WHERE hall = @p0 AND \"day\" IN (@p1, @p2) AND COALESCE(joined_at, issued_at) >= @p3 AND COALESCE(joined_at, issued_at) < @p4 ORDER BY ticket, leg";
        await foreach (var row in Sql.RowsAsync(connection, transaction, beside, [(long)number, DayText.Of(day.AddDays(-1)), DayText.Of(day.AddDays(1)), from, to], cancel)) legs.Add(rows.Read(row));
        return legs;
    }

    /// <summary>The stretches of a hall's windows within a time, cut to it; and when its sessions ran within it, ascending.</summary>
    /// <param name="to">Also the end of what is still so.</param>
    /// <param name="window">That one alone; null: all of them.</param>
    public static async Task<(List<MetricStretch> Stretches, List<(long From, long To)> Sessions)> WindowsAsync(
        DbConnection connection, DbTransaction? transaction, uint number, HallId hall, long from, long to, string? window, CancellationToken cancel)
    {
        var (stretches, sessions) = (new List<MetricStretch>(), new List<(long, long)>());
        // Window by window along the key, each from the stretch in which the time begins: a hall has a million of them in a year.
        const string overlapping = """
            WITH RECURSIVE names(name) AS (
                SELECT MIN("window") FROM window_time WHERE hall = @p0
                UNION ALL SELECT (SELECT MIN(w."window") FROM window_time w WHERE w.hall = @p0 AND w."window" > names.name) FROM names WHERE names.name IS NOT NULL)
            SELECT t."window", t.from_at, t.to_at, t."use", t.reason, t.staff FROM names JOIN window_time t ON t.hall = @p0 AND t."window" = names.name AND t.from_at < @p2
                AND t.from_at >= COALESCE((SELECT MAX(b.from_at) FROM window_time b WHERE b.hall = @p0 AND b."window" = names.name AND b.from_at <= @p1), @p1)
            WHERE names.name IS NOT NULL AND (@p3 = '' OR names.name IN ('', @p3)) ORDER BY t."window", t.from_at
            """;
        await foreach (var row in Sql.RowsAsync(connection, transaction, overlapping, [(long)number, from, to, window ?? ""], cancel))
        {
            var (begins, ends) = (Math.Max(from, row.GetInt64(1)), Math.Min(to, row.LongOrNull(2) ?? to));
            if (ends <= begins) continue;
            if (row.GetString(0) is not { Length: > 0 } name)
            {
                if (row.GetString(3) != TableWord.Of(WindowUse.Closed)) sessions.Add((begins, ends));
                continue;
            }
            stretches.Add(new MetricStretch(hall.Value, name, row.TextOrNull(5), TableWord.Read<WindowUse>(row, 3)!.Value, TableWord.Read<PauseReason>(row, 4), begins, ends));
        }
        return (stretches, sessions);
    }
}
