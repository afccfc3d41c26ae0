using System.Diagnostics;
using System.Text.RegularExpressions;
using HallOps.Core.Halls;
using HallOps.Displays.Tests.Hosting;
using HallOps.Web.Hub;
using Microsoft.Extensions.DependencyInjection;

namespace HallOps.Displays.Tests.Pages;

/// <summary>What a hall board says aloud, in a browser whose time the test drives and whose voice only writes down what it is given.</summary>
public sealed class AnnouncementTests(Browser browser)
{
    private const string Window1 = "1";
    private const string Window2 = "2";

    // A voice takes 2 s for anything. Two that speak at once, or a chime into somebody's words, are written down as "overlap".
    private const string Voice = """
        window.heard = [];
        let speaking = 0;
        window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
        const say = (what, ms, done) => {
          if (speaking++) heard.push('overlap');
          heard.push(what);
          setTimeout(() => { speaking--; done?.(); }, ms);
        };
        Object.defineProperty(window, 'speechSynthesis', { value: {
          getVoices: () => [{ lang: 'zh-CN', localService: false }, { lang: 'zh-HK', localService: true }, { lang: 'zh_CN', localService: LOCAL }, { lang: 'en-GB', localService: LOCAL }],
          speak: words => say(`${words.lang}: ${words.text}`, 2000, () => words.onend()),
          cancel: () => heard.push('cancel'),
        } });
        const node = extra => ({ connect: next => next, ...extra });
        window.AudioContext = class {
          state = STATE; currentTime = 0; destination = {};
          createOscillator() { return node({ frequency: {}, start(at) { if (at < 0.1) say('chime', 1100); }, stop() {} }); }
          createGain() { return node({ gain: { setValueAtTime() {}, linearRampToValueAtTime() {}, exponentialRampToValueAtTime() {} } }); }
          async resume() { if (!navigator.userActivation.hasBeenActive) return new Promise(() => {}); this.state = 'running'; this.onstatechange?.(); }
        };
        """;

    [Theory]
    [InlineData(1920, 1080)]
    [InlineData(1080, 1920)]
    public async Task Calls_MadeAtOnce_StandOut_AndAreSpokenOneAfterTheOther_DigitByDigit(int width, int height)
    {
        await using var host = await PageHost.StartAsync();
        var hall = await OpenAsync(host);
        await using var visitor = await BoardAsync(host, hall, width: width, height: height);
        var band = visitor.Page.Locator("#announced");
        await Assertions.Expect(visitor.Page.Locator("#no-sound")).ToBeHiddenAsync();

        var first = await CallAsync(host, hall, Window1);
        await Assertions.Expect(band.Locator("[data-slot=words]")).ToHaveTextAsync($"请 {first} 到 1 号窗口");
        await Assertions.Expect(band.Locator(".en")).ToHaveTextAsync($"{first}, please go to window 1");
        var second = await CallAsync(host, hall, Window2);
        await Assertions.Expect(visitor.Page.Locator("#calls > .call.called")).ToHaveCountAsync(2);
        await Assertions.Expect(visitor.Page.Locator("#windows > .board-tile.called")).ToHaveCountAsync(2);
        await visitor.AssertNoOverflowAsync(screen: true);
        await visitor.AssertAccessibleAsync();
        await visitor.ScreenshotAsync($"board-announced-{width}x{height}");

        await visitor.Page.Clock.RunForAsync(4_500);
        await Assertions.Expect(band.Locator("[data-slot=words]")).ToHaveTextAsync($"请 {second} 到 2 号窗口");
        await visitor.Page.Clock.RunForAsync(12_000);
        // The first one's English is left out: somebody waited to be called.
        Assert.Equal(["chime", Zh(first, 1), "chime", Zh(second, 2), En(second, 2)], await HeardAsync(visitor));
        await Assertions.Expect(band).ToBeHiddenAsync();
        await Assertions.Expect(visitor.Page.Locator(".called")).ToHaveCountAsync(0);
        visitor.AssertOnlyOwnOrigin();
    }

    [Fact]
    public async Task Call_AnsweredWhileItWaitedItsTurn_IsNotSpoken_AndARecallIs()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await OpenAsync(host);
        await using var visitor = await BoardAsync(host, hall);
        var first = await CallAsync(host, hall, Window1);
        await Assertions.Expect(visitor.Page.Locator("#announced")).ToBeVisibleAsync();
        var second = await CallAsync(host, hall, Window2);
        await Assertions.Expect(visitor.Page.Locator("#calls > .call.called")).ToHaveCountAsync(2);
        await host.WindowAsync(hall, Window2, "start");
        await visitor.Page.WaitForSelectorAsync($"[data-key='{Window2}'].serving");
        await visitor.Page.Clock.RunForAsync(15_000);
        Assert.DoesNotContain(Zh(second, 2), await HeardAsync(visitor));

        await host.WindowAsync(hall, Window1, "recall");
        await Assertions.Expect(visitor.Page.Locator("#announced")).ToBeVisibleAsync();
        await visitor.Page.Clock.RunForAsync(15_000);
        Assert.Equal(["chime", Zh(first, 1), "chime", Zh(first, 1), En(first, 1)], await HeardAsync(visitor));
    }

    /// <summary>F20.</summary>
    [Fact]
    public async Task ScreenWithoutSound_SaysSo_ShowsCallsAllTheSame_AndIsSeenOnTheFloor_UntilSomebodyTouchesIt()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await OpenAsync(host);
        await using var visitor = await BoardAsync(host, hall, state: "suspended");
        var sign = visitor.Page.Locator("#no-sound");
        await Assertions.Expect(sign).ToContainTextAsync("无声音");
        await Assertions.Expect(sign).ToContainTextAsync("No sound – touch to switch on");
        await UntilAsync(() => SoundOf(host, hall) == DeviceSound.Blocked, "the floor is told that the board is silent");
        await using var manager = await browser.VisitAsync(host, 1366, 768, await host.CookiesOfAsync("manager"));
        await manager.OpenLiveAsync($"/floor/{hall}");
        await Assertions.Expect(manager.Page.Locator("#screens > li")).ToHaveTextAsync("大厅屏幕没有声音：请到屏幕前触摸一下");
        await manager.AssertAccessibleAsync();
        await manager.AssertNoOverflowAsync();
        await manager.ScreenshotAsync("floor-no-sound");
        await CallAsync(host, hall, Window1);
        await Assertions.Expect(visitor.Page.Locator("#announced")).ToBeVisibleAsync();
        await Assertions.Expect(visitor.Page.Locator("#calls > .call.called")).ToHaveCountAsync(1);
        await visitor.AssertNoOverflowAsync(screen: true);
        await visitor.AssertAccessibleAsync();
        await visitor.ScreenshotAsync("board-no-sound");
        await visitor.Page.Clock.RunForAsync(11_000);
        Assert.Empty(await HeardAsync(visitor));

        await visitor.Page.Mouse.ClickAsync(600, 600);
        await Assertions.Expect(sign).ToBeHiddenAsync();
        await UntilAsync(() => SoundOf(host, hall) == DeviceSound.Playing, "the floor is told that the board is heard");
        await Assertions.Expect(manager.Page.Locator("#screens")).ToBeHiddenAsync();
        var next = await CallAsync(host, hall, Window2);
        await Assertions.Expect(visitor.Page.Locator("#announced")).ToBeVisibleAsync();
        await visitor.Page.Clock.RunForAsync(11_000);
        Assert.Equal(["chime", Zh(next, 2), En(next, 2)], await HeardAsync(visitor));
    }

    /// <summary>F20: a machine that has nothing to play on, and a screen over a window, which nobody is meant to hear.</summary>
    [Fact]
    public async Task Floor_NamesTheZoneOfABoardThatCannotBeHeard_AndNoWindowScreen()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await OpenAsync(host);
        await using var manager = await browser.VisitAsync(host, 1366, 768, await host.CookiesOfAsync("manager"));
        await manager.OpenLiveAsync($"/floor/{hall}?lang=en");
        await using var window = await browser.VisitAsync(host, cookies: await host.DeviceAsync("window", hall, Window1), drivenTime: true);
        await window.OpenLiveAsync($"/window/{hall}/{Window1}");
        await window.Page.Clock.RunForAsync(10_100);
        await UntilAsync(() => Seen(host, hall).Any(d => d.Kind == HallOps.Web.DeviceKind.Window), "the window's screen reports");
        Assert.Null(Assert.Single(Seen(host, hall)).Sound);

        await using var board = await browser.VisitAsync(host, 1920, 1080, await host.DeviceAsync("board", hall, zone: "b"), drivenTime: true);
        await board.Page.AddInitScriptAsync("window.AudioContext = class { constructor() { throw new Error('nothing to play on'); } };");
        await board.OpenLiveAsync($"/board/{hall}/b");
        await board.Page.Clock.RunForAsync(1_100);
        await Assertions.Expect(board.Page.Locator("#no-sound")).ToBeVisibleAsync();
        await Assertions.Expect(manager.Page.Locator("#screens > li")).ToHaveTextAsync("Board of B: homes and tax has no sound: that machine cannot make any");
    }

    [Fact]
    public async Task Voice_ThatIsSomebodysServiceOnTheNetwork_IsNotUsed()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await OpenAsync(host);
        await using var visitor = await BoardAsync(host, hall, local: false);
        await CallAsync(host, hall, Window1);
        await Assertions.Expect(visitor.Page.Locator("#announced")).ToBeVisibleAsync();
        await visitor.Page.Clock.RunForAsync(11_000);
        Assert.Equal(["chime"], await HeardAsync(visitor));
    }

    /// <summary>F15.</summary>
    [Theory]
    [InlineData(5, true)]
    [InlineData(5 * 60, false)]
    [InlineData(8 * 60 * 60, false)]
    public async Task Screen_CutOff_SaysSo_IsBackInUnderTwoSeconds_AndSpeaksNoOldCall(int seconds, bool isStillNew)
    {
        var time = new ForwardTime();
        await using var host = await PageHost.StartAsync(change: services => services.AddSingleton<TimeProvider>(time));
        var hall = await OpenAsync(host);
        WebSocketCut line = null!;
        await using var visitor = await BoardAsync(host, hall, before: async v => line = await v.CutAsync());
        var before = await CallAsync(host, hall, Window1);
        await Assertions.Expect(visitor.Page.Locator("#announced")).ToBeVisibleAsync();
        await visitor.Page.Clock.RunForAsync(11_000);

        line.Cut();
        await Assertions.Expect(visitor.Page.Locator("#feed-banner")).ToContainTextAsync("连接已断开");
        var missed = await CallAsync(host, hall, Window2);
        time.Forward(TimeSpan.FromSeconds(seconds));
        await visitor.Page.Clock.FastForwardAsync(seconds * 1000L);
        await visitor.WaitForFeedAsync(seconds > 60 ? "stale" : "old");

        line.Mend();
        // In steps: time that runs on while the answer is on its way would make the page old again. 30 s is the longest that a screen waits between two tries.
        for (var waited = 0; waited <= 32 && await visitor.Page.Locator("html[data-offline]").CountAsync() > 0; waited++) await visitor.Page.Clock.RunForAsync(1_000);
        var connected = Stopwatch.StartNew();
        await visitor.Page.WaitForSelectorAsync("html[data-feed=live]:not([data-offline])");
        await Assertions.Expect(visitor.Page.Locator($"#windows > [data-key='{Window2}'] .ticket")).ToHaveTextAsync(missed);
        Assert.True(connected.Elapsed < TimeSpan.FromSeconds(2), $"The picture within 2 s was expected, it took {connected.Elapsed.TotalSeconds:0.0} s.");
        if (isStillNew) await Assertions.Expect(visitor.Page.Locator("#announced")).ToBeVisibleAsync();
        await visitor.Page.Clock.RunForAsync(11_000);
        // A visitor who was called long ago is being served: the service begins by itself.
        if (isStillNew) await host.WindowAsync(hall, Window2, "start");
        await host.WindowAsync(hall, Window2, "finish");
        var after = await CallAsync(host, hall, Window2);
        await Assertions.Expect(visitor.Page.Locator("#announced")).ToContainTextAsync(after);
        await visitor.Page.Clock.RunForAsync(11_000);
        string[] spoken = isStillNew ? [Zh(before, 1), Zh(missed, 2), Zh(after, 2)] : [Zh(before, 1), Zh(after, 2)];
        Assert.Equal(spoken, (await HeardAsync(visitor)).Where(h => h.StartsWith("zh", StringComparison.Ordinal)));
    }

    private static string Zh(string number, int window) => $"zh_CN: 请 {number[0]} {Digits(number, "零一二三四五六七八九".Select(c => c.ToString()), "")} 号到 {window} 号窗口";

    private static string En(string number, int window) => $"en-GB: Number {number[0]} {Digits(number, "zero one two three four five six seven eight nine".Split(' '), " ")}, please go to window {window}";

    private static string Digits(string number, IEnumerable<string> names, string between) => string.Join(between, Regex.Match(number, @"\d+$").Value.Select(d => names.ElementAt(d - '0')));

    private static Task<string[]> HeardAsync(Visitor visitor) => visitor.Page.EvaluateAsync<string[]>("window.heard");

    private static DeviceSound? SoundOf(PageHost host, HallId hall) => Seen(host, hall).SingleOrDefault()?.Sound;

    private static IEnumerable<DeviceSeen> Seen(PageHost host, HallId hall) => (IEnumerable<DeviceSeen>)host.Services.GetRequiredService<DeviceReports>().Of(hall).Value!;

    private static async Task UntilAsync(Func<bool> done, string what)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        while (!done())
        {
            Assert.False(limit.IsCancellationRequested, $"Expected within 15 s that {what}.");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    private static async Task<HallId> OpenAsync(PageHost host)
    {
        var hall = await host.OpenHallAsync();
        await host.WindowAsync(hall, Window1, "open", new { staff = "w01" });
        await host.WindowAsync(hall, Window2, "open", new { staff = "w02" });
        return hall;
    }

    private static async Task<string> CallAsync(PageHost host, HallId hall, string window)
    {
        await BoardTests.IssueForAsync(host, hall, window);
        return (await host.WindowAsync(hall, window, "call-next")).GetProperty("number").GetString()!;
    }

    private async Task<Visitor> BoardAsync(PageHost host, HallId hall, int width = 1920, int height = 1080, string state = "running", bool local = true, Func<Visitor, Task>? before = null)
    {
        var visitor = await browser.VisitAsync(host, width, height, await host.DeviceAsync("board", hall), drivenTime: true);
        await visitor.Page.AddInitScriptAsync(Voice.Replace("STATE", $"'{state}'", StringComparison.Ordinal).Replace("LOCAL", local ? "true" : "false", StringComparison.Ordinal));
        if (before is not null) await before(visitor);
        await visitor.OpenLiveAsync($"/board/{hall}");
        // A browser has told by then whether it may be heard.
        await visitor.Page.Clock.RunForAsync(1_100);
        return visitor;
    }
}
