using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Silo.Journal;
using HallOps.Silo.Projections;
using HallOps.Web.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;

namespace HallOps.Web.Tests.Projections;

/// <summary>The projection of reports and halls over the schema that the migrations make: its rows are a fold of the journal (I10), whatever happened in between.</summary>
public sealed class ReportProjectionTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hallops-projection-").FullName;
    private readonly Dictionary<uint, DrivenHall> _halls = [];
    private SqliteJournal _journal = null!;
    private Cracked _cracked = null!;
    private ReportProjection _projection = null!;
    private volatile bool _away;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var options = new DbContextOptionsBuilder<HallOpsDb>().UseSqlite(Database).ConfigureWarnings(w => w.Ignore(RelationalEventId.PendingModelChangesWarning, CoreEventId.MappedEntityTypeIgnoredWarning));
        await using (var database = new HallOpsDb(options.Options))
        {
            await database.Database.MigrateAsync(Cancel);
            await database.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL", Cancel);
        }
        _journal = SqliteJournal.Open(_folder);
        _cracked = new Cracked(_journal);
        Open();
        foreach (var (number, name) in new[] { (1u, "h"), (2u, "o") })
        {
            var hall = new DrivenHall(_journal, number, new HallId(name), () => _projection);
            _halls.Add(number, hall);
            await hall.LoadAsync();
            await hall.ConfigureAsync();
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Rows_AfterRandomDays_AreAFoldOfTheJournal(int seed)
    {
        var random = new Random(seed);
        for (var day = 0; day < 2; day++)
        {
            for (var i = 0; i < 400; i++) await _halls[(uint)random.Next(1, 3)].SendAnythingAsync(random);
            foreach (var hall in _halls.Values) await hall.SendAsync(new Poke(), TimeSpan.FromHours(20));
        }
        await SameAsFoldAsync($"seed {seed}");
        Assert.NotEmpty(await ColumnAsync("SELECT DISTINCT outcome FROM legs WHERE outcome = 'abandoned'"));
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public async Task Rows_AfterCrashes_CountEveryEventOnce(int seed)
    {
        var random = new Random(seed);
        for (var crash = 0; crash < 12; crash++)
        {
            for (var i = random.Next(60); i >= 0; i--) await _halls[(uint)random.Next(1, 3)].SendAnythingAsync(random);
            if (random.Next(3) == 0) await _halls[1].SnapshotAsync();
            // In the middle of whatever it does; what it had not stored is read from the journal by the next one.
            await _projection.DisposeAsync();
            for (var i = random.Next(20); i > 0; i--) await _halls[(uint)random.Next(1, 3)].SendAnythingAsync(random);
            if (random.Next(3) == 0) await _halls[2].SnapshotAsync();
            Open();
        }
        await SameAsFoldAsync($"seed {seed}");
    }

    [Fact]
    public async Task Rows_AfterTheDatabaseWasAway_AreCaughtUp()
    {
        var random = new Random(21);
        for (var i = 0; i < 50; i++) await _halls[1].SendAnythingAsync(random);
        await SameAsFoldAsync("before");

        await using (var other = new SqliteConnection(Database))
        {
            await other.OpenAsync(Cancel);
            await using var locked = other.BeginTransaction();
            _away = true;
            for (var i = 0; i < 200; i++) await _halls[(uint)random.Next(1, 3)].SendAnythingAsync(random);
            using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(1500));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _projection.CaughtUpAsync(1, _halls[1].Sequence, soon.Token));
        }
        _away = false;
        await SameAsFoldAsync("after");
    }

    [Fact]
    public async Task Rows_AfterAReloadThatLostWords_HaveWhatTheJournalHas()
    {
        var random = new Random(31);
        for (var i = 0; i < 300; i++) await _halls[1].SendAnythingAsync(random, isLost: random.Next(10) == 0);
        // The last words of all: nothing comes after them that would show the gap.
        await _halls[1].SendAsync(new IssueTicket(new ServiceId("s"), null, Grants.Self, null, null, TicketSource.Kiosk, null, false, null), TimeSpan.Zero, isLost: true);
        await SameAsFoldAsync("after reloads");
    }

    [Fact]
    public async Task Rows_WhenTheQueueOverflows_AreReadFromTheJournal()
    {
        await _projection.DisposeAsync();
        _away = true;
        Open(maxQueued: 16);
        var random = new Random(41);
        for (var i = 0; i < 200; i++) await _halls[(uint)random.Next(1, 3)].SendAnythingAsync(random);
        _away = false;
        await SameAsFoldAsync("after the overflow");

        // And with the database there, but everything at once.
        for (var i = 0; i < 400; i++) await _halls[(uint)random.Next(1, 3)].SendAnythingAsync(random);
        await SameAsFoldAsync("after many at once");
    }

    [Fact]
    public async Task Rows_OfADamagedHall_DoNotHoldUpTheOthers()
    {
        var random = new Random(51);
        await _projection.DisposeAsync();
        for (var i = 0; i < 100; i++) await _halls[(uint)random.Next(1, 3)].SendAnythingAsync(random);
        _cracked.Hall = 1;
        Open();
        await CaughtUpAsync(_halls[2]);
        Assert.Equal(await FoldAsync(2), await RowsAsync(2));
        Assert.Empty(await RowsAsync(1));
    }

    [Fact]
    public async Task DayEnded_ChangesTheRowsOfThatDay()
    {
        var hall = _halls[1];
        var issue = new IssueTicket(new ServiceId("s"), null, Grants.Self, null, null, TicketSource.Kiosk, null, false, null);
        var clerk = new Clerk("c", new StaffId("w01"), false);
        for (var i = 0; i < 3; i++) await hall.SendAsync(issue, TimeSpan.FromMinutes(1));
        await hall.SendAsync(new OpenWindow(new WindowId("1"), clerk, null), TimeSpan.Zero);
        await hall.SendAsync(new CallNext(new WindowId("1"), clerk), TimeSpan.Zero);
        await hall.SendAsync(new StartService(new WindowId("1"), clerk), TimeSpan.Zero);
        await hall.SendAsync(issue with { Printed = false }, TimeSpan.Zero);
        await hall.SendAsync(new Poke(), TimeSpan.FromHours(20));
        await CaughtUpAsync(hall);
        Assert.Equal(["A001 2026-11-02 serving open", "A002 2026-11-02 expired abandoned", "A003 2026-11-02 expired abandoned", "A004 2026-11-02 void void"],
            await ColumnAsync("SELECT number || ' ' || day || ' ' || state || ' ' || outcome FROM legs ORDER BY ticket"));
        await SameAsFoldAsync("after the day");
    }

    [Fact]
    public async Task List_ThatAMissedCrashLeftBehind_IsWrittenAtTheNextStart()
    {
        await CaughtUpAsync(_halls[1]);
        await _projection.DisposeAsync();
        await using (var connection = new SqliteConnection(Database))
        {
            await connection.OpenAsync(Cancel);
            await using var behind = connection.CreateCommand();
            behind.CommandText = "UPDATE halls SET sequence = 0, waiting = 99 WHERE number = 1";
            await behind.ExecuteNonQueryAsync(Cancel);
        }
        Open();
        await CaughtUpAsync(_halls[1]);
        Assert.Equal(["0"], await ColumnAsync("SELECT CAST(waiting AS TEXT) FROM halls WHERE number = 1"));
    }

    private void Open(int? maxQueued = null)
    {
        _projection = new ReportProjection(OpenDatabaseAsync, _cracked, TimeProvider.System, NullLogger.Instance, maxQueued);
        _projection.Start(new Listings(_halls));
    }

    private async ValueTask<DbConnection> OpenDatabaseAsync(CancellationToken cancel)
    {
        if (_away) throw new SqliteException("the test has the database", 5);
        var connection = new SqliteConnection(Database);
        await connection.OpenAsync(cancel);
        return connection;
    }

    private string Database => new SqliteConnectionStringBuilder { DataSource = Path.Combine(_folder, "hallops.db"), Pooling = false, DefaultTimeout = 1 }.ToString();

    private async Task CaughtUpAsync(DrivenHall hall)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        late.CancelAfter(TimeSpan.FromSeconds(20));
        try
        {
            await _projection.CaughtUpAsync(hall.Number, hall.Sequence, late.Token);
        }
        catch (OperationCanceledException) when (!Cancel.IsCancellationRequested)
        {
            Assert.Fail($"Hall {hall.Hall} was to be caught up to {hall.Sequence} within 20 s; it is at {string.Join(' ', await ColumnAsync("SELECT hall || ':' || sequence FROM projections"))}.");
        }
    }

    private async Task SameAsFoldAsync(string when)
    {
        foreach (var hall in _halls.Values)
        {
            await CaughtUpAsync(hall);
            var (expected, actual) = (await FoldAsync(hall.Number), await RowsAsync(hall.Number));
            Assert.True(expected.SequenceEqual(actual), $"{when}, hall {hall.Hall}: {string.Join('\n', expected.Except(actual).Take(3))}\n is in the table\n{string.Join('\n', actual.Except(expected).Take(3))}");
            Assert.Equal([$"legs.2 {hall.Sequence}"], await ColumnAsync($"SELECT name || ' ' || sequence FROM projections WHERE hall = {hall.Number}"));
            Assert.Equal([$"{hall.Hall} {hall.Listing!.Waiting} {hall.Sequence}"], await ColumnAsync($"SELECT hall || ' ' || waiting || ' ' || sequence FROM halls WHERE number = {hall.Number}"));
        }
    }

    /// <summary>Every leg as it was last seen in a naive fold, which looks at all tickets after every event.</summary>
    private async Task<List<string>> FoldAsync(uint hall)
    {
        var state = new HallState();
        var rows = new SortedDictionary<(long, int), string>();
        await foreach (var page in _journal.ReadFromAsync(hall, 0, Cancel))
        {
            foreach (var record in page)
            {
                Core.Halls.Hall.Evolve(state, EventCodec.Read(record.Type, record.Version, record.Payload.Span), new Instant(record.At), record.Sequence);
                foreach (var t in state.Tickets)
                {
                    var leg = t.Leg;
                    rows[(t.Id.Ordinal, leg.Number)] = string.Join('|', new object?[]
                    {
                        t.Id.Ordinal, leg.Number, t.Number, t.Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), leg.Service, leg.Line, t.Class, Word(t.Source), t.IssuedAt.Milliseconds, leg.Since.Milliseconds,
                        leg.CalledAt?.Milliseconds, leg.FirstCalledAt?.Milliseconds, leg.StartedAt?.Milliseconds, Word(leg.StartKind), leg.FinishedAt?.Milliseconds, leg.Window, leg.Staff, Word(leg.Outcome),
                        Word(leg.FinishOutcome), leg.Reason, leg.Overtook, leg.Times, t.Misses, Word(leg.Grade), Word(t.State),
                    });
                }
            }
        }
        return [.. rows.Values];

        static string? Word(Enum? word) => word is null ? null : JsonNamingPolicy.CamelCase.ConvertName(word.ToString());
    }

    private Task<List<string>> RowsAsync(uint hall) => ColumnAsync($"""
        SELECT ticket, leg, number, day, service, line, class, source, issued_at, since, called_at, first_called_at, started_at, start_kind, finished_at, "window", staff, outcome, finish_outcome, reason, overtook, times, misses, grade, state
        FROM legs WHERE hall = {hall} ORDER BY ticket, leg
        """);

    private async Task<List<string>> ColumnAsync(string sql)
    {
        await using var connection = new SqliteConnection(Database);
        await connection.OpenAsync(Cancel);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        var rows = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(Cancel);
        while (await reader.ReadAsync(Cancel)) rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? "" : Convert.ToString(reader.GetValue(i), CultureInfo.InvariantCulture))));
        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        await _projection.DisposeAsync();
        await _journal.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>What the projection asks of an engine.</summary>
    private sealed class Listings(IReadOnlyDictionary<uint, DrivenHall> halls) : IHalls
    {
        public ValueTask<T?> ReadAsync<T>(HallId hall, HallQuery<T> query, CancellationToken cancel = default) => new((T?)(object?)halls.Values.Single(h => h.Hall == hall).Listing);
        public HallRef? Find(uint number) => halls.TryGetValue(number, out var hall) ? new HallRef(number, hall.Hall) : null;
        public ValueTask<HallAnswer> SendAsync(HallId hall, HallRequest request, CancellationToken cancel = default) => throw new NotSupportedException();
        public ValueTask<IDisposable?> WatchAsync(Topic topic, IFeedSink sink, CancellationToken cancel = default) => throw new NotSupportedException();
        public IReadOnlyCollection<HallRef> Halls => throw new NotSupportedException();
        public HallRef? Find(HallId hall) => throw new NotSupportedException();
        public IReadOnlyList<string> Problems => [];
    }

    /// <summary>A journal in which one hall's records cannot be read.</summary>
    private sealed class Cracked(IJournal journal) : IJournal
    {
        public uint? Hall { get; set; }

        public ValueTask<HallHistory> ReadAsync(uint hall, CancellationToken cancel = default) => hall == Hall ? throw new HallDamagedException("record 5 does not fit its checksum") : journal.ReadAsync(hall, cancel);
        public ValueTask<IReadOnlyList<HallEntry>> HallsAsync(CancellationToken cancel = default) => journal.HallsAsync(cancel);
        public ValueTask<ulong> ClaimAsync(uint hall, CancellationToken cancel = default) => journal.ClaimAsync(hall, cancel);
        public ValueTask<FlushOutcome> AppendAsync(Flush flush, CancellationToken cancel = default) => journal.AppendAsync(flush, cancel);
        public IAsyncEnumerable<IReadOnlyList<JournalRecord>> ReadFromAsync(uint hall, long after, CancellationToken cancel = default) => journal.ReadFromAsync(hall, after, cancel);
        public IReadOnlyList<uint> Overdue(long records) => journal.Overdue(records);
        public ValueTask<bool> ProbeAsync(CancellationToken cancel = default) => journal.ProbeAsync(cancel);
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
