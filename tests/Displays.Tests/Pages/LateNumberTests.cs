using System.Text.Json.Nodes;
using HallOps.Core.Halls;
using HallOps.Displays.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using static Microsoft.Playwright.Assertions;

namespace HallOps.Displays.Tests.Pages;

/// <summary>Ten minutes before the doors close, for what takes twelve: the kiosk says that today may be too late before the number is taken, and takes it back.</summary>
public sealed class LateNumberTests(Browser browser)
{
    private const string Service = "sc-001";

    // What a printer does: the slip is out when the browser says so.
    private const string Printer = "window.print = () => { window.paper = document.getElementById('slip').innerText; dispatchEvent(new Event('afterprint')); };";

    [Theory]
    [InlineData("zh", "今天可能轮不到您", "号已经退回")]
    [InlineData("en", "You may not be served today", "The number was given back")]
    public async Task Kiosk_SaysThatItMayBeTooLate_BeforeTheNumberIsTaken(string language, string mayNot, string givenBack)
    {
        var time = new ForwardTime();
        await using var host = await PageHost.StartAsync(change: s => s.AddSingleton<TimeProvider>(time));
        var hall = await host.OpenHallAsync(change: document =>
        {
            document["calendar"] = JsonNode.Parse("""{"timeZone": "Asia/Shanghai", "holidays": "none", "sessions": [{"kind": "regular", "days": ["workday"], "from": "08:00", "to": "17:00", "windows": ["1"], "offered": "covered"}]}""");
            document["services"]!.AsArray().First(s => (string)s!["service"]! == Service)!["expectedMinutes"] = 12;
        });
        await host.WindowAsync(hall, "1", "open", new { staff = "w01" });
        time.Forward(TimeSpan.FromMinutes(500));
        await host.PokeAsync(hall);
        await using var visitor = await browser.VisitAsync(host, 1080, 1920, await host.DeviceAsync("kiosk", hall), touch: true);
        var page = visitor.Page;
        await page.AddInitScriptAsync(Printer);
        await visitor.OpenLiveAsync($"/kiosk/{hall}?lang={language}");

        // Given back: nobody waits, and nothing was printed.
        await AskAsync();
        await page.TapAsync("#choices [data-key=giveBack]");
        await Expect(page.Locator("[data-view=refused]")).ToContainTextAsync(givenBack);
        Assert.Null(await page.EvaluateAsync<string?>("window.paper ?? null"));
        Assert.Equal(0, await WaitingAsync());

        // Taken all the same: the paper says it too.
        await visitor.OpenLiveAsync($"/kiosk/{hall}?lang={language}");
        await AskAsync();
        await visitor.AssertNoOverflowAsync(screen: true);
        await visitor.ScreenshotAsync($"kiosk-may-not-{language}-1080");
        await page.TapAsync("#choices [data-key=takeAnyway]");
        await page.Locator("[data-print=takeSlip]").WaitForAsync();
        Assert.Contains("今天可能办不到", await page.EvaluateAsync<string>("window.paper"), StringComparison.Ordinal);
        Assert.Equal(1, await WaitingAsync());

        async Task AskAsync()
        {
            await page.TapAsync("#departments [data-key=gs]");
            await page.TapAsync($"#services [data-key={Service}]");
            await page.TapAsync("#take");
            await Expect(page.Locator("[data-view=refused]")).ToContainTextAsync(mayNot);
        }

        async Task<int> WaitingAsync() => (await host.GetAsync("guide", $"halls/{hall}/board")).GetProperty("lines").EnumerateArray().Sum(l => l.GetProperty("waiting").GetInt32());
    }
}
