namespace HallOps.Core.Calendars;

/// <summary>A date that is not what its weekday says.</summary>
/// <param name="IsOffDay">False: a working day, a make-up one where it is a Saturday or Sunday.</param>
public readonly record struct HolidayDate(DateOnly Date, bool IsOffDay, string Name);

/// <summary>The announced holidays and make-up working days of a country. Immutable; equal by its dates.</summary>
public sealed class HolidayTable : IEquatable<HolidayTable>
{
    public static readonly HolidayTable None = new([]);

    private readonly Dictionary<DateOnly, HolidayDate> _byDate;

    /// <param name="days">Each date once.</param>
    public HolidayTable(IEnumerable<HolidayDate> days)
    {
        Days = [.. days.OrderBy(d => d.Date)];
        _byDate = Days.ToDictionary(d => d.Date);
        Years = Days.Select(d => d.Date.Year).ToHashSet();
    }

    /// <summary>By date.</summary>
    public IReadOnlyList<HolidayDate> Days { get; }

    /// <summary>Those of which a day is known: others follow the week.</summary>
    public IReadOnlySet<int> Years { get; }

    /// <summary>Null for a date that follows the week.</summary>
    public HolidayDate? Find(DateOnly date) => _byDate.TryGetValue(date, out var day) ? day : null;

    public bool Equals(HolidayTable? other) => other is not null && (ReferenceEquals(this, other) || Days.SequenceEqual(other.Days));
    public override bool Equals(object? obj) => Equals(obj as HolidayTable);
    public override int GetHashCode() => Days.Count;
}
