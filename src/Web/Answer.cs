using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace HallOps.Web;

/// <summary>A success with a JSON body, written straight into the response.</summary>
public sealed class Answer<T>(int status, T value, JsonTypeInfo<T> type) : IResult, IStatusCodeHttpResult, IValueHttpResult<T>
{
    public T? Value => value;

    int? IStatusCodeHttpResult.StatusCode => status;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = status;
        response.ContentType = "application/json; charset=utf-8";
        // A ticket, a board or a window is true for a moment only.
        response.Headers.CacheControl = "no-store";
        using (var json = new Utf8JsonWriter(response.BodyWriter, new JsonWriterOptions { Encoder = type.Options.Encoder, SkipValidation = true }))
            JsonSerializer.Serialize(json, value, type);
        await response.BodyWriter.FlushAsync(httpContext.RequestAborted);
    }
}

/// <summary>What an endpoint takes and gives, for those who map it and for the OpenAPI document.</summary>
public static class Outcomes
{
    /// <summary>The type an endpoint reads its body as. Not the framework's own metadata: that would also answer wrong content types, in its own words.</summary>
    public sealed record BodyShape(Type Type);

    /// <summary>A public read: nothing but its reply, 404 and 503.</summary>
    public static RouteHandlerBuilder Reads<TReply>(this RouteHandlerBuilder endpoint, Act act) => endpoint.WithMetadata(act).Produces<TReply>().Refuses(Open(act, 400, 404, 503));

    /// <summary>A command with its body, its reply and what it is refused with.</summary>
    public static RouteHandlerBuilder Commands<TBody, TReply>(this RouteHandlerBuilder endpoint, Act act, int status = StatusCodes.Status200OK) =>
        endpoint.WithMetadata(act, new BodyShape(typeof(TBody))).Produces<TReply>(status).Refuses(Open(act, 400, 403, 404, 409, 413, 415, 422, 503));

    private static int[] Open(Act act, params int[] statuses) => Rights.IsOpenToAnonymous(act) ? statuses : [401, 403, .. statuses];

    private static RouteHandlerBuilder Refuses(this RouteHandlerBuilder endpoint, int[] statuses)
    {
        foreach (var status in statuses.Distinct().Order())
            endpoint.Produces<Problems.ProblemShape>(status, "application/problem+json");
        return endpoint;
    }
}
