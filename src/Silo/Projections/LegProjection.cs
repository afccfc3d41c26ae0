using System.Collections.Frozen;
using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using System.Threading.Channels;
using HallOps.Core.Halls;
using HallOps.Silo.Feeds;
using HallOps.Silo.Journal;
using Microsoft.Extensions.Logging;

namespace HallOps.Silo.Projections;

/// <summary>
/// Durable events as rows for analysts and lists: <c>legs</c>, a row a leg, and <c>halls</c>, a row a hall. One sequence a hall in <c>projections</c>, in the same transaction as its rows: so each
/// event counts exactly once, whatever crashes. What it did not hear (a crash, an absence, a reload, its queue full) it reads from the journal.
/// </summary>
/// <param name="open">Opens a connection to the database; the tables are there already.</param>
/// <param name="maxQueued">Events that may wait for the database; what comes while it is full is read from the journal later.</param>
/// <param name="listed">Told what the list of halls got; null: nobody.</param>
public sealed partial class LegProjection(
    Func<CancellationToken, ValueTask<DbConnection>> open, IJournal journal, TimeProvider time, ILogger log, int maxQueued = LegProjection.MaxQueued, IHallListings? listed = null) : IConfirmedEvents, IAsyncDisposable
{
    private const string Name = "legs";

    /// <summary>As many as may be in flight in all halls: one flush of a full journal writer fits.</summary>
    private const int MaxQueued = 65_536;

    private const int MaxBatch = 2_000;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ListEvery = TimeSpan.FromSeconds(1);

    /// <summary>How long events gather before they are written while nobody waits for them: a transaction costs as much as dozens of rows, and a leg that changes twice meanwhile is one row.</summary>
    private static readonly TimeSpan GatherFor = TimeSpan.FromMilliseconds(50);

    private readonly Channel<Heard> _heard = Channel.CreateBounded<Heard>(new BoundedChannelOptions(maxQueued) { SingleReader = true });
    private readonly Dictionary<uint, long> _applied = [];
    private readonly HashSet<uint> _unlisted = [];
    private readonly HashSet<uint> _unheard = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly List<(uint Hall, long Sequence, TaskCompletionSource Done)> _waiting = [];
    private TaskCompletionSource _hurry = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IHalls? _halls;
    private Task _running = Task.CompletedTask;
    private long _listed;

    /// <summary>Reads how far each hall is, catches up with the journal and goes on from there.</summary>
    public void Start(IHalls halls)
    {
        _halls = halls;
        _running = Task.Run(() => RunAsync(_stop.Token));
    }

    public void Confirmed(HallState state, HallEvent @event) => Hear(new Heard(state.Number, state.Sequence, LegRow.ChangedBy(@event, state)));

    public void Loaded(HallState state) => Hear(new Heard(state.Number, state.Sequence, null));

    /// <summary>Completes when the rows of a hall have everything up to a sequence, and its list entry with them.</summary>
    /// <exception cref="OperationCanceledException">Not before <paramref name="cancel"/>.</exception>
    public async Task CaughtUpAsync(uint hall, long sequence, CancellationToken cancel)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_applied.GetValueOrDefault(hall) >= sequence && !_unlisted.Contains(hall)) return;
            _waiting.Add((hall, sequence, done));
            _hurry.TrySetResult();
        }
        // The list may be waiting for its second to pass: nobody does while somebody waits.
        _heard.Writer.TryWrite(Heard.Nothing);
        try
        {
            await done.Task.WaitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            lock (_gate) _waiting.RemoveAll(w => w.Done == done);
            throw;
        }
    }

    private void Hear(Heard heard)
    {
        if (_heard.Writer.TryWrite(heard)) return;
        // No room: the journal has it. Remembered, because the hall may say nothing more for hours.
        lock (_gate) _unheard.Add(heard.Hall);
    }

    public async ValueTask DisposeAsync()
    {
        _heard.Writer.TryComplete();
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await using var connection = await open(cancel);
                await using var writes = await Writes.PrepareAsync(connection, cancel);
                await FollowAsync(writes, cancel);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            // Halls run on without us, whatever it is: what is lost here stands in the journal, and is read from there once the database answers.
            catch (Exception failed)
            {
                LogBehind(log, failed);
                await Task.Delay(RetryAfter, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task FollowAsync(Writes writes, CancellationToken cancel)
    {
        await ReadAppliedAsync(writes.Connection, cancel);
        foreach (var hall in await journal.HallsAsync(cancel)) await TryCatchUpAsync(writes, hall.Number, cancel);
        var batch = new List<Heard>(MaxBatch);
        while (true)
        {
            await ListAsync(writes, cancel);
            await NextAsync(batch, cancel);
            await ApplyAsync(writes, batch, cancel);
            batch.Clear();
        }
    }

    /// <summary>Waits for something to apply; takes nothing when it is time to look at the list of halls instead.</summary>
    private async Task NextAsync(List<Heard> batch, CancellationToken cancel)
    {
        bool unlisted;
        lock (_gate) unlisted = _unlisted.Count > 0;
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var timer = unlisted ? time.CreateTimer(static s => ((CancellationTokenSource)s!).Cancel(), soon, ListEvery, Timeout.InfiniteTimeSpan) : null;
        try
        {
            if (!await _heard.Reader.WaitToReadAsync(soon.Token)) await Task.Delay(Timeout.InfiniteTimeSpan, time, cancel);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return;
        }
        await GatherAsync(cancel);
        while (batch.Count < MaxBatch && _heard.Reader.TryRead(out var heard)) batch.Add(heard);
    }

    /// <summary>Returns at once while somebody waits for rows, or a batch is there already.</summary>
    private async Task GatherAsync(CancellationToken cancel)
    {
        if (_heard.Reader.Count >= MaxBatch) return;
        Task hurry;
        lock (_gate)
        {
            if (_waiting.Count > 0) return;
            if (_hurry.Task.IsCompleted) _hurry = new(TaskCreationOptions.RunContinuationsAsynchronously);
            hurry = _hurry.Task;
        }
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await Task.WhenAny(hurry, Task.Delay(GatherFor, time, enough.Token));
        await enough.CancelAsync();
        cancel.ThrowIfCancellationRequested();
    }

    private async Task ApplyAsync(Writes writes, List<Heard> batch, CancellationToken cancel)
    {
        var rows = new Dictionary<(long, long, int), LegRow>();
        var reached = new Dictionary<uint, long>();
        HashSet<uint> missed;
        // Those that found no room come after everything that did.
        lock (_gate)
        {
            missed = [.. _unheard];
            _unheard.Clear();
        }
        foreach (var heard in batch)
        {
            var applied = reached.TryGetValue(heard.Hall, out var r) ? r : _applied.GetValueOrDefault(heard.Hall);
            if (heard.Sequence <= applied) continue;
            if (heard.Rows is null || heard.Sequence > applied + 1)
            {
                missed.Add(heard.Hall);
                continue;
            }
            foreach (var row in heard.Rows) rows[(row.Hall, row.Ticket, row.Leg)] = row;
            reached[heard.Hall] = heard.Sequence;
        }
        if (reached.Count > 0) await StoreAsync(writes, rows.Values, reached, cancel);
        foreach (var hall in missed) await TryCatchUpAsync(writes, hall, cancel);
    }

    /// <summary>A hall whose journal is damaged keeps the rows it has; the others go on.</summary>
    private async Task TryCatchUpAsync(Writes writes, uint hall, CancellationToken cancel)
    {
        try
        {
            await CatchUpAsync(writes, hall, cancel);
        }
        catch (Exception damaged) when (damaged is HallDamagedException or FormatException or InvalidOperationException or KeyNotFoundException or ArgumentException or OverflowException)
        {
            LogDamaged(log, damaged, hall);
        }
    }

    /// <summary>Folds a hall's journal anew and stores the rows of what was not applied yet.</summary>
    private async Task CatchUpAsync(Writes writes, uint hall, CancellationToken cancel)
    {
        var applied = _applied.GetValueOrDefault(hall);
        var state = new HallState();
        var from = 0L;
        var history = await journal.ReadAsync(hall, cancel);
        if (history.Head.Sequence <= applied) return;
        if (history.Snapshot is { } snapshot && snapshot.Sequence <= applied)
        {
            state = SnapshotCodec.Read(snapshot.Body.Span).State;
            from = snapshot.Sequence;
        }
        var rows = new Dictionary<(long, long, int), LegRow>();
        await foreach (var page in journal.ReadFromAsync(hall, from, cancel))
        {
            foreach (var record in page)
            {
                var @event = EventCodec.Read(record.Type, record.Version, record.Payload.Span);
                Hall.Evolve(state, @event, new Instant(record.At), record.Sequence);
                if (record.Sequence <= applied) continue;
                foreach (var row in LegRow.ChangedBy(@event, state)) rows[(row.Hall, row.Ticket, row.Leg)] = row;
            }
            if (rows.Count < MaxBatch) continue;
            await StoreAsync(writes, rows.Values, new() { [hall] = state.Sequence }, cancel);
            rows.Clear();
        }
        if (state.Sequence > applied) await StoreAsync(writes, rows.Values, new() { [hall] = state.Sequence }, cancel);
    }

    private async Task ReadAppliedAsync(DbConnection connection, CancellationToken cancel)
    {
        await using var command = connection.CreateCommand();
        // A crash between the two leaves rows that the list does not have yet.
        command.CommandText = "SELECT p.hall, p.sequence, h.sequence FROM projections p LEFT JOIN halls h ON h.number = p.hall WHERE p.name = @name";
        Add(command, "@name", Name);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var applied = new List<(uint Hall, long Sequence, bool IsListed)>();
        while (await reader.ReadAsync(cancel))
            applied.Add(((uint)reader.GetInt64(0), reader.GetInt64(1), !reader.IsDBNull(2) && reader.GetInt64(2) >= reader.GetInt64(1)));
        lock (_gate)
        {
            _applied.Clear();
            foreach (var (hall, sequence, isListed) in applied)
            {
                _applied[hall] = sequence;
                if (!isListed) _unlisted.Add(hall);
            }
        }
    }

    private async Task StoreAsync(Writes writes, Dictionary<(long, long, int), LegRow>.ValueCollection rows, Dictionary<uint, long> reached, CancellationToken cancel)
    {
        await using var transaction = await writes.Connection.BeginTransactionAsync(cancel);
        var upsert = writes.Leg;
        upsert.Transaction = transaction;
        foreach (var row in rows)
        {
            Fill(upsert, row);
            await upsert.ExecuteNonQueryAsync(cancel);
        }
        var checkpoint = writes.Checkpoint;
        checkpoint.Transaction = transaction;
        foreach (var (number, upTo) in reached)
        {
            (checkpoint.Parameters[0].Value, checkpoint.Parameters[1].Value) = ((long)number, upTo);
            await checkpoint.ExecuteNonQueryAsync(cancel);
        }
        await transaction.CommitAsync(cancel);
        lock (_gate)
        {
            foreach (var (number, upTo) in reached)
            {
                _applied[number] = upTo;
                _unlisted.Add(number);
            }
        }
    }

    /// <summary>Writes the list entries of halls that changed, at most once a second each unless somebody waits for one.</summary>
    private async Task ListAsync(Writes writes, CancellationToken cancel)
    {
        uint[] halls;
        lock (_gate)
        {
            if (_unlisted.Count == 0 || (_waiting.Count == 0 && time.GetElapsedTime(_listed) < ListEvery)) return;
            halls = [.. _unlisted];
        }
        _listed = time.GetTimestamp();
        // Read first: a hall may have to load, and the database's one writer is not kept waiting for that.
        var listings = new List<(uint Number, HallListing Listing)>(halls.Length);
        foreach (var number in halls)
            if (await ListingOfAsync(number, cancel) is { } listing) listings.Add((number, listing));
        await using var transaction = await writes.Connection.BeginTransactionAsync(cancel);
        var upsert = writes.Hall;
        upsert.Transaction = transaction;
        foreach (var (number, listing) in listings)
        {
            Fill(upsert, number, listing);
            await upsert.ExecuteNonQueryAsync(cancel);
        }
        await transaction.CommitAsync(cancel);
        if (listed is not null && listings.Count > 0) await listed.ListedAsync([.. listings.Select(l => l.Listing)], cancel);
        List<TaskCompletionSource> done = [];
        lock (_gate)
        {
            foreach (var number in halls) _unlisted.Remove(number);
            _waiting.RemoveAll(w =>
            {
                if (_applied.GetValueOrDefault(w.Hall) < w.Sequence || _unlisted.Contains(w.Hall)) return false;
                done.Add(w.Done);
                return true;
            });
        }
        foreach (var waiting in done) waiting.SetResult();
    }

    /// <summary>Null for a hall that stands still: it keeps the entry it had.</summary>
    private async ValueTask<HallListing?> ListingOfAsync(uint number, CancellationToken cancel)
    {
        if (_halls!.Find(number) is not { } hall) return null;
        try
        {
            return await _halls.ReadAsync(hall.Hall, new ReadListing(), cancel);
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            LogUnlisted(log, failed, hall.Hall.Value);
            return null;
        }
    }

    private static readonly string[] LegColumns =
    [
        "hall", "ticket", "leg", "number", "day", "service", "line", "class", "source", "issued_at", "since", "called_at", "first_called_at", "started_at", "start_kind", "finished_at",
        "window", "staff", "outcome", "finish_outcome", "reason", "overtook", "times", "misses", "grade", "state",
    ];

    private static readonly string[] HallColumns = ["number", "hall", "name_zh", "name_en", "region", "longitude", "latitude", "kind", "level", "open", "waiting", "estimate_json", "next_at", "opens_at", "sequence"];

    /// <summary>The connection and what is written on it, prepared once: parsing an upsert of 26 columns costs more than running it.</summary>
    private sealed class Writes : IAsyncDisposable
    {
        private Writes(DbConnection connection) =>
            (Connection, Leg, Hall, Checkpoint) = (connection, Upsert(connection, "legs", LegColumns, 3), Upsert(connection, "halls", HallColumns, 1), CheckpointUpsert(connection));

        public DbConnection Connection { get; }

        public DbCommand Leg { get; }

        public DbCommand Hall { get; }

        /// <summary>Parameters: hall, sequence.</summary>
        public DbCommand Checkpoint { get; }

        public static async ValueTask<Writes> PrepareAsync(DbConnection connection, CancellationToken cancel)
        {
            var writes = new Writes(connection);
            await writes.Leg.PrepareAsync(cancel);
            await writes.Hall.PrepareAsync(cancel);
            await writes.Checkpoint.PrepareAsync(cancel);
            return writes;
        }

        public async ValueTask DisposeAsync()
        {
            await Leg.DisposeAsync();
            await Hall.DisposeAsync();
            await Checkpoint.DisposeAsync();
        }
    }

    private static DbCommand CheckpointUpsert(DbConnection connection)
    {
        var command = connection.CreateCommand();
        command.CommandText = "INSERT INTO projections (name, hall, sequence) VALUES (@name, @hall, @sequence) ON CONFLICT (name, hall) DO UPDATE SET sequence = excluded.sequence";
        Add(command, "@hall", 0L);
        Add(command, "@sequence", 0L);
        Add(command, "@name", Name);
        return command;
    }

    private static DbCommand Upsert(DbConnection connection, string table, string[] columns, int keys)
    {
        var command = connection.CreateCommand();
        static string Quoted(string column) => $"\"{column}\"";
        command.CommandText = $"INSERT INTO {table} ({string.Join(", ", columns.Select(Quoted))}) VALUES ({string.Join(", ", columns.Select((_, i) => ParameterOf(i)))}) "
            + $"ON CONFLICT ({string.Join(", ", columns[..keys].Select(Quoted))}) DO UPDATE SET {string.Join(", ", columns[keys..].Select(c => $"{Quoted(c)} = excluded.{Quoted(c)}"))}";
        for (var i = 0; i < columns.Length; i++) Add(command, ParameterOf(i), DBNull.Value);
        return command;
    }

    // They are looked up by name for every row, one after the other: short names that differ in their first letter.
    private static string ParameterOf(int column) => $"@{(char)('a' + column)}";

    private static void Fill(DbCommand command, LegRow row)
    {
        var i = 0;
        void Next(object? value) => command.Parameters[i++].Value = value ?? DBNull.Value;
        Next(row.Hall);
        Next(row.Ticket);
        Next(row.Leg);
        Next(row.Number);
        Next(row.Day);
        Next(row.Service);
        Next(row.Line);
        Next(row.Class);
        Next(Word<TicketSource>(row.Source));
        Next(row.IssuedAt);
        Next(row.Since);
        Next(row.CalledAt);
        Next(row.FirstCalledAt);
        Next(row.StartedAt);
        Next(Word(row.StartKind));
        Next(row.FinishedAt);
        Next(row.Window);
        Next(row.Staff);
        Next(Word<LegOutcome>(row.Outcome));
        Next(Word(row.FinishOutcome));
        Next(row.Reason?.ToString());
        Next(row.Overtook);
        Next(row.Times);
        Next(row.Misses);
        Next(Word(row.Grade));
        Next(Word<TicketState>(row.State));
    }

    private static void Fill(DbCommand command, uint number, HallListing listing)
    {
        var i = 0;
        void Next(object? value) => command.Parameters[i++].Value = value ?? DBNull.Value;
        Next((long)number);
        Next(listing.Hall);
        Next(listing.Name.Zh);
        Next(listing.Name.En);
        Next(JsonSerializer.Serialize(listing.Region, FeedJson.Options));
        Next(listing.Location?.Longitude);
        Next(listing.Location?.Latitude);
        Next(Word<HallKind>(listing.Kind));
        Next(listing.Level);
        Next(listing.Open ? 1 : 0);
        Next(listing.Waiting);
        Next(listing.Estimate is null ? null : JsonSerializer.Serialize(listing.Estimate, FeedJson.Options));
        Next(listing.NextAt?.Milliseconds);
        Next(listing.OpensAt?.ToString("O", CultureInfo.InvariantCulture));
        Next(listing.Sequence);
    }

    private static string? Word<T>(T? word) where T : struct, Enum => word is { } w ? Words<T>.Of[w] : null;

    private static class Words<T> where T : struct, Enum
    {
        public static readonly FrozenDictionary<T, string> Of = Enum.GetValues<T>().Distinct().ToFrozenDictionary(w => w, w => JsonNamingPolicy.CamelCase.ConvertName(w.ToString()));
    }

    private static DbParameter Add(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value;
        command.Parameters.Add(parameter);
        return parameter;
    }

    [LoggerMessage(120, LogLevel.Warning, "The projection of legs is behind and catches up from the journal.")]
    private static partial void LogBehind(ILogger log, Exception failed);

    [LoggerMessage(121, LogLevel.Error, "The journal of hall number {Hall} is damaged: its rows are not brought up to date.")]
    private static partial void LogDamaged(ILogger log, Exception damaged, uint hall);

    [LoggerMessage(122, LogLevel.Warning, "Hall {Hall} cannot be read for the list of halls, which keeps what it has of it.")]
    private static partial void LogUnlisted(ILogger log, Exception failed, string hall);

    /// <param name="Rows">Null: the hall was loaded and is there; what it did before, we may not have heard.</param>
    private readonly record struct Heard(uint Hall, long Sequence, LegRow[]? Rows)
    {
        // No hall has the number 0.
        public static readonly Heard Nothing = new(0, 0, []);
    }
}
