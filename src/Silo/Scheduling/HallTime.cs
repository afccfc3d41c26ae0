namespace HallOps.Silo.Scheduling;

/// <summary>
/// The halls' clock as a <see cref="TimeProvider"/>: now is the halls' time and timers wait for the halls' time, at a demonstration's speed too. A timer may fire early while the clock is slewed, and
/// late after it jumped: whoever waits looks at the time again.
/// </summary>
internal sealed class HallTime(HallClock clock) : TimeProvider
{
    // What a timer takes.
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    public override long TimestampFrequency => clock.Real.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override DateTimeOffset GetUtcNow() => clock.Now.ToDateTimeOffset();

    public override long GetTimestamp() => clock.Real.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Timer(clock, clock.Real.CreateTimer(callback, state, Real(clock, dueTime), Real(clock, period)));

    private static TimeSpan Real(HallClock clock, TimeSpan halls)
    {
        if (halls <= TimeSpan.Zero) return halls;
        var real = halls / clock.Speed;
        return real < Longest ? real : Longest;
    }

    private sealed class Timer(HallClock clock, ITimer real) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => real.Change(Real(clock, dueTime), Real(clock, period));

        public void Dispose() => real.Dispose();

        public ValueTask DisposeAsync() => real.DisposeAsync();
    }
}
