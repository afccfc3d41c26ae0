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

    /// <summary>Tells a token that is good for enrolling a second factor and nothing else.</summary>
    public const string EnrolmentPrefix = "e.";

    /// <summary>Long enough to install an app.</summary>
    public static readonly TimeSpan EnrolmentLifetime = TimeSpan.FromMinutes(10);

    private const int Length = 16 + 16 + 8;

    private readonly IDataProtector _seal = protection.CreateProtector("HallOps.AccountToken.v1");
    private readonly IDataProtector _enrolmentSeal = protection.CreateProtector("HallOps.EnrolmentToken.v1");

    /// <summary>A token for the account as it stands in the directory now; null when it may not sign in, or has to enrol first.</summary>
    public (string Token, DateTimeOffset ExpiresAt)? Issue(string id) =>
        accounts.Find(id) is { MustEnrol: false } entry ? Seal(id, entry, _seal, Prefix, time.GetUtcNow() + Lifetime) : null;

    /// <summary>A token with which the account can enrol its second factor; null when it need not.</summary>
    public (string Token, DateTimeOffset ExpiresAt)? IssueEnrolment(string id) =>
        accounts.Find(id) is { MustEnrol: true } entry ? Seal(id, entry, _enrolmentSeal, EnrolmentPrefix, time.GetUtcNow() + EnrolmentLifetime) : null;

    /// <summary>Who the token's bearer is, and until when; null when it is forged, over, or its account was changed since.</summary>
    public (Caller Caller, DateTimeOffset ExpiresAt)? Read(string token) => Open(token, _seal, Prefix) is { Entry.MustEnrol: false } open ? (open.Entry.Caller, open.ExpiresAt) : null;

    /// <summary>Who may enrol with the token, and until when; null as for <see cref="Read"/>.</summary>
    public (Caller Caller, DateTimeOffset ExpiresAt)? ReadEnrolment(string token) => Open(token, _enrolmentSeal, EnrolmentPrefix) is { } open ? (open.Entry.Caller, open.ExpiresAt) : null;

    private static (string Token, DateTimeOffset ExpiresAt) Seal(string id, AccountDirectory.Entry entry, IDataProtector seal, string prefix, DateTimeOffset expires)
    {
        Span<byte> clear = stackalloc byte[Length];
        Guid.Parse(id).TryWriteBytes(clear);
        BinaryPrimitives.WriteUInt128LittleEndian(clear[16..], entry.Stamp);
        BinaryPrimitives.WriteInt64LittleEndian(clear[32..], expires.ToUnixTimeMilliseconds());
        return (prefix + WebEncoders.Base64UrlEncode(seal.Protect(clear.ToArray())), expires);
    }

    private (AccountDirectory.Entry Entry, DateTimeOffset ExpiresAt)? Open(string token, IDataProtector seal, string prefix)
    {
        if (!token.StartsWith(prefix, StringComparison.Ordinal) || token.Length > 1024) return null;
        byte[] clear;
        try
        {
            clear = seal.Unprotect(WebEncoders.Base64UrlDecode(token, prefix.Length, token.Length - prefix.Length));
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return null;
        }
        if (clear.Length != Length) return null;
        var expires = DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64LittleEndian(clear.AsSpan(32)));
        if (expires <= time.GetUtcNow()) return null;
        var entry = accounts.Find(new Guid(clear.AsSpan(0, 16)).ToString());
        return entry is not null && entry.Stamp == BinaryPrimitives.ReadUInt128LittleEndian(clear.AsSpan(16)) ? (entry, expires) : null;
    }
}
