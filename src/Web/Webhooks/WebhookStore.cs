using System.Data.Common;
using System.Globalization;
using HallOps.Silo.Projections;

namespace HallOps.Web.Webhooks;

/// <summary>A delivery as SQL keeps it until it is delivered or given up.</summary>
/// <param name="Number">Ascending in the order in which things happened, of each hall.</param>
internal sealed record Delivery(long Number, string Endpoint, string Id, string Event, string Subject, string Body);

/// <summary>How far the journal was taken in.</summary>
/// <param name="Begun">Whether it ever was: before that, nothing that happened is to be told.</param>
/// <param name="Taken">By hall: the last sequence.</param>
/// <param name="Near">By hall and leg: the lowest threshold told.</param>
internal sealed record Progress(bool Begun, Dictionary<uint, long> Taken, Dictionary<(uint Hall, long Leg), int> Near);

/// <summary>A delivery that waits.</summary>
internal readonly record struct Waiting(long Number, string Endpoint, string Subject);

/// <summary>What one transaction makes durable.</summary>
/// <param name="Taken">By hall: what is taken in, tell it somebody something or not.</param>
/// <param name="DaysEnded">By hall: legs up to this sequence are not told of any more.</param>
internal sealed record Intake(IReadOnlyList<(uint Hall, Delivery Delivery)> Deliveries, IReadOnlyDictionary<uint, Reach> Taken, IReadOnlyDictionary<(uint Hall, long Leg), int> Near, IReadOnlyDictionary<uint, long> DaysEnded);

/// <param name="Deliveries">With their numbers.</param>
/// <param name="Elsewhere">By hall: the sequence it is at, of those of which nothing was stored, because another process took them further.</param>
/// <param name="Near">All of theirs, as it is now.</param>
internal sealed record Taken(IReadOnlyList<Delivery> Deliveries, Dictionary<uint, long> Elsewhere, IReadOnlyDictionary<(uint Hall, long Leg), int> Near);

/// <summary>The tables of webhooks, over one connection: the store has one writer anyway. Safe from any thread.</summary>
/// <param name="open">Opens a connection to the database; the tables are there already.</param>
internal sealed class WebhookStore(Func<CancellationToken, ValueTask<DbConnection>> open) : IAsyncDisposable
{
    private const string Name = "webhooks";

    // No hall has the number 0: its sequence is the number of the last delivery, whichever process stored it.
    private const long BegunMark = 0;

    private readonly SemaphoreSlim _one = new(1);
    private DbConnection? _connection;

    public Task<Progress> ReadProgressAsync(CancellationToken cancel) => WithAsync(async connection =>
    {
        var progress = new Progress(false, [], []);
        await foreach (var row in RowsAsync(connection, null, $"SELECT hall, sequence FROM projections WHERE name = '{Name}'", [], cancel))
        {
            if (row.GetInt64(0) == BegunMark) progress = progress with { Begun = true };
            else progress.Taken[(uint)row.GetInt64(0)] = row.GetInt64(1);
        }
        await foreach (var row in RowsAsync(connection, null, "SELECT hall, leg, threshold FROM webhook_near", [], cancel))
            progress.Near[((uint)row.GetInt64(0), row.GetInt64(1))] = row.GetInt32(2);
        return progress;
    }, cancel);

    /// <summary>Begins with the halls' present heads, unless another process has.</summary>
    public Task BeginAsync(IReadOnlyDictionary<uint, long> heads, CancellationToken cancel) => WithAsync(async connection =>
    {
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        const string begin = "INSERT INTO projections (name, hall, sequence) VALUES (@p0, @p1, @p2) ON CONFLICT (name, hall) DO NOTHING";
        if (await RunAsync(connection, transaction, begin, [Name, BegunMark, 0L], cancel) > 0)
            foreach (var (hall, head) in heads) await RunAsync(connection, transaction, begin, [Name, (long)hall, head], cancel);
        await transaction.CommitAsync(cancel);
        return true;
    }, cancel);

    /// <summary>Numbers the deliveries and stores all of it but of halls that are elsewhere, or nothing.</summary>
    public Task<Taken> StoreAsync(Intake intake, DateTimeOffset now, CancellationToken cancel) => WithAsync(async connection =>
    {
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        Task<int> RunAsync(string sql, params object[] values) => WebhookStore.RunAsync(connection, transaction, sql, values, cancel);
        var elsewhere = await RowsReached.ElsewhereAsync(connection, transaction, Name, intake.Taken, cancel);
        var near = new Dictionary<(uint, long), int>();
        if (elsewhere.Count > 0)
            await foreach (var row in RowsAsync(connection, transaction, $"SELECT hall, leg, threshold FROM webhook_near WHERE hall IN ({string.Join(", ", elsewhere.Keys.Select((_, i) => $"@p{i}"))})", [.. elsewhere.Keys.Select(h => (object)(long)h)], cancel))
                near[((uint)row.GetInt64(0), row.GetInt64(1))] = row.GetInt32(2);

        foreach (var ((hall, leg), threshold) in intake.Near.Where(n => !elsewhere.ContainsKey(n.Key.Hall)))
            await RunAsync("INSERT INTO webhook_near (hall, leg, threshold) VALUES (@p0, @p1, @p2) ON CONFLICT (hall, leg) DO UPDATE SET threshold = excluded.threshold", (long)hall, leg, threshold);
        foreach (var (hall, upTo) in intake.DaysEnded.Where(d => !elsewhere.ContainsKey(d.Key))) await RunAsync("DELETE FROM webhook_near WHERE hall = @p0 AND leg <= @p1", (long)hall, upTo);
        foreach (var (hall, reach) in intake.Taken.Where(t => !elsewhere.ContainsKey(t.Key)))
            await RunAsync("INSERT INTO projections (name, hall, sequence) VALUES (@p0, @p1, @p2) ON CONFLICT (name, hall) DO UPDATE SET sequence = excluded.sequence", Name, (long)hall, reach.To);

        var told = intake.Deliveries.Where(d => !elsewhere.ContainsKey(d.Hall)).Select(d => d.Delivery).ToList();
        // Locked until the end: whoever reads numbers up to one has all that will ever be below it.
        var last = told.Count == 0 ? 0 : await CountAsync(connection, transaction, told.Count, cancel);
        for (var i = 0; i < told.Count; i++)
        {
            var d = told[i] = told[i] with { Number = last - told.Count + 1 + i };
            await RunAsync("INSERT INTO webhook_deliveries (number, endpoint, id, event, subject, body, queued_at) VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6)",
                d.Number, d.Endpoint, d.Id, d.Event, d.Subject, d.Body, now.ToUnixTimeMilliseconds());
        }
        await transaction.CommitAsync(cancel);
        return new Taken(told, elsewhere, near);
    }, cancel);

    /// <summary>What waits, in order, above a number.</summary>
    public Task<List<Waiting>> AfterAsync(long number, CancellationToken cancel) => WithAsync(async connection =>
    {
        var waiting = new List<Waiting>();
        await foreach (var row in RowsAsync(connection, null, "SELECT number, endpoint, subject FROM webhook_deliveries WHERE number > @p0 ORDER BY number", [number], cancel))
            waiting.Add(new Waiting(row.GetInt64(0), row.GetString(1), row.GetString(2)));
        return waiting;
    }, cancel);

    /// <summary>Null: given up meanwhile.</summary>
    public Task<Delivery?> FindAsync(long number, CancellationToken cancel) => WithAsync(async connection =>
    {
        await foreach (var row in RowsAsync(connection, null, "SELECT endpoint, id, event, subject, body FROM webhook_deliveries WHERE number = @p0", [number], cancel))
            return new Delivery(number, row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4));
        return null;
    }, cancel);

    public Task RemoveAsync(long number, CancellationToken cancel) => RunAsync("DELETE FROM webhook_deliveries WHERE number = @p0", [number], cancel);

    /// <summary>Gives up what is older, and the oldest of what is above the bound. Numbers and ages have one order, so all of it comes before all that stays.</summary>
    /// <returns>The highest number given up, and how many.</returns>
    public Task<(long UpTo, int Count)> GiveUpAsync(string endpoint, DateTimeOffset olderThan, int keep, CancellationToken cancel) => WithAsync(async connection =>
    {
        await using var find = Command(connection, null, """
            SELECT COALESCE(MAX(number), 0) FROM (
                SELECT MAX(number) AS number FROM webhook_deliveries WHERE endpoint = @p0 AND queued_at < @p1
                UNION ALL SELECT (SELECT number FROM webhook_deliveries WHERE endpoint = @p0 ORDER BY number DESC LIMIT 1 OFFSET @p2)) AS late
            """, [endpoint, olderThan.ToUnixTimeMilliseconds(), keep]);
        var upTo = Convert.ToInt64(await find.ExecuteScalarAsync(cancel), CultureInfo.InvariantCulture);
        if (upTo == 0) return (0L, 0);
        await using var remove = Command(connection, null, "DELETE FROM webhook_deliveries WHERE endpoint = @p0 AND number <= @p1", [endpoint, upTo]);
        return (upTo, await remove.ExecuteNonQueryAsync(cancel));
    }, cancel);

    /// <summary>Removes what waits for endpoints that are in the settings no more.</summary>
    public Task<int> RemoveOthersAsync(IReadOnlyList<string> endpoints, CancellationToken cancel) =>
        RunAsync($"DELETE FROM webhook_deliveries WHERE endpoint NOT IN ({string.Join(", ", endpoints.Select((_, i) => $"@p{i}"))})", [.. endpoints], cancel);

    private Task<int> RunAsync(string sql, object[] values, CancellationToken cancel) => WithAsync(connection => RunAsync(connection, null, sql, values, cancel), cancel);

    private static async Task<int> RunAsync(DbConnection connection, DbTransaction? transaction, string sql, object[] values, CancellationToken cancel)
    {
        await using var command = Command(connection, transaction, sql, values);
        return await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>The last of so many new numbers. Before numbers were counted, those that wait were the only ones known.</summary>
    private static async Task<long> CountAsync(DbConnection connection, DbTransaction transaction, int count, CancellationToken cancel)
    {
        await using var command = Command(connection, transaction, """
            UPDATE projections SET sequence = @p0 + (SELECT COALESCE(MAX(number), 0) FROM (SELECT projections.sequence AS number UNION ALL SELECT MAX(number) FROM webhook_deliveries) AS known) WHERE name = @p1 AND hall = @p2 RETURNING sequence
            """, [(long)count, Name, BegunMark]);
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancel) ?? throw new InvalidOperationException("Nothing was begun."), CultureInfo.InvariantCulture);
    }

    private async Task<T> WithAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancel)
    {
        await _one.WaitAsync(cancel);
        try
        {
            return await work(_connection ??= await open(cancel));
        }
        catch
        {
            // Whatever it was, the next one begins on a connection of which everything is known.
            if (_connection is { } broken) await broken.DisposeAsync();
            _connection = null;
            throw;
        }
        finally
        {
            _one.Release();
        }
    }

    private static async IAsyncEnumerable<DbDataReader> RowsAsync(DbConnection connection, DbTransaction? transaction, string sql, object[] values, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        await using var command = Command(connection, transaction, sql, values);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel)) yield return reader;
    }

    private static DbCommand Command(DbConnection connection, DbTransaction? transaction, string sql, object[] values)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // Every text is one of this file's own.
        command.CommandText = sql;
#pragma warning restore CA2100
        for (var i = 0; i < values.Length; i++)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = ($"@p{i}", values[i]);
            command.Parameters.Add(parameter);
        }
        return command;
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection) await connection.DisposeAsync();
        _one.Dispose();
    }
}
