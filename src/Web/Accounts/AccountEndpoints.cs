using HallOps.Web.Operations;
using HallOps.Web.Problems;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;

namespace HallOps.Web.Accounts;

public sealed record SignInBody(string? User, string? Password, string? Code);

public sealed record SetupBody(string? Secret, string? Password);

public sealed record SignedIn(string Token, DateTimeOffset ExpiresAt);

/// <summary>Signing in and out, the first account, and the accounts an admin keeps.</summary>
public static class AccountEndpoints
{
    public static void AddAccounts(this IServiceCollection services)
    {
        services.AddIdentityCore<Account>(options =>
            {
                options.Lockout.MaxFailedAccessAttempts = 5;
                options.Lockout.DefaultLockoutTimeSpan = TimeSpan.FromMinutes(5);
                options.User.AllowedUserNameCharacters = "abcdefghijklmnopqrstuvwxyz0123456789.-_";
                // PasswordRules has all of it.
                options.Password = new PasswordOptions { RequiredLength = 1, RequireDigit = false, RequireLowercase = false, RequireUppercase = false, RequireNonAlphanumeric = false, RequiredUniqueChars = 0 };
            })
            .AddPasswordValidator<PasswordRules>()
            .AddUserStore<AccountStore>()
            .AddTokenProvider<TotpCodes>(TokenOptions.DefaultAuthenticatorProvider);
        // OWASP's figure for PBKDF2 with HMAC-SHA-512 (Password Storage Cheat Sheet, 2023); Identity's own default is half of it.
        services.Configure<PasswordHasherOptions>(options => options.IterationCount = 210_000);
        services.AddSingleton<HallRegions>().AddSingleton<AccountDirectory>().AddSingleton<AccountTokens>().AddSingleton<SignInQueues>().AddSingleton<AccountWrites>().AddSingleton<FirstAccount>();
        services.AddSingleton<Storage.IHearsNews>(s => s.GetRequiredService<AccountDirectory>()).AddSingleton<Storage.IHearsNews>(s => s.GetRequiredService<HallRegions>());
        services.AddScoped<SignIn>().AddScoped<AccountBook>().AddScoped<SecondFactor>();
        services.AddAuthentication(CallerAuthentication.Name).AddScheme<AuthenticationSchemeOptions, CallerAuthentication>(CallerAuthentication.Name, null);
        services.AddAuthorization();
    }

    public static void MapAccounts(this IEndpointRouteBuilder api)
    {
        api.MapPost("/sign-in", SignInAsync).AllowAnonymous().RequireRateLimiting(Limits.SignIn).Accepts<SignInBody>("application/json");
        api.MapPost("/sign-out", SignOut).AllowAnonymous();
        api.MapPost("/setup", SetUpAsync).AllowAnonymous().RequireRateLimiting(Limits.SignIn).Accepts<SetupBody>("application/json");
        api.MapGet("/accounts", ListAsync);
        api.MapPost("/accounts", AddAsync).Accepts<AccountBody>("application/json");
        api.MapPut("/accounts/{user}", ChangeAsync).Accepts<AccountBody>("application/json");
        api.MapDelete("/accounts/{user}", RemoveAsync);
        api.MapTotp();
    }

    private static async Task<Results<Ok<SignedIn>, Problem>> SignInAsync(HttpContext http, SignIn signIn, AccountTokens tokens, bool cookie = false)
    {
        var (body, wrong) = await http.ReadBodyAsync<SignInBody>();
        if (body is null) return wrong!;
        if (body.User is not { Length: > 0 }) return Problem.BadField("user", "must be the name of an account");
        if (body.Password is not { Length: > 0 }) return Problem.BadField("password", "must be the account's password");

        var account = body.User.Length > 256 || body.Password.Length > PasswordRules.MaxLength ? null : await signIn.CheckAsync(body.User, body.Password, body.Code, http.RequestAborted);
        if (account is null) return Problem.Of("WrongSignIn");
        if (tokens.IssueEnrolment(account.Id) is { } first) return Problem.Of("TotpNeeded", ("token", first.Token), ("expiresAt", first.ExpiresAt));
        return tokens.Issue(account.Id) is { } issued ? Welcome(http, issued, cookie) : Problem.Of("WrongSignIn");
    }

    /// <summary>Hands a token over, and as a cookie too where asked.</summary>
    internal static Ok<SignedIn> Welcome(HttpContext http, (string Token, DateTimeOffset ExpiresAt) issued, bool cookie)
    {
        http.Response.Headers.CacheControl = "no-store";
        if (cookie) http.Response.Cookies.Append(CallerAuthentication.Cookie, issued.Token, CallerAuthentication.CookieOptions(http, issued.ExpiresAt));
        return TypedResults.Ok(new SignedIn(issued.Token, issued.ExpiresAt));
    }

    private static NoContent SignOut(HttpContext http)
    {
        http.Response.Cookies.Delete(CallerAuthentication.Cookie, CallerAuthentication.CookieOptions(http, null));
        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, Problem>> SetUpAsync(HttpContext http, FirstAccount first)
    {
        var (body, wrong) = await http.ReadBodyAsync<SetupBody>();
        if (body is null) return wrong!;
        var (known, must) = await first.RedeemAsync(body.Secret ?? "", body.Password ?? "", http.RequestAborted);
        if (!known) return Problem.Of("UnknownLink");
        return must is null ? TypedResults.NoContent() : Problem.BadField("password", must);
    }

    private static async Task<Results<Ok<IReadOnlyList<AccountView>>, Problem>> ListAsync(HttpContext http, AccountBook book) =>
        http.AdminSomewhere(out var admin) is { } refused ? refused : TypedResults.Ok(await book.ListAsync(admin, http.RequestAborted));

    private static async Task<Results<Created<AccountView>, Problem>> AddAsync(HttpContext http, AccountBook book)
    {
        if (http.AdminSomewhere(out var admin) is { } refused) return refused;
        var (body, wrong) = await http.ReadBodyAsync<AccountBody>();
        if (body is null) return wrong!;
        var (view, problem) = await book.AddAsync(admin, body, http.RequestAborted);
        return view is null ? problem! : TypedResults.Created($"/api/v1/accounts/{view.User}", view);
    }

    private static async Task<Results<Ok<AccountView>, Problem>> ChangeAsync(HttpContext http, AccountBook book, string user)
    {
        if (http.AdminSomewhere(out var admin) is { } refused) return refused;
        var (body, wrong) = await http.ReadBodyAsync<AccountBody>();
        if (body is null) return wrong!;
        var (view, problem) = await book.ChangeAsync(admin, user, body, http.RequestAborted);
        return view is null ? problem! : TypedResults.Ok(view);
    }

    private static async Task<Results<NoContent, Problem>> RemoveAsync(HttpContext http, AccountBook book, string user)
    {
        if (http.AdminSomewhere(out var admin) is { } refused) return refused;
        return await book.RemoveAsync(admin, user, http.RequestAborted) is { } problem ? problem : TypedResults.NoContent();
    }
}
