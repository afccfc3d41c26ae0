using HallOps.Core.Halls;
using HallOps.Web.Problems;

namespace HallOps.Web.Accounts;

/// <summary>The question every admin endpoint begins with.</summary>
internal static class AdminRights
{
    /// <summary>The caller, and the problem of one who is no admin of any hall. What is handled is then compared with the admin's halls.</summary>
    public static Problem? AdminSomewhere(this HttpContext http, out Caller caller)
    {
        caller = Caller.Of(http.User);
        return caller.IsAnonymous ? Problem.Of("SignInNeeded") : caller.Grants.Any(g => g.Role == Role.Admin) ? null : Problem.Of("NotAllowed");
    }

    public static bool IsAdminOf(this Caller caller, HallId hall) => caller.Has(Role.Admin, hall);
}
