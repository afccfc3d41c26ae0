using System.Collections;
using HallOps.Core.Halls;
using HallOps.Silo;

namespace HallOps.Web.Problems;

/// <summary>Puts a hall's answer that is no success into the wire's words. The refusal's facts become members, times in the hall's offset.</summary>
public static class Refusals
{
    public static Problem ProblemOf(HallAnswer answer, HallCommand command) => answer switch
    {
        { Status: AnswerStatus.Refused, Refusal: { } refusal } => ProblemOf(refusal, command, answer.Zone),
        _ => Problem.Of(answer.Status.ToString()),
    };

    private static Problem ProblemOf(Refusal refusal, HallCommand command, TimeZoneInfo? zone)
    {
        var members = new List<(string, object?)>();
        if (FieldOf(refusal.Code, command) is { } field) members.Add(("field", field));
        foreach (var (name, value) in refusal.Facts)
            if (!IsSecret(refusal.Code, command)) members.Add((name, Local(value, zone)));
        return Problem.Of(refusal.Code.ToString(), [.. members]);
    }

    private static string? FieldOf(RefusalCode code, HallCommand command) => code switch
    {
        RefusalCode.UnknownService => command is Suspend or Resume ? "services" : "service",
        RefusalCode.UnknownLine => "lines",
        RefusalCode.UnknownClass => "class",
        RefusalCode.UnknownStaff => "staff",
        RefusalCode.IdentityRequired => "idNumber",
        _ => null,
    };

    // Whoever tries a stranger's telephone number from a phone must not be told that stranger's number and ticket.
    private static bool IsSecret(RefusalCode code, HallCommand command) => code == RefusalCode.AlreadyWaiting && command is IssueTicket { Remote: true };

    private static object? Local(object? value, TimeZoneInfo? zone) => value switch
    {
        Instant instant => WireTime.At(instant, zone),
        string => value,
        IEnumerable list => list.Cast<object?>().Select(item => Local(item, zone)).ToArray(),
        _ => value,
    };
}
