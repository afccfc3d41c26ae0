using System.Globalization;
using System.Text.Json;
using HallOps.Core.Halls;

namespace HallOps.Core.Calendars;

/// <summary>A year's days as announced.</summary>
/// <param name="Papers">The notices they are taken from, as addresses.</param>
/// <param name="Days">May reach into the last days of the year before; empty where nothing is announced yet.</param>
public sealed record HolidayYear(int Year, IReadOnlyList<string> Papers, IReadOnlyList<HolidayDate> Days);

/// <param name="Years">Null exactly when <paramref name="Problems"/> is not empty.</param>
public sealed record HolidayReading(IReadOnlyList<HolidayYear>? Years, IReadOnlyList<DocumentProblem> Problems);

/// <summary>
/// Reads holidays and make-up working days. Two forms are read: a file of <c>years</c>, as the product's own, and one year's file as the public repository
/// NateScarlet/holiday-cn publishes it, so that a new notice is a file put in its place. Pure and thread-safe.
/// </summary>
public static class HolidayData
{
    private const int FirstYear = 1900, LastYear = 2200;

    private static readonly string[] FileFields = ["source", "licence", "years"];
    private static readonly string[] YearFields = ["$schema", "$id", "year", "papers", "days"];
    private static readonly string[] DayFields = ["name", "date", "isOffDay"];
    private static readonly Lazy<IReadOnlyList<HolidayYear>> Own = new(static () => Parse(Resource()).Years ?? throw new InvalidOperationException("The product's holiday data cannot be read."));
    private static readonly Lazy<HolidayTable> OwnTable = new(static () => TableOf(Own.Value));

    /// <summary>The years in the product.</summary>
    public static IReadOnlyList<HolidayYear> ChinaYears => Own.Value;

    /// <summary>The product's table of China; always the same object.</summary>
    public static HolidayTable China => OwnTable.Value;

    /// <summary>Never throws, whatever the bytes.</summary>
    public static HolidayReading Parse(ReadOnlySpan<byte> utf8)
    {
        if (HallDocumentJson.FaultOf(utf8) is { } fault) return new HolidayReading(null, [fault]);
        var reader = new Utf8JsonReader(utf8, HallDocumentJson.Options);
        using var json = JsonDocument.ParseValue(ref reader);
        var findings = new Findings(new TextPool());
        List<HolidayYear> years = [];
        if (json.RootElement.ValueKind is JsonValueKind.Object && json.RootElement.TryGetProperty("years", out _))
        {
            var file = new DocumentObject(json.RootElement, Place.Root, findings, FileFields);
            foreach (var field in FileFields.SkipLast(1)) file.Words(field, DocumentObject.MaxTextLength);
            var seen = new HashSet<int>();
            foreach (var item in file.Objects("years", YearFields, most: LastYear - FirstYear))
            {
                var year = Year(item, findings);
                if (!seen.Add(year.Year)) item.Wrong("year", "must be given once");
                years.Add(year);
            }
        }
        else
        {
            years.Add(Year(new DocumentObject(json.RootElement, Place.Root, findings, YearFields), findings));
        }
        return findings.Problems.Count > 0 ? new HolidayReading(null, findings.Problems) : new HolidayReading(years, []);
    }

    /// <summary>One table of many years. A year given again replaces the former; a date that two years list is the later year's.</summary>
    public static HolidayTable TableOf(IEnumerable<HolidayYear> years)
    {
        var days = new Dictionary<DateOnly, HolidayDate>();
        foreach (var year in years.GroupBy(y => y.Year).Select(g => g.Last()).OrderBy(y => y.Year))
            foreach (var day in year.Days) days[day.Date] = day;
        return new HolidayTable(days.Values);
    }

    private static HolidayYear Year(DocumentObject o, Findings findings)
    {
        o.String("$schema", false, static _ => true, static () => "must be a text");
        o.String("$id", false, static _ => true, static () => "must be a text");
        var year = o.Whole("year", FirstYear, LastYear, required: true) ?? FirstYear;
        var papers = o.Strings("papers", static p => p.Length is > 0 and <= 1000, static () => "must be the address of a notice") ?? [];
        var days = new List<HolidayDate>();
        var seen = new HashSet<DateOnly>();
        foreach (var item in o.Objects("days", DayFields, required: true))
        {
            var day = CalendarDocument.HolidayOf(item);
            days.Add(day);
            if (day.Date == default) continue;
            // A notice gives the year's first days, and with them some of the year before.
            if (Math.Abs(day.Date.Year - year) > 1) item.Wrong("date", string.Create(CultureInfo.InvariantCulture, $"must be a date of {year} or near it"));
            else if (!seen.Add(day.Date)) item.Wrong("date", "must be given once");
        }
        return new HolidayYear(year, papers, days);
    }

    private static byte[] Resource()
    {
        // Not a file: the assembly's own bytes, there as long as the code is.
#pragma warning disable RS0030
        using var stream = typeof(HolidayData).Assembly.GetManifestResourceStream("cn-holidays.json")!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
#pragma warning restore RS0030
        return bytes;
    }
}
