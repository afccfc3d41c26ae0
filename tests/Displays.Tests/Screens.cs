using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using HallOps.Displays.Tests.Hosting;

namespace HallOps.Displays.Tests;

/// <summary>The pictures of <c>docs/screens</c>, taken from the demonstration by <c>docs/screens/make.sh</c>. No test: it runs only when it is asked for.</summary>
public sealed class Screens(Browser browser)
{
    private const string Hall = "rudong-town";
    private const string Window = "1";

    // On a README side by side: large enough to read the words, small enough to load.
    private const float Half = 0.5f;
    private const float Most = 0.75f;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact(Explicit = true)]
    public async Task Make()
    {
        await using var demo = await DemoServer.StartAsync();
        using var anybody = new HttpClient { BaseAddress = new Uri(demo.Address + "/api/v1/") };
        // Some minutes of the halls, so that the board has calls, misses and a line that waits.
        await Task.Delay(TimeSpan.FromSeconds(45), Cancel);
        using var clerk = await SignInAsync(anybody, "clerk");
        foreach (var language in new[] { "zh", "en" })
        {
            await TakeAsync(demo, language, "start", "/", 1280, 900, Most);
            await TakeAsync(demo, language, "board", $"/board/{Hall}", 1920, 1080, Half);
            await TakeAsync(demo, language, "kiosk", $"/kiosk/{Hall}", 1080, 1920, Half, user: "guide");
            // What somebody asks for is half typed, in initials.
            await TakeAsync(demo, language, "guide", $"/guide/{Hall}", 1366, 768, Most, user: "guide", before: page => page.FillAsync("#q", "sb"));
            await ServeAsync(clerk, "open");
            var ticket = (await PostAsync(anybody, "demo/tickets", new { hall = Hall })).GetProperty("url").GetString()!;
            await TakeAsync(demo, language, "ticket", ticket, 390, 844, 1);
            await ServeAsync(clerk, "call-next");
            await TakeAsync(demo, language, "window", $"/window/{Hall}/{Window}", 1920, 1080, Half, device: "window");
            await TakeAsync(demo, language, "counter", $"/counter?hall={Hall}&window={Window}", 1366, 768, Most, user: "clerk");
            await TakeAsync(demo, language, "floor", $"/floor/{Hall}", 1366, 768, Most, user: "manager");
            await TakeAsync(demo, language, "calendar", $"/admin/calendar/{Hall}", 1366, 768, Most, user: "manager", isLive: false);
            await TakeAsync(demo, language, "reports", $"/reports?halls={Hall}", 1366, 768, Most, user: "analyst", before: page => page.EvaluateAsync("document.getElementById('story').scrollIntoView()"), isLive: false);
            // By now the hall may have seen the start by itself; the finish is what the pad waits for.
            using (await clerk.PostAsync($"halls/{Hall}/windows/{Window}/start", null, Cancel))
                await ServeAsync(clerk, "finish");
            await TakeAsync(demo, language, "pad", $"/pad/{Hall}/{Window}", 1280, 800, Half, device: "pad");
        }
    }

    private async Task TakeAsync(DemoServer demo, string language, string name, string path, int width, int height, float scale, string? device = null, string? user = null, Func<IPage, Task>? before = null, bool isLive = true)
    {
        await using var visitor = await browser.VisitAsync(demo.Address, width, height, scale: scale);
        // As the tour does it: the page's own request carries the cookie home.
        if (device is not null) await visitor.Page.Context.APIRequest.PostAsync(demo.Address + "/api/v1/demo/devices", new() { DataObject = new { kind = device, hall = Hall, window = Window } });
        if (user is not null) await visitor.Page.Context.APIRequest.PostAsync(demo.Address + "/api/v1/sign-in?cookie=true", new() { DataObject = new { user, password = "hallops-demo" } });
        var (address, fragment) = path.Split('#') is [var plain, var token] ? (plain, "#" + token) : (path, "");
        address = $"{address}{(address.Contains('?', StringComparison.Ordinal) ? '&' : '?')}lang={language}{fragment}";
        if (isLive) await visitor.OpenLiveAsync(address);
        else
        {
            await visitor.OpenAsync(address);
            await visitor.Page.WaitForSelectorAsync("html[data-loaded]");
        }
        if (before is not null) await before(visitor.Page);
        await visitor.Page.WaitForTimeoutAsync(1_000);
        await visitor.ScreenshotAsync($"{name}-{language}");
    }

    private static Task<JsonElement> ServeAsync(HttpClient clerk, string step) => PostAsync(clerk, $"halls/{Hall}/windows/{Window}/{step}", null);

    private static async Task<HttpClient> SignInAsync(HttpClient anybody, string user)
    {
        var token = (await PostAsync(anybody, "sign-in", new { user, password = "hallops-demo" })).GetProperty("token").GetString();
        return new HttpClient { BaseAddress = anybody.BaseAddress, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
    }

    private static async Task<JsonElement> PostAsync(HttpClient client, string path, object? body)
    {
        using var answer = await client.PostAsync(path, body is null ? null : JsonContent.Create(body), Cancel);
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        return answer.IsSuccessStatusCode ? text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text) : throw new InvalidOperationException($"POST {path}: {(int)answer.StatusCode} {text}");
    }
}
