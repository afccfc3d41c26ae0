using System.Globalization;
using System.Text.Json;
using HallOps.Core.Halls;

namespace HallOps.Core.Calendars;

/// <summary>Writes compiled dates as CALENDAR.md has them. Times carry the calendar's offset at that instant.</summary>
public static class TimelineJson
{
    public static void Write(Utf8JsonWriter json, DayTimeline day, TimeZoneInfo zone)
    {
        json.WriteStartObject();
        json.WriteString("date", day.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        json.WriteString("day", Word(day.Day));
        json.WriteStartArray("intervals");
        foreach (var interval in Shown(day.Intervals)) Write(json, interval, zone);
        json.WriteEndArray();
        json.WriteStartArray("issuing");
        foreach (var stretch in day.Issuing)
        {
            json.WriteStartObject();
            Write(json, stretch, zone);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        WriteCoverage(json, day, zone);
        json.WriteEndObject();
    }

    /// <summary>The date, its gaps and its warnings only.</summary>
    public static void WriteCheck(Utf8JsonWriter json, DayTimeline day, TimeZoneInfo zone)
    {
        json.WriteStartObject();
        json.WriteString("date", day.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        WriteCoverage(json, day, zone);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, CoverageGap gap, TimeZoneInfo zone)
    {
        json.WriteStartObject();
        json.WriteString("service", gap.Service.Value);
        Write(json, gap.Stretch, zone);
        json.WriteString("reason", "noStaffedWindow");
        json.WriteString("reopensAt", gap.ReopensAt is { } at ? Time(at, zone) : null);
        json.WriteEndObject();
    }

    // Who would stand in is not shown, so that stretches which differ in that alone are one here.
    private static List<TimelineInterval> Shown(IReadOnlyList<TimelineInterval> intervals)
    {
        var shown = new List<TimelineInterval>();
        foreach (var next in intervals)
        {
            if (shown.Count > 0 && shown[^1] is var last && last.SessionStretch == next.SessionStretch && last.Stretch.To == next.Stretch.From
                && last.Windows.SequenceEqual(next.Windows, SameWindow) && last.Closed.SequenceEqual(next.Closed) && last.Offered.SequenceEqual(next.Offered))
                shown[^1] = last with { Stretch = new(last.Stretch.From, next.Stretch.To) };
            else
                shown.Add(next);
        }
        return shown;
    }

    private static readonly IEqualityComparer<StaffedWindow> SameWindow = EqualityComparer<StaffedWindow>.Create(
        (a, b) => a!.Window == b!.Window && a.Staff == b.Staff && a.Role == b.Role && a.Services.SequenceEqual(b.Services) && a.AlsoFor.SequenceEqual(b.AlsoFor), w => w.Window.GetHashCode());

    private static void Write(Utf8JsonWriter json, TimelineInterval interval, TimeZoneInfo zone)
    {
        json.WriteStartObject();
        Write(json, interval.Stretch, zone);
        json.WriteString("session", Word(interval.Session));
        json.WriteStartArray("windows");
        foreach (var window in interval.Windows)
        {
            json.WriteStartObject();
            json.WriteString("window", window.Window.Value);
            json.WriteString("staff", window.Staff?.Value);
            json.WriteString("role", window.Role?.ToString());
            Write(json, "services", window.Services.Select(s => s.Value));
            Write(json, "alsoFor", window.AlsoFor.Select(w => w.Value));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("closed");
        foreach (var window in interval.Closed)
        {
            json.WriteStartObject();
            json.WriteString("window", window.Window.Value);
            json.WriteString("goTo", window.GoTo?.Value);
            json.WriteString("reason", Word(window.Reason));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        Write(json, "offered", interval.Offered.Select(s => s.Value));
        json.WriteEndObject();
    }

    private static void WriteCoverage(Utf8JsonWriter json, DayTimeline day, TimeZoneInfo zone)
    {
        json.WriteStartArray("gaps");
        foreach (var gap in day.Gaps) Write(json, gap, zone);
        json.WriteEndArray();
        Write(json, "warnings", day.Warnings);
    }

    private static void Write(Utf8JsonWriter json, Stretch stretch, TimeZoneInfo zone)
    {
        json.WriteString("from", Time(stretch.From, zone));
        json.WriteString("to", Time(stretch.To, zone));
    }

    private static void Write(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }

    private static string Time(Instant at, TimeZoneInfo zone) => TimeZoneInfo.ConvertTime(at.ToDateTimeOffset(), zone).ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);

    // Values on the wire are camelCase.
    private static string Word<T>(T value) where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
