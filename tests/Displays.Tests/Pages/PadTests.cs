using HallOps.Core.Halls;
using HallOps.Displays.Tests.Hosting;

namespace HallOps.Displays.Tests.Pages;

/// <summary>The pad of a window: when it asks, what it takes, and how it says no.</summary>
public sealed class PadTests(Browser browser)
{
    private const string Service = "sc-001";

    [Fact]
    public async Task Pad_AsksAfterTheFinishOnly_ThanksOnce_AndIsAtRestByTheNextStart()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await host.WindowAsync(hall, "1", "open");
        for (var i = 0; i < 3; i++) await host.IssueAsync(hall, Service);
        await using var pad = await PadAsync(host, hall, drivenTime: true);
        var page = pad.Page;
        await Assertions.Expect(page.Locator("#rest")).ToBeVisibleAsync();
        await LookAsync(pad, "pad-rest");
        await host.WindowAsync(hall, "1", "call-next");
        await host.WindowAsync(hall, "1", "start");
        await Assertions.Expect(page.Locator("#ask")).ToBeHiddenAsync();
        await host.WindowAsync(hall, "1", "finish");
        await Assertions.Expect(page.Locator("#ask")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("#ask :checked")).ToHaveCountAsync(0);
        await Assertions.Expect(page.Locator("#send")).ToBeDisabledAsync();
        await LookAsync(pad, "pad-ask");
        await page.CheckAsync("input[value='verySatisfied']");
        await pad.ScreenshotAsync("pad-chosen");
        await page.ClickAsync("#send");
        await Assertions.Expect(page.Locator("#said")).ToContainTextAsync("谢谢您的评价");
        await pad.ScreenshotAsync("pad-thanks");
        await page.Clock.RunForAsync(6_000);
        await Assertions.Expect(page.Locator("#rest")).ToBeVisibleAsync();

        // Not rated: back at rest by the next start.
        await host.WindowAsync(hall, "1", "call-next");
        await host.WindowAsync(hall, "1", "start");
        await host.WindowAsync(hall, "1", "finish");
        await Assertions.Expect(page.Locator("#ask")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("#ask :checked")).ToHaveCountAsync(0);
        await host.WindowAsync(hall, "1", "call-next");
        await host.WindowAsync(hall, "1", "start");
        await Assertions.Expect(page.Locator("#rest")).ToBeVisibleAsync();

        // Nor touched: back at rest after a time.
        await host.WindowAsync(hall, "1", "finish");
        await Assertions.Expect(page.Locator("#ask")).ToBeVisibleAsync();
        await page.Clock.RunForAsync(90_000);
        await Assertions.Expect(page.Locator("#rest")).ToBeVisibleAsync();
        pad.AssertOnlyOwnOrigin();
    }

    /// <summary>F28.</summary>
    [Fact]
    public async Task Rating_AfterTheNextStart_OrSentTwice_IsAnsweredKindly_AndCountsOnce()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await host.WindowAsync(hall, "1", "open");
        for (var i = 0; i < 2; i++) await host.IssueAsync(hall, Service);
        await using var pad = await PadAsync(host, hall);
        var keys = new List<string>();
        var (sent, on) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await pad.Page.RouteAsync("**/windows/1/rating", async route =>
        {
            keys.Add(route.Request.Headers["idempotency-key"]);
            if (keys.Count == 1)
            {
                // Decided, and its answer lost.
                await route.FetchAsync();
                await route.AbortAsync();
                return;
            }
            if (keys.Count > 2)
            {
                sent.TrySetResult();
                await on.Task;
            }
            await route.ContinueAsync();
        });
        foreach (var step in new[] { "call-next", "start", "finish" }) await host.WindowAsync(hall, "1", step);
        await pad.Page.CheckAsync("input[value='satisfied']");
        await pad.Page.ClickAsync("#send");
        await Assertions.Expect(pad.Page.Locator("#said")).ToContainTextAsync("谢谢您的评价");
        Assert.Single(keys.Distinct());

        foreach (var step in new[] { "call-next", "start", "finish" }) await host.WindowAsync(hall, "1", step);
        await host.IssueAsync(hall, Service);
        await pad.Page.CheckAsync("input[value='dissatisfied']");
        await pad.Page.ClickAsync("#send");
        await sent.Task;
        // The next visitor sat down while this one was choosing.
        await host.WindowAsync(hall, "1", "call-next");
        await host.WindowAsync(hall, "1", "start");
        on.SetResult();
        await Assertions.Expect(pad.Page.Locator("#said")).ToContainTextAsync("请用号票上的二维码评价");
        await pad.AssertAccessibleAsync();
        await pad.ScreenshotAsync("pad-late");
    }

    /// <summary>F28: a service has one rating, and a pad rates what its own window served.</summary>
    [Fact]
    public async Task Rating_OfWhatThePhoneRated_OrAnotherWindowServed_IsAnsweredKindly_AndChangesNothing()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        var tokens = new List<string>();
        foreach (var window in (string[])["1", "2"])
        {
            await host.WindowAsync(hall, window, "open", new { staff = $"w0{window}" });
            tokens.Add((await host.IssueAsync(hall, Service)).GetProperty("token").GetString()!);
        }
        await using var pad = await PadAsync(host, hall);
        foreach (var window in (string[])["1", "2"])
            foreach (var step in (string[])["call-next", "start", "finish"]) await host.WindowAsync(hall, window, step);
        var before = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        string? body = null;
        await pad.Page.RouteAsync("**/windows/1/rating", async route =>
        {
            body = route.Request.PostData;
            before.TrySetResult();
            await held.Task;
            await route.ContinueAsync();
        });
        await pad.Page.CheckAsync("input[value='veryDissatisfied']");
        await pad.Page.ClickAsync("#send");
        await before.Task;
        await host.PostAsync(null, $"tickets/{tokens[0]}/rating", new { grade = "satisfied" });
        held.SetResult();
        await Assertions.Expect(pad.Page.Locator("#said")).ToContainTextAsync("已经评价");
        await Assertions.Expect(pad.Page.Locator("#said [lang=en]").First).Not.ToBeEmptyAsync();
        await pad.AssertAccessibleAsync();
        await pad.ScreenshotAsync("pad-already");
        Assert.Equal("satisfied", await GradeAsync(tokens[0]));

        // The pad of window 2 with what window 1 was given: not its service, so its own is asked for still.
        await using var other = await browser.VisitAsync(host, 1280, 800, await host.DeviceAsync("pad", hall, "2"), touch: true);
        await other.OpenLiveAsync($"/pad/{hall}/2");
        await Assertions.Expect(other.Page.Locator("#ask")).ToBeVisibleAsync();
        await other.Page.RouteAsync("**/windows/2/rating", route => route.ContinueAsync(new() { PostData = System.Text.Encoding.UTF8.GetBytes(body!) }));
        await other.Page.CheckAsync("input[value='veryDissatisfied']");
        await other.Page.ClickAsync("#send");
        await Assertions.Expect(other.Page.Locator("#said")).ToBeVisibleAsync();
        await Assertions.Expect(other.Page.Locator("#said")).Not.ToContainTextAsync("正在");
        await Assertions.Expect(other.Page.Locator("#said")).Not.ToContainTextAsync("谢谢您的评价");
        await other.ScreenshotAsync("pad-foreign");
        Assert.Null(await GradeAsync(tokens[1]));
        Assert.Equal("satisfied", await GradeAsync(tokens[0]));

        async Task<string?> GradeAsync(string token)
        {
            using var client = new HttpClient { BaseAddress = new Uri(host.Address) };
            var ticket = System.Text.Json.JsonDocument.Parse(await client.GetStringAsync($"/api/v1/tickets/{token}", TestContext.Current.CancellationToken)).RootElement;
            return ticket.GetProperty("legs")[0].GetProperty("grade").GetString();
        }
    }

    [Fact]
    public async Task Pad_OfAnotherWindow_OrNoDevice_OrUnknown_SaysSo()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await using var stranger = await browser.VisitAsync(host);
        Assert.Equal(403, await stranger.OpenAsync($"/pad/{hall}/1"));
        Assert.Equal(404, await stranger.OpenAsync($"/pad/{hall}/no"));
        Assert.Equal(404, await stranger.OpenAsync("/pad/no/1"));
        await using var other = await browser.VisitAsync(host, cookies: await host.DeviceAsync("pad", hall, "2"));
        Assert.Equal(403, await other.OpenAsync($"/pad/{hall}/1"));
        // Somebody signed in at the same browser does not take the pad away, and is no pad either.
        await using var both = await browser.VisitAsync(host, cookies: [.. await host.DeviceAsync("pad", hall, "1"), .. await host.CookiesOfAsync("manager")]);
        Assert.Equal(200, await both.OpenAsync($"/pad/{hall}/1"));
        await using var manager = await browser.VisitAsync(host, cookies: await host.CookiesOfAsync("manager"));
        Assert.Equal(403, await manager.OpenAsync($"/pad/{hall}/1"));
    }

    private async Task<Visitor> PadAsync(PageHost host, HallId hall, bool drivenTime = false)
    {
        var pad = await browser.VisitAsync(host, 1280, 800, await host.DeviceAsync("pad", hall, "1"), touch: true, drivenTime: drivenTime);
        await pad.OpenLiveAsync($"/pad/{hall}/1");
        return pad;
    }

    /// <summary>Tablets lying and upright, and what a finger hits.</summary>
    private static async Task LookAsync(Visitor pad, string name)
    {
        await pad.AssertAccessibleAsync();
        foreach (var (width, height) in new[] { (1280, 800), (800, 1280), (1024, 600), (600, 1024), (1920, 1080), (2560, 1600) })
        {
            await pad.Page.SetViewportSizeAsync(width, height);
            await pad.AssertNoOverflowAsync(screen: true);
            var small = await pad.Page.EvaluateAsync<string[]>("[...document.querySelectorAll('.grade, button')].map(e => [e.textContent.trim(), e.getBoundingClientRect()]).filter(([, b]) => b.width && (b.width < 60 || b.height < 60)).map(([t, b]) => `${t} ${b.width}×${b.height}`)");
            Assert.True(small.Length == 0, string.Join("\n", small));
            await pad.ScreenshotAsync($"{name}-{width}x{height}");
        }
        await pad.Page.SetViewportSizeAsync(1280, 800);
    }
}
