using System.Collections;
using System.Globalization;
using System.Resources;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using HallOps.Core.Halls;

namespace HallOps.Displays.Texts;

/// <summary>
/// The words of one part of the pages: <c>Texts/{Name}.resx</c> in Chinese with <c>{Name}.en.resx</c> beside it. A typed class stands in front, one property
/// a key, so that a key that is missing does not compile or fails a test. Safe from any thread.
/// </summary>
public sealed class TextFile(string name)
{
    private static readonly CultureInfo English = CultureInfo.GetCultureInfo("en");

    private readonly ResourceManager _resources = new($"HallOps.Displays.Texts.{name}", typeof(TextFile).Assembly);

    public string Name { get; } = name;

    /// <summary>The text of a key, by default that of the property it is asked for in.</summary>
    /// <exception cref="MissingManifestResourceException">The key lacks a language.</exception>
    public Text Of([CallerMemberName] string key = "") =>
        Find(key) ?? throw new MissingManifestResourceException($"{Name}.resx or {Name}.en.resx has no \"{key}\".");

    /// <summary>The text of a key; null when it lacks a language.</summary>
    public Text? Find(string key) =>
        Set(CultureInfo.InvariantCulture)?.GetString(key) is { } zh && Set(English)?.GetString(key) is { } en ? new Text(zh, en) : null;

    /// <summary>Every key of one language, in no order.</summary>
    public IEnumerable<string> Keys(Language language) =>
        (Set(language == Language.En ? English : CultureInfo.InvariantCulture)?.Cast<DictionaryEntry>() ?? []).Select(entry => (string)entry.Key);

    // Without the parents: English that is missing must not show itself as Chinese.
    private ResourceSet? Set(CultureInfo culture) => _resources.GetResourceSet(culture, createIfNotExists: true, tryParents: false);

    /// <summary>The file's texts for scripts: <c>"board.called": ["叫号", "Calling"]</c>; codes keep their case.</summary>
    internal void WriteTo(Utf8JsonWriter json)
    {
        foreach (var key in Keys(Language.Zh).Order(StringComparer.Ordinal))
        {
            var text = Of(key);
            json.WriteStartArray($"{JsonNamingPolicy.CamelCase.ConvertName(Name)}.{(this == ProblemTexts.File ? key : JsonNamingPolicy.CamelCase.ConvertName(key))}");
            json.WriteStringValue(text.Zh);
            json.WriteStringValue(text.En);
            json.WriteEndArray();
        }
    }
}

public static class InLanguage
{
    /// <summary>The text in a language; Chinese where the hall's document has no English.</summary>
    public static string In(this Text text, Language language) => language == Language.En ? text.En ?? text.Zh : text.Zh;

    /// <summary>Puts values into <c>{0}</c>, <c>{1}</c> … of both languages; a text into each its own.</summary>
    public static Text With(this Text text, params object?[] values) =>
        new(string.Format(CultureInfo.InvariantCulture, text.Zh, Array.ConvertAll(values, v => v is Text t ? t.Zh : v)),
            text.En is null ? null : string.Format(CultureInfo.InvariantCulture, text.En, Array.ConvertAll(values, v => v is Text t ? t.En ?? t.Zh : v)));
}
