using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;

namespace HallOps.Web.Accounts;

/// <summary>
/// Identity's own check of an authenticator app's code (RFC 6238), and that each is taken once: whoever sees a code being typed cannot use it again (RFC 6238, 5.2).
/// A code of a step before the last one taken is refused too.
/// </summary>
/// <remarks>Of checks of one account that overlap, in one process or in two, at most one succeeds: what is taken is saved with the account, and Identity's concurrency stamp refuses the later save.</remarks>
internal sealed class TotpCodes : AuthenticatorTokenProvider<Account>
{
    private const string Provider = "HallOps";
    private const string LastStep = "TotpStep";

    // Where Identity's store keeps the key; it has no method that forgets it.
    private const string StoreProvider = "[AspNetUserStore]";
    private const string StoredKey = "AuthenticatorKey";

    private const int StepSeconds = 30;

    // As many steps to either side as Identity takes.
    private const int Window = 2;

    public override async Task<bool> ValidateAsync(string purpose, string token, UserManager<Account> manager, Account user)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds() / StepSeconds;
        if (token is not { Length: 6 } || !token.All(char.IsAsciiDigit) || !await base.ValidateAsync(purpose, token, manager, user)) return false;
        var key = FromBase32((await manager.GetAuthenticatorKeyAsync(user))!);
        // One step more than Identity's, which may have read the clock a moment later.
        var step = now + Window + 1;
        while (step >= now - Window && CodeAt(key, step) != token) step--;
        if (step < now - Window) return false;

        if (long.TryParse(await manager.GetAuthenticationTokenAsync(user, Provider, LastStep), CultureInfo.InvariantCulture, out var last) && step <= last) return false;
        var taken = await manager.SetAuthenticationTokenAsync(user, Provider, LastStep, step.ToString(CultureInfo.InvariantCulture));
        return taken.Succeeded;
    }

    /// <summary>Forgets the account's key and what was taken with it; the caller saves nothing more.</summary>
    public static async Task ForgetAsync(UserManager<Account> manager, Account user)
    {
        await manager.RemoveAuthenticationTokenAsync(user, StoreProvider, StoredKey);
        await manager.RemoveAuthenticationTokenAsync(user, Provider, LastStep);
    }

    /// <summary>The six digits of a step, 30 s each since 1970.</summary>
    public static string CodeAt(ReadOnlySpan<byte> key, long step)
    {
        Span<byte> counter = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
#pragma warning disable CA5350 // Authenticator apps know SHA-1 only, and an HMAC does not rest on collisions (RFC 6238, 1.2).
        HMACSHA1.HashData(key, counter, hash);
#pragma warning restore CA5350
        var number = BinaryPrimitives.ReadInt32BigEndian(hash[(hash[^1] & 0xF)..]) & int.MaxValue;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    /// <summary>RFC 4648, 6, as Identity writes keys: capital letters and 2 to 7, no padding.</summary>
    public static byte[] FromBase32(string text)
    {
        const string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        var bytes = new byte[text.Length * 5 / 8];
        var (bits, count, at) = (0, 0, 0);
        foreach (var letter in text)
        {
            bits = (bits << 5) | letters.IndexOf(letter, StringComparison.Ordinal);
            if ((count += 5) < 8) continue;
            bytes[at++] = (byte)(bits >> (count -= 8));
            bits &= (1 << count) - 1;
        }
        return bytes;
    }
}
