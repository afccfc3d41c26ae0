using HallOps.Core.Halls;
using Orleans.Concurrency;

namespace HallOps.Silo.Orleans;

/// <summary>The address of a window: sends on to its hall, and keeps which screen and pad are there, so that every node may tell. One without a window keeps those that stand in the hall.</summary>
[Reentrant]
internal sealed class WindowGrain([PersistentState("presence", OrleansHosts.Store)] IPersistentState<WindowPresence> presence) : Grain, IWindowGrain
{
    /// <summary>A screen, a pad, a counter's terminal, and each of them replaced once.</summary>
    private const int Most = 8;

    /// <summary>Kiosks, boards and signs of the largest hall.</summary>
    private const int MostInHall = 128;

    /// <summary>Later news of the same device are only remembered: after a move they come again within as long.</summary>
    private static readonly TimeSpan KeptEvery = TimeSpan.FromMinutes(1);

    private HallId _hall;
    private WindowId _window;

    /// <summary><c>{hall}/{window}</c>.</summary>
    /// <param name="window">Null: none, the hall itself.</param>
    public static string Key(HallId hall, WindowId? window) => $"{hall}/{window}";

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = this.GetPrimaryKeyString();
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        (_hall, _window) = (new HallId(key[..slash]), new WindowId(key[(slash + 1)..]));
        return Task.CompletedTask;
    }

    public ValueTask<HallAnswer> SendAsync(HallRequest request) => GrainFactory.GetGrain<IHallGrain>(_hall.Value).SendAsync(request);

    public async ValueTask<WindowBoard?> ReadAsync() =>
        (await GrainFactory.GetGrain<IHallGrain>(_hall.Value).ReadAsync(new ReadBoard())).Value is HallBoard board ? board.Windows.FirstOrDefault(w => w.Window == _window.Value) : null;

    public async Task SeenAsync(DevicePresence device)
    {
        var devices = presence.State.Devices;
        var known = devices.Find(d => d.Device == device.Device);
        if (known is not null) devices.Remove(known);
        devices.Add(device);
        if (devices.Count > (_window.Value.Length == 0 ? MostInHall : Most)) devices.Remove(devices.MinBy(d => d.SeenAt)!);
        if (known is null || device.SeenAt - presence.State.KeptAt > KeptEvery)
        {
            presence.State.KeptAt = device.SeenAt;
            await presence.WriteStateAsync();
        }
    }

    public ValueTask<DevicePresence[]> PresentAsync() => new([.. presence.State.Devices.OrderBy(d => d.Device, StringComparer.Ordinal)]);
}

/// <summary>Which devices are at a window, as it is stored.</summary>
public sealed class WindowPresence
{
    public List<DevicePresence> Devices { get; set; } = [];

    public DateTimeOffset KeptAt { get; set; }
}
