using System.Globalization;
using HallOps.Web.Storage;

namespace HallOps.Web.Cli;

/// <summary>Numbers given as options. What cannot be one is bad input, in a line that names the option.</summary>
internal static class Numbers
{
    /// <param name="given">Null: the option is missing, which is wrong usage.</param>
    public static double Of(string option, string? given, double least = 0, bool above = false)
    {
        if (given is null) throw new WrongUsageException($"--{option} is missing");
        return TryRead(given, out var n) && (above ? n > least : n >= least) && n <= Largest ? n
            : throw new StartRefusedException(FormattableString.Invariant($"--{option} must be a number {(above ? "above" : "of at least")} {least}{(n > Largest ? " and at most 1e12" : "")}, was \"{given}\"."));
    }

    public static double? OfOrNone(string option, string? given, bool above) => given is null ? null : Of(option, given, above: above);

    public static int Whole(string option, string? given, int least)
    {
        if (given is null) throw new WrongUsageException($"--{option} is missing");
        return int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n >= least && n <= Most ? n
            : throw new StartRefusedException(FormattableString.Invariant($"--{option} must be a whole number from {least} to {Most}, was \"{given}\"."));
    }

    public static double[] List(string option, string? given, bool above)
    {
        if (given is null) throw new WrongUsageException($"--{option} is missing");
        return [.. given.Split(',').Select(n => Of(option, n.Trim(), above: above))];
    }

    // A million windows: more than anybody staffs, and no sum over them takes longer than a moment.
    private const int Most = Core.Foresight.Formulas.StaffingQuestion.MostWindows;

    private const double Largest = 1e12;

    private static bool TryRead(string given, out double n) => double.TryParse(given, NumberStyles.Float, CultureInfo.InvariantCulture, out n) && double.IsFinite(n);
}
