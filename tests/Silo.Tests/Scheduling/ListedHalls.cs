using System.Collections.Concurrent;
using HallOps.Core.Halls;

namespace HallOps.Silo.Tests.Scheduling;

/// <summary>Halls that only know when they are due: a poke records that it came and moves to the next moment.</summary>
internal sealed class ListedHalls(HallClock clock) : IHalls
{
    /// <summary>Of each hall, its moments to come, in order.</summary>
    public ConcurrentDictionary<HallId, ConcurrentQueue<Instant>> Due { get; } = [];

    public ConcurrentQueue<(HallId Hall, Instant At)> Poked { get; } = [];

    /// <summary>What a poke is answered; null: never.</summary>
    public Func<HallId, AnswerStatus?> Answers { get; set; } = static _ => AnswerStatus.Done;

    public async ValueTask<HallAnswer> SendAsync(HallId hall, HallRequest request, CancellationToken cancel = default)
    {
        Assert.IsType<Poke>(request.Command);
        Poked.Enqueue((hall, clock.Now));
        if (Answers(hall) is not { } status) await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
        else if (status != AnswerStatus.Done) return HallAnswer.Failed(status);
        while (Due[hall].TryPeek(out var due) && due <= clock.Now) Due[hall].TryDequeue(out _);
        return new HallAnswer(AnswerStatus.Done, null, null, 1, false, null);
    }

    public ValueTask<T?> ReadAsync<T>(HallId hall, HallQuery<T> query, CancellationToken cancel = default)
    {
        Assert.IsType<ReadNextAt>(query);
        return new((T?)(object?)(Due[hall].TryPeek(out var next) ? next : (Instant?)null));
    }

    public ValueTask<IDisposable?> WatchAsync(Topic topic, IFeedSink sink, CancellationToken cancel = default) => throw new NotSupportedException();
    public IReadOnlyCollection<HallRef> Halls => throw new NotSupportedException();
    public HallRef? Find(HallId hall) => throw new NotSupportedException();
    public HallRef? Find(uint number) => throw new NotSupportedException();
    public IReadOnlyList<string> Problems => [];
}
