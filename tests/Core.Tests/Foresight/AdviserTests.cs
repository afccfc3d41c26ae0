using HallOps.Core.Foresight.Advice;

namespace HallOps.Core.Tests.Foresight;

/// <summary>What the adviser says of floors small enough to be thought through.</summary>
public sealed class AdviserTests
{
    [Fact]
    public void Advise_OneWindowIdleAndAnotherLineLong_SetsTheIdleOneToIt()
    {
        var moves = Adviser.Advise(new FloorView([Line("a", waiting: 20), Line("b")], [Window("1", [0]), Window("2", [1])], 900), 1);
        var move = Assert.Single(moves);
        Assert.Equal((1, true), (move.Window, move.Lines.Contains(0)));
        Assert.True(move.Effect.MeanWaitSecondsAfter < 0.6 * move.Effect.MeanWaitSecondsBefore, $"{move.Effect}");
        Assert.InRange(move.Effect.MeanWaitSecondsAfter, move.Effect.LowAfterSeconds, move.Effect.HighAfterSeconds);
    }

    [Fact]
    public void Advise_TheEffect_IsWhatTwoWindowsMakeOfALine()
    {
        // Nobody else comes: of twenty who take 200 s each, one window makes a mean wait of 200 × 19 ÷ 2 = 1,900 s, two make 900 s.
        var effect = Adviser.Advise(new FloorView([Line("a", waiting: 20), Line("b")], [Window("1", [0]), Window("2", [1])], 3_600), 1)[0].Effect;
        Assert.InRange(effect.MeanWaitSecondsBefore, 1_750, 2_050);
        Assert.InRange(effect.MeanWaitSecondsAfter, 820, 980);
    }

    [Fact]
    public void Advise_NobodyWaitsOrIsExpected_IsNothing() =>
        Assert.Empty(Adviser.Advise(new FloorView([Line("a"), Line("b")], [Window("1", [0]), Window("2", [1])], 900), 1));

    [Fact]
    public void Advise_EverybodyAlreadyDoesEverything_IsNothing() =>
        Assert.Empty(Adviser.Advise(new FloorView([Line("a", waiting: 20), Line("b", waiting: 20)], [Window("1", [0, 1]), Window("2", [0, 1])], 900), 1));

    [Fact]
    public void Advise_BothLinesEquallyLong_AtOneLineAWindow_ChangesNothing() =>
        Assert.Empty(Adviser.Advise(new FloorView([Line("a", waiting: 10), Line("b", waiting: 10)], [Window("1", [0], most: 1), Window("2", [1], most: 1)], 900), 1));

    [Fact]
    public void Advise_TheOnlyWindowOfALineThatIsNeeded_IsNotTakenFromIt()
    {
        // One waits for b and twenty for a: without b's window the sum of waits would be far less.
        Assert.Empty(Adviser.Advise(new FloorView([Line("a", waiting: 20), Line("b", waiting: 1)], [Window("1", [0], most: 1), Window("2", [1], most: 1)], 900), 1));
        Assert.Empty(Adviser.Advise(new FloorView([Line("a", waiting: 20), Line("b", perHour: 0.1)], [Window("1", [0], most: 1), Window("2", [1], most: 1)], 900), 1));
    }

    [Fact]
    public void Advise_WindowThatHelpsSlowVisitorsInTheQuickOnesWay_IsSetBack()
    {
        // 2 does both, and those of b hold it for half an hour each while the quick ones wait behind them; 3 does b.
        var moves = Adviser.Advise(new FloorView(
            [Line("a", hold: 60, perHour: 50), Line("b", hold: 1_800, waiting: 3)], [Window("2", [0, 1], most: 2), Window("3", [1], may: [1]), Window("4", [1], may: [1])], 900), 1);
        Assert.Equal([0], Assert.Single(moves).Lines);
    }

    [Fact]
    public void Advise_PeopleWhoCannotDoTheLine_AreNotAskedTo() =>
        Assert.Empty(Adviser.Advise(new FloorView([Line("a", waiting: 20), Line("b")], [Window("1", [0], may: [0]), Window("2", [1], may: [1])], 900), 1));

    [Fact]
    public void Advise_AWindowThatIsClosedUntilTheAdviceIsThoughtOver_IsLeftAlone()
    {
        FloorLine[] lines = [Line("a", waiting: 20), Line("b")];
        Assert.Empty(Adviser.Advise(new FloorView(lines, [Window("1", [0]), Window("2", [1], opens: 900)], 900), 1));
        Assert.Equal(1, Assert.Single(Adviser.Advise(new FloorView(lines, [Window("1", [0]), Window("2", [1], opens: 600)], 900), 1)).Window);
        Assert.Empty(Adviser.Advise(new FloorView(lines, [Window("1", [0]), Window("2", [1], closes: 0)], 900), 1));
    }

    [Fact]
    public void Advise_SameFloorAndSeed_SameAdvice()
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            var floor = RandomFloor((int)seed);
            Assert.Equal(Adviser.Advise(floor, seed).Select(Text), Adviser.Advise(floor, seed).Select(Text));
        }
        static string Text(AdvisedMove move) => $"{move.Window} {string.Join(',', move.Lines)} {move.Effect}";
    }

    [Fact]
    public void Advise_OnAnyFloor_KeepsToWhatIsAllowed_AndHelps()
    {
        var moved = 0;
        for (var seed = 1; seed <= 150; seed++)
        {
            var floor = RandomFloor(seed);
            var moves = Adviser.Advise(floor, (ulong)seed);
            Assert.Equal((seed, moves.Count), (seed, moves.Select(m => m.Window).Distinct().Count()));
            foreach (var move in moves)
            {
                var window = floor.Windows[move.Window];
                Assert.True(move.Lines.Count > 0 && move.Lines.Count <= (window.MaxLines ?? int.MaxValue) && !move.Lines.Except(window.May).Any() && !move.Lines.SequenceEqual(window.Lines), $"seed {seed}: {move}");
                Assert.True(window.IsOpenWithin(floor.StandsSeconds), $"seed {seed}: {move}");
                moved++;
            }
            if (moves.Count > 0) Assert.True(moves[^1].Effect.MeanWaitSecondsAfter < moves[0].Effect.MeanWaitSecondsBefore, $"seed {seed}");
            var plan = floor.Windows.Select((w, i) => moves.FirstOrDefault(m => m.Window == i)?.Lines ?? w.Lines).ToList();
            Assert.True(Uncovered(floor, plan) <= Uncovered(floor, [.. floor.Windows.Select(w => w.Lines)]), $"seed {seed}: more lines without a window");
        }
        Assert.True(moved > 75, $"only {moved} moves in all");
    }

    private static int Uncovered(FloorView floor, IReadOnlyList<IReadOnlyList<int>> plan) => Enumerable.Range(0, floor.Lines.Count).Count(l =>
        floor.Lines[l].IsNeededWithin(floor.StandsSeconds) && !floor.Windows.Where((w, i) => w.IsOpen && plan[i].Contains(l)).Any());

    private static FloorView RandomFloor(int seed)
    {
        var random = new Random(seed);
        var lines = Enumerable.Range(0, random.Next(1, 5)).Select(i => Line($"{i}", random.Next(3) * random.Next(12), random.Next(3) * 10, random.Next(30, 600))).ToList();
        var windows = Enumerable.Range(0, random.Next(1, 6)).Select(i =>
        {
            var may = lines.Select((_, l) => l).Where(_ => random.Next(4) > 0).ToArray();
            var now = may.Where(_ => random.Next(2) == 0).ToArray();
            var window = Window($"{i}", now, random.Next(3) == 0 ? Math.Max(1, now.Length) : null, may, random.Next(4) * 400, 1_200 + random.Next(4) * 3_000);
            return random.Next(2) == 0 ? window with { Serving = new ServiceInProgress(300, random.Next(900)) } : window;
        });
        return new FloorView(lines, [.. windows], random.Next(300, 1_200));
    }

    private static FloorLine Line(string line, int waiting = 0, double perHour = 0, double hold = 200) => new(
        line, 1, hold, [.. Enumerable.Range(0, waiting).Select(i => new FloorVisitor(waiting - i, 0))], [new ExpectedArrivals(0, double.PositiveInfinity, perHour)]);

    private static FloorWindow Window(string window, int[] lines, int? most = null, int[]? may = null, double opens = 0, double closes = 30_000) =>
        new(window, lines, may ?? [0, 1], most, [new FloorOpening(opens, closes)], null, 0);
}
