using HallOps.Core.Halls;

namespace HallOps.Core.Calendars;

/// <summary>What is at a window that its session opens.</summary>
/// <param name="Person">A place in the plan's people; -1: nobody is named.</param>
/// <param name="StandIn">The B of the row whose A sits here; -1: none.</param>
/// <param name="Does">What it can do now; empty where it is closed.</param>
/// <param name="AlsoFor">Windows whose services it takes along; null: none.</param>
/// <param name="Closed">Null: it is staffed.</param>
/// <param name="GoTo">The window that takes this one's services along; -1: none.</param>
internal readonly record struct Seat(int Window, int Person, PostRole? Role, int StandIn, IndexSet Does, IndexSet? AlsoFor, ClosedReason? Closed, int GoTo);

/// <summary>Who sits where on one date (CALENDAR.md, "Staffing").</summary>
/// <param name="posts">The rows that hold on the date, with the instants of their times, by window; null where there is no roster.</param>
/// <param name="closures">Windows closed by exceptions.</param>
/// <param name="away">Who is absent, and when.</param>
internal sealed class Seating(CalendarPlan plan, (CalendarPlan.Post Post, Stretch Stretch)[][]? posts, (IndexSet Windows, Stretch Stretch)[] closures, (int Person, Stretch Stretch)[] away)
{
    private readonly IndexSet nothing = IndexSet.None(plan.Services.Count);

    /// <summary>Window by window at an instant, in their order.</summary>
    /// <param name="opened">The windows that the session opens, ascending.</param>
    /// <param name="cut">What the session's windows may do; null: everything.</param>
    public Seat[] At(Instant at, int[] opened, IndexSet? cut)
    {
        var seats = new Seat[opened.Length];
        var rows = new CalendarPlan.Post?[opened.Length];
        var seatOf = new int[plan.People.Length];
        Array.Fill(seatOf, -1);
        for (var i = 0; i < opened.Length; i++)
        {
            var window = opened[i];
            if (IsClosed(window, at)) seats[i] = Shut(window, ClosedReason.Exception);
            else if (posts is null) seats[i] = Sit(window, -1, null, -1);
            else if (PostAt(window, at) is not { } post) seats[i] = Shut(window, ClosedReason.NoRoster);
            else if (post.A >= 0 && seatOf[post.A] < 0 && IsPresent(post.A, at)) (seats[i], seatOf[post.A]) = (Sit(window, post.A, PostRole.A, post.B), i);
            else rows[i] = post;
        }
        var taken = new IndexSet?[opened.Length];
        for (var i = 0; i < opened.Length; i++)
        {
            if (rows[i] is not { } post) continue;
            if (post.B < 0 || !IsPresent(post.B, at))
            {
                seats[i] = Shut(opened[i], ClosedReason.Absent);
            }
            else if (seatOf[post.B] is >= 0 and var there)
            {
                seats[i] = Shut(opened[i], ClosedReason.Absent) with { GoTo = opened[there] };
                var along = IndexSet.Of(plan.Windows.Count, [opened[i]]);
                taken[there] = taken[there] is { } others ? others | along : along;
            }
            else
            {
                (seats[i], seatOf[post.B]) = (Sit(opened[i], post.B, PostRole.B, -1), i);
            }
        }
        for (var i = 0; i < seats.Length; i++)
            if (seats[i].Closed is null) seats[i] = seats[i] with { Does = Does(seats[i], taken[i], cut), AlsoFor = taken[i] };
        return seats;
    }

    private IndexSet Does(Seat seat, IndexSet? alsoFor, IndexSet? cut)
    {
        var does = plan.Does[seat.Window];
        if (alsoFor is not null)
            foreach (var window in alsoFor.Members) does |= plan.Does[window];
        if (cut is not null) does &= cut;
        return seat.Person >= 0 && plan.PeopleCan[seat.Person] is { } can ? does & can : does;
    }

    private Seat Sit(int window, int person, PostRole? role, int standIn) => new(window, person, role, standIn, nothing, null, null, -1);

    private Seat Shut(int window, ClosedReason reason) => new(window, -1, null, -1, nothing, null, reason, -1);

    private bool IsClosed(int window, Instant at)
    {
        foreach (var closure in closures)
            if (closure.Stretch.Contains(at) && closure.Windows.Contains(window)) return true;
        return false;
    }

    private CalendarPlan.Post? PostAt(int window, Instant at)
    {
        foreach (var (post, stretch) in posts![window])
            if (stretch.Contains(at)) return post;
        return null;
    }

    private bool IsPresent(int person, Instant at)
    {
        foreach (var (who, stretch) in away)
            if (who == person && stretch.Contains(at)) return false;
        return true;
    }
}
