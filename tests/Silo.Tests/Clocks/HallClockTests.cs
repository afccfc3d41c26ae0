using HallOps.Core.Halls;
using HallOps.Silo.Tests.Engine;

namespace HallOps.Silo.Tests.Clocks;

/// <summary>F7: what halls make of a system clock that is set.</summary>
public sealed class HallClockTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 9, 0, 0, TimeSpan.FromHours(8));
    private readonly ManualTimeProvider _time = new(Start);
    private readonly HallClock _clock;
    private Instant _last;
    private int _steps;

    public HallClockTests()
    {
        _clock = new HallClock(_time);
        _clock.Stepped += () => _steps++;
        _last = _clock.Now;
    }

    [Theory]
    [InlineData(0.9)]
    [InlineData(-0.9)]
    public void Difference_UpToASecond_IsSlewedUnseen(double seconds)
    {
        _time.Step(TimeSpan.FromSeconds(seconds));
        Pass(TimeSpan.FromSeconds(60));
        Assert.Null(_clock.Read().Problem);
        // 0.5 %: 0.3 s of a minute.
        Assert.Equal(Math.Abs(seconds) - 0.3, Math.Abs(Behind.TotalSeconds), 0.05);
        Pass(TimeSpan.FromSeconds(200));
        Assert.Equal(0, Behind.TotalSeconds, 0.011);
        Assert.Equal(0, _steps);
    }

    [Fact]
    public void Difference_SlewedWithoutFurtherComparisons_EndsWhereItShould()
    {
        _time.Step(TimeSpan.FromSeconds(0.5));
        _clock.Compare();
        _time.Advance(TimeSpan.FromHours(5));
        Assert.Equal(0, Behind.TotalSeconds, 0.002);
    }

    [Fact]
    public void StepForward_UpToTwelveHours_IsFollowedOnceAMinuteAgrees()
    {
        _time.Step(TimeSpan.FromHours(12));
        Pass(TimeSpan.FromSeconds(59));
        Assert.Equal(TimeSpan.FromHours(12), _clock.Read().Step);
        Assert.Contains("forward by 43200 s; halls follow it", _clock.Read().Problem, StringComparison.Ordinal);
        Assert.Equal(12, Behind.TotalHours, 0.001);

        Pass(TimeSpan.FromSeconds(1));

        Assert.Equal(0, Behind.TotalSeconds, 0.011);
        Assert.Null(_clock.Read().Problem);
        Assert.Equal(1, _steps);
        Assert.Equal(TimeSpan.Zero, _clock.SinceStep);
    }

    [Fact]
    public void F7_ClockForwardADay_IsShownAndFollowedOnlyWhenAccepted()
    {
        _time.Step(TimeSpan.FromDays(1));
        Pass(TimeSpan.FromHours(3));
        Assert.Contains("forward by 86400 s; halls go on by their own clock until an admin accepts it", _clock.Read().Problem, StringComparison.Ordinal);
        Assert.True(_clock.Read().NeedsAccepting);
        Assert.Equal(Start + TimeSpan.FromHours(3), _clock.Now.ToDateTimeOffset(), TimeSpan.FromMilliseconds(2));

        // What was accepted is what was shown.
        Assert.False(_clock.Accept(TimeSpan.FromHours(-1)));
        Assert.Equal(0, _steps);
        Assert.True(_clock.Accept(TimeSpan.FromDays(1)));

        Assert.Equal(0, Behind.TotalSeconds, 0.011);
        Assert.Equal(1, _steps);
        Pass(TimeSpan.FromMinutes(5));
        Assert.Null(_clock.Read().Problem);
        Assert.False(_clock.Accept(TimeSpan.FromDays(1)));
    }

    [Fact]
    public void F7_ClockBackAnHour_IsShownAndAcceptedRunsAtHalfSpeedUntilItHasCaughtUp()
    {
        _time.Step(TimeSpan.FromHours(-1));
        Pass(TimeSpan.FromMinutes(10));
        Assert.Contains("back by 3600 s; halls go on by their own clock until an admin accepts it", _clock.Read().Problem, StringComparison.Ordinal);
        Assert.Equal(Start + TimeSpan.FromMinutes(10), _clock.Now.ToDateTimeOffset(), TimeSpan.FromMilliseconds(2));

        Assert.True(_clock.Accept(TimeSpan.FromHours(-1)));

        Pass(TimeSpan.FromMinutes(60));
        Assert.Equal(-30, Behind.TotalMinutes, 0.01);
        Assert.Contains("1800 s ahead of the system clock and runs at half speed", _clock.Read().Problem, StringComparison.Ordinal);
        Pass(TimeSpan.FromMinutes(61));
        Assert.Equal(0, Behind.TotalSeconds, 0.011);
        Assert.Null(_clock.Read().Problem);
        Assert.Equal(0, _steps);
    }

    [Fact]
    public void F7_ClockBackAnHour_SetRightAgain_LeavesNothingBehind()
    {
        _time.Step(TimeSpan.FromHours(-1));
        Pass(TimeSpan.FromMinutes(30));
        _time.Step(TimeSpan.FromHours(1));
        Pass(TimeSpan.FromSeconds(1));
        Assert.Null(_clock.Read().Problem);
        Assert.Equal(0, Behind.TotalSeconds, 0.011);
    }

    [Fact]
    public void F7_ClockJumping_IsNeverFollowedWhileItJumps()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var away = TimeSpan.Zero;
        for (var n = 0; n < 200; n++)
        {
            // Never the same twice, and never for a minute.
            var next = TimeSpan.FromSeconds(random.Next(2, 40_000) * (random.Next(2) == 0 ? 1 : -1));
            if ((next - away).Duration() < TimeSpan.FromSeconds(3)) continue;
            _time.Step(next - away);
            away = next;
            Pass(TimeSpan.FromSeconds(random.Next(1, 60)));
            Assert.True(_clock.Read().Step.Duration() > HallClock.Slewed, $"seed {seed}, jump {n}: {_clock.Read()}");
        }
        Assert.Equal(0, _steps);
        _time.Step(-away);
        Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(0, Behind.TotalSeconds, 0.011);
        Assert.Null(_clock.Read().Problem);
    }

    [Fact]
    public void Clock_OfAnyHistory_NeverGoesBack()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var n = 0; n < 2_000; n++)
        {
            switch (random.Next(8))
            {
                case 0: _time.Step(TimeSpan.FromMilliseconds(random.Next(-1_000, 1_000))); break;
                case 1: _time.Step(TimeSpan.FromSeconds(random.Next(-100_000, 100_000))); break;
                case 2: _clock.Accept(_clock.Read().Step); break;
                case 3: Pass(TimeSpan.FromSeconds(61)); break;
                default: _time.Advance(TimeSpan.FromMilliseconds(random.Next(0, 5_000))); break;
            }
            _clock.Compare();
            Assert.True(_clock.Now >= _last, $"seed {seed}, step {n}: {_last} to {_clock.Now}");
            _last = _clock.Now;
        }
        _clock.Accept(_clock.Read().Step);
        Pass(TimeSpan.FromSeconds(61));
        _time.Advance(TimeSpan.FromDays(400));
        _clock.Compare();
        Assert.True(Behind.Duration() < TimeSpan.FromSeconds(1), $"seed {seed}: {_clock.Read()}");
    }

    [Fact]
    public void Clock_OfADemo_FollowsNothing()
    {
        var demo = new HallClock(_time, Start.AddYears(1), 60);
        _time.Step(TimeSpan.FromHours(-1));
        _time.Advance(TimeSpan.FromMinutes(2));
        demo.Compare();
        Assert.Null(demo.Read().Problem);
        Assert.Equal(Start.AddYears(1).AddHours(2), demo.Now.ToDateTimeOffset());
    }

    private TimeSpan Behind => _time.GetUtcNow() - _clock.Now.ToDateTimeOffset();

    /// <summary>Time passes, with a comparison every second; the clock never goes back on the way.</summary>
    private void Pass(TimeSpan time)
    {
        for (var n = 0; n < time.TotalSeconds; n++)
        {
            _clock.Compare();
            _time.Advance(TimeSpan.FromSeconds(1));
            Assert.True(_clock.Now >= _last, $"{_last} to {_clock.Now}");
            _last = _clock.Now;
        }
        _clock.Compare();
    }
}
