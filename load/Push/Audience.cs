using System.Diagnostics;

namespace HallOps.Load.Push;

/// <summary>So many screens of one server that all hear the same calls, one call at a time.</summary>
internal sealed class Audience : IAsyncDisposable
{
    private static readonly TimeSpan HeardWithin = TimeSpan.FromSeconds(20);

    // As many handshakes at once as keep the server busy without piling up in its backlog.
    private const int AtOnce = 64;

    private readonly List<GlassScreen> _screens = [];
    private Round? _round;

    public IReadOnlyList<GlassScreen> Screens => _screens;

    public static async Task<Audience> GatherAsync(Uri server, int screens, string arguments)
    {
        var audience = new Audience();
        for (var there = 0; there < screens; there += AtOnce)
            audience._screens.AddRange(await Task.WhenAll(Enumerable.Range(0, Math.Min(AtOnce, screens - there)).Select(_ => GlassScreen.ConnectAsync(server, "WatchHall", arguments, null, audience.Heard))));
        return audience;
    }

    /// <summary>Milliseconds from before the call to each screen's hearing of it, in no order.</summary>
    public async Task<double[]> CallAsync(Func<Task> call)
    {
        var round = new Round(_screens.Count);
        Volatile.Write(ref _round, round);
        var began = Stopwatch.GetTimestamp();
        await call();
        try
        {
            await round.Done.WaitAsync(HeardWithin);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"A call was to be heard by {_screens.Count} screens within {HeardWithin.TotalSeconds} s and was by {round.Heard}.");
        }
        return [.. round.Times.Select(t => Stopwatch.GetElapsedTime(began, t).TotalMilliseconds)];
    }

    public long Received => _screens.Sum(s => s.Received);

    public async ValueTask DisposeAsync()
    {
        foreach (var screen in _screens) await screen.DisposeAsync();
    }

    // What was called before they came is told to them again and belongs to no round.
    private void Heard(long now) => Volatile.Read(ref _round)?.Add(now);

    private sealed class Round(int screens)
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _places;
        private int _heard;

        public long[] Times { get; } = new long[screens];
        public Task Done => _done.Task;
        public int Heard => Volatile.Read(ref _heard);

        public void Add(long now)
        {
            var place = Interlocked.Increment(ref _places) - 1;
            if (place >= Times.Length) return;
            Times[place] = now;
            if (Interlocked.Increment(ref _heard) == Times.Length) _done.TrySetResult();
        }
    }
}
