using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace HallOps.Web.Accounts;

/// <summary>
/// How the first account comes to be: by the password of the environment at the first start, or by a link that the console shows and that works once.
/// The link is of this start of this process only; it ends with the first account, whichever process makes it.
/// </summary>
public sealed class FirstAccount(IServiceScopeFactory scopes, AccountDirectory accounts) : IDisposable
{
    public const string PasswordVariable = "HALLOPS_ADMIN_PASSWORD";

    private readonly SemaphoreSlim _one = new(1, 1);
    private string? _secret;

    /// <summary>Null once there is an account.</summary>
    public string? Secret => accounts.IsEmpty ? _secret : null;

    /// <summary>Makes the account by the password given, or the secret of a link where none is given. Nothing where there are accounts.</summary>
    /// <exception cref="Storage.StartRefusedException">The password is not good.</exception>
    public async Task PrepareAsync(string? password, CancellationToken cancel)
    {
        if (!accounts.IsEmpty) return;
        if (string.IsNullOrEmpty(password)) _secret = WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(32));
        else if (await AddAsync(password, cancel) is { PasswordMust: { } allowed }) throw new Storage.StartRefusedException($"{PasswordVariable} {allowed}.");
    }

    /// <summary>Takes the secret of the link; <paramref name="password"/> is what <c>admin</c> signs in with from now on.</summary>
    public async Task<(bool Known, string? PasswordMust)> RedeemAsync(string secret, string password, CancellationToken cancel)
    {
        await _one.WaitAsync(cancel);
        try
        {
            if (Secret is not { } ours || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(ours), Encoding.UTF8.GetBytes(secret))) return (false, null);
            return await AddAsync(password, cancel);
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task<(bool IsFirst, string? PasswordMust)> AddAsync(string password, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var added = await scope.ServiceProvider.GetRequiredService<AccountBook>().AddFirstAsync(password, cancel);
        // Another process was faster, and its news are on their way.
        if (!added.IsFirst) await accounts.LoadAsync(cancel);
        return added;
    }
}
