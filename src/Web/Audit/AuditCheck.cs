using System.Data.Common;
using HallOps.Web.Storage;
using Npgsql;

namespace HallOps.Web.Audit;

/// <summary>Reads the whole audit of a deployment, whether a server runs on it or not, and changes nothing.</summary>
internal static class AuditCheck
{
    /// <summary>Writes one line: how many rows and the newest one's chain, or from which row on it is not what was written. Nothing where a folder has no audit yet.</summary>
    /// <returns>The first row that is wrong; null: it is whole.</returns>
    /// <exception cref="StartRefusedException">The database cannot be read.</exception>
    public static long? Run(SqlPlace place, TextWriter output)
    {
        place.Agree();
        if (!place.IsPostgres && !File.Exists(place.Folder.DatabasePath)) return null;
        try
        {
            using var database = place.Reading();
            database.Open();
            using var table = database.CreateCommand();
            table.CommandText = database is NpgsqlConnection
                ? "SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = 'audit'"
                : "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'audit'";
            if (table.ExecuteScalar() is 0L) return null;
            var (rows, chain) = (0L, AuditRow.Origin);
            foreach (var row in Rows(database))
            {
                if (row.Number != rows + 1 || !row.ChainAfter(chain).AsSpan().SequenceEqual(row.Chain))
                {
                    output.WriteLine(FormattableString.Invariant($"audit: not whole from row {rows + 1} on"));
                    return rows + 1;
                }
                (rows, chain) = (row.Number, row.Chain);
            }
            output.WriteLine(FormattableString.Invariant($"audit: {rows:N0} rows, whole, chain {Convert.ToHexStringLower(chain)}"));
            return null;
        }
        catch (DbException e)
        {
            throw new StartRefusedException($"The audit in {place.Name} cannot be read ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')}){(place.IsPostgres ? "." : "; restore a backup.")}", e);
        }
    }

    private static IEnumerable<AuditRow> Rows(DbConnection database)
    {
        using var rows = database.CreateCommand();
        rows.CommandText = "SELECT number, at, who, what, of, hall, outcome, detail, chain FROM audit ORDER BY number";
        using var reader = rows.ExecuteReader();
        while (reader.Read())
            yield return new AuditRow
            {
                Number = reader.GetInt64(0), At = DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(1)), Who = reader.GetString(2), What = reader.GetString(3), Of = Text(4), Hall = Text(5),
                Outcome = reader.GetString(6), Detail = Text(7), Chain = (byte[])reader.GetValue(8),
            };

        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
    }
}
