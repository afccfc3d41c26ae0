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
        new NoticeReply(300, new Instant(1_700_000_000_000)),
        new AppointmentReply("K7QM2XWP", new("passport"), new Instant(1_700_000_000_000), new Instant(1_699_998_200_000), new Instant(1_700_000_900_000), AppointmentState.Booked),
        new AppointmentReply("K7QM2XWP", new("passport"), new Instant(1_700_000_000_000), null, null, AppointmentState.Cancelled),
        new CheckedInReply(new IssuedReply(new TicketId(7, 300), "A300", new("general"), new("passport"), TicketState.Waiting, 200, new Estimate(60, 300, 900), new Instant(1_700_000_000_000)), "K7QM2XWP", new Instant(1_700_000_900_000), false),
        new CheckedInReply(new IssuedReply(new TicketId(7, 1), "A1", new("general"), new("passport"), TicketState.Issued, 0, null, new Instant(0)), "K7QM2XWP", new Instant(0), true),
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
        var answers = new Answers();
        answers.Add(7, new Remembered(1, 2, Monday, Replies[kind]));
        answers.Add(8, new Remembered(3, 4, Monday.AddDays(1), null));

        var stored = Stored(answers, count: 2);

        Assert.True(stored.TryGet(7, out var known));
        Assert.Equal(((UInt128)1, 2L, Monday), (known.BodyHash, known.Sequence, known.Day));
        Assert.Equal(Written(Replies[kind]), Written(known.Reply));
        Assert.True(stored.TryGet(8, out var empty));
        Assert.Null(empty.Reply);
        Assert.False(stored.TryGet(9, out _));
        Assert.Equal(Written(answers), Written(stored));
    }

    [Fact]
    public void Answers_OfADayForgotten_AreGoneWhetherStoredOrNot()
    {
        var answers = new Answers();
        for (var i = 1; i <= 9; i++) answers.Add((UInt128)i, new Remembered(1, i, Monday.AddDays(i / 4), null));
        var stored = Stored(answers, count: 9);
        stored.Add(10, new Remembered(1, 10, Monday.AddDays(2), null));
        answers.Add(10, new Remembered(1, 10, Monday.AddDays(2), null));
        Assert.True(stored.TryGet(3, out _));

        foreach (var of in (Answers[])[answers, stored]) of.Forget(Monday);

        foreach (var of in (Answers[])[answers, stored])
            Assert.Equal([4, 5, 6, 7, 8, 9, 10], Enumerable.Range(1, 10).Where(i => of.TryGet((UInt128)i, out _)));
        Assert.Equal(Written(answers), Written(stored));
        // What is decided and not durable yet is of no picture.
        Assert.Equal(Written(answers, upTo: 9), Written(stored, upTo: 9));
        Assert.NotEqual(Written(answers, upTo: 9), Written(answers));
    }

    private static readonly DateOnly Monday = new(2026, 11, 23);

    private static Answers Stored(Answers answers, int count)
    {
        var written = Written(answers);
        var from = new ByteReader(written);
        Assert.Equal(count, from.Count());
        return new Answers(count, written.AsMemory(from.Position));
    }

    private static byte[] Written(Answers answers, long upTo = long.MaxValue)
    {
        var to = new ByteWriter();
        answers.Write(to, upTo);
        return to.ToArray();
    }

    private static byte[] Written(HallReply? reply)
    {
        var to = new ByteWriter();
        ReplyCodec.Write(to, reply);
        return to.ToArray();
    }
}
