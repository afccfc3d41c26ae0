using System.Diagnostics;

namespace HallOps.Displays.Tests.Hosting;

public static class Arriving
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Waits until the page has gone where it was to go by itself, and is loaded. Playwright's own <c>WaitForURLAsync</c> compares the address and then listens for the next: one that it comes to in between, it misses.
    /// </summary>
    public static async Task ArriveAsync(this IPage page, Func<Uri, bool> where)
    {
        var began = Stopwatch.GetTimestamp();
        while (!(Uri.TryCreate(page.Url, UriKind.Absolute, out var at) && where(at)))
        {
            if (page.IsClosed) throw new PlaywrightException("The page was closed.");
            Assert.True(Stopwatch.GetElapsedTime(began) < Within, $"The page is still at {page.Url}.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
        await page.WaitForLoadStateAsync();
    }
}
