using HallOps.Silo;
using HallOps.Silo.Embedded;
using HallOps.Silo.Journal;
using HallOps.Web.Storage;

namespace HallOps.Web.Operations;

/// <summary>The engines that this build has.</summary>
internal static class Engines
{
#if ENGINE_ORLEANS
    public static bool HasCluster => true;

    /// <exception cref="StartRefusedException">The cluster cannot be joined.</exception>
    public static async Task<IEngine> OpenAsync(Settings settings, IJournal journal, HallClock clock, EngineOptions options, ILoggerFactory loggers, IConfirmedEvents? told, Func<IVisitRecords> visits, CancellationToken cancel)
    {
        if (settings.Cluster is not { } cluster) return await OneProcessAsync(journal, clock, options, loggers, told, cancel);
        var place = new Silo.Orleans.OrleansOptions(settings.Redis) { Address = cluster.Address, SiloPort = cluster.SiloPort, GatewayPort = cluster.GatewayPort };
        try
        {
            return cluster.HasSilo
                ? await Silo.Orleans.OrleansHalls.OpenSiloAsync(place, journal, clock, options, loggers, told, visits, cancel)
                : await Silo.Orleans.OrleansHalls.OpenWebAsync(place, loggers, cancel);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested && e is not StartRefusedException)
        {
            var why = e.Message.ReplaceLineEndings(" ").TrimEnd('.');
            throw new StartRefusedException(cluster.HasSilo
                ? $"This silo cannot join its cluster at {cluster.Address}, ports {cluster.SiloPort} and {cluster.GatewayPort} ({why})."
                : $"No silo of the halls in the Redis at {settings.Journal.Name} answers ({why}): start one with --role silo.", e);
        }
    }
#else
    public static bool HasCluster => false;

    public static Task<IEngine> OpenAsync(Settings settings, IJournal journal, HallClock clock, EngineOptions options, ILoggerFactory loggers, IConfirmedEvents? told, Func<IVisitRecords> visits, CancellationToken cancel) =>
        OneProcessAsync(journal, clock, options, loggers, told, cancel);
#endif

    private static async Task<IEngine> OneProcessAsync(IJournal journal, HallClock clock, EngineOptions options, ILoggerFactory loggers, IConfirmedEvents? told, CancellationToken cancel) =>
        await EmbeddedHalls.OpenAsync(journal, clock, options, loggers.CreateLogger<EmbeddedHalls>(), told, cancel);
}
