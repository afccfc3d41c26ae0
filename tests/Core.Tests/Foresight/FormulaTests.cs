using System.Globalization;
using System.Numerics;
using HallOps.Core.Foresight.Formulas;

namespace HallOps.Core.Tests.Foresight;

/// <summary>The formulas against what was published, to the digits printed there, and against the same sums on whole numbers of hundreds of digits. The table stands in docs/foresight.md.</summary>
public sealed class FormulaTests
{
    private const double Exactly = 1e-9;

    [Theory]
    // erlang.com, calculator manual: 15 lines that block one call in a hundred carry 8.108 erlangs.
    [InlineData(15, 8.108, 0.0100, 4)]
    // Closed forms: a² ÷ 2 ÷ (1 + a + a² ÷ 2).
    [InlineData(2, 1, 0.2, 12)]
    [InlineData(0, 3, 1, 12)]
    public void ErlangB_IsAsPublished(int servers, double load, double published, int digits) => Assert.Equal(published, Erlang.B(servers, load), digits);

    [Theory]
    // I. Angus, An introduction to Erlang B and Erlang C, 2001: 360 calls a half hour of 240 s, 55 agents.
    [InlineData(55, 48, 0.239, 3)]
    // F. Hillier, G. Lieberman, Introduction to Operations Research, the county hospital: 2 an hour, 3 an hour each of 2 doctors.
    [InlineData(2, 2 / 3.0, 1 / 6.0, 12)]
    public void ErlangC_IsAsPublished(int servers, double load, double published, int digits) => Assert.Equal(published, Erlang.C(servers, load), digits);

    [Fact]
    public void ErlangC_WaitsOfTheExamples_AreAsPublished()
    {
        Assert.Equal(1 / 24.0, Erlang.MeanWait(2, 2 / 3.0, 1 / 3.0), 12);
        Assert.Equal(8.2, Erlang.MeanWait(55, 48, 240), 1);
    }

    [Fact]
    public void ErlangA_OfFiftyAgents_IsAsPublished()
    {
        // O. Garnett, A. Mandelbaum, M. Reiman, Designing a call center with impatient customers, 2002: 48 calls a minute of one minute, patience two: 3.1 % leave, agents are busy 93 %; with Erlang C 20.8 s.
        var a = new ErlangA(50, 48, 60, 120);
        Assert.Equal(0.031, a.Abandoned, 3);
        Assert.Equal(0.93, 48 * (1 - a.Abandoned) / 50, 2);
        Assert.Equal(20.8, Erlang.MeanWait(50, 48, 60), 1);
    }

    [Theory]
    [InlineData(1, 0.5)]
    [InlineData(10, 5)]
    [InlineData(12, 11.999)]
    [InlineData(55, 48)]
    [InlineData(500, 480)]
    [InlineData(500, 499.5)]
    [InlineData(500, 200)]
    public void ErlangBAndC_OnWholeNumbers_AreTheSame(int servers, double load)
    {
        var (blocking, waiting) = WholeNumbers.BAndC(servers, load);
        Assert.InRange(Erlang.B(servers, load), blocking * (1 - Exactly), blocking * (1 + Exactly));
        Assert.InRange(Erlang.C(servers, load), waiting * (1 - Exactly), waiting * (1 + Exactly));
    }

    [Theory]
    [InlineData(1, 0.5, 2)]
    [InlineData(5, 20, 3)]
    [InlineData(50, 48, 2)]
    [InlineData(500, 480, 5)]
    [InlineData(500, 900, 4)]
    [InlineData(500, 499, 0.05)]
    public void ErlangA_OnWholeNumbers_IsTheSame(int servers, double load, double patience)
    {
        var a = new ErlangA(servers, load, 1, patience);
        var (waiting, abandoned) = WholeNumbers.A(servers, load, patience);
        Assert.InRange(a.ProbabilityOfWaiting, waiting * (1 - Exactly), waiting * (1 + Exactly));
        Assert.InRange(a.Abandoned, abandoned * (1 - Exactly), abandoned * (1 + Exactly));
        Assert.Equal(abandoned * patience, a.MeanWait, 9);
    }

    [Theory]
    [InlineData(3, 2.5, 2, 0.4)]
    [InlineData(5, 9, 1, 0.7)]
    [InlineData(20, 18, 3, 0.1)]
    public void ErlangA_ServedWithin_IsWhatTheStepsToTheFrontGive(int servers, double load, double patience, double within) =>
        Assert.Equal(ServedByStepping(servers, load, patience, within), new ErlangA(servers, load, 1, patience).ServedWithin(within), 9);

    [Fact]
    public void ErlangA_WithAllTheTimeInTheWorld_ServesWhoDoesNotLeave()
    {
        foreach (var (servers, load, patience) in ((int, double, double)[])[(1, 0.5, 2), (50, 48, 2), (500, 900, 4), (500, 480, 60)])
        {
            var a = new ErlangA(servers, load, 1, patience);
            Assert.Equal(1 - a.Abandoned, a.ServedWithin(1e6), 9);
            Assert.Equal(1 - a.ProbabilityOfWaiting, a.ServedWithin(0), 9);
        }
    }

    [Fact]
    public void ErlangA_OfEndlessPatience_IsErlangC()
    {
        var a = new ErlangA(10, 8, 240, 1e9);
        Assert.Equal(Erlang.C(10, 8), a.ProbabilityOfWaiting, 6);
        Assert.Equal(Erlang.MeanWait(10, 8, 240), a.MeanWait, 3);
        Assert.Equal(Erlang.ServedWithin(10, 8, 240, 300), a.ServedWithin(300), 5);
    }

    [Fact]
    public void SingleServer_OfExponentialAndConstantServices_IsAsPublished()
    {
        // Kleinrock 1975: M/M/1 waits ρ ÷ (1 − ρ) services, M/D/1 half of that.
        Assert.Equal(Erlang.MeanWait(1, 0.8, 60), SingleServer.MeanWait(0.8 / 60, 60, 1), 9);
        Assert.Equal(120, SingleServer.MeanWait(0.8 / 60, 60, 0), 9);
        Assert.Equal(double.PositiveInfinity, SingleServer.MeanWait(1, 1, 1));
    }

    [Fact]
    public void StrictPriority_OfTheCountyHospital_IsAsPublished()
    {
        // Hillier and Lieberman, nonpreemptive priorities, s = 2: 0.029, 0.033 and 0.048 hours.
        var waits = Priorities.Strict(2, 3, [0.2, 0.6, 1.2]);
        Assert.Equal([0.029, 0.033, 0.048], waits.Select(w => Math.Round(w, 3)));
        // 1 ÷ 36 ÷ ((1 − σ before) (1 − σ with)), on fractions.
        Assert.Equal(1 / 36.0 * 30 / 29, waits[0], 12);
        Assert.Equal(1 / 36.0 * 30 / 29 * 30 / 26, waits[1], 12);
        Assert.Equal(1 / 36.0 * 30 / 26 * 30 / 20, waits[2], 12);
    }

    [Fact]
    public void StrictPriority_BeyondCapacity_StillServesTheUrgent()
    {
        var waits = Priorities.Strict(2, 1, [1, 2]);
        Assert.Equal(1, waits[0], 12);
        Assert.Equal(double.PositiveInfinity, waits[1]);
    }

    [Fact]
    public void AccumulatingPriority_LiesBetweenFirstComeAndStrict_AndKeepsTheMeanOfAll()
    {
        double[] rates = [3, 5, 2];
        var (fair, strict) = (Erlang.MeanWait(4, 10 / 3.0, 1 / 3.0), Priorities.Strict(4, 3, rates));
        Assert.All(Priorities.Accumulating(4, 3, rates, [2, 2, 2]), wait => Assert.Equal(fair, wait, 12));
        var steep = Priorities.Accumulating(4, 3, rates, [1e9, 1, 1e-9]);
        for (var i = 0; i < rates.Length; i++) Assert.Equal(strict[i], steep[i], 6);
        // Kleinrock's conservation law: who is served in which order changes nothing for all together.
        var some = Priorities.Accumulating(4, 3, rates, [5, 2, 1]);
        Assert.Equal(fair, (3 * some[0] + 5 * some[1] + 2 * some[2]) / 10, 12);
        Assert.True(some[0] < some[1] && some[1] < some[2]);
        Assert.Equal([some[2], some[0], some[1]], Priorities.Accumulating(4, 3, [2, 3, 5], [1, 5, 2]));
    }

    [Fact]
    public void AccumulatingPriority_OfTwoClassesAtOneServer_IsKleinrocksFraction()
    {
        // ρ = 3/4 in two equal halves, slopes 2 and 1, mean service 1: W0 = 3/4, all wait 3. The lower: 3 ÷ (1 − 3/8 × 1/2) = 48/13; the higher: 3 − 3/8 × 48/13 × 1/2 = 30/13.
        var waits = Priorities.Accumulating(1, 1, [0.375, 0.375], [2, 1]);
        Assert.Equal(30 / 13.0, waits[0], 12);
        Assert.Equal(48 / 13.0, waits[1], 12);
    }

    [Theory]
    // Halfin and Whitt 1981: 1 ÷ (1 + β Φ(β) ÷ φ(β)), here with Φ by the error function of another library.
    [InlineData(0, 1)]
    [InlineData(0.5, 0.504538640998)]
    [InlineData(1, 0.223361274798)]
    [InlineData(2, 0.026881362429)]
    public void SquareRootStaffing_ProbabilityOfWaiting_IsHalfinAndWhitts(double beta, double expected) => Assert.Equal(expected, SquareRootStaffing.ProbabilityOfWaiting(beta), 9);

    [Fact]
    public void SquareRootStaffing_OfALargeHall_IsErlangCsLimit()
    {
        Assert.Equal(110, SquareRootStaffing.Windows(100, 1));
        Assert.Equal(SquareRootStaffing.ProbabilityOfWaiting(1), Erlang.C(1_001_000, 1_000_000), 2);
    }

    [Fact]
    public void Staffing_Fewest_IsEnoughAndOneFewerIsNot()
    {
        foreach (var patience in (double?[])[null, 300, 5_000])
            foreach (var arrivals in (double[])[0.5, 20, 60, 4_000])
            {
                var question = new StaffingQuestion(arrivals, 240, 600, patience);
                var fewest = question.Fewest(0.9)!;
                Assert.True(fewest.ServedWithin >= 0.9, $"{question}: {fewest}");
                Assert.True(fewest.Windows == 1 || (patience is null && fewest.Windows - 1 <= question.Load) || question.With(fewest.Windows - 1).ServedWithin < 0.9, $"{question}: {fewest}");
            }
    }

    [Fact]
    public void Staffing_OfTheExample_NeedsFiveWindows()
    {
        var five = new StaffingQuestion(60, 240, 600, null).Fewest(0.9)!;
        Assert.Equal((5, 4.0, 0.8), (five.Windows, five.Load, five.Occupancy));
        // C(5, 4): 4⁵ ÷ 5! × 5 = 128/3, over itself and 1 + 4 + 8 + 32/3 + 32/3.
        Assert.Equal(128 / 231.0, five.ProbabilityOfWaiting, 12);
        Assert.Equal(128 / 231.0 * 240, five.MeanWaitSeconds, 9);
        Assert.Equal(1 - 128 / 231.0 * Math.Exp(-2.5), five.ServedWithin, 12);
    }

    /// <summary>Who joins with k ahead and is served in time: the steps of those ahead, each a departure or a leaving, followed by a Runge-Kutta of small steps.</summary>
    private static double ServedByStepping(int servers, double load, double patience, double within)
    {
        const int Most = 200, Steps = 8_000;
        var weights = new double[servers + Most];
        weights[0] = 1;
        for (var n = 1; n < weights.Length; n++) weights[n] = weights[n - 1] * load / (n <= servers ? n : servers + (n - servers) / patience);
        var total = weights.Sum();
        var served = new double[Most];
        var step = within / Steps;
        for (var i = 0; i < Steps; i++)
        {
            var k1 = Slope(served);
            var k2 = Slope(Plus(served, k1, step / 2));
            var k3 = Slope(Plus(served, k2, step / 2));
            var k4 = Slope(Plus(served, k3, step));
            for (var k = 0; k < Most; k++) served[k] += step / 6 * (k1[k] + 2 * k2[k] + 2 * k3[k] + k4[k]);
        }
        return (weights[..servers].Sum() + served.Select((s, k) => s * weights[servers + k]).Sum()) / total;

        double[] Slope(double[] u) => [.. u.Select((_, k) => (servers + k / patience) * (k == 0 ? 1 : u[k - 1]) - (servers + (k + 1) / patience) * u[k])];
        static double[] Plus(double[] u, double[] slope, double by) => [.. u.Zip(slope, (a, b) => a + by * b)];
    }

    /// <summary>The defining sums, on whole numbers of units of 10⁻⁴⁰⁰, so that nothing is lost that a double could show.</summary>
    private static class WholeNumbers
    {
        private static readonly BigInteger One = BigInteger.Pow(10, 400);

        public static (double B, double C) BAndC(int servers, double load)
        {
            var (term, sum) = (One, One);
            for (var n = 1; n < servers; n++) sum += term = Times(term, load) / n;
            var full = Times(term, load) / servers;
            // C: the same, with all that wait: full × c ÷ (c − a).
            var waiting = full * servers * Fraction / (servers * Fraction - Exact(load));
            return (Ratio(full, sum + full), Ratio(waiting, sum + waiting));
        }

        public static (double Waiting, double Abandoned) A(int servers, double load, double patience)
        {
            var (term, sum, busy, queue) = (One, BigInteger.Zero, BigInteger.Zero, BigInteger.Zero);
            for (var n = 0; n <= servers || !term.IsZero; n++)
            {
                if (n > 0) term = n <= servers ? Times(term, load) / n : Times(term, load) * Exact(patience) / (servers * Exact(patience) + (n - servers) * Fraction);
                sum += term;
                if (n < servers) continue;
                busy += term;
                queue += term * (n - servers);
            }
            // Leaving: the mean number waiting ÷ patience, of load arrivals.
            return (Ratio(busy, sum), Ratio(queue, sum) / patience / load);
        }

        // A double is a whole number of 2⁻⁶⁰ at these sizes but for what is far below 1e-9; the same whole number stands for it throughout.
        private static readonly BigInteger Fraction = BigInteger.Pow(2, 60);

        private static BigInteger Exact(double n) => new BigInteger(Math.Floor(n)) * Fraction + new BigInteger((n - Math.Floor(n)) * Math.Pow(2, 60));

        private static BigInteger Times(BigInteger term, double by) => term * Exact(by) / Fraction;

        private static double Ratio(BigInteger part, BigInteger of) => double.Parse($"{part * BigInteger.Pow(10, 320) / of}E-320", CultureInfo.InvariantCulture);
    }
}
