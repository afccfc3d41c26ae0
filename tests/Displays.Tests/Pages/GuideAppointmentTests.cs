using System.Text.Json.Nodes;
using HallOps.Core.Halls;
using HallOps.Displays.Tests.Hosting;
using HallOps.Silo;
using Microsoft.Extensions.DependencyInjection;
using static Microsoft.Playwright.Assertions;

namespace HallOps.Displays.Tests.Pages;

/// <summary>Appointments at the guide desk, by keyboard alone. The hall's morning begins at 08:30 on 24 November.</summary>
public sealed class GuideAppointmentTests(Browser browser)
{
    private const string Service = "gj-003";
    private const string Printer = "window.print = () => { window.printed = (window.printed ?? 0) + 1; window.slip = document.getElementById('slip').innerText; dispatchEvent(new Event('afterprint')); };";

    [Theory]
    [InlineData("zh", "已预约", "今天 09:00", "手机号不对", "约满", "已改到今天 09:30", "已签到", "再按一次取消", "已取消预约", "没有找到预约")]
    [InlineData("en", "Booked:", "today 09:00", "phone number is not valid", "Full", "is moved to today 09:30", "is checked in", "Again to cancel it", "is cancelled", "No appointment found")]
    public async Task Appointment_IsBookedFoundMovedKeptAndCancelled_ByKeys(string language, string booked, string at, string badPhone, string full, string moved, string kept, string sure, string cancelled, string none)
    {
        var time = new ForwardTime();
        await using var host = await PageHost.StartAsync(change: s => s.AddSingleton<TimeProvider>(time));
        var hall = await host.OpenHallAsync("rudong-town", document => HalfHours(document, Service));
        await using var visitor = await browser.VisitAsync(host, 1280, 800, await host.CookiesOfAsync("guide"));
        await visitor.Page.AddInitScriptAsync(Printer);
        await visitor.OpenLiveAsync($"/guide/{hall}?lang={language}");
        var (page, keys) = (visitor.Page, visitor.Page.Keyboard);

        // Typed, Shift+Enter, and the first slot that is left stands chosen; Enter books it once the telephone is right.
        await keys.TypeAsync("gjj");
        await Expect(page.Locator($"#found-{Service}")).ToBeVisibleAsync();
        while (await page.Locator($"#found-{Service}").GetAttributeAsync("aria-selected") != "true") await keys.PressAsync("ArrowDown");
        await keys.PressAsync("Shift+Enter");
        await Expect(page.Locator("#book-slots input:checked")).ToHaveValueAsync("2026-11-24T09:00:00+08:00");
        await page.FocusAsync("#book-phone");
        await keys.TypeAsync("12");
        await keys.PressAsync("Enter");
        await Expect(page.Locator("#book-wrong")).ToContainTextAsync(badPhone);
        await visitor.AssertAccessibleAsync();
        foreach (var width in new[] { 1280, 640, 360 })
        {
            await page.SetViewportSizeAsync(width, 800);
            await visitor.AssertNoOverflowAsync();
            await visitor.ScreenshotAsync($"guide-book-{language}-{width}");
        }
        await page.SetViewportSizeAsync(1280, 800);
        await page.FillAsync("#book-phone", "139 0000 4321");
        await keys.PressAsync("Enter");
        await Expect(page.Locator("#told")).ToContainTextAsync(booked);
        await Expect(page.Locator("#told")).ToContainTextAsync(at);
        var first = Assert.Single(await AppointmentsAsync(host, hall));
        Assert.NotNull(first.Person);
        await page.WaitForFunctionAsync("() => window.printed === 1");
        Assert.Contains($"{first.Code[..4]} {first.Code[4..]}", await page.EvaluateAsync<string>("window.slip"), StringComparison.Ordinal);
        await visitor.ScreenshotAsync($"guide-booked-{language}");

        // The next visitor is offered what is left; the arrows pick another.
        await keys.TypeAsync("gjj");
        while (await page.Locator($"#found-{Service}").GetAttributeAsync("aria-selected") != "true") await keys.PressAsync("ArrowDown");
        await keys.PressAsync("Shift+Enter");
        await Expect(page.Locator("#book-slots input:checked")).ToHaveValueAsync("2026-11-24T09:30:00+08:00");
        await Expect(page.Locator("#book-slots label").First).ToContainTextAsync(full);
        await keys.PressAsync("ArrowRight");
        await keys.PressAsync("Enter");
        await Expect(page.Locator("#book-dialog")).ToBeHiddenAsync();
        Assert.Equal([9, 10], (await AppointmentsAsync(host, hall)).Select(a => a.Slot.Hour));

        // Found by the last digits of the telephone, moved by F4, kept by Enter.
        await keys.PressAsync("F7");
        await Expect(page.Locator("#appointments li")).ToHaveCountAsync(2);
        await keys.TypeAsync("9999");
        await Expect(page.Locator("#appointments-none")).ToHaveTextAsync(none);
        await page.FillAsync("#appointment-q", "4321");
        await Expect(page.Locator("#appointments li")).ToHaveCountAsync(1);
        await visitor.AssertAccessibleAsync();
        foreach (var width in new[] { 1280, 360 })
        {
            await page.SetViewportSizeAsync(width, 800);
            await visitor.AssertNoOverflowAsync();
            await visitor.ScreenshotAsync($"guide-appointments-{language}-{width}");
        }
        await keys.PressAsync("F4");
        await Expect(page.Locator("#book-slots input:checked")).ToHaveValueAsync("2026-11-24T09:30:00+08:00");
        await keys.PressAsync("Enter");
        await Expect(page.Locator("#told")).ToContainTextAsync(moved);
        await Expect(page.Locator("#appointments [data-slot=slot]")).ToContainTextAsync("09:30");
        time.Forward(TimeSpan.FromMinutes(40));
        await page.FocusAsync("#appointment-q");
        await keys.PressAsync("Enter");
        await Expect(page.Locator("#told")).ToContainTextAsync(kept);
        var number = Assert.Single((await host.Services.GetRequiredService<IHalls>().ReadAsync(hall, new ReadFloor(), TestContext.Current.CancellationToken))!.Tickets).Ticket;
        await Expect(page.Locator("#number")).ToHaveValueAsync(number);
        await page.WaitForFunctionAsync($"() => window.slip?.includes('{number}')");

        // The other by its code, cancelled by F6 twice.
        var second = (await AppointmentsAsync(host, hall)).Single(a => a.State == AppointmentState.Booked).Code;
        await keys.PressAsync("F7");
        await keys.TypeAsync($"{second[..4].ToLowerInvariant()} {second[4..]}");
        await Expect(page.Locator("#appointments li")).ToHaveCountAsync(1);
        await keys.PressAsync("F6");
        await Expect(page.Locator("#appointments [data-do=cancel]")).ToContainTextAsync(sure);
        Assert.Equal(2, (await AppointmentsAsync(host, hall)).Count);
        await keys.PressAsync("F6");
        await Expect(page.Locator("#told")).ToContainTextAsync(cancelled);
        Assert.Equal(AppointmentState.CheckedIn, Assert.Single(await AppointmentsAsync(host, hall)).State);
        await keys.PressAsync("Escape");

        // By mouse the same: the button asks for the service first.
        await page.ClickAsync("#booking");
        await page.FillAsync("#q", "企业");
        await page.Locator(".g-result").First.ClickAsync();
        visitor.AssertOnlyOwnOrigin();
    }

    [Fact]
    public async Task Code_TypedWithEnterAtOnce_IsTheOneThatIsKept_AndNotWhoWasListedBefore()
    {
        var time = new ForwardTime();
        await using var host = await PageHost.StartAsync(change: s => s.AddSingleton<TimeProvider>(time));
        var hall = await host.OpenHallAsync("rudong-town", document => HalfHours(document, Service));
        foreach (var slot in new[] { "09:00", "09:30" }) await host.PostAsync("guide", $"halls/{hall}/appointments", new { service = Service, slot = $"2026-11-24T{slot}:00+08:00" });
        time.Forward(TimeSpan.FromMinutes(31));
        var second = (await AppointmentsAsync(host, hall))[1].Code;
        await using var visitor = await browser.VisitAsync(host, 1280, 800, await host.CookiesOfAsync("guide"));
        await visitor.Page.AddInitScriptAsync(Printer);
        await visitor.OpenLiveAsync($"/guide/{hall}?lang=zh");
        await visitor.Page.Keyboard.PressAsync("F7");
        await Expect(visitor.Page.Locator("#appointments li")).ToHaveCountAsync(2);
        // As a scanner types.
        await visitor.Page.Keyboard.InsertTextAsync(second);
        await visitor.Page.Keyboard.PressAsync("Enter");
        await Expect(visitor.Page.Locator("#told")).ToContainTextAsync($"{second[..4]} {second[4..]}");
        Assert.Equal([AppointmentState.Booked, AppointmentState.CheckedIn], (await AppointmentsAsync(host, hall)).Select(a => a.State));
        visitor.AssertOnlyOwnOrigin();
    }

    /// <summary>Slots of half an hour with one place, of a service quick enough to be booked for.</summary>
    internal static void HalfHours(JsonObject document, string name)
    {
        var service = document["services"]!.AsArray().First(s => (string)s!["service"]! == name)!;
        service["expectedMinutes"] = 2;
        service["appointments"] = new JsonObject { ["slotMinutes"] = 30, ["capacity"] = 1, ["daysAhead"] = 5, ["earlyMinutes"] = 30, ["lateMinutes"] = 15 };
    }

    private static async Task<IReadOnlyList<AppointmentView>> AppointmentsAsync(PageHost host, HallId hall) =>
        (await host.Services.GetRequiredService<IHalls>().ReadAsync(hall, new ReadAppointments(), TestContext.Current.CancellationToken))!;
}
