using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using HallOps.Core.Calendars;
using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Web.Halls;
using HallOps.Web.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace HallOps.Web.Calendars;

/// <summary>A hall's calendar, read and changed by its manager; the dates it compiles to, and what of them is uncovered.</summary>
public static class CalendarEndpoints
{
    /// <summary>Two months of whole weeks on one page.</summary>
    private const int MostDates = 62;

    /// <summary>A year, the one more in a leap year.</summary>
    private const int MostCovered = 366;

    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    public static void MapCalendars(this IEndpointRouteBuilder api)
    {
        api.MapGet("/halls/{hall}/calendar", ReadAsync).Reads<object>(Act.ReadCalendar);
        api.MapPut("/halls/{hall}/calendar", PutAsync).Commands<object, CalendarCheckedShape>(Act.ChangeCalendar)
            .Produces<ProblemShape>(StatusCodes.Status412PreconditionFailed, "application/problem+json").WithMetadata(new ConfigEndpoints.DocumentSize());
        api.MapGet("/halls/{hall}/timeline", TimelineAsync).Reads<IReadOnlyList<TimelineDayShape>>(Act.ReadCalendar);
        api.MapGet("/halls/{hall}/coverage", CoverageAsync).Reads<IReadOnlyList<CoverageShape>>(Act.ReadCalendar);
    }

    private static async Task<Results<FileContentHttpResult, Problem>> ReadAsync(string hall, HttpContext http, IHalls halls)
    {
        var id = new HallId(hall);
        if (Rights.Against(Caller.Of(http.User), id, Act.ReadCalendar) is { } no) return no;
        if (await halls.ReadAsync(id, new ReadConfig(), http.RequestAborted) is not { } config) return Problem.Of("UnknownHall");
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Bytes(HallDocuments.CalendarOf(config.Document), "application/json; charset=utf-8", entityTag: new EntityTagHeaderValue($"\"{config.Document.Version}\""));
    }

    /// <param name="check">Says what it would do, and changes nothing.</param>
    /// <param name="from">The first date whose timeline is answered as well; none where left out.</param>
    private static async Task<Results<FileContentHttpResult, Problem>> PutAsync(string hall, HttpContext http, HallDocuments documents, CalendarTrials trials, bool check = false, string? from = null, string? to = null)
    {
        var id = new HallId(hall);
        var caller = Caller.Of(http.User);
        if (Rights.Against(caller, id, Act.ChangeCalendar) is { } no) return no;
        (DateOnly, DateOnly)? shown = null;
        if (from is not null || to is not null)
        {
            if (!TryDates("from", from, "to", to, MostDates, out var dates, out var wrongDates)) return wrongDates!;
            shown = dates;
        }
        var (read, wrong) = await RequestBody.ReadAsync(http, HallDocument.MaxBytes);
        if (wrong is not null) return wrong;
        using var body = read!;
        if (body.IsEmpty) return Problem.Of("BodyMissing");
        if (!DoorKey.TryOf(http, caller, id, body, out var key, out var badKey)) return badKey;
        if (!ConfigEndpoints.TryIfMatch(http.Request.Headers.IfMatch, out var version)) return Problem.Of("VersionChanged");

        var bytes = body.Bytes.ToArray();
        // Before it is changed: afterwards nobody could say whose time it was that changed.
        var (trial, bad) = await trials.TryAsync(id, bytes, http.RequestAborted);
        if (trial is null) return bad!;
        if (check) return Json(http, trial.Now.Document.Version.ToString(), json => trial.Write(json, null, shown));
        var outcome = await documents.PutCalendarAsync(caller, id, bytes, version, key, http.RequestAborted);
        return outcome.Hall is { } configured ? Json(http, configured.Version, json => trial.Write(json, configured.Version, shown)) : outcome.Problem!;
    }

    private static Task<Results<FileContentHttpResult, Problem>> TimelineAsync(string hall, HttpContext http, IHalls halls, CalendarTrials trials, string? date = null, string? to = null) =>
        DaysAsync(hall, http, halls, trials, ("date", date), ("to", to), _ => null, MostDates, TimelineJson.Write);

    /// <summary>Without dates: the next 31 days.</summary>
    private static Task<Results<FileContentHttpResult, Problem>> CoverageAsync(string hall, HttpContext http, IHalls halls, CalendarTrials trials, string? from = null, string? to = null) =>
        DaysAsync(hall, http, halls, trials, ("from", from), ("to", to), today => (today, today.AddDays(CalendarTrial.Days - 1)), MostCovered, TimelineJson.WriteCheck);

    private static async Task<Results<FileContentHttpResult, Problem>> DaysAsync(string hall, HttpContext http, IHalls halls, CalendarTrials trials, (string Name, string? Value) from, (string Name, string? Value) to,
        Func<DateOnly, (DateOnly, DateOnly)?> otherwise, int most, Action<Utf8JsonWriter, DayTimeline, TimeZoneInfo> write)
    {
        var id = new HallId(hall);
        if (Rights.Against(Caller.Of(http.User), id, Act.ReadCalendar) is { } no) return no;
        if (await halls.ReadAsync(id, new ReadCalendar(), http.RequestAborted) is not { } now) return Problem.Of("UnknownHall");
        if (from.Value is not null || to.Value is not null || otherwise(now.Today) is not var (first, last))
        {
            if (!TryDates(from.Name, from.Value, to.Name, to.Value, most, out var dates, out var wrong)) return wrong!;
            (first, last) = dates;
        }
        var calendar = now.Settings.Calendar;
        return Json(http, null, json =>
        {
            json.WriteStartArray();
            foreach (var day in calendar.Between(first, last, trials.HolidaysOf(now))) write(json, day, calendar.Zone);
            json.WriteEndArray();
        });
    }

    /// <summary>Two dates, both included; the second is the first where it is left out.</summary>
    private static bool TryDates(string fromName, string? from, string toName, string? to, int most, out (DateOnly From, DateOnly To) dates, out Problem? problem)
    {
        (dates, problem) = (default, null);
        if (!TryDate(from, out var first)) problem = Problem.BadField(fromName, "must be a date like 2026-11-21, from 1970 to 2199");
        else if (!TryDate(to ?? from, out var last)) problem = Problem.BadField(toName, "must be a date like 2026-11-21, from 1970 to 2199");
        else if (last < first || last.DayNumber - first.DayNumber >= most) problem = Problem.BadField(toName, string.Create(CultureInfo.InvariantCulture, $"must be from {fromName} on, and within {most} dates"));
        else dates = (first, last);
        return problem is null;
    }

    private static bool TryDate(string? text, out DateOnly date) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out date) && date.Year is >= 1970 and < 2200;

    private static FileContentHttpResult Json(HttpContext http, string? version, Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>(16 << 10);
        using (var json = new Utf8JsonWriter(bytes, Readable)) write(json);
        http.Response.Headers.CacheControl = "no-store";
        // Not given to the result: that would compare it with the If-Match of the version it came from.
        if (version is not null) http.Response.Headers.ETag = $"\"{version}\"";
        return TypedResults.Bytes(bytes.WrittenMemory.ToArray(), "application/json; charset=utf-8");
    }
}
