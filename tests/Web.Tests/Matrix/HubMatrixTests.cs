using System.Reflection;
using HallOps.Core.Halls;
using HallOps.Web.Hub;
using HallOps.Web.Tests.Door;
using HallOps.Web.Tests.Hub;
using HallOps.Web.Tickets;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace HallOps.Web.Tests.Matrix;

/// <summary>Every method of the hub × everybody × own and other hall. Made from the hub itself, so that a method without a line here fails.</summary>
public sealed class HubMatrixTests
{
    private const string Everybody = "*";
    private const string Devices = "devices";

    /// <summary>Who of hall <c>h</c> may, by API.md; <c>devices</c> are those of any hall, who speak of their own place only.</summary>
    private static readonly Dictionary<string, string> May = new()
    {
        [nameof(HallHub.WatchHall)] = Everybody,
        [nameof(HallHub.WatchZone)] = Everybody,
        [nameof(HallHub.WatchWindow)] = Everybody,
        [nameof(HallHub.WatchTicket)] = Everybody,
        [nameof(HallHub.WatchFloor)] = "clerk guide manager admin",
        [nameof(HallHub.Unwatch)] = Everybody,
        [nameof(HallHub.Announced)] = Devices,
        [nameof(HallHub.Report)] = Devices,
    };

    [Fact]
    public async Task Method_ForEverybody_AnswersAsItShould()
    {
        var cancel = TestContext.Current.CancellationToken;
        Assert.Equal(May.Keys.Order(), typeof(HallHub).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Where(m => !m.IsSpecialName && m.GetBaseDefinition() == m).Select(m => m.Name).Order());
        await using var host = await ServerHost.StartAsync();
        using var kiosk = host.As("kiosk@h");
        var token = (await kiosk.PostAsync("/api/v1/halls/h/tickets", """{"service":"s"}""").JsonAsync(201)).GetProperty("token").GetString();
        var arguments = new Dictionary<string, object?[]>
        {
            [nameof(HallHub.WatchHall)] = ["h"],
            [nameof(HallHub.WatchZone)] = ["h", "main"],
            [nameof(HallHub.WatchWindow)] = ["h", "1"],
            [nameof(HallHub.WatchTicket)] = [token],
            [nameof(HallHub.WatchFloor)] = ["h"],
            [nameof(HallHub.Unwatch)] = ["hall/h"],
            [nameof(HallHub.Announced)] = [1L, DateTimeOffset.UnixEpoch],
            [nameof(HallHub.Report)] = [new { sequenceShown = 1, sound = "playing", version = "1" }],
        };

        var wrong = new List<string>();
        foreach (var (caller, name) in DoorHost.Callers().Prepend((Caller.Anonymous, "nobody")))
        {
            await using var hub = HubClient.Connect(new Uri(host.App.Urls.First()), caller.IsAnonymous ? null : name);
            await hub.StartAsync(cancel);
            foreach (var (method, may) in May)
            {
                string got;
                try
                {
                    await hub.InvokeCoreAsync(method, typeof(object), arguments[method], cancel);
                    got = "";
                }
                catch (HubException refused)
                {
                    got = refused.Message;
                }
                var expected = Expected(may, caller, name);
                if (expected.Length == 0 ? got.Length > 0 : !got.Contains(expected + ": ", StringComparison.Ordinal))
                    wrong.Add($"{method} as {name}: expected {(expected.Length == 0 ? "to be let in" : expected)}, got {(got.Length == 0 ? "let in" : got)}");
            }
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static string Expected(string may, Caller caller, string name)
    {
        if (may == Everybody) return "";
        if (may == Devices) return caller.Device is null ? "DevicesOnly" : "";
        if (caller.IsAnonymous) return "SignInNeeded";
        var (who, hall) = name.Split('@') is [var w, var h] ? (w.TrimEnd('2'), h) : ("", "");
        return may.Split(' ').Contains(who) && hall is "h" or "*" ? "" : "NotAllowed";
    }
}
