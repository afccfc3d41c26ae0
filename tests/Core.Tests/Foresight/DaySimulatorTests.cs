using HallOps.Core.Foresight.Simulation;
using static HallOps.Core.Foresight.Simulation.StageOutcome;

namespace HallOps.Core.Tests.Foresight;

/// <summary>SIMULATION.md sentence by sentence, each on a day small enough to be followed by eye.</summary>
public sealed class DaySimulatorTests
{
    private static readonly ScenarioWindow One = Window("1");

    [Fact]
    public void OrderInOneInstant_CompletionOpeningLeavingArrivalCall()
    {
        // At 10 the one in service is done, 2 opens, P has waited as long as he would, and Q comes: Q is called, P is gone.
        var day = Play([One, Window("2", order: 2, opens: 10)], [At("R", 0, duration: 10), At("P", 1, patience: 9), At("Q", 10)]);
        Assert.Equal((Abandoned, 9L, 10L), (day["P"].Outcome, day["P"].Wait!.Value, day["P"].EndedAt!.Value));
        Assert.Equal(("1", 10L), (day["Q"].Window, day["Q"].CalledAt!.Value));
    }

    [Fact]
    public void PersonOfNoPatience_IsCalledAtOnceOrLeaves()
    {
        var day = Play([One], [At("P", 0, patience: 0), At("Q", 0, patience: 0)]);
        Assert.Equal((Served, Abandoned, 0L), (day["P"].Outcome, day["Q"].Outcome, day["Q"].Wait!.Value));
        Assert.Equal(0, day.Result.Metrics.QueueMax);
    }

    [Fact]
    public void NoShow_HoldsTheWindowForTheGrace_AndHasNoFurtherStage()
    {
        var day = Play([One], [At("P", 0, shows: false, then: [new("A", 5)]), At("Q", 0)], new ScenarioRules(Walk: 3, NoShowGrace: 20));
        Assert.Equal(new StageRecord("P", 0, "A", "1", 0, 0, 0, null, 20, NoShow), day["P"]);
        Assert.Equal(new StageRecord("Q", 0, "A", "1", 0, 20, 20, 23, 33, Served), day["Q"]);
        Assert.Equal([new WindowWork("1", 20 + 13, 1)], day.Result.Metrics.Windows);
        Assert.Equal(2, day.Result.Metrics.Offered);
    }

    [Fact]
    public void NoShow_NotWaitedFor_FreesTheWindowInTheSameInstant()
    {
        var day = Play([One], [At("P", 0, shows: false), At("Q", 0)]);
        Assert.Equal((0L, 0), (day["Q"].CalledAt!.Value, day.Result.Metrics.QueueMax));
    }

    [Fact]
    public void Stages_JoinAnewWhenTheOneBeforeEnds()
    {
        // P's second stage joins at 10, behind Q, who joined at 5. Patience was for the first.
        var day = Play([One], [At("P", 0, patience: 3, then: [new("A", 4)]), At("Q", 5)]);
        Assert.Equal([("P", 0, 0L), ("Q", 0, 10L), ("P", 1, 20L)], day.Result.Tickets.OrderBy(t => t.CalledAt).Select(t => (t.Ticket, t.Stage, t.CalledAt!.Value)));
        Assert.Equal((10L, 10L), (day.Result.Tickets[2].Joined, day.Result.Tickets[2].Wait!.Value));
    }

    [Fact]
    public void StageThatJoins_InTheInstantOfAnArrival_GoesByTheList()
    {
        var day = Play([One], [At("P", 0, then: [new("A", 4)]), At("Q", 10)]);
        Assert.Equal(14, day["Q"].CalledAt);
    }

    [Fact]
    public void NotBefore_KeepsThePlaceAndWaitsForIt()
    {
        var day = Play([One], [At("P", 0, notBefore: 15), At("Q", 1, duration: 30), At("R", 2)]);
        Assert.Equal((1L, 31L, 41L), (day["Q"].CalledAt!.Value, day["P"].CalledAt!.Value, day["R"].CalledAt!.Value));
        Assert.Equal(31 + 39, day.Result.Metrics.QueueArea);
    }

    [Fact]
    public void NotBefore_BesideOneOfNoPatience_IsCalledInItsInstant()
    {
        // Found by RandomDay_EqualsTheSlowSimulators, seed 445: Q, who leaves unless called at once, kept P from being seen.
        var day = Play([One], [At("P", 0, notBefore: 15), At("Q", 15, patience: 0), At("R", 15)]);
        Assert.Equal((15L, Abandoned, 25L), (day["P"].CalledAt!.Value, day["Q"].Outcome, day["R"].CalledAt!.Value));
    }

    [Fact]
    public void Window_CallsNobodyAtItsClose_AndFinishesWhomItHas()
    {
        var day = Play([Window("1", closes: 12)], [At("P", 5), At("Q", 12), At("R", 11)]);
        Assert.Equal((15L, Unserved, Unserved), (day["P"].EndedAt!.Value, day["Q"].Outcome, day["R"].Outcome));
        // R waits from 11, Q from 12, until the last end at 15.
        Assert.Equal(4 + 3, day.Result.Metrics.QueueArea);
    }

    [Fact]
    public void Unserved_AfterEverythingIsOver_AddNothingToTheArea()
    {
        var day = Play([Window("1", closes: 12)], [At("Q", 40)]);
        Assert.Equal((Unserved, 0L, (long?)null, 1), (day["Q"].Outcome, day.Result.Metrics.QueueArea, day.Result.Metrics.LastEnd, day.Result.Metrics.QueueMax));
        Assert.Equal(new StageRecord("Q", 0, "A", null, 40, null, null, null, null, Unserved), day["Q"]);
    }

    [Fact]
    public void IdleWindows_TakeByLongestIdle_ThenOrder()
    {
        // Both open at 0: the lower order. Then 2 has been idle since 0, 1 since 10.
        var day = Play([Window("1", order: 2), Window("2", order: 1)], [At("P", 0), At("Q", 20), At("R", 40)]);
        Assert.Equal(["2", "1", "2"], new[] { "P", "Q", "R" }.Select(t => day[t].Window));
    }

    [Fact]
    public void Opening_AfterTheLastCompletion_IsWhenIdlenessBegins()
    {
        var twice = Window("1") with { Calendar = [new(0, 10), new(50, 1000)] };
        var day = Play([twice, Window("2", order: 2)], [At("P", 0, duration: 5), At("Q", 1, duration: 30), At("R", 60)]);
        // 1 was done at 5 and opened again at 50; 2 was done at 31.
        Assert.Equal("2", day["R"].Window);
    }

    [Fact]
    public void SkillChange_FinishesWhatIsInProgress()
    {
        var changing = One with { SkillChanges = [new(5, ["B"])] };
        var day = Play([changing], [At("P", 0), At("Q", 1), At("R", 2, service: "B")]);
        Assert.Equal((10L, Unserved, 10L), (day["P"].EndedAt!.Value, day["Q"].Outcome, day["R"].CalledAt!.Value));
    }

    [Fact]
    public void LiveState_WaitsSinceTheyCame_AndWindowsActFromNow()
    {
        var scenario = Of([One, Window("2", order: 2)], [At("P", 5), At("Q", 30, patience: 10)]) with { Now = 100, InService = [new("1", "X", 120)] };
        var day = new Played(DaySimulator.Run(scenario));
        Assert.Equal(("2", 95L, Abandoned), (day["P"].Window, day["P"].Wait!.Value, day["Q"].Outcome));
        Assert.Equal([0, 10], day.Result.Metrics.Windows.Select(w => w.Busy));
    }

    [Theory]
    [InlineData(DisciplineKind.Priority, "U L E")]
    // E joined 20 before L, whose credit is 15; U's is 60.
    [InlineData(DisciplineKind.HeadStart, "U E L")]
    // At 100: E 90, L 70 × 2, U 50 × 3 = 150.
    [InlineData(DisciplineKind.Accumulating, "U L E")]
    // The services' weights: A 1, B 4, C 1.5. At 100: E 90, L 280, U 75; later E still before U.
    [InlineData(DisciplineKind.WeightedWait, "L E U")]
    [InlineData(DisciplineKind.Fifo, "E L U")]
    public void Discipline_CallsInItsOrder(DisciplineKind kind, string order)
    {
        var discipline = new Discipline(
            kind, new Dictionary<int, decimal> { [1] = 15, [2] = 60 }, new Dictionary<int, decimal> { [1] = 2, [2] = 3 }, new Dictionary<string, decimal> { ["B"] = 4, ["C"] = 1.5m });
        var all = One with { Skills = ["A", "B", "C"] };
        var day = DaySimulator.Run(Of([all], [At("X", 0, duration: 100), At("E", 10), At("L", 30, service: "B", priority: 1), At("U", 50, service: "C", priority: 2)]) with { Discipline = discipline });
        Assert.Equal(order.Split(' '), day.Calls.Skip(1).Select(c => c.Ticket));
    }

    [Fact]
    public void EqualScores_GoByTheList_NotByJoining()
    {
        // At 100 both have 120: P, of slope 2, for 60, and Q, of slope 3, for 40. Q stands first in the list.
        var discipline = new Discipline(DisciplineKind.Accumulating, new Dictionary<int, decimal>(), new Dictionary<int, decimal> { [1] = 2, [2] = 3 }, new Dictionary<string, decimal>());
        var day = DaySimulator.Run(Of([One], [At("Q", 60, priority: 2), At("P", 40, priority: 1), At("X", 0, duration: 100)]) with { Discipline = discipline });
        Assert.Equal(["X", "Q", "P"], day.Calls.Select(c => c.Ticket));
    }

    [Fact]
    public void SlopesOfManyDecimals_AreComparedExactly()
    {
        // 0.1 × 30 is 0.3 × 10, which it is not in binary fractions: the list decides.
        var discipline = new Discipline(DisciplineKind.Accumulating, new Dictionary<int, decimal>(), new Dictionary<int, decimal> { [1] = 0.1m, [2] = 0.3m }, new Dictionary<string, decimal>());
        var day = DaySimulator.Run(Of([One], [At("X", 0, duration: 100), At("P", 70, priority: 1), At("Q", 90, priority: 2)]) with { Discipline = discipline });
        Assert.Equal(["X", "P", "Q"], day.Calls.Select(c => c.Ticket));
    }

    [Fact]
    public void Bounds_ProtectWhoWasOvertakenOften()
    {
        // With nothing bounded the normal one is called last; after one overtaking it is his turn.
        Arrival[] people = [At("X", 0, duration: 100), At("N", 1), At("U1", 2, priority: 1), At("U2", 3, priority: 1), At("U3", 4, priority: 1)];
        var strict = Discipline.Of(DisciplineKind.Priority);
        Assert.Equal(["X", "U1", "U2", "U3", "N"], Order(strict));
        Assert.Equal(["X", "U1", "N", "U2", "U3"], Order(strict with { Bounds = new(MaxOvertakes: 1, MaxPriorityRun: 9) }));
        Assert.Equal(["X", "U1", "U2", "N", "U3"], Order(strict with { Bounds = new(MaxOvertakes: 9, MaxPriorityRun: 2) }));

        IEnumerable<string> Order(Discipline discipline) => DaySimulator.Run(Of([One], people) with { Discipline = discipline }).Calls.Select(c => c.Ticket);
    }

    [Fact]
    public void ServiceLevel_IsCountedFourWays()
    {
        // P is served at once, Q after 10, R leaves after 5, S after 30, T is never served: target 8, short 5.
        var day = Play([Window("1", closes: 20)], [At("P", 0), At("Q", 0, duration: 50), At("R", 0, patience: 5), At("S", 0, patience: 30), At("T", 1)], new ScenarioRules(Target: 8, ShortAbandon: 5));
        var level = day.Result.Metrics.ServiceLevel;
        Assert.Equal(((1, 2), (1, 5), (1, 4), (2, 5)), (Of(level.AnsweredOnly), Of(level.OfOffered), Of(level.OfferedLessShortAbandons), Of(level.AbandonsInTargetCountGood)));

        static (long, long) Of(HallOps.Core.Metrics.Share share) => (share.Part, share.Of);
    }

    [Fact]
    public void Variants_AreTheSameDayEach_AndTiesGoToTheEarlier()
    {
        var day = Of([One, Window("2", order: 2) with { Calendar = [] }], [At("P", 0), At("Q", 0), At("R", 0)]) with
        {
            Variants =
            [
                new("as-is", []), new("more", [new("2", [new(0, 1000)], null, null)]), new("late", [new("1", [new(100, 1000)], null, null)]), new("also-more", [new("2", [new(0, 900)], null, null)]),
            ],
        };
        var played = DaySimulator.RunVariants(day);
        Assert.Equal([30L, 10, 330, 10], played.Select(p => p.Metrics.Served.WaitSum));
        var best = BestVariants.Of(played);
        Assert.Equal(("more", "more", "as-is"), (best.LowestWaitSum, best.LowestP90, best.MostWithinTarget));
        Assert.Equal(["more", "also-more", "as-is", "late"], best.RankByWaitSum);
    }

    [Fact]
    public void Variant_ThatPatchesAWindowTwice_DoesBoth()
    {
        var variant = new Variant("v", [new("1", [new(5, 9)], null, null), new("1", null, ["B"], null)]);
        var window = Of([One], []).As(variant).Windows[0];
        Assert.Equal((new Opening(5, 9), "B"), (window.Calendar[0], window.Skills[0]));
    }

    private static Played Play(ScenarioWindow[] windows, Arrival[] arrivals, ScenarioRules? rules = null) => new(DaySimulator.Run(Of(windows, arrivals) with { Rules = rules ?? new() }));

    private static Scenario Of(ScenarioWindow[] windows, Arrival[] arrivals) => new() { Id = "s", Title = "t", Discipline = Discipline.Fifo, Rules = new(), Windows = windows, Arrivals = arrivals };

    private static ScenarioWindow Window(string id, int order = 1, long opens = 0, long closes = 1000) => new(id, order, ["A"], [new(opens, closes)], []);

    private static Arrival At(string ticket, long t, string service = "A", long duration = 10, int priority = 0, long? patience = null, bool shows = true, long notBefore = 0, FurtherStage[]? then = null) =>
        new(ticket, t, service, duration, priority, patience, shows, notBefore, then ?? []);

    private sealed record Played(DayResult Result)
    {
        public StageRecord this[string ticket] => Result.Tickets.First(t => t.Ticket == ticket);
    }
}
