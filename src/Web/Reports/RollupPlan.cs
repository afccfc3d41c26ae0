using System.Globalization;
using HallOps.Core.Metrics;
using HallOps.Silo.Projections;

namespace HallOps.Web.Reports;

/// <summary>Which cells of rollups make up a range of days: years and months that lie in it whole, and days at its edges.</summary>
/// <param name="Years">Like <c>2026</c>.</param>
/// <param name="Months">Like <c>2026-11</c>.</param>
/// <param name="Days">Like <c>2026-11-23</c>.</param>
internal sealed record RollupPlan(IReadOnlyList<string> Years, IReadOnlyList<string> Months, IReadOnlyList<string> Days)
{
    /// <param name="to">Included. Where no later day has any figures yet, the end of its year may be given.</param>
    /// <param name="due">Days whose cells are older than their rows: no cell that they are part of counts.</param>
    /// <param name="by">Rows of months cannot be told from years, nor rows of days from months.</param>
    public static RollupPlan Of(DateOnly from, DateOnly to, IReadOnlySet<DateOnly> due, Grouping? by)
    {
        var (years, months, days) = (new List<string>(), new List<string>(), new List<string>());
        var (wholeYears, wholeMonths) = (by is not (Grouping.Day or Grouping.Week or Grouping.Weekday or Grouping.Month), by is not (Grouping.Day or Grouping.Week or Grouping.Weekday));
        for (var day = from; day <= to;)
        {
            var (month, year) = (new DateOnly(day.Year, day.Month, 1).AddMonths(1).AddDays(-1), new DateOnly(day.Year, 12, 31));
            if (wholeYears && day.DayOfYear == 1 && year <= to && !due.Any(d => d.Year == day.Year))
            {
                years.Add(day.ToString("yyyy", CultureInfo.InvariantCulture));
                day = year.AddDays(1);
            }
            else if (wholeMonths && day.Day == 1 && month <= to && !due.Any(d => d >= day && d <= month))
            {
                months.Add(day.ToString("yyyy-MM", CultureInfo.InvariantCulture));
                day = month.AddDays(1);
            }
            else
            {
                if (!due.Contains(day)) days.Add(DayText.Of(day));
                day = day.AddDays(1);
            }
        }
        return new RollupPlan(years, months, days);
    }

    public IEnumerable<(string Grain, IReadOnlyList<string> Buckets)> Grains => new[] { ("year", Years), ("month", Months), ("day", Days) }.Where(g => g.Item2.Count > 0);

    /// <summary>The days of a bucket.</summary>
    public static (DateOnly From, DateOnly To) DaysOf(string bucket)
    {
        var from = DateOnly.ParseExact((bucket + "-01-01")[..10], "O", CultureInfo.InvariantCulture);
        return (from, bucket.Length switch { 4 => from.AddYears(1).AddDays(-1), 7 => from.AddMonths(1).AddDays(-1), _ => from });
    }
}
