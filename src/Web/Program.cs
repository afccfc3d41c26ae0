using HallOps.Displays.Serving;
using HallOps.Silo.Feeds;
using HallOps.Web.Accounts;
using HallOps.Web.Audit;
using HallOps.Web.Calendars;
using HallOps.Web.Cli;
using HallOps.Web.Demo;
using HallOps.Web.Devices;
using HallOps.Web.OpenApi;
using HallOps.Web.Operations;
using HallOps.Web.Pages;
using HallOps.Web.Problems;
using HallOps.Web.Reports;
using HallOps.Web.Storage;
using HallOps.Web.Webhooks;

return await CommandLine.RunAsync(args);

namespace HallOps.Web
{
    /// <summary>The server, put together.</summary>
    public static class Server
    {
        /// <param name="change">What a test puts in the place of something.</param>
        public static WebApplication Build(Settings settings, Action<IServiceCollection>? change = null)
        {
            var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
            var started = false;
            builder.AddLogging(settings, () => started);
            builder.AddKestrel(settings);
            builder.Services.AddSingleton(TimeProvider.System);
            builder.Services.ConfigureHttpJsonOptions(options => FeedJson.Configure(options.SerializerOptions));
            builder.Services.AddLimits(settings.LimitsOff);
            builder.Services.AddFolder(settings);
            builder.Services.AddStorage(settings);
            builder.Services.AddAccounts();
            builder.Services.AddDevices();
            builder.Services.AddAudit();
            builder.Services.AddHalls();
            builder.Services.AddReports(settings.Targets);
            builder.Services.AddWebhooks(settings);
            builder.Services.AddHallDoor(services => services.GetRequiredService<Keys>().Ticket);
            builder.Services.AddApiDocument();
            builder.Services.AddPages().AddSingleton<IPageServer>(services => new PageServer(settings, services.GetRequiredService<EngineHost>(), services));
            builder.Services.AddTelemetry();
            builder.Services.AddDemo(settings);
            builder.Services.AddSharedNews(settings);
            change?.Invoke(builder.Services);

            var app = builder.Build();
            app.Lifetime.ApplicationStarted.Register(() => started = true);
            app.UseRequestLog();
            app.UseRouteTraces();
            app.UseCodedProblems();
            app.Use((http, next) =>
            {
                http.Response.Headers.XContentTypeOptions = "nosniff";
                return next(http);
            });
            // Programs that call the API have no page to protect, and ask hundreds of times as often.
            app.UseWhen(http => !http.Request.Path.StartsWithSegments("/api"), pages => pages.UsePages());
            app.UseRouting();
            app.UseAuthentication();
            app.Use(CallerAuthentication.RefuseBadTokens);
            app.UseAuthorization();
            if (!settings.LimitsOff) app.UseRateLimiter();

            app.MapHealth();
            if (settings.Cluster is { Role: NodeRole.Silo })
            {
                app.MapLocal();
                ServerFile.Keep(app);
                return app;
            }
            var api = app.MapGroup("/api/v1");
            api.MapAccounts();
            api.MapDevices();
            api.MapAudit();
            api.MapSchedule();
            api.MapHolidays();
            api.MapReports();
            app.MapHallDoor();
            app.MapApiDocument();
            app.MapLocal();
            app.MapPhotographs(settings);
            if (settings.Play is not null) api.MapDemo();
            app.MapPages();
            ServerFile.Keep(app);
            return app;
        }
    }
}
