using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using HallOps.Core.Halls;
using HallOps.Displays.Tests.Hosting;
using static Microsoft.Playwright.Assertions;

namespace HallOps.Displays.Tests.Pages;

/// <summary>The manager's floor: profiles by a real mouse and by the keyboard, suspensions, calls out of order; whatever it does is seen where it acts.</summary>
public sealed class FloorTests(Browser browser)
{
    [Fact]
    public async Task Line_DraggedOntoAWindow_IsCalledThereNext_AndDraggedOut_NoMore()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        // w04 does tax as well: a window calls only what its clerk can do.
        await host.WindowAsync(hall, "1", "open", new { staff = "w04" });
        var number = (await host.IssueAsync(hall, "sw-004")).GetProperty("number").GetString();
        await using var manager = await browser.FloorAsync(host, hall);
        var page = manager.Page;
        Assert.Equal(JsonValueKind.Undefined, (await host.WindowAsync(hall, "1", "call-next")).ValueKind);

        await DragAsync(page, Line(page, "tax").Locator(".name"), Tile(page, "1").Locator(".tile-now"), "加到 1 号窗口");
        await Expect(Chip(page, "1", "tax")).ToBeVisibleAsync();
        await Expect(page.Locator("#done")).ToContainTextAsync("1 号窗口增加了“税务”");
        Assert.Equal(number, (await host.WindowAsync(hall, "1", "call-next")).GetProperty("number").GetString());
        await Expect(Tile(page, "1").Locator(".ticket")).ToHaveTextAsync(number!);
        await Expect(Tile(page, "1").Locator("[data-chip]")).ToContainTextAsync("正在叫号");

        // Back out of the window; what was done can be taken back.
        await DragAsync(page, Chip(page, "1", "tax"), page.Locator(".floor-facts"), "从 1 号窗口移除");
        await Expect(Chip(page, "1", "tax")).ToHaveCountAsync(0);
        await page.ClickAsync("#undo");
        await Expect(Chip(page, "1", "tax")).ToBeVisibleAsync();
        await Expect(page.Locator("#done")).ToContainTextAsync("已撤销");

        // From one window to another; the last line of a window stays.
        await DragAsync(page, Chip(page, "1", "tax"), Tile(page, "2").Locator(".tile-now"), "移到 2 号窗口");
        await Expect(Chip(page, "2", "tax")).ToBeVisibleAsync();
        await Expect(Chip(page, "1", "tax")).ToHaveCountAsync(0);
        await DragAsync(page, Chip(page, "1", "business"), page.Locator(".floor-facts"), "从 1 号窗口移除");
        await Expect(Tile(page, "1").Locator(".wrong")).ToHaveTextAsync("窗口至少要办理一个队列，没有移除。");
        await Expect(Chip(page, "1", "business")).ToBeVisibleAsync();
        manager.AssertOnlyOwnOrigin();
    }

    /// <summary>The window calls what its profile and its clerk have in common: a line that only the profile has is there, and is said not to be served.</summary>
    [Theory]
    [InlineData("zh", "w01", "当前人员不能办理", "1 号窗口的当前人员不能办理“税务”，这里不会叫这个队列的号。")]
    [InlineData("en", "z11", "the clerk there can do only part of it", "The clerk at window 1 can do only part of Tax: the rest will not be called there.")]
    public async Task Line_DroppedWhereTheClerkCannotDoIt_IsThere_AndSaysSo(string language, string staff, string onTheTile, string said)
    {
        await using var host = await PageHost.StartAsync();
        // The member of staff who does single services does one of tax here.
        var hall = await host.OpenHallAsync(change: document => document["staff"]!.AsArray().First(s => (string)s!["staff"]! == "z11")!["services"] = new System.Text.Json.Nodes.JsonArray("sw-004"));
        await host.WindowAsync(hall, "1", "open", new { staff });
        await using var manager = await browser.FloorAsync(host, hall, $"?lang={language}");
        var page = manager.Page;
        await DragAsync(page, Line(page, "tax").Locator(".name"), Tile(page, "1").Locator(".tile-now"), "1");
        await Expect(Chip(page, "1", "tax").Locator(".chip-cannot")).ToHaveTextAsync(onTheTile);
        await Expect(page.Locator("#done [role=status]")).ToContainTextAsync(said);
        await Expect(Tile(page, "1").Locator(".wrong")).ToBeHiddenAsync();
        await manager.AssertAccessibleAsync();
        await manager.AssertNoOverflowAsync();
        await manager.ScreenshotAsync($"floor-cannot-{language}");
        // Rendered by the server it says the same; with a clerk who can do it there is nothing to say.
        await page.ReloadAsync();
        await Expect(Chip(page, "1", "tax").Locator(".chip-cannot")).ToHaveTextAsync(onTheTile);
        await host.WindowAsync(hall, "1", "close");
        await host.WindowAsync(hall, "1", "open", new { staff = "w04" });
        await Expect(Chip(page, "1", "tax").Locator(".chip-cannot")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task Profile_ChangedByTheKeyboardAlone_IsWhatTheNextCallFollows()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        // w04 does tax as well: a window calls only what its clerk can do.
        await host.WindowAsync(hall, "1", "open", new { staff = "w04" });
        var number = (await host.IssueAsync(hall, "sw-004")).GetProperty("number").GetString();
        await using var manager = await browser.FloorAsync(host, hall);
        var (page, keys) = (manager.Page, manager.Page.Keyboard);
        // To the window by Tab and arrows, into its lines by a letter.
        await page.FocusAsync("#lines .floor-line:last-child [data-suspend]");
        await keys.PressAsync("Tab");
        await keys.PressAsync("ArrowRight");
        await Expect(Tile(page, "2").Locator("[data-pick]")).ToBeFocusedAsync();
        await keys.PressAsync("ArrowLeft");
        await keys.PressAsync("l");
        await Expect(page.Locator("#lines-dialog")).ToBeVisibleAsync();
        // Nothing ticked is refused where it was done.
        await keys.PressAsync("Space");
        await keys.PressAsync("Enter");
        await Expect(page.Locator("#lines-dialog .wrong:visible")).ToHaveTextAsync("窗口至少要办理一个队列。");
        var tax = page.Locator("#profile [data-key=tax] [type=checkbox]");
        for (var i = 0; i < 20 && !await tax.EvaluateAsync<bool>("box => box === document.activeElement"); i++) await keys.PressAsync("ArrowDown");
        await keys.PressAsync("Space");
        await keys.PressAsync("Enter");
        await Expect(page.Locator("#lines-dialog")).ToBeHiddenAsync();
        await Expect(Chip(page, "1", "tax")).ToBeVisibleAsync();
        await Expect(Chip(page, "1", "business")).ToHaveCountAsync(0);
        await Expect(Tile(page, "1").Locator("[data-pick]")).ToBeFocusedAsync();
        Assert.Equal(number, (await host.WindowAsync(hall, "1", "call-next")).GetProperty("number").GetString());
    }

    [Fact]
    public async Task Suspension_OfALine_AService_AndTheHall_IsSeen_RefusesNumbers_AndIsResumed()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await using var manager = await browser.FloorAsync(host, hall);
        var page = manager.Page;
        var line = Line(page, "tax");
        await line.Locator("[data-suspend]").ClickAsync();
        await page.ClickAsync("#suspend-dialog [type=submit]");
        await Expect(page.Locator("#suspend-reason-wrong")).ToHaveTextAsync("请写明原因。");
        await page.FillAsync("#suspend-reason", "税务系统故障");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#suspend-dialog")).ToBeHiddenAsync();
        await Expect(line.Locator(".stopped")).ToContainTextAsync("税务系统故障");
        Assert.Equal("Suspended", await RefusedAsync(host, hall, "sw-004"));
        await line.Locator("[data-resume]").ClickAsync();
        await Expect(line.Locator(".stopped")).ToBeHiddenAsync();
        await host.IssueAsync(hall, "sw-004");

        await line.Locator("[data-suspend]").ClickAsync();
        await page.SelectOptionAsync("#suspend-what", "sw-005");
        await page.ClickAsync("#suspend-picks button >> nth=0");
        await page.Keyboard.PressAsync("Enter");
        await Expect(line.Locator(".suspended-service")).ToContainTextAsync("税务信息报告 · 业务系统故障");
        Assert.Equal("Suspended", await RefusedAsync(host, hall, "sw-005"));
        await host.IssueAsync(hall, "sw-004");
        await line.Locator("[data-resume-service]").ClickAsync();
        await Expect(line.Locator(".suspended-service")).ToHaveCountAsync(0);

        await page.ClickAsync("#suspend-hall");
        await page.FillAsync("#suspend-reason", "停电");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#hall-suspended")).ToContainTextAsync("停电");
        Assert.Equal("Suspended", await RefusedAsync(host, hall, "sc-001"));
        await page.ClickAsync("[data-resume-hall]");
        await Expect(page.Locator("#hall-suspended")).ToBeHiddenAsync();
        await host.IssueAsync(hall, "sc-001");
    }

    [Fact]
    public async Task Window_IsOpenedPausedAndClosed_AndCallsANumberOutOfOrder()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        for (var i = 0; i < 3; i++) await host.IssueAsync(hall, "sc-001");
        await using var manager = await browser.FloorAsync(host, hall);
        var (page, keys) = (manager.Page, manager.Page.Keyboard);
        var tile = Tile(page, "1");
        await tile.Locator("[data-pick]").FocusAsync();
        await keys.PressAsync("k");
        await Expect(tile.Locator(".wrong")).ToHaveTextAsync("1 号窗口现在是“未开放”，空闲时才能叫号。");
        await keys.PressAsync("o");
        await page.SelectOptionAsync("#open-staff", "w01");
        await keys.PressAsync("Tab");
        await page.ClickAsync("#open-dialog [type=submit]");
        await Expect(tile).ToContainTextAsync("窗口人员01");
        await Expect(tile.Locator(".wrong")).ToBeHiddenAsync();
        // The feed may be quicker than the answer that closes the dialog and gives the tile its focus back.
        await Expect(page.Locator("#open-dialog")).ToBeHiddenAsync();

        await keys.PressAsync("Enter");
        await Expect(page.Locator("#window-dialog")).ToBeVisibleAsync();
        await keys.PressAsync("k");
        await page.FillAsync("#call-number", "z999");
        await keys.PressAsync("Enter");
        await Expect(page.Locator("#call-reason-wrong")).ToHaveTextAsync("请写明原因。");
        await page.FillAsync("#call-reason", "急需赶车");
        await keys.PressAsync("Enter");
        await Expect(page.Locator("#call-number-wrong")).ToHaveTextAsync("没有找到这张号票，请核对号码。");

        // The answer is lost after the deed, twice: pressing once more repeats the request under its key, and is told that it was done.
        var (lost, used) = (2, new List<string?>());
        await page.RouteAsync("**/call", async route =>
        {
            used.Add(await route.Request.HeaderValueAsync("Idempotency-Key"));
            if (lost-- > 0) { await route.FetchAsync(); await route.AbortAsync(); }
            else await route.ContinueAsync();
        });
        await page.FillAsync("#call-number", "d003");
        await keys.PressAsync("Enter");
        await Expect(tile.Locator(".ticket")).ToHaveTextAsync("D003");
        await Expect(page.Locator("#call-number-wrong")).ToContainTextAsync("再按一次是安全的");
        await keys.PressAsync("Enter");
        await Expect(page.Locator("#call-dialog")).ToBeHiddenAsync();
        Assert.Equal(3, used.Count);
        Assert.Single(used.Distinct());
        await page.UnrouteAsync("**/call");

        await host.WindowAsync(hall, "1", "start");
        await host.WindowAsync(hall, "1", "finish");
        await Expect(tile.Locator("[data-chip]")).ToContainTextAsync("空闲");
        await tile.Locator("[data-pick]").FocusAsync();
        await keys.PressAsync("p");
        await keys.PressAsync("2");
        await keys.PressAsync("Enter");
        await Expect(tile.Locator(".since")).ToHaveTextAsync("用餐");
        // The tile may know before the press is answered: the dialog has the keys until then.
        await Expect(page.Locator("#pause-dialog")).ToBeHiddenAsync();
        await keys.PressAsync("p");
        await Expect(tile.Locator("[data-chip]")).ToContainTextAsync("空闲");
        await keys.PressAsync("c");
        await keys.PressAsync("Enter");
        await Expect(tile.Locator("[data-chip]")).ToContainTextAsync("未开放");
    }

    [Fact]
    public async Task Floor_IsTheManagersOnly_AndSaysSo()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await host.AddClerkAsync(hall, "w01");
        await using var nobody = await browser.VisitAsync(host);
        await nobody.OpenAsync($"/floor/{hall}");
        Assert.Equal("/sign-in", new Uri(nobody.Page.Url).AbsolutePath);
        foreach (var user in (string[])["w01", "guide"])
        {
            await using var other = await browser.VisitAsync(host, cookies: await host.CookiesOfAsync(user));
            Assert.Equal((int)HttpStatusCode.Forbidden, await other.OpenAsync($"/floor/{hall}"));
            await Expect(other.Page.Locator("main")).ToContainTextAsync(host.NameOf(user));
            await other.AssertAccessibleAsync();
        }
        await using var manager = await browser.VisitAsync(host, cookies: await host.CookiesOfAsync("manager"));
        Assert.Equal((int)HttpStatusCode.NotFound, await manager.OpenAsync("/floor/nowhere"));
    }

    [Fact]
    public async Task Floor_WhoseSessionIsOver_AsksToSignIn_AndLeadsBack()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await using var manager = await browser.VisitAsync(host, cookies: await host.CookiesOfAsync("manager"));
        var connection = await manager.CutAsync();
        await manager.OpenLiveAsync($"/floor/{hall}");

        // The server has closed the connection, and the browser has let the cookie go at the same hour.
        await manager.Page.Context.ClearCookiesAsync();
        connection.Cut();
        connection.Mend();

        await manager.Page.ArriveAsync(url => url.AbsolutePath == "/sign-in");
        await manager.Page.FillAsync("#user", host.NameOf("manager"));
        await manager.Page.FillAsync("#password", PageHost.Password);
        await manager.Page.PressAsync("#password", "Enter");
        await manager.Page.ArriveAsync(url => url.AbsolutePath == $"/floor/{hall}");
        await manager.WaitForFeedAsync("live");
    }

    [Theory]
    [InlineData("zh")]
    [InlineData("en")]
    public async Task Floor_InEveryLayout_IsAccessible_AndFits(string language)
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        for (var i = 1; i <= 9; i++) await host.WindowAsync(hall, $"{i}", "open", new { staff = $"w{i:00}" });
        foreach (var service in (string[])["sc-001", "sc-001", "sc-001", "sc-001", "sw-004", "sw-004", "sw-005", "gt-002", "gt-004", "ga-003", "ws-001"]) await host.IssueAsync(hall, service);
        await host.WindowAsync(hall, "1", "call-next");
        await host.WindowAsync(hall, "4", "call-next");
        await host.WindowAsync(hall, "4", "start");
        await host.WindowAsync(hall, "5", "pause", new { reason = "meal", until = DateTimeOffset.Parse("2030-01-01T12:30:00+08:00", System.Globalization.CultureInfo.InvariantCulture) });
        await host.PostAsync("manager", $"halls/{hall}/suspend", new { lines = new[] { "land" }, reason = "不动产系统升级" });
        await host.PostAsync("manager", $"halls/{hall}/suspend", new { services = new[] { "sw-005" }, reason = "税务系统故障" });
        await using var manager = await browser.VisitAsync(host, 1366, 768, await host.CookiesOfAsync("manager"));
        var page = manager.Page;
        await manager.OpenLiveAsync($"/floor/{hall}?lang={language}");
        await LookAsync("floor");
        await Tile(page, "4").Locator("[data-pick]").FocusAsync();
        await page.Keyboard.PressAsync("l");
        await LookAsync("floor-lines");
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("Enter");
        await LookAsync("floor-window");
        await page.Keyboard.PressAsync("Escape");
        await Tile(page, "2").Locator("[data-pick]").FocusAsync();
        await page.Keyboard.PressAsync("k");
        await page.Keyboard.PressAsync("Enter");
        await LookAsync("floor-call");
        await page.Keyboard.PressAsync("Escape");
        await Line(page, "tax").Locator("[data-suspend]").ClickAsync();
        await LookAsync("floor-suspend");
        await page.Keyboard.PressAsync("Escape");
        foreach (var (window, key, name) in ((string, string, string)[])[("10", "o", "open"), ("2", "p", "pause"), ("2", "c", "close")])
        {
            await Tile(page, window).Locator("[data-pick]").FocusAsync();
            await page.Keyboard.PressAsync(key);
            await Expect(page.Locator($"#{name}-dialog")).ToBeVisibleAsync();
            await LookAsync($"floor-{name}");
            await page.Keyboard.PressAsync("Escape");
        }
        await page.SetViewportSizeAsync(1366, 768);
        await page.EvaluateAsync("scrollTo(0, 0)");
        var (from, to) = (await Line(page, "tax").Locator(".name").BoundingBoxAsync(), await Tile(page, "2").BoundingBoxAsync());
        await page.Mouse.MoveAsync(from!.X + 5, from.Y + 5);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(to!.X + 40, to.Y + 80, new() { Steps = 4 });
        await manager.ScreenshotAsync($"floor-drag-{language}");
        await page.Mouse.UpAsync();
        await Expect(page.Locator("#undo")).ToBeVisibleAsync();
        await manager.AssertAccessibleAsync();
        await manager.ScreenshotAsync($"floor-done-{language}");
        manager.AssertOnlyOwnOrigin();

        async Task LookAsync(string name)
        {
            // 683 px is 1366 at 200 % zoom.
            foreach (var (width, height) in name == "floor" ? ((int, int)[])[(1366, 768), (1920, 1080), (1080, 1920), (390, 844), (683, 384)] : [(1366, 768), (390, 844), (683, 384)])
            {
                await page.SetViewportSizeAsync(width, height);
                await manager.AssertNoOverflowAsync();
                await manager.ScreenshotAsync($"{name}-{language}-{width}", fullPage: name == "floor" && width < 700);
            }
            await page.SetViewportSizeAsync(1366, 768);
            await manager.AssertAccessibleAsync();
        }
    }

    [Fact]
    public async Task Facts_SayAPausedWindowIsPaused_AndTheCallListHasNobodySuspended()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await host.WindowAsync(hall, "1", "open", new { staff = "w01" });
        await host.WindowAsync(hall, "4", "open", new { staff = "w04" });
        var numbers = new List<string>();
        foreach (var service in new[] { "sc-001", "sw-004", "sw-005" }) numbers.Add((await host.IssueAsync(hall, service)).GetProperty("number").GetString()!);
        await using var manager = await browser.FloorAsync(host, hall);
        var page = manager.Page;
        await Expect(page.Locator(".floor-facts [data-slot=open]")).ToHaveTextAsync("2 / 37");
        await Expect(page.Locator(".floor-facts [data-slot=paused]")).ToBeHiddenAsync();
        await host.WindowAsync(hall, "4", "pause", new { reason = "meal" });
        await Expect(page.Locator(".floor-facts [data-slot=open]")).ToHaveTextAsync("1 / 37");
        await Expect(page.Locator(".floor-facts [data-slot=paused]")).ToHaveTextAsync("1 个暂停");
        await ExpectListAsync(numbers);

        await host.PostAsync("manager", $"halls/{hall}/suspend", new { lines = new[] { "business" }, reason = "系统故障" });
        await Expect(Line(page, "business").Locator(".stopped")).ToBeVisibleAsync();
        await ExpectListAsync(numbers[1..]);
        await host.PostAsync("manager", $"halls/{hall}/suspend", new { services = new[] { "sw-004" }, reason = "系统故障" });
        await Expect(Line(page, "tax").Locator(".suspended-service")).ToBeVisibleAsync();
        await ExpectListAsync(numbers[2..]);

        async Task ExpectListAsync(IEnumerable<string> expected)
        {
            await Tile(page, "1").Locator("[data-pick]").FocusAsync();
            await page.Keyboard.PressAsync("k");
            await Expect(page.Locator("#call-picks .ticket")).ToHaveTextAsync(expected);
            await page.Keyboard.PressAsync("Escape");
        }
    }

    /// <summary>By the mouse as a hand moves it; on the way the page says what letting go would do.</summary>
    private static async Task DragAsync(IPage page, ILocator what, ILocator where, string says)
    {
        await what.ScrollIntoViewIfNeededAsync();
        var (from, to) = (await what.BoundingBoxAsync(), await where.BoundingBoxAsync());
        await page.Mouse.MoveAsync(from!.X + 8, from.Y + from.Height / 2);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(to!.X + to.Width / 2, to.Y + to.Height / 2, new() { Steps = 5 });
        await Expect(page.Locator(".drag-ghost")).ToContainTextAsync(says);
        await page.Mouse.UpAsync();
        await Expect(page.Locator(".drag-ghost")).ToHaveCountAsync(0);
    }

    private static async Task<string?> RefusedAsync(PageHost host, HallId hall, string service)
    {
        var cancel = TestContext.Current.CancellationToken;
        var token = (await host.PostAsync(null, "sign-in", new { user = host.NameOf("guide"), password = PageHost.Password })).GetProperty("token").GetString();
        using var client = new HttpClient { BaseAddress = new Uri(host.Address), DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        using var answer = await client.PostAsJsonAsync($"/api/v1/halls/{hall}/tickets", new { service, source = "guide" }, cancel);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync(cancel)).RootElement.GetProperty("code").GetString();
    }

    private static ILocator Tile(IPage page, string window) => page.Locator($".floor-tile[data-key='{window}']");

    private static ILocator Line(IPage page, string line) => page.Locator($".floor-line[data-key='{line}']");

    private static ILocator Chip(IPage page, string window, string line) => Tile(page, window).Locator($".line-chip[data-key='{line}']");
}
