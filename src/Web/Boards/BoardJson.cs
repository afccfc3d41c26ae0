using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using HallOps.Core.Halls;
using HallOps.Displays.Texts;
using HallOps.Silo.Feeds;
using HallOps.Web.Halls;
using HallOps.Web.Storage;

namespace HallOps.Web.Boards;

/// <summary>Pictures of a hall as JSON: the feed's own, with the words of suspensions and notices in the place of their hashes. Safe from any thread.</summary>
public sealed class BoardJson
{
    public BoardJson(ITexts texts)
    {
        Options = FeedJson.Configure(new JsonSerializerOptions(JsonSerializerDefaults.Web));
        Options.Converters.Insert(0, new SuspensionWords(texts));
        Options.Converters.Insert(0, new NoticeWords(texts));
        Options.Converters.Insert(0, new ExplanationWords());
        Options.Converters.Insert(0, new ToldOnceWords(texts));
        Options.TypeInfoResolver = new DefaultJsonTypeInfoResolver();
        Options.MakeReadOnly();
    }

    public JsonSerializerOptions Options { get; }

    public JsonTypeInfo<T> Of<T>() => (JsonTypeInfo<T>)Options.GetTypeInfo(typeof(T));

    private sealed class NoticeWords(ITexts texts) : JsonConverter<NoticeView>
    {
        public override NoticeView Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new JsonException("A notice's view is never read from the wire.");

        public override void Write(Utf8JsonWriter writer, NoticeView value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            writer.WritePropertyName("text"u8);
            JsonSerializer.Serialize(writer, value.Text ?? NoticeText.Split(texts.Find(value.Posted!.Value) ?? ""), options);
            writer.WriteString("zone"u8, value.Zone);
            if (value.Notice is { } notice) writer.WriteNumber("notice"u8, notice);
            if (value.Until is { } until) writer.WriteString("until"u8, until);
            writer.WriteEndObject();
        }
    }

    private sealed class ExplanationWords : JsonConverter<Explanation>
    {
        public override Explanation Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new JsonException("An explanation is never read from the wire.");

        public override void Write(Utf8JsonWriter writer, Explanation value, JsonSerializerOptions options) => JsonSerializer.Serialize(writer, ExplanationTexts.Of(value), options);
    }

    private sealed class ToldOnceWords(ITexts texts) : JsonConverter<ToldOnceView>
    {
        public override ToldOnceView Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new JsonException("A slip's view is never read from the wire.");

        public override void Write(Utf8JsonWriter writer, ToldOnceView value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            writer.WriteString("service"u8, value.Service);
            writer.WriteString("until"u8, value.Until);
            writer.WriteNumber("times"u8, value.Times);
            writer.WriteString("missing"u8, value.Missing is { } missing ? texts.Find(missing) : null);
            writer.WriteEndObject();
        }
    }

    private sealed class SuspensionWords(ITexts texts) : JsonConverter<SuspensionView>
    {
        public override SuspensionView Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new JsonException("A suspension's view is never read from the wire.");

        public override void Write(Utf8JsonWriter writer, SuspensionView value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            writer.WriteString("reason"u8, texts.Find(value.Reason));
            if (value.Until is { } until) writer.WriteString("until"u8, until);
            else writer.WriteNull("until"u8);
            writer.WriteEndObject();
        }
    }
}
