namespace HallOps.Web.Tests.Reports.Recomputed;

/// <summary>A clock that stands until it is set, while waits run in real time: nothing hangs, and every instant in the journal is one that the test chose.</summary>
internal sealed class StandingTime(DateTimeOffset start) : TimeProvider
{
    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public override DateTimeOffset GetUtcNow() => start + TimeSpan.FromTicks(GetTimestamp());

    /// <param name="to">Not before now.</param>
    public void Set(DateTimeOffset to) => Interlocked.Exchange(ref _ticks, Math.Max(GetTimestamp(), (to - start).Ticks));
}
