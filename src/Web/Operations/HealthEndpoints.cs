using System.Text.Json.Serialization;
using HallOps.Silo;
using HallOps.Silo.Journal;
using HallOps.Silo.Projections;
using HallOps.Silo.Scheduling;
using HallOps.Web.Storage;
using HallOps.Web.Webhooks;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace HallOps.Web.Operations;

public sealed record Alive(string Status);

/// <param name="Projections">How far what reads the journal is behind the halls.</param>
/// <param name="Problems">What is wrong, a sentence each; left out when nothing is.</param>
public sealed record Health(string Status, IReadOnlyList<ProjectionHealth> Projections, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Problems);

/// <param name="BehindEvents">Durable events that are not stored yet; those of a damaged hall are not counted.</param>
/// <param name="BehindSeconds">How long the oldest of them has been known: since it happened, or since the server started where it happened before.</param>
public sealed record ProjectionHealth(string Name, long BehindEvents, double BehindSeconds);

/// <summary>For whoever watches the process: does it run, and can halls record?</summary>
public static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/alive", () => TypedResults.Ok(new Alive("ok"))).AllowAnonymous();
        app.MapGet("/health", Look).AllowAnonymous().Produces<Health>().Produces<Health>(StatusCodes.Status503ServiceUnavailable);
    }

    private static JsonHttpResult<Health> Look(IHalls halls, HallClock clock, PokeSchedule schedule, EngineHost engine, [FromServices] WebhookHost? webhooks = null, [FromServices] RedisLease? lease = null, [FromServices] SharedNews? news = null)
    {
        // Halls record all the same where a receiver does not answer, the system clock is wrong or nobody pokes them.
        string[] clockProblem = clock.Read().Problem is { } problem ? [problem] : [];
        // Whoever takes over is the one to ask.
        string[] leaseProblem = lease?.Overdue is { } overdue && overdue > TimeSpan.Zero ? [FormattableString.Invariant($"The lease on the halls could not be renewed for {RedisLease.Lasts.TotalSeconds + overdue.TotalSeconds:0} s: another process may have them")] : [];
        IReadOnlyList<string> problems = [.. halls.Problems, .. leaseProblem, .. clockProblem, .. schedule.Problems, .. webhooks?.Problems ?? [], .. news?.Problems ?? []];
        List<ProjectionHealth> projections = engine.Projection is { } reports ? [Of("reports", reports.Behind)] : [];
        if (webhooks is not null && projections.Count > 0) projections.Add(Of("webhooks", webhooks.Follower.Behind));
        return halls.Problems.Count + leaseProblem.Length == 0
            ? TypedResults.Json(new Health("ok", projections, problems.Count == 0 ? null : problems), statusCode: StatusCodes.Status200OK)
            : TypedResults.Json(new Health("unhealthy", projections, problems), statusCode: StatusCodes.Status503ServiceUnavailable);

        static ProjectionHealth Of(string name, Behind behind) => new(name, behind.Events, Math.Round(behind.Since.TotalSeconds, 1));
    }
}
