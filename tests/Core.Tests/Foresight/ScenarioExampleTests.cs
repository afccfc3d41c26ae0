using System.Text.Json;
using System.Text.Json.Nodes;
using HallOps.Core.Foresight.Simulation;

namespace HallOps.Core.Tests.Foresight;

/// <summary>The worked examples in samples/scenarios, each with its exact outcome.</summary>
public sealed class ScenarioExampleTests
{
    private static string Folder => Path.Combine(AppContext.BaseDirectory, "samples", "scenarios");

    public static TheoryData<string> Examples => [.. Directory.EnumerateFiles(Folder, "*.json").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Examples))]
    public void Example_PlayedInVirtualTime_ComesOutExactly(string file)
    {
        var utf8 = File.ReadAllBytes(Path.Combine(Folder, file));
        var read = ScenarioDocument.Read(utf8);
        Assert.Null(read.Problem);
        var outcome = JsonNode.Parse(Play(read.Scenario!))!;
        foreach (var (member, expected) in JsonNode.Parse(utf8)!["expected"]!.AsObject())
        {
            // How many outcomes ties could have led to: one, in every example.
            if (member == "ties") continue;
            Assert.True(JsonNode.DeepEquals(expected, outcome[member]), $"{member} expected\n{expected}\nwas\n{outcome[member]}");
        }
    }

    private static byte[] Play(Scenario scenario)
    {
        using var to = new MemoryStream();
        using (var json = new Utf8JsonWriter(to))
        {
            if (scenario.Variants.Count > 0) DayJson.Write(json, DaySimulator.RunVariants(scenario));
            else DayJson.Write(json, DaySimulator.Run(scenario));
        }
        return to.ToArray();
    }
}
