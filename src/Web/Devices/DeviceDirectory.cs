using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using HallOps.Core.Halls;
using HallOps.Web.Storage;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;

namespace HallOps.Web.Devices;

/// <summary>Every device in memory, by the hash of its token: a request is signed in without SQL, and a token stops with the write that ends it. Safe from any thread.</summary>
public sealed class DeviceDirectory(IDbContextFactory<HallOpsDb> databases)
{
    /// <summary>Tells a device's token from an account's.</summary>
    public const string Prefix = "d.";

    // As many devices as a deployment has many times over; a few megabytes.
    private const int MaxHashes = 20_000;

    private readonly ConcurrentDictionary<string, DevicePlace> _byToken = new();

    // Hashes of tokens that were good once, so that not every request computes one. A token always has the same hash: nothing here ever turns wrong.
    private readonly ConcurrentDictionary<string, string> _hashes = new();

    public async Task LoadAsync(CancellationToken cancel = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancel);
        foreach (var device in await database.Devices.AsNoTracking().ToListAsync(cancel)) Take(device);
    }

    /// <summary>The place of the device with this token; null when there is none.</summary>
    public DevicePlace? Find(string token)
    {
        if (token.Length > 64 || !token.StartsWith(Prefix, StringComparison.Ordinal)) return null;
        if (_hashes.TryGetValue(token, out var known)) return _byToken.GetValueOrDefault(known);
        var hash = HashOf(token);
        if (_byToken.GetValueOrDefault(hash) is not { } place) return null;
        if (_hashes.Count >= MaxHashes) _hashes.Clear();
        _hashes[token] = hash;
        return place;
    }

    public void Take(DeviceRow device) => _byToken[device.TokenHash] = PlaceOf(device);

    public void Drop(DeviceRow device) => _byToken.TryRemove(device.TokenHash, out _);

    /// <summary>256 random bits, so a plain hash hides it well enough and finds it at once.</summary>
    public static string NewSecret() => WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(32));

    public static string HashOf(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    private static DevicePlace PlaceOf(DeviceRow device) => new(device.Id, Enum.Parse<DeviceKind>(device.Kind, ignoreCase: true), new HallId(device.Hall),
        device.Zone is { } zone ? new ZoneId(zone) : null, device.Window is { } window ? new WindowId(window) : null);
}
