using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;

namespace HallOps.Web.Accounts;

/// <summary>
/// The tokens of signed-in accounts, for the Authorization header and the cookie alike: account, stamp and end, sealed by Data Protection. Nothing is
/// stored; a token is good while its account has the stamp it names.
/// </summary>
public sealed class AccountTokens(IDataProtectionProvider protection, AccountDirectory accounts, TimeProvider time)
{
    /// <summary>A working day and the way there: nobody signs in twice a day, and nobody's token outlives the night.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    /// <summary>Tells an account's token from a device's.</summary>
    public const string Prefix = "a.";

    private const int Length = 16 + 16 + 8;

    private readonly IDataProtector _seal = protection.CreateProtector("HallOps.AccountToken.v1");

    /// <summary>A token for the account as it stands in the directory now; null when it may not sign in.</summary>
    public (string Token, DateTimeOffset ExpiresAt)? Issue(string id)
    {
        if (accounts.Find(id) is not { } entry) return null;
        var expires = time.GetUtcNow() + Lifetime;
        Span<byte> clear = stackalloc byte[Length];
        Guid.Parse(id).TryWriteBytes(clear);
        BinaryPrimitives.WriteUInt128LittleEndian(clear[16..], entry.Stamp);
        BinaryPrimitives.WriteInt64LittleEndian(clear[32..], expires.ToUnixTimeMilliseconds());
        return (Prefix + WebEncoders.Base64UrlEncode(_seal.Protect(clear.ToArray())), expires);
    }

    /// <summary>Who the token's bearer is; null when it is forged, over, or its account was changed since.</summary>
    public Caller? Read(string token)
    {
        if (!token.StartsWith(Prefix, StringComparison.Ordinal) || token.Length > 1024) return null;
        byte[] clear;
        try
        {
            clear = _seal.Unprotect(WebEncoders.Base64UrlDecode(token, Prefix.Length, token.Length - Prefix.Length));
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return null;
        }
        if (clear.Length != Length || BinaryPrimitives.ReadInt64LittleEndian(clear.AsSpan(32)) <= time.GetUtcNow().ToUnixTimeMilliseconds()) return null;
        var entry = accounts.Find(new Guid(clear.AsSpan(0, 16)).ToString());
        return entry is not null && entry.Stamp == BinaryPrimitives.ReadUInt128LittleEndian(clear.AsSpan(16)) ? entry.Caller : null;
    }
}
