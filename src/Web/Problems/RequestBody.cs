using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Buffers.Binary;

namespace HallOps.Web.Problems;

/// <summary>
/// A request's body, read whole into a pooled buffer: its bytes are needed twice, for what they say and for the hash that tells a repeated
/// request from another one under the same key. Dispose it before the answer's bytes are written, or after; not thread-safe.
/// </summary>
public sealed class RequestBody : IDisposable
{
    /// <summary>64 KiB: a hundred times the longest command.</summary>
    public const int MaxCommandBytes = 64 << 10;

    private byte[]? _rented;
    private readonly int _length;

    private RequestBody(byte[]? rented, int length) => (_rented, _length) = (rented, length);

    public ReadOnlySpan<byte> Bytes => _rented.AsSpan(0, _length);

    public bool IsEmpty => _length == 0;

    /// <summary>16 bytes of the SHA-256 of the raw bytes.</summary>
    public UInt128 Hash()
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Bytes, hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }

    /// <summary>Reads at most <paramref name="maxBytes"/>; 413 for more, 415 for a body that does not call itself JSON.</summary>
    public static async ValueTask<(RequestBody? Body, Problem? Problem)> ReadAsync(HttpContext http, int maxBytes = MaxCommandBytes)
    {
        var request = http.Request;
        if (request.ContentLength > maxBytes) return (null, TooLarge(maxBytes));
        var reader = request.BodyReader;
        while (true)
        {
            System.IO.Pipelines.ReadResult read;
            try
            {
                read = await reader.ReadAsync(http.RequestAborted);
            }
            catch (BadHttpRequestException e)
            {
                return (null, e.StatusCode == StatusCodes.Status413PayloadTooLarge ? TooLarge(maxBytes) : Problem.Of("BadRequest"));
            }
            var buffer = read.Buffer;
            if (buffer.Length > maxBytes)
            {
                reader.AdvanceTo(buffer.End);
                return (null, TooLarge(maxBytes));
            }
            if (!read.IsCompleted)
            {
                reader.AdvanceTo(buffer.Start, buffer.End);
                continue;
            }
            var length = (int)buffer.Length;
            if (length > 0 && !IsJson(request.ContentType))
            {
                reader.AdvanceTo(buffer.End);
                return (null, Problem.Of("NotJsonType"));
            }
            var rented = length == 0 ? null : ArrayPool<byte>.Shared.Rent(length);
            buffer.CopyTo(rented);
            reader.AdvanceTo(buffer.End);
            return (new RequestBody(rented, length), null);
        }
    }

    /// <summary>
    /// Reads the bytes as a <typeparamref name="T"/>; an empty body is an object without fields. Whatever is wrong is a 400 that names the field and what is
    /// allowed there.
    /// </summary>
    public bool TryRead<T>(JsonTypeInfo<T> type, [NotNullWhen(true)] out T? value, [NotNullWhen(false)] out Problem? problem) where T : class
    {
        value = null;
        problem = null;
        try
        {
            value = JsonSerializer.Deserialize(IsEmpty ? "{}"u8 : Bytes, type);
            if (value is not null) return true;
            problem = NotAnObject();
        }
        catch (JsonException e)
        {
            problem = Explain(e, typeof(T));
        }
        return false;
    }

    public void Dispose()
    {
        if (_rented is { } rented) ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        _rented = null;
    }

    private static bool IsJson(string? contentType) =>
        contentType is "application/json" or "application/json; charset=utf-8"
        || (System.Net.Http.Headers.MediaTypeHeaderValue.TryParse(contentType, out var type)
            && string.Equals(type.MediaType, "application/json", StringComparison.OrdinalIgnoreCase)
            && (type.CharSet is null || string.Equals(type.CharSet.Trim('"'), "utf-8", StringComparison.OrdinalIgnoreCase)));

    // A body that breaks off is no JSON at all; one that reads to its end is JSON with a wrong field, and the reader's path says which.
    private Problem Explain(JsonException e, Type root)
    {
        if (!IsWellFormed(Bytes, out var line, out var column))
            return Problem.Of("NotJson", ("line", line), ("column", column));
        if (e.Message.StartsWith("Duplicate property", StringComparison.Ordinal))
            return Problem.BadField(FieldOf(e), "is given twice; give it once");
        var field = FieldOf(e);
        if (field.Length == 0) return NotAnObject();
        return Problem.BadField(field, AllowedValues.At(root, field));
    }

    private static string FieldOf(JsonException e)
    {
        var path = e.Path ?? "$";
        return path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : path[1..];
    }

    private static bool IsWellFormed(ReadOnlySpan<byte> utf8, out long line, out long column)
    {
        (line, column) = (0, 0);
        try
        {
            var reader = new Utf8JsonReader(utf8);
            while (reader.Read())
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName) reader.GetString();
            return true;
        }
        catch (JsonException e)
        {
            (line, column) = ((e.LineNumber ?? 0) + 1, (e.BytePositionInLine ?? 0) + 1);
            return false;
        }
        catch (Exception e) when (e is InvalidOperationException or DecoderFallbackException)
        {
            // Bytes that are no UTF-8, or half a surrogate pair written as an escape.
            return false;
        }
    }

    private static Problem NotAnObject() => Problem.Of("NotJson");

    private static Problem TooLarge(int maxBytes) => Problem.Of("TooLarge", ("maxBytes", maxBytes));
}
