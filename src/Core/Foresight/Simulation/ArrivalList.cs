using System.Text.Json;
using HallOps.Core.Halls;

namespace HallOps.Core.Foresight.Simulation;

/// <summary>The arrivals of a scenario, parsed one at a time: the document may hold a million.</summary>
internal static class ArrivalList
{
    /// <param name="reader">Stands on the list's start and is left on its end.</param>
    public static IReadOnlyList<Arrival> Read(ref Utf8JsonReader reader, ScenarioFault fault, Action<int>? progress)
    {
        var arrivals = new List<Arrival>();
        var tickets = new HashSet<string>(StringComparer.Ordinal);
        var services = new Dictionary<string, string>(StringComparer.Ordinal);
        var list = Place.Root.At("arrivals");
        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            using var item = JsonDocument.ParseValue(ref reader);
            var fields = new ScenarioFields(item.RootElement, list.At(arrivals.Count), fault);
            var arrival = new Arrival(
                fields.String("ticket"), fields.Whole("t", 0), Shared(fields.String("service")), fields.Whole("duration", 1), (int)fields.Whole("priority", int.MinValue, 0, int.MaxValue),
                fields.WholeOrNone("patience", 0), fields.Flag("shows", true), fields.Whole("not_before", 0, 0),
                fields.Has("then") ? fields.Objects("then", required: false, stage => new FurtherStage(Shared(stage.String("service")), stage.Whole("duration", 1))) : []);
            if (!tickets.Add(arrival.Ticket)) fields.Wrong("ticket", "must be named once");
            if (fault.IsFound) break;
            arrivals.Add(arrival);
            if (arrivals.Count % 16_384 == 0) progress?.Invoke(arrivals.Count);
        }
        return arrivals;

        // A name that a million arrivals share is kept once.
        string Shared(string name) => services.TryGetValue(name, out var kept) ? kept : services[name] = name;
    }
}
