using System.Data.Common;
using System.Runtime.CompilerServices;

namespace HallOps.Silo.Projections;

/// <summary>Plain SQL with parameters <c>@p0</c>, <c>@p1</c>, … on a connection.</summary>
internal static class Sql
{
    /// <returns>The rows it concerned.</returns>
    public static async Task<int> RunAsync(DbConnection connection, DbTransaction? transaction, string sql, object[] values, CancellationToken cancel)
    {
        await using var command = Command(connection, transaction, sql, values);
        return await command.ExecuteNonQueryAsync(cancel);
    }

    public static async IAsyncEnumerable<DbDataReader> RowsAsync(DbConnection connection, DbTransaction? transaction, string sql, object[] values, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var command = Command(connection, transaction, sql, values);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel)) yield return reader;
    }

    private static DbCommand Command(DbConnection connection, DbTransaction? transaction, string sql, object[] values)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // Every text is one of this folder's own.
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
}

/// <summary>Columns that may be null.</summary>
public static class RowValues
{
    public static long? LongOrNull(this DbDataReader row, int column)
    {
        ArgumentNullException.ThrowIfNull(row);
        return row.IsDBNull(column) ? null : row.GetInt64(column);
    }

    public static string? TextOrNull(this DbDataReader row, int column)
    {
        ArgumentNullException.ThrowIfNull(row);
        return row.IsDBNull(column) ? null : row.GetString(column);
    }
}
