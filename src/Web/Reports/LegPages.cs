using System.Data.Common;
using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;
using HallOps.Core.Halls;
using HallOps.Silo.Projections;
using HallOps.Web.Storage;
using Microsoft.EntityFrameworkCore;

namespace HallOps.Web.Reports;

/// <summary>A leg as the table has it. Times are on the hall's wall; those that never came are null.</summary>
/// <param name="Id">The visit's: it can be asked for under <c>legs/{hall}/{id}</c>.</param>
/// <param name="WaitSeconds">As figures count them: null where they do not.</param>
/// <param name="TargetSeconds">What its line called in time when it began; null where the line has no target of its own.</param>
public sealed record LegView(string Hall, string Id, string Number, int Leg, DateOnly Day, string Service, string Line, string? Department, string Class, string? Source, DateTimeOffset IssuedAt, DateTimeOffset? JoinedAt, DateTimeOffset Since,
    DateTimeOffset? FirstCalledAt, DateTimeOffset? CalledAt, DateTimeOffset? StartedAt, string? StartKind, DateTimeOffset? FinishedAt, DateTimeOffset? EndedAt, string? Window, string? Staff, string Outcome, string? FinishOutcome, string? Reason,
    int Overtook, int Times, int Misses, string? Grade, DateTimeOffset? RatedAt, string State, double? WaitSeconds, double? WalkSeconds, double? ServiceSeconds, double? ToldLowSeconds, double? ToldMedianSeconds, double? ToldHighSeconds,
    int ToldBefore, int? PromisedDays, int? StatutoryDays, double? TargetSeconds)
{
    /// <summary>A visit's name on the wire; of those imported from files the ordinal is below 0.</summary>
    public static string IdOf(ReportHall hall, long ordinal)
    {
        ArgumentNullException.ThrowIfNull(hall);
        return string.Create(CultureInfo.InvariantCulture, $"{hall.Number}-{ordinal}");
    }
}

/// <param name="Next">Give it as <c>after</c> for the legs after these; left out: there are none.</param>
public sealed record LegPage(IReadOnlyList<LegView> Legs, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Next);

/// <summary>A place in the order of legs: by hall, day, visit and leg.</summary>
public readonly record struct LegPlace(uint Hall, string Day, long Ticket, int Leg)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Hall}_{Day}_{Ticket}_{Leg}");

    public static bool TryParse(string text, out LegPlace place)
    {
        ArgumentNullException.ThrowIfNull(text);
        place = default;
        if (text.Split('_') is not [var hall, var day, var ticket, var leg] || !uint.TryParse(hall, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || !DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _) || !long.TryParse(ticket, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var ordinal)
            || !int.TryParse(leg, NumberStyles.None, CultureInfo.InvariantCulture, out var of))
            return false;
        place = new LegPlace(number, day, ordinal, of);
        return true;
    }
}

/// <summary>The legs themselves, page by page: each page is a question of its own, so that no reader of a million holds the database back. Safe from any thread.</summary>
public sealed class LegPages(IDbContextFactory<HallOpsDb> databases)
{
    private const string Columns = """
        ticket, leg, "day", number, service, line, department, "class", source, issued_at, joined_at, since, first_called_at, called_at, started_at, start_kind, finished_at, ended_at, "window", staff, outcome, finish_outcome, reason,
        overtook, times, misses, grade, rated_at, state, told_low_ms, told_median_ms, told_high_ms, told_before, promised_days, statutory_days, held_wait_ms, held_walk_ms, held_serving_ms, target_minutes
        """;

    /// <param name="after">Only legs after that place; null: from the first.</param>
    /// <param name="most">At least 1.</param>
    public async Task<(IReadOnlyList<LegView> Legs, LegPlace? Next)> PageAsync(MetricQuery query, LegPlace? after, int most, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(query);
        var (legs, last) = (new List<LegView>(Math.Min(most, 1_000)), default(LegPlace));
        await using var database = await ReportDatabase.OpenAsync(databases, cancel);
        foreach (var hall in query.Halls)
        {
            if (after is { } place && hall.Number < place.Hall) continue;
            var (sql, values) = (new StringBuilder($"SELECT {Columns} FROM legs WHERE hall = @hall AND \"day\" >= @from AND \"day\" <= @to"), new List<(string Name, object Value)> { ("@hall", (long)hall.Number), ("@from", DayText.Of(query.From)), ("@to", DayText.Of(query.To)) });
            if (after is { } then && hall.Number == then.Hall)
            {
                sql.Append(" AND \"day\" >= @day AND (\"day\" > @day OR ticket > @ticket OR (ticket = @ticket AND leg > @leg))");
                values.AddRange([("@day", then.Day), ("@ticket", then.Ticket), ("@leg", then.Leg)]);
            }
            query.Filter.AddTo(sql, values);
            sql.Append(" ORDER BY \"day\", ticket, leg");
            // Hours and weekdays are the wall's, which SQL does not know.
            if (query.Filter is { Hour: null, Weekday: null }) sql.Append(CultureInfo.InvariantCulture, $" LIMIT {most - legs.Count + 1}");
            var (wall, days) = (new WallClock(hall.Zone), new DayText());
            await foreach (var row in database.RowsAsync(sql.ToString(), [.. values], cancel))
            {
                var leg = Read(row, hall, wall, days);
                if (query.Filter.Hour is { } hour && (leg.JoinedAt ?? leg.IssuedAt).Hour != hour) continue;
                if (query.Filter.Weekday is { } weekday && leg.Day.DayOfWeek != weekday) continue;
                if (legs.Count == most) return (legs, last);
                legs.Add(leg);
                last = new LegPlace(hall.Number, row.GetString(2), row.GetInt64(0), leg.Leg);
            }
        }
        return (legs, null);
    }

    /// <summary>The legs of one visit, in their order; none where there is no such visit.</summary>
    public async Task<IReadOnlyList<LegView>> OfVisitAsync(ReportHall hall, long ordinal, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(hall);
        await using var database = await ReportDatabase.OpenAsync(databases, cancel);
        var (legs, wall, days) = (new List<LegView>(), new WallClock(hall.Zone), new DayText());
        await foreach (var row in database.RowsAsync($"SELECT {Columns} FROM legs WHERE hall = @hall AND ticket = @ticket ORDER BY leg", [("@hall", (long)hall.Number), ("@ticket", ordinal)], cancel)) legs.Add(Read(row, hall, wall, days));
        return legs;
    }

    private static LegView Read(DbDataReader row, ReportHall hall, WallClock wall, DayText days)
    {
        DateTimeOffset? At(int column) => row.LongOrNull(column) is { } at ? wall.At(at) : null;
        double? Seconds(int column) => row.LongOrNull(column) is { } milliseconds ? DurationsView.Wire(milliseconds) : null;
        int Whole(int column) => row.IsDBNull(column) ? 0 : row.GetInt32(column);
        // The very same that figures are made of.
        var figures = LegReader.Timed(row.GetInt64(11), row.LongOrNull(13), row.LongOrNull(14), row.LongOrNull(16), TableWord.Read<LegOutcome>(row, 20) ?? LegOutcome.Open,
            row.LongOrNull(35) is { } wait ? (wait, row.LongOrNull(36) ?? 0, row.GetInt64(37)) : null);
        return new LegView(hall.Hall.Value, LegView.IdOf(hall, row.GetInt64(0)), row.GetString(3), row.GetInt32(1), days.Read(row.GetString(2)), row.GetString(4), row.GetString(5), row.TextOrNull(6), row.GetString(7), row.TextOrNull(8),
            wall.At(row.GetInt64(9)), At(10), wall.At(row.GetInt64(11)), At(12), At(13), At(14), row.TextOrNull(15), At(16), At(17), row.TextOrNull(18), row.TextOrNull(19), row.TextOrNull(20) ?? TableWord.Of(LegOutcome.Open), row.TextOrNull(21),
            row.TextOrNull(22), Whole(23), Whole(24), Whole(25), row.TextOrNull(26), At(27), row.GetString(28), Wire(figures.Wait), Wire(figures.Walk), Wire(figures.Serving), Seconds(29), Seconds(30), Seconds(31), row.GetInt32(32),
            row.IsDBNull(33) ? null : row.GetInt32(33), row.IsDBNull(34) ? null : row.GetInt32(34), row.IsDBNull(38) ? null : row.GetInt32(38) * 60d);

        static double? Wire(long? milliseconds) => milliseconds is { } some ? DurationsView.Wire(some) : null;
    }
}
