using HallOps.Core.Halls;

namespace HallOps.Silo;

/// <summary>A command on its way to a hall.</summary>
/// <param name="Actor">Who: the account, device or <c>anonymous</c>; stands in the journal. Never a personal datum.</param>
/// <param name="CommandId">16 bytes of SHA-256 over caller, hall, method, path and Idempotency-Key; 0 without a key.</param>
/// <param name="BodyHash">16 bytes of SHA-256 of the request's body; not read without a key.</param>
public readonly record struct HallRequest(HallCommand Command, string Actor, UInt128 CommandId = default, UInt128 BodyHash = default)
{
    /// <summary>The same with the number that the hall has, or is to have.</summary>
    /// <exception cref="ArgumentException">The document is another hall's.</exception>
    internal HallRequest Numbered(HallId hall, uint number)
    {
        if (Command is not ConfigureHall configure) return this;
        if (configure.Document.Settings.Hall != hall) throw new ArgumentException($"The document of {configure.Document.Settings.Hall} was sent to {hall}.");
        return this with { Command = configure with { Number = number } };
    }
}

public enum AnswerStatus
{
    /// <summary>Decided and durable. <see cref="HallAnswer.Reply"/> may be null where nothing changed (nobody waits).</summary>
    Done,
    /// <summary>Refused by the rules; <see cref="HallAnswer.Refusal"/> says why.</summary>
    Refused,
    /// <summary>The key was used with another body.</summary>
    KeyReused,
    UnknownHall,
    /// <summary>Not stored, for sure. Retry with the same key.</summary>
    NotRecorded,
    /// <summary>Perhaps stored. Retry with the same key.</summary>
    OutcomeUnknown,
    /// <summary>The hall's mailbox is full.</summary>
    HallBusy,
    /// <summary>The store is gone or full.</summary>
    JournalUnavailable,
    /// <summary>The hall's history is damaged: it stands still until somebody looks.</summary>
    Quarantined,
    /// <summary>Another process owns the store.</summary>
    NotOwner,
}

/// <summary>An answer, released only when the sequence it names is durable.</summary>
/// <param name="Sequence">The hall's sequence it was decided on.</param>
/// <param name="Repeated">Answered before under the same key.</param>
/// <param name="Zone">The hall's time zone; null where the hall did not answer.</param>
public sealed record HallAnswer(AnswerStatus Status, HallReply? Reply, Refusal? Refusal, long Sequence, bool Repeated, TimeZoneInfo? Zone)
{
    public static HallAnswer Failed(AnswerStatus status) => new(status, null, null, 0, false, null);
}

/// <summary>A question to a hall's confirmed picture: a closed set of records, so that an engine may send them elsewhere.</summary>
public abstract record HallQuery
{
    /// <summary>The answer of whichever type the question has.</summary>
    internal abstract object? ReadAny(HallState state, Instant now);
}

/// <typeparam name="T">The answer; null where the thing asked for does not exist.</typeparam>
public abstract record HallQuery<T> : HallQuery
{
    internal sealed override object? ReadAny(HallState state, Instant now) => Read(state, now);

    /// <param name="state">The confirmed state; never kept beyond the call.</param>
    /// <param name="now">The hall's clock.</param>
    internal abstract T Read(HallState state, Instant now);
}

/// <summary>Where a screen's picture comes from.</summary>
public enum TopicKind { Hall, Zone, Window, Ticket, Floor }

/// <summary>What can be watched. Written <c>hall/{hall}</c>, <c>zone/{hall}/{zone}</c>, <c>window/{hall}/{window}</c>, <c>ticket/{id}</c>, <c>floor/{hall}</c>.</summary>
public sealed record Topic(TopicKind Kind, HallId Hall, string? Part = null, TicketId Ticket = default)
{
    public override string ToString() => Kind switch
    {
        TopicKind.Hall => $"hall/{Hall}",
        TopicKind.Zone => $"zone/{Hall}/{Part}",
        TopicKind.Window => $"window/{Hall}/{Part}",
        TopicKind.Ticket => $"ticket/{Ticket}",
        _ => $"floor/{Hall}",
    };
}

/// <summary>A value of a picture, serialised at most once however many screens get it. Null is a key that is gone.</summary>
public sealed class FeedValue(object? value)
{
    private byte[]? _json;

    public object? Value { get; } = value;

    /// <summary>UTF-8 JSON by <see cref="Feeds.FeedJson"/>. Safe from any thread.</summary>
    public ReadOnlyMemory<byte> Json => _json ??= Feeds.FeedJson.Utf8(Value);
}

/// <summary>What a hall sends to those who watch it.</summary>
public abstract record FeedMessage;

/// <summary>The whole picture of a topic.</summary>
/// <param name="State">
/// Top-level members by name; of hall, zone and floor the members <c>lines</c> and <c>windows</c> are lists. The member <c>rating</c> of a window is a
/// <see cref="RateableView"/> that only its pad may see, as a nonce.
/// </param>
public sealed record FeedSnapshot(Topic Topic, long Sequence, IReadOnlyDictionary<string, FeedValue> State) : FeedMessage;

/// <summary>Whole new values by key: <c>lines/{line}</c>, <c>windows/{window}</c> or the name of a top-level member. From = To carries derived values only.</summary>
public sealed record FeedChange(Topic Topic, long From, long To, IReadOnlyDictionary<string, FeedValue> Changes) : FeedMessage;

/// <param name="Id">The sequence of the call or recall.</param>
public sealed record FeedAnnouncement(HallId Hall, string? Zone, long Id, string Ticket, string Window, int Times, DateTimeOffset ExpiresAt) : FeedMessage;

/// <summary>Made by the hall's host every 5 s of real time; only forwarded.</summary>
public sealed record FeedHeartbeat(Topic Topic, long Sequence) : FeedMessage;

/// <summary>Takes what a hall sends. Called on the hall's turn: must return at once and never throw; a slow reader merges or drops by itself.</summary>
public interface IFeedSink
{
    /// <param name="messages">In their order; what came about together comes together, so that a screen is woken once for a call and the board it changed.</param>
    void Post(params ReadOnlySpan<FeedMessage> messages);
}

/// <summary>What a hall's list entry needs, kept beside the engine without waking the hall.</summary>
public readonly record struct HallRef(uint Number, HallId Hall);

/// <summary>The engine, as everything outside knows it.</summary>
public interface IHalls
{
    /// <summary>Sends a command; answers when the outcome is durable. Never throws for what the status can say.</summary>
    ValueTask<HallAnswer> SendAsync(HallId hall, HallRequest request, CancellationToken cancel = default);

    /// <summary>Reads the confirmed picture; default of T for an unknown hall.</summary>
    /// <exception cref="HallUnavailableException">The hall cannot be read now.</exception>
    ValueTask<T?> ReadAsync<T>(HallId hall, HallQuery<T> query, CancellationToken cancel = default);

    /// <summary>
    /// Watches a topic: a <see cref="FeedSnapshot"/> first, then changes, announcements (those neither expired nor of a closed call are sent after the snapshot) and heartbeats, until disposed.
    /// Null for a hall, zone, window or ticket that does not exist. After a reload of the hall the sink gets a new snapshot.
    /// </summary>
    ValueTask<IDisposable?> WatchAsync(Topic topic, IFeedSink sink, CancellationToken cancel = default);

    /// <summary>The halls there are, by number. Cheap; wakes nobody.</summary>
    IReadOnlyCollection<HallRef> Halls { get; }

    HallRef? Find(HallId hall);

    HallRef? Find(uint number);

    /// <summary>What is wrong now, a sentence each: quarantined halls, a journal that cannot write. Empty when halls can record.</summary>
    IReadOnlyList<string> Problems { get; }
}

/// <summary>A hall could not be read: quarantined, or its store does not answer.</summary>
public sealed class HallUnavailableException : Exception
{
    public HallUnavailableException() { }
    public HallUnavailableException(string message) : base(message) { }
    public HallUnavailableException(string message, Exception inner) : base(message, inner) { }
    public AnswerStatus Status { get; init; } = AnswerStatus.Quarantined;

    internal static HallUnavailableException Stopped(HallId hall) => new($"Hall {hall} cannot be read any more: the engine stops.") { Status = AnswerStatus.NotRecorded };
}
