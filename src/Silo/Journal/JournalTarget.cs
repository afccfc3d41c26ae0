namespace HallOps.Silo.Journal;

/// <summary>
/// An empty store that a journal is copied into. From the first byte until the copy is whole and checked it has a mark under which nothing serves it and nothing is copied into it, so that half
/// a journal is never taken for one. Writing throws <see cref="JournalUnusableException"/> where the store fails.
/// </summary>
public abstract class JournalTarget : IAsyncDisposable
{
    /// <summary>Made where it is not there; locked as a server would.</summary>
    /// <exception cref="JournalUnusableException">It has a journal already, is in use, or cannot be written to.</exception>
    public static JournalTarget OfFolder(string folder) => new SqliteTarget(folder);

    /// <param name="connection">As StackExchange.Redis writes it.</param>
    /// <exception cref="JournalUnusableException">No answer, a server that cannot keep a journal, or one that has a journal already.</exception>
    public static async Task<JournalTarget> OfRedisAsync(string connection, RedisJournalOptions? options = null) => await RedisTarget.OpenAsync(connection, options ?? new());

    /// <summary>For messages: <c>the journal in data</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Sets the mark.</summary>
    /// <exception cref="JournalUnusableException">There is a journal by now.</exception>
    internal abstract ValueTask BeginAsync();

    /// <summary>Takes what follows the hall's records so far; stored at the next <see cref="FlushAsync"/> at the latest.</summary>
    internal abstract ValueTask AddAsync(WalkedPart part);

    internal abstract ValueTask FlushAsync();

    /// <summary>Takes a hall's one snapshot when all its records are stored.</summary>
    /// <param name="snapshot">Its epoch is that of the record it was taken after.</param>
    internal abstract ValueTask SnapshotAsync(WalkedHall hall, StoredSnapshot snapshot);

    /// <summary>What is stored so far.</summary>
    internal abstract ValueTask<JournalContents> ContentsAsync();

    /// <summary>Takes the mark away: from here on it is a journal like others.</summary>
    /// <param name="starts">What its count of process starts must not be below, so that its epochs are above all that its records have.</param>
    internal abstract ValueTask FinishAsync(ulong starts);

    public abstract ValueTask DisposeAsync();
}
