using HallOps.Core.Halls;
using HallOps.Displays.Tests.Hosting;
using HallOps.Silo;
using Microsoft.Extensions.DependencyInjection;

namespace HallOps.Displays.Tests.Pages;

/// <summary>The guide desk, by keyboard alone: find, issue, print again, change, bring back.</summary>
public sealed class GuideTests(Browser browser)
{
    private const string Printer = "window.print = () => { window.printed = (window.printed ?? 0) + 1; dispatchEvent(new Event('afterprint')); };";

    [Fact]
    public async Task Issue_ByInitialsAndEnter_GivesANumberAndItsSlip()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync("rudong-town");
        await using var visitor = await OpenAsync(host, hall);
        var keyboard = visitor.Page.Keyboard;
        await keyboard.TypeAsync("db");
        await Assertions.Expect(visitor.Page.Locator(".g-result[aria-selected=true]")).ToContainTextAsync("最低生活保障");
        await keyboard.PressAsync("Alt+2");
        await keyboard.PressAsync("Enter");
        await visitor.Page.Locator("#told").GetByText("已取号").WaitForAsync();
        var ticket = Assert.Single((await FloorAsync(host, hall)).Tickets);
        Assert.Equal(TicketState.Waiting, ticket.State);
        Assert.Equal(ticket.Ticket, await visitor.Page.InputValueAsync("#number"));
        await visitor.Page.WaitForFunctionAsync("() => window.printed === 1");
        await visitor.ScreenshotAsync("guide-issued-zh");

        // The number is known by the feed, which may come after the answer.
        await Assertions.Expect(visitor.Page.Locator("#reprint")).ToBeEnabledAsync();
        await keyboard.PressAsync("F9");
        await visitor.Page.WaitForFunctionAsync("() => window.printed === 2");
        visitor.AssertOnlyOwnOrigin();
    }

    [Fact]
    public async Task Issue_WhatNeedsACard_AsksForIt_AndForgetsIt()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync("rudong-town", document => document["services"]![0]!["identity"] = "required");
        var name = (await host.Services.GetRequiredService<IHalls>().ReadAsync(hall, new ReadHall(), TestContext.Current.CancellationToken))!.Services[0].Name.Zh;
        await using var visitor = await OpenAsync(host, hall);
        var keyboard = visitor.Page.Keyboard;
        await keyboard.InsertTextAsync(name);
        await keyboard.PressAsync("Enter");
        await visitor.Page.Locator("#wrong").GetByText("身份证号").WaitForAsync();
        await keyboard.TypeAsync("999999195401010017");
        await keyboard.PressAsync("Enter");
        await visitor.Page.Locator("#told").GetByText("已取号").WaitForAsync();
        Assert.Equal("", await visitor.Page.InputValueAsync("#card"));

        // The same person again is told the number that there is, which is then a key away.
        await keyboard.InsertTextAsync(name);
        await keyboard.PressAsync("F3");
        await keyboard.TypeAsync("999999195401010017");
        await keyboard.PressAsync("Enter");
        await visitor.Page.Locator("#wrong").GetByText("已经取过").WaitForAsync();
        await Assertions.Expect(visitor.Page.Locator("#reprint")).ToBeEnabledAsync();
    }

    [Fact]
    public async Task BringBack_OfAMissedVisitor_IsThreeKeys()
    {
        await using var host = await PageHost.StartAsync();
        var (hall, number) = await WithAMissedVisitorAsync(host);
        await using var visitor = await OpenAsync(host, hall);
        var keyboard = visitor.Page.Keyboard;
        await keyboard.PressAsync("F2");
        await keyboard.TypeAsync(number.ToLowerInvariant());
        await Assertions.Expect(visitor.Page.Locator("#bring-back")).ToBeEnabledAsync();
        await visitor.ScreenshotAsync("guide-missed-zh");
        await keyboard.PressAsync("F8");
        await visitor.Page.Locator("#told").GetByText($"{number} 已回到队列").WaitForAsync();
        Assert.Equal(TicketState.Waiting, Assert.Single((await FloorAsync(host, hall)).Tickets).State);
    }

    [Fact]
    public async Task Change_OfAWrongNumber_IsThreeKeys_AndKeepsItsTime()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync("rudong-town");
        var services = (await host.Services.GetRequiredService<IHalls>().ReadAsync(hall, new ReadHall(), TestContext.Current.CancellationToken))!.Services;
        var wrong = services.First(s => !s.Name.Zh.Contains("最低生活", StringComparison.Ordinal));
        var number = (await host.IssueAsync(hall, wrong.Service)).GetProperty("number").GetString()!;
        var since = Assert.Single((await FloorAsync(host, hall)).Tickets).Since;
        await using var visitor = await OpenAsync(host, hall);
        var keyboard = visitor.Page.Keyboard;
        await keyboard.PressAsync("F2");
        await keyboard.TypeAsync(number);
        await Assertions.Expect(visitor.Page.Locator("#change")).ToBeEnabledAsync();
        await keyboard.PressAsync("F4");
        await visitor.Page.GetByText($"把 {number} 改到").WaitForAsync();
        await keyboard.TypeAsync("db");
        await visitor.ScreenshotAsync("guide-change-zh");
        await keyboard.PressAsync("Enter");
        await visitor.Page.Locator("#told").GetByText("等候时间不变").WaitForAsync();
        var ticket = Assert.Single((await FloorAsync(host, hall)).Tickets);
        Assert.Equal((number, since), (ticket.Ticket, ticket.Since));
        Assert.NotEqual(wrong.Service, ticket.Service);
    }

    [Theory]
    [InlineData("zh")]
    [InlineData("en")]
    public async Task Class_OfANumber_IsChangedByThreeKeys_AndTheVisitorWhoSteppedAway_IsBroughtBackByOne(string language)
    {
        await using var host = await PageHost.StartAsync();
        // Here an age is shown by a card: the guide's word alone does not grant it.
        var hall = await host.OpenHallAsync("rudong-town", document => document["classes"]![1]!["grantedBy"] = new System.Text.Json.Nodes.JsonArray("idCard"));
        var issued = await host.IssueAsync(hall, "mz-001");
        var number = issued.GetProperty("number").GetString()!;
        await host.PostAsync(null, $"tickets/{issued.GetProperty("token").GetString()}/step-away", new { minutes = 20 });
        await using var visitor = await OpenAsync(host, hall, language);
        var (page, keyboard) = (visitor.Page, visitor.Page.Keyboard);
        await keyboard.PressAsync("F2");
        await keyboard.TypeAsync(number);
        await Assertions.Expect(page.Locator("#reclass")).ToBeEnabledAsync();
        await keyboard.PressAsync("F6");
        await Assertions.Expect(page.Locator("#class-dialog")).ToBeVisibleAsync();
        await visitor.AssertAccessibleAsync();
        foreach (var width in new[] { 360, 1280 })
        {
            await page.SetViewportSizeAsync(width, 800);
            await visitor.AssertNoOverflowAsync();
            await visitor.ScreenshotAsync($"guide-class-{language}-{width}");
        }
        // The elderly: 60 years here, and the card says so.
        await keyboard.PressAsync("2");
        await Assertions.Expect(page.Locator("#class-wrong")).ToBeVisibleAsync();
        await keyboard.PressAsync("Escape");
        await keyboard.PressAsync("F6");
        await keyboard.PressAsync("3");
        await Assertions.Expect(page.Locator("#class-dialog")).ToBeHiddenAsync();
        await Assertions.Expect(page.Locator("#told")).ToContainTextAsync(number);
        await Assertions.Expect(page.Locator("#facts [data-slot=class]")).ToHaveTextAsync(language == "zh" ? "残疾人" : "Disabled");
        Assert.Equal(("disabled", TicketState.Away), Assert.Single((await FloorAsync(host, hall)).Tickets) is var changed ? (changed.Class, changed.State) : default);

        await keyboard.PressAsync("F8");
        await Assertions.Expect(page.Locator("#facts [data-slot=state]")).ToHaveTextAsync(language == "zh" ? "等候中" : "Waiting");
        await visitor.ScreenshotAsync($"guide-back-{language}");
        Assert.Equal(TicketState.Waiting, Assert.Single((await FloorAsync(host, hall)).Tickets).State);
        visitor.AssertOnlyOwnOrigin();
    }

    [Theory]
    [InlineData("zh")]
    [InlineData("en")]
    public async Task Page_IsAccessible_AndFitsEveryWidth(string language)
    {
        await using var host = await PageHost.StartAsync();
        var (hall, number) = await WithAMissedVisitorAsync(host);
        await using var visitor = await OpenAsync(host, hall, language);
        await visitor.Page.FillAsync("#number", number);
        await visitor.Page.FillAsync("#q", "d");
        await visitor.Page.Locator(".g-result").First.WaitForAsync();
        await visitor.AssertAccessibleAsync();
        // 960 and 640 px are 1920 and 1280 at 200 % zoom; 810 a tablet standing.
        foreach (var width in new[] { 1920, 1280, 960, 810, 640, 360 })
        {
            await visitor.Page.SetViewportSizeAsync(width, 900);
            await visitor.AssertNoOverflowAsync();
            await visitor.ScreenshotAsync($"guide-{language}-{width}", fullPage: true);
        }
        visitor.AssertOnlyOwnOrigin();
    }

    [Theory]
    [InlineData(null, 200, "/sign-in")]
    [InlineData("guide", 200, null)]
    [InlineData("manager", 200, null)]
    [InlineData("li", 403, null)]
    public async Task Page_IsForGuides(string? who, int status, string? sentTo)
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync("rudong-town");
        if (who == "li") await host.PostAsync("admin", "accounts", new { user = host.NameOf("li"), name = "li", password = PageHost.Password, roles = new[] { new { role = "clerk", halls = new[] { hall.Value } } } });
        await using var visitor = await browser.VisitAsync(host, cookies: who is null ? null : await host.CookiesOfAsync(who));
        Assert.Equal(status, await visitor.OpenAsync($"/guide/{hall}"));
        if (sentTo is not null) Assert.Equal(sentTo, new Uri(visitor.Page.Url).AbsolutePath);
        Assert.Equal(404, await visitor.OpenAsync("/guide/no-such-hall"));
    }

    private async Task<Visitor> OpenAsync(PageHost host, HallId hall, string language = "zh")
    {
        var visitor = await browser.VisitAsync(host, cookies: await host.CookiesOfAsync("guide"));
        await visitor.Page.AddInitScriptAsync(Printer);
        await visitor.OpenLiveAsync($"/guide/{hall}?lang={language}");
        return visitor;
    }

    private static async Task<(HallId Hall, string Number)> WithAMissedVisitorAsync(PageHost host)
    {
        var hall = await host.OpenHallAsync("rudong-town", document => document["calling"] = new System.Text.Json.Nodes.JsonObject { ["minCalls"] = 1, ["minGapSeconds"] = 0 });
        var view = (await host.Services.GetRequiredService<IHalls>().ReadAsync(hall, new ReadBoard(), TestContext.Current.CancellationToken))!;
        var window = view.Windows.First(w => w.Lines.Count > 0);
        var settings = (await host.Services.GetRequiredService<IHalls>().ReadAsync(hall, new ReadConfig(), TestContext.Current.CancellationToken))!.Settings;
        var service = settings.Services.First(s => s.Line.Value == window.Lines[0]);
        var number = (await host.IssueAsync(hall, service.Service.Value)).GetProperty("number").GetString()!;
        await host.WindowAsync(hall, window.Window, "open");
        await host.WindowAsync(hall, window.Window, "call-next");
        await host.WindowAsync(hall, window.Window, "no-show");
        return (hall, number);
    }

    private static async Task<HallFloor> FloorAsync(PageHost host, HallId hall) =>
        (await host.Services.GetRequiredService<IHalls>().ReadAsync(hall, new ReadFloor(), TestContext.Current.CancellationToken))!;
}
