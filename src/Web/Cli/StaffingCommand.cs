using HallOps.Core.Foresight.Formulas;
using HallOps.Web.Storage;

namespace HallOps.Web.Cli;

/// <summary><c>staffing</c>: how many windows a line needs, or how a number of them does.</summary>
internal static class StaffingCommand
{
    public static readonly string[] Options = ["arrivals-per-hour", "service-seconds", "within-seconds", "target", "windows", "patience-seconds"];

    public static int Run(Func<string, string?> option)
    {
        var question = new StaffingQuestion(
            Numbers.Of("arrivals-per-hour", option("arrivals-per-hour"), above: true), Numbers.Of("service-seconds", option("service-seconds"), above: true),
            Numbers.Of("within-seconds", option("within-seconds")), Numbers.OfOrNone("patience-seconds", option("patience-seconds"), above: true));
        if (question.Load > StaffingQuestion.MostWindows)
            throw new StartRefusedException(FormattableString.Invariant($"--arrivals-per-hour times --service-seconds must be the work of at most {StaffingQuestion.MostWindows} windows, was {question.Load:0.###}."));
        // A hundred million arrivals within one patience: nobody leaves any more, and the sum over them would take its time.
        if (question.ArrivalsPerHour * question.PatienceSeconds / 3600 > 1e8)
            throw new StartRefusedException(FormattableString.Invariant($"--patience-seconds must be shorter at {question.ArrivalsPerHour} arrivals an hour, was {question.PatienceSeconds}: leave it out where nobody leaves."));
        var result = option("windows") is { } windows ? With(question, Numbers.Whole("windows", windows, 1)) : Fewest(question, option("target"));
        JsonOutput.Print(readable: true, (json, _) =>
        {
            json.WriteStartObject();
            json.WriteNumber("windows", result.Windows);
            json.WriteNumber("load", result.Load);
            json.WriteNumber("occupancy", result.Occupancy);
            json.WriteNumber("probabilityOfWaiting", result.ProbabilityOfWaiting);
            json.WriteNumber("meanWaitSeconds", result.MeanWaitSeconds);
            json.WriteNumber("servedWithin", result.ServedWithin);
            if (result.Abandoned is { } abandoned) json.WriteNumber("abandoned", abandoned);
            json.WriteEndObject();
        });
        return 0;
    }

    private static StaffingResult With(StaffingQuestion question, int windows) =>
        question.PatienceSeconds is null && windows <= question.Load
            ? throw new StartRefusedException(FormattableString.Invariant($"--windows must be more than the load of {question.Load:0.###}, was {windows}: the line would grow without end; give --patience-seconds if people leave."))
            : question.With(windows);

    private static StaffingResult Fewest(StaffingQuestion question, string? target)
    {
        var share = Numbers.Of("target", target, above: true);
        if (share >= 1) throw new StartRefusedException($"--target must be a share below 1, was \"{target}\".");
        return question.Fewest(share) ?? throw new StartRefusedException(FormattableString.Invariant($"--target cannot be reached with {StaffingQuestion.MostWindows} windows."));
    }
}
