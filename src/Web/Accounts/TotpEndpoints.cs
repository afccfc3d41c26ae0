using HallOps.Web.Operations;
using HallOps.Web.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HallOps.Web.Accounts;

/// <summary>Marks an endpoint that a token for enrolment only may ask.</summary>
internal sealed class TakesEnrolmentTokens;

/// <summary>The second factor of the account that asks, and an admin's way to end somebody else's.</summary>
public static class TotpEndpoints
{
    public static void MapTotp(this IEndpointRouteBuilder api)
    {
        var enrol = new TakesEnrolmentTokens();
        api.MapPost("/account/totp", BeginAsync).WithMetadata(enrol).RequireRateLimiting(Limits.SignIn);
        api.MapPost("/account/totp/confirm", ConfirmAsync).WithMetadata(enrol).RequireRateLimiting(Limits.SignIn).Accepts<TotpBody>("application/json");
        api.MapDelete("/account/totp", EndAsync).RequireRateLimiting(Limits.SignIn).Accepts<TotpBody>("application/json");
        api.MapDelete("/accounts/{user}/totp", ResetAsync);
    }

    private static async Task<Results<Ok<TotpSecret>, Problem>> BeginAsync(HttpContext http, SecondFactor factor)
    {
        if (Account(http, out var user) is { } refused) return refused;
        var (secret, problem) = await factor.BeginAsync(user, http.RequestAborted);
        http.Response.Headers.CacheControl = "no-store";
        return secret is null ? problem! : TypedResults.Ok(secret);
    }

    private static async Task<Results<Ok<SignedIn>, Problem>> ConfirmAsync(HttpContext http, SecondFactor factor, bool cookie = false)
    {
        if (Account(http, out var user) is { } refused) return refused;
        var (body, wrong) = await http.ReadBodyAsync<TotpBody>();
        if (body is null) return wrong!;
        var (issued, problem) = await factor.ConfirmAsync(user, body.Code ?? "", http.RequestAborted);
        return issued is { } token ? AccountEndpoints.Welcome(http, token, cookie) : problem!;
    }

    private static async Task<Results<NoContent, Problem>> EndAsync(HttpContext http, SecondFactor factor)
    {
        if (Account(http, out var user) is { } refused) return refused;
        var (body, wrong) = await http.ReadBodyAsync<TotpBody>();
        if (body is null) return wrong!;
        return await factor.EndAsync(user, body.Code ?? "", http.RequestAborted) is { } problem ? problem : TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, Problem>> ResetAsync(HttpContext http, AccountBook book, string user)
    {
        if (http.AdminSomewhere(out var admin) is { } refused) return refused;
        return await book.ResetSecondFactorAsync(admin, user, http.RequestAborted) is { } problem ? problem : TypedResults.NoContent();
    }

    private static Problem? Account(HttpContext http, out string user)
    {
        var caller = Caller.Of(http.User);
        user = caller.Account ?? "";
        return caller.IsAnonymous ? Problem.Of("SignInNeeded") : caller.Account is null ? Problem.Of("NotAllowed") : null;
    }
}
