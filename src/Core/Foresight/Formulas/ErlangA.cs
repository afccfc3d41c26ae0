namespace HallOps.Core.Foresight.Formulas;

/// <summary>
/// Erlang A: M/M/c whose visitors leave after an exponential patience if not called by then. Stable at any load. Source: C. Palm 1946; formulas as in A. Mandelbaum and S. Zeltyn, Service engineering in
/// action: the Palm/Erlang-A queue, 2007. Sums have positive terms only and are scaled as they grow, so that neither 500 windows nor a hopeless overload leaves the range of a double.
/// </summary>
public sealed class ErlangA
{
    // Everything in units of one mean patience: departures from a hall that is full, arrivals.
    private readonly double _departures;
    private readonly double _arrivals;
    private readonly double _patience;

    /// <summary>Logarithm of the probability that all windows are busy and nobody waits.</summary>
    private readonly double _logFull;

    /// <param name="servers">At least 1.</param>
    /// <param name="load">Arrivals × mean service; above 0, and more than the servers can do if need be.</param>
    /// <param name="meanPatience">In the unit of <paramref name="meanService"/>.</param>
    public ErlangA(int servers, double load, double meanService, double meanPatience)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(servers, 1);
        Erlang.Check(load);
        ArgumentOutOfRangeException.ThrowIfZero(load);
        Erlang.CheckService(meanService);
        if (!(meanPatience > 0 && double.IsFinite(meanPatience))) throw new ArgumentOutOfRangeException(nameof(meanPatience), meanPatience, "must be a number above 0");
        (_departures, _arrivals, _patience) = (servers * meanPatience / meanService, load * meanPatience / meanService, meanPatience);

        // With the weights of Erlang B, which add up to 1, "all busy, k wait" weighs B × (arrivals)^k / ((departures + 1) … (departures + k)).
        var blocking = Erlang.B(servers, load);
        var (logSum, logWaiting) = Series(_departures, _arrivals);
        var logAllBusy = Math.Log(blocking) + logSum;
        var logTotal = LogSum(double.LogP1(-blocking), logAllBusy);
        _logFull = Math.Log(blocking) - logTotal;
        ProbabilityOfWaiting = Math.Exp(logAllBusy - logTotal);
        // Each one waiting leaves once a patience; Little's law for those who wait says the same of the mean.
        Abandoned = Math.Exp(_logFull + logWaiting) / _arrivals;
        MeanWait = Abandoned * meanPatience;
    }

    /// <summary>Of all arrivals.</summary>
    public double ProbabilityOfWaiting { get; }

    /// <summary>The share of all arrivals that leave.</summary>
    public double Abandoned { get; }

    /// <summary>Of all arrivals; of those who leave, until they do. In the unit of the mean service.</summary>
    public double MeanWait { get; }

    /// <summary>The share of all arrivals that are served after a wait of at most so long.</summary>
    public double ServedWithin(double within)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(within);
        // The wait somebody of endless patience would find has density departures × P(full) × exp(arrivals (1 − e^−v) − departures v) (Baccelli and Hébuterne 1981); who is served within the time has
        // more patience than that. Both parts of the integral are the series again, of one departure more.
        var v = within / _patience;
        var left = Math.Exp(-v);
        var log = _logFull + Math.Log(_departures / (_departures + 1));
        var all = Math.Exp(log + Series(_departures + 1, _arrivals).LogSum);
        var later = Math.Exp(log + _arrivals * (1 - left) - (_departures + 1) * v + Series(_departures + 1, _arrivals * left).LogSum);
        return 1 - ProbabilityOfWaiting + all - later;
    }

    /// <summary>Σ t(k) and Σ k t(k) over k ≥ 0, as logarithms, where t(0) = 1 and t(k) = t(k−1) × y ÷ (x + k).</summary>
    private static (double LogSum, double LogWaiting) Series(double x, double y)
    {
        const double TooLarge = 1e200;
        var (term, sum, waiting, log) = (1.0, 1.0, 0.0, 0.0);
        for (var k = 1.0; ; k++)
        {
            var ratio = y / (x + k);
            term *= ratio;
            sum += term;
            waiting += k * term;
            // Past the largest term the rest is less than a geometric series.
            if (ratio < 1 && k * term <= 1e-18 * (1 - ratio) * (1 - ratio) * waiting) return (log + Math.Log(sum), log + Math.Log(waiting));
            if (sum < TooLarge) continue;
            (term, sum, waiting, log) = (term / TooLarge, sum / TooLarge, waiting / TooLarge, log + Math.Log(TooLarge));
        }
    }

    private static double LogSum(double a, double b) => Math.Max(a, b) + double.LogP1(Math.Exp(-Math.Abs(a - b)));
}
