using System.Net.Http.Json;
using System.Text.Json;
using HallOps.Displays.Tests.Hosting;

namespace HallOps.Displays.Tests.Pages;

/// <summary>The demonstration as a newcomer meets it: the start page of <c>serve --demo</c>, and what is behind its buttons.</summary>
public sealed class DemoTests(Browser browser)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Demo_CallsSomebodyWithinAMinute_AndTheTourOpensEveryScreen()
    {
        await using var demo = await DemoServer.StartAsync();
        await using var visitor = await browser.VisitAsync(demo.Address);
        await visitor.OpenLiveAsync("/");
        await visitor.Page.Locator("[data-hall='rudong-town'] [data-slot='call']", new() { HasText = "→" }).WaitForAsync(new() { Timeout = 60_000 });
        Assert.True(demo.Running.Elapsed < TimeSpan.FromSeconds(60), $"The first call came {demo.Running.Elapsed.TotalSeconds:0} s after the start.");
        await Assertions.Expect(visitor.Page.Locator(".hall-card")).ToHaveCountAsync(5);
        await Assertions.Expect(visitor.Page.GetByText("hallops-demo", new() { Exact = false }).First).ToBeVisibleAsync();

        // A number, followed on the phone.
        await OpenStopAsync(visitor, "a.stop[data-number]", url => url.AbsolutePath == "/t" && url.Fragment.Length > 30);

        // The pad asks for its device; the same browser may be signed in as a clerk beside it.
        var pad = await OpenStopAsync(visitor, "a.stop[data-device='pad']", url => url.AbsolutePath == "/pad/rudong-town/1");
        await OpenStopAsync(visitor, "a.stop[data-user='clerk']", url => url.AbsolutePath == "/counter" && url.Query.Length > 1);
        await pad.ReloadAsync();
        Assert.DoesNotContain("还没有登记", await pad.Locator("body").InnerTextAsync(), StringComparison.Ordinal);

        // The day so far, as an analyst sees it.
        var reports = await OpenStopAsync(visitor, "a.stop[href^='/reports']", url => url.AbsolutePath == "/reports");
        await Assertions.Expect(reports.GetByRole(AriaRole.Heading, new() { Name = "统计报表", Exact = true })).ToBeVisibleAsync();

        // The window is the reader's: nobody simulated opens it.
        using var http = new HttpClient { BaseAddress = new Uri(demo.Address) };
        var board = await http.GetFromJsonAsync<JsonElement>("/api/v1/halls/rudong-town/board", Cancel);
        Assert.Equal("closed", board.GetProperty("windows").EnumerateArray().Single(w => w.GetProperty("window").GetString() == "1").GetProperty("state").GetString());
        visitor.AssertOnlyOwnOrigin();
    }

    [Theory]
    [InlineData("zh")]
    [InlineData("en")]
    public async Task StartPage_OfTheDemo_IsAccessible_AndFitsEveryWidth(string language)
    {
        await using var demo = await DemoServer.StartAsync("--HallOps:Clock:Speed", "8");
        await using var visitor = await browser.VisitAsync(demo.Address);
        await visitor.OpenLiveAsync($"/?lang={language}");
        await visitor.Page.Locator("[data-slot='call']", new() { HasText = "→" }).First.WaitForAsync(new() { Timeout = 60_000 });
        await visitor.AssertAccessibleAsync();
        foreach (var width in new[] { 1280, 640, 320 })
        {
            await visitor.Page.SetViewportSizeAsync(width, 800);
            await visitor.AssertNoOverflowAsync();
            await visitor.ScreenshotAsync($"start-demo-{language}-{width}", fullPage: true);
        }
    }

    [Fact]
    public async Task StartPage_WithoutHalls_SaysWhatToDo_AndWithThemShowsTheirWaits()
    {
        await using var host = await PageHost.StartAsync(alone: true);
        await using var visitor = await browser.VisitAsync(host);
        await visitor.OpenAsync("/");
        await Assertions.Expect(visitor.Page.GetByText("这里还没有大厅")).ToBeVisibleAsync();
        await visitor.AssertAccessibleAsync();
        await visitor.AssertNoOverflowAsync();
        await visitor.ScreenshotAsync("start-empty-zh");

        var hall = await host.OpenHallAsync();
        await host.WindowAsync(hall, "1", "open");
        await visitor.OpenLiveAsync("/?lang=en");
        await Assertions.Expect(visitor.Page.Locator($"[data-hall='{hall}'] [data-slot='waiting']")).ToHaveTextAsync("0 waiting");
        var issued = await host.IssueAsync(hall, "sc-001");
        await Assertions.Expect(visitor.Page.Locator($"[data-hall='{hall}'] [data-slot='waiting']")).ToHaveTextAsync("1 waiting");
        await host.WindowAsync(hall, "1", "call-next");
        await Assertions.Expect(visitor.Page.Locator($"[data-hall='{hall}'] [data-slot='call']")).ToContainTextAsync(issued.GetProperty("number").GetString()!);
        await visitor.AssertAccessibleAsync();
        await visitor.ScreenshotAsync("start-hall-en");
        // Not the demonstration: nothing says so, and nobody's password is shown.
        await Assertions.Expect(visitor.Page.Locator(".demo-mark, [data-sign-in]")).ToHaveCountAsync(0);
        using var http = new HttpClient { BaseAddress = new Uri(host.Address) };
        using var refused = await http.PostAsJsonAsync("/api/v1/demo/tickets", new { hall = hall.Value }, Cancel);
        Assert.True(refused.StatusCode is System.Net.HttpStatusCode.NotFound or System.Net.HttpStatusCode.MethodNotAllowed, $"POST demo/tickets: {refused.StatusCode}");
        visitor.AssertOnlyOwnOrigin();
    }

    /// <summary>Clicks a stop of the tour and waits until its tab is there. The start page closes the tab again where the server refuses: what it was refused is told then.</summary>
    private static async Task<IPage> OpenStopAsync(Visitor visitor, string stop, Func<Uri, bool> arrived)
    {
        var wrong = new System.Collections.Concurrent.ConcurrentQueue<string>();
        void Answered(object? _, IResponse response)
        {
            if (response.Status >= 400) wrong.Enqueue($"{response.Status} {response.Url}");
        }
        void Failed(object? _, IRequest request) => wrong.Enqueue($"{request.Failure} {request.Url}");
        visitor.Page.Response += Answered;
        visitor.Page.RequestFailed += Failed;
        try
        {
            var tab = await visitor.Page.Context.RunAndWaitForPageAsync(() => visitor.Page.ClickAsync(stop));
            try
            {
                await tab.ArriveAsync(arrived);
            }
            catch (PlaywrightException) when (tab.IsClosed)
            {
                Assert.False(visitor.Page.IsClosed, $"The browser ended while {stop} was opened.");
                Assert.Fail($"The tab of {stop} was closed: \"{await visitor.Page.Locator("#wrong:not([hidden])").InnerTextAsync()}\" {string.Join(", ", wrong)}");
            }
            return tab;
        }
        finally
        {
            visitor.Page.Response -= Answered;
            visitor.Page.RequestFailed -= Failed;
        }
    }
}
