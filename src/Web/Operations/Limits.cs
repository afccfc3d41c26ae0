using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using HallOps.Web.Problems;
using Microsoft.AspNetCore.RateLimiting;

namespace HallOps.Web.Operations;

/// <summary>How often somebody may ask: what is above is 429 with <c>Retry-After</c>. Off for tests and load by <c>HallOps:Limits:Off</c>.</summary>
public static class Limits
{
    /// <summary>The policy of calls that issue numbers: 60 a minute an address for anonymous callers.</summary>
    public const string Issue = "issue";

    /// <summary>The policy of calls that try a secret: 20 a minute an address.</summary>
    public const string SignIn = "sign-in";

    /// <summary>The policy of devices that ask whether they are confirmed: a hall sets up many behind one address, each asking every few seconds.</summary>
    public const string Poll = "poll";

    /// <summary>The policy of calls that try an appointment's code: 20 a minute an address for anonymous callers.</summary>
    public const string AppointmentCode = Appointments.AppointmentEndpoints.CodeLimit;

    public static void AddLimits(this IServiceCollection services, bool off) => services.AddRateLimiter(options =>
    {
        options.AddPolicy(SignIn, http => off ? Free() : PerAddress(http, 20));
        options.AddPolicy(Poll, http => off ? Free() : PerAddress(http, 600));
        options.AddPolicy(Issue, http => off || !Caller.Of(http.User).IsAnonymous ? Free() : PerAddress(http, 60));
        options.AddPolicy(AppointmentCode, http => off || !Caller.Of(http.User).IsAnonymous ? Free() : PerAddress(http, 20));
        options.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(http => off || Caller.Of(http.User) is not { IsAnonymous: false } caller ? Free()
            : RateLimitPartition.GetFixedWindowLimiter(caller.Id, _ => new FixedWindowRateLimiterOptions { PermitLimit = 50, Window = TimeSpan.FromSeconds(1) }));
        options.OnRejected = (rejected, _) =>
        {
            var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromSeconds(1);
            rejected.HttpContext.Response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            return new ValueTask(Problem.Of("TooManyRequests").ExecuteAsync(rejected.HttpContext));
        };
    });

    private static RateLimitPartition<string> Free() => RateLimitPartition.GetNoLimiter("");

    private static RateLimitPartition<string> PerAddress(HttpContext http, int aMinute) =>
        RateLimitPartition.GetFixedWindowLimiter(Network(http.Connection.RemoteIpAddress), _ => new FixedWindowRateLimiterOptions { PermitLimit = aMinute, Window = TimeSpan.FromMinutes(1) });

    // One subscriber has a whole /64 of IPv6 addresses (RFC 6177) and would else have as many windows.
    private static string Network(IPAddress? address)
    {
        if (address is null) return "";
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8)) : address.ToString();
    }
}
