using System.Globalization;
using System.Text.Json;
using HallOps.Core.Halls;

namespace HallOps.Core.Calendars;

/// <summary>The ids of a hall that its calendar may name.</summary>
/// <param name="Lines">Null where a session names services only.</param>
internal sealed record HallIds(KnownIds Windows, KnownIds Staff, KnownIds Services, KnownIds? Lines);

/// <summary>
/// Reads the calendar inside a hall's document (CALENDAR.md): its fields, ids, dates and times. Whether sessions overlap or rows contradict
/// each other is asked of the calendar read (<see cref="CalendarCheck"/>), whether a service is uncovered is found by compiling.
/// </summary>
internal static class CalendarDocument
{
    internal static readonly string[] Fields = ["timeZone", "holidays", "sessions", "exceptions", "roster", "absences"];
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

    private static readonly Dictionary<string, DayWords> Words = new(StringComparer.Ordinal)
    {
        ["workday"] = DayWords.Workday, ["makeup"] = DayWords.Makeup, ["restday"] = DayWords.Restday, ["holiday"] = DayWords.Holiday,
        ["monday"] = DayWords.Monday, ["tuesday"] = DayWords.Tuesday, ["wednesday"] = DayWords.Wednesday, ["thursday"] = DayWords.Thursday,
        ["friday"] = DayWords.Friday, ["saturday"] = DayWords.Saturday, ["sunday"] = DayWords.Sunday,
    };
    private static readonly (string, SessionKind)[] SessionKinds =
        [("regular", SessionKind.Regular), ("lunch", SessionKind.Lunch), ("weekend", SessionKind.Weekend), ("extended", SessionKind.Extended)];

    /// <summary>Null where the calendar is missing or no object.</summary>
    /// <param name="outline">Of the hall's windows, services and people, as far as they could be read.</param>
    public static CalendarSettings? Read(DocumentObject hall, Findings findings, HallIds ids, HallOutline outline)
    {
        if (!hall.Get("calendar", out var given))
        {
            hall.Wrong("calendar", "must be the hall's calendar; {\"sessions\": \"always\"} is open at all hours");
            return null;
        }
        var calendar = new DocumentObject(given, hall.Place.At("calendar"), findings, AllFields);
        foreach (var field in FromHall.Where(calendar.Has))
            calendar.Refuse(field, $"is taken from the hall: leave it out; allowed are {DocumentObject.Among(Fields)}");
        return Settings(calendar, findings, ids, outline);
    }

    /// <summary>The fields that a calendar has wherever it stands.</summary>
    public static CalendarSettings Settings(DocumentObject calendar, Findings findings, HallIds ids, HallOutline outline)
    {
        var reader = new Lists(findings, ids, outline, HallOutline.Places(outline.Windows.Select(w => w.Value)));
        var zone = Zone(calendar);
        var own = Holidays(calendar, out var china);
        var always = calendar.Get("sessions", out var sessions) && sessions.ValueKind is JsonValueKind.String && sessions.ValueEquals("always");
        var rules = always ? [] : reader.Sessions(calendar, "", SessionFields, "\"always\" or ");
        var exceptions = calendar.Objects("exceptions", ExceptionFields).Select(reader.Exception).ToArray();
        CheckOneExceptionADate(calendar, findings);
        var roster = calendar.Objects("roster", RosterFields).Select(r => Row(r, ids)).ToArray();
        var absences = calendar.Objects("absences", AbsenceFields).Select(a => AbsenceOf(a, ids)).ToArray();
        return new CalendarSettings(new CalendarPlan(zone, always, china, own, outline, rules, exceptions, roster, absences));
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

    private static HolidayDate[] Holidays(DocumentObject calendar, out bool china)
    {
        china = false;
        if (!calendar.Get("holidays", out var holidays) || (holidays.ValueKind is JsonValueKind.String && ((china = holidays.ValueEquals("CN")) || holidays.ValueEquals("none"))))
            return [];
        if (holidays.ValueKind is not JsonValueKind.Array)
        {
            calendar.Wrong("holidays", "must be \"CN\", \"none\" or a list of {date, isOffDay, name}");
            return [];
        }
        return [.. calendar.Objects("holidays", HolidayFields).Select(HolidayOf)];
    }

    /// <summary>A day of a list of holidays, whoever lists it.</summary>
    internal static HolidayDate HolidayOf(DocumentObject day)
    {
        var date = day.Date("date", required: true);
        if (!day.Has("isOffDay"))
            day.Wrong("isOffDay", "must be true (a day off) or false (a working day)");
        var off = day.Flag("isOffDay");
        return new HolidayDate(date ?? default, off, day.Words("name", DocumentObject.MaxNameLength) ?? "");
    }

    /// <summary>What both spans of sessions and of closures ask.</summary>
    private static Minutes Span(DocumentObject o, bool required = false)
    {
        var from = o.Time("from", Minutes.Last, required);
        var to = o.Time("to", Minutes.Last, required);
        if (to <= from)
            o.Wrong("to", "must be later than from");
        return new Minutes(from ?? 0, to ?? Minutes.Last);
    }

    private static DayRule? Days(DocumentObject o, bool required = false)
    {
        var days = o.Strings("days", static s => Words.ContainsKey(s) || DocumentObject.TryDate(s, out _),
            static () => $"must be a date like 2026-11-21 or one of {DocumentObject.Among(Words.Keys)}");
        if (days is null && required || o.Get("days", out var given) && given.ValueKind is JsonValueKind.Array && given.GetArrayLength() == 0)
            o.Wrong("days", "must be a list with at least one day");
        if (days is null)
            return null;
        var dates = new List<DateOnly>();
        var words = DayWords.None;
        foreach (var day in days)
        {
            if (DocumentObject.TryDate(day, out var date)) dates.Add(date);
            else words |= Words[day];
        }
        return new DayRule(words, [.. dates]);
    }

    private static Season SeasonOf(DocumentObject season) => new(DayOfYear(season, "from"), DayOfYear(season, "to"));

    // 29 February is a day of a season in the years that have it.
    private static int DayOfYear(DocumentObject season, string field) =>
        season.String(field, true, static s => s.Length == 5 && DocumentObject.TryDate("2024-" + s, out _), static () => "must be a day of the year like 05-01") is { } s
            && DocumentObject.TryDate("2024-" + s, out var day) ? day.Month * 100 + day.Day : 0;

    /// <summary>The lists that name windows and services by their places.</summary>
    private sealed class Lists(Findings findings, HallIds ids, HallOutline outline, Dictionary<string, int> windowPlaces)
    {
        private readonly Dictionary<IndexSet, IReadOnlySet<ServiceId>> cuts = [];

        public SessionRule[] Sessions(DocumentObject owner, string place, string[] fields, string alsoAllowed = "")
        {
            if (owner.Get("sessions", out var given) && given.ValueKind is not JsonValueKind.Array)
            {
                owner.Wrong("sessions", $"must be {alsoAllowed}a list of sessions");
                return [];
            }
            return [.. owner.Objects("sessions", fields, most: 500).Select((s, i) => Session(s, string.Create(CultureInfo.InvariantCulture, $"{place}sessions[{i}]"), dated: fields == SessionFields))];
        }

        private SessionRule Session(DocumentObject session, string place, bool dated)
        {
            var kind = session.Choice("kind", SessionKinds, null);
            var days = dated ? Days(session, required: true) : null;
            var season = session.Get("season", out var given) && dated ? SeasonOf(new DocumentObject(given, session.Place.At("season"), findings, SeasonFields)) : null as Season?;
            var time = Span(session, required: true);
            var windows = WindowsOf(session.References("windows", ids.Windows));
            var services = session.Strings("services", s => ids.Services.Contains(s) || (ids.Lines?.Contains(s) ?? false),
                () => ids.Lines is null ? ids.Services.Must : $"{ids.Services.Must} or a line: {ids.Lines.Must}");
            var offered = services?.Select(outline.Named).OfType<IndexSet>().Aggregate(IndexSet.None(outline.Services.Count), (all, one) => all | one);
            var cut = offered is null ? null : outline.Joint.Where(j => offered.Contains(j.Key)).Aggregate(offered, (all, joint) => all | joint.Value);
            var covered = session.Choice("offered", [("all", false), ("covered", true)], false);
            var (groups, byWeek) = session.Get("rotate", out var rotate) ? Turns(new DocumentObject(rotate, session.Place.At("rotate"), findings, RotateFields)) : ([], false);
            var issueFrom = session.Time("issueFrom", Minutes.Last);
            var issueUntil = session.Time("issueUntil", Minutes.Last);
            if (issueUntil < issueFrom)
                session.Wrong("issueUntil", "must not be before issueFrom");
            return new SessionRule
            {
                Kind = kind, Days = days, Season = season, Time = time, IssueFrom = issueFrom, IssueUntil = issueUntil, Windows = windows, Services = offered, Cut = cut, CutIds = IdsOf(cut),
                OffersCovered = covered, Groups = groups, TurnsByWeek = byWeek, UntilServed = session.Flag("untilServed"), AppointmentOnly = session.Flag("appointmentOnly"), Place = place,
            };
        }

        private IReadOnlySet<ServiceId>? IdsOf(IndexSet? cut)
        {
            if (cut is null) return null;
            if (!cuts.TryGetValue(cut, out var known)) cuts[cut] = known = cut.Members.Select(s => outline.Services[s]).ToHashSet();
            return known;
        }

        private IndexSet? WindowsOf(string[]? names) => names is null ? null : IndexSet.Of(outline.Windows.Count, names.Where(windowPlaces.ContainsKey).Select(n => windowPlaces[n]));

        private (IndexSet[], bool) Turns(DocumentObject rotate)
        {
            var byWeek = rotate.Choice("by", [("day", false), ("week", true)], null as bool?);
            var groups = new List<IndexSet>();
            foreach (var (group, place) in rotate.Items("groups", required: true, most: 50))
            {
                string[] names = [];
                if (group.ValueKind is JsonValueKind.Array)
                    names = rotate.Distinct(DocumentObject.ItemsOf(group, place), ids.Windows.Contains, () => ids.Windows.Must);
                else
                    rotate.RefuseAt(place, "must be a list of windows" + DocumentObject.Was(group));
                groups.Add(WindowsOf(names)!);
            }
            if (groups.Count == 0 && rotate.Get("groups", out var given) && given.ValueKind is JsonValueKind.Array && given.GetArrayLength() == 0)
                rotate.Wrong("groups", "must have at least one group");
            return ([.. groups], byWeek);
        }

        public CalendarException Exception(DocumentObject exception, int index)
        {
            var place = string.Create(CultureInfo.InvariantCulture, $"exceptions[{index}]");
            var date = exception.Date("date", required: true);
            var sessions = Sessions(exception, place + ".", ExceptionSessionFields);
            var windows = WindowsOf(exception.References("windows", ids.Windows));
            var time = Span(exception);
            if (exception.Get("reason", out var reason) && reason.ValueKind is JsonValueKind.String)
                exception.Words("reason", DocumentObject.MaxNameLength);
            else
                exception.TextOf("reason");
            CheckWhatIsClosed(exception);
            return new CalendarException(date ?? default, exception.Has("sessions") ? sessions : null, windows, time, place);
        }
    }

    private static void CheckWhatIsClosed(DocumentObject exception)
    {
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
        var (from, to) = (row.Date("from"), row.Date("to"));
        if (to < from)
            row.Wrong("to", "must not be before from");
        return new RosterRow(new WindowId(window), a is null ? null : new StaffId(a), b is null ? null : new StaffId(b)) { From = from, To = to, Days = Days(row), Times = Times(row) };
    }

    private static Minutes Times(DocumentObject row)
    {
        if (!row.Get("times", out var times))
            return Minutes.Whole;
        if (times.ValueKind is JsonValueKind.Array && times.GetArrayLength() == 2 && MinutesOf(times[0]) < MinutesOf(times[1]) && MinutesOf(times[1]) <= Minutes.Last)
            return new Minutes(MinutesOf(times[0]), MinutesOf(times[1]));
        row.Wrong("times", "must be two times from 00:00 to 30:00, the second later, like [\"09:00\", \"12:00\"]");
        return Minutes.Whole;
    }

    private static int MinutesOf(JsonElement time) => time.ValueKind is JsonValueKind.String ? DocumentObject.MinutesOf(time.GetString()!) : int.MaxValue;

    private static Absence AbsenceOf(DocumentObject absence, HallIds ids)
    {
        var staff = absence.Reference("staff", ids.Staff, required: true) ?? "";
        var (from, to) = (LocalTime(absence, "from"), LocalTime(absence, "to"));
        if (to <= from)
            absence.Wrong("to", "must be later than from");
        absence.String("kind", false, static s => s.Length is > 0 and <= 32 && s.All(char.IsAsciiLetter), static () => "must be a word of 1 to 32 letters, like leave");
        return new Absence(new StaffId(staff), from ?? default, to ?? default);
    }

    private static DateTime? LocalTime(DocumentObject o, string name) =>
        o.String(name, true, static s => TryLocalTime(s, out _), static () => "must be a local date and time like 2026-11-23T09:00") is { } s && TryLocalTime(s, out var time) ? time : null;

    private static bool TryLocalTime(string s, out DateTime time) => DateTime.TryParseExact(s, "yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out time);
}
