using HallOps.Core.Halls;
using HallOps.Web.Storage;
using Microsoft.EntityFrameworkCore;

namespace HallOps.Web.Audit;

/// <param name="Rows">The newest first.</param>
/// <param name="Next">Give it as <c>before</c> for the rows before these; null: there are none.</param>
/// <param name="Chain"><c>whole</c>, or <c>broken</c> where one of these rows is not what was written or the one before it is gone.</param>
/// <param name="BrokenAt">The first row of these that is not as it was written.</param>
/// <param name="Head">The newest row there is and its chain: who keeps it elsewhere can tell later that nothing up to it was cut off or written anew.</param>
public sealed record AuditPage(IReadOnlyList<AuditView> Rows, long? Next, AuditChain Chain, long? BrokenAt, AuditHead? Head);

public sealed record AuditView(long Number, DateTimeOffset At, string Who, string What, string? Of, string? Hall, string Outcome, string? Detail);

public sealed record AuditHead(long Number, string Chain);

public enum AuditChain { Whole, Broken }

/// <summary>Reads the audit for auditors, within their halls.</summary>
public sealed class AuditBook(HallOpsDb database)
{
    /// <param name="before">Only rows of a lower number; null: from the newest.</param>
    /// <param name="limit">How many rows at most, from 1.</param>
    public async Task<AuditPage> ReadAsync(Caller auditor, long? before, int limit, CancellationToken cancel)
    {
        // One moment for all that is read.
        await using var snapshot = await database.Database.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancel);
        var all = database.Audit.AsNoTracking();
        var seen = before is { } number ? all.Where(r => r.Number < number) : all;
        if (!auditor.HasEverywhere(Role.Auditor))
        {
            var halls = (await all.Where(r => r.Hall != null).Select(r => r.Hall!).Distinct().ToListAsync(cancel)).Where(h => auditor.Has(Role.Auditor, new HallId(h))).ToList();
            seen = seen.Where(r => r.Hall != null && halls.Contains(r.Hall));
        }
        var rows = await seen.OrderByDescending(r => r.Number).Take(limit + 1).ToListAsync(cancel);
        var more = rows.Count > limit;
        if (more) rows.RemoveAt(limit);
        var predecessors = rows.Select(r => r.Number - 1).ToList();
        var chains = await all.Where(r => predecessors.Contains(r.Number)).Select(r => new { r.Number, r.Chain }).ToDictionaryAsync(r => r.Number, r => r.Chain, cancel);
        chains[0] = AuditRow.Origin;

        long? broken = null;
        foreach (var row in rows)
            if (!chains.TryGetValue(row.Number - 1, out var chain) || !row.ChainAfter(chain).AsSpan().SequenceEqual(row.Chain)) broken = row.Number;
        var head = await all.OrderByDescending(r => r.Number).Select(r => new { r.Number, r.Chain }).FirstOrDefaultAsync(cancel);
        return new AuditPage([.. rows.Select(r => new AuditView(r.Number, r.At, r.Who, r.What, r.Of, r.Hall, r.Outcome, r.Detail))], more ? rows[^1].Number : null,
            broken is null ? AuditChain.Whole : AuditChain.Broken, broken, head is null ? null : new AuditHead(head.Number, Convert.ToHexStringLower(head.Chain)));
    }
}
