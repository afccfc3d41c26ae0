using HallOps.Displays.Tests.Hosting;
using static Microsoft.Playwright.Assertions;

namespace HallOps.Displays.Tests.Pages;

/// <summary>What the counter says it has done: for as long as it is so, and no longer than it takes to read.</summary>
public sealed class CounterSaysTests(Browser browser)
{
    [Fact]
    public async Task WhatWasDone_IsSaidUntilItIsNoLongerSo_OrForSomeSeconds()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await host.AddClerkAsync(hall, "w01");
        var token = (await host.IssueAsync(hall, "sc-001")).GetProperty("token").GetString();
        await host.WindowAsync(hall, "1", "open", user: "w01");
        await host.WindowAsync(hall, "1", "call-next", user: "w01");
        await host.WindowAsync(hall, "1", "start", user: "w01");
        await using var clerk = await browser.VisitAsync(host, 1366, 768, await host.CookiesOfAsync("w01"), drivenTime: true);
        await clerk.OpenLiveAsync($"/counter?hall={hall}&window=1&lang=zh");
        var (page, said) = (clerk.Page, clerk.Page.Locator("#desk-done"));

        await page.Keyboard.PressAsync("h");
        await Expect(said).ToContainTextAsync("D001 暂离");
        await Expect(page.Locator("#held")).ToContainTextAsync("D001");
        // Back by the visitor's phone: held no more.
        await host.PostAsync(null, $"tickets/{token}/back");
        await Expect(said).ToHaveTextAsync("");

        await page.Clock.FastForwardAsync(1_000);
        await page.Keyboard.PressAsync("Space");
        await Expect(said).ToContainTextAsync("D001");
        await page.Clock.FastForwardAsync(9_000);
        await Expect(said).ToContainTextAsync("D001");
        await page.Clock.FastForwardAsync(2_000);
        await Expect(said).ToHaveTextAsync("");
    }
}
