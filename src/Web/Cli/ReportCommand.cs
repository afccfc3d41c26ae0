using System.Text.Json;
using HallOps.Core.Metrics;
using HallOps.Silo.Feeds;
using HallOps.Web.Reports;
using HallOps.Web.Storage;
using HallOps.Web.Visits;

namespace HallOps.Web.Cli;

/// <summary><c>report VISITS.csv</c>: the wait report of a file of visits, the rows of <c>metrics/waits</c> (docs/reports.md).</summary>
internal static class ReportCommand
{
    public static readonly string[] Options = ["by", "target-seconds", "at"];

    private static readonly Grouping[] s_groupings = [Grouping.Hall, Grouping.Department, Grouping.Service, Grouping.Line, Grouping.Window, Grouping.Staff, Grouping.Hour, Grouping.Weekday, Grouping.Day, Grouping.Week, Grouping.Month];

    public static int Run(string file, string? by, string? targetSeconds, string? at)
    {
        Grouping? grouping = null;
        if (by is not null)
        {
            var found = s_groupings.Where(g => g.ToString().Equals(by, StringComparison.OrdinalIgnoreCase)).ToList();
            grouping = found is [var one] ? one : throw new StartRefusedException($"--by must be one of {string.Join(", ", s_groupings.Select(g => JsonNamingPolicy.CamelCase.ConvertName(g.ToString())))}, was \"{by}\".");
        }
        TimeSpan? target = targetSeconds is null ? null : TimeSpan.FromSeconds(Numbers.Of("target-seconds", targetSeconds));
        long? until = at is null ? null : VisitsFile.TimeOf(at) is var (time, _, _) ? time : throw new StartRefusedException($"--at must be a time like 2026-11-23T12:00:00, was \"{at}\".");

        var rows = new WaitReport(grouping, 0);
        try
        {
            // Twice through the file instead of the whole of it in memory: what is the latest time is known at its end.
            var now = until ?? Latest(file);
            rows = new WaitReport(grouping, now);
            foreach (var leg in Legs(file))
                if (leg.AsOf(now) is { } known) rows.Add(known);
        }
        catch (VisitsFileException e)
        {
            throw new StartRefusedException($"{file} {e.Message}.", e);
        }
        JsonOutput.Print(readable: true, (json, wrote) =>
        {
            json.WriteStartArray();
            foreach (var (key, tally) in rows.Rows())
            {
                JsonSerializer.Serialize(json, WaitRow.Of(key, tally, target), FeedJson.Options);
                wrote();
            }
            json.WriteEndArray();
        });
        return 0;
    }

    private static long Latest(string file)
    {
        var latest = 0L;
        foreach (var leg in Legs(file))
            foreach (var time in (ReadOnlySpan<long?>)[leg.JoinedAt, leg.CalledAt, leg.StartedAt, leg.FinishedAt, leg.EndedAt]) latest = Math.Max(latest, time ?? 0);
        return latest;
    }

    private static IEnumerable<MetricLeg> Legs(string file)
    {
        using var visits = new VisitsFile(InputFile.Open(file));
        bool? isLocal = null;
        var (wrong, first) = (0L, "");
        foreach (var row in visits.Rows())
        {
            var problem = row.Problem ?? (row.IsLocal != (isLocal ??= row.IsLocal) ? "issued must carry an offset where the other rows' times do, and none where they do not" : null);
            if (problem is null) yield return row.Leg!;
            else if (wrong++ == 0) first = FormattableString.Invariant($"line {row.Line}: {problem}");
        }
        if (wrong > 0) throw new StartRefusedException($"{file}: {first}{(wrong > 1 ? FormattableString.Invariant($" (and {wrong - 1} more)") : "")}.");
    }
}
