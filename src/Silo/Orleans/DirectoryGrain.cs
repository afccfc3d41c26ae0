using System.Security.Cryptography;
using HallOps.Core.Halls;

namespace HallOps.Silo.Orleans;

/// <summary>Which halls there are, for nodes without a journal, and the numbers of new ones. What it says it has from the journal; nothing of its own is kept.</summary>
internal sealed class DirectoryGrain(SiloHalls silo) : Grain, IDirectoryGrain
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ReportHolds = TimeSpan.FromSeconds(15);

    private readonly Dictionary<string, uint> _begun = [];

    /// <summary>Numbers given to halls that have no record yet.</summary>
    private readonly Dictionary<string, uint> _given = [];

    private readonly Dictionary<string, (string[] Problems, long At)> _reports = [];

    // Of this activation alone: what a node has from another one is another version.
    private long _version = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8));
    private long _looked;

    public override Task OnActivateAsync(CancellationToken cancellationToken) => LookAsync();

    public async ValueTask<uint> NumberOfAsync(string hall)
    {
        if (_begun.TryGetValue(hall, out var known)) return known;
        // Another directory may have been there meanwhile, on the other side of a broken network: what has its first record counts.
        await LookAsync();
        if (_begun.TryGetValue(hall, out known)) return known;
        if (_given.TryGetValue(hall, out var given) && !_begun.ContainsValue(given)) return given;
        return _given[hall] = _begun.Values.Concat(_given.Values).DefaultIfEmpty().Max() + 1;
    }

    public ValueTask BegunAsync(uint number, string hall)
    {
        _given.Remove(hall);
        if (_begun.TryAdd(hall, number)) _version++;
        return default;
    }

    public ValueTask ReportAsync(string silo, string[] problems)
    {
        if (problems.Length == 0) _reports.Remove(silo);
        else _reports[silo] = (problems, TimeProvider.System.GetTimestamp());
        return default;
    }

    public async ValueTask<DirectoryPage> ReadAsync(long version, bool fresh)
    {
        if (fresh && TimeProvider.System.GetElapsedTime(_looked) > LookAgain) await LookAsync();
        var problems = _reports.Values.Where(r => TimeProvider.System.GetElapsedTime(r.At) < ReportHolds).SelectMany(r => r.Problems).Distinct().ToArray();
        return new(_version, version == _version ? null : [.. _begun.OrderBy(h => h.Value).Select(h => new HallRef(h.Value, new HallId(h.Key)))], problems);
    }

    private async Task LookAsync()
    {
        var halls = await silo.Runner.Journal.HallsAsync();
        _looked = TimeProvider.System.GetTimestamp();
        foreach (var hall in halls) await BegunAsync(hall.Number, hall.Hall.Value);
    }
}
