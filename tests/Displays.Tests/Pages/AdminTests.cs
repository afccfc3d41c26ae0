using System.Text.Json.Nodes;
using HallOps.Core.Halls;
using HallOps.Displays.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using static Microsoft.Playwright.Assertions;

namespace HallOps.Displays.Tests.Pages;

/// <summary>How halls run, for admins: next moments and last pokes, the clock, and holidays tried before they are in force.</summary>
public sealed class AdminTests(Browser browser)
{
    private const string Tomorrow = "2026-11-25";

    [Theory]
    [InlineData("zh", "如东县某镇为民服务中心", "住房公积金贷款申请", "随程序提供", "会有", "已生效", "管理员提供")]
    [InlineData("en", "Rudong town service centre", "Housing fund loan", "came with the program", "dates would change", "In force", "Replaced by an admin")]
    public async Task Admin_SeesWhatHallsWaitFor_AndPutsHolidaysInForceAfterSeeingWhomToTell(string language, string name, string service, string builtIn, string would, string applied, string replaced)
    {
        await using var host = await PageHost.StartAsync(change: services => services.AddSingleton<TimeProvider>(new ForwardTime()));
        var hall = await ImportAsync(host);
        await host.PokeAsync(hall);
        var slot = (await host.GetAsync("guide", $"halls/{hall}/slots?service=gj-003&date={Tomorrow}"))[0].GetProperty("slot").GetString()!;
        var code = (await host.PostAsync("guide", $"halls/{hall}/appointments", new { service = "gj-003", slot, phone = "13812345678" })).GetProperty("code").GetString()!;
        await using var admin = await browser.VisitAsync(host, 1600, 1000, await host.CookiesOfAsync("admin"));
        Assert.Equal(200, await admin.OpenAsync($"/admin?lang={language}"));
        var page = admin.Page;
        await page.WaitForSelectorAsync("html[data-loaded]");
        await Expect(page.Locator("tbody tr th")).ToHaveTextAsync(name);
        await Expect(page.Locator("tbody tr td").First).Not.ToHaveTextAsync("–");
        await Expect(page.Locator("#accept")).ToBeHiddenAsync();
        await Expect(page.Locator("#holidays-state")).ToContainTextAsync(builtIn);
        await LookAsync("halls");

        // What is no notice is refused where it is wrong.
        await ChooseAsync("{\"year\": 2026, \"days\": [{\"name\": \"x\", \"date\": \"2026-13-01\", \"isOffDay\": true}]}");
        await Expect(page.Locator("#wrong")).ToContainTextAsync("days[0].date");
        await Expect(page.Locator("#apply")).ToBeDisabledAsync();

        await ChooseAsync($$"""{"year": 2026, "papers": ["a notice"], "days": [{"name": "放假", "date": "{{Tomorrow}}", "isOffDay": true}]}""");
        await Expect(page.Locator("#would-title")).ToContainTextAsync(would);
        await Expect(page.Locator("#changes")).ToContainTextAsync(Tomorrow);
        await Expect(page.Locator("#whom")).ToContainTextAsync($"{service} (gj-003) · {code}");
        await Expect(page.Locator("#whom li")).ToHaveCountAsync(1);
        await LookAsync("would");
        await page.ClickAsync("#apply");
        await Expect(page.Locator("#would-title")).ToContainTextAsync(applied);
        await Expect(page.Locator("#holidays-state")).ToContainTextAsync(replaced);
        await host.PokeAsync(hall);
        Assert.Empty((await host.GetAsync("guide", $"halls/{hall}/slots?service=gj-003&date={Tomorrow}")).EnumerateArray());
        admin.AssertOnlyOwnOrigin();

        Task ChooseAsync(string json) =>
            page.SetInputFilesAsync("#file", new Microsoft.Playwright.FilePayload { Name = "2026.json", MimeType = "application/json", Buffer = System.Text.Encoding.UTF8.GetBytes(json) });

        async Task LookAsync(string look)
        {
            await admin.AssertAccessibleAsync();
            foreach (var width in new[] { 1600, 640 })
            {
                await page.SetViewportSizeAsync(width, 1000);
                await admin.AssertNoOverflowAsync();
                await admin.ScreenshotAsync($"admin-{look}-{language}-{width}");
            }
            await page.SetViewportSizeAsync(1600, 1000);
        }
    }

    [Theory]
    [InlineData("manager", 403)]
    [InlineData("admin", 200)]
    public async Task Admin_IsForAdmins(string user, int status)
    {
        await using var host = await PageHost.StartAsync();
        await host.OpenHallAsync("rudong-town");
        await using var visitor = await browser.VisitAsync(host, 1280, 900, await host.CookiesOfAsync(user));
        Assert.Equal(status, await visitor.OpenAsync("/admin"));
    }

    private static async Task<HallId> ImportAsync(PageHost host)
    {
        var document = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "samples", "halls", "rudong-town.json"), TestContext.Current.CancellationToken))!.AsObject();
        return await host.ImportAsync(document);
    }
}
