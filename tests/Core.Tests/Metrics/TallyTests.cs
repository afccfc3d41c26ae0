using HallOps.Core.Halls;
using HallOps.Core.Metrics;

namespace HallOps.Core.Tests.Metrics;

/// <summary>A small day worked by hand, and laws over random days. Random ones name their seed.</summary>
public sealed class TallyTests
{
    private static readonly DateOnly Day = new(2026, 11, 23);
    private const long Now = 3_600_000;

    // Joined at minute 0 of nine o'clock unless said otherwise; all in seconds.
    private static MetricLeg Leg(long ticket, int joined, int? called = null, int? started = null, int? finished = null, LegOutcome outcome = LegOutcome.Open, int? ended = null, string service = "s", int leg = 1) => new()
    {
        Hall = "h", Ticket = ticket, Leg = leg, Day = Day, Joined = Day.ToDateTime(new TimeOnly(9, 0)).AddSeconds(joined), JoinedAt = joined * 1000L, Since = joined * 1000L,
        FirstCalledAt = called * 1000L, CalledAt = called * 1000L, StartedAt = started * 1000L, FinishedAt = finished * 1000L, EndedAt = (ended ?? finished) * 1000L, Outcome = outcome, Service = service, Line = "l",
        Window = called is null ? null : "1",
    };

    private static Tally Of(params MetricLeg[] legs) => Report(null, legs)[0].Value;

    private static IReadOnlyList<KeyValuePair<string, Tally>> Report(Grouping? by, IEnumerable<MetricLeg> legs)
    {
        var report = new WaitReport(by, Now);
        foreach (var leg in legs) report.Add(leg);
        return report.Rows();
    }

    [Fact]
    public void ADayWorkedByHand()
    {
        var tally = Of(
            // Two visits served after 300 s and 600 s; the second went on to another service at once.
            Leg(1, 0, 300, 320, 500, LegOutcome.Served),
            Leg(2, 0, 600, 610, 700, LegOutcome.Served),
            Leg(2, 700, 750, 760, 900, LegOutcome.Served, leg: 2),
            // Left after 100 s; called after 900 s and not there, over at 3,000; still there at 3,600 s; not printed; changed to another service before any call.
            Leg(3, 100, outcome: LegOutcome.Abandoned, ended: 200),
            Leg(4, 0, 900, outcome: LegOutcome.NoShow, ended: 3000),
            Leg(5, 1600),
            Leg(6, 0, outcome: LegOutcome.Void, ended: 60),
            Leg(7, 0, outcome: LegOutcome.Transferred, ended: 10));

        Assert.Equal((7, 8, 4, 3), (tally[Count.Tickets], tally[Count.Legs], tally[Count.Called], tally[Count.Served]));
        Assert.Equal((1, 1, 1, 1, 1), (tally[Count.Abandoned], tally[Count.NoShow], tally[Count.Open], tally[Count.Void], tally[Count.Transferred]));
        // 50, 300, 600.
        Assert.Equal((3, 950_000, 300_000, 600_000), (tally.Wait.Count, tally.Wait.Sum, tally.Wait.Percentile(50), tally.Wait.Percentile(90)));
        Assert.Equal((10_000, 20_000), (tally.Walk.Percentile(50), tally.Walk.Longest));
        Assert.Equal((90_000 + 140_000 + 180_000L, 140_000d), (tally.Service.Sum, tally.Service.Percentile(50)));
        // With the leaver (100), the one called in vain (900, whenever that was over) and the one still there (2,000): 50, 100, 300, 600, 900, 2000.
        var including = tally.IncludingWaiting();
        Assert.Equal((6, 300_000, 2_000_000), (including.Count, including.Percentile(50), including.Percentile(90)));
        // Of 6 at risk 1 answered at 50; at 300 of 4 left (the leaver went at 100), at 600 of 3: 5/6 × 3/4 × 2/3.
        Assert.Equal([(50_000d, 5d / 6), (300_000, 5d / 6 * 3 / 4), (600_000, 5d / 6 * 3 / 4 * 2 / 3)], tally.Survival().Steps.Select(s => (s.Waited, s.StillWaiting)), (a, b) => a.Item1 == b.Item1 && Math.Abs(a.Item2 - b.Item2) < 1e-12);
        // Target 300 s, and who left within 100 s did not come to wait.
        Assert.Equal(new ServiceLevel(new(2, 3), new(2, 6), new(2, 5), new(3, 6)), Rates.ServiceLevelOf(tally, new WaitTarget(300_000), 100_000));
        var rates = Rates.Of(tally);
        Assert.Equal((new Share(1, 4), new Share(1, 8), new Share(2, 8)), (rates.NoShow, rates.Abandonment, rates.LeftUnserved));
    }

    [Fact]
    public void Outcomes_Grades_AndPromises_AreCountedWithBothCounts()
    {
        var served = Leg(1, 0, 10, 20, 30, LegOutcome.Served);
        var tally = Of(
            served with { FinishOutcome = FinishOutcome.Done, Grade = Grade.VerySatisfied, Days = (5, 20), Told = new(5_000, 8_000, 10_000) },
            served with { Ticket = 2, FinishOutcome = FinishOutcome.Accepted, Grade = Grade.Dissatisfied, Days = (10, 20), Told = new(12_000, 16_000, 20_000), ToldBefore = 1 },
            served with { Ticket = 3, FinishOutcome = FinishOutcome.Advice });
        var rates = Rates.Of(tally);
        Assert.Equal((new Share(1, 2), new Share(2, 3)), (rates.Satisfaction, rates.Response));
        Assert.Equal((new Share(1, 2), new Share(1, 3), new Share(25, 40)), (rates.DoneAtOnce, rates.CameAgain, rates.Faster));
        // Told 5 to 10 s and waited 10: right; told 12 to 20: not. 2 s longer than the one median, 6 s shorter than the other.
        Assert.Equal((new Share(1, 2), 2_000, 6_000), (rates.ToldRight, tally[Count.ToldTooLittle], tally[Count.ToldTooMuch]));
    }

    [Fact]
    public void WhoIsCalledBeforeTheBookedSlot_DidNotWait() => Assert.Equal(0, (Leg(1, 900, 600, 610, 700, LegOutcome.Served) with { JoinedAt = 0 }).Wait);

    [Fact]
    public void WhoIsHeld_WaitedForTheFirstAnsweredCall_AndIsServedLessTheTimeAway()
    {
        // Called at 100 and served from 110 to 200; away; called again at 900, served from 920 to 1,000.
        var held = Leg(1, 0, 900, 920, 1000, LegOutcome.Served) with { FirstCalledAt = 100_000, BeforeHold = (100_000, 10_000, 90_000) };
        Assert.Equal((100_000, 10_000, 170_000), (held.Wait!.Value, held.Walk!.Value, held.Serving!.Value));
        // Never seen again: served once all the same.
        var gone = held with { StartedAt = null, FinishedAt = null, EndedAt = 2_000_000, Outcome = LegOutcome.NoShow };
        Assert.Equal((100_000, (long?)null, (long?)null), (gone.Wait!.Value, gone.Serving, gone.WaitedAtLeast(Now)));
    }

    [Fact]
    public void WithoutStarts_ACallIsAnAnswer()
    {
        Assert.Null(Leg(1, 0, 60).Wait);
        Assert.Equal(60_000, (Leg(1, 0, 60) with { CallIsAnswer = true }).Wait);
        Assert.Null((Leg(1, 0, 60) with { CallIsAnswer = true }).WaitedAtLeast(Now));
        // Who was called in vain was not answered.
        var missed = Leg(1, 0, 60, outcome: LegOutcome.NoShow, ended: 90) with { CallIsAnswer = true };
        Assert.Equal(((long?)null, (long?)60_000), (missed.Wait, missed.WaitedAtLeast(Now)));
    }

    [Fact]
    public void AsOf_KnowsNothingLater()
    {
        var leg = Leg(1, 0, 300, 320, 500, LegOutcome.Served) with { FinishOutcome = FinishOutcome.Done, Grade = Grade.Satisfied };
        Assert.Null((leg with { JoinedAt = 10_000 }).AsOf(9_999));
        Assert.Equal((null, null, LegOutcome.Open, 299_000), (leg.AsOf(299_000)!.CalledAt, leg.AsOf(299_000)!.Window, leg.AsOf(299_000)!.Outcome, leg.AsOf(299_000)!.WaitedAtLeast(299_000)));
        Assert.Equal((300_000, null, "1", (long?)null), (leg.AsOf(300_000)!.CalledAt!.Value, leg.AsOf(300_000)!.StartedAt, leg.AsOf(300_000)!.Window, leg.AsOf(300_000)!.Wait));
        Assert.Equal((300_000, null, null, LegOutcome.Open), (leg.AsOf(499_999)!.Wait!.Value, leg.AsOf(499_999)!.Serving, leg.AsOf(499_999)!.Grade, leg.AsOf(499_999)!.Outcome));
        Assert.Equal(leg, leg.AsOf(500_000));
    }

    [Fact]
    public void Rows_AreInTheOrderPeopleExpect()
    {
        var legs = new[] { 10, 9, 23, 0 }.Select((hour, i) => Leg(i, 0) with { Joined = Day.ToDateTime(new TimeOnly(hour, 30)), Day = Day.AddDays(i) }).ToList();
        Assert.Equal(["0", "9", "10", "23"], Report(Grouping.Hour, legs).Select(r => r.Key));
        Assert.Equal(["monday", "tuesday", "wednesday", "thursday"], Report(Grouping.Weekday, legs.AsEnumerable().Reverse()).Select(r => r.Key));
        Assert.Equal(["2026-W48"], Report(Grouping.Week, legs).Select(r => r.Key));
        // Nobody called the second one to a window: last.
        Assert.Equal(["1", ""], Report(Grouping.Window, [Leg(1, 0), Leg(2, 0, 5)]).Select(r => r.Key));
        Assert.Equal([""], Report(null, []).Select(r => r.Key));
        Assert.Empty(Report(Grouping.Day, []));
    }

    [Fact]
    public void AVisitOfSeveralLegs_IsOneTicketInEachRow()
    {
        MetricLeg[] legs = [Leg(1, 0, service: "a"), Leg(1, 60, service: "b", leg: 2), Leg(1, 120, service: "a", leg: 3)];
        Assert.Equal([("a", 1, 2), ("b", 1, 1)], Report(Grouping.Service, legs).Select(r => (r.Key, (int)r.Value[Count.Tickets], (int)r.Value[Count.Legs])));
        Assert.Equal(1, Of(legs)[Count.Tickets]);
    }

    [Fact]
    public void SplittingADayAndMerging_GivesTheSame_InAnyOrder()
    {
        for (var seed = 1; seed <= 100; seed++)
        {
            var random = new Random(seed);
            var legs = Drawn(random);
            var whole = Of([.. legs]);
            var parts = legs.GroupBy(_ => random.Next(4)).Select(g => Of([.. g.OrderBy(_ => random.Next())])).ToList();
            var merged = new Tally();
            foreach (var part in parts.OrderBy(_ => random.Next())) merged.Add(part);
            AssertEqual(seed, whole, merged, exact: true);
            // Through storage: the same counts and sums, percentiles within 1 %.
            var stored = new Tally();
            foreach (var part in parts) stored.Add(Tally.Read(part.ToBytes()));
            AssertEqual(seed, whole, stored, exact: false);
            Assert.Equal(stored.ToBytes(), Tally.Read(stored.ToBytes()).ToBytes());
        }
    }

    [Fact]
    public void ALegLongerThanP90_NeverLowersIt()
    {
        for (var seed = 1; seed <= 200; seed++)
        {
            var legs = Drawn(new Random(seed));
            if (Of([.. legs]).Wait.Percentile(90) is not { } p90) continue;
            var longer = Of([.. legs, Leg(99_999, 0, (int)(p90 / 1000) + 1, (int)(p90 / 1000) + 2)]).Wait.Percentile(90);
            Assert.True(longer >= p90, $"seed {seed}: p90 fell from {p90} to {longer}");
        }
    }

    [Fact]
    public void EveryLeg_HasOneOutcome_AndTheyAddUp()
    {
        for (var seed = 1; seed <= 100; seed++)
        {
            var tally = Of([.. Drawn(new Random(seed))]);
            Count[] outcomes = [Count.Open, Count.Void, Count.Transferred, Count.Served, Count.Withdrawn, Count.NoShow, Count.Abandoned];
            Assert.Equal((seed, tally[Count.Legs]), (seed, outcomes.Sum(o => tally[o])));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-1)]
    public void Bytes_CutOrLonger_AreRefused(int longer)
    {
        var bytes = Of([.. Drawn(new Random(7))]).ToBytes();
        if (longer == 0) Assert.Equal(bytes, Tally.Read(bytes).ToBytes());
        else Assert.Throws<FormatException>(() => Tally.Read(longer > 0 ? [.. bytes, 0] : bytes.AsSpan(0, bytes.Length - 1)));
    }

    private static List<MetricLeg> Drawn(Random random)
    {
        var legs = new List<MetricLeg>();
        for (var ticket = 1; ticket <= random.Next(0, 120); ticket++)
        {
            var (joined, wait) = (random.Next(0, 3_000), random.Next(0, 2_000));
            legs.Add(random.Next(6) switch
            {
                0 => Leg(ticket, joined, outcome: LegOutcome.Abandoned, ended: joined + wait),
                1 => Leg(ticket, joined, joined + wait, outcome: LegOutcome.NoShow, ended: joined + wait + 60),
                2 => Leg(ticket, joined),
                _ => Leg(ticket, joined, joined + wait, joined + wait + random.Next(60), joined + wait + 60 + random.Next(900), LegOutcome.Served) with { FinishOutcome = (FinishOutcome)random.Next(9) },
            });
        }
        return legs;
    }

    private static void AssertEqual(int seed, Tally expected, Tally actual, bool exact)
    {
        foreach (var count in Enum.GetValues<Count>()) Assert.Equal((seed, count, expected[count]), (seed, count, actual[count]));
        foreach (var (a, b) in (ReadOnlySpan<(Durations, Durations)>)[(expected.Wait, actual.Wait), (expected.Walk, actual.Walk), (expected.Service, actual.Service), (expected.Left, actual.Left), (expected.Unanswered, actual.Unanswered)])
        {
            Assert.Equal((seed, a.Count, a.Sum, a.Longest), (seed, b.Count, b.Sum, b.Longest));
            foreach (var percent in (ReadOnlySpan<int>)[50, 90, 99])
            {
                if (a.Percentile(percent) is not { } value) Assert.Null(b.Percentile(percent));
                else Assert.True(Math.Abs(b.Percentile(percent)!.Value - value) <= (exact ? 0 : value * LogHistogram.Error + 1e-6), $"seed {seed}: p{percent} {value} became {b.Percentile(percent)}");
            }
        }
    }
}
