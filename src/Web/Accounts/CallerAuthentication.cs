using System.Security.Claims;
using System.Text.Encodings.Web;
using HallOps.Web.Devices;
using HallOps.Web.Problems;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace HallOps.Web.Accounts;

/// <summary>
/// Who asks: an account or a device by <c>Authorization: Bearer</c> or by the pages' cookies, on the hub also by <c>access_token</c>, as SignalR
/// sends it where a browser cannot set headers. A token that is given and not good is an error, not an anonymous caller.
/// </summary>
internal sealed class CallerAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, AccountTokens accounts, DeviceDirectory devices)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string Name = "HallOps";
    public const string Cookie = "hallops";

    /// <summary>A device's own, beside the account's: whoever signs in at an enrolled device is themselves while they are signed in.</summary>
    public const string DeviceCookie = "hallops-device";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Token() is { } token)
            return Task.FromResult(Read(token) is { } caller ? Success(caller) : AuthenticateResult.Fail("The token is not good."));
        // SameSite=Strict keeps other sites' requests without the cookie; the origin is compared as well, for browsers that do not know it.
        if (OriginIsOurs())
        {
            if (Request.Cookies[Cookie] is { } cookie && accounts.Read(cookie) is { } page) return Task.FromResult(Success(page));
            if (Request.Cookies[DeviceCookie] is { } own && devices.Find(own) is { } device) return Task.FromResult(Success(device));
        }
        return Task.FromResult(AuthenticateResult.NoResult());
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) => Problem.Of("SignInNeeded").ExecuteAsync(Context);

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => Problem.Of("NotAllowed").ExecuteAsync(Context);

    /// <summary>Ends requests whose token is not good with 401, since their sender believes to be somebody; all but those that ask for a new one.</summary>
    public static Task RefuseBadTokens(HttpContext http, RequestDelegate next)
    {
        return http.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult is { Succeeded: true } ? next(http) : LookAsync();

        async Task LookAsync()
        {
            // Looked up, not done again: the handler keeps its result for the request.
            var failed = (await http.AuthenticateAsync()).Failure is not null && http.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is null;
            await (failed ? Problem.Of("SignInNeeded").ExecuteAsync(http) : next(http));
        }
    }

    private Caller? Read(string token) => token.StartsWith(AccountTokens.Prefix, StringComparison.Ordinal) ? accounts.Read(token)
        : token.StartsWith(AccountTokens.EnrolmentPrefix, StringComparison.Ordinal) ? (Context.GetEndpoint()?.Metadata.GetMetadata<TakesEnrolmentTokens>() is null ? null : accounts.ReadEnrolment(token))
        : devices.Find(token);

    /// <summary>What the Authorization header carries; null without one.</summary>
    internal static string? BearerOf(HttpRequest request)
    {
        const string bearer = "Bearer ";
        var header = request.Headers.Authorization.ToString();
        return header.Length == 0 ? null : header.StartsWith(bearer, StringComparison.OrdinalIgnoreCase) ? header[bearer.Length..].Trim() : header;
    }

    private string? Token()
    {
        // The local commands' secret is no caller's; their endpoints look at it themselves.
        if (Request.Path.StartsWithSegments(Operations.LocalEndpoints.Path)) return null;
        if (BearerOf(Request) is { } given) return given;
        return Request.Path.StartsWithSegments("/hub") && Request.Query["access_token"].ToString() is { Length: > 0 } query ? query : null;
    }

    // Ports are compared as browsers write them, left out where the scheme implies them: behind a proxy that ends TLS the scheme here is not the visitor's.
    private bool OriginIsOurs() =>
        Request.Headers.Origin.ToString() is not { Length: > 0 } origin
        || (Uri.TryCreate(origin, UriKind.Absolute, out var from)
            && string.Equals(from.Host, Request.Host.Host, StringComparison.OrdinalIgnoreCase)
            && (from.IsDefaultPort ? null : from.Port) == Request.Host.Port);

    /// <summary>How the pages' cookies are kept: from scripts and from other sites' requests.</summary>
    public static CookieOptions CookieOptions(HttpContext http, DateTimeOffset? expires) =>
        new() { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = http.Request.IsHttps, Path = "/", Expires = expires, IsEssential = true };

    private static AuthenticateResult Success(Caller caller) =>
        AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new CallerIdentity(caller, Name)), Name));
}
