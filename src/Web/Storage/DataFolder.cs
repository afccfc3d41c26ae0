namespace HallOps.Web.Storage;

/// <summary>The data folder: where each thing stands in it.</summary>
public sealed class DataFolder(string path)
{
    public string FullPath { get; } = Path.GetFullPath(path);

    /// <summary>Accounts, devices, people, texts and what projections fill, where they are in SQLite.</summary>
    public string DatabasePath => Path.Combine(FullPath, "hallops.db");

    /// <summary>Says where the SQL side is when it is not <see cref="DatabasePath"/>.</summary>
    public string PostgresPath => Path.Combine(FullPath, "postgresql.txt");

    /// <summary>Server and database of the SQL side; null: it is SQLite's, or there is none yet.</summary>
    public string? PostgresName => File.Exists(PostgresPath) ? File.ReadAllText(PostgresPath).Trim() : null;

    /// <summary>Says where the journal is when it is not <see cref="JournalPath"/>.</summary>
    public string RedisPath => Path.Combine(FullPath, "redis.txt");

    /// <summary>Where the journal is in Redis; null: it is SQLite's, or there is none yet.</summary>
    public string? RedisName => File.Exists(RedisPath) ? File.ReadAllText(RedisPath).Trim() : null;

    public string JournalPath => Path.Combine(FullPath, "journal.db");

    /// <summary>What <c>journal archive</c> took out of the journal.</summary>
    public string ArchivePath => Path.Combine(FullPath, "archive");

    public string KeysPath => Path.Combine(FullPath, "keys");

    public string DataProtectionPath => Path.Combine(KeysPath, "data-protection");

    public string ClockPath => Path.Combine(FullPath, "clock.json");

    /// <summary>The holidays that an admin put in the place of the product's; not there as long as nobody did.</summary>
    public string HolidaysPath => Path.Combine(FullPath, "holidays.json");

    /// <summary>Who was erased: of all backups' future, so no backup may take it away.</summary>
    public string ErasedPath => Path.Combine(FullPath, "erased.txt");

    /// <summary>Held by the one process that works on the folder.</summary>
    public string LockPath => Path.Combine(FullPath, "server.lock");

    /// <summary>How commands find the running server.</summary>
    public string ServerPath => Path.Combine(FullPath, "server.json");

    /// <summary>Whether nothing was ever recorded here.</summary>
    public bool IsNew => !File.Exists(DatabasePath) && !File.Exists(JournalPath) && !File.Exists(RedisPath);

    /// <summary>Makes the folder where it is missing and proves that it can be written.</summary>
    /// <exception cref="StartRefusedException">It cannot.</exception>
    public void Prepare()
    {
        try
        {
            if (!Directory.Exists(FullPath)) OwnerOnly.CreateDirectory(FullPath);
            var probe = Path.Combine(FullPath, $".probe-{Environment.ProcessId}");
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException($"The data folder {FullPath} cannot be written ({e.Message.TrimEnd('.')}); choose another with --data or change its rights.", e);
        }
    }
}
