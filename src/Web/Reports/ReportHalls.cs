using System.Collections.Concurrent;
using HallOps.Core.Calendars;
using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Web.Accounts;
using HallOps.Web.Problems;

namespace HallOps.Web.Reports;

/// <summary>A hall as reports need it.</summary>
/// <param name="Region">Its way from the top, names joined by slashes; null where its document names none.</param>
/// <param name="Zone">Days, hours and weekdays are those of its wall.</param>
public sealed record ReportHall(uint Number, HallId Hall, string? Region, TimeZoneInfo Zone)
{
    public DateOnly DayOf(Instant instant) => ServiceDay.At(instant, Zone);

    public Instant StartOf(DateOnly day) => ServiceDay.InstantOf(day.ToDateTime(TimeOnly.MinValue), Zone);
}

/// <summary>Which halls somebody may see figures of. Safe from any thread.</summary>
public sealed class ReportHalls(IHalls halls, HallRegions regions)
{
    // Of halls that have not said theirs since the list of halls keeps it.
    private readonly ConcurrentDictionary<uint, TimeZoneInfo> _zones = new();

    /// <param name="ids">Ids separated by commas; null: every hall the caller may see figures of.</param>
    /// <param name="field">What the list is called, for the problem.</param>
    /// <returns>By number, none twice; or the problem: 401 and 403, which name no hall, 404 for one that does not exist.</returns>
    public async ValueTask<(IReadOnlyList<ReportHall>? Halls, Problem? Problem)> FindAsync(Caller caller, string? ids, string field, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var found = new SortedDictionary<uint, HallRef>();
        if (ids is null)
        {
            var refused = Problem.Of(caller.IsAnonymous ? "SignInNeeded" : "NotAllowed");
            foreach (var hall in halls.Halls)
                if (Rights.Against(caller, hall.Hall, Act.ReadReports) is not { } no) found[hall.Number] = hall;
                else refused = no;
            // One who may see all halls there will be is let in where there is none yet.
            if (found.Count == 0 && !caller.HasEverywhere(Role.Analyst) && !caller.HasEverywhere(Role.Auditor)) return (null, refused);
        }
        else
        {
            if (caller.IsAnonymous) return (null, Problem.Of("SignInNeeded"));
            var named = ids.Split(',', StringSplitOptions.TrimEntries);
            if (named.Any(n => n.Length == 0)) return (null, Problem.BadField(field, "must be ids of halls separated by commas; leave it out for all halls you may see"));
            // Rights first, of all: whoever may not see a hall is not told whether there is one.
            foreach (var name in named)
                if (Rights.Against(caller, new HallId(name), Act.ReadReports) is { } no) return (null, no);
            foreach (var name in named)
            {
                if (halls.Find(new HallId(name)) is not { } hall) return (null, Problem.Of("UnknownHall", ("field", field), ("hall", name)));
                found[hall.Number] = hall;
            }
        }
        var list = new List<ReportHall>(found.Count);
        foreach (var hall in found.Values) list.Add(await OfAsync(hall, cancel));
        return (list, null);
    }

    /// <summary>One hall, whoever asks.</summary>
    public async ValueTask<ReportHall> OfAsync(HallRef hall, CancellationToken cancel)
    {
        var zone = regions.ZoneOf(hall.Hall);
        if (zone is null && !_zones.TryGetValue(hall.Number, out zone) && (await halls.ReadAsync(hall.Hall, new ReadConfig(), cancel))?.Settings.Calendar.Zone is { } told) _zones[hall.Number] = zone = told;
        return new ReportHall(hall.Number, hall.Hall, regions.Find(hall.Hall)?.Value, zone ?? TimeZoneInfo.Utc);
    }
}
