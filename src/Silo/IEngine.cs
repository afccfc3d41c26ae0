namespace HallOps.Silo;

/// <summary>An engine as its process sees it: the halls, and the part of them that runs here.</summary>
public interface IEngine : IHalls, IAsyncDisposable
{
    /// <summary>Completes when the journal failed for good here: the process should end, non-zero.</summary>
    Task Fatal { get; }

    /// <summary>Writes a snapshot of every hall in memory here whose day ended since its last one; how many those were.</summary>
    Task<int> SnapshotEndedDaysAsync(CancellationToken cancel);
}
