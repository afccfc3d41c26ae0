namespace HallOps.Load.Push;

/// <summary>Screens that took the handshake and take nothing after it, with their sockets full.</summary>
internal sealed class StalledScreens : IAsyncDisposable
{
    // Each answer is a snapshot of about 15 KiB; together more than the sockets of both ends hold.
    private const int Snapshots = 40;

    private readonly List<GlassScreen> _screens = [];

    public static async Task<StalledScreens> GatherAsync(Uri server, int screens, string arguments)
    {
        var stalled = new StalledScreens();
        for (var i = 0; i < screens; i++)
        {
            var screen = await GlassScreen.ConnectAsync(server, "WatchHall", arguments, null, null);
            stalled._screens.Add(screen);
            for (var asked = 0; asked < Snapshots; asked++) await screen.AskAsync("WatchHall", arguments);
        }
        return stalled;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var screen in _screens) await screen.DisposeAsync();
    }
}
