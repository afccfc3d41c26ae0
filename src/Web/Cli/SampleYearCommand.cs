using System.Globalization;
using CsvHelper;
using HallOps.Web.Storage;
using HallOps.Web.Visits;

namespace HallOps.Web.Cli;

/// <summary><c>sample-year --halls N</c>: a year of plausible visits as a file of visits on standard output, for tries and load tests.</summary>
internal static class SampleYearCommand
{
    public static readonly string[] Options = ["halls", "year", "seed"];

    public static int Run(string? halls, string? year, string? seed)
    {
        var count = Numbers.Whole("halls", halls, 1);
        var of = Numbers.Whole("year", year ?? "2025", 1970);
        if (of > 2199) throw new StartRefusedException($"--year must be from 1970 to 2199, was \"{year}\".");
        var from = Numbers.Whole("seed", seed ?? "1", 0);
        using var output = Console.OpenStandardOutput();
        using var csv = CsvWriter.Create(output, new CsvWriterOptions { WriteByteOrderMark = true });
        csv.WriteHeader(["hall", "line", "service", "department", "class", "number", "issued", "called", "started", "finished", "window", "staff", "outcome", "finishOutcome", "grade"]);
        var rows = 0;
        var progress = new Progress("wrote", null);
        foreach (var v in new SampleYear(Path.Combine(AppContext.BaseDirectory, "samples"), of, from).Visits(count))
        {
            csv.WriteRecord([v.Hall, v.Line, v.Service, v.Department ?? "", v.Class, v.Number, Time(v.Issued), Time(v.Called), Time(v.Started), Time(v.Finished), v.Window ?? "", v.Staff ?? "", v.Outcome, v.FinishOutcome ?? "", v.Grade ?? ""]);
            if (++rows % 1000 == 0) progress.Told(rows);
        }
        progress.Done();
        return 0;
    }

    private static string Time(DateTime? wall) => wall?.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture) ?? "";
}
