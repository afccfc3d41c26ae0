using HallOps.Web.Audit;
using HallOps.Web.Problems;
using HallOps.Web.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace HallOps.Web.Accounts;

/// <param name="Secret">Base32, for typing into the app.</param>
/// <param name="Url">The same as <c>otpauth://</c>, for a QR code.</param>
public sealed record TotpSecret(string Secret, string Url);

public sealed record TotpBody(string? Code);

/// <summary>An account's own second factor: a secret for an authenticator app, in force once a code of it was shown.</summary>
public sealed class SecondFactor(
    UserManager<Account> users, IUserStore<Account> store, HallOpsDb database, AuditLog audit, AccountDirectory directory, AccountTokens tokens, AccountWrites writes, SignInQueues queues)
{
    private const int LockedForSeconds = 300;

    /// <summary>Gives a new secret, as often as asked until one is confirmed. Nothing changes for signing in yet.</summary>
    public async Task<(TotpSecret? Secret, Problem? Problem)> BeginAsync(string user, CancellationToken cancel)
    {
        using var turn = await EnterAsync(user, cancel);
        if (await users.FindByNameAsync(user) is not { } account) return (null, Problem.Of("UnknownAccount"));
        if (account.TwoFactorEnabled) return (null, Problem.Of("TotpOn"));
        await TotpCodes.ForgetAsync(users, account);
        var secret = users.GenerateNewAuthenticatorKey();
        // Not by UserManager: it would end every session of the account for a secret that nobody has confirmed.
        await ((IUserAuthenticatorKeyStore<Account>)store).SetAuthenticatorKeyAsync(account, secret, cancel);
        Must(await users.UpdateAsync(account));
        return (new TotpSecret(secret, $"otpauth://totp/HallOps:{Uri.EscapeDataString(account.UserName!)}?secret={secret}&issuer=HallOps&algorithm=SHA1&digits=6&period=30"), null);
    }

    /// <summary>Puts the secret in force. Every token of the account ends; the one given is the new one.</summary>
    public async Task<((string Token, DateTimeOffset ExpiresAt)? Issued, Problem? Problem)> ConfirmAsync(string user, string code, CancellationToken cancel)
    {
        using var turn = await EnterAsync(user, cancel);
        if (await users.FindByNameAsync(user) is not { } account) return (null, Problem.Of("UnknownAccount"));
        if (account.TwoFactorEnabled) return (null, Problem.Of("TotpOn"));
        if (await users.GetAuthenticatorKeyAsync(account) is null) return (null, Problem.Of("TotpNotBegun"));
        if (!await IsRightAsync(account, code)) return (null, WrongCode());
        await using var transaction = await database.BeginWriteAsync(cancel);
        Must(await users.SetTwoFactorEnabledAsync(account, true));
        await NoteAsync(audit, database, account.UserName!, AuditWords.SecondFactorOn, account, cancel);
        await database.TellAsync(News.Account, account.Id, cancel);
        await transaction.CommitAsync(cancel);
        await directory.ReloadAsync(account.Id, CancellationToken.None);
        return tokens.Issue(account.Id) is { } issued ? (issued, null) : (null, Problem.Of("SignInNeeded"));
    }

    /// <summary>Ends the second factor for whoever still has it: a session that was taken over cannot. Every token of the account ends. Null when done.</summary>
    public async Task<Problem?> EndAsync(string user, string code, CancellationToken cancel)
    {
        using var turn = await EnterAsync(user, cancel);
        if (await users.FindByNameAsync(user) is not { } seen) return Problem.Of("UnknownAccount");
        var right = seen.TwoFactorEnabled && await IsRightAsync(seen, code);
        await using var transaction = await database.BeginWriteAsync(cancel);
        // Another process may have counted a failure meanwhile, or changed the account: nobody does from here on.
        database.ChangeTracker.Clear();
        if (await users.FindByIdAsync(seen.Id) is not { TwoFactorEnabled: true } account) return Problem.Of("TotpOff");
        if (await users.IsLockedOutAsync(account)) return Problem.Late(LockedForSeconds);
        if (!right)
        {
            await users.AccessFailedAsync(account);
            await transaction.CommitAsync(cancel);
            return WrongCode();
        }
        await SwitchOffAsync(users, account);
        await NoteAsync(audit, database, account.UserName!, AuditWords.SecondFactorOff, account, cancel);
        await database.TellAsync(News.Account, account.Id, cancel);
        await transaction.CommitAsync(cancel);
        await directory.ReloadAsync(account.Id, CancellationToken.None);
        return null;
    }

    /// <summary>Switches an account's second factor off; whoever calls reads the account in again.</summary>
    internal static async Task SwitchOffAsync(UserManager<Account> users, Account account)
    {
        await TotpCodes.ForgetAsync(users, account);
        Must(await users.SetTwoFactorEnabledAsync(account, false));
    }

    /// <summary>The row of the audit, in the transaction of the change.</summary>
    internal static async Task NoteAsync(AuditLog audit, HallOpsDb database, string who, string what, Account account, CancellationToken cancel)
    {
        var hall = AuditFacts.HallOf(await AccountDirectory.Whole(database).SingleAsync(a => a.Id == account.Id, cancel));
        await audit.AddAsync(database, new AuditEntry(who, what, account.UserName, hall), cancel);
    }

    private Task<bool> IsRightAsync(Account account, string code) => users.VerifyTwoFactorTokenAsync(account, users.Options.Tokens.AuthenticatorTokenProvider, code);

    // Neither a sign-in with a code nor an admin's change goes on beside.
    private async Task<IDisposable> EnterAsync(string user, CancellationToken cancel)
    {
        var queue = await queues.EnterAsync(user, cancel);
        try
        {
            return new Turns(await writes.EnterAsync(cancel), queue);
        }
        catch
        {
            queue.Dispose();
            throw;
        }
    }

    private static Problem WrongCode() => Problem.BadField("code", "must be the six digits that the app shows now, and each code counts once; wait for the next one");

    private static void Must(IdentityResult result)
    {
        if (!result.Succeeded) throw new InvalidOperationException($"Identity refused an account that was checked: {result.Errors.First().Code}.");
    }

    private sealed class Turns(IDisposable writes, IDisposable queue) : IDisposable
    {
        public void Dispose()
        {
            writes.Dispose();
            queue.Dispose();
        }
    }
}
