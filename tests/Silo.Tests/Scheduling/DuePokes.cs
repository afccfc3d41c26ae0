using HallOps.Core.Halls;
using HallOps.Silo.Scheduling;

namespace HallOps.Silo.Tests.Scheduling;

/// <summary>
/// Whether driven time must stand still: while a poke or the hourly work is due or under way. Quartz reads the time and starts its timer in two steps; driven time that passes between them is not in that timer, which then
/// never comes, where a real one comes a moment late. After half a real second it is told to look again.
/// </summary>
internal sealed class DuePokes
{
    private static readonly TimeSpan LookAfter = TimeSpan.FromSeconds(0.5);
    private long? _since;

    public bool Any(PokeSchedule schedule, Instant now)
    {
        var (halls, _, _, workAt) = schedule.Read();
        var due = halls.Any(h => h.PokeAt <= now) || workAt <= now;
        if (!due) _since = null;
        else if (TimeProvider.System.GetElapsedTime(_since ??= TimeProvider.System.GetTimestamp()) > LookAfter)
        {
            schedule.LookAgain();
            _since = null;
        }
        return due || halls.Any(h => h.PokeAt is null);
    }
}
