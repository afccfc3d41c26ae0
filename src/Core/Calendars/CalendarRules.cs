using HallOps.Core.Halls;

namespace HallOps.Core.Calendars;

/// <summary>From one time of a service day to before another, in minutes of its wall clock; 1,440 and more are the next date's.</summary>
internal readonly record struct Minutes(int From, int To)
{
    /// <summary>30:00, the next date's 06:00: the end of the longest service day.</summary>
    public const int Last = 30 * 60;

    public static readonly Minutes Whole = new(0, Last);

    public bool Overlaps(Minutes other) => From < other.To && other.From < To;

    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{From / 60:00}:{From % 60:00}-{To / 60:00}:{To % 60:00}");
}

/// <summary>A session as the calendar has it.</summary>
internal sealed record SessionRule
{
    public required SessionKind Kind { get; init; }

    /// <summary>Null for a session of an exception, which holds on the exception's date.</summary>
    public DayRule? Days { get; init; }
    public Season? Season { get; init; }
    public required Minutes Time { get; init; }
    public int? IssueFrom { get; init; }
    public int? IssueUntil { get; init; }

    /// <summary>Null: all.</summary>
    public IndexSet? Windows { get; init; }

    /// <summary>What it offers; null: all.</summary>
    public IndexSet? Services { get; init; }

    /// <summary>What its windows may do: <see cref="Services"/> and the items of those that are joint.</summary>
    public IndexSet? Cut { get; init; }

    /// <summary>The same, for those who read the timeline.</summary>
    public IReadOnlySet<ServiceId>? CutIds { get; init; }
    public bool OffersCovered { get; init; }

    /// <summary>Windows that take turns; empty: none do.</summary>
    public IndexSet[] Groups { get; init; } = [];
    public bool TurnsByWeek { get; init; }
    public bool UntilServed { get; init; }
    public bool AppointmentOnly { get; init; }

    /// <summary>Where it stands in the document, like <c>sessions[2]</c>.</summary>
    public required string Place { get; init; }

    /// <summary>Its rank on the date; -1 where it does not hold.</summary>
    public int RankOn(DateFacts date) => Season is { } season && !season.Holds(date.Date) ? -1 : Days?.RankOn(date) ?? -1;

    /// <summary>All that is said of it, but not where: equal for equal sessions.</summary>
    public string Content() =>
        $"{Kind}|{Time}|{Days}|{Season}|{IssueFrom}|{IssueUntil}|{Windows}|{Services}|{OffersCovered}|{string.Join(';', (object[])Groups)}|{TurnsByWeek}|{UntilServed}|{AppointmentOnly}";

    public override string ToString() => $"{Kind.ToString().ToLowerInvariant()} {Time}";
}

/// <summary>What is different on a date.</summary>
/// <param name="Sessions">In place of the date's; null where it does not say.</param>
/// <param name="Windows">Those closed; null: the whole date.</param>
/// <param name="Time">When they are closed.</param>
internal sealed record CalendarException(DateOnly Date, SessionRule[]? Sessions, IndexSet? Windows, Minutes Time, string Place);

/// <summary>A person is not there, in wall time.</summary>
internal readonly record struct Absence(StaffId Staff, DateTime From, DateTime To);

/// <summary>Who holds a window and who stands in, on the dates and at the times it says.</summary>
public sealed record RosterRow(WindowId Window, StaffId? A, StaffId? B)
{
    /// <summary>The first date; null: from ever.</summary>
    public DateOnly? From { get; init; }

    /// <summary>The last date; null: for ever.</summary>
    public DateOnly? To { get; init; }
    internal DayRule? Days { get; init; }
    internal Minutes Times { get; init; } = Minutes.Whole;

    internal bool Holds(DateFacts date) => !(date.Date < From) && !(date.Date > To) && (Days?.Holds(date) ?? true);

    internal string Content() => $"{A}|{B}|{From?.DayNumber}|{To?.DayNumber}|{Days}|{Times}";
}
