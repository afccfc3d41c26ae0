using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace HallOps.Silo.Projections;

/// <summary>
/// How far the rows of each hall are, the table <c>projections</c>: the fence between processes that follow the same halls into one database. Whoever writes rows of a hall locks its sequence first, in the same
/// transaction, and writes only what follows it.
/// </summary>
public static class RowsReached
{
    /// <summary>Locks halls' sequences until the transaction ends, by number so that nobody waits in a circle, and compares them with what a batch follows.</summary>
    /// <param name="name">The follower's.</param>
    /// <returns>By hall: the sequence it is at, of those that are not where the batch begins.</returns>
    public static async Task<Dictionary<uint, long>> ElsewhereAsync(DbConnection connection, DbTransaction transaction, string name, IReadOnlyDictionary<uint, Reach> reached, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(reached);
        if (reached.Count == 0) return [];
        var stored = await LockAsync(connection, transaction, name, reached.Keys, reached.Where(r => r.Value.From == 0).Select(r => r.Key), cancel);
        var elsewhere = new Dictionary<uint, long>();
        foreach (var (hall, reach) in reached)
            if (stored.GetValueOrDefault(hall) is var at && at != reach.From) elsewhere.Add(hall, at);
        return elsewhere;
    }

    /// <summary>Locks one hall's sequence until the transaction ends; 0 where there is none yet.</summary>
    public static async Task<long> LockAsync(DbConnection connection, DbTransaction transaction, string name, uint hall, CancellationToken cancel) =>
        (await LockAsync(connection, transaction, name, [hall], [hall], cancel)).GetValueOrDefault(hall);

    /// <param name="begun">Those that may have no row yet: they get one, so that it can be locked.</param>
    private static async Task<Dictionary<uint, long>> LockAsync(DbConnection connection, DbTransaction transaction, string name, IEnumerable<uint> halls, IEnumerable<uint> begun, CancellationToken cancel)
    {
        // SQLite has one writer, which a transaction is from its beginning.
        var locks = connection is not SqliteConnection;
        if (locks && string.Join(", ", begun.Order().Select(h => $"(@p0, {Text(h)}, 0)")) is { Length: > 0 } rows)
            await Sql.RunAsync(connection, transaction, $"INSERT INTO projections (name, hall, sequence) VALUES {rows} ON CONFLICT (name, hall) DO NOTHING", [name], cancel);
        var stored = new Dictionary<uint, long>();
        var select = $"SELECT hall, sequence FROM projections WHERE name = @p0 AND hall IN ({string.Join(", ", halls.Select(Text))}) ORDER BY hall{(locks ? " FOR UPDATE" : "")}";
        await foreach (var row in Sql.RowsAsync(connection, transaction, select, [name], cancel)) stored[(uint)row.GetInt64(0)] = row.GetInt64(1);
        return stored;
    }

    private static string Text(uint hall) => hall.ToString(CultureInfo.InvariantCulture);
}
