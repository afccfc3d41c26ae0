using HallOps.Core.Halls;

namespace HallOps.Silo.Orleans;

// What goes between nodes beside the engine's own records; never changed once made.

/// <param name="Status"><see cref="AnswerStatus.Done"/>, or why the hall could not be read.</param>
internal sealed record HallResult(AnswerStatus Status, object? Value);

/// <summary>What a topic looks like.</summary>
/// <param name="Status"><see cref="AnswerStatus.Done"/>, <see cref="AnswerStatus.UnknownHall"/> for a part that does not exist, or why it cannot be watched.</param>
/// <param name="Number">Batches up to this one are in the picture already.</param>
internal sealed record FeedOpening(AnswerStatus Status, long Number, FeedMessage[] Messages);

/// <param name="Number">From 1 on, without a hole.</param>
/// <param name="Messages">Empty: the lease has ended, and is to be opened anew.</param>
internal sealed record FeedBatch(long Lease, long Number, FeedMessage[] Messages);

/// <param name="Halls">Null: as before.</param>
internal sealed record DirectoryPage(long Version, IReadOnlyList<HallRef>? Halls, IReadOnlyList<string> Problems);
