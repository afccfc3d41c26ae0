using System.Collections.Concurrent;
using HallOps.Core.Halls;
using HallOps.Silo.Journal;
using Microsoft.Extensions.Logging;

namespace HallOps.Silo.Embedded;

/// <summary>The in-process engine: a mailbox a hall on the thread pool, all halls run by one <see cref="HallRunner"/>.</summary>
public sealed class EmbeddedHalls : IEngine
{
    private readonly ConcurrentDictionary<HallId, HallPlace> _byId = new();
    private readonly ConcurrentDictionary<uint, HallPlace> _byNumber = new();
    private readonly Lock _directory = new();
    private readonly HallRunner _runner;

    private EmbeddedHalls(HallRunner runner, IReadOnlyList<HallEntry> halls)
    {
        _runner = runner;
        foreach (var hall in halls) Enter(new HallPlace(hall.Number, hall.Hall) { Exists = true });
    }

    internal HallRunner Runner => _runner;

    public Task Fatal => _runner.Fatal;

    /// <summary>Reads which halls there are and begins to run them; each loads when first asked.</summary>
    /// <param name="told">Told every durable event: the projections.</param>
    public static async Task<EmbeddedHalls> OpenAsync(IJournal journal, HallClock clock, EngineOptions options, ILogger log, IConfirmedEvents? told = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(journal);
        var halls = await journal.HallsAsync(cancel);
        return new(new HallRunner(journal, clock, options, log, told), halls);
    }

    public IReadOnlyCollection<HallRef> Halls => [.. _byId.Values.Where(e => e.Exists).OrderBy(e => e.Number).Select(e => e.Ref)];

    public HallRef? Find(HallId hall) => _byId.TryGetValue(hall, out var place) && place.Exists ? place.Ref : null;

    public HallRef? Find(uint number) => _byNumber.TryGetValue(number, out var place) && place.Exists ? place.Ref : null;

    public IReadOnlyList<string> Problems => _runner.Problems;

    /// <summary>Halls in memory.</summary>
    public int Resident => _runner.Resident;

    public ValueTask<HallAnswer> SendAsync(HallId hall, HallRequest request, CancellationToken cancel = default)
    {
        if (!_byId.TryGetValue(hall, out var place) || !place.Exists)
        {
            if (request.Command is not ConfigureHall) return new(HallAnswer.Failed(AnswerStatus.UnknownHall));
            place ??= Enter(hall);
        }
        return _runner.SendAsync(place, request.Numbered(hall, place.Number));
    }

    public async ValueTask<T?> ReadAsync<T>(HallId hall, HallQuery<T> query, CancellationToken cancel = default) =>
        _byId.TryGetValue(hall, out var place) && place.Exists ? await _runner.ReadAsync(place, query).WaitAsync(cancel) : default;

    public async ValueTask<IDisposable?> WatchAsync(Topic topic, IFeedSink sink, CancellationToken cancel = default)
    {
        if (!_byId.TryGetValue(topic.Hall, out var place) || !place.Exists) return null;
        var watched = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var watching = new Watching(topic, sink, watched);
        if (!_runner.TryDo(place, watching.Do)) throw HallUnavailableException.Stopped(place.Hall);
        try
        {
            return await watched.Task.WaitAsync(cancel) ? new Watch(_runner, place, topic, sink) : null;
        }
        catch (OperationCanceledException)
        {
            // Nobody will end a watch that nobody was given.
            watching.Abandon();
            _runner.TryDo(place, hall => hall.Actor.Feed.Unwatch(topic, sink));
            throw;
        }
    }

    public Task<int> SnapshotEndedDaysAsync(CancellationToken cancel) => _runner.SnapshotEndedDaysAsync(cancel);

    /// <summary>Stops taking commands, writes what is decided and a snapshot of every resident hall, and stops.</summary>
    public ValueTask DisposeAsync() => _runner.DisposeAsync();

    private HallPlace Enter(HallId hall)
    {
        lock (_directory)
        {
            if (_byId.TryGetValue(hall, out var known)) return known;
            return Enter(new HallPlace(_byNumber.IsEmpty ? 1 : _byNumber.Keys.Max() + 1, hall));
        }
    }

    private HallPlace Enter(HallPlace place)
    {
        _runner.Add(place);
        _byNumber[place.Number] = place;
        _byId[place.Hall] = place;
        return place;
    }

    private sealed class Watch(HallRunner runner, HallPlace place, Topic topic, IFeedSink sink) : IDisposable
    {
        private int _ended;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _ended, 1) == 0 && place.Resident is not null) runner.TryDo(place, hall => hall.Actor.Feed.Unwatch(topic, sink));
        }
    }
}
