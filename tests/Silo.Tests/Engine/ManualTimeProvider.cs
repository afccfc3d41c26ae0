namespace HallOps.Silo.Tests.Engine;

/// <summary>Time that passes only when a test says so. Timers fire in order, on the test's thread.</summary>
internal sealed class ManualTimeProvider(DateTimeOffset start) : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private TimeSpan _passed;
    private TimeSpan _stepped;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate) return start + _passed + _stepped;
    }

    /// <summary>Somebody sets the system clock: timestamps and timers go on as before.</summary>
    public void Step(TimeSpan by)
    {
        lock (_gate) _stepped += by;
    }

    public override long GetTimestamp() => Passed.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    public void Advance(TimeSpan by)
    {
        var until = Passed + by;
        while (true)
        {
            ManualTimer? next;
            lock (_gate)
            {
                next = _timers.Where(t => t.Due <= until).MinBy(t => t.Due);
                _passed = next is null ? until : TimeSpan.FromTicks(Math.Max(_passed.Ticks, next.Due.Ticks));
                next?.Again();
            }
            if (next is null) return;
            next.Fire();
        }
    }

    /// <summary>Time passes at once, as on a machine that was busy or asleep: each timer that came due fires once, at the end.</summary>
    public void Leap(TimeSpan by)
    {
        ManualTimer[] due;
        lock (_gate)
        {
            _passed += by;
            due = [.. _timers.Where(t => t.Due <= _passed)];
            foreach (var timer in due) timer.AgainAfter(_passed);
        }
        foreach (var timer in due) timer.Fire();
    }

    private TimeSpan Passed
    {
        get
        {
            lock (_gate) return _passed;
        }
    }

    private sealed class ManualTimer(ManualTimeProvider time, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;

        public TimeSpan Due { get; private set; }

        public void Fire() => callback(state);

        public void Again()
        {
            if (_period <= TimeSpan.Zero) time._timers.Remove(this);
            else Due += _period;
        }

        public void AgainAfter(TimeSpan now)
        {
            Again();
            while (_period > TimeSpan.Zero && Due <= now) Due = _period * (Math.Floor(now / _period) + 1);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._gate)
            {
                time._timers.Remove(this);
                _period = period;
                if (dueTime == Timeout.InfiniteTimeSpan) return true;
                Due = time._passed + dueTime;
                time._timers.Add(this);
                return true;
            }
        }

        public void Dispose()
        {
            lock (time._gate) time._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
