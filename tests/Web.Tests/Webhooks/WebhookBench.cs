using System.Data.Common;
using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Silo.Journal;
using HallOps.Web.Storage;
using HallOps.Web.Tests.Hub;
using HallOps.Web.Tests.Projections;
using HallOps.Web.Tests.Storage;
using HallOps.Web.Webhooks;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace HallOps.Web.Tests.Webhooks;

/// <summary>Two halls on a real journal, driven step by step, and webhooks behind them over the schema that the migrations make. Time is the test's; only the wire to the receivers is real.</summary>
internal sealed class WebhookBench : IAsyncDisposable
{
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("hallops-webhooks-").FullName;
    private readonly Instant? _clockStart;
    private readonly ILoggerFactory _loggers;
    private IReadOnlyList<WebhookEndpoint> _endpoints;
    private IConfirmedEvents? _told;
    private readonly Keys _keys;
    private SqlPlace _place = null!;

    private WebhookBench(WebhookEndpoint[] endpoints, Instant? clockStart, ILoggerFactory loggers)
    {
        (_endpoints, _clockStart, _loggers) = (endpoints, clockStart, loggers);
        // A folder with a journal and without keys has lost them.
        _keys = Keys.Open(new DataFolder(_folder));
        Journal = SqliteJournal.Open(_folder);
    }

    public SqliteJournal Journal { get; }

    public DrivenTime Time { get; } = new();

    public Dictionary<uint, DrivenHall> Halls { get; } = [];

    public DrivenHall Hall => Halls[1];

    public WebhookHost Host { get; private set; } = null!;

    /// <summary>By hall: another process that runs it, and is told of it.</summary>
    public Dictionary<uint, WebhookHost> RunBy { get; } = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static Task<WebhookBench> StartAsync(params WebhookEndpoint[] endpoints) => StartAsync(null, null, endpoints);

    /// <param name="clockStart">The halls' clock at each start; null: long before what the halls do.</param>
    public static Task<WebhookBench> StartAsync(Instant? clockStart, ILoggerFactory? loggers, params WebhookEndpoint[] endpoints) => StartAsync(SqlKind.Sqlite, clockStart, loggers, endpoints);

    public static async Task<WebhookBench> StartAsync(SqlKind kind, Instant? clockStart, ILoggerFactory? loggers, params WebhookEndpoint[] endpoints)
    {
        var bench = new WebhookBench(endpoints, clockStart, loggers ?? NullLoggerFactory.Instance);
        bench._place = await PostgresRun.PlaceAsync(kind, bench._folder);
        var options = new DbContextOptionsBuilder<HallOpsDb>();
        bench._place.Configure(options);
        await using (var database = new HallOpsDb(options.Options)) await Schema.PrepareAsync(database, bench._place, bench._keys, Cancel);
        await bench.OpenAsync();
        foreach (var (number, name) in new[] { (1u, "h"), (2u, "o") })
        {
            var hall = new DrivenHall(bench.Journal, number, new HallId(name), () => bench.RunBy.TryGetValue(number, out var host) ? host.Before(new Nobody()) : bench._told ?? new Nobody());
            bench.Halls.Add(number, hall);
            await hall.LoadAsync();
            await hall.ConfigureAsync();
        }
        return bench;
    }

    public async Task OpenAsync(params WebhookEndpoint[] endpoints)
    {
        if (endpoints.Length > 0) _endpoints = endpoints;
        Host = await OpenOtherAsync();
        _told = Host.Before(new Nobody());
    }

    /// <summary>Another process on the same database and journal.</summary>
    public async Task<WebhookHost> OpenOtherAsync()
    {
        var host = new WebhookHost(_endpoints, Time, _loggers);
        await host.OpenAsync(OpenDatabaseAsync, Journal, new HallClock(Time, _clockStart?.ToDateTimeOffset()), Cancel);
        host.Start();
        return host;
    }

    /// <summary>In the middle of whatever it does: what is not stored is gone, and the halls go on with nobody to tell.</summary>
    public async Task EndAsync()
    {
        _told = null;
        await Host.DisposeAsync();
    }

    /// <summary>When all that happened is stored, and all that can be delivered before time passes is.</summary>
    public async Task SettledAsync()
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        late.CancelAfter(Late);
        try
        {
            foreach (var hall in Halls.Values) await Host.Follower.CaughtUpAsync(hall.Number, hall.Sequence, late.Token);
            foreach (var pump in Host.Pumps) await pump.QuietAsync().WaitAsync(late.Token);
        }
        catch (OperationCanceledException) when (!Cancel.IsCancellationRequested)
        {
            Assert.Fail($"Webhooks were to come to rest within {Late.TotalSeconds} s; {string.Join(", ", Host.Pumps.Select(p => p.Waiting))} deliveries wait.");
        }
    }

    /// <summary>Lets time pass in steps until nothing waits, or for so long.</summary>
    public async Task PassAsync(TimeSpan most, TimeSpan? step = null)
    {
        await SettledAsync();
        for (var passed = TimeSpan.Zero; passed < most && Host.Pumps.Any(p => p.Waiting > 0); passed += step ?? TimeSpan.FromSeconds(1))
        {
            Time.Advance(step ?? TimeSpan.FromSeconds(1));
            await SettledAsync();
        }
    }

    public Task<HallAnswer?> IssueAsync(string service = "s", DrivenHall? hall = null) =>
        (hall ?? Hall).SendAsync(new IssueTicket(new ServiceId(service), null, Grants.Self, null, null, TicketSource.Kiosk, null, false, null), TimeSpan.FromSeconds(1));

    /// <summary>One after the other, each sooner than a service would begin by itself and later than a recall counts.</summary>
    public async Task SendAsync(params HallCommand[] commands)
    {
        foreach (var command in commands)
        {
            var answer = (await Hall.SendAsync(command, TimeSpan.FromSeconds(40)))!;
            Assert.True(answer.Status == AnswerStatus.Done, $"{command} was to be done and is {answer.Status} {answer.Refusal?.Code}.");
        }
    }

    private ValueTask<DbConnection> OpenDatabaseAsync(CancellationToken cancel) => _place.OpenFollowingAsync(cancel);

    /// <summary>The tables, as another process would read them.</summary>
    public WebhookStore Store() => new(OpenDatabaseAsync);

    public async Task ExecuteAsync(string sql)
    {
        await using var connection = await OpenDatabaseAsync(Cancel);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await Journal.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    private sealed class Nobody : IConfirmedEvents
    {
        public void Decided(HallState state, HallEvent @event) { }

        public void Confirmed(uint hall, long upTo) { }

        public void Loaded(HallState state) { }
    }
}
