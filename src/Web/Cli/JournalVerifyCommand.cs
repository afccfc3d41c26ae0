using HallOps.Silo.Journal;
using HallOps.Web.Operations;

namespace HallOps.Web.Cli;

/// <summary><c>journal verify</c>: a line a hall, beside a running server or without one.</summary>
internal static class JournalVerifyCommand
{
    public static int Run(Settings settings)
    {
        if (JournalCheck.Run(settings.Folder.FullPath, Console.Out)) return 0;
        Console.Error.WriteLine($"hallops: the journal in {settings.Folder.FullPath} is not whole; restore a backup, or save what is whole with journal salvage.");
        return 1;
    }
}
