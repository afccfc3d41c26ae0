using System.Text.Json;
using HallOps.Web.Accounts;

namespace HallOps.Web.Audit;

/// <summary>What a row says of an account: what it may do, never the person's name.</summary>
internal static class AuditFacts
{
    /// <summary>Like <c>roles clerk (h, o), analyst (all halls); staff w01 in h; disabled; new password</c>.</summary>
    public static string Of(Account account, bool newPassword)
    {
        List<string> facts = [account.Roles.Count == 0 ? "no roles" : "roles " + string.Join(", ", account.Roles.Select(r => $"{r.Role} ({Where(r)})"))];
        if (account.Staff.Count > 0) facts.Add("staff " + string.Join(", ", account.Staff.Select(s => $"{s.Staff} in {s.Hall}")));
        if (account.Disabled) facts.Add("disabled");
        if (newPassword) facts.Add("new password");
        return string.Join("; ", facts);
    }

    /// <summary>The one hall that all roles and staff of an account are in; null: several, regions, every hall or none.</summary>
    public static string? HallOf(Account account)
    {
        if (account.Roles.Any(r => r.Halls is null || r.Regions is not null)) return null;
        var halls = account.Roles.SelectMany(r => Names(r.Halls)).Concat(account.Staff.Select(s => s.Hall)).Distinct().Take(2).ToList();
        return halls.Count == 1 ? halls[0] : null;
    }

    private static string Where(AccountRole role)
    {
        var places = string.Join(", ", Names(role.Halls).Concat(Names(role.Regions)));
        return places.Length == 0 ? "all halls" : places;
    }

    private static string[] Names(string? json) => json is null ? [] : JsonSerializer.Deserialize<string[]>(json)!;
}
