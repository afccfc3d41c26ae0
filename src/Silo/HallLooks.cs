using HallOps.Core.Halls;

namespace HallOps.Silo;

/// <summary>A read on its way to the hall's turn, again once the hall is loaded and up to date.</summary>
internal sealed class Look<T>(HallQuery<T> query, TaskCompletionSource<T?> answer)
{
    public void Do(ResidentHall hall)
    {
        hall.Used();
        if (!hall.WhenCurrent(Do, why => answer.TrySetException(new HallUnavailableException($"Hall {hall.Actor.Hall} cannot be read now.") { Status = why }))) return;
        try
        {
            answer.TrySetResult(hall.Actor.Read(query, hall.Now));
        }
        catch (Exception broken)
        {
            answer.TrySetException(broken);
        }
    }
}

/// <summary>A snapshot that the journal asks for.</summary>
internal sealed class Snapshotting
{
    public void Do(ResidentHall hall)
    {
        if (hall.WhenCurrent(Do, static _ => { })) hall.WriteSnapshot(again: true);
    }
}

/// <summary>Somebody who begins to watch.</summary>
/// <param name="watched">False: there is no such hall or part of it.</param>
internal sealed class Watching(Topic topic, IFeedSink sink, TaskCompletionSource<bool> watched)
{
    private volatile bool _abandoned;

    public void Abandon() => _abandoned = true;

    public void Do(ResidentHall hall)
    {
        if (_abandoned) return;
        hall.Used();
        if (!hall.WhenCurrent(Do, why => watched.TrySetException(new HallUnavailableException($"Hall {hall.Actor.Hall} cannot be watched now.") { Status = why }))) return;
        try
        {
            watched.TrySetResult(hall.Actor.Confirmed.Exists && hall.Actor.Feed.Watch(topic, sink, hall.Actor.Confirmed, hall.Now));
        }
        catch (Exception broken)
        {
            hall.Actor.Feed.Unwatch(topic, sink);
            watched.TrySetException(broken);
        }
    }
}
