using HallOps.Web.Accounts;
using HallOps.Web.Operations;
using HallOps.Web.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HallOps.Web.Devices;

/// <summary>One-time links for devices, what is made of them, and the devices there are.</summary>
public static class DeviceEndpoints
{
    public static void AddDevices(this IServiceCollection services) => services.AddSingleton<DeviceDirectory>().AddScoped<DeviceBook>();

    public static void MapDevices(this IEndpointRouteBuilder api)
    {
        api.MapPost("/devices/links", LinkAsync).Accepts<LinkBody>("application/json");
        api.MapPost("/devices/redeem", RedeemAsync).AllowAnonymous().RequireRateLimiting(Limits.SignIn).Accepts<RedeemBody>("application/json");
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
        if (await book.RedeemAsync(body.Secret ?? "", http.RequestAborted) is not { } device) return Problem.Of("UnknownLink");
        // 400 days is the longest that browsers keep a cookie; a device is enrolled anew once a year.
        if (cookie) http.Response.Cookies.Append(CallerAuthentication.DeviceCookie, device.Token, CallerAuthentication.CookieOptions(http, time.GetUtcNow().AddDays(400)));
        return TypedResults.Ok(device);
    }

    private static async Task<Results<Ok<IReadOnlyList<DeviceView>>, Problem>> ListAsync(HttpContext http, DeviceBook book) =>
        http.AdminSomewhere(out var admin) is { } refused ? refused : TypedResults.Ok(await book.ListAsync(admin, http.RequestAborted));

    private static async Task<Results<NoContent, Problem>> RemoveAsync(HttpContext http, DeviceBook book, string id)
    {
        if (http.AdminSomewhere(out var admin) is { } refused) return refused;
        return await book.RemoveAsync(admin, id, http.RequestAborted) ? TypedResults.NoContent() : Problem.Of("UnknownDevice");
    }
}
