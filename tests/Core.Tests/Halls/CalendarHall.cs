using HallOps.Core.Halls;
using static HallOps.Core.Tests.Halls.SampleHall;

namespace HallOps.Core.Tests.Halls;

/// <summary>The sample hall with a calendar and three people: Monday, 23 November 2026, and the days after it.</summary>
internal static class CalendarHall
{
    public const string Calendar =
        """
        "calendar": {"timeZone": "Asia/Shanghai", "holidays": "CN",
          "sessions": [{"kind": "regular", "days": ["workday"], "from": "09:00", "to": "12:00", "issueFrom": "08:30", "issueUntil": "11:50"},
                       {"kind": "lunch", "days": ["workday"], "from": "12:00", "to": "13:30", "offered": "covered", "windows": ["3"]},
                       {"kind": "regular", "days": ["workday"], "from": "13:30", "to": "17:00"},
                       {"kind": "extended", "days": ["workday"], "from": "17:00", "to": "18:30", "untilServed": true},
                       {"kind": "weekend", "days": ["saturday"], "from": "09:00", "to": "12:00", "windows": ["1"], "services": ["card"], "offered": "covered"}],
          "roster": [{"window": "1", "a": "li", "b": "wang"}, {"window": "2", "a": "wang", "b": "li"}, {"window": "3", "a": "sun"}],
          "absences": [], "exceptions": []}
        """;

    public static string DocumentOf(string calendar = Calendar) =>
        With("\"calendar\": {\"timeZone\": \"Asia/Shanghai\", \"sessions\": \"always\", \"roster\": [{\"window\": \"1\", \"a\": \"li\", \"b\": \"wang\"}]}", calendar)
            .Replace("{\"staff\": \"wang\", \"name\": \"王\"}", "{\"staff\": \"wang\", \"name\": \"王\"}, {\"staff\": \"sun\", \"name\": \"孙\"}", StringComparison.Ordinal)
            .Replace("\"expectedMinutes\": 6", "\"expectedMinutes\": 6, \"appointments\": {\"slotMinutes\": 30, \"capacity\": 4, \"daysAhead\": 5}", StringComparison.Ordinal);

    public static readonly Clerk Sun = Person("sun");

    /// <summary>A time in Shanghai: of Monday, or of another day where its date is given.</summary>
    public static DateTimeOffset T8(string time) => DateTimeOffset.Parse(time.Contains('T', StringComparison.Ordinal) ? time + "+08:00" : $"2026-11-23T{time}+08:00", System.Globalization.CultureInfo.InvariantCulture);

    public static Instant I(string time) => Instant.From(T8(time));

    /// <summary>Nobody has signed in yet.</summary>
    public static HallScenario Empty(string from = "08:00", string calendar = Calendar) => HallScenario.Of(DocumentOf(calendar), T8(from));

    /// <summary>Its three people signed in before nine.</summary>
    public static HallScenario Staffed(string at = "09:30", string calendar = Calendar) => Empty("08:00", calendar).At(T8("08:40")).Given(Open(1, Li), Open(2, Wang), Open(3, Sun)).At(T8(at));

    /// <summary>What the calendar did, in order: sessions, windows that left (-) and came back (+), stand-ins, ends of days, each with its time.</summary>
    public static string Moves(HallScenario story) => string.Join(' ', story.History.Select(h => (h.Event switch
    {
        WindowPaused e => $"-{e.Window}@",
        WindowResumed e => $"+{e.Window}@",
        ScheduleReached e => $"{e.Schedule.Session?.ToString() ?? "closed"}@",
        StandInChanged e => $"{e.Window}>{e.At?.Value ?? "x"}@",
        DayEnded e => "end@",
        _ => "",
    }, h.At)).Where(m => m.Item1.Length > 0).Select(m => m.Item1 + m.At.ToDateTimeOffset().ToOffset(TimeSpan.FromHours(8)).ToString("HH:mm:ss", null)));
}
