using System.Data.Common;
using HallOps.Core.Halls;

namespace HallOps.Silo.Projections;

/// <summary>The tables of reports as a <see cref="JournalFollower{TFact}"/> fills them: rows, and in the same transaction how far each hall is.</summary>
/// <param name="open">Opens a connection to the database; the tables are there already.</param>
/// <param name="remake">Makes the rows of a hall anew that another version wrote, on a connection of its own.</param>
/// <param name="changed">Told which halls have other rows now, and at the beginning those whose list entries are behind their rows.</param>
internal sealed class ReportStore(Func<CancellationToken, ValueTask<DbConnection>> open, Func<uint, CancellationToken, Task> remake, Action<IEnumerable<uint>> changed) : IFollowing<ReportFact>, IAsyncDisposable
{
    /// <summary>With the version of the rows: those of another one are made anew.</summary>
    public const string Name = "legs.5";

    private DbConnection? _connection;
    private ReportRows? _rows;
    private RowWrite? _reached;

    public IHallWatch<ReportFact> Watch(HallState state) => new ReportWatch(state);

    public async Task<IReadOnlyDictionary<uint, long>> BeginAsync(CancellationToken cancel)
    {
        await DisposeAsync();
        _connection = await open(cancel);
        foreach (var hall in await OutdatedAsync(_connection, null, cancel))
            // Another process that starts just now may have been first.
            if ((await OutdatedAsync(_connection, hall, cancel)).Count > 0) await remake(hall, cancel);
        _rows = new ReportRows(_connection);
        _reached = ReachedOf(_connection);
        var reached = new Dictionary<uint, long>();
        var unlisted = new List<uint>();
        // A crash between the two leaves rows that the list does not have yet.
        await foreach (var row in Sql.RowsAsync(_connection, null, "SELECT p.hall, p.sequence, h.sequence FROM projections p LEFT JOIN halls h ON h.number = p.hall WHERE p.name = @p0", [Name], cancel))
        {
            reached[(uint)row.GetInt64(0)] = row.GetInt64(1);
            if (!(row.LongOrNull(2) >= row.GetInt64(1))) unlisted.Add((uint)row.GetInt64(0));
        }
        changed(unlisted);
        return reached;
    }

    public async Task<IReadOnlyDictionary<uint, long>> StoreAsync(FactBatch<ReportFact> batch, CancellationToken cancel)
    {
        await using var transaction = await _connection!.BeginTransactionAsync(cancel);
        var elsewhere = await RowsReached.ElsewhereAsync(_connection, transaction, Name, batch.Reached, cancel);
        foreach (var hall in elsewhere.Keys) Forget(hall);
        await _rows!.WriteAsync(transaction, elsewhere.Count == 0 ? batch.Facts : [.. batch.Facts.Where(f => !elsewhere.ContainsKey(f.Hall))], cancel);
        var stored = batch.Reached.Where(r => !elsewhere.ContainsKey(r.Key)).ToList();
        foreach (var (hall, reach) in stored)
        {
            _reached!.Set(0, Name);
            _reached.Set(1, (long)hall);
            _reached.Set(2, reach.To);
            await _reached.RunAsync(transaction, cancel);
        }
        await transaction.CommitAsync(cancel);
        changed(stored.Select(r => r.Key));
        return elsewhere;
    }

    /// <summary>Somebody else wrote rows of a hall.</summary>
    public void Forget(uint hall) => _rows?.Forget(hall);

    public static RowWrite ReachedOf(DbConnection connection) => RowWrite.Upsert(connection, "projections", [Column.Text("name"), Column.Number("hall"), Column.Number("sequence")], 2);

    /// <param name="only">Null: whichever they are.</param>
    private static async Task<List<uint>> OutdatedAsync(DbConnection connection, uint? only, CancellationToken cancel)
    {
        var halls = new List<uint>();
        const string others = "SELECT DISTINCT hall FROM projections WHERE (name = 'legs' OR name LIKE 'legs.%') AND hall NOT IN (SELECT hall FROM projections WHERE name = @p0) AND (@p1 = 0 OR hall = @p1) ORDER BY hall";
        await foreach (var row in Sql.RowsAsync(connection, null, others, [Name, (long)(only ?? 0)], cancel)) halls.Add((uint)row.GetInt64(0));
        return halls;
    }

    public async ValueTask DisposeAsync()
    {
        if (_reached is not null) await _reached.DisposeAsync();
        if (_rows is not null) await _rows.DisposeAsync();
        if (_connection is not null) await _connection.DisposeAsync();
        (_reached, _rows, _connection) = (null, null, null);
    }
}
