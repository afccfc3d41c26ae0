using System.Globalization;
using System.Text.Json;
using HallOps.Core.Halls;

namespace HallOps.Core.Calendars;

/// <summary>The ids of a hall that its calendar may name.</summary>
internal sealed record HallIds(KnownIds Windows, KnownIds Staff, KnownIds Services, KnownIds Lines);

/// <summary>
/// Checks the calendar inside a hall's document (CALENDAR.md): its fields, ids, dates and times. Whether sessions overlap, rows contradict
/// each other or a service is uncovered is found by compiling.
/// </summary>
internal static class CalendarDocument
{
    /// <summary>30:00, the next date's 06:00: the end of the longest service day.</summary>
    private const int LastMinute = 30 * 60;

    private static readonly string[] Fields = ["timeZone", "holidays", "sessions", "exceptions", "roster", "absences"];
    private static readonly string[] FromHall = ["windows", "services", "staff"];
    private static readonly string[] AllFields = [.. Fields, .. FromHall];
    private static readonly string[] HolidayFields = ["date", "isOffDay", "name"];
    private static readonly string[] ExceptionSessionFields =
        ["kind", "from", "to", "windows", "services", "offered", "rotate", "issueFrom", "issueUntil", "untilServed", "appointmentOnly"];
    private static readonly string[] SessionFields = [.. ExceptionSessionFields, "days", "season"];
    private static readonly string[] SeasonFields = ["from", "to"];
    private static readonly string[] RotateFields = ["groups", "by"];
    private static readonly string[] ExceptionFields = ["date", "sessions", "closed", "windows", "from", "to", "reason"];
    private static readonly string[] RosterFields = ["window", "a", "b", "from", "to", "days", "times"];
    private static readonly string[] AbsenceFields = ["staff", "from", "to", "kind"];

    private static readonly string[] DayWords =
        ["workday", "makeup", "restday", "holiday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    private static readonly (string, int)[] SessionKinds = [("regular", 0), ("lunch", 1), ("weekend", 2), ("extended", 3)];

    /// <summary>Null where the calendar is missing or no object.</summary>
    public static CalendarSettings? Read(DocumentObject hall, Findings findings, HallIds ids)
    {
        if (!hall.Get("calendar", out var given))
        {
            hall.Wrong("calendar", "must be the hall's calendar; {\"sessions\": \"always\"} is open at all hours");
            return null;
        }
        var calendar = new DocumentObject(given, hall.Place.At("calendar"), findings, AllFields);
        foreach (var field in FromHall.Where(calendar.Has))
            calendar.Refuse(field, $"is taken from the hall: leave it out; allowed are {DocumentObject.Among(Fields)}");

        var zone = Zone(calendar);
        CheckHolidays(calendar);
        if (!(calendar.Get("sessions", out var sessions) && sessions.ValueKind is JsonValueKind.String && sessions.ValueEquals("always")))
            CheckSessions(calendar, findings, SessionFields, ids, "\"always\" or ");
        foreach (var exception in calendar.Objects("exceptions", ExceptionFields))
            CheckException(exception, findings, ids);
        CheckOneExceptionADate(calendar, findings);
        var roster = calendar.Objects("roster", RosterFields).Select(r => Row(r, ids)).ToArray();
        foreach (var absence in calendar.Objects("absences", AbsenceFields))
            CheckAbsence(absence, ids);
        return new CalendarSettings(zone, roster);
    }

    private static TimeZoneInfo Zone(DocumentObject calendar)
    {
        var id = calendar.String("timeZone", false, static s => Find(s) is not null, static () => "must be a time zone of the IANA database, like Asia/Shanghai");
        return (id is null ? null : Find(id)) ?? Find("Asia/Shanghai") ?? TimeZoneInfo.Utc;
    }

    private static TimeZoneInfo? Find(string id)
    {
        // The system looks names up as files on some platforms, so nothing that could be a path is passed on.
        if (id.Length is 0 or > 64 || !char.IsAsciiLetter(id[0]) || !id.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '-' or '+'))
            return null;
        try
        {
            return TimeZoneInfo.FindSystemTimeZoneById(id);
        }
        catch (Exception e) when (e is TimeZoneNotFoundException or InvalidTimeZoneException or System.Security.SecurityException or UnauthorizedAccessException or IOException)
        {
            return null;
        }
    }

    private static void CheckHolidays(DocumentObject calendar)
    {
        if (!calendar.Get("holidays", out var holidays) || (holidays.ValueKind is JsonValueKind.String && (holidays.ValueEquals("CN") || holidays.ValueEquals("none"))))
            return;
        if (holidays.ValueKind is not JsonValueKind.Array)
        {
            calendar.Wrong("holidays", "must be \"CN\", \"none\" or a list of {date, isOffDay, name}");
            return;
        }
        foreach (var day in calendar.Objects("holidays", HolidayFields))
        {
            day.Date("date", required: true);
            if (!day.Has("isOffDay"))
                day.Wrong("isOffDay", "must be true (a day off) or false (a working day)");
            day.Flag("isOffDay");
            day.Words("name", DocumentObject.MaxNameLength);
        }
    }

    private static void CheckSessions(DocumentObject owner, Findings findings, string[] fields, HallIds ids, string alsoAllowed = "")
    {
        if (owner.Get("sessions", out var given) && given.ValueKind is not JsonValueKind.Array)
        {
            owner.Wrong("sessions", $"must be {alsoAllowed}a list of sessions");
            return;
        }
        var dated = fields == SessionFields;
        foreach (var session in owner.Objects("sessions", fields, most: 500))
        {
            session.Choice("kind", SessionKinds, null);
            if (dated)
                CheckDays(session, required: true);
            if (session.Get("season", out var season) && dated)
                CheckSeason(new DocumentObject(season, session.Place.At("season"), findings, SeasonFields));
            CheckSpan(session, required: true);
            session.References("windows", ids.Windows);
            session.Strings("services", s => ids.Services.Contains(s) || ids.Lines.Contains(s), () => $"{ids.Services.Must} or a line: {ids.Lines.Must}");
            session.Choice("offered", [("all", 0), ("covered", 1)], 0);
            if (session.Get("rotate", out var rotate))
                CheckRotate(new DocumentObject(rotate, session.Place.At("rotate"), findings, RotateFields), ids);
            var issueFrom = session.Time("issueFrom", LastMinute);
            if (session.Time("issueUntil", LastMinute) < issueFrom)
                session.Wrong("issueUntil", "must not be before issueFrom");
            session.Flag("untilServed");
            session.Flag("appointmentOnly");
        }
    }

    private static void CheckSpan(DocumentObject o, bool required = false)
    {
        var from = o.Time("from", LastMinute, required);
        var to = o.Time("to", LastMinute, required);
        if (to <= from)
            o.Wrong("to", "must be later than from");
    }

    private static void CheckDays(DocumentObject o, bool required = false)
    {
        var days = o.Strings("days", static s => DayWords.Contains(s) || DocumentObject.TryDate(s, out _),
            static () => $"must be a date like 2026-11-21 or one of {DocumentObject.Among(DayWords)}");
        if (days is null && required || o.Get("days", out var given) && given.ValueKind is JsonValueKind.Array && given.GetArrayLength() == 0)
            o.Wrong("days", "must be a list with at least one day");
    }

    private static void CheckSeason(DocumentObject season)
    {
        foreach (var field in SeasonFields)
        {
            // 29 February is a day of a season in the years that have it.
            season.String(field, true, static s => s.Length == 5 && DocumentObject.TryDate("2024-" + s, out _), static () => "must be a day of the year like 05-01");
        }
    }

    private static void CheckRotate(DocumentObject rotate, HallIds ids)
    {
        rotate.Choice("by", [("day", 0), ("week", 1)], null as int?);
        var groups = 0;
        foreach (var (group, place) in rotate.Items("groups", required: true, most: 50))
        {
            groups++;
            if (group.ValueKind is JsonValueKind.Array)
                rotate.Distinct(DocumentObject.ItemsOf(group, place), ids.Windows.Contains, () => ids.Windows.Must);
            else
                rotate.RefuseAt(place, "must be a list of windows" + DocumentObject.Was(group));
        }
        if (groups == 0 && rotate.Get("groups", out var given) && given.ValueKind is JsonValueKind.Array && given.GetArrayLength() == 0)
            rotate.Wrong("groups", "must have at least one group");
    }

    private static void CheckException(DocumentObject exception, Findings findings, HallIds ids)
    {
        exception.Date("date", required: true);
        CheckSessions(exception, findings, ExceptionSessionFields, ids);
        exception.References("windows", ids.Windows);
        CheckSpan(exception);
        if (exception.Get("reason", out var reason) && reason.ValueKind is JsonValueKind.String)
            exception.Words("reason", DocumentObject.MaxNameLength);
        else
            exception.TextOf("reason");

        var closed = exception.Flag("closed");
        if (!exception.IsObject || (exception.Get("closed", out var flag) && flag.ValueKind is not (JsonValueKind.True or JsonValueKind.False)))
            return;
        if (closed == exception.Has("sessions"))
            exception.Refuse("closed", "must be true, or sessions given, not both");
        else if (exception.Has("windows") && !closed)
            exception.Refuse("windows", "must come with closed: true; sessions name windows of their own");
        if ((exception.Has("from") || exception.Has("to")) && !exception.Has("windows"))
            exception.Refuse(exception.Has("from") ? "from" : "to", "must come with windows: a whole date is closed or given sessions");
    }

    private static void CheckOneExceptionADate(DocumentObject calendar, Findings findings)
    {
        if (!calendar.Get("exceptions", out var exceptions) || exceptions.ValueKind is not JsonValueKind.Array)
            return;
        var dates = new HashSet<string>();
        foreach (var (item, place) in DocumentObject.ItemsOf(exceptions, calendar.Place.At("exceptions")))
        {
            if (item.ValueKind is JsonValueKind.Object && !item.TryGetProperty("windows", out _) && item.TryGetProperty("date", out var date)
                && date.ValueKind is JsonValueKind.String && !dates.Add(date.GetString()!))
                findings.Refuse(place.At("date"), "must have one exception with sessions or closed" + DocumentObject.Was(date) + " again");
        }
    }

    private static RosterRow Row(DocumentObject row, HallIds ids)
    {
        var window = row.Reference("window", ids.Windows, required: true) ?? "";
        var a = row.Reference("a", ids.Staff);
        var b = row.Reference("b", ids.Staff);
        if (row.IsObject && !row.Has("a") && !row.Has("b"))
            row.Wrong("a", ids.Staff.Must);
        else if (a is not null && a == b)
            row.Wrong("b", "must be another person than a");
        if (row.Date("to") is var to && row.Date("from") is { } from && to < from)
            row.Wrong("to", "must not be before from");
        CheckDays(row);
        if (row.Get("times", out var times)
            && !(times.ValueKind is JsonValueKind.Array && times.GetArrayLength() == 2 && Minutes(times[0]) < Minutes(times[1]) && Minutes(times[1]) <= LastMinute))
            row.Wrong("times", "must be two times from 00:00 to 30:00, the second later, like [\"09:00\", \"12:00\"]");
        return new RosterRow(new WindowId(window), a is null ? null : new StaffId(a), b is null ? null : new StaffId(b));
    }

    private static int Minutes(JsonElement time) => time.ValueKind is JsonValueKind.String ? DocumentObject.MinutesOf(time.GetString()!) : int.MaxValue;

    private static void CheckAbsence(DocumentObject absence, HallIds ids)
    {
        absence.Reference("staff", ids.Staff, required: true);
        var from = LocalTime(absence, "from");
        if (LocalTime(absence, "to") <= from)
            absence.Wrong("to", "must be later than from");
        absence.String("kind", false, static s => s.Length is > 0 and <= 32 && s.All(char.IsAsciiLetter), static () => "must be a word of 1 to 32 letters, like leave");
    }

    private static DateTime? LocalTime(DocumentObject o, string name) =>
        o.String(name, true, static s => TryLocalTime(s, out _), static () => "must be a local date and time like 2026-11-23T09:00") is { } s && TryLocalTime(s, out var time) ? time : null;

    private static bool TryLocalTime(string s, out DateTime time) => DateTime.TryParseExact(s, "yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out time);
}
