using System.Security.Cryptography;
using HallOps.Web.Storage;
using Microsoft.EntityFrameworkCore;

namespace HallOps.Web.Devices;

/// <summary>Where an admin puts a device that shows a code.</summary>
public sealed record GivenPlace(string Hall, string? Zone, string? Window, string By);

/// <summary>
/// Devices that show a code and wait for an admin to type it in, at whichever server of the deployment: in SQL, with their secrets as hashes only. Anybody may ask, so there are at most
/// <see cref="Most"/> of them.
/// </summary>
public sealed class PendingDevices(HallOpsDb database, TimeProvider time)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    /// <summary>More than are ever set up at the same time in all halls of a city.</summary>
    public const int Most = 500;

    // Nothing that looks or sounds like another, no vowels: 24 to the 8th are 110 thousand million.
    private const string Letters = "BCDFGHJKLMNPQRSTVWXZ3479";
    private const int HalfLength = 4;

    /// <summary>Null when there are too many.</summary>
    public async Task<(string Secret, PendingDeviceRow Device)?> AddAsync(DeviceKind kind, string model, CancellationToken cancel)
    {
        var (secret, now) = (DeviceDirectory.NewSecret(), time.GetUtcNow());
        // One at a time, or there would be more of them than may be.
        await using var transaction = await database.BeginWriteAsync(cancel);
        await database.PendingDevices.Where(d => d.ExpiresAt <= now).ExecuteDeleteAsync(cancel);
        if (await database.PendingDevices.CountAsync(cancel) >= Most) return null;
        string code;
        do code = RandomNumberGenerator.GetString(Letters, 2 * HalfLength).Insert(HalfLength, "-");
        while (await database.PendingDevices.AnyAsync(d => d.Code == code, cancel));
        var device = new PendingDeviceRow { SecretHash = DeviceDirectory.HashOf(secret), Code = code, Kind = DeviceBook.Word(kind), Model = model, ExpiresAt = now + Lifetime };
        database.Add(device);
        await database.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return (secret, device);
    }

    /// <summary>The one that waits with a code; null: there is none, or it is confirmed already.</summary>
    /// <param name="typed">The code as somebody types it: case, blanks and the hyphen do not matter.</param>
    public Task<PendingDeviceRow?> FindAsync(string typed, CancellationToken cancel)
    {
        var code = Code(typed);
        return Waiting().AsNoTracking().SingleOrDefaultAsync(d => d.Code == code, cancel);
    }

    /// <summary>Confirms the device; its code is of no use any more. False when somebody was faster.</summary>
    public async Task<bool> ConfirmAsync(PendingDeviceRow device, GivenPlace place, CancellationToken cancel)
    {
        var hash = device.SecretHash;
        return await Waiting().Where(d => d.SecretHash == hash)
            .ExecuteUpdateAsync(d => d.SetProperty(x => x.Hall, place.Hall).SetProperty(x => x.Zone, place.Zone).SetProperty(x => x.Window, place.Window).SetProperty(x => x.ConfirmedBy, place.By), cancel) == 1;
    }

    /// <summary>The device of a secret; null: there is none. One that is confirmed is given once and forgotten.</summary>
    public async Task<PendingDeviceRow?> TakeAsync(string secret, CancellationToken cancel)
    {
        var (hash, now) = (DeviceDirectory.HashOf(secret), time.GetUtcNow());
        if (await database.PendingDevices.AsNoTracking().SingleOrDefaultAsync(d => d.SecretHash == hash && d.ExpiresAt > now, cancel) is not { } device) return null;
        // Whoever deletes it has it, and nobody else.
        return device.Place is null || await database.PendingDevices.Where(d => d.SecretHash == hash).ExecuteDeleteAsync(cancel) == 1 ? device : null;
    }

    private IQueryable<PendingDeviceRow> Waiting()
    {
        var now = time.GetUtcNow();
        return database.PendingDevices.Where(d => d.Hall == null && d.ExpiresAt > now);
    }

    private static string Code(string typed)
    {
        var letters = string.Concat(typed.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant();
        return letters.Length > HalfLength ? letters.Insert(HalfLength, "-") : letters;
    }
}
