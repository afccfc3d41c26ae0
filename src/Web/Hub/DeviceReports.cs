using System.Collections.Concurrent;
using HallOps.Core.Halls;
using HallOps.Silo;

namespace HallOps.Web.Hub;

/// <summary>What a device says of itself.</summary>
/// <param name="SequenceShown">The sequence of the picture it shows; null: none yet.</param>
/// <param name="Sound">Whether it can be heard; null: it is not meant to be.</param>
public sealed record DeviceSays(long? SequenceShown, DeviceSound? Sound, string? Version);

/// <summary>Whether a device that speaks can be heard (F20).</summary>
public enum DeviceSound
{
    /// <summary>It chimes and, where it has a voice, speaks.</summary>
    Playing,

    /// <summary>Its browser makes no sound before somebody has touched it.</summary>
    Blocked,

    /// <summary>It has nothing to make a sound with.</summary>
    None,
}

/// <summary>A device on the floor's picture.</summary>
/// <param name="SeenAt">When it last reported, in real time.</param>
public sealed record DeviceSeen(string Device, DeviceKind Kind, string? Zone, string? Window, long? SequenceShown, DeviceSound? Sound, string? Version, DateTimeOffset SeenAt);

/// <summary>
/// The devices' last reports, in memory, for those who watch a floor: one a device, so no more than are enrolled. Where several nodes serve, each is told what the others heard while somebody watches. Safe from any thread.
/// </summary>
/// <param name="presence">Gives null where this process hears of every device.</param>
public sealed partial class DeviceReports(TimeProvider time, Func<IPresence?> presence, ILogger<DeviceReports> log) : IAsyncDisposable
{
    // A device reports as often.
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private ITimer? _looking;
    private bool _isLooking;
    private readonly ConcurrentDictionary<HallId, ConcurrentDictionary<string, DeviceSeen>> _halls = [];
    private readonly ConcurrentDictionary<(Topic Floor, ScreenMailbox Mailbox), bool> _floors = [];

    public void Report(DevicePlace device, DeviceSays says)
    {
        var seen = new DeviceSeen(device.Id, device.Kind, device.Zone?.Value, device.Window?.Value, says.SequenceShown, says.Sound, says.Version, time.GetUtcNow());
        _halls.GetOrAdd(device.Hall, _ => [])[device.Id] = seen;
        Post(device.Hall);
        presence()?.Seen(device.Hall, new DevicePresence(seen.Device, seen.Kind.ToString(), seen.Zone, seen.Window, seen.SequenceShown, seen.Sound?.ToString(), seen.Version, seen.SeenAt));
    }

    /// <summary>By device id.</summary>
    public FeedValue Of(HallId hall) => new(_halls.TryGetValue(hall, out var seen) ? seen.Values.OrderBy(d => d.Device, StringComparer.Ordinal).ToArray() : []);

    public void Watch(Topic floor, ScreenMailbox mailbox)
    {
        _floors[(floor, mailbox)] = true;
        if (presence() is null) return;
        lock (_gate) _looking ??= time.CreateTimer(_ => Look(), null, LookEvery, LookEvery);
        Look();
    }

    public void Unwatch(Topic floor, ScreenMailbox mailbox) => _floors.TryRemove((floor, mailbox), out _);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_looking is { } looking) await looking.DisposeAsync();
    }

    private void Post(HallId hall)
    {
        var now = Of(hall);
        foreach (var (floor, mailbox) in _floors.Keys)
            if (floor.Hall == hall) mailbox.PostDerived(floor, "devices", now);
    }

    private void Look()
    {
        lock (_gate)
        {
            if (_isLooking || _floors.IsEmpty) return;
            _isLooking = true;
        }
        _ = LookAsync();
    }

    private async Task LookAsync()
    {
        try
        {
            foreach (var hall in _floors.Keys.Select(f => f.Floor.Hall).Distinct().ToList())
                if (presence() is { } all && Take(hall, await all.PresentAsync(hall, _stop.Token))) Post(hall);
        }
        catch (Exception failed)
        {
            if (!_stop.IsCancellationRequested) NotLooked(log, failed);
        }
        finally
        {
            lock (_gate) _isLooking = false;
        }
    }

    /// <returns>Whether one was seen later than was known here.</returns>
    private bool Take(HallId hall, IReadOnlyList<DevicePresence> present)
    {
        var (known, isNew) = (_halls.GetOrAdd(hall, _ => []), false);
        foreach (var device in present)
        {
            // Another version's device may be of a kind that is not known here.
            if (!Enum.TryParse<DeviceKind>(device.Kind, out var kind)) continue;
            var seen = new DeviceSeen(device.Device, kind, device.Zone, device.Window, device.SequenceShown, Enum.TryParse<DeviceSound>(device.Sound, out var sound) ? sound : null, device.Version, device.SeenAt);
            isNew |= ReferenceEquals(known.AddOrUpdate(device.Device, seen, (_, before) => before.SeenAt < seen.SeenAt ? seen : before), seen);
        }
        return isNew;
    }

    [LoggerMessage(EventId = 2510, Level = LogLevel.Warning, Message = "Which devices other nodes heard of could not be asked; it is tried again")]
    private static partial void NotLooked(ILogger log, Exception failed);
}
