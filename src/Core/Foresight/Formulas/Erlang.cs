namespace HallOps.Core.Foresight.Formulas;

/// <summary>
/// Erlang's formulas: Poisson arrivals, exponential services, one line, <c>servers</c> alike. <c>load</c> is arrivals × mean service, in erlangs. Source: A. K. Erlang 1917; the recursion and the step
/// from B to C as in R. B. Cooper, Introduction to Queueing Theory, 2nd ed. 1981, ch. 3. Relative error below 1e-12 up to thousands of servers: nothing is subtracted that nearly cancels, no factorial is formed.
/// </summary>
public static class Erlang
{
    /// <summary>Erlang B: the share of arrivals that find every server busy where nobody waits.</summary>
    /// <param name="servers">0 or more.</param>
    /// <param name="load">0 or more.</param>
    public static double B(int servers, double load)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(servers);
        Check(load);
        var blocking = 1.0;
        for (var n = 1; n <= servers; n++) blocking = load * blocking / (n + load * blocking);
        return blocking;
    }

    /// <summary>Erlang C: the share of arrivals that wait where everybody does; 1 where the load is more than the servers can do.</summary>
    public static double C(int servers, double load)
    {
        var blocking = B(servers, load);
        return load >= servers ? 1 : servers * blocking / (servers - load * (1 - blocking));
    }

    /// <summary>Mean wait of all arrivals in M/M/c, in the unit of <paramref name="meanService"/>; infinite where the load is too much.</summary>
    public static double MeanWait(int servers, double load, double meanService)
    {
        CheckService(meanService);
        return load >= servers ? double.PositiveInfinity : C(servers, load) * meanService / (servers - load);
    }

    /// <summary>The share of arrivals whose wait is at most <paramref name="within"/> in M/M/c, first come, first served.</summary>
    public static double ServedWithin(int servers, double load, double meanService, double within)
    {
        CheckService(meanService);
        ArgumentOutOfRangeException.ThrowIfNegative(within);
        return load >= servers ? 0 : 1 - C(servers, load) * Math.Exp(-(servers - load) * within / meanService);
    }

    internal static void Check(double load)
    {
        if (!(load >= 0 && double.IsFinite(load))) throw new ArgumentOutOfRangeException(nameof(load), load, "must be a number, at least 0");
    }

    internal static void CheckService(double meanService)
    {
        if (!(meanService > 0 && double.IsFinite(meanService))) throw new ArgumentOutOfRangeException(nameof(meanService), meanService, "must be a number above 0");
    }
}
