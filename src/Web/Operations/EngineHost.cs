using HallOps.Silo;
using HallOps.Silo.Journal;
using HallOps.Silo.Projections;
using HallOps.Silo.Scheduling;
using HallOps.Web.Storage;

namespace HallOps.Web.Operations;

/// <summary>
/// Opens the journal, the engine on it, the schedule that pokes it and what follows it, in this order, and closes them the other way round. They are there from the start of this host on. What follows the halls is where
/// halls run; a node that runs none has the rest.
/// </summary>
internal sealed partial class EngineHost(
    Settings settings, JournalPlace journalPlace, Keys keys, SqlPlace place, FolderHost held, Accounts.HallRegions regions, SqliteJournalOptions journalOptions, TimeProvider time, IHostApplicationLifetime lifetime, ILoggerFactory loggers,
    IEnumerable<IHousekeeping> housekeeping, Calendars.HolidayFile holidays, Func<IVisitRecords> visits, Webhooks.WebhookHost? webhooks = null) : IHostedService, IAsyncDisposable
{
    private readonly ILogger _log = loggers.CreateLogger<EngineHost>();
    private IJournal? _journal;
    private HallClock? _clock;
    private ReportProjection? _projection;
    private Roller? _roller;
    private IEngine? _halls;
    private PokeSchedule? _schedule;
    private ITimer? _looking;

    // Other processes list halls too: their moments are read again.
    private static readonly TimeSpan LookEvery = TimeSpan.FromMinutes(1);

    public IJournal Journal => _journal ?? throw NotStarted();

    public IHalls Halls => _halls ?? throw NotStarted();

    public HallClock Clock => _clock ?? throw NotStarted();

    /// <summary>Null on a node that runs no halls.</summary>
    public ReportProjection? Projection => _projection;

    public Roller Roller => _roller ?? throw NotStarted();

    public PokeSchedule Schedule => _schedule ?? throw NotStarted();

    /// <summary>The journal failed for good: the process ends, and not with success.</summary>
    public bool Failed { get; private set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var notices = holidays.Load();
        _journal = await journalPlace.OpenAsync(keys, journalOptions);
        _clock = held.Clock is { } mark ? new HallClock(time, mark.At(time.GetUtcNow()), mark.Speed) : new HallClock(time);
        _schedule = new PokeSchedule(_clock, loggers);
        var runsHalls = settings.Cluster is not { HasSilo: false };
        IConfirmedEvents? told = null;
        if (runsHalls)
        {
            _projection = new ReportProjection(place.OpenFollowingAsync, _journal, time, loggers.CreateLogger<ReportProjection>(), listed: _schedule);
            if (webhooks is not null) await webhooks.OpenAsync(place.OpenFollowingAsync, _journal, _clock, cancellationToken);
            told = regions.Before(webhooks?.Before(_projection) ?? _projection);
        }
        _halls = await Engines.OpenAsync(settings, _journal, _clock, EngineOptions.Default with { Actor = new HallActorOptions { Notices = notices } }, loggers, told, visits, cancellationToken);
        await _schedule.StartAsync(_halls, runsHalls ? [new EndedDaySnapshots(_halls), .. housekeeping] : [], await MomentsAsync(cancellationToken), cancellationToken);
        if (settings.Cluster is not null) _looking = time.CreateTimer(_ => _ = LookAsync(_schedule), null, LookEvery, LookEvery);
        _ = EndWithAsync(_halls.Fatal);
        if (!runsHalls) return;
        _projection!.Start(_halls);
        _roller = new Roller(place.OpenFollowingAsync, PlaceOfAsync, time, loggers.CreateLogger<Roller>());
        _roller.Start();
        webhooks?.Start();
    }

    public Task StopAsync(CancellationToken cancellationToken) => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _looking, null) is { } looking) await looking.DisposeAsync();
        if (Interlocked.Exchange(ref _schedule, null) is { } schedule) await schedule.DisposeAsync();
        // It asks halls for their zones.
        if (Interlocked.Exchange(ref _roller, null) is { } roller) await roller.DisposeAsync();
        if (Interlocked.Exchange(ref _halls, null) is { } halls) await halls.DisposeAsync();
        if (webhooks is not null) await webhooks.DisposeAsync();
        if (Interlocked.Exchange(ref _projection, null) is { } projection) await projection.DisposeAsync();
        if (Interlocked.Exchange(ref _journal, null) is { } journal) await journal.DisposeAsync();
    }

    private async Task<IReadOnlyList<(Core.Halls.HallId Hall, Core.Halls.Instant NextAt)>> MomentsAsync(CancellationToken cancel)
    {
        await using var connection = await place.OpenFollowingAsync(cancel);
        return await HallMoments.ReadAsync(connection, cancel);
    }

    private async Task LookAsync(PokeSchedule schedule)
    {
        try
        {
            await schedule.HearAsync(await MomentsAsync(CancellationToken.None), CancellationToken.None);
        }
        catch (Exception failed)
        {
            MomentsUnread(_log, failed);
        }
    }

    private async Task EndWithAsync(Task fatal)
    {
        await fatal.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // A node without a journal of its own is only told that it ends.
        if (!fatal.IsCompletedSuccessfully) return;
        Failed = true;
        JournalFailed(_log);
        lifetime.StopApplication();
    }

    private async ValueTask<(Core.Halls.HallId Hall, TimeZoneInfo Zone)?> PlaceOfAsync(uint number, CancellationToken cancel)
    {
        if (_halls?.Find(number) is not { } hall) return null;
        try
        {
            return await _halls.ReadAsync(hall.Hall, new ReadConfig(), cancel) is { } config ? (hall.Hall, config.Settings.Calendar.Zone) : null;
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            HallUnread(_log, failed, hall.Hall.Value);
            return null;
        }
    }

    private static InvalidOperationException NotStarted() => new("The engine is not open: its host has not started, or has stopped.");

    [LoggerMessage(EventId = 2200, Level = LogLevel.Critical, Message = "The journal cannot be relied on any more: the server stops; look at the disk, then start it again")]
    private static partial void JournalFailed(ILogger log);

    [LoggerMessage(EventId = 2202, Level = LogLevel.Warning, Message = "When halls are to be poked next could not be read; it is tried again in a minute")]
    private static partial void MomentsUnread(ILogger log, Exception failed);

    [LoggerMessage(EventId = 2201, Level = LogLevel.Warning, Message = "Hall {Hall} cannot be read: the figures of its days wait")]
    private static partial void HallUnread(ILogger log, Exception failed, string hall);
}

internal static class EngineParts
{
    public static void AddHalls(this IServiceCollection services)
    {
        services.AddSingleton(new SqliteJournalOptions());
        services.AddSingleton<Calendars.HolidayFile>();
        services.AddSingleton(s => new Calendars.HolidayNews(s.GetRequiredService<Calendars.HolidayFile>(), s.GetRequiredService<IHalls>,
            s.GetRequiredService<Microsoft.EntityFrameworkCore.IDbContextFactory<HallOpsDb>>(), s.GetRequiredService<IHostApplicationLifetime>(), s.GetRequiredService<ILogger<Calendars.HolidayNews>>()));
        services.AddSingleton<IHearsNews>(s => s.GetRequiredService<Calendars.HolidayNews>());
        services.AddSingleton<EngineHost>().AddHostedService(s => s.GetRequiredService<EngineHost>());
        services.AddSingleton(s => s.GetRequiredService<EngineHost>().Halls);
        services.AddSingleton(s => s.GetRequiredService<EngineHost>().Clock);
        services.AddSingleton(s => s.GetRequiredService<EngineHost>().Schedule);
        services.AddSingleton<Halls.IHallList, Halls.SqlHallList>();
        services.AddSingleton<IVisitRecords, Tickets.SqlPastTickets>().AddSingleton<Func<IVisitRecords>>(s => s.GetRequiredService<IVisitRecords>);
    }
}
