using HallOps.Core.Halls;
using HallOps.Load.Server;

namespace HallOps.Load.Kill;

/// <summary>What a run came to.</summary>
/// <param name="Wrong">Everything that was acknowledged and is not there exactly once, a sentence each.</param>
internal sealed record KillOutcome(int Kills, long Acknowledged, long Issued, long Called, long Rated, IReadOnlyList<string> Wrong);

/// <summary>
/// The real server under load, killed with -9 at random moments and started again on the same folder; whoever did not get an answer asks again with the same key. At the end every acknowledged
/// number, call, start, finish and rating must stand in the journal, exactly once.
/// </summary>
internal static class KillRun
{
    /// <param name="document">Of the town hall of the samples.</param>
    /// <param name="program">The folder with <c>hallops.dll</c>; null: this program's own.</param>
    public static async Task<KillOutcome> RunAsync(string data, byte[] document, int kills, int seed, string? program = null, CancellationToken cancel = default)
    {
        var random = new Random(seed);
        var ledger = new Ledger();
        var server = await ServerProcess.StartAsync(data, program);
        try
        {
            using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(20) };
            // The next server listens on another port; who asks finds it there.
            var provision = new Provision(http, () => Volatile.Read(ref server).Address, random) { RepeatShare = 0.05 };
            var works = await new BusyTown(ledger, document).PrepareAsync(provision);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            var working = works.Select(w => Task.Run(() => w(stop.Token), cancel)).ToArray();
            for (var i = 0; i < kills; i++)
            {
                // Under way first, then at a moment of chance: a server that has just started serves nobody yet.
                for (var before = ledger.Count; ledger.Count < before + 15 && working.All(w => !w.IsCompleted);) await Task.Delay(5, cancel);
                await Task.Delay(random.Next(300), cancel);
                if (working.FirstOrDefault(w => w.IsFaulted) is { } failed) await failed;
                await server.KillAsync();
                var next = await ServerProcess.StartAsync(data, program);
                await server.DisposeAsync();
                Volatile.Write(ref server, next);
            }
            await Task.Delay(random.Next(300), cancel);
            await stop.CancelAsync();
            await Task.WhenAll(working);
            // Once more, so that the last acknowledgements have no clean end to thank for being there.
            await server.KillAsync();
        }
        finally
        {
            await server.DisposeAsync();
        }
        var stories = await HallStory.ReadAsync(data);
        var wrong = ledger.Check(stories).ToList();
        if (ApiClient.Differed > 0) wrong.Add($"{ApiClient.Differed} repeated requests were answered differently.");
        long Of<T>() => stories.Sum(s => s.Events.LongCount(e => e.Event is T));
        return new(kills + 1, ledger.Count, Of<TicketIssued>(), Of<TicketCalled>(), Of<ServiceRated>(), wrong);
    }
}
