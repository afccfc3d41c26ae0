using System.Text.Json;
using System.Text.Json.Nodes;
using HallOps.Core.Halls;
using HallOps.Displays.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using static Microsoft.Playwright.Assertions;

namespace HallOps.Displays.Tests.Pages;

/// <summary>
/// The moments in which halls fail people, each from end to end on the real server, as those who stand there see it. 11:55, and of 16:40 whether there is still time, come with the calendar.
/// </summary>
public sealed class MomentTests(Browser browser) : IClassFixture<Browser>
{
    // Business registration, of window 1 alone in the sample.
    private const string Service = "sc-001";

    [Fact]
    public async Task At0840_TheCrowdAtTheDoor_GetsNumbersInTheOrderTheyCame_AndIsCalledInIt()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await host.IssueAsync(hall, Service);
        var crowd = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => host.IssueAsync(hall, Service)));
        Assert.Equal(Enumerable.Range(2, 40), crowd.Select(t => int.Parse(t.GetProperty("number").GetString()![1..], System.Globalization.CultureInfo.InvariantCulture)).Order());
        // Nobody sits there yet: the last of them is told so, and how many are before.
        await using var last = await PhoneAsync(host, crowd.MaxBy(t => t.GetProperty("number").GetString())!);
        await Expect(last.Page.Locator(".stub-main")).ToHaveTextAsync("前面还有 40 人");
        await Expect(last.Page.Locator("#why")).ToContainTextAsync("窗口");

        await host.WindowAsync(hall, "1", "open");
        var called = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            called.Add((await host.WindowAsync(hall, "1", "call-next")).GetProperty("number").GetString()!);
            await host.WindowAsync(hall, "1", "start");
            await host.WindowAsync(hall, "1", "finish");
        }
        Assert.Equal(["D001", "D002", "D003", "D004", "D005"], called);
        await Expect(last.Page.Locator(".stub-main")).ToHaveTextAsync("前面还有 35 人");
    }

    [Fact]
    public async Task WhichNumber_SomebodyWhoKnowsOnlyTheEverydayWord_FindsTheServiceAndWhatToBring()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync("rudong-town");
        await using var guide = await browser.VisitAsync(host, 1366, 768, await host.CookiesOfAsync("guide"));
        await guide.OpenLiveAsync($"/guide/{hall}?lang=zh");
        await guide.Page.FillAsync("#q", "低保");
        await Expect(guide.Page.Locator("#results [role=option]").First).ToContainTextAsync("最低生活保障");
        await Expect(guide.Page.Locator("#results [role=option]").First).ToContainTextAsync("身份证");
    }

    [Fact]
    public async Task CalledAndNotThere_IsMissedAfterTwoCalls_AndComesBackWithThePlaceKept()
    {
        var time = new ShiftedTime();
        await using var host = await PageHost.StartAsync(change: s => s.AddSingleton<TimeProvider>(time));
        var hall = await host.OpenHallAsync();
        await host.WindowAsync(hall, "1", "open");
        var mine = await host.IssueAsync(hall, Service);
        for (var i = 0; i < 3; i++) await host.IssueAsync(hall, Service);
        await using var phone = await PhoneAsync(host, mine);
        await host.WindowAsync(hall, "1", "call-next");
        await Expect(phone.Page.Locator(".stub-main")).ToHaveTextAsync("1 号窗口");
        time.Advance(TimeSpan.FromSeconds(21));
        await host.WindowAsync(hall, "1", "recall");
        time.Advance(TimeSpan.FromSeconds(21));
        await host.WindowAsync(hall, "1", "no-show");
        await Expect(phone.Page.Locator("#back")).ToBeVisibleAsync();
        Assert.Equal("D002", (await host.WindowAsync(hall, "1", "call-next")).GetProperty("number").GetString());

        await phone.Page.ClickAsync("#back");
        await Expect(phone.Page.Locator("#back")).ToBeHiddenAsync();
        await host.WindowAsync(hall, "1", "start");
        // After the present visitor, before the two who came later.
        Assert.Equal("D001", (await host.WindowAsync(hall, "1", "next")).GetProperty("called").GetProperty("number").GetString());
    }

    [Fact]
    public async Task CalledBeforeMe_ThePhoneSaysWhoAndWhyAndHowManyMoreCanBe()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await host.WindowAsync(hall, "1", "open");
        var mine = await host.IssueAsync(hall, Service);
        await host.PostAsync("guide", $"halls/{hall}/tickets", new { service = Service, source = "guide", @class = "elderly" });
        await using var phone = await PhoneAsync(host, mine);
        await phone.Page.ClickAsync("#why summary");
        await Expect(phone.Page.Locator("#why p")).Not.ToContainTextAsync("老年人");
        Assert.Equal("D002", (await host.WindowAsync(hall, "1", "call-next")).GetProperty("number").GetString());
        await Expect(phone.Page.Locator("#why p")).ToContainTextAsync("老年人");
        await Expect(phone.Page.Locator("#why p")).ToContainTextAsync("9");
        await Expect(phone.Page.Locator(".stub-main")).ToHaveTextAsync("下一位就是您");
    }

    [Fact]
    public async Task OnePaperMissing_IsToldOnce_AndComesBackWithTheSlip_InAClassOfItsOwn()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync(change: document => document["remoteIssue"] = true);
        await host.WindowAsync(hall, "1", "open");
        await using var phone = await PhoneAsync(host, await host.IssueAsync(hall, Service));
        await host.WindowAsync(hall, "1", "call-next");
        await host.WindowAsync(hall, "1", "start");
        await host.WindowAsync(hall, "1", "finish", new { outcome = "toldOnce", missing = "法人身份证原件" });
        await Expect(phone.Page.Locator("#slip")).ToBeVisibleAsync();
        await Expect(phone.Page.Locator("#slip")).ToContainTextAsync("法人身份证原件");
        await Expect(phone.Page.Locator("#slip")).ToContainTextAsync("月");
        await phone.ScreenshotAsync("ticket-slip-zh", fullPage: true);
        await phone.AssertAccessibleAsync();
        await phone.AssertNoOverflowAsync();

        await host.IssueAsync(hall, Service);
        await phone.Page.ClickAsync(".slip-take");
        await Expect(phone.Page.Locator("h1 .ticket")).ToHaveTextAsync("D003");
        // Before the one who came first, since the paper is all that was missing.
        var called = await host.WindowAsync(hall, "1", "call-next");
        Assert.Equal(("D003", "returning"), (called.GetProperty("number").GetString(), called.GetProperty("class").GetString()));
        phone.AssertOnlyOwnOrigin();
    }

    [Fact]
    public async Task PayThereAndComeBack_TheVisitorIsLedThereAndBack_AndRatesOnceItIsDone()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await host.WindowAsync(hall, "1", "open");
        await host.AddClerkAsync(hall, "w17");
        await host.WindowAsync(hall, "17", "open", user: "w17");
        var mine = await host.IssueAsync(hall, Service);
        await host.IssueAsync(hall, Service);
        await using var phone = await PhoneAsync(host, mine);
        await host.WindowAsync(hall, "1", "call-next");
        await host.WindowAsync(hall, "1", "start");
        await host.WindowAsync(hall, "1", "transfer", new { window = "17", keepPlace = false, returnHere = true });
        await Expect(phone.Page.Locator("#state")).ToContainTextAsync("17");
        Assert.Equal("D001", (await host.WindowAsync(hall, "17", "call-next")).GetProperty("number").GetString());
        await Expect(phone.Page.Locator(".stub-main")).ToHaveTextAsync("17 号窗口");
        await host.WindowAsync(hall, "17", "start");
        await host.WindowAsync(hall, "17", "finish", new { outcome = "paid" });
        await Expect(phone.Page.Locator("#rate")).ToBeHiddenAsync();
        // Back at window 1, before whoever waits there.
        Assert.Equal("D001", (await host.WindowAsync(hall, "1", "call-next")).GetProperty("number").GetString());
        await Expect(phone.Page.Locator(".stub-main")).ToHaveTextAsync("1 号窗口");
        await host.WindowAsync(hall, "1", "start");
        await host.WindowAsync(hall, "1", "finish");
        await Expect(phone.Page.Locator("#rate")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task TheSystemIsDown_EverybodyIsToldAndKeepsThePlace_AndNobodyIsGivenANumberForIt()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await host.WindowAsync(hall, "1", "open");
        var first = await host.IssueAsync(hall, Service);
        await host.IssueAsync(hall, Service);
        await using var phone = await PhoneAsync(host, first);
        await using var board = await browser.VisitAsync(host, 1920, 1080, await host.DeviceAsync("board", hall));
        await board.OpenLiveAsync($"/board/{hall}");
        await host.PostAsync("manager", $"halls/{hall}/suspend", new { services = new[] { Service }, reason = "登记系统故障", until = DateTimeOffset.UtcNow.AddMinutes(30) });
        await Expect(phone.Page.Locator("#choices")).ToContainTextAsync("登记系统故障");
        await Expect(phone.Page.Locator(".stub-main")).ToHaveTextAsync("下一位就是您");
        Assert.Equal("Suspended", await host.RefusalAsync("guide", $"halls/{hall}/tickets", new { service = Service, source = "guide" }));
        Assert.Equal(JsonValueKind.Undefined, (await host.WindowAsync(hall, "1", "call-next")).ValueKind);

        await host.PostAsync("manager", $"halls/{hall}/resume");
        await Expect(phone.Page.Locator("#choices")).ToBeHiddenAsync();
        Assert.Equal("D001", (await host.WindowAsync(hall, "1", "call-next")).GetProperty("number").GetString());
    }

    [Fact]
    public async Task At1640_TheNumbersOfTheSlotAreOut_WhichIsSaid_AndAGuideMayGiveOneWithAReason()
    {
        await using var host = await PageHost.StartAsync(change: s => s.AddSingleton<TimeProvider>(new ForwardTime()));
        var hall = await host.OpenHallAsync(change: document =>
        {
            foreach (var line in document["lines"]!.AsArray()) line!["quotas"] = JsonNode.Parse("""[{"from": "08:00", "to": "12:00", "max": 2}]""");
        });
        await host.IssueAsync(hall, Service);
        await host.IssueAsync(hall, Service);
        await using var kiosk = await browser.VisitAsync(host, 1080, 1920, await host.DeviceAsync("kiosk", hall), touch: true);
        await kiosk.OpenLiveAsync($"/kiosk/{hall}");
        // Most asked for so far.
        await kiosk.Page.TapAsync("#frequent .k-tile >> nth=0");
        await kiosk.Page.TapAsync("#take");
        await Expect(kiosk.Page.Locator("[data-view=refused]")).ToContainTextAsync("这个时段的号已经取完");
        await kiosk.ScreenshotAsync("kiosk-quota-zh");

        Assert.Equal("QuotaReached", await host.RefusalAsync("guide", $"halls/{hall}/tickets", new { service = Service, source = "guide" }));
        var given = await host.PostAsync("guide", $"halls/{hall}/tickets", new { service = Service, source = "guide", @override = "行动不便的老人，专程前来" });
        Assert.Equal("D003", given.GetProperty("number").GetString());
    }

    [Fact]
    public async Task AfterTheStamp_TheVisitorRatesInPeace_AndTheLinkStillSaysWhatBecameOfIt()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await host.WindowAsync(hall, "1", "open");
        await using var phone = await PhoneAsync(host, await host.IssueAsync(hall, Service));
        await host.WindowAsync(hall, "1", "call-next");
        await host.WindowAsync(hall, "1", "start");
        await host.WindowAsync(hall, "1", "finish");
        await Expect(phone.Page.Locator("#rate :checked")).ToHaveCountAsync(0);
        await phone.Page.CheckAsync("input[value='dissatisfied']");
        await phone.Page.ClickAsync("#send");
        await Expect(phone.Page.Locator("#thanks")).ToBeVisibleAsync();
        await phone.Page.ReloadAsync();
        await Expect(phone.Page.Locator("#thanks")).ToContainTextAsync("不满意");
        await Expect(phone.Page.Locator("#visit")).ToContainTextAsync("1");
    }

    private async Task<Visitor> PhoneAsync(PageHost host, JsonElement ticket)
    {
        var phone = await browser.VisitAsync(host, 390, 844, touch: true);
        await phone.OpenLiveAsync($"/t?lang=zh#{ticket.GetProperty("token").GetString()}");
        return phone;
    }
}
