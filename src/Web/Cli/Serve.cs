using System.Net.Sockets;
using HallOps.Silo.Journal;
using HallOps.Web.Accounts;
using HallOps.Web.Demo;
using HallOps.Web.Operations;
using HallOps.Web.Storage;
using Microsoft.AspNetCore.Connections;

namespace HallOps.Web.Cli;

/// <summary><c>serve</c>: runs until it is told to stop. On a journal that several processes may reach, one at a time serves and the others stand by.</summary>
internal static class Serve
{
    public static async Task<int> RunAsync(Settings settings)
    {
        if (settings.Play is not null) DemoFolder.Empty(settings.Folder);
        // A node that runs no halls asks those that have them, whoever that is.
        if (settings.Cluster is { HasSilo: false } || settings.Journal.Lease() is not { } lease) return await ListeningAsync(settings, () => ServeAsync(settings, null)) ?? 0;
        await using var _ = lease;
        while (true)
        {
            if (await TakeAsync(settings, lease) is { } holder && !await ListeningAsync(settings, () => WaitingRoom.WaitAsync(settings, lease, holder))) return 0;
            using var hold = new CancellationTokenSource();
            var taken = lease.HoldAsync(hold.Token);
            try
            {
                if (await ListeningAsync(settings, () => ServeAsync(settings, (lease, taken))) is { } exit) return exit;
            }
            finally
            {
                await hold.CancelAsync();
                await taken;
                await lease.ReleaseAsync();
            }
        }
    }

    /// <returns>Null: the lease is ours. Else who has it.</returns>
    /// <exception cref="StartRefusedException">Another process has it, and this one may not stand by.</exception>
    private static async Task<string?> TakeAsync(Settings settings, RedisLease lease)
    {
        if (await JournalPlace.TakeAsync(lease) is not { } holder) return null;
        if (settings.KeySecret is not null)
        {
            await new SharedFiles(settings.Sql, settings.KeySecret).RehearseAsync(CancellationToken.None);
            return holder;
        }
        // It may be one that was killed: its lease ends by itself.
        Console.WriteLine(FormattableString.Invariant($"HallOps waits for up to {RedisLease.Lasts.TotalSeconds:0} s: another process ({holder}) has the halls in the Redis at {settings.Journal.Name}, unless it has ended"));
        for (var asked = TimeSpan.Zero; asked <= RedisLease.Lasts; asked += RedisLease.RenewedEvery)
        {
            await Task.Delay(RedisLease.RenewedEvery);
            if (await JournalPlace.TakeAsync(lease) is not { } still) return null;
            holder = still;
        }
        throw new StartRefusedException($"Another process ({holder}) serves the halls in the Redis at {settings.Journal.Name}. A second one may stand by only where both have their SQL side in PostgreSQL: set {PostgresSetting.Name} and HallOps:KeySecret on both.");
    }

    /// <returns>The exit code; null: another process has the halls now.</returns>
    private static async Task<int?> ServeAsync(Settings settings, (RedisLease Lease, Task<string?> Taken)? lease)
    {
        await using var app = Server.Build(settings, services =>
        {
            if (lease is { } held) services.AddSingleton(held.Lease);
        });
        await app.StartAsync();
        Console.WriteLine(settings.Cluster is { Role: NodeRole.Silo } silo
            ? $"HallOps runs halls at {silo.Address}, ports {silo.SiloPort} and {silo.GatewayPort}; its health is at {string.Join(", ", app.Urls)}"
            : $"HallOps serves {string.Join(", ", app.Urls)} from {settings.Folder.FullPath}");
        if (settings.Play is not null) Console.WriteLine($"A day is playing in the sample halls. Open {app.Urls.First()} in a browser: it shows you around, and how to sign in.");
        // On the console and nowhere else: it makes whoever has it the admin.
        if (settings.Cluster is not { Role: NodeRole.Silo } && app.Services.GetRequiredService<FirstAccount>().Secret is { } secret)
            Console.WriteLine($"There is no account yet. Set the password of \"admin\" once at {app.Urls.First()}/setup#{secret}");
        var ended = app.WaitForShutdownAsync();
        if (lease is null || await Task.WhenAny(ended, lease.Value.Taken) == ended)
        {
            await ended;
            return app.Services.GetRequiredService<EngineHost>().Failed ? 1 : 0;
        }
        Console.WriteLine($"HallOps stops serving: {(await lease.Value.Taken is { Length: > 0 } other ? other : "another process")} has the halls now");
        await app.StopAsync();
        return null;
    }

    private static async Task<T> ListeningAsync<T>(Settings settings, Func<Task<T>> listens)
    {
        try
        {
            return await listens();
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new StartRefusedException($"One of the addresses {settings.Urls} is in use by another program; stop that or choose another with --urls.", e);
        }
        catch (Exception e) when (e is SocketException or InvalidOperationException { Source: "Microsoft.AspNetCore.Server.Kestrel.Core" })
        {
            throw new StartRefusedException($"HallOps:Urls (--urls) {settings.Urls} cannot be served on ({e.Message.TrimEnd('.')}).", e);
        }
    }
}
