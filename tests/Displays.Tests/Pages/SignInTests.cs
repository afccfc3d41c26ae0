using HallOps.Displays.Tests.Hosting;
using HallOps.Web.Accounts;
using static Microsoft.Playwright.Assertions;

namespace HallOps.Displays.Tests.Pages;

/// <summary>Signing in with a second factor: set up where the server asks for it, then asked for every time. By the keyboard alone, in both languages.</summary>
public sealed class SignInTests(Browser browser)
{
    [Theory]
    [InlineData("zh", "开通动态验证码", "验证码不对。每个验证码只能用一次，请等下一个再填。", "连错五次要等五分钟。", "开通了动态验证码的，请同时填写验证码。")]
    [InlineData("en", "Set up your authenticator", "The code is wrong. Each counts once: wait for the next one and try again.", "after five failures wait five minutes.", "If you have an authenticator, give its code as well.")]
    public async Task SecondFactor_IsSetUpAtTheFirstSignIn_AndItsCodeAskedForFromThenOn(string language, string title, string wrongFirst, string wrong, string needed)
    {
        await using var host = await PageHost.StartAsync(totpRequired: true);
        await using var visitor = await browser.VisitAsync(host);
        var (page, keys) = (visitor.Page, visitor.Page.Keyboard);
        await visitor.OpenAsync($"/sign-in?to=/design&lang={language}");
        await TypeAsync("#user", "admin");
        await TypeAsync("#password", PageHost.Password);
        await keys.PressAsync("Enter");
        await Expect(page.Locator("#enrol-title")).ToHaveTextAsync(title);
        await Expect(page.Locator("#enrol-title")).ToBeFocusedAsync();
        var secret = (await page.InnerTextAsync("#secret")).Replace(" ", "", StringComparison.Ordinal);
        Assert.Equal(secret, System.Web.HttpUtility.ParseQueryString(new Uri((await page.GetAttributeAsync("#open-app", "href"))!).Query)["secret"]);
        await LookAsync("enrol");
        await keys.PressAsync("Tab");
        await keys.PressAsync("Tab");
        await Expect(page.Locator("#first-code")).ToBeFocusedAsync();
        await keys.TypeAsync(NotOf(secret));
        await keys.PressAsync("Enter");
        await Expect(page.Locator("#first-code-wrong")).ToHaveTextAsync(wrongFirst);
        await Expect(page.Locator("#first-code")).ToBeFocusedAsync();
        await LookAsync("enrol-wrong");
        await keys.TypeAsync(Code(secret, -1));
        await keys.PressAsync("Enter");
        await page.ArriveAsync(url => url.AbsolutePath == "/design");

        await visitor.OpenAsync("/sign-in?to=/design");
        await page.ClickAsync("#sign-out");
        await Expect(page.Locator("#sign-out")).ToHaveCountAsync(0);
        await TypeAsync("#user", "admin");
        await TypeAsync("#password", PageHost.Password);
        await keys.PressAsync("Enter");
        await Expect(page.Locator("#wrong")).ToContainTextAsync(needed);
        await TypeAsync("#code", NotOf(secret));
        await keys.PressAsync("Enter");
        await Expect(page.Locator("#code")).ToHaveValueAsync("");
        await Expect(page.Locator("#wrong")).ToContainTextAsync(wrong);
        await Expect(page.Locator("#wrong")).Not.ToContainTextAsync(needed);
        await LookAsync("code-wrong");
        await TypeAsync("#code", Code(secret));
        await keys.PressAsync("Enter");
        await page.ArriveAsync(url => url.AbsolutePath == "/design");
        visitor.AssertOnlyOwnOrigin();

        async Task TypeAsync(string field, string text)
        {
            await page.FocusAsync(field);
            await keys.TypeAsync(text);
        }

        async Task LookAsync(string name)
        {
            await visitor.AssertAccessibleAsync();
            foreach (var width in (int[])[1280, 640, 360])
            {
                await page.SetViewportSizeAsync(width, 800);
                await visitor.AssertNoOverflowAsync();
                await visitor.ScreenshotAsync($"sign-in-{name}-{language}-{width}");
            }
        }
    }

    // Real time, as the server has it. Codes of the steps beside are taken too, each once.
    private static string Code(string secret, int steps = 0) => TotpCodes.CodeAt(TotpCodes.FromBase32(secret), DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30 + steps);

    private static string NotOf(string secret) => Enumerable.Range(0, 10).Select(d => new string((char)('0' + d), 6)).First(c => Enumerable.Range(-4, 9).All(s => Code(secret, s) != c));
}
