using HallOps.Core.Halls;
using HallOps.Displays.Serving;
using HallOps.Silo;

namespace HallOps.Displays.Components;

/// <summary>What the pages of figures share: whose halls they are about, and what the ids in figures are called.</summary>
public abstract class ReportBase : PageBase
{
    // Reading a hall's document wakes the hall: of more of them than this, ids stand for themselves.
    private const int MostNamed = 24;

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

    /// <summary>Names by id, for the module; of lines, windows and staff, which only a hall gives a meaning to, by <c>{hall}/{id}</c>.</summary>
    protected async Task<ReportNames> NamesAsync(IReadOnlyList<PageHall> halls, CancellationToken cancel)
    {
        var names = new ReportNames(halls.ToDictionary(h => h.Hall.Value, h => h.Name), [], [], [], [], [], []);
        foreach (var hall in halls.Take(MostNamed))
        {
            if (await Halls.ReadAsync(hall.Hall, new ReadConfig(), cancel) is not { Settings: { } settings }) continue;
            foreach (var service in settings.Services) names.Services.TryAdd(service.Service.Value, service.Name);
            foreach (var department in settings.Departments) names.Departments.TryAdd(department.Department.Value, department.Name);
            foreach (var @class in settings.Classes) names.Classes.TryAdd(@class.Class.Value, @class.Name);
            foreach (var line in settings.Lines) names.Lines.TryAdd($"{hall.Hall}/{line.Line}", line.Name);
            foreach (var window in settings.Windows)
                if (window.Name is { } name) names.Windows.TryAdd($"{hall.Hall}/{window.Window}", name);
            foreach (var person in settings.Staff) names.Staff.TryAdd($"{hall.Hall}/{person.Staff}", person.Name);
        }
        return names;
    }
}

/// <summary>What ids are called. Windows without a name of their own are left out.</summary>
public sealed record ReportNames(IReadOnlyDictionary<string, Text> Halls, Dictionary<string, Text> Services, Dictionary<string, Text> Departments, Dictionary<string, Text> Classes,
    Dictionary<string, Text> Lines, Dictionary<string, Text> Windows, Dictionary<string, Text> Staff);
