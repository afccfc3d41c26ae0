using System.Data.Common;
using HallOps.Core.Calendars;
using HallOps.Core.Halls;
using HallOps.Core.Metrics;

namespace HallOps.Silo.Projections;

/// <summary>Reads rows of <c>legs</c> of one hall as figures need them. Not thread-safe.</summary>
/// <param name="region">Where the hall is; null where that is not asked about.</param>
/// <param name="zone">The hall's.</param>
public sealed class LegRows(HallId hall, string? region, TimeZoneInfo zone)
{
    /// <summary>What <see cref="Read"/> reads, in this order.</summary>
    public const string Columns = """
        ticket, leg, "day", joined_at, issued_at, since, first_called_at, called_at, started_at, finished_at, ended_at, outcome, finish_outcome, grade, service, line, department, "window", staff,
        told_low_ms, told_median_ms, told_high_ms, told_before, promised_days, statutory_days, held_wait_ms, held_walk_ms, held_serving_ms, target_minutes
        """;

    private readonly WallClock _wall = new(zone);
    private readonly DayText _days = new();

    public MetricLeg Read(DbDataReader row)
    {
        ArgumentNullException.ThrowIfNull(row);
        // Rows of earlier versions do not say when they joined.
        var joined = row.LongOrNull(3) ?? row.GetInt64(4);
        var day = _days.Read(row.GetString(2));
        return new MetricLeg
        {
            Hall = hall.Value,
            Region = region,
            Ticket = row.GetInt64(0),
            Leg = row.GetInt32(1),
            Day = day,
            // Those imported from a file have no more to come.
            KnownUntil = row.GetInt64(0) < 0 ? ServiceDay.EndOf(day, zone).Milliseconds : null,
            Joined = _wall.At(joined).DateTime,
            JoinedAt = joined,
            Since = row.LongOrNull(5),
            FirstCalledAt = row.LongOrNull(6),
            CalledAt = row.LongOrNull(7),
            StartedAt = row.LongOrNull(8),
            FinishedAt = row.LongOrNull(9),
            EndedAt = row.LongOrNull(10),
            Outcome = TableWord.Read<LegOutcome>(row, 11) ?? LegOutcome.Open,
            FinishOutcome = TableWord.Read<FinishOutcome>(row, 12),
            Grade = TableWord.Read<Grade>(row, 13),
            Service = row.GetString(14),
            Line = row.GetString(15),
            Department = row.TextOrNull(16),
            Window = row.TextOrNull(17),
            Staff = row.TextOrNull(18),
            Told = row.LongOrNull(20) is { } median ? new Told(row.LongOrNull(19) ?? median, median, row.LongOrNull(21) ?? median) : null,
            ToldBefore = row.GetInt32(22),
            Days = row.LongOrNull(23) is { } promised && row.LongOrNull(24) is { } statutory ? ((int)promised, (int)statutory) : null,
            BeforeHold = row.LongOrNull(25) is { } wait ? (wait, row.LongOrNull(26) ?? 0, row.GetInt64(27)) : null,
            Target = row.LongOrNull(28) * 60_000,
        };
    }
}
