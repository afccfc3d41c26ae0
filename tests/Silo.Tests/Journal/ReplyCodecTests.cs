using HallOps.Core.Halls;
using HallOps.Silo.Journal;
using Xunit;

namespace HallOps.Silo.Tests.Journal;

/// <summary>A snapshot's answers are passed over when it is read and decoded only when asked for: both must end at the same byte, for every kind of reply.</summary>
public sealed class ReplyCodecTests
{
    private static readonly TicketReply Full = new(new TicketId(7, 300), "A300", new("general"), new("passport"), new("elderly"), TicketState.Finished, new Instant(1_700_000_000_000),
        new Instant(1_700_000_100_000), 3, CallReason.Help, 2, "A299", FinishOutcome.Done);

    private static readonly TicketReply Bare = Full with { State = TicketState.Waiting, CalledAt = null, Reason = null, FirstOvertaken = null, Outcome = null };

    private static readonly HallReply?[] Replies =
    [
        null,
        new IssuedReply(new TicketId(7, 300), "A300", new("general"), new("passport"), TicketState.Waiting, 200, new Estimate(60, 300, 900), new Instant(1_700_000_000_000)),
        new IssuedReply(new TicketId(7, 1), "A1", new("general"), new("passport"), TicketState.Issued, 0, null, new Instant(0)),
        Full,
        Bare,
        new NextReply(Full, Bare),
        new NextReply(null, Bare),
        new NextReply(Full, null),
        new NextReply(null, null),
        new WindowReply(new("w1"), WindowStatus.Paused, "clerk", new StaffId("li"), (PauseReason)0, new Instant(1_700_000_000_000), "A300"),
        new WindowReply(new("w1"), WindowStatus.Closed, null, null, null, null, null),
        new HolderReply(new TicketId(7, 300), "A300", TicketState.Cancelled),
        new RatingReply(new TicketId(7, 300), "A300", 1, (Grade)0),
        new ConfiguredReply(new("rudong-town"), 7, new TextHash(UInt128.MaxValue), true),
        new SuspensionReply(true, [], []),
        new SuspensionReply(false, [new("general"), new("other")], [new("passport")]),
    ];

    public static TheoryData<int> Kinds => [.. Enumerable.Range(0, Replies.Length)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void AReply_IsPassedOverAsFarAsItIsRead(int kind)
    {
        var to = new ByteWriter();
        ReplyCodec.Write(to, Replies[kind]);
        to.Raw([0xAA, 0xAA]);
        var read = new ByteReader(to.Written);
        var skipped = new ByteReader(to.Written);

        ReplyCodec.Read(ref read);
        ReplyCodec.Skip(ref skipped);

        Assert.Equal(to.Length - 2, read.Position);
        Assert.Equal(read.Position, skipped.Position);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void AnAnswerKeptAsBytes_GivesTheSameReplyAndIsWrittenAsItWas(int kind)
    {
        var (first, again, kept) = (new ByteWriter(), new ByteWriter(), new ByteWriter());
        ReplyCodec.Write(first, Replies[kind]);
        var answer = new Remembered(1, 2, new DateOnly(2026, 11, 23), first.ToArray().AsMemory());

        ReplyCodec.Write(again, answer.Reply);
        answer.WriteReply(kept);

        Assert.Equal(first.ToArray(), again.ToArray());
        Assert.Equal(first.ToArray(), kept.ToArray());
    }
}
