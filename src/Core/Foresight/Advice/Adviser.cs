namespace HallOps.Core.Foresight.Advice;

/// <summary>One window to be set to other lines, and what that is worth.</summary>
/// <param name="Window">Its place among the floor's windows.</param>
/// <param name="Lines">Places in the floor's lines, ascending; never none.</param>
/// <param name="Effect">With the moves before it in the list made already.</param>
public sealed record AdvisedMove(int Window, IReadOnlyList<int> Lines, MoveEffect Effect);

/// <summary>The mean wait from now on of all who wait or are expected soon, as things are and after a move.</summary>
/// <param name="LowAfterSeconds">With <paramref name="HighAfterSeconds"/>: so the middle eight tenths of the futures looked at come out.</param>
public sealed record MoveEffect(double MeanWaitSecondsBefore, double MeanWaitSecondsAfter, double LowAfterSeconds, double HighAfterSeconds);

/// <summary>
/// Says which windows to set to other lines, so that all wait less (docs/foresight.md). From the plan as it is, again and again the one move that helps most over a number of drawn futures is taken, as
/// long as it helps in futures that it was not chosen by. Pure: the same floor and seed, the same advice.
/// </summary>
public sealed class Adviser
{
    // Beyond half an hour a hall looks different from what was expected, and what is advised is thought over before.
    private const double LeastLookAheadSeconds = 1_800;

    // As much again and again for whoever waits then to be called: a plan that only puts off pays for it.
    private const double LookAheadsPlayed = 3;

    private const int FuturesToScreen = 6;
    private const int FuturesToChoose = 24;
    private const int FuturesToProve = 32;
    private const int MovesToChooseFrom = 8;

    // Two standard errors, and a hundredth of the wait: a manager walks over for more than luck.
    private const double StandardErrors = 2;
    private const double LeastShare = 0.01;
    private const double LeastSavedSeconds = 60;

    private readonly FloorView _floor;
    private readonly FloorPlay _play;
    private readonly Future[] _choosing;
    private readonly Future[] _proving;
    private readonly int[][] _given;

    private Adviser(FloorView floor, ulong seed)
    {
        var lookAhead = Math.Max(LeastLookAheadSeconds, 2 * floor.StandsSeconds);
        (_floor, _play) = (floor, new FloorPlay(floor, LookAheadsPlayed * lookAhead));
        _given = [.. floor.Windows.Select(w => w.Lines.ToArray())];
        _choosing = [.. Enumerable.Range(0, FuturesToChoose).Select(i => Future.Draw(floor, lookAhead, seed + (ulong)i))];
        _proving = [.. Enumerable.Range(FuturesToChoose, FuturesToProve).Select(i => Future.Draw(floor, lookAhead, seed + (ulong)i))];
    }

    /// <returns>The most helpful first, one a window; none where nothing helps.</returns>
    public static IReadOnlyList<AdvisedMove> Advise(FloorView floor, ulong seed)
    {
        // The seeds of two calls are far apart, so that no future is drawn in both.
        var adviser = new Adviser(floor, unchecked(seed * 0x2545F4914F6CDD1D));
        return adviser.Moves();
    }

    private List<AdvisedMove> Moves()
    {
        var plan = (int[][])_given.Clone();
        var order = new List<int>();
        // No hall needs as many; a bound all the same.
        for (var step = 0; step < 3 * plan.Length && Best(plan) is { } move; step++)
        {
            plan = With(plan, move);
            if (!order.Contains(move.Window)) order.Add(move.Window);
        }
        foreach (var window in order.ToArray())
        {
            // What a later move has made needless is not asked of anybody.
            var without = With(plan, new Move(window, _given[window]));
            if (!Same(plan[window], _given[window]) && (FloorMoves.LeavesNoMore(_floor, plan, without) is false || IsWorth(without, plan))) continue;
            plan = without;
            order.Remove(window);
        }
        return Valued(plan, order);
    }

    private Move? Best(int[][] plan)
    {
        var now = Waited(plan, _choosing);
        if (now.Sum() < LeastSavedSeconds * FuturesToChoose) return null;
        var moves = FloorMoves.From(_floor, plan);
        var screened = moves.OrderBy(m => Waited(With(plan, m), _choosing.AsSpan(0, FuturesToScreen)).Sum()).Take(MovesToChooseFrom).ToList();
        foreach (var (move, waited) in screened.Select(m => (m, Waited(With(plan, m), _choosing).Sum())).OrderBy(m => m.Item2))
        {
            if (waited >= now.Sum()) return null;
            if (IsWorth(plan, With(plan, move))) return move;
        }
        return null;
    }

    private bool IsWorth(int[][] plan, int[][] other)
    {
        var (now, then) = (Waited(plan, _proving), Waited(other, _proving));
        var saved = now.Zip(then, (a, b) => a - b).ToArray();
        var mean = saved.Average();
        var error = Math.Sqrt(saved.Sum(s => (s - mean) * (s - mean)) / (saved.Length - 1) / saved.Length);
        return mean >= Math.Max(LeastSavedSeconds, LeastShare * now.Average()) && mean > StandardErrors * error;
    }

    private List<AdvisedMove> Valued(int[][] plan, List<int> order)
    {
        var moves = new List<AdvisedMove>();
        var people = _proving.Select(f => (double)Math.Max(1, f.Joins.Length)).ToArray();
        var made = (int[][])_given.Clone();
        var before = Means(made);
        foreach (var window in order)
        {
            made = With(made, new Move(window, plan[window]));
            var after = Means(made);
            var sorted = after.Order().ToArray();
            moves.Add(new AdvisedMove(window, plan[window], new MoveEffect(before.Average(), after.Average(), sorted[sorted.Length / 10], sorted[^(1 + sorted.Length / 10)])));
            before = after;
        }
        return moves;

        double[] Means(int[][] of) => [.. Waited(of, _proving).Zip(people, (waited, count) => waited / count)];
    }

    private double[] Waited(int[][] plan, ReadOnlySpan<Future> futures)
    {
        var waited = new double[futures.Length];
        for (var i = 0; i < futures.Length; i++) waited[i] = _play.Waited(plan, futures[i]);
        return waited;
    }

    private static int[][] With(int[][] plan, Move move)
    {
        var other = (int[][])plan.Clone();
        other[move.Window] = move.Lines;
        return other;
    }

    private static bool Same(int[] lines, int[] other) => lines.AsSpan().SequenceEqual(other);
}
