using HallOps.Core.Halls;
using HallOps.Web.Tickets;

namespace HallOps.Web.Windows;

/// <param name="Staff">Left out: who the account is in this hall.</param>
public sealed record SitBody(string? Staff);

public sealed record PauseBody(PauseReason? Reason, DateTimeOffset? Until);

/// <param name="Missing">The materials that were missing, in words.</param>
public sealed record OutcomeBody(FinishOutcome? Outcome, string? Missing);

/// <param name="Items">Cases handed in on this number; left out: as many as were said when it was issued, else 1.</param>
public sealed record FinishBody(FinishOutcome? Outcome, string? Missing, int? Items);

public sealed record NumberBody(string? Number);

public sealed record StageBody(Stage? Stage);

/// <summary>One of line, service and window.</summary>
/// <param name="KeepPlace">Waiting counts from the first issue; left out: from now.</param>
/// <param name="ReturnHere">Back to this window when that is done.</param>
public sealed record TransferBody(string? Line, string? Service, string? Window, bool? KeepPlace, bool? ReturnHere);

public sealed record CallBody(string? Number, string? Reason);

public sealed record ProfileBody(IReadOnlyList<ProfileLineBody>? Lines);

public sealed record ProfileLineBody(string? Line, int? AfterMinutes, int? OnlyAfterWaitMinutes);

/// <summary>What "next" did; <paramref name="Called"/> is null when nobody waits.</summary>
public sealed record FinishedAndCalled(ClerkTicket? Finished, ClerkTicket? Called);

public sealed record WindowNow(string Window, WindowStatus State, string? Account, string? Staff, PauseReason? Reason, DateTimeOffset? Until, string? Ticket)
{
    public static WindowNow Of(WindowReply w, TimeZoneInfo? zone) => new(w.Window.Value, w.State, w.Account, w.Staff?.Value, w.Reason, WireTime.At(w.Until, zone), w.Ticket);
}
