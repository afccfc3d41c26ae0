using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace HallOps.Load.Engine;

/// <summary>The least a durable flush can cost here: the same sizes of flushes, one blob row each, with the engine's pragmas, in a plain loop.</summary>
internal static class BlobLoop
{
    // As SqliteJournalOptions.WalBytes.
    private const long WalBytes = 16 << 20;

    public static TimeSpan Write(string folder, IReadOnlyList<Flushed> flushes)
    {
        var bytes = new byte[flushes.Max(f => f.Bytes)];
        new Random(1).NextBytes(bytes);
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(folder, "blobs.db"), Pooling = false }.ToString());
        connection.Open();
        Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE flushes(position INTEGER PRIMARY KEY, body BLOB NOT NULL)");
        using var insert = connection.CreateCommand();
        insert.CommandText = "INSERT INTO flushes(position, body) VALUES($position, $body)";
        var position = insert.Parameters.Add("$position", SqliteType.Integer);
        var body = insert.Parameters.Add("$body", SqliteType.Blob);
        insert.Prepare();
        var began = Stopwatch.GetTimestamp();
        var written = 0L;
        for (var i = 0; i < flushes.Count; i++)
        {
            position.Value = i + 1L;
            body.Value = bytes;
            body.Size = flushes[i].Bytes;
            insert.ExecuteNonQuery();
            written += flushes[i].Bytes + 8192;
            if (written < WalBytes) continue;
            written = 0;
            Execute("PRAGMA wal_checkpoint(PASSIVE)");
        }
        return Stopwatch.GetElapsedTime(began);

        void Execute(string sql)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }
    }
}
