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

    /// <summary>The windows of a hall's document in its order, each with who sits there by the roster, or else somebody free who can do its first line.</summary>
    public static IReadOnlyList<Seat> Of(JsonElement hall)
    {
        var seated = new HashSet<string>();
        var roster = hall.GetProperty("calendar").TryGetProperty("roster", out var rows) ? rows.EnumerateArray().ToArray() : [];
        var staff = hall.GetProperty("staff").EnumerateArray().ToArray();
        var seats = new List<Seat>();
        foreach (var window in hall.GetProperty("windows").EnumerateArray())
        {
            var id = window.GetProperty("window").GetString()!;
            var lines = window.GetProperty("profile").EnumerateArray().Select(p => p.GetProperty("line").GetString()!).ToArray();
            // A person is at one window: who holds two in turns sits at the first.
            var sits = roster.Where(r => r.GetProperty("window").GetString() == id && r.TryGetProperty("a", out _)).Select(r => r.GetProperty("a").GetString()!)
                .Concat(staff.Where(s => !s.TryGetProperty("lines", out var can) || can.EnumerateArray().Any(l => l.GetString() == lines[0])).Select(s => s.GetProperty("staff").GetString()!))
                .FirstOrDefault(seated.Add);
            seats.Add(new(id, sits, lines, window.GetProperty("kind").GetString()!));
        }
        return seats;
    }

    /// <summary>The seat that a demonstration leaves to people: a lively one whose visitors are not lost where nobody takes it, because another window serves its lines too.</summary>
    /// <param name="seats">At least one.</param>
    public static Seat LeftToPeople(IReadOnlyList<Seat> seats) => seats
        .OrderByDescending(s => s.Staff is not null)
        .ThenByDescending(s => s.Lines.All(l => seats.Any(other => other != s && other.Lines.Contains(l))))
        .ThenBy(s => Array.IndexOf(Liveliest, s.Kind) is >= 0 and var place ? place : Liveliest.Length)
        .First();
}
