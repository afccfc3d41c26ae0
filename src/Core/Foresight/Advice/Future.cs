namespace HallOps.Core.Foresight.Advice;

/// <summary>
/// One way the next while may turn out: who comes when, and how long everybody takes. Drawn from what is expected, the same from the same seed; each visitor takes as long at whichever window, so that two
/// plans differ by what they do and not by luck.
/// </summary>
internal sealed class Future
{
    private Future(int lines, int windows) => (Since, Holds, Free) = (new double[lines][], new double[lines][], new double[windows]);

    /// <summary>By line, in the order in which they may be called: since when each waits; below 0 who waited before.</summary>
    public double[][] Since { get; }

    /// <summary>For how long each holds a window.</summary>
    public double[][] Holds { get; }

    /// <summary>By window: when the service in progress ends; 0 where there is none.</summary>
    public double[] Free { get; }

    /// <summary>When somebody becomes callable, and in which line; earliest first. Who is callable at once stands at 0.</summary>
    public (double At, int Line)[] Joins { get; private set; } = [];

    /// <param name="until">Nobody is drawn who comes later.</param>
    public static Future Draw(FloorView floor, double until, ulong seed)
    {
        var chance = new Chance(seed);
        var future = new Future(floor.Lines.Count, floor.Windows.Count);
        var joins = new List<(double At, int Line)>();
        for (var line = 0; line < floor.Lines.Count; line++)
        {
            var drawn = Visitors(floor.Lines[line], until, ref chance);
            // Stable: of those callable at once the order of waiting stays.
            var inOrder = drawn.OrderBy(v => v.Callable).ToArray();
            future.Since[line] = [.. inOrder.Select(v => v.Since)];
            future.Holds[line] = [.. inOrder.Select(v => v.Hold)];
            foreach (var visitor in inOrder) joins.Add((visitor.Callable, line));
        }
        for (var i = 0; i < floor.Windows.Count; i++)
            if (floor.Windows[i].Serving is { } serving) future.Free[i] = chance.Remaining(serving.HoldSeconds, serving.ElapsedSeconds);
        joins.Sort(static (a, b) => a.At != b.At ? a.At.CompareTo(b.At) : a.Line.CompareTo(b.Line));
        future.Joins = [.. joins];
        return future;
    }

    private static List<(double Since, double Callable, double Hold)> Visitors(FloorLine line, double until, ref Chance chance)
    {
        var visitors = new List<(double Since, double Callable, double Hold)>();
        foreach (var visitor in line.Waiting) visitors.Add((-visitor.WaitedSeconds, visitor.CallableInSeconds, chance.Service(line.HoldSeconds)));
        foreach (var expected in line.Expected)
        {
            if (expected.PerHour <= 0) continue;
            var last = Math.Min(expected.ToSeconds, until);
            for (var at = expected.FromSeconds + chance.Exponential(3600 / expected.PerHour); at < last; at += chance.Exponential(3600 / expected.PerHour))
                visitors.Add((at, at, chance.Service(line.HoldSeconds)));
        }
        return visitors;
    }

    /// <summary>SplitMix64 (G. Steele, D. Lea, C. Flood 2014): the same numbers from the same seed on every machine and runtime.</summary>
    private struct Chance(ulong seed)
    {
        private ulong _state = seed;

        public double Exponential(double mean) => -mean * Math.Log(1 - Next());

        // Two equal exponential parts: services at a window vary less than exponential times do, and more than not at all.
        public double Service(double mean) => Exponential(mean / 2) + Exponential(mean / 2);

        // In the first part still with probability 1 ÷ (1 + elapsed ÷ mean of a part).
        public double Remaining(double mean, double elapsed)
        {
            var isInFirst = Next() < 1 / (1 + elapsed / (mean / 2));
            var second = Exponential(mean / 2);
            var first = Exponential(mean / 2);
            return isInFirst ? first + second : second;
        }

        private double Next()
        {
            _state += 0x9E3779B97F4A7C15;
            var z = _state;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
        }
    }
}
