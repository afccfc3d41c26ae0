using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using HallOps.Silo.Feeds;
using HallOps.Web.Problems;

namespace HallOps.Web.Operations;

/// <summary>Reads the small bodies of accounts, devices and operations: unknown and repeated fields are refused by name.</summary>
internal static class Bodies
{
    private static readonly JsonSerializerOptions Strict = new(FeedJson.Options)
    {
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        PropertyNameCaseInsensitive = false,
    };

    /// <summary>The body, or the problem it has; exactly one of them.</summary>
    public static async ValueTask<(T? Body, Problem? Problem)> ReadBodyAsync<T>(this HttpContext http) where T : class
    {
        var (body, wrong) = await RequestBody.ReadAsync(http);
        if (body is null) return (null, wrong);
        using (body)
            return body.TryRead((JsonTypeInfo<T>)Strict.GetTypeInfo(typeof(T)), out var value, out var problem) ? (value, null) : (null, problem);
    }
}
