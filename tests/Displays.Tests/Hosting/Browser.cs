using HallOps.Core.Halls;
using HallOps.Displays.Tests.Hosting;

// A page waits more than it works, so two classes run side by side on two cores.
[assembly: CollectionBehavior(MaxParallelThreads = 2)]
[assembly: AssemblyFixture(typeof(PageHost.Last))]
[assembly: AssemblyFixture(typeof(Browser))]

namespace HallOps.Displays.Tests.Hosting;

/// <summary>Debian's Chromium, one for all tests; every test has contexts of its own.</summary>
public sealed class Browser : IAsyncLifetime
{
    // The shell renders the same pages without windows, tabs and toolbars of its own, which took a good part of the processor's time in these tests.
    private static readonly string Executable = Environment.GetEnvironmentVariable("CHROMIUM")
        ?? (File.Exists("/usr/bin/chromium-headless-shell") ? "/usr/bin/chromium-headless-shell" : "/usr/bin/chromium");

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        _playwright = await Playwright.CreateAsync();
        // As long as for everything else: these machines are shared, and what is expected comes or does not.
        Assertions.SetDefaultExpectTimeout(15_000);
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Executable,
            Args =
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
                // Every page has a process of its own, which is over before a script compiled once more would pay.
                "--js-flags=--no-maglev --no-opt",
            ],
        });
    }

    /// <param name="cookies">Who looks: the cookies of <see cref="PageHost.CookiesOfAsync"/>.</param>
    public Task<Visitor> VisitAsync(PageHost host, int width = 1280, int height = 800, IEnumerable<Cookie>? cookies = null, bool touch = false, bool drivenTime = false) =>
        VisitAsync(host.Address, width, height, cookies, touch, drivenTime);

    /// <param name="address">A server's, wherever it runs.</param>
    /// <param name="scale">Pixels of a picture to one of the page.</param>
    public async Task<Visitor> VisitAsync(string address, int width = 1280, int height = 800, IEnumerable<Cookie>? cookies = null, bool touch = false, bool drivenTime = false, float scale = 1)
    {
        var context = await _browser!.NewContextAsync(new()
        {
            BaseURL = address,
            ViewportSize = new() { Width = width, Height = height },
            Locale = "zh-CN",
            HasTouch = touch,
            DeviceScaleFactor = scale,
            ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout(15_000);
        if (cookies is not null) await context.AddCookiesAsync(cookies);
        var page = await context.NewPageAsync();
        if (drivenTime) await page.Clock.InstallAsync();
        return new Visitor(address, context, page);
    }

    /// <summary>The manager, with the hall's floor before them.</summary>
    /// <param name="more">Of the address: <c>?lang=en</c>.</param>
    public async Task<Visitor> FloorAsync(PageHost host, HallId hall, string more = "")
    {
        var manager = await VisitAsync(host, 1366, 768, await host.CookiesOfAsync("manager"));
        await manager.OpenLiveAsync($"/floor/{hall}{more}");
        return manager;
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
    }
}
