using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace HallOps.Web.Devices;

/// <summary>Where an admin puts a device that shows a code.</summary>
public sealed record GivenPlace(string Hall, string? Zone, string? Window, string By);

/// <summary>A device that waits. <see cref="Place"/> is null until an admin has confirmed its code.</summary>
public sealed record PendingDevice(string Code, string SecretHash, DeviceKind Kind, string Model, DateTimeOffset ExpiresAt)
{
    public GivenPlace? Place { get; init; }
}

/// <summary>
/// Devices that show a code and wait for an admin to type it in. In memory only: what a restart forgets asks again. Anybody may ask, so there are at most
/// <see cref="Most"/> of them. Safe from any thread.
/// </summary>
public sealed class PendingDevices(TimeProvider time)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    /// <summary>More than are ever set up at the same time in all halls of a city.</summary>
    public const int Most = 500;

    // Nothing that looks or sounds like another, no vowels: 24 to the 8th are 110 thousand million.
    private const string Letters = "BCDFGHJKLMNPQRSTVWXZ3479";
    private const int HalfLength = 4;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, PendingDevice> _bySecret = [];
    private readonly Dictionary<string, PendingDevice> _byCode = [];

    /// <summary>Null when there are too many.</summary>
    public (string Secret, PendingDevice Device)? Add(DeviceKind kind, string model)
    {
        var secret = DeviceDirectory.NewSecret();
        lock (_lock)
        {
            Tidy();
            if (_bySecret.Count >= Most) return null;
            string code;
            do code = RandomNumberGenerator.GetString(Letters, 2 * HalfLength).Insert(HalfLength, "-");
            while (_byCode.ContainsKey(code));
            var device = new PendingDevice(code, DeviceDirectory.HashOf(secret), kind, model, time.GetUtcNow() + Lifetime);
            _bySecret.Add(device.SecretHash, device);
            _byCode.Add(code, device);
            return (secret, device);
        }
    }

    /// <param name="typed">The code as somebody types it: case, blanks and the hyphen do not matter.</param>
    public PendingDevice? Find(string typed)
    {
        lock (_lock)
        {
            Tidy();
            return _byCode.GetValueOrDefault(Code(typed));
        }
    }

    /// <summary>Confirms the device; its code is of no use any more. False when somebody was faster.</summary>
    public bool Confirm(PendingDevice device, GivenPlace place)
    {
        lock (_lock)
        {
            Tidy();
            if (!_byCode.Remove(device.Code)) return false;
            _bySecret[device.SecretHash] = device with { Place = place };
            return true;
        }
    }

    /// <summary>The device of a secret. One that is confirmed is given once and forgotten.</summary>
    public bool TryTake(string secret, [NotNullWhen(true)] out PendingDevice? device)
    {
        lock (_lock)
        {
            Tidy();
            if (!_bySecret.TryGetValue(DeviceDirectory.HashOf(secret), out device)) return false;
            if (device.Place is not null) _bySecret.Remove(device.SecretHash);
            return true;
        }
    }

    private void Tidy()
    {
        var now = time.GetUtcNow();
        foreach (var over in _bySecret.Values.Where(d => d.ExpiresAt <= now).ToList())
        {
            _bySecret.Remove(over.SecretHash);
            _byCode.Remove(over.Code);
        }
    }

    private static string Code(string typed)
    {
        var letters = string.Concat(typed.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant();
        return letters.Length > HalfLength ? letters.Insert(HalfLength, "-") : letters;
    }
}
