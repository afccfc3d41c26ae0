using System.Net;
using HallOps.Displays.Serving;
using HallOps.Displays.Texts;
using HallOps.Silo.Journal;
using HallOps.Web.Problems;

namespace HallOps.Web.Operations;

/// <summary>A process whose halls another one serves: it listens where it will serve, says so, and asks for the lease until it has it.</summary>
internal static partial class WaitingRoom
{
    /// <returns>True: the lease is this process's. False: it was told to stop.</returns>
    public static async Task<bool> WaitAsync(Settings settings, RedisLease lease, string holder)
    {
        settings.Folder.Prepare();
        using var held = FolderLock.Acquire(settings.Folder.FullPath);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        var started = false;
        builder.AddLogging(settings, () => started);
        builder.AddKestrel(settings);
        await using var app = builder.Build();
        app.Use((http, next) =>
        {
            http.Response.Headers.XContentTypeOptions = "nosniff";
            return next(http);
        });
        app.UsePages();
        app.Run(http => AnswerAsync(http, holder));
        await app.StartAsync();
        started = true;
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("HallOps.Web.Operations.Standby");
        var (urls, who) = (string.Join(", ", app.Urls), holder.Length == 0 ? "another process" : holder);
        Waiting(log, urls, who);
        var stop = app.Lifetime.ApplicationStopping;
        using var timer = new PeriodicTimer(RedisLease.RenewedEvery / 2);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                try
                {
                    if (await lease.TryTakeAsync() is not { } other)
                    {
                        TakesOver(log, holder);
                        return true;
                    }
                    holder = other;
                }
                catch (IOException e)
                {
                    NotAsked(log, e.Message);
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
        return false;
    }

    private static Task AnswerAsync(HttpContext http, string holder)
    {
        if (http.Request.Path == "/alive") return TypedResults.Ok(new Alive("standby")).ExecuteAsync(http);
        if (http.Request.Path == "/health") return TypedResults.Json(new Health("standby", [], [$"Another process serves the halls: {holder}"]), statusCode: StatusCodes.Status503ServiceUnavailable).ExecuteAsync(http);
        var problem = Problem.Of("NotOwner");
        return http.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal) ? PageAsync(http, problem) : problem.ExecuteAsync(http);
    }

    private static async Task PageAsync(HttpContext http, Problem problem)
    {
        var (words, language) = (ProblemTexts.Of(problem.Code), LanguageChoice.Of(http));
        var other = language == Language.En ? Language.Zh : Language.En;
        http.Response.StatusCode = problem.Status;
        http.Response.ContentType = "text/html; charset=utf-8";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.RetryAfter = "5";
        await http.Response.WriteAsync($"""
            <!DOCTYPE html>
            <html lang="{language.Html()}"><head><meta charset="utf-8" /><meta name="viewport" content="width=device-width, initial-scale=1" /><meta http-equiv="refresh" content="5" />
            <title>HallOps</title><link rel="icon" href="/favicon.svg" type="image/svg+xml" /><link rel="stylesheet" href="/css/tokens.css" /><link rel="stylesheet" href="/css/components.css" /></head>
            <body><div class="shell"><main class="shell-main narrow"><div class="card state"><h1>{WebUtility.HtmlEncode(words.In(language))}</h1><p lang="{other.Html()}">{WebUtility.HtmlEncode(words.In(other))}</p></div></main></div></body></html>
            """, http.RequestAborted);
    }

    [LoggerMessage(EventId = 2210, Level = LogLevel.Information, Message = "Stands by at {Urls}: {Holder} serves the halls")]
    private static partial void Waiting(ILogger log, string urls, string holder);

    [LoggerMessage(EventId = 2211, Level = LogLevel.Warning, Message = "Takes over: {Holder} does not serve the halls any more")]
    private static partial void TakesOver(ILogger log, string holder);

    [LoggerMessage(EventId = 2212, Level = LogLevel.Warning, Message = "Stands by, and cannot ask who serves the halls: {Why}")]
    private static partial void NotAsked(ILogger log, string why);
}
