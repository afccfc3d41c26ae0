using System.Collections.Concurrent;
using HallOps.Core.Halls;

namespace HallOps.Silo.Orleans;

/// <summary>What a silo has beside its grains: one journal, one writer and one clock for all the halls that are run here.</summary>
internal sealed class SiloHalls : IAsyncDisposable
{
    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<HallId, uint> _numbers;
    private readonly CancellationTokenSource _stop = new();
    private Task _reporting = Task.CompletedTask;

    /// <param name="known">Halls that have a record already.</param>
    public SiloHalls(HallRunner runner, IEnumerable<HallRef> known)
    {
        Runner = runner;
        _numbers = new(known.Select(h => KeyValuePair.Create(h.Hall, h.Number)));
    }

    public HallRunner Runner { get; }

    /// <summary>Null where the directory has to be asked.</summary>
    public uint? NumberOf(HallId hall) => _numbers.TryGetValue(hall, out var number) ? number : null;

    /// <summary>From here on the directory hears of new halls, and of what is wrong here.</summary>
    public void Begin(IGrainFactory grains, string silo)
    {
        var directory = grains.GetGrain<IDirectoryGrain>(0);
        Runner.Begun = place =>
        {
            if (_numbers.TryAdd(place.Hall, place.Number)) directory.BegunAsync(place.Number, place.Hall.Value).AsTask().Ignore();
        };
        _reporting = ReportAsync(directory, silo);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reporting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Runner.DisposeAsync();
        _stop.Dispose();
    }

    private async Task ReportAsync(IDirectoryGrain directory, string silo)
    {
        using var timer = new PeriodicTimer(ReportEvery, TimeProvider.System);
        var told = false;
        while (await timer.WaitForNextTickAsync(_stop.Token))
        {
            var problems = Runner.Problems;
            if (told || problems.Count > 0) directory.ReportAsync(silo, [.. problems]).AsTask().Ignore();
            told = problems.Count > 0;
        }
    }
}
