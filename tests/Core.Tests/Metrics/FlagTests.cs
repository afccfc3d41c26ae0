using HallOps.Core.Halls;
using HallOps.Core.Metrics;

namespace HallOps.Core.Tests.Metrics;

public sealed class FlagTests
{
    private static MetricCall Call(long seconds, string window = "1") => new("h", window, "li", seconds, 1, seconds * 1000);

    [Fact]
    public void ThreeCallsInAMinute_AreABurst_AndALongerRowIsOne()
    {
        var flags = Flags.Bursts([Call(0), Call(25), Call(50), Call(75), Call(400), Call(430), Call(700)]).ToList();
        var burst = Assert.Single(flags);
        Assert.Equal((0, 75_000, "li"), (burst.From, burst.Milliseconds, burst.Staff));
        Assert.Equal([0, 25, 50, 75], burst.Legs.Select(l => l.Ticket));
    }

    [Fact]
    public void CallsOfDifferentWindows_AreNoBurst() => Assert.Empty(Flags.Bursts([Call(0), Call(10, "2"), Call(20, "3"), Call(61)]));

    [Fact]
    public void SixtySeconds_AreWithinAMinute()
    {
        Assert.Single(Flags.Bursts([Call(0), Call(30), Call(60)]));
        Assert.Empty(Flags.Bursts([Call(0), Call(30), Call(61)]));
    }

    private static MetricLeg Served(long ticket, long milliseconds, string service = "s", FinishOutcome finish = FinishOutcome.Done) => new()
    {
        Hall = "h", Ticket = ticket, Day = new DateOnly(2026, 11, 23), Joined = default, JoinedAt = 0, Since = 0, CalledAt = 0, StartedAt = ticket, FinishedAt = ticket + milliseconds,
        Outcome = LegOutcome.Served, FinishOutcome = finish, Service = service, Window = "1", Staff = "li",
    };

    [Fact]
    public void AQuickFinish_IsOneAgainstTheMedianOfItsService()
    {
        var usual = Enumerable.Range(1, 20).Select(i => Served(i, 300_000)).ToList();
        // A tenth of the median, and one millisecond more; the same for a service that always is quick, and for one that was refused.
        var flags = Flags.QuickFinishes([.. usual, Served(100, 30_000), Served(101, 30_001), Served(102, 5_000, finish: FinishOutcome.Refused), .. Enumerable.Range(200, 20).Select(i => Served(i, 20_000, "copy"))]).ToList();
        var quick = Assert.Single(flags);
        Assert.Equal((FlagKind.QuickFinish, 30_000, 300_000), (quick.Kind, quick.Milliseconds, quick.Typical));
        Assert.Equal([(100, 1)], quick.Legs);
    }

    [Fact]
    public void OfFewFinishes_NothingIsQuick() => Assert.Empty(Flags.QuickFinishes([.. Enumerable.Range(1, 18).Select(i => Served(i, 300_000)), Served(100, 1)]));

    [Fact]
    public void LongIdle_IsOnlyWhileSomebodyWaited()
    {
        MetricStretch Stretch(WindowUse use, long seconds) => new("h", "1", "li", use, null, 1_000, 1_000 + seconds * 1000);
        var flag = Assert.Single(Flags.LongIdles([Stretch(WindowUse.IdleWaitedFor, 300), Stretch(WindowUse.IdleWaitedFor, 299), Stretch(WindowUse.Idle, 4_000), Stretch(WindowUse.Paused, 900)]));
        Assert.Equal(300_000, flag.Milliseconds);
    }
}
