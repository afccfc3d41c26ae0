using HallOps.Core.Halls;
using HallOps.Displays.Serving;
using HallOps.Web.Accounts;
using HallOps.Web.Storage;
using Microsoft.EntityFrameworkCore;

namespace HallOps.Web.Demo;

/// <summary>
/// The accounts of the demonstration. Those for people have one password, which the start page shows; the one that its visitors and clerks act as has a password that nobody knows.
/// </summary>
internal sealed class DemoAccounts(IServiceScopeFactory scopes, AccountDirectory directory)
{
    public const string Password = "hallops-demo";

    /// <summary>What the simulated clerks sign in as.</summary>
    public const string Player = "demo";

    /// <summary>For people, in the order in which they are shown.</summary>
    public static IReadOnlyList<DemoSignIn> ForPeople { get; } =
    [
        new("clerk", PageRole.Clerk, Password), new("guide", PageRole.Guide, Password), new("manager", PageRole.Manager, Password), new("analyst", PageRole.Analyst, Password), new("admin", PageRole.Admin, Password),
    ];

    /// <summary>Makes them; <c>admin</c> is there already.</summary>
    /// <param name="clerkIs">Who the clerk for people is in each hall: the member of staff of the seat that is left to people.</param>
    /// <returns>The caller of <see cref="Player"/>.</returns>
    public async Task<Caller> MakeAsync(IReadOnlyDictionary<string, string> clerkIs, CancellationToken cancel)
    {
        var admin = await CallerAsync("admin", cancel);
        await AddAsync(admin, new AccountBody("clerk", "演示窗口人员 Demo clerk", Password, [new RoleBody(Role.Clerk, null, null)], clerkIs, null), cancel);
        await AddAsync(admin, new AccountBody("guide", "演示导办员 Demo guide", Password, [new RoleBody(Role.Guide, null, null)], null, null), cancel);
        await AddAsync(admin, new AccountBody("manager", "演示值班长 Demo manager", Password, [new RoleBody(Role.Manager, null, null)], null, null), cancel);
        await AddAsync(admin, new AccountBody("analyst", "演示分析员 Demo analyst", Password, [new RoleBody(Role.Analyst, null, null)], null, null), cancel);
        // Issues as a kiosk would and works at windows; which window is whose is decided by the staff named, not by the account.
        await AddAsync(admin, new AccountBody(Player, "模拟人员 Simulated staff", Devices.DeviceDirectory.NewSecret(), [new RoleBody(Role.Clerk, null, null), new RoleBody(Role.Guide, null, null)], null, null), cancel);
        return await CallerAsync(Player, cancel);
    }

    /// <summary>The caller of one of them.</summary>
    public async Task<Caller> CallerAsync(string user, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var account = await scope.ServiceProvider.GetRequiredService<HallOpsDb>().Users.AsNoTracking().SingleAsync(a => a.UserName == user, cancel);
        return directory.Find(account.Id)?.Caller ?? throw new InvalidOperationException($"The account {user} is disabled.");
    }

    private async Task AddAsync(Caller admin, AccountBody body, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var (_, problem) = await scope.ServiceProvider.GetRequiredService<AccountBook>().AddAsync(admin, body, cancel);
        if (problem is not null) throw new InvalidOperationException($"The account {body.User} of the demonstration was refused: {problem.Detail}");
    }
}
