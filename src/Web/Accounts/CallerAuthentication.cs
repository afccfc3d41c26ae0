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

    /// <summary>
    /// What a device's page says it is, in a header of its requests and as <c>device</c> in the hub's query: of the cookies that a browser has, that device's counts then, before an account's. So
    /// one browser can show a kiosk, a pad and a counter beside each other. It chooses among what the browser holds and gives nothing.
    /// </summary>
    public const string DeviceHeader = "HallOps-Device";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Token() is { } token)
            return Task.FromResult(Read(token) ?? AuthenticateResult.Fail("The token is not good."));
        // SameSite=Strict keeps other sites' requests without the cookie; the origin is compared as well, for browsers that do not know it.
        if (OriginIsOurs())
        {
            if (KindAsked() is { } kind && DeviceOf(kind) is { } asked) return Task.FromResult(Success(asked));
            if (Request.Cookies[Cookie] is { } cookie && accounts.Read(cookie) is { } page) return Task.FromResult(Success(page.Caller, page.ExpiresAt));
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

    /// <returns>Null: the token is not good.</returns>
    private AuthenticateResult? Read(string token)
    {
        var isEnrolment = token.StartsWith(AccountTokens.EnrolmentPrefix, StringComparison.Ordinal);
        if (!isEnrolment && !token.StartsWith(AccountTokens.Prefix, StringComparison.Ordinal)) return devices.Find(token) is { } device ? Success(device) : null;
        if (isEnrolment && Context.GetEndpoint()?.Metadata.GetMetadata<TakesEnrolmentTokens>() is null) return null;
        return (isEnrolment ? accounts.ReadEnrolment(token) : accounts.Read(token)) is { } account ? Success(account.Caller, account.ExpiresAt) : null;
    }

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

    /// <summary>The cookie of the last device of a kind that a browser was enrolled as.</summary>
    public static string CookieOf(DeviceKind kind) => $"{DeviceCookie}-{kind.ToString().ToLowerInvariant()}";

    private Caller? DeviceOf(DeviceKind kind)
    {
        foreach (var name in (ReadOnlySpan<string>)[CookieOf(kind), DeviceCookie])
            if (Request.Cookies[name] is { } token && devices.Find(token) is { Device: { } device } caller && device.Kind == kind) return caller;
        return null;
    }

    // A page's own request says it by the page's path.
    private DeviceKind? KindAsked()
    {
        var asked = Request.Headers[DeviceHeader].ToString() is { Length: > 0 } header ? header
            : Request.Path.StartsWithSegments("/hub") ? Request.Query["device"].ToString()
            : Request.Path.Value?.Split('/', 3) is ["", var first, ..] ? first : "";
        return asked switch { "kiosk" => DeviceKind.Kiosk, "board" => DeviceKind.Board, "window" => DeviceKind.Window, "pad" => DeviceKind.Pad, "staff" => DeviceKind.Staff, _ => null };
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

    /// <param name="expires">When what the caller showed is over; null: not before the caller ends.</param>
    private static AuthenticateResult Success(Caller caller, DateTimeOffset? expires = null) =>
        AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new CallerIdentity(caller, Name)), expires is null ? null : new AuthenticationProperties { ExpiresUtc = expires }, Name));
}
