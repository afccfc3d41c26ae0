using HallOps.Silo.Journal;
using HallOps.Web.Operations;
using HallOps.Web.Storage;

namespace HallOps.Web.Cli;

/// <summary><c>journal salvage TO</c>: what is whole of a damaged journal, into a new one; a line a hall. The damaged one is only read.</summary>
internal static class JournalSalvageCommand
{
    public static int Run(Settings settings, string to)
    {
        settings.Journal.MustBeInFolder("salvage is for SQLite's file; journal verify names what is wrong, records that are gone are given up with journal accept-loss, and for anything else restore Redis from its own backup");
        try
        {
            // Other than verify: what a running server writes meanwhile would look like what is lost. A folder without a lock nobody runs on, and nothing is put into it.
            using var held = File.Exists(settings.Folder.LockPath) ? FolderLock.Acquire(settings.Folder.FullPath) : null;
            if (JournalSalvage.Run(settings.Folder.FullPath, to, Console.Out)) return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException($"{to} cannot be written ({e.Message.TrimEnd('.')}).", e);
        }
        Console.Error.WriteLine($"hallops: not all of the journal in {settings.Folder.FullPath} could be saved; {to} has what was whole.");
        return 1;
    }
}
