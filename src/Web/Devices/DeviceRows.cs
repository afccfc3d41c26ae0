namespace HallOps.Web.Devices;

/// <summary>A screen, pad or kiosk that may act for its place. Its token is kept as a hash only.</summary>
public sealed class DeviceRow
{
    public required string Id { get; set; }

    /// <summary>A <see cref="DeviceKind"/> in camelCase.</summary>
    public required string Kind { get; set; }
    public required string Hall { get; set; }
    public string? Zone { get; set; }
    public string? Window { get; set; }

    /// <summary>SHA-256 of the token, in hex.</summary>
    public required string TokenHash { get; set; }

    /// <summary>The token that was exchanged for the present one, good until <see cref="PreviousUntil"/>.</summary>
    public string? PreviousHash { get; set; }
    public DateTimeOffset? PreviousUntil { get; set; }

    /// <summary>What the device said it is; null for one enrolled by a link.</summary>
    public string? Model { get; set; }
    public DateTimeOffset EnrolledAt { get; set; }

    /// <summary>The account that made the link or confirmed the code.</summary>
    public required string EnrolledBy { get; set; }
}

/// <summary>A link not used yet.</summary>
public sealed class DeviceLinkRow
{
    /// <summary>SHA-256 of the secret, in hex.</summary>
    public required string SecretHash { get; set; }
    public required string Kind { get; set; }
    public required string Hall { get; set; }
    public string? Zone { get; set; }
    public string? Window { get; set; }
    public DateTimeOffset ExpiresAt { get; set; }
    public required string MadeBy { get; set; }
}

/// <summary>A device that shows a code and waits; see <see cref="PendingDevices"/>.</summary>
public sealed class PendingDeviceRow
{
    /// <summary>SHA-256 of the secret, in hex.</summary>
    public required string SecretHash { get; set; }
    public required string Code { get; set; }

    /// <summary>A <see cref="DeviceKind"/> in camelCase.</summary>
    public required string Kind { get; set; }
    public required string Model { get; set; }
    public DateTimeOffset ExpiresAt { get; set; }

    /// <summary>Null until an admin has confirmed the code; then zone, window and who it was too.</summary>
    public string? Hall { get; set; }
    public string? Zone { get; set; }
    public string? Window { get; set; }
    public string? ConfirmedBy { get; set; }

    /// <summary>Null until an admin has confirmed the code.</summary>
    internal GivenPlace? Place => Hall is null ? null : new GivenPlace(Hall, Zone, Window, ConfirmedBy!);
}
