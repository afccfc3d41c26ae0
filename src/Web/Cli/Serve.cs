using System.Net.Sockets;
using HallOps.Web.Accounts;
using HallOps.Web.Demo;
using HallOps.Web.Operations;
using HallOps.Web.Storage;
using Microsoft.AspNetCore.Connections;

namespace HallOps.Web.Cli;

/// <summary><c>serve</c>: runs until it is told to stop.</summary>
internal static class Serve
{
    public static async Task<int> RunAsync(Settings settings)
    {
        if (settings.Play is not null) DemoFolder.Empty(settings.Folder);
        await using var app = Server.Build(settings);
        try
        {
            await app.StartAsync();
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new StartRefusedException($"One of the addresses {settings.Urls} is in use by another program; stop that or choose another with --urls.", e);
        }
        catch (Exception e) when (e is SocketException or InvalidOperationException { Source: "Microsoft.AspNetCore.Server.Kestrel.Core" })
        {
            throw new StartRefusedException($"HallOps:Urls (--urls) {settings.Urls} cannot be served on ({e.Message.TrimEnd('.')}).", e);
        }
        Console.WriteLine($"HallOps serves {string.Join(", ", app.Urls)} from {settings.Folder.FullPath}");
        if (settings.Play is not null) Console.WriteLine($"A day is playing in the sample halls. Open {app.Urls.First()} in a browser: it shows you around, and how to sign in.");
        // On the console and nowhere else: it makes whoever has it the admin.
        if (app.Services.GetRequiredService<FirstAccount>().Secret is { } secret)
            Console.WriteLine($"There is no account yet. Set the password of \"admin\" once at {app.Urls.First()}/setup#{secret}");
        await app.WaitForShutdownAsync();
        return app.Services.GetRequiredService<EngineHost>().Failed ? 1 : 0;
    }
}
