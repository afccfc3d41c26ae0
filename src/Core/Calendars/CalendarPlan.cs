using HallOps.Core.Halls;

namespace HallOps.Core.Calendars;

/// <summary>All that a calendar's document says, as the compiler takes it. Windows, services and people are places in lists.</summary>
internal sealed class CalendarPlan
{
    public CalendarPlan(TimeZoneInfo zone, bool always, bool followsChina, HolidayDate[] own, HallOutline hall, SessionRule[] sessions, CalendarException[] exceptions, RosterRow[] roster, Absence[] absences)
    {
        Zone = zone;
        Always = always;
        FollowsChina = followsChina;
        OwnHolidays = own;
        holidays = own.Length == 0 ? HolidayTable.None : new HolidayTable(own.DistinctBy(d => d.Date));
        // The outline's functions hold on to what was read; only its lists are kept.
        (Windows, Services, Does, Joint) = (hall.Windows, hall.Services, hall.Does, hall.Joint);
        Sessions = sessions;
        Exceptions = exceptions;
        Roster = roster;
        AllServices = IndexSet.All(hall.Services.Count);

        var people = HallOutline.Places(roster.SelectMany(r => new[] { r.A, r.B }).OfType<StaffId>().Distinct());
        People = [.. people.Keys];
        var shared = new Dictionary<IndexSet, IndexSet>();
        PeopleCan = [.. People.Select(p => hall.Can(p) is { } can ? shared.TryGetValue(can, out var known) ? known : shared[can] = can : null)];
        Absences = [.. absences.Where(a => people.ContainsKey(a.Staff)).Select(a => new Away(people[a.Staff], a.From, a.To))];

        var windows = HallOutline.Places(hall.Windows);
        // By content, so that what holds does not depend on the document's order.
        Posts = roster.Length == 0 ? [] : new Post[hall.Windows.Count][];
        if (Posts.Length > 0)
        {
            var rows = roster.Where(r => windows.ContainsKey(r.Window)).ToLookup(r => windows[r.Window]);
            for (var w = 0; w < Posts.Length; w++)
                Posts[w] = [.. rows[w].OrderBy(r => rows[w].Skip(1).Any() ? r.Content() : "", StringComparer.Ordinal).Select(r => new Post(r, PersonOf(r.A), PersonOf(r.B)))];
        }

        int PersonOf(StaffId? staff) => staff is { } id ? people[id] : -1;
    }

    private readonly HolidayTable holidays;

    public TimeZoneInfo Zone { get; }
    public bool Always { get; }
    public bool FollowsChina { get; }

    /// <summary>As the document lists them.</summary>
    public HolidayDate[] OwnHolidays { get; }
    public IReadOnlyList<WindowId> Windows { get; }
    public IReadOnlyList<ServiceId> Services { get; }

    /// <summary>As <see cref="HallOutline.Does"/>.</summary>
    public IndexSet[] Does { get; }

    /// <summary>As <see cref="HallOutline.Joint"/>.</summary>
    public KeyValuePair<int, IndexSet>[] Joint { get; }
    public SessionRule[] Sessions { get; }
    public CalendarException[] Exceptions { get; }
    public RosterRow[] Roster { get; }
    public IndexSet AllServices { get; }

    /// <summary>Everybody in the roster.</summary>
    public StaffId[] People { get; }

    /// <summary>Null: everything.</summary>
    public IndexSet?[] PeopleCan { get; }
    public Away[] Absences { get; }

    /// <summary>The roster's rows of each window; empty where there is no roster.</summary>
    public Post[][] Posts { get; }

    public HolidayTable HolidaysOf(HolidayTable announced) => FollowsChina ? announced : holidays;

    /// <param name="A">A person's place; -1: nobody.</param>
    public sealed record Post(RosterRow Row, int A, int B);

    public readonly record struct Away(int Person, DateTime From, DateTime To);
}
