using HallOps.Core.Halls;
using Orleans.Concurrency;

namespace HallOps.Silo.Orleans;

/// <summary>One hall of the cluster, by its id.</summary>
internal interface IHallGrain : IGrainWithStringKey
{
    /// <summary>Answers when the outcome is durable. <see cref="AnswerStatus.NotOwner"/>: for sure not stored, and to be sent again: the hall has moved.</summary>
    ValueTask<HallAnswer> SendAsync([Immutable] HallRequest request);

    ValueTask<HallResult> ReadAsync([Immutable] HallQuery query);

    /// <summary>Begins to post a topic to a node, or, where that is done already, only tells what it looks like now.</summary>
    /// <param name="lease">The node's, drawn by chance; ends when it is not renewed within <see cref="FeedLease.EndsAfter"/>.</param>
    ValueTask<FeedOpening> OpenAsync([Immutable] Topic topic, IFeedObserver node, long lease);

    /// <returns>One a lease: the last number posted under it; -1 where it has ended.</returns>
    ValueTask<long[]> RenewAsync(long[] leases);

    [OneWay]
    ValueTask CloseAsync(long lease);
}

/// <summary>The address of a window, <c>{hall}/{window}</c>, for whoever has nothing else.</summary>
internal interface IWindowGrain : IGrainWithStringKey
{
    ValueTask<HallAnswer> SendAsync([Immutable] HallRequest request);

    /// <summary>The window's entry of the board; null: there is no such window.</summary>
    ValueTask<WindowBoard?> ReadAsync();

    /// <summary>A device at the window has been seen.</summary>
    Task SeenAsync([Immutable] DevicePresence device);

    /// <summary>Those seen last at the window, by id.</summary>
    ValueTask<DevicePresence[]> PresentAsync();
}

/// <summary>The address of a ticket, <see cref="TicketId"/>.</summary>
internal interface ITicketGrain : IGrainWithStringKey
{
    ValueTask<HallAnswer> SendAsync([Immutable] HallRequest request);

    /// <summary>As its hall shows it, and once the hall's day is over as its visit's record does; null: there never was one.</summary>
    ValueTask<HallResult> ReadAsync();
}

/// <summary>The halls of the cluster: one, key 0. It gives new halls their numbers.</summary>
internal interface IDirectoryGrain : IGrainWithIntegerKey
{
    ValueTask<uint> NumberOfAsync(string hall);

    [OneWay]
    ValueTask BegunAsync(uint number, string hall);

    /// <summary>What is wrong at a silo now.</summary>
    [OneWay]
    ValueTask ReportAsync(string silo, string[] problems);

    /// <param name="fresh">Somebody asks for a hall that is not known: the journal is looked at again, once a second at most.</param>
    ValueTask<DirectoryPage> ReadAsync(long version, bool fresh);
}

/// <summary>A node that watches.</summary>
internal interface IFeedObserver : IGrainObserver
{
    [OneWay]
    ValueTask PostAsync([Immutable] FeedBatch batch);
}
