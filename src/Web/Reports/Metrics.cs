using HallOps.Core.Halls;
using HallOps.Core.Metrics;
using HallOps.Silo;
using HallOps.Web.Storage;
using Microsoft.EntityFrameworkCore;

namespace HallOps.Web.Reports;

/// <summary>
/// The figures of halls (DOMAIN.md, "Numbers that people trust"): from the rows themselves where those are few, else from rollups, with the rows of days that rollups do not have yet. Safe from any thread.
/// </summary>
public sealed class Metrics(IDbContextFactory<HallOpsDb> databases, HallClock clock)
{
    /// <summary>Days times halls up to which rows are counted one by one.</summary>
    public const int RawHallDays = 140;

    /// <summary>As much as that, where rollups have no answer: a year of ten halls.</summary>
    public const int MostRawHallDays = 3_660;

    /// <exception cref="QuestionTooLargeException">Only the rows themselves know, and there are too many.</exception>
    public async Task<MetricAnswer> AskAsync(MetricQuery query, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(query);
        var now = clock.Now;
        var rows = new AnswerRows(query, now);
        await using var database = await ReportDatabase.OpenAsync(databases, cancel);
        foreach (var (hall, from, to) in await RawAsync(database, query, rows, now, cancel))
        {
            await foreach (var leg in database.LegsAsync(query, hall, from, to, cancel)) rows.Add(hall, leg);
            if (query.WithTime && rows.HasTime)
                await foreach (var (day, part, inSession) in database.StretchesAsync(query, hall, from, to, now, cancel))
                    // Nobody's time is in no row of staff.
                    if (part.Staff is not null || query.By != Grouping.Staff) rows.Add(hall, day, part, inSession);
        }
        return new MetricAnswer(rows.InOrder(), now);
    }

    private static async Task<IReadOnlyList<UnrolledDays>> RawAsync(ReportDatabase database, MetricQuery query, AnswerRows rows, Instant now, CancellationToken cancel)
    {
        var hallDays = (long)query.Days * query.Halls.Count;
        if (hallDays > RawHallDays && RollupReader.Knows(query)) return await database.AddRollupsAsync(query, rows, now, cancel);
        if (hallDays > MostRawHallDays) throw new QuestionTooLargeException($"must be within {Math.Max(1, MostRawHallDays / query.Halls.Count)} days for so many halls with these rows and filters; ask by one thing at a time");
        return [.. query.Halls.Select(h => new UnrolledDays(h, query.From, query.To))];
    }
}
