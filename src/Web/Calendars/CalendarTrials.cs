using System.Text.Json;
using HallOps.Core.Calendars;
using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Silo.Feeds;
using HallOps.Web.Halls;
using HallOps.Web.Problems;

namespace HallOps.Web.Calendars;

/// <summary>What another calendar would do, written as <see cref="CalendarCheckedShape"/>.</summary>
internal sealed record CalendarTrial(HallCalendar Now, CalendarSettings Then, HolidayTable Holidays, IReadOnlyList<string> Said, IReadOnlyList<AffectedAppointment> Appointments)
{
    /// <summary>As far as a reopening is looked for.</summary>
    public const int Days = 31;

    /// <param name="applied">The version that it became; null: it was only tried.</param>
    /// <param name="shown">The dates whose timeline is asked for; null: none.</param>
    public void Write(Utf8JsonWriter json, string? applied, (DateOnly From, DateOnly To)? shown)
    {
        var last = Now.Today.AddDays(Days - 1);
        var then = Then.Between(Now.Today, last, Holidays).ToList();
        var before = Now.Settings.Calendar.Between(Now.Today, last, Holidays).SelectMany(day => day.Gaps).ToList();
        var after = then.SelectMany(day => day.Gaps).ToList();

        json.WriteStartObject();
        json.WriteBoolean("applied", applied is not null);
        json.WriteString("version", applied ?? Now.Document.Version.ToString());
        Write(json, "warnings", Said.Concat(then.SelectMany(day => day.Warnings)).Distinct(), static (json, warning) => json.WriteStringValue(warning));
        Write(json, "coverage", then.Where(day => day.Gaps.Count > 0), (json, day) => TimelineJson.WriteCheck(json, day, Then.Zone));
        Write(json, "gapsAppear", after.Where(gap => !before.Exists(b => SameTime(b, gap))), (json, gap) => TimelineJson.Write(json, gap, Then.Zone));
        Write(json, "gapsGo", before.Where(gap => !after.Exists(a => SameTime(a, gap))), (json, gap) => TimelineJson.Write(json, gap, Then.Zone));
        json.WritePropertyName("appointments");
        JsonSerializer.Serialize(json, Appointments, FeedJson.Options);
        Write(json, "timeline", shown is var (from, to) ? Then.Between(from, to, Holidays) : [], (json, day) => TimelineJson.Write(json, day, Then.Zone));
        json.WriteEndObject();
    }

    // When it reopens may change without the gap being another one.
    private static bool SameTime(CoverageGap a, CoverageGap b) => a.Service == b.Service && a.Stretch == b.Stretch;

    private static void Write<T>(Utf8JsonWriter json, string name, IEnumerable<T> items, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items) write(json, item);
        json.WriteEndArray();
    }
}

/// <summary>Tries calendars on a hall as it is now; nothing is changed. Safe from any thread.</summary>
public sealed class CalendarTrials(IHalls halls, HallDocuments documents, HallDoor door, HolidayNotices notices)
{
    /// <param name="utf8">A calendar alone.</param>
    /// <returns>What it would do, or what is wrong with it; exactly one of them.</returns>
    internal async ValueTask<(CalendarTrial? Trial, Problem? Problem)> TryAsync(HallId hall, ReadOnlyMemory<byte> utf8, CancellationToken cancel)
    {
        if (await halls.ReadAsync(hall, new ReadCalendar(), cancel) is not { } now) return (null, Problem.Of("UnknownHall"));
        var (document, reading) = documents.WithCalendar(now.Document, utf8.Span);
        if (reading.Settings is not { } then) return (null, HallDocuments.Wrong(reading.Problems));
        var stranded = (await halls.ReadAsync(hall, new ReadChange(PackedDocument.Pack(document)), cancel))?.Stranded ?? [];
        return (new CalendarTrial(now, then.Calendar, HolidaysOf(now), reading.Warnings, await AffectedAppointment.OfAsync(stranded, then, door, cancel)), null);
    }

    /// <summary>What the hall goes by; before it heard of any holidays, those it is about to hear of.</summary>
    internal HolidayTable HolidaysOf(HallCalendar hall) => hall.Holidays.Days.Count > 0 ? hall.Holidays : notices.Current;
}
