using System.Collections.Frozen;
using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using HallOps.Core.Halls;
using HallOps.Core.Metrics;

namespace HallOps.Web.Reports;

/// <summary>Legs of the table as figures need them.</summary>
internal static class LegReader
{
    private const string Columns = """
        ticket, leg, "day", joined_at, issued_at, since, first_called_at, called_at, started_at, finished_at, ended_at, outcome, finish_outcome, grade, service, line, department, "window", staff,
        told_low_ms, told_median_ms, told_high_ms, told_before, promised_days, statutory_days, held_wait_ms, held_walk_ms, held_serving_ms
        """;

    /// <summary>Of one hall and its days from one to another, both included; in no order.</summary>
    public static async IAsyncEnumerable<MetricLeg> LegsAsync(this ReportDatabase database, MetricQuery query, ReportHall hall, DateOnly from, DateOnly to, [EnumeratorCancellation] CancellationToken cancel)
    {
        var (sql, values) = (new StringBuilder($"SELECT {Columns} FROM legs WHERE hall = @hall AND \"day\" >= @from AND \"day\" <= @to"), new List<(string, object)> { ("@hall", (long)hall.Number), ("@from", DayText.Of(from)), ("@to", DayText.Of(to)) });
        query.Filter.AddTo(sql, values);
        var (wall, days, region) = (new WallClock(hall.Zone), new DayText(), query.RegionOf(hall));
        await foreach (var row in database.RowsAsync(sql.ToString(), [.. values], cancel))
        {
            var leg = Read(row, hall, region, wall, days);
            if (query.Filter.Fits(leg)) yield return leg;
        }
    }

    /// <summary>A leg with nothing but what its durations are told from.</summary>
    public static MetricLeg Timed(long since, long? called, long? started, long? finished, LegOutcome outcome, (long Wait, long Walk, long Serving)? beforeHold) => new()
    {
        Hall = "", Ticket = 0, Day = default, Joined = default, JoinedAt = since, Since = since, CalledAt = called, StartedAt = started, FinishedAt = finished, Outcome = outcome, BeforeHold = beforeHold,
    };

    /// <summary>What SQL knows of a filter.</summary>
    public static void AddTo(this LegFilter filter, StringBuilder sql, List<(string Name, object Value)> values)
    {
        (string Column, string? Value)[] said =
        [
            ("department", filter.Department), ("service", filter.Service), ("line", filter.Line), ("window", filter.Window), ("staff", filter.Staff), ("class", filter.Class),
            ("outcome", filter.Outcome is { } outcome ? TableWord.Of(outcome) : null), ("grade", filter.Grade is { } grade ? TableWord.Of(grade) : null),
        ];
        foreach (var (column, value) in said)
        {
            if (value is null) continue;
            // Rows without one have the empty key, and are found by it.
            if (value.Length == 0) sql.Append(" AND \"").Append(column).Append("\" IS NULL");
            else
            {
                sql.Append(" AND \"").Append(column).Append("\" = @").Append(column);
                values.Add(($"@{column}", value));
            }
        }
        if (filter.Counted is { } set) sql.Append(" AND ").Append(set.SqlOf());
        if (filter.WaitOver is { } over)
        {
            sql.Append(" AND ").Append(LegSets.WaitOver);
            values.Add(("@waitOver", over));
        }
        if (filter.WaitUpTo is { } upTo)
        {
            sql.Append(" AND ").Append(LegSets.WaitUpTo);
            values.Add(("@waitUpTo", upTo));
        }
    }

    private static MetricLeg Read(DbDataReader row, ReportHall hall, string? region, WallClock wall, DayText days)
    {
        // Rows of earlier versions do not say when they joined.
        var joined = row.LongOrNull(3) ?? row.GetInt64(4);
        var day = days.Read(row.GetString(2));
        return new MetricLeg
        {
            Hall = hall.Hall.Value,
            Region = region,
            Ticket = row.GetInt64(0),
            Leg = row.GetInt32(1),
            Day = day,
            // Those imported from a file have no more to come.
            KnownUntil = row.GetInt64(0) < 0 ? hall.StartOf(day.AddDays(1)).Milliseconds : null,
            Joined = wall.At(joined).DateTime,
            JoinedAt = joined,
            Since = row.GetInt64(5),
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
        };
    }
}

/// <summary>Members of closed lists as the tables have them: as the wire does.</summary>
internal static class TableWord
{
    public static string Of<T>(T word) where T : struct, Enum => Words<T>.ByValue[word];

    public static T? Read<T>(DbDataReader row, int column) where T : struct, Enum => row.IsDBNull(column) ? null : Words<T>.ByWord[row.GetString(column)];

    /// <summary>Null for a word that is none of them.</summary>
    public static T? Find<T>(string? word) where T : struct, Enum => word is not null && Words<T>.ByWord.TryGetValue(word, out var value) ? value : null;

    public static IEnumerable<string> All<T>() where T : struct, Enum => Enum.GetValues<T>().Select(Of);

    private static class Words<T> where T : struct, Enum
    {
        public static readonly FrozenDictionary<T, string> ByValue = Enum.GetValues<T>().Distinct().ToFrozenDictionary(w => w, w => JsonNamingPolicy.CamelCase.ConvertName(w.ToString()));
        public static readonly FrozenDictionary<string, T> ByWord = ByValue.ToFrozenDictionary(p => p.Value, p => p.Key);
    }
}
