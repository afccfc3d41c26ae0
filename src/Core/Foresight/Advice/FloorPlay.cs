namespace HallOps.Core.Foresight.Advice;

/// <summary>
/// Plays a future under a plan and adds up the waiting. Inside a line first come, first served; between lines the larger weight × waited; among idle windows the longest idle. Classes, bounds and
/// patience are left out: they change who waits more than how long all wait. Not thread safe; one play does for any number of futures and plans.
/// </summary>
internal sealed class FloorPlay(FloorView floor, double endSeconds)
{
    private readonly int[] _joined = new int[floor.Lines.Count];
    private readonly int[] _called = new int[floor.Lines.Count];
    private readonly double[] _free = new double[floor.Windows.Count];
    private readonly double[] _idleSince = new double[floor.Windows.Count];
    private readonly double[] _weights = [.. floor.Lines.Select(l => l.Weight)];
    private readonly FloorOpening[][] _openings = [.. floor.Windows.Select(w => w.Openings.ToArray())];

    /// <summary>Seconds waited by all together, from now until each is called or the play ends.</summary>
    /// <param name="plan">By window: its lines.</param>
    public double Waited(int[][] plan, Future future)
    {
        Array.Clear(_joined);
        Array.Clear(_called);
        // Not a number: idle.
        for (var w = 0; w < _free.Length; w++) _free[w] = plan[w].Length == 0 ? double.PositiveInfinity : OpenFrom(w, future.Free[w]);
        var (waited, next) = (0.0, 0);
        while (true)
        {
            var window = NextFree();
            var at = window < 0 ? double.PositiveInfinity : _free[window];
            // Joins come before calls in one instant.
            var isJoin = next < future.Joins.Length && future.Joins[next].At <= at;
            if (isJoin) at = future.Joins[next].At;
            if (at >= endSeconds) break;
            var line = -1;
            if (isJoin)
            {
                line = future.Joins[next++].Line;
                _joined[line]++;
                window = LongestIdle(plan, line, at);
            }
            else
            {
                line = FirstLine(plan[window], future, at);
                if (line < 0)
                {
                    _idleSince[window] = at > 0 ? at : -floor.Windows[window].IdleForSeconds;
                    _free[window] = double.NaN;
                }
            }
            if (window < 0 || line < 0) continue;
            var visitor = _called[line]++;
            waited += at - Math.Max(0, future.Since[line][visitor]);
            _free[window] = OpenFrom(window, at + future.Holds[line][visitor]);
        }
        for (var line = 0; line < _joined.Length; line++)
            for (var visitor = _called[line]; visitor < _joined[line]; visitor++) waited += endSeconds - Math.Max(0, future.Since[line][visitor]);
        return waited;
    }

    private int NextFree()
    {
        var first = -1;
        var at = double.PositiveInfinity;
        for (var w = 0; w < _free.Length; w++)
            if (_free[w] < at) (first, at) = (w, _free[w]);
        return first;
    }

    private int FirstLine(int[] lines, Future future, double at)
    {
        var first = -1;
        var best = double.NegativeInfinity;
        foreach (var line in lines)
        {
            if (_called[line] == _joined[line]) continue;
            var score = _weights[line] * (at - future.Since[line][_called[line]]);
            if (score > best) (first, best) = (line, score);
        }
        return first;
    }

    private int LongestIdle(int[][] plan, int line, double at)
    {
        var best = -1;
        for (var w = 0; w < _free.Length; w++)
        {
            if (!double.IsNaN(_free[w])) continue;
            var open = OpenFrom(w, at);
            if (open > at) _free[w] = open;
            else if ((best < 0 || _idleSince[w] < _idleSince[best]) && Array.IndexOf(plan[w], line) >= 0) best = w;
        }
        return best;
    }

    /// <summary>The first moment from then on at which the window is open; infinity: never.</summary>
    private double OpenFrom(int window, double at)
    {
        foreach (var opening in _openings[window])
            if (at < opening.ClosesSeconds) return Math.Max(at, opening.OpensSeconds);
        return double.PositiveInfinity;
    }
}
