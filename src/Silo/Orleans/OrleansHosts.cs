using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Serialization;
using Orleans.Serialization.Cloning;
using Orleans.Serialization.Serializers;
using StackExchange.Redis;

namespace HallOps.Silo.Orleans;

/// <summary>The hosts of Orleans' runtime: one a process, beside the web server's own.</summary>
internal static class OrleansHosts
{
    /// <summary>Where presence is kept.</summary>
    public const string Store = "halls";

    public static IHost Silo(OrleansOptions place, SiloHalls halls, Func<IVisitRecords>? visits, ILoggerFactory logs)
    {
        var builder = Builder(logs);
        builder.Services.AddSingleton(halls);
        if (visits is not null) builder.Services.AddSingleton(_ => visits());
        builder.UseOrleans(silo =>
        {
            silo.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (place.Cluster, place.Cluster));
            silo.Configure<SiloMessagingOptions>(o => o.ResponseTimeout = place.AnswerWithin);
            silo.Configure<ClusterMembershipOptions>(o =>
            {
                o.ProbeTimeout = place.ProbeEvery;
                o.NumMissedProbesLimit = 3;
                // The journal's epochs make it harmless to give up a silo that lives: what counts is how soon its halls go on.
                o.NumVotesForDeathDeclaration = 1;
                o.TableRefreshTimeout = place.ProbeEvery * 5;
            });
            if (place.Redis is not { } redis)
            {
                silo.UseLocalhostClustering(place.SiloPort, place.GatewayPort, null, place.Cluster, place.Cluster).AddMemoryGrainStorage(Store);
                return;
            }
            silo.Configure<EndpointOptions>(o => (o.AdvertisedIPAddress, o.SiloPort, o.GatewayPort) = (place.Address, place.SiloPort, place.GatewayPort));
            silo.UseRedisClustering(o => o.ConfigurationOptions = ConfigurationOptions.Parse(redis))
                .UseRedisGrainDirectoryAsDefault(o => o.ConfigurationOptions = ConfigurationOptions.Parse(redis))
                .AddRedisGrainStorage(Store, o => o.ConfigurationOptions = ConfigurationOptions.Parse(redis));
        });
        return builder.Build();
    }

    public static IHost Web(OrleansOptions place, ILoggerFactory logs)
    {
        var builder = Builder(logs);
        builder.UseOrleansClient(client =>
        {
            client.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (place.Cluster, place.Cluster));
            client.Configure<ClientMessagingOptions>(o => o.ResponseTimeout = place.AnswerWithin);
            // Gateways come and go with rolling restarts.
            client.Configure<GatewayOptions>(o => o.GatewayListRefreshPeriod = place.ProbeEvery);
            // Silos may start in the same moment.
            var since = TimeProvider.System.GetTimestamp();
            client.UseConnectionRetryFilter(async (_, cancel) =>
            {
                await Task.Delay(place.ProbeEvery, TimeProvider.System, cancel);
                return TimeProvider.System.GetElapsedTime(since) < place.FindWithin;
            });
            if (place.Redis is { } redis) client.UseRedisClustering(o => o.ConfigurationOptions = ConfigurationOptions.Parse(redis));
            else client.UseLocalhostClustering(place.GatewayPort, place.Cluster, place.Cluster);
        });
        return builder.Build();
    }

    private static HostApplicationBuilder Builder(ILoggerFactory logs)
    {
        // Nothing of the machine's settings is read: what a node is, its options say.
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton(logs);
        builder.Services.AddSingleton<WireCodec>();
        builder.Services.AddSingleton<IGeneralizedCodec>(s => s.GetRequiredService<WireCodec>());
        builder.Services.AddSingleton<IGeneralizedCopier>(s => s.GetRequiredService<WireCodec>());
        builder.Services.AddSingleton<ITypeFilter>(s => s.GetRequiredService<WireCodec>());
        return builder;
    }
}
