using System.Security.Claims;
using HallOps.Core.Halls;
using HallOps.Web.Accounts;

namespace HallOps.Web;

/// <summary>What an account may do, each for named halls or regions. Manager includes clerk and guide, admin includes manager and analyst, auditor only reads.</summary>
public enum Role { Admin, Auditor, Manager, Clerk, Guide, Analyst }

public enum DeviceKind { Kiosk, Board, Window, Pad, Staff }

/// <summary>A device's kind and place.</summary>
public sealed record DevicePlace(string Id, DeviceKind Kind, HallId Hall, ZoneId? Zone, WindowId? Window);

/// <summary>A role and the halls it is for, by name or by region; neither: every hall.</summary>
public sealed record RoleGrant(Role Role, IReadOnlySet<HallId>? Halls, RegionScope? Regions = null)
{
    public bool Everywhere => Halls is null && Regions is null;

    public bool Covers(HallId hall) => Everywhere || Halls?.Contains(hall) == true || Regions?.Contains(hall) == true;
}

/// <summary>
/// Who asks. Made once a request by the sign-in's own parts and carried in <see cref="HttpContext.User"/>; everything that decides on rights asks it, nothing else.
/// </summary>
#pragma warning disable CA1001 // A source without timer and wait handle has nothing to let go of; it lives as long as somebody knows the caller.
public sealed class Caller
#pragma warning restore CA1001
{
    public static readonly Caller Anonymous = new();

    private readonly CancellationTokenSource _ended = new();

    private Caller() { }

    public Caller(string account, IReadOnlyList<RoleGrant> grants, IReadOnlyDictionary<HallId, StaffId> staff) => (Account, Grants, Staff) = (account, grants, staff);

    public Caller(DevicePlace device) => Device = device;

    /// <summary>The account's user name; null for devices and anonymous callers.</summary>
    public string? Account { get; }

    public DevicePlace? Device { get; }

    public IReadOnlyList<RoleGrant> Grants { get; } = [];

    /// <summary>Which member of staff the account is, hall by hall.</summary>
    public IReadOnlyDictionary<HallId, StaffId> Staff { get; } = new Dictionary<HallId, StaffId>();

    /// <summary>Cancelled when the account is changed, disabled or gone, or the device is: what is open for the caller closes, and no right is left.</summary>
    public CancellationToken Ended => _ended.Token;

    public void End()
    {
        if (!IsAnonymous) _ended.Cancel();
    }

    public bool IsAnonymous => Account is null && Device is null;

    /// <summary>Stands in the journal and in keys: <c>account</c>'s name, <c>device:{id}</c> or <c>anonymous</c>.</summary>
    public string Id => Account ?? (Device is { } device ? $"device:{device.Id}" : "anonymous");

    /// <summary>Whether the account has the role, or one that includes it, in the hall.</summary>
    public bool Has(Role role, HallId hall) => Grants.Any(g => Includes(g.Role, role) && g.Covers(hall));

    /// <summary>Whether the account has the role, or one that includes it, for the whole region and every hall that may come to it.</summary>
    public bool Has(Role role, RegionPath region) => Grants.Any(g => Includes(g.Role, role) && (g.Everywhere || g.Regions?.Paths.Any(p => p.Includes(region)) == true));

    /// <summary>Whether the account has the role, or one that includes it, for every hall.</summary>
    public bool HasEverywhere(Role role) => Grants.Any(g => Includes(g.Role, role) && g.Everywhere);

    public bool Is(DeviceKind kind, HallId hall) => Device is { } device && device.Kind == kind && device.Hall == hall;

    /// <summary>The clerk's side of a window command.</summary>
    public Clerk AsClerk(HallId hall) => new(Account ?? "", Staff.TryGetValue(hall, out var staff) ? staff : null, Has(Role.Manager, hall));

    private static bool Includes(Role held, Role asked) => held == asked || held switch
    {
        Role.Admin => asked is Role.Manager or Role.Clerk or Role.Guide or Role.Analyst,
        Role.Manager => asked is Role.Clerk or Role.Guide,
        _ => false,
    };

    /// <summary>The caller of a request: what authentication put there, else anonymous.</summary>
    public static Caller Of(ClaimsPrincipal user) => (user.Identity as CallerIdentity)?.Caller ?? Anonymous;
}

/// <summary>How a <see cref="HallOps.Web.Caller"/> travels in a <see cref="ClaimsPrincipal"/>.</summary>
public sealed class CallerIdentity(Caller caller, string scheme) : ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, caller.Id), new Claim(ClaimTypes.Name, caller.Id)], scheme)
{
    public Caller Caller { get; } = caller;
}
