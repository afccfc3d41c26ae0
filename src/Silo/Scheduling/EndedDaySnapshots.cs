
namespace HallOps.Silo.Scheduling;

/// <summary>A snapshot of every hall whose day ended since its last one: a start reads the records of one day at most. Halls asleep have theirs since they went to sleep.</summary>
public sealed class EndedDaySnapshots(IEngine engine) : IHousekeeping
{
    public string Name => "snapshots";

    public async Task<string> RunAsync(CancellationToken cancel) => FormattableString.Invariant($"{await engine.SnapshotEndedDaysAsync(cancel)} halls whose day had ended");
}
