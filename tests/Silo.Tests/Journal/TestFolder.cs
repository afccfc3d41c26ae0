namespace HallOps.Silo.Tests.Journal;

/// <summary>A folder of its own for a test, in memory where the system has such a place; gone afterwards.</summary>
internal sealed class TestFolder : IDisposable
{
    public TestFolder()
    {
        var root = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();
        Directory.CreateDirectory(At = System.IO.Path.Combine(root, $"hallops-{Guid.NewGuid():n}"));
    }

    public string At { get; }

    public string File(string name) => System.IO.Path.Combine(At, name);

    /// <summary>A new folder with a copy of this one's files, as they are at this moment.</summary>
    public TestFolder Copy()
    {
        var copy = new TestFolder();
        foreach (var file in Directory.EnumerateFiles(At)) System.IO.File.Copy(file, copy.File(System.IO.Path.GetFileName(file)));
        return copy;
    }

    public void Dispose() => Directory.Delete(At, recursive: true);
}
