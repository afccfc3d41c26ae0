using System.Net;
using System.Security.Cryptography;
using System.Text;
using HallOps.Web.Problems;
using Microsoft.AspNetCore.WebUtilities;

namespace HallOps.Web.Operations;

/// <summary>What a command on the same machine shows the running server: random for each start, in <c>server.json</c>, which only the server's own user can read.</summary>
public sealed class LocalSecret
{
    public string Value { get; } = WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(32));

    /// <summary>Lets only those through who come from this machine with the secret; others learn nothing of what is here.</summary>
    public async ValueTask<object?> Only(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var shown = http.Request.Headers.Authorization.ToString();
        // A server on one address of this machine only is asked from that address.
        var local = http.Connection.RemoteIpAddress is { } address && (IPAddress.IsLoopback(address) || address.Equals(http.Connection.LocalIpAddress));
        return local && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(shown), Encoding.UTF8.GetBytes("Bearer " + Value))
            ? await next(context)
            : Problem.Of("NotFound");
    }
}
