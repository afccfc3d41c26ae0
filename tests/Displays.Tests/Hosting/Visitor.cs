using System.Collections.Concurrent;
using Deque.AxeCore.Commons;

namespace HallOps.Displays.Tests.Hosting;

/// <summary>Somebody with a page open, and what the page asked for and complained about meanwhile.</summary>
public sealed class Visitor : IAsyncDisposable
{
    // Run in the page, and only what is wrong is handed out: Deque's own RunAxe carries every element that is right out of the page and into another one, which takes twice as long.
    private static readonly string Axe = new BundledAxeScriptProvider().GetScript();

    private readonly string _address;
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _requests = [];
    private readonly ConcurrentQueue<string> _complaints = [];
    private WebSocketCut? _cut;

    public Visitor(string address, IBrowserContext context, IPage page)
    {
        (_address, _context, Page) = (address, context, page);
        page.Request += (_, request) => _requests.Enqueue(request.Url);
        page.WebSocket += (_, socket) => _requests.Enqueue(socket.Url);
        page.PageError += (_, error) => _complaints.Enqueue(error);
        page.Console += (_, message) =>
        {
            // A request that is answered with a problem is the page's business; a broken policy or module is not.
            if (message.Type == "error" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal) && !message.Text.Contains("WebSocket", StringComparison.Ordinal)) _complaints.Enqueue(message.Text);
        };
    }

    public IPage Page { get; }

    /// <summary>Everything the page asked for.</summary>
    public IEnumerable<string> Requests => _requests;

    /// <summary>Opens a page of the server; its status.</summary>
    public async Task<int> OpenAsync(string path) => (await Page.GotoAsync(path))!.Status;

    /// <summary>Opens a page that follows the feed, and waits until its first snapshot is shown.</summary>
    public async Task OpenLiveAsync(string path)
    {
        Assert.Equal(200, await OpenAsync(path));
        await Page.WaitForSelectorAsync("html[data-fed]");
    }

    public Task WaitForFeedAsync(string state) => Page.WaitForSelectorAsync($"html[data-feed={state}]");

    /// <summary>Lets the test cut the line to the hub. Before the page is opened.</summary>
    public async Task<WebSocketCut> CutAsync()
    {
        _cut = new WebSocketCut();
        await Page.RouteWebSocketAsync(url => url.Contains("/hub", StringComparison.Ordinal), _cut.Connect);
        // The connection is negotiated by HTTP first.
        await Page.RouteAsync("**/hub/**", route => _cut.IsCut ? route.AbortAsync() : route.ContinueAsync());
        return _cut;
    }

    /// <summary>Nothing serious or critical is wrong for people who use the page in another way (axe-core; WCAG 2.2 AA and best practices).</summary>
    public async Task AssertAccessibleAsync()
    {
        if (!await Page.EvaluateAsync<bool>("() => 'axe' in window")) await Page.EvaluateAsync(Axe);
        var serious = await Page.EvaluateAsync<string[]>("""
            async () => {
              const grave = impact => impact === 'serious' || impact === 'critical';
              // What a rule finds weighs as much as the rule, or else as its weightiest check: whatever can only find less is not asked. Experimental rules never are, and none of the others wants what axe would load again.
              const impacts = ({ impact, any, all, none }) => impact ? [impact] : [...any, ...all, ...none].map(check => axe._audit.checks[check.id ?? check].impact);
              const rules = axe._audit.rules.filter(rule => rule.enabled && !rule.tags.includes('experimental') && !rule.tags.includes('deprecated') && impacts(rule).some(grave)).map(({ id }) => id);
              if (rules.length < 50) throw new Error(`Only ${rules.length} of axe's rules were left.`);
              const { violations } = await axe.run(document, { runOnly: { type: 'rule', values: rules }, resultTypes: ['violations'], preload: false });
              return violations.filter(({ impact }) => grave(impact))
                .map(({ id, impact, help, nodes }) => [`${id} (${impact}): ${help}`, ...nodes.slice(0, 5).map(({ html }) => html)].join('\n  '));
            }
            """);
        Assert.True(serious.Length == 0, string.Join("\n", serious));
    }

    /// <summary>Looks at the page at a desk's width and at a narrow one: accessible, nothing sticks out, and a picture of each where pictures are wanted.</summary>
    public async Task LookAsync(string name)
    {
        await AssertAccessibleAsync();
        foreach (var width in new[] { 1600, 640 })
        {
            await Page.SetViewportSizeAsync(width, 1000);
            await AssertNoOverflowAsync();
            await ScreenshotAsync($"{name}-{width}", fullPage: true);
        }
        await Page.SetViewportSizeAsync(1600, 1000);
    }

    /// <summary>Nothing sticks out: the page does not scroll sideways (on screens not at all), and no text is cut off by its own box.</summary>
    public async Task AssertNoOverflowAsync(bool screen = false)
    {
        var wrong = await Page.EvaluateAsync<string[]>("""
            screen => {
              const root = document.documentElement, wrong = [];
              if (root.scrollWidth > innerWidth) wrong.push(`the page is ${root.scrollWidth} px wide in ${innerWidth}`);
              if (screen && root.scrollHeight > innerHeight) wrong.push(`the page is ${root.scrollHeight} px high in ${innerHeight}`);
              for (const element of document.querySelectorAll('body *')) {
                const style = getComputedStyle(element), box = element.getBoundingClientRect();
                if (!box.width || !box.height || style.visibility === 'hidden' || element.closest('.unseen, .skip, svg, .table-scroll, [data-may-overflow]')) continue;
                const name = `${element.tagName.toLowerCase()}.${element.className} "${element.textContent.trim().slice(0, 30)}"`;
                if (box.right > innerWidth + 1 || box.left < -1) wrong.push(`${name} reaches from ${box.left.toFixed(0)} to ${box.right.toFixed(0)}`);
                if (screen && (box.bottom > innerHeight + 1 || box.top < -1)) wrong.push(`${name} reaches down to ${box.bottom.toFixed(0)}`);
                // What is typed into a field may be longer than the field.
                const clips = !element.matches('input') && (style.overflowX !== 'visible' || style.overflowY !== 'visible');
                if (clips && (element.scrollWidth > element.clientWidth + 1 || (style.overflowY === 'hidden' && element.scrollHeight > element.clientHeight + 1)))
                  wrong.push(`${name} cuts its content off (${element.scrollWidth}×${element.scrollHeight} in ${element.clientWidth}×${element.clientHeight})`);
              }
              return wrong.slice(0, 8);
            }
            """, screen);
        Assert.True(wrong.Length == 0, string.Join("\n", wrong));
    }

    /// <summary>The page asked nobody but its own server, and neither broke its policy nor threw.</summary>
    public void AssertOnlyOwnOrigin()
    {
        var own = new Uri(_address);
        Assert.All(_requests, url =>
        {
            if (url.StartsWith("data:", StringComparison.Ordinal)) return;
            var uri = new Uri(url);
            Assert.True(uri.Host == own.Host && uri.Port == own.Port, $"The page asked {url}.");
        });
        Assert.True(_complaints.IsEmpty, string.Join("\n", _complaints));
    }

    /// <summary>Writes a picture of the page where <c>HALLOPS_SCREENSHOTS</c> names a folder.</summary>
    public async Task ScreenshotAsync(string name, bool fullPage = false)
    {
        if (Environment.GetEnvironmentVariable("HALLOPS_SCREENSHOTS") is not { Length: > 0 } folder) return;
        await Page.ScreenshotAsync(new() { Path = Path.Combine(folder, name + ".png"), FullPage = fullPage });
    }

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}

/// <summary>A line to the hub that a test can cut and mend. While it is cut, nothing passes and nothing connects.</summary>
public sealed class WebSocketCut
{
    private readonly Lock _lock = new();
    private readonly List<IWebSocketRoute> _open = [];

    public bool IsCut { get; private set; }

    /// <summary>Nothing comes through any more, but nobody is told: as when a switch loses its power.</summary>
    public bool IsSilent { get; set; }

    public void Cut()
    {
        lock (_lock)
        {
            IsCut = true;
            foreach (var socket in _open) _ = socket.CloseAsync();
            _open.Clear();
        }
    }

    public void Mend() => IsCut = false;

    internal void Connect(IWebSocketRoute page)
    {
        lock (_lock)
        {
            if (IsCut)
            {
                _ = page.CloseAsync();
                return;
            }
            _open.Add(page);
        }
        var server = page.ConnectToServer();
        server.OnMessage(frame =>
        {
            if (IsCut || IsSilent) return;
            if (frame.Text is not null) page.Send(frame.Text);
            else page.Send(frame.Binary!);
        });
    }
}
