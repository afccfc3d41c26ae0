using HallOps.Core.Halls;
using HallOps.Displays.Tests.Hosting;
using static Microsoft.Playwright.Assertions;

namespace HallOps.Displays.Tests.Pages;

/// <summary>Notices that the manager posts on the floor and takes down there: what the boards show, and how a wrong one is told.</summary>
public sealed class FloorNoticeTests(Browser browser)
{
    [Fact]
    public async Task Notice_PostedByKeysAlone_IsOnTheBoardOfItsZone_AndGoneOnceWithdrawn()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync(change: document => document["notices"] = new System.Text.Json.Nodes.JsonArray());
        await using var board = await BoardAsync(host, $"/board/{hall}");
        await using var zone = await BoardAsync(host, $"/board/{hall}/a");
        await using var other = await BoardAsync(host, $"/board/{hall}/b");
        await using var manager = await browser.FloorAsync(host, hall);
        var (page, keys) = (manager.Page, manager.Page.Keyboard);
        await Expect(page.Locator("#notices-panel")).ToBeHiddenAsync();

        await page.FocusAsync("#post-notice");
        await keys.PressAsync("Enter");
        await Expect(page.Locator("#notice-zh")).ToBeFocusedAsync();
        await keys.TypeAsync("下午三点停电，请改日再来。");
        await keys.PressAsync("Tab");
        await keys.TypeAsync("Power cut at 3 pm: please come another day.");
        await keys.PressAsync("Tab");
        await page.SelectOptionAsync("#notice-zone", "a");
        await keys.PressAsync("Tab");
        await keys.PressAsync("ArrowLeft");
        await Expect(page.Locator("[name=notice-until][value='30']")).ToBeCheckedAsync();
        await keys.PressAsync("Control+Enter");

        await Expect(page.Locator("#notice-dialog")).ToBeHiddenAsync();
        await Expect(page.Locator("#done [role=status]")).ToContainTextAsync("公告已发布，显示到 ");
        var row = page.Locator("#notices > .floor-notice");
        await Expect(row).ToHaveCountAsync(1);
        await Expect(row).ToContainTextAsync("下午三点停电，请改日再来。");
        await Expect(row.Locator("[lang=en]")).ToHaveTextAsync("Power cut at 3 pm: please come another day.");
        await Expect(row.Locator(".facts")).ToContainTextAsync("A区 企业服务 · 显示到 ");
        foreach (var shows in new[] { board, zone }) await ExpectNewsAsync(shows, "下午三点停电");
        await Expect(zone.Page.Locator("#news > .en")).ToContainTextAsync("Power cut at 3 pm");

        await row.GetByRole(AriaRole.Button, new() { Name = "撤下公告：下午三点停电，请改日再来。" }).FocusAsync();
        await keys.PressAsync("Enter");
        await Expect(page.Locator("#notices-panel")).ToBeHiddenAsync();
        await Expect(page.Locator("#done [role=status]")).ToContainTextAsync("公告已撤下");
        await Expect(page.Locator("#post-notice")).ToBeFocusedAsync();
        foreach (var shows in new[] { board, zone, other })
        {
            for (var i = 0; i < 3; i++)
            {
                await shows.Page.Clock.RunForAsync(8_000);
                await Expect(shows.Page.Locator("#news")).Not.ToContainTextAsync("停电");
            }
        }
        manager.AssertOnlyOwnOrigin();

        async Task ExpectNewsAsync(Visitor visitor, string words)
        {
            // The line of news turns every 8 s.
            for (var i = 0; i < 6 && !(await visitor.Page.TextContentAsync("#news"))!.Contains(words, StringComparison.Ordinal); i++) await visitor.Page.Clock.RunForAsync(8_000);
            await Expect(visitor.Page.Locator("#news")).ToContainTextAsync(words);
            Assert.DoesNotContain(words, await other.Page.TextContentAsync("#news"));
        }
    }

    [Theory]
    [InlineData("zh")]
    [InlineData("en")]
    public async Task Notice_ThatCannotBe_IsSaidBesideItsField_AndTheOthersSayUntilWhen(string language)
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await using var manager = await browser.FloorAsync(host, hall, $"?lang={language}");
        var page = manager.Page;
        var chinese = language == "zh";
        await page.ClickAsync("#post-notice");
        await page.ClickAsync("#notice-dialog [type=submit]");
        await Expect(page.Locator("#notice-zh-wrong")).ToHaveTextAsync(chinese ? "请填写公告的中文内容。" : "Please write the notice in Chinese.");
        await Expect(page.Locator("#notice-zh")).ToBeFocusedAsync();
        await page.FillAsync("#notice-zh", "今天只办到下午四点");
        await page.CheckAsync("[name=notice-until][value=at]");
        await page.ClickAsync("#notice-dialog [type=submit]");
        await Expect(page.Locator("#notice-at-wrong")).ToHaveTextAsync(chinese ? "请选日期和时间。" : "Please choose a date and a time.");
        await page.FillAsync("#notice-at", "2001-01-01T10:00");
        await page.ClickAsync("#notice-dialog [type=submit]");
        await Expect(page.Locator("#notice-at-wrong")).ToHaveTextAsync(chinese ? "时间已过，请选以后的时间。" : "That time is over; choose a later one.");
        await Expect(page.Locator("#notices-panel")).ToBeHiddenAsync();
        foreach (var (width, height) in ((int, int)[])[(1366, 768), (390, 844), (683, 384)])
        {
            await page.SetViewportSizeAsync(width, height);
            await manager.AssertNoOverflowAsync();
            await manager.ScreenshotAsync($"floor-notice-{language}-{width}");
        }
        await page.SetViewportSizeAsync(1366, 768);
        await manager.AssertAccessibleAsync();

        // The hall's clock, whatever zone the browser is in.
        await page.FillAsync("#notice-at", "2099-03-04T16:00");
        await page.ClickAsync("#notice-dialog [type=submit]");
        await Expect(page.Locator("#notices .facts")).ToContainTextAsync(chinese ? "整个大厅 · 显示到 2099-03-04 16:00" : "The whole hall · until 2099-03-04 16:00");
        await page.ClickAsync("#post-notice");
        await Expect(page.Locator("#notice-zh")).ToHaveValueAsync("");
        await page.FillAsync("#notice-zh", "请看大屏幕");
        await page.CheckAsync("[name=notice-until][value=day]");
        await page.ClickAsync("#notice-dialog [type=submit]");
        await Expect(page.Locator("#notices .facts").Nth(1)).ToContainTextAsync("00:00");
        await manager.AssertAccessibleAsync();
        await manager.AssertNoOverflowAsync();
        await manager.ScreenshotAsync($"floor-notices-{language}");

        // Somebody else was quicker: said beside it, until the next picture takes it away.
        await page.RouteAsync("**/withdraw", route => route.FulfillAsync(new() { Status = 404, ContentType = "application/problem+json", Body = """{"code":"UnknownNotice"}""" }));
        await page.ClickAsync("#notices [data-withdraw] >> nth=0");
        await Expect(page.Locator("#notices .wrong:visible")).ToHaveTextAsync(chinese ? "没有这条公告，可能已经撤下。" : "There is no such notice; it may be down already.");
    }

    private async Task<Visitor> BoardAsync(PageHost host, string path)
    {
        var board = await browser.VisitAsync(host, 1920, 1080, drivenTime: true);
        await board.OpenLiveAsync(path);
        return board;
    }
}
