using HallOps.Core.Halls;
using HallOps.Core.Metrics;

namespace HallOps.Core.Tests.Metrics;

/// <summary>Windows' time by sessions, worked by hand, and the law that all of it adds up.</summary>
public sealed class SessionTimeTests
{
    private static MetricStretch Stretch(WindowUse use, long from, long to, PauseReason? pause = null) => new("h", "1", "w01", use, pause, from, to);

    [Fact]
    public void ADayWorkedByHand_AddsUpToItsSessions()
    {
        // Sessions 100-200 and 300-400. Signed in early at 90, served over the end of the first until 215, closed at 250; open again 310 to 400, of that 20 paused for a meeting; paused, and left so, from 420.
        MetricStretch[] day =
        [
            Stretch(WindowUse.Closed, 0, 90), Stretch(WindowUse.Idle, 90, 150), Stretch(WindowUse.Walking, 150, 160), Stretch(WindowUse.Serving, 160, 215), Stretch(WindowUse.Idle, 215, 250),
            Stretch(WindowUse.Closed, 250, 310), Stretch(WindowUse.IdleWaitedFor, 310, 330), Stretch(WindowUse.Paused, 330, 350, PauseReason.Meeting), Stretch(WindowUse.Serving, 350, 400), Stretch(WindowUse.Closed, 400, 420), Stretch(WindowUse.Paused, 420, 500, PauseReason.Meeting),
        ];
        var tally = new Tally();
        foreach (var (part, inSession) in SessionTime.Cut(day, [(100, 200), (300, 400)])) tally.Add(part, inSession);
        Assert.Equal((50, 10, 90, 20, 20, 10), (tally[WindowUse.Idle], tally[WindowUse.Walking], tally[WindowUse.Serving], tally[WindowUse.IdleWaitedFor], tally[PauseReason.Meeting], tally[WindowUse.Closed]));
        Assert.Equal(200, Enum.GetValues<WindowUse>().Sum(u => tally[u]));
        // 90-100 and 200-250.
        Assert.Equal(60, tally[Count.OpenOutside]);
    }

    [Fact]
    public void Cut_OfAnyStretchesAndSessions_LosesNothing()
    {
        for (var seed = 1; seed <= 200; seed++)
        {
            var random = new Random(seed);
            var (stretches, at) = (new List<MetricStretch>(), 0L);
            while (stretches.Count < 30) stretches.Add(Stretch((WindowUse)random.Next(7), at, at += random.Next(1, 50)));
            var (sessions, next) = (new List<(long, long)>(), 0L);
            while (next < at) sessions.Add((next += random.Next(0, 80), next += random.Next(1, 80)));
            var parts = SessionTime.Cut(stretches, sessions).ToList();
            Assert.All(parts, p => Assert.True(p.Part.To > p.Part.From, $"seed {seed}"));
            Assert.Equal((seed, at), (seed, parts.Sum(p => p.Part.To - p.Part.From)));
            Assert.Equal((seed, sessions.Sum(s => Math.Max(0, Math.Min(s.Item2, at) - Math.Min(s.Item1, at)))), (seed, parts.Where(p => p.InSession).Sum(p => p.Part.To - p.Part.From)));
        }
    }
}
