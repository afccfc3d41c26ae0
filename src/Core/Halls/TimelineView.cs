using HallOps.Core.Calendars;

namespace HallOps.Core.Halls;

/// <summary>A hall's running day for everybody who may come: when it is open and when numbers are given. Who works there is not said.</summary>
/// <param name="Day">What the date is.</param>
/// <param name="IssuesAt">When numbers are given again, where they are not now; null where they are, or not within 31 days.</param>
public sealed record TimelineView(DateOnly Date, DayKind Day, IReadOnlyList<SessionView> Sessions, IReadOnlyList<StretchView> Issuing, DateTimeOffset? IssuesAt)
{
    /// <summary>Null for a hall that is always open.</summary>
    public static TimelineView? Of(HallState state)
    {
        if (state.Settings.Calendar.Always) return null;
        var today = Timetable.Of(state, state.Day);
        return new TimelineView(today.Date, today.Day,
            [.. today.Intervals.GroupBy(i => (i.SessionStretch, i.Session, i.AppointmentOnly, i.UntilServed)).Select(g => new SessionView(Local(g.Key.SessionStretch.From), Local(g.Key.SessionStretch.To), g.Key.Session, g.Key.AppointmentOnly, g.Key.UntilServed))],
            [.. today.Issuing.Select(s => new StretchView(Local(s.From), Local(s.To)))], HallPicture.Local(state, state.Schedule?.IssuesAt));

        DateTimeOffset Local(Instant at) => HallPicture.Local(state, at);
    }
}

/// <param name="AppointmentOnly">Numbers only for those who booked.</param>
/// <param name="UntilServed">No numbers: whoever is there is served.</param>
public sealed record SessionView(DateTimeOffset From, DateTimeOffset To, SessionKind Session, bool AppointmentOnly, bool UntilServed);

public sealed record StretchView(DateTimeOffset From, DateTimeOffset To);

/// <summary>Whom the calendar expects at a window now.</summary>
/// <param name="Staff">Null: anybody.</param>
/// <param name="Since">From when on, without a break.</param>
/// <param name="StandIn">The B, where its A is expected.</param>
/// <param name="AlsoFor">Windows whose services it takes along, planned or since nobody came there in time.</param>
public sealed record ExpectedView(string? Staff, PostRole? Role, DateTimeOffset Since, string? StandIn, IReadOnlyList<string> AlsoFor)
{
    /// <summary>Null where nobody is expected, and for a hall that is always open.</summary>
    public static ExpectedView? Of(HallState state, WindowState window) =>
        window.Scheduled is not { } scheduled ? null
            : new(scheduled.Staff?.Value, scheduled.Role, HallPicture.Local(state, window.ExpectedSince ?? state.At), scheduled.StandIn?.Value, HallPicture.AlsoFor(state, window));
}
