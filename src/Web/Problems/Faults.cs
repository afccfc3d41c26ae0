using HallOps.Silo;
using HallOps.Web.Storage;

namespace HallOps.Web.Problems;

/// <summary>Gives everything that ends without an answer of ours a coded problem: unknown addresses, wrong methods, bad requests, faults.</summary>
public static partial class Faults
{
    /// <summary>Comes first in the pipeline, so that nothing after it can answer with the framework's own words.</summary>
    public static IApplicationBuilder UseCodedProblems(this IApplicationBuilder app)
    {
        var log = app.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger("HallOps.Web.Faults");
        return app.Use(async (http, next) =>
        {
            try
            {
                await next(http);
            }
            catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
            {
                // Nobody is there to be answered.
                return;
            }
            catch (Exception e) when (!http.Response.HasStarted)
            {
                var problem = Of(e);
                if (problem.Status == StatusCodes.Status500InternalServerError) Unexpected(log, e, RouteOf(http));
                else if (problem.Code == DatabaseUnavailable) DatabaseAway(log, RouteOf(http), DatabaseFaults.Of(e)!.Message);
                http.Response.Clear();
                await problem.ExecuteAsync(http);
                return;
            }
            if (!http.Response.HasStarted && http.Response.ContentLength is null && http.Response.ContentType is null && CodeOf(http.Response.StatusCode) is { } code)
                await Problem.Of(http.Response.StatusCode, code, Sentences.Of(code).Detail).ExecuteAsync(http);
        });
    }

    private static Problem Of(Exception e) => e switch
    {
        HallUnavailableException unavailable => Problem.Of(unavailable.Status.ToString()),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => Problem.Of("TooLarge"),
        BadHttpRequestException bad => Problem.Of(bad.StatusCode, "BadRequest", Sentences.Of("BadRequest").Detail),
        _ when DatabaseFaults.Of(e) is { } fault && DatabaseFaults.IsAway(fault) => Problem.Of(DatabaseUnavailable),
        // A NUL in what was sent: PostgreSQL's text has none.
        _ when DatabaseFaults.Of(e) is Npgsql.PostgresException { SqlState: Npgsql.PostgresErrorCodes.CharacterNotInRepertoire } => Problem.Of("BadRequest"),
        _ => Problem.Of("Unexpected"),
    };

    private const string DatabaseUnavailable = "DatabaseUnavailable";

    private static string? CodeOf(int status) => status switch
    {
        400 => "BadRequest",
        401 => "SignInNeeded",
        403 => "NotAllowed",
        404 => "NotFound",
        405 => "MethodNotAllowed",
        413 => "TooLarge",
        415 => "NotJsonType",
        429 => "TooManyRequests",
        _ => null,
    };

    // The template, never the path: paths hold tickets' tokens.
    private static string RouteOf(HttpContext http) => (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "(no route)";

    [LoggerMessage(EventId = 2001, Level = LogLevel.Error, Message = "A request to {Route} failed")]
    private static partial void Unexpected(ILogger log, Exception e, string route);

    [LoggerMessage(EventId = 2002, Level = LogLevel.Warning, Message = "A request to {Route} was turned away: the database does not answer ({Reason})")]
    private static partial void DatabaseAway(ILogger log, string route, string reason);
}
