using System.Text.Json;
using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Web.Accounts;
using HallOps.Web.Audit;
using HallOps.Web.Problems;
using HallOps.Web.Storage;
using Microsoft.EntityFrameworkCore;

namespace HallOps.Web.Devices;

public sealed record LinkBody(DeviceKind? Kind, string? Hall, string? Zone, string? Window);

/// <param name="Url">Where the device is to be opened once; the secret stands after the <c>#</c>, so no server log ever has it.</param>
public sealed record LinkView(string Url, DateTimeOffset ExpiresAt);

public sealed record RedeemBody(string? Secret);

public sealed record EnrolledDevice(string Token, DeviceKind Kind, string Hall, string? Zone, string? Window);

public sealed record DeviceView(string Id, DeviceKind Kind, string Hall, string? Zone, string? Window, DateTimeOffset EnrolledAt, string EnrolledBy, string? Model);

/// <summary>Enrols devices by links that work once, gives them fresh tokens, lists them and ends them, for an admin within the admin's halls.</summary>
public sealed class DeviceBook(HallOpsDb database, DeviceDirectory directory, AuditLog audit, IHalls halls, TimeProvider time)
{
    internal const string KindAllowed = "must be one of kiosk, board, window, pad, staff";

    /// <summary>How long a token is good after it was exchanged: the answer may be lost, and the device then asks again with the one it has.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(10);

    public static readonly TimeSpan LinkLifetime = TimeSpan.FromMinutes(10);

    public async Task<(LinkView? Link, Problem? Problem)> LinkAsync(Caller admin, LinkBody body, CancellationToken cancel)
    {
        if (body.Kind is not { } kind) return (null, Problem.BadField("kind", KindAllowed));
        if (body.Hall is not { Length: > 0 } hall) return (null, Problem.BadField("hall", "must be the id of a hall"));
        if (!admin.IsAdminOf(new HallId(hall))) return (null, Problem.Of("NotAllowed"));
        if (await WrongPlaceAsync(kind, hall, body.Zone, body.Window, cancel) is { } wrong) return (null, wrong);

        var now = time.GetUtcNow();
        await using var transaction = await database.BeginWriteAsync(cancel);
        // What was never redeemed is of no use to anybody.
        await database.DeviceLinks.Where(l => l.ExpiresAt <= now).ExecuteDeleteAsync(cancel);
        var secret = DeviceDirectory.NewSecret();
        var link = new DeviceLinkRow
        {
            SecretHash = DeviceDirectory.HashOf(secret), Kind = Word(kind), Hall = hall, Zone = body.Zone, Window = body.Window, ExpiresAt = now + LinkLifetime, MadeBy = admin.Id,
        };
        database.Add(link);
        await database.SaveChangesAsync(cancel);
        await audit.AddAsync(database, new AuditEntry(admin.Id, AuditWords.LinkMade, Name(link), hall, Detail: Place(link.Kind, link.Zone, link.Window)), cancel);
        await transaction.CommitAsync(cancel);
        return (new LinkView($"/enrol#{secret}", link.ExpiresAt), null);
    }

    /// <summary>Null for a secret that is unknown, used or too old: all the same to the one who asks.</summary>
    public async Task<EnrolledDevice?> RedeemAsync(string secret, CancellationToken cancel)
    {
        if (secret.Length is 0 or > 64) return null;
        var (hash, now) = (DeviceDirectory.HashOf(secret), time.GetUtcNow());
        await using var transaction = await database.BeginWriteAsync(cancel);
        if (await database.DeviceLinks.AsNoTracking().SingleOrDefaultAsync(l => l.SecretHash == hash && l.ExpiresAt > now, cancel) is not { } link) return null;
        // Whoever deletes the link has it, and nobody else.
        if (await database.DeviceLinks.Where(l => l.SecretHash == hash).ExecuteDeleteAsync(cancel) == 0) return null;
        var (device, token) = New(link.Kind, null, new GivenPlace(link.Hall, link.Zone, link.Window, link.MadeBy));
        database.Add(device);
        await database.SaveChangesAsync(cancel);
        await audit.AddAsync(database, new AuditEntry($"device:{device.Id}", AuditWords.DeviceEnrolled, device.Id, device.Hall, Detail: $"{Place(device.Kind, device.Zone, device.Window)}; {Name(link)} of {link.MadeBy}"), cancel);
        await database.TellAsync(News.Device, device.Id, cancel);
        await transaction.CommitAsync(cancel);
        await directory.ReloadAsync(device.Id, CancellationToken.None);
        return Enrolled(device, token);
    }

    /// <summary>A new device at a place that is in order.</summary>
    internal async Task<EnrolledDevice> AddAsync(DeviceKind kind, string model, GivenPlace place, CancellationToken cancel)
    {
        var (device, token) = New(Word(kind), model, place);
        await using var transaction = await database.BeginWriteAsync(cancel);
        database.Add(device);
        await database.SaveChangesAsync(cancel);
        await audit.AddAsync(database, new AuditEntry($"device:{device.Id}", AuditWords.DeviceEnrolled, device.Id, device.Hall, Detail: $"{Place(device.Kind, device.Zone, device.Window)}; code confirmed by {place.By}"), cancel);
        await database.TellAsync(News.Device, device.Id, cancel);
        await transaction.CommitAsync(cancel);
        await directory.ReloadAsync(device.Id, CancellationToken.None);
        return Enrolled(device, token);
    }

    /// <summary>
    /// A fresh token for the device that asks; the one it asks with stays good for <see cref="Grace"/> after it was first exchanged, any other ends. Null when the device is gone.
    /// </summary>
    public async Task<EnrolledDevice?> RefreshAsync(string id, string presented, CancellationToken cancel)
    {
        var (hash, now) = (DeviceDirectory.HashOf(presented), time.GetUtcNow());
        await using var transaction = await database.BeginWriteAsync(cancel);
        if (await database.Devices.SingleOrDefaultAsync(d => d.Id == id, cancel) is not { } device) return null;
        if (hash == device.TokenHash) (device.PreviousHash, device.PreviousUntil) = (hash, now + Grace);
        else if (hash != device.PreviousHash || now >= device.PreviousUntil) return null;
        var token = DeviceDirectory.Prefix + DeviceDirectory.NewSecret();
        device.TokenHash = DeviceDirectory.HashOf(token);
        await database.SaveChangesAsync(cancel);
        await audit.AddAsync(database, new AuditEntry($"device:{id}", AuditWords.DeviceRefreshed, id, device.Hall), cancel);
        await database.TellAsync(News.Device, device.Id, cancel);
        await transaction.CommitAsync(cancel);
        await directory.ReloadAsync(device.Id, CancellationToken.None);
        return Enrolled(device, token);
    }

    /// <summary>Those in the admin's halls, the oldest first.</summary>
    public async Task<IReadOnlyList<DeviceView>> ListAsync(Caller admin, CancellationToken cancel) =>
        [.. (await database.Devices.AsNoTracking().OrderBy(d => d.EnrolledAt).ThenBy(d => d.Id).ToListAsync(cancel)).Where(d => admin.IsAdminOf(new HallId(d.Hall)))
            .Select(d => new DeviceView(d.Id, Kind(d.Kind), d.Hall, d.Zone, d.Window, d.EnrolledAt, d.EnrolledBy, d.Model))];

    /// <summary>Ends a device: its tokens are void and its connections closed when this returns. False when the admin's halls have no such device.</summary>
    public async Task<bool> RemoveAsync(Caller admin, string id, CancellationToken cancel)
    {
        await using var transaction = await database.BeginWriteAsync(cancel);
        if (await database.Devices.AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, cancel) is not { } device || !admin.IsAdminOf(new HallId(device.Hall))) return false;
        await database.Devices.Where(d => d.Id == id).ExecuteDeleteAsync(cancel);
        await audit.AddAsync(database, new AuditEntry(admin.Id, AuditWords.DeviceRemoved, id, device.Hall, Detail: Place(device.Kind, device.Zone, device.Window)), cancel);
        await database.TellAsync(News.Device, id, cancel);
        await transaction.CommitAsync(cancel);
        await directory.ReloadAsync(id, CancellationToken.None);
        return true;
    }

    /// <summary>Null for a place of the hall that a device of the kind can have.</summary>
    internal async Task<Problem?> WrongPlaceAsync(DeviceKind kind, string hall, string? zone, string? window, CancellationToken cancel) =>
        await halls.ReadAsync(new HallId(hall), new ReadConfig(), cancel) is { } config ? WrongPlace(kind, zone, window, config.Settings) : Problem.BadField("hall", "must be the id of a hall");

    private (DeviceRow Device, string Token) New(string kind, string? model, GivenPlace place)
    {
        var token = DeviceDirectory.Prefix + DeviceDirectory.NewSecret();
        return (new DeviceRow
        {
            Id = Guid.CreateVersion7().ToString("N"), Kind = kind, Model = model, Hall = place.Hall, Zone = place.Zone, Window = place.Window,
            TokenHash = DeviceDirectory.HashOf(token), EnrolledAt = time.GetUtcNow(), EnrolledBy = place.By,
        }, token);
    }

    private static EnrolledDevice Enrolled(DeviceRow device, string token) => new(token, Kind(device.Kind), device.Hall, device.Zone, device.Window);

    private static Problem? WrongPlace(DeviceKind kind, string? zone, string? window, HallSettings hall)
    {
        if (zone is not null && !hall.Zones.Any(z => z.Zone.Value == zone))
            return Problem.BadField("zone", $"must be a zone of the hall ({string.Join(", ", hall.Zones.Select(z => z.Zone))})");
        var atWindow = kind is DeviceKind.Window or DeviceKind.Pad;
        if (!atWindow) return window is null ? null : Problem.BadField("window", "is for the kinds window and pad only");
        return window is not null && hall.WindowById.ContainsKey(new WindowId(window)) ? null
            : Problem.BadField("window", $"must be a window of the hall ({string.Join(", ", hall.Windows.Select(w => w.Window))})");
    }

    // Tells links apart and gives nothing of the secret away.
    private static string Name(DeviceLinkRow link) => $"link:{link.SecretHash[..12]}";

    private static string Place(string kind, string? zone, string? window) => kind + (zone is null ? "" : $", zone {zone}") + (window is null ? "" : $", window {window}");

    internal static string Word(DeviceKind kind) => JsonNamingPolicy.CamelCase.ConvertName(kind.ToString());

    internal static DeviceKind Kind(string word) => Enum.Parse<DeviceKind>(word, ignoreCase: true);
}
