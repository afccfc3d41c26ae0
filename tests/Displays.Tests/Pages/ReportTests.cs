using System.Text.Json;
using System.Text.Json.Nodes;
using HallOps.Core.Halls;
using HallOps.Displays.Tests.Hosting;
using HallOps.Silo;
using HallOps.Web.Halls;
using HallOps.Web.Operations;
using HallOps.Web.Reports;
using Microsoft.Extensions.DependencyInjection;
using static Microsoft.Playwright.Assertions;

namespace HallOps.Displays.Tests.Pages;

/// <summary>The figures of a morning, as an analyst reads them: asked for in the address, told in words, tables and files, and opened down to one visit.</summary>
public sealed class ReportTests(Browser browser)
{
    private const string Day = "2026-11-24";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("zh", "6 人次来办事。已等到的人中，一半等候不超过 9 分", "连还在等和离开的一起算，已超过目标（15 分钟）|目标 ≥ 90.0 %，目前达到|目标 ≤ 15.0 %，目前未达到|目标 ≥ 33.3 %，目前达到", "目前达到目标（30 分钟），还有人在等", "精确值", "2 次（100.0 %）在目标（15 分钟）之内", "2 次等候中 1 次（50.0 %）在目标（12 分钟）之内", "办完 2 次", "满意率 100.0 %", "空了 9 分", "取号", "收起表格")]
    [InlineData("en", "6 visits. Of those whose turn came, half waited no longer than 9 min", "Over the target (15 min), counting those who wait or left|Target ≥ 90.0 %: met so far|Target ≤ 15.0 %: not met so far|Target ≥ 33.3 %: met so far", "Within the target (30 min) so far; some still wait", "exact", "2 of 2 waits (100.0 %) were within the target (15 min)", "1 of 2 waits (50.0 %) were within the target (12 min)", "2 were served", "Satisfaction 100.0 %", "free for 9 min", "Number issued", "Hide the table")]
    public async Task Report_IsFilteredByItsAddress_ExportedAndOpenedDownToOneVisit(string language, string tale, string targets, string within30, string exact, string within15, string within12, string outcomes, string ratings, string flags, string issued, string hide)
    {
        await using var morning = await MorningAsync();
        await using var analyst = await AnalystAsync(morning);
        var (host, hall, page) = (morning.Host, morning.Hall, analyst.Page);
        await OpenAsync(analyst, $"/reports?halls={hall}&target=15&lang={language}");
        await Expect(page.Locator("#tale")).ToContainTextAsync(tale);
        // Both who were answered waited less than a quarter of an hour, and the others have by now waited longer. Who rated was satisfied, one in six left.
        var (met, missed) = (page.Locator(".r-figure.good .r-figure-target"), page.Locator(".r-figure.warn .r-figure-target"));
        await Expect(page.Locator(".r-figure-target:visible")).ToHaveCountAsync(4);
        await Expect(missed).ToHaveTextAsync([targets.Split('|')[0], targets.Split('|')[2]]);
        await Expect(met).ToHaveTextAsync([targets.Split('|')[1], targets.Split('|')[3]]);
        await Expect(page.Locator("#story-says")).ToContainTextAsync(exact);
        await Expect(page.Locator("#spread-says")).ToContainTextAsync(within15);
        await Expect(page.Locator("#outcomes-says")).ToContainTextAsync(outcomes);
        await Expect(page.Locator("#ratings-says")).ToContainTextAsync(ratings);
        // The window was open for nine minutes before it called.
        await Expect(page.Locator("#flags tbody tr")).ToHaveCountAsync(1);
        await Expect(page.Locator("#flags tbody")).ToContainTextAsync(flags);
        // Each chart is a picture with words, and there is one in every section that has a chart.
        await Expect(page.Locator(".r-chart:visible:has(canvas)")).ToHaveCountAsync(9);
        await Expect(page.Locator(".r-says.wrong")).ToHaveCountAsync(0);
        Assert.All(await page.Locator(".r-chart").EvaluateAllAsync<string[]>("charts => charts.map(c => document.getElementById(c.getAttribute('aria-describedby')).textContent)"), words => Assert.NotEmpty(words));
        await analyst.LookAsync($"reports-{language}");

        await LinksOpenWhatTheyCountAsync(analyst, morning);

        // The table is behind a button that keys reach.
        await page.FocusAsync("#hours [data-table]");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#hours [data-table]")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex(hide));
        await Expect(page.Locator("#hours tbody tr")).ToHaveCountAsync(1);
        await Expect(page.Locator("#hours tbody td").Nth(1)).ToHaveTextAsync("2");
        await Expect(page.Locator("#hours tbody td").Nth(3)).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("^14[.][0-9]$"));
        await page.Locator("[data-table][aria-expanded=false]").EvaluateAllAsync<object?>("buttons => buttons.forEach(button => button.click())");
        await analyst.LookAsync($"reports-tables-{language}");
        var file = await page.RunAndWaitForDownloadAsync(() => page.ClickAsync("#hours [data-csv]"));
        var lines = (await File.ReadAllTextAsync(await file.PathAsync(), System.Text.Encoding.UTF8, Cancel)).TrimStart('\uFEFF').Split("\r\n");
        Assert.Equal($"hallops-hours-{Day}-{Day}.csv", file.SuggestedFilename);
        Assert.StartsWith("8,6,2,", lines[1], StringComparison.Ordinal);
        Assert.Equal(0xEF, (await File.ReadAllBytesAsync(await file.PathAsync(), Cancel))[0]);

        // What is asked stands in the address: another target, other rows, and back again.
        await page.FillAsync("#target", "12");
        await page.SelectOptionAsync("#by", "window");
        await page.ClickAsync(".r-filters [type=submit]");
        await page.WaitForSelectorAsync("html[data-loaded]");
        Assert.Contains("target=12", page.Url, StringComparison.Ordinal);
        Assert.Contains($"halls={hall}", page.Url, StringComparison.Ordinal);
        await Expect(page.Locator("#spread-says")).ToContainTextAsync(within12);
        // Who was called has a window; the others have none.
        await Expect(page.Locator("#rows tbody tr")).ToHaveCountAsync(2);
        await page.GoBackAsync();
        await page.WaitForSelectorAsync("html[data-loaded]");
        await Expect(page.Locator("#target")).ToHaveValueAsync("15");
        await Expect(page.Locator("#spread-says")).ToContainTextAsync(within15);

        // Half an hour nobody has waited yet, but two still do.
        await OpenAsync(analyst, $"/reports?halls={hall}&target=30");
        await Expect(page.Locator(".r-figure-target:visible").First).ToHaveTextAsync(within30);
        await page.GoBackAsync();
        await page.WaitForSelectorAsync("html[data-loaded]");

        // From a figure to its services, and to one visit.
        await page.ClickAsync(".r-figure:has-text('" + (language == "en" ? "Served" : "已办") + "') a");
        await page.WaitForSelectorAsync("html[data-loaded]");
        await Expect(page.Locator("#legs tbody tr")).ToHaveCountAsync(2);
        await analyst.LookAsync($"report-legs-{language}");
        // What is the same in every row stands above, and the table is whole on a small screen of today.
        await FitsAsync(analyst, "#legs", $"report-legs-{language}");
        await Expect(page.Locator("#legs thead th")).ToHaveCountAsync(10);
        await Expect(page.Locator("#legs tbody tr").First.Locator("th, td")).ToHaveCountAsync(10);
        var csv = await page.RunAndWaitForDownloadAsync(() => page.ClickAsync("#csv"));
        Assert.Equal(3, (await File.ReadAllLinesAsync(await csv.PathAsync(), Cancel)).Length);
        await page.ClickAsync("#legs tbody a >> nth=0");
        await page.WaitForSelectorAsync("html[data-loaded]");
        await Expect(page.Locator("#number")).ToHaveTextAsync(morning.Number);
        await Expect(page.Locator("#events tbody tr").First).ToContainTextAsync(issued);
        await Expect(page.Locator("#events tbody tr")).ToHaveCountAsync(5);
        await analyst.LookAsync($"report-visit-{language}");
        // Without the filter all of them are there.
        await page.GoBackAsync();
        await page.WaitForSelectorAsync("html[data-loaded]");
        await page.ClickAsync("#filters a");
        await page.WaitForSelectorAsync("html[data-loaded]");
        await Expect(page.Locator("#legs tbody tr")).ToHaveCountAsync(6);
        // Of more days and halls it is said in each row of which it is.
        await OpenAsync(analyst, $"/reports/legs?from=2026-11-20&to={Day}");
        await Expect(page.Locator("#legs thead th")).ToHaveCountAsync(12);
        await Expect(page.Locator("#legs tbody tr").First.Locator("th, td")).ToHaveCountAsync(12);
        await FitsAsync(analyst, "#legs", $"report-legs-more-{language}");
        analyst.AssertOnlyOwnOrigin();
    }

    [Theory]
    [InlineData("zh", "十人中九人等候不超过 14 分", "没有人来办理，无从对比", "前者含还没有过完的日子（从 2026-11-24 起）", "目标（按各队列）之内")]
    [InlineData("en", "nine in ten waited up to 14 min", "there is nothing to compare with", "The first has days that are not over yet (from 2026-11-24)", "of 2 waits (")]
    public async Task Report_IsComparedWithAnotherHall_AndWithDaysOnWhichNobodyCame(string language, string here, string none, string runs, string byLine)
    {
        await using var morning = await MorningAsync();
        await using var analyst = await AnalystAsync(morning);
        var page = analyst.Page;
        await OpenAsync(analyst, $"/reports?halls={morning.Hall}&lang={language}");
        await page.SelectOptionAsync("#compare", morning.Other.Value);
        await page.ClickAsync(".r-filters [type=submit]");
        await page.WaitForSelectorAsync("html[data-loaded]");
        await Expect(page.Locator("#comparison-says")).ToContainTextAsync(here);
        // Both run: neither is to be told apart. No target is named: each line has its own.
        await Expect(page.Locator("#comparison-says")).Not.ToContainTextAsync("2026-11-24");
        await Expect(page.Locator("#spread-says")).ToContainTextAsync(byLine);
        // Six here, one there.
        await Expect(page.Locator("#comparison tbody tr").First.Locator("td")).ToHaveTextAsync(["6", "1", "+5"]);
        await LinksOpenWhatTheyCountAsync(analyst, morning);
        await analyst.LookAsync($"reports-compared-{language}");
        await page.SelectOptionAsync("#compare", "week");
        await page.ClickAsync(".r-filters [type=submit]");
        await page.WaitForSelectorAsync("html[data-loaded]");
        await Expect(page.Locator("#comparison-says")).ToContainTextAsync(none);
        await Expect(page.Locator("#comparison-says")).ToContainTextAsync(runs);
        analyst.AssertOnlyOwnOrigin();
    }

    [Theory]
    [InlineData("zh", "没有人来办理", "结束日期早于开始日期", "写成", "服务器没有回答", "不超过 1 %", "请缩短日期")]
    [InlineData("en", "Nobody came in this time", "The last date is before the first", "Write dates like", "The server does not answer", "within 1 %", "choose fewer days")]
    public async Task Report_WithNothingToTell_SaysWhyInOneSentence(string language, string nobody, string order, string noDate, string offline, string notExact, string tooMuch)
    {
        await using var morning = await MorningAsync();
        await using var analyst = await AnalystAsync(morning);
        var page = analyst.Page;
        await OpenAsync(analyst, $"/reports?from=2026-10-01&to=2026-10-02&lang={language}");
        await Expect(page.Locator("#nothing")).ToContainTextAsync(nobody);
        await Expect(page.Locator("#sections")).ToBeHiddenAsync();
        await analyst.LookAsync($"reports-nothing-{language}");
        await OpenAsync(analyst, "/reports?from=2026-11-24&to=2026-11-23");
        await Expect(page.Locator("#filter-wrong")).ToContainTextAsync(order);
        await analyst.LookAsync($"reports-wrong-{language}");
        await OpenAsync(analyst, "/reports?from=yesterday");
        await Expect(page.Locator("#filter-wrong")).ToContainTextAsync(noDate);

        // More than flags look through at once; the rest of the report is told.
        await OpenAsync(analyst, "/reports?from=2025-11-25&to=2026-11-24");
        await Expect(page.Locator("#flags-says")).ToContainTextAsync(tooMuch);

        // As the API tells it of a range that it has from rollups.
        await page.RouteAsync("**/metrics/waits*", async route =>
        {
            var answer = await route.FetchAsync();
            await route.FulfillAsync(new() { Response = answer, Body = (await answer.TextAsync()).Replace("\"exact\":true", "\"exact\":false", StringComparison.Ordinal) });
        });
        await OpenAsync(analyst, $"/reports?halls={morning.Hall}");
        await Expect(page.Locator("#story-says")).ToContainTextAsync(notExact);

        await page.RouteAsync("**/api/v1/metrics/**", route => route.AbortAsync());
        await OpenAsync(analyst, "/reports");
        await Expect(page.Locator("#wrong")).ToContainTextAsync(offline);
        await Expect(page.Locator("#sections")).ToBeHiddenAsync();
        await analyst.LookAsync($"reports-offline-{language}");
    }

    [Fact]
    public async Task Report_OfManyHalls_CallsEveryRowByItsName()
    {
        await using var host = await PageHost.StartAsync(alone: true);
        var last = default(HallId);
        for (var i = 0; i < 27; i++) last = await OtherAsync(host, $"town-{i:00}");
        await host.PostAsync("admin", $"halls/{last}/tickets", new { service = "mz-001", source = "guide" });
        await host.WindowAsync(last, "1", "open", new { staff = "w01" }, "admin");
        await host.WindowAsync(last, "1", "call-next", user: "admin");
        await using var admin = await browser.VisitAsync(host, 1600, 1000, await host.CookiesOfAsync("admin"));
        for (var tries = 0; (await host.GetAsync("admin", $"metrics/waits?halls={last}"))[0].GetProperty("called").GetInt64() == 0; tries++)
        {
            Assert.True(tries < 100, "One called was expected within 10 s.");
            await Task.Delay(100, Cancel);
        }
        foreach (var (by, name) in new[] { ("line", "民生综合 · 如东县某镇为民服务中心"), ("staff", "窗口人员01") })
        {
            await OpenAsync(admin, $"/reports?by={by}");
            await Expect(admin.Page.Locator("#rows tbody")).ToContainTextAsync(name);
        }
        await OpenAsync(admin, "/reports/legs?counted=called");
        await Expect(admin.Page.Locator("#legs tbody")).ToContainTextAsync("窗口人员01");
    }

    [Fact]
    public async Task Report_IsForAnalystsOfTheHall()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync("rudong-town");
        await using (var manager = await browser.VisitAsync(host, cookies: await host.CookiesOfAsync("manager")))
        {
            Assert.Equal(403, await manager.OpenAsync("/reports"));
            Assert.Equal(403, await manager.OpenAsync($"/reports/visit/{hall}/1-1"));
            await manager.OpenAsync("/");
            await Expect(manager.Page.Locator("a[href='/reports']")).ToHaveCountAsync(0);
        }
        await using (var nobody = await browser.VisitAsync(host))
        {
            await nobody.OpenAsync($"/reports/legs?halls={hall}");
            Assert.Contains("/sign-in?to=", nobody.Page.Url, StringComparison.Ordinal);
        }
        await using var admin = await browser.VisitAsync(host, cookies: await host.CookiesOfAsync("admin"));
        Assert.Equal(404, await admin.OpenAsync("/reports?halls=nowhere"));
        Assert.Equal(404, await admin.OpenAsync("/reports/visit/nowhere/1-1"));
        Assert.Equal(200, await admin.OpenAsync($"/reports?halls={hall}"));
        await admin.OpenAsync("/");
        await Expect(admin.Page.Locator("a[href='/reports']")).ToHaveCountAsync(1);
    }

    private static async Task OpenAsync(Visitor visitor, string path)
    {
        Assert.Equal(200, await visitor.OpenAsync(path));
        await visitor.Page.WaitForSelectorAsync("html[data-loaded]");
    }

    /// <summary>Behind every figure that opens services there are as many as it was made of.</summary>
    private static async Task LinksOpenWhatTheyCountAsync(Visitor visitor, Morning morning)
    {
        // Flags open the whole day of a window, and one rate is of working days: neither counts services.
        var links = await visitor.Page.Locator("#sections a[href^='/reports/legs']").EvaluateAllAsync<string[]>(
            "links => links.filter(link => !link.closest('#flags') && !link.search.includes('counted=promised')).map(link => `${link.dataset.legs} ${link.search}`)");
        Assert.True(links.Length > 60, $"{links.Length} links to services.");
        var there = new Dictionary<string, int>();
        foreach (var link in links.Distinct())
        {
            var (told, question) = (link[..link.IndexOf(' ', StringComparison.Ordinal)], link[(link.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
            if (!there.TryGetValue(question, out var legs)) there[question] = legs = (await morning.Host.GetAsync("admin", $"legs{question}&limit=1000")).GetProperty("legs").GetArrayLength();
            Assert.True(told == $"{legs}", $"{question} opens {legs} services and says {told}.");
        }
    }

    private static async Task FitsAsync(Visitor visitor, string table, string name)
    {
        await visitor.Page.SetViewportSizeAsync(1366, 768);
        var (whole, seen) = (await visitor.Page.Locator(table).EvaluateAsync<int>("table => table.scrollWidth"), await visitor.Page.Locator(table).EvaluateAsync<int>("table => table.clientWidth"));
        await visitor.ScreenshotAsync($"{name}-1366", fullPage: true);
        Assert.True(whole <= seen, $"{table} is {whole} px wide and shown in {seen}.");
        await visitor.Page.SetViewportSizeAsync(1600, 1000);
    }

    private async Task<Visitor> AnalystAsync(Morning morning)
    {
        await morning.Host.PostAsync("admin", "accounts", new { user = morning.Host.NameOf("analyst"), name = "Analyst", password = PageHost.Password, roles = new[] { new { role = "analyst", halls = new[] { morning.Hall.Value, morning.Other.Value } } } });
        return await browser.VisitAsync(morning.Host, 1600, 1000, await morning.Host.CookiesOfAsync("analyst"));
    }

    /// <summary>Six numbers at half past eight: one is called after 9 minutes and one after 14, both are served, one leaves, one is called, two wait. In another hall one is served after 5.</summary>
    private static async Task<Morning> MorningAsync()
    {
        var time = new ForwardTime();
        var host = await PageHost.StartAsync(change: services => services.AddSingleton<TimeProvider>(time).AddSingleton(new ReportTargets { Satisfaction = 0.9, Abandonment = 0.15 }));
        var hall = await host.OpenHallAsync();
        var other = await OtherAsync(host);
        var tickets = new List<JsonElement>();
        for (var i = 0; i < 6; i++) tickets.Add(await host.IssueAsync(hall, "sc-001"));
        await host.PostAsync("admin", $"halls/{other}/tickets", new { service = "mz-001", source = "guide" });
        await host.WindowAsync(hall, "1", "open", new { staff = "w01" });
        await host.WindowAsync(other, "1", "open", user: "admin");
        time.Forward(TimeSpan.FromMinutes(5));
        await ServeAsync(other, "admin", 3);
        time.Forward(TimeSpan.FromMinutes(1));
        await ServeAsync(hall, "manager", 5);
        await ServeAsync(hall, "manager", 4);
        var token = tickets[0].GetProperty("token").GetString();
        await host.PostAsync(null, $"tickets/{token}/rating", new { grade = "verySatisfied" });
        await host.PostAsync(null, $"tickets/{tickets[5].GetProperty("token").GetString()}/cancel");
        await host.WindowAsync(hall, "1", "call-next");
        // As an analyst waits: what happened is in the tables soon after.
        JsonElement row = default;
        for (var tries = 0; tries < 100; tries++)
        {
            row = (await host.GetAsync("admin", $"metrics/waits?halls={hall}"))[0];
            if (row.GetProperty("served").GetInt64() == 2 && row.GetProperty("abandoned").GetInt64() + row.GetProperty("withdrawn").GetInt64() == 1 && row.GetProperty("called").GetInt64() == 3) return new Morning(host, hall, other, tickets[0].GetProperty("number").GetString()!);
            await Task.Delay(100, Cancel);
        }
        throw new InvalidOperationException($"Two served, one gone and three called were expected within 10 s; there is {row}.");

        async Task ServeAsync(HallId where, string user, int minutes)
        {
            await host.WindowAsync(where, "1", "call-next", user: user);
            await host.WindowAsync(where, "1", "start", user: user);
            time.Forward(TimeSpan.FromMinutes(minutes));
            await host.WindowAsync(where, "1", "finish", new { outcome = "done" }, user);
        }
    }

    private static async Task<HallId> OtherAsync(PageHost host, string? id = null)
    {
        var document = (JsonObject)JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "samples", "halls", "rudong-town.json"), Cancel))!;
        document["calendar"] = new JsonObject { ["timeZone"] = "Asia/Shanghai", ["sessions"] = "always" };
        if (id is not null) document["hall"] = id;
        var hall = new HallId((string)document["hall"]!);
        var answer = await host.Services.GetRequiredService<IHalls>().SendAsync(hall, new HallRequest(new ConfigureHall(0, PackedDocument.Pack(HallDocument.Minify(System.Text.Encoding.UTF8.GetBytes(document.ToJsonString())))), "test"), Cancel);
        await host.Services.GetRequiredService<IHallList>().HasAsync(((ConfiguredReply)answer.Reply!).Number, answer.Sequence, Cancel);
        return hall;
    }

    private sealed record Morning(PageHost Host, HallId Hall, HallId Other, string Number) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Host.DisposeAsync();
    }
}
