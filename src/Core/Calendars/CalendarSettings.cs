using System.Collections.Immutable;
using HallOps.Core.Halls;

namespace HallOps.Core.Calendars;

/// <summary>
/// A hall's service calendar (CALENDAR.md), read; asked for a date it answers the compiled one. Immutable but for the dates it remembers, safe from any
/// thread. Made by reading a document only, so every id in it is of its hall.
/// </summary>
public sealed class CalendarSettings
{
    // Today, the day before or after, and one somebody looks at: a day of a large hall is 10 KiB, and a hall may have 96 in all (R14).
    private const int Remembered = 3;

    private readonly CalendarPlan plan;

    // Swapped whole. Two threads that compile at once may forget one another's date, which is then compiled again.
    private volatile CompiledDate[] recent = [];

    internal CalendarSettings(CalendarPlan plan) => this.plan = plan;

    /// <summary>The hall's time zone, resolved.</summary>
    public TimeZoneInfo Zone => plan.Zone;

    /// <summary>In the document's order; empty: nobody is named, every open window is staffed by whoever signs in.</summary>
    public IReadOnlyList<RosterRow> Roster => plan.Roster;

    /// <summary>Open all day, every day, at every window.</summary>
    public bool Always => plan.Always;

    /// <summary>Its days are those that China's notices announce.</summary>
    public bool FollowsChina => plan.FollowsChina;

    internal CalendarPlan Plan => plan;

    /// <summary>
    /// The compiled date. Sessions that overlap (possible in documents older than <see cref="HallDocument.Check"/>) follow each other: the one that begins
    /// later begins when the other ends; of two roster rows for one time one is taken. Both are said in the warnings, and neither depends on the document's order.
    /// </summary>
    /// <param name="date">From 1900 to 9900.</param>
    /// <param name="announced">China's days; looked at only where <see cref="FollowsChina"/>. Give the same object again: dates are remembered by it.</param>
    public DayTimeline Of(DateOnly date, HolidayTable announced)
    {
        var holidays = plan.HolidaysOf(announced);
        foreach (var known in recent)
            if (known.Date == date && ReferenceEquals(known.Holidays, holidays)) return known.Day;
        var day = new CalendarCompiler(plan, holidays).Day(date);
        recent = [new CompiledDate(date, holidays, day), .. recent.Take(Remembered - 1)];
        return day;
    }

    /// <summary>The compiled dates from one to another, both included, one after the other; nothing of them is remembered.</summary>
    /// <inheritdoc cref="Of" path="/param"/>
    public IEnumerable<DayTimeline> Between(DateOnly from, DateOnly to, HolidayTable announced)
    {
        var compiler = new CalendarCompiler(plan, plan.HolidaysOf(announced));
        for (var date = from; date <= to; date = date.AddDays(1))
            yield return compiler.Day(date);
    }

    /// <summary>What a date is, whatever its sessions.</summary>
    public DayKind KindOf(DateOnly date, HolidayTable announced) => DateFacts.Of(date, plan.HolidaysOf(announced)).Kind;

    /// <summary><see cref="DayTimeline.Ends"/> of the date, without compiling it.</summary>
    public Instant EndOf(DateOnly date, HolidayTable announced) => new CalendarCompiler(plan, plan.HolidaysOf(announced)).EndOf(date);

    /// <summary>The service day that runs at an instant: the local date, or the one before while its sessions reach past midnight.</summary>
    public DateOnly DayAt(Instant at, HolidayTable announced)
    {
        var date = ServiceDay.At(at, Zone);
        var compiler = new CalendarCompiler(plan, plan.HolidaysOf(announced));
        if (at < compiler.EndOf(date.AddDays(-1))) return date.AddDays(-1);
        // Where clocks are put back over midnight the old date comes again, its service day does not.
        return at < compiler.EndOf(date) ? date : date.AddDays(1);
    }

    private sealed record CompiledDate(DateOnly Date, HolidayTable Holidays, DayTimeline Day);
}
