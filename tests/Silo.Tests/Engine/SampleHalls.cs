using System.Text;
using System.Text.Json.Nodes;
using HallOps.Core.Halls;

namespace HallOps.Silo.Tests.Engine;

/// <summary>Halls of the samples.</summary>
internal static class SampleHalls
{
    public static PackedDocument Of(string hall) => PackedDocument.Pack(HallDocument.Minify(Read(hall)));

    /// <summary>Open at all hours: for what has nothing to do with them.</summary>
    public static PackedDocument AlwaysOpen(string hall)
    {
        var document = JsonNode.Parse(Read(hall))!;
        document["calendar"] = new JsonObject { ["timeZone"] = "Asia/Shanghai", ["sessions"] = "always", ["roster"] = document["calendar"]!["roster"]!.DeepClone() };
        return PackedDocument.Pack(HallDocument.Minify(Encoding.UTF8.GetBytes(document.ToJsonString())));
    }

    private static byte[] Read(string hall) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, $"samples/halls/{hall}.json"));
}
