using HallOps.Silo.Journal;
using HallOps.Web.Storage;

namespace HallOps.Web.Operations;

/// <summary>Takes the data folder before anything is read in it, and lets it go last.</summary>
internal sealed class FolderHost(DataFolder folder, Settings settings, TimeProvider time) : IHostedService, IDisposable
{
    private FolderLock? _lock;

    /// <summary>Null: the halls run on real time.</summary>
    public ClockMark? Clock { get; private set; }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        folder.Prepare();
        _lock = FolderLock.Acquire(folder.FullPath);
        Backup.Tidy(folder);
        Clock = ClockMark.Agree(folder, settings.Clock, time.GetUtcNow());
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // Not at the stop, but with the host's services: whoever stops later may still write.
    public void Dispose() => _lock?.Dispose();
}

internal static class FolderParts
{
    /// <summary>Comes before everything that works on the folder: hosted services start in the order of their registration.</summary>
    public static void AddFolder(this IServiceCollection services, Settings settings)
    {
        services.AddSingleton(settings).AddSingleton(settings.Folder).AddSingleton<LocalSecret>();
        services.AddSingleton<FolderHost>().AddHostedService(s => s.GetRequiredService<FolderHost>());
        services.AddSingleton<StorageHost>().AddHostedService(s => s.GetRequiredService<StorageHost>());
        services.AddSingleton<HallOps.Silo.Scheduling.IHousekeeping>(s => new PeopleRetention(s.GetRequiredService<Storage.IPeople>));
        services.AddSingleton<Halls.HallImport>().AddSingleton<Visits.VisitsImporter>().AddSingleton<PersonalData>();
    }
}
