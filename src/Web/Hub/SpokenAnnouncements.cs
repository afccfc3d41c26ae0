using System.Collections.Concurrent;
using HallOps.Core.Halls;

namespace HallOps.Web.Hub;

/// <summary>
/// The calls that a zone's device has spoken, so that a screen which comes back does not call them again. In memory, bounded; forgetting one only means that a call of the last
/// seconds is heard twice. Safe from any thread.
/// </summary>
public sealed class SpokenAnnouncements
{
    // Far more than all zones of a city call within the 30 s for which a call may be spoken.
    private const int Max = 8192;

    private readonly ConcurrentDictionary<(HallId Hall, ZoneId? Zone, long Id), bool> _spoken = [];
    private readonly ConcurrentQueue<(HallId Hall, ZoneId? Zone, long Id)> _order = [];

    public void Add(HallId hall, ZoneId? zone, long id)
    {
        if (!_spoken.TryAdd((hall, zone, id), true)) return;
        _order.Enqueue((hall, zone, id));
        while (_order.Count > Max && _order.TryDequeue(out var oldest)) _spoken.TryRemove(oldest, out _);
    }

    public bool Has(HallId hall, ZoneId? zone, long id) => _spoken.ContainsKey((hall, zone, id));
}
