using System.Text;
using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Web.Tests.Door;
using HallOps.Web.Tickets;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace HallOps.Web.Tests.Matrix;

/// <summary>Every endpoint × everybody × own and other hall. Made from the endpoints that are mapped, so that one without a line here fails.</summary>
public sealed class RightsMatrixTests
{
    private const string Everybody = "*";
    private const string Clerks = "clerk manager admin";
    private const string Managers = "manager admin";

    private const string CalendarReaders = "auditor manager admin";

    private const string AnyAdmin = "admins";
    private const string EveryAdmin = "admins of every hall";
    private const string AnyAuditor = "auditors";
    private const string AnyAnalyst = "analysts";

    private const string Accounts = "accounts";
    private const string Devices = "devices";
    private const string SignedIn = "signed in";

    // The commands of the same machine have a secret, and no caller has it.
    private const string Nobody = "nobody";

    /// <summary>Who of the endpoint's own hall may, by API.md's column "who"; <c>holder</c> is whoever has the token, of any hall, but for screens; <c>admins</c> and <c>analysts</c> (auditors and admins with them) those of any hall, <c>admins of every hall</c> those alone, <c>accounts</c> whoever is signed in and no device, <c>devices</c> those of any hall, <c>signed in</c> both.</summary>
    private static readonly Dictionary<string, string> May = new()
    {
        ["GET /api/v1/halls/"] = Everybody,
        ["GET /api/v1/halls/{hall}"] = Everybody,
        ["GET /api/v1/halls/{hall}/board"] = Everybody,
        ["GET /api/v1/halls/{hall}/elsewhere"] = Everybody,
        ["POST /api/v1/halls/{hall}/tickets"] = "anonymous kiosk clerk guide manager admin",
        ["GET /api/v1/halls/{hall}/slots"] = Everybody,
        ["POST /api/v1/halls/{hall}/appointments"] = "anonymous kiosk clerk guide manager admin",
        ["POST /api/v1/halls/{hall}/appointments/{code}/move"] = "anonymous kiosk clerk guide manager admin",
        ["POST /api/v1/halls/{hall}/appointments/{code}/cancel"] = "anonymous kiosk clerk guide manager admin",
        ["POST /api/v1/halls/{hall}/appointments/{code}/check-in"] = "anonymous kiosk clerk guide manager admin",
        ["POST /api/v1/halls/{hall}/appointments/find"] = "guide manager admin",
        ["POST /api/v1/halls/{hall}/tickets/{id}/printed"] = "kiosk clerk guide manager admin",
        ["POST /api/v1/halls/{hall}/tickets/{id}/return"] = "guide manager admin",
        ["POST /api/v1/halls/{hall}/tickets/reprint"] = "kiosk clerk guide manager admin",
        ["POST /api/v1/halls/{hall}/tickets/{id}/class"] = "guide manager admin",
        ["POST /api/v1/halls/{hall}/tickets/{id}/change"] = "guide manager admin",
        ["GET /api/v1/halls/{hall}/search"] = "kiosk clerk guide manager admin",
        ["GET /api/v1/tickets/{token}"] = Everybody,
        ["GET /api/v1/tickets/{token}/code.svg"] = Everybody,
        ["POST /api/v1/tickets/{token}/cancel"] = "holder",
        ["POST /api/v1/tickets/{token}/back"] = "holder",
        ["POST /api/v1/tickets/{token}/step-away"] = "holder",
        ["POST /api/v1/tickets/{token}/appointment"] = "holder",
        ["POST /api/v1/tickets/{token}/rating"] = "anonymous",
        ["POST /api/v1/halls/{hall}/windows/{window}/rating"] = "pad",
        ["POST /api/v1/halls/{hall}/windows/{window}/open"] = Clerks,
        ["POST /api/v1/halls/{hall}/windows/{window}/take-over"] = Clerks,
        ["POST /api/v1/halls/{hall}/windows/{window}/close"] = Clerks,
        ["POST /api/v1/halls/{hall}/windows/{window}/pause"] = Clerks,
        ["POST /api/v1/halls/{hall}/windows/{window}/resume"] = Clerks,
        ["POST /api/v1/halls/{hall}/windows/{window}/next"] = Clerks,
        ["POST /api/v1/halls/{hall}/windows/{window}/call-next"] = Clerks,
        ["POST /api/v1/halls/{hall}/windows/{window}/recall"] = Clerks,
        ["POST /api/v1/halls/{hall}/windows/{window}/start"] = Clerks,
        ["POST /api/v1/halls/{hall}/windows/{window}/finish"] = Clerks,
        ["POST /api/v1/halls/{hall}/windows/{window}/no-show"] = Clerks,
        ["POST /api/v1/halls/{hall}/windows/{window}/return"] = Clerks,
        ["POST /api/v1/halls/{hall}/windows/{window}/back"] = Clerks,
        ["POST /api/v1/halls/{hall}/windows/{window}/hold"] = Clerks,
        ["POST /api/v1/halls/{hall}/windows/{window}/stage"] = Clerks,
        ["POST /api/v1/halls/{hall}/windows/{window}/transfer"] = Clerks,
        ["POST /api/v1/halls/{hall}/windows/{window}/accept"] = Clerks,
        ["POST /api/v1/halls/{hall}/windows/{window}/call"] = Managers,
        ["PUT /api/v1/halls/{hall}/windows/{window}/profile"] = Managers,
        ["POST /api/v1/halls/{hall}/suspend"] = Managers,
        ["POST /api/v1/halls/{hall}/resume"] = Managers,
        ["POST /api/v1/halls/{hall}/notices"] = Managers,
        ["POST /api/v1/halls/{hall}/notices/{notice}/withdraw"] = Managers,
        ["GET /api/v1/halls/{hall}/config"] = "admin",
        ["PUT /api/v1/halls/{hall}/config"] = "admin",
        ["POST /api/v1/halls/{hall}/config/check"] = "admin",
        ["GET /api/v1/halls/{hall}/calendar"] = CalendarReaders,
        ["PUT /api/v1/halls/{hall}/calendar"] = Managers,
        ["GET /api/v1/halls/{hall}/timeline"] = CalendarReaders,
        ["GET /api/v1/halls/{hall}/coverage"] = CalendarReaders,
        ["GET /api/v1/holidays"] = SignedIn,
        ["PUT /api/v1/holidays"] = EveryAdmin,
        ["POST /api/v1/sign-in"] = Everybody,
        ["POST /api/v1/sign-out"] = Everybody,
        ["POST /api/v1/setup"] = Everybody,
        ["GET /api/v1/accounts"] = AnyAdmin,
        ["POST /api/v1/accounts"] = AnyAdmin,
        ["PUT /api/v1/accounts/{user}"] = AnyAdmin,
        ["DELETE /api/v1/accounts/{user}"] = AnyAdmin,
        ["DELETE /api/v1/accounts/{user}/totp"] = AnyAdmin,
        ["POST /api/v1/account/totp"] = Accounts,
        ["POST /api/v1/account/totp/confirm"] = Accounts,
        ["DELETE /api/v1/account/totp"] = Accounts,
        ["GET /api/v1/devices"] = AnyAdmin,
        ["POST /api/v1/devices/links"] = AnyAdmin,
        ["POST /api/v1/devices/redeem"] = Everybody,
        ["POST /api/v1/devices/enrol"] = Everybody,
        ["POST /api/v1/devices/enrol/poll"] = Everybody,
        ["POST /api/v1/devices/confirm"] = AnyAdmin,
        ["POST /api/v1/devices/refresh"] = Devices,
        ["DELETE /api/v1/devices/{id}"] = AnyAdmin,
        ["GET /api/v1/audit"] = AnyAuditor,
        ["GET /api/v1/schedule"] = AnyAdmin,
        ["POST /api/v1/clock/accept"] = EveryAdmin,
        ["GET /api/v1/metrics/waits"] = AnyAnalyst,
        ["GET /api/v1/metrics/windows"] = AnyAnalyst,
        ["GET /api/v1/metrics/staff"] = AnyAnalyst,
        ["GET /api/v1/metrics/ratings"] = AnyAnalyst,
        ["GET /api/v1/metrics/arrivals"] = AnyAnalyst,
        ["GET /api/v1/metrics/flags"] = AnyAnalyst,
        ["GET /api/v1/metrics/names"] = AnyAnalyst,
        ["GET /api/v1/legs"] = AnyAnalyst,
        ["GET /api/v1/legs.csv"] = AnyAnalyst,
        ["GET /api/v1/legs/{hall}/{ticket}"] = "analyst auditor admin",
        ["GET /api/v1/reports"] = AnyAnalyst,
        ["GET /api/v1/reports/{hall}/{period}"] = "analyst auditor admin",
        ["POST /api/v1/local/import"] = Nobody,
        ["POST /api/v1/local/backup"] = Nobody,
        ["POST /api/v1/local/projections/rebuild"] = Nobody,
        ["POST /api/v1/local/person/export"] = Nobody,
        ["POST /api/v1/local/person/erase"] = Nobody,
        ["POST /api/v1/local/visits"] = Nobody,
    };

    [Fact]
    public async Task Endpoint_ForEverybody_AnswersAsItShould()
    {
        await using var host = await ServerHost.StartAsync();
        var endpoints = host.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.RoutePattern.RawText!.StartsWith("/api/v1", StringComparison.Ordinal))
            .Where(e => e.Metadata.GetMetadata<IHttpMethodMetadata>() is not null)
            .SelectMany(e => e.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Select(m => (Method: m, Path: e.RoutePattern.RawText!)))
            .ToList();
        Assert.Equal(May.Keys.Select(Plain).Order(), endpoints.Select(e => Plain($"{e.Method} {e.Path}")).Order());

        var wrong = new List<string>();
        var token = host.App.Services.GetRequiredService<TicketTokens>().Of(new TicketId(host.App.Services.GetRequiredService<IHalls>().Find(DoorHost.Hall)!.Value.Number, 999_999));
        foreach (var name in DoorHost.Callers().Select(c => c.Name).Prepend(null))
        {
            using var client = host.As(name);
            foreach (var (method, path) in endpoints)
            {
                // What is asked for does not exist, or lacks its fields: who may is told 2xx, 400, 404 or 409, and nothing changes for the next.
                var window = path.EndsWith("/rating", StringComparison.Ordinal) ? "1" : "99";
                var url = path.Replace("{hall}", "h", StringComparison.Ordinal).Replace("{window}", window, StringComparison.Ordinal)
                    .Replace("{id}", "1-999999", StringComparison.Ordinal).Replace("{token}", token, StringComparison.Ordinal)
                    .Replace("{user}", "nobody", StringComparison.Ordinal);
                using var request = new HttpRequestMessage(new HttpMethod(method), url);
                if (method != "GET") request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
                using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
                var expected = Expected(May[May.Keys.Single(k => Plain(k) == Plain($"{method} {path}"))], name);
                var got = (int)response.StatusCode;
                if (expected == 0 ? got is 401 or 403 or >= 500 : got != expected)
                    wrong.Add($"{method} {path} as {name ?? "nobody"}: expected {(expected == 0 ? "to be let in" : expected)}, got {got}");
            }
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static int Expected(string may, string? name)
    {
        if (may == Nobody) return 404;
        var (who, hall) = name?.Split('@') is [var w, var h] ? (w.TrimEnd('2'), h) : ("anonymous", "*");
        var letIn = may == Everybody
            || (may == AnyAdmin && who == "admin")
            || (may == EveryAdmin && who == "admin" && hall == "*")
            || (may == AnyAuditor && who == "auditor")
            || (may == AnyAnalyst && who is ("analyst" or "auditor" or "admin"))
            || (may == Accounts && who != "anonymous" && !Enum.TryParse<DeviceKind>(who, ignoreCase: true, out _))
            || (may == Devices && Enum.TryParse<DeviceKind>(who, ignoreCase: true, out _))
            || (may == SignedIn && who != "anonymous")
            || (may == "holder" ? IsHolder(who, hall) : may.Split(' ').Contains(who) && (hall is "h" or "*"));
        return letIn ? 0 : who == "anonymous" ? 401 : 403;
    }

    private static bool IsHolder(string who, string hall) => who switch
    {
        "board" or "window" or "pad" or "staff" => false,
        "kiosk" => hall == "h",
        _ => true,
    };

    private static string Plain(string endpoint) => endpoint.TrimEnd('/');
}
