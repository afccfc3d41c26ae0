using System.Security.Cryptography;
using HallOps.Web.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;

namespace HallOps.Web.Accounts;

/// <summary>
/// Identity's store, but that authenticator apps' secrets are sealed by Data Protection: whoever reads the database has nobody's second factor. One that an earlier version kept in clear is read, and sealed with
/// the next change of its account. One that cannot be opened, its key being lost, is none: no code is right, and an admin ends the factor.
/// </summary>
internal sealed class AccountStore(HallOpsDb database, IDataProtectionProvider protection) : UserOnlyStore<Account, HallOpsDb, string>(database)
{
    // A clear one has capital letters and digits alone.
    private const string Sealed = "v1.";

    private readonly IDataProtector _seal = protection.CreateProtector("HallOps.AuthenticatorKey.v1");

    public override Task SetAuthenticatorKeyAsync(Account user, string key, CancellationToken cancellationToken) => base.SetAuthenticatorKeyAsync(user, Sealed + _seal.Protect(key), cancellationToken);

    public override async Task<string?> GetAuthenticatorKeyAsync(Account user, CancellationToken cancellationToken)
    {
        if (await base.GetAuthenticatorKeyAsync(user, cancellationToken) is not { } kept) return null;
        if (!kept.StartsWith(Sealed, StringComparison.Ordinal))
        {
            await SetAuthenticatorKeyAsync(user, kept, cancellationToken);
            return kept;
        }
        try
        {
            return _seal.Unprotect(kept[Sealed.Length..]);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
