using HallOps.Core.Halls;
using HallOps.Displays.Serving;
using HallOps.Silo;

namespace HallOps.Displays.Components;

/// <summary>What the pages of figures share: whose halls they are about, and what the ids in figures are called.</summary>
public abstract class ReportBase : PageBase
{
    // Sorted as they are in figures: by number.
    protected IReadOnlyList<PageHall> Mine { get; private set; } = [];

    /// <summary>The date in the caller's halls.</summary>
    protected DateOnly Today { get; private set; }

    protected bool Sees(HallId hall) => Caller.Has(PageRole.Analyst, hall) || Caller.Has(PageRole.Auditor, hall);

    /// <summary>Null where the caller may see figures of some hall.</summary>
    protected async Task<PageAnswer?> LoadHallsAsync(CancellationToken cancel)
    {
        if (Caller.Account is not { } account) return PageAnswer.SignInFor(Http.Request);
        Mine = [.. (await Server.ListHallsAsync(cancel)).Where(h => Sees(h.Hall))];
        if (Mine.Count == 0) return PageAnswer.NoRights(account);
        foreach (var named in Http.Request.Query["halls"].SelectMany(h => (h ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)))
            if (!Mine.Any(h => h.Hall.Value == named)) return Halls.Find(new HallId(named)) is null ? PageAnswer.UnknownHall(named) : PageAnswer.NoRights(account);
        Today = await Halls.ReadAsync(Mine[0].Hall, new ReadDate(), cancel) ?? default;
        return null;
    }

    /// <summary>Null for a hall whose figures the caller may see; after <see cref="LoadHallsAsync"/>.</summary>
    protected PageAnswer? Refuses(string hall) => Mine.Any(h => h.Hall.Value == hall) ? null : Halls.Find(new HallId(hall)) is null ? PageAnswer.UnknownHall(hall) : PageAnswer.NoRights(Caller.Account!);

    /// <summary>Names for the page: of all these halls, and of what is in the first of them. For what is in the others the module asks where it shows them.</summary>
    protected async Task<ReportNames> NamesAsync(IReadOnlyList<PageHall> halls, CancellationToken cancel)
    {
        var names = await ReportNames.ReadAsync(Halls, halls.Take(ReportNames.MostHalls / 2).Select(h => h.Hall), cancel);
        foreach (var hall in halls) names.Halls[hall.Hall.Value] = hall.Name;
        return names;
    }
}
