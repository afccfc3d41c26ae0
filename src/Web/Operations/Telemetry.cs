using System.Diagnostics;
using System.Diagnostics.Metrics;
using HallOps.Silo;
using Microsoft.AspNetCore.Http.Features;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace HallOps.Web.Operations;

/// <summary>Traces and figures over OTLP, only where an endpoint is set: with the standard's own variables, which the exporter reads itself.</summary>
internal static class Telemetry
{
    public const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private static readonly Meter Meter = new("HallOps");
    private static readonly Counter<long> Commands = Meter.CreateCounter<long>("hallops.commands", "{command}", "Commands of halls answered, when what they decided was durable.");

    /// <summary>Counts an answer; next to nothing where nobody listens.</summary>
    public static void Answered(AnswerStatus status)
    {
        if (Commands.Enabled) Commands.Add(1, new KeyValuePair<string, object?>("status", status.ToString()));
    }

    public static void AddTelemetry(this IServiceCollection services)
    {
        if (IsOn) services.AddHostedService<TelemetryHost>();
    }

    /// <summary>Names each request's trace by its route's template. The path and the query are taken out wherever the framework puts them in: they hold tokens.</summary>
    public static void UseRouteTraces(this WebApplication app)
    {
        if (!IsOn) return;
        app.Use(async (http, next) =>
        {
            try
            {
                await next(http);
            }
            finally
            {
                if (http.Features.Get<IHttpActivityFeature>()?.Activity is { IsAllDataRequested: true } trace)
                {
                    var route = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "(no route)";
                    trace.DisplayName = $"{http.Request.Method} {route}";
                    foreach (var tag in (string[])["url.path", "url.query", "url.full", "http.target", "http.url"]) trace.SetTag(tag, null);
                    trace.SetTag("http.request.method", http.Request.Method).SetTag("http.route", route).SetTag("http.response.status_code", http.Response.StatusCode);
                    if (http.Response.StatusCode >= StatusCodes.Status500InternalServerError) trace.SetStatus(ActivityStatusCode.Error);
                }
            }
        });
    }

    private static bool IsOn => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(EndpointVariable));

    private sealed class TelemetryHost : IHostedService, IDisposable
    {
        private TracerProvider? _traces;
        private MeterProvider? _figures;

        public Task StartAsync(CancellationToken cancellationToken)
        {
            var server = ResourceBuilder.CreateDefault().AddService("hallops").AddEnvironmentVariableDetector();
            _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(server).AddSource("Microsoft.AspNetCore").AddOtlpExporter().Build();
            _figures = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(server)
                .AddMeter(Meter.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime")
                .AddOtlpExporter().Build();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        // Sends what is left, within the exporter's own time-out.
        public void Dispose()
        {
            _traces?.Dispose();
            _figures?.Dispose();
        }
    }
}
