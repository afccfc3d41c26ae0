using System.Text.Json.Nodes;
using HallOps.Core.Halls;
using HallOps.Displays.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using static Microsoft.Playwright.Assertions;

namespace HallOps.Displays.Tests.Pages;

/// <summary>The clerk's counter: worked from the keyboard alone, saying what is wrong beside what caused it, doing nothing twice.</summary>
public sealed class CounterTests(Browser browser)
{
    private const string Number = ".ticket.huge";

    [Fact]
    public async Task Day_FromTheKeyboardAlone_OpensCallsServesMissesBringsBackPausesAndCloses()
    {
        var time = new ShiftedTime();
        await using var host = await PageHost.StartAsync(change: s => s.AddSingleton<TimeProvider>(time));
        var hall = await host.OpenHallAsync();
        await host.AddClerkAsync(hall, "w01");
        for (var i = 0; i < 4; i++) await host.IssueAsync(hall, "sc-001");
        await using var clerk = await CounterAsync(host, hall, drivenTime: true);
        var (page, keys) = (clerk.Page, clerk.Page.Keyboard);

        await keys.PressAsync("o");
        await ExpectModeAsync(page, "idle");
        await keys.PressAsync("Space");
        await Expect(page.Locator(Number)).ToHaveTextAsync("D001");
        await keys.PressAsync("s");
        await ExpectModeAsync(page, "serving");
        await SettleAsync(page);
        await keys.PressAsync("Space");
        await Expect(page.Locator(Number)).ToHaveTextAsync("D002");
        await Expect(page.Locator("#desk-done")).ToContainTextAsync("D001 已办结");

        // Nobody comes: a no-show is refused, with when and how, until two calls 20 s apart were made.
        await keys.PressAsync("n");
        await Expect(page.Locator("#desk-wrong")).ToContainTextAsync("还需重呼 1 次");
        time.Advance(TimeSpan.FromSeconds(21));
        await page.Clock.FastForwardAsync(21_000);
        await Expect(page.Locator("[data-action=no-show]")).ToContainTextAsync("再呼 1 次后可过号");
        await keys.PressAsync("r");
        await Expect(page.Locator("[data-action=no-show]")).ToHaveAttributeAsync("aria-disabled", "false");
        await keys.PressAsync("n");
        await ExpectModeAsync(page, "idle");
        await Expect(page.Locator("#missed")).ToContainTextAsync("D002");

        // Back again: by its key in the list, called next at this window.
        await keys.PressAsync("b");
        await keys.TypeAsync("1");
        await Expect(page.Locator("#back-dialog")).Not.ToBeVisibleAsync();
        await Expect(page.Locator("#desk-done")).ToContainTextAsync("D002 已回到队列");
        await SettleAsync(page);
        await keys.PressAsync("Space");
        await Expect(page.Locator(Number)).ToHaveTextAsync("D002");
        // An outcome infers the start: told once, with what is missing, and only then the next.
        await SettleAsync(page);
        await keys.PressAsync("3");
        await keys.PressAsync("Space");
        await Expect(page.Locator("#materials-wrong")).ToBeVisibleAsync();
        await keys.TypeAsync("1");
        await keys.PressAsync("Escape");
        await keys.PressAsync("Space");
        await Expect(page.Locator(Number)).ToHaveTextAsync("D003");
        await SettleAsync(page);
        await keys.PressAsync("s");
        await ExpectModeAsync(page, "serving");
        await SettleAsync(page);
        await keys.PressAsync("f");
        await ExpectModeAsync(page, "idle");

        await keys.PressAsync("p");
        await keys.PressAsync("2");
        await keys.PressAsync("Enter");
        await ExpectModeAsync(page, "paused");
        await Expect(page.Locator(".visitor .lead")).ToContainTextAsync("用餐");
        await keys.PressAsync("p");
        await ExpectModeAsync(page, "idle");
        await keys.PressAsync("c");
        await keys.PressAsync("Enter");
        await ExpectModeAsync(page, "closed");
        clerk.AssertOnlyOwnOrigin();
    }

    [Fact]
    public async Task Refusals_AreSaidInPlainWords_BesideWhatCausedThem()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await host.AddClerkAsync(hall, "w01");
        await host.WindowAsync(hall, "2", "open", user: "w01");
        await using var clerk = await CounterAsync(host, hall);
        var (page, keys) = (clerk.Page, clerk.Page.Keyboard);
        await keys.PressAsync("o");
        await Expect(page.Locator("#desk-wrong")).ToHaveTextAsync("您已在 2 号窗口登录，请先关闭那个窗口。");
        await host.WindowAsync(hall, "2", "close", user: "w01");
        await keys.PressAsync("o");
        await ExpectModeAsync(page, "idle");
        await Expect(page.Locator("#desk-wrong")).ToBeHiddenAsync();

        await keys.PressAsync("r");
        await Expect(page.Locator("#desk-wrong")).ToHaveTextAsync("还没有叫号，请先叫号。");
        await Expect(page.Locator("[data-action=recall]")).ToHaveClassAsync(new System.Text.RegularExpressions.Regex("refused"));

        await host.IssueAsync(hall, "sc-001");
        await keys.PressAsync("b");
        await keys.TypeAsync("D001");
        await keys.PressAsync("Enter");
        await Expect(page.Locator("#back-number-wrong")).ToHaveTextAsync("D001 现在是“等候”，不能这样操作。");
        await page.FillAsync("#back-number", "Z999");
        await keys.PressAsync("Enter");
        await Expect(page.Locator("#back-number-wrong")).ToHaveTextAsync("没有找到这张号票，请核对号码。");
        await keys.PressAsync("Escape");
        await Expect(page.Locator("#back-dialog")).ToBeHiddenAsync();

        await keys.PressAsync("Space");
        await Expect(page.Locator(Number)).ToHaveTextAsync("D001");
        await keys.PressAsync("p");
        await keys.PressAsync("Enter");
        await Expect(page.Locator("#pause-dialog [data-slot=wrong]")).ToHaveTextAsync("窗口上还有一位办事人，请先办完或按过号处理。");
    }

    [Fact]
    public async Task Next_PressedTwice_CallsOne_AndALostAnswer_IsRepeatedUnderItsKey()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await host.AddClerkAsync(hall, "w01");
        await host.WindowAsync(hall, "1", "open", user: "w01");
        for (var i = 0; i < 3; i++) await host.IssueAsync(hall, "sc-001");
        await using var clerk = await CounterAsync(host, hall);
        var (page, keys) = (clerk.Page, clerk.Page.Keyboard);
        await ExpectModeAsync(page, "idle");
        var (held, used) = (new TaskCompletionSource(), new List<string>());
        await page.RouteAsync("**/next", async route =>
        {
            used.Add(await route.Request.HeaderValueAsync("Idempotency-Key") ?? "");
            await held.Task;
            await route.ContinueAsync();
        });
        await keys.PressAsync("Space");
        await Expect(page.Locator("[data-action=next][aria-busy]")).ToBeVisibleAsync();
        await keys.PressAsync("Space");
        await keys.PressAsync("Space");
        held.SetResult();
        await Expect(page.Locator(Number)).ToHaveTextAsync("D001");
        Assert.Single(used);
        // The second press of a pair that comes after the answer is of what is over already.
        await keys.PressAsync("5");
        await keys.PressAsync("Space");
        await Expect(page.Locator(Number)).ToHaveTextAsync("D001");

        // The answer is lost after the deed, twice: the page asks again by itself, then the clerk does, always under the same key.
        await page.UnrouteAsync("**/next");
        used.Clear();
        var lost = 2;
        await page.RouteAsync("**/next", async route =>
        {
            used.Add(await route.Request.HeaderValueAsync("Idempotency-Key") ?? "");
            if (lost-- > 0) await route.AbortAsync();
            else await route.ContinueAsync();
        });
        await SettleAsync(page);
        await keys.PressAsync("Space");
        await Expect(page.Locator("#desk-wrong")).ToContainTextAsync("再按一次是安全的");
        await keys.PressAsync("Space");
        await Expect(page.Locator(Number)).ToHaveTextAsync("D002");
        Assert.Equal(3, used.Count);
        Assert.Single(used.Distinct());
    }

    [Fact]
    public async Task TakenWindow_IsTakenOver_ByTheStandInOrManager_WithOneConfirmation()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync(change: document => document["calendar"]!["roster"] = JsonNode.Parse("""[{"window":"2","a":"w02","b":"w01"}]"""));
        await host.AddClerkAsync(hall, "w01");
        await host.AddClerkAsync(hall, "w02");
        await host.WindowAsync(hall, "1", "open", user: "w02");
        await using var stranger = await CounterAsync(host, hall);
        await ExpectModeAsync(stranger.Page, "taken");
        await Expect(stranger.Page.Locator("[data-action=next]")).ToBeHiddenAsync();
        await stranger.Page.Keyboard.PressAsync("t");
        await stranger.Page.Keyboard.PressAsync("Enter");
        await Expect(stranger.Page.Locator("#take-over-dialog [data-slot=wrong]")).ToContainTextAsync("B角");

        // Of window 2 w01 is the named stand-in.
        await host.WindowAsync(hall, "1", "close");
        await host.WindowAsync(hall, "2", "open", user: "w02");
        await stranger.OpenLiveAsync($"/counter?hall={hall}&window=2");
        await stranger.Page.Keyboard.PressAsync("t");
        await stranger.Page.Keyboard.PressAsync("Enter");
        await ExpectModeAsync(stranger.Page, "idle");
    }

    [Fact]
    public async Task Choice_IsOfOnesOwnHall_AndRemembered()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await host.AddClerkAsync(hall, "w01");
        await using var clerk = await browser.VisitAsync(host, 1366, 768, await host.CookiesOfAsync("w01"));
        Assert.Equal(200, await clerk.OpenAsync("/counter"));
        await clerk.AssertAccessibleAsync();
        await clerk.AssertNoOverflowAsync();
        await clerk.ScreenshotAsync("counter-choice-zh");
        await clerk.Page.Locator(".window-choice a").First.ClickAsync();
        await clerk.Page.WaitForSelectorAsync("html[data-fed]");
        await clerk.OpenLiveAsync("/counter");
        Assert.Equal("1 号窗口", await clerk.Page.Locator(".window-plate").TextContentAsync());
        Assert.Equal(404, await clerk.OpenAsync($"/counter?hall={hall}&window=nix"));
        await using var nobody = await browser.VisitAsync(host);
        await nobody.OpenAsync("/counter");
        Assert.Equal("/sign-in", new Uri(nobody.Page.Url).AbsolutePath);
        await using var guide = await browser.VisitAsync(host, cookies: await host.CookiesOfAsync("guide"));
        Assert.Equal(403, await guide.OpenAsync("/counter"));
    }

    [Fact]
    public async Task Counter_CutOff_SaysWhatCanStillBeDone()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await host.AddClerkAsync(hall, "w01");
        await using var clerk = await browser.VisitAsync(host, 1366, 768, await host.CookiesOfAsync("w01"), drivenTime: true);
        var cut = await clerk.CutAsync();
        await clerk.OpenLiveAsync($"/counter?hall={hall}&window=1");
        cut.Cut();
        await clerk.Page.Clock.FastForwardAsync(61_000);
        await clerk.WaitForFeedAsync("stale");
        await Expect(clerk.Page.Locator("#offline-help")).ToBeVisibleAsync();
        await clerk.ScreenshotAsync("counter-offline-zh");
        await clerk.AssertAccessibleAsync();
        cut.Mend();
        await clerk.Page.Clock.FastForwardAsync(31_000);
        await clerk.WaitForFeedAsync("live");
        await Expect(clerk.Page.Locator("#offline-help")).ToBeHiddenAsync();
    }

    [Theory]
    [InlineData("zh")]
    [InlineData("en")]
    public async Task Counter_InEveryStateAndLayout_IsAccessible_AndFits(string language)
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await host.AddClerkAsync(hall, "w04");
        var keys = new List<(int Width, string State, double Height)>();
        foreach (var service in (string[])["sc-001", "sc-001", "sc-001", "sc-001", "sc-001"]) await host.IssueAsync(hall, service);
        await host.PostAsync("guide", $"halls/{hall}/tickets", new { service = await TaxServiceAsync(host, hall), source = "guide", @class = "disabled" });
        await using var clerk = await browser.VisitAsync(host, 1366, 768, await host.CookiesOfAsync("w04"));
        await clerk.OpenLiveAsync($"/counter?hall={hall}&window=4&lang={language}");
        await LookAsync("closed");
        await clerk.Page.Keyboard.PressAsync("o");
        await ExpectModeAsync(clerk.Page, "idle");
        await LookAsync("idle");
        await clerk.Page.Keyboard.PressAsync("Space");
        await ExpectModeAsync(clerk.Page, "calling");
        await Expect(clerk.Page.Locator("[data-slot=timer]")).ToBeVisibleAsync();
        await LookAsync("calling");
        await clerk.Page.Keyboard.PressAsync("n");
        await Expect(clerk.Page.Locator("#desk-wrong")).ToBeVisibleAsync();
        await clerk.Page.Keyboard.PressAsync("s");
        await ExpectModeAsync(clerk.Page, "serving");
        await clerk.Page.Keyboard.PressAsync("3");
        await Expect(clerk.Page.Locator("[data-slot=timer]")).ToBeVisibleAsync();
        await LookAsync("serving");
        Assert.All(keys.GroupBy(k => k.Width), one => Assert.True(one.DistinctBy(k => k.Height).Count() == 1, $"The keys move: {string.Join(", ", one)}"));
        clerk.AssertOnlyOwnOrigin();

        async Task LookAsync(string state)
        {
            // 683 px is 1366 at 200 % zoom.
            foreach (var (width, height) in ((int, int)[])[(1366, 768), (1920, 1080), (1080, 1920), (683, 384)])
            {
                await clerk.Page.SetViewportSizeAsync(width, height);
                await clerk.AssertNoOverflowAsync();
                if (state != "closed") keys.Add((width, state, await clerk.Page.EvaluateAsync<double>("document.getElementById('visitor-keys').getBoundingClientRect().height")));
                if ((state, language, width) is ("calling", "zh", 1366)) Assert.Equal(1, await clerk.Page.EvaluateAsync<int>("(() => { const words = document.createRange(); words.selectNodeContents(document.querySelector('[data-slot=no-show]')); return words.getClientRects().length; })()"));
                await clerk.ScreenshotAsync($"counter-{state}-{language}-{width}", fullPage: width == 683);
            }
            await clerk.Page.SetViewportSizeAsync(1366, 768);
            await clerk.AssertAccessibleAsync();
        }
    }

    [Fact]
    public async Task Dialog_OpenedAsSoonAsAnotherIsClosed_KeepsTheFocus()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await host.AddClerkAsync(hall, "w01");
        await using var clerk = await CounterAsync(host, hall);
        await clerk.Page.Keyboard.PressAsync("o");
        await ExpectModeAsync(clerk.Page, "idle");
        await clerk.Page.Keyboard.PressAsync("b");
        await Expect(clerk.Page.Locator("#back-dialog")).ToBeVisibleAsync();

        // Both before the browser tells anybody that the first one closed.
        var focus = await clerk.Page.EvaluateAsync<bool>("""
            async () => {
                document.getElementById('back-dialog').close();
                document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'p', code: 'KeyP', bubbles: true }));
                await new Promise(done => setTimeout(done, 100));
                return document.getElementById('pause-dialog').contains(document.activeElement);
            }
            """);

        Assert.True(focus, "The focus is not in the pause dialog.");
    }

    [Theory]
    [InlineData("zh")]
    [InlineData("en")]
    public async Task EveryDialog_OpenedByItsKey_IsAccessible_Fits_AndClosesWithEscape(string language)
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync(change: document => document["calling"] = new JsonObject { ["minCalls"] = 1, ["minGapSeconds"] = 0 });
        await host.AddClerkAsync(hall, "w01");
        await host.WindowAsync(hall, "2", "open", new { staff = "w02" });
        await host.IssueAsync(hall, "sc-001");
        await host.WindowAsync(hall, "2", "call-next");
        await host.WindowAsync(hall, "2", "no-show");
        await using var clerk = await CounterAsync(host, hall, more: $"&lang={language}");
        await clerk.Page.Keyboard.PressAsync("o");
        await ExpectModeAsync(clerk.Page, "idle");
        await LookAsync("?", "keys");
        await LookAsync("b", "back");
        await LookAsync("p", "pause");
        await LookAsync("c", "close");
        await host.IssueAsync(hall, "sc-001");
        await clerk.Page.Keyboard.PressAsync("Space");
        await ExpectModeAsync(clerk.Page, "calling");
        await LookAsync("t", "transfer");
        await clerk.OpenLiveAsync($"/counter?hall={hall}&window=2&lang={language}");
        await ExpectModeAsync(clerk.Page, "taken");
        await LookAsync("t", "take-over");

        async Task LookAsync(string key, string name)
        {
            var (page, dialog) = (clerk.Page, clerk.Page.Locator($"#{name}-dialog"));
            await page.Keyboard.PressAsync(key);
            await Expect(dialog).ToBeVisibleAsync();
            Assert.True(await dialog.EvaluateAsync<bool>("dialog => dialog.contains(document.activeElement)"), $"{name}: the focus is not in the dialog.");
            foreach (var (width, height) in ((int, int)[])[(683, 384), (1366, 768)])
            {
                await page.SetViewportSizeAsync(width, height);
                await clerk.AssertNoOverflowAsync();
                await clerk.ScreenshotAsync($"counter-{name}-{language}-{width}");
            }
            await clerk.AssertAccessibleAsync();
            await page.Keyboard.PressAsync("Escape");
            await Expect(dialog).ToBeHiddenAsync();
        }
    }

    private static async Task<string> TaxServiceAsync(PageHost host, HallId hall)
    {
        var view = await host.Services.GetRequiredService<HallOps.Silo.IHalls>().ReadAsync(hall, new HallOps.Silo.ReadDesk(), TestContext.Current.CancellationToken);
        return view!.Services.First(s => s.Line == "tax" && s.Materials.Count > 1).Service;
    }

    private async Task<Visitor> CounterAsync(PageHost host, HallId hall, bool drivenTime = false, string more = "")
    {
        var clerk = await browser.VisitAsync(host, 1366, 768, await host.CookiesOfAsync("w01"), drivenTime: drivenTime);
        await clerk.OpenLiveAsync($"/counter?hall={hall}&window=1{more}");
        return clerk;
    }

    // The feed may show the mode before the press that brought it about is answered, and a key pressed in between does nothing.
    private static async Task ExpectModeAsync(IPage page, string mode)
    {
        await Expect(page.Locator("#desk")).ToHaveAttributeAsync("data-mode", mode);
        await page.WaitForFunctionAsync("() => !document.querySelector('[data-action][aria-busy]')");
    }

    // A second press within half a second of an answer is of what is over already: the test's clerk is not so quick.
    private static Task SettleAsync(IPage page) => page.WaitForFunctionAsync("() => { const key = document.querySelector('[data-action=next]'); return !key.hasAttribute('aria-busy') && !key.hasAttribute('data-settling'); }");
}
