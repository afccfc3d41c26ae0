using HallOps.Core.Halls;

namespace HallOps.Silo;

/// <summary>Which devices are in a hall, of an engine whose nodes each hear only of their own. Lost with the last node that heard of a device, which reports again within the minute.</summary>
public interface IPresence
{
    /// <summary>A device has reported. Does not wait, and does not fail: it reports again.</summary>
    void Seen(HallId hall, DevicePresence device);

    /// <summary>Those seen last, whichever node heard of them, by id.</summary>
    Task<IReadOnlyList<DevicePresence>> PresentAsync(HallId hall, CancellationToken cancel);
}

/// <summary>A device as it reported last; of its own words nothing is read here.</summary>
/// <param name="Window">Null for one that stands in the hall.</param>
/// <param name="SequenceShown">The sequence of the picture it shows; null: none yet.</param>
/// <param name="SeenAt">In real time.</param>
public sealed record DevicePresence(string Device, string Kind, string? Zone, string? Window, long? SequenceShown, string? Sound, string? Version, DateTimeOffset SeenAt);
