using System.Globalization;
using System.Text.Json;

namespace HallOps.Web.Demo;

/// <summary>A window and who sits at it on an ordinary day.</summary>
/// <param name="Staff">Null: nobody of the hall's list, with the whole profile.</param>
/// <param name="Lines">Of its profile, its own first.</param>
/// <param name="Kind">As in the hall's document.</param>
public sealed record Seat(string Window, string? Staff, IReadOnlyList<string> Lines, string Kind)
{
    // Where somebody comes to try a counter there should be something to do: many services before few, and never the guides' own.
    private static readonly string[] Liveliest = ["comprehensive", "allRound", "specialised"];

    /// <summary>
    /// The windows of a hall's document in its order, each with who sits there by the roster in the morning of a date, or, where the hall has no roster, somebody free who can do its first line. Nobody sits
    /// where no row of that weekday stands, or whose A is absent: the calendar has those windows closed, and its B where it wants it.
    /// </summary>
    public static IReadOnlyList<Seat> Of(JsonElement hall, DateOnly date)
    {
        var seated = new HashSet<string>();
        var roster = hall.GetProperty("calendar").TryGetProperty("roster", out var rows) ? rows.EnumerateArray().ToArray() : [];
        var absent = AbsentOn(hall.GetProperty("calendar"), date);
        var staff = hall.GetProperty("staff").EnumerateArray().ToArray();
        var weekday = date.DayOfWeek.ToString().ToLowerInvariant();
        var seats = new List<Seat>();
        foreach (var window in hall.GetProperty("windows").EnumerateArray())
        {
            var id = window.GetProperty("window").GetString()!;
            var lines = window.GetProperty("profile").EnumerateArray().Select(p => p.GetProperty("line").GetString()!).ToArray();
            // A person is at one window: who holds two in turns sits at the first.
            var sits = (roster.Length > 0
                ? roster.Where(r => r.GetProperty("window").GetString() == id && IsOn(r, weekday)).Select(r => r.GetProperty("a").GetString()!).Take(1).Where(a => !absent.Contains(a))
                : staff.Where(s => !s.TryGetProperty("lines", out var can) || can.EnumerateArray().Any(l => l.GetString() == lines[0])).Select(s => s.GetProperty("staff").GetString()!))
                .FirstOrDefault(seated.Add);
            seats.Add(new(id, sits, lines, window.GetProperty("kind").GetString()!));
        }
        return seats;
    }

    private static bool IsOn(JsonElement row, string weekday) => !row.TryGetProperty("days", out var days) || days.EnumerateArray().Any(d => d.GetString() == weekday);

    private static HashSet<string> AbsentOn(JsonElement calendar, DateOnly date)
    {
        var absent = new HashSet<string>();
        if (!calendar.TryGetProperty("absences", out var rows)) return absent;
        foreach (var row in rows.EnumerateArray())
            if (Date(row, "from") <= date && Date(row, "to") >= date) absent.Add(row.GetProperty("staff").GetString()!);
        return absent;

        static DateOnly Date(JsonElement row, string name) => DateOnly.FromDateTime(DateTime.Parse(row.GetProperty(name).GetString()!, CultureInfo.InvariantCulture));
    }

    /// <summary>The seat that a demonstration leaves to people: a lively one whose visitors are not lost where nobody takes it, because another window serves its lines too.</summary>
    /// <param name="seats">At least one.</param>
    public static Seat LeftToPeople(IReadOnlyList<Seat> seats) => seats
        .OrderByDescending(s => s.Staff is not null)
        .ThenByDescending(s => s.Lines.All(l => seats.Any(other => other != s && other.Lines.Contains(l))))
        .ThenBy(s => Array.IndexOf(Liveliest, s.Kind) is >= 0 and var place ? place : Liveliest.Length)
        .First();
}
