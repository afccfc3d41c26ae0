using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace HallOps.Core.Halls;

/// <summary>What is asked of a hall document's bytes before anything in them is looked at.</summary>
internal static class HallDocumentJson
{
    /// <summary>16 levels: the deepest place of HALL.md, a window in a group of an exception's session, is at nine.</summary>
    public static readonly JsonReaderOptions Options = new() { MaxDepth = 16, CommentHandling = JsonCommentHandling.Disallow, AllowTrailingCommas = false };

    /// <summary>The one thing that keeps the bytes from being one JSON value with readable strings; null if they are.</summary>
    public static DocumentProblem? FaultOf(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > HallDocument.MaxBytes)
            return new("", string.Create(CultureInfo.InvariantCulture, $"must be at most {HallDocument.MaxBytes} bytes long, was {utf8.Length}"));
        if (utf8.StartsWith("\uFEFF"u8))
            return new("", "must be UTF-8 without a byte order mark: save it without one");
        try
        {
            return UnreadableTextIn(utf8, Options);
        }
        catch (JsonException e)
        {
            var reason = e.Message.Split(" LineNumber:")[0];
            return new("", string.Create(CultureInfo.InvariantCulture, $"must be JSON without comments and trailing commas; line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}: {reason}"));
        }
    }

    /// <summary>What in some JSON no string can hold: other encodings, and halves of surrogate pairs, which are good JSON where they are written as escapes. Null where there is no such thing.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static DocumentProblem? UnreadableTextIn(ReadOnlySpan<byte> utf8, JsonReaderOptions options)
    {
        if (!Utf8.IsValid(utf8))
            return new("", "must be UTF-8: save it in that encoding");

        var reader = new Utf8JsonReader(utf8, options);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                    reader.GetString();
            }
            return null;
        }
        catch (InvalidOperationException)
        {
            var line = utf8[..(int)reader.TokenStartIndex].Count((byte)'\n') + 1;
            return new("", string.Create(CultureInfo.InvariantCulture, $"must hold readable text; line {line}: a string has half a surrogate pair (\\ud800 to \\udfff alone)"));
        }
    }

    /// <summary>Of bytes without a fault.</summary>
    public static byte[] Minify(ReadOnlySpan<byte> utf8)
    {
        var to = new ArrayBufferWriter<byte>(Math.Max(1, utf8.Length));
        var reader = new Utf8JsonReader(utf8, Options);
        var comma = false;
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
            {
                to.Write(reader.ValueSpan);
                comma = true;
                continue;
            }
            if (comma)
                to.Write(","u8);
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
                WriteString(to, ref reader);
            else
                to.Write(reader.ValueSpan);
            if (reader.TokenType is JsonTokenType.PropertyName)
                to.Write(":"u8);
            comma = reader.TokenType is not (JsonTokenType.PropertyName or JsonTokenType.StartObject or JsonTokenType.StartArray);
        }
        return to.WrittenSpan.ToArray();
    }

    private static void WriteString(ArrayBufferWriter<byte> to, ref Utf8JsonReader reader)
    {
        to.Write("\""u8);
        if (reader.ValueIsEscaped)
            to.Write(Encoding.UTF8.GetBytes(Escaped(reader.GetString()!)));
        else
            to.Write(reader.ValueSpan);
        to.Write("\""u8);
    }

    // The framework's loosest encoder still escapes everything outside the basic plane, rare Han among it.
    private static string Escaped(string s)
    {
        var to = new StringBuilder(s.Length + 8);
        foreach (var c in s)
        {
            _ = c switch
            {
                '"' or '\\' => to.Append('\\').Append(c),
                '\n' => to.Append("\\n"),
                '\t' => to.Append("\\t"),
                '\r' => to.Append("\\r"),
                < ' ' => to.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => to.Append(c),
            };
        }
        return to.ToString();
    }
}
