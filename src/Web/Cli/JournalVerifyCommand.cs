using HallOps.Web.Audit;
using HallOps.Web.Operations;

namespace HallOps.Web.Cli;

/// <summary><c>journal verify</c>: a line a hall and one for the audit, beside a running server or without one.</summary>
internal static class JournalVerifyCommand
{
    public static async Task<int> RunAsync(Settings settings)
    {
        await using var contents = await settings.Journal.ContentsAsync();
        var journal = await JournalCheck.RunAsync(contents, Console.Out);
        var wrongRow = AuditCheck.Run(settings.Sql, Console.Out);
        if (!journal)
            Console.Error.WriteLine($"hallops: {contents.Name} is not whole; {(settings.Journal.IsRedis ? "records that are gone are given up with journal accept-loss, for anything else restore Redis from its own backup" : "restore a backup, or save what is whole with journal salvage")}.");
        if (wrongRow is { } row) Console.Error.WriteLine(FormattableString.Invariant($"hallops: the audit in {settings.Sql.Name} is not whole: row {row} was changed, added or removed by other means than the server; compare it with a backup."));
        return journal && wrongRow is null ? 0 : 1;
    }
}
