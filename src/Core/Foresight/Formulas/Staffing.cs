namespace HallOps.Core.Foresight.Formulas;

/// <summary>How a number of windows does for one line of steady arrivals. Shares in [0, 1], nothing rounded.</summary>
/// <param name="Load">Arrivals × mean service, in windows.</param>
/// <param name="Occupancy">The share of a window's time in which it serves.</param>
/// <param name="MeanWaitSeconds">Over all who come.</param>
/// <param name="ServedWithin">Served in time ÷ offered.</param>
/// <param name="Abandoned">Null where nobody leaves.</param>
public sealed record StaffingResult(int Windows, double Load, double Occupancy, double ProbabilityOfWaiting, double MeanWaitSeconds, double ServedWithin, double? Abandoned);

/// <summary>How many windows a line needs: Erlang C, or Erlang A where visitors leave.</summary>
/// <param name="PatienceSeconds">Mean; null: everybody waits.</param>
public sealed record StaffingQuestion(double ArrivalsPerHour, double ServiceSeconds, double WithinSeconds, double? PatienceSeconds)
{
    /// <summary>A million: more than any line has.</summary>
    public const int MostWindows = 1_000_000;

    public double Load => ArrivalsPerHour * ServiceSeconds / 3600;

    /// <summary>The fewest windows that serve the share within the time; null where even <see cref="MostWindows"/> do not.</summary>
    /// <param name="share">Above 0 and below 1.</param>
    public StaffingResult? Fewest(double share)
    {
        if (!(share is > 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(share), share, "must be a number between 0 and 1");
        // More windows never serve fewer in time: doubled until enough, then halved in between.
        var few = PatienceSeconds is null ? (int)Math.Min(Math.Floor(Load), MostWindows) : 0;
        var enough = few + 1;
        while (enough <= MostWindows && With(enough).ServedWithin < share) enough += enough - few;
        if (enough > MostWindows) return null;
        while (enough - few > 1)
        {
            var middle = few + (enough - few) / 2;
            if (With(middle).ServedWithin >= share) enough = middle;
            else few = middle;
        }
        return With(enough);
    }

    /// <param name="windows">At least 1; more than the load where nobody leaves.</param>
    public StaffingResult With(int windows)
    {
        if (PatienceSeconds is { } patience)
        {
            var a = new ErlangA(windows, Load, ServiceSeconds, patience);
            return new StaffingResult(windows, Load, Load * (1 - a.Abandoned) / windows, a.ProbabilityOfWaiting, a.MeanWait, a.ServedWithin(WithinSeconds), a.Abandoned);
        }
        if (windows <= Load) throw new ArgumentOutOfRangeException(nameof(windows), windows, "must be more than the load");
        return new StaffingResult(windows, Load, Load / windows, Erlang.C(windows, Load), Erlang.MeanWait(windows, Load, ServiceSeconds), Erlang.ServedWithin(windows, Load, ServiceSeconds, WithinSeconds), null);
    }
}
