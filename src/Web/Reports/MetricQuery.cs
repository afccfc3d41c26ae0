using HallOps.Core.Halls;
using HallOps.Core.Metrics;

namespace HallOps.Web.Reports;

/// <summary>A question about the figures of halls over days.</summary>
/// <param name="Halls">At least one, by number, none twice.</param>
/// <param name="From">The first service day.</param>
/// <param name="To">The last one; not before the first.</param>
/// <param name="By">What the rows are; null: one row for all.</param>
public sealed record MetricQuery(IReadOnlyList<ReportHall> Halls, DateOnly From, DateOnly To, Grouping? By = null)
{
    public LegFilter Filter { get; init; } = LegFilter.All;

    /// <summary>Where the time of windows went is asked for as well: of rows that it can be told of, and of all that is asked for by hall, window and staff alone.</summary>
    public bool WithTime { get; init; }

    /// <summary>Of rows by region: how many levels of the way from the top make a row; null: all.</summary>
    public int? RegionLevel { get; init; }

    public int Days => To.DayNumber - From.DayNumber + 1;

    /// <summary>Rows of ids that only one hall gives a meaning to: each belongs to a hall.</summary>
    public bool IsByHallToo => By is Grouping.Line or Grouping.Window or Grouping.Staff;

    internal string? RegionOf(ReportHall hall) => hall.Region is not { } region || RegionLevel is not { } level ? hall.Region : string.Join('/', region.Split('/').Take(level));
}

/// <summary>Which legs count: those that fit everything that is said. Ids as the legs have them; an id that no hall has fits none.</summary>
public sealed record LegFilter
{
    public static readonly LegFilter All = new();

    public string? Department { get; init; }
    public string? Service { get; init; }
    public string? Line { get; init; }
    public string? Window { get; init; }
    public string? Staff { get; init; }
    public string? Class { get; init; }
    public LegOutcome? Outcome { get; init; }
    public Grade? Grade { get; init; }

    /// <summary>Only those that a figure counts.</summary>
    public LegSet? Counted { get; init; }

    /// <summary>What <see cref="LegSet.InTime"/> is measured by; null where that is not asked for.</summary>
    public WaitTarget? InTimeBy { get; init; }

    /// <summary>Only answered waits longer than that, in milliseconds.</summary>
    public long? WaitOver { get; init; }

    /// <summary>Only answered waits no longer than that.</summary>
    public long? WaitUpTo { get; init; }

    /// <summary>Of joining, on the hall's wall: 0 to 23.</summary>
    public int? Hour { get; init; }

    /// <summary>Of the service day.</summary>
    public DayOfWeek? Weekday { get; init; }

    public bool IsAll => this == All;

    /// <summary>The one column that rollups have cells by and that all of the filter is about; null where there is none, or more.</summary>
    internal (string Dimension, string Key)? Single
    {
        get
        {
            if (this with { Department = null, Service = null, Line = null, Window = null, Staff = null } != All) return null;
            (string Dimension, string? Key)[] said = [("department", Department), ("service", Service), ("line", Line), ("window", Window), ("staff", Staff)];
            return said.Where(s => s.Key is not null).ToList() is [var (dimension, key)] ? (dimension, key!) : null;
        }
    }

    /// <summary>Whether it says nothing that a stretch of a window's time does not know.</summary>
    internal bool IsOfWindows => (this with { Window = null, Staff = null }).IsAll;

    /// <summary>What SQL does not know: the hall's wall.</summary>
    internal bool Fits(MetricLeg leg) => (Hour is null || leg.Joined.Hour == Hour) && (Weekday is null || leg.Day.DayOfWeek == Weekday);
}

/// <param name="Key">As <see cref="GroupingKeys.KeyOf(Grouping, MetricLeg)"/> says; empty: legs that have none. Null in the one row for all.</param>
/// <param name="Hall">Of keys that only a hall gives a meaning to: that hall.</param>
public sealed record MetricRow(string? Key, HallId? Hall, Tally Tally)
{
    /// <summary>Whether percentiles are those of the values themselves; else they are within 1 %.</summary>
    public bool Exact => Tally.IsExact;
}

/// <param name="Rows">In the order people expect.</param>
/// <param name="AsOf">The halls' clock: what open legs had waited by then.</param>
public sealed record MetricAnswer(IReadOnlyList<MetricRow> Rows, Instant AsOf);

/// <summary>The question is too much for its kind: what would have to be narrower, as the rest of a sentence that begins with the field.</summary>
public sealed class QuestionTooLargeException : Exception
{
    public QuestionTooLargeException() { }
    public QuestionTooLargeException(string message) : base(message) { }
    public QuestionTooLargeException(string message, Exception inner) : base(message, inner) { }
}
