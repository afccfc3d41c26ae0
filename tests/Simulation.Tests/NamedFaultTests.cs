using HallOps.Core.Halls;
using HallOps.Silo;

namespace HallOps.Simulation.Tests;

/// <summary>The faults of QUALITY.md that are about order and repetition, each told once by name.</summary>
public sealed class NamedFaultTests
{
    private static readonly WindowId One = new("1");
    private static readonly WindowId Two = new("2");

    [Fact]
    public void F12_KioskTapsTwiceUnderOneKey_GivesOneTicket()
    {
        var bench = new Bench();
        var (first, second) = (bench.Send(Bench.Issue(), 5), bench.Send(Bench.Issue(), 5));
        bench.Rest();

        Assert.Equal(first.Answer!.Reply, second.Answer!.Reply);
        Assert.True(second.Answer.Repeated);
        Assert.Equal(1, bench.Ledger.Issued);
    }

    [Fact]
    public void F12_TheSameKeyWithAnotherBody_IsRefused()
    {
        var bench = new Bench();
        bench.Do(Bench.Issue(), 5, body: 1);
        Assert.Equal(AnswerStatus.KeyReused, bench.Do(Bench.Issue("s3"), 5, body: 2).Status);
        Assert.Equal(1, bench.Ledger.Issued);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void F12_RetryAfterATimeOut_GivesOneTicketWhetherItWasStoredOrNot(bool stored)
    {
        var bench = new Bench();
        var lost = bench.Send(Bench.Issue(), 5);
        bench.Take();
        bench.Flush(stored ? Fate.UncertainStored : Fate.UncertainNotStored);
        Assert.Equal(AnswerStatus.OutcomeUnknown, lost.Answer!.Status);

        var again = bench.Do(Bench.Issue(), 5);

        Assert.Equal((AnswerStatus.Done, stored), (again.Status, again.Repeated));
        Assert.Equal("A001", ((IssuedReply)again.Reply!).Number);
        Assert.Equal(1, bench.Ledger.Issued);
    }

    [Fact]
    public void F12_TheSamePersonAtTwoKiosks_HasOneLiveTicket()
    {
        var bench = new Bench();
        var person = new PersonId(77);
        var (left, right) = (bench.Send(Bench.Issue(person: person), 5), bench.Send(Bench.Issue(person: person), 6));
        bench.Rest();

        Assert.Equal(AnswerStatus.Done, left.Answer!.Status);
        Assert.Equal(RefusalCode.AlreadyWaiting, right.Answer!.Refusal!.Code);
        Assert.Contains(right.Answer.Refusal.Facts, f => f is { Name: "number", Value: "A001" });
        // Another service is another matter.
        Assert.Equal(AnswerStatus.Done, bench.Do(Bench.Issue("s3", person), 7).Status);
    }

    /// <summary>1,000 schedules: two clerks, one queue, keys pressed in any order with flushes, failures and reloads between. The ledger holds I3 at every event.</summary>
    [Fact]
    public void F13_TwoClerksRecallNoShowAndCancel_NeverShareATicket()
    {
        var called = 0;
        for (var seed = 1; seed <= 1_000; seed++)
        {
            var random = new Random(seed);
            var bench = new Bench();
            for (var n = random.Next(1, 4); n > 0; n--) bench.Send(Bench.Issue());
            HallCommand[] presses =
            [
                new CallNext(One, Bench.ClerkOf("1")), new CallNext(Two, Bench.ClerkOf("2")), new Recall(One, Bench.ClerkOf("1")), new MarkNoShow(One, Bench.ClerkOf("1")),
                new MarkNoShow(Two, Bench.ClerkOf("2")), new StartService(Two, Bench.ClerkOf("2")), new CancelTicket(new TicketId(1, 1)), new ReturnTicket(new TicketId(1, 1)),
                new Next(One, Bench.ClerkOf("1"), FinishOutcome.Done, null), new Next(Two, Bench.ClerkOf("2"), null, null), new Recall(One, Bench.ClerkOf("1")), new CallNext(Two, Bench.ClerkOf("2")),
            ];
            random.Shuffle(presses);
            try
            {
                var answers = new List<Bench.Heard>();
                foreach (var press in presses)
                {
                    answers.Add(bench.Send(press));
                    if (random.Next(3) == 0) bench.Take();
                    if (random.Next(4) == 0) bench.Flush(random.Next(8) switch { 0 => Fate.NotStored, 1 => Fate.UncertainStored, _ => Fate.Stored });
                    // A recall and a no-show of the same moment, or 6 s apart: on either side of the gap.
                    bench.Now = new Instant(bench.Now.Milliseconds + random.Next(3) * 3_000);
                }
                bench.Rest();
                Assert.All(answers, a => Assert.NotNull(a.Answer));
                bench.Ledger.Compare(bench.Confirmed);
                called += answers.Count(a => a.Answer is { Status: AnswerStatus.Done, Reply: NextReply { Called: not null } });
            }
            catch (LawBrokenException e)
            {
                throw new LawBrokenException($"Schedule {seed}: {e.Message}", e);
            }
        }
        Assert.True(called > 500, $"too few calls to race: {called}");
    }

    [Fact]
    public void F13_TwoClerksCallInTheSameInstant_TheOneTicketGoesToOne()
    {
        var bench = new Bench();
        bench.Do(Bench.Issue());
        var (left, right) = (bench.Send(new CallNext(One, Bench.ClerkOf("1"))), bench.Send(new CallNext(Two, Bench.ClerkOf("2"))));
        bench.Rest();

        Assert.Equal("A001", ((NextReply)left.Answer!.Reply!).Called!.Number);
        Assert.Null(((NextReply)right.Answer!.Reply!).Called);
    }

    [Fact]
    public void F14_AnswerLostAfterTheCommit_TheRetryIsTheSameAndSpokenOnce()
    {
        var bench = new Bench();
        bench.Do(Bench.Issue());
        var screen = bench.Watch();
        var lost = bench.Send(new CallNext(One, Bench.ClerkOf("1")), 5);
        bench.Crash(afterCommit: true);
        Assert.Null(lost.Answer);
        screen.Disconnect();
        bench.Watch(screen);

        var again = bench.Do(new CallNext(One, Bench.ClerkOf("1")), 5);

        Assert.True(again.Repeated);
        Assert.Equal("A001", ((NextReply)again.Reply!).Called!.Number);
        Assert.Equal(1, screen.Spoken);
    }

    [Fact]
    public void F8_NumbersOnEitherSideOfMidnight_BelongToTheirServiceDay()
    {
        var bench = new Bench("2026-11-23T23:59:50+08:00");
        var before = (IssuedReply)bench.Do(Bench.Issue()).Reply!;
        bench.Do(Bench.Issue());
        bench.Do(new CallNext(One, Bench.ClerkOf("1")));
        bench.Do(new StartService(One, Bench.ClerkOf("1")));
        bench.Now = new Instant(bench.Now.Milliseconds + 20_000);

        var after = (IssuedReply)bench.Do(Bench.Issue()).Reply!;

        Assert.Equal(("A001", "A001"), (before.Number, after.Number));
        Assert.NotEqual(before.Id, after.Id);
        Assert.Equal(new DateOnly(2026, 11, 24), bench.Confirmed.Day);
        // Served over midnight: it is finished where it is, and belongs to the day it was issued in.
        Assert.Equal(TicketState.Serving, bench.Confirmed.Find(before.Id)!.State);
        Assert.Equal(new DateOnly(2026, 11, 23), bench.Confirmed.Find(before.Id)!.Day);
        Assert.Equal(AnswerStatus.Done, bench.Do(new FinishService(One, Bench.ClerkOf("1"), null, null, 1)).Status);
        Assert.Equal(TicketState.Expired, bench.Confirmed.Find(new TicketId(1, 2))!.State);
    }

    [Fact]
    public void F8_RestartOverMidnight_EndsTheDayOnceAtItsMoment()
    {
        var bench = new Bench("2026-11-23T23:59:50+08:00");
        var id = ((IssuedReply)bench.Do(Bench.Issue()).Reply!).Id;
        bench.Now = new Instant(bench.Now.Milliseconds + 8 * 3_600_000);
        bench.Crash(afterCommit: false);

        Assert.Equal(TicketState.Waiting, bench.Confirmed.Find(id)!.State);
        Assert.Equal("A001", ((IssuedReply)bench.Do(Bench.Issue()).Reply!).Number);

        Assert.Equal(TicketState.Expired, bench.Confirmed.Find(id)!.State);
        var ended = bench.Store.Read(1).Tail.Where(r => r.Type == 22).ToList();
        Assert.Equal(Instant.From(new DateTimeOffset(2026, 11, 24, 0, 0, 0, TimeSpan.FromHours(8))).Milliseconds, Assert.Single(ended).At);
    }

    /// <summary>Found by the simulation: the keys of a day that was being forgotten were missing from a snapshot taken before that was durable. There is none before that now.</summary>
    [Fact]
    public void I9_SnapshotWhileADayIsBeingForgotten_IsOfWhenItWas()
    {
        var bench = new Bench();
        bench.Do(Bench.Issue(), 5);
        bench.Now = new Instant(bench.Now.Milliseconds + 48 * 3_600_000L);
        var late = bench.Send(new Poke());
        bench.Take();
        Assert.Null(late.Answer);
        Assert.Null(bench.Hall.Actor.Snapshot());
        bench.Rest();
        var replay = new HallActor(1, new HallId("hall-1"), TimeSpan.Zero);
        replay.Loaded(1, bench.Store.Read(1), new Nothing(), bench.Now);
        Assert.Equal(Convert.ToHexString(replay.Fingerprint()), Convert.ToHexString(bench.Hall.Actor.Fingerprint()));
        Assert.False(bench.Do(Bench.Issue(), 5).Repeated);
    }

    private sealed class Nothing : IRecorder
    {
        public bool HasRoom => false;
        public string? Unavailable => null;
        public void Append(ReadOnlySpan<byte> frames, int count) => Assert.Fail("a replay recorded something");
    }
}
