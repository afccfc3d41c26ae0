using HallOps.Web.Accounts;
using HallOps.Web.Operations;
using HallOps.Web.Problems;
using HallOps.Web.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HallOps.Web.Devices;

/// <summary>How devices come to be, by a link or by a code, their tokens, and the devices there are.</summary>
public static class DeviceEndpoints
{
    public static void AddDevices(this IServiceCollection services) =>
        services.AddSingleton<DeviceDirectory>().AddSingleton<IHearsNews>(s => s.GetRequiredService<DeviceDirectory>()).AddScoped<PendingDevices>().AddScoped<DeviceBook>().AddScoped<DeviceEnrolment>();

    public static void MapDevices(this IEndpointRouteBuilder api)
    {
        api.MapPost("/devices/links", LinkAsync).Accepts<LinkBody>("application/json");
        api.MapPost("/devices/redeem", RedeemAsync).AllowAnonymous().RequireRateLimiting(Limits.SignIn).Accepts<RedeemBody>("application/json");
        api.MapPost("/devices/enrol", EnrolAsync).AllowAnonymous().RequireRateLimiting(Limits.SignIn).Accepts<EnrolBody>("application/json");
        api.MapPost("/devices/enrol/poll", PollAsync).AllowAnonymous().RequireRateLimiting(Limits.Poll).Accepts<RedeemBody>("application/json");
        api.MapPost("/devices/confirm", ConfirmAsync).Accepts<ConfirmBody>("application/json");
        api.MapPost("/devices/refresh", RefreshAsync);
        api.MapGet("/devices", ListAsync);
        api.MapDelete("/devices/{id}", RemoveAsync);
    }

    private static async Task<Results<Created<LinkView>, Problem>> LinkAsync(HttpContext http, DeviceBook book)
    {
        if (http.AdminSomewhere(out var admin) is { } refused) return refused;
        var (body, wrong) = await http.ReadBodyAsync<LinkBody>();
        if (body is null) return wrong!;
        var (link, problem) = await book.LinkAsync(admin, body, http.RequestAborted);
        http.Response.Headers.CacheControl = "no-store";
        return link is null ? problem! : TypedResults.Created((string?)null, link);
    }

    private static async Task<Results<Ok<EnrolledDevice>, Problem>> RedeemAsync(HttpContext http, DeviceBook book, TimeProvider time, bool cookie = false)
    {
        var (body, wrong) = await http.ReadBodyAsync<RedeemBody>();
        if (body is null) return wrong!;
        http.Response.Headers.CacheControl = "no-store";
        return await book.RedeemAsync(body.Secret ?? "", http.RequestAborted) is { } device ? Welcome(http, device, cookie, time) : Problem.Of("UnknownLink");
    }

    private static Ok<EnrolledDevice> Welcome(HttpContext http, EnrolledDevice device, bool cookie, TimeProvider time)
    {
        if (cookie) Keep(http, device, time);
        return TypedResults.Ok(device);
    }

    /// <summary>Makes the browser the device.</summary>
    internal static void Keep(HttpContext http, EnrolledDevice device, TimeProvider time)
    {
        // 400 days is the longest that browsers keep a cookie; an exchange of the token begins them anew.
        var options = CallerAuthentication.CookieOptions(http, time.GetUtcNow().AddDays(400));
        http.Response.Cookies.Append(CallerAuthentication.DeviceCookie, device.Token, options);
        http.Response.Cookies.Append(CallerAuthentication.CookieOf(device.Kind), device.Token, options);
    }

    private static async Task<Results<Ok<EnrolmentBegun>, Problem>> EnrolAsync(HttpContext http, DeviceEnrolment enrolment)
    {
        var (body, wrong) = await http.ReadBodyAsync<EnrolBody>();
        if (body is null) return wrong!;
        var (begun, problem) = await enrolment.BeginAsync(body, http.RequestAborted);
        http.Response.Headers.CacheControl = "no-store";
        return begun is null ? problem! : TypedResults.Ok(begun);
    }

    private static async Task<Results<Ok<DeviceConfirmed>, Problem>> ConfirmAsync(HttpContext http, DeviceEnrolment enrolment)
    {
        if (http.AdminSomewhere(out var admin) is { } refused) return refused;
        var (body, wrong) = await http.ReadBodyAsync<ConfirmBody>();
        if (body is null) return wrong!;
        var (confirmed, problem) = await enrolment.ConfirmAsync(admin, body, http.RequestAborted);
        return confirmed is null ? problem! : TypedResults.Ok(confirmed);
    }

    private static async Task<Results<Ok<EnrolledDevice>, Accepted<EnrolmentPending>, Problem>> PollAsync(HttpContext http, DeviceEnrolment enrolment, TimeProvider time, bool cookie = false)
    {
        var (body, wrong) = await http.ReadBodyAsync<RedeemBody>();
        if (body is null) return wrong!;
        // Not cancelled with the request: the device is made and its secret spent, whoever listens.
        var (enrolled, pending) = await enrolment.PollAsync(body.Secret ?? "", CancellationToken.None);
        http.Response.Headers.CacheControl = "no-store";
        if (pending is not null) return TypedResults.Accepted((string?)null, pending);
        return enrolled is not null ? Welcome(http, enrolled, cookie, time) : Problem.Of("UnknownLink");
    }

    private static async Task<Results<Ok<EnrolledDevice>, Problem>> RefreshAsync(HttpContext http, DeviceBook book, TimeProvider time, bool cookie = false)
    {
        var caller = Caller.Of(http.User);
        if (caller.IsAnonymous) return Problem.Of("SignInNeeded");
        if (caller.Device is not { } device) return Problem.Of("NotAllowed");
        http.Response.Headers.CacheControl = "no-store";
        var presented = CallerAuthentication.BearerOf(http.Request) ?? http.Request.Cookies[CallerAuthentication.CookieOf(device.Kind)] ?? http.Request.Cookies[CallerAuthentication.DeviceCookie] ?? "";
        return await book.RefreshAsync(device.Id, presented, http.RequestAborted) is { } fresh ? Welcome(http, fresh, cookie, time) : Problem.Of("UnknownDevice");
    }

    private static async Task<Results<Ok<IReadOnlyList<DeviceView>>, Problem>> ListAsync(HttpContext http, DeviceBook book) =>
        http.AdminSomewhere(out var admin) is { } refused ? refused : TypedResults.Ok(await book.ListAsync(admin, http.RequestAborted));

    private static async Task<Results<NoContent, Problem>> RemoveAsync(HttpContext http, DeviceBook book, string id)
    {
        if (http.AdminSomewhere(out var admin) is { } refused) return refused;
        return await book.RemoveAsync(admin, id, http.RequestAborted) ? TypedResults.NoContent() : Problem.Of("UnknownDevice");
    }
}
