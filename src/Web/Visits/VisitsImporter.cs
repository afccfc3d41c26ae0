using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Web.Audit;
using HallOps.Web.Storage;
using Microsoft.EntityFrameworkCore;

namespace HallOps.Web.Visits;

/// <summary>Runs imports of visits on the database of this server, one at a time.</summary>
internal sealed class VisitsImporter(IDbContextFactory<HallOpsDb> databases, IHalls halls, AuditLog audit) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1);

    /// <param name="name">Of the file, for the audit.</param>
    /// <exception cref="VisitsFileException">The file is none of visits.</exception>
    public async Task<VisitsImported> RunAsync(Stream csv, string name, bool check, Action<int>? progress, CancellationToken cancel)
    {
        using var file = new VisitsFile(csv);
        await _one.WaitAsync(cancel);
        try
        {
            await using var database = await databases.CreateDbContextAsync(cancel);
            await database.Database.OpenConnectionAsync(cancel);
            var done = await new VisitsImport(database.Database.GetDbConnection()).RunAsync(file, SettingsOfAsync, check, progress, cancel);
            if (done.Imported > 0 && !check)
                await audit.AddAloneAsync(database, new AuditEntry("local", AuditWords.VisitsImported, null, name, Detail: FormattableString.Invariant($"{done.Imported} legs, {done.Known} known, {done.RefusedCount} refused")), CancellationToken.None);
            return done;
        }
        finally
        {
            _one.Release();
        }

        async ValueTask<HallSettings?> SettingsOfAsync(string hall) => (await halls.ReadAsync(new HallId(hall), new ReadConfig(), cancel))?.Settings;
    }

    public void Dispose() => _one.Dispose();
}
