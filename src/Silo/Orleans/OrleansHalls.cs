using HallOps.Core.Halls;
using HallOps.Silo.Journal;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HallOps.Silo.Orleans;

/// <summary>
/// The engine for more than one machine: halls are grains of an Orleans cluster, each run by one silo on the journal that all silos share. This is a node's side of it: a web node, which runs no
/// halls, or a silo with one.
/// </summary>
public sealed partial class OrleansHalls : IEngine, IPresence
{
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(2);

    private static readonly DirectoryPage Silent = new(0, null, ["The cluster's directory does not answer."]);

    private readonly IHost _host;
    private readonly SiloHalls? _silo;
    private readonly IGrainFactory _grains;
    private readonly NodeFeeds _feeds;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private Task _renewing = Task.CompletedTask;
    private long _version;
    private volatile Known _known = new([]);
    private volatile IReadOnlyList<string> _elsewhere = [];
    private Task? _looking;
    private bool _disposed;

    private OrleansHalls(IHost host, SiloHalls? silo, ILogger log)
    {
        (_host, _silo, _log) = (host, silo, log);
        _grains = host.Services.GetRequiredService<IGrainFactory>();
        _feeds = new NodeFeeds(_grains);
    }

    /// <summary>Of a silo alone: a web node has no journal to fail.</summary>
    public Task Fatal => _silo?.Runner.Fatal ?? Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _stop.Token);

    /// <summary>Halls in memory here.</summary>
    public int Resident => _silo?.Runner.Resident ?? 0;

    internal HallRunner? Runner => _silo?.Runner;

    internal IGrainFactory Grains => _grains;

    /// <summary>Joins the cluster as a silo that runs halls, and as a node that asks for them.</summary>
    /// <param name="journal">One a silo, all on one store.</param>
    /// <param name="told">Told every durable event of the halls that are run here: the projections.</param>
    /// <param name="visits">What tickets say once their halls have forgotten them; null: nothing.</param>
    public static async Task<OrleansHalls> OpenSiloAsync(OrleansOptions place, IJournal journal, HallClock clock, EngineOptions options, ILoggerFactory logs, IConfirmedEvents? told = null, Func<IVisitRecords>? visits = null,
        CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(place);
        ArgumentNullException.ThrowIfNull(journal);
        var log = logs.CreateLogger<OrleansHalls>();
        var halls = await journal.HallsAsync(cancel);
        var silo = new SiloHalls(new HallRunner(journal, clock, options, log, told), halls.Select(h => new HallRef(h.Number, h.Hall)));
        return await StartAsync(OrleansHosts.Silo(place, silo, visits, logs), silo, log, cancel);
    }

    /// <summary>Joins the cluster as a node that runs nothing.</summary>
    public static async Task<OrleansHalls> OpenWebAsync(OrleansOptions place, ILoggerFactory logs, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(place);
        return await StartAsync(OrleansHosts.Web(place, logs), null, logs.CreateLogger<OrleansHalls>(), cancel);
    }

    public IReadOnlyCollection<HallRef> Halls => _known.All;

    public HallRef? Find(HallId hall) => _known.ById.TryGetValue(hall, out var known) ? known : null;

    public HallRef? Find(uint number) => _known.ByNumber.TryGetValue(number, out var known) ? known : null;

    public IReadOnlyList<string> Problems => _silo?.Runner.Problems is { } here ? [.. here, .. _elsewhere.Except(here)] : _elsewhere;

    public async ValueTask<HallAnswer> SendAsync(HallId hall, HallRequest request, CancellationToken cancel = default)
    {
        if (request.Command is ConfigureHall) request = request.Numbered(hall, 0);
        else if (!await IsKnownAsync(hall)) return HallAnswer.Failed(AnswerStatus.UnknownHall);
        var answer = await Calls.ReachAsync(_grains.GetGrain<IHallGrain>(hall.Value), grain => grain.SendAsync(request), static a => a.Status == AnswerStatus.NotOwner, HallAnswer.Failed);
        if (answer.Reply is ConfiguredReply configured) Add(new HallRef(configured.Number, hall));
        // Nobody would take it; for sure it is not stored.
        return answer.Status == AnswerStatus.NotOwner ? HallAnswer.Failed(AnswerStatus.NotRecorded) : answer;
    }

    public async ValueTask<T?> ReadAsync<T>(HallId hall, HallQuery<T> query, CancellationToken cancel = default)
    {
        if (!await IsKnownAsync(hall)) return default;
        var asked = query is ReadTicket { Ticket: var ticket }
            ? Calls.ReachAsync(_grains.GetGrain<ITicketGrain>(TicketGrain.Key(hall, ticket)), static grain => grain.ReadAsync(), IsElsewhere, Unread)
            : Calls.ReachAsync(_grains.GetGrain<IHallGrain>(hall.Value), grain => grain.ReadAsync(query), IsElsewhere, Unread);
        var result = await asked.AsTask().WaitAsync(cancel);
        return result.Status == AnswerStatus.Done ? (T?)result.Value : throw new HallUnavailableException($"Hall {hall} cannot be read now.") { Status = result.Status };
    }

    public async ValueTask<IDisposable?> WatchAsync(Topic topic, IFeedSink sink, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(topic);
        return await IsKnownAsync(topic.Hall) ? await _feeds.WatchAsync(topic, sink, cancel) : null;
    }

    public Task<int> SnapshotEndedDaysAsync(CancellationToken cancel) => _silo?.Runner.SnapshotEndedDaysAsync(cancel) ?? Task.FromResult(0);

    public void Seen(HallId hall, DevicePresence device)
    {
        ArgumentNullException.ThrowIfNull(device);
        _grains.GetGrain<IWindowGrain>(WindowGrain.Key(hall, device.Window is { } window ? new WindowId(window) : null)).SeenAsync(device).Ignore();
    }

    public async Task<IReadOnlyList<DevicePresence>> PresentAsync(HallId hall, CancellationToken cancel)
    {
        if (await ReadAsync(hall, new ReadBoard(), cancel) is not { } board) return [];
        var windows = board.Windows.Select(w => (WindowId?)new WindowId(w.Window)).Append(null);
        var present = await Task.WhenAll(windows.Select(w => _grains.GetGrain<IWindowGrain>(WindowGrain.Key(hall, w)).PresentAsync().AsTask())).WaitAsync(cancel);
        return [.. present.SelectMany(d => d).OrderBy(d => d.Device, StringComparer.Ordinal)];
    }

    /// <summary>Leaves the cluster. A silo hands its halls over first: what is decided is stored, and whoever asks for them is sent elsewhere.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true)) return;
        await _stop.CancelAsync();
        await _renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await _host.StopAsync(CancellationToken.None);
        }
        catch (Exception failed)
        {
            // The journal's epochs make harmless whatever this leaves behind.
            LogLeaving(_log, failed);
        }
        if (_silo is not null) await _silo.DisposeAsync();
        if (_host is IAsyncDisposable host) await host.DisposeAsync();
        else _host.Dispose();
        _stop.Dispose();
    }

    private static bool IsElsewhere(HallResult result) => result.Status == AnswerStatus.NotOwner;

    private static HallResult Unread(AnswerStatus status) => new(AnswerStatus.JournalUnavailable, null);

    private static async Task<OrleansHalls> StartAsync(IHost host, SiloHalls? silo, ILogger log, CancellationToken cancel)
    {
        OrleansHalls? node = null;
        try
        {
            await host.StartAsync(cancel);
            node = new OrleansHalls(host, silo, log);
            silo?.Begin(node._grains, host.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToString());
            await node.LookAsync(fresh: false);
            node._renewing = node.RenewAsync();
            return node;
        }
        catch
        {
            if (node is not null) await node.DisposeAsync();
            else
            {
                if (silo is not null) await silo.DisposeAsync();
                host.Dispose();
            }
            throw;
        }
    }

    /// <summary>Asks the directory about a hall that is not known here: it may be a minute old.</summary>
    private async ValueTask<bool> IsKnownAsync(HallId hall)
    {
        if (_known.ById.ContainsKey(hall)) return true;
        await FreshAsync();
        return _known.ById.ContainsKey(hall);
    }

    /// <summary>One question at a time, whoever many ask for halls that are not there.</summary>
    private Task FreshAsync()
    {
        lock (_gate) return _looking is { IsCompleted: false } ? _looking : _looking = LookAsync(fresh: true);
    }

    private async Task LookAsync(bool fresh)
    {
        var page = await Calls.ReachAsync(_grains.GetGrain<IDirectoryGrain>(0), grain => grain.ReadAsync(Interlocked.Read(ref _version), fresh), static _ => false, static _ => Silent);
        lock (_gate)
        {
            _elsewhere = page.Problems;
            if (page.Halls is not { } halls) return;
            _version = page.Version;
            // None ever goes: one that was entered here a moment ago is not yet in the list.
            _known = new Known([.. halls.UnionBy(_known.All, h => h.Number)]);
        }
    }

    private void Add(HallRef hall)
    {
        if (_known.ById.ContainsKey(hall.Hall)) return;
        lock (_gate)
        {
            if (!_known.ById.ContainsKey(hall.Hall)) _known = new Known([.. _known.All, hall]);
        }
    }

    private async Task RenewAsync()
    {
        using var timer = new PeriodicTimer(RenewEvery, TimeProvider.System);
        while (await timer.WaitForNextTickAsync(_stop.Token))
        {
            try
            {
                await LookAsync(fresh: false);
                await _feeds.RenewAsync();
            }
            catch (Exception failed) when (!_stop.IsCancellationRequested)
            {
                LogNotRenewed(_log, failed);
            }
        }
    }

    [LoggerMessage(120, LogLevel.Warning, "This node could not renew what it watches; it tries again.")]
    private static partial void LogNotRenewed(ILogger log, Exception failed);

    [LoggerMessage(121, LogLevel.Warning, "This node left its cluster without being heard.")]
    private static partial void LogLeaving(ILogger log, Exception failed);

    private sealed class Known
    {
        public Known(HallRef[] all)
        {
            All = [.. all.OrderBy(h => h.Number)];
            ById = All.ToDictionary(h => h.Hall);
            ByNumber = All.ToDictionary(h => h.Number);
        }

        public HallRef[] All { get; }
        public Dictionary<HallId, HallRef> ById { get; }
        public Dictionary<uint, HallRef> ByNumber { get; }
    }
}
