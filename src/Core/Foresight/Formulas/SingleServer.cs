namespace HallOps.Core.Foresight.Formulas;

/// <summary>M/G/1, first come, first served: one window, Poisson arrivals, any service time. Source: F. Pollaczek 1930, A. Khinchine 1932; L. Kleinrock, Queueing Systems I, 1975, eq. 5.72.</summary>
public static class SingleServer
{
    /// <param name="meanService">In the unit that <paramref name="arrivalRate"/> is per.</param>
    /// <param name="scv">Squared coefficient of variation of the service time: 0 constant, 1 exponential.</param>
    /// <returns>Infinite where more comes than can be served.</returns>
    public static double MeanWait(double arrivalRate, double meanService, double scv)
    {
        Erlang.Check(arrivalRate);
        Erlang.CheckService(meanService);
        if (!(scv >= 0 && double.IsFinite(scv))) throw new ArgumentOutOfRangeException(nameof(scv), scv, "must be a number, at least 0");
        var load = arrivalRate * meanService;
        return load >= 1 ? double.PositiveInfinity : load * meanService * (1 + scv) / (2 * (1 - load));
    }
}
