using HallOps.Silo.Journal;
using HallOps.Web.Storage;

namespace HallOps.Web.Demo;

/// <summary>The folder of the demonstration: begun anew each time, and told apart from every other by a mark.</summary>
internal static class DemoFolder
{
    private const string Mark = "demo.txt";

    /// <summary>Empties the folder.</summary>
    /// <exception cref="StartRefusedException">It holds what no demonstration made.</exception>
    /// <exception cref="JournalUnusableException">Another process works on it.</exception>
    public static void Empty(DataFolder folder)
    {
        var mark = Path.Combine(folder.FullPath, Mark);
        if (Directory.Exists(folder.FullPath) && !File.Exists(mark) && Directory.EnumerateFileSystemEntries(folder.FullPath).Any())
            throw new StartRefusedException($"{folder.FullPath} holds something that no demonstration made, and --demo would empty it; choose another folder with --data.");
        folder.Prepare();
        using var held = FolderLock.Acquire(folder.FullPath);
        // First, so that a start that is cut short leaves a folder that the next one may empty.
        File.WriteAllText(mark, "A demonstration of HallOps: emptied whenever one starts. Nobody in it is real.\n");
        try
        {
            foreach (var file in Directory.EnumerateFiles(folder.FullPath))
                if (file != mark && file != folder.LockPath) File.Delete(file);
            foreach (var inner in Directory.EnumerateDirectories(folder.FullPath)) Directory.Delete(inner, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException($"{folder.FullPath} cannot be emptied ({e.Message.TrimEnd('.')}).", e);
        }
    }
}
