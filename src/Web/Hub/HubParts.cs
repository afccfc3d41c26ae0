using HallOps.Silo.Feeds;
using HallOps.Web.Problems;
using Microsoft.AspNetCore.SignalR;

namespace HallOps.Web.Hub;

/// <summary>The hub at <c>/hub</c>.</summary>
public static class HubParts
{
    // What clients send is a name and a token; a stranger may not make the server hold more.
    private const int MaxMessageBytes = 4 << 10;

    public static IServiceCollection AddHallHub(this IServiceCollection services)
    {
        services.AddSingleton<ScreenConnections>();
        services.AddSingleton<HubLifetimeManager<HallHub>>(s => s.GetRequiredService<ScreenConnections>());
        services.AddSingleton<ScreenFrames>();
        services.AddSingleton<HubFailures>();
        services.AddSingleton(s => new DeviceReports(s.GetRequiredService<TimeProvider>(), () => s.GetRequiredService<Silo.IHalls>() as Silo.IPresence, s.GetRequiredService<ILogger<DeviceReports>>()));
        services.AddSingleton<SpokenAnnouncements>();
        services.AddSignalR(options =>
        {
            options.MaximumReceiveMessageSize = MaxMessageBytes;
            options.StreamBufferCapacity = 1;
            options.AddFilter<HubFailures>();
        }).AddJsonProtocol(options => FeedJson.Configure(options.PayloadSerializerOptions));
        return services;
    }

    public static void MapHallHub(this IEndpointRouteBuilder app) =>
        app.MapHub<HallHub>("/hub").Add(endpoint =>
        {
            var hub = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = http => IsOurs(http.Request) ? hub(http) : Problem.Of("BadOrigin").ExecuteAsync(http);
        });

    // A browser lets any site open a socket here with our cookie, and says so in Origin. Programs send none. The scheme is left out: behind a proxy that ends TLS it differs.
    private static bool IsOurs(HttpRequest request)
    {
        var origin = request.Headers.Origin;
        return origin.Count == 0
            || (origin.Count == 1 && Uri.TryCreate(origin[0], UriKind.Absolute, out var from) && from.Scheme is "http" or "https"
                && new HostString(from.Authority).Equals(new HostString(request.Host.Value ?? "")));
    }
}
