using System.Globalization;
using System.Net.Http.Headers;
using System.Reflection;
using System.Text;
using System.Text.Json;
using HallOps.Web.Tests.Door;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;

namespace HallOps.Web.Tests.Matrix;

/// <summary>Requests that are nearly right: bodies by the endpoint's own type, with words the test halls know, and something odd in most of them.</summary>
/// <param name="token">A ticket's token of hall h.</param>
internal sealed class OddRequests(string token)
{
    // As JSON.
    private static readonly string[] Values =
        ["null", "true", "-1", "1e999", "0.5", "99999999999999999999", "\"\"", "\"x\"", "\"\\ud800\"", "\"\\u0000\"", "[]", "{}", "[[]]", "[null]", "{\"\":{}}", "\"2026-02-30T25:00:00Z\"", "\"0001-01-01T00:00:00+14:00\"", "\"9999-12-31T23:59:59-14:00\""];

    private static readonly string[] Texts = ["", " ", "\0", "a/b", "%", "..", "中文", "😀", "\ud83d", "1-99999999999999999999", "-1", "H", "'; DROP TABLE halls;--", "__proto__", new string('x', 300), "\r\nX: y"];

    // What the halls of the tests know.
    private static readonly string[] Words = ["h", "o", "s", "t", "1", "2", "a", "b", "main", "side", "normal", "elderly", "green", "w01", "A001", "B001", "admin", "li", "four score years", "110105194912310021", "13800000000", "江苏省"];

    private static readonly Dictionary<string, string[]> ByName = new()
    {
        ["hall"] = ["h", "h", "o", "nowhere"], ["window"] = ["1", "2", "99"], ["zone"] = ["main", "side"], ["service"] = ["s", "t"], ["line"] = ["a", "b"], ["class"] = ["normal", "elderly", "green"],
        ["user"] = ["li", "admin"], ["number"] = ["A001", "A002"], ["id"] = ["1-1", "2-1", "1-999"], ["staff"] = ["w01", "w02"], ["password"] = ["four score years", "short"],
        ["idNumber"] = ["110105194912310021", "11010519491231002X"], ["phone"] = ["13800000000"], ["code"] = ["123456", "BCDF-GHJK"],
    };

    private static readonly string[] Queries = ["", "", "", "?zone=main", "?zone=", "?near=121.18,32.33", "?near=NaN,1e999", "?region=%00", "?cookie=true", "?cookie=perhaps", "?check=", "?zone=a&zone=b", "?%"];

    public HttpRequestMessage Of(string method, RouteEndpoint endpoint, Random random, out string told)
    {
        var path = endpoint.RoutePattern.RawText!;
        foreach (var parameter in endpoint.RoutePattern.Parameters)
            path = path.Replace($"{{{parameter.Name}}}", Uri.EscapeDataString(Text(random, parameter.Name)), StringComparison.Ordinal);
        var request = new HttpRequestMessage(new HttpMethod(method), path + Queries[random.Next(Queries.Length)]);
        var body = method == "GET" && random.Next(10) > 0 ? null : Body(endpoint, random);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", random.Next(15) switch { 0 => "text/plain", 1 => "application/json; charset=utf-16", 2 => ";;;", _ => "application/json" });
        }
        if (random.Next(3) == 0) request.Headers.TryAddWithoutValidation("Idempotency-Key", random.Next(3) == 0 ? new string('k', random.Next(300)) : "a key long enough for all " + random.Next(5));
        if (random.Next(8) == 0) request.Headers.TryAddWithoutValidation("If-Match", random.Next(2) == 0 ? "*" : "\"" + random.Next() + "\"");
        told = $"{method} {request.RequestUri} {(body is null ? "" : Encoding.UTF8.GetString(body))}";
        return request;
    }

    /// <summary>An argument for a method of the hub.</summary>
    public static object? Argument(Random random, Type type)
    {
        if (random.Next(4) == 0) return Parsed(random);
        if (type == typeof(string)) return random.Next(3) == 0 ? Texts[random.Next(Texts.Length)] : Words[random.Next(Words.Length)];
        if (type == typeof(long)) return random.NextInt64(long.MinValue, long.MaxValue);
        if (type == typeof(DateTimeOffset)) return DateTimeOffset.UnixEpoch.AddSeconds(random.Next());
        return new { sequenceShown = random.Next(-1, 5), sound = Texts[random.Next(Texts.Length)], version = Texts[random.Next(Texts.Length)] };
    }

    private static object? Parsed(Random random)
    {
        var json = Values[random.Next(Values.Length)];
        // Half a surrogate pair the client itself refuses to send.
        return json.Contains("ud800", StringComparison.Ordinal) ? null : JsonDocument.Parse(json).RootElement;
    }

    private string Text(Random random, string name) => random.Next(4) == 0 ? Texts[random.Next(Texts.Length)]
        : name == "token" ? token
        : ByName.TryGetValue(name, out var known) ? known[random.Next(known.Length)] : Words[random.Next(Words.Length)];

    private byte[] Body(RouteEndpoint endpoint, Random random)
    {
        var type = endpoint.Metadata.GetMetadata<Outcomes.BodyShape>()?.Type ?? endpoint.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType;
        var json = endpoint.RoutePattern.RawText!.EndsWith("/config", StringComparison.Ordinal) ? DoorHost.Document(DoorHost.Hall)
            : type is null ? Values[random.Next(Values.Length)] : Value(random, type, "", 0);
        var bytes = Encoding.UTF8.GetBytes(json);
        if (random.Next(4) > 0 || bytes.Length == 0) return bytes;
        for (var n = random.Next(1, 4); n > 0 && bytes.Length > 0; n--)
        {
            var at = random.Next(bytes.Length);
            bytes = random.Next(4) switch
            {
                0 => bytes[..at],
                1 => [.. bytes[..at], .. bytes[(at + 1)..]],
                2 => [.. bytes[..at], (byte)random.Next(256), .. bytes[at..]],
                _ => [.. bytes[..at], .. Encoding.UTF8.GetBytes(new string('[', random.Next(1, 200))), .. bytes[at..]],
            };
        }
        return bytes;
    }

    private string Value(Random random, Type type, string name, int depth)
    {
        if (depth > 0 && random.Next(8) == 0) return Values[random.Next(Values.Length)];
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string)) return JsonSerializer.Serialize(Text(random, name));
        if (type == typeof(bool)) return random.Next(2) == 0 ? "true" : "false";
        if (type.IsEnum) return JsonSerializer.Serialize(JsonNamingPolicy.CamelCase.ConvertName(Enum.GetNames(type)[random.Next(Enum.GetNames(type).Length)]));
        if (type == typeof(DateTimeOffset)) return JsonSerializer.Serialize(DateTimeOffset.UtcNow.AddMinutes(random.Next(-1000, 1000)));
        if (type.IsPrimitive) return random.Next(-2, 100).ToString(CultureInfo.InvariantCulture);
        if (Of(type, typeof(IReadOnlyDictionary<,>)) is [_, var item])
            return $"{{{string.Join(',', Enumerable.Range(0, random.Next(3)).Select(i => $"{JsonSerializer.Serialize(Words[i])}:{Value(random, item, "", depth + 1)}"))}}}";
        if (Of(type, typeof(IEnumerable<>)) is [var element])
            return $"[{string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => Value(random, element, name.TrimEnd('s'), depth + 1)))}]";
        var fields = type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(_ => random.Next(5) > 0)
            .Select(p => (Name: JsonNamingPolicy.CamelCase.ConvertName(p.Name), p.PropertyType)).Select(p => $"{JsonSerializer.Serialize(p.Name)}:{Value(random, p.PropertyType, p.Name, depth + 1)}").ToList();
        if (random.Next(20) == 0) fields.Add("\"colour\":1");
        if (random.Next(20) == 0 && fields.Count > 0) fields.Add(fields[0]);
        return $"{{{string.Join(',', fields)}}}";
    }

    private static Type[]? Of(Type type, Type generic) =>
        type.GetInterfaces().Append(type).FirstOrDefault(i => i.IsGenericType && i.GetGenericTypeDefinition() == generic)?.GetGenericArguments();
}
