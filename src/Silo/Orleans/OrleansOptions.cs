using System.Net;

namespace HallOps.Silo.Orleans;

/// <summary>Where a node stands in its cluster.</summary>
/// <param name="Redis">Membership, directory and presence: <c>host:port,password=…</c>; null: a cluster of one silo on this machine, which keeps them in memory.</param>
/// <param name="Cluster">Nodes of one name find each other.</param>
public sealed record OrleansOptions(string? Redis, string Cluster = "hallops")
{
    /// <summary>Where other nodes reach this silo.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>For other silos.</summary>
    public int SiloPort { get; init; } = 11111;

    /// <summary>For web nodes.</summary>
    public int GatewayPort { get; init; } = 30000;

    /// <summary>A silo that misses three probes in a row, each this long, is given up by the others, and its halls go to them.</summary>
    public TimeSpan ProbeEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a node that starts looks for a silo.</summary>
    public TimeSpan FindWithin { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A call that is not answered within this is of unknown outcome.</summary>
    public TimeSpan AnswerWithin { get; init; } = TimeSpan.FromSeconds(10);
}
