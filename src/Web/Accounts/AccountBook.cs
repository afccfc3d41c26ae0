using System.Text.Json;
using System.Text.RegularExpressions;
using HallOps.Core.Halls;
using HallOps.Web.Audit;
using HallOps.Web.Problems;
using HallOps.Web.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace HallOps.Web.Accounts;

/// <summary>A role as it travels, for the halls named and for all halls of the regions; with neither for every hall.</summary>
/// <param name="Regions">From the top down, Chinese names joined by slashes, like <c>江苏省/南通市</c>.</param>
public sealed record RoleBody(Role? Role, IReadOnlyList<string>? Halls, IReadOnlyList<string>? Regions);

/// <param name="Staff">Hall to member of staff.</param>
/// <param name="Disabled">Left out: false.</param>
public sealed record AccountBody(string? User, string? Name, string? Password, IReadOnlyList<RoleBody>? Roles, IReadOnlyDictionary<string, string>? Staff, bool? Disabled);

public sealed record AccountView(string User, string Name, IReadOnlyList<RoleView> Roles, IReadOnlyDictionary<string, string> Staff, bool Disabled, bool TwoFactor);

public sealed record RoleView(Role Role, IReadOnlyList<string>? Halls, IReadOnlyList<string>? Regions);

/// <summary>
/// Lists and changes accounts for an admin, within the admin's halls: one of named halls or regions handles accounts whose roles and staff are all within these.
/// Whoever it is done for has been found to be an admin of some hall.
/// </summary>
public sealed partial class AccountBook(UserManager<Account> users, HallOpsDb database, AccountDirectory directory, AuditLog audit, AccountWrites writes)
{
    // Stand in the journal for others than accounts.
    private static readonly string[] Reserved = ["anonymous", "local", "system", "device"];

    /// <summary>Those within the admin's halls, by user.</summary>
    public async Task<IReadOnlyList<AccountView>> ListAsync(Caller admin, CancellationToken cancel) =>
        [.. (await AccountDirectory.Whole(database).OrderBy(a => a.NormalizedUserName).ToListAsync(cancel)).Where(a => MayHandle(admin, a)).Select(View)];

    public async Task<(AccountView? View, Problem? Problem)> AddAsync(Caller admin, AccountBody body, CancellationToken cancel)
    {
        if (body.User is not { } user || !UserName().IsMatch(user) || Reserved.Contains(user))
            return (null, Problem.BadField("user", "must be 1 to 32 of a-z, 0-9, dot, hyphen and underscore, beginning with a letter or digit, and not anonymous, local, system or device"));
        if (body.Password is null) return (null, Problem.BadField("password", PasswordRules.Allowed));
        if (Check(body) is { } wrong) return (null, wrong);

        using var turn = await writes.EnterAsync(cancel);
        var account = new Account { UserName = user, Name = body.Name!, Disabled = body.Disabled ?? false, LockoutEnabled = true };
        Fill(account, body);
        if (!MayHandle(admin, account)) return (null, Problem.Of("NotAllowed"));
        await using var transaction = await database.BeginWriteAsync(cancel);
        var result = await users.CreateAsync(account, body.Password);
        if (!result.Succeeded) return (null, Explain(result));
        await audit.AddAsync(database, new AuditEntry(admin.Id, AuditWords.AccountAdded, user, AuditFacts.HallOf(account), Detail: AuditFacts.Of(account, newPassword: true)), cancel);
        await database.TellAsync(News.Account, account.Id, cancel);
        await transaction.CommitAsync(CancellationToken.None);
        await directory.ReloadAsync(account.Id, cancel);
        return (View(account), null);
    }

    /// <summary>Puts the account in the state of the body; only the password stays where it is left out.</summary>
    public async Task<(AccountView? View, Problem? Problem)> ChangeAsync(Caller admin, string user, AccountBody body, CancellationToken cancel)
    {
        if (body.User is { } named && named != user) return (null, Problem.BadField("user", "must be the one of the address, or left out: a user is never renamed"));
        if (Check(body) is { } wrong) return (null, wrong);

        using var turn = await writes.EnterAsync(cancel);
        await using var transaction = await database.BeginWriteAsync(cancel);
        if (await FindAsync(admin, user, cancel) is not { } account) return (null, Problem.Of("UnknownAccount"));
        var before = AuditFacts.HallOf(await AccountDirectory.Whole(database).SingleAsync(a => a.Id == account.Id, cancel));
        await database.AccountRoles.Where(r => r.Account == account.Id).ExecuteDeleteAsync(cancel);
        await database.AccountStaff.Where(s => s.Account == account.Id).ExecuteDeleteAsync(cancel);
        account.Name = body.Name!;
        account.Disabled = body.Disabled ?? false;
        Fill(account, body);
        // Told now, so that the new rows are inserted: Identity's store marks what it meets for the first time as changed.
        database.ChangeTracker.DetectChanges();
        if (!MayHandle(admin, account)) return (null, Problem.Of("NotAllowed"));
        if (body.Password is { } password)
        {
            foreach (var rule in users.PasswordValidators)
                if (await rule.ValidateAsync(users, account, password) is { Succeeded: false } refused) return (null, Explain(refused));
            account.PasswordHash = users.PasswordHasher.HashPassword(account, password);
        }
        // A new stamp ends every token of the account; saves the whole account too.
        if (await users.UpdateSecurityStampAsync(account) is { Succeeded: false } failed) return (null, Explain(failed));
        if (!await SomebodyRunsEverythingAsync(cancel)) return (null, Problem.Of("LastAdmin"));
        // Moved from one hall to another it concerns both.
        await audit.AddAsync(database, new AuditEntry(admin.Id, AuditWords.AccountChanged, user, AuditFacts.HallOf(account) is { } hall && hall == before ? hall : null, Detail: AuditFacts.Of(account, body.Password is not null)), cancel);
        await database.TellAsync(News.Account, account.Id, cancel);
        await transaction.CommitAsync(cancel);
        await directory.ReloadAsync(account.Id, CancellationToken.None);
        return (View(account), null);
    }

    /// <summary>Null when done.</summary>
    public async Task<Problem?> RemoveAsync(Caller admin, string user, CancellationToken cancel)
    {
        using var turn = await writes.EnterAsync(cancel);
        await using var transaction = await database.BeginWriteAsync(cancel);
        if (await FindAsync(admin, user, cancel) is not { } account) return Problem.Of("UnknownAccount");
        var hall = AuditFacts.HallOf(await AccountDirectory.Whole(database).SingleAsync(a => a.Id == account.Id, cancel));
        if (await users.DeleteAsync(account) is { Succeeded: false } failed) return Explain(failed);
        if (!await SomebodyRunsEverythingAsync(cancel)) return Problem.Of("LastAdmin");
        await audit.AddAsync(database, new AuditEntry(admin.Id, AuditWords.AccountRemoved, user, hall), cancel);
        await database.TellAsync(News.Account, account.Id, cancel);
        await transaction.CommitAsync(cancel);
        await directory.ReloadAsync(account.Id, CancellationToken.None);
        return null;
    }

    /// <summary>Ends the second factor of somebody who has lost it, and all tokens of that account. Null when done.</summary>
    public async Task<Problem?> ResetSecondFactorAsync(Caller admin, string user, CancellationToken cancel)
    {
        // One's own goes by a code: else a session taken over would be enough.
        if (string.Equals(admin.Account, user, StringComparison.OrdinalIgnoreCase)) return Problem.Of("NotAllowed");
        using var turn = await writes.EnterAsync(cancel);
        await using var transaction = await database.BeginWriteAsync(cancel);
        if (await FindAsync(admin, user, cancel) is not { } account) return Problem.Of("UnknownAccount");
        if (!account.TwoFactorEnabled) return Problem.Of("TotpOff");
        await SecondFactor.SwitchOffAsync(users, account);
        await SecondFactor.NoteAsync(audit, database, admin.Id, AuditWords.SecondFactorOff, account, cancel);
        await database.TellAsync(News.Account, account.Id, cancel);
        await transaction.CommitAsync(cancel);
        await directory.ReloadAsync(account.Id, CancellationToken.None);
        return null;
    }

    /// <summary>Makes the first account, an admin of every hall.</summary>
    /// <returns>False where there is an account already, perhaps by another process; what the password must be where it is not good.</returns>
    public async Task<(bool IsFirst, string? PasswordMust)> AddFirstAsync(string password, CancellationToken cancel)
    {
        using var turn = await writes.EnterAsync(cancel);
        var account = new Account { UserName = "admin", Name = "admin", LockoutEnabled = true };
        account.Roles.Add(new AccountRole { Account = account.Id, Role = "admin" });
        await using var transaction = await database.BeginWriteAsync(cancel);
        if (await database.Users.AnyAsync(cancel)) return (false, null);
        var result = await users.CreateAsync(account, password);
        if (!result.Succeeded) return (true, PasswordRules.Allowed);
        await audit.AddAsync(database, new AuditEntry("local", AuditWords.AccountAdded, account.UserName, Detail: AuditFacts.Of(account, newPassword: true)), cancel);
        await database.TellAsync(News.Account, account.Id, cancel);
        await transaction.CommitAsync(CancellationToken.None);
        await directory.ReloadAsync(account.Id, cancel);
        return (true, null);
    }

    private bool MayHandle(Caller admin, Account account) =>
        admin.HasEverywhere(Role.Admin)
        || (account.Roles.Count > 0
            && directory.GrantsOf(account).All(g => !g.Everywhere
                && (g.Halls is null || g.Halls.All(h => admin.Has(Role.Admin, h)))
                && (g.Regions is null || g.Regions.Paths.All(r => admin.Has(Role.Admin, r))))
            && account.Staff.All(s => admin.Has(Role.Admin, new HallId(s.Hall))));

    // For writing, without its roles and staff; null also where the admin may not handle it, so that a name in use elsewhere does not show.
    private async Task<Account?> FindAsync(Caller admin, string user, CancellationToken cancel)
    {
        var name = users.NormalizeName(user);
        return await AccountDirectory.Whole(database).SingleOrDefaultAsync(a => a.NormalizedUserName == name, cancel) is { } seen && MayHandle(admin, seen)
            ? await database.Users.SingleAsync(a => a.Id == seen.Id, cancel)
            : null;
    }

    private Task<bool> SomebodyRunsEverythingAsync(CancellationToken cancel) =>
        database.Users.AnyAsync(a => !a.Disabled && a.Roles.Any(r => r.Role == "admin" && r.Halls == null && r.Regions == null), cancel);

    private static Problem? Check(AccountBody body)
    {
        if (string.IsNullOrWhiteSpace(body.Name) || body.Name.Length > 100) return Problem.BadField("name", "must be a text of 1 to 100 characters");
        if (body.Roles is null) return Problem.BadField("roles", "must be a list of roles, each {role, halls}");
        for (var i = 0; i < body.Roles.Count; i++)
        {
            if (body.Roles[i]?.Role is not { } role) return Problem.BadField($"roles[{i}].role", "must be one of admin, auditor, manager, clerk, guide, analyst");
            if (body.Roles.Take(i).Any(r => r.Role == role)) return Problem.BadField($"roles[{i}].role", "is given twice; name all its halls in one");
            if (body.Roles[i].Halls is { } halls && (halls.Count == 0 || halls.Any(h => h is null || !HallName().IsMatch(h))))
                return Problem.BadField($"roles[{i}].halls", "must be a list of one or more halls' ids; leave halls and regions out for every hall");
            if (body.Roles[i].Regions is { } regions && (regions.Count == 0 || !regions.All(r => RegionPath.TryParse(r, out _))))
                return Problem.BadField($"roles[{i}].regions", "must be a list of one or more regions, each from the top down with its Chinese names joined by slashes, like 江苏省/南通市");
        }
        return body.Staff?.Any(s => !HallName().IsMatch(s.Key) || s.Value is null || !HallName().IsMatch(s.Value)) == true
            ? Problem.BadField("staff", "must be an object from a hall's id to the id of a member of its staff")
            : null;
    }

    private static void Fill(Account account, AccountBody body)
    {
        account.Roles.AddRange(body.Roles!.Select(r => new AccountRole
        {
            Account = account.Id,
            Role = JsonNamingPolicy.CamelCase.ConvertName(r.Role!.Value.ToString()),
            Halls = r.Halls is null ? null : JsonSerializer.Serialize(r.Halls.Distinct()),
            Regions = r.Regions is null ? null : JsonSerializer.Serialize(r.Regions.Distinct()),
        }));
        account.Staff.AddRange((body.Staff ?? new Dictionary<string, string>()).Select(s => new AccountStaff { Account = account.Id, Hall = s.Key, Staff = s.Value }));
    }

    private static Problem Explain(IdentityResult result) => result.Errors.First().Code switch
    {
        "Password" => Problem.BadField("password", PasswordRules.Allowed),
        "DuplicateUserName" => Problem.Of("UserTaken"),
        var code => throw new InvalidOperationException($"Identity refused an account that was checked: {code}."),
    };

    private AccountView View(Account account) => new(account.UserName!, account.Name,
        [.. directory.GrantsOf(account).Select(g => new RoleView(g.Role, g.Halls?.Select(h => h.Value).Order().ToList(), g.Regions?.Paths.Select(p => p.Value).Order(StringComparer.Ordinal).ToList()))],
        account.Staff.ToDictionary(s => s.Hall, s => s.Staff), account.Disabled, account.TwoFactorEnabled);

    [GeneratedRegex("^[a-z0-9][a-z0-9._-]{0,31}$")]
    private static partial Regex UserName();

    [GeneratedRegex("^[a-z0-9-]{1,64}$")]
    private static partial Regex HallName();
}

/// <summary>One change of accounts of this process at a time. That the last admin does not go twice at once is the transaction's to see to (<see cref="OneWriter"/>), whichever process it is of.</summary>
public sealed class AccountWrites : IDisposable
{
    private readonly SemaphoreSlim _one = new(1, 1);

    public async Task<IDisposable> EnterAsync(CancellationToken cancel)
    {
        await _one.WaitAsync(cancel);
        return new Turn(_one);
    }

    public void Dispose() => _one.Dispose();

    private sealed class Turn(SemaphoreSlim one) : IDisposable
    {
        public void Dispose() => one.Release();
    }
}
