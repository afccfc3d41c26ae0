namespace HallOps.Silo.Projections;

/// <summary>What an event changes in the tables of reports.</summary>
/// <param name="Due">Days that have ended and whose figures the event changes.</param>
/// <param name="RecutBefore">The hall is on another clock, and with it the hours and the ends of every day before this one; null: it is not.</param>
internal readonly record struct ReportFact(LegRow[] Legs, CallRow? Call, WindowFact[] Windows, string[] Due, string? RecutBefore = null);

/// <summary>A summons: a row of the table <c>calls</c>, which never changes.</summary>
internal sealed record CallRow(long Hall, long Sequence, long Ticket, int Leg, string Day, long At, string Window, string? Staff, string Reason, int Overtook, long? FirstOvertaken);

internal enum WindowFactKind : byte
{
    /// <summary>From then on the window's time goes to this.</summary>
    Turned,
    /// <summary>The service began then already: what was walking since was service.</summary>
    Began,
    /// <summary>The service that was taken to begin then did not: what was service since was walking.</summary>
    NeverBegan,
}

/// <summary>What became of a window's time.</summary>
/// <param name="Window">Empty: the hall itself.</param>
/// <param name="Use">Of <see cref="WindowFactKind.Turned"/>; null: there is no such window any more.</param>
internal readonly record struct WindowFact(WindowFactKind Kind, string Window, string? Use, string? Reason, string? Staff, long At);
