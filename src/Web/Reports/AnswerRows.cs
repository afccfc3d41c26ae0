using HallOps.Core.Halls;
using HallOps.Core.Metrics;

namespace HallOps.Web.Reports;

/// <summary>The rows of an answer while they are added up. Not thread-safe.</summary>
internal sealed class AnswerRows(MetricQuery query, Instant now)
{
    // Between the hall and the key, of rows that belong to a hall; in no id.
    private const char Between = '/';

    private readonly WaitReport _report = new(query.By, now.Milliseconds);

    /// <summary>Whether windows' time can be told of such rows.</summary>
    public bool HasTime { get; } = query.Filter.IsOfWindows && query.By is not (Grouping.Department or Grouping.Service or Grouping.Line or Grouping.Hour);

    public void Add(ReportHall hall, MetricLeg leg) => _report.Add(Keyed(hall, query.By?.KeyOf(leg) ?? ""), leg);

    public void Add(ReportHall hall, DateOnly day, in MetricStretch part, bool inSession) =>
        _report.Add(Keyed(hall, query.By switch
        {
            null => "",
            Grouping.Window => part.Window,
            Grouping.Staff => part.Staff ?? "",
            _ => KeyOf(hall, day),
        }), part, inSession);

    /// <summary>A cell of a rollup.</summary>
    /// <param name="first">The first day of its bucket.</param>
    /// <param name="key">Its key.</param>
    public void Add(ReportHall hall, DateOnly first, string key, Tally cell) =>
        _report.Add(Keyed(hall, query.By switch
        {
            null => "",
            Grouping.Hour => key.TrimStart('0') is { Length: > 0 } hour ? hour : "0",
            Grouping.Department or Grouping.Service or Grouping.Line or Grouping.Window or Grouping.Staff => key,
            _ => KeyOf(hall, first),
        }), cell);

    public IReadOnlyList<MetricRow> InOrder()
    {
        if (query.By is null) return [new MetricRow(null, null, _report.Rows()[0].Value)];
        if (!query.IsByHallToo) return [.. _report.Rows().Select(r => new MetricRow(r.Key, null, r.Value))];
        return [.. _report.Rows()
            .Select(r => (Hall: r.Key[..r.Key.IndexOf(Between, StringComparison.Ordinal)], Key: r.Key[(r.Key.IndexOf(Between, StringComparison.Ordinal) + 1)..], Tally: r.Value))
            // Windows are mostly numbers: 2 before 10.
            .OrderBy(r => r.Hall, StringComparer.Ordinal).ThenBy(r => r.Key.Length == 0).ThenBy(r => r.Key.All(char.IsAsciiDigit) ? r.Key.Length : int.MaxValue).ThenBy(r => r.Key, StringComparer.Ordinal)
            .Select(r => new MetricRow(r.Key, new HallId(r.Hall), r.Tally))];
    }

    private string Keyed(ReportHall hall, string key) => query.IsByHallToo ? $"{hall.Hall}{Between}{key}" : key;

    private string KeyOf(ReportHall hall, DateOnly day) => query.By!.Value switch
    {
        Grouping.Hall => hall.Hall.Value,
        Grouping.Region => query.RegionOf(hall) ?? "",
        var by => by.KeyOf(day),
    };
}
