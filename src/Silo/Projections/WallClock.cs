using System.Globalization;

namespace HallOps.Silo.Projections;

/// <summary>A hall's wall for many instants: the offset is looked up once for a quarter of an hour, since no zone changes in the middle of one. Not thread-safe.</summary>
public sealed class WallClock(TimeZoneInfo zone)
{
    private const long Quarter = 15 * 60_000;

    private long _quarter = long.MinValue;
    private TimeSpan _offset;

    /// <param name="milliseconds">Since 1970-01-01Z.</param>
    public DateTimeOffset At(long milliseconds)
    {
        var quarter = Math.DivRem(milliseconds, Quarter, out var rest) - (rest < 0 ? 1 : 0);
        if (quarter != _quarter) (_quarter, _offset) = (quarter, zone.GetUtcOffset(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)));
        return DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).ToOffset(_offset);
    }
}

/// <summary>Days as the tables have them.</summary>
public sealed class DayText
{
    private (string Text, DateOnly Day) _last = ("", default);

    public static string Of(DateOnly day) => day.ToString("O", CultureInfo.InvariantCulture);

    /// <summary>The last one is kept: nearly every row is of the same.</summary>
    public DateOnly Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (_last.Text != text) _last = (text, DateOnly.ParseExact(text, "O", CultureInfo.InvariantCulture));
        return _last.Day;
    }
}
