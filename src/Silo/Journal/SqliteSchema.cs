using System.Buffers.Binary;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace HallOps.Silo.Journal;

/// <summary>The file <c>journal.db</c>: where it is, how it is laid out, and which ones are not touched (docs/journal-format.md).</summary>
internal static class SqliteSchema
{
    public const string FileName = "journal.db";

    /// <summary>"HOPJ", in the file's own header.</summary>
    public const int ApplicationId = 0x484F504A;

    /// <summary>Of the tables and of the record's frame together: the highest that is read.</summary>
    public const int Version = 2;

    /// <summary>What a new journal is; its first archive makes it <see cref="Version"/>.</summary>
    public const int WithoutArchives = 1;

    /// <summary>By position: which flushes are in a file of their own, whether their rows are still there or not.</summary>
    public const string Archives = "CREATE TABLE IF NOT EXISTS archives(last INTEGER PRIMARY KEY, first INTEGER NOT NULL, name TEXT NOT NULL, hash BLOB NOT NULL)";

    /// <summary>The row of <c>meta</c> that a copy has until it is whole.</summary>
    public const string Copying = "copying";

    private const string Tables = """
        CREATE TABLE meta(key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE halls(number INTEGER PRIMARY KEY, name TEXT NOT NULL);
        CREATE TABLE flushes(position INTEGER PRIMARY KEY, body BLOB NOT NULL);
        CREATE TABLE snapshots(slot INTEGER PRIMARY KEY, hall INTEGER NOT NULL, epoch INTEGER NOT NULL, sequence INTEGER NOT NULL, tail INTEGER NOT NULL, crc INTEGER NOT NULL, body BLOB NOT NULL);
        INSERT INTO meta VALUES('hallops-journal', 1), ('starts', 0), ('checkpoint', 1), ('probe', 0);
        """;

    public static string FileIn(string folder) => Path.Combine(folder, FileName);

    /// <summary>Refuses, without writing a byte, what is not a journal of this version or older. True where there is no journal yet.</summary>
    /// <exception cref="JournalUnusableException">A newer format, another application's file, or no database at all.</exception>
    public static bool LookFirst(string folder)
    {
        var file = FileIn(folder);
        Span<byte> header = stackalloc byte[100];
        try
        {
            if (!File.Exists(file)) return true;
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            if (stream.Length == 0) return true;
            if (stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length || !header.StartsWith("SQLite format 3\0"u8))
                throw new JournalUnusableException(Damaged(folder, "it does not begin as a database does"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new JournalUnusableException($"the journal {file} cannot be read: {OneLine(e.Message)}", e);
        }
        var version = BinaryPrimitives.ReadInt32BigEndian(header[60..]);
        var application = BinaryPrimitives.ReadInt32BigEndian(header[68..]);
        // The layout is committed in one step; before it the file is an empty database that nobody has claimed.
        if (application == 0 && version == 0) return true;
        if (application != ApplicationId) throw new JournalUnusableException($"{file} is not a HallOps journal; nothing was changed");
        Refuse(file, version);
        // A newer program may have raised the version in the log alone. A connection that cannot write does not move the log into the file when it closes.
        if (new FileInfo(file + "-wal") is { Exists: true, Length: > 0 })
        {
            try
            {
                using var connection = Connect(file, SqliteOpenMode.ReadOnly);
                Refuse(file, (int)(long)Scalar(connection, "PRAGMA user_version")!);
            }
            catch (SqliteException e)
            {
                throw Unusable(folder, e);
            }
        }
        return false;
    }

    private static void Refuse(string file, int version)
    {
        if (version > Version)
            throw new JournalUnusableException($"the journal {file} has format {version}, this program reads up to {Version}: start the newer program; nothing was changed");
    }

    public static SqliteConnection Connect(string file, SqliteOpenMode mode)
    {
        // Pooled by us: a pool that outlives the journal would keep the file and its log open.
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = mode, Pooling = false }.ToString());
        try
        {
            connection.Open();
            // 5 s: longer than another process's backup or verify holds a lock that a writer needs.
            Execute(connection, "PRAGMA busy_timeout = 5000");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <param name="copying">It is to be a copy, and not to be served until it is whole.</param>
    public static void Create(SqliteConnection connection, bool copying, Action<string>? step)
    {
        if ((long)Scalar(connection, "SELECT count(*) FROM sqlite_master")! != 0) throw new JournalUnusableException($"{connection.DataSource} is not a HallOps journal; nothing was changed");
        step?.Invoke(SqliteStep.Create);
        // Not yet with a write-ahead log: so the header that LookFirst reads is in the file itself once the layout is.
        Execute(connection, "PRAGMA synchronous = FULL");
        Execute(connection, string.Create(CultureInfo.InvariantCulture, $"BEGIN IMMEDIATE; PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {WithoutArchives}; {Tables} {(copying ? $"INSERT INTO meta VALUES('{Copying}', 1);" : "")} COMMIT"));
        step?.Invoke(SqliteStep.Created);
    }

    public static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    public static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>What SQLite said, as the one line a start is refused with.</summary>
    public static JournalUnusableException Unusable(string folder, SqliteException e) => IsDamage(e) || (e.SqliteErrorCode & 0xFF) == 1
        ? new JournalUnusableException(Damaged(folder, OneLine(e.Message)), e)
        : new JournalUnusableException($"the journal {FileIn(folder)} cannot be opened: {OneLine(e.Message)}", e);

    public static JournalUnusableException Unfinished(string folder) => new($"the journal in {folder} is a copy that was not finished: remove {FileName}, {FileName}-wal and {FileName}-shm there and copy again");

    public static string Damaged(string folder, string what)
    {
        var backups = new DirectoryInfo(Path.Combine(folder, "backups"));
        var newest = backups.Exists ? backups.EnumerateFileSystemInfos().OrderByDescending(f => f.LastWriteTimeUtc).ThenByDescending(f => f.Name, StringComparer.Ordinal).FirstOrDefault() : null;
        return newest is null
            ? $"the journal is damaged ({what}): run `hallops journal salvage TO` (there is no backup in {backups.FullName})"
            : $"the journal is damaged ({what}): restore the newest backup {newest.FullName} or run `hallops journal salvage TO`";
    }

    // SQLITE_CORRUPT and SQLITE_NOTADB. In a start, SQLITE_ERROR too: "no such table", where the schema's page is gone.
    public static bool IsDamage(SqliteException e) => (e.SqliteErrorCode & 0xFF) is 11 or 26;

    public static string OneLine(string text) => text.ReplaceLineEndings(" ").Trim();
}
