using System.Buffers.Binary;
using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using HallOps.Core.Halls;
using HallOps.Core.Metrics;
using HallOps.Silo.Projections;
using HallOps.Web.Storage;
using Microsoft.EntityFrameworkCore;

namespace HallOps.Web.Visits;

/// <summary>What an import did, or would do.</summary>
/// <param name="Known">Rows that had been imported before: they stay as they are.</param>
/// <param name="Refused">Why rows were refused, each with how often and the first line of the file.</param>
public sealed record VisitsImported(long Imported, long Known, IReadOnlyList<RefusedRows> Refused)
{
    public long RefusedCount => Refused.Sum(r => r.Count);
}

/// <param name="FirstLine">Of the file.</param>
public sealed record RefusedRows(string Reason, long FirstLine, long Count);

/// <summary>
/// Loads visits of earlier years beside those that halls counted here: legs with negative tickets, which the journal does not know and a rebuild keeps. A visit's ticket is made of what it is, so that the
/// same file twice is one import.
/// </summary>
/// <param name="connection">Open; nothing else uses it meanwhile.</param>
public sealed class VisitsImport(DbConnection connection)
{
    /// <summary>A transaction of so many rows keeps the projections of a running server waiting for some tens of milliseconds.</summary>
    private const int MaxBatch = 2_000;

    /// <summary>Reasons told apart; a file that is wrong in more ways than that is another kind of file.</summary>
    private const int MostReasons = 50;

    private static readonly string[] s_columns =
    [
        "hall", "ticket", "leg", "number", "day", "service", "line", "class", "source", "issued_at", "since", "called_at", "first_called_at", "started_at", "finished_at", "window", "staff", "outcome", "finish_outcome", "overtook", "times",
        "misses", "grade", "state", "joined_at", "ended_at", "department", "rated_at", "told_before", "target_minutes",
    ];

    private readonly Dictionary<string, HallHere?> _halls = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long First, long Count)> _refused = new(StringComparer.Ordinal);

    /// <param name="settingsOf">Of a hall of this deployment: its clock, and what its lines call in time.</param>
    /// <param name="check">Nothing is written.</param>
    /// <param name="progress">Told the rows read so far.</param>
    /// <exception cref="VisitsFileException">The file is none of visits.</exception>
    public async Task<VisitsImported> RunAsync(VisitsFile file, Func<string, ValueTask<HallSettings?>> settingsOf, bool check, Action<int>? progress, CancellationToken cancel)
    {
        await using var leg = Insert("legs", s_columns, "hall, ticket, leg", "NOTHING");
        // A row that is there already is locked, or a roller at work would miss these visits (see ReportRows.Due).
        await using var due = Insert("rollups_due", ["hall", "day"], "hall, \"day\"", "UPDATE SET hall = excluded.hall");
        await using var exists = connection.CreateCommand();
        exists.CommandText = "SELECT 1 FROM legs WHERE hall = @p0 AND ticket = @p1 AND leg = @p2";
        for (var i = 0; i < 3; i++) Add(exists, i);

        var (imported, known, read) = (0L, 0L, 0);
        var days = new HashSet<(long, string)>();
        var transaction = check ? null : await connection.BeginTransactionAsync(cancel);
        foreach (var row in file.Rows())
        {
            if (++read % MaxBatch == 0)
            {
                progress?.Invoke(read);
                if (transaction is not null)
                {
                    await MarkAsync(due, transaction, days, cancel);
                    await transaction.CommitAsync(cancel);
                    await transaction.DisposeAsync();
                    transaction = await connection.BeginTransactionAsync(cancel);
                }
            }
            if (row.Problem is { } problem)
            {
                // Without the value: the same mistake in a million rows is one line of the report.
                Refuse(row.Line, problem.Split(", was \"", 2)[0]);
                continue;
            }
            var visit = row.Leg!;
            if (!_halls.TryGetValue(visit.Hall, out var hall)) _halls[visit.Hall] = hall = await HallAsync(visit.Hall, settingsOf, cancel);
            if (hall is null)
            {
                Refuse(row.Line, $"hall {visit.Hall} is not here: import its document first");
                continue;
            }
            if (visit.Service.Length == 0 || visit.Line.Length == 0)
            {
                Refuse(row.Line, $"{(visit.Line.Length == 0 ? "line" : "service")} must be given, or it belongs to no row of a report");
                continue;
            }
            if (string.CompareOrdinal(DayOf(visit), hall.FirstDay) >= 0)
            {
                Refuse(row.Line, $"issued must lie before {hall.FirstDay}, from when on hall {visit.Hall} counts here");
                continue;
            }
            var ticket = TicketOf(row);
            if (check)
            {
                (exists.Parameters[0].Value, exists.Parameters[1].Value, exists.Parameters[2].Value) = (hall.Number, ticket, visit.Leg);
                if (await exists.ExecuteScalarAsync(cancel) is null) imported++;
                else known++;
                continue;
            }
            Fill(leg, hall, ticket, row);
            leg.Transaction = transaction;
            if (await leg.ExecuteNonQueryAsync(cancel) == 0) known++;
            else
            {
                imported++;
                days.Add((hall.Number, DayOf(visit)));
            }
        }
        if (transaction is not null)
        {
            await MarkAsync(due, transaction, days, cancel);
            await transaction.CommitAsync(cancel);
            await transaction.DisposeAsync();
        }
        return new VisitsImported(imported, known, [.. _refused.OrderBy(r => r.Value.First).Select(r => new RefusedRows(r.Key, r.Value.First, r.Value.Count))]);
    }

    private async Task<HallHere?> HallAsync(string hall, Func<string, ValueTask<HallSettings?>> settingsOf, CancellationToken cancel)
    {
        await using var find = connection.CreateCommand();
        find.CommandText = "SELECT h.number, (SELECT MIN(l.\"day\") FROM legs l WHERE l.hall = h.number AND l.ticket > 0) FROM halls h WHERE h.hall = @p0";
        Add(find, 0).Value = hall;
        await using var reader = await find.ExecuteReaderAsync(cancel);
        if (!await reader.ReadAsync(cancel)) return null;
        var (number, first) = (reader.GetInt64(0), reader.IsDBNull(1) ? "9999-12-31" : reader.GetString(1));
        return await settingsOf(hall) is { } settings ? new HallHere(number, settings, first) : null;
    }

    private static void Fill(DbCommand command, HallHere hall, long ticket, VisitRow row)
    {
        var visit = row.Leg!;
        long At(long wall) => row.IsLocal ? ServiceDayInstant(wall, hall.Zone) : wall;
        long? AtOrNone(long? wall) => wall is { } w ? At(w) : null;
        var i = 0;
        // PostgreSQL's text has no NUL.
        void Next(object? value) => command.Parameters[i++].Value = value is string text ? text.Replace('\0', '\uFFFD') : value ?? DBNull.Value;
        Next(hall.Number);
        Next(ticket);
        Next((long)visit.Leg);
        Next(row.Number);
        Next(DayOf(visit));
        Next(visit.Service);
        Next(visit.Line);
        Next(row.Class.Length > 0 ? row.Class : "normal");
        Next("import");
        Next(At(visit.JoinedAt));
        Next(At(visit.Since ?? visit.JoinedAt));
        // A wait from an issue that nobody knows is no wait.
        Next(visit.Since is null ? null : AtOrNone(visit.CalledAt));
        Next(AtOrNone(visit.FirstCalledAt));
        // Of a file that knows no starts: who was served was answered all the same, and neither a walk nor a service is known of them.
        Next(AtOrNone(visit.StartedAt) ?? (visit.Wait is not null && visit.Outcome != LegOutcome.Served ? AtOrNone(visit.CalledAt) : null));
        Next(AtOrNone(visit.FinishedAt));
        Next(visit.Window);
        Next(visit.Staff);
        Next(TableWord.Of(visit.Outcome));
        Next(TableWord.Of(visit.FinishOutcome));
        Next(0L);
        Next(visit.CalledAt is null ? 0L : 1L);
        Next(0L);
        Next(TableWord.Of(visit.Grade));
        Next(visit.Outcome switch { LegOutcome.Served or LegOutcome.Transferred => "finished", LegOutcome.Void => "void", LegOutcome.Withdrawn => "cancelled", _ => "expired" });
        Next(At(visit.JoinedAt));
        Next(AtOrNone(visit.EndedAt));
        Next(visit.Department);
        Next(visit.Grade is null ? null : AtOrNone(visit.EndedAt));
        Next(0L);
        Next(hall.Settings.LineById.GetValueOrDefault(new LineId(visit.Line))?.TargetMinutes);
    }

    private static async Task MarkAsync(DbCommand due, DbTransaction transaction, HashSet<(long Hall, string Day)> days, CancellationToken cancel)
    {
        due.Transaction = transaction;
        foreach (var (hall, day) in days)
        {
            (due.Parameters[0].Value, due.Parameters[1].Value) = (hall, day);
            await due.ExecuteNonQueryAsync(cancel);
        }
        days.Clear();
    }

    private void Refuse(long line, string reason)
    {
        if (!_refused.TryGetValue(reason, out var known) && _refused.Count >= MostReasons) (reason, known) = ("more reasons", _refused.GetValueOrDefault("more reasons"));
        _refused[reason] = (known.Count == 0 ? line : known.First, known.Count + 1);
    }

    private static string DayOf(MetricLeg visit) => visit.Day.ToString("O", CultureInfo.InvariantCulture);

    // Negative, and the same for the same visit: 62 bits of a hash, so that a million visits meet in one of four million imports.
    private static long TicketOf(VisitRow row)
    {
        var visit = row.Leg!;
        var what = row.Number.Length > 0 ? string.Create(CultureInfo.InvariantCulture, $"{visit.Hall}\n{DayOf(visit)}\n{row.Number}\n{(row.Number.All(char.IsAsciiDigit) ? visit.Line : "")}")
            : string.Create(CultureInfo.InvariantCulture, $"{visit.Hall}\n{visit.JoinedAt}\n{visit.Line}\n{visit.Service}\n{visit.CalledAt}\n{visit.FinishedAt}\n{visit.Window}");
        return -(1 + (BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(what))) & 0x3fff_ffff_ffff_ffff));
    }

    // An hour that a clock change repeats is its first pass; one that it leaves out begins after it.
    private static long ServiceDayInstant(long wall, TimeZoneInfo zone)
    {
        var local = DateTimeOffset.FromUnixTimeMilliseconds(wall).DateTime;
        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(zone.IsInvalidTime(local) ? local.AddHours(1) : local);
        return wall - (long)offset.TotalMilliseconds;
    }

    private DbCommand Insert(string table, string[] columns, string key, string otherwise)
    {
        var command = connection.CreateCommand();
        command.CommandText = $"INSERT INTO {table} ({string.Join(", ", columns.Select(c => $"\"{c}\""))}) VALUES ({string.Join(", ", columns.Select((_, i) => $"@p{i}"))}) ON CONFLICT ({key}) DO {otherwise}";
        for (var i = 0; i < columns.Length; i++) Add(command, i);
        return command;
    }

    private static DbParameter Add(DbCommand command, int i)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = string.Create(CultureInfo.InvariantCulture, $"@p{i}");
        parameter.Value = DBNull.Value;
        command.Parameters.Add(parameter);
        return parameter;
    }

    /// <param name="FirstDay">Of its own visits.</param>
    private sealed record HallHere(long Number, HallSettings Settings, string FirstDay)
    {
        public TimeZoneInfo Zone => Settings.Calendar.Zone;
    }
}
