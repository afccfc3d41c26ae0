using System.Text;
using System.Text.Json.Nodes;

namespace HallOps.Load.Halls;

/// <summary>A hall's document with nobody's hours: what is measured or broken here must not depend on the time of day.</summary>
internal static class AlwaysOpen
{
    public static byte[] Of(byte[] document)
    {
        var hall = JsonNode.Parse(document)!;
        // Who stands in for whom stays.
        hall["calendar"] = new JsonObject { ["timeZone"] = "Asia/Shanghai", ["sessions"] = "always", ["roster"] = hall["calendar"]?["roster"]?.DeepClone() };
        return Encoding.UTF8.GetBytes(hall.ToJsonString());
    }
}
