using System.Globalization;
using System.Text.Json;
using HallOps.Core.Halls;

namespace HallOps.Core.Foresight.Simulation;

/// <summary>The first thing found wrong in a document; whoever mends it runs the command again.</summary>
internal sealed class ScenarioFault
{
    public DocumentProblem? First { get; private set; }

    public bool IsFound => First is not null;

    public void Refuse(Place place, string message) => First ??= new DocumentProblem(place.ToString(), message);
}

/// <summary>
/// One object of a scenario. Fields it does not know are passed over, <c>null</c> is a field left out. Every reader of a field reports what is wrong and then answers a stand-in: what is made of
/// stand-ins is thrown away.
/// </summary>
internal sealed class ScenarioFields
{
    /// <summary>18: what is left of a third, however it is written, is less than a score can show.</summary>
    public const int Scale = 18;

    private readonly JsonElement _value;
    private readonly Dictionary<string, JsonElement>? _parts;
    private readonly Place _place;
    private readonly ScenarioFault _fault;

    public ScenarioFields(JsonElement value, Place place, ScenarioFault fault)
    {
        (_value, _place, _fault) = (value, place, fault);
        if (value.ValueKind is not JsonValueKind.Object) fault.Refuse(place, "must be an object" + DocumentObject.Was(value));
    }

    /// <summary>The document itself, of which only these fields were kept.</summary>
    public ScenarioFields(Dictionary<string, JsonElement> parts, ScenarioFault fault) => (_parts, _place, _fault) = (parts, Place.Root, fault);

    public bool Has(string name) => Get(name, out _);

    /// <summary>Of an object that stands for a table; none where it is no object, which has been refused then.</summary>
    public IEnumerable<string> Names => _value.ValueKind is JsonValueKind.Object ? _value.EnumerateObject().Select(f => f.Name) : [];

    public bool Get(string name, out JsonElement value)
    {
        value = Given(name);
        return value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined);
    }

    public void Wrong(string name, string must)
    {
        if (IsObject) _fault.Refuse(_place.At(name), must + DocumentObject.Was(Given(name)));
    }

    private bool IsObject => _parts is not null || _value.ValueKind is JsonValueKind.Object;

    private JsonElement Given(string name)
    {
        if (_parts is not null) return _parts.GetValueOrDefault(name);
        return _value.ValueKind is JsonValueKind.Object && _value.TryGetProperty(name, out var value) ? value : default;
    }

    public ScenarioFields Object(string name) => new(Get(name, out var value) ? value : default, _place.At(name), _fault);

    public string String(string name)
    {
        if (Get(name, out var value) && value.ValueKind is JsonValueKind.String) return value.GetString()!;
        Wrong(name, "must be a string");
        return "";
    }

    /// <summary>A duration, count or the like: at least <paramref name="least"/>.</summary>
    /// <param name="otherwise">What stands for a field left out; null: it is required.</param>
    public long Whole(string name, long least, long? otherwise = null, long most = Scenario.LastMoment)
    {
        if (!Get(name, out var value) && otherwise is { } left) return left;
        var isWhole = IsWhole(value, out var n);
        if (isWhole && n >= least && n <= most) return n;
        Wrong(name, isWhole && n > most ? string.Create(CultureInfo.InvariantCulture, $"must be at most {most}") : MustBeWhole(least, most));
        return least;
    }

    public long? WholeOrNone(string name, long least) => Has(name) ? Whole(name, least) : null;

    public bool Flag(string name, bool otherwise)
    {
        if (!Get(name, out var value)) return otherwise;
        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False)) Wrong(name, "must be true or false");
        return value.ValueKind is JsonValueKind.True;
    }

    public T Choice<T>(string name, (string Word, T Value)[] choices, T? otherwise) where T : struct
    {
        if (!Get(name, out var value) && otherwise is { } left) return left;
        if (value.ValueKind is JsonValueKind.String)
        {
            foreach (var (word, choice) in choices)
                if (value.ValueEquals(word)) return choice;
        }
        Wrong(name, choices is [var only] ? $"must be {only.Word}" : $"must be one of {DocumentObject.Among(choices.Select(c => c.Word))}");
        return choices[0].Value;
    }

    /// <summary>The items of a list, each read at its place; empty where the list is left out and need not be there.</summary>
    public IReadOnlyList<T> List<T>(string name, bool required, Func<JsonElement, Place, T> read)
    {
        if (!Get(name, out var value) && !required) return [];
        if (value.ValueKind is not JsonValueKind.Array)
        {
            Wrong(name, "must be a list");
            return [];
        }
        var items = new List<T>(value.GetArrayLength());
        foreach (var (item, place) in DocumentObject.ItemsOf(value, _place.At(name)))
        {
            items.Add(read(item, place));
            if (_fault.IsFound) break;
        }
        return items;
    }

    public IReadOnlyList<T> Objects<T>(string name, bool required, Func<ScenarioFields, T> read) => List(name, required, (item, place) => read(new ScenarioFields(item, place, _fault)));

    public IReadOnlyList<string> Strings(string name) => List(name, required: true, (item, place) =>
    {
        if (item.ValueKind is JsonValueKind.String) return item.GetString()!;
        _fault.Refuse(place, "must be a string" + DocumentObject.Was(item));
        return "";
    });

    /// <summary>Every field of an object that stands for a table; empty where it is left out.</summary>
    /// <param name="must">Null where the key and its value are as they must be; what they must be where not.</param>
    public void Table(string name, bool required, Func<string, JsonElement, string?> must)
    {
        if (!Get(name, out var value) && !required) return;
        if (value.ValueKind is not JsonValueKind.Object)
        {
            Wrong(name, "must be an object");
            return;
        }
        foreach (var field in value.EnumerateObject())
            if (must(field.Name, field.Value) is { } wrong) _fault.Refuse(_place.At(name).At(field.Name), wrong + DocumentObject.Was(field.Value));
    }

    public void RefuseAt(Place place, string message) => _fault.Refuse(place, message);

    public void RefuseAt(Place place, string must, JsonElement was) => _fault.Refuse(place, must + DocumentObject.Was(was));

    public void RefuseItem(string list, int item, string message) => _fault.Refuse(_place.At(list).At(item), message);

    public void RefuseItem(string list, int item, string field, string message) => _fault.Refuse(_place.At(list).At(item).At(field), message);

    /// <summary>A number without a fraction, however it is written: 100, 100.0 or 1e2.</summary>
    public static bool IsWhole(JsonElement value, out long n)
    {
        n = 0;
        if (value.ValueKind is not JsonValueKind.Number) return false;
        if (value.TryGetInt64(out n)) return true;
        if (!value.TryGetDecimal(out var d) || !decimal.IsInteger(d) || d is < long.MinValue or > long.MaxValue) return false;
        n = (long)d;
        return true;
    }

    /// <summary>A number within bounds, kept to <see cref="Scale"/> decimals: comparisons of scores are exact from there on.</summary>
    public static bool IsDecimal(JsonElement value, decimal least, decimal most, out decimal n)
    {
        n = 0;
        if (value.ValueKind is not JsonValueKind.Number || !value.TryGetDecimal(out n) || n < least || n > most) return false;
        n = decimal.Round(n, Scale);
        return true;
    }

    public static string MustBeWhole(long least, long most) =>
        least == 1 && most == Scenario.LastMoment ? "must be a positive whole number"
        : most == Scenario.LastMoment ? string.Create(CultureInfo.InvariantCulture, $"must be a whole number, at least {least}")
        : string.Create(CultureInfo.InvariantCulture, $"must be a whole number from {least} to {most}");
}
