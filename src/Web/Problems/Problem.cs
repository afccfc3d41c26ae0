using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using HallOps.Core.Halls;

namespace HallOps.Web.Problems;

/// <summary>
/// An RFC 9457 problem with a stable <see cref="Code"/>: what every answer that is not a success looks like. Its facts are members beside
/// <c>title</c>, <c>status</c>, <c>detail</c> and <c>code</c>. Immutable; the ones without facts may be shared.
/// </summary>
public sealed class Problem : IResult, IStatusCodeHttpResult, IContentTypeHttpResult
{
    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    private readonly (string Name, object? Value)[] _members;

    private Problem(int status, string code, string detail, (string Name, object? Value)[] members) => (Status, Code, Detail, _members) = (status, code, detail, members);

    public int Status { get; }
    public string Code { get; }
    public string Detail { get; }
    public IReadOnlyList<(string Name, object? Value)> Members => _members;

    /// <summary>Seconds for <c>Retry-After</c>; null: none is sent.</summary>
    public int? RetryAfterSeconds { get; init; }

    int? IStatusCodeHttpResult.StatusCode => Status;
    string IContentTypeHttpResult.ContentType => "application/problem+json";

    /// <param name="code">PascalCase, one of <see cref="Sentences"/> wherever its words are known there; its title comes from there.</param>
    /// <param name="detail">One plain sentence that says what to do next.</param>
    /// <param name="members">camelCase; strings, numbers, booleans, times, enums, ids or lists of these.</param>
    public static Problem Of(int status, string code, string detail, params (string Name, object? Value)[] members) => new(status, code, detail, members);

    /// <summary>The problem of a code with the words and the status that <see cref="Sentences"/> has for it.</summary>
    public static Problem Of(string code, params (string Name, object? Value)[] members)
    {
        var words = Sentences.Of(code);
        return new Problem(words.Status, code, words.Detail, members) { RetryAfterSeconds = words.Status == StatusCodes.Status503ServiceUnavailable ? 1 : null };
    }

    /// <summary>The 429 of one who has to wait.</summary>
    public static Problem Late(int seconds)
    {
        var words = Sentences.Of("TooManyRequests");
        return new Problem(words.Status, "TooManyRequests", words.Detail, []) { RetryAfterSeconds = seconds };
    }

    /// <summary>A 400 that names the field of the body, as a path like <c>lines[0].line</c>, or of the query.</summary>
    public static Problem BadField(string field, string allowed) =>
        new(StatusCodes.Status400BadRequest, "BadField", $"{field} {allowed}", [("field", field), ("allowed", allowed)]);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        response.ContentType = "application/problem+json";
        response.Headers.CacheControl = "no-store";
        if (RetryAfterSeconds is { } seconds)
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        if (Status == StatusCodes.Status401Unauthorized && response.Headers.WWWAuthenticate.Count == 0)
            response.Headers.WWWAuthenticate = "Bearer";
        Write(response.BodyWriter);
        await response.BodyWriter.FlushAsync(httpContext.RequestAborted);
    }

    private void Write(IBufferWriter<byte> to)
    {
        using var json = new Utf8JsonWriter(to, Json);
        json.WriteStartObject();
        json.WriteString("title"u8, Sentences.Of(Code).Title);
        json.WriteNumber("status"u8, Status);
        json.WriteString("detail"u8, Detail);
        json.WriteString("code"u8, Code);
        foreach (var (name, value) in _members)
        {
            json.WritePropertyName(name);
            Write(json, value);
        }
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null: json.WriteNullValue(); break;
            case string text: json.WriteStringValue(text); break;
            case bool yes: json.WriteBooleanValue(yes); break;
            case int number: json.WriteNumberValue(number); break;
            case long number: json.WriteNumberValue(number); break;
            case double number: json.WriteNumberValue(number); break;
            case DateTimeOffset time: json.WriteStringValue(time); break;
            case Instant instant: json.WriteStringValue(instant.ToDateTimeOffset()); break;
            case CallReason or RefusalCode: json.WriteStringValue(value.ToString()); break;
            case AlternativeView other:
                json.WriteStartObject();
                json.WriteString("kind", other.Kind);
                json.WriteString("at", other.At);
                json.WriteEndObject();
                break;
            case Enum word: json.WriteStringValue(JsonNamingPolicy.CamelCase.ConvertName(word.ToString())); break;
            case IEnumerable list:
                json.WriteStartArray();
                foreach (var item in list) Write(json, item);
                json.WriteEndArray();
                break;
            default: json.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture)); break;
        }
    }
}

/// <summary>The shape of a problem, for the OpenAPI document; a refusal's facts are further members.</summary>
/// <param name="Field">Of a 400: the field that is wrong.</param>
public sealed record ProblemShape(string Title, int Status, string Detail, string Code, string? Field);
