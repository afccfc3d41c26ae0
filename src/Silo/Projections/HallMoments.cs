using System.Data.Common;
using HallOps.Core.Halls;

namespace HallOps.Silo.Projections;

/// <summary>Told the entries of the list of halls once they are stored: at most once a second for each hall, beside the halls' own work.</summary>
public interface IHallListings
{
    /// <summary>Must not throw but for <paramref name="cancel"/>; the projection waits for it.</summary>
    ValueTask ListedAsync(IReadOnlyList<HallListing> listings, CancellationToken cancel);
}

/// <summary>The halls' next moments out of the list of halls, for which none is woken.</summary>
public static class HallMoments
{
    /// <summary>In no order. A hall that the list does not have yet, or has without a moment, is missing; one that changed after it was listed is told anew.</summary>
    public static async Task<IReadOnlyList<(HallId Hall, Instant NextAt)>> ReadAsync(DbConnection connection, CancellationToken cancel)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT hall, next_at FROM halls WHERE next_at IS NOT NULL";
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var moments = new List<(HallId, Instant)>();
        while (await reader.ReadAsync(cancel)) moments.Add((new HallId(reader.GetString(0)), new Instant(reader.GetInt64(1))));
        return moments;
    }
}
