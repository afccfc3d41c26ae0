using HallOps.Core.Halls;
using HallOps.Displays.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using static Microsoft.Playwright.Assertions;

namespace HallOps.Displays.Tests.Pages;

/// <summary>A visit that is interrupted, passed on and taken up again, as the clerk's counter, the visitor's phone and the manager's floor show it.</summary>
public sealed class VisitTests(Browser browser)
{
    private const string Number = ".ticket.huge";

    [Theory]
    [InlineData("zh", "D001 暂离", "办好后回 1 号窗口", "下一位就是您")]
    [InlineData("en", "D001 is held", "Back to window 1 when ready", "You are next")]
    public async Task VisitorSentToCopy_IsBackByPhone_AndCalledBeforeAll(string language, string said, string goBack, string next)
    {
        var time = new ShiftedTime();
        await using var host = await PageHost.StartAsync(change: s => s.AddSingleton<TimeProvider>(time));
        var hall = await host.OpenHallAsync();
        await host.AddClerkAsync(hall, "w01");
        var token = (await host.IssueAsync(hall, "sc-001")).GetProperty("token").GetString();
        await host.IssueAsync(hall, "sc-001");
        await using var clerk = await CounterAsync(host, hall, "w01", "1", language);
        await using var phone = await browser.VisitAsync(host, 390, 844, touch: true);
        await phone.OpenLiveAsync($"/t?lang={language}#{token}");
        await using var manager = await browser.FloorAsync(host, hall, $"?lang={language}");
        var (page, keys) = (clerk.Page, clerk.Page.Keyboard);
        await keys.PressAsync("o");
        await ExpectModeAsync(page, "idle");
        await keys.PressAsync("Space");
        await ExpectModeAsync(page, "calling");
        // Nobody can be sent away before anybody came.
        await keys.PressAsync("h");
        await Expect(page.Locator("#desk-wrong")).ToBeVisibleAsync();

        // A stage starts the service: whoever hands in papers is there.
        await keys.PressAsync("g");
        await keys.PressAsync("2");
        await ExpectModeAsync(page, "serving");
        await Expect(page.Locator("[data-stage=receipt]")).ToHaveAttributeAsync("aria-pressed", "true");
        await keys.PressAsync("g");
        await keys.PressAsync("Space");
        await Expect(page.Locator("[data-stage=consultation]")).ToHaveAttributeAsync("aria-pressed", "true");
        await Expect(page.Locator(Number)).ToHaveTextAsync("D001");
        await LookAsync(clerk, $"counter-stages-{language}");
        await IdleAsync(page);
        await keys.PressAsync("h");
        await ExpectModeAsync(page, "idle");
        await Expect(page.Locator("#desk-done")).ToContainTextAsync(said);
        await Expect(page.Locator("#held")).ToContainTextAsync("D001");
        await Expect(phone.Page.Locator(".stub-main")).ToHaveTextAsync(goBack);
        await Expect(manager.Page.Locator("#held")).ToContainTextAsync("D001");
        await Expect(manager.Page.Locator("#away-row")).ToBeHiddenAsync();
        await manager.ScreenshotAsync($"floor-held-{language}");
        await manager.AssertAccessibleAsync();
        await manager.AssertNoOverflowAsync();
        await LookAsync(phone, $"ticket-held-{language}", 320, 390);
        await LookAsync(clerk, $"counter-held-{language}");

        time.Advance(TimeSpan.FromMinutes(7));
        await keys.PressAsync("b");
        await Expect(page.Locator("#held-picks")).ToContainTextAsync("D001");
        await clerk.ScreenshotAsync($"counter-back-held-{language}");
        await clerk.AssertAccessibleAsync();
        await keys.PressAsync("Escape");
        await phone.Page.ClickAsync("#back");
        await Expect(phone.Page.Locator(".stub-main")).ToHaveTextAsync(next);
        await Expect(page.Locator("#reserved")).ToContainTextAsync("D001");
        await Expect(manager.Page.Locator("#absent")).ToBeHiddenAsync();
        await LookAsync(clerk, $"counter-reserved-{language}");
        await keys.PressAsync("Space");
        await Expect(page.Locator(Number)).ToHaveTextAsync("D001");
        await ExpectModeAsync(page, "calling");
        // What was stamped is remembered for this visitor.
        await Expect(page.Locator("[data-stage=receipt]")).ToHaveAttributeAsync("aria-pressed", "true");

        // Sent away again, and brought back by the clerk this time: two keys.
        await keys.PressAsync("s");
        await ExpectModeAsync(page, "serving");
        await keys.PressAsync("h");
        await ExpectModeAsync(page, "idle");
        await Expect(page.Locator("#held")).ToContainTextAsync("D001");
        await keys.PressAsync("b");
        await keys.PressAsync("1");
        await Expect(page.Locator("#back-dialog")).ToBeHiddenAsync();
        await Expect(page.Locator("#reserved")).ToContainTextAsync("D001");
        foreach (var one in new[] { clerk, phone, manager }) one.AssertOnlyOwnOrigin();
    }

    [Fact]
    public async Task VisitorPassedOnToPay_ComesBackByItself_AndIsAcceptedByName()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        foreach (var staff in (string[])["w01", "w02", "w17"]) await host.AddClerkAsync(hall, staff);
        await host.WindowAsync(hall, "17", "open", user: "w17");
        var token = (await host.IssueAsync(hall, "sc-001")).GetProperty("token").GetString();
        await host.IssueAsync(hall, "sc-001");
        await using var first = await CounterAsync(host, hall, "w01", "1", "zh");
        await using var payment = await CounterAsync(host, hall, "w17", "17", "zh");
        await using var phone = await browser.VisitAsync(host, 390, 844, touch: true);
        await phone.OpenLiveAsync($"/t?lang=zh#{token}");
        var (page, keys) = (first.Page, first.Page.Keyboard);
        await keys.PressAsync("o");
        await ExpectModeAsync(page, "idle");
        // Nobody is there to be passed on.
        await keys.PressAsync("t");
        await Expect(page.Locator("#desk-wrong")).ToHaveTextAsync("还没有叫号，请先叫号。");
        await keys.PressAsync("Space");
        await ExpectModeAsync(page, "calling");
        await keys.PressAsync("s");
        await ExpectModeAsync(page, "serving");

        await keys.PressAsync("t");
        // What is open is there before anything is typed; then services by their initials, lines and windows by name or number.
        await Expect(page.Locator(".target")).ToHaveTextAsync(new[] { "窗口17 号窗口 统一收费空闲" });
        await keys.TypeAsync("tyjf");
        await Expect(page.Locator(".target[aria-selected=true]")).ToContainTextAsync("统一缴费");
        await page.FillAsync("#transfer-to", "税务");
        await Expect(page.Locator(".target").First).ToContainTextAsync("队列");
        await page.FillAsync("#transfer-to", "无此事项");
        await Expect(page.Locator("#no-target")).ToBeVisibleAsync();
        await keys.PressAsync("Enter");
        await Expect(page.Locator("#transfer-to-wrong")).ToHaveTextAsync("请先选转到哪里。");
        await page.FillAsync("#transfer-to", "17");
        await keys.PressAsync("F3");
        await Expect(page.Locator("#return-here")).ToBeCheckedAsync();
        await first.ScreenshotAsync("counter-transfer-return-zh");
        await keys.PressAsync("Enter");
        await Expect(page.Locator("#transfer-dialog")).ToBeHiddenAsync();
        await ExpectModeAsync(page, "idle");
        await Expect(page.Locator("#desk-done")).ToHaveTextAsync("D001 已转到17 号窗口");

        // Where it was sent to it stands apart, and is called first.
        await Expect(payment.Page.Locator("#reserved")).ToContainTextAsync("D001");
        await Expect(phone.Page.Locator(".leg")).ToHaveCountAsync(2);
        await Expect(phone.Page.Locator(".leg").First).ToContainTextAsync("已转下一环节");
        await LookAsync(phone, "ticket-passed-on-zh", 320, 390);
        await payment.Page.Keyboard.PressAsync("Space");
        await Expect(payment.Page.Locator(Number)).ToHaveTextAsync("D001");
        await Expect(payment.Page.Locator("#owner")).ToContainTextAsync("首问负责人：窗口人员01");
        await LookAsync(payment, "counter-owner-zh");
        await payment.Page.Keyboard.PressAsync("s");
        await ExpectModeAsync(payment.Page, "serving");
        await SettleAsync(payment.Page);
        await payment.Page.Keyboard.PressAsync("f");
        await ExpectModeAsync(payment.Page, "idle");

        // Back at the first window, before the one who waited there all the time.
        await Expect(page.Locator("#reserved")).ToContainTextAsync("D001");
        await SettleAsync(page);
        await keys.PressAsync("Space");
        await Expect(page.Locator(Number)).ToHaveTextAsync("D001");
        await Expect(page.Locator("#owner")).ToBeHiddenAsync();

        // The next clerk takes the matter on by name.
        await keys.PressAsync("s");
        await ExpectModeAsync(page, "serving");
        await SettleAsync(page);
        await keys.PressAsync("f");
        await ExpectModeAsync(page, "idle");
        await host.WindowAsync(hall, "2", "open", user: "w02");
        await SettleAsync(page);
        await keys.PressAsync("Space");
        await Expect(page.Locator(Number)).ToHaveTextAsync("D002");
        await keys.PressAsync("s");
        await ExpectModeAsync(page, "serving");
        await host.WindowAsync(hall, "1", "transfer", new { window = "2" }, user: "w01");
        await using var second = await CounterAsync(host, hall, "w02", "2", "zh");
        await second.Page.Keyboard.PressAsync("Space");
        await Expect(second.Page.Locator("#owner")).ToContainTextAsync("窗口人员01");
        await second.Page.Keyboard.PressAsync("a");
        await Expect(second.Page.Locator("#owner")).ToBeHiddenAsync();
        await Expect(second.Page.Locator("#desk-done")).ToHaveTextAsync("D002 由您承接");
        foreach (var one in new[] { first, second, payment, phone }) one.AssertOnlyOwnOrigin();
    }

    [Theory]
    [InlineData("zh", "您暂时离开了", "前面还有 1 人")]
    [InlineData("en", "You have stepped away", "1 person ahead of you")]
    public async Task Holder_StepsAwayOnThePhone_AndIsBack_OrWaitsAgainByTime(string language, string away, string again)
    {
        var time = new ShiftedTime();
        await using var host = await PageHost.StartAsync(change: s => s.AddSingleton<TimeProvider>(time));
        var hall = await host.OpenHallAsync();
        await host.WindowAsync(hall, "1", "open");
        await host.IssueAsync(hall, "sc-001");
        var token = (await host.IssueAsync(hall, "sc-001")).GetProperty("token").GetString();
        await using var phone = await browser.VisitAsync(host, 390, 844, touch: true);
        await phone.OpenLiveAsync($"/t?lang={language}#{token}");
        await using var manager = await browser.FloorAsync(host, hall, $"?lang={language}");
        await phone.Page.ClickAsync("#step-away summary");
        await LookAsync(phone, $"ticket-step-away-{language}", 320, 390);
        await phone.Page.ClickAsync("[data-minutes='20']");
        await Expect(phone.Page.Locator(".stub-main")).ToHaveTextAsync(away);
        var until = Assert.Single((await host.Services.GetRequiredService<HallOps.Silo.IHalls>().ReadAsync(hall, new HallOps.Silo.ReadFloor(), TestContext.Current.CancellationToken))!.Tickets, t => t.State == TicketState.Away).AwayUntil!.Value;
        await Expect(phone.Page.Locator(".stub-range")).ToContainTextAsync(until.ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture));
        await Expect(manager.Page.Locator("#away")).ToContainTextAsync(until.ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture));
        await manager.ScreenshotAsync($"floor-away-{language}");
        await LookAsync(phone, $"ticket-away-{language}", 320, 390);
        await phone.Page.ClickAsync("#back");
        await Expect(phone.Page.Locator(".stub-main")).ToHaveTextAsync(again);

        // Away once more, and time alone brings the visitor back into the line.
        await phone.Page.ClickAsync("#step-away summary");
        await phone.Page.ClickAsync("[data-minutes='10']");
        await Expect(phone.Page.Locator(".stub-main")).ToHaveTextAsync(away);
        time.Advance(TimeSpan.FromMinutes(11));
        // Whatever happens in the hall next applies what is due.
        await host.IssueAsync(hall, "sc-001");
        await Expect(phone.Page.Locator(".stub-main")).ToHaveTextAsync(again);
        foreach (var one in new[] { phone, manager }) one.AssertOnlyOwnOrigin();
    }

    private async Task<Visitor> CounterAsync(PageHost host, HallId hall, string staff, string window, string language)
    {
        var clerk = await browser.VisitAsync(host, 1366, 768, await host.CookiesOfAsync(staff));
        await clerk.OpenLiveAsync($"/counter?hall={hall}&window={window}&lang={language}");
        return clerk;
    }

    private static async Task LookAsync(Visitor visitor, string name, params int[] widths)
    {
        var size = visitor.Page.ViewportSize!;
        foreach (var width in widths is [] ? [1366, 1920] : widths)
        {
            var height = width switch { 1920 => 1080, 1366 => 768, 390 => 844, _ => 640 };
            await visitor.Page.SetViewportSizeAsync(width, height);
            await visitor.AssertNoOverflowAsync();
            await visitor.ScreenshotAsync($"{name}-{width}", fullPage: width < 1000);
        }
        await visitor.Page.SetViewportSizeAsync(size.Width, size.Height);
        await visitor.AssertAccessibleAsync();
    }

    // The feed may show the mode before the press that brought it about is answered, and a key pressed in between does nothing.
    private static async Task ExpectModeAsync(IPage page, string mode)
    {
        await Expect(page.Locator("#desk")).ToHaveAttributeAsync("data-mode", mode);
        await IdleAsync(page);
    }

    private static Task IdleAsync(IPage page) => page.WaitForFunctionAsync("() => !document.querySelector('[data-action][aria-busy]')");

    // A second press within half a second of an answer is of what is over already: the test's clerk is not so quick.
    private static Task SettleAsync(IPage page) => page.WaitForFunctionAsync("() => { const key = document.querySelector('[data-action=next]'); return !key.hasAttribute('aria-busy') && !key.hasAttribute('data-settling'); }");
}
