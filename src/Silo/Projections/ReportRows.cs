using System.Data;
using System.Data.Common;
using System.Runtime.InteropServices;

namespace HallOps.Silo.Projections;

/// <summary>Writes facts as rows of <c>legs</c>, <c>calls</c>, <c>window_time</c> and <c>rollups_due</c>, or of tables like them, on one connection. Not thread-safe.</summary>
internal sealed class ReportRows : IAsyncDisposable
{
    public static readonly Column[] LegColumns =
    [
        Column.Number("hall"), Column.Number("ticket"), Column.Number("leg"), Column.Text("number"), Column.Text("day"), Column.Text("service"), Column.Text("line"), Column.Text("class"), Column.Text("source"),
        Column.Number("issued_at"), Column.Number("since"), Column.Number("called_at"), Column.Number("first_called_at"), Column.Number("started_at"), Column.Text("start_kind"), Column.Number("finished_at"),
        Column.Text("window"), Column.Text("staff"), Column.Text("outcome"), Column.Text("finish_outcome"), Column.Text("reason"), Column.Number("overtook"), Column.Number("times"), Column.Number("misses"),
        Column.Text("grade"), Column.Text("state"), Column.Number("told_before"),
        Column.Number("joined_at", Kept.First), Column.Number("ended_at", Kept.First), Column.Number("told_low_ms", Kept.First), Column.Number("told_median_ms", Kept.First), Column.Number("told_high_ms", Kept.First),
        Column.Number("rated_at", Kept.First), Column.Text("department", Kept.LastSaid), Column.Number("promised_days", Kept.LastSaid), Column.Number("statutory_days", Kept.LastSaid), Column.Number("target_minutes", Kept.LastSaid),
        Column.Number("held_wait_ms", Kept.First), Column.Number("held_walk_ms", Kept.First), Column.Number("held_serving_ms", Kept.Sum),
    ];

    public static readonly Column[] CallColumns =
    [
        Column.Number("hall"), Column.Number("sequence"), Column.Number("ticket"), Column.Number("leg"), Column.Text("day"), Column.Number("at"), Column.Text("window"), Column.Text("staff"), Column.Text("reason"),
        Column.Number("overtook"), Column.Number("first_overtaken"),
    ];

    public static readonly Column[] WindowColumns =
        [Column.Number("hall"), Column.Text("window"), Column.Number("from_at"), Column.Text("use"), Column.Text("reason"), Column.Text("staff"), Column.Number("to_at")];

    private readonly DbConnection _connection;
    private readonly string _windowTable;
    private readonly RowWrite _leg, _call, _stretch, _stretchGone, _due;
    private readonly Dictionary<(uint Hall, string Window), WindowStretches> _windows = [];

    /// <param name="prefix">Of the tables' names.</param>
    public ReportRows(DbConnection connection, string prefix = "")
    {
        _connection = connection;
        _windowTable = prefix + "window_time";
        _leg = RowWrite.Upsert(connection, prefix + "legs", LegColumns, 3);
        // A summons is written once, whoever reads the journal again.
        _call = RowWrite.Prepare(connection, $"INSERT INTO {prefix}calls ({string.Join(", ", CallColumns.Select(c => $"\"{c.Name}\""))}) VALUES ({string.Join(", ", CallColumns.Select((_, i) => $"@p{i}"))}) ON CONFLICT (hall, sequence) DO NOTHING",
            [.. CallColumns.Select(c => c.Type)]);
        _stretch = RowWrite.Upsert(connection, _windowTable, WindowColumns, 3);
        _stretchGone = RowWrite.Prepare(connection, $"DELETE FROM {_windowTable} WHERE hall = @p0 AND \"window\" = @p1 AND from_at = @p2", [DbType.Int64, DbType.String, DbType.Int64]);
        _due = RowWrite.Prepare(connection, Due($"INSERT INTO {prefix}rollups_due (hall, \"day\") VALUES (@p0, @p1)"), [DbType.Int64, DbType.String]);
    }

    /// <summary>An insert into <c>rollups_due</c>. It touches a row that is there already, so that PostgreSQL locks it: a <see cref="Roller"/> that counts the day just now would not see the legs of this transaction, and
    /// takes the row away before it reads.</summary>
    public static string Due(string insert) => $"{insert} ON CONFLICT (hall, \"day\") DO UPDATE SET hall = excluded.hall";

    /// <summary>Writes facts of events that follow what is written. Where it fails nothing that is in memory here can be relied on any more.</summary>
    public async Task WriteAsync(DbTransaction transaction, IReadOnlyList<HallFact<ReportFact>> facts, CancellationToken cancel)
    {
        // A leg that changes more than once meanwhile is one row.
        var legs = new Dictionary<(long, long, int), LegRow>();
        var touched = new HashSet<(uint Hall, string Window)>();
        var due = new HashSet<(uint Hall, string Day)>();
        foreach (var (hall, _, fact) in facts)
        {
            foreach (var row in fact.Legs)
            {
                ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(legs, (row.Hall, row.Ticket, row.Leg), out _);
                known = known is null ? row : row.After(known);
            }
            if (fact.Call is { } call)
            {
                Fill(_call, call);
                await _call.RunAsync(transaction, cancel);
            }
            foreach (var window in fact.Windows)
            {
                if (!_windows.TryGetValue((hall, window.Window), out var stretches)) _windows.Add((hall, window.Window), stretches = await ReadAsync(transaction, hall, window.Window, cancel));
                stretches.Apply(window);
                touched.Add((hall, window.Window));
            }
            foreach (var day in fact.Due) due.Add((hall, day));
            if (fact.RecutBefore is { } before) await AddRecutAsync(transaction, hall, before, due, cancel);
        }
        foreach (var (_, row) in legs)
        {
            Fill(_leg, row);
            await _leg.RunAsync(transaction, cancel);
        }
        await WriteWindowsAsync(transaction, touched, cancel);
        // In one order, whoever writes them.
        foreach (var (hall, day) in due.OrderBy(d => d.Hall).ThenBy(d => d.Day, StringComparer.Ordinal))
        {
            _due.Set(0, (long)hall);
            _due.Set(1, day);
            await _due.RunAsync(transaction, cancel);
        }
    }

    /// <summary>Every day that has figures, and those beside it: what windows did at a day's edge belongs to another one now.</summary>
    private async Task AddRecutAsync(DbTransaction transaction, uint hall, string before, HashSet<(uint Hall, string Day)> due, CancellationToken cancel)
    {
        var days = new DayText();
        await foreach (var row in Sql.RowsAsync(_connection, transaction, "SELECT bucket FROM rollups WHERE grain = 'day' AND dimension = 'hall' AND hall = @p0", [(long)hall], cancel))
            for (var beside = -1; beside <= 1; beside++)
                if (DayText.Of(days.Read(row.GetString(0)).AddDays(beside)) is var day && string.CompareOrdinal(day, before) < 0) due.Add((hall, day));
    }

    /// <summary>Somebody else wrote rows of a hall.</summary>
    public void Forget(uint hall)
    {
        foreach (var window in _windows.Keys.Where(w => w.Hall == hall).ToList()) _windows.Remove(window);
    }

    private async Task WriteWindowsAsync(DbTransaction transaction, HashSet<(uint Hall, string Window)> touched, CancellationToken cancel)
    {
        var (changed, gone) = (new List<WindowStretch>(), new List<long>());
        foreach (var (hall, window) in touched)
        {
            changed.Clear();
            gone.Clear();
            _windows[(hall, window)].Take(changed, gone);
            foreach (var from in gone)
            {
                _stretchGone.Set(0, (long)hall);
                _stretchGone.Set(1, window);
                _stretchGone.Set(2, from);
                await _stretchGone.RunAsync(transaction, cancel);
            }
            foreach (var stretch in changed)
            {
                _stretch.Set(0, (long)hall);
                _stretch.Set(1, window);
                _stretch.Set(2, stretch.From);
                _stretch.Set(3, stretch.Use);
                _stretch.Set(4, stretch.Reason);
                _stretch.Set(5, stretch.Staff);
                _stretch.Set(6, stretch.To);
                await _stretch.RunAsync(transaction, cancel);
            }
        }
    }

    private async Task<WindowStretches> ReadAsync(DbTransaction transaction, uint hall, string window, CancellationToken cancel)
    {
        var stored = new List<WindowStretch>();
        var last = $"SELECT from_at, \"use\", reason, staff, to_at FROM {_windowTable} WHERE hall = @p0 AND \"window\" = @p1 ORDER BY from_at DESC LIMIT {WindowStretches.Kept}";
        await foreach (var row in Sql.RowsAsync(_connection, transaction, last, [(long)hall, window], cancel)) stored.Add(new(row.GetInt64(0), row.GetString(1), row.TextOrNull(2), row.TextOrNull(3), row.LongOrNull(4)));
        stored.Reverse();
        return new WindowStretches(stored);
    }

    private static void Fill(RowWrite to, CallRow row)
    {
        to.Set(0, row.Hall);
        to.Set(1, row.Sequence);
        to.Set(2, row.Ticket);
        to.Set(3, (long)row.Leg);
        to.Set(4, row.Day);
        to.Set(5, row.At);
        to.Set(6, row.Window);
        to.Set(7, row.Staff);
        to.Set(8, row.Reason);
        to.Set(9, (long)row.Overtook);
        to.Set(10, row.FirstOvertaken);
    }

    private static void Fill(RowWrite to, LegRow row)
    {
        var i = 0;
        to.Set(i++, row.Hall);
        to.Set(i++, row.Ticket);
        to.Set(i++, (long)row.Leg);
        to.Set(i++, row.Number);
        to.Set(i++, row.Day);
        to.Set(i++, row.Service);
        to.Set(i++, row.Line);
        to.Set(i++, row.Class);
        to.Set(i++, TableWord.Of(row.Source));
        to.Set(i++, row.IssuedAt);
        to.Set(i++, row.Since);
        to.Set(i++, row.CalledAt);
        to.Set(i++, row.FirstCalledAt);
        to.Set(i++, row.StartedAt);
        to.Set(i++, TableWord.Of(row.StartKind));
        to.Set(i++, row.FinishedAt);
        to.Set(i++, row.Window);
        to.Set(i++, row.Staff);
        to.Set(i++, TableWord.Of(row.Outcome));
        to.Set(i++, TableWord.Of(row.FinishOutcome));
        // As on the wire: call reasons are the words of the rules.
        to.Set(i++, row.Reason?.ToString());
        to.Set(i++, (long)row.Overtook);
        to.Set(i++, (long)row.Times);
        to.Set(i++, (long)row.Misses);
        to.Set(i++, TableWord.Of(row.Grade));
        to.Set(i++, TableWord.Of(row.State));
        to.Set(i++, (long)row.ToldBefore);
        to.Set(i++, row.Said.JoinedAt);
        to.Set(i++, row.Said.EndedAt);
        to.Set(i++, row.Said.ToldLow);
        to.Set(i++, row.Said.ToldMedian);
        to.Set(i++, row.Said.ToldHigh);
        to.Set(i++, row.Said.RatedAt);
        to.Set(i++, row.Said.Department);
        to.Set(i++, (long?)row.Said.PromisedDays);
        to.Set(i++, (long?)row.Said.StatutoryDays);
        to.Set(i++, (long?)row.Said.TargetMinutes);
        to.Set(i++, row.Said.Held?.Wait);
        to.Set(i++, row.Said.Held?.Walk);
        to.Set(i, row.Said.Held?.Serving ?? 0);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var statement in (RowWrite[])[_leg, _call, _stretch, _stretchGone, _due]) await statement.DisposeAsync();
    }
}
