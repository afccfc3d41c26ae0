using System.Text.Json.Serialization;
using HallOps.Silo;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HallOps.Web.Operations;

public sealed record Alive(string Status);

/// <param name="Problems">What is wrong, a sentence each; left out when nothing is.</param>
public sealed record Health(string Status, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Problems);

/// <summary>For whoever watches the process: does it run, and can halls record?</summary>
public static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/alive", () => TypedResults.Ok(new Alive("ok"))).AllowAnonymous();
        app.MapGet("/health", Look).AllowAnonymous();
    }

    private static JsonHttpResult<Health> Look(IHalls halls)
    {
        var problems = halls.Problems;
        return problems.Count == 0
            ? TypedResults.Json(new Health("ok", null), statusCode: StatusCodes.Status200OK)
            : TypedResults.Json(new Health("unhealthy", problems), statusCode: StatusCodes.Status503ServiceUnavailable);
    }
}
