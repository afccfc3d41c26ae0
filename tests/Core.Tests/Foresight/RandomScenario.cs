using HallOps.Core.Foresight.Simulation;
using HallOps.Core.Halls;

namespace HallOps.Core.Tests.Foresight;

/// <summary>Small days full of coincidences: few instants, few services, many things at once.</summary>
internal static class RandomScenario
{
    private static readonly string[] Services = ["a", "b", "c"];

    public static Scenario Of(int seed)
    {
        var random = new Random(seed);
        var day = random.Next(30, 160);
        var windows = Enumerable.Range(1, random.Next(1, 5)).Select(i => Window(random, i, day)).ToList();
        return new Scenario
        {
            Id = $"random-{seed}",
            Title = "random",
            Discipline = Discipline(random),
            Rules = new ScenarioRules(random.Next(0, 30), random.Next(3) == 0 ? random.Next(0, 4) : 0, random.Next(0, 6), random.Next(0, 5)),
            Windows = windows,
            Arrivals = [.. Enumerable.Range(0, random.Next(1, 40)).Select(i => Arrival(random, i, day))],
            Now = random.Next(4) == 0 ? random.Next(0, day / 2) : 0,
            InService = [.. windows.Where(_ => random.Next(6) == 0).Select(w => new InService(w.Id, "before", random.Next(0, day)))],
        };
    }

    private static ScenarioWindow Window(Random random, int number, int day)
    {
        var openings = new List<Opening>();
        for (var t = random.Next(0, 10); t < day;)
        {
            var closes = t + random.Next(1, day);
            openings.Add(new Opening(t, closes));
            t = closes + random.Next(0, 15);
        }
        var changes = Enumerable.Range(0, random.Next(0, 3)).Select(_ => new SkillChange(random.Next(0, day), Skills(random))).OrderBy(c => c.At).ToList();
        return new ScenarioWindow($"w{number}", 10 - number, Skills(random), openings, changes);
    }

    private static List<string> Skills(Random random) => [.. Services.Where(_ => random.Next(3) > 0)];

    private static Arrival Arrival(Random random, int number, int day) => new(
        // Numbers in no order: the list's order is not the tickets'.
        $"t{number * 7 % 41:00}", random.Next(0, day), Pick(random, Services), random.Next(1, 20), random.Next(-1, 3), random.Next(3) == 0 ? random.Next(0, 40) : null, random.Next(6) > 0,
        random.Next(5) == 0 ? random.Next(0, day) : 0, random.Next(4) == 0 ? [.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => new FurtherStage(Pick(random, Services), random.Next(1, 12)))] : []);

    private static Discipline Discipline(Random random)
    {
        var discipline = new Discipline(
            (DisciplineKind)random.Next(0, 6), Classes(random, [0, 5, 10, -5, 20]), Classes(random, [0, 0.5m, 1, 2, 2.5m]), Services.Where(_ => random.Next(2) == 0).ToDictionary(s => s, _ => Pick(random, [0.5m, 1, 3])));
        var isBounded = random.Next(3) == 0 && discipline.Slope.Values.All(s => s > 0);
        return isBounded ? discipline with { Bounds = new FairnessSettings(random.Next(0, 4), random.Next(0, 4)) } : discipline;
    }

    private static Dictionary<int, decimal> Classes(Random random, decimal[] values) => Enumerable.Range(-1, 4).Where(_ => random.Next(2) == 0).ToDictionary(p => p, _ => Pick(random, values));

    private static T Pick<T>(Random random, T[] from) => from[random.Next(from.Length)];
}
