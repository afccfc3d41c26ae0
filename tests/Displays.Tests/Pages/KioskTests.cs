using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using HallOps.Core.Halls;
using HallOps.Displays.Tests.Hosting;
using HallOps.Silo;
using Microsoft.Extensions.DependencyInjection;

namespace HallOps.Displays.Tests.Pages;

/// <summary>The kiosk, for a finger: three touches to a number, nothing left behind, plain words when there is none.</summary>
public sealed class KioskTests(Browser browser)
{
    /// <summary>A citizen's number of nobody, 72 years old in 2026: its region code was never given out.</summary>
    private const string OldPerson = "999999195401010017";

    // What a printer does: the slip is out when the browser says so.
    private const string Printer = "window.print = () => { window.printed = (window.printed ?? 0) + 1; window.slip = document.getElementById('slip').innerText; dispatchEvent(new Event('afterprint')); };";
    private const string BrokenPrinter = "window.print = () => { throw new Error('no paper'); };";

    [Fact]
    public async Task Number_IsThreeTouchesAway_IsPrinted_AndIsLiveOnlyThen()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await using var visitor = await OpenAsync(host, hall);
        var page = visitor.Page;
        var touches = 0;
        await TouchAsync("#departments [data-key=mz]");
        await TouchAsync("#services .k-tile >> nth=0");
        await TouchAsync("#take");
        await page.Locator("[data-print=takeSlip]").WaitForAsync();
        Assert.Equal(3, touches);

        var number = await page.InnerTextAsync("[data-view=ticket] .k-number");
        Assert.Matches("^[A-Z]+001$", number);
        Assert.Equal(1, await page.EvaluateAsync<int>("window.printed"));
        await Assertions.Expect(page.Locator("#slip [data-slot=number]")).ToHaveTextAsync(number);
        await Assertions.Expect(page.Locator("#code")).ToBeVisibleAsync();
        var board = await BoardAsync(host, hall);
        Assert.Contains(board.Next, n => n.Tickets.Contains(number));
        await visitor.ScreenshotAsync("kiosk-ticket-zh-1080");
        await visitor.AssertNoOverflowAsync(screen: true);
        visitor.AssertOnlyOwnOrigin();

        await TouchAsync("#finish");
        await Assertions.Expect(page.Locator("[data-view=home]")).ToBeVisibleAsync();
        Assert.DoesNotContain(number, await page.ContentAsync(), StringComparison.Ordinal);

        async Task TouchAsync(string selector)
        {
            touches++;
            await page.TapAsync(selector);
        }
    }

    [Fact]
    public async Task JointService_WhoseOwnLineHasNoWindow_IsOffered_WithTheWaitOfTheLineItBeginsIn()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync(change: document =>
        {
            document["lines"]!.AsArray().Add(new JsonObject { ["line"] = "joint", ["prefix"] = "ZJ", ["name"] = new JsonObject { ["zh"] = "一件事", ["en"] = "Joint" } });
            var joint = document["services"]!.AsArray().First(s => (string)s!["service"]! == "fc-001")!;
            (joint["line"], joint["department"]) = ("joint", "mz");
        });
        await host.IssueAsync(hall, "fc-002");
        await using var visitor = await OpenAsync(host, hall);
        var page = visitor.Page;
        await page.TapAsync("#departments [data-key=mz]");
        await page.TapAsync("#services [data-key=fc-001]");
        await Assertions.Expect(page.Locator("[data-view=service] [data-slot=waiting]")).ToContainTextAsync("1");
        await page.TapAsync("#take");
        await page.Locator("[data-print=takeSlip]").WaitForAsync();
        Assert.Equal("ZJ001", await page.InnerTextAsync("[data-view=ticket] .k-number"));
    }

    [Fact]
    public async Task FrequentService_IsTwoTouchesAway_AndATwiceTappedKeyGivesOneNumber()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await using var visitor = await OpenAsync(host, hall);
        await visitor.Page.TapAsync("#frequent .k-tile >> nth=0");
        await visitor.Page.EvaluateAsync("() => { const take = document.getElementById('take'); take.click(); take.click(); }");
        await visitor.Page.Locator("[data-print=takeSlip]").WaitForAsync();
        Assert.Equal(1, (await BoardAsync(host, hall)).Lines.Sum(l => l.Waiting));
    }

    [Theory]
    [InlineData(1080, 1920, "zh")]
    [InlineData(1080, 1920, "en")]
    [InlineData(1920, 1080, "zh")]
    [InlineData(1920, 1080, "en")]
    // At 200 % the page scrolls.
    [InlineData(540, 960, "en")]
    [InlineData(960, 540, "zh")]
    public async Task EveryView_FitsThePicture_HasLargeTextAndTargets_AndIsAccessible(int width, int height, string language)
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync(change: NeedCards);
        await using var visitor = await OpenAsync(host, hall, width, height, language);
        var page = visitor.Page;
        foreach (var elder in new[] { false, true })
        {
            if (elder) await page.TapAsync("#elder");
            await CheckAsync("home");
            if (elder) await page.TapAsync("#open-departments");
            if (elder) await CheckAsync("departments");
            await page.TapAsync(elder ? "#all-departments [data-key=gt]" : "#departments [data-key=gt]");
            await CheckAsync("services");
            await page.TapAsync("#services .k-tile >> nth=0");
            await CheckAsync("service");
            await page.TapAsync("#take");
            await page.Keyboard.TypeAsync(OldPerson[..9]);
            await CheckAsync("identity");
            await page.Keyboard.TypeAsync("123456789");
            await page.TapAsync("#card-done");
            await page.Locator("#digits-wrong").WaitForAsync();
            await CheckAsync("identity-wrong");
            await page.TapAsync("#back");
            await page.TapAsync("#home");
            if (elder) continue;
            await page.TapAsync("#open-search");
            await page.TapAsync("#letters [data-key-of=S]");
            await CheckAsync("search");
            await page.TapAsync("#home");
        }
        visitor.AssertOnlyOwnOrigin();

        async Task CheckAsync(string view)
        {
            var name = $"kiosk-{view}{(await page.GetAttributeAsync(".kiosk", "data-elder") is null ? "" : "-elder")}-{language}-{width}";
            await visitor.ScreenshotAsync(name);
            await visitor.AssertNoOverflowAsync(screen: width >= 1080);
            // What axe looks at is the same lying and standing.
            if ((width, language) is (1080, "zh") or (1920, "en")) await visitor.AssertAccessibleAsync();
            var small = await page.EvaluateAsync<string[]>("""
                () => {
                  const wrong = [];
                  const seen = element => element.checkVisibility({ visibilityProperty: true }) && element.getBoundingClientRect().width > 1;
                  for (const button of document.querySelectorAll('button')) {
                    const box = button.getBoundingClientRect();
                    if (seen(button) && (box.width < 60 || box.height < 60)) wrong.push(`target ${button.textContent.trim()} ${box.width}×${box.height}`);
                  }
                  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
                  while (walk.nextNode()) {
                    const element = walk.currentNode.parentElement;
                    if (!walk.currentNode.textContent.trim() || !seen(element) || element.closest('.unseen, .skip, script')) continue;
                    if (parseFloat(getComputedStyle(element).fontSize) < 18) wrong.push(`text "${walk.currentNode.textContent.trim()}" ${getComputedStyle(element).fontSize}`);
                  }
                  return wrong.slice(0, 8);
                }
                """);
            Assert.True(small.Length == 0, $"{name}: {string.Join("\n", small)}");
        }
    }

    [Fact]
    public async Task ElderMode_IsOneTouch_IsLarger_AndHasFewerChoices()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await using var visitor = await OpenAsync(host, hall);
        var page = visitor.Page;
        var (choices, size) = (await ChoicesAsync(), await SizeAsync());
        await page.TapAsync("#elder");
        Assert.True(await ChoicesAsync() < choices / 2, "There are as many choices as before.");
        Assert.True(await SizeAsync() > size * 1.2, "The text is no larger.");
        await Assertions.Expect(page.Locator("#elder")).ToHaveAttributeAsync("aria-pressed", "true");

        Task<int> ChoicesAsync() => page.EvaluateAsync<int>("() => [...document.querySelectorAll('main button')].filter(b => b.checkVisibility()).length");
        Task<double> SizeAsync() => page.EvaluateAsync<double>("() => parseFloat(getComputedStyle(document.querySelector('#frequent .k-tile-name .zh')).fontSize)");
    }

    [Fact]
    public async Task Search_ByInitials_FindsNamesAndWhatPeopleCallThem()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync("rudong-town");
        await using var visitor = await OpenAsync(host, hall);
        await visitor.Page.TapAsync("#open-search");
        await visitor.Page.TapAsync("#letters [data-key-of=D]");
        await visitor.Page.TapAsync("#letters [data-key-of=B]");
        await Assertions.Expect(visitor.Page.Locator("#results .k-tile").First).ToContainTextAsync("最低生活保障");
        await visitor.Page.TapAsync("#results .k-tile >> nth=0");
        await Assertions.Expect(visitor.Page.Locator("#materials li").First).ToBeVisibleAsync();
        await visitor.Page.TapAsync("#home");
        await visitor.Page.TapAsync("#open-search");
        await Assertions.Expect(visitor.Page.Locator("#typed")).ToBeEmptyAsync();
    }

    /// <summary>A kiosk may have a keyboard under its screen. Its picture fills the panel at any zoom; what enlarges it is the elder mode, of two touches at most.</summary>
    [Theory]
    [InlineData("zh", 1080, 1920)]
    [InlineData("en", 1920, 1080)]
    public async Task Number_ByTheKeyboardAlone(string language, int width, int height)
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await using var visitor = await OpenAsync(host, hall, width, height, language);
        var (page, keys) = (visitor.Page, visitor.Page.Keyboard);
        await TabToAsync("#departments .k-tile");
        await visitor.AssertNoOverflowAsync();
        await keys.PressAsync("Enter");
        await TabToAsync("#services .k-tile");
        await visitor.AssertNoOverflowAsync();
        await keys.PressAsync("Enter");
        await TabToAsync("#take");
        await visitor.AssertNoOverflowAsync();
        await visitor.ScreenshotAsync($"kiosk-keyboard-{language}-{width}");
        await keys.PressAsync("Enter");
        await page.Locator("[data-print=takeSlip]").WaitForAsync();
        await visitor.AssertNoOverflowAsync();
        await TabToAsync("#finish");
        await keys.PressAsync("Enter");
        await Assertions.Expect(page.Locator("[data-view=home]")).ToBeVisibleAsync();

        async Task TabToAsync(string selector)
        {
            await page.Locator(selector).First.WaitForAsync();
            for (var i = 0; i < 60; i++)
            {
                if (await page.EvaluateAsync<bool>("s => document.activeElement.matches(s)", selector)) return;
                await keys.PressAsync("Tab");
            }
            Assert.Fail($"{selector} is not reached by Tab.");
        }
    }

    [Fact]
    public async Task TimeOut_WarnsFirst_AndLeavesNothingBehind()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync(change: NeedCards);
        await using var visitor = await OpenAsync(host, hall, drivenTime: true);
        var page = visitor.Page;
        await page.TapAsync("#elder");
        await page.TapAsync("#language");
        await page.TapAsync("#frequent .k-tile >> nth=0");
        await page.TapAsync("#take");
        // What a busy machine takes for all this is not to count among the seconds: they stand still from a moment that is soon.
        await page.Clock.PauseAtAsync(DateTimeOffset.FromUnixTimeMilliseconds(await page.EvaluateAsync<long>("() => Date.now()")).UtcDateTime.AddSeconds(10));
        await page.Keyboard.TypeAsync(OldPerson[..12]);
        await page.Clock.RunForAsync(44_000);
        await Assertions.Expect(page.Locator("#still")).ToBeHiddenAsync();
        await page.Clock.RunForAsync(2_000);
        await page.Clock.ResumeAsync();
        await Assertions.Expect(page.Locator("#still")).ToBeVisibleAsync();
        await visitor.ScreenshotAsync("kiosk-still");
        await visitor.AssertAccessibleAsync();
        await visitor.AssertNoOverflowAsync(screen: true);
        await page.TapAsync("#go-on");
        await Assertions.Expect(page.Locator("[data-view=identity]")).ToBeVisibleAsync();

        await page.Clock.RunForAsync(61_000);
        await Assertions.Expect(page.Locator("[data-view=home]")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("#still")).ToBeHiddenAsync();
        Assert.Null(await page.GetAttributeAsync(".kiosk", "data-elder"));
        Assert.Equal("zh-Hans", await page.GetAttributeAsync("html", "lang"));
        Assert.Equal(0, await page.Locator("#digits i.full").CountAsync());
        // Neither the card's digits nor the service are anywhere a next visitor could look: page, storage, history.
        var left = await page.EvaluateAsync<string>("() => JSON.stringify([document.documentElement.outerHTML, {...localStorage}, {...sessionStorage}, location.href, history.state, history.length])");
        Assert.DoesNotContain(OldPerson[..6], left, StringComparison.Ordinal);
        var length = await page.EvaluateAsync<int>("history.length");
        Assert.True(length <= 2, $"The history has {length} entries.");
    }

    [Fact]
    public async Task Refusals_SayWhyAndWhatToDo()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync(change: NeedCards);
        await using var visitor = await OpenAsync(host, hall);
        var page = visitor.Page;

        await page.TapAsync("#frequent .k-tile >> nth=0");
        await TakeWithCardAsync();
        await page.Locator("[data-print=takeSlip]").WaitForAsync();
        var number = await page.InnerTextAsync("[data-view=ticket] .k-number");
        await page.TapAsync("#finish");

        await page.TapAsync("#frequent .k-tile >> nth=0");
        await TakeWithCardAsync();
        await Assertions.Expect(page.Locator("[data-view=refused] .k-number")).ToHaveTextAsync(number);
        await visitor.ScreenshotAsync("kiosk-already-waiting");
        await visitor.AssertNoOverflowAsync(screen: true);
        await visitor.AssertAccessibleAsync();
        await page.TapAsync("#choices [data-key=printMine]");
        await page.Locator("[data-print=takeSlip]").WaitForAsync();
        Assert.Equal(number, await page.InnerTextAsync("[data-view=ticket] .k-number"));
        Assert.Equal(2, await page.EvaluateAsync<int>("window.printed"));
        await page.TapAsync("#finish");

        await host.PostAsync("manager", $"halls/{hall}/suspend", new { reason = "停电" });
        await page.Locator("#suspended").WaitForAsync();
        await page.TapAsync("#frequent .k-tile >> nth=0");
        await Assertions.Expect(page.Locator("#take")).ToBeDisabledAsync();
        await visitor.ScreenshotAsync("kiosk-suspended");
        await visitor.AssertNoOverflowAsync(screen: true);

        async Task TakeWithCardAsync()
        {
            await page.TapAsync("#take");
            foreach (var digit in OldPerson) await page.TapAsync($"#pad [data-key-of='{digit}']");
            await page.TapAsync("#card-done");
        }
    }

    [Fact]
    public async Task PriorityClass_OnAnIdNumber_IsOfferedInPlainWords_AndGranted()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await using var visitor = await OpenAsync(host, hall);
        var page = visitor.Page;
        await page.TapAsync("#frequent .k-tile >> nth=0");
        await Assertions.Expect(page.Locator("#classes [data-class=elderly]")).ToContainTextAsync("老年人优先（满 65 岁，凭身份证）");
        await Assertions.Expect(page.Locator("#classes [data-class=green]")).ToHaveCountAsync(0);
        await page.TapAsync("#classes [data-class=elderly]");
        await page.Keyboard.TypeAsync(OldPerson);
        await page.Keyboard.PressAsync("Enter");
        await page.Locator("[data-print=takeSlip]").WaitForAsync();
        var floor = await host.Services.GetRequiredService<IHalls>().ReadAsync(hall, new ReadFloor(), TestContext.Current.CancellationToken);
        Assert.Equal("elderly", Assert.Single(floor!.Tickets).Class);
    }

    /// <summary>Its line has services three times as long: what the tile promises must not change on the way to the slip, nor at the guide's desk.</summary>
    [Fact]
    public async Task ExpectedWait_OfAService_IsTheOneOnItsTicket()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await host.WindowAsync(hall, "23", "open", new { staff = "w23" });
        for (var i = 0; i < 4; i++) await host.IssueAsync(hall, "sb-003");
        await using var visitor = await OpenAsync(host, hall);
        var page = visitor.Page;
        await page.TapAsync("#departments [data-key=rs]");
        await Assertions.Expect(page.Locator("#services [data-key=sb-003]")).ToContainTextAsync("4 人等候");
        var tile = await RangeAsync(page, "#services [data-key=sb-003] .k-tile-wait .zh");
        await page.TapAsync("#services [data-key=sb-003]");
        var detail = await RangeAsync(page, "[data-view=service] [data-slot=expected] .zh");
        await using var guide = await browser.VisitAsync(host, 1366, 768, await host.CookiesOfAsync("guide"));
        await guide.OpenLiveAsync($"/guide/{hall}?lang=zh");
        await guide.Page.FillAsync("#q", "社会保险权益记录打印");
        var desk = await RangeAsync(guide.Page, ".g-result[aria-selected=true] .g-wait");
        await page.TapAsync("#take");
        await page.Locator("[data-print=takeSlip]").WaitForAsync();
        var ticket = await RangeAsync(page, "[data-view=ticket] [data-slot=about] .zh");
        Assert.NotEmpty(ticket);
        Assert.Equal((ticket, ticket, ticket), (tile, detail, desk));

        static async Task<string> RangeAsync(IPage page, string selector) => Regex.Match(await page.InnerTextAsync(selector), @"\d+–\d+ 分钟").Value;
    }

    [Fact]
    public async Task BrokenPrinter_IsSaid_AndTheNumberIsNotLive()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await using var visitor = await OpenAsync(host, hall, printer: BrokenPrinter);
        await visitor.Page.TapAsync("#frequent .k-tile >> nth=0");
        await visitor.Page.TapAsync("#take");
        await visitor.Page.GetByText("号票没有打印出来").WaitForAsync();
        await visitor.ScreenshotAsync("kiosk-print-failed");
        var board = await BoardAsync(host, hall);
        Assert.Empty(board.Next);
        await visitor.Page.EvaluateAsync(Printer);
        await visitor.Page.TapAsync("#choices [data-key=printAgain]");
        await visitor.Page.Locator("[data-print=takeSlip]").WaitForAsync();
        Assert.NotEmpty((await BoardAsync(host, hall)).Next);
    }

    [Fact]
    public async Task Offline_SaysWhereToGo_AndComesBackByItself()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await using var visitor = await browser.VisitAsync(host, 1080, 1920, await host.DeviceAsync("kiosk", hall), touch: true, drivenTime: true);
        var cut = await visitor.CutAsync();
        await visitor.OpenLiveAsync($"/kiosk/{hall}");
        cut.Cut();
        await visitor.Page.Clock.RunForAsync(12_000);
        await Assertions.Expect(visitor.Page.Locator("#offline")).ToBeVisibleAsync();
        await Assertions.Expect(visitor.Page.Locator("#offline")).ToContainTextAsync("咨询导办台");
        await visitor.ScreenshotAsync("kiosk-offline");
        await visitor.AssertAccessibleAsync();
        await visitor.AssertNoOverflowAsync(screen: true);
        cut.Mend();
        for (var i = 0; i < 40 && await visitor.Page.Locator("#offline").IsVisibleAsync(); i++) await visitor.Page.Clock.RunForAsync(1_000);
        await Assertions.Expect(visitor.Page.Locator("#offline")).ToBeHiddenAsync();
    }

    [Theory]
    [InlineData(null, 403)]
    [InlineData("board", 403)]
    [InlineData("guide", 200)]
    [InlineData("manager", 200)]
    public async Task Page_IsForKiosks_AndForThoseWhoRunTheHall(string? who, int status)
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        var cookies = who switch { null => null, "board" => await host.DeviceAsync("board", hall), _ => await host.CookiesOfAsync(who) };
        await using var visitor = await browser.VisitAsync(host, cookies: cookies);
        Assert.Equal(status, await visitor.OpenAsync($"/kiosk/{hall}"));
        Assert.Equal(404, await visitor.OpenAsync("/kiosk/no-such-hall"));
    }

    private async Task<Visitor> OpenAsync(PageHost host, HallId hall, int width = 1080, int height = 1920, string language = "zh", bool drivenTime = false, string printer = Printer)
    {
        var visitor = await browser.VisitAsync(host, width, height, await host.DeviceAsync("kiosk", hall), touch: true, drivenTime: drivenTime);
        await visitor.Page.AddInitScriptAsync(printer);
        await visitor.OpenLiveAsync($"/kiosk/{hall}?lang={language}");
        return visitor;
    }

    private static void NeedCards(JsonObject document)
    {
        foreach (var service in document["services"]!.AsArray()) service!["identity"] = "required";
    }

    private static async Task<HallBoard> BoardAsync(PageHost host, HallId hall) =>
        (await host.Services.GetRequiredService<IHalls>().ReadAsync(hall, new ReadBoard(), TestContext.Current.CancellationToken))!;
}
