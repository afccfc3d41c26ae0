using HallOps.Displays.Tests.Hosting;

namespace HallOps.Displays.Tests.Feed;

/// <summary>The pure parts of feed.js, in the browser they are for.</summary>
public sealed class PictureTests(Browser browser)
{
    [Fact]
    public async Task Merge_ReplacesAddsAndRemovesByKey_AndLeavesTheRest()
    {
        var merged = await EvaluateAsync("""
            feed.merge({open: true, lines: [{line: 'a', waiting: 1}, {line: 'b', waiting: 2}], windows: [{window: '1'}], calls: [1]},
              {'lines/a': {line: 'a', waiting: 5}, 'lines/b': null, 'windows/3': {window: '3', state: 'idle'}, calls: [], open: false})
            """);
        Assert.Equal("""{"open":false,"lines":[{"line":"a","waiting":5}],"windows":[{"window":"1"},{"window":"3","state":"idle"}],"calls":[]}""", merged);
    }

    [Fact]
    public async Task Picture_AppliesWhatFollows_AsksAgainAtAGap_AndNeverGoesBack()
    {
        var seen = await EvaluateAsync("""
            (() => {
              const picture = new feed.Picture(), seen = [];
              seen.push(picture.change(1, 2, {open: false}));
              seen.push(picture.snapshot(5, {open: true}), picture.change(5, 7, {open: false}), picture.state.open, picture.sequence);
              seen.push(picture.change(7, 7, {missed: [1]}), picture.sequence);
              seen.push(picture.change(8, 9, {open: true}), picture.state.open);
              seen.push(picture.snapshot(6, {open: true}), picture.sequence);
              return seen;
            })()
            """);
        Assert.Equal("""["ignored",true,"applied",false,7,"applied",7,"gap",false,false,7]""", seen);
    }

    [Fact]
    public async Task RetryDelay_IsFullJitterUnderOneSecondDoublingToThirty() =>
        Assert.Equal("[0,1000,2000,4000,8000,16000,30000,30000,15000]", await EvaluateAsync("[feed.retryDelay(3, 0), ...[0, 1, 2, 3, 4, 5, 1000].map(n => feed.retryDelay(n, 1)), feed.retryDelay(9, .5)]"));

    [Fact]
    public async Task FeedState_IsOldAfterTenSeconds_AndStaleAfterSixty() =>
        Assert.Equal("""["live","live","old","old","stale"]""", await EvaluateAsync("[0, 10, 10.1, 60, 60.1].map(feed.feedState)"));

    private async Task<string> EvaluateAsync(string expression)
    {
        await using var host = await PageHost.StartAsync();
        await using var visitor = await browser.VisitAsync(host);
        await visitor.OpenAsync("/design");
        return await visitor.Page.EvaluateAsync<string>($"async () => {{ const feed = await import('/js/feed.js'); return JSON.stringify({expression.Trim()}); }}");
    }
}
