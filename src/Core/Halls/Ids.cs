using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace HallOps.Core.Halls;

/// <summary>The short name of a hall: <c>[a-z0-9-]</c>, unique in a deployment, never changed.</summary>
public readonly record struct HallId(string Value) { public override string ToString() => Value; }

/// <summary>A queue of a hall.</summary>
public readonly record struct LineId(string Value)
{
    public override int GetHashCode() => ShortHash.Of(Value);
    public override string ToString() => Value;
}

/// <summary>What a visitor comes for.</summary>
public readonly record struct ServiceId(string Value)
{
    public override int GetHashCode() => ShortHash.Of(Value);
    public override string ToString() => Value;
}

/// <summary>A place where service happens.</summary>
public readonly record struct WindowId(string Value)
{
    public override int GetHashCode() => ShortHash.Of(Value);
    public override string ToString() => Value;
}

/// <summary>A member of staff, unique in the hall.</summary>
public readonly record struct StaffId(string Value) { public override string ToString() => Value; }

/// <summary>A priority class of the hall.</summary>
public readonly record struct ClassId(string Value)
{
    /// <summary>The class that is always there and that everybody may take.</summary>
    public static readonly ClassId Normal = new("normal");

    /// <summary>The class that the hall itself grants to those who come with an appointment, where its document has it.</summary>
    public static readonly ClassId Appointment = new("appointment");

    /// <summary>The class of those who need a low window unless the hall's document says otherwise.</summary>
    public static readonly ClassId Disabled = new("disabled");

    /// <summary>The class that the hall itself grants to those who come back with what was missing, where its document has it.</summary>
    public static readonly ClassId Returning = new("returning");

    public override int GetHashCode() => ShortHash.Of(Value);

    public override string ToString() => Value;
}

/// <summary>A part of the hall with its own screens.</summary>
public readonly record struct ZoneId(string Value) { public override string ToString() => Value; }

/// <summary>A unit that owns services and sends staff.</summary>
public readonly record struct DepartmentId(string Value) { public override string ToString() => Value; }

/// <summary>A person known to the hall by a random 128-bit id only; who that is stands in SQL alone.</summary>
public readonly record struct PersonId(UInt128 Value) { public override string ToString() => Value.ToString("x32", CultureInfo.InvariantCulture); }

/// <summary>The first 16 bytes of the SHA-256 of a free text whose words stand in SQL alone.</summary>
public readonly record struct TextHash(UInt128 Value) { public override string ToString() => Value.ToString("x32", CultureInfo.InvariantCulture); }

/// <summary>
/// The identity of a visit: the hall's number and the ordinal of the ticket in that hall, both never reused.
/// Written <c>{hall number}-{ordinal}</c>.
/// </summary>
public readonly record struct TicketId(uint Hall, long Ordinal)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Hall}-{Ordinal}");

    /// <summary>Reads what <see cref="ToString"/> writes; false for anything else, signs, spaces and leading zeros included.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out TicketId id)
    {
        id = default;
        var dash = text?.IndexOf('-', StringComparison.Ordinal) ?? -1;
        if (dash <= 0
            || !uint.TryParse(text.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var hall)
            || !long.TryParse(text.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal))
            return false;
        id = new TicketId(hall, ordinal);
        return id.ToString() == text;
    }
}

/// <summary>
/// An instant in whole milliseconds since 1970-01-01T00:00:00Z. All instants of a hall's events are of this type; local time exists
/// only at the edges and in calendars.
/// </summary>
public readonly record struct Instant(long Milliseconds) : IComparable<Instant>
{
    public static Instant From(DateTimeOffset time) => new(time.ToUnixTimeMilliseconds());

    public DateTimeOffset ToDateTimeOffset() => DateTimeOffset.FromUnixTimeMilliseconds(Milliseconds);

    public int CompareTo(Instant other) => Milliseconds.CompareTo(other.Milliseconds);

    public static Instant Max(Instant a, Instant b) => a.Milliseconds >= b.Milliseconds ? a : b;
    public static Instant operator +(Instant a, TimeSpan b) => new(a.Milliseconds + (long)b.TotalMilliseconds);
    public static TimeSpan operator -(Instant a, Instant b) => TimeSpan.FromMilliseconds(a.Milliseconds - b.Milliseconds);
    public static bool operator <(Instant a, Instant b) => a.Milliseconds < b.Milliseconds;
    public static bool operator >(Instant a, Instant b) => a.Milliseconds > b.Milliseconds;
    public static bool operator <=(Instant a, Instant b) => a.Milliseconds <= b.Milliseconds;
    public static bool operator >=(Instant a, Instant b) => a.Milliseconds >= b.Milliseconds;

    public override string ToString() => ToDateTimeOffset().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
