using System.Data;
using System.Data.Common;
using System.Runtime.CompilerServices;
using HallOps.Core.Metrics;
using HallOps.Silo.Projections;
using HallOps.Web.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace HallOps.Web.Reports;

/// <summary>The database at one moment: whatever is written meanwhile, all that is read here fits together. Plain SQL with parameters <c>@name</c>. Not thread-safe.</summary>
internal sealed class ReportDatabase : IAsyncDisposable
{
    private readonly HallOpsDb _context;
    private readonly DbTransaction _moment;

    private ReportDatabase(HallOpsDb context, DbTransaction moment) => (_context, _moment) = (context, moment);

    public static async Task<ReportDatabase> OpenAsync(IDbContextFactory<HallOpsDb> databases, CancellationToken cancel)
    {
        var context = await databases.CreateDbContextAsync(cancel);
        try
        {
            await context.Database.OpenConnectionAsync(cancel);
            var connection = context.Database.GetDbConnection();
            // A reader that keeps no writer waiting: SQLite's provider would otherwise take the place of the one writer.
            var moment = connection is SqliteConnection sqlite ? sqlite.BeginTransaction(deferred: true) : await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
            return new ReportDatabase(context, moment);
        }
        catch
        {
            await context.DisposeAsync();
            throw;
        }
    }

    /// <summary>Rows, one after the other: a row is good until the next one.</summary>
    public async IAsyncEnumerable<DbDataReader> RowsAsync(string sql, (string Name, object Value)[] values, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var command = _moment.Connection!.CreateCommand();
        command.Transaction = _moment;
#pragma warning disable CA2100 // Every text is one of this folder's own; what people typed is in parameters.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in values)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel)) yield return reader;
    }

    /// <summary>As <see cref="MetricRows.WindowsAsync"/>.</summary>
    public Task<(List<MetricStretch> Stretches, List<(long From, long To)> Sessions)> WindowsAsync(ReportHall hall, long from, long to, string? window, CancellationToken cancel) =>
        MetricRows.WindowsAsync(_moment.Connection!, _moment, hall.Number, hall.Hall, from, to, window, cancel);

    public async ValueTask DisposeAsync()
    {
        await _moment.DisposeAsync();
        await _context.DisposeAsync();
    }
}
