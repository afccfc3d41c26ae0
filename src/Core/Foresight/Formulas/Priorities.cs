namespace HallOps.Core.Foresight.Formulas;

/// <summary>Mean waits by class in M/M/c whose classes share one exponential service time. Nobody is interrupted.</summary>
public static class Priorities
{
    /// <summary>
    /// Strict priority. Source: A. Cobham 1954; O. Kella and U. Yechiali, Waiting times in the non-preemptive priority M/M/c queue, 1985.
    /// </summary>
    /// <param name="serviceRate">Of one server, in the unit of the arrival rates.</param>
    /// <param name="arrivalRates">By class, the most urgent first.</param>
    /// <returns>In the same order; infinite for the classes that the servers cannot reach any more.</returns>
    public static double[] Strict(int servers, double serviceRate, IReadOnlyList<double> arrivalRates)
    {
        var (unit, _) = Check(servers, serviceRate, arrivalRates);
        var waits = new double[arrivalRates.Count];
        var before = 0.0;
        for (var i = 0; i < waits.Length; i++)
        {
            var with = before + arrivalRates[i] / (servers * serviceRate);
            waits[i] = with >= 1 ? double.PositiveInfinity : unit / ((1 - before) * (1 - with));
            before = with;
        }
        return waits;
    }

    /// <summary>
    /// Accumulating priority: a class's score grows by its slope with every unit waited. Source: L. Kleinrock, A delay dependent queue discipline, 1964, and Queueing Systems II, 1976, sec. 3.7, for one
    /// server; with services alike the step to c servers changes only what an arrival finds to be done (D. Stanford, P. Taylor, I. Ziedins, Waiting time distributions in the accumulating priority queue, 2014).
    /// </summary>
    /// <param name="slopes">By class, above 0, in any order.</param>
    /// <returns>In the order given; infinite where the load is too much: then nobody's wait has an end.</returns>
    public static double[] Accumulating(int servers, double serviceRate, IReadOnlyList<double> arrivalRates, IReadOnlyList<double> slopes)
    {
        var (unit, load) = Check(servers, serviceRate, arrivalRates);
        if (slopes.Count != arrivalRates.Count || slopes.Any(s => !(s > 0 && double.IsFinite(s))))
            throw new ArgumentOutOfRangeException(nameof(slopes), string.Join(',', slopes), "must be as many numbers above 0 as there are arrival rates");
        var waits = new double[slopes.Count];
        Array.Fill(waits, double.PositiveInfinity);
        var occupancy = load / servers;
        if (occupancy >= 1) return waits;

        // From the lowest slope up: a class's wait depends on the waits of those it overtakes, and on the load of those that overtake it.
        var ascending = Enumerable.Range(0, waits.Length).OrderBy(i => slopes[i]).ToArray();
        for (var at = 0; at < ascending.Length; at++)
        {
            var mine = ascending[at];
            var (saved, added) = (0.0, 0.0);
            foreach (var lower in ascending[..at]) saved += Occupancy(lower) * waits[lower] * (1 - slopes[lower] / slopes[mine]);
            foreach (var higher in ascending[(at + 1)..]) added += Occupancy(higher) * (1 - slopes[mine] / slopes[higher]);
            waits[mine] = (unit / (1 - occupancy) - saved) / (1 - added);
        }
        return waits;

        double Occupancy(int i) => arrivalRates[i] / (servers * serviceRate);
    }

    /// <summary>The mean time, over all arrivals, until a busy hall has the next window free; and the load.</summary>
    private static (double Unit, double Load) Check(int servers, double serviceRate, IReadOnlyList<double> arrivalRates)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(servers, 1);
        if (!(serviceRate > 0 && double.IsFinite(serviceRate))) throw new ArgumentOutOfRangeException(nameof(serviceRate), serviceRate, "must be a number above 0");
        foreach (var rate in arrivalRates) Erlang.Check(rate);
        var load = arrivalRates.Sum() / serviceRate;
        return (Erlang.C(servers, load) / (servers * serviceRate), load);
    }
}
