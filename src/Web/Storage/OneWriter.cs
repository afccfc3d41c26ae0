using System.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace HallOps.Web.Storage;

/// <summary>Transactions that write what the audit tells of.</summary>
internal static class OneWriter
{
    /// <summary>Begins one that writes, after whichever writes now has ended: each sees all that those before it did, and the audit's numbers have no gap. Readers do not wait.</summary>
    public static async Task<IDbContextTransaction> BeginWriteAsync(this HallOpsDb database, CancellationToken cancel)
    {
        // SQLite has one writer at a time anyway, and lets it begin at once this way.
        if (!database.Database.IsNpgsql()) return await database.Database.BeginTransactionAsync(IsolationLevel.Serializable, cancel);
        var transaction = await database.Database.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancel);
        try
        {
            // Not left to PostgreSQL's own serializable transactions: those end one of two in an error where they meet.
            await database.Database.ExecuteSqlRawAsync("LOCK TABLE audit IN EXCLUSIVE MODE", cancel);
            return transaction;
        }
        catch
        {
            await transaction.DisposeAsync();
            throw;
        }
    }
}
