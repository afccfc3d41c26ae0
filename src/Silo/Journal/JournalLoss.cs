using HallOps.Core.Halls;

namespace HallOps.Silo.Journal;

/// <summary>What a person decides where a store has lost records that were acknowledged.</summary>
/// <param name="Gone">The sequences that are given up, <c>first-last</c>.</param>
/// <param name="Last">The record the hall goes on after.</param>
public sealed record JournalLoss(string Gone, long Last)
{
    /// <summary>Takes a hall's loss as it is: from its next load on it goes on from the last record that is there, and numbers given out in those that are gone will be given out again.</summary>
    /// <param name="connection">As StackExchange.Redis writes it.</param>
    /// <returns>Null where the hall has lost nothing.</returns>
    /// <exception cref="JournalUnusableException">There is no such hall or no journal, or it does not answer.</exception>
    public static async Task<JournalLoss?> AcceptAsync(string connection, HallId hall, RedisJournalOptions? options = null)
    {
        options ??= new();
        await using var contents = await RedisContents.OpenAsync(connection, options);
        foreach (var listed in await contents.HallsAsync())
            if (listed.Name == hall) return await contents.AcceptLossAsync(listed.Number) is { Length: > 0 } gone ? new(gone[..gone.IndexOf('@', StringComparison.Ordinal)], listed.Last) : null;
        throw new JournalUnusableException($"{contents.Name} has no hall {hall}");
    }
}
