using System.Text.Json.Nodes;
using HallOps.Core.Halls;
using HallOps.Displays.Tests.Hosting;

namespace HallOps.Displays.Tests.Pages;

/// <summary>The hall board and the window screen.</summary>
public sealed class BoardTests(Browser browser)
{
    // A panel of 55 inches is 1210 mm wide: millimetres a pixel at 1920.
    private const double Millimetres = 1210.0 / 1920;
    private const int Metres = 10;

    [Theory]
    [InlineData(1920, 1080)]
    [InlineData(1080, 1920)]
    [InlineData(1366, 768)]
    [InlineData(390, 844)]
    // A name of two lines.
    [InlineData(1080, 1920, "江永县人民政府政务服务中心")]
    public async Task Board_OfFortyWindows_ShowsThemAll_ReadableAcrossTheHall_WithoutOverflow(int width, int height, string? name = null)
    {
        await using var host = await PageHost.StartAsync();
        var hall = await BusyHallAsync(host, name);
        await using var visitor = await browser.VisitAsync(host, width, height, drivenTime: true);
        await visitor.OpenLiveAsync($"/board/{hall}");
        Assert.Equal(40, await visitor.Page.Locator("#windows > .board-tile:visible").CountAsync());
        Assert.True(await visitor.Page.Locator("#calls > .call:visible").CountAsync() >= (name is null ? 4 : 3));
        await visitor.AssertAccessibleAsync();
        await visitor.ScreenshotAsync($"board-{width}x{height}{name}");
        await AssertWordsFitAsync(visitor);

        // Every piece of news in turn: lines, pauses, missed numbers, notices.
        var told = new HashSet<string>();
        while (told.Add(await visitor.Page.InnerTextAsync("#news")))
        {
            if (told.Last().Contains("请准备", StringComparison.Ordinal)) await visitor.ScreenshotAsync($"board-{width}x{height}-next");
            await visitor.AssertNoOverflowAsync(screen: true);
            if (width is 1920 or 1080) await AssertReadableAsync(visitor);
            if (told.Count is 3 or 24) await visitor.ScreenshotAsync($"board-{width}x{height}-news-{told.Count}");
            await visitor.Page.Clock.RunForAsync(8_000);
        }
        Assert.Contains(told, t => t.Contains("人等候", StringComparison.Ordinal));
        Assert.Contains(told, t => t.Contains("4号窗口暂停", StringComparison.Ordinal));
        Assert.Contains(told, t => t.Contains("过号", StringComparison.Ordinal));
        Assert.Contains(told, t => System.Text.RegularExpressions.Regex.IsMatch(t, @"请准备\s+[A-Z]\d{3}"));
        visitor.AssertOnlyOwnOrigin();
    }

    [Fact]
    public async Task Board_ShowsEachCallAsItComes_AndItsWindow()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await using var visitor = await browser.VisitAsync(host, 1920, 1080);
        await visitor.OpenLiveAsync($"/board/{hall}");
        await Assertions.Expect(visitor.Page.Locator("#no-calls")).ToBeVisibleAsync();
        await OpenAsync(host, hall, "1", 1);
        await Assertions.Expect(visitor.Page.Locator("[data-key='1'].idle")).ToBeVisibleAsync();
        var number = await IssueForAsync(host, hall, "1");
        await host.WindowAsync(hall, "1", "call-next");
        var first = visitor.Page.Locator("#calls > .call").First;
        await Assertions.Expect(first.Locator(".ticket")).ToHaveTextAsync(number);
        await Assertions.Expect(first).ToHaveClassAsync(new System.Text.RegularExpressions.Regex(@"\bnow\b"));
        await host.WindowAsync(hall, "1", "start");
        await Assertions.Expect(visitor.Page.Locator("[data-key='1'].serving .ticket")).ToHaveTextAsync(number);
        await Assertions.Expect(first).Not.ToHaveClassAsync(new System.Text.RegularExpressions.Regex(@"\bnow\b"));
    }

    /// <summary>White on white people would read the first digit of their window: the call has to be within its row, whichever place of the list it has.</summary>
    [Theory]
    [InlineData(1920, 1080)]
    [InlineData(1080, 1920)]
    public async Task Call_ToAWindowOfTwoDigits_StandsWithinItsRow(int width, int height)
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await using var visitor = await browser.VisitAsync(host, width, height);
        await visitor.OpenLiveAsync($"/board/{hall}");
        foreach (var window in (int[])[28, 10, 12])
        {
            await OpenAsync(host, hall, $"{window}", window == 28 ? 27 : window);
            await IssueForAsync(host, hall, $"{window}");
            await host.WindowAsync(hall, $"{window}", "call-next");
        }
        await Assertions.Expect(visitor.Page.Locator("#calls > .call").First.Locator(".window")).ToHaveTextAsync("12");
        await Assertions.Expect(visitor.Page.Locator("#calls > .call")).ToHaveCountAsync(3);
        await visitor.ScreenshotAsync($"board-two-digits-{width}");
        await AssertCallsFitAsync(visitor);
        // Other prefixes are wider; and A1000 follows A999.
        await visitor.Page.EvaluateAsync("() => { for (const ticket of document.querySelectorAll('#calls .ticket, .calling .ticket')) ticket.textContent = 'W008'; }");
        await AssertCallsFitAsync(visitor);
        await visitor.Page.EvaluateAsync("() => { for (const ticket of document.querySelectorAll('#calls .ticket, .calling .ticket')) { ticket.textContent = 'W1000'; ticket.classList.add('long'); } }");
        await AssertCallsFitAsync(visitor);
        await visitor.ScreenshotAsync($"board-two-digits-long-{width}");
    }

    [Theory]
    [InlineData("rudong-town", 1920, 1080, true)]
    [InlineData("rudong-town", 1920, 1080, false)]
    [InlineData("jiangyong-county", 1920, 1080, false)]
    [InlineData("rudong-town", 1080, 1920, true)]
    // 37 windows: there is no room to spare.
    [InlineData("jiangyong-county", 1080, 1920, true)]
    public async Task Top_OfABoardWithoutSound_HasRoomForAllItSays_AndLeavesTheWindowsTheirs(string sample, int width, int height, bool demo)
    {
        await using var host = await PageHost.StartAsync(demo: demo);
        var hall = await host.OpenHallAsync(sample);
        await host.WindowAsync(hall, "1", "open");
        await IssueForAsync(host, hall, "1");
        await host.WindowAsync(hall, "1", "call-next");
        await using var visitor = await browser.VisitAsync(host, width, height);
        await visitor.OpenLiveAsync($"/board/{hall}");
        await Assertions.Expect(visitor.Page.Locator("#no-sound")).ToBeVisibleAsync();
        var wrong = await visitor.Page.EvaluateAsync<string[]>("""
            () => {
              const top = document.querySelector('.board-top').getBoundingClientRect();
              const parts = ['h1 .zh', 'h1 .en', '.demo-mark', '.no-sound', '.legend'].flatMap(part => [...document.querySelectorAll(`.board-top ${part}`)].map(found => ({ part, box: found.getBoundingClientRect() }))).filter(({ box }) => box.width);
              const english = document.querySelector('.board-top h1 .en'), lines = Math.round(english.getBoundingClientRect().height / parseFloat(getComputedStyle(english).lineHeight));
              const over = parts.flatMap((a, i) => parts.slice(i + 1).filter(b => a.box.left < b.box.right - 1 && b.box.left < a.box.right - 1 && a.box.top < b.box.bottom - 1 && b.box.top < a.box.bottom - 1).map(b => `${a.part} and ${b.part} overlap`));
              return [...over, ...(lines > 2 ? [`the English name takes ${lines} lines`] : []), ...parts.filter(({ box }) => box.top < top.top - 1 || box.bottom > top.bottom + 1).map(({ part }) => `${part} sticks out`)];
            }
            """);
        await visitor.ScreenshotAsync($"board-silent-{sample}-{width}{(demo ? "-demo" : "")}");
        Assert.True(wrong.Length == 0, string.Join("\n", wrong));
        await AssertWordsFitAsync(visitor);
    }

    private static async Task AssertWordsFitAsync(Visitor visitor)
    {
        var tall = await visitor.Page.EvaluateAsync<string[]>("""
            () => [...document.querySelectorAll('#windows > .board-tile .word')].map(word => [word.textContent, word.getBoundingClientRect().height, word.closest('.board-tile').getBoundingClientRect().height])
              .filter(([, word, tile]) => word > tile).slice(0, 3).map(([text, word, tile]) => `${text} is ${word.toFixed(0)} px high in a tile of ${tile.toFixed(0)}`)
            """);
        Assert.True(tall.Length == 0, string.Join("\n", tall));
    }

    private static async Task AssertCallsFitAsync(Visitor visitor)
    {
        var wrong = await visitor.Page.EvaluateAsync<string[]>("""
            () => [...document.querySelectorAll('#calls > .call, #windows > .board-tile.calling')].filter(row => row.getClientRects().length).flatMap(row => {
              const box = row.getBoundingClientRect(), name = row.textContent.trim().replace(/\s+/g, ' '), parts = row.matches('.call') ? ['.ticket', '.arrow', '.window'] : ['.number', '.ticket'];
              // Within its frame, where it has one; and what is written, not the boxes it stands in: a box may be cut to its row while its text is not.
              const style = getComputedStyle(row), frame = parseFloat(style.borderLeftWidth);
              const texts = parts.map(part => {
                const range = document.createRange();
                range.selectNodeContents(row.querySelector(part));
                const found = part === '.arrow' ? row.querySelector(part).getBoundingClientRect() : range.getBoundingClientRect();
                return { part, left: found.left, right: found.right };
              });
              const outside = texts.filter(t => t.left < box.left + frame || t.right > box.right - frame).map(t => `${name}: ${t.part} from ${t.left.toFixed(0)} to ${t.right.toFixed(0)} in ${(box.left + frame).toFixed(0)} to ${(box.right - frame).toFixed(0)}`);
              // Two numbers side by side are read as one unless there is some room between them.
              const room = parseFloat(style.fontSize) / 10;
              const over = texts.slice(1).filter((t, i) => t.left < texts[i].right + room).map((t, i) => `${name}: ${t.part} begins at ${t.left.toFixed(0)}, what is left of it ends at ${texts[i].right.toFixed(0)}`);
              return [...outside, ...over];
            })
            """);
        Assert.True(wrong.Length == 0, string.Join("\n", wrong));
    }

    [Fact]
    public async Task BoardOfAZone_ShowsItsWindowsAndCallsOnly()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await using var visitor = await browser.VisitAsync(host, 1920, 1080, await host.DeviceAsync("board", hall, zone: "c"));
        await visitor.OpenLiveAsync($"/board/{hall}/c");
        await Assertions.Expect(visitor.Page.Locator("h1")).ToContainTextAsync("C区 社会民生");
        await Assertions.Expect(visitor.Page.Locator("#windows > .board-tile")).ToHaveCountAsync(10);
        await OpenAsync(host, hall, "19", 19);
        await OpenAsync(host, hall, "1", 1);
        var elsewhere = await IssueForAsync(host, hall, "1");
        var here = await IssueForAsync(host, hall, "19");
        await host.WindowAsync(hall, "1", "call-next");
        await host.WindowAsync(hall, "19", "call-next");
        await Assertions.Expect(visitor.Page.Locator("#calls > .call .ticket")).ToHaveTextAsync([here]);
        await Assertions.Expect(visitor.Page.Locator("[data-key='19'].calling .ticket")).ToHaveTextAsync(here);
        Assert.DoesNotContain(elsewhere, await visitor.Page.InnerTextAsync("body"), StringComparison.Ordinal);
        await visitor.AssertNoOverflowAsync(screen: true);
        await visitor.AssertAccessibleAsync();
        await visitor.ScreenshotAsync("board-zone");
    }

    [Fact]
    public async Task WindowScreen_ShowsThePhotographOfWhoSitsThere_AndTheFamilyNameWhereThereIsNone()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync(change: document =>
        {
            document["staff"]!.AsArray().First(s => (string)s!["staff"]! == "w01")!["photo"] = "w01.png";
            document["staff"]!.AsArray().First(s => (string)s!["staff"]! == "w02")!["photo"] = "lost.png";
        });
        Directory.CreateDirectory(Path.Combine(host.Folder, "photos", hall.Value));
        // One blue pixel.
        await File.WriteAllBytesAsync(Path.Combine(host.Folder, "photos", hall.Value, "w01.png"), Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPj/HwADAgH/eL9GtQAAAABJRU5ErkJggg=="), TestContext.Current.CancellationToken);
        await using var visitor = await browser.VisitAsync(host, 1920, 1080);
        await OpenAsync(host, hall, "1", 1);
        await visitor.OpenLiveAsync($"/window/{hall}/1");
        var photo = visitor.Page.Locator("#photo");
        await Assertions.Expect(photo).ToBeVisibleAsync();
        Assert.Equal(1, await photo.EvaluateAsync<int>("photo => photo.naturalWidth"));
        await visitor.AssertNoOverflowAsync(screen: true);
        await visitor.AssertAccessibleAsync();

        await host.WindowAsync(hall, "1", "close");
        await Assertions.Expect(visitor.Page.Locator("#staff")).ToBeHiddenAsync();
        foreach (var (staff, why) in ((string, string)[])[("w02", "its file is not there"), ("w03", "there is none")])
        {
            await host.WindowAsync(hall, "1", "open", new { staff });
            await Assertions.Expect(visitor.Page.Locator("[data-slot=staffNumber] .zh")).ToContainTextAsync("0" + staff[1..]);
            await Assertions.Expect(photo).ToBeHiddenAsync();
            Assert.True(await visitor.Page.Locator(".monogram").IsVisibleAsync(), $"No family name is shown for a photograph of which {why}.");
            await host.WindowAsync(hall, "1", "close");
        }
        // With the page itself, before any script.
        await host.WindowAsync(hall, "1", "open", new { staff = "w01" });
        await visitor.Page.ReloadAsync();
        await Assertions.Expect(photo).ToHaveAttributeAsync("src", $"/photos/{hall}/w01.png");
        visitor.AssertOnlyOwnOrigin();
    }

    [Fact]
    public async Task Board_ShowsTheHallBeforeItsScriptRuns()
    {
        await using var host = await PageHost.StartAsync();
        var hall = await BusyHallAsync(host);
        await using var visitor = await browser.VisitAsync(host, 1920, 1080);
        await visitor.Page.RouteAsync("**/*.js", route => route.AbortAsync());
        Assert.Equal(200, await visitor.OpenAsync($"/board/{hall}"));
        Assert.Equal(40, await visitor.Page.Locator("#windows > .board-tile").CountAsync());
        await Assertions.Expect(visitor.Page.Locator("[data-key='1'] .ticket")).Not.ToBeEmptyAsync();
        await visitor.AssertNoOverflowAsync(screen: true);
    }

    [Theory]
    [InlineData(1920, 1080)]
    [InlineData(1080, 1920)]
    public async Task WindowScreen_InEveryState_SaysItInBothLanguages_AndFits(int width, int height)
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await using var visitor = await browser.VisitAsync(host, width, height);
        await visitor.OpenLiveAsync($"/window/{hall}/1");
        await Assertions.Expect(visitor.Page.Locator(".window-label .en")).ToHaveTextAsync("Window 1");
        await CheckAsync("closed", "本窗口未开放", "This window is not open");
        await OpenAsync(host, hall, "1", 1);
        await CheckAsync("idle", "请等候叫号", "Please wait to be called");
        var number = await IssueForAsync(host, hall, "1");
        await host.WindowAsync(hall, "1", "call-next");
        await CheckAsync("calling", "请到本窗口", "Please come to this window");
        await Assertions.Expect(visitor.Page.Locator(".window-ticket")).ToHaveTextAsync(number);
        await Assertions.Expect(visitor.Page.Locator(".staff-name .zh")).ToHaveTextAsync("窗口人员01");
        await host.WindowAsync(hall, "1", "start");
        await CheckAsync("serving", "正在办理", "Being served");
        await host.WindowAsync(hall, "1", "finish");
        await host.WindowAsync(hall, "1", "pause", new { reason = "break" });
        await CheckAsync("paused", "本窗口暂停服务", "This window is paused");
        visitor.AssertOnlyOwnOrigin();

        async Task CheckAsync(string state, string zh, string en)
        {
            await visitor.Page.WaitForSelectorAsync($"#now.{state}");
            await Assertions.Expect(visitor.Page.Locator("#now [data-slot=words] .zh")).ToHaveTextAsync(zh);
            await Assertions.Expect(visitor.Page.Locator("#now [data-slot=words] .en")).ToHaveTextAsync(en);
            await visitor.AssertNoOverflowAsync(screen: true);
            await visitor.AssertAccessibleAsync();
            await visitor.ScreenshotAsync($"window-{state}-{width}x{height}");
        }
    }

    [Theory]
    [InlineData("/board/no-such-hall", "没有这个大厅")]
    [InlineData("/board/{hall}/no-such-zone", "没有这个区域")]
    [InlineData("/window/{hall}/999", "没有这个窗口")]
    public async Task Screen_OfWhatDoesNotExist_SaysSoInBothLanguages(string path, string words)
    {
        await using var host = await PageHost.StartAsync();
        var hall = await host.OpenHallAsync();
        await using var visitor = await browser.VisitAsync(host);
        Assert.Equal(404, await visitor.OpenAsync(path.Replace("{hall}", hall.Value, StringComparison.Ordinal)));
        await Assertions.Expect(visitor.Page.Locator("main h1")).ToHaveTextAsync(words);
        await Assertions.Expect(visitor.Page.Locator("main [lang=en]")).ToContainTextAsync("There is no such");
    }

    /// <summary>Forty windows: some call, some serve, one is paused, most are closed; people wait, somebody was missed.</summary>
    private static async Task<HallId> BusyHallAsync(PageHost host, string? name = null)
    {
        var hall = await host.OpenHallAsync(change: document =>
        {
            if (name is not null) document["name"] = new JsonObject { ["zh"] = name, ["en"] = (string)document["name"]!["en"]! };
            var windows = (JsonArray)document["windows"]!;
            for (var i = windows.Count + 1; i <= 40; i++)
            {
                var copy = (JsonObject)windows[0]!.DeepClone();
                copy["window"] = i.ToString(System.Globalization.CultureInfo.InvariantCulture);
                windows.Add(copy);
            }
            document["calling"] = new JsonObject { ["minCalls"] = 1, ["minGapSeconds"] = 0 };
        });
        for (var i = 1; i <= 8; i++) await OpenAsync(host, hall, i.ToString(System.Globalization.CultureInfo.InvariantCulture), i);
        foreach (var window in new[] { "1", "2", "3", "5", "6", "7" })
        {
            for (var i = 0; i < 2; i++) await IssueForAsync(host, hall, window);
            await host.WindowAsync(hall, window, "call-next");
        }
        await host.WindowAsync(hall, "2", "start");
        await host.WindowAsync(hall, "7", "no-show");
        await host.WindowAsync(hall, "4", "pause", new { reason = "meal", until = DateTimeOffset.UtcNow.AddHours(1) });
        return hall;
    }

    private static Task OpenAsync(PageHost host, HallId hall, string window, int staff) => host.WindowAsync(hall, window, "open", new { staff = $"w{staff:00}" });

    /// <summary>A number of some service that the window's first line has.</summary>
    internal static async Task<string> IssueForAsync(PageHost host, HallId hall, string window)
    {
        var document = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "samples", "halls", host.SampleOf(hall) + ".json"), TestContext.Current.CancellationToken))!;
        var line = (string)document["windows"]!.AsArray().First(w => (string)w!["window"]! == window)!["profile"]![0]!["line"]!;
        var service = (string)document["services"]!.AsArray().First(s => (string)s!["line"]! == line && (string?)s["kind"] != "joint" && (string?)s["identity"] != "required")!["service"]!;
        return (await host.IssueAsync(hall, service)).GetProperty("number").GetString()!;
    }

    /// <summary>What is read across the hall has glyphs of 2.8 mm a metre, Han × 1.5. English and the legend are for those nearer by.</summary>
    private static async Task AssertReadableAsync(Visitor visitor)
    {
        var small = await visitor.Page.EvaluateAsync<string[]>("""
            ([mm, metres]) => {
              const context = document.createElement('canvas').getContext('2d'), small = [];
              const walker = document.createTreeWalker(document.querySelector('.board'), NodeFilter.SHOW_TEXT);
              for (let node; (node = walker.nextNode());) {
                const text = node.data.trim(), element = node.parentElement;
                if (!text || !element.getClientRects().length || element.closest('.en, .unseen, [data-near], template, .feed-banner, noscript, .demo-mark')) continue;
                const style = getComputedStyle(element);
                context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
                const han = /\p{Script=Han}/u.test(text);
                const box = context.measureText(han ? '国' : '0');
                const height = (box.actualBoundingBoxAscent + box.actualBoundingBoxDescent) * mm, needed = 2.8 * metres * (han ? 1.5 : 1);
                if (height < needed) small.push(`"${text}" is ${height.toFixed(1)} mm high, not ${needed}`);
              }
              return small.slice(0, 5);
            }
            """, new[] { Millimetres, Metres });
        Assert.True(small.Length == 0, string.Join("\n", small));
    }
}
