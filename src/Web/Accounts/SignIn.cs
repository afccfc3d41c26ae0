using HallOps.Web.Audit;
using HallOps.Web.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace HallOps.Web.Accounts;

/// <summary>Checks who signs in: password, lock-out after five failures for five minutes, and the code of those who have a second factor.</summary>
public sealed class SignIn(UserManager<Account> users, HallOpsDb database, AccountDirectory directory, AuditLog audit, SignInQueues queues)
{
    // Compared against where there is no account, so that an unknown name takes as long as a wrong password.
    private static string? _nobodysHash;

    /// <summary>The account; null for every reason there is: the one who asks is not told which.</summary>
    public async Task<Account?> CheckAsync(string user, string password, string? code, CancellationToken cancel)
    {
        using var turn = await queues.EnterAsync(user, cancel);
        var account = await users.FindByNameAsync(user);
        if (account is null)
        {
            var nobody = new Account { Name = "" };
            _nobodysHash ??= users.PasswordHasher.HashPassword(nobody, Guid.NewGuid().ToString());
            users.PasswordHasher.VerifyHashedPassword(nobody, _nobodysHash, password);
            // Not the name: people type their password there.
            await audit.AddAloneAsync(database, new AuditEntry("anonymous", AuditWords.SignIn, null, Outcome: AuditWords.Unknown), cancel);
            return null;
        }

        var right = await users.CheckPasswordAsync(account, password);
        if (right && account.TwoFactorEnabled)
            right = code is not null && await users.VerifyTwoFactorTokenAsync(account, users.Options.Tokens.AuthenticatorTokenProvider, code);
        await using var transaction = await database.BeginWriteAsync(cancel);
        // Another process may have counted a failure meanwhile, or changed the account: nobody does from here on.
        database.ChangeTracker.Clear();
        if (await users.FindByIdAsync(account.Id) is not { } now)
        {
            await audit.AddAsync(database, new AuditEntry("anonymous", AuditWords.SignIn, null, Outcome: AuditWords.Unknown), cancel);
            await transaction.CommitAsync(cancel);
            return null;
        }
        right = right && now.SecurityStamp == account.SecurityStamp;
        account = now;
        var outcome = await CountAsync(account, right);
        var hall = AuditFacts.HallOf(await AccountDirectory.Whole(database).SingleAsync(a => a.Id == account.Id, cancel));
        await audit.AddAsync(database, new AuditEntry(outcome == AuditWords.Done ? account.UserName! : "anonymous", AuditWords.SignIn, account.UserName, hall, outcome), cancel);
        // Another process' news are on their way still, or Identity hashed the password anew, by a newer rule.
        var isNews = outcome == AuditWords.Done && directory.Find(account.Id)?.Stamp != AccountDirectory.StampOf(account.SecurityStamp);
        if (isNews) await database.TellAsync(News.Account, account.Id, cancel);
        await transaction.CommitAsync(CancellationToken.None);
        if (isNews) await directory.ReloadAsync(account.Id, CancellationToken.None);
        return outcome == AuditWords.Done ? account : null;
    }

    // Counts a failure and forgets those before a success; what became of the sign-in.
    private async Task<string> CountAsync(Account account, bool right)
    {
        if (account.Disabled) return AuditWords.Disabled;
        if (await users.IsLockedOutAsync(account)) return AuditWords.Locked;
        if (right)
        {
            if (account.AccessFailedCount > 0) await users.ResetAccessFailedCountAsync(account);
            return AuditWords.Done;
        }
        await users.AccessFailedAsync(account);
        return await users.IsLockedOutAsync(account) ? AuditWords.LockedOut : AuditWords.Wrong;
    }
}

/// <summary>
/// Lets one sign-in of a name in at a time, so that trying many side by side costs whoever tries, not the server. What is counted and taken is right without it too, since other processes have queues of their own. Names share 64 queues, so that
/// inventing names makes nothing grow.
/// </summary>
public sealed class SignInQueues : IDisposable
{
    private readonly SemaphoreSlim[] _queues = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1, 1))];

    public async Task<IDisposable> EnterAsync(string user, CancellationToken cancel)
    {
        var queue = _queues[(StringComparer.OrdinalIgnoreCase.GetHashCode(user) & int.MaxValue) % _queues.Length];
        await queue.WaitAsync(cancel);
        return new Turn(queue);
    }

    public void Dispose()
    {
        foreach (var queue in _queues) queue.Dispose();
    }

    private sealed class Turn(SemaphoreSlim queue) : IDisposable
    {
        public void Dispose() => queue.Release();
    }
}
