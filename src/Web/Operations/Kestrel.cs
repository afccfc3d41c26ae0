namespace HallOps.Web.Operations;

/// <summary>How the server listens and what it logs.</summary>
internal static partial class Kestrel
{
    public static void AddKestrel(this WebApplicationBuilder builder, Settings settings)
    {
        builder.WebHost.UseKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = Problems.RequestBody.MaxCommandBytes;
        });
        builder.WebHost.UseUrls(settings.Urls);
        builder.Services.AddRouting();
    }

    /// <summary>Logs to the console. What stops the start is told by the command in one line, so the host's own words on it are left out until <paramref name="started"/>.</summary>
    public static void AddLogging(this WebApplicationBuilder builder, Settings settings, Func<bool> started)
    {
        builder.Logging.AddSimpleConsole(console => (console.SingleLine, console.UseUtcTimestamp, console.TimestampFormat) = (true, true, "yyyy-MM-dd'T'HH:mm:ss.fff'Z' "));
        builder.Logging.SetMinimumLevel(LogLevel.Information);
        // The framework's own lines of requests carry paths and queries, and those hold tokens.
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        // A line for every token that is not good would be somebody else's to write.
        builder.Logging.AddFilter("HallOps.Web.Accounts.CallerAuthentication", LogLevel.Warning);
        // It logs a refused call as an error with its stack; a refusal is an answer, and anybody on the network could write lines with it. What throws otherwise, the hub logs itself.
        builder.Logging.AddFilter("Microsoft.AspNetCore.SignalR.Internal.DefaultHubDispatcher", LogLevel.None);
        // It warns that its keys are kept in clear: they are, in a folder that only the server's user can read.
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => level >= LogLevel.Warning && started());
        // It logs whatever it throws, some of it twice and with its stack; what it throws is logged where it ends, or is the one line that stops a start.
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.None);
        // With its settings it would write passwords.
        builder.Logging.AddFilter("Orleans", LogLevel.Warning);
        // It tells of every start and stop of its own.
        builder.Logging.AddFilter("Quartz", LogLevel.Warning);
        if (settings.Logging is { } levels) builder.Logging.AddConfiguration(levels);
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.AspNetCore.Routing", LogLevel.Warning);
    }

    /// <summary>A line a request, for those who turn <c>HallOps.Web.Requests</c> to Debug: the route's template, never the path.</summary>
    public static void UseRequestLog(this WebApplication app)
    {
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("HallOps.Web.Requests");
        if (!log.IsEnabled(LogLevel.Debug)) return;
        var time = app.Services.GetRequiredService<TimeProvider>();
        app.Use(async (http, next) =>
        {
            var start = time.GetTimestamp();
            await next(http);
            var route = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "(no route)";
            var milliseconds = time.GetElapsedTime(start).TotalMilliseconds;
            Answered(log, http.Request.Method, route, http.Response.StatusCode, milliseconds);
        });
    }

    [LoggerMessage(EventId = 2100, Level = LogLevel.Debug, Message = "{Method} {Route} {Status} in {Milliseconds:0.0} ms")]
    private static partial void Answered(ILogger log, string method, string route, int status, double milliseconds);
}
