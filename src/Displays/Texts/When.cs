using System.Globalization;
using HallOps.Core.Halls;

namespace HallOps.Displays.Texts;

/// <summary>Moments to come, as people say them. <c>js/dates.js</c> says them alike.</summary>
public static class When
{
    /// <summary>"13:30", "明天 09:00", "周一 09:00" within a week, else "12月1日 09:00"; on the clock that the moment is told on.</summary>
    /// <param name="now">Any offset: the day is that of the moment's.</param>
    public static Text Of(DateTimeOffset at, DateTimeOffset now)
    {
        var time = at.ToString("HH:mm", CultureInfo.InvariantCulture);
        var (day, today) = (DateOnly.FromDateTime(at.DateTime), DateOnly.FromDateTime(now.ToOffset(at.Offset).DateTime));
        if (day == today) return CommonTexts.AtTime.With(time);
        if (day == today.AddDays(1)) return CommonTexts.TomorrowAt.With(time);
        var name = day > today && day < today.AddDays(7) ? Weekday(day) : Date(day);
        return CommonTexts.DayAt.With(name, time);
    }

    /// <summary>"12月1日周二".</summary>
    public static Text Day(DateTimeOffset at)
    {
        var day = DateOnly.FromDateTime(at.DateTime);
        var (date, weekday) = (Date(day), Weekday(day));
        return new Text(date.Zh + weekday.Zh, $"{weekday.En} {date.En}");
    }

    private static Text Weekday(DateOnly day) => Part(CommonTexts.Weekdays, (int)day.DayOfWeek);

    private static Text Date(DateOnly day) => CommonTexts.MonthDay.With(Part(CommonTexts.Months, day.Month - 1), day.Day);

    private static Text Part(Text words, int index) => new(words.Zh.Split(' ')[index], words.En!.Split(' ')[index]);
}
