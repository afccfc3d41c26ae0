using System.Data.Common;
using HallOps.Core.Halls;
using HallOps.Silo.Journal;

namespace HallOps.Silo.Projections;

/// <summary>
/// Makes the rows of halls anew from their journals: each hall is folded into temporary tables, then they take the place of the old rows in one transaction. Until then the old ones serve. Imported visits stay
/// (their tickets are negative), and every day that has ended is due. One hall at a time; a connection of its own.
/// </summary>
internal sealed class ProjectionRebuild(DbConnection connection, IJournal journal) : IAsyncDisposable
{
    private const string Prefix = "rebuilt_";
    private const int MaxFacts = 2_000;

    private static readonly (string Table, string Keys, string[] Columns)[] Tables =
    [
        ("legs", "hall, ticket, leg", [.. ReportRows.LegColumns.Select(c => c.Name)]),
        ("calls", "hall, sequence", [.. ReportRows.CallColumns.Select(c => c.Name)]),
        ("window_time", "hall, \"window\", from_at", [.. ReportRows.WindowColumns.Select(c => c.Name)]),
        ("rollups_due", "hall, day", ["hall", "day"]),
    ];

    private uint _hall;
    private HallState _state = new();
    private ReportWatch? _watch;
    private ReportRows? _rows;

    public static async Task<ProjectionRebuild> OpenAsync(Func<CancellationToken, ValueTask<DbConnection>> open, IJournal journal, CancellationToken cancel)
    {
        var connection = await open(cancel);
        foreach (var (table, keys, _) in Tables)
        {
            // What it costs to write is the same; that they are temporary spares the database's log.
            await Sql.RunAsync(connection, null, $"CREATE TEMPORARY TABLE {Prefix}{table} AS SELECT * FROM {table} WHERE 1 = 0", [], cancel);
            await Sql.RunAsync(connection, null, $"CREATE UNIQUE INDEX {Prefix}{table}_key ON {Prefix}{table} ({keys})", [], cancel);
        }
        return new ProjectionRebuild(connection, journal);
    }

    /// <summary>Begins with a hall, whatever became of the one before.</summary>
    public async Task BeginAsync(uint hall, CancellationToken cancel)
    {
        foreach (var (table, _, _) in Tables) await Sql.RunAsync(connection, null, $"DELETE FROM {Prefix}{table}", [], cancel);
        if (_rows is not null) await _rows.DisposeAsync();
        _rows = new ReportRows(connection, Prefix);
        _state = new HallState();
        _watch = new ReportWatch(_state);
        _hall = hall;
    }

    /// <summary>Folds on up to a sequence.</summary>
    /// <param name="told">Told how far it is now and then; null: nobody.</param>
    /// <param name="within">A transaction that is under way; null: each page in one of its own.</param>
    /// <exception cref="HallDamagedException">A record is broken, missing or doubled.</exception>
    public async Task FoldAsync(long upTo, Action<long>? told, CancellationToken cancel, DbTransaction? within = null)
    {
        if (_state.Sequence >= upTo) return;
        var facts = new List<HallFact<ReportFact>>(MaxFacts);
        await foreach (var page in journal.ReadFromAsync(_hall, _state.Sequence, cancel))
        {
            foreach (var record in page)
            {
                if (record.Sequence > upTo) break;
                var @event = EventCodec.Read(record.Type, record.Version, record.Payload.Span);
                Hall.Evolve(_state, @event, new Instant(record.At), record.Sequence);
                facts.Add(new(_hall, record.Sequence, _watch!.See(@event, _state)));
            }
            if (facts.Count >= MaxFacts) await WriteAsync(facts, within, cancel);
            told?.Invoke(_state.Sequence);
            if (_state.Sequence >= upTo) break;
        }
        await WriteAsync(facts, within, cancel);
    }

    /// <summary>How far the hall's rows are that are there; 0: it has none.</summary>
    public async Task<long> StoredAsync(uint hall, CancellationToken cancel)
    {
        var stored = 0L;
        await foreach (var row in Sql.RowsAsync(connection, null, "SELECT sequence FROM projections WHERE name = @p0 AND hall = @p1", [ReportStore.Name, (long)hall], cancel)) stored = row.GetInt64(0);
        return stored;
    }

    /// <summary>Puts what is folded in the place of the hall's rows, and whatever they have beyond it with it. Another process that writes them waits, and finds its batch begins elsewhere.</summary>
    public async Task SwapAsync(CancellationToken cancel)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await FoldAsync(await RowsReached.LockAsync(connection, transaction, ReportStore.Name, _hall, cancel), null, cancel, transaction);
        await RunAsync("DELETE FROM legs WHERE hall = @p0 AND ticket > 0", (long)_hall);
        await RunAsync("DELETE FROM calls WHERE hall = @p0 AND ticket > 0", (long)_hall);
        await RunAsync("DELETE FROM window_time WHERE hall = @p0", (long)_hall);
        foreach (var (table, keys, columns) in Tables)
        {
            var names = string.Join(", ", columns.Select(c => $"\"{c}\""));
            // Without a condition SQLite reads ON CONFLICT as the ON of a join.
            var insert = $"INSERT INTO {table} ({names}) SELECT {names} FROM {Prefix}{table} WHERE 1 = 1";
            await RunAsync(table == "rollups_due" ? ReportRows.Due(insert) : $"{insert} ON CONFLICT ({keys}) DO NOTHING");
        }
        // Days that had figures and have no rows any more.
        await RunAsync(ReportRows.Due("INSERT INTO rollups_due (hall, \"day\") SELECT DISTINCT hall, bucket FROM rollups WHERE grain = 'day' AND dimension = 'hall' AND hall = @p0"), (long)_hall);
        await RunAsync("DELETE FROM projections WHERE hall = @p0 AND (name = 'legs' OR name LIKE 'legs.%') AND name <> @p1", (long)_hall, ReportStore.Name);
        await RunAsync("INSERT INTO projections (name, hall, sequence) VALUES (@p0, @p1, @p2) ON CONFLICT (name, hall) DO UPDATE SET sequence = excluded.sequence", ReportStore.Name, (long)_hall, _state.Sequence);
        // Where the journal has less than it had, the list is to hear of what comes.
        await RunAsync("UPDATE halls SET sequence = @p1 WHERE number = @p0 AND sequence > @p1", (long)_hall, _state.Sequence);
        await transaction.CommitAsync(cancel);

        Task RunAsync(string sql, params object[] values) => Sql.RunAsync(connection, transaction, sql, values, cancel);
    }

    private async Task WriteAsync(List<HallFact<ReportFact>> facts, DbTransaction? within, CancellationToken cancel)
    {
        if (facts.Count == 0) return;
        if (within is not null) await _rows!.WriteAsync(within, facts, cancel);
        else
        {
            await using var transaction = await connection.BeginTransactionAsync(cancel);
            await _rows!.WriteAsync(transaction, facts, cancel);
            await transaction.CommitAsync(cancel);
        }
        facts.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        if (_rows is not null) await _rows.DisposeAsync();
        await connection.DisposeAsync();
    }
}
