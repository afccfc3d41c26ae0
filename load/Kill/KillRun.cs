using System.Diagnostics;
using System.Text.Json.Nodes;
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
    private const string Hall = "rudong-town";

    // Windows whose lines no other of them calls.
    private static readonly (string Window, string Staff, string Line)[] Windows = [("6", "w06", "police"), ("8", "w08", "tax"), ("9", "w09", "labour"), ("1", "w01", "livelihood")];

    /// <param name="document">Of the town hall of the samples.</param>
    /// <param name="program">The folder with <c>hallops.dll</c>; null: this program's own.</param>
    public static async Task<KillOutcome> RunAsync(string data, byte[] document, int kills, int seed, string? program = null, CancellationToken cancel = default)
    {
        var random = new Random(seed);
        var ledger = new Ledger();
        var services = JsonNode.Parse(document)!["services"]!.AsArray().OfType<JsonObject>().ToLookup(s => (string)s["line"]!, s => (string)s["service"]!);
        var server = await ServerProcess.StartAsync(data, program);
        try
        {
            using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(20) };
            // The next server listens on another port; who asks finds it there.
            var provision = new Provision(http, () => Volatile.Read(ref server).Address, random) { RepeatShare = 0.05 };
            await provision.SignInAsync();
            await provision.ImportAsync(Hall, document);
            var kiosk = provision.Caller(await provision.DeviceAsync("kiosk", Hall));
            var clerks = new List<(ApiClient Client, string Window, string Line)>();
            foreach (var (window, staff, line) in Windows) clerks.Add((await provision.AccountAsync("clerk-" + window, "clerk", Hall, staff), window, line));

            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            var holder = provision.Caller(null);
            var working = clerks.Select(c => Task.Run(() => WorkAsync(ledger, kiosk, c.Client, holder, c.Window, [.. services[c.Line]], stop.Token), cancel)).ToArray();
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

    /// <summary>One window's visitors one after the other, until stopped between two of them: so that at the end nothing is under way.</summary>
    private static async Task WorkAsync(Ledger ledger, ApiClient kiosk, ApiClient clerk, ApiClient holder, string window, string[] services, CancellationToken stop)
    {
        var at = $"halls/{Hall}/windows/{window}";
        ledger.Add(new(Hall, typeof(WindowOpened), window, Stopwatch.GetTimestamp(), (await DoAsync(clerk, at + "/open")).Received));
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var issued = await DoAsync(kiosk, $"halls/{Hall}/tickets", new JsonObject { ["service"] = services[i % services.Length] });
            var (id, token) = (issued.Text("id"), issued.Text("token"));
            Add<TicketIssued>(id, issued);
            ledger.Told(Hall, id, issued.Text("number"));
            var called = await DoAsync(clerk, at + "/call-next");
            if (called.Text("id") != id) throw new InvalidOperationException($"Window {window} called {called} instead of {id}.");
            Add<TicketCalled>(id, called);
            Add<ServiceStarted>(id, await DoAsync(clerk, at + "/start"));
            Add<ServiceFinished>(id, await DoAsync(clerk, at + "/finish", new JsonObject { ["outcome"] = "done" }));
            Add<ServiceRated>(id, await DoAsync(holder, $"tickets/{token}/rating", new JsonObject { ["grade"] = "satisfied" }));
        }

        void Add<T>(string subject, ApiAnswer answer) => ledger.Add(new(Hall, typeof(T), subject, answer.Sent, answer.Received));
    }

    private static async Task<ApiAnswer> DoAsync(ApiClient client, string path, JsonObject? body = null) =>
        Provision.Expect(await client.PostAsync(path, body, retry: true), $"POST {path}");
}
