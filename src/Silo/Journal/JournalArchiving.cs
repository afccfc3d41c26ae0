using System.Globalization;
using Microsoft.Data.Sqlite;

namespace HallOps.Silo.Journal;

/// <summary>
/// Moves the records of days that are closed and over before a date into compressed files, beside a running server or without one. What reads the journal reads the files, then the
/// store. A hall's newest record, what is in no snapshot, and what is damaged stay (docs/journal-format.md, docs/decisions/0010).
/// </summary>
public static class JournalArchiving
{
    // Told to tests: the file is whole, and nobody names it; the store names it; some of what it has is deleted.
    internal const string Written = "written";
    internal const string Named = "named";
    internal const string Swept = "swept";

    /// <summary>Archives the journal of a folder, into its folder <c>archive</c>; writes what went and what holds the rest back.</summary>
    /// <exception cref="JournalUnusableException">There is no journal, it cannot be read or written, or an earlier archive is missing.</exception>
    public static void OfFolder(string folder, DateOnly before, TextWriter output, CancellationToken cancel = default) => OfFolder(folder, before, output, null, cancel);

    /// <summary>Archives the journal in a Redis, into <see cref="RedisJournalOptions.Archives"/>; writes what went and what stays of a hall though its days are over.</summary>
    /// <param name="connection">As StackExchange.Redis writes it.</param>
    /// <exception cref="JournalUnusableException">There is no journal, it does not answer, the file cannot be written, or an earlier archive is missing.</exception>
    public static Task OfRedisAsync(string connection, DateOnly before, TextWriter output, RedisJournalOptions options, CancellationToken cancel = default) =>
        OfRedisAsync(connection, before, output, options, null, cancel);

    /// <summary>The archives that the journal in a folder names, whether they are there or not.</summary>
    /// <exception cref="JournalUnusableException">It cannot be read.</exception>
    public static IReadOnlyList<string> NamesIn(string folder)
    {
        try
        {
            using var reader = new SqliteReader(folder);
            return [.. reader.Archives().Select(a => a.Place.Name)];
        }
        catch (SqliteException e)
        {
            throw SqliteSchema.Unusable(folder, e);
        }
    }

    internal static void OfFolder(string folder, DateOnly before, TextWriter output, Action<string>? step, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (SqliteSchema.LookFirst(folder)) throw new JournalUnusableException($"there is no journal in {folder}");
        using var held = TryHold(folder);
        try
        {
            var was = new FileInfo(SqliteSchema.FileIn(folder)).Length;
            using (var archiving = new SqliteArchiving(folder, before, step)) archiving.Run(output, cancel);
            if (held is null)
            {
                output.WriteLine($"  {SqliteSchema.FileName} keeps its size while a server runs on it, and uses the room again");
                return;
            }
            SqliteArchiving.Shrink(folder);
            output.WriteLine($"  {SqliteSchema.FileName}: {Size(new FileInfo(SqliteSchema.FileIn(folder)).Length)}, was {Size(was)}");
        }
        catch (SqliteException e)
        {
            throw SqliteSchema.Unusable(folder, e);
        }
        catch (JournalArchiveException e)
        {
            throw new JournalUnusableException($"{e.Message}; nothing was archived", e);
        }
    }

    internal static async Task OfRedisAsync(string connection, DateOnly before, TextWriter output, RedisJournalOptions options, Action<string>? step, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(options);
        try
        {
            using var archiving = new RedisArchiving(connection, before, options, step);
            await archiving.RunAsync(output, cancel);
        }
        catch (JournalArchiveException e)
        {
            throw new JournalUnusableException($"{e.Message}; nothing was archived", e);
        }
        catch (IOException e)
        {
            throw new JournalUnusableException(e.Message, e);
        }
    }

    internal static void Say(TextWriter output, ArchiveWriter writer, int halls) => output.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{JournalArchives.FolderName}/{writer.Name}: {writer.Records:n0} records of {halls:n0} halls, {Size(writer.Packed)} instead of {Size(writer.Bytes)}"));

    internal static void SayUnnamed(TextWriter output, string folder, IEnumerable<string> named)
    {
        if (!Directory.Exists(folder)) return;
        foreach (var file in Directory.EnumerateFiles(folder, "*.archive").Select(f => Path.GetFileName(f)).Except(named).Order(StringComparer.Ordinal))
            output.WriteLine($"  ! {JournalArchives.FolderName}/{file} is not this journal's: a run that broke off left it, or another journal has it");
    }

    /// <summary>Nobody else has the folder; null: a server has, and its journal is worked on beside it.</summary>
    private static FolderLock? TryHold(string folder)
    {
        try
        {
            return FolderLock.Acquire(folder);
        }
        catch (JournalUnusableException e) when (e.InnerException is IOException and not DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static string Size(long bytes) => bytes < 1 << 20 ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.0} KiB") : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:n1} MiB");
}
