using HallOps.Core.Halls;

namespace HallOps.Silo;

/// <summary>
/// The clock of halls: the system time at the start plus monotonic time. The system clock's later changes are followed as <see cref="Compare"/> says, so that a bad one never reaches a hall; this clock
/// never goes back. A demo's speed scales halls only; time-outs, heartbeats and staleness are real time. Safe from any thread.
/// </summary>
public sealed class HallClock
{
    /// <summary>A difference up to this is slewed, and no step.</summary>
    public static readonly TimeSpan Slewed = TimeSpan.FromSeconds(1);

    /// <summary>A step forward up to this is followed once it has stayed for <see cref="AgreesFor"/>; a longer one, and any back, once it is accepted.</summary>
    public static readonly TimeSpan Followed = TimeSpan.FromHours(12);

    public static readonly TimeSpan AgreesFor = TimeSpan.FromSeconds(60);

    // A second is made up in 200 s: ten times as fast as adjtime's 0.05 %, and nobody in a hall sees it.
    private const double SlewRate = 0.005;

    // Half speed: what is measured meanwhile is at most halved, never nothing, and everything due still comes, in its order.
    private const double BackRate = 0.5;

    // Less is the jitter of two readings.
    private const double NoDifference = 10;

    // Two readings further apart say nothing about the difference of their clocks.
    private static readonly TimeSpan AtOnce = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly long _origin;
    private readonly double _start;
    private readonly double _millisecondsPerTick;
    private readonly bool _followsSystem;
    private volatile Segment _segment;
    private double _followed;
    private (double Step, long Since)? _pending;
    private long _steppedAt;

    /// <param name="time">Real time: the system's, or a test's.</param>
    /// <param name="start">Where the halls' time begins; null: now. With one, or another speed than 1, the system clock is not followed.</param>
    /// <param name="speed">Seconds of the halls a real second; above 0.</param>
    public HallClock(TimeProvider time, DateTimeOffset? start = null, double speed = 1)
    {
        if (!(speed > 0)) throw new ArgumentOutOfRangeException(nameof(speed), speed, "The speed of a clock is above 0.");
        (Real, Speed, _followsSystem) = (time, speed, start is null && speed == 1);
        _millisecondsPerTick = 1000.0 / time.TimestampFrequency;
        _origin = _steppedAt = time.GetTimestamp();
        _start = (start ?? time.GetUtcNow()).ToUnixTimeMilliseconds();
        _segment = new Segment(_origin, _start, 0, 0);
    }

    public TimeProvider Real { get; }

    public double Speed { get; }

    public Instant Now => new((long)At(Real.GetTimestamp()));

    /// <summary>The clock jumped forward: what waits for a moment should look again. Told on the thread that compares or accepts.</summary>
    public event Action? Stepped;

    /// <summary>Real time since this clock began or last jumped: nothing could have been done in time for a moment that was passed over.</summary>
    public TimeSpan SinceStep
    {
        get
        {
            lock (_gate) return Real.GetElapsedTime(_steppedAt);
        }
    }

    /// <summary>
    /// Compares with the system clock; to be called every second or so. Up to a second of difference is slewed; a step forward is followed once every comparison of a minute agrees, up to twelve hours;
    /// a longer one, and any step back, waits for <see cref="Accept"/> or a restart (QUALITY F7).
    /// </summary>
    public void Compare()
    {
        bool stepped;
        lock (_gate) stepped = CompareHeld();
        if (stepped) Stepped?.Invoke();
    }

    /// <summary>Whether the system clock took this step, within <see cref="Slewed"/>, and it is not followed.</summary>
    public bool Has(TimeSpan step)
    {
        lock (_gate) return HasHeld(step);
    }

    /// <summary>Follows the step that the system clock took, whichever it is: forward at once, back at half speed until the system clock has caught up.</summary>
    /// <param name="step">The step as it was shown to whoever accepts it.</param>
    /// <returns>False where there is none, or it differs from that one by more than <see cref="Slewed"/>.</returns>
    public bool Accept(TimeSpan step)
    {
        bool stepped, accepted;
        lock (_gate)
        {
            stepped = CompareHeld();
            accepted = HasHeld(step);
            if (accepted) stepped |= Follow(_pending!.Value.Step, Real.GetTimestamp());
            if (accepted) _pending = null;
        }
        if (stepped) Stepped?.Invoke();
        return accepted;
    }

    /// <summary>What an admin is shown.</summary>
    public ClockReading Read()
    {
        lock (_gate)
        {
            var timestamp = Real.GetTimestamp();
            var now = At(timestamp);
            var step = TimeSpan.FromMilliseconds(Math.Round(_pending?.Step ?? 0));
            var ahead = _followsSystem ? TimeSpan.FromMilliseconds(Math.Round(now - Target(timestamp))) : TimeSpan.Zero;
            return new ClockReading(new Instant((long)now), Real.GetUtcNow(), step, NeedsAccepting(step), ahead);
        }
    }

    private bool HasHeld(TimeSpan step) => _pending is { } pending && Math.Abs(pending.Step - step.TotalMilliseconds) <= Slewed.TotalMilliseconds;

    private bool CompareHeld()
    {
        if (!_followsSystem) return false;
        var timestamp = Real.GetTimestamp();
        var system = Real.GetUtcNow();
        if (Real.GetElapsedTime(timestamp) > AtOnce) return false;
        var step = (system - DateTimeOffset.UnixEpoch).TotalMilliseconds - Target(timestamp);
        if (Math.Abs(step) <= Slewed.TotalMilliseconds)
        {
            _pending = null;
            return Math.Abs(step) >= NoDifference && Follow(step, timestamp);
        }
        if (_pending is not { } pending || Math.Abs(pending.Step - step) > Slewed.TotalMilliseconds)
        {
            _pending = (step, timestamp);
            return false;
        }
        if (NeedsAccepting(TimeSpan.FromMilliseconds(step)) || Real.GetElapsedTime(pending.Since, timestamp) < AgreesFor) return false;
        _pending = null;
        return Follow(step, timestamp);
    }

    /// <returns>Whether the clock jumped.</returns>
    private bool Follow(double step, long timestamp)
    {
        _followed += step;
        var now = At(timestamp);
        var behind = Target(timestamp) - now;
        if (behind > Slewed.TotalMilliseconds)
        {
            _segment = new Segment(timestamp, now + behind, 0, 0);
            _steppedAt = timestamp;
            return true;
        }
        var rate = behind < -Slewed.TotalMilliseconds ? BackRate : SlewRate;
        _segment = new Segment(timestamp, now, Math.Sign(behind) * rate, Math.Abs(behind) / rate);
        return false;
    }

    private static bool NeedsAccepting(TimeSpan step) => step < TimeSpan.Zero || step > Followed;

    /// <summary>The system time as far as it is followed: where this clock is, or is on its way to.</summary>
    private double Target(long timestamp) => _start + (timestamp - _origin) * _millisecondsPerTick + _followed;

    private double At(long timestamp)
    {
        var segment = _segment;
        var real = (timestamp - segment.Origin) * _millisecondsPerTick;
        return segment.Base + real * Speed + segment.Slew * Math.Min(real, segment.SlewFor);
    }

    /// <param name="Base">The halls' milliseconds at <paramref name="Origin"/>.</param>
    /// <param name="Slew">What each real millisecond adds for the first <paramref name="SlewFor"/> of them; above -1.</param>
    private sealed record Segment(long Origin, double Base, double Slew, double SlewFor);
}

/// <param name="SystemTime">What the system clock says.</param>
/// <param name="Step">A step of the system clock that is not followed: positive where it went forward; zero: none.</param>
/// <param name="NeedsAccepting">The step is followed only when it is accepted.</param>
/// <param name="Ahead">How far the halls' clock is ahead of where it is going, which it makes up by running slower; negative: behind.</param>
public readonly record struct ClockReading(Instant HallTime, DateTimeOffset SystemTime, TimeSpan Step, bool NeedsAccepting, TimeSpan Ahead)
{
    /// <summary>What is wrong, a sentence; null: nothing.</summary>
    public string? Problem
    {
        get
        {
            var way = Step > TimeSpan.Zero ? "forward" : "back";
            var seconds = Math.Abs(Step.TotalSeconds);
            if (NeedsAccepting) return FormattableString.Invariant($"The system clock went {way} by {seconds:0} s; halls go on by their own clock until an admin accepts it or the server is restarted.");
            if (Step != TimeSpan.Zero) return FormattableString.Invariant($"The system clock went {way} by {seconds:0} s; halls follow it if it stays so for a minute.");
            return Ahead > HallClock.Slewed ? FormattableString.Invariant($"The halls' clock is {Ahead.TotalSeconds:0} s ahead of the system clock and runs at half speed until that has caught up.") : null;
        }
    }
}
