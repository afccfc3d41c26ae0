using HallOps.Core.Halls;

namespace HallOps.Silo.Projections;

/// <summary>What one hall's events mean to a follower, event after event, from the state right after each: so a replay of the journal says the very same. On the hall's turn, therefore quick; not thread-safe.</summary>
public interface IHallWatch<out TFact>
{
    TFact See(HallEvent @event, HallState state);
}

/// <summary>Where a <see cref="JournalFollower{TFact}"/> puts what it heard. Asked by one thread at a time, but for <see cref="Watch"/>.</summary>
public interface IFollowing<TFact>
{
    /// <summary>Begins to watch a hall. Safe from any thread.</summary>
    /// <param name="state">As it is before the next event; nothing yet for a hall that is new. Not to be kept.</param>
    IHallWatch<TFact> Watch(HallState state);

    /// <summary>Begins, at the start and again after every failure, with what is stored: whatever was in memory of it may be wrong.</summary>
    /// <returns>By hall: the last sequence stored. A hall that is missing has none.</returns>
    Task<IReadOnlyDictionary<uint, long>> BeginAsync(CancellationToken cancel);

    /// <summary>
    /// Stores a batch and how far it reaches in one transaction, or nothing of it. A hall that is not stored up to where the batch begins was taken further by another process, or put back: nothing of it is stored.
    /// </summary>
    /// <returns>By hall: where those are that were left out, of this batch or of an earlier one whose sequences it kept back (<see cref="RowsReached"/>).</returns>
    Task<IReadOnlyDictionary<uint, long>> StoreAsync(FactBatch<TFact> batch, CancellationToken cancel);
}

/// <param name="Facts">In the order of each hall's events, every event once.</param>
/// <param name="Reached">By hall: what the batch has of it, every event.</param>
public sealed record FactBatch<TFact>(IReadOnlyList<HallFact<TFact>> Facts, IReadOnlyDictionary<uint, Reach> Reached);

/// <param name="From">The last sequence stored before.</param>
/// <param name="To">The last sequence in the batch.</param>
public readonly record struct Reach(long From, long To);

public readonly record struct HallFact<TFact>(uint Hall, long Sequence, TFact Fact);

/// <summary>How far a follower is behind the halls.</summary>
/// <param name="Events">Durable and not stored; those of a damaged hall, which nobody can read, are not counted.</param>
/// <param name="Since">How long the oldest of them has been known here: since it was heard, or since the start where it happened before.</param>
public readonly record struct Behind(long Events, TimeSpan Since);
