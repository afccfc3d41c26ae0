using System.Text;
using System.Text.Json.Nodes;
using HallOps.Core.Calendars;
using HallOps.Core.Halls;
using HallOps.Core.Tests.Halls;

namespace HallOps.Core.Tests.Calendars;

/// <summary>Documents that are refused, by the path of their field.</summary>
public sealed class CalendarRefusalTests
{
    [Theory]
    [InlineData("timeZone", "\"Asia/Rudong\"", "timeZone", "IANA")]
    [InlineData("services", "[]", "services", "an object of services")]
    [InlineData("services", """{"A": "a", "B": 7}""", "services.B", "must be the service's name, was 7")]
    [InlineData("windows", null, "windows", "missing")]
    [InlineData("windows[2].services", """["B", "X"]""", "windows[2].services[1]", "a service of the hall (A, B), was \"X\"")]
    [InlineData("windows[2].services", null, "windows[2].services", "missing")]
    [InlineData("windows[2].window", "\"1\"", "windows[2].window", "unique")]
    [InlineData("staff[0].services", """["X"]""", "staff[0].services[0]", "a service of the hall (A, B)")]
    [InlineData("staff[0].skills", """["A"]""", "staff[0].skills", "allowed are staff, services")]
    [InlineData("sessions[0].kind", "\"night\"", "sessions[0].kind", "regular, lunch, weekend, extended")]
    [InlineData("sessions[0].days", """["workday", "2026-02-30"]""", "sessions[0].days[1]", "was \"2026-02-30\"")]
    [InlineData("sessions[4].windows", """["4"]""", "sessions[4].windows[0]", "a window of the hall (1, 2, 3), was \"4\"")]
    [InlineData("sessions[4].services", """["X"]""", "sessions[4].services[0]", "a service of the hall (A, B), was \"X\"")]
    [InlineData("roster[0].window", "\"9\"", "roster[0].window", "a window of the hall")]
    [InlineData("roster[0].a", "7", "roster[0].a", "was 7")]
    [InlineData("roster[1].from", "\"2026-11-31\"", "roster[1].from", "was \"2026-11-31\"")]
    [InlineData("absences[0].staff", "\"wong\"", "absences[0].staff", "a member of staff of the hall (wang, li, zhao), was \"wong\"")]
    [InlineData("absences[0].to", "\"2026-11-23T08:00\"", "absences[0].to", "later than from")]
    [InlineData("exceptions[0].date", "\"2026-13-01\"", "exceptions[0].date", "was \"2026-13-01\"")]
    [InlineData("hours", "{}", "hours", "allowed are timeZone, holidays, services, windows, staff, sessions")]
    // What only some date shows.
    [InlineData("sessions[5]", """{"kind": "regular", "days": ["workday"], "from": "09:00", "to": "12:00"}""", "sessions[5].from", "sessions[0]")]
    [InlineData("sessions[1].to", "\"13:31\"", "sessions[2].from", "2019-01-02 regular 13:30-17:00 overlaps lunch 12:00-13:31 (sessions[1])")]
    [InlineData("sessions[4].days", """["friday"]""", "sessions[4].from", "on 2019-01-04 weekend 09:00-12:00 overlaps regular 09:00-12:00 (sessions[0])")]
    [InlineData("sessions[5]", """{"kind": "weekend", "days": ["2051-03-06"], "from": "16:00", "to": "17:30"}""", "sessions[5].from", "2051-03-06")]
    [InlineData("sessions[3].to", "\"30:00\"", null, "")]
    [InlineData("sessions[3]", """{"kind": "extended", "days": ["friday"], "from": "18:30", "to": "30:00"}""", null, "")]
    [InlineData("sessions[5]", """{"kind": "weekend", "days": ["saturday"], "from": "05:00", "to": "06:00"}""", null, "")]
    [InlineData("exceptions[0].sessions", """[{"kind": "regular", "from": "09:00", "to": "12:00"}, {"kind": "lunch", "from": "11:59", "to": "12:30"}]""", "exceptions[0].sessions[1].from", "exceptions[0].sessions[0]")]
    [InlineData("exceptions[3]", """{"date": "2027-01-04", "sessions": []}""", "exceptions[3].date", "one exception")]
    [InlineData("roster[3]", """{"window": "1", "a": "zhao"}""", "roster[3].window", "on 2019-01-01 window 1 has roster[0] as well")]
    [InlineData("roster[3]", """{"window": "1", "a": "wang", "b": "li"}""", "roster[3].window", "roster[0]")]
    [InlineData("roster[3]", """{"window": "3", "a": "zhao", "days": ["2026-12-01"], "times": ["11:59", "13:00"]}""", "roster[3].window", "on 2026-12-01 window 3 has roster[2] as well")]
    [InlineData("roster[3]", """{"window": "3", "a": "zhao", "days": ["monday"], "times": ["12:00", "13:00"]}""", null, "")]
    [InlineData("roster[3]", """{"window": "2", "a": "wang", "from": "2027-01-01"}""", null, "")]
    [InlineData("holidays", """[{"date": "2026-12-25", "isOffDay": true}, {"date": "2026-12-25", "isOffDay": false}]""", "holidays[1].date", "holidays[0]")]
    public void Read_OfOneWrongField_NamesIt(string where, string? json, string? path, string says)
    {
        var problems = CalendarFile.Read(Encoding.UTF8.GetBytes(With(where, json)), HolidayData.China).Problems;

        if (path is null)
        {
            Assert.Empty(problems);
            return;
        }
        Assert.NotEmpty(problems);
        Assert.Equal(path, problems[0].Path);
        Assert.Contains(says, problems[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void SessionReachingIntoTheNextDates_IsRefusedNamingBoth()
    {
        var document = JsonNode.Parse(With("sessions[3].to", "\"30:00\""))!;
        document["sessions"]![0]!["from"] = "05:45";
        document["sessions"]![0]!["issueFrom"] = null;

        var problem = CalendarFile.Read(Encoding.UTF8.GetBytes(document.ToJsonString()), HolidayData.China).Problems[0];

        Assert.Equal("sessions[3].to", problem.Path);
        Assert.Equal("must not reach into the next date's sessions: extended 17:00-30:00 of 2019-01-02 overlaps regular 05:45-12:00 (sessions[0])", problem.Message);
    }

    /// <summary>Documents in force may contradict themselves: they go on being read; submitted anew they are refused.</summary>
    [Fact]
    public void HallDocument_ThatContradictsItself_IsReadButNotTaken()
    {
        var document = JsonNode.Parse(SampleFiles.Hall("rudong-town.json"))!;
        document["calendar"]!["sessions"]!.AsArray().Add(JsonNode.Parse("""{"kind": "regular", "days": ["workday"], "from": "08:30", "to": "12:00"}"""));
        var utf8 = Encoding.UTF8.GetBytes(document.ToJsonString());

        var calendar = HallDocument.Read(utf8).Settings!.Calendar;
        var problem = Assert.Single(HallDocument.Check(utf8, null, HolidayData.China).Problems);

        Assert.Equal("calendar.sessions[9].from", problem.Path);
        Assert.Contains("calendar.sessions[0]", problem.Message, StringComparison.Ordinal);
        var day = calendar.Of("2026-11-24");
        Assert.Equal(["2026-11-24: the session regular 08:30-12:00 overlaps regular 08:30-12:00 and begins at their end"], day.Warnings);
        Assert.Equal(["08:30-12:00 regular", "12:00-13:30 lunch", "13:30-17:00 regular", "17:00-18:00 extended"], day.Sessions(calendar));
    }

    [Fact]
    public void Samples_AreTakenAsTheyAre()
    {
        foreach (var file in Directory.GetFiles(SampleFiles.Halls, "*.json"))
            Assert.Empty(HallDocument.Check(File.ReadAllBytes(file), null, HolidayData.China).Problems);
    }

    /// <summary>The example with one place changed; no JSON takes the field away.</summary>
    private static string With(string where, string? json)
    {
        var document = JsonNode.Parse(ExampleTests.Document)!;
        var steps = where.Replace("[", ".[", StringComparison.Ordinal).Split('.');
        var node = steps.SkipLast(1).Aggregate(document, (n, step) => step[0] == '[' ? n[int.Parse(step[1..^1], null)]! : n[step]!);
        var value = json is null ? null : JsonNode.Parse(json);
        if (steps[^1][0] != '[')
        {
            node.AsObject().Remove(steps[^1]);
            if (json is not null) node[steps[^1]] = value;
        }
        else if (int.Parse(steps[^1][1..^1], null) is var i && i < node.AsArray().Count) node[i] = value;
        else node.AsArray().Add(value);
        return document.ToJsonString();
    }
}
