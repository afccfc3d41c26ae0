using System.Text.Json.Nodes;
using HallOps.Core.Halls;
using HallOps.Displays.Tests.Hosting;
using HallOps.Silo;
using Microsoft.Extensions.DependencyInjection;
using static Microsoft.Playwright.Assertions;

namespace HallOps.Displays.Tests.Pages;

/// <summary>The hall's document on its page: checked in the words of <c>hall import --check</c>, applied while people wait, refused with nothing lost.</summary>
public sealed class HallDocumentTests(Browser browser)
{
    [Theory]
    [InlineData("zh", "不能应用", "换队列", "已应用", "与现在的设置完全一样", "别人刚刚改过")]
    [InlineData("en", "It cannot be applied", "Moves", "Applied: version", "as the document says", "Somebody has just changed")]
    public async Task Document_IsChecked_RefusedWithPaths_AndAppliedWhilePeopleWait(string language, string refused, string moves, string applied, string same, string otherChanged)
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync("rudong-town");
        var number = (await host.IssueAsync(hall, "mz-001")).GetProperty("number").GetString()!;
        await using var admin = await browser.VisitAsync(host, 1280, 900, await host.CookiesOfAsync("admin"));
        Assert.Equal(200, await admin.OpenAsync($"/admin/halls/{hall}?lang={language}"));
        var page = admin.Page;
        await page.WaitForSelectorAsync("html[data-loaded]");
        var document = JsonNode.Parse(await page.InputValueAsync("#document"))!.AsObject();
        var before = (await ConfigAsync(host, hall)).Document.Version;

        // What is wrong is named by its path, and nothing happens.
        await TypeAsync(document => document["lines"]![0]!["prefix"] = "toolong");
        await page.Keyboard.PressAsync("Control+Enter");
        await Expect(page.Locator("#result-title")).ToContainTextAsync(refused);
        await Expect(page.Locator("#lines")).ToContainTextAsync("lines[0].prefix");
        await Expect(page.Locator("#apply")).ToBeDisabledAsync();
        await LookAsync("refused");
        await page.FillAsync("#document", "{\"hall\": ");
        await page.ClickAsync("#check");
        await Expect(page.Locator("#result-title")).ToContainTextAsync(refused);

        // Whoever waits for a service that would go is in the way, by number.
        await TypeAsync(document => document["services"]!.AsArray().Remove(document["services"]!.AsArray().First(s => (string)s!["service"]! == "mz-001")));
        await page.ClickAsync("#check");
        await Expect(page.Locator("#lines .problem")).ToContainTextAsync(number);
        Assert.Equal(before, (await ConfigAsync(host, hall)).Document.Version);

        // A service that changes its line takes its numbers along: the check says which.
        await TypeAsync(Moved);
        await page.ClickAsync("#check");
        await Expect(page.Locator("#lines .moved")).ToContainTextAsync(number);
        await Expect(page.Locator("#lines .moved")).ToContainTextAsync(moves);
        await LookAsync("moves");

        // Somebody else is quicker: nothing of theirs is lost unseen.
        var other = (JsonObject)document.DeepClone();
        other["maxWaiting"] = 1234;
        await ChangeAsync(host, hall, other);
        await page.Keyboard.PressAsync("Control+s");
        await Expect(page.Locator("#wrong")).ToContainTextAsync(otherChanged);
        await Expect(page.Locator("#lines")).ToContainTextAsync("maxWaiting");
        Assert.Equal(1234, (await ConfigAsync(host, hall)).Settings.MaxWaiting);
        await page.Keyboard.PressAsync("Control+s");
        await Expect(page.Locator("#done")).ToContainTextAsync(applied);
        var ticket = Assert.Single((await host.Services.GetRequiredService<IHalls>().ReadAsync(hall, new ReadFloor(), TestContext.Current.CancellationToken))!.Tickets);
        Assert.Equal((number, "building", TicketState.Waiting), (ticket.Ticket, ticket.Line, ticket.State));
        await LookAsync("applied");
        await page.ClickAsync("#check");
        await Expect(page.Locator("#result-title")).ToContainTextAsync(same);

        // What is typed while it is being applied is the next change, not lost.
        var (asked, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        await page.RouteAsync("**/config", async route =>
        {
            if (route.Request.Method == "PUT")
            {
                asked.TrySetResult();
                await goOn.Task;
            }
            await route.ContinueAsync();
        });
        await TypeAsync(document => { Moved(document); document["maxWaiting"] = 1235; });
        await page.ClickAsync("#check");
        await page.ClickAsync("#apply");
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await TypeAsync(document => { Moved(document); document["maxWaiting"] = 1236; });
        goOn.SetResult();
        await Expect(page.Locator("#done")).ToBeVisibleAsync();
        Assert.Equal(1235, (await ConfigAsync(host, hall)).Settings.MaxWaiting);
        Assert.Equal(1236, (int)JsonNode.Parse(await page.InputValueAsync("#document"))!["maxWaiting"]!);
        await Expect(page.Locator("#apply")).ToBeDisabledAsync();
        await page.UnrouteAsync("**/config");
        await page.ClickAsync("#check");
        await page.ClickAsync("#apply");
        await Expect(page.Locator("#reset")).ToBeDisabledAsync();
        Assert.Equal(1236, (await ConfigAsync(host, hall)).Settings.MaxWaiting);

        // From a file: checked at once.
        await page.SetInputFilesAsync("#file", new FilePayload { Name = "hall.json", MimeType = "application/json", Buffer = System.Text.Encoding.UTF8.GetBytes(document.ToJsonString()) });
        await Expect(page.Locator("#lines .moved")).ToContainTextAsync(number);
        await Expect(page.Locator("#apply")).ToBeEnabledAsync();
        await page.ClickAsync("#reset");
        await Expect(page.Locator("#apply")).ToBeDisabledAsync();
        admin.AssertOnlyOwnOrigin();

        Task TypeAsync(Action<JsonObject> change)
        {
            var changed = (JsonObject)document.DeepClone();
            change(changed);
            // Put there at once: a browser types two thousand lines one by one.
            return page.EvaluateAsync("text => { const box = document.getElementById('document'); box.value = text; box.dispatchEvent(new Event('input')); }", changed.ToJsonString());
        }

        async Task LookAsync(string name)
        {
            await admin.AssertAccessibleAsync();
            foreach (var width in new[] { 1920, 1280, 640 })
            {
                await page.SetViewportSizeAsync(width, 900);
                await admin.AssertNoOverflowAsync();
                await admin.ScreenshotAsync($"hall-document-{name}-{language}-{width}");
            }
            await page.SetViewportSizeAsync(1280, 900);
        }
    }

    [Theory]
    [InlineData(null, 200, "/sign-in")]
    [InlineData("guide", 403, null)]
    [InlineData("manager", 403, null)]
    [InlineData("admin", 200, null)]
    public async Task Page_IsForAdmins(string? who, int status, string? sentTo)
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync("rudong-town");
        await using var visitor = await browser.VisitAsync(host, cookies: who is null ? null : await host.CookiesOfAsync(who));
        Assert.Equal(status, await visitor.OpenAsync($"/admin/halls/{hall}"));
        if (sentTo is not null) Assert.Equal(sentTo, new Uri(visitor.Page.Url).AbsolutePath);
    }

    private static void Moved(JsonObject document) => document["services"]!.AsArray().First(s => (string)s!["service"]! == "mz-001")!["line"] = "building";

    /// <summary>As another admin's import, past the page.</summary>
    private static async Task ChangeAsync(PageHost host, HallId hall, JsonObject document)
    {
        var halls = host.Services.GetRequiredService<IHalls>();
        var packed = PackedDocument.Pack(HallDocument.Minify(System.Text.Encoding.UTF8.GetBytes(document.ToJsonString())));
        var answer = await halls.SendAsync(hall, new HallRequest(new ConfigureHall(halls.Find(hall)!.Value.Number, packed), "another"), TestContext.Current.CancellationToken);
        Assert.Equal(AnswerStatus.Done, answer.Status);
    }

    private static async Task<HallConfig> ConfigAsync(PageHost host, HallId hall) =>
        (await host.Services.GetRequiredService<IHalls>().ReadAsync(hall, new ReadConfig(), TestContext.Current.CancellationToken))!;
}
