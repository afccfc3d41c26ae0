namespace HallOps.Silo.Scheduling;

/// <summary>
/// What is done once an hour, beside the halls: it is night in each hall's own zone, and what fails is tried again on the same day. One at a time, in the order given.
/// </summary>
public interface IHousekeeping
{
    /// <summary>One word, for the list of admins.</summary>
    string Name { get; }

    /// <returns>What was done, a few words for people.</returns>
    /// <exception cref="Exception">It failed: that is recorded and told, and it is tried again in an hour.</exception>
    Task<string> RunAsync(CancellationToken cancel);
}
