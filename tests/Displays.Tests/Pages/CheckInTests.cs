using System.Text.Json.Nodes;
using HallOps.Core.Halls;
using HallOps.Displays.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using static Microsoft.Playwright.Assertions;

namespace HallOps.Displays.Tests.Pages;

/// <summary>An appointment kept at the kiosk: its code typed on the screen's keys gives a number, or says in words why there is none. The hall's morning begins at 08:30 on 24 November.</summary>
public sealed class CheckInTests(Browser browser)
{
    private const string Service = "gj-003";
    private const string Printer = "window.print = () => { window.slip = document.getElementById('slip').innerText; dispatchEvent(new Event('afterprint')); };";

    [Theory]
    [InlineData("zh", 1080, 1920, "预约 09:00，已签到", "08:40 起可以签到", "11月25日周三 10:00", "预约 09:00 已过", "没有这个预约码")]
    [InlineData("en", 1920, 1080, "Booked for 09:00", "from 08:40", "Wed 25 November, 10:00", "Your time, 09:00, is over", "no such appointment")]
    public async Task Code_TypedAtTheKiosk_GivesANumber_OrSaysWhyNot(string language, int width, int height, string inTime, string early, string otherDay, string late, string unknown)
    {
        var time = new ForwardTime();
        await using var host = await PageHost.StartAsync(change: s => s.AddSingleton<TimeProvider>(time));
        var hall = await host.OpenHallAsync("rudong-town", document =>
        {
            var service = document["services"]!.AsArray().First(s => (string)s!["service"]! == Service)!;
            // Six of two minutes fit into the share of half an hour that appointments may have.
            service["expectedMinutes"] = 2;
            service["appointments"] = new JsonObject { ["slotMinutes"] = 30, ["capacity"] = 4, ["daysAhead"] = 5, ["earlyMinutes"] = 20, ["lateMinutes"] = 15 };
        });
        var today = await BookAsync(host, hall, "2026-11-24T09:00:00+08:00");
        var missed = await BookAsync(host, hall, "2026-11-24T09:00:00+08:00");
        var tomorrow = await BookAsync(host, hall, "2026-11-25T10:00:00+08:00");
        await using var visitor = await browser.VisitAsync(host, width, height, await host.DeviceAsync("kiosk", hall), touch: true);
        await visitor.Page.AddInitScriptAsync(Printer);
        await visitor.OpenLiveAsync($"/kiosk/{hall}?lang={language}");
        var page = visitor.Page;
        await LookAsync("home");

        // Half an hour before is too early where twenty minutes are allowed; the sentence says from when on.
        await TypeAsync(today);
        await Expect(page.Locator("[data-view=refused] [data-slot=sentence]")).ToContainTextAsync(early);
        await LookAsync("early");
        await page.TapAsync("#choices [data-key=anotherCode]");
        await Expect(page.Locator("#appointment-code")).ToHaveTextAsync("···· ····");
        await KeysAsync(tomorrow);
        await page.TapAsync("#check-in");
        await Expect(page.Locator("[data-view=refused] [data-slot=sentence]")).ToContainTextAsync(otherDay);
        await LookAsync("other-day");
        await page.TapAsync("#home");

        time.Forward(TimeSpan.FromMinutes(15));
        await TypeAsync(today);
        await page.Locator("[data-print=takeSlip]").WaitForAsync();
        await Expect(page.Locator("[data-slot=kept]")).ToContainTextAsync(inTime);
        var number = await page.InnerTextAsync("[data-view=ticket] .k-number");
        Assert.Contains(number, await page.EvaluateAsync<string>("window.slip"), StringComparison.Ordinal);
        Assert.Contains("住房公积金贷款申请", await page.EvaluateAsync<string>("window.slip"), StringComparison.Ordinal);
        await LookAsync("kept");
        await page.TapAsync("#finish");
        Assert.DoesNotContain(today, await page.ContentAsync(), StringComparison.Ordinal);

        // The same code again: the number that there is, and its slip.
        await TypeAsync(today);
        await Expect(page.Locator("[data-slot=mine]")).ToHaveTextAsync(number);
        await page.TapAsync("#choices [data-key=printMine]");
        await page.Locator("[data-print=takeSlip]").WaitForAsync();
        await Expect(page.Locator("[data-view=ticket] .k-number")).ToHaveTextAsync(number);
        await page.TapAsync("#finish");

        // A quarter of an hour after the slot it is an ordinary number.
        time.Forward(TimeSpan.FromMinutes(35));
        await TypeAsync(missed);
        await Expect(page.Locator("[data-slot=kept]")).ToContainTextAsync(late);
        await page.TapAsync("#finish");
        await TypeAsync("22222222");
        await Expect(page.Locator("#code-wrong")).ToContainTextAsync(unknown);
        await Expect(page.Locator("#appointment-code")).ToHaveTextAsync("···· ····");
        await LookAsync("unknown");
        visitor.AssertOnlyOwnOrigin();

        async Task TypeAsync(string code)
        {
            await page.TapAsync("#open-code");
            await KeysAsync(code);
            await LookAsync("code");
            await page.TapAsync("#check-in");
        }

        async Task KeysAsync(string code)
        {
            await Expect(page.Locator("#check-in")).ToBeDisabledAsync();
            foreach (var sign in code) await page.TapAsync($"#signs [data-key-of='{sign}']");
        }

        async Task LookAsync(string name)
        {
            await visitor.ScreenshotAsync($"kiosk-appointment-{name}-{language}");
            await visitor.AssertNoOverflowAsync(screen: true);
            await visitor.AssertAccessibleAsync();
            // What is too high is cut off by the bars above and below.
            Assert.Empty(await page.EvaluateAsync<string[]>("""
                () => {
                  const main = document.querySelector('main').getBoundingClientRect();
                  return [...document.querySelector('[data-view]:not([hidden])').children].filter(c => c.checkVisibility())
                    .filter(c => c.getBoundingClientRect().top < main.top - 1 || c.getBoundingClientRect().bottom > main.bottom + 1).map(c => c.className || c.tagName);
                }
                """));
        }
    }

    [Fact]
    public async Task Kiosk_OfAHallWithoutAppointments_DoesNotAskForCodes()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync("rudong-town", document =>
        {
            foreach (var service in document["services"]!.AsArray()) service!.AsObject().Remove("appointments");
        });
        await using var visitor = await browser.VisitAsync(host, 1080, 1920, await host.DeviceAsync("kiosk", hall), touch: true);
        await visitor.OpenLiveAsync($"/kiosk/{hall}");
        await Expect(visitor.Page.Locator("#open-code")).ToHaveCountAsync(0);
    }

    private static async Task<string> BookAsync(PageHost host, HallId hall, string slot) =>
        (await host.PostAsync("guide", $"halls/{hall}/appointments", new { service = Service, slot })).GetProperty("code").GetString()!;
}
