using HallOps.Core.Halls;
using HallOps.Displays.Tests.Hosting;
using HallOps.Silo;
using Microsoft.Extensions.DependencyInjection;
using static Microsoft.Playwright.Assertions;

namespace HallOps.Displays.Tests.Pages;

/// <summary>The guide desk's list: every live number, the newest on top, with what can be done with it.</summary>
public sealed class GuideListTests(Browser browser)
{
    [Theory]
    [InlineData("zh", "等候中", "离开", "过号", "没有对得上的号码")]
    [InlineData("en", "Waiting", "Away", "Missed", "No number fits")]
    public async Task List_HasEveryLiveNumber_TheNewestOnTop_AndWhatCanBeDoneWithEach(string language, string waiting, string away, string missed, string none)
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync("rudong-town", document => document["calling"] = new System.Text.Json.Nodes.JsonObject { ["minCalls"] = 1, ["minGapSeconds"] = 0 });
        await host.AddClerkAsync(hall, "w01");
        var numbers = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            var issued = await host.IssueAsync(hall, "mz-001");
            numbers.Add(issued.GetProperty("number").GetString()!);
            if (i == 1) await host.PostAsync(null, $"tickets/{issued.GetProperty("token").GetString()}/step-away", new { minutes = 20 });
        }
        await host.WindowAsync(hall, "1", "open");
        await host.WindowAsync(hall, "1", "call-next");
        await host.WindowAsync(hall, "1", "no-show");
        await host.WindowAsync(hall, "1", "call-next");
        await using var visitor = await browser.VisitAsync(host, 1280, 800, await host.CookiesOfAsync("guide"));
        await visitor.OpenLiveAsync($"/guide/{hall}?lang={language}");
        var (page, keys) = (visitor.Page, visitor.Page.Keyboard);

        await Expect(page.Locator("#live .ticket")).ToHaveTextAsync(Enumerable.Reverse(numbers));
        await Expect(Row(3)).ToContainTextAsync(waiting);
        await Expect(Row(1)).ToContainTextAsync(away);
        await Expect(Row(0)).ToContainTextAsync(missed);
        Assert.Equal(["change", "reclass", "reprint"], await DoesAsync(3));
        Assert.Equal(["reprint"], await DoesAsync(2));
        Assert.Equal(["reclass", "bring-back", "reprint"], await DoesAsync(1));
        Assert.Equal(["change", "reclass", "bring-back", "reprint"], await DoesAsync(0));
        await visitor.AssertAccessibleAsync();
        foreach (var width in new[] { 1920, 1280, 810, 360 })
        {
            await page.SetViewportSizeAsync(width, 900);
            await visitor.AssertNoOverflowAsync();
            await visitor.ScreenshotAsync($"guide-list-{language}-{width}", fullPage: true);
        }

        // By keys: the arrows pick, what is typed narrows the list, F8 brings back.
        await keys.PressAsync("F2");
        await keys.PressAsync("ArrowDown");
        await Expect(page.Locator("#number")).ToHaveValueAsync(numbers[3]);
        await keys.PressAsync("ArrowUp");
        await Expect(page.Locator("#number")).ToHaveValueAsync(numbers[0]);
        await Expect(Row(0).Locator(".g-pick")).ToHaveAttributeAsync("aria-pressed", "true");
        await page.FillAsync("#number", numbers[1][^2..]);
        await Expect(page.Locator("#live .ticket")).ToHaveTextAsync([numbers[1]]);
        await page.FillAsync("#number", "zz");
        await Expect(page.Locator("#live-none")).ToHaveTextAsync(none);
        await page.FillAsync("#number", "");
        await Row(0).Locator("[data-do=bring-back]").ClickAsync();
        await Expect(page.Locator("#told")).ToContainTextAsync(numbers[0]);
        await Expect(Row(0)).ToContainTextAsync(waiting);
        visitor.AssertOnlyOwnOrigin();

        ILocator Row(int n) => page.Locator($"#live [data-key={numbers[n]}]");
        Task<string[]> DoesAsync(int n) => Row(n).EvaluateAsync<string[]>("row => [...row.querySelectorAll('[data-do]')].filter(b => b.checkVisibility()).map(b => b.dataset.do)");
    }
}
