using HallOps.Silo.Journal;
using HallOps.Web.Operations;
using HallOps.Web.Storage;

namespace HallOps.Web.Cli;

/// <summary><c>journal copy TO</c>: into an empty store, beside a running server or without one; a line a hall when both are compared.</summary>
internal static class JournalCopyCommand
{
    public static async Task<int> RunAsync(Settings settings, string to)
    {
        // What can be read off the words comes before any connection.
        var open = TargetOf(to);
        await using var from = await settings.Journal.ContentsAsync();
        await using var target = await open();
        var progress = new Progress("copied", null, "records");
        await JournalCheck.CopyAsync(from, target, Console.Out, progress.Told);
        progress.Done();
        if (ServerFile.Find(settings.Folder) is not null)
            Console.WriteLine($"  ! the server that runs goes on in {from.Name}: what halls record from now on is not in the copy");
        return 0;
    }

    private static Func<Task<JournalTarget>> TargetOf(string to) => to.Split(':', 2) switch
    {
        ["sqlite", { Length: > 0 } folder] => () => Task.FromResult(JournalTarget.OfFolder(Path.GetFullPath(folder))),
        ["redis", { Length: > 0 } connection] => () => JournalTarget.OfRedisAsync(connection),
        // Not repeated: a password may be in it.
        _ => throw new StartRefusedException("journal copy: TO must be sqlite:DIR or redis:HOST:PORT,password=…, and is not."),
    };
}
