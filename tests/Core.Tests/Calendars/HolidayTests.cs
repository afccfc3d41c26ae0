using System.Globalization;
using System.Text;
using HallOps.Core.Calendars;

namespace HallOps.Core.Tests.Calendars;

/// <summary>China's holidays and make-up days in the product, and calendars that follow them.</summary>
public sealed class HolidayTests
{
    private static readonly CalendarSettings Follows = CalendarText.Small("""
        "holidays": "CN", "sessions": [{"kind": "regular", "days": ["workday"], "from": "09:00", "to": "12:00"}, {"kind": "weekend", "days": ["makeup", "holiday"], "from": "13:00", "to": "14:00"}]
        """);

    /// <summary>Every Saturday and Sunday on which offices work, 2019 to 2026, typed from the notices.</summary>
    private static readonly string[] MakeupDays =
    [
        "2018-12-29", "2019-02-02", "2019-02-03", "2019-04-28", "2019-05-05", "2019-09-29", "2019-10-12",
        "2020-01-19", "2020-04-26", "2020-05-09", "2020-06-28", "2020-09-27", "2020-10-10",
        "2021-02-07", "2021-02-20", "2021-04-25", "2021-05-08", "2021-09-18", "2021-09-26", "2021-10-09",
        "2022-01-29", "2022-01-30", "2022-04-02", "2022-04-24", "2022-05-07", "2022-10-08", "2022-10-09",
        "2023-01-28", "2023-01-29", "2023-04-23", "2023-05-06", "2023-06-25", "2023-10-07", "2023-10-08",
        "2024-02-04", "2024-02-18", "2024-04-07", "2024-04-28", "2024-05-11", "2024-09-14", "2024-09-29", "2024-10-12",
        "2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11",
        "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10",
    ];

    [Fact]
    public void MakeupDays_OfEveryYear_AreWorked()
    {
        var worked = Enumerable.Range(0, 366 * 8).Select(new DateOnly(2018, 12, 1).AddDays)
            .Where(d => d.Year < 2027 && Follows.KindOf(d, HolidayData.China) is DayKind.Makeup).Select(d => d.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));

        Assert.Equal(MakeupDays, worked);
        foreach (var date in MakeupDays) Assert.Equal(["09:00-12:00 regular", "13:00-14:00 weekend"], Follows.Of(date).Sessions(Follows));
    }

    [Fact]
    public void Dates_OfTheData_AreWhatTheyAreListedAs()
    {
        foreach (var day in HolidayData.China.Days)
        {
            var weekend = day.Date.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday;
            Assert.Equal(day.IsOffDay ? DayKind.Holiday : weekend ? DayKind.Makeup : DayKind.Workday, Follows.KindOf(day.Date, HolidayData.China));
        }
        Assert.All(HolidayData.ChinaYears.Where(y => y.Year < 2027), y => Assert.NotEmpty(y.Papers));
        Assert.Equal(Enumerable.Range(2019, 9), HolidayData.ChinaYears.Select(y => y.Year));
    }

    /// <summary>The Spring Festival of 2020 was to end on 30 January, with 1 February worked; the second notice, of 27 January, extended it to 2 February.</summary>
    [Fact]
    public void SpringFestivalOf2020_IsAsTheNoticeThatHolds()
    {
        var first = new HolidayTable(HolidayData.China.Days.Where(d => d.Date < new DateOnly(2020, 1, 31) || d.Date > new DateOnly(2020, 2, 3)).Append(new HolidayDate(new(2020, 2, 1), false, "春节")));
        var friday = new DateOnly(2020, 1, 31);

        Assert.Equal((DayKind.Workday, DayKind.Makeup, DayKind.Restday, DayKind.Workday), Kinds(first));
        Assert.Equal((DayKind.Holiday, DayKind.Holiday, DayKind.Holiday, DayKind.Workday), Kinds(HolidayData.China));
        // One calendar, asked with both: what it remembers is of the table it was asked with.
        Assert.Equal(["09:00-12:00 regular"], Follows.Of(friday, first).Sessions(Follows));
        Assert.Equal(["13:00-14:00 weekend"], Follows.Of(friday, HolidayData.China).Sessions(Follows));
        Assert.Equal(["09:00-12:00 regular"], Follows.Of(friday, first).Sessions(Follows));

        (DayKind, DayKind, DayKind, DayKind) Kinds(HolidayTable table) =>
            (Follows.KindOf(friday, table), Follows.KindOf(friday.AddDays(1), table), Follows.KindOf(friday.AddDays(2), table), Follows.KindOf(friday.AddDays(3), table));
    }

    [Fact]
    public void YearNotAnnounced_FollowsTheWeek_WithAWarning()
    {
        var friday = Follows.Of("2027-10-01");

        Assert.Equal(DayKind.Workday, friday.Day);
        Assert.Equal(["2027: holidays not announced yet; weekdays assumed"], friday.Warnings);
        Assert.Empty(Follows.Of("2026-10-01").Warnings);
    }

    [Fact]
    public void OwnHolidays_GiveNoWarning_AndChinaIsNotLookedAt()
    {
        var calendar = CalendarText.Small("""
            "holidays": [{"date": "2026-12-25", "isOffDay": true, "name": "Christmas"}, {"date": "2026-12-26", "isOffDay": false}], "sessions": [{"kind": "regular", "days": ["workday"], "from": "09:00", "to": "12:00"}]
            """);

        Assert.Equal((DayKind.Holiday, DayKind.Makeup, DayKind.Workday), (calendar.Of("2026-12-25").Day, calendar.Of("2026-12-26").Day, calendar.Of("2026-10-01").Day));
        Assert.Empty(calendar.Of("2027-10-01").Warnings);
        Assert.False(calendar.FollowsChina);
        Assert.Equal(DayKind.Workday, CalendarText.Small(""" "holidays": "none", "sessions": [] """).Of("2026-10-01").Day);
    }

    [Fact]
    public void Parse_TakesAYearsFileAsItIsPublished()
    {
        var reading = HolidayData.Parse("""
            {"$schema": "https://example/schema.json", "$id": "https://example/2027.json", "year": 2027, "papers": ["https://example/notice"],
             "days": [{"name": "元旦", "date": "2026-12-31", "isOffDay": true}, {"name": "元旦", "date": "2027-01-03", "isOffDay": false}]}
            """u8);
        var table = HolidayData.TableOf([.. HolidayData.ChinaYears, .. reading.Years!]);

        Assert.Equal((DayKind.Holiday, DayKind.Makeup), (Follows.KindOf(new(2026, 12, 31), table), Follows.KindOf(new(2027, 1, 3), table)));
        Assert.Equal(HolidayData.China.Days.Count + 2, table.Days.Count);
        Assert.Empty(Follows.Of(new DateOnly(2027, 10, 1), table).Warnings);
    }

    [Theory]
    [InlineData("", "", "JSON")]
    [InlineData("[]", "", "must be an object with $schema, $id, year, papers, days, was a list")]
    [InlineData("""{"days": []}""", "year", "1900 to 2200; it is missing")]
    [InlineData("""{"year": 2027, "days": {}}""", "days", "a list")]
    [InlineData("""{"year": 2027, "days": [{"date": "2027-02-29", "isOffDay": true}]}""", "days[0].date", "a date like 2026-11-21, was \"2027-02-29\"")]
    [InlineData("""{"year": 2027, "days": [{"date": "2027-02-28"}]}""", "days[0].isOffDay", "it is missing")]
    [InlineData("""{"year": 2027, "days": [{"date": "2024-02-28", "isOffDay": true}]}""", "days[0].date", "of 2027")]
    [InlineData("""{"years": [{"year": 2027, "days": [{"date": "2027-01-01", "isOffDay": true}, {"date": "2027-01-01", "isOffDay": false}]}]}""", "years[0].days[1].date", "once")]
    [InlineData("""{"years": [{"year": 2027, "days": []}, {"year": 2027, "days": []}]}""", "years[1].year", "once")]
    [InlineData("""{"years": [], "country": "CN"}""", "country", "source, licence, years")]
    public void Parse_RefusesWhatIsNoHolidayData_ByItsPath(string json, string path, string says)
    {
        var reading = HolidayData.Parse(Encoding.UTF8.GetBytes(json));

        Assert.Null(reading.Years);
        Assert.Equal(path, reading.Problems[0].Path);
        Assert.Contains(says, reading.Problems[0].Message, StringComparison.Ordinal);
    }
}
