using System.Globalization;
using System.Text;
using System.Text.Json;
using HallOps.Core.Calendars;
using HallOps.Core.Halls;
using HallOps.Core.Tests.Halls;

namespace HallOps.Core.Tests.Calendars;

/// <summary>Calendars in, compiled dates out in a form that tests can spell out.</summary>
internal static class CalendarText
{
    public static CalendarSettings Read(string json, HolidayTable? announced = null)
    {
        var reading = CalendarFile.Read(Encoding.UTF8.GetBytes(json), announced ?? HolidayData.China);
        Assert.True(reading.Problems.Count == 0, string.Join("\n", reading.Problems));
        return reading.Calendar!;
    }

    public static CalendarSettings OfSample(string hall) => HallDocument.Check(SampleFiles.Hall(hall), null, HolidayData.China).Settings!.Calendar;

    /// <summary>A calendar with two windows, of which the first does A and B and the second A, and these fields.</summary>
    public static CalendarSettings Small(string fields) =>
        Read($$"""{"services": {"A": "a", "B": "b"}, "windows": [{"window": "1", "services": ["A", "B"]}, {"window": "2", "services": ["A"]}], {{fields}}}""");

    public static DayTimeline Of(this CalendarSettings calendar, string date) => calendar.Of(DateOnly.Parse(date, CultureInfo.InvariantCulture), HolidayData.China);

    /// <summary>A line an interval: <c>09:00-12:00 regular 1=zhao/A:A,B+2 2~1:absent | A,B</c>; a window without a person has none before the colon.</summary>
    public static string[] Lines(this DayTimeline day, CalendarSettings calendar) =>
        [.. day.Intervals.Select(i => $"{Clock(i.Stretch, day, calendar)} {Word(i.Session)} {State(i)}")];

    public static string State(TimelineInterval interval)
    {
        var windows = interval.Windows.Select(w => $"{w.Window}{(w.Staff is null ? "" : $"={w.Staff}/{w.Role}")}:{string.Join(',', w.Services)}{string.Concat(w.AlsoFor.Select(a => $"+{a}"))}")
            .Concat(interval.Closed.Select(c => $"{c.Window}{(c.GoTo is null ? "" : $"~{c.GoTo}")}:{Word(c.Reason)}"));
        return $"{string.Join(' ', windows)} | {string.Join(',', interval.Offered)}".TrimStart();
    }

    public static string[] Sessions(this DayTimeline day, CalendarSettings calendar) =>
        [.. day.Intervals.Select(i => (i.SessionStretch, i.Session)).Distinct().Select(s => $"{Clock(s.SessionStretch, day, calendar)} {Word(s.Session)}")];

    public static string[] Issued(this DayTimeline day, CalendarSettings calendar) => [.. day.Issuing.Select(s => Clock(s, day, calendar))];

    public static string[] Gaps(this DayTimeline day, CalendarSettings calendar) =>
        [.. day.Gaps.Select(g => $"{g.Service} {Clock(g.Stretch, day, calendar)} > {(g.ReopensAt is { } at ? Local(at, calendar).ToString("MM-dd HH:mm", CultureInfo.InvariantCulture) : "never")}")];

    public static string Json(DayTimeline day, CalendarSettings calendar)
    {
        using var to = new MemoryStream();
        using (var json = new Utf8JsonWriter(to)) TimelineJson.Write(json, day, calendar.Zone);
        return Encoding.UTF8.GetString(to.ToArray());
    }

    public static string Word<T>(T word) where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(word.ToString());

    // Hours past midnight count on, as in the document.
    private static string Clock(Stretch stretch, DayTimeline day, CalendarSettings calendar) => $"{Clock(stretch.From, day, calendar)}-{Clock(stretch.To, day, calendar)}";

    private static string Clock(Instant at, DayTimeline day, CalendarSettings calendar)
    {
        var since = Local(at, calendar).DateTime - day.Date.ToDateTime(default);
        return string.Create(CultureInfo.InvariantCulture, $"{(int)since.TotalHours:00}:{since.Minutes:00}");
    }

    private static DateTimeOffset Local(Instant at, CalendarSettings calendar) => TimeZoneInfo.ConvertTime(at.ToDateTimeOffset(), calendar.Zone);
}
