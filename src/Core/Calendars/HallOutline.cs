using HallOps.Core.Halls;

namespace HallOps.Core.Calendars;

/// <summary>What a calendar knows of its hall.</summary>
/// <param name="Does">What each window does: its services without joint ones, whose items are done one by one.</param>
/// <param name="Joint">The items of joint services, by the joint one's place.</param>
/// <param name="Can">What a person can do; null: everything.</param>
/// <param name="Named">The services that a session's word means: one service, or all of a line where lines may be named; null for an unknown word.</param>
internal sealed record HallOutline(IReadOnlyList<WindowId> Windows, IReadOnlyList<ServiceId> Services, IndexSet[] Does, KeyValuePair<int, IndexSet>[] Joint,
    Func<StaffId, IndexSet?> Can, Func<string, IndexSet?> Named)
{
    public static HallOutline Of(IReadOnlyList<WindowSettings> windows, IReadOnlyList<ServiceSettings> services, IReadOnlyList<StaffSettings> staff)
    {
        // A document with faults is read to its end as well, so ids may be given twice here.
        var places = Places(services.Select(s => s.Service));
        var shared = new Dictionary<IndexSet, IndexSet>();
        var people = staff.GroupBy(s => s.Staff).ToDictionary(g => g.Key, g => g.First());
        var lines = services.Select((s, i) => (s.Line, Place: i)).GroupBy(s => s.Line, s => s.Place).ToDictionary(g => g.Key.Value, g => Set(g));
        return new HallOutline([.. windows.Select(w => w.Window)], [.. services.Select(s => s.Service)],
            [.. windows.Select(w => Where(s => s.Kind is not ServiceKind.Joint && w.Profile.Any(p => p.Line == s.Line)))],
            [.. services.Select((s, i) => KeyValuePair.Create(i, Set(s.Legs.Where(l => places.ContainsKey(l.Service)).Select(l => places[l.Service])))).Where(j => services[j.Key].Kind is ServiceKind.Joint)],
            id => people.TryGetValue(id, out var person) && (person.Lines is not null || person.Services is not null) ? Where(s => person.CanDo(s.Line, s.Service)) : null,
            // A service and a line may have one name: the list is called services.
            word => places.TryGetValue(new(word), out var place) ? Set([place]) : lines.GetValueOrDefault(word));

        IndexSet Where(Func<ServiceSettings, bool> isIn) => Set(Enumerable.Range(0, services.Count).Where(i => isIn(services[i])));

        IndexSet Set(IEnumerable<int> members)
        {
            var set = IndexSet.Of(services.Count, members);
            return shared.TryGetValue(set, out var known) ? known : shared[set] = set;
        }
    }

    public static Dictionary<T, int> Places<T>(IEnumerable<T> ids) where T : notnull
    {
        var places = new Dictionary<T, int>();
        foreach (var (i, id) in ids.Index())
            places.TryAdd(id, i);
        return places;
    }
}
