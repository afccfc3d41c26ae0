using Microsoft.AspNetCore.Identity;

namespace HallOps.Web.Accounts;

/// <summary>Somebody who signs in. <see cref="IdentityUser{TKey}.UserName"/> is the name in the API, the journal and the audit.</summary>
public sealed class Account : IdentityUser
{
    public required string Name { get; set; }

    /// <summary>A disabled account cannot sign in and its tokens are void.</summary>
    public bool Disabled { get; set; }

    public List<AccountRole> Roles { get; } = [];

    public List<AccountStaff> Staff { get; } = [];
}

/// <summary>One role of an account and the halls it is for: those named and those of the regions; every hall where both are null.</summary>
public sealed class AccountRole
{
    public required string Account { get; set; }

    /// <summary>A <see cref="Web.Role"/> in camelCase.</summary>
    public required string Role { get; set; }

    /// <summary>A JSON list of hall ids.</summary>
    public string? Halls { get; set; }

    /// <summary>A JSON list of <see cref="RegionPath"/>s.</summary>
    public string? Regions { get; set; }
}

/// <summary>Which member of staff an account is in a hall.</summary>
public sealed class AccountStaff
{
    public required string Account { get; set; }
    public required string Hall { get; set; }
    public required string Staff { get; set; }
}
