using HallOps.Core.Foresight.Simulation;

namespace HallOps.Core.Tests.Foresight;

/// <summary>Laws of the simulator over random days. A failure names its seed.</summary>
public sealed class DaySimulatorLawTests
{
    private const int Days = 3_000;

    [Fact]
    public void RandomDay_EqualsTheSlowSimulators()
    {
        for (var seed = 1; seed <= Days; seed++)
        {
            var day = RandomScenario.Of(seed);
            var (fast, slow) = (DaySimulator.Run(day), SlowDay.Play(day));
            for (var i = 0; i < Math.Max(fast.Tickets.Count, slow.Records.Count); i++)
                Assert.True(i < fast.Tickets.Count && i < slow.Records.Count && fast.Tickets[i] == slow.Records[i],
                    $"seed {seed}: expected {slow.Records.ElementAtOrDefault(i)}, was {fast.Tickets.ElementAtOrDefault(i)}");
            Assert.True(fast.Calls.SequenceEqual(slow.Calls), $"seed {seed}: calls");
            Assert.Equal((seed, slow.QueueArea, slow.QueueMax), (seed, fast.Metrics.QueueArea, fast.Metrics.QueueMax));
        }
    }

    [Fact]
    public void RandomDays_HaveEverythingThatCanHappen()
    {
        var days = Enumerable.Range(1, Days).Select(RandomScenario.Of).ToList();
        var records = days.Take(300).SelectMany(d => DaySimulator.Run(d).Tickets).ToList();
        Assert.All(Enum.GetValues<StageOutcome>(), outcome => Assert.Contains(records, r => r.Outcome == outcome));
        Assert.Contains(records, r => r.Stage == 2);
        Assert.All(Enum.GetValues<DisciplineKind>(), kind => Assert.Contains(days, d => d.Discipline.Kind == kind && d.Discipline.Bounds is not null));
    }

    [Fact]
    public void QueueArea_OfADayThatEndsEmpty_IsTheSumOfWaits()
    {
        var seen = 0;
        for (var seed = 1; seed <= Days; seed++)
        {
            var day = DaySimulator.Run(RandomScenario.Of(seed));
            if (day.Metrics.Unserved > 0) continue;
            seen++;
            Assert.Equal((seed, day.Tickets.Sum(t => t.Wait)!.Value), (seed, day.Metrics.QueueArea));
        }
        Assert.True(seen > Days / 20, $"only {seen} days ended empty");
    }

    [Fact]
    public void Day_InMilliseconds_EqualsTheOneInSeconds()
    {
        for (var seed = 1; seed <= 500; seed++)
        {
            var day = RandomScenario.Of(seed);
            var (seconds, milliseconds) = (DaySimulator.Run(day), DaySimulator.Run(InMilliseconds(day)));
            Assert.True(seconds.Calls.Select(c => c with { At = c.At * 1000 }).SequenceEqual(milliseconds.Calls), $"seed {seed}: calls");
            Assert.Equal((seed, seconds.Metrics.Served.WaitSum * 1000, seconds.Metrics.QueueArea * 1000, seconds.Metrics.ServiceLevel),
                (seed, milliseconds.Metrics.Served.WaitSum, milliseconds.Metrics.QueueArea, milliseconds.Metrics.ServiceLevel));
        }
    }

    [Fact]
    public void IndependentLines_PlayedApart_ComeOutTheSame()
    {
        for (var seed = 1; seed <= 500; seed++)
        {
            // Two halls under one roof: nobody of the one can do anything of the other.
            var (one, other) = (RandomScenario.Of(seed), Renamed(RandomScenario.Of(seed + 100_000)));
            var rule = one.Discipline with { Weight = one.Discipline.Weight.Concat(other.Discipline.Weight).ToDictionary() };
            var both = one with { Discipline = rule, Windows = [.. one.Windows, .. other.Windows], Arrivals = Mixed(one.Arrivals, other.Arrivals), InService = [.. one.InService, .. other.InService] };
            var together = DaySimulator.Run(both).Tickets;
            foreach (var part in (Scenario[])[one, other])
            {
                var apart = DaySimulator.Run(both with { Windows = part.Windows, Arrivals = part.Arrivals, InService = part.InService }).Tickets;
                var names = part.Arrivals.Select(a => a.Ticket).ToHashSet();
                Assert.True(together.Where(t => names.Contains(t.Ticket)).SequenceEqual(apart), $"seed {seed}");
            }
        }
    }

    [Fact]
    public void AnotherIdleWindow_UnderFirstComeFirstServed_NeverRaisesTheSumOfWaits()
    {
        for (var seed = 1; seed <= Days; seed++)
        {
            var random = new Random(seed);
            var windows = Enumerable.Range(1, random.Next(1, 4)).Select(i => new ScenarioWindow($"w{i}", i, ["a"], [new Opening(0, 10_000)], [])).ToList();
            var day = new Scenario
            {
                Id = "s",
                Title = "",
                Discipline = Discipline.Fifo,
                Rules = new ScenarioRules(Walk: random.Next(0, 3)),
                Windows = windows,
                Arrivals = [.. Enumerable.Range(0, random.Next(1, 60)).Select(i => new Arrival($"t{i}", random.Next(0, 300), "a", random.Next(1, 40), 0, null, true, 0, []))],
            };
            var more = day with { Windows = [.. windows, new ScenarioWindow("more", 9, ["a"], [new Opening(0, 10_000)], [])] };
            var (before, after) = (DaySimulator.Run(day).Metrics.Served, DaySimulator.Run(more).Metrics.Served);
            Assert.Equal(before.N, after.N);
            Assert.True(after.WaitSum <= before.WaitSum, $"seed {seed}: {before.WaitSum} with {windows.Count} windows, {after.WaitSum} with one more");
        }
    }

    internal static Scenario InMilliseconds(Scenario day) => day with
    {
        InMilliseconds = true,
        Discipline = day.Discipline with { HeadStart = day.Discipline.HeadStart.ToDictionary(h => h.Key, h => h.Value * 1000) },
        Rules = new ScenarioRules(day.Rules.Target * 1000, day.Rules.Walk * 1000, day.Rules.NoShowGrace * 1000, day.Rules.ShortAbandon * 1000),
        Windows = [.. day.Windows.Select(w => w with
        {
            Calendar = [.. w.Calendar.Select(o => new Opening(o.Opens * 1000, o.Closes * 1000))],
            SkillChanges = [.. w.SkillChanges.Select(c => c with { At = c.At * 1000 })],
        })],
        Arrivals = [.. day.Arrivals.Select(a => a with
        {
            At = a.At * 1000, Duration = a.Duration * 1000, Patience = a.Patience * 1000, NotBefore = a.NotBefore * 1000, Then = [.. a.Then.Select(s => s with { Duration = s.Duration * 1000 })],
        })],
        Now = day.Now * 1000,
        InService = [.. day.InService.Select(s => s with { EndsAt = s.EndsAt * 1000 })],
    };

    private static Scenario Renamed(Scenario day) => day with
    {
        Discipline = day.Discipline with { Weight = day.Discipline.Weight.ToDictionary(w => w.Key + "2", w => w.Value) },
        Windows = [.. day.Windows.Select(w => w with { Id = w.Id + "2", Skills = Again(w.Skills), SkillChanges = [.. w.SkillChanges.Select(c => c with { Skills = Again(c.Skills) })] })],
        Arrivals = [.. day.Arrivals.Select(a => a with { Ticket = a.Ticket + "-2", Service = a.Service + "2", Then = [.. a.Then.Select(s => s with { Service = s.Service + "2" })] })],
        InService = [.. day.InService.Select(s => s with { Window = s.Window + "2" })],
    };

    private static List<string> Again(IReadOnlyList<string> services) => [.. services.Select(s => s + "2")];

    // In turn, so that the one's places in the list change and their order does not.
    private static List<Arrival> Mixed(IReadOnlyList<Arrival> one, IReadOnlyList<Arrival> other)
    {
        var mixed = new List<Arrival>();
        for (var i = 0; i < Math.Max(one.Count, other.Count); i++) mixed.AddRange(one.Skip(i).Take(1).Concat(other.Skip(i).Take(1)));
        return mixed;
    }
}
