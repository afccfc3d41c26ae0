using System.Globalization;

namespace HallOps.Silo.Journal;

/// <summary>
/// The lock of a data folder: <c>server.lock</c>, held by one process as long as it lives and let go by the operating system however it ends. The holder's number is in
/// <c>server.pid</c> beside it, because a file that is locked cannot be read by others on every system.
/// </summary>
public sealed class FolderLock : IDisposable
{
    // EWOULDBLOCK on Linux and on macOS; ERROR_SHARING_VIOLATION on Windows.
    private static readonly int[] Held = [11, 35, unchecked((int)0x80070020)];

    private readonly FileStream _stream;

    private FolderLock(FileStream stream) => _stream = stream;

    /// <summary>Takes the lock, creating the folder where it is not there.</summary>
    /// <exception cref="JournalUnusableException">Another process has it, or the folder cannot be written to.</exception>
    public static FolderLock Acquire(string folder)
    {
        var file = Path.Combine(folder, "server.lock");
        var pid = Path.Combine(folder, "server.pid");
        try
        {
            Directory.CreateDirectory(folder);
            var stream = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
            try
            {
                File.WriteAllText(pid, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
                return new FolderLock(stream);
            }
            catch
            {
                stream.Dispose();
                throw;
            }
        }
        catch (IOException e) when (Held.Contains(e.HResult))
        {
            throw new JournalUnusableException($"the data folder {folder} is in use by {Holder(pid)}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new JournalUnusableException($"cannot write to the data folder {folder}: {SqliteSchema.OneLine(e.Message)}", e);
        }
    }

    public void Dispose() => _stream.Dispose();

    private static string Holder(string pid)
    {
        try
        {
            return $"process {int.Parse(File.ReadAllText(pid), CultureInfo.InvariantCulture)}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return "another process";
        }
    }
}
