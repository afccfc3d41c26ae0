using System.Collections.Concurrent;
using Microsoft.AspNetCore.SignalR;

namespace HallOps.Web.Hub;

/// <summary>
/// The hub's connections by id, for their pumps: a pump writes a message that was serialised once for every screen that gets it, which no client proxy can. Safe from any thread.
/// </summary>
public sealed class ScreenConnections(ILogger<DefaultHubLifetimeManager<HallHub>> log) : DefaultHubLifetimeManager<HallHub>(log)
{
    private readonly ConcurrentDictionary<string, HubConnectionContext> _connections = [];

    public HubConnectionContext? Find(string id) => _connections.GetValueOrDefault(id);

    public override Task OnConnectedAsync(HubConnectionContext connection)
    {
        _connections[connection.ConnectionId] = connection;
        return base.OnConnectedAsync(connection);
    }

    public override Task OnDisconnectedAsync(HubConnectionContext connection)
    {
        _connections.TryRemove(connection.ConnectionId, out _);
        return base.OnDisconnectedAsync(connection);
    }
}
