using System.Text.Json.Nodes;
using HallOps.Core.Halls;
using HallOps.Displays.Tests.Hosting;
using HallOps.Silo;
using HallOps.Web.Halls;
using Microsoft.Extensions.DependencyInjection;
using static Microsoft.Playwright.Assertions;

namespace HallOps.Displays.Tests.Pages;

/// <summary>A service is suspended: the visitor's phone and the guide desk say so in seconds, and what may be done instead. The hall's morning begins at 08:30 on 24 November.</summary>
public sealed class SuspensionTests(Browser browser)
{
    private const string Service = "sc-002";

    [Theory]
    [InlineData("zh", "暂停办理，预计 11:00 恢复", "位置保留着", "今天 11:00", "江永县", "预约码", "10:30 至 11:15", "预约已取消", "今天 11:00")]
    [InlineData("en", "until about 11:00", "your place is kept", "today 11:00", "Jiangyong", "Code", "from 10:30 to 11:15", "appointment is cancelled", "today 11:00")]
    public async Task Suspension_OffersWaiting_AnotherTime_AndAnotherHall(string language, string until, string kept, string slot, string elsewhere, string code, string checkIn, string cancelled, string deskSlot)
    {
        var time = new ForwardTime();
        await using var host = await PageHost.StartAsync(change: s => s.AddSingleton<TimeProvider>(time));
        var hall = await host.OpenHallAsync("rudong-town", document => GuideAppointmentTests.HalfHours(document, Service));
        await OpenOtherAsync(host);
        var mine = await host.IssueAsync(hall, Service);
        var number = mine.GetProperty("number").GetString()!;
        await using var phone = await browser.VisitAsync(host, 390, 844, touch: true);
        await phone.OpenLiveAsync($"/t?lang={language}#{mine.GetProperty("token").GetString()}");
        await using var desk = await browser.VisitAsync(host, 1280, 900, await host.CookiesOfAsync("guide"));
        await desk.OpenLiveAsync($"/guide/{hall}?lang={language}");
        await Expect(phone.Page.Locator("#choices")).ToBeHiddenAsync();
        await desk.Page.FillAsync("#number", number);
        await Expect(desk.Page.Locator("#facts")).ToBeVisibleAsync();
        await Expect(desk.Page.Locator("#choices")).ToBeHiddenAsync();

        await host.PostAsync("manager", $"halls/{hall}/suspend", new { services = new[] { Service }, reason = "网络故障", until = "2026-11-24T11:00:00+08:00" });
        var page = phone.Page;
        await Expect(page.Locator("#choices-title")).ToContainTextAsync(until);
        await Expect(page.Locator("#choices [data-slot=reason]")).ToHaveTextAsync("网络故障");
        await Expect(page.Locator(".choice-wait")).ToContainTextAsync(kept);
        await Expect(page.Locator("#slots button").First).ToHaveTextAsync(slot);
        await Expect(page.Locator("#other-halls-list")).ToContainTextAsync(elsewhere);
        await LookAsync(phone, "ticket-suspended", 320, 390);

        // One touch books, and is kept on the phone; the number stays, too.
        await page.TapAsync("#slots button >> nth=0");
        await Expect(page.Locator(".appointment-code")).ToContainTextAsync(code);
        await Expect(page.Locator("#appointment [data-slot=text]")).ToContainTextAsync(checkIn);
        var booked = Assert.Single(await AppointmentsAsync(host, hall));
        Assert.Contains($"{booked.Code[..4]} {booked.Code[4..]}", await page.InnerTextAsync(".appointment-code"), StringComparison.Ordinal);
        Assert.Equal(TicketState.Waiting, Assert.Single((await FloorAsync(host, hall)).Tickets).State);
        await LookAsync(phone, "ticket-rebooked", 320, 390);
        // Who has one is offered no second.
        await Expect(page.Locator("#other-time")).ToBeHiddenAsync();
        await page.ReloadAsync();
        await page.WaitForSelectorAsync("html[data-fed]");
        await Expect(page.Locator(".appointment-code")).ToContainTextAsync(code);
        await page.TapAsync("#appointment-cancel");
        await Expect(page.Locator("#says")).ToContainTextAsync(cancelled);
        await Expect(page.Locator("#appointment")).ToBeHiddenAsync();
        await Expect(page.Locator("#other-time")).ToBeVisibleAsync();
        Assert.Empty(await AppointmentsAsync(host, hall));

        // The desk offers the same, by a key.
        await Expect(desk.Page.Locator("#choices")).ToContainTextAsync("网络故障");
        await Expect(desk.Page.Locator("#elsewhere-list")).ToContainTextAsync(elsewhere);
        await LookAsync(desk, "guide-suspended", 360, 1280);
        await desk.Page.Keyboard.PressAsync("F10");
        await Expect(desk.Page.Locator("#book-slots input:checked")).ToHaveValueAsync("2026-11-24T11:00:00+08:00");
        await desk.Page.Keyboard.PressAsync("Enter");
        await Expect(desk.Page.Locator("#told")).ToContainTextAsync(deskSlot);
        Assert.Single(await AppointmentsAsync(host, hall));

        await host.PostAsync("manager", $"halls/{hall}/resume", new { services = new[] { Service } });
        await Expect(page.Locator("#choices")).ToBeHiddenAsync();
        await Expect(desk.Page.Locator("#choices")).ToBeHiddenAsync();
        foreach (var one in new[] { phone, desk }) one.AssertOnlyOwnOrigin();
    }

    [Fact]
    public async Task Booking_AnsweredAfterTheSuspensionIsOver_IsShown_AlsoWhereTheBrowserKeepsNothing()
    {
        var time = new ForwardTime();
        await using var host = await PageHost.StartAsync(change: s => s.AddSingleton<TimeProvider>(time));
        var hall = await host.OpenHallAsync("rudong-town", document => GuideAppointmentTests.HalfHours(document, Service));
        var mine = await host.IssueAsync(hall, Service);
        await host.PostAsync("manager", $"halls/{hall}/suspend", new { services = new[] { Service }, reason = "网络故障", until = "2026-11-24T11:00:00+08:00" });
        await using var phone = await browser.VisitAsync(host, 390, 844, touch: true);
        await phone.Page.AddInitScriptAsync("Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('blocked', 'SecurityError'); } });");
        await phone.OpenLiveAsync($"/t?lang=zh#{mine.GetProperty("token").GetString()}");
        var page = phone.Page;
        await Expect(page.Locator("#slots button").First).ToBeVisibleAsync();
        var (asked, over) = (new TaskCompletionSource(), new TaskCompletionSource());
        await page.RouteAsync("**/appointment", async route =>
        {
            asked.TrySetResult();
            await over.Task;
            await route.ContinueAsync();
        });
        await page.TapAsync("#slots button >> nth=0");
        await asked.Task;
        await host.PostAsync("manager", $"halls/{hall}/resume", new { services = new[] { Service } });
        await Expect(page.Locator("#choices")).ToBeHiddenAsync();
        over.SetResult();
        var booked = Assert.Single(await UntilAsync());
        await Expect(page.Locator(".appointment-code")).ToContainTextAsync($"{booked.Code[..4]} {booked.Code[4..]}");
        phone.AssertOnlyOwnOrigin();

        async Task<IReadOnlyList<AppointmentView>> UntilAsync()
        {
            await Expect(page.Locator("#appointment")).ToBeVisibleAsync();
            return await AppointmentsAsync(host, hall);
        }
    }

    /// <summary>A part of a joint visit has no slots of its own, and nobody comes for it alone.</summary>
    [Fact]
    public async Task SuspensionOfAPart_OffersTimesOfTheJointServiceThatWasAskedFor()
    {
        var time = new ForwardTime();
        await using var host = await PageHost.StartAsync(change: s => s.AddSingleton<TimeProvider>(time));
        var hall = await host.OpenHallAsync(change: document => GuideAppointmentTests.HalfHours(document, "fc-001"));
        var mine = await host.IssueAsync(hall, "fc-001");
        await using var phone = await browser.VisitAsync(host, 390, 844, touch: true);
        await phone.OpenLiveAsync($"/t?lang=zh#{mine.GetProperty("token").GetString()}");
        await using var desk = await browser.VisitAsync(host, 1280, 900, await host.CookiesOfAsync("guide"));
        await desk.OpenLiveAsync($"/guide/{hall}?lang=zh");
        await desk.Page.FillAsync("#number", mine.GetProperty("number").GetString()!);

        await host.PostAsync("manager", $"halls/{hall}/suspend", new { reason = "网络故障", until = "2026-11-24T11:00:00+08:00" });

        await phone.Page.TapAsync("#slots button >> nth=0");
        await Expect(phone.Page.Locator(".appointment-code")).ToBeVisibleAsync();
        Assert.Equal("fc-001", Assert.Single(await AppointmentsAsync(host, hall)).Service.Value);
        await Expect(desk.Page.Locator("#choices")).ToContainTextAsync("网络故障");
        await Expect(desk.Page.Locator("#rebook")).ToBeVisibleAsync();
        await desk.Page.ClickAsync("#rebook");
        await Expect(desk.Page.Locator("#book-slots input:checked")).ToHaveValueAsync("2026-11-24T11:30:00+08:00");
        foreach (var one in new[] { phone, desk }) one.AssertOnlyOwnOrigin();
    }

    [Theory]
    [InlineData("zh", "请等 2 号窗口叫您", "2 号窗口")]
    [InlineData("en", "Window 2 will call you", "Window 2")]
    public async Task Transfer_ToAWindow_IsNamedOnThePhone_AndAnAppointmentsTime(string language, string waitFor, string step)
    {
        var time = new ForwardTime();
        await using var host = await PageHost.StartAsync(change: s => s.AddSingleton<TimeProvider>(time));
        var hall = await host.OpenHallAsync("rudong-town", document => GuideAppointmentTests.HalfHours(document, "mz-001"));
        var code = (await host.PostAsync("guide", $"halls/{hall}/appointments", new { service = "mz-001", slot = "2026-11-24T09:00:00+08:00" })).GetProperty("code").GetString();
        var mine = await host.PostAsync("guide", $"halls/{hall}/appointments/{code}/check-in", new { source = "guide" });
        await host.WindowAsync(hall, "1", "open");
        await host.AddClerkAsync(hall, "w02");
        await host.WindowAsync(hall, "2", "open", user: "w02");
        await using var phone = await browser.VisitAsync(host, 390, 844, touch: true);
        await phone.OpenLiveAsync($"/t?lang={language}#{mine.GetProperty("token").GetString()}");
        await Expect(phone.Page.Locator("[data-slot=booked]")).ToContainTextAsync("09:00");
        await host.WindowAsync(hall, "1", "call-next");
        await host.WindowAsync(hall, "1", "start");
        await host.WindowAsync(hall, "1", "transfer", new { window = "2", keepPlace = true });
        await Expect(phone.Page.Locator("#state")).ToContainTextAsync(waitFor);
        await Expect(phone.Page.Locator("#legs li").Last).ToContainTextAsync(step);
        await LookAsync(phone, "ticket-sent", 320, 390);
        phone.AssertOnlyOwnOrigin();
    }

    /// <summary>A second hall with the same service in the catalogue, and somebody at its window.</summary>
    private static async Task OpenOtherAsync(PageHost host)
    {
        var document = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "samples", "halls", "jiangyong-county.json"), TestContext.Current.CancellationToken))!.AsObject();
        document["calendar"] = new JsonObject { ["timeZone"] = "Asia/Shanghai", ["sessions"] = "always" };
        var packed = PackedDocument.Pack(HallDocument.Minify(System.Text.Encoding.UTF8.GetBytes(document.ToJsonString())));
        var other = new HallId((string)document["hall"]!);
        var answer = await host.Services.GetRequiredService<IHalls>().SendAsync(other, new HallRequest(new ConfigureHall(0, packed), "test"), TestContext.Current.CancellationToken);
        // The list of halls is what others are looked for in, and an answer of it is kept for a while.
        await host.Services.GetRequiredService<IHallList>().HasAsync(((ConfiguredReply)answer.Reply!).Number, answer.Sequence, TestContext.Current.CancellationToken);
        await host.WindowAsync(other, "1", "open", user: "admin");
    }

    private static async Task LookAsync(Visitor visitor, string name, params int[] widths)
    {
        await visitor.AssertAccessibleAsync();
        foreach (var width in widths)
        {
            await visitor.Page.SetViewportSizeAsync(width, 844);
            await visitor.AssertNoOverflowAsync();
            await visitor.ScreenshotAsync($"{name}-{(await visitor.Page.GetAttributeAsync("html", "lang"))![..2]}-{width}", fullPage: true);
        }
    }

    private static async Task<IReadOnlyList<AppointmentView>> AppointmentsAsync(PageHost host, HallId hall) =>
        (await host.Services.GetRequiredService<IHalls>().ReadAsync(hall, new ReadAppointments(), TestContext.Current.CancellationToken))!;

    private static async Task<HallFloor> FloorAsync(PageHost host, HallId hall) =>
        (await host.Services.GetRequiredService<IHalls>().ReadAsync(hall, new ReadFloor(), TestContext.Current.CancellationToken))!;
}
