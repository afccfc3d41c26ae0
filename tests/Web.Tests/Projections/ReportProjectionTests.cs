using System.Data.Common;
using System.Globalization;
using HallOps.Core.Halls;
using HallOps.Core.Metrics;
using HallOps.Silo;
using HallOps.Silo.Journal;
using HallOps.Silo.Projections;
using HallOps.Silo.Tests.Projections;
using HallOps.Web.Storage;
using HallOps.Web.Tests.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace HallOps.Web.Tests.Projections;

/// <summary>The projection of reports and halls over the schema that the migrations make: its rows are a fold of the journal (I10), whatever happened in between.</summary>
public abstract class ReportProjectionTests(SqlKind kind) : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hallops-projection-").FullName;
    private readonly Dictionary<uint, DrivenHall> _halls = [];
    private volatile bool _isUnknown;
    private SqliteJournal _journal = null!;
    private Cracked _cracked = null!;
    private ReportProjection _projection = null!;
    private string? _postgres;
    private volatile bool _away;

    /// <summary>By hall: who runs it, and is told of it.</summary>
    private readonly Dictionary<uint, ReportProjection> _runBy = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var place = await PostgresRun.PlaceAsync(kind, _folder);
        _postgres = place.Postgres;
        var options = new DbContextOptionsBuilder<HallOpsDb>();
        place.Configure(options);
        await using (var database = new HallOpsDb(options.Options)) await Schema.PrepareAsync(database, place, Keys.Open(place.Folder), Cancel);
        _journal = SqliteJournal.Open(_folder);
        _cracked = new Cracked(_journal);
        Open();
        foreach (var (number, name) in new[] { (1u, "h"), (2u, "o") })
        {
            var hall = new DrivenHall(_journal, number, new HallId(name), () => _runBy.GetValueOrDefault(number, _projection));
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

        await using (var other = Connection())
        {
            await other.OpenAsync(Cancel);
            await using var locked = await other.BeginTransactionAsync(Cancel);
            // SQLite's has the whole database as soon as it has begun.
            await using var hold = other.CreateCommand();
            (hold.Transaction, hold.CommandText) = (locked, kind == SqlKind.Postgres ? "LOCK TABLE legs, projections IN EXCLUSIVE MODE" : "SELECT 1");
            await hold.ExecuteNonQueryAsync(Cancel);
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
        for (var i = 0; i < 300; i++) await _halls[1].SendAnythingAsync(random, random.Next(10) switch { 0 => Loss.Unheard, 1 => Loss.Dropped, _ => Loss.None });
        // The last words of all: nothing comes after them that would show the gap.
        await _halls[1].SendAsync(new IssueTicket(new ServiceId("s"), null, Grants.Self, null, null, TicketSource.Kiosk, null, false, null), TimeSpan.Zero, Loss.Unheard);
        await SameAsFoldAsync("after reloads");
    }

    [Fact]
    public async Task Rows_OfWhatWasDecidedAndNeverStored_AreNone()
    {
        var issue = new IssueTicket(new ServiceId("s"), null, Grants.Self, null, null, TicketSource.Kiosk, null, false, null);
        await _halls[1].SendAsync(issue, TimeSpan.Zero);
        await _halls[1].SendAsync(issue, TimeSpan.FromSeconds(10), Loss.Dropped);
        await _halls[1].SendAsync(issue, TimeSpan.FromSeconds(10));
        await SameAsFoldAsync("after what was dropped");
        Assert.Equal(2, (await RowsAsync(1)).Count);

        // A hall that is lost with its first event begins anew.
        var later = new DrivenHall(_journal, 3, new HallId("c"), () => _projection);
        _halls.Add(3, later);
        await later.LoadAsync();
        await later.ConfigureAsync(Loss.Dropped);
        await later.ConfigureAsync();
        await later.SendAsync(issue, TimeSpan.Zero);
        await SameAsFoldAsync("after a hall that began twice");
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
        Assert.Equal((await FoldAsync(2)).Legs, await RowsAsync(2));
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
        await using (var connection = Connection())
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

    [Fact]
    public async Task List_WithRowsOfAHallThatIsNotKnownHereYet_HasItsEntryOnceItIs()
    {
        await CaughtUpAsync(_halls[1]);
        await _projection.DisposeAsync();
        await ExecuteAsync("UPDATE halls SET sequence = 0, waiting = 99 WHERE number = 1");
        _isUnknown = true;
        Open();
        await CaughtUpAsync(_halls[1]);
        Assert.Equal(["99"], await ColumnAsync("SELECT CAST(waiting AS TEXT) FROM halls WHERE number = 1"));
        _isUnknown = false;
        for (var tries = 0; tries < 200 && await ColumnAsync("SELECT CAST(waiting AS TEXT) FROM halls WHERE number = 1") is ["99"]; tries++) await Task.Delay(50, Cancel);
        Assert.Equal(["0"], await ColumnAsync("SELECT CAST(waiting AS TEXT) FROM halls WHERE number = 1"));
    }

    [Theory]
    [InlineData(101)]
    [InlineData(102)]
    [InlineData(103)]
    public async Task Rows_OfHallsThatMoveBetweenTwoProcesses_CountEveryEventOnce(int seed)
    {
        await using var other = Opened();
        var random = new Random(seed);
        for (var move = 0; move < 25; move++)
        {
            var hall = _halls[(uint)random.Next(1, 3)];
            // What its former process still holds of it is stored now, later or by the other one.
            _runBy[hall.Number] = random.Next(2) == 0 ? other : _projection;
            await hall.LoadAsync();
            for (var i = random.Next(30); i > 0; i--) await _halls[(uint)random.Next(1, 3)].SendAnythingAsync(random);
            if (random.Next(4) == 0) await hall.SendAsync(new Poke(), TimeSpan.FromHours(20));
            if (random.Next(4) == 0) await CaughtUpAsync(hall, random.Next(2) == 0 ? other : _projection);
            if (random.Next(6) == 0) await hall.SnapshotAsync();
        }
        foreach (var hall in _halls.Values) await CaughtUpAsync(hall, other);
        await SameAsFoldAsync($"seed {seed}");
        Assert.Equal((0L, 0L), (_projection.Behind.Events, other.Behind.Events));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Rows_OfTwoProcessesThatStartAtOnce_AreAFoldOfTheJournal(bool isOfAnotherVersion)
    {
        var random = new Random(111);
        for (var i = 0; i < 150; i++) await _halls[(uint)random.Next(1, 3)].SendAnythingAsync(random);
        foreach (var hall in _halls.Values) await CaughtUpAsync(hall);
        await _projection.DisposeAsync();
        if (isOfAnotherVersion) await ExecuteAsync("UPDATE projections SET name = 'legs'; UPDATE legs SET joined_at = NULL, ended_at = NULL; DELETE FROM calls; DELETE FROM window_time");
        for (var i = 0; i < 150; i++) await _halls[(uint)random.Next(1, 3)].SendAnythingAsync(random);
        await using var other = Opened();
        Open();
        _runBy[2] = other;
        await _halls[2].LoadAsync();
        for (var i = 0; i < 50; i++) await _halls[(uint)random.Next(1, 3)].SendAnythingAsync(random);
        foreach (var hall in _halls.Values) await CaughtUpAsync(hall, other);
        await SameAsFoldAsync("after both");
    }

    [Fact]
    public async Task Rebuild_OfHallsThatAnotherProcessRuns_MakesTheirRowsAnew_AndThatOneGoesOn()
    {
        var random = new Random(121);
        await using var other = Opened();
        (_runBy[1], _runBy[2]) = (other, other);
        foreach (var hall in _halls.Values) await hall.LoadAsync();
        for (var i = 0; i < 200; i++) await _halls[(uint)random.Next(1, 3)].SendAnythingAsync(random);
        foreach (var hall in _halls.Values) await CaughtUpAsync(hall, other);
        await ExecuteAsync("UPDATE legs SET state = 'waiting', \"window\" = '99'; DELETE FROM calls");

        var rebuilding = _projection.RebuildAsync(_ => { }, Cancel);
        for (var i = 0; i < 100; i++) await _halls[(uint)random.Next(1, 3)].SendAnythingAsync(random);
        await rebuilding;
        foreach (var hall in _halls.Values) await CaughtUpAsync(hall, other);
        await SameAsFoldAsync("after");
    }

    [Fact]
    public async Task Entry_OfTheList_NeverGoesBack()
    {
        await CaughtUpAsync(_halls[1]);
        await ExecuteAsync("UPDATE halls SET sequence = 1000000, waiting = 99 WHERE number = 1");
        await _halls[1].SendAsync(new IssueTicket(new ServiceId("s"), null, Grants.Self, null, null, TicketSource.Kiosk, null, false, null), TimeSpan.Zero);
        await CaughtUpAsync(_halls[1]);
        Assert.Equal(["99"], await ColumnAsync("SELECT waiting FROM halls WHERE number = 1"));
    }

    [Fact]
    public async Task Rebuild_WhileHallsRun_MakesTheRowsAnew_AndKeepsWhatWasImported()
    {
        var random = new Random(61);
        for (var i = 0; i < 200; i++) await _halls[(uint)random.Next(1, 3)].SendAnythingAsync(random);
        foreach (var hall in _halls.Values) await hall.SendAsync(new Poke(), TimeSpan.FromHours(20));
        await SameAsFoldAsync("before");
        await ExecuteAsync("""
            INSERT INTO legs (hall, ticket, leg, number, "day", service, line, "class", source, issued_at, since, state) SELECT hall, -ticket, leg, number, '2025-11-03', service, line, "class", 'import', issued_at, since, state FROM legs WHERE ticket = 1;
            UPDATE legs SET state = 'waiting', "window" = '99'; DELETE FROM calls; UPDATE window_time SET "use" = 'serving'; DELETE FROM rollups_due;
            """);

        var steps = new List<RebuildStep>();
        var rebuilding = _projection.RebuildAsync(steps.Add, Cancel);
        for (var i = 0; i < 100; i++) await _halls[(uint)random.Next(1, 3)].SendAnythingAsync(random);
        await rebuilding;

        Assert.Equal([("h", 1, 2, null), ("o", 2, 2, null)], steps.Where(s => s.IsDone).Select(s => (s.Hall.Value, s.Number, s.Halls, s.Problem)));
        await SameAsFoldAsync("after");
        Assert.Equal(["-1|import", "-1|import"], await ColumnAsync("SELECT ticket, source FROM legs WHERE ticket < 0"));
        Assert.Equal(["2026-11-02", "2026-11-02"], await ColumnAsync("SELECT \"day\" FROM rollups_due WHERE \"day\" = '2026-11-02'"));
    }

    [Fact]
    public async Task Rebuild_OfADamagedHall_LeavesItsRows_AndSaysSo()
    {
        var random = new Random(62);
        for (var i = 0; i < 60; i++) await _halls[(uint)random.Next(1, 3)].SendAnythingAsync(random);
        foreach (var hall in _halls.Values) await CaughtUpAsync(hall);
        await ExecuteAsync("UPDATE legs SET number = 'X'");
        _cracked.Hall = 1;
        var steps = new List<RebuildStep>();
        await _projection.RebuildAsync(steps.Add, Cancel);
        Assert.Contains("checksum", Assert.Single(steps, s => s.Hall.Value == "h" && s.IsDone).Problem, StringComparison.Ordinal);
        Assert.All(await ColumnAsync("SELECT number FROM legs WHERE hall = 1"), number => Assert.Equal("X", number));
        Assert.Equal((await FoldAsync(2)).Legs, await RowsAsync(2));
    }

    [Fact]
    public async Task Rows_OfAnotherVersion_AreMadeAnew()
    {
        var random = new Random(71);
        for (var i = 0; i < 120; i++) await _halls[(uint)random.Next(1, 3)].SendAnythingAsync(random);
        foreach (var hall in _halls.Values) await CaughtUpAsync(hall);
        await _projection.DisposeAsync();
        // As an older program left them: without what is new.
        await ExecuteAsync("UPDATE projections SET name = 'legs'; UPDATE legs SET joined_at = NULL, ended_at = NULL; DELETE FROM calls; DELETE FROM window_time");
        Open();
        for (var i = 0; i < 20; i++) await _halls[(uint)random.Next(1, 3)].SendAnythingAsync(random);
        await SameAsFoldAsync("after");
    }

    [Fact]
    public async Task Behind_WhileTheDatabaseIsAway_SaysHowFar_AndIsNothingAfterwards()
    {
        var random = new Random(81);
        await SameAsFoldAsync("before");
        Assert.Equal(default, _projection.Behind);
        await _projection.DisposeAsync();
        _away = true;
        Open();
        var before = _halls.Values.Sum(h => h.Sequence);
        for (var i = 0; i < 30; i++) await _halls[(uint)random.Next(1, 3)].SendAnythingAsync(random);
        var behind = _projection.Behind;
        Assert.True(behind.Events >= _halls.Values.Sum(h => h.Sequence) - before && behind.Since > TimeSpan.Zero, $"{behind}");
        _away = false;
        await SameAsFoldAsync("after");
        Assert.Equal(0, _projection.Behind.Events);
    }

    [Fact]
    public async Task Figures_OfEndedDays_AddUpToTheirLegs_AndAreMadeAgainWhenTheyChange()
    {
        var random = new Random(91);
        for (var day = 0; day < 2; day++)
        {
            for (var i = 0; i < 250; i++) await _halls[1].SendAnythingAsync(random);
            await _halls[1].SendAsync(new Poke(), TimeSpan.FromHours(20));
        }
        await CaughtUpAsync(_halls[1]);
        await using var roller = new Roller(OpenDatabaseAsync, (_, _) => new((new HallId("h"), TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai"))), new Standing(_halls[1].Now), NullLogger.Instance);
        Assert.Equal(2, await roller.RollAsync(Cancel));
        Assert.Equal(0, await roller.RollAsync(Cancel));

        const string legs = "SELECT COUNT(DISTINCT ticket), COUNT(*), COUNT(first_called_at), COUNT(CASE WHEN outcome = 'served' THEN 1 END), COUNT(CASE WHEN outcome = 'noShow' THEN 1 END), COUNT(CASE WHEN outcome = 'abandoned' THEN 1 END), COUNT(rated_at) FROM legs";
        const string figures = "SELECT SUM(tickets), SUM(legs), SUM(called), SUM(served), SUM(no_show), SUM(abandoned), SUM(rated) FROM rollups WHERE dimension = 'hall'";
        Assert.Equal(await ColumnAsync($"{legs} WHERE \"day\" = '2026-11-02'"), await ColumnAsync($"{figures} AND grain = 'day' AND bucket = '2026-11-02'"));
        foreach (var grain in (string[])["month", "year"]) Assert.Equal(await ColumnAsync(legs), await ColumnAsync($"{figures} AND grain = '{grain}'"));
        // Of one leg each here; the legs of a visit may lie in several quarter hours.
        Assert.Equal(await ColumnAsync(legs), await ColumnAsync($"{figures} AND grain = 'quarter'"));
        foreach (var dimension in (string[])["department", "service", "line", "window", "staff", "hour"])
            Assert.Equal(await ColumnAsync("SELECT COUNT(*) FROM legs"), await ColumnAsync($"SELECT SUM(legs) FROM rollups WHERE grain = 'year' AND dimension = '{dimension}'"));
        var uses = Tally.Read(Convert.FromHexString((await ColumnAsync("SELECT body FROM rollups WHERE grain = 'day' AND bucket = '2026-11-02' AND dimension = 'hall'"))[0]));
        Assert.True(uses[WindowUse.Serving] > 0);
        // The hall is configured at 8; from then on each of its two windows has its whole day.
        Assert.Equal(2 * 16 * 3_600_000L, Enum.GetValues<WindowUse>().Sum(use => uses[use]));

        // A day that is over gets a rating: it is due, and a leg less is not rated.
        var before = await ColumnAsync("SELECT body FROM rollups ORDER BY grain, dimension, bucket, \"key\"");
        await ExecuteAsync("INSERT INTO rollups_due VALUES (1, '2026-11-02')");
        Assert.Equal(1, await roller.RollAsync(Cancel));
        Assert.Equal(before, await ColumnAsync("SELECT body FROM rollups ORDER BY grain, dimension, bucket, \"key\""));
        await ExecuteAsync("UPDATE legs SET outcome = 'served' WHERE outcome = 'abandoned'; UPDATE rollups SET version = 0 WHERE grain = 'day'");
        Assert.Equal(2, await roller.RollAsync(Cancel));
        Assert.Equal(await ColumnAsync(legs), await ColumnAsync($"{figures} AND grain = 'year'"));

        // Quarter hours are gone after two weeks.
        await using var later = new Roller(OpenDatabaseAsync, (_, _) => default, new Standing(_halls[1].Now + TimeSpan.FromDays(20)), NullLogger.Instance);
        await later.RollAsync(Cancel);
        Assert.Equal(["0"], await ColumnAsync("SELECT COUNT(*) FROM rollups WHERE grain = 'quarter'"));
    }

    [Fact]
    public async Task Figures_ThatTwoProcessesMakeAtOnce_AreThoseOfOne()
    {
        var random = new Random(131);
        for (var day = 0; day < 12; day++)
        {
            for (var i = 0; i < 15; i++) await _halls[1].SendAnythingAsync(random);
            await _halls[1].SendAsync(new Poke(), TimeSpan.FromHours(24));
        }
        await CaughtUpAsync(_halls[1]);
        const string figures = "SELECT grain, dimension, bucket, \"key\", body FROM rollups ORDER BY grain, dimension, bucket, \"key\"", due = "SELECT \"day\" FROM rollups_due ORDER BY \"day\"";
        var days = await ColumnAsync(due);
        await using var one = Rolling();
        await using var two = Rolling();
        await one.RollAsync(Cancel);
        var alone = await ColumnAsync(figures);
        for (var again = 0; again < 3; again++)
        {
            await ExecuteAsync("DELETE FROM rollups; " + string.Concat(days.Select(d => $"INSERT INTO rollups_due VALUES (1, '{d}');")));
            var made = await Task.WhenAll(Task.Run(() => one.RollAsync(Cancel)), Task.Run(() => two.RollAsync(Cancel)));
            Assert.Equal(days.Count, made.Sum());
            Assert.Equal(alone, await ColumnAsync(figures));
        }

        Roller Rolling() => new(OpenDatabaseAsync, (_, _) => new((new HallId("h"), TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai"))), new Standing(_halls[1].Now), NullLogger.Instance);
    }

    private sealed class Standing(Instant at) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => at.ToDateTimeOffset();
    }

    private void Open(int? maxQueued = null) => _projection = Opened(maxQueued);

    private ReportProjection Opened(int? maxQueued = null)
    {
        var projection = new ReportProjection(OpenDatabaseAsync, _cracked, TimeProvider.System, NullLogger.Instance, maxQueued);
        projection.Start(new Listings(_halls, () => _isUnknown));
        return projection;
    }

    private async ValueTask<DbConnection> OpenDatabaseAsync(CancellationToken cancel)
    {
        if (_away) throw new SqliteException("the test has the database", 5);
        var connection = Connection();
        await connection.OpenAsync(cancel);
        return connection;
    }

    private DbConnection Connection() => _postgres is null ? new SqliteConnection(Database) : new NpgsqlConnection(_postgres);

    private string Database => new SqliteConnectionStringBuilder { DataSource = Path.Combine(_folder, "hallops.db"), Pooling = false, DefaultTimeout = 1 }.ToString();

    private async Task CaughtUpAsync(DrivenHall hall, ReportProjection? by = null)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        late.CancelAfter(TimeSpan.FromSeconds(20));
        try
        {
            await (by ?? _projection).CaughtUpAsync(hall.Number, hall.Sequence, late.Token);
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
            var fold = await FoldAsync(hall.Number);
            Same("legs", fold.Legs, await RowsAsync(hall.Number));
            Same("calls", fold.Calls, await ColumnAsync($"""SELECT sequence, ticket, leg, "day", "at", "window", staff, reason, overtook, first_overtaken FROM calls WHERE hall = {hall.Number} ORDER BY sequence"""));
            Same("window_time", fold.Windows, await ColumnAsync($"""SELECT "window", from_at, "use", reason, staff, to_at FROM window_time WHERE hall = {hall.Number} ORDER BY "window", from_at"""));
            var due = (await ColumnAsync($"""SELECT "day" FROM rollups_due WHERE hall = {hall.Number}""")).ToHashSet();
            Assert.True(fold.Due.IsSubsetOf(due) && due.IsSubsetOf(fold.EndedDays), $"{when}, hall {hall.Hall}: {string.Join(' ', due)} are due and not {string.Join(' ', fold.Due)}");
            Assert.Equal([$"legs.5 {hall.Sequence}"], await ColumnAsync($"SELECT name || ' ' || sequence FROM projections WHERE hall = {hall.Number}"));
            Assert.Equal([$"{hall.Hall} {hall.Listing!.Waiting} {hall.Sequence}"], await ColumnAsync($"SELECT hall || ' ' || waiting || ' ' || sequence FROM halls WHERE number = {hall.Number}"));

            void Same(string table, IEnumerable<string> expected, List<string> actual)
            {
                var e = expected.ToList();
                Assert.True(e.SequenceEqual(actual), $"{when}, hall {hall.Hall}, {table}: {string.Join('\n', e.Except(actual).Take(3))}\n is in the table\n{string.Join('\n', actual.Except(e).Take(3))}");
            }
        }
    }

    private async Task<NaiveReports> FoldAsync(uint hall)
    {
        var fold = new NaiveReports();
        await foreach (var page in _journal.ReadFromAsync(hall, 0, Cancel))
            foreach (var record in page) fold.Fold(EventCodec.Read(record.Type, record.Version, record.Payload.Span), new Instant(record.At));
        return fold;
    }

    private Task<List<string>> RowsAsync(uint hall) => ColumnAsync($"""
        SELECT ticket, leg, number, day, service, line, class, source, issued_at, since, called_at, first_called_at, started_at, start_kind, finished_at, "window", staff, outcome, finish_outcome, reason, overtook, times, misses, grade, state,
            told_before, joined_at, ended_at, told_low_ms, told_median_ms, told_high_ms, rated_at
        FROM legs WHERE hall = {hall} AND ticket > 0 ORDER BY ticket, leg
        """);

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = Connection();
        await connection.OpenAsync(Cancel);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(Cancel);
    }

    private async Task<List<string>> ColumnAsync(string sql)
    {
        await using var connection = Connection();
        await connection.OpenAsync(Cancel);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        var rows = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(Cancel);
        while (await reader.ReadAsync(Cancel)) rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? "" : reader.GetValue(i) is byte[] bytes ? Convert.ToHexString(bytes) : Convert.ToString(reader.GetValue(i), CultureInfo.InvariantCulture))));
        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _projection.DisposeAsync();
        await _journal.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>What the projection asks of an engine.</summary>
    private sealed class Listings(IReadOnlyDictionary<uint, DrivenHall> halls, Func<bool> areUnknown) : IHalls
    {
        public ValueTask<T?> ReadAsync<T>(HallId hall, HallQuery<T> query, CancellationToken cancel = default) => new((T?)(object?)halls.Values.Single(h => h.Hall == hall).Listing);
        public HallRef? Find(uint number) => !areUnknown() && halls.TryGetValue(number, out var hall) ? new HallRef(number, hall.Hall) : null;
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
        public ValueTask<StoredSnapshot?> SnapshotAsync(uint hall, long atMost, CancellationToken cancel = default) => journal.SnapshotAsync(hall, atMost, cancel);
        public IAsyncEnumerable<IReadOnlyList<JournalRecord>> ReadFromAsync(IReadOnlyDictionary<uint, long> after, CancellationToken cancel = default) =>
            Hall is { } cracked && after.ContainsKey(cracked) ? throw new HallDamagedException("record 5 does not fit its checksum") : journal.ReadFromAsync(after, cancel);
        public IReadOnlyList<uint> Overdue(long records) => journal.Overdue(records);
        public ValueTask<bool> ProbeAsync(CancellationToken cancel = default) => journal.ProbeAsync(cancel);
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

public sealed class ReportProjectionSqliteTests() : ReportProjectionTests(SqlKind.Sqlite);

public sealed class ReportProjectionPostgresTests() : ReportProjectionTests(SqlKind.Postgres);
