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

/// <summary>The devices' last reports, in memory, for those who watch a floor: one a device, so no more than are enrolled. Safe from any thread.</summary>
public sealed class DeviceReports(TimeProvider time)
{
    private readonly ConcurrentDictionary<HallId, ConcurrentDictionary<string, DeviceSeen>> _halls = [];
    private readonly ConcurrentDictionary<(Topic Floor, ScreenMailbox Mailbox), bool> _floors = [];

    public void Report(DevicePlace device, DeviceSays says)
    {
        var hall = _halls.GetOrAdd(device.Hall, _ => []);
        hall[device.Id] = new DeviceSeen(device.Id, device.Kind, device.Zone?.Value, device.Window?.Value, says.SequenceShown, says.Sound, says.Version, time.GetUtcNow());
        var now = Of(device.Hall);
        foreach (var (floor, mailbox) in _floors.Keys)
            if (floor.Hall == device.Hall) mailbox.PostDerived(floor, "devices", now);
    }

    /// <summary>By device id.</summary>
    public FeedValue Of(HallId hall) => new(_halls.TryGetValue(hall, out var seen) ? seen.Values.OrderBy(d => d.Device, StringComparer.Ordinal).ToArray() : []);

    public void Watch(Topic floor, ScreenMailbox mailbox) => _floors[(floor, mailbox)] = true;

    public void Unwatch(Topic floor, ScreenMailbox mailbox) => _floors.TryRemove((floor, mailbox), out _);
}
