using System.Globalization;
using HallOps.Web.Storage;

namespace HallOps.Web.Reports;

/// <summary>What figures are to reach in this deployment, from the settings <c>HallOps:Reports:Targets:…</c>. Shares are from 0 to 1; null: nothing was agreed on, and nothing is said.</summary>
public sealed record ReportTargets
{
    public const string Section = "HallOps:Reports:Targets";

    /// <summary>A day: who waits longer has gone home.</summary>
    private const int MostMinutes = 1_440;

    /// <summary>Every rate that may have one, by its name in the settings, in the order people are told of them.</summary>
    public static readonly IReadOnlyList<string> Shares = [nameof(InTime), nameof(NoShow), nameof(Abandonment), nameof(LeftUnserved), nameof(Satisfaction), nameof(Response), nameof(DoneAtOnce), nameof(CameAgain), nameof(Faster), nameof(ToldRight)];

    /// <summary>What a wait should at most be where neither the question nor the line says: a line's wait turns yellow at a quarter of an hour where the hall's document says nothing.</summary>
    public int WaitMinutes { get; init; } = 15;

    /// <summary>The share of all who came to wait that is answered within the target of waits, at least.</summary>
    public double? InTime { get; init; }

    /// <summary>At most.</summary>
    public double? NoShow { get; init; }

    /// <summary>At most.</summary>
    public double? Abandonment { get; init; }

    /// <summary>At most.</summary>
    public double? LeftUnserved { get; init; }

    /// <summary>At least.</summary>
    public double? Satisfaction { get; init; }

    /// <summary>At least.</summary>
    public double? Response { get; init; }

    /// <summary>当场办结率, at least.</summary>
    public double? DoneAtOnce { get; init; }

    /// <summary>二次办理率, at most.</summary>
    public double? CameAgain { get; init; }

    /// <summary>承诺提速率, at least: a service that promises more than two thirds of its statutory days is warned of in its document too.</summary>
    public double? Faster { get; init; } = 1 / 3d;

    /// <summary>At least.</summary>
    public double? ToldRight { get; init; }

    /// <summary>Whether a key is one of these settings.</summary>
    public static bool IsSetting(string key) => Shares.Append(nameof(WaitMinutes)).Any(name => string.Equals(key, $"{Section}:{name}", StringComparison.OrdinalIgnoreCase));

    /// <exception cref="StartRefusedException">One is wrong; the message names it.</exception>
    public static ReportTargets Read(IConfiguration all)
    {
        ArgumentNullException.ThrowIfNull(all);
        var section = all.GetSection(Section);
        var defaults = new ReportTargets();
        var minutes = defaults.WaitMinutes;
        if (section[nameof(WaitMinutes)] is { Length: > 0 } text && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out minutes) && minutes is >= 1 and <= MostMinutes))
            throw new StartRefusedException($"{Section}:{nameof(WaitMinutes)} must be a whole number of minutes from 1 to {MostMinutes}, was \"{text}\".");
        double? Share(string name, double? otherwise = null) => section[name] switch
        {
            null => otherwise,
            // Taken back.
            "" => null,
            var share when double.TryParse(share, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value <= 1 => value,
            var wrong => throw new StartRefusedException($"{Section}:{name} must be a share from 0 to 1, like 0.9 for 90 %, was \"{wrong}\"."),
        };
        return new ReportTargets
        {
            WaitMinutes = minutes, InTime = Share(nameof(InTime)), NoShow = Share(nameof(NoShow)), Abandonment = Share(nameof(Abandonment)), LeftUnserved = Share(nameof(LeftUnserved)), Satisfaction = Share(nameof(Satisfaction)),
            Response = Share(nameof(Response)), DoneAtOnce = Share(nameof(DoneAtOnce)), CameAgain = Share(nameof(CameAgain)), Faster = Share(nameof(Faster), defaults.Faster), ToldRight = Share(nameof(ToldRight)),
        };
    }
}
