using System.Globalization;
using System.Net;
using HallOps.Web.Storage;

namespace HallOps.Web.Operations;

/// <summary>What one of several processes does.</summary>
public enum NodeRole
{
    /// <summary>Runs halls, and serves people and devices.</summary>
    All,

    /// <summary>Runs halls.</summary>
    Silo,

    /// <summary>Serves people and devices, and asks the silos.</summary>
    Web,
}

/// <summary>This process's place among several that run the halls together.</summary>
/// <param name="Address">Where the others reach this silo.</param>
/// <param name="SiloPort">For other silos.</param>
/// <param name="GatewayPort">For web nodes.</param>
public sealed record ClusterSettings(NodeRole Role, IPAddress Address, int SiloPort, int GatewayPort)
{
    public const string RoleSetting = "HallOps:Role";

    private const string Section = "HallOps:Cluster";

    public static IReadOnlyList<string> Names { get; } = [RoleSetting, $"{Section}:Address", $"{Section}:SiloPort", $"{Section}:GatewayPort"];

    public bool HasSilo => Role != NodeRole.Web;

    /// <summary>Null: one process is everything.</summary>
    /// <param name="isShared">Whether journal, SQL side and keys are where several processes reach them.</param>
    /// <exception cref="StartRefusedException">A setting is wrong, or this build has one process only.</exception>
    internal static ClusterSettings? Read(IConfiguration all, bool isShared, bool hasClock)
    {
        if (all[RoleSetting] is not { Length: > 0 } text)
            return Names.FirstOrDefault(n => all[n] is { Length: > 0 }) is { } lone ? throw new StartRefusedException($"{lone} is set, but the halls run in one process: set {RoleSetting} (--role), or leave it out.") : null;
        if (!Enum.TryParse<NodeRole>(text, ignoreCase: true, out var role) || int.TryParse(text, out _)) throw new StartRefusedException($"{RoleSetting} (--role) must be silo, web or all, was \"{text}\".");
        if (!Engines.HasCluster) throw new StartRefusedException($"{RoleSetting} (--role) is for the program built with -p:Engine=orleans; this one runs its halls in one process: leave it out. A second process stands by.");
        if (!isShared) throw new StartRefusedException($"{RoleSetting} (--role) is set, but several processes serve together only on what they share: set {JournalPlace.Setting}, {PostgresSetting.Name} and HallOps:KeySecret.");
        if (hasClock) throw new StartRefusedException($"HallOps:Clock is for one process: leave it or {RoleSetting} (--role) out.");
        var address = IPAddress.Loopback;
        if (all[$"{Section}:Address"] is { Length: > 0 } given && (!IPAddress.TryParse(given, out address!) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)))
            throw new StartRefusedException($"{Section}:Address must be this machine's address as the others reach it, like 10.0.0.5, was \"{given}\".");
        return new ClusterSettings(role, address, Port("SiloPort", 11111), Port("GatewayPort", 30000));

        int Port(string name, int otherwise) => all[$"{Section}:{name}"] switch
        {
            null or "" => otherwise,
            var port when int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= IPEndPoint.MaxPort => number,
            var port => throw new StartRefusedException($"{Section}:{name} must be a port from 1 to {IPEndPoint.MaxPort}, was \"{port}\"."),
        };
    }
}
