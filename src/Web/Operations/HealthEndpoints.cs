using System.Text.Json.Serialization;
using HallOps.Silo;
using HallOps.Silo.Scheduling;
using HallOps.Web.Webhooks;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

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

    private static JsonHttpResult<Health> Look(IHalls halls, HallClock clock, PokeSchedule schedule, [FromServices] WebhookHost? webhooks = null)
    {
        // Halls record all the same where a receiver does not answer, the system clock is wrong or nobody pokes them.
        string[] clockProblem = clock.Read().Problem is { } problem ? [problem] : [];
        IReadOnlyList<string> problems = [.. halls.Problems, .. clockProblem, .. schedule.Problems, .. webhooks?.Problems ?? []];
        return halls.Problems.Count == 0
            ? TypedResults.Json(new Health("ok", problems.Count == 0 ? null : problems), statusCode: StatusCodes.Status200OK)
            : TypedResults.Json(new Health("unhealthy", problems), statusCode: StatusCodes.Status503ServiceUnavailable);
    }
}
