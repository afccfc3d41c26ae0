using System.Globalization;
using System.Text.Json;

namespace HallOps.Core.Halls;

/// <summary>Where in the document something stands; written out only when there is something to say about it.</summary>
internal sealed class Place(Place? parent, string name, int index = -1)
{
    public static readonly Place Root = new(null, "");

    public Place At(string field) => new(this, field);

    public Place At(int item) => new(this, "", item);

    public override string ToString() => parent is null ? name
        : index >= 0 ? string.Create(CultureInfo.InvariantCulture, $"{parent}[{index}]")
        : ReferenceEquals(parent, Root) ? name : $"{parent}.{name}";
}

/// <summary>What was found so far in one reading.</summary>
internal sealed class Findings(TextPool pool)
{
    // 20: a screenful; whoever mends those imports again.
    private const int Most = 20;

    public TextPool Pool { get; } = pool;
    public List<DocumentProblem> Problems { get; } = [];
    public List<string> Warnings { get; } = [];

    /// <summary>Nothing more will be reported: a large document full of faults is not gone through to its end.</summary>
    public bool Full => Problems.Count == Most;

    public void Refuse(Place place, string message)
    {
        if (Problems.Count < Most)
            Problems.Add(new DocumentProblem(place.ToString(), message));
    }

    public void Warn(Place place, string message)
    {
        if (Warnings.Count < Most)
            Warnings.Add($"{place}: {message}");
    }
}

/// <summary>The ids of one list of the hall, to check references against.</summary>
/// <param name="what">Like "a line".</param>
internal sealed class KnownIds(string what, IReadOnlyCollection<string> ids)
{
    private string? must;

    public string Must => must ??= $"must be {what} of the hall ({DocumentObject.Among(ids)})";

    public bool Contains(string id) => ids.Contains(id);
}

/// <summary>
/// One object of the document with the fields allowed in it. Every reader of a field reports what is wrong and then answers a stand-in, so that
/// one pass finds all there is to find; the settings made of stand-ins are thrown away.
/// </summary>
internal sealed class DocumentObject
{
    public const int MaxIdLength = 64, MaxNameLength = 200, MaxTextLength = 1000, MaxItems = 5000;

    private static readonly string[] Zh = ["zh", "en"];
    private readonly JsonElement element;
    private readonly Findings findings;

    /// <param name="places">Fields allowed here, in the order to name them in.</param>
    public DocumentObject(JsonElement element, Place place, Findings findings, string[] allowed)
    {
        this.element = element;
        this.findings = findings;
        Place = place;
        if (IsObject = element.ValueKind is JsonValueKind.Object)
            RefuseUnknownAndRepeated(allowed);
        else
            findings.Refuse(place, $"must be an object with {Among(allowed)}{Was(element)}");
    }

    public Place Place { get; }

    public bool IsObject { get; }

    private void RefuseUnknownAndRepeated(string[] allowed)
    {
        var seen = UInt128.Zero;
        foreach (var field in element.EnumerateObject())
        {
            if (findings.Full)
                return;
            var known = Array.FindIndex(allowed, field.NameEquals);
            if (known < 0)
                findings.Refuse(Place.At(Cut(field.Name)), $"is not known here; allowed are {Among(allowed)}");
            else if ((seen & (UInt128.One << known)) != 0)
                findings.Refuse(Place.At(allowed[known]), "must be given once, was repeated");
            else
                seen |= UInt128.One << known;
        }
    }

    /// <summary>Whether the field is there and not null.</summary>
    public bool Has(string name) => Get(name, out _);

    public bool Get(string name, out JsonElement value)
    {
        value = default;
        return IsObject && element.TryGetProperty(name, out value) && value.ValueKind is not JsonValueKind.Null;
    }

    public void Refuse(string name, string message) => findings.Refuse(Place.At(name), message);

    public void RefuseAt(Place place, string message) => findings.Refuse(place, message);

    /// <summary>Reports a field that is not what it must be; with no value, one that is missing.</summary>
    public void Wrong(string name, string must)
    {
        if (IsObject)
            Refuse(name, Get(name, out var value) ? must + Was(value) : must + "; it is missing");
    }

    /// <summary>A string; null where it is left out or wrong.</summary>
    /// <param name="must">Told only if needed: most documents are right, and sixteen thousand are read at a start.</param>
    public string? String(string name, bool required, Func<string, bool> allowed, Func<string> must)
    {
        if (!Get(name, out var value) && !required)
            return null;
        if (value.ValueKind is JsonValueKind.String && value.GetString() is { } text && allowed(text))
            return findings.Pool.Share(text);
        Wrong(name, must());
        return null;
    }

    /// <summary>A required id; empty where it is wrong.</summary>
    public string Id(string name) => String(name, true, IsId, static () => "must be an id: 1 to 64 of a-z, 0-9 and -") ?? "";

    public static bool IsId(string s) => s.Length is > 0 and <= MaxIdLength && s.AsSpan().IndexOfAnyExcept(IdLetters) < 0;

    private static readonly System.Buffers.SearchValues<char> IdLetters = System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    /// <summary>The id of something else in the hall; null where it is left out or wrong.</summary>
    public string? Reference(string name, KnownIds known, bool required = false) => String(name, required, known.Contains, () => known.Must);

    public string? Words(string name, int longest, bool required = false) =>
        String(name, required, s => IsText(s, longest), () => string.Create(CultureInfo.InvariantCulture, $"must be a text of 1 to {longest} characters"));

    // Notices may have paragraphs, names have one line.
    private static bool IsText(string s, int longest) =>
        s.Length <= longest && !string.IsNullOrWhiteSpace(s) && !s.Any(c => char.IsControl(c) && (c != '\n' || longest < MaxTextLength));

    public Text? TextOf(string name, bool required = false, int longest = MaxNameLength, bool plain = false)
    {
        if (!Get(name, out var value))
        {
            if (required)
                Wrong(name, "must be a text {\"zh\", \"en\"}");
            return null;
        }
        if (plain && value.ValueKind is JsonValueKind.String)
            return Words(name, longest) is { } zh ? findings.Pool.Share(new Text(zh, null)) : null;
        return TextFrom(new DocumentObject(value, Place.At(name), findings, Zh), longest);
    }

    public static Text? TextFrom(DocumentObject words, int longest)
    {
        var zh = words.Words("zh", longest, required: true);
        var en = words.Words("en", longest);
        return zh is null ? null : words.findings.Pool.Share(new Text(zh, en));
    }

    public bool Flag(string name, bool otherwise = false)
    {
        if (!Get(name, out var value))
            return otherwise;
        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
            Wrong(name, "must be true or false");
        return value.ValueKind is JsonValueKind.True;
    }

    public int? Whole(string name, int least, int most, bool required = false)
    {
        if (!Get(name, out var value) && !required)
            return null;
        if (value.ValueKind is JsonValueKind.Number && value.TryGetInt32(out var n) && n >= least && n <= most)
            return n;
        Wrong(name, string.Create(CultureInfo.InvariantCulture, $"must be a whole number from {least} to {most}"));
        return null;
    }

    /// <summary>A number above 0.</summary>
    public double? Number(string name, double most)
    {
        if (!Get(name, out var value))
            return null;
        if (value.ValueKind is JsonValueKind.Number && value.TryGetDouble(out var n) && n > 0 && n <= most)
            return n;
        Wrong(name, string.Create(CultureInfo.InvariantCulture, $"must be a number above 0 and at most {most}"));
        return null;
    }

    /// <summary>A weight in hundredths; 100 where it is left out.</summary>
    public int Weight(string name)
    {
        if (!Get(name, out var value))
            return 100;
        if (value.ValueKind is JsonValueKind.Number && value.TryGetDecimal(out var n) && n is >= 0.01m and <= 100m && decimal.IsInteger(n * 100))
            return (int)(n * 100);
        Wrong(name, "must be a weight from 0.01 to 100 with at most two decimals");
        return 100;
    }

    /// <param name="otherwise">Null: the field is required.</param>
    public T Choice<T>(string name, (string Word, T Value)[] choices, T? otherwise) where T : struct
    {
        if (!Get(name, out var value) && otherwise is { } left)
            return left;
        if (value.ValueKind is JsonValueKind.String)
        {
            foreach (var (word, choice) in choices)
            {
                if (value.ValueEquals(word))
                    return choice;
            }
        }
        Wrong(name, $"must be one of {Among(choices.Select(c => c.Word))}");
        return choices[0].Value;
    }

    public DateOnly? Date(string name, bool required = false) =>
        String(name, required, static s => TryDate(s, out _), static () => "must be a date like 2026-11-21") is { } s && TryDate(s, out var date) ? date : null;

    public static bool TryDate(string s, out DateOnly date) => DateOnly.TryParseExact(s, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out date);

    /// <summary>Minutes since the start of the service day, to <paramref name="most"/>; null where it is left out or wrong.</summary>
    public int? Time(string name, int most, bool required = false) =>
        String(name, required, s => MinutesOf(s) <= most, () => $"must be a time from 00:00 to {Clock(most)}") is { } s ? MinutesOf(s) : null;

    private static string Clock(int minutes) => string.Create(CultureInfo.InvariantCulture, $"{minutes / 60:00}:{minutes % 60:00}");

    /// <summary>Minutes of <c>HH:MM</c>; <see cref="int.MaxValue"/> for anything else.</summary>
    public static int MinutesOf(string s) =>
        s.Length == 5 && s[2] == ':' && char.IsAsciiDigit(s[0]) && char.IsAsciiDigit(s[1]) && s[3] is >= '0' and <= '5' && char.IsAsciiDigit(s[4])
            ? (((s[0] - '0') * 10) + s[1] - '0') * 60 + ((s[3] - '0') * 10) + s[4] - '0'
            : int.MaxValue;

    /// <summary>The items of a list with their places; empty where it is left out or no list.</summary>
    public IEnumerable<(JsonElement Item, Place Place)> Items(string name, bool required = false, int most = MaxItems)
    {
        if (!Get(name, out var value) && !required)
            return [];
        if (value.ValueKind is JsonValueKind.Array && value.GetArrayLength() <= most)
            return ItemsOf(value, Place.At(name));
        var bound = string.Create(CultureInfo.InvariantCulture, $"must be a list of at most {most}");
        if (value.ValueKind is JsonValueKind.Array)
            Refuse(name, string.Create(CultureInfo.InvariantCulture, $"{bound}, had {value.GetArrayLength()}"));
        else
            Wrong(name, bound);
        return [];
    }

    public static IEnumerable<(JsonElement Item, Place Place)> ItemsOf(JsonElement list, Place place)
    {
        var i = 0;
        foreach (var item in list.EnumerateArray())
            yield return (item, place.At(i++));
    }

    /// <summary>The objects of a list.</summary>
    public IEnumerable<DocumentObject> Objects(string name, string[] allowed, bool required = false, int most = MaxItems)
    {
        foreach (var (item, place) in Items(name, required, most))
            yield return new DocumentObject(item, place, findings, allowed);
    }

    /// <summary>A list of strings, none twice; null where it is left out.</summary>
    public string[]? Strings(string name, Func<string, bool> allowed, Func<string> must, int most = MaxItems) =>
        Has(name) ? Distinct(Items(name, most: most), allowed, must) : null;

    public string[] Distinct(IEnumerable<(JsonElement Item, Place Place)> items, Func<string, bool> allowed, Func<string> must)
    {
        var found = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (item, place) in items)
        {
            if (item.ValueKind is not JsonValueKind.String || item.GetString() is not { } s || !allowed(s))
                findings.Refuse(place, must() + Was(item));
            else if (!seen.Add(s))
                findings.Refuse(place, "must be named once" + Was(item));
            else
                found.Add(findings.Pool.Share(s));
        }
        return [.. found];
    }

    /// <summary>Ids of things of the hall, none twice; null where the list is left out.</summary>
    public string[]? References(string name, KnownIds known, int most = MaxItems) => Strings(name, known.Contains, () => known.Must, most);

    /// <summary>", was …" with the value, cut to what a line can show.</summary>
    public static string Was(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined => "; it is missing",
        JsonValueKind.String => $", was \"{Cut(value.GetString()!)}\"",
        JsonValueKind.Object => ", was an object",
        JsonValueKind.Array => ", was a list",
        _ => $", was {Cut(value.GetRawText())}",
    };

    public static string Cut(string s) => s.Length <= 40 ? s : s[..(char.IsHighSurrogate(s[38]) ? 38 : 39)] + "…";

    /// <summary>"a, b, c", the first twenty of them.</summary>
    public static string Among(IEnumerable<string> words)
    {
        var first = words.Take(21).ToList();
        return first.Count == 0 ? "there are none" : string.Join(", ", first.Take(20)) + (first.Count > 20 ? ", …" : "");
    }
}
