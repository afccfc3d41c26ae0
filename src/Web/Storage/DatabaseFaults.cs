using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace HallOps.Web.Storage;

/// <summary>Tells a database that is away from one that was asked something wrong.</summary>
internal static class DatabaseFaults
{
    /// <summary>What the database said, wherever it is among the causes: EF Core wraps what may pass. Null: it said nothing.</summary>
    public static DbException? Of(Exception e)
    {
        for (var cause = e; cause is not null; cause = cause.InnerException)
            if (cause is NpgsqlException or SqliteException) return (DbException)cause;
        return null;
    }

    /// <summary>Whether the same request may well succeed later, with nothing changed but the database's own state.</summary>
    public static bool IsAway(DbException fault) => fault switch
    {
        // 08: connection; 53: no room, memory or connection left; 57P: shuts down or starts; 58: its disk; 25006: a standby; 55000: connections are not let in.
        PostgresException e => e.SqlState[..2] is "08" or "53" or "58" || e.SqlState.StartsWith("57P", StringComparison.Ordinal) || e.SqlState is "25006" or "55000" || e.IsTransient,
        NpgsqlException => true,
        // BUSY, LOCKED, READONLY, IOERR, FULL and CANTOPEN.
        SqliteException e => e.SqliteErrorCode is 5 or 6 or 8 or 10 or 13 or 14,
        _ => false,
    };
}
