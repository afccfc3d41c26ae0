using System.Security.Cryptography;

namespace HallOps.Web.Storage;

/// <summary>
/// The deployment's own secrets, 32 random bytes each, in files only its user may read. Every ticket's token hangs on <see cref="Ticket"/> and every
/// person on <see cref="People"/>: losing them loses those, so they are in every backup.
/// </summary>
public sealed class Keys
{
    private const int Length = 32;

    private readonly Lazy<(byte[] Ticket, byte[] People)> _keys;

    /// <summary>Those of a data folder, read when they are first asked for; made then where the folder has neither accounts nor halls now.</summary>
    public Keys(DataFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var mayMake = folder.IsNew;
        _keys = new(() => Read(folder, mayMake));
    }

    /// <summary>Signs tickets' tokens and pads' nonces.</summary>
    public byte[] Ticket => _keys.Value.Ticket;

    /// <summary>The root of the keys that hash and encrypt personal data.</summary>
    public byte[] People => _keys.Value.People;

    /// <summary>Tells this deployment from others and gives nothing of the keys away: 8 bytes in hex, the same for as long as the people key is.</summary>
    public string Mark => Convert.ToHexStringLower(HMACSHA256.HashData(People, "hallops deployment"u8).AsSpan(0, 8));

    /// <summary>Reads the keys of a data folder, making them in a folder that has neither accounts nor halls yet.</summary>
    /// <exception cref="StartRefusedException">A key is missing beside data that depends on it, or is damaged.</exception>
    public static Keys Open(DataFolder folder)
    {
        var keys = new Keys(folder);
        _ = keys._keys.Value;
        return keys;
    }

    private static (byte[] Ticket, byte[] People) Read(DataFolder folder, bool mayMake)
    {
        OwnerOnly.CreateDirectory(folder.KeysPath);
        return (Read(Path.Combine(folder.KeysPath, "ticket.key"), mayMake), Read(Path.Combine(folder.KeysPath, "people.key"), mayMake));
    }

    private static byte[] Read(string path, bool mayMake)
    {
        if (!File.Exists(path))
        {
            if (!mayMake) throw new StartRefusedException($"The key {path} is missing, and the folder's data cannot be used without it; put it back from a backup.");
            OwnerOnly.Write(path, RandomNumberGenerator.GetBytes(Length));
        }
        var key = File.ReadAllBytes(path);
        return key.Length == Length ? key : throw new StartRefusedException($"The key {path} has {key.Length} bytes instead of {Length}; put it back from a backup.");
    }
}
