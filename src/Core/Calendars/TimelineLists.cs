using HallOps.Core.Halls;

namespace HallOps.Core.Calendars;

/// <summary>The lists of a compiled timeline; equal ones are one object, for a hall keeps its day in memory.</summary>
internal sealed class TimelineLists(CalendarPlan plan)
{
    private readonly Dictionary<IndexSet, IReadOnlyList<ServiceId>> services = [];
    private readonly Dictionary<IndexSet, IReadOnlyList<WindowId>> windows = [];
    private readonly Dictionary<Seat, StaffedWindow> staffed = [];
    private readonly Dictionary<Seat, ClosedWindow> closed = [];
    private readonly Dictionary<int, List<(Seat[] Seats, IReadOnlyList<StaffedWindow> Staffed, IReadOnlyList<ClosedWindow> Closed)>> seatings = [];

    public IReadOnlyList<ServiceId> ServicesOf(IndexSet set) =>
        services.TryGetValue(set, out var known) ? known : services[set] = [.. set.Members.Select(s => plan.Services[s])];

    public (IReadOnlyList<StaffedWindow> Staffed, IReadOnlyList<ClosedWindow> Closed) WindowsOf(Seat[] seats)
    {
        // Who sits where tells nearly all seatings apart; what they do is compared only then.
        var hash = new HashCode();
        foreach (var seat in seats)
        {
            hash.Add(seat.Person);
            hash.Add(seat.GoTo);
        }
        var key = hash.ToHashCode();
        if (!seatings.TryGetValue(key, out var alike)) seatings[key] = alike = [];
        foreach (var known in alike)
            if (ReferenceEquals(known.Seats, seats) || known.Seats.AsSpan().SequenceEqual(seats)) return (known.Staffed, known.Closed);
        alike.Add((seats, [.. seats.Where(s => s.Closed is null).Select(StaffedOf)], [.. seats.Where(s => s.Closed is not null).Select(ClosedOf)]));
        return (alike[^1].Staffed, alike[^1].Closed);
    }

    private StaffedWindow StaffedOf(Seat seat) => staffed.TryGetValue(seat, out var known) ? known : staffed[seat] =
        new StaffedWindow(plan.Windows[seat.Window], PersonAt(seat.Person), seat.Role, PersonAt(seat.StandIn), ServicesOf(seat.Does), seat.AlsoFor is { } along ? WindowsIn(along) : []);

    private ClosedWindow ClosedOf(Seat seat) => closed.TryGetValue(seat, out var known) ? known : closed[seat] =
        new ClosedWindow(plan.Windows[seat.Window], seat.GoTo >= 0 ? plan.Windows[seat.GoTo] : null, seat.Closed!.Value);

    private IReadOnlyList<WindowId> WindowsIn(IndexSet set) => windows.TryGetValue(set, out var known) ? known : windows[set] = [.. set.Members.Select(w => plan.Windows[w])];

    private StaffId? PersonAt(int person) => person >= 0 ? plan.People[person] : null;
}
