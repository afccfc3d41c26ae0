using HallOps.Core.Halls;

namespace HallOps.Silo.Journal;

/// <summary>A hall as the store's directory has it.</summary>
/// <param name="Last">Of its last record, where the store says so apart from the records; 0: it does not.</param>
/// <param name="Wrong">What is wrong with it whatever its records say; null: nothing.</param>
internal readonly record struct ListedHall(uint Number, HallId Name, long Last, string? Wrong);

/// <summary>Records as they lie in the store, back to back.</summary>
/// <param name="Where">For messages: <c>flush 7</c>.</param>
/// <param name="Hall">Whose alone they are to be; null: anybody's.</param>
/// <param name="Last">Of the last one, where the store says so; 0: it does not.</param>
internal readonly record struct JournalBody(string Where, ReadOnlyMemory<byte> Bytes, uint? Hall = null, long Last = 0);

/// <summary>
/// What a store has, read as it lies there: beside a running server or without one, and nothing is changed. For one reader at a time. What reads it throws
/// <see cref="JournalUnusableException"/> where the store does not answer.
/// </summary>
public abstract class JournalContents : IAsyncDisposable
{
    /// <exception cref="JournalUnusableException">There is no journal, or one of a newer format.</exception>
    public static JournalContents OfFolder(string folder) => new SqliteContents(folder);

    /// <param name="connection">As StackExchange.Redis writes it.</param>
    /// <exception cref="JournalUnusableException">No answer, no journal, or one of a newer format.</exception>
    public static async Task<JournalContents> OfRedisAsync(string connection, RedisJournalOptions? options = null) => await RedisContents.OpenAsync(connection, options ?? new());

    /// <summary>For messages: <c>the journal in data</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Whether it is a copy that is being made, or was broken off.</summary>
    internal abstract ValueTask<bool> IsUnfinishedAsync();

    /// <summary>The highest number of a process start that any epoch may have.</summary>
    internal abstract ValueTask<ulong> StartsAsync();

    /// <summary>By number.</summary>
    internal abstract ValueTask<IReadOnlyList<ListedHall>> HallsAsync();

    /// <summary>By hall, then sequence.</summary>
    internal abstract ValueTask<IReadOnlyList<SnapshotPlace>> SnapshotsAsync();

    /// <summary>A snapshot with its body; null where it is gone by now or its checksum does not fit, and whether it is there.</summary>
    internal abstract ValueTask<(StoredSnapshot? Snapshot, bool IsThere)> SnapshotAsync(SnapshotPlace place);

    /// <summary>All records that are there now, a hall's own in order.</summary>
    /// <param name="halls">As <see cref="HallsAsync"/> gave them before.</param>
    /// <param name="wrong">Told what is wrong with the store itself, a sentence each.</param>
    internal abstract IAsyncEnumerable<JournalBody> BodiesAsync(IReadOnlyList<ListedHall> halls, Action<string> wrong, CancellationToken cancel);

    public abstract ValueTask DisposeAsync();
}
