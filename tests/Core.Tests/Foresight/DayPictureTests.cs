using System.Globalization;
using System.Xml.Linq;
using HallOps.Core.Foresight.Simulation;

namespace HallOps.Core.Tests.Foresight;

/// <summary>Pictures of days: whole XML, a bar for every call, inside their frame, and no larger than a screen has points.</summary>
public sealed class DayPictureTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void Picture_OfAnyDay_HasABarForEveryCall_InsideTheFrame()
    {
        for (var seed = 1; seed <= 200; seed++)
        {
            var scenario = RandomScenario.Of(seed);
            var day = DaySimulator.Run(scenario);
            var picture = XElement.Parse(DayPicture.Draw(scenario, day));
            // A no-show nobody waits for takes no time, and no room.
            Assert.Equal((seed, day.Tickets.Count(t => t.EndedAt > t.CalledAt)), (seed, picture.Elements(Svg + "g").Count()));
            foreach (var bar in picture.Descendants(Svg + "rect"))
            {
                var (x, width) = (Number(bar, "x"), Number(bar, "width"));
                Assert.True(x >= 0 && width >= 0 && x + width <= 1200.1, $"seed {seed}: {bar}");
            }
        }
    }

    [Fact]
    public void Picture_OfManyServices_GivesNoTwoOfThemOneColourButTheOthers()
    {
        string[] services = [.. Enumerable.Range(1, 9).Select(i => $"s{i}")];
        var scenario = new Scenario
        {
            Id = "s",
            Title = "t",
            Discipline = Discipline.Fifo,
            Rules = new ScenarioRules(),
            Windows = [new ScenarioWindow("w", 1, services, [new Opening(0, 10_000)], [])],
            // The last ones come twice: they are not the others.
            Arrivals = [.. services.Concat(services[^3..]).Select((service, i) => new Arrival($"t{i}", i, service, 10, 0, null, true, 0, []))],
        };
        var picture = XElement.Parse(DayPicture.Draw(scenario, DaySimulator.Run(scenario)));
        string[] names = ["s1", "s2", "s3", "s4", "s7", "s8", "s9"];
        Assert.Equal([.. names, "其他 other", "叫号未开始 called"], picture.Elements(Svg + "text").Skip(1).Take(9).Select(t => t.Value));
        var bars = picture.Elements(Svg + "g").Select(g => (Service: g.Element(Svg + "title")!.Value.Split(", ")[1], Colour: g.Elements(Svg + "rect").Last().Attribute("fill")!.Value)).Distinct().ToList();
        Assert.Equal(8, bars.Select(b => b.Colour).Distinct().Count());
        Assert.Equal(["s5", "s6"], bars.Where(b => b.Colour == "#bbb").Select(b => b.Service));
    }

    [Fact]
    public void Picture_OfManyVisits_StaysSmall()
    {
        var random = new Random(7);
        var scenario = new Scenario
        {
            Id = "many",
            Title = "\"<many>\" & \u0001 人",
            Discipline = Discipline.Fifo,
            Rules = new ScenarioRules(),
            Windows = [.. Enumerable.Range(1, 5).Select(i => new ScenarioWindow($"{i}", i, ["a"], [new Opening(0, 4_000_000)], []))],
            Arrivals = [.. Enumerable.Range(0, 60_000).Select(i => new Arrival($"t{i}", random.Next(0, 4_000_000), "a", random.Next(1, 600), 0, null, true, 0, []))],
        };
        var told = new List<int>();
        var day = DaySimulator.Run(scenario, told.Add);
        Assert.Equal([16_384, 32_768, 49_152], told);
        var picture = DayPicture.Draw(scenario, day);
        Assert.True(picture.Length < 2_000_000, $"{picture.Length:N0} characters");
        Assert.Equal("\"<many>\" &   人", XElement.Parse(picture).Elements(Svg + "text").First().Value);
    }

    private static double Number(XElement bar, string name) => bar.Attribute(name) is { } value ? double.Parse(value.Value, CultureInfo.InvariantCulture) : 0;
}
