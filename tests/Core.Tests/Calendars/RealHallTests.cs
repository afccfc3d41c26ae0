using HallOps.Core.Calendars;
using HallOps.Core.Halls;

namespace HallOps.Core.Tests.Calendars;

/// <summary>Hours as halls publish them.</summary>
public sealed class RealHallTests
{
    private static readonly CalendarSettings Rudong = CalendarText.OfSample("rudong-town.json");

    [Theory]
    [InlineData("2026-11-20", "0,2,7,11,14")]
    [InlineData("2026-11-23", "0,1,6,9,14")]
    [InlineData("2026-11-24", "0,2,7,11,14")]
    public void Rudong_AtLunch_TheGroupsTakeTurns_ByWorkingDays(string date, string windows)
    {
        var lunch = Rudong.Of(date).Intervals.Single(i => i.Session is SessionKind.Lunch);

        Assert.Equal(windows, string.Join(',', lunch.Windows.Select(w => w.Window.Value)));
        Assert.Empty(lunch.Closed);
    }

    [Fact]
    public void Rudong_InWinterAndSummer_HasItsHours()
    {
        Assert.Equal(["08:30-12:00 regular", "12:00-13:30 lunch", "13:30-17:00 regular", "17:00-18:00 extended"], Rudong.Of("2026-11-24").Sessions(Rudong));
        Assert.Equal(["08:30-12:00 regular", "12:00-14:00 lunch", "14:00-17:30 regular", "17:30-18:30 extended"], Rudong.Of("2026-09-30").Sessions(Rudong));
        Assert.Equal(["08:15-11:50", "12:00-16:50"], Rudong.Of("2026-11-24").Issued(Rudong));
        Assert.True(Rudong.Of("2026-11-24").Intervals[^1].UntilServed);
    }

    [Fact]
    public void Rudong_AtWeekends_OpensSomeWindows_AndBeforeAHolidayNone()
    {
        Assert.Equal(["08:30-11:30 weekend"], Rudong.Of("2026-11-28").Sessions(Rudong));
        Assert.Equal(["0", "1", "6", "9", "11", "14"], Rudong.Of("2026-11-28").Intervals[0].Windows.Select(w => w.Window.Value));
        Assert.Equal(["09:00-11:00 weekend"], Rudong.Of("2026-11-29").Sessions(Rudong));
        Assert.Empty(Rudong.Of("2026-11-29").Issuing);
        // A Saturday that is worked is a working day, and the National Day none at all.
        Assert.Equal(4, Rudong.Of("2026-10-10").Sessions(Rudong).Length);
        Assert.Equal(DayKind.Makeup, Rudong.Of("2026-10-10").Day);
        Assert.Empty(Rudong.Of("2026-10-03").Intervals);
    }

    [Fact]
    public void Rudong_WhereAIsAway_BTakesTheServicesAlong()
    {
        // w06 of window 6 is on leave that day until 17:00; w07 holds window 7.
        var morning = Rudong.Of("2026-11-24").Intervals[0];

        Assert.Equal([new WindowId("6")], morning.Windows.Single(w => w.Window.Value == "7").AlsoFor);
        Assert.Equal(new ClosedWindow(new("6"), new WindowId("7"), ClosedReason.Absent), Assert.Single(morning.Closed));
        Assert.Equal(new StaffId("w02"), morning.Windows.Single(w => w.Window.Value == "1").StandIn);
        Assert.Empty(Rudong.Of("2026-11-24").Gaps);
        Assert.Empty(Rudong.Of("2026-11-24").Intervals[^1].Closed);
    }

    [Fact]
    public void Rudong_ShutsWindow8_WhileTheTaxSystemIsUpgraded() =>
        Assert.Contains(new ClosedWindow(new("8"), null, ClosedReason.Exception), Rudong.Of("2026-12-11").Intervals[0].Closed);

    [Fact]
    public void Dongguan_AtWeekends_IsOpenByAppointment()
    {
        var calendar = CalendarText.Small("""
            "holidays": "CN", "sessions": [
              {"kind": "regular", "days": ["workday"], "from": "09:00", "to": "12:00"}, {"kind": "regular", "days": ["workday"], "from": "13:00", "to": "17:00"},
              {"kind": "weekend", "days": ["saturday", "sunday"], "from": "09:00", "to": "12:00", "appointmentOnly": true}, {"kind": "weekend", "days": ["saturday", "sunday"], "from": "13:00", "to": "16:00", "appointmentOnly": true}]
            """);
        foreach (var date in (string[])["2026-11-21", "2026-11-22"])
        {
            var day = calendar.Of(date);
            Assert.Equal(["09:00-12:00 weekend", "13:00-16:00 weekend"], day.Sessions(calendar));
            Assert.All(day.Intervals, i => Assert.True(i.AppointmentOnly));
            Assert.Empty(day.Issuing);
        }
        Assert.Equal(["09:00-12:00", "13:00-17:00"], calendar.Of("2026-11-23").Issued(calendar));
        // Worked in return for the Spring Festival.
        Assert.Equal(["09:00-12:00 regular", "13:00-17:00 regular"], calendar.Of("2026-02-14").Sessions(calendar));
    }

    [Fact]
    public void Xining_HasNoBreak_AndSaturdayMornings()
    {
        var calendar = CalendarText.Small("""
            "holidays": "CN", "sessions": [{"kind": "regular", "days": ["workday"], "from": "09:00", "to": "17:00"}, {"kind": "weekend", "days": ["saturday"], "from": "09:00", "to": "12:00"}]
            """);
        Assert.Equal(["09:00-17:00 regular 1:A,B 2:A | A,B"], calendar.Of("2026-11-27").Lines(calendar));
        Assert.Equal(["09:00-12:00 weekend 1:A,B 2:A | A,B"], calendar.Of("2026-11-28").Lines(calendar));
        Assert.Empty(calendar.Of("2026-11-29").Intervals);
    }

    [Fact]
    public void WindowsOpenUntilNobodyWaits_IssueNothing_AndLeaveNoGap()
    {
        var calendar = CalendarText.Small("""
            "sessions": [{"kind": "regular", "days": ["workday"], "from": "09:00", "to": "17:00"}, {"kind": "extended", "days": ["workday"], "from": "17:00", "to": "20:00", "windows": ["2"], "untilServed": true}]
            """);
        var day = calendar.Of("2026-11-23");

        Assert.Equal(["09:00-17:00 regular 1:A,B 2:A | A,B", "17:00-20:00 extended 2:A | A"], day.Lines(calendar));
        Assert.Equal(["09:00-17:00"], day.Issued(calendar));
        Assert.Empty(day.Gaps);
    }

    [Fact]
    public void HallOpenAcrossMidnight_IsOnTheDateItsSessionBegan()
    {
        var calendar = CalendarText.Small("""
            "sessions": [{"kind": "regular", "days": ["friday"], "from": "20:00", "to": "26:00"}, {"kind": "regular", "days": ["saturday"], "from": "09:00", "to": "12:00"}]
            """);
        var friday = calendar.Of("2026-11-27");

        Assert.Equal(["20:00-26:00 regular 1:A,B 2:A | A,B"], friday.Lines(calendar));
        Assert.Equal(At("2026-11-27T18:00:00Z"), friday.Ends);
        Assert.Equal(friday.Ends, calendar.EndOf(new(2026, 11, 27), HolidayTable.None));
        Assert.Equal(new DateOnly(2026, 11, 27), calendar.DayAt(At("2026-11-27T17:59:59Z"), HolidayTable.None));
        Assert.Equal(new DateOnly(2026, 11, 28), calendar.DayAt(At("2026-11-27T18:00:00Z"), HolidayTable.None));
        Assert.Equal(new DateOnly(2026, 11, 26), calendar.DayAt(At("2026-11-26T15:59:59Z"), HolidayTable.None));
        Assert.Equal(At("2026-11-28T16:00:00Z"), calendar.Of("2026-11-28").Ends);
    }

    // 2026-03-29: 02:00 is 03:00. 2026-10-25: 03:00 is 02:00.
    [Theory]
    [InlineData("2026-03-29", "00:30", "04:00", "2026-03-28T23:30:00Z", "2026-03-29T02:00:00Z")]
    [InlineData("2026-03-29", "02:30", "04:00", "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z")]
    [InlineData("2026-03-28", "20:00", "26:30", "2026-03-28T19:00:00Z", "2026-03-29T01:00:00Z")]
    [InlineData("2026-10-25", "00:30", "04:00", "2026-10-24T22:30:00Z", "2026-10-25T03:00:00Z")]
    [InlineData("2026-10-25", "02:30", "03:30", "2026-10-25T00:30:00Z", "2026-10-25T02:30:00Z")]
    [InlineData("2026-10-24", "20:00", "26:30", "2026-10-24T18:00:00Z", "2026-10-25T00:30:00Z")]
    public void Berlin_WhereClocksChange_TimesAreTheFirstInstant(string date, string from, string to, string starts, string ends)
    {
        var calendar = CalendarText.Small($$"""
            "timeZone": "Europe/Berlin", "sessions": [{"kind": "regular", "days": ["{{date}}"], "from": "{{from}}", "to": "{{to}}"}]
            """);

        Assert.Equal([new Stretch(At(starts), At(ends))], calendar.Of(date).Intervals.Select(i => i.Stretch));
    }

    [Fact]
    public void Berlin_ASessionInsideTheGap_TakesNoTime()
    {
        var calendar = CalendarText.Small(""" "timeZone": "Europe/Berlin", "sessions": [{"kind": "regular", "days": ["sunday"], "from": "02:10", "to": "02:50"}] """);

        Assert.Empty(calendar.Of("2026-03-29").Intervals);
        Assert.Empty(calendar.Of("2026-03-29").Issuing);
        Assert.Single(calendar.Of("2026-03-22").Intervals);
    }

    [Fact]
    public void Always_IsTheWholeLocalDate_OfTwentyThreeHoursWhereOneIsMissing()
    {
        var calendar = CalendarText.Small(""" "timeZone": "Europe/Berlin", "sessions": "always", "roster": [{"window": "1", "a": "w"}], "exceptions": [{"date": "2026-03-29", "closed": true}] """);
        var day = calendar.Of("2026-03-29");

        Assert.True(calendar.Always);
        Assert.Equal(["00:00-24:00 regular 1:A,B 2:A | A,B"], day.Lines(calendar));
        Assert.Equal(TimeSpan.FromHours(23), day.Ends - day.Intervals[0].Stretch.From);
        Assert.Equal([day.Intervals[0].Stretch], day.Issuing);
        Assert.Empty(day.Gaps);
    }

    private static Instant At(string utc) => Instant.From(DateTimeOffset.Parse(utc, null));
}
