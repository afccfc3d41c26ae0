using HallOps.Core.Halls;
using HallOps.Silo;

namespace HallOps.Web.Demo;

/// <summary>Waiting on the halls' clock: visitors and clerks live in the halls' time, however fast it runs.</summary>
internal static class DemoClock
{
    public static Task UntilAsync(this HallClock clock, DateTimeOffset moment, CancellationToken cancel) => clock.DelayAsync(moment - clock.Now.ToDateTimeOffset(), cancel);

    public static async Task DelayAsync(this HallClock clock, TimeSpan inTheHall, CancellationToken cancel)
    {
        var until = clock.Now + inTheHall;
        // In steps: a timer takes no more than 49 days, and a slow clock makes a night longer than that.
        for (var left = inTheHall; left > TimeSpan.Zero; left = until - clock.Now)
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Clamp(left.TotalMilliseconds / clock.Speed, 1, 3_600_000)), clock.Real, cancel);
    }
}
