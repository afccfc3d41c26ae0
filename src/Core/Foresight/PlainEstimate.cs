using HallOps.Core.Halls;

namespace HallOps.Core.Foresight;

/// <summary>
/// The estimate until foresight exists: median = (ahead + 1) × expected minutes ÷ open windows with the line in their profile; low is half of it, high twice.
/// </summary>
public static class PlainEstimate
{
    /// <summary>Minutes of service assumed where a service gives none.</summary>
    public const double AssumedMinutes = 5;

    /// <summary>Null without an open window.</summary>
    public static Estimate? For(int ahead, double? expectedMinutes, int openWindows)
    {
        if (openWindows == 0) return null;
        var median = (ahead + 1) * (expectedMinutes ?? AssumedMinutes) * 60 / openWindows;
        return new Estimate((int)Math.Round(median / 2), (int)Math.Round(median), (int)Math.Round(median * 2));
    }

    /// <summary>For one who joins a line now and has not said for what: the mean of the line's services.</summary>
    public static Estimate? For(LineState line) => For(line.Waiting, line.MeanExpectedMinutes, line.OpenWindows);

    /// <summary>The mean of what a line's services give; null where none gives any.</summary>
    public static double? MeanMinutes(HallSettings settings, LineId line)
    {
        var given = settings.Services.Where(s => s.Line == line && s.ExpectedMinutes is not null).Select(s => s.ExpectedMinutes!.Value).ToList();
        return given.Count == 0 ? null : given.Average();
    }

    /// <summary>What a service's estimate is of its line's: the factor with which whoever chooses it is told beforehand what the ticket will say. Greater than 0.</summary>
    public static double Pace(HallSettings settings, ServiceSettings service) =>
        (service.ExpectedMinutes ?? AssumedMinutes) / (MeanMinutes(settings, service.Line) ?? AssumedMinutes);
}
