using HallOps.Silo;
using HallOps.Silo.Embedded;
using HallOps.Silo.Journal;
using HallOps.Silo.Projections;
using HallOps.Silo.Scheduling;
using HallOps.Web.Storage;

namespace HallOps.Web.Operations;

/// <summary>Opens the journal, the engine on it, the schedule that pokes it and what follows it, in this order, and closes them the other way round. They are there from the start of this host on.</summary>
internal sealed partial class EngineHost(
    JournalPlace journalPlace, Keys keys, SqlPlace place, FolderHost held, Accounts.HallRegions regions, SqliteJournalOptions journalOptions, TimeProvider time, IHostApplicationLifetime lifetime, ILoggerFactory loggers,
    IEnumerable<IHousekeeping> housekeeping, Calendars.HolidayFile holidays, Webhooks.WebhookHost? webhooks = null) : IHostedService, IAsyncDisposable
{
    private readonly ILogger _log = loggers.CreateLogger<EngineHost>();
    private IJournal? _journal;
    private HallClock? _clock;
    private ReportProjection? _projection;
    private Roller? _roller;
    private EmbeddedHalls? _halls;
    private PokeSchedule? _schedule;

    public IJournal Journal => _journal ?? throw NotStarted();

    public IHalls Halls => _halls ?? throw NotStarted();

    public HallClock Clock => _clock ?? throw NotStarted();

    public ReportProjection Projection => _projection ?? throw NotStarted();

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
        _projection = new ReportProjection(place.OpenFollowingAsync, _journal, time, loggers.CreateLogger<ReportProjection>(), listed: _schedule);
        if (webhooks is not null) await webhooks.OpenAsync(place.OpenFollowingAsync, _journal, _clock, cancellationToken);
        var told = regions.Before(webhooks?.Before(_projection) ?? _projection);
        _halls = await EmbeddedHalls.OpenAsync(_journal, _clock, EngineOptions.Default with { Actor = new HallActorOptions { Notices = notices } }, loggers.CreateLogger<EmbeddedHalls>(), told, cancellationToken);
        await using (var connection = await place.OpenFollowingAsync(cancellationToken))
            await _schedule.StartAsync(_halls, [new EndedDaySnapshots(_halls), .. housekeeping], await HallMoments.ReadAsync(connection, cancellationToken), cancellationToken);
        _projection.Start(_halls);
        _roller = new Roller(place.OpenFollowingAsync, PlaceOfAsync, time, loggers.CreateLogger<Roller>());
        _roller.Start();
        webhooks?.Start();
        _ = EndWithAsync(_halls.Fatal);
    }

    public Task StopAsync(CancellationToken cancellationToken) => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _schedule, null) is { } schedule) await schedule.DisposeAsync();
        // It asks halls for their zones.
        if (Interlocked.Exchange(ref _roller, null) is { } roller) await roller.DisposeAsync();
        if (Interlocked.Exchange(ref _halls, null) is { } halls) await halls.DisposeAsync();
        if (webhooks is not null) await webhooks.DisposeAsync();
        if (Interlocked.Exchange(ref _projection, null) is { } projection) await projection.DisposeAsync();
        if (Interlocked.Exchange(ref _journal, null) is { } journal) await journal.DisposeAsync();
    }

    private async Task EndWithAsync(Task fatal)
    {
        await fatal;
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
        services.AddSingleton<IVisitRecords, Tickets.SqlPastTickets>();
    }
}
