using HallOps.Core.Halls;
using HallOps.Core.Metrics;
using HallOps.Displays.Components;

namespace HallOps.Web.Reports;

/// <summary>Rows of two answers side by side. Days, weeks and months of one period stand beside those of the other by their place in it: the first beside the first.</summary>
internal static class Comparison
{
    /// <summary>The rows of the first answer in their order, each with its like of the second, and then those that only the second has, beside an empty row.</summary>
    public static IEnumerable<(MetricRow Row, MetricRow? Other)> Of(MetricQuery query, IReadOnlyList<MetricRow> rows, MetricQuery other, IReadOnlyList<MetricRow> others)
    {
        // Ids of halls differ where other halls are asked for, and there is but one row to compare each with where there is one hall each.
        var single = query.By == Grouping.Hall && query.Halls.Count == 1 && other.Halls.Count == 1;
        var (here, there) = (PlacesOf(query), PlacesOf(other));
        string Place(MetricRow row, Dictionary<string, int>? places) => single ? "" : places is not null && row.Key is { } key && places.TryGetValue(key, out var place) ? $"{place}" : $"{(query.Halls.SequenceEqual(other.Halls) ? row.Hall : null)}/{row.Key}";
        var byPlace = new Dictionary<string, MetricRow>();
        foreach (var row in others) byPlace.TryAdd(Place(row, there), row);
        foreach (var row in rows) yield return (row, byPlace.Remove(Place(row, here), out var like) ? like : null);
        foreach (var row in others)
            if (byPlace.ContainsKey(Place(row, there))) yield return (new MetricRow(row.Key, row.Hall, new Tally()), row);
    }

    /// <summary>Why the periods of two questions are no equals: one is longer, or only one has days that are not over.</summary>
    public static IReadOnlyList<Text> NotesOf(MetricQuery query, MetricQuery other, Instant now) => ReportWords.Unequal(query.Days, other.Days, RunningIn(query, now), RunningIn(other, now));

    /// <summary>The first day of the question that is not over in some of its halls; null: all are.</summary>
    private static DateOnly? RunningIn(MetricQuery query, Instant now)
    {
        DateOnly? first = null;
        foreach (var hall in query.Halls)
            if (hall.DayOf(now) is var today && today <= query.To && !(first <= today)) first = today;
        return first is { } day && day < query.From ? query.From : first;
    }

    private static Dictionary<string, int>? PlacesOf(MetricQuery query)
    {
        if (query.By is not (Grouping.Day or Grouping.Week or Grouping.Month) || query.By is not { } by) return null;
        var places = new Dictionary<string, int>();
        for (var day = query.From; day <= query.To; day = day.AddDays(1)) places.TryAdd(by.KeyOf(day), places.Count);
        return places;
    }
}
