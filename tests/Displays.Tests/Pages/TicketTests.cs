using HallOps.Core.Halls;
using HallOps.Displays.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace HallOps.Displays.Tests.Pages;

/// <summary>My ticket, on a phone: from the number to the rating, on a line that comes and goes.</summary>
public sealed class TicketTests(Browser browser)
{
    // Business registration; window 1 is the only one that serves it alone.
    private const string Service = "sc-001";

    [Fact]
    public async Task Ticket_FromTheNumberToTheRating_SaysWhatToDo_InPlainWords()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await host.WindowAsync(hall, "1", "open");
        await host.IssueAsync(hall, Service);
        var mine = await host.IssueAsync(hall, Service);
        await using var phone = await browser.VisitAsync(host, 390, 844, touch: true);
        var page = phone.Page;
        await phone.OpenLiveAsync($"/t?lang=zh#{mine.GetProperty("token").GetString()}");
        await Assertions.Expect(page.Locator("h1 .ticket")).ToHaveTextAsync(mine.GetProperty("number").GetString()!);
        await Assertions.Expect(page.Locator(".stub-main")).ToHaveTextAsync("前面还有 1 人");
        await Assertions.Expect(page.Locator(".stub-range")).ToContainTextAsync("分钟");
        await Assertions.Expect(page.Locator("#materials li")).Not.ToHaveCountAsync(0);
        await LookAsync(phone, "ticket-waiting-zh");

        // Why it is not my turn: one sentence, and the feed keeps it true.
        await page.ClickAsync("#why summary");
        await Assertions.Expect(page.Locator("#why [data-slot=why]")).ToHaveTextAsync("您前面还有 1 人。");
        await host.WindowAsync(hall, "1", "call-next");
        await Assertions.Expect(page.Locator(".stub-main")).ToHaveTextAsync("下一位就是您");
        await Assertions.Expect(page.Locator("#why [data-slot=why]")).ToHaveTextAsync("您前面没有人了，有窗口空出来就叫您。");
        await host.WindowAsync(hall, "1", "start");
        await host.WindowAsync(hall, "1", "next");
        await Assertions.Expect(page.Locator(".stub-main")).ToHaveTextAsync("1 号窗口");
        await Assertions.Expect(page.Locator(".stub-come")).ToHaveTextAsync("请现在到");
        await Assertions.Expect(page).ToHaveTitleAsync("▶ 请到 1 号窗口");
        await LookAsync(phone, "ticket-called-zh");

        await host.WindowAsync(hall, "1", "start");
        await Assertions.Expect(page.Locator(".stub-main")).ToHaveTextAsync("正在办理");
        await Assertions.Expect(page.Locator("#cancel")).ToBeHiddenAsync();
        await host.WindowAsync(hall, "1", "finish");
        await Assertions.Expect(page.Locator("#rate")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("#rate :checked")).ToHaveCountAsync(0);
        await page.ClickAsync("#send");
        await Assertions.Expect(page.GetByText("请先选一个评价。")).ToBeVisibleAsync();
        await LookAsync(phone, "ticket-rate-zh");
        await page.CheckAsync("input[value='dissatisfied']");
        await page.CheckAsync("input[value='办得慢']");
        await page.FillAsync("#comment", "等了很久");
        await page.ClickAsync("#send");
        await Assertions.Expect(page.Locator("#thanks")).ToContainTextAsync("您选的是：不满意");
        await Assertions.Expect(page.Locator("#rate")).ToBeHiddenAsync();
        await LookAsync(phone, "ticket-thanks-zh");
        // The token never was in an address that a server or proxy writes down, but for the API's own calls.
        Assert.DoesNotContain(phone.Requests, url => url.Contains(mine.GetProperty("token").GetString()!, StringComparison.Ordinal) && !url.Contains("/api/v1/tickets/", StringComparison.Ordinal));
        phone.AssertOnlyOwnOrigin();
    }

    [Fact]
    public async Task Ticket_WithFewerThanThreeAhead_SaysGetReady_AndReadsItOutAndIsFeltOnce()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await host.WindowAsync(hall, "1", "open");
        for (var i = 0; i < 4; i++) await host.IssueAsync(hall, Service);
        var mine = await host.IssueAsync(hall, Service);
        await using var phone = await browser.VisitAsync(host, 390, 844, touch: true);
        var page = phone.Page;
        // What a reader reads out is what comes into a live region.
        await page.AddInitScriptAsync("""
            window.felt = [], window.readOut = [];
            Object.defineProperty(navigator, 'userActivation', { value: { hasBeenActive: true } });
            navigator.vibrate = pattern => window.felt.push(pattern) > 0;
            addEventListener('DOMContentLoaded', () => new MutationObserver(() => window.readOut.push(document.getElementById('ready').textContent))
              .observe(document.getElementById('ready'), { childList: true, characterData: true, subtree: true }));
            """);
        await phone.OpenLiveAsync($"/t?lang=zh#{mine.GetProperty("token").GetString()}");
        await Assertions.Expect(page.Locator(".stub-main")).ToHaveTextAsync("前面还有 4 人");
        await host.WindowAsync(hall, "1", "call-next");
        await Assertions.Expect(page.Locator(".stub-main")).ToHaveTextAsync("前面还有 3 人");
        await Assertions.Expect(page.Locator(".stub-ready")).ToBeHiddenAsync();
        await AheadAsync("前面还有 2 人");
        await Assertions.Expect(page.Locator(".stub-ready")).ToHaveTextAsync("请准备");
        await Assertions.Expect(page.Locator(".stub-note")).ToHaveTextAsync("请到窗口附近等候，留意叫号。");
        await LookAsync(phone, "ticket-ready-zh");
        await AheadAsync("前面还有 1 人");
        await AheadAsync("下一位就是您");
        await Assertions.Expect(page.Locator(".stub-ready")).ToBeVisibleAsync();
        Assert.Equal(["请准备"], await page.EvaluateAsync<string[]>("window.readOut"));
        Assert.Equal(1, await page.EvaluateAsync<int>("window.felt.length"));

        await page.ReloadAsync();
        await Assertions.Expect(page.Locator(".stub-ready")).ToBeVisibleAsync();
        Assert.Equal(0, await page.EvaluateAsync<int>("window.felt.length"));
        await page.GotoAsync("about:blank");
        await phone.OpenLiveAsync($"/t?lang=en#{mine.GetProperty("token").GetString()}");
        await Assertions.Expect(page.Locator(".stub-ready")).ToHaveTextAsync("Please get ready");
        await LookAsync(phone, "ticket-ready-en");

        await AheadAsync(null);
        await Assertions.Expect(page.Locator(".stub-come")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator(".stub-ready")).ToBeHiddenAsync();
        await Assertions.Expect(page.Locator("#ready")).ToBeEmptyAsync();

        async Task AheadAsync(string? words)
        {
            await host.WindowAsync(hall, "1", "start");
            await host.WindowAsync(hall, "1", "next");
            if (words is not null) await Assertions.Expect(page.Locator(".stub-main")).ToHaveTextAsync(words);
        }
    }

    [Fact]
    public async Task Ticket_OnACutLine_KeepsWhatItKnew_SaysHowOldItIs_AndComesBack()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await host.WindowAsync(hall, "1", "open");
        await host.IssueAsync(hall, Service);
        var mine = await host.IssueAsync(hall, Service);
        await using var phone = await browser.VisitAsync(host, 390, 844, drivenTime: true);
        var line = await phone.CutAsync();
        await phone.OpenLiveAsync($"/t?lang=en#{mine.GetProperty("token").GetString()}");
        await Assertions.Expect(phone.Page.Locator(".stub-main")).ToHaveTextAsync("1 person ahead of you");
        line.Cut();
        await phone.Page.Clock.RunForAsync(15_000);
        await phone.WaitForFeedAsync("old");
        await Assertions.Expect(phone.Page.Locator("#feed-banner")).ToContainTextAsync("Connection lost");
        await host.WindowAsync(hall, "1", "call-next");
        await phone.Page.Clock.RunForAsync(60_000);
        await phone.WaitForFeedAsync("stale");
        await Assertions.Expect(phone.Page.Locator(".stub-main")).ToHaveTextAsync("1 person ahead of you");
        await phone.ScreenshotAsync("ticket-stale-en", fullPage: true);
        line.Mend();
        await phone.Page.Clock.RunForAsync(31_000);
        await phone.WaitForFeedAsync("live");
        await Assertions.Expect(phone.Page.Locator(".stub-main")).ToHaveTextAsync("You are next");
    }

    [Fact]
    public async Task Cancel_WithItsAnswersLost_IsSentAgainWithTheSameKey_AndDoneOnce()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        var mine = await host.IssueAsync(hall, Service);
        await using var phone = await browser.VisitAsync(host, 390, 844);
        var keys = new List<string>();
        await phone.Page.RouteAsync("**/cancel", async route =>
        {
            keys.Add(route.Request.Headers["idempotency-key"]);
            // The first is decided and its answer lost; the second never arrives; two find the hall busy.
            if (keys.Count == 1) await route.FetchAsync();
            if (keys.Count <= 2) await route.AbortAsync();
            else if (keys.Count <= 4) await route.FulfillAsync(new() { Status = 503, ContentType = "application/problem+json", Body = """{"code":"HallBusy"}""" });
            else await route.ContinueAsync();
        });
        await phone.OpenLiveAsync($"/t?lang=en#{mine.GetProperty("token").GetString()}");
        await phone.Page.ClickAsync("#cancel");
        await phone.Page.ClickAsync("#cancel-dialog [value='keep']");
        Assert.Empty(keys);
        await phone.Page.ClickAsync("#cancel");
        await phone.ScreenshotAsync("ticket-cancel-en");
        // Aborted requests have no response: this is the one that got through.
        await phone.Page.RunAndWaitForResponseAsync(() => phone.Page.ClickAsync("#cancel-dialog [value='cancel']"), response => response.Url.EndsWith("/cancel", StringComparison.Ordinal) && response.Ok);
        await Assertions.Expect(phone.Page.Locator(".stub-main")).ToHaveTextAsync("This ticket is cancelled");
        await Assertions.Expect(phone.Page.Locator("#wrong")).ToBeHiddenAsync();
        await Assertions.Expect(phone.Page.Locator("#cancel")).ToBeHiddenAsync();
        Assert.True(keys.Count == 5, $"The cancellation was sent {keys.Count} times.");
        Assert.Single(keys.Distinct());
        await LookAsync(phone, "ticket-cancelled-en");
    }

    [Fact]
    public async Task MissedVisitor_IsBackWithOneTouch()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync(change: document => document["calling"] = new System.Text.Json.Nodes.JsonObject { ["minCalls"] = 1, ["minGapSeconds"] = 0 });
        await host.WindowAsync(hall, "1", "open");
        var mine = await host.IssueAsync(hall, Service);
        await using var phone = await browser.VisitAsync(host, 320, 640);
        await phone.OpenLiveAsync($"/t?lang=en#{mine.GetProperty("token").GetString()}");
        await host.WindowAsync(hall, "1", "call-next");
        await host.WindowAsync(hall, "1", "no-show");
        await Assertions.Expect(phone.Page.Locator(".stub-main")).ToHaveTextAsync("You missed your call");
        await LookAsync(phone, "ticket-missed-en");
        await phone.Page.ClickAsync("#back");
        await Assertions.Expect(phone.Page.Locator(".stub-main")).ToHaveTextAsync("You are next");
    }

    /// <summary>F28: too late, on the phone, in plain words of either language.</summary>
    [Theory]
    [InlineData("zh", "评价的时间已经过了。")]
    [InlineData("en", "It is too late to rate this visit.")]
    public async Task Rating_DaysLater_SaysThatItIsTooLate(string language, string words)
    {
        var time = new ShiftedTime();
        await using var host = await PageHost.StartAsync(change: services => services.AddSingleton<TimeProvider>(time));
        var hall = await host.OpenHallAsync();
        await host.WindowAsync(hall, "1", "open");
        var mine = await host.IssueAsync(hall, Service);
        foreach (var step in new[] { "call-next", "start", "finish" }) await host.WindowAsync(hall, "1", step);
        await using var phone = await browser.VisitAsync(host, 390, 844);
        await phone.OpenLiveAsync($"/t?lang={language}#{mine.GetProperty("token").GetString()}");
        await phone.Page.CheckAsync("input[value='satisfied']");
        // A hall keeps its tickets for a day after theirs.
        time.Advance(TimeSpan.FromHours(50));
        await phone.Page.ClickAsync("#send");
        await Assertions.Expect(phone.Page.Locator("#wrong")).ToContainTextAsync(words);
        await Assertions.Expect(phone.Page.Locator("#thanks")).ToBeHiddenAsync();
        await LookAsync(phone, $"ticket-late-{language}");
    }

    [Fact]
    public async Task Rating_DoneElsewhereMeanwhile_IsAnsweredKindly()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await host.WindowAsync(hall, "1", "open");
        var mine = await host.IssueAsync(hall, Service);
        var token = mine.GetProperty("token").GetString()!;
        foreach (var step in new[] { "call-next", "start", "finish" }) await host.WindowAsync(hall, "1", step);
        await using var phone = await browser.VisitAsync(host, 390, 844);
        var (sent, on) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await phone.Page.RouteAsync("**/rating", async route =>
        {
            sent.TrySetResult();
            await on.Task;
            await route.ContinueAsync();
        });
        await phone.OpenLiveAsync($"/t?lang=en#{token}");
        // A page of one's own speaks one language.
        await Assertions.Expect(phone.Page.Locator(".grade").First).ToHaveTextAsync("Very satisfied");
        await phone.Page.CheckAsync("input[value='verySatisfied']");
        await phone.Page.ClickAsync("#send");
        await sent.Task;
        // Somebody with the same paper in hand was faster.
        await host.PostAsync(null, $"tickets/{token}/rating", new { grade = "satisfied" });
        on.SetResult();
        await Assertions.Expect(phone.Page.Locator("#thanks")).ToContainTextAsync("You chose: Satisfied");
        await Assertions.Expect(phone.Page.Locator("#rate")).ToBeHiddenAsync();
    }

    [Theory]
    [InlineData("/t", "#no-token")]
    [InlineData("/t#nobody", "#unknown")]
    public async Task Ticket_WithoutAToken_OrOfNobody_SaysSo(string path, string part)
    {
        await using var host = await PageHost.StartAsync();
        foreach (var language in new[] { "zh", "en" })
        {
            await using var phone = await browser.VisitAsync(host, 390, 844);
            await phone.OpenAsync(path.Replace("/t", $"/t?lang={language}", StringComparison.Ordinal));
            await Assertions.Expect(phone.Page.Locator(part)).ToBeVisibleAsync();
            await Assertions.Expect(phone.Page.Locator("#ticket")).ToBeHiddenAsync();
            await LookAsync(phone, $"ticket-{part[1..]}-{language}");
        }
    }

    /// <summary>The same in both languages and at every width.</summary>
    private static async Task LookAsync(Visitor phone, string name)
    {
        await phone.AssertAccessibleAsync();
        var size = phone.Page.ViewportSize!;
        foreach (var width in new[] { 320, 820 })
        {
            await phone.Page.SetViewportSizeAsync(width, size.Height);
            await phone.AssertNoOverflowAsync();
        }
        await phone.Page.SetViewportSizeAsync(size.Width, size.Height);
        await phone.AssertNoOverflowAsync();
        await phone.ScreenshotAsync(name, fullPage: true);
    }
}
