using HallOps.Core.Halls;
using HallOps.Web.Operations;
using HallOps.Web.Storage;

namespace HallOps.Web.Cli;

/// <summary><c>journal accept-loss HALL</c>: a hall whose last records Redis has lost goes on without them.</summary>
internal static class JournalAcceptLossCommand
{
    public static async Task<int> RunAsync(Settings settings, string hall)
    {
        if (await settings.Journal.AcceptLossAsync(new HallId(hall)) is not { } loss)
            throw new StartRefusedException($"{hall} has lost nothing: there is nothing to accept.");
        Console.WriteLine(FormattableString.Invariant($"{hall}: records {loss.Gone} are given up; it goes on after record {loss.Last}"));
        Console.WriteLine("  ! numbers that were given out in them will be given out again: tell the hall. A server that runs takes it up again when it is restarted");
        return 0;
    }
}
