using System.Runtime.CompilerServices;
using System.Text;
using HallOps.Core.Halls;
using HallOps.Core.Metrics;
using HallOps.Silo.Projections;

namespace HallOps.Web.Reports;

/// <summary>Legs of the table as figures need them.</summary>
internal static class LegReader
{
    /// <summary>Of one hall and its days from one to another, both included; in no order.</summary>
    public static async IAsyncEnumerable<MetricLeg> LegsAsync(this ReportDatabase database, MetricQuery query, ReportHall hall, DateOnly from, DateOnly to, [EnumeratorCancellation] CancellationToken cancel)
    {
        var (sql, values) = (new StringBuilder($"SELECT {LegRows.Columns} FROM legs WHERE hall = @hall AND \"day\" >= @from AND \"day\" <= @to"), new List<(string, object)> { ("@hall", (long)hall.Number), ("@from", DayText.Of(from)), ("@to", DayText.Of(to)) });
        query.Filter.AddTo(sql, values);
        var rows = new LegRows(hall.Hall, query.RegionOf(hall), hall.Zone);
        await foreach (var row in database.RowsAsync(sql.ToString(), [.. values], cancel))
        {
            var leg = rows.Read(row);
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
        if (filter.InTimeBy is { } target) values.AddRange([("@target", target.Milliseconds), ("@ofLines", target.IsOfLines ? 1L : 0L)]);
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
}
