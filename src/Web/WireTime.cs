using HallOps.Core.Halls;

namespace HallOps.Web;

/// <summary>Instants as the wire has them: with the hall's offset at that instant.</summary>
public static class WireTime
{
    public static DateTimeOffset At(Instant instant, TimeZoneInfo? zone) =>
        zone is null ? instant.ToDateTimeOffset() : TimeZoneInfo.ConvertTime(instant.ToDateTimeOffset(), zone);

    public static DateTimeOffset? At(Instant? instant, TimeZoneInfo? zone) => instant is { } i ? At(i, zone) : null;
}
