using HallOps.Core.Halls;
using HallOps.Web.Accounts;
using HallOps.Web.Problems;

namespace HallOps.Web.Devices;

public sealed record EnrolBody(DeviceKind? Kind, string? Model);

/// <param name="Code">What the device shows, for an admin to type in.</param>
/// <param name="Secret">What the device asks with, and shows nobody.</param>
public sealed record EnrolmentBegun(string Code, string Secret, DateTimeOffset ExpiresAt);

public sealed record ConfirmBody(string? Code, string? Hall, string? Zone, string? Window);

public sealed record DeviceConfirmed(DeviceKind Kind, string Model, string Hall, string? Zone, string? Window);

/// <summary>No admin has confirmed the code yet: ask again in a few seconds.</summary>
public sealed record EnrolmentPending(DateTimeOffset ExpiresAt);

/// <summary>Enrols devices the other way round: the device begins, shows a code, and an admin says where it stands.</summary>
public sealed class DeviceEnrolment(PendingDevices pending, DeviceBook book)
{
    private const int MaxModelLength = 100;

    public async Task<(EnrolmentBegun? Begun, Problem? Problem)> BeginAsync(EnrolBody body, CancellationToken cancel)
    {
        if (body.Kind is not { } kind) return (null, Problem.BadField("kind", DeviceBook.KindAllowed));
        if (string.IsNullOrWhiteSpace(body.Model) || body.Model.Length > MaxModelLength || body.Model.Any(char.IsControl))
            return (null, Problem.BadField("model", "must be a text of 1 to 100 characters that tells an admin which device it is"));
        return await pending.AddAsync(kind, body.Model, cancel) is var (secret, device) ? (new EnrolmentBegun(device.Code, secret, device.ExpiresAt), null) : (null, Problem.Late(60));
    }

    public async Task<(DeviceConfirmed? Confirmed, Problem? Problem)> ConfirmAsync(Caller admin, ConfirmBody body, CancellationToken cancel)
    {
        if (body.Code is not { Length: > 0 and <= 64 } code) return (null, Problem.BadField("code", "must be the code that the device shows"));
        if (body.Hall is not { Length: > 0 } hall) return (null, Problem.BadField("hall", "must be the id of a hall"));
        if (!admin.IsAdminOf(new HallId(hall))) return (null, Problem.Of("NotAllowed"));
        if (await pending.FindAsync(code, cancel) is not { } device) return (null, Problem.Of("UnknownCode"));
        if (await book.WrongPlaceAsync(DeviceBook.Kind(device.Kind), hall, body.Zone, body.Window, cancel) is { } wrong) return (null, wrong);
        return await pending.ConfirmAsync(device, new GivenPlace(hall, body.Zone, body.Window, admin.Id), cancel)
            ? (new DeviceConfirmed(DeviceBook.Kind(device.Kind), device.Model, hall, body.Zone, body.Window), null)
            : (null, Problem.Of("UnknownCode"));
    }

    /// <summary>The device once it is confirmed, and only once; until then how long there is; neither for a secret that is unknown, used or too old.</summary>
    public async Task<(EnrolledDevice? Enrolled, EnrolmentPending? Pending)> PollAsync(string secret, CancellationToken cancel)
    {
        if (secret.Length is 0 or > 64 || await pending.TakeAsync(secret, cancel) is not { } device) return (null, null);
        if (device.Place is not { } place) return (null, new EnrolmentPending(device.ExpiresAt));
        return (await book.AddAsync(DeviceBook.Kind(device.Kind), device.Model, place, cancel), null);
    }
}
