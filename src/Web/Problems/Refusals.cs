using System.Collections;
using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Web.Storage;

namespace HallOps.Web.Problems;

/// <summary>Puts a hall's answer that is no success into the wire's words. The refusal's facts become members, times in the hall's offset, texts' words in the place of their hashes.</summary>
public static class Refusals
{
    public static Problem ProblemOf(HallAnswer answer, HallCommand command, ITexts texts) => answer switch
    {
        { Status: AnswerStatus.Refused, Refusal: { } refusal } => ProblemOf(refusal, command, answer.Zone, texts),
        _ => Problem.Of(answer.Status.ToString()),
    };

    private static Problem ProblemOf(Refusal refusal, HallCommand command, TimeZoneInfo? zone, ITexts texts)
    {
        var members = new List<(string, object?)>();
        if (FieldOf(refusal.Code, command) is { } field) members.Add(("field", field));
        foreach (var (name, value) in refusal.Facts)
            if (!IsSecret(refusal.Code, command)) members.Add((name, Shown(value, zone, texts)));
        return Problem.Of(refusal.Code.ToString(), [.. members]);
    }

    private static string? FieldOf(RefusalCode code, HallCommand command) => code switch
    {
        RefusalCode.UnknownService => command is Suspend or Resume ? "services" : "service",
        RefusalCode.UnknownLine => command is Transfer ? "line" : "lines",
        RefusalCode.UnknownClass => "class",
        RefusalCode.UnknownStaff => "staff",
        RefusalCode.IdentityRequired => "idNumber",
        RefusalCode.UnknownZone => "zone",
        RefusalCode.NoticeOver => "until",
        RefusalCode.SlotClosed or RefusalCode.SlotFull => "slot",
        _ => null,
    };

    // Whoever tries a stranger's telephone number from a phone must not be told that stranger's number and ticket.
    private static bool IsSecret(RefusalCode code, HallCommand command) => code switch
    {
        RefusalCode.AlreadyWaiting => command is IssueTicket { Remote: true } or CheckIn { Remote: true },
        // Nor the code of the other one who moves: the slot may be another's for whom the same telephone was given.
        RefusalCode.AlreadyBooked => command is BookAppointment { Remote: true } or MoveAppointment,
        _ => false,
    };

    private static object? Shown(object? value, TimeZoneInfo? zone, ITexts texts) => value switch
    {
        Instant instant => WireTime.At(instant, zone),
        TextHash hash => texts.Find(hash),
        Alternative other => new AlternativeView(other.Kind, WireTime.At(other.At, zone)),
        string => value,
        IEnumerable list => list.Cast<object?>().Select(item => Shown(item, zone, texts)).ToArray(),
        _ => value,
    };
}
