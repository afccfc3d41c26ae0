using HallOps.Displays.Tests.Hosting;

namespace HallOps.Displays.Tests.Feed;

/// <summary>How old a page is, in a browser whose time the test drives: live, old, stale, offline, and back.</summary>
public sealed class AgeTests(Browser browser)
{
    [Fact]
    public async Task Page_ThatHearsNothing_SaysItsAge_ThenGreysOut_AndComesBackByItself()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await host.WindowAsync(hall, "2", "open", new { staff = "w02" });
        await using var visitor = await browser.VisitAsync(host, 1920, 1080, drivenTime: true);
        var line = await visitor.CutAsync();
        await visitor.OpenLiveAsync($"/board/{hall}");
        await visitor.WaitForFeedAsync("live");
        await Assertions.Expect(visitor.Page.Locator("#feed-banner")).ToBeHiddenAsync();
        var live = await ColourAsync();

        line.IsSilent = true;
        await visitor.Page.Clock.RunForAsync(12_000);
        await visitor.WaitForFeedAsync("old");
        await Assertions.Expect(visitor.Page.Locator("#feed-banner .age .zh")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex(@"^1\d 秒前$"));
        await visitor.AssertNoOverflowAsync(screen: true);
        await visitor.ScreenshotAsync("board-old");
        Assert.Equal(live, await ColourAsync());

        // A minute: nothing of it need be true any more, and it says so; but it is still there.
        await visitor.Page.Clock.RunForAsync(50_000);
        await visitor.WaitForFeedAsync("stale");
        Assert.NotEqual(live, await ColourAsync());
        Assert.Equal(37, await visitor.Page.Locator("#windows > .board-tile:visible").CountAsync());
        await visitor.AssertAccessibleAsync();
        await visitor.ScreenshotAsync("board-stale");

        line.IsSilent = false;
        line.Cut();
        await visitor.Page.WaitForSelectorAsync("html[data-offline]");
        await Assertions.Expect(visitor.Page.Locator("#feed-banner .zh").First).ToHaveTextAsync("连接已断开,正在自动重连".Replace(',', '\uff0c'));
        // Eight hours without a line: it keeps trying, at most 30 s apart.
        await visitor.Page.Clock.FastForwardAsync("08:00:00");
        await visitor.WaitForFeedAsync("stale");

        // What happened meanwhile is there at once when the line is.
        await host.WindowAsync(hall, "1", "open", new { staff = "w01" });
        line.Mend();
        await visitor.Page.Clock.RunForAsync(31_000);
        await visitor.Page.WaitForSelectorAsync("html[data-feed=live]:not([data-offline])");
        await Assertions.Expect(visitor.Page.Locator("[data-key='1'].idle")).ToBeVisibleAsync();
        await Assertions.Expect(visitor.Page.Locator("#feed-banner")).ToBeHiddenAsync();

        Task<string> ColourAsync() => visitor.Page.EvalOnSelectorAsync<string>("#windows [data-key='2'] .number", "e => getComputedStyle(e.parentElement).backgroundColor + getComputedStyle(e).color");
    }
}
