using System.Text.Json;
using System.Text.Json.Nodes;
using HallOps.Core.Calendars;

namespace HallOps.Core.Tests.Calendars;

/// <summary>The example of the format (docs/calendars.md).</summary>
public sealed class ExampleTests
{
    public const string Document = """
        {
          "timeZone": "Asia/Shanghai",
          "holidays": "CN",
          "services": {"A": "social insurance", "B": "residence permit"},
          "windows": [{"window": "1", "services": ["A", "B"]}, {"window": "2", "services": ["A"]}, {"window": "3", "services": ["B"]}],
          "staff": [{"staff": "zhao", "services": ["A"]}],
          "sessions": [
            {"kind": "regular",  "days": ["workday"],  "from": "09:00", "to": "12:00", "issueFrom": "08:30", "issueUntil": "11:50"},
            {"kind": "lunch",    "days": ["workday"],  "from": "12:00", "to": "13:30", "offered": "covered", "rotate": {"groups": [["1"], ["2"]], "by": "day"}},
            {"kind": "regular",  "days": ["workday"],  "from": "13:30", "to": "17:00"},
            {"kind": "extended", "days": ["workday"],  "from": "17:00", "to": "18:30", "untilServed": true},
            {"kind": "weekend",  "days": ["saturday"], "from": "09:00", "to": "12:00", "windows": ["1"], "services": ["A"], "appointmentOnly": true}
          ],
          "exceptions": [{"date": "2026-12-31", "sessions": [{"kind": "regular", "from": "09:00", "to": "12:00"}]},
                         {"date": "2027-01-04", "closed": true, "reason": "move"}, {"date": "2026-12-24", "windows": ["2"], "closed": true}],
          "roster": [{"window": "1", "a": "wang", "b": "li"}, {"window": "2", "a": "zhao", "b": "li", "from": "2026-11-01", "to": "2026-12-31"},
                     {"window": "3", "a": "li", "b": "wang", "days": ["monday", "tuesday"], "times": ["09:00", "12:00"]}],
          "absences": [{"staff": "wang", "from": "2026-11-23T09:00", "to": "2026-11-23T12:00", "kind": "leave"}]
        }
        """;

    private static readonly CalendarSettings Calendar = CalendarText.Read(Document);

    [Fact]
    public void Monday_IsWrittenAsTheFormatHasIt()
    {
        // 2026-11-23 has 219 working days of the year before it: the second group.
        const string expected = """
            {"date": "2026-11-23", "day": "workday",
             "intervals": [{"from": "2026-11-23T09:00:00+08:00", "to": "2026-11-23T12:00:00+08:00", "session": "regular",
                            "windows": [{"window": "2", "staff": "zhao", "role": "A", "services": ["A"], "alsoFor": []},
                                        {"window": "3", "staff": "li", "role": "A", "services": ["A", "B"], "alsoFor": ["1"]}],
                            "closed": [{"window": "1", "goTo": "3", "reason": "absent"}],
                            "offered": ["A", "B"]},
                           {"from": "2026-11-23T12:00:00+08:00", "to": "2026-11-23T13:30:00+08:00", "session": "lunch",
                            "windows": [{"window": "2", "staff": "zhao", "role": "A", "services": ["A"], "alsoFor": []}], "closed": [], "offered": ["A"]},
                           {"from": "2026-11-23T13:30:00+08:00", "to": "2026-11-23T17:00:00+08:00", "session": "regular",
                            "windows": [{"window": "1", "staff": "wang", "role": "A", "services": ["A", "B"], "alsoFor": []}, {"window": "2", "staff": "zhao", "role": "A", "services": ["A"], "alsoFor": []}],
                            "closed": [{"window": "3", "goTo": null, "reason": "noRoster"}], "offered": ["A", "B"]},
                           {"from": "2026-11-23T17:00:00+08:00", "to": "2026-11-23T18:30:00+08:00", "session": "extended",
                            "windows": [{"window": "1", "staff": "wang", "role": "A", "services": ["A", "B"], "alsoFor": []}, {"window": "2", "staff": "zhao", "role": "A", "services": ["A"], "alsoFor": []}],
                            "closed": [{"window": "3", "goTo": null, "reason": "noRoster"}], "offered": ["A", "B"]}],
             "issuing": [{"from": "2026-11-23T08:30:00+08:00", "to": "2026-11-23T11:50:00+08:00"}, {"from": "2026-11-23T12:00:00+08:00", "to": "2026-11-23T17:00:00+08:00"}],
             "gaps": [], "warnings": ["2027: holidays not announced yet; weekdays assumed"]}
            """;

        Assert.Equal(JsonNode.Parse(expected)!.ToJsonString(), JsonNode.Parse(CalendarText.Json(Calendar.Of("2026-11-23"), Calendar))!.ToJsonString());
    }

    [Fact]
    public void Gap_IsWrittenWithItsReasonAndReopening()
    {
        var calendar = CalendarText.Read(Document.Replace("\"absences\": [", "\"absences\": [{\"staff\": \"wang\", \"from\": \"2026-11-23T12:00\", \"to\": \"2026-11-23T14:00\"}, {\"staff\": \"li\", \"from\": \"2026-11-23T12:00\", \"to\": \"2026-11-23T17:00\"}, ", StringComparison.Ordinal));

        using var json = JsonDocument.Parse(CalendarText.Json(calendar.Of("2026-11-23"), calendar));

        Assert.Equal("""[{"service":"B","from":"2026-11-23T13:30:00+08:00","to":"2026-11-23T14:00:00+08:00","reason":"noStaffedWindow","reopensAt":"2026-11-23T14:00:00+08:00"}]""",
            JsonSerializer.Serialize(json.RootElement.GetProperty("gaps")).Replace("\\u002B", "+", StringComparison.Ordinal));
    }

    [Fact]
    public void Saturday_IsForAppointmentsAtItsWindowAlone()
    {
        var day = Calendar.Of("2026-11-28");

        Assert.Equal(["09:00-12:00 weekend 1=wang/A:A | A"], day.Lines(Calendar));
        Assert.True(day.Intervals[0].AppointmentOnly);
        Assert.Empty(day.Issuing);
        Assert.Equal(DayKind.Restday, day.Day);
    }

    [Fact]
    public void Exceptions_ReplaceCloseAndShutAWindow()
    {
        Assert.Equal(["09:00-12:00 regular 1=wang/A:A,B 2=zhao/A:A 3:noRoster | A,B"], Calendar.Of("2026-12-31").Lines(Calendar));
        Assert.Empty(Calendar.Of("2027-01-04").Intervals);
        Assert.Contains("2027: holidays not announced yet; weekdays assumed", Calendar.Of("2027-01-04").Warnings);
        Assert.Equal("09:00-12:00 regular 1=wang/A:A,B 2:exception 3:noRoster | A,B", Calendar.Of("2026-12-24").Lines(Calendar)[0]);
    }
}
