namespace HallOps.Displays.Tests.Hosting;

/// <summary>The server's time: a working morning in Shanghai when it begins, real seconds from there on, and set forward by hand, clock and ticks alike. Timers are real.</summary>
internal sealed class ForwardTime : TimeProvider
{
    private static readonly DateTimeOffset Morning = new(2026, 11, 24, 0, 30, 0, TimeSpan.Zero);

    private readonly long _began = System.GetTimestamp();
    private long _forward;

    public override long TimestampFrequency => System.TimestampFrequency;

    public override long GetTimestamp() => System.GetTimestamp() + Interlocked.Read(ref _forward);

    public override DateTimeOffset GetUtcNow() => Morning + System.GetElapsedTime(_began, GetTimestamp());

    public void Forward(TimeSpan by) => Interlocked.Add(ref _forward, (long)(by.TotalSeconds * TimestampFrequency));
}
