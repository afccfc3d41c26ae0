using System.Collections;
using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using HallOps.Core.Calendars;
using HallOps.Core.Halls;

namespace HallOps.Silo.Orleans;

/// <summary>
/// What goes between silos and web nodes as JSON: commands, answers, questions and feeds, which are closed sets of records. Only what a constructor takes or a setter sets is written, and a value of no
/// declared type goes with its type's name, which is one of ours or plain.
/// </summary>
internal static class WireJson
{
    private static readonly FrozenDictionary<string, Type> Plain = new[]
    {
        typeof(string), typeof(bool), typeof(int), typeof(long), typeof(uint), typeof(double), typeof(DateOnly), typeof(TimeOnly), typeof(TimeSpan), typeof(DateTimeOffset),
    }.ToFrozenDictionary(type => type.Name, StringComparer.Ordinal);

    /// <summary>The types of the wire's own assemblies, by their full names.</summary>
    private static readonly FrozenDictionary<string, Type> Ours = new[] { typeof(HallCommand).Assembly, typeof(WireJson).Assembly }
        .SelectMany(assembly => assembly.GetTypes()).Where(type => type is { IsGenericType: false, IsAbstract: false, FullName: not null, Namespace: { } space } && space.StartsWith("HallOps.", StringComparison.Ordinal) && !type.Name.Contains('<', StringComparison.Ordinal)
            && !typeof(Exception).IsAssignableFrom(type) && !typeof(IAddressable).IsAssignableFrom(type))
        .ToFrozenDictionary(type => type.FullName!, StringComparer.Ordinal);

    public static JsonSerializerOptions Options { get; } = new()
    {
        IncludeFields = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new AnyConverter(), new DocumentConverter(), new HolidayConverter(), new ZoneConverter(), new FeedValueConverter() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { KeepWhatIsRead, NameTheOnes } },
    };

    public static bool Has(Type type) => type.FullName is { } name && Ours.TryGetValue(name, out var own) && own == type;

    /// <summary>A property that nobody can give back is computed from the others.</summary>
    private static void KeepWhatIsRead(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object) return;
        for (var i = type.Properties.Count - 1; i >= 0; i--)
            if (type.Properties[i] is { Set: null, AssociatedParameter: null }) type.Properties.RemoveAt(i);
    }

    /// <summary>Which of a closed set of records it is.</summary>
    private static void NameTheOnes(JsonTypeInfo type)
    {
        if (!type.Type.IsAbstract || type.Kind != JsonTypeInfoKind.Object || type.Type.Assembly != typeof(HallCommand).Assembly && type.Type.Assembly != typeof(WireJson).Assembly) return;
        type.PolymorphismOptions = new JsonPolymorphismOptions { TypeDiscriminatorPropertyName = "$is" };
        foreach (var one in Ours.Values)
            if (one.IsSubclassOf(type.Type)) type.PolymorphismOptions.DerivedTypes.Add(new JsonDerivedType(one, one.Name));
    }

    /// <summary>A list goes by the type of its items: what holds them may be a type that has no name.</summary>
    private static (string Name, Type Type) Named(Type type)
    {
        if (Plain.TryGetValue(type.Name, out var plain) && plain == type) return (type.Name, type);
        if (type.FullName is { } full && Ours.TryGetValue(full, out var own) && own == type) return (full, type);
        foreach (var list in type.GetInterfaces())
            if (list.IsGenericType && list.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) && Named(list.GetGenericArguments()[0]) is var (name, item)) return (name + "[]", item.MakeArrayType());
        throw new NotSupportedException($"{type} is none of the wire's types.");
    }

    private static Type Find(string name) =>
        name.EndsWith("[]", StringComparison.Ordinal) ? Find(name[..^2]).MakeArrayType()
        : Plain.TryGetValue(name, out var plain) ? plain
        : Ours.TryGetValue(name, out var own) ? own : throw new JsonException($"{name} is none of the wire's types.");

    /// <summary><c>[type, value]</c>.</summary>
    private sealed class AnyConverter : JsonConverter<object>
    {
        public override bool CanConvert(Type typeToConvert) => typeToConvert == typeof(object);

        public override object? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType != JsonTokenType.StartArray || !reader.Read()) throw new JsonException();
            var type = Find(reader.GetString()!);
            reader.Read();
            var value = JsonSerializer.Deserialize(ref reader, type, options);
            reader.Read();
            return value;
        }

        public override void Write(Utf8JsonWriter writer, object value, JsonSerializerOptions options)
        {
            var (name, type) = Named(value.GetType());
            writer.WriteStartArray();
            writer.WriteStringValue(name);
            if (type.IsArray && value is not Array) value = Copied((IEnumerable)value, type);
            JsonSerializer.Serialize(writer, value, type, options);
            writer.WriteEndArray();
        }

        private static Array Copied(IEnumerable items, Type type)
        {
            var list = items.Cast<object?>().ToArray();
            var copy = Array.CreateInstance(type.GetElementType()!, list.Length);
            Array.Copy(list, copy, list.Length);
            return copy;
        }
    }

    private sealed class DocumentConverter : JsonConverter<PackedDocument>
    {
        public override PackedDocument Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            reader.Read();
            var length = reader.GetInt32();
            reader.Read();
            var packed = reader.GetBytesFromBase64();
            reader.Read();
            return PackedDocument.FromPacked(packed, length);
        }

        public override void Write(Utf8JsonWriter writer, PackedDocument value, JsonSerializerOptions options)
        {
            writer.WriteStartArray();
            writer.WriteNumberValue(value.Length);
            writer.WriteBase64StringValue(value.Packed);
            writer.WriteEndArray();
        }
    }

    private sealed class HolidayConverter : JsonConverter<HolidayTable>
    {
        public override HolidayTable Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(JsonSerializer.Deserialize<HolidayDate[]>(ref reader, options)!);

        public override void Write(Utf8JsonWriter writer, HolidayTable value, JsonSerializerOptions options) => JsonSerializer.Serialize(writer, value.Days, options);
    }

    private sealed class ZoneConverter : JsonConverter<TimeZoneInfo>
    {
        public override TimeZoneInfo Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => TimeZoneInfo.FindSystemTimeZoneById(reader.GetString()!);

        public override void Write(Utf8JsonWriter writer, TimeZoneInfo value, JsonSerializerOptions options) => writer.WriteStringValue(value.Id);
    }

    private sealed class FeedValueConverter : JsonConverter<FeedValue>
    {
        public override bool HandleNull => false;

        public override FeedValue Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            reader.Read();
            var value = JsonSerializer.Deserialize<object?>(ref reader, options);
            reader.Read();
            return new FeedValue(value);
        }

        public override void Write(Utf8JsonWriter writer, FeedValue value, JsonSerializerOptions options)
        {
            writer.WriteStartArray();
            JsonSerializer.Serialize<object?>(writer, value.Value, options);
            writer.WriteEndArray();
        }
    }
}
