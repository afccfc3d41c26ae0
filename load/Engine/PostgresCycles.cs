using System.Diagnostics;
using HallOps.Load.Halls;
using Npgsql;
using NpgsqlTypes;

namespace HallOps.Load.Engine;

/// <param name="ServerCpu">Of PostgreSQL's own processes.</param>
internal sealed record PostgresRun(TimeSpan Took, long Cycles, TimeSpan ServerCpu)
{
    public double CyclesPerSecond => Cycles / Took.TotalSeconds;
}

/// <summary>
/// The same cycles as rows of a table: each step one prepared statement and one durable transaction, a connection a client. It keeps no rules, no history and no keys; what is compared is
/// the waiting line itself.
/// </summary>
internal sealed class PostgresCycles : IAsyncDisposable
{
    private const string Tables = """
        DROP TABLE IF EXISTS tickets;
        CREATE TABLE tickets(
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, hall int NOT NULL, line int NOT NULL, state smallint NOT NULL, service text NOT NULL,
            issued timestamptz NOT NULL DEFAULT now(), called timestamptz, started timestamptz, finished timestamptz, called_at text, outcome text);
        CREATE INDEX tickets_waiting ON tickets(hall, line, state, id);
        """;

    private const string Issue = "INSERT INTO tickets(hall, line, state, service) VALUES($1, $2, 0, $3) RETURNING id";

    private const string Call = """
        UPDATE tickets SET state = 1, called = now(), called_at = $3
        WHERE id = (SELECT id FROM tickets WHERE hall = $1 AND line = $2 AND state = 0 ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id
        """;

    private const string Start = "UPDATE tickets SET state = 2, started = now() WHERE id = $1 AND state = 1 RETURNING id";
    private const string Finish = "UPDATE tickets SET state = 3, finished = now(), outcome = 'done' WHERE id = $1 AND state = 2 RETURNING id";

    private readonly PostgresServer _server;
    private readonly Client[] _clients;

    private PostgresCycles(PostgresServer server, Client[] clients) => (_server, _clients) = (server, clients);

    public static async Task<PostgresCycles> OpenAsync(PostgresServer server, Slot[] slots, int clients)
    {
        await using (var connection = new NpgsqlConnection(server.ConnectionString))
        {
            await connection.OpenAsync();
            await using var create = new NpgsqlCommand(Tables, connection);
            await create.ExecuteNonQueryAsync();
        }
        var lines = slots.Select(s => s.Line).Distinct().ToList();
        var rows = slots.Select(s => new Row(s.Hall, lines.IndexOf(s.Line), s.Service.Value, s.Window.Value)).ToArray();
        var open = new List<Client>();
        for (var i = 0; i < clients; i++)
        {
            var client = new Client(new NpgsqlConnection(server.ConnectionString), [.. rows.Where((_, row) => row % clients == i)]);
            await client.OpenAsync();
            open.Add(client);
        }
        return new(server, [.. open]);
    }

    public async Task<PostgresRun> RunAsync(TimeSpan warmUp, TimeSpan measured)
    {
        using var stop = new CancellationTokenSource();
        var running = _clients.Select(c => Task.Run(() => c.RunAsync(stop.Token))).ToArray();
        await Task.WhenAny(Task.WhenAll(running), Task.Delay(warmUp));
        var (cpu, before, began) = (_server.Cpu, Count(), Stopwatch.GetTimestamp());
        await Task.WhenAny(Task.WhenAll(running), Task.Delay(measured));
        var took = Stopwatch.GetElapsedTime(began);
        var run = new PostgresRun(took, Count() - before, _server.Cpu - cpu);
        await stop.CancelAsync();
        await Task.WhenAll(running);
        return run;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients) await client.DisposeAsync();
    }

    private long Count() => _clients.Sum(c => Volatile.Read(ref c.Cycles));

    private readonly record struct Row(int Hall, int Line, string Service, string Window);

    private sealed class Client(NpgsqlConnection connection, Row[] rows) : IAsyncDisposable
    {
        private readonly NpgsqlCommand _issue = Command(connection, Issue, NpgsqlDbType.Integer, NpgsqlDbType.Integer, NpgsqlDbType.Text);
        private readonly NpgsqlCommand _call = Command(connection, Call, NpgsqlDbType.Integer, NpgsqlDbType.Integer, NpgsqlDbType.Text);
        private readonly NpgsqlCommand _start = Command(connection, Start, NpgsqlDbType.Bigint);
        private readonly NpgsqlCommand _finish = Command(connection, Finish, NpgsqlDbType.Bigint);
        private int _next;

        public long Cycles;

        public async Task OpenAsync()
        {
            await connection.OpenAsync();
            foreach (var command in (IReadOnlyList<NpgsqlCommand>)[_issue, _call, _start, _finish]) await command.PrepareAsync();
        }

        public async Task RunAsync(CancellationToken stop)
        {
            for (; !stop.IsCancellationRequested; _next = (_next + 1) % rows.Length)
            {
                var row = rows[_next];
                await OneAsync(_issue, row.Hall, row.Line, row.Service);
                var called = await OneAsync(_call, row.Hall, row.Line, row.Window);
                await OneAsync(_start, called);
                await OneAsync(_finish, called);
                Cycles++;
            }
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var command in (IReadOnlyList<NpgsqlCommand>)[_issue, _call, _start, _finish]) await command.DisposeAsync();
            await connection.DisposeAsync();
        }

        private static async Task<long> OneAsync(NpgsqlCommand command, params object[] values)
        {
            for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i];
            return await command.ExecuteScalarAsync() is long id ? id : throw new InvalidOperationException($"Nothing came back from: {command.CommandText}");
        }

        private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params NpgsqlDbType[] types)
        {
            var command = new NpgsqlCommand(sql, connection);
            foreach (var type in types) command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = type });
            return command;
        }
    }
}
