using HallOps.Silo.Journal;
using HallOps.Web.Operations;
using HallOps.Web.Storage;

namespace HallOps.Web.Cli;

/// <summary><c>backup FILE</c>: everything in one file, which appears under its name only when it is whole.</summary>
internal static class BackupCommand
{
    public static async Task<int> RunAsync(Settings settings, string file)
    {
        if (settings.Folder.IsNew) throw new StartRefusedException($"There is nothing to back up in {settings.Folder.FullPath}.");
        if (settings.Folder.RedisName is not null) throw new StartRefusedException(Backup.NotWithRedis(settings.Folder));
        if (File.Exists(file)) throw new StartRefusedException($"{file} is there already; choose another name.");
        var part = file + ".part";
        try
        {
            await using (var to = OwnerOnly.Create(part))
            {
                await FolderWork.RunAsync(settings.Folder, running: client => FetchAsync(client, to), standing: () => CopyAsync(settings.Folder, to));
                to.Flush(flushToDisk: true);
            }
            File.Move(part, file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException($"{file} cannot be written ({e.Message.TrimEnd('.')}).", e);
        }
        finally
        {
            Delete(part);
        }
        Console.WriteLine($"{file}: {new FileInfo(file).Length:N0} bytes");
        if (settings.Folder.PostgresName is { } postgres)
            Console.WriteLine($"  ! accounts, people, the audit and what reports read are in PostgreSQL ({postgres}) and not in this file: back that up with its own tools, pg_dump for one, each time before this");
        return 0;
    }

    private static async Task<bool> FetchAsync(HttpClient client, FileStream to)
    {
        using var ask = new HttpRequestMessage(HttpMethod.Post, new Uri($"{LocalEndpoints.Path}/backup", UriKind.Relative));
        using var answer = await client.SendAsync(ask, HttpCompletionOption.ResponseHeadersRead);
        if (answer.StatusCode == System.Net.HttpStatusCode.UnprocessableEntity) throw new StartRefusedException(await answer.Content.ReadAsStringAsync());
        answer.EnsureSuccessStatusCode();
        await answer.Content.CopyToAsync(to);
        return to.Length == answer.Content.Headers.ContentLength ? true : throw new IOException("the server broke off");
    }

    private static async Task<bool> CopyAsync(DataFolder folder, FileStream to)
    {
        using var held = FolderLock.Acquire(folder.FullPath);
        await using var journal = SqliteJournal.Open(folder.FullPath);
        Backup.Write(folder, journal.BackupTo, to, TimeProvider.System.GetUtcNow());
        return true;
    }

    private static void Delete(string part)
    {
        try
        {
            File.Delete(part);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Whoever could not write it was told so already.
        }
    }
}

/// <summary><c>restore FILE [--erased LIST]</c>: into a data folder that is empty but for a list of erasures, which is kept.</summary>
internal static class RestoreCommand
{
    public static async Task<int> RunAsync(Settings settings, string file, string? erased)
    {
        if (settings.Journal.IsRedis) throw new StartRefusedException($"{JournalPlace.Setting} is set, and a backup has a journal for a folder: leave the setting out, restore, and put the journal there with \"hallops journal copy redis:…\".");
        if (!File.Exists(file)) throw new StartRefusedException($"{file} is not there.");
        var folder = settings.Folder;
        if (Directory.Exists(folder.FullPath) && Directory.EnumerateFileSystemEntries(folder.FullPath).Any(e => !Backup.MayStay(Path.GetFileName(e))))
            throw new StartRefusedException($"The data folder {folder.FullPath} is not empty; restore into an empty one with --data.");
        folder.Prepare();
        Restored restored;
        using (FolderLock.Acquire(folder.FullPath)) restored = await Backup.RestoreAsync(file, settings.Sql, erased);
        Console.WriteLine($"{folder.FullPath}: restored from {file}{(restored.ErasedAgain > 0 ? FormattableString.Invariant($"; {restored.ErasedAgain} erased since are erased again") : "")}");
        if (!restored.ListAtHand)
            Console.WriteLine(FormattableString.Invariant($"  ! whoever was erased after the backup was made ({restored.MadeAt:yyyy-MM-dd'T'HH:mm:ss'Z'}) is in it: if the old folder's erased.txt is still there, copy it into this folder before it is served"));
        return 0;
    }
}
