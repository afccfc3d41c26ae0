namespace HallOps.Core.Calendars;

using HallOps.Core.Halls;

/// <summary>
/// Service days on a hall's own clock. Until calendars are compiled a day ends at local midnight; in a daylight saving gap that is the first instant
/// after it, in an overlap the first occurrence.
/// </summary>
public static class ServiceDay
{
    public static DateOnly At(Instant instant, TimeZoneInfo zone) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant.ToDateTimeOffset(), zone).DateTime);

    /// <summary>The first instant of the date after <paramref name="day"/>.</summary>
    public static Instant EndOf(DateOnly day, TimeZoneInfo zone) => InstantOf(day.AddDays(1).ToDateTime(TimeOnly.MinValue), zone);

    /// <summary>A wall time as an instant.</summary>
    public static Instant InstantOf(DateTime wall, TimeZoneInfo zone)
    {
        if (zone.IsInvalidTime(wall))
        {
            // Inside the gap the clock jumps over `wall`; the offset before the jump carries it to the very instant after the gap's length has passed.
            var before = zone.GetUtcOffset(wall.AddDays(-1));
            var start = wall;
            while (zone.IsInvalidTime(start.AddMinutes(-1))) start = start.AddMinutes(-1);
            return Instant.From(new DateTimeOffset(start, before));
        }
        var offset = zone.IsAmbiguousTime(wall) ? zone.GetAmbiguousTimeOffsets(wall).Max() : zone.GetUtcOffset(wall);
        return Instant.From(new DateTimeOffset(wall, offset));
    }
}
