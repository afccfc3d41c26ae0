using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Web.Problems;
using HallOps.Web.Tickets;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.SignalR;

namespace HallOps.Web.Hub;

/// <summary>The hub of API.md: who watches is answered with a snapshot, then told what changes. Nothing is written through it but what devices say of themselves.</summary>
public sealed class HallHub(IHalls halls, TicketTokens tokens, ScreenConnections connections, ScreenFrames frames, DeviceReports devices, SpokenAnnouncements spoken, TimeProvider time, ILogger<HallHub> log) : Hub<IScreen>
{
    /// <summary>More than any page shows; a bound on what one connection can make halls keep for it.</summary>
    public const int MaxTopics = 64;

    private const int MaxVersionLength = 64;

    public Task WatchHall(string hall) => WatchAsync(new Topic(TopicKind.Hall, new HallId(hall)), Act.ReadPublic, "UnknownHall");

    public Task WatchZone(string hall, string zone) => WatchAsync(new Topic(TopicKind.Zone, new HallId(hall), zone), Act.ReadPublic, "UnknownZone");

    public Task WatchWindow(string hall, string window) => WatchAsync(new Topic(TopicKind.Window, new HallId(hall), window), Act.ReadPublic, "UnknownWindow");

    public Task WatchFloor(string hall) => WatchAsync(new Topic(TopicKind.Floor, new HallId(hall)), Act.WatchFloor, "UnknownHall");

    public Task WatchTicket(string token) =>
        tokens.TryRead(token ?? "", out var ticket) && halls.Find(ticket.Hall) is { } hall
            ? WatchAsync(new Topic(TopicKind.Ticket, hall.Hall, Ticket: ticket), Act.ReadTicket, "UnknownTicket")
            : throw Refused("UnknownTicket");

    public void Unwatch(string topic)
    {
        if (Screen.Topics.Keys.FirstOrDefault(t => t.ToString() == topic) is { } watched) Screen.Unwatch(watched);
    }

    /// <param name="startedAt">When the device began to speak; only that it did is kept.</param>
    public void Announced(long id, DateTimeOffset startedAt)
    {
        _ = startedAt;
        var device = Device;
        spoken.Add(device.Hall, device.Zone, id);
    }

    public void Report(DeviceSays says)
    {
        var device = Device;
        if (says is null || says.Version?.Length > MaxVersionLength) throw Refused("BadField");
        devices.Report(device, says);
    }

    public override Task OnConnectedAsync()
    {
        var connection = connections.Find(Context.ConnectionId) ?? throw new InvalidOperationException("A connection is known before its hub is.");
        var viewer = Caller;
        Context.Items[typeof(ScreenConnection)] = new ScreenConnection(
            (message, cancel) => frames.Of(message, viewer) is { } frame ? connection.WriteAsync(frame, cancel) : ValueTask.CompletedTask, connection.Abort, devices, time, log);
        // Runs at once where the account or device has ended since the request was let in.
        Context.Items[typeof(CancellationTokenRegistration)] = viewer.Ended.Register(connection.Abort);
        if (ExpiresAt is { } over)
        {
            var left = over - time.GetUtcNow();
            Context.Items[typeof(ITimer)] = time.CreateTimer(_ => connection.Abort(), null, left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
        return Task.CompletedTask;
    }

    public override async Task OnDisconnectedAsync(Exception? exception)
    {
        if (Context.Items.TryGetValue(typeof(ITimer), out var over)) await ((ITimer)over!).DisposeAsync();
        if (Context.Items.TryGetValue(typeof(CancellationTokenRegistration), out var ended)) await ((CancellationTokenRegistration)ended!).DisposeAsync();
        if (Context.Items.TryGetValue(typeof(ScreenConnection), out var screen)) await ((ScreenConnection)screen!).DisposeAsync();
    }

    private Caller Caller => Context.User is { } user ? Web.Caller.Of(user) : Web.Caller.Anonymous;

    /// <summary>When the session that the connection was opened with is over; null for devices and visitors, who have none.</summary>
    private DateTimeOffset? ExpiresAt => Context.GetHttpContext()?.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult?.Properties?.ExpiresUtc;

    private DevicePlace Device => Caller.Device ?? throw Refused("DevicesOnly");

    private ScreenConnection Screen => (ScreenConnection)Context.Items[typeof(ScreenConnection)]!;

    private async Task WatchAsync(Topic topic, Act act, string unknown)
    {
        if (Rights.Against(Caller, topic.Hall, act) is { } no) throw Refused(no.Code);
        if (halls.Find(topic.Hall) is null) throw Refused("UnknownHall");
        if (Screen.Topics.Count >= MaxTopics && !Screen.Topics.ContainsKey(topic)) throw Refused("TooManyTopics");
        try
        {
            if (!await Screen.WatchAsync(halls, topic, Context.ConnectionAborted)) throw Refused(unknown);
        }
        catch (HallUnavailableException e)
        {
            throw Refused(e.Status.ToString());
        }
    }

    private static HubException Refused(string code) => new($"{code}: {Sentences.Of(code).Detail}");
}

/// <summary>What the server sends. Written by pumps, so these methods are here for their names and shapes only.</summary>
public interface IScreen
{
    Task Snapshot(string topic, long sequence, object state);
    Task Change(string topic, long from, long to, object changes);
    Task Announce(string hall, string? zone, AnnouncedCall call);
    Task Heartbeat(string topic, long sequence);
}

/// <summary>One connection: its mailbox, its pump, what it watches. Its methods are called one at a time, as the hub's are.</summary>
public sealed class ScreenConnection : IAsyncDisposable
{
    private readonly CancellationTokenSource _closed = new();
    private readonly ScreenMailbox _mailbox;
    private readonly DeviceReports _devices;
    private readonly Task _pump;
    private readonly Dictionary<Topic, IDisposable> _topics = [];

    public ScreenConnection(Func<FeedMessage, CancellationToken, ValueTask> send, Action drop, DeviceReports devices, TimeProvider time, ILogger log)
    {
        _mailbox = new ScreenMailbox(time);
        _devices = devices;
        _pump = Task.Run(() => new ScreenPump(_mailbox, send, drop, time, log).RunAsync(_closed.Token));
    }

    public IReadOnlyDictionary<Topic, IDisposable> Topics => _topics;

    /// <summary>Watches a topic anew, from a snapshot on; false when there is no such thing.</summary>
    public async ValueTask<bool> WatchAsync(IHalls halls, Topic topic, CancellationToken cancel)
    {
        Unwatch(topic);
        _mailbox.Open(topic);
        IDisposable? watching = null;
        try
        {
            watching = await halls.WatchAsync(topic, _mailbox, cancel);
        }
        finally
        {
            if (watching is null) _mailbox.Close(topic);
        }
        if (watching is null) return false;
        _topics[topic] = watching;
        if (topic.Kind == TopicKind.Floor) _devices.Watch(topic, _mailbox);
        return true;
    }

    public void Unwatch(Topic topic)
    {
        if (!_topics.Remove(topic, out var watching)) return;
        watching.Dispose();
        if (topic.Kind == TopicKind.Floor) _devices.Unwatch(topic, _mailbox);
        _mailbox.Close(topic);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var topic in _topics.Keys.ToArray()) Unwatch(topic);
        await _closed.CancelAsync();
        await _pump;
        _closed.Dispose();
    }
}
