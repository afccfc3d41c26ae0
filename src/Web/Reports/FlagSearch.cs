using System.Text.Json.Serialization;
using HallOps.Core.Metrics;
using HallOps.Silo;
using HallOps.Silo.Projections;
using HallOps.Web.Storage;
using Microsoft.EntityFrameworkCore;

namespace HallOps.Web.Reports;

/// <summary>Something to look at, never a verdict.</summary>
/// <param name="Kind"><c>burstOfCalls</c>, <c>quickFinish</c> or <c>longIdle</c>.</param>
/// <param name="From">On the hall's wall.</param>
/// <param name="TypicalSeconds">Of a quick finish: how long its service takes in the median.</param>
/// <param name="Legs">The legs behind it; none of an idle window.</param>
public sealed record FlagView(string Kind, string Hall, string Window, string? Staff, DateTimeOffset From, double Seconds, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? TypicalSeconds, IReadOnlyList<FlaggedLegView> Legs);

/// <param name="Href">The visit and its events.</param>
public sealed record FlaggedLegView(string Id, int Leg, string Href);

/// <summary>Finds what should be looked at in the rows (<see cref="Flags"/>). Safe from any thread.</summary>
public sealed class FlagSearch(IDbContextFactory<HallOpsDb> databases, HallClock clock)
{
    /// <returns>By hall, and by time.</returns>
    public async Task<IReadOnlyList<FlagView>> FindAsync(MetricQuery query, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(query);
        var found = new List<FlagView>();
        await using var database = await ReportDatabase.OpenAsync(databases, cancel);
        foreach (var hall in query.Halls)
        {
            var (legs, calls, stretches) = (new List<MetricLeg>(), new List<MetricCall>(), new List<MetricStretch>());
            // All of them: what is usual is not what one clerk does, whom the question may be about.
            await foreach (var leg in database.LegsAsync(query with { Filter = LegFilter.All }, hall, query.From, query.To, cancel)) legs.Add(leg);
            var asked = query.Filter.IsAll ? null : new HashSet<(long, int)>();
            if (asked is not null)
                await foreach (var leg in database.LegsAsync(query, hall, query.From, query.To, cancel)) asked.Add((leg.Ticket, leg.Leg));
            const string sql = """SELECT "window", staff, ticket, leg, "at" FROM calls WHERE hall = @hall AND "day" >= @from AND "day" <= @to""";
            await foreach (var row in database.RowsAsync(sql, [("@hall", (long)hall.Number), ("@from", DayText.Of(query.From)), ("@to", DayText.Of(query.To))], cancel))
                if (Fits(query.Filter, row.GetString(0), row.TextOrNull(1))) calls.Add(new MetricCall(hall.Hall.Value, row.GetString(0), row.TextOrNull(1), row.GetInt64(2), row.GetInt32(3), row.GetInt64(4)));
            // Outside of sessions nobody is expected to call.
            if (query.Filter.IsOfWindows)
                await foreach (var (_, part, inSession) in database.StretchesAsync(query, hall, query.From, query.To, clock.Now, cancel))
                    if (inSession) stretches.Add(part);
            var wall = new WallClock(hall.Zone);
            found.AddRange(from flag in Flags.Bursts(calls).Where(f => query.Filter.IsOfWindows || f.Legs.Any(asked!.Contains))
                    .Concat(Flags.QuickFinishes(legs).Where(f => asked is null || f.Legs.Any(asked.Contains))).Concat(Flags.LongIdles(stretches))
                orderby flag.From, flag.Kind
                select new FlagView(TableWord.Of(flag.Kind), flag.Hall, flag.Window, flag.Staff, wall.At(flag.From), DurationsView.Wire(flag.Milliseconds), flag.Typical is { } typical ? DurationsView.Wire(typical) : null,
                    [.. flag.Legs.Select(l => new FlaggedLegView(LegView.IdOf(hall, l.Ticket), l.Leg, $"/api/v1/legs/{hall.Hall}/{LegView.IdOf(hall, l.Ticket)}"))]));
        }
        return found;
    }

    private static bool Fits(LegFilter filter, string window, string? staff) => (filter.Window is null || filter.Window == window) && (filter.Staff is null || filter.Staff == (staff ?? ""));
}
