using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using HallOps.Core.Halls;
using HallOps.Web.Storage;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;

namespace HallOps.Web.Devices;

/// <summary>Every device in memory, by the hash of its token: a request is signed in without SQL, and a token stops with the write that ends it. Safe from any thread.</summary>
/// <remarks>Whoever writes a device has it read again here before answering, and other processes of the deployment do when they hear of it.</remarks>
public sealed class DeviceDirectory(IDbContextFactory<HallOpsDb> databases, TimeProvider time) : IHearsNews, IDisposable
{
    /// <summary>Tells a device's token from an account's.</summary>
    public const string Prefix = "d.";

    // As many devices as a deployment has many times over; a few megabytes.
    private const int MaxHashes = 20_000;

    /// <param name="Current">The hash of the token in force.</param>
    /// <param name="Previous">The one it was exchanged for, still good until <paramref name="PreviousUntil"/>.</param>
    private sealed record Entry(Caller Caller, string Current, string? Previous, DateTimeOffset? PreviousUntil);

    private readonly ConcurrentDictionary<string, Entry> _byToken = new();
    private readonly ConcurrentDictionary<string, Entry> _byId = new();

    // Hashes of tokens that were good once, so that not every request computes one. A token always has the same hash: nothing here ever turns wrong.
    private readonly ConcurrentDictionary<string, string> _hashes = new();

    private readonly SemaphoreSlim _reading = new(1, 1);

    string IHearsNews.Of => News.Device;

    public async Task LoadAsync(CancellationToken cancel = default)
    {
        await _reading.WaitAsync(cancel);
        try
        {
            await using var database = await databases.CreateDbContextAsync(cancel);
            var devices = await database.Devices.AsNoTracking().ToListAsync(cancel);
            foreach (var device in devices) Take(device);
            foreach (var gone in _byId.Keys.Except(devices.Select(d => d.Id))) Drop(gone);
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>Reads one device again after a write to it.</summary>
    public async Task ReloadAsync(string id, CancellationToken cancel = default)
    {
        // One at a time: of two writes the later one's state is read last.
        await _reading.WaitAsync(cancel);
        try
        {
            await using var database = await databases.CreateDbContextAsync(cancel);
            if (await database.Devices.AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, cancel) is { } device) Take(device);
            else Drop(id);
        }
        finally
        {
            _reading.Release();
        }
    }

    Task IHearsNews.HearAsync(string which, CancellationToken cancel) => ReloadAsync(which, cancel);

    Task IHearsNews.ReadAnewAsync(CancellationToken cancel) => LoadAsync(cancel);

    public void Dispose() => _reading.Dispose();

    /// <summary>The device with this token; null when there is none.</summary>
    public Caller? Find(string token)
    {
        if (token.Length > 64 || !token.StartsWith(Prefix, StringComparison.Ordinal)) return null;
        if (_hashes.TryGetValue(token, out var known)) return FindHash(known);
        var hash = HashOf(token);
        if (FindHash(hash) is not { } device) return null;
        if (_hashes.Count >= MaxHashes) _hashes.Clear();
        _hashes[token] = hash;
        return device;
    }

    // New or with another token; the caller of a known one stays, so that its connections do.
    private void Take(DeviceRow device)
    {
        _byId.TryGetValue(device.Id, out var before);
        var entry = new Entry(before?.Caller ?? new Caller(PlaceOf(device)), device.TokenHash, device.PreviousHash, device.PreviousUntil);
        _byId[device.Id] = entry;
        _byToken[entry.Current] = entry;
        if (entry.Previous is { } previous) _byToken[previous] = entry;
        foreach (var hash in (ReadOnlySpan<string?>)[before?.Current, before?.Previous])
            if (hash is not null && hash != entry.Current && hash != entry.Previous) _byToken.TryRemove(hash, out _);
    }

    // Ends its tokens, and whatever is open for it.
    private void Drop(string id)
    {
        if (!_byId.TryRemove(id, out var entry)) return;
        _byToken.TryRemove(entry.Current, out _);
        if (entry.Previous is { } previous) _byToken.TryRemove(previous, out _);
        entry.Caller.End();
    }

    /// <summary>256 random bits, so a plain hash hides it well enough and finds it at once.</summary>
    public static string NewSecret() => WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(32));

    public static string HashOf(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    private Caller? FindHash(string hash) =>
        _byToken.GetValueOrDefault(hash) is { } entry && (hash == entry.Current || time.GetUtcNow() < entry.PreviousUntil) ? entry.Caller : null;

    private static DevicePlace PlaceOf(DeviceRow device) => new(device.Id, Enum.Parse<DeviceKind>(device.Kind, ignoreCase: true), new HallId(device.Hall),
        device.Zone is { } zone ? new ZoneId(zone) : null, device.Window is { } window ? new WindowId(window) : null);
}
