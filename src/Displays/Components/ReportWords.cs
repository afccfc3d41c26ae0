using HallOps.Core.Halls;
using HallOps.Displays.Serving;
using HallOps.Displays.Texts;

namespace HallOps.Displays.Components;

/// <summary>What the choices of a report are called.</summary>
public static class ReportWords
{
    /// <summary>The word in addresses and on the wire, and the text; in the order they are offered.</summary>
    public static IReadOnlyList<(string Word, Text Text)> Groupings { get; } = [.. ReportQuestion.Groupings.Select(g => (g, Grouping(g)))];

    public static IReadOnlyList<(string Word, Text Text)> Comparisons { get; } =
        [("before", ReportsTexts.CompareBefore), ("week", ReportsTexts.CompareWeek), ("year", ReportsTexts.CompareYear)];

    public static Text Of(ReportFault fault) => fault switch
    {
        ReportFault.NoDay => ReportsTexts.WrongDay,
        ReportFault.EndsBeforeItBegins => ReportsTexts.WrongOrder,
        ReportFault.TooLong => ReportsTexts.WrongLong.With(ReportQuestion.MostDays),
        ReportFault.NoTarget => ReportsTexts.WrongTarget.With(ReportQuestion.MostTarget),
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, "No fault of a report."),
    };

    /// <summary>Why two periods are no equals; empty where they are.</summary>
    /// <param name="days">How many the first has.</param>
    /// <param name="runs">The first day of the first that is not over; null: all are.</param>
    public static IReadOnlyList<Text> Unequal(int days, int otherDays, DateOnly? runs, DateOnly? otherRuns)
    {
        var notes = new List<Text>();
        if (days != otherDays) notes.Add(ReportsTexts.UnequalLengths.With(days, otherDays));
        if (runs is { } day && otherRuns is null) notes.Add(ReportsTexts.FirstRuns.With(ReportQuestion.Of(day)));
        if (otherRuns is { } other && runs is null) notes.Add(ReportsTexts.SecondRuns.With(ReportQuestion.Of(other)));
        return notes;
    }

    /// <exception cref="ArgumentOutOfRangeException">No word of <see cref="ReportQuestion.Groupings"/>.</exception>
    public static Text Grouping(string word) => word switch
    {
        "service" => ReportsTexts.Service,
        "window" => ReportsTexts.Window,
        "staff" => ReportsTexts.Staff,
        "line" => ReportsTexts.Line,
        "department" => ReportsTexts.Department,
        "hall" => ReportsTexts.Hall,
        "region" => ReportsTexts.Region,
        "hour" => ReportsTexts.Hour,
        "weekday" => ReportsTexts.Weekday,
        "day" => ReportsTexts.Day,
        "week" => ReportsTexts.Week,
        "month" => ReportsTexts.Month,
        _ => throw new ArgumentOutOfRangeException(nameof(word), word, "No grouping of reports."),
    };
}
