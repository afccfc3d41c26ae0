using System.Text.Json;
using System.Text.Json.Nodes;
using HallOps.Core.Halls;
using HallOps.Displays.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using static Microsoft.Playwright.Assertions;

namespace HallOps.Displays.Tests.Pages;

/// <summary>
/// The ten moments in which halls fail people, each from end to end on the real server, as those who stand there see it.
/// </summary>
public sealed class MomentTests(Browser browser)
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

    /// <summary>A hall that runs by its calendar: business at windows 1 to 3, health at 6; lunch with window 2 alone, and extended hours.</summary>
    private const string Calendar =
        """
        {"timeZone": "Asia/Shanghai", "holidays": "none",
         "sessions": [{"kind": "regular", "days": ["workday"], "from": "09:00", "to": "12:00", "issueFrom": "08:30", "issueUntil": "11:50"},
                      {"kind": "lunch", "days": ["workday"], "from": "12:00", "to": "13:30", "windows": ["2"], "offered": "covered"},
                      {"kind": "regular", "days": ["workday"], "from": "13:30", "to": "17:00"},
                      {"kind": "extended", "days": ["workday"], "from": "17:00", "to": "18:00", "untilServed": true}],
         "roster": [{"window": "1", "a": "w01", "b": "w02"}, {"window": "2", "a": "w02"}, {"window": "3", "a": "w03"}, {"window": "6", "a": "w06"}],
         "absences": [], "exceptions": []}
        """;

    private static Task<HallId> CalendarHallAsync(PageHost host) => host.OpenHallAsync(change: document =>
    {
        document["calendar"] = JsonNode.Parse(Calendar);
        document["services"]!.AsArray().First(s => (string)s!["service"]! == Service)!["appointments"] = JsonNode.Parse("{\"slotMinutes\": 30, \"capacity\": 2, \"daysAhead\": 5}");
    });

    [Fact]
    public async Task At1155_WindowsNotOnDutyFinishWhomTheyHave_ThenSayWhenTheyAreBackAndWhereToGo_AndTheOthersGoOn()
    {
        var time = new ForwardTime();
        await using var host = await PageHost.StartAsync(change: s => s.AddSingleton<TimeProvider>(time));
        var hall = await CalendarHallAsync(host);
        // Before the doors open: they open by themselves.
        await host.WindowAsync(hall, "1", "open", new { staff = "w01" });
        await host.WindowAsync(hall, "2", "open", new { staff = "w02" });
        time.Forward(TimeSpan.FromMinutes(195));
        await host.PokeAsync(hall);
        await host.IssueAsync(hall, Service);
        await using var waiting = await PhoneAsync(host, await host.IssueAsync(hall, Service));
        await host.WindowAsync(hall, "1", "call-next");
        await host.WindowAsync(hall, "1", "start");
        await using var screen = await browser.VisitAsync(host, 1920, 1080, await host.DeviceAsync("window", hall, "1"));
        await screen.OpenLiveAsync($"/window/{hall}/1");
        await using var board = await browser.VisitAsync(host, 1920, 1080, await host.DeviceAsync("board", hall));
        await board.OpenLiveAsync($"/board/{hall}");
        await Expect(board.Page.Locator("[data-key='3'].closed")).ToBeVisibleAsync();

        time.Forward(TimeSpan.FromMinutes(20));
        await host.PokeAsync(hall);
        // Whoever is there is served to the end, lunch or not.
        await Expect(board.Page.Locator("[data-key='3'].paused .word")).ToContainTextAsync("→2");
        await Expect(screen.Page.Locator("#now.serving")).ToBeVisibleAsync();
        await host.WindowAsync(hall, "1", "finish");
        await host.PokeAsync(hall);
        await Expect(screen.Page.Locator("#now.paused [data-slot=words] .zh")).ToHaveTextAsync("本窗口暂停服务");
        await Expect(screen.Page.Locator("#now [data-slot=reopens] .zh")).ToHaveTextAsync("13:30 恢复服务");
        await Expect(screen.Page.Locator("#now [data-slot=goTo] .zh")).ToHaveTextAsync("请到 2 号窗口");
        await Expect(screen.Page.Locator("#now [data-slot=goTo] .en")).ToHaveTextAsync("Please go to window 2");
        await screen.AssertNoOverflowAsync(screen: true);
        await screen.AssertAccessibleAsync();
        await screen.ScreenshotAsync("window-lunch");
        await Expect(board.Page.Locator("[data-key='1'].paused .word")).ToContainTextAsync("→2");
        await board.AssertNoOverflowAsync(screen: true);
        await board.ScreenshotAsync("board-lunch");

        Assert.Equal("D002", (await host.WindowAsync(hall, "2", "call-next")).GetProperty("number").GetString());
        await Expect(waiting.Page.Locator(".stub-main")).ToHaveTextAsync("2 号窗口");
        Assert.Equal("NotScheduled", await host.RefusalAsync("manager", $"halls/{hall}/windows/1/resume", new { }));

        time.Forward(TimeSpan.FromMinutes(91));
        await host.PokeAsync(hall);
        await Expect(screen.Page.Locator("#now.idle")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task At1640_ExtendedHoursReleaseWindows_ServeTheLastVisitor_AndWhoIsLeftHasTheFirstSlotInOnePress()
    {
        var time = new ForwardTime();
        await using var host = await PageHost.StartAsync(change: s => s.AddSingleton<TimeProvider>(time));
        var hall = await CalendarHallAsync(host);
        foreach (var window in new[] { "1", "6" }) await host.WindowAsync(hall, window, "open", new { staff = "w0" + window });
        time.Forward(TimeSpan.FromMinutes(490));
        await host.PokeAsync(hall);
        await host.IssueAsync(hall, Service);
        await using var left = await PhoneAsync(host, await host.IssueAsync(hall, Service));

        time.Forward(TimeSpan.FromMinutes(21));
        await host.PokeAsync(hall);
        await using var released = await browser.VisitAsync(host, 1080, 1920, await host.DeviceAsync("window", hall, "6"));
        await released.OpenLiveAsync($"/window/{hall}/6");
        // Nobody came for health; the visitors of window 1 are served.
        await Expect(released.Page.Locator("#now.paused [data-slot=reopens] .zh")).ToHaveTextAsync("明天 09:00 恢复服务");
        await Expect(released.Page.Locator("#now [data-slot=reopens] .en")).ToHaveTextAsync("Service resumes tomorrow at 09:00");
        await released.AssertNoOverflowAsync(screen: true);
        Assert.Equal("D001", (await host.WindowAsync(hall, "1", "call-next")).GetProperty("number").GetString());
        await host.WindowAsync(hall, "1", "start");
        await host.WindowAsync(hall, "1", "finish");

        // Who comes now is told so, and may have the first slot of tomorrow.
        await using var kiosk = await browser.VisitAsync(host, 1080, 1920, await host.DeviceAsync("kiosk", hall), touch: true);
        await kiosk.OpenLiveAsync($"/kiosk/{hall}");
        await Expect(kiosk.Page.Locator("#hours")).ToContainTextAsync("明天 08:30起取号");
        await Expect(kiosk.Page.Locator("#hours")).ToContainTextAsync("今天办理时间 09:00–17:00");
        await kiosk.ScreenshotAsync("kiosk-closed-zh");
        await kiosk.AssertNoOverflowAsync(screen: true);
        await kiosk.Page.TapAsync("#frequent .k-tile >> nth=0");
        await kiosk.Page.TapAsync("#take");
        await Expect(kiosk.Page.Locator("[data-view=refused]")).ToContainTextAsync("明天 08:30再来取号");
        await kiosk.ScreenshotAsync("kiosk-alternatives-zh");
        await kiosk.AssertAccessibleAsync();
        await kiosk.Page.TapAsync("#choices [data-key=bookFor]");
        await Expect(kiosk.Page.Locator("[data-view=refused]")).ToContainTextAsync("明天 09:00办理");
        await kiosk.ScreenshotAsync("kiosk-booked-zh");

        // 18:01, and the second one was not called.
        time.Forward(TimeSpan.FromMinutes(60));
        await host.PokeAsync(hall);
        await Expect(left.Page.Locator(".stub-main")).ToHaveTextAsync("今天没有办成");
        await left.ScreenshotAsync("ticket-over-zh", fullPage: true);
        await left.AssertAccessibleAsync();
        await left.AssertNoOverflowAsync();
        // After the day, when the number has expired, as well.
        time.Forward(TimeSpan.FromMinutes(361));
        await host.PokeAsync(hall);
        await Expect(left.Page.Locator("body")).ToHaveAttributeAsync("data-ticket", "expired");
        await left.Page.ClickAsync("#book-first");
        await Expect(left.Page.Locator("#appointment")).ToContainTextAsync("09:00");
        left.AssertOnlyOwnOrigin();
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
