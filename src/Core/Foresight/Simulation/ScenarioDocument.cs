using System.Globalization;
using System.Text.Json;
using HallOps.Core.Halls;

namespace HallOps.Core.Foresight.Simulation;

/// <summary>What came of reading a scenario: the scenario, or the first thing that is wrong in it.</summary>
public sealed record ScenarioRead(Scenario? Scenario, DocumentProblem? Problem);

/// <summary>Reads the JSON of SIMULATION.md. Unknown fields are passed over; a wrong one is refused with its path and what it must be.</summary>
public static class ScenarioDocument
{
    private static readonly (string, DisciplineKind)[] Kinds =
    [
        ("fifo", DisciplineKind.Fifo), ("priority", DisciplineKind.Priority), ("head_start", DisciplineKind.HeadStart), ("accumulating", DisciplineKind.Accumulating),
        ("weighted_wait", DisciplineKind.WeightedWait), ("score", DisciplineKind.Score),
    ];

    private static readonly string[] Fields =
        ["id", "title", "time_unit", "discipline", "rules", "windows", "now", "in_service", "forecast", "mean_service", "advisor", "variants"];

    private const decimal MostWeight = 1_000_000;

    /// <param name="utf8">The whole document; a byte order mark is passed over. Arrivals are read one by one, so that a million of them take no more room than what they say.</param>
    /// <param name="progress">Told, now and then, how many arrivals have been read.</param>
    public static ScenarioRead Read(ReadOnlySpan<byte> utf8, Action<int>? progress = null)
    {
        var fault = new ScenarioFault();
        var json = WithoutMark(utf8);
        try
        {
            if (HallDocumentJson.UnreadableTextIn(json, default) is { } unreadable) return new ScenarioRead(null, unreadable);
            var scenario = Read(json, fault, progress);
            return new ScenarioRead(fault.IsFound ? null : scenario, fault.First);
        }
        catch (JsonException e)
        {
            return new ScenarioRead(null, NoJson(e));
        }
    }

    /// <summary>Reads the rules under which a day is to be played again (docs/foresight.md): variants that may change discipline, bounds and rules beside windows.</summary>
    /// <returns>The scenario with those variants, or what is wrong with them.</returns>
    public static ScenarioRead ReadRules(ReadOnlySpan<byte> utf8, Scenario scenario)
    {
        var fault = new ScenarioFault();
        var json = WithoutMark(utf8);
        try
        {
            if (HallDocumentJson.UnreadableTextIn(json, default) is { } unreadable) return new ScenarioRead(null, unreadable);
            var reader = new Utf8JsonReader(json);
            reader.Read();
            var rules = new ScenarioFields(JsonElement.ParseValue(ref reader), Place.Root, fault);
            var variants = Variants(rules, scenario.Windows, scenario);
            return new ScenarioRead(fault.IsFound ? null : scenario with { Variants = variants }, fault.First);
        }
        catch (JsonException e)
        {
            return new ScenarioRead(null, NoJson(e));
        }
    }

    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> utf8) => utf8.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;

    private static DocumentProblem NoJson(JsonException e) =>
        new("", string.Create(CultureInfo.InvariantCulture, $"must be JSON; line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}: {e.Message.Split(" LineNumber:")[0]}"));

    private static Scenario? Read(ReadOnlySpan<byte> utf8, ScenarioFault fault, Action<int>? progress)
    {
        var reader = new Utf8JsonReader(utf8);
        reader.Read();
        if (reader.TokenType is not JsonTokenType.StartObject)
        {
            fault.Refuse(Place.Root, "must be an object" + DocumentObject.Was(JsonElement.ParseValue(ref reader)));
            return null;
        }
        IReadOnlyList<Arrival>? arrivals = null;
        var fields = Take(ref reader, fault, progress, ref arrivals);
        if (fault.IsFound) return null;

        if (arrivals is null) fields.Wrong("arrivals", "must be a list");
        var windows = fields.Objects("windows", required: true, Window);
        RefuseTwice(fields, "windows", "id", [.. windows.Select(w => w.Id)]);
        return new Scenario
        {
            Id = fields.String("id"),
            Title = fields.String("title"),
            InMilliseconds = fields.Choice("time_unit", [("s", false), ("ms", true)], false),
            Discipline = DisciplineOf(fields.Object("discipline")),
            Rules = fields.Has("rules") ? RulesOf(fields.Object("rules"), new ScenarioRules()) : new ScenarioRules(),
            Windows = windows,
            Arrivals = arrivals ?? [],
            Now = fields.Whole("now", 0, 0),
            InService = InServiceOf(fields, windows),
            Foreknowledge = ForeknowledgeOf(fields),
            Variants = Variants(fields, windows, played: null),
        };
    }

    // Everything but the arrivals is small, and is looked at when all of it is there: fields stand in any order.
    private static ScenarioFields Take(ref Utf8JsonReader reader, ScenarioFault fault, Action<int>? progress, ref IReadOnlyList<Arrival>? arrivals)
    {
        var parts = new Dictionary<string, JsonElement>();
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("arrivals"u8))
            {
                reader.Read();
                if (reader.TokenType is JsonTokenType.StartArray) arrivals = ArrivalList.Read(ref reader, fault, progress);
                else if (reader.TokenType is not JsonTokenType.Null) fault.Refuse(Place.Root.At("arrivals"), "must be a list" + DocumentObject.Was(JsonElement.ParseValue(ref reader)));
                if (fault.IsFound) return new ScenarioFields(parts, fault);
            }
            else if (NameOf(ref reader) is { } name)
            {
                reader.Read();
                parts[name] = JsonElement.ParseValue(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }
        return new ScenarioFields(parts, fault);
    }

    private static string? NameOf(ref Utf8JsonReader reader)
    {
        foreach (var name in Fields)
            if (reader.ValueTextEquals(name)) return name;
        return null;
    }

    private static ScenarioWindow Window(ScenarioFields fields) => new(
        fields.String("id"), fields.Whole("order", -Scenario.LastMoment), fields.Strings("skills"), Calendar(fields), SkillChanges(fields));

    private static Opening[] Calendar(ScenarioFields fields)
    {
        var openings = fields.List("calendar", required: true, (item, place) =>
        {
            if (item.ValueKind is JsonValueKind.Array && item.GetArrayLength() == 2
                && ScenarioFields.IsWhole(item[0], out var opens) && ScenarioFields.IsWhole(item[1], out var closes))
            {
                if (opens >= 0 && closes > opens && closes <= Scenario.LastMoment) return new Opening(opens, closes);
                fields.RefuseAt(place, FormattableString.Invariant($"must be [open, close] with 0 ≤ open < close ≤ {Scenario.LastMoment}, was [{opens}, {closes}]"));
                return default;
            }
            fields.RefuseAt(place, "must be [open, close], two whole numbers, the second later", item);
            return default;
        });
        var sorted = openings.OrderBy(o => o.Opens).ToArray();
        for (var i = 1; i < sorted.Length; i++)
        {
            if (sorted[i].Opens >= sorted[i - 1].Closes) continue;
            fields.RefuseItem("calendar", openings.ToList().IndexOf(sorted[i]), FormattableString.Invariant($"must not overlap [{sorted[i - 1].Opens}, {sorted[i - 1].Closes}]"));
            break;
        }
        return sorted;
    }

    private static SkillChange[] SkillChanges(ScenarioFields fields) =>
        [.. fields.Objects("skill_changes", required: false, change => new SkillChange(change.Whole("t", 0), change.Strings("skills"))).OrderBy(change => change.At)];

    private static Discipline DisciplineOf(ScenarioFields fields)
    {
        var kind = fields.Choice("kind", Kinds, null);
        var all = kind is DisciplineKind.Score;
        // Of a score both are multiplied.
        var most = all ? 1_000 : MostWeight;
        return Bounded(new Discipline(
            kind,
            all || kind is DisciplineKind.HeadStart ? Classes(fields, "head_start", required: !all, -Scenario.LastMoment, Scenario.LastMoment) : Discipline.Fifo.HeadStart,
            all || kind is DisciplineKind.Accumulating ? Classes(fields, "slope", required: !all, 0, most) : Discipline.Fifo.Slope,
            all || kind is DisciplineKind.WeightedWait ? Weights(fields, required: !all, most) : Discipline.Fifo.Weight), fields);
    }

    private static Dictionary<int, decimal> Classes(ScenarioFields fields, string name, bool required, decimal least, decimal most)
    {
        var classes = new Dictionary<int, decimal>();
        fields.Table(name, required, (key, value) =>
        {
            if (!int.TryParse(key, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var priority)) return "must be named by a priority, a whole number";
            if (!ScenarioFields.IsDecimal(value, least, most, out var n)) return string.Create(CultureInfo.InvariantCulture, $"must be a number from {least} to {most}");
            return classes.TryAdd(priority, n) ? null : "must be given once";
        });
        return classes;
    }

    private static Dictionary<string, decimal> Weights(ScenarioFields fields, bool required, decimal most)
    {
        var weights = new Dictionary<string, decimal>();
        fields.Table("weight", required, (key, value) =>
            !ScenarioFields.IsDecimal(value, 0, most, out var n) ? string.Create(CultureInfo.InvariantCulture, $"must be a number from 0 to {most}")
            : weights.TryAdd(key, n) ? null : "must be given once");
        return weights;
    }

    /// <param name="otherwise">What stands for what is left out.</param>
    private static ScenarioRules RulesOf(ScenarioFields fields, ScenarioRules otherwise)
    {
        // The one there is: which of several idle windows takes a person is the simulator's own rule.
        fields.Choice("window_choice", [("longest_idle", 0)], 0);
        return new ScenarioRules(
            fields.Whole("target_seconds", 0, otherwise.Target), fields.Whole("walk_seconds", 0, otherwise.Walk),
            fields.Whole("no_show_grace_seconds", 0, otherwise.NoShowGrace), fields.Whole("short_abandon_seconds", 0, otherwise.ShortAbandon));
    }

    private static IReadOnlyList<InService> InServiceOf(ScenarioFields fields, IReadOnlyList<ScenarioWindow> windows)
    {
        var busy = fields.Objects("in_service", required: false, item => new InService(Known(item, "window", windows), item.String("ticket"), item.Whole("ends_at", 0)));
        RefuseTwice(fields, "in_service", "window", [.. busy.Select(b => b.Window)]);
        return busy;
    }

    private static Foreknowledge ForeknowledgeOf(ScenarioFields fields)
    {
        var forecast = new Dictionary<string, IReadOnlyList<double>>();
        var hourly = fields.Has("forecast") ? fields.Object("forecast") : null;
        foreach (var service in hourly?.Names ?? [])
        {
            forecast[service] = hourly!.List(service, required: true, (item, place) =>
            {
                if (item.ValueKind is JsonValueKind.Number && item.TryGetDouble(out var rate) && rate is >= 0 and < 1e9) return rate;
                hourly.RefuseAt(place, "must be a number of arrivals an hour, at least 0", item);
                return 0;
            });
        }
        var means = new Dictionary<string, double>();
        fields.Table("mean_service", required: false, (service, value) =>
        {
            if (value.ValueKind is not JsonValueKind.Number || !value.TryGetDouble(out var mean) || !(mean is > 0 and < 1e9)) return "must be a number of seconds above 0";
            means[service] = mean;
            return null;
        });
        return new Foreknowledge { Forecast = forecast, MeanServiceSeconds = means, Adviser = fields.Has("advisor") ? AdviserOf(fields.Object("advisor")) : null };
    }

    private static AdviserSettings AdviserOf(ScenarioFields fields) => new(
        fields.Whole("every_seconds", 1, 900), fields.Flag("flexible", false), fields.Has("max_services") ? (int)fields.Whole("max_services", 1, most: int.MaxValue) : null);

    /// <param name="played">The day that is to be played again under other rules; null: variants of a scenario, which change windows only.</param>
    private static IReadOnlyList<Variant> Variants(ScenarioFields fields, IReadOnlyList<ScenarioWindow> windows, Scenario? played)
    {
        var variants = fields.Objects("variants", required: played is not null, variant => new Variant(
            variant.String("id"),
            variant.Objects("window_patch", required: played is null, patch => new WindowPatch(
                Known(patch, "id", windows),
                patch.Has("calendar") ? Calendar(patch) : null,
                patch.Has("skills") ? patch.Strings("skills") : null,
                patch.Has("skill_changes") ? SkillChanges(patch) : null)),
            played is null ? null : Bounded(variant.Has("discipline") ? DisciplineOf(variant.Object("discipline")) : played.Discipline, variant),
            played is not null && variant.Has("rules") ? RulesOf(variant.Object("rules"), played.Rules) : null));
        RefuseTwice(fields, "variants", "id", [.. variants.Select(v => v.Id)]);
        return variants;
    }

    /// <summary>How far calls by score may go, where a discipline or a variant says so.</summary>
    private static Discipline Bounded(Discipline discipline, ScenarioFields given)
    {
        if (!given.Has("bounds")) return discipline;
        var bounds = given.Object("bounds");
        return discipline with { Bounds = new FairnessSettings((int)bounds.Whole("max_overtakes", 0, most: int.MaxValue), (int)bounds.Whole("max_priority_run", 0, most: int.MaxValue)) };
    }

    private static string Known(ScenarioFields fields, string name, IReadOnlyList<ScenarioWindow> windows)
    {
        var id = fields.String(name);
        if (!windows.Any(w => w.Id == id)) fields.Wrong(name, $"must be a window ({DocumentObject.Among(windows.Select(w => w.Id))})");
        return id;
    }

    private static void RefuseTwice(ScenarioFields fields, string list, string field, string[] ids)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < ids.Length; i++)
            if (!seen.Add(ids[i])) fields.RefuseItem(list, i, field, $"must be named once, was \"{DocumentObject.Cut(ids[i])}\" again");
    }
}
