using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using HallOps.Core.Halls;
using HallOps.Load.Server;

namespace HallOps.Load.Kill;

/// <summary>The town hall's windows, each with its visitors one after the other; every step is acknowledged before the next is asked for, and asked for again with the same key until it is.</summary>
internal sealed class BusyTown(Ledger ledger, byte[] document, string hall = BusyTown.Hall)
{
    public const string Hall = "rudong-town";

    // Windows whose lines no other of them calls.
    private static readonly (string Window, string Staff, string Line)[] Windows = [("6", "w06", "police"), ("8", "w08", "tax"), ("9", "w09", "labour"), ("1", "w01", "livelihood")];

    /// <summary>Makes the hall, its kiosk and its clerks.</summary>
    /// <returns>Each window's work: runs until it is told to stop, between two visitors, so that at the end nothing is under way.</returns>
    public async Task<IReadOnlyList<Func<CancellationToken, Task>>> PrepareAsync(Provision provision)
    {
        var town = JsonNode.Parse(document)!.AsObject();
        town["hall"] = hall;
        var services = town["services"]!.AsArray().OfType<JsonObject>().ToLookup(s => (string)s["line"]!, s => (string)s["service"]!);
        await provision.SignInAsync();
        await provision.ImportAsync(hall, JsonSerializer.SerializeToUtf8Bytes(town));
        var kiosk = provision.Caller(await provision.DeviceAsync("kiosk", hall));
        var holder = provision.Caller(null);
        var works = new List<Func<CancellationToken, Task>>();
        foreach (var (window, staff, line) in Windows)
        {
            var clerk = await provision.AccountAsync($"clerk-{hall}-{window}", "clerk", hall, staff);
            works.Add(stop => WorkAsync(kiosk, clerk, holder, window, [.. services[line]], stop));
        }
        return works;
    }

    /// <summary>Waits until so many steps more are acknowledged.</summary>
    /// <exception cref="InvalidOperationException">A window stopped working; or what it met.</exception>
    public static async Task MovesAsync(Ledger ledger, IReadOnlyList<Task> working, int from, int steps, CancellationToken cancel)
    {
        while (ledger.Count < from + steps)
        {
            if (working.FirstOrDefault(w => w.IsFaulted) is { } failed) await failed;
            if (working.FirstOrDefault(w => w.IsCompleted) is not null) throw new InvalidOperationException("A window stopped working.");
            await Task.Delay(5, cancel);
        }
    }

    private async Task WorkAsync(ApiClient kiosk, ApiClient clerk, ApiClient holder, string window, string[] services, CancellationToken stop)
    {
        var at = $"halls/{hall}/windows/{window}";
        ledger.Add(new(hall, typeof(WindowOpened), window, Stopwatch.GetTimestamp(), (await DoAsync(clerk, at + "/open")).Received));
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var issued = await DoAsync(kiosk, $"halls/{hall}/tickets", new JsonObject { ["service"] = services[i % services.Length] });
            var (id, token) = (issued.Text("id"), issued.Text("token"));
            Add<TicketIssued>(id, issued);
            ledger.Told(hall, id, issued.Text("number"));
            var called = await DoAsync(clerk, at + "/call-next");
            if (called.Text("id") != id) throw new InvalidOperationException($"Window {window} called {called} instead of {id}.");
            Add<TicketCalled>(id, called);
            Add<ServiceStarted>(id, await DoAsync(clerk, at + "/start"));
            Add<ServiceFinished>(id, await DoAsync(clerk, at + "/finish", new JsonObject { ["outcome"] = "done" }));
            Add<ServiceRated>(id, await DoAsync(holder, $"tickets/{token}/rating", new JsonObject { ["grade"] = "satisfied" }));
        }

        void Add<T>(string subject, ApiAnswer answer) => ledger.Add(new(hall, typeof(T), subject, answer.Sent, answer.Received));
    }

    private static async Task<ApiAnswer> DoAsync(ApiClient client, string path, JsonObject? body = null) =>
        Provision.Expect(await client.PostAsync(path, body, retry: true), $"POST {path}");
}
