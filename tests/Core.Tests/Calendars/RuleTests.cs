using System.Text;
using HallOps.Core.Calendars;
using HallOps.Core.Halls;

namespace HallOps.Core.Tests.Calendars;

/// <summary>The rules of the format one by one, on small calendars. 2026-11-23 is a Monday.</summary>
public sealed class RuleTests
{
    private const string Morning = """{"kind": "regular", "days": ["workday"], "from": "09:00", "to": "12:00"}""";

    [Theory]
    [InlineData("2026-11-26", "09:00-12:00 regular,12:00-13:00 lunch")]
    // A weekday beats workday for its kind; lunch is of another kind and stays.
    [InlineData("2026-11-27", "12:00-13:00 lunch,13:30-15:00 regular")]
    // A date beats the weekday.
    [InlineData("2026-12-04", "10:00-11:00 regular,12:00-13:00 lunch")]
    // 2026-10-02 is a Friday of the National Day: no friday, no workday; holiday beats restday.
    [InlineData("2026-10-02", "14:00-15:00 regular")]
    // 2026-02-14, a Saturday that is worked: makeup beats workday, and it is no saturday.
    [InlineData("2026-02-14", "08:00-09:00 regular,12:00-13:00 lunch")]
    [InlineData("2026-11-28", "07:00-08:00 regular")]
    // A Sunday: neither weekday nor workday.
    [InlineData("2026-11-29", "16:00-17:00 regular")]
    public void MostSpecificDays_Hold_ForEachKind(string date, string sessions)
    {
        var calendar = CalendarText.Small("""
            "holidays": "CN", "sessions": [
              {"kind": "regular", "days": ["workday"], "from": "09:00", "to": "12:00"}, {"kind": "lunch", "days": ["workday"], "from": "12:00", "to": "13:00"},
              {"kind": "regular", "days": ["friday"], "from": "13:30", "to": "15:00"}, {"kind": "regular", "days": ["2026-12-04"], "from": "10:00", "to": "11:00"},
              {"kind": "regular", "days": ["holiday"], "from": "14:00", "to": "15:00"}, {"kind": "regular", "days": ["restday"], "from": "16:00", "to": "17:00"},
              {"kind": "regular", "days": ["makeup"], "from": "08:00", "to": "09:00"}, {"kind": "regular", "days": ["saturday"], "from": "07:00", "to": "08:00"}]
            """);

        Assert.Equal(sessions, string.Join(',', calendar.Of(date).Sessions(calendar)));
    }

    [Theory]
    [InlineData("05-01", "09-30", "2026-04-30", 0)]
    [InlineData("05-01", "09-30", "2026-05-01", 1)]
    [InlineData("05-01", "09-30", "2026-09-30", 1)]
    [InlineData("05-01", "09-30", "2026-10-01", 0)]
    [InlineData("10-01", "02-29", "2026-02-28", 1)]
    [InlineData("10-01", "02-29", "2026-03-01", 0)]
    [InlineData("10-01", "02-29", "2028-02-29", 1)]
    [InlineData("02-29", "03-31", "2026-02-28", 0)]
    [InlineData("02-29", "03-31", "2026-03-02", 1)]
    [InlineData("10-01", "02-29", "2026-12-31", 1)]
    public void Season_HoldsFromItsFirstDayToItsLast_OverTheYearsEndToo(string from, string to, string date, int sessions)
    {
        var calendar = CalendarText.Small($$""" "sessions": [{"kind": "regular", "days": ["workday", "restday"], "season": {"from": "{{from}}", "to": "{{to}}"}, "from": "09:00", "to": "12:00"}] """);

        Assert.Equal(sessions, calendar.Of(date).Intervals.Count);
    }

    [Fact]
    public void SessionOutOfSeason_BeatsNone()
    {
        var calendar = CalendarText.Small($$""" "sessions": [{{Morning}}, {"kind": "regular", "days": ["friday"], "season": {"from": "06-01", "to": "06-30"}, "from": "13:00", "to": "14:00"}] """);

        Assert.Equal(["09:00-12:00 regular"], calendar.Of("2026-11-27").Sessions(calendar));
        Assert.Equal(["13:00-14:00 regular"], calendar.Of("2026-06-26").Sessions(calendar));
    }

    [Theory]
    [InlineData("2026-01-01", "1")]
    [InlineData("2026-01-02", "2")]
    [InlineData("2026-01-05", "1")]
    // The turn of the sixth is not moved by the exception on the fifth.
    [InlineData("2026-01-06", "2")]
    [InlineData("2027-01-01", "1")]
    public void Turns_ByDay_AreCountedFromTheYearsFirst_WithoutExceptions(string date, string window)
    {
        var calendar = CalendarText.Small("""
            "sessions": [{"kind": "lunch", "days": ["workday"], "from": "12:00", "to": "13:00", "rotate": {"groups": [["1"], ["2"]], "by": "day"}}], "exceptions": [{"date": "2026-01-05", "windows": ["2"], "closed": true}, {"date": "2026-01-02", "sessions": [
              {"kind": "lunch", "from": "12:00", "to": "13:00", "windows": ["2"]}]}]
            """);

        Assert.Equal([window], calendar.Of(date).Intervals.Single().Windows.Select(w => w.Window.Value));
    }

    [Theory]
    // ISO week 53 of 2026 runs to 3 January 2027; week 1 follows.
    [InlineData("2026-12-25", "1")]
    [InlineData("2026-12-31", "2")]
    [InlineData("2027-01-01", "2")]
    [InlineData("2027-01-04", "2")]
    [InlineData("2027-01-11", "1")]
    public void Turns_ByWeek_AreTheIsoWeeks(string date, string window)
    {
        var calendar = CalendarText.Small(""" "sessions": [{"kind": "lunch", "days": ["workday"], "from": "12:00", "to": "13:00", "rotate": {"groups": [["1"], ["2"]], "by": "week"}}] """);

        Assert.Equal([window], calendar.Of(date).Intervals.Single().Windows.Select(w => w.Window.Value));
    }

    [Fact]
    public void Exception_WithWindowsAndTimes_ClosesThoseThen_AndFreesWhoSatThere()
    {
        var calendar = CalendarText.Small($$"""
            "sessions": [{{Morning}}], "roster": [{"window": "1", "a": "x", "b": "y"}, {"window": "2", "a": "y", "b": "x"}], "absences": [{"staff": "x", "from": "2026-11-23T10:00", "to": "2026-11-23T11:00"}],
            "exceptions": [{"date": "2026-11-23", "windows": ["2"], "closed": true, "from": "10:30", "to": "11:30", "reason": {"zh": "升级", "en": "Upgrade"} }]
            """);

        Assert.Equal(
        [
            "09:00-10:00 regular 1=x/A:A,B 2=y/A:A | A,B", "10:00-10:30 regular 2=y/A:A,B+1 1~2:absent | A,B", "10:30-11:00 regular 1=y/B:A,B 2:exception | A,B",
            "11:00-11:30 regular 1=x/A:A,B 2:exception | A,B", "11:30-12:00 regular 1=x/A:A,B 2=y/A:A | A,B",
        ], calendar.Of("2026-11-23").Lines(calendar));
    }

    [Fact]
    public void Staffing_FollowsTheOrderOfWindows_AndSkillsCutWhatATakerAlongCanDo()
    {
        var calendar = CalendarText.Read("""
            {"services": {"A": "a", "B": "b", "C": "c"}, "staff": [{"staff": "y", "services": ["C", "A"]}],
             "windows": [{"window": "3", "services": ["C"]}, {"window": "1", "services": ["B", "A"]}, {"window": "2", "services": ["A"]}, {"window": "4", "services": ["B"]}],
             "sessions": [{"kind": "regular", "days": ["workday"], "from": "09:00", "to": "12:00"}],
             "roster": [{"window": "1", "a": "x", "b": "y"}, {"window": "2", "a": "x", "b": "z"}, {"window": "3", "a": "y", "b": "z"}, {"window": "4", "b": "z"}],
             "absences": [{"staff": "x", "from": "2026-11-22T00:00", "to": "2026-11-23T10:00"}]}
            """);

        // x away: window 1's B sits at window 3 and takes along what y can do; z comes to window 2, and takes window 4 along.
        // x back: at window 1, so window 2 is z's.
        Assert.Equal(
        [
            "09:00-10:00 regular 3=y/A:A,C+1 2=z/B:A,B+4 1~3:absent 4~2:absent | A,B,C",
            "10:00-12:00 regular 3=y/A:C 1=x/A:A,B 2=z/B:A,B+4 4~2:absent | A,B,C",
        ], calendar.Of("2026-11-23").Lines(calendar));
        Assert.Equal([new StaffId("z"), new StaffId("y"), null], calendar.Of("2026-11-23").Intervals[1].Windows.Select(w => w.StandIn));
    }

    [Fact]
    public void RosterRows_HoldOnTheirDatesDaysAndTimes()
    {
        var calendar = CalendarText.Small($$"""
            "sessions": [{{Morning}}], "roster": [{"window": "1", "a": "x", "from": "2026-11-23", "to": "2026-11-24"}, {"window": "2", "a": "y", "days": ["tuesday", "2026-11-25"], "times": ["09:30", "10:00"]}]
            """);

        Assert.Equal(["09:00-12:00 regular 1=x/A:A,B 2:noRoster | A,B"], calendar.Of("2026-11-23").Lines(calendar));
        Assert.Equal(["09:00-09:30 regular 1=x/A:A,B 2:noRoster | A,B", "09:30-10:00 regular 1=x/A:A,B 2=y/A:A | A,B", "10:00-12:00 regular 1=x/A:A,B 2:noRoster | A,B"], calendar.Of("2026-11-24").Lines(calendar));
        Assert.Equal("09:30-10:00 regular 2=y/A:A 1:noRoster | A,B", calendar.Of("2026-11-25").Lines(calendar)[1]);
        Assert.Equal(["A 09:00-09:30 > 11-25 09:30", "A 10:00-12:00 > 12-01 09:30", "B 09:00-12:00 > never"], calendar.Of("2026-11-25").Gaps(calendar));
    }

    [Fact]
    public void Offered_Covered_HasNoGap_AndAllHasOne()
    {
        var calendar = CalendarText.Small("""
            "sessions": [{"kind": "regular", "days": ["workday"], "from": "09:00", "to": "12:00", "windows": ["2"]}, {"kind": "lunch", "days": ["workday"], "from": "12:00", "to": "13:00", "windows": ["2"], "offered": "covered"},
                         {"kind": "extended", "days": ["workday"], "from": "13:00", "to": "14:00", "services": ["B"]}]
            """);
        var day = calendar.Of("2026-11-23");

        Assert.Equal(["09:00-12:00 regular 2:A | A,B", "12:00-13:00 lunch 2:A | A", "13:00-14:00 extended 1:B 2: | B"], day.Lines(calendar));
        Assert.Equal(["B 09:00-12:00 > 11-23 13:00"], day.Gaps(calendar));
        Assert.Equal([new ServiceId("B")], day.Intervals[2].SessionServices!);
    }

    [Fact]
    public void Issuing_MayBeginBeforeTheSession_AndIsOneWhereItMeets()
    {
        var calendar = CalendarText.Small("""
            "sessions": [{"kind": "regular", "days": ["workday"], "from": "09:00", "to": "12:00", "issueFrom": "08:30"}, {"kind": "lunch", "days": ["workday"], "from": "12:00", "to": "13:00", "issueUntil": "12:30"},
                         {"kind": "weekend", "days": ["workday"], "from": "13:00", "to": "14:00", "issueFrom": "12:45", "issueUntil": "13:50"}]
            """);

        Assert.Equal(["08:30-12:30", "12:45-13:50"], calendar.Of("2026-11-23").Issued(calendar));
    }

    /// <summary>A joint service is covered where each of its items is; windows do the items.</summary>
    [Fact]
    public void JointService_IsOfferedWhereEachOfItsItemsIsStaffed()
    {
        var calendar = HallDocument.Check(Encoding.UTF8.GetBytes("""
            {"hall": "h", "name": {"zh": "厅"}, "lines": [{"line": "a", "prefix": "A", "name": {"zh": "甲"}}, {"line": "b", "prefix": "B", "name": {"zh": "乙"}}],
             "services": [{"service": "birth", "name": {"zh": "出生"}, "line": "a", "kind": "joint", "legs": [{"service": "permit"}, {"service": "card", "after": ["permit"]}]},
                          {"service": "permit", "name": {"zh": "证"}, "line": "a", "kind": "immediate"}, {"service": "card", "name": {"zh": "卡"}, "line": "b", "kind": "immediate"}],
             "windows": [{"window": "1", "kind": "specialised", "profile": [{"line": "a"}]}, {"window": "2", "kind": "specialised", "profile": [{"line": "b"}, {"line": "a", "afterMinutes": 10}]}],
             "staff": [{"staff": "x", "name": "甲", "lines": ["b"]}],
             "calendar": {"sessions": [{"kind": "regular", "days": ["workday"], "from": "09:00", "to": "12:00"}, {"kind": "lunch", "days": ["workday"], "from": "12:00", "to": "13:00", "windows": ["2"], "offered": "covered"},
                          {"kind": "extended", "days": ["workday"], "from": "13:00", "to": "14:00", "services": ["birth"]}, {"kind": "weekend", "days": ["workday"], "from": "14:00", "to": "15:00", "services": ["a"]}],
                          "roster": [{"window": "1", "a": "y"}, {"window": "2", "a": "x"}], "absences": []}}
            """.Replace("\"staff\": [", "\"staff\": [{\"staff\": \"y\", \"name\": \"乙\"}, ", StringComparison.Ordinal)), null, HolidayTable.None).Settings!.Calendar;
        var day = calendar.Of("2026-11-23");

        Assert.Equal(
        [
            "09:00-12:00 regular 1=y/A:permit 2=x/A:card | birth,permit,card", "12:00-13:00 lunch 2=x/A:card | card",
            "13:00-14:00 extended 1=y/A:permit 2=x/A:card | birth", "14:00-15:00 weekend 1=y/A:permit 2=x/A:card | birth,permit",
        ], day.Lines(calendar));
        Assert.Empty(day.Gaps);
    }
}
