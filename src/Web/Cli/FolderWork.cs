using System.Net.Http.Headers;
using HallOps.Silo.Journal;
using HallOps.Web.Operations;
using HallOps.Web.Storage;

namespace HallOps.Web.Cli;

/// <summary>Does a command's work through the server that runs on the folder, or on the folder itself where none does.</summary>
internal static class FolderWork
{
    /// <param name="running">Gets a client of the running server that shows the local secret.</param>
    /// <param name="standing">Nobody has the folder; it takes the lock itself.</param>
    public static async Task<T> RunAsync<T>(DataFolder folder, Func<HttpClient, Task<T>> running, Func<Task<T>> standing)
    {
        if (!IsInUse(folder)) return await standing();
        if (ServerFile.Find(folder) is not { } server) throw new StartRefusedException($"The data folder {folder.FullPath} is in use by a server that starts, stops or stands by, or by another command; try again, or where the halls are served.");
        using var client = new HttpClient { BaseAddress = new Uri(server.Address), Timeout = TimeSpan.FromMinutes(10) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", server.Secret);
        try
        {
            return await running(client);
        }
        catch (HttpRequestException e)
        {
            throw new StartRefusedException($"The server of {folder.FullPath} at {server.Address} does not answer ({e.Message.TrimEnd('.')}); try again or stop it first.", e);
        }
    }

    /// <summary>Runs work with the engine of the folder open and nobody served.</summary>
    public static async Task<T> WithEngineAsync<T>(Settings settings, Func<IServiceProvider, Task<T>> work)
    {
        // Alone, whatever the server of these settings is one of.
        settings = settings with { Cluster = null };
        if (settings.Journal.Lease() is not { } lease) return await OpenAsync(settings, work);
        await using var _ = lease;
        if (await JournalPlace.TakeAsync(lease) is { } holder)
            throw new StartRefusedException($"The halls in the Redis at {settings.Journal.Name} are served by another process ({holder}): run the command there, or stop that first.");
        using var hold = new CancellationTokenSource();
        var held = lease.HoldAsync(hold.Token);
        try
        {
            return await OpenAsync(settings, work);
        }
        finally
        {
            await hold.CancelAsync();
            await held;
            await lease.ReleaseAsync();
        }
    }

    private static async Task<T> OpenAsync<T>(Settings settings, Func<IServiceProvider, Task<T>> work)
    {
        // The folder's own clock, whatever the settings say: the command does not serve.
        var clock = ClockMark.Of(settings.Folder) is { } mark ? new ClockSettings(mark.Start, mark.Speed) : settings.Clock;
        await using var app = Server.Build(settings with { Clock = clock });
        List<IHostedService> hosts = [app.Services.GetRequiredService<FolderHost>(), app.Services.GetRequiredService<StorageHost>(), app.Services.GetRequiredService<EngineHost>()];
        foreach (var host in hosts) await host.StartAsync(CancellationToken.None);
        try
        {
            return await work(app.Services);
        }
        finally
        {
            foreach (var host in Enumerable.Reverse(hosts)) await host.StopAsync(CancellationToken.None);
        }
    }

    private static bool IsInUse(DataFolder folder)
    {
        if (!File.Exists(folder.LockPath)) return false;
        try
        {
            using var held = FolderLock.Acquire(folder.FullPath);
            return false;
        }
        catch (JournalUnusableException) when (ServerFile.Find(folder) is not null)
        {
            return true;
        }
    }
}
