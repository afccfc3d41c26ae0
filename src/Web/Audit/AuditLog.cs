using HallOps.Web.Storage;
using Microsoft.EntityFrameworkCore;

namespace HallOps.Web.Audit;

/// <summary>Writes the audit. Safe from any thread: a transaction that writes is one at a time (<see cref="OneWriter"/>).</summary>
public sealed class AuditLog(TimeProvider time)
{
    /// <summary>Adds a row in the transaction of what it tells of, so that both are durable or neither is.</summary>
    /// <exception cref="InvalidOperationException">There is no transaction.</exception>
    public async Task AddAsync(HallOpsDb database, AuditEntry entry, CancellationToken cancel)
    {
        if (database.Database.CurrentTransaction is null) throw new InvalidOperationException("A row of the audit belongs to the transaction of what it tells of.");
        var last = await database.Audit.AsNoTracking().OrderByDescending(r => r.Number).Select(r => new { r.Number, r.Chain }).FirstOrDefaultAsync(cancel);
        var row = new AuditRow
        {
            Number = (last?.Number ?? 0) + 1, At = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds()), Who = entry.Who, What = entry.What, Of = entry.Of, Hall = entry.Hall,
            Outcome = entry.Outcome, Detail = entry.Detail, Chain = [],
        };
        row.Chain = row.ChainAfter(last?.Chain ?? AuditRow.Origin);
        // Not by the change tracker: that would save whatever else the context holds.
        await database.Database.ExecuteSqlAsync(
            $"INSERT INTO audit (number, at, who, what, of, hall, outcome, detail, chain) VALUES ({row.Number}, {row.At.ToUnixTimeMilliseconds()}, {row.Who}, {row.What}, {row.Of}, {row.Hall}, {row.Outcome}, {row.Detail}, {row.Chain})",
            cancel);
    }

    /// <summary>Adds a row of its own, about what is durable elsewhere.</summary>
    public async Task AddAloneAsync(HallOpsDb database, AuditEntry entry, CancellationToken cancel)
    {
        await using var transaction = await database.BeginWriteAsync(cancel);
        await AddAsync(database, entry, cancel);
        await transaction.CommitAsync(cancel);
    }
}
