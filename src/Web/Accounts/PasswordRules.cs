using System.Collections.Frozen;
using Microsoft.AspNetCore.Identity;

namespace HallOps.Web.Accounts;

/// <summary>Long enough and not one that everybody tries first; no rules on kinds of characters (NIST SP 800-63B, 5.1.1.2).</summary>
internal sealed class PasswordRules : IPasswordValidator<Account>
{
    public const int MinLength = 10;

    // Hashing a password takes time by its length; nobody types more.
    public const int MaxLength = 200;

    /// <summary>What a new password must be, for the one who chooses it.</summary>
    public const string Allowed = "must have 10 to 200 characters, at least 4 different ones, must not hold the user's name and must not be a common one";

    private static readonly FrozenSet<string> Common = new[]
    {
        "1234567890", "0123456789", "0987654321", "12345678910", "1q2w3e4r5t", "1qaz2wsx3edc", "qwertyuiop", "qwerty12345", "qwerty123456", "password12", "password123", "password1234",
        "passw0rd123", "p@ssw0rd123", "administrator", "admin12345", "admin123456", "administrator1", "woaini1314", "woaini520", "woaini1314520", "a123456789", "aa123456789", "abc1234567",
        "abc123456789", "iloveyou123", "welcome123", "changeme123", "letmein123", "5201314520", "1314520520", "zhengwu123", "dating12345", "qq123456789", "asdfghjkl;", "asdfghjkl1",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public Task<IdentityResult> ValidateAsync(UserManager<Account> manager, Account user, string? password)
    {
        var bad = password is null || password.Length is < MinLength or > MaxLength
            || password.Distinct().Count() < 4
            || Common.Contains(password)
            || (user.UserName is { Length: >= 3 } name && password.Contains(name, StringComparison.OrdinalIgnoreCase));
        return Task.FromResult(bad ? IdentityResult.Failed(new IdentityError { Code = "Password", Description = Allowed }) : IdentityResult.Success);
    }
}
