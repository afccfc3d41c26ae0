namespace HallOps.Core.Foresight.Advice;

/// <param name="Lines">Ascending; never none.</param>
internal readonly record struct Move(int Window, int[] Lines);

/// <summary>The moves that may be thought of at all: one window, a line more, a line less, one in the place of another, or all it may.</summary>
internal static class FloorMoves
{
    /// <summary>
    /// Only of windows that are open before the advice is thought over; only to lines that their people can do, no more of them than allowed; and none that leaves more needed lines without an open window
    /// than there are. Of windows alike in everything that matters only the first.
    /// </summary>
    public static List<Move> From(FloorView floor, int[][] plan)
    {
        var moves = new List<Move>();
        var alike = new HashSet<string>(StringComparer.Ordinal);
        for (var w = 0; w < plan.Length; w++)
        {
            var window = floor.Windows[w];
            if (!window.IsOpenWithin(floor.StandsSeconds) || !alike.Add(Likeness(window, plan[w]))) continue;
            foreach (var lines in Others(window, plan[w]))
            {
                var other = (int[][])plan.Clone();
                other[w] = lines;
                if (LeavesNoMore(floor, plan, other)) moves.Add(new Move(w, lines));
            }
        }
        return moves;
    }

    /// <summary>Whether under the other plan no more of the needed lines are without an open window than under the plan.</summary>
    public static bool LeavesNoMore(FloorView floor, int[][] plan, int[][] other) => Uncovered(floor, other) <= Uncovered(floor, plan);

    private static int Uncovered(FloorView floor, int[][] plan)
    {
        var covered = new HashSet<int>();
        for (var w = 0; w < plan.Length; w++)
            if (floor.Windows[w].IsOpen) covered.UnionWith(plan[w]);
        return Enumerable.Range(0, floor.Lines.Count).Count(line => floor.Lines[line].IsNeededWithin(floor.StandsSeconds) && !covered.Contains(line));
    }

    private static IEnumerable<int[]> Others(FloorWindow window, int[] lines)
    {
        var most = window.MaxLines ?? int.MaxValue;
        var more = window.May.Except(lines).ToArray();
        // Whoever sits there is not asked to go on with what he cannot do.
        var kept = lines.Intersect(window.May).ToArray();
        if (kept.Length < most)
            foreach (var line in more) yield return [.. kept.Append(line).Order()];
        foreach (var line in kept)
        {
            var rest = kept.Where(l => l != line).ToArray();
            if (rest.Length > 0 && rest.Length <= most) yield return rest;
            if (rest.Length >= most) continue;
            foreach (var instead in more) yield return [.. rest.Append(instead).Order()];
        }
        if (more.Length > 1 && window.May.Count <= most) yield return [.. window.May];
    }

    private static string Likeness(FloorWindow window, int[] lines) => string.Join('|',
        string.Join(',', lines), string.Join(',', window.May), window.MaxLines, string.Join(',', window.Openings.Select(o => (o.OpensSeconds, o.ClosesSeconds))), window.Serving is null);
}
