namespace HallOps.Core.Calendars;

/// <summary>The words of a session's or roster row's <c>days</c>.</summary>
[Flags]
internal enum DayWords : ushort
{
    None = 0, Workday = 1, Makeup = 2, Restday = 4, Holiday = 8,
    Monday = 16, Tuesday = 32, Wednesday = 64, Thursday = 128, Friday = 256, Saturday = 512, Sunday = 1024,
}

/// <summary>A date, and the words of <c>days</c> that mean it.</summary>
internal readonly record struct DateFacts(DateOnly Date, DayKind Kind, DayWords Words)
{
    public static DateFacts Of(DateOnly date, HolidayTable holidays)
    {
        var weekend = date.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday;
        var weekday = date.DayOfWeek is DayOfWeek.Sunday ? DayWords.Sunday : (DayWords)((int)DayWords.Monday << ((int)date.DayOfWeek - 1));
        return holidays.Find(date) switch
        {
            { IsOffDay: true } => new(date, DayKind.Holiday, DayWords.Holiday | DayWords.Restday),
            { } when weekend => new(date, DayKind.Makeup, DayWords.Makeup | DayWords.Workday),
            _ when weekend => new(date, DayKind.Restday, DayWords.Restday | weekday),
            // A weekday that the data list as working is a weekday: an earlier notice may have had it off.
            _ => new(date, DayKind.Workday, DayWords.Workday | weekday),
        };
    }
}

/// <summary>Which dates a session or a roster row is meant for.</summary>
/// <param name="Dates">Those named one by one.</param>
internal sealed record DayRule(DayWords Words, DateOnly[] Dates)
{
    private const DayWords Special = DayWords.Holiday | DayWords.Makeup;
    private const DayWords General = DayWords.Workday | DayWords.Restday;

    public bool Holds(DateFacts date) => (Words & date.Words) != 0 || Array.IndexOf(Dates, date.Date) >= 0;

    /// <summary>How specific the rule is on the date: 3 names it, 2 is a holiday or make-up day, 1 a weekday, 0 a working day or day off; -1 where it does not hold.</summary>
    public int RankOn(DateFacts date)
    {
        var words = Words & date.Words;
        return Array.IndexOf(Dates, date.Date) >= 0 ? 3 : (words & Special) != 0 ? 2 : (words & ~General) != 0 ? 1 : words != 0 ? 0 : -1;
    }

    public override string ToString() => $"{Words} {string.Join(' ', Dates.Order().Select(d => d.DayNumber))}";
}

/// <summary>A part of every year, both days included, as month × 100 + day; over the year's end where it begins later than it ends.</summary>
internal readonly record struct Season(int From, int To)
{
    // 29 February as a bound needs no care: other years have no day between it and its neighbours.
    public bool Holds(DateOnly date)
    {
        var day = date.Month * 100 + date.Day;
        return From <= To ? From <= day && day <= To : From <= day || day <= To;
    }
}
