using HallOps.Core.Halls;
using HallOps.Displays.Tests.Hosting;
using HallOps.Silo;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace HallOps.Displays.Tests.Pages;

/// <summary>At the guide desk: one who was sent home once and is back, and one who comes for others.</summary>
public sealed class GuideSlipTests(Browser browser)
{
    private const string Service = "sc-001";
    private const string Printer = "window.print = () => dispatchEvent(new Event('afterprint'));";

    [Theory]
    [InlineData("zh", "一次性告知单", "没有可用的一次性告知单")]
    [InlineData("en", "told once", "no slip that still counts")]
    public async Task ScannedTicketOfOneToldOnce_IssuesTheNumberInClassReturning(string language, string found, string none)
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await host.WindowAsync(hall, "1", "open");
        var token = (await host.IssueAsync(hall, Service)).GetProperty("token").GetString();
        await host.WindowAsync(hall, "1", "call-next");
        await host.WindowAsync(hall, "1", "start");
        await host.WindowAsync(hall, "1", "finish", new { outcome = "toldOnce", missing = "经营场所证明" });
        await using var guide = await browser.VisitAsync(host, 1366, 768, await host.CookiesOfAsync("guide"));
        await guide.Page.AddInitScriptAsync(Printer);
        await guide.OpenLiveAsync($"/guide/{hall}?lang={language}");
        var page = guide.Page;

        // As a scanner does: the address and Enter at once. Two commands to the browser are not: the answer may come between them.
        await page.Locator("#q").EvaluateAsync("""
            (box, text) => {
              box.value = text;
              box.dispatchEvent(new InputEvent('input', { bubbles: true }));
              box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', code: 'Enter', bubbles: true, cancelable: true }));
            }
            """, $"https://hall.example/t#{token}");
        await Assertions.Expect(page.Locator("#told")).ToContainTextAsync(found);
        // The same scanner at a server that is quicker than its Enter.
        var sent = 0;
        page.Request += (_, request) => sent += request.Method == "POST" ? 1 : 0;
        await page.Locator("#q").EvaluateAsync("""
            async box => {
              const typed = new InputEvent('input', { bubbles: true });
              document.getElementById('told').hidden = true;
              box.dispatchEvent(typed);
              while (document.getElementById('told').hidden) await new Promise(done => setTimeout(done, 5));
              const enter = new KeyboardEvent('keydown', { key: 'Enter', code: 'Enter', bubbles: true, cancelable: true });
              Object.defineProperty(enter, 'timeStamp', { value: typed.timeStamp + 20 });
              box.dispatchEvent(enter);
            }
            """);
        Assert.Equal(0, sent);
        await guide.ScreenshotAsync($"guide-slip-{language}");
        await guide.AssertAccessibleAsync();
        await EnterAsync(page, 1_000);
        await Assertions.Expect(page.Locator("#number")).ToHaveValueAsync("D002");
        var ticket = Assert.Single((await FloorAsync(host, hall)).Tickets);
        Assert.Equal(("returning", 1), (ticket.Class, ticket.Told));

        // The new number is none.
        await page.FillAsync("#q", $"https://hall.example/t#{host.Services.GetRequiredService<HallOps.Web.Tickets.TicketTokens>().Of(TicketId.TryParse(ticket.Id, out var id) ? id : default)}");
        await Assertions.Expect(page.Locator("#wrong")).ToContainTextAsync(none);
        guide.AssertOnlyOwnOrigin();
    }

    [Fact]
    public async Task SlipOfAServiceThatNeedsACard_IsEnough_AndThePhoneOffersNoNumberWhereThereIsNoneByPhone()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync(change: document =>
        {
            foreach (var service in document["services"]!.AsArray())
                if ((string?)service!["service"] == Service) service["identity"] = "required";
        });
        await host.WindowAsync(hall, "1", "open");
        var token = (await host.PostAsync("guide", $"halls/{hall}/tickets", new { service = Service, source = "guide", idNumber = "999999195401010017" })).GetProperty("token").GetString();
        await host.WindowAsync(hall, "1", "call-next");
        await host.WindowAsync(hall, "1", "start");
        await host.WindowAsync(hall, "1", "finish", new { outcome = "toldOnce", missing = "经营场所证明" });
        await using var phone = await browser.VisitAsync(host, 390, 844, touch: true);
        await phone.OpenLiveAsync($"/t?lang=zh#{token}");
        await Assertions.Expect(phone.Page.Locator("#slip")).ToContainTextAsync("经营场所证明");
        await Assertions.Expect(phone.Page.Locator("#slip")).ToContainTextAsync("个体工商户设立登记");
        await Assertions.Expect(phone.Page.Locator(".slip-take")).ToBeHiddenAsync();

        await using var guide = await browser.VisitAsync(host, 1366, 768, await host.CookiesOfAsync("guide"));
        await guide.Page.AddInitScriptAsync(Printer);
        await guide.OpenLiveAsync($"/guide/{hall}?lang=zh");
        await guide.Page.FillAsync("#q", $"https://hall.example/t#{token}");
        await Assertions.Expect(guide.Page.Locator("#told")).ToContainTextAsync("一次性告知单");
        await EnterAsync(guide.Page, 1_000);
        await Assertions.Expect(guide.Page.Locator("#number")).ToHaveValueAsync("D002");
    }

    /// <summary>Enter, so many milliseconds after the last letter by the keyboard's own time.</summary>
    private static Task EnterAsync(IPage page, int after) => page.Locator("#q").EvaluateAsync("""
        (box, after) => {
          const typed = new InputEvent('input');
          const enter = new KeyboardEvent('keydown', { key: 'Enter', code: 'Enter', bubbles: true, cancelable: true });
          Object.defineProperty(enter, 'timeStamp', { value: typed.timeStamp + after });
          box.dispatchEvent(enter);
        }
        """, after);

    [Fact]
    public async Task NumberForOthers_SaysHowManyMatters_AndTheCounterSaysSo()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await host.AddClerkAsync(hall, "w01");
        await using var guide = await browser.VisitAsync(host, 1366, 768, await host.CookiesOfAsync("guide"));
        await guide.Page.AddInitScriptAsync(Printer);
        await guide.OpenLiveAsync($"/guide/{hall}?lang=zh");
        var (page, keys) = (guide.Page, guide.Page.Keyboard);
        await page.FillAsync("#q", "个体工商户设立登记");
        await keys.PressAsync("Alt+0");
        await keys.TypeAsync("99");
        await keys.PressAsync("Enter");
        await Assertions.Expect(page.Locator("#wrong")).ToContainTextAsync("1 至 50");
        await page.FillAsync("#cases", "3");
        await keys.PressAsync("Enter");
        await Assertions.Expect(page.Locator("#number")).ToHaveValueAsync("D001");
        Assert.Equal("", await page.InputValueAsync("#cases"));
        await guide.AssertNoOverflowAsync();

        await using var clerk = await browser.VisitAsync(host, 1366, 768, await host.CookiesOfAsync("w01"));
        await clerk.OpenLiveAsync($"/counter?hall={hall}&window=1&lang=zh");
        await clerk.Page.Keyboard.PressAsync("o");
        await Assertions.Expect(clerk.Page.Locator("#desk")).ToHaveAttributeAsync("data-mode", "idle");
        await clerk.Page.Keyboard.PressAsync("Space");
        await Assertions.Expect(clerk.Page.Locator("[data-slot=behalf]")).ToHaveTextAsync("代办");
        await Assertions.Expect(clerk.Page.Locator("[data-slot=cases]")).ToHaveTextAsync("3 件");
        await clerk.ScreenshotAsync("counter-behalf-zh");
    }

    private static async Task<HallFloor> FloorAsync(PageHost host, HallId hall) => (await host.Services.GetRequiredService<IHalls>().ReadAsync(hall, new ReadFloor(), TestContext.Current.CancellationToken))!;
}
