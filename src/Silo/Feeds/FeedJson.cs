using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using HallOps.Core.Halls;

namespace HallOps.Silo.Feeds;

/// <summary>The JSON of the wire: camelCase members and words, PascalCase call reasons and codes, times ISO 8601 with offset, Chinese unescaped.</summary>
public static class FeedJson
{
    public static JsonSerializerOptions Options { get; } = Configure(new JsonSerializerOptions(JsonSerializerDefaults.Web));

    /// <summary>Adds the wire's converters to somebody's options (the API's, the hub's).</summary>
    public static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.Encoder = JavaScriptEncoder.Create(UnicodeRanges.All);
        options.Converters.Add(new JsonStringEnumConverter<CallReason>());
        options.Converters.Add(new JsonStringEnumConverter<RefusalCode>());
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        options.Converters.Add(new TextHashConverter());
        options.NumberHandling = JsonNumberHandling.Strict;
        return options;
    }

    public static byte[] Utf8(object? value) => JsonSerializer.SerializeToUtf8Bytes(value, value?.GetType() ?? typeof(object), Options);

    private sealed class TextHashConverter : JsonConverter<TextHash>
    {
        public override TextHash Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new JsonException("A text's hash is never read from the wire.");

        public override void Write(Utf8JsonWriter writer, TextHash value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}
