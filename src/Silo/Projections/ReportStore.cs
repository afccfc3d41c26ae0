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
    public const string Name = "legs.4";

    private DbConnection? _connection;
    private ReportRows? _rows;
    private RowWrite? _reached;

    public IHallWatch<ReportFact> Watch(HallState state) => new ReportWatch(state);

    public async Task<IReadOnlyDictionary<uint, long>> BeginAsync(CancellationToken cancel)
    {
        await DisposeAsync();
        _connection = await open(cancel);
        await foreach (var hall in OutdatedAsync(_connection, cancel)) await remake(hall, cancel);
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

    public async Task StoreAsync(FactBatch<ReportFact> batch, CancellationToken cancel)
    {
        await using var transaction = await _connection!.BeginTransactionAsync(cancel);
        await _rows!.WriteAsync(transaction, batch.Facts, cancel);
        foreach (var (hall, sequence) in batch.Reached)
        {
            _reached!.Set(0, Name);
            _reached.Set(1, (long)hall);
            _reached.Set(2, sequence);
            await _reached.RunAsync(transaction, cancel);
        }
        await transaction.CommitAsync(cancel);
        changed(batch.Reached.Keys);
    }

    /// <summary>Somebody else wrote rows of a hall.</summary>
    public void Forget(uint hall) => _rows?.Forget(hall);

    public static RowWrite ReachedOf(DbConnection connection) => RowWrite.Upsert(connection, "projections", [Column.Text("name"), Column.Number("hall"), Column.Number("sequence")], 2);

    private static async IAsyncEnumerable<uint> OutdatedAsync(DbConnection connection, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        var halls = new List<uint>();
        const string others = "SELECT DISTINCT hall FROM projections WHERE (name = 'legs' OR name LIKE 'legs.%') AND hall NOT IN (SELECT hall FROM projections WHERE name = @p0) ORDER BY hall";
        await foreach (var row in Sql.RowsAsync(connection, null, others, [Name], cancel)) halls.Add((uint)row.GetInt64(0));
        foreach (var hall in halls) yield return hall;
    }

    public async ValueTask DisposeAsync()
    {
        if (_reached is not null) await _reached.DisposeAsync();
        if (_rows is not null) await _rows.DisposeAsync();
        if (_connection is not null) await _connection.DisposeAsync();
        (_reached, _rows, _connection) = (null, null, null);
    }
}
