using System.Data;
using System.Data.Common;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using static SQLitePCL.raw;

namespace HallOps.Silo.Projections;

/// <summary>
/// One prepared statement that is run for row after row in a transaction of its connection. Parameters are positions, from 0. SQLite is spoken to directly: its ADO.NET provider looks up every parameter by
/// name for every row, which costs more than the row. Not thread-safe.
/// </summary>
internal abstract class RowWrite : IAsyncDisposable
{
    public static RowWrite Prepare(DbConnection connection, string sql, IReadOnlyList<DbType> parameters) =>
        connection is SqliteConnection sqlite ? new SqliteRow(sqlite, sql) : new AdoRow(connection, sql, parameters);

    /// <summary>Inserts a row, or gives the one that is there the values of the columns after the keys; a rule says how where it is not the new value.</summary>
    /// <param name="where">Of the row that is there: else it stays as it is; null: whatever it is.</param>
    public static RowWrite Upsert(DbConnection connection, string table, IReadOnlyList<Column> columns, int keys, string? where = null)
    {
        var sets = columns.Skip(keys).Select(c => $"\"{c.Name}\" = {c.Kept switch
        {
            Kept.First => $"COALESCE({table}.\"{c.Name}\", excluded.\"{c.Name}\")",
            Kept.LastSaid => $"COALESCE(excluded.\"{c.Name}\", {table}.\"{c.Name}\")",
            Kept.Sum => $"{table}.\"{c.Name}\" + excluded.\"{c.Name}\"",
            _ => $"excluded.\"{c.Name}\"",
        }}").ToList();
        return Prepare(connection, $"INSERT INTO {table} ({string.Join(", ", columns.Select(c => $"\"{c.Name}\""))}) VALUES ({string.Join(", ", columns.Select((_, i) => $"@p{i}"))}) "
            + $"ON CONFLICT ({string.Join(", ", columns.Take(keys).Select(c => $"\"{c.Name}\""))}) DO {(sets.Count == 0 ? "NOTHING" : $"UPDATE SET {string.Join(", ", sets)}")}{(where is null ? "" : $" WHERE {where}")}", [.. columns.Select(c => c.Type)]);
    }

    public abstract void Set(int parameter, long? value);

    public abstract void Set(int parameter, string? value);

    public abstract void Set(int parameter, double? value);

    public abstract void Set(int parameter, bool value);

    public abstract void Set(int parameter, byte[] value);

    /// <exception cref="DbException">The database failed; the transaction is to be rolled back.</exception>
    public abstract ValueTask RunAsync(DbTransaction transaction, CancellationToken cancel);

    public abstract ValueTask DisposeAsync();

    private sealed class SqliteRow : RowWrite
    {
        private readonly sqlite3 _db;
        private readonly sqlite3_stmt _statement;
        private readonly byte[] _text = new byte[1024];

        public SqliteRow(SqliteConnection connection, string sql)
        {
            _db = connection.Handle!;
            Check(sqlite3_prepare_v2(_db, sql, out _statement));
        }

        public override void Set(int parameter, long? value) => Check(value is { } v ? sqlite3_bind_int64(_statement, parameter + 1, v) : sqlite3_bind_null(_statement, parameter + 1));

        public override void Set(int parameter, string? value)
        {
            if (value is null) Check(sqlite3_bind_null(_statement, parameter + 1));
            else if (value.Length * 3 <= _text.Length) Check(sqlite3_bind_text(_statement, parameter + 1, _text.AsSpan(0, Encoding.UTF8.GetBytes(value, _text))));
            else Check(sqlite3_bind_text(_statement, parameter + 1, Encoding.UTF8.GetBytes(value)));
        }

        public override void Set(int parameter, double? value) => Check(value is { } v ? sqlite3_bind_double(_statement, parameter + 1, v) : sqlite3_bind_null(_statement, parameter + 1));

        public override void Set(int parameter, bool value) => Check(sqlite3_bind_int64(_statement, parameter + 1, value ? 1 : 0));

        public override void Set(int parameter, byte[] value) => Check(sqlite3_bind_blob(_statement, parameter + 1, value));

        public override ValueTask RunAsync(DbTransaction transaction, CancellationToken cancel)
        {
            cancel.ThrowIfCancellationRequested();
            var outcome = sqlite3_step(_statement);
            sqlite3_reset(_statement);
            if (outcome != SQLITE_DONE) Check(outcome);
            return ValueTask.CompletedTask;
        }

        private void Check(int outcome)
        {
            if (outcome != SQLITE_OK) SqliteException.ThrowExceptionForRC(outcome, _db);
        }

        public override ValueTask DisposeAsync()
        {
            _statement.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class AdoRow : RowWrite
    {
        private readonly DbCommand _command;
        private bool _isPrepared;

        public AdoRow(DbConnection connection, string sql, IReadOnlyList<DbType> parameters)
        {
            _command = connection.CreateCommand();
#pragma warning disable CA2100 // Every text is one of this folder's own.
            _command.CommandText = sql;
#pragma warning restore CA2100
            for (var i = 0; i < parameters.Count; i++)
            {
                var parameter = _command.CreateParameter();
                (parameter.ParameterName, parameter.DbType, parameter.Value) = ($"@p{i}", parameters[i], DBNull.Value);
                _command.Parameters.Add(parameter);
            }
        }

        public override void Set(int parameter, long? value) => _command.Parameters[parameter].Value = (object?)value ?? DBNull.Value;

        // PostgreSQL's text has no NUL; a name in a hall's document may.
        public override void Set(int parameter, string? value) => _command.Parameters[parameter].Value = (object?)value?.Replace('\0', '\uFFFD') ?? DBNull.Value;

        public override void Set(int parameter, double? value) => _command.Parameters[parameter].Value = (object?)value ?? DBNull.Value;

        public override void Set(int parameter, bool value) => _command.Parameters[parameter].Value = value;

        public override void Set(int parameter, byte[] value) => _command.Parameters[parameter].Value = value;

        public override async ValueTask RunAsync(DbTransaction transaction, CancellationToken cancel)
        {
            _command.Transaction = transaction;
            if (!_isPrepared) await _command.PrepareAsync(cancel);
            _isPrepared = true;
            await _command.ExecuteNonQueryAsync(cancel);
        }

        public override ValueTask DisposeAsync() => _command.DisposeAsync();
    }
}

/// <summary>What a column of a row that is there already gets.</summary>
internal enum Kept : byte
{
    /// <summary>The new value.</summary>
    Last,
    /// <summary>The first value that was ever said.</summary>
    First,
    /// <summary>The new value, where there is one.</summary>
    LastSaid,
    /// <summary>The new value added to what is there.</summary>
    Sum,
}

internal readonly record struct Column(string Name, DbType Type, Kept Kept = Kept.Last)
{
    public static Column Number(string name, Kept kept = Kept.Last) => new(name, DbType.Int64, kept);

    public static Column Text(string name, Kept kept = Kept.Last) => new(name, DbType.String, kept);
}
