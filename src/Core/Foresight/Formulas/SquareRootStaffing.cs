namespace HallOps.Core.Foresight.Formulas;

/// <summary>
/// Windows = load + β √load: what is added for safety grows with the root of the load only, so that large halls need relatively less of it. Source: S. Halfin and W. Whitt, Heavy-traffic limits for queues
/// with many exponential servers, 1981.
/// </summary>
public static class SquareRootStaffing
{
    /// <summary>Rounded up.</summary>
    public static long Windows(double load, double beta)
    {
        Erlang.Check(load);
        if (!double.IsFinite(beta)) throw new ArgumentOutOfRangeException(nameof(beta), beta, "must be a number");
        return checked((long)Math.Max(0, Math.Ceiling(load + beta * Math.Sqrt(load))));
    }

    /// <summary>The limit of Erlang C for many windows: 1 ÷ (1 + β Φ(β) ÷ φ(β)).</summary>
    /// <param name="beta">Above 0; at 0 everybody waits.</param>
    public static double ProbabilityOfWaiting(double beta)
    {
        if (!(beta >= 0)) throw new ArgumentOutOfRangeException(nameof(beta), beta, "must be a number, at least 0");
        // Φ(β) ÷ φ(β) = 1 ÷ (2 φ(β)) + β + β³/3 + β⁵/(3·5) + …: positive terms only.
        var (term, sum) = (beta, beta);
        for (var k = 3; term > 1e-18 * sum; k += 2)
        {
            term *= beta * beta / k;
            sum += term;
        }
        return 1 / (1 + beta * (Math.Sqrt(2 * Math.PI) * Math.Exp(beta * beta / 2) / 2 + sum));
    }
}
