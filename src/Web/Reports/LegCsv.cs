using System.Globalization;
using System.Text;
using HallOps.Core.Halls;
using HallOps.Silo.Projections;

namespace HallOps.Web.Reports;

/// <summary>
/// Legs as a file for spreadsheets: UTF-8 with a byte order mark, without which Excel takes it for the system's own code page. The columns that a visits file has are named as there, so that
/// <c>hallops report</c> reads it.
/// </summary>
internal static class LegCsv
{
    /// <summary>So many legs are read and sent at a time.</summary>
    private const int Page = 2_000;

    private static readonly (string Name, Func<LegView, string?> Cell)[] s_columns =
    [
        ("hall", l => l.Hall), ("day", l => DayText.Of(l.Day)), ("id", l => l.Id), ("number", l => l.Number), ("leg", l => Text(l.Leg)), ("service", l => l.Service), ("line", l => l.Line), ("department", l => l.Department), ("class", l => l.Class),
        ("source", l => l.Source), ("issued", l => Text(l.IssuedAt)), ("joined", l => Text(l.JoinedAt)), ("since", l => Text(l.Since)), ("firstCalled", l => Text(l.FirstCalledAt)), ("called", l => Text(l.CalledAt)), ("started", l => Text(l.StartedAt)),
        ("startKind", l => l.StartKind), ("finished", l => Text(l.FinishedAt)), ("ended", l => Text(l.EndedAt)), ("window", l => l.Window), ("staff", l => l.Staff), ("outcome", l => l.Outcome), ("finishOutcome", l => l.FinishOutcome), ("reason", l => l.Reason),
        ("overtook", l => Text(l.Overtook)), ("times", l => Text(l.Times)), ("misses", l => Text(l.Misses)), ("grade", l => l.Grade), ("rated", l => Text(l.RatedAt)), ("waitSeconds", l => Text(l.WaitSeconds)), ("walkSeconds", l => Text(l.WalkSeconds)),
        ("serviceSeconds", l => Text(l.ServiceSeconds)), ("toldLowSeconds", l => Text(l.ToldLowSeconds)), ("toldMedianSeconds", l => Text(l.ToldMedianSeconds)), ("toldHighSeconds", l => Text(l.ToldHighSeconds)), ("toldBefore", l => Text(l.ToldBefore)),
        ("promisedDays", l => Text(l.PromisedDays)), ("statutoryDays", l => Text(l.StatutoryDays)), ("targetSeconds", l => Text(l.TargetSeconds)),
    ];

    /// <param name="first">The first page, read before anything was sent.</param>
    public static async Task WriteAsync(Stream to, LegPages pages, MetricQuery query, (IReadOnlyList<LegView> Legs, LegPlace? Next) first, bool hasCodes, CancellationToken cancel)
    {
        await using var writer = new StreamWriter(to, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true), 32 << 10, leaveOpen: true) { NewLine = "\r\n" };
        var page = new StringBuilder();
        await writer.WriteLineAsync(string.Join(',', s_columns.Select(c => c.Name)));
        for (var (legs, next) = first; ; (legs, next) = await pages.PageAsync(query, next, Page, cancel))
        {
            // Whole: a writer that is full would send in the middle of a line, and wait on this thread until that is done.
            page.Clear();
            foreach (var leg in legs) Write(page, hasCodes ? leg with { Grade = TableWord.Find<Grade>(leg.Grade) is { } grade ? GradeCode.Of(grade, hasCodes: true) : null } : leg);
            await writer.WriteAsync(page, cancel);
            await writer.FlushAsync(cancel);
            if (next is null) return;
        }
    }

    public static Task<(IReadOnlyList<LegView> Legs, LegPlace? Next)> FirstAsync(LegPages pages, MetricQuery query, CancellationToken cancel) => pages.PageAsync(query, null, Page, cancel);

    /// <summary>A cell as RFC 4180 has it; one that a spreadsheet would take for a formula is text, by a leading apostrophe.</summary>
    public static string Cell(string? text)
    {
        if (text is null or "") return "";
        var isFormula = text[0] is '=' or '+' or '-' or '@' or '\t' or '\r';
        return isFormula || text.AsSpan().IndexOfAny(",\"\r\n") >= 0 ? $"\"{(isFormula ? "'" : "")}{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }

    private static void Write(StringBuilder page, LegView leg)
    {
        for (var i = 0; i < s_columns.Length; i++)
        {
            if (i > 0) page.Append(',');
            page.Append(Cell(s_columns[i].Cell(leg)));
        }
        page.Append("\r\n");
    }

    private static string? Text(int? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static string? Text(double? seconds) => seconds?.ToString(CultureInfo.InvariantCulture);

    private static string? Text(DateTimeOffset? time) => time?.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFzzz", CultureInfo.InvariantCulture);
}
