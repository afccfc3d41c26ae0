using System.Globalization;
using HallOps.Web.Operations;
using HallOps.Web.Storage;

namespace HallOps.Web.Cli;

/// <summary><c>journal archive --before DATE</c>: days that are over, into compressed files beside the journal; beside a running server or without one.</summary>
internal static class JournalArchiveCommand
{
    public static async Task<int> RunAsync(Settings settings, string? before)
    {
        if (before is null) throw new WrongUsageException("journal archive needs --before DATE: days before it are archived");
        if (!DateOnly.TryParseExact(before, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)) throw new StartRefusedException($"--before must be a date like 2026-11-21, was \"{before}\".");
        await settings.Journal.ArchiveAsync(day, Console.Out);
        if (settings.Journal.IsRedis)
            Console.WriteLine($"  ! {settings.Folder.ArchivePath} is the only place that has these records now: keep it with Redis' own backups, and let every process that serves these halls have a copy in its data folder");
        return 0;
    }
}
