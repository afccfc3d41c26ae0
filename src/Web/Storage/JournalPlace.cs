using System.Text;
using HallOps.Core.Halls;
using HallOps.Silo.Journal;

namespace HallOps.Web.Storage;

/// <summary>Where the halls' journal is: SQLite's file in the data folder, or Redis. Safe from any thread.</summary>
/// <param name="redis">As <see cref="RedisJournal.OpenAsync"/> takes it; null: SQLite.</param>
public sealed class JournalPlace(DataFolder folder, string? redis = null)
{
    /// <summary>The setting that puts the journal into Redis.</summary>
    public const string Setting = "ConnectionStrings:Redis";

    /// <summary>Of Redis: what every key begins with, and the spans.</summary>
    public RedisJournalOptions Options { get; init => field = value with { Archives = folder.ArchivePath }; } = new() { Archives = folder.ArchivePath };

    /// <summary>Several processes append to it, each the halls that it runs.</summary>
    public bool IsShared { get; init; }

    public bool IsRedis => redis is not null;

    /// <summary>For messages: the file, or the servers and the database's number; never a password.</summary>
    public string Name { get; } = redis is null ? folder.JournalPath : RedisJournal.NameOf(redis);

    /// <summary>Folder and settings agree on where the journal is.</summary>
    /// <exception cref="StartRefusedException">They do not: the halls would seem to be gone.</exception>
    public void Agree()
    {
        if (!IsRedis && folder.RedisName is { } there)
            throw new StartRefusedException($"The journal of {folder.FullPath} is in Redis ({there}): set {Setting}, or choose another folder with --data.");
        if (IsRedis && File.Exists(folder.JournalPath))
            throw new StartRefusedException($"{Setting} is set, but the journal of {folder.FullPath} is in journal.db: copy it with \"hallops journal copy redis:…\" and move journal.db out of the folder, or leave the setting out.");
    }

    /// <summary>Opens it for the process that runs the halls.</summary>
    /// <param name="keys">Those of the deployment: no other one's journal is opened.</param>
    /// <exception cref="JournalUnusableException">It cannot be used.</exception>
    public async Task<IJournal> OpenAsync(Keys keys, SqliteJournalOptions? sqlite = null)
    {
        ArgumentNullException.ThrowIfNull(keys);
        Agree();
        if (redis is null) return SqliteJournal.Open(folder.FullPath, sqlite);
        var journal = await RedisJournal.OpenAsync(redis, Options with { Deployment = keys.Mark, Exclusive = !IsShared });
        if (folder.RedisName != Name) OwnerOnly.Write(folder.RedisPath, Encoding.UTF8.GetBytes(Name + '\n'));
        return journal;
    }

    /// <summary>As it lies there, for whoever reads it beside the process that runs the halls or without one.</summary>
    /// <exception cref="JournalUnusableException">There is none, or it cannot be read.</exception>
    public async Task<JournalContents> ContentsAsync()
    {
        Agree();
        return redis is null ? JournalContents.OfFolder(folder.FullPath) : await JournalContents.OfRedisAsync(redis, Options);
    }

    /// <summary>Moves what is closed before a day into the folder's archives, and says what; beside a running server or without one.</summary>
    /// <exception cref="JournalUnusableException">There is no journal, it does not answer, or the file cannot be written.</exception>
    public async Task ArchiveAsync(DateOnly before, TextWriter output)
    {
        Agree();
        if (redis is null) JournalArchiving.OfFolder(folder.FullPath, before, output);
        else await JournalArchiving.OfRedisAsync(redis, before, output, Options);
    }

    /// <summary>Gives up what Redis has lost of a hall.</summary>
    /// <returns>Null: it has lost nothing.</returns>
    /// <exception cref="StartRefusedException">The journal is in SQLite, which loses nothing.</exception>
    /// <exception cref="JournalUnusableException">There is no such hall, or no answer.</exception>
    public Task<JournalLoss?> AcceptLossAsync(HallId hall)
    {
        Agree();
        return redis is null
            ? throw new StartRefusedException($"The journal of {folder.FullPath} is in SQLite, which loses nothing that was acknowledged: there is no loss to accept. Where it is damaged, restore a backup or run journal salvage.")
            : JournalLoss.AcceptAsync(redis, hall, Options);
    }

    /// <exception cref="StartRefusedException">The journal is in Redis, and the command works on SQLite's file alone.</exception>
    public void MustBeInFolder(string instead)
    {
        if (IsRedis || folder.RedisName is not null) throw new StartRefusedException($"The journal of {folder.FullPath} is in Redis ({(IsRedis ? Name : folder.RedisName)}): {instead}.");
    }

    /// <summary>What decides which of several processes runs the halls; null with SQLite, where the folder's lock does.</summary>
    /// <exception cref="JournalUnusableException">The setting cannot be read.</exception>
    public RedisLease? Lease() =>
        redis is null ? null : new RedisLease(redis, FormattableString.Invariant($"{Environment.MachineName}, process {Environment.ProcessId}"), Options, IsShared ? "several" : null);

    /// <returns>Null: the lease is this process's now. Else who has it.</returns>
    /// <exception cref="StartRefusedException">The store does not answer.</exception>
    public static async Task<string?> TakeAsync(RedisLease lease)
    {
        ArgumentNullException.ThrowIfNull(lease);
        try
        {
            return await lease.TryTakeAsync();
        }
        catch (IOException e)
        {
            throw new StartRefusedException($"{Setting}: {e.Message}", e);
        }
    }
}
