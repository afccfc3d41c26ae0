using HallOps.Silo.Journal;

namespace HallOps.Silo.Tests.Journal;

public sealed class FolderLockTests
{
    [Fact]
    public void Acquire_OfAFolderInUse_NamesTheProcessThatHasIt()
    {
        using var folder = new TestFolder();
        using (FolderLock.Acquire(folder.At))
        {
            var e = Assert.Throws<JournalUnusableException>(() => FolderLock.Acquire(folder.At));
            Assert.Equal($"the data folder {folder.At} is in use by process {Environment.ProcessId}", e.Message);
        }
        FolderLock.Acquire(folder.At).Dispose();
    }

    [Fact]
    public void Acquire_OfAFolderThatIsNotThere_MakesIt()
    {
        using var folder = new TestFolder();

        using var held = FolderLock.Acquire(folder.File("a/b"));

        Assert.True(Directory.Exists(folder.File("a/b")));
    }

    [Fact]
    public void Acquire_WhereNothingCanBeWritten_SaysSo()
    {
        using var folder = new TestFolder();
        // A file where the folder should be: fails for every user, an administrator too.
        File.WriteAllText(folder.File("data"), "");

        var e = Assert.Throws<JournalUnusableException>(() => FolderLock.Acquire(folder.File("data")));

        Assert.StartsWith($"cannot write to the data folder {folder.File("data")}: ", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }
}
