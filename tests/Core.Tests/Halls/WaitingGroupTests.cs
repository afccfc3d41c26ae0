using HallOps.Core.Halls;

namespace HallOps.Core.Tests.Halls;

/// <summary>The group against a sorted list.</summary>
public sealed class WaitingGroupTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(20261123)]
    public void WaitingGroup_AfterAnyHistory_EqualsASortedList(int seed)
    {
        var random = new Random(seed);
        var group = NewGroup();
        var list = new List<(Leg Leg, int Overtaken)>();
        for (var step = 0; step < 4000; step++)
        {
            var seen = $"seed {seed}, step {step}";
            switch (random.Next(10))
            {
                case < 4:
                    var leg = NewLeg(step + 1, random.Next(500));
                    group.Add(leg);
                    list.Add((leg, 0));
                    list.Sort((a, b) => (a.Leg.Since.Milliseconds, a.Leg.FirstSequence).CompareTo((b.Leg.Since.Milliseconds, b.Leg.FirstSequence)));
                    break;
                case < 7 when list.Count > 0:
                    var gone = random.Next(3) == 0 ? random.Next(list.Count) : 0;
                    group.Remove(list[gone].Leg);
                    Assert.True(list[gone].Overtaken == list[gone].Leg.Overtaken, seen);
                    list.RemoveAt(gone);
                    break;
                default:
                    var until = Bound(random, list);
                    group.OvertakeBefore(until);
                    for (var i = 0; i < list.Count && Before(list[i].Leg, until); i++) list[i] = (list[i].Leg, list[i].Overtaken + 1);
                    break;
            }
            var key = Bound(random, list);
            var before = list.Where(l => Before(l.Leg, key)).ToList();
            Assert.True(before.Count == group.CountBefore(key), seen);
            for (var times = 0; times < 60; times += 1 + random.Next(12)) Assert.True(before.Any(l => l.Overtaken >= times) == group.IsAnyBefore(key, times), $"{seen}, {times} times");
            Assert.True(list.Count == group.Count, seen);
            if (list.Count > 0) Assert.True(ReferenceEquals(list[0].Leg, group.First), seen);
            if (step % 50 != 0) continue;
            Assert.Equal(list.Select(l => l.Leg.FirstSequence), group.InOrder().Select(l => l.FirstSequence));
            Assert.Equal(list.Select(l => l.Overtaken), group.InOrder().Select(l => l.Overtaken));
        }
    }

    [Fact]
    public void WaitingGroup_HoweverItsLegsCameAndWent_LooksAtFewBlocks()
    {
        const int seed = 7;
        var random = new Random(seed);
        foreach (var n in new[] { 100, 10_000 })
        {
            var group = NewGroup();
            var legs = Enumerable.Range(1, n).Select(i => NewLeg(i, i)).ToList();
            foreach (var leg in legs) group.Add(leg);
            Assert.InRange(group.Blocks, 1, n / WaitingGroup.BlockSize + 1);
            while (legs.Count > n / 10)
            {
                var gone = random.Next(legs.Count);
                group.Remove(legs[gone]);
                legs.RemoveAt(gone);
                Assert.True(group.Blocks <= 4 * legs.Count / WaitingGroup.BlockSize + 2, $"seed {seed}: {group.Blocks} blocks for {legs.Count} legs");
            }
        }
    }

    private static bool Before(Leg leg, OrderKey key) => leg.Since.Milliseconds < key.Since || (leg.Since.Milliseconds == key.Since && leg.FirstSequence < key.Sequence);

    private static OrderKey Bound(Random random, List<(Leg Leg, int)> list) => random.Next(4) switch
    {
        0 => OrderKey.At(random.Next(510)),
        1 => OrderKey.After(random.Next(510)),
        2 when list.Count > 0 => OrderKey.Of(list[random.Next(list.Count)].Leg),
        _ => new OrderKey(random.Next(510), random.Next(4000)),
    };

    private static readonly ClassSettings Normal = new(ClassId.Normal, new Text("普通", null), 100, 0, Grants.Self, null, null, null);

    private static WaitingGroup NewGroup()
    {
        var line = new LineState(new LineSettings(SampleHall.A, "A", new Text("甲", null), 100, null, []));
        return line.Groups.For(line, SampleHall.Card, Normal, WaitingPlace.Open, default);
    }

    private static Leg NewLeg(long sequence, long since)
    {
        var ticket = new Ticket(new TicketId(7, sequence), $"A{sequence:D3}", new DateOnly(2026, 11, 23), null, ClassId.Normal, Grants.Self, TicketSource.Kiosk, new Instant(since));
        return ticket.Leg = new Leg(ticket, 1, SampleHall.Card, SampleHall.A, new Instant(since), sequence);
    }
}
