using HallOps.Core.Halls;
using Microsoft.AspNetCore.Http;

namespace HallOps.Displays.Serving;

/// <summary>What pages ask of the server they are part of.</summary>
public interface IPageServer
{
    /// <summary>The halls are samples in which a simulated day plays: every page says so.</summary>
    bool Demo { get; }

    /// <summary>Seconds of the halls a real second; 1 but in a demonstration. What counts on a page counts so fast.</summary>
    double ClockSpeed { get; }

    /// <summary>What to show people in the demonstration; null where none plays.</summary>
    DemoTour? Tour { get; }

    /// <summary>Every hall there is, by number. Wakes none.</summary>
    ValueTask<IReadOnlyList<PageHall>> ListHallsAsync(CancellationToken cancel);

    /// <summary>The stored reports of a hall, the newest first.</summary>
    ValueTask<IReadOnlyList<PageReportEntry>> ListReportsAsync(HallId hall, CancellationToken cancel);

    /// <summary>A stored report; null: there is none of this period, or that is none.</summary>
    ValueTask<PageReport?> FindReportAsync(HallId hall, string period, CancellationToken cancel);

    PageCaller CallerOf(HttpContext http);

    /// <summary>The words behind a hash in a hall's picture (a suspension's reason); null when they were erased.</summary>
    string? Words(TextHash hash);
}

/// <summary>A hall in a list.</summary>
/// <param name="Region">From the top down; may be empty.</param>
/// <param name="Estimate">Of the line one waits longest for; null where nothing is served.</param>
/// <param name="Closed">By its calendar, for now.</param>
public sealed record PageHall(HallId Hall, Text Name, IReadOnlyList<Text> Region, bool Open, int Waiting, EstimateView? Estimate, bool Closed);

public enum PageRole { Clerk, Guide, Manager, Analyst, Admin, Auditor }

/// <summary>What a device is enrolled as.</summary>
/// <param name="Kind"><c>kiosk</c>, <c>board</c>, <c>window</c>, <c>pad</c> or <c>staff</c>.</param>
public sealed record PageDevice(string Kind, HallId Hall, ZoneId? Zone, WindowId? Window);

/// <summary>Who looks at a page. What they may do is decided again, at the door, when they do it.</summary>
/// <param name="Account">The user name; null for devices and anonymous callers.</param>
public sealed record PageCaller(string? Account, PageDevice? Device, Func<PageRole, HallId, bool> Has, Func<HallId, StaffId?> StaffIn)
{
    public static readonly PageCaller Anonymous = new(null, null, (_, _) => false, _ => null);
}
