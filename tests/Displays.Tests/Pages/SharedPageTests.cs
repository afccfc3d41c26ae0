using HallOps.Displays.Serving;
using HallOps.Displays.Tests.Hosting;

namespace HallOps.Displays.Tests.Pages;

/// <summary>What holds for every page, and the pages that belong to no hall.</summary>
public sealed class SharedPageTests(Browser browser)
{
    [Theory]
    [InlineData("/design", 200)]
    [InlineData("/sign-in", 200)]
    [InlineData("/enrol", 200)]
    [InlineData("/no/such/page", 404)]
    [InlineData("/board/no-such-hall", 404)]
    public async Task Page_InEitherLanguage_IsAccessible_FitsEveryWidth_AndAsksNobodyElse(string path, int status)
    {
        await using var host = await PageHost.StartAsync();
        foreach (var language in new[] { "zh", "en" })
        {
            await using var visitor = await browser.VisitAsync(host);
            Assert.Equal(status, await visitor.OpenAsync($"{path}?lang={language}"));
            Assert.Equal(language == "en" ? "en" : "zh-Hans", await visitor.Page.GetAttributeAsync("html", "lang"));
            await visitor.AssertAccessibleAsync();
            // 640 px is 1280 at 200 % zoom; 360 a telephone.
            foreach (var width in new[] { 1280, 640, 360 })
            {
                await visitor.Page.SetViewportSizeAsync(width, 800);
                await visitor.AssertNoOverflowAsync();
                await visitor.ScreenshotAsync($"{path.Trim('/').Replace('/', '-')}-{language}-{width}", fullPage: true);
            }
            visitor.AssertOnlyOwnOrigin();
        }
    }

    [Fact]
    public async Task Language_IsChinese_UntilChosen_AndIsRemembered()
    {
        await using var host = await PageHost.StartAsync();
        await using var visitor = await browser.VisitAsync(host);
        await visitor.OpenAsync("/sign-in");
        await visitor.Page.GetByText("工作人员登录").First.WaitForAsync();
        await visitor.Page.ClickAsync("a.language");
        await visitor.Page.GetByText("Staff sign-in").First.WaitForAsync();
        await visitor.OpenAsync("/design");
        Assert.Equal("en", await visitor.Page.GetAttributeAsync("html", "lang"));
    }

    [Fact]
    public async Task SignIn_ByKeyboardOnly_GoesOnToWhatWasAskedFor()
    {
        await using var host = await PageHost.StartAsync(alone: true);
        await using var visitor = await browser.VisitAsync(host);
        await visitor.OpenAsync("/sign-in?to=/design");
        var keyboard = visitor.Page.Keyboard;
        await visitor.Page.FocusAsync("#user");
        await keyboard.TypeAsync("admin");
        await keyboard.PressAsync("Tab");
        await keyboard.TypeAsync("a wrong password");
        await keyboard.PressAsync("Enter");
        await visitor.Page.GetByText("用户名、密码或验证码不对").WaitForAsync();
        await visitor.Page.FillAsync("#password", PageHost.Password);
        await keyboard.PressAsync("Enter");
        await visitor.Page.ArriveAsync(url => url.AbsolutePath == "/design");
        await visitor.OpenAsync("/sign-in");
        await visitor.Page.GetByText("已登录：admin").WaitForAsync();
        await visitor.Page.ClickAsync("#sign-out");
        await Assertions.Expect(visitor.Page.Locator("#sign-out")).ToHaveCountAsync(0);
        visitor.AssertOnlyOwnOrigin();
    }

    [Theory]
    [InlineData("/counter?window=3", "/counter?window=3")]
    [InlineData(null, "/")]
    [InlineData("counter", "/")]
    [InlineData("//evil.example", "/")]
    [InlineData("/\\evil.example", "/")]
    [InlineData("/\t/evil.example", "/")]
    [InlineData("https://evil.example/", "/")]
    public void LocalPath_OfAnotherServer_IsTheStartPage(string? to, string expected) => Assert.Equal(expected, LocalPath.Of(to));

    [Fact]
    public async Task Enrol_RedeemsTheLink_AndOpensTheDevicesPage_OnlyOnce()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        var secret = await host.LinkAsync("window", hall, "1");
        await using var visitor = await browser.VisitAsync(host);
        await visitor.OpenAsync($"/enrol#{secret}");
        await visitor.Page.ArriveAsync(url => url.AbsolutePath == $"/window/{hall}/1");
        Assert.Contains(await visitor.Page.Context.CookiesAsync(), c => c is { Name: "hallops-device", HttpOnly: true, SameSite: SameSiteAttribute.Strict });
        await using var second = await browser.VisitAsync(host);
        await second.OpenAsync($"/enrol#{secret}");
        await second.Page.GetByText("这个链接不能用了").WaitForAsync();
    }

    [Fact]
    public async Task Answers_CarryThePolicy_AndPagesAreNotKept()
    {
        await using var host = await PageHost.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(host.Address) };
        using var page = await http.GetAsync("/design", TestContext.Current.CancellationToken);
        var policy = page.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'self'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("no-store", page.Headers.CacheControl!.ToString());
        Assert.Equal(["nosniff"], page.Headers.GetValues("X-Content-Type-Options"));
        Assert.DoesNotContain("style=\"", await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        // What nobody knows is told to people in words, to machines with a code; and pages are only read.
        Assert.Equal("text/html", (await http.GetAsync("/nix", TestContext.Current.CancellationToken)).Content.Headers.ContentType!.MediaType);
        Assert.Equal("application/problem+json", (await http.GetAsync("/api/v1/nix", TestContext.Current.CancellationToken)).Content.Headers.ContentType!.MediaType);
        Assert.Equal(System.Net.HttpStatusCode.MethodNotAllowed, (await http.PostAsync("/sign-in", null, TestContext.Current.CancellationToken)).StatusCode);
    }
}
