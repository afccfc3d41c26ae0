using System.Net;
using System.Net.Sockets;

namespace HallOps.Silo.Tests.Orleans;

internal static class Ports
{
    /// <summary>Two ports that nobody has now.</summary>
    public static (int Silo, int Gateway) Free()
    {
        using var one = new TcpListener(IPAddress.Loopback, 0);
        using var other = new TcpListener(IPAddress.Loopback, 0);
        one.Start();
        other.Start();
        return (((IPEndPoint)one.LocalEndpoint).Port, ((IPEndPoint)other.LocalEndpoint).Port);
    }
}
