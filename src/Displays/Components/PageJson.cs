using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using HallOps.Displays.Texts;
using HallOps.Silo.Feeds;

namespace HallOps.Displays.Components;

/// <summary>What a page gives its module: a block of data, which the content security policy lets stand where a script may not.</summary>
public static class PageJson
{
    // Escapes '<' as well, so that no text of a hall can end the block.
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    public static string Of(Language language, IReadOnlyList<TextFile> texts, object? data)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(bytes, Writing);
        json.WriteStartObject();
        json.WriteString("lang", language.Tag());
        json.WriteStartObject("texts");
        foreach (var file in texts.Prepend(CommonTexts.File).Distinct()) file.WriteTo(json);
        json.WriteEndObject();
        json.WritePropertyName("data");
        JsonSerializer.Serialize(json, data, data?.GetType() ?? typeof(object), FeedJson.Options);
        json.WriteEndObject();
        json.Flush();
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }
}
