using System.Globalization;
using HallOps.Silo;
using HallOps.Silo.Journal;
using HallOps.Silo.Orleans;
using Microsoft.Extensions.Logging.Abstractions;

/// <summary>A silo of the Orleans engine as a process of its own, to be killed, cut off and stopped by the tests of F29.</summary>
internal static class SiloChild
{
    /// <param name="args">The address of Redis, the prefix of the journal's keys, the cluster's name, the silo's port and its gateway's.</param>
    public static async Task<int> RunAsync(string[] args)
    {
        var (redis, prefix, cluster, silo, gateway) = (args[0], args[1], args[2], int.Parse(args[3], CultureInfo.InvariantCulture), int.Parse(args[4], CultureInfo.InvariantCulture));
        await using var journal = await RedisJournal.OpenAsync(redis, new RedisJournalOptions { Prefix = prefix, ConnectWithin = TimeSpan.FromSeconds(20) });
        var place = new OrleansOptions(redis, cluster) { SiloPort = silo, GatewayPort = gateway, ProbeEvery = TimeSpan.FromSeconds(1) };
        await using var halls = await OrleansHalls.OpenSiloAsync(place, journal, new HallClock(TimeProvider.System), EngineOptions.Default, NullLoggerFactory.Instance);
        Console.WriteLine("ready");
        // A line, or the end of the test that started it.
        var told = Task.Run(Console.In.ReadLineAsync);
        return await Task.WhenAny(told, halls.Fatal) == told ? 0 : 6;
    }
}
