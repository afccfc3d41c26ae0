using System.Data.Common;
using System.Globalization;
using HallOps.Core.Calendars;
using HallOps.Core.Halls;
using HallOps.Core.Metrics;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace HallOps.Silo.Projections;

/// <summary>
/// Makes the figures of days that are due, the table <c>rollups</c>: from <c>legs</c> and <c>window_time</c> those of the day and its quarter hours, from the days its month, from the months its year; one hall's
/// day a transaction, in which it ceases to be due. So figures are never ahead of the rows, and whoever reads knows by <c>rollups_due</c> which are behind them. On a connection of its own; safe from any thread, and beside other processes: each day is made by the first that comes to it.
/// </summary>
/// <param name="open">Opens a connection to the database; the tables are there already.</param>
/// <param name="place">A hall's id and time zone; null where it stands still: its days wait.</param>
public sealed partial class Roller(Func<CancellationToken, ValueTask<DbConnection>> open, Func<uint, CancellationToken, ValueTask<(HallId Hall, TimeZoneInfo Zone)?>> place, TimeProvider time, ILogger log) : IAsyncDisposable
{
    /// <summary>How long quarter hours are kept.</summary>
    public static readonly TimeSpan QuartersKept = TimeSpan.FromDays(14);

    private const long Quarter = 900_000;

    // Days come due at their ends and by late changes, both seldom; a minute is soon enough for either, since raw rows answer until then.
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    private static readonly string[] Dimensions = ["hall", "department", "service", "line", "window", "staff", "hour"];

    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _one = new(1);
    private Task _running = Task.CompletedTask;

    public void Start() => _running = Task.Run(() => RunAsync(_stop.Token));

    /// <summary>Makes the figures of every day that is due now, oldest first.</summary>
    /// <returns>How many halls' days that were.</returns>
    public async Task<int> RollAsync(CancellationToken cancel)
    {
        await _one.WaitAsync(cancel);
        try
        {
            await using var connection = await open(cancel);
            // What another version counted is counted anew.
            await Sql.RunAsync(connection, null, "INSERT INTO rollups_due (hall, \"day\") SELECT DISTINCT hall, bucket FROM rollups WHERE grain = 'day' AND dimension = 'hall' AND version <> @p0 ORDER BY hall, bucket ON CONFLICT (hall, \"day\") DO NOTHING", [Tally.Version], cancel);
            await using var cell = RollupCell.Write(connection);
            var due = new List<(uint Hall, string Day)>();
            await foreach (var row in Sql.RowsAsync(connection, null, "SELECT hall, \"day\" FROM rollups_due ORDER BY \"day\", hall", [], cancel)) due.Add(((uint)row.GetInt64(0), row.GetString(1)));
            var made = 0;
            foreach (var (hall, day) in due)
            {
                if (await place(hall, cancel) is not var (id, zone)) continue;
                if (await RollAsync(connection, cell, hall, id, zone, day, cancel)) made++;
            }
            await ForgetQuartersAsync(connection, cancel);
            return made;
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task RunAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await RollAsync(cancel);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            // Whatever it is, the days stay due, and raw rows answer meanwhile.
            catch (Exception failed)
            {
                LogBehind(log, failed);
            }
            await Task.Delay(Every, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <returns>False where another process has made them meanwhile.</returns>
    private async Task<bool> RollAsync(DbConnection connection, RowWrite cell, uint number, HallId hall, TimeZoneInfo zone, string day, CancellationToken cancel)
    {
        var date = DateOnly.ParseExact(day, "O", CultureInfo.InvariantCulture);
        var (from, to) = (ServiceDay.InstantOf(date.ToDateTime(TimeOnly.MinValue), zone).Milliseconds, ServiceDay.EndOf(date, zone).Milliseconds);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await HoldAsync(connection, transaction, number, cancel);
        // Before anything is read: whoever writes legs of this day is waited for, or makes it due again afterwards (ReportRows.Due).
        if (await Sql.RunAsync(connection, transaction, "DELETE FROM rollups_due WHERE hall = @p0 AND \"day\" = @p1", [(long)number, day], cancel) == 0) return false;
        var legs = await MetricRows.LegsAsync(connection, transaction, number, hall, zone, day, cancel);
        var (stretches, sessions) = await MetricRows.WindowsAsync(connection, transaction, number, hall, from, to, null, cancel);
        var parts = SessionTime.Cut(stretches, sessions).ToList();
        var write = new Cells(connection, transaction, cell, number, cancel);

        var cells = new Dictionary<(string Dimension, string Bucket, string Key), Tally>();
        Count(cells, legs, _ => day, to, hours: true);
        // A day on which the hall had no legs and its windows never opened has no figures.
        if (legs.Count > 0 || parts.Any(p => p.InSession || p.Part.Use != WindowUse.Closed))
            foreach (var (part, inSession) in parts)
            {
                Of(cells, "hall", day, "").Add(part, inSession);
                Of(cells, "window", day, part.Window).Add(part, inSession);
                if (part.Staff is { } staff) Of(cells, "staff", day, staff).Add(part, inSession);
            }
        await write.ReplaceAsync("day", Dimensions, [day], cells);

        if (to > (time.GetUtcNow() - QuartersKept).ToUnixTimeMilliseconds())
        {
            cells.Clear();
            // A leg may have joined after its day, late in a session past midnight or passed on at night: then it shares a quarter with legs of the next one.
            var quarters = Enumerable.Range(0, (int)((to - from) / Quarter)).Select(i => QuarterOf(from + i * Quarter)).Union(legs.Select(leg => QuarterOf(leg.JoinedAt))).ToHashSet();
            var beside = await MetricRows.BesideAsync(connection, transaction, number, hall, zone, date, legs.Select(leg => leg.JoinedAt - Quarter).Append(from).Min(), legs.Select(leg => leg.JoinedAt + Quarter).Append(to).Max(), cancel);
            Count(cells, [.. legs, .. beside.Where(leg => quarters.Contains(QuarterOf(leg.JoinedAt)))], leg => QuarterOf(leg.JoinedAt), to, hours: false);
            await write.ReplaceAsync("quarter", Dimensions[..^1], [.. quarters], cells);
        }

        var (month, year) = (day[..7], day[..4]);
        await write.ReplaceAsync("month", Dimensions, [month], await write.MergeAsync(Dimensions, "day", [.. Enumerable.Range(1, DateTime.DaysInMonth(date.Year, date.Month)).Select(d => $"{month}-{d:00}")], month));
        await write.ReplaceAsync("year", Dimensions, [year], await write.MergeAsync(Dimensions, "month", [.. Enumerable.Range(1, 12).Select(m => $"{year}-{m:00}")], year));
        await transaction.CommitAsync(cancel);
        return true;
    }

    /// <summary>Waits for another process that makes figures of the hall: its month is the sum of days of which each must have seen the one before.</summary>
    private static async Task HoldAsync(DbConnection connection, DbTransaction transaction, uint hall, CancellationToken cancel)
    {
        // SQLite has one writer.
        if (connection is not SqliteConnection) await Sql.RunAsync(connection, transaction, "SELECT pg_advisory_xact_lock(4812015, @p0)", [(int)hall], cancel);
    }

    private static void Count(Dictionary<(string, string, string), Tally> cells, List<MetricLeg> legs, Func<MetricLeg, string> bucketOf, long now, bool hours)
    {
        var seen = new HashSet<(string, string, string, long)>();
        foreach (var leg in legs)
        {
            var bucket = bucketOf(leg);
            Add("hall", "");
            Add("department", Grouping.Department.KeyOf(leg) ?? "");
            Add("service", Grouping.Service.KeyOf(leg)!);
            Add("line", Grouping.Line.KeyOf(leg)!);
            Add("window", Grouping.Window.KeyOf(leg) ?? "");
            Add("staff", Grouping.Staff.KeyOf(leg) ?? "");
            if (hours) Add("hour", leg.Joined.Hour.ToString("00", CultureInfo.InvariantCulture));

            void Add(string dimension, string key) => Of(cells, dimension, bucket, key).Add(leg, seen.Add((dimension, bucket, key, leg.Ticket)), now);
        }
    }

    private static Tally Of(Dictionary<(string, string, string), Tally> cells, string dimension, string bucket, string key)
    {
        if (!cells.TryGetValue((dimension, bucket, key), out var tally)) cells.Add((dimension, bucket, key), tally = new Tally());
        return tally;
    }

    // As many digits each until the year 2286: their order as texts is that of time.
    private static string QuarterOf(long at) => (at - at % Quarter).ToString(CultureInfo.InvariantCulture);

    /// <summary>A quarter hour at a time: nobody waits long for the database's one writer.</summary>
    private async Task ForgetQuartersAsync(DbConnection connection, CancellationToken cancel)
    {
        var oldest = QuarterOf((time.GetUtcNow() - QuartersKept).ToUnixTimeMilliseconds());
        foreach (var dimension in Dimensions[..^1])
        {
            while (true)
            {
                string? first = null;
                await foreach (var row in Sql.RowsAsync(connection, null, "SELECT MIN(bucket) FROM rollups WHERE grain = 'quarter' AND dimension = @p0", [dimension], cancel)) first = row.TextOrNull(0);
                if (first is null || string.CompareOrdinal(first, oldest) >= 0) break;
                await using var transaction = await connection.BeginTransactionAsync(cancel);
                await HoldAsync(connection, transaction, 0, cancel);
                await Sql.RunAsync(connection, transaction, "DELETE FROM rollups WHERE grain = 'quarter' AND dimension = @p0 AND bucket = @p1", [dimension, first], cancel);
                await transaction.CommitAsync(cancel);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _one.Dispose();
    }

    [LoggerMessage(126, LogLevel.Warning, "Figures of days that are due cannot be made; it is tried again in a minute.")]
    private static partial void LogBehind(ILogger log, Exception failed);

    /// <summary>The cells of one hall in one transaction.</summary>
    private sealed class Cells(DbConnection connection, DbTransaction transaction, RowWrite cell, uint hall, CancellationToken cancel)
    {
        /// <summary>Puts cells in the place of all that the buckets have.</summary>
        public async Task ReplaceAsync(string grain, string[] dimensions, List<string> buckets, Dictionary<(string Dimension, string Bucket, string Key), Tally> cells)
        {
            foreach (var dimension in dimensions)
                await Sql.RunAsync(connection, transaction, $"DELETE FROM rollups WHERE grain = @p0 AND dimension = @p1 AND hall = @p2 AND bucket IN ({Names(buckets.Count)})", [grain, dimension, (long)hall, .. buckets], cancel);
            foreach (var ((dimension, bucket, key), tally) in cells)
            {
                RollupCell.Fill(cell, (grain, dimension, bucket, hall, key), tally);
                await cell.RunAsync(transaction, cancel);
            }
        }

        /// <summary>Adds up what smaller grains have.</summary>
        public async Task<Dictionary<(string Dimension, string Bucket, string Key), Tally>> MergeAsync(string[] dimensions, string grain, IReadOnlyList<string> buckets, string into)
        {
            var cells = new Dictionary<(string, string, string), Tally>();
            foreach (var dimension in dimensions)
            {
                // Of another version: its day is due, and this will be made again with it.
                var sql = $"SELECT \"key\", body FROM rollups WHERE grain = @p0 AND dimension = @p1 AND hall = @p2 AND version = @p3 AND bucket IN ({Names(buckets.Count, 4)})";
                await foreach (var row in Sql.RowsAsync(connection, transaction, sql, [grain, dimension, (long)hall, Tally.Version, .. buckets], cancel))
                    Of(cells, dimension, into, row.GetString(0)).Add(Tally.Read(row.GetFieldValue<byte[]>(1)));
            }
            return cells;
        }

        private static string Names(int count, int first = 3) => string.Join(", ", Enumerable.Range(first, count).Select(i => $"@p{i}"));
    }
}
