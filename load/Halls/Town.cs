using System.Globalization;
using System.Text.Json.Nodes;
using HallOps.Core.Halls;

namespace HallOps.Load.Halls;

/// <summary>Where a cycle happens: a window of a hall, a service only that window is asked for.</summary>
internal readonly record struct Slot(int Hall, WindowId Window, LineId Line, ServiceId Service);

/// <summary>The town hall of the samples, as often as is wanted, under other names.</summary>
internal static class Town
{
    /// <summary>Foshan's number of halls.</summary>
    public const int FoshanHalls = 753;

    // Their profiles have none of these lines in common, so that no caller's ticket is called by another's window.
    private static readonly (string Window, string Line)[] Own =
        [("6", "police"), ("9", "labour"), ("1", "livelihood"), ("4", "utilities"), ("8", "tax"), ("3", "building"), ("12", "fund"), ("13", "market")];

    public static HallId Id(int hall) => new(string.Create(CultureInfo.InvariantCulture, $"town-{hall:D5}"));

    /// <summary>Packed and read documents of halls 0 to <paramref name="count"/> - 1.</summary>
    public static PackedDocument[] Documents(int count)
    {
        var documents = new PackedDocument[count];
        Parallel.For(0, count, i =>
        {
            documents[i] = Document(Id(i));
            _ = documents[i].Settings;
        });
        return documents;
    }

    /// <summary>With its own calendar.</summary>
    public static PackedDocument AsItIs(HallId id) => Document(id, File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "samples/halls/rudong-town.json")), null);

    public static PackedDocument Document(HallId id, Action<JsonObject>? change = null) => Document(id, Sample.Value, change);

    private static PackedDocument Document(HallId id, byte[] of, Action<JsonObject>? change)
    {
        var document = (JsonObject)JsonNode.Parse(of)!;
        document["hall"] = id.Value;
        change?.Invoke(document);
        return PackedDocument.Pack(HallDocument.Minify(System.Text.Encoding.UTF8.GetBytes(document.ToJsonString())));
    }

    /// <summary>Eight windows of each hall with a service of each one's own line, all halls' first windows first.</summary>
    public static Slot[] Slots(IReadOnlyList<PackedDocument> documents)
    {
        var slots = new List<Slot>(documents.Count * Own.Length);
        foreach (var (window, line) in Own)
            for (var hall = 0; hall < documents.Count; hall++)
                slots.Add(new(hall, new(window), new(line), documents[hall].Settings.Services.First(s => s.Line.Value == line).Service));
        return [.. slots];
    }

    private static readonly Lazy<byte[]> Sample = new(() => AlwaysOpen.Of(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "samples/halls/rudong-town.json"))));
}
