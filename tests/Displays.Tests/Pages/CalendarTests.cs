using System.Text.Json.Nodes;
using HallOps.Core.Halls;
using HallOps.Displays.Tests.Hosting;
using HallOps.Silo;
using Microsoft.Extensions.DependencyInjection;
using static Microsoft.Playwright.Assertions;

namespace HallOps.Displays.Tests.Pages;

/// <summary>A hall's calendar on its page: seen as a week and a month, tried as it is typed, saved with what it does before one's eyes.</summary>
public sealed class CalendarTests(Browser browser)
{
    // Tuesday, as the server's time has it.
    private const string Tomorrow = "2026-11-25";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("zh", "没有改动", "无人办理", "恢复", "有错误", "别人刚刚改过", "请通知")]
    [InlineData("en", "Nothing is changed", "nobody for", "again at", "Something is wrong", "Somebody has just changed", "people who are booked")]
    public async Task Calendar_ShowsGapsAndWhoIsBookedBeforeItIsSaved_AndLosesNothingWhereSomebodyWasQuicker(string language, string same, string gap, string reopens, string wrong, string otherChanged, string tell)
    {
        await using var host = await PageHost.StartAsync(change: services => services.AddSingleton<TimeProvider>(new ForwardTime()));
        var hall = await ImportAsync(host);
        var slot = (await host.GetAsync("guide", $"halls/{hall}/slots?service=gj-003&date={Tomorrow}"))[0].GetProperty("slot").GetString()!;
        var code = (await host.PostAsync("guide", $"halls/{hall}/appointments", new { service = "gj-003", slot, phone = "13812345678" })).GetProperty("code").GetString()!;
        await using var manager = await browser.VisitAsync(host, 1600, 1000, await host.CookiesOfAsync("manager"));
        Assert.Equal(200, await manager.OpenAsync($"/admin/calendar/{hall}?lang={language}"));
        var page = manager.Page;
        await page.WaitForSelectorAsync("html[data-loaded]");
        await Expect(page.Locator("#trial-lead")).ToContainTextAsync(same);
        await Expect(page.Locator("#week .block.regular")).ToHaveCountAsync(10);
        await Expect(page.Locator("#week .block.weekend")).ToHaveCountAsync(2);
        // Number 06 is away today, and the one who stands in takes the window's services along.
        await Expect(page.Locator("#windows .bar.shut").First).ToBeVisibleAsync();
        await LookAsync("week");

        // Whoever does the housing fund is away tomorrow morning, and the one who could stand in as well.
        await AwayAsync("w12", $"{Tomorrow}T08:30", $"{Tomorrow}T12:00");
        await AwayAsync("r02", $"{Tomorrow}T08:30", $"{Tomorrow}T12:00");
        await Expect(page.Locator("#week .gap-words").First).ToContainTextAsync(gap);
        await Expect(page.Locator("#week .gap-words").First).ToContainTextAsync("13:30");
        await Expect(page.Locator("#appear")).ToContainTextAsync(reopens);
        await Expect(page.Locator("#affected-rows tr")).ToHaveCountAsync(1);
        await Expect(page.Locator("#affected-rows")).ToContainTextAsync(code);
        await Expect(page.Locator("#affected-rows")).ToContainTextAsync("5678");
        Assert.Single((await CalendarAsync(host, hall))["absences"]!.AsArray());
        await LookAsync("gaps");

        // What is wrong is shown at its place, and nothing can be saved.
        await page.FillAsync("#absences-list .item-form input >> nth=1", $"{Tomorrow}T07:00");
        await Expect(page.Locator("#trial-lead")).ToContainTextAsync(wrong);
        await Expect(page.Locator("#absences-list .wrong-item [data-field=to] .wrong")).ToContainTextAsync("must be later than from");
        await Expect(page.Locator("#save")).ToBeDisabledAsync();
        await LookAsync("wrong");
        await page.FillAsync("#absences-list .item-form input >> nth=1", $"{Tomorrow}T12:00");
        await Expect(page.Locator("#save")).ToBeEnabledAsync();

        // Somebody else is quicker, with another part of it: theirs stays, mine is still there, and the sentence says so.
        var other = await CalendarAsync(host, hall);
        other["exceptions"]!.AsArray().Add(JsonNode.Parse("""{"date": "2026-12-30", "closed": true, "reason": "stocktaking"}"""));
        await ChangeAsync(host, hall, other);
        await page.ClickAsync("#save");
        await Expect(page.Locator("#wrong")).ToContainTextAsync(otherChanged);
        await Expect(page.Locator("#exceptions-list")).ToContainTextAsync("stocktaking");
        await Expect(page.Locator("#absences-list > li")).ToHaveCountAsync(3);
        await page.ClickAsync("#save");
        await Expect(page.Locator("#done")).ToContainTextAsync(tell);
        var saved = await CalendarAsync(host, hall);
        Assert.Equal((3, 2), (saved["absences"]!.AsArray().Count, saved["exceptions"]!.AsArray().Count));
        manager.AssertOnlyOwnOrigin();

        async Task AwayAsync(string staff, string from, string to)
        {
            await page.ClickAsync("[data-add=absences]");
            await page.SelectOptionAsync("#absences-list .item-form [data-field=staff] select", staff);
            await page.FillAsync("#absences-list .item-form [data-field=from] input", from);
            await page.FillAsync("#absences-list .item-form [data-field=to] input", to);
        }

        async Task LookAsync(string name)
        {
            await manager.AssertAccessibleAsync();
            foreach (var width in new[] { 1600, 1024, 640 })
            {
                await page.SetViewportSizeAsync(width, 1000);
                await manager.AssertNoOverflowAsync();
                await manager.ScreenshotAsync($"calendar-{name}-{language}-{width}", fullPage: true);
            }
            await page.SetViewportSizeAsync(1600, 1000);
        }
    }

    [Fact]
    public async Task Calendar_ByKeysAlone_ChangesASession_FindsAMakeUpDay_AndPlansADateOtherwise()
    {
        await using var host = await PageHost.StartAsync(change: services => services.AddSingleton<TimeProvider>(new ForwardTime()));
        var hall = await ImportAsync(host);
        await using var guide = await browser.VisitAsync(host, cookies: await host.CookiesOfAsync("guide"));
        Assert.Equal(403, await guide.OpenAsync($"/admin/calendar/{hall}"));
        await using var manager = await browser.VisitAsync(host, 1600, 1000, await host.CookiesOfAsync("manager"));
        await manager.OpenAsync($"/admin/calendar/{hall}");
        var (page, keys) = (manager.Page, manager.Page.Keyboard);
        await page.WaitForSelectorAsync("html[data-loaded]");
        await Expect(page.Locator("#week .block.regular").First).ToContainTextAsync("08:30–12:00");

        // The first session: opened, its beginning typed as people do, seen in the week, saved.
        await page.FocusAsync("#sessions-list li:first-child [aria-expanded]");
        await keys.PressAsync("Enter");
        await Expect(page.Locator("#sessions-list .item-form select").First).ToBeFocusedAsync();
        await keys.PressAsync("Tab");
        await keys.PressAsync("Control+a");
        await keys.TypeAsync("9:00");
        await Expect(page.Locator("#week .block.regular").First).ToContainTextAsync("09:00–12:00");
        await manager.ScreenshotAsync("calendar-form-zh-1600", fullPage: true);
        await keys.PressAsync("Control+s");
        await Expect(page.Locator("#done")).ToBeVisibleAsync();
        Assert.Equal("09:00", (string?)(await CalendarAsync(host, hall))["sessions"]![0]!["from"]);

        // October: Saturday the 10th is worked, the 1st is a holiday.
        await page.FocusAsync("#month-before");
        await keys.PressAsync("Enter");
        await Expect(page.Locator("#month .badge.makeup")).ToHaveTextAsync(["班"]);
        await Expect(page.Locator("#month .badge.holiday").First).ToHaveTextAsync("休");
        await page.FocusAsync("#month .month-day:has(.makeup)");
        await keys.PressAsync("Enter");
        await Expect(page.Locator("#week .week-day[aria-pressed=true]")).ToContainTextAsync("班");
        await Expect(page.Locator("#week .week-day[aria-pressed=true]")).ToHaveAttributeAsync("data-date", "2026-10-10");
        await Expect(page.Locator("#month .month-day[aria-pressed=true]")).ToBeFocusedAsync();

        // That date otherwise: closed, unless said how.
        await page.FocusAsync("#except");
        await keys.PressAsync("Enter");
        await Expect(page.Locator("#exceptions-list .item-form input").First).ToHaveValueAsync("2026-10-10");
        await Expect(page.Locator("#exceptions-list .item-form input").First).ToBeFocusedAsync();
        await Expect(page.Locator("#week .week-row:has([data-date='2026-10-10']) .none")).ToBeVisibleAsync();
        await page.SelectOptionAsync("#exceptions-list [data-field=closed] select", "sessions");
        await Expect(page.Locator("#week .week-row:has([data-date='2026-10-10']) .block.regular")).ToContainTextAsync("09:00–12:00");
        await manager.AssertAccessibleAsync();
        await page.ClickAsync("#reset");
        await Expect(page.Locator("#exceptions-list > li")).ToHaveCountAsync(1);
        manager.AssertOnlyOwnOrigin();
    }

    /// <summary>The town hall with the calendar it has.</summary>
    private static async Task<HallId> ImportAsync(PageHost host) =>
        await host.ImportAsync((JsonObject)JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "samples", "halls", "rudong-town.json"), Cancel))!);

    private static async Task<JsonObject> CalendarAsync(PageHost host, HallId hall) => (JsonObject)JsonNode.Parse((await DocumentAsync(host, hall)).Unpack())!["calendar"]!.DeepClone();

    private static async Task<PackedDocument> DocumentAsync(PageHost host, HallId hall) => (await host.Services.GetRequiredService<IHalls>().ReadAsync(hall, new ReadConfig(), Cancel))!.Document;

    /// <summary>As another manager does, past the page.</summary>
    private static async Task ChangeAsync(PageHost host, HallId hall, JsonObject calendar)
    {
        var halls = host.Services.GetRequiredService<IHalls>();
        var document = (JsonObject)JsonNode.Parse((await DocumentAsync(host, hall)).Unpack())!;
        document["calendar"] = calendar;
        var packed = PackedDocument.Pack(HallDocument.Minify(System.Text.Encoding.UTF8.GetBytes(document.ToJsonString())));
        Assert.Equal(AnswerStatus.Done, (await halls.SendAsync(hall, new HallRequest(new ConfigureHall(halls.Find(hall)!.Value.Number, packed), "another"), Cancel)).Status);
    }
}
