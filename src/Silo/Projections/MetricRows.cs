using System.Collections.Frozen;
using System.Data.Common;
using System.Globalization;
using HallOps.Core.Calendars;
using HallOps.Core.Halls;
using HallOps.Core.Metrics;

namespace HallOps.Silo.Projections;

/// <summary>Rows of <c>legs</c> and <c>window_time</c> as figures need them.</summary>
public static class MetricRows
{
    private const string LegColumns = """
        ticket, leg, "day", joined_at, issued_at, since, first_called_at, called_at, started_at, finished_at, ended_at, outcome, finish_outcome, grade, service, line, department, "window", staff,
        told_low_ms, told_median_ms, told_high_ms, told_before, promised_days, statutory_days, held_wait_ms, held_walk_ms, held_serving_ms
        """;

    /// <summary>The legs of a hall's service day, by ticket and leg; imported visits with them.</summary>
    /// <param name="number">The hall's.</param>
    public static async Task<List<MetricLeg>> LegsAsync(DbConnection connection, DbTransaction? transaction, uint number, HallId hall, TimeZoneInfo zone, string day, CancellationToken cancel)
    {
        var legs = new List<MetricLeg>();
        await foreach (var row in Sql.RowsAsync(connection, transaction, $"SELECT {LegColumns} FROM legs WHERE hall = @p0 AND \"day\" = @p1 ORDER BY ticket, leg", [(long)number, day], cancel)) legs.Add(LegOf(row, hall, zone));
        return legs;
    }

    /// <summary>The legs of the days before and after that joined between two instants, the second not included.</summary>
    public static async Task<List<MetricLeg>> BesideAsync(DbConnection connection, DbTransaction? transaction, uint number, HallId hall, TimeZoneInfo zone, DateOnly day, long from, long to, CancellationToken cancel)
    {
        var legs = new List<MetricLeg>();
        string Text(int days) => day.AddDays(days).ToString("O", CultureInfo.InvariantCulture);
        var beside = $"SELECT {LegColumns} FROM legs WHERE hall = @p0 AND \"day\" IN (@p1, @p2) AND COALESCE(joined_at, issued_at) >= @p3 AND COALESCE(joined_at, issued_at) < @p4 ORDER BY ticket, leg";
        await foreach (var row in Sql.RowsAsync(connection, transaction, beside, [(long)number, Text(-1), Text(1), from, to], cancel)) legs.Add(LegOf(row, hall, zone));
        return legs;
    }

    /// <summary>The stretches of a hall's windows within a time, cut to it; and when its sessions ran within it, ascending.</summary>
    /// <param name="to">Also the end of what is still so.</param>
    public static async Task<(List<MetricStretch> Stretches, List<(long From, long To)> Sessions)> WindowsAsync(
        DbConnection connection, DbTransaction? transaction, uint number, HallId hall, long from, long to, CancellationToken cancel)
    {
        var (stretches, sessions) = (new List<MetricStretch>(), new List<(long, long)>());
        // Window by window along the key, each from the stretch in which the time begins: a hall has a million of them in a year.
        const string overlapping = """
            WITH RECURSIVE names(name) AS (
                SELECT MIN("window") FROM window_time WHERE hall = @p0
                UNION ALL SELECT (SELECT MIN(w."window") FROM window_time w WHERE w.hall = @p0 AND w."window" > names.name) FROM names WHERE names.name IS NOT NULL)
            SELECT t."window", t.from_at, t.to_at, t."use", t.reason, t.staff FROM names JOIN window_time t ON t.hall = @p0 AND t."window" = names.name AND t.from_at < @p2
                AND t.from_at >= COALESCE((SELECT MAX(b.from_at) FROM window_time b WHERE b.hall = @p0 AND b."window" = names.name AND b.from_at <= @p1), @p1)
            WHERE names.name IS NOT NULL ORDER BY t."window", t.from_at
            """;
        await foreach (var row in Sql.RowsAsync(connection, transaction, overlapping, [(long)number, from, to], cancel))
        {
            var (begins, ends) = (Math.Max(from, row.GetInt64(1)), Math.Min(to, row.LongOrNull(2) ?? to));
            if (ends <= begins) continue;
            if (row.GetString(0) is not { Length: > 0 } window)
            {
                if (row.GetString(3) != Word.Of(WindowUse.Closed)) sessions.Add((begins, ends));
                continue;
            }
            stretches.Add(new MetricStretch(hall.Value, window, row.TextOrNull(5), Parsed<WindowUse>(row.GetString(3))!.Value, Parsed<PauseReason>(row.TextOrNull(4)), begins, ends));
        }
        return (stretches, sessions);
    }

    private static MetricLeg LegOf(DbDataReader row, HallId hall, TimeZoneInfo zone)
    {
        var joined = row.LongOrNull(3) ?? row.GetInt64(4);
        var day = DateOnly.ParseExact(row.GetString(2), "O", CultureInfo.InvariantCulture);
        return new MetricLeg
        {
            Hall = hall.Value,
            Ticket = row.GetInt64(0),
            Leg = row.GetInt32(1),
            Day = day,
            KnownUntil = row.GetInt64(0) < 0 ? ServiceDay.EndOf(day, zone).Milliseconds : null,
            Joined = TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeMilliseconds(joined), zone).DateTime,
            JoinedAt = joined,
            Since = row.LongOrNull(5),
            FirstCalledAt = row.LongOrNull(6),
            CalledAt = row.LongOrNull(7),
            StartedAt = row.LongOrNull(8),
            FinishedAt = row.LongOrNull(9),
            EndedAt = row.LongOrNull(10),
            Outcome = Parsed<LegOutcome>(row.TextOrNull(11)) ?? LegOutcome.Open,
            FinishOutcome = Parsed<FinishOutcome>(row.TextOrNull(12)),
            Grade = Parsed<Grade>(row.TextOrNull(13)),
            Service = row.GetString(14),
            Line = row.GetString(15),
            Department = row.TextOrNull(16),
            Window = row.TextOrNull(17),
            Staff = row.TextOrNull(18),
            Told = row.LongOrNull(20) is { } median ? new Told(row.LongOrNull(19) ?? median, median, row.LongOrNull(21) ?? median) : null,
            ToldBefore = row.GetInt32(22),
            Days = row.LongOrNull(23) is { } promised && row.LongOrNull(24) is { } statutory ? ((int)promised, (int)statutory) : null,
            BeforeHold = row.LongOrNull(25) is { } wait ? (wait, row.LongOrNull(26) ?? 0, row.GetInt64(27)) : null,
        };
    }

    private static T? Parsed<T>(string? word) where T : struct, Enum => word is null ? null : Words<T>.Of[word];

    private static class Words<T> where T : struct, Enum
    {
        public static readonly FrozenDictionary<string, T> Of = Enum.GetValues<T>().ToFrozenDictionary(w => Word.Of(w), w => w);
    }
}
