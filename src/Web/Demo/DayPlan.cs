using System.Globalization;
using System.Text.Json;

namespace HallOps.Web.Demo;

/// <summary>One visitor, as decided before the day: when it comes, what for, and how it will behave.</summary>
/// <param name="IdNumber">Of an elderly visitor, who shows the card for its class.</param>
/// <param name="LeavesAfter">Waits no longer than this; null: stays.</param>
/// <param name="Misses">Calls that it will not be there for.</param>
/// <param name="Returns">Comes back after a miss.</param>
/// <param name="Walk">From the call to the window; more than a recall's gap for a slow one.</param>
/// <param name="Grade">Null: does not rate.</param>
public sealed record PlannedVisitor(DateTimeOffset At, string Line, string Service, string? Class, string? IdNumber, TimeSpan? LeavesAfter, int Misses, bool Returns, TimeSpan Walk, TimeSpan ServiceTime,
    string Outcome, string? Missing, string? Grade);

/// <summary>A hall's ordinary workday, drawn from its demand (samples/README.md): so many a line and hour, inside the hour as people come to offices in Warsaw.</summary>
public static class DayPlan
{
    /// <summary>Mean of ln is ln(median); z of the 90th percentile.</summary>
    private const double Z90 = 1.2815515655;

    private static readonly string[] BadGrades = ["dissatisfied", "veryDissatisfied"];
    private static readonly string[] GoodGrades = ["verySatisfied", "verySatisfied", "satisfied", "fairlySatisfied"];

    /// <summary>In the order in which they come.</summary>
    /// <param name="warsaw">The shape inside an hour, by <see cref="ReadWarsaw"/>.</param>
    /// <param name="midnight">Where the day begins, at the hall's offset.</param>
    /// <param name="factor">Of this day's arrivals to an ordinary workday's.</param>
    public static IReadOnlyList<PlannedVisitor> Draw(JsonElement hall, JsonElement demand, IReadOnlyDictionary<(int Hour, int Slot), double> warsaw, DateTimeOffset midnight, Random random, double factor = 1)
    {
        var visitors = new List<PlannedVisitor>();
        var services = hall.GetProperty("services").EnumerateArray()
            .Where(s => s.GetProperty("kind").GetString() != "joint" && demand.GetProperty("services").TryGetProperty(s.GetProperty("service").GetString()!, out var d) && !d.TryGetProperty("leg", out _))
            .ToLookup(s => s.GetProperty("line").GetString()!);
        var elderly = hall.TryGetProperty("classes", out var classes) && classes.EnumerateArray().Any(c => c.GetProperty("class").GetString() == "elderly");
        foreach (var line in demand.GetProperty("arrivalsPerDay").EnumerateObject())
        {
            var offered = services[line.Name].ToArray();
            if (offered.Length == 0) continue;
            for (var count = Poisson(line.Value.GetDouble() * factor, random); count > 0; count--)
                visitors.Add(One(demand, line.Name, offered[random.Next(offered.Length)], midnight + Arrival(demand, warsaw, random), elderly, random));
        }
        return [.. visitors.OrderBy(v => v.At)];
    }

    public static IReadOnlyDictionary<(int Hour, int Slot), double> ReadWarsaw(string file) =>
        File.ReadLines(file).Skip(1).Select(l => l.Split(',')).ToDictionary(
            c => (int.Parse(c[0].AsSpan(0, 2), CultureInfo.InvariantCulture), int.Parse(c[0].AsSpan(3, 2), CultureInfo.InvariantCulture) / 10), c => double.Parse(c[1], CultureInfo.InvariantCulture));

    private static PlannedVisitor One(JsonElement demand, string line, JsonElement service, DateTimeOffset at, bool elderly, Random random)
    {
        var id = service.GetProperty("service").GetString()!;
        var minutes = demand.GetProperty("services").GetProperty(id);
        var median = minutes.GetProperty("medianMinutes").GetDouble();
        var sigma = Math.Log(minutes.GetProperty("p90Minutes").GetDouble() / median) / Z90;
        var shares = demand.GetProperty("elderlyShare");
        var old = elderly && random.NextDouble() < (shares.TryGetProperty(line, out var own) ? own : shares.GetProperty("*")).GetDouble();
        var walk = demand.GetProperty("walkSeconds");
        var (least, most) = (walk[0].GetDouble(), walk[1].GetDouble());
        var missing = service.GetProperty("kind").GetString() == "promised" && random.NextDouble() < Share(demand, "missingPaper");
        var bad = random.NextDouble() < Share(demand, "badRating");
        return new(at, line, id, old ? "elderly" : null, old ? IdNumber(random) : null,
            random.NextDouble() < Share(demand, "leavesBeforeCall") ? TimeSpan.FromMinutes(3 + 12 * random.NextDouble()) : null,
            // A second and a third miss are rarer still.
            random.NextDouble() >= Share(demand, "noShow") ? 0 : random.Next(10) switch { 0 => 3, 1 => 2, _ => 1 },
            random.NextDouble() < Share(demand, "returnsAfterMiss"),
            TimeSpan.FromSeconds(least + (most - least) * random.NextDouble()),
            TimeSpan.FromMinutes(Math.Clamp(median * Math.Exp(sigma * Normal(random)), 0.5, 90)),
            missing ? "toldOnce" : service.GetProperty("kind").GetString() == "immediate" ? "done" : "accepted", missing ? "户口簿" : null,
            random.NextDouble() >= Share(demand, "rates") ? null : bad ? BadGrades[random.Next(2)] : GoodGrades[random.Next(4)]);
    }

    private static TimeSpan Arrival(JsonElement demand, IReadOnlyDictionary<(int Hour, int Slot), double> warsaw, Random random)
    {
        var pick = random.NextDouble();
        var hour = 8;
        foreach (var share in demand.GetProperty("hourShare").EnumerateObject())
        {
            hour = int.Parse(share.Name, CultureInfo.InvariantCulture);
            if ((pick -= share.Value.GetDouble()) < 0) break;
        }
        // After four Warsaw's offices are closed: evenly then.
        var weights = Enumerable.Range(0, 6).Select(slot => warsaw.GetValueOrDefault((hour, slot), hour >= 16 ? 1 : 0)).ToArray();
        var at = random.NextDouble() * weights.Sum();
        var chosen = 0;
        while (chosen < 5 && (at -= weights[chosen]) >= 0) chosen++;
        return TimeSpan.FromMinutes(hour * 60 + chosen * 10 + 10 * random.NextDouble());
    }

    private static double Share(JsonElement demand, string name) => demand.GetProperty(name).GetDouble();

    private static int Poisson(double mean, Random random)
    {
        var (limit, product, count) = (Math.Exp(-mean), random.NextDouble(), 0);
        for (; product > limit; count++) product *= random.NextDouble();
        return count;
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    /// <summary>A number of nobody: region 000000 was never given out; its check digit is right (GB 11643-1999).</summary>
    private static string IdNumber(Random random)
    {
        var body = string.Create(CultureInfo.InvariantCulture, $"000000{random.Next(1936, 1956)}{random.Next(1, 13):D2}{random.Next(1, 29):D2}{random.Next(1000):D3}");
        ReadOnlySpan<int> weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        var sum = 0;
        for (var i = 0; i < 17; i++) sum += (body[i] - '0') * weights[i];
        return body + "10X98765432"[sum % 11];
    }
}
