using System.Text;
using HallOps.Core.Halls;
using HallOps.Silo.Feeds;
using HallOps.Silo.Projections;
using HallOps.Web.Storage;
using Microsoft.EntityFrameworkCore;

namespace HallOps.Web.Reports.Stored;

/// <summary>A period whose figures are whole and of which no report is stored.</summary>
/// <param name="Hall">Its number.</param>
/// <param name="KnownTo">The next moment of the hall in the list of halls, whose entry is never ahead of the rows: every service day that ended before it is in the rows. Null where it is not listed.</param>
internal sealed record MissingReport(uint Hall, ReportPeriod Period, Instant? KnownTo);

/// <summary>The table <c>stored_reports</c>. Safe from any thread.</summary>
internal sealed class ReportShelf(IDbContextFactory<HallOpsDb> databases)
{
    /// <summary>Days and months that have figures, none of which is behind its rows, and no report; the newest first.</summary>
    /// <param name="from">The first day looked for.</param>
    /// <param name="month">The first month looked for, by its first day.</param>
    public async Task<IReadOnlyList<MissingReport>> MissingAsync(DateOnly from, DateOnly month, CancellationToken cancel)
    {
        // Along the key of rollups, over these days and months alone: whatever else is stored costs nothing here.
        const string sql = """
            SELECT r.hall, r.bucket, h.next_at FROM rollups r LEFT JOIN halls h ON h.number = r.hall
            WHERE r.grain = @grain AND r.dimension = 'hall' AND r.bucket >= @from
            AND NOT EXISTS (SELECT 1 FROM stored_reports s WHERE s.hall = r.hall AND s.period = r.bucket)
            AND NOT EXISTS (SELECT 1 FROM rollups_due d WHERE d.hall = r.hall AND d."day" >= r.bucket AND d."day" <= r.bucket || @rest)
            """;
        var missing = new List<MissingReport>();
        await using var database = await ReportDatabase.OpenAsync(databases, cancel);
        // No day of a month is later than its 31st, and a day is its own.
        foreach (var (grain, first, rest) in new[] { ("day", DayText.Of(from), ""), ("month", DayText.Of(month)[..7], "-31") })
            await foreach (var row in database.RowsAsync(sql, [("@grain", grain), ("@from", first), ("@rest", rest)], cancel))
                missing.Add(new MissingReport((uint)row.GetInt64(0), ReportPeriod.Of(row.GetString(1)), row.LongOrNull(2) is { } at ? new Instant(at) : null));
        return [.. missing.OrderByDescending(m => m.Period.To).ThenBy(m => m.Hall)];
    }

    /// <returns>False where one is stored already, or something of these days has changed while it was made: then it is made again later.</returns>
    public async Task<bool> StoreAsync(uint hall, StoredReportView report, CancellationToken cancel)
    {
        await using var database = await databases.CreateDbContextAsync(cancel);
        var (from, to, at, body) = (DayText.Of(report.From), DayText.Of(report.To), report.MadeAt.ToUnixTimeMilliseconds(), Encoding.UTF8.GetString(FeedJson.Utf8(report)));
        return await database.Database.ExecuteSqlAsync($"""
            INSERT INTO stored_reports (hall, period, made_at, version, body)
            SELECT {(long)hall}, {report.Period}, {at}, {report.Version}, {body} WHERE NOT EXISTS (SELECT 1 FROM rollups_due WHERE hall = {(long)hall} AND "day" >= {from} AND "day" <= {to})
            ON CONFLICT (hall, period) DO NOTHING
            """, cancel) > 0;
    }

    /// <summary>What is stored of a hall, the newest first: bounded by <see cref="ReportKeeping.DaysKept"/> and a dozen months a year.</summary>
    public async Task<IReadOnlyList<(ReportPeriod Period, Instant MadeAt)>> ListAsync(uint hall, CancellationToken cancel)
    {
        var list = new List<(ReportPeriod Period, Instant MadeAt)>();
        await using var database = await ReportDatabase.OpenAsync(databases, cancel);
        await foreach (var row in database.RowsAsync("SELECT period, made_at FROM stored_reports WHERE hall = @hall", [("@hall", (long)hall)], cancel)) list.Add((ReportPeriod.Of(row.GetString(0)), new Instant(row.GetInt64(1))));
        // A month comes after its days.
        return [.. list.OrderByDescending(r => r.Period.To).ThenBy(r => r.Period.From)];
    }

    /// <returns>The JSON as it was stored; null: there is none.</returns>
    public async Task<string?> FindAsync(uint hall, ReportPeriod period, CancellationToken cancel)
    {
        await using var database = await ReportDatabase.OpenAsync(databases, cancel);
        await foreach (var row in database.RowsAsync("SELECT body FROM stored_reports WHERE hall = @hall AND period = @period", [("@hall", (long)hall), ("@period", period.Text)], cancel)) return row.GetString(0);
        return null;
    }

    /// <summary>Forgets reports of days before one; months stay.</summary>
    /// <returns>How many.</returns>
    public async Task<int> ForgetDaysAsync(DateOnly before, CancellationToken cancel)
    {
        await using var database = await databases.CreateDbContextAsync(cancel);
        return await database.Database.ExecuteSqlAsync($"DELETE FROM stored_reports WHERE length(period) = 10 AND period < {DayText.Of(before)}", cancel);
    }
}
