using HallOps.Core.Halls;
using HallOps.Displays.Serving;
using HallOps.Web.Demo;
using HallOps.Web.Halls;
using HallOps.Web.Operations;
using HallOps.Web.Reports;
using HallOps.Web.Reports.Stored;
using HallOps.Web.Storage;

namespace HallOps.Web.Pages;

/// <summary>What the pages are told of the server and of who asks.</summary>
internal sealed class PageServer(Settings settings, EngineHost engine, IServiceProvider services) : IPageServer
{
    private readonly ITexts _texts = services.GetRequiredService<ITexts>();

    public bool Demo => settings.Demo;

    public double ClockSpeed => engine.Clock.Speed;

    public DemoTour? Tour => services.GetService<DemoHost>()?.Tour;

    public async ValueTask<IReadOnlyList<PageHall>> ListHallsAsync(CancellationToken cancel) =>
        [.. (await services.GetRequiredService<IHallList>().ListAsync(null, null, cancel)).Select(h => new PageHall(new HallId(h.Hall), h.Name, h.Region, h.Open, h.Waiting, h.Estimate, h.OpensAt is not null))];

    public async ValueTask<IReadOnlyList<PageReportEntry>> ListReportsAsync(HallId hall, CancellationToken cancel) =>
        engine.Halls.Find(hall) is not { } found ? [] : [.. (await services.GetRequiredService<ReportShelf>().ListAsync(found.Number, cancel)).Select(r => new PageReportEntry(r.Period.Text, r.Period.From))];

    public async ValueTask<PageReport?> FindReportAsync(HallId hall, string period, CancellationToken cancel) =>
        engine.Halls.Find(hall) is { } found && ReportPeriod.Find(period) is { } named && await services.GetRequiredService<ReportShelf>().FindAsync(found.Number, named, cancel) is { } body ? PageReport.Read(body) : null;

    public PageCaller CallerOf(HttpContext http)
    {
        var caller = Caller.Of(http.User);
        if (caller.IsAnonymous) return PageCaller.Anonymous;
        var device = caller.Device is { } d ? new PageDevice(d.Kind.ToString().ToLowerInvariant(), d.Hall, d.Zone, d.Window) : null;
        return new PageCaller(caller.Account, device, (role, hall) => caller.Has(RoleOf(role), hall), hall => caller.Staff.TryGetValue(hall, out var staff) ? staff : null);
    }

    public string? Words(TextHash hash) => _texts.Find(hash);

    private static Role RoleOf(PageRole role) => role switch
    {
        PageRole.Clerk => Role.Clerk,
        PageRole.Guide => Role.Guide,
        PageRole.Manager => Role.Manager,
        PageRole.Analyst => Role.Analyst,
        PageRole.Admin => Role.Admin,
        PageRole.Auditor => Role.Auditor,
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, "No role of accounts."),
    };
}
