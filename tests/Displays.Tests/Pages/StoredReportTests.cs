using System.Text.Json;
using HallOps.Core.Halls;
using HallOps.Displays.Tests.Hosting;
using HallOps.Silo;
using HallOps.Silo.Scheduling;
using HallOps.Web.Halls;
using HallOps.Web.Operations;
using Microsoft.Extensions.DependencyInjection;
using static Microsoft.Playwright.Assertions;

namespace HallOps.Displays.Tests.Pages;

/// <summary>Reports that were stored on schedule, as an analyst reads and prints them: rendered whole on the server.</summary>
public sealed class StoredReportTests(Browser browser)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("zh", "4 人次来办事。已等到的人中，一半等候不超过 6 分", "数字截至 2026-12-01 00:", "连还在等和离开的一起算", "弃号率", "2 / 4", "1 号窗口", "没有人来", "没有存下这一天或这一月的报表")]
    [InlineData("en", "4 visits. Of those whose turn came, half waited no longer than 6 min", "figures as of 2026-12-01 00:", "counting those who wait or left", "Abandonment", "2 of 4", "Window 1", "Nobody came", "No report of this day or month is stored")]
    public async Task Reports_AreListed_ReadAndPrinted_WithoutAScript(string language, string tale, string asOf, string verdict, string rate, string counts, string window, string nobody, string unknown)
    {
        await using var month = await MonthAsync();
        var (host, hall) = (month.Host, month.Hall);
        await using var analyst = await browser.VisitAsync(host, 1600, 1000, await host.CookiesOfAsync("analyst"));
        var page = analyst.Page;
        Assert.Equal(200, await analyst.OpenAsync($"/reports?lang={language}"));
        await page.ClickAsync("a[href^='/reports/stored']");
        await Expect(page.Locator("#months a")).ToHaveTextAsync(["2026-11"]);
        await Expect(page.Locator("#days a")).ToHaveCountAsync(7);
        await analyst.LookAsync($"stored-list-{language}");

        await page.ClickAsync("#days a >> nth=-1");
        Assert.EndsWith($"/reports/stored/{hall}/2026-11-24", page.Url, StringComparison.Ordinal);
        await Expect(page.Locator("h1")).ToContainTextAsync("2026-11-24");
        await Expect(page.Locator("#as-of")).ToContainTextAsync(asOf);
        await Expect(page.Locator(".r-tale")).ToContainTextAsync(tale);
        // Two waited for six and for thirteen minutes, one left after forty, and one was there still when the day ended.
        await Expect(page.Locator(".r-figure-target").First).ToContainTextAsync(verdict);
        await Expect(page.Locator("#rates tbody tr", new() { HasText = rate }).First).ToContainTextAsync(counts);
        await Expect(page.Locator("#hours tbody tr")).ToHaveCountAsync(1);
        await Expect(page.Locator("#hours tbody td")).ToHaveTextAsync(["4", "2", "6.0", "13.0", "13.0", "50.0\u00A0%", "2", "4.0"]);
        // Of 37 windows one was opened.
        await Expect(page.Locator("#windows tbody th")).ToHaveCountAsync(1);
        await Expect(page.Locator("#windows tbody th")).ToContainTextAsync(window);
        await Expect(page.Locator("#days")).ToHaveCountAsync(0);
        Assert.All(await page.Locator(".r-section .r-definition").AllTextContentsAsync(), definition => Assert.NotEmpty(definition));
        await analyst.LookAsync($"stored-day-{language}");
        await PrintAsync(analyst, $"stored-day-{language}");
        var sums = await page.Locator("#outcomes tbody td:nth-child(2)").AllTextContentsAsync();
        Assert.Equal(int.Parse(sums[^1], System.Globalization.CultureInfo.InvariantCulture), sums.SkipLast(1).Sum(n => int.Parse(n, System.Globalization.CultureInfo.InvariantCulture)));
        await page.ClickAsync("#live");
        await page.WaitForSelectorAsync("html[data-loaded]");
        Assert.EndsWith($"halls={hall}&from=2026-11-24&to=2026-11-24", page.Url, StringComparison.Ordinal);

        Assert.Equal(200, await analyst.OpenAsync($"/reports/stored/{hall}/2026-11"));
        await Expect(page.Locator("#days tbody th")).ToHaveTextAsync(["2026-11-24"]);
        await analyst.LookAsync($"stored-month-{language}");
        await PrintAsync(analyst, $"stored-month-{language}");
        // The hall was open, and nobody came.
        Assert.Equal(200, await analyst.OpenAsync($"/reports/stored/{hall}/2026-11-29"));
        await Expect(page.Locator(".r-tale")).ToContainTextAsync(nobody);
        Assert.Equal(["story"], await page.Locator(".r-section").EvaluateAllAsync<string[]>("s => s.map(e => e.id)"));
        await analyst.LookAsync($"stored-empty-{language}");
        Assert.Equal(404, await analyst.OpenAsync($"/reports/stored/{hall}/2026-11-23"));
        await Expect(page.Locator("h1 + p")).ToContainTextAsync(unknown);
        analyst.AssertOnlyOwnOrigin();

        // What is read is in the page itself.
        using var plain = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{host.Address}/reports/stored/{hall}/2026-11-24?lang={language}");
        request.Headers.Add("Cookie", string.Join("; ", (await host.CookiesOfAsync("analyst")).Select(c => $"{c.Name}={c.Value}")));
        using var answer = await plain.SendAsync(request, Cancel);
        Assert.Contains(tale, System.Net.WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Cancel)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reports_AreForAnalystsOfTheHall()
    {
        await using var host = await PageHost.StartAsync();
        var (hall, other) = (await host.OpenHallAsync("rudong-town"), new HallId("nowhere"));
        await using (var manager = await browser.VisitAsync(host, cookies: await host.CookiesOfAsync("manager")))
        {
            Assert.Equal(403, await manager.OpenAsync("/reports/stored"));
            Assert.Equal(403, await manager.OpenAsync($"/reports/stored/{hall}/2026-11"));
        }
        await using (var nobody = await browser.VisitAsync(host))
        {
            await nobody.OpenAsync($"/reports/stored/{hall}/2026-11");
            Assert.Contains("/sign-in?to=", nobody.Page.Url, StringComparison.Ordinal);
        }
        await using var admin = await browser.VisitAsync(host, cookies: await host.CookiesOfAsync("admin"));
        Assert.Equal(404, await admin.OpenAsync($"/reports/stored/{other}/2026-11"));
        Assert.Equal(404, await admin.OpenAsync($"/reports/stored?hall={other}"));
        Assert.Equal(404, await admin.OpenAsync($"/reports/stored/{hall}/november"));
        Assert.Equal(200, await admin.OpenAsync($"/reports/stored?hall={hall}"));
        await Expect(admin.Page.Locator("#nothing")).ToBeVisibleAsync();
        await admin.AssertAccessibleAsync();
    }

    /// <summary>Tools and what leads elsewhere stay off the paper; a report of a quiet hall takes three sheets at most.</summary>
    private static async Task PrintAsync(Visitor visitor, string name)
    {
        await visitor.Page.EmulateMediaAsync(new() { Media = Microsoft.Playwright.Media.Print });
        await Expect(visitor.Page.Locator(".shell-tools")).ToBeHiddenAsync();
        await Expect(visitor.Page.Locator("#as-of")).ToBeVisibleAsync();
        await visitor.Page.SetViewportSizeAsync(800, 1100);
        await visitor.ScreenshotAsync($"{name}-print", fullPage: true);
        var sheets = System.Text.RegularExpressions.Regex.Count(System.Text.Encoding.Latin1.GetString(await visitor.Page.PdfAsync(new() { Format = "A4", PreferCSSPageSize = true })), @"/Type\s*/Page\b");
        Assert.InRange(sheets, 1, 3);
        await visitor.Page.EmulateMediaAsync(new() { Media = Microsoft.Playwright.Media.Screen });
        await visitor.Page.SetViewportSizeAsync(1600, 1000);
    }

    /// <summary>Four numbers at half past eight of the 24th: called after 6 and 13 minutes two are served, one leaves, one waits until the day ends. Then a week passes, and the month.</summary>
    private static async Task<Month> MonthAsync()
    {
        var time = new ForwardTime();
        var host = await PageHost.StartAsync(change: services => services.AddSingleton<TimeProvider>(time));
        var hall = await host.OpenHallAsync();
        await host.PostAsync("admin", "accounts", new { user = host.NameOf("analyst"), name = "Analyst", password = PageHost.Password, roles = new[] { new { role = "analyst", halls = new[] { hall.Value } } } });
        var tickets = new List<JsonElement>();
        for (var i = 0; i < 4; i++) tickets.Add(await host.IssueAsync(hall, "sc-001"));
        await host.WindowAsync(hall, "1", "open", new { staff = "w01" });
        foreach (var waits in new[] { 6, 3 })
        {
            time.Forward(TimeSpan.FromMinutes(waits));
            await host.WindowAsync(hall, "1", "call-next");
            await host.WindowAsync(hall, "1", "start");
            time.Forward(TimeSpan.FromMinutes(4));
            await host.WindowAsync(hall, "1", "finish", new { outcome = "done" });
        }
        await host.PostAsync(null, $"tickets/{tickets[0].GetProperty("token").GetString()}/rating", new { grade = "satisfied" });
        time.Forward(TimeSpan.FromMinutes(23));
        await host.PostAsync(null, $"tickets/{tickets[3].GetProperty("token").GetString()}/cancel");
        await host.WindowAsync(hall, "1", "close");
        time.Forward(new DateTimeOffset(2026, 12, 1, 0, 20, 0, TimeSpan.FromHours(8)) - time.GetUtcNow());
        await host.PokeAsync(hall);
        var (halls, list) = (host.Services.GetRequiredService<IHalls>(), host.Services.GetRequiredService<IHallList>());
        var work = host.Services.GetServices<IHousekeeping>().Single(w => w.Name == "reports");
        for (var tries = 0; tries < 20; tries++)
        {
            await list.HasAsync(halls.Find(hall)!.Value.Number, (await halls.ReadAsync(hall, new ReadListing(), Cancel))!.Sequence, Cancel);
            await host.Services.GetRequiredService<EngineHost>().Roller.RollAsync(Cancel);
            await work.RunAsync(Cancel);
            if ((await host.GetAsync("analyst", $"reports?hall={hall}")).GetArrayLength() == 8) return new Month(host, hall);
        }
        throw new InvalidOperationException($"The reports of a month and seven days were expected; there are {await host.GetAsync("analyst", $"reports?hall={hall}")}.");
    }

    private sealed record Month(PageHost Host, HallId Hall) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Host.DisposeAsync();
    }
}
