using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace HallOps.Web.Problems;

/// <summary>
/// Reads and writes one of a closed list of words, exactly as written: camelCase and case-sensitive. The framework's own converter also takes other
/// cases and lists with commas, which would make words of the wire that no document knows.
/// </summary>
public sealed class WireWord<T> : JsonConverter<T> where T : struct, Enum
{
    private static readonly FrozenDictionary<string, T> ByWord = Enum.GetValues<T>().ToFrozenDictionary(v => JsonNamingPolicy.CamelCase.ConvertName(v.ToString()));
    private static readonly FrozenDictionary<T, JsonEncodedText> ByValue = ByWord.ToFrozenDictionary(p => p.Value, p => JsonEncodedText.Encode(p.Key));

    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && ByWord.TryGetValue(reader.GetString()!, out var value) ? value : throw new JsonException();

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(ByValue[value]);
}

/// <summary>Reads a time that carries its offset: without one it would mean the server's local time, which nobody who types it has in mind.</summary>
public sealed class OffsetTime : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String || !reader.TryGetDateTimeOffset(out var time)) throw new JsonException();
        var text = reader.GetString()!;
        return text.EndsWith('Z') || (text.Length > 6 && text[^6] is '+' or '-' && text[^3] == ':') ? time : throw new JsonException();
    }

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
