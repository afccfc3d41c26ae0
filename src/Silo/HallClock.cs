using HallOps.Core.Halls;

namespace HallOps.Silo;

/// <summary>
/// The clock of halls: the system time at the start plus monotonic time, so that a step of the system clock never reorders a hall. A demo's speed scales halls only; time-outs, heartbeats
/// and staleness are real time. Safe from any thread.
/// </summary>
/// <param name="time">Real time: the system's, or a test's.</param>
/// <param name="start">Where the halls' time begins; null: now.</param>
/// <param name="speed">Seconds of the halls a real second; above 0.</param>
public sealed class HallClock(TimeProvider time, DateTimeOffset? start = null, double speed = 1)
{
    private readonly long _origin = time.GetTimestamp();
    private readonly long _start = (start ?? time.GetUtcNow()).ToUnixTimeMilliseconds();
    private readonly double _millisecondsPerTick = speed > 0 ? speed * 1000 / time.TimestampFrequency : throw new ArgumentOutOfRangeException(nameof(speed), speed, "The speed of a clock is above 0.");

    public TimeProvider Real { get; } = time;

    public double Speed { get; } = speed;

    public Instant Now => new(_start + (long)((Real.GetTimestamp() - _origin) * _millisecondsPerTick));

    /// <summary>How far the system clock has moved from this one since the start, at speed 1: positive where the system clock went forward.</summary>
    public TimeSpan SystemStep => Speed == 1 && start is null ? Real.GetUtcNow() - Now.ToDateTimeOffset() : TimeSpan.Zero;
}
