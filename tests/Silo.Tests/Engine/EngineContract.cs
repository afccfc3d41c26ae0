using System.Text.Json;
using HallOps.Core.Halls;
using HallOps.Silo.Journal;
using HallOps.Silo.Tests.Journal;

namespace HallOps.Silo.Tests.Engine;

/// <summary>
/// What every engine behind <see cref="IHalls"/> keeps, whatever runs the halls. An adapter opens itself over the journal and the time it is given.
/// </summary>
public abstract class EngineContract : IAsyncLifetime
{
    protected static readonly HallId Town = new("rudong-town");
    protected static readonly HallId Village = new("rudong-village");
    protected static readonly WindowId Window = new("1");
    protected static readonly Clerk Clerk = new("li", null, false);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly TestFolder _folder = new();

    private protected ManualTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.FromHours(8)));
    private protected TroubledJournal Journal { get; private set; } = null!;
    protected IHalls Halls { get; private set; } = null!;
    protected static PackedDocument TownDocument { get; } = Sample("rudong-town");
    protected static PackedDocument VillageDocument { get; } = Sample("rudong-village");
    protected static ServiceId Service { get; } = TownDocument.Settings.Services.First(s => s.Line.Value == "livelihood").Service;
    protected static IssueTicket Issue { get; } = new(Service, null, Grants.Self, null, null, TicketSource.Kiosk, null, false, null);

    protected abstract ValueTask<IHalls> OpenAsync(IJournal journal, TimeProvider time);

    protected abstract ValueTask CloseAsync(IHalls halls);

    /// <summary>What runs the halls of the node that is asked.</summary>
    private protected abstract HallRunner Runner { get; }

    /// <summary>The store that the test's halls are in; the same one at each start of a test.</summary>
    protected virtual ValueTask<IJournal> OpenJournalAsync() => new(SqliteJournal.Open(_folder.At));

    public async ValueTask InitializeAsync()
    {
        await StartAsync();
        Assert.Equal(AnswerStatus.Done, (await Send(new ConfigureHall(0, TownDocument))).Status);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    // ---- commands and keys

    [Fact]
    public async Task Send_ToAnUnknownHall_AnswersUnknownHall()
    {
        Assert.Equal(AnswerStatus.UnknownHall, (await Send(Issue, to: new HallId("nowhere"))).Status);
        Assert.Null(await Halls.ReadAsync(new HallId("nowhere"), new ReadBoard(), TestContext.Current.CancellationToken));
        Assert.Null(Halls.Find(new HallId("nowhere")));
    }

    [Fact]
    public async Task Configure_OfANewHall_MakesItKnown()
    {
        Assert.Equal(AnswerStatus.UnknownHall, (await Send(Issue, to: Village)).Status);
        var created = (ConfiguredReply)(await Send(new ConfigureHall(0, VillageDocument), to: Village)).Reply!;

        Assert.True(created.Created);
        Assert.Equal([Town, Village], Halls.Halls.Select(h => h.Hall));
        Assert.Equal(Village, Halls.Find(created.Number)!.Value.Hall);
    }

    [Fact]
    public async Task Send_WhatTheRulesRefuse_ChangesNothing()
    {
        var before = (await Board()).Sequence;
        var refused = await Send(new CallNext(Window, Clerk), key: 3);

        Assert.Equal((AnswerStatus.Refused, RefusalCode.WindowNotOpen), (refused.Status, refused.Refusal!.Code));
        Assert.Equal(before, (await Board()).Sequence);
        // A refusal is not remembered: under the same key it is decided anew.
        await Send(new OpenWindow(Window, Clerk, null));
        Assert.Equal(AnswerStatus.Done, (await Send(new CallNext(Window, Clerk), key: 3)).Status);
    }

    [Fact]
    public async Task Send_UnderAKnownKey_AnswersTheSameBeforeAndAfterRestarts()
    {
        var first = await Send(Issue, key: 9, body: 1);
        Assert.False(first.Repeated);
        for (var round = 0; round < 3; round++)
        {
            var again = await Send(Issue, key: 9, body: 1);
            Assert.True(again.Repeated);
            Assert.Equal(first.Reply, again.Reply);
            Assert.Equal(AnswerStatus.KeyReused, (await Send(Issue, key: 9, body: 2)).Status);
            Assert.Equal(1, (await Board()).Lines.Sum(l => l.Waiting));
            await StopAsync();
            await StartAsync();
        }
    }

    [Fact]
    public async Task Answers_OfOneHall_ComeInTheOrderOfTheCommands()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Send(Issue)));
        Assert.Equal(answers.Select(a => a.Sequence).Order(), answers.Select(a => a.Sequence));
        Assert.Equal(Enumerable.Range(1, 200).Select(n => (long)n), answers.Select(a => ((IssuedReply)a.Reply!).Id.Ordinal));
    }

    // ---- only what is durable

    [Fact]
    public async Task Read_WhileTheStoreIsSlow_ShowsOnlyWhatIsDurable()
    {
        var sink = new RecordingSink();
        await Send(new ConfigureHall(0, VillageDocument), to: Village);
        await Watch(new Topic(TopicKind.Hall, Town), sink);
        Journal.Hold();
        var issued = Send(Issue);
        await Until(() => Runner.Writer.InFlight > 0, TimeSpan.Zero, "a number that is not durable");
        var board = Board();
        var late = new RecordingSink();
        var watch = Watch(new Topic(TopicKind.Hall, Town), late);
        // Of a hall that has nothing in flight it is known what is durable; this one is asked last, so the others have been.
        Assert.Equal(0, (await Halls.ReadAsync(Village, new ReadBoard(), TestContext.Current.CancellationToken))!.Lines.Sum(l => l.Waiting));
        Assert.False(issued.IsCompleted);
        Assert.False(board.IsCompleted);
        Assert.Empty(late.Messages);
        Assert.DoesNotContain(sink.Messages, m => m is FeedChange);

        Journal.Release();
        await issued;
        Assert.Equal(1, (await board).Lines.Sum(l => l.Waiting));
        using var watching = await watch;
        Assert.IsType<FeedSnapshot>(late.Messages[0]);
    }

    [Fact]
    public async Task Send_BeyondTheMailbox_AnswersHallBusyAndTheRestIsStored()
    {
        Journal.Hold();
        var sent = Enumerable.Range(0, 4_000).Select(_ => Send(Issue)).ToList();
        // While the journal stands still; an engine between machines tells it in its own time.
        await Until(() => sent.Exists(s => s.IsCompleted && s.Result.Status == AnswerStatus.HallBusy), TimeSpan.Zero, "an answer that the hall is busy");
        Journal.Release();
        var answers = await Task.WhenAll(sent).WaitAsync(Patience, TestContext.Current.CancellationToken);

        var done = answers.Count(a => a.Status == AnswerStatus.Done);
        Assert.Equal(answers.Length, done + answers.Count(a => a.Status == AnswerStatus.HallBusy || a.Refusal?.Code == RefusalCode.HallFull));
        Assert.InRange(done, 1_024, 2_000);
        Assert.Equal(done, (await Board()).Lines.Sum(l => l.Waiting));
    }

    // ---- watching

    [Fact]
    public async Task Watch_OfAHall_GetsSnapshotChangeAnnouncementAndHeartbeat()
    {
        var sink = new RecordingSink();
        await Send(new OpenWindow(Window, Clerk, null));
        using var watch = await Watch(new Topic(TopicKind.Hall, Town), sink);
        var snapshot = Assert.IsType<FeedSnapshot>(Assert.Single(sink.Messages));
        var announced = sink.Next(m => m is FeedAnnouncement);
        await Send(Issue);
        await Send(new CallNext(Window, Clerk));
        await Until(announced, TimeSpan.Zero, "an announcement");

        var messages = sink.Messages;
        var changes = messages.OfType<FeedChange>().ToList();
        Assert.Equal(snapshot.Sequence, changes[0].From);
        for (var i = 1; i < changes.Count; i++) Assert.Equal(changes[i - 1].To, changes[i].From);
        Assert.Contains("windows/1", changes[^1].Changes.Keys);
        var spoken = Assert.Single(messages.OfType<FeedAnnouncement>());
        Assert.Equal(("1", 1, changes[^1].To), (spoken.Window, spoken.Times, spoken.Id));

        var heartbeat = sink.Next(m => m is FeedHeartbeat);
        await Until(heartbeat, TimeSpan.FromSeconds(1), "a heartbeat within 5 s");
        Assert.Equal(changes[^1].To, ((FeedHeartbeat)await heartbeat).Sequence);
    }

    [Fact]
    public async Task Watch_OfPartsThatDoNotExist_IsNull()
    {
        var sink = new RecordingSink();
        Assert.Null(await Watch(new Topic(TopicKind.Hall, new HallId("nowhere")), sink));
        Assert.Null(await Watch(new Topic(TopicKind.Zone, Town, "nowhere"), sink));
        Assert.Null(await Watch(new Topic(TopicKind.Window, Town, "99"), sink));
        Assert.Null(await Watch(new Topic(TopicKind.Ticket, Town, null, new TicketId(1, 1)), sink));
        Assert.Empty(sink.Messages);
    }

    [Fact]
    public async Task Watch_AfterItEnded_HearsNothingMore()
    {
        var sink = new RecordingSink();
        var watch = await Watch(new Topic(TopicKind.Hall, Town), sink);
        watch!.Dispose();
        await Send(Issue);
        await Board();
        Assert.IsType<FeedSnapshot>(Assert.Single(sink.Messages));
    }

    // ---- trouble

    [Fact]
    public async Task F26_CommandThatThrows_RestartsItsHallAloneAndNothingStoredIsLost()
    {
        await Send(new ConfigureHall(0, VillageDocument), to: Village);
        await Send(Issue, key: 4);
        // Many at once: also those that a reload finds in the mailbox.
        var poison = Enumerable.Range(0, 100).Select(_ => Send(new CommandOfNobody())).ToList();
        var answers = await Task.WhenAll(poison).WaitAsync(Patience, TestContext.Current.CancellationToken);

        Assert.All(answers, a => Assert.Equal(AnswerStatus.OutcomeUnknown, a.Status));
        Assert.True((await Send(Issue, key: 4)).Repeated);
        Assert.Equal("M002", ((IssuedReply)(await Send(Issue)).Reply!).Number);
        Assert.Empty(Halls.Problems);
        Assert.Equal(AnswerStatus.Done, (await Send(new OpenWindow(Window, Clerk, null), to: Village)).Status);
    }

    [Theory]
    [InlineData((int)Trouble.NotStored, AnswerStatus.NotRecorded, false)]
    [InlineData((int)Trouble.UncertainStored, AnswerStatus.OutcomeUnknown, true)]
    [InlineData((int)Trouble.UncertainNotStored, AnswerStatus.OutcomeUnknown, false)]
    public async Task F5_OneFlushThatFails_IsSaidAndTheRetryUnderTheSameKeyIsSafe(int trouble, AnswerStatus said, bool stored)
    {
        var sink = new RecordingSink();
        using var watch = await Watch(new Topic(TopicKind.Hall, Town), sink);
        var reloaded = sink.Next(m => m is FeedSnapshot);
        Journal.Troubles.Enqueue((Trouble)trouble);
        Assert.Equal(said, (await Send(Issue, key: 5)).Status);
        await Until(reloaded, TimeSpan.Zero, "a new snapshot after the reload");
        Assert.Equal(stored ? 1 : 0, (await Board()).Lines.Sum(l => l.Waiting));

        var again = await Send(Issue, key: 5);

        Assert.Equal((AnswerStatus.Done, stored, "M001"), (again.Status, again.Repeated, ((IssuedReply)again.Reply!).Number));
        Assert.Equal(1, (await Board()).Lines.Sum(l => l.Waiting));
    }

    [Fact]
    public async Task F5_FirstFlushOfANewHallUncertainAndStored_TheHallIsKnown()
    {
        Journal.Troubles.Enqueue(Trouble.UncertainStored);
        Assert.Equal(AnswerStatus.OutcomeUnknown, (await Send(new ConfigureHall(0, VillageDocument), key: 5, to: Village)).Status);
        Assert.True((await Send(new ConfigureHall(0, VillageDocument), key: 5, to: Village)).Repeated);

        Assert.Equal(AnswerStatus.Done, (await Send(new OpenWindow(Window, Clerk, null), to: Village)).Status);
        Assert.NotNull(Halls.Find(Village));
    }

    [Fact]
    public async Task F4_StoreWithoutRoom_AnswersJournalUnavailableAndRecoversByItself()
    {
        Journal.IsFull = true;
        Assert.Equal(AnswerStatus.JournalUnavailable, (await Send(Issue, key: 5)).Status);
        Assert.Equal(AnswerStatus.JournalUnavailable, (await Send(Issue, key: 6)).Status);
        Assert.NotEmpty(Halls.Problems);
        Assert.Equal(0, (await Board()).Lines.Sum(l => l.Waiting));
        Journal.IsFull = false;

        await Until(() => Halls.Problems.Count == 0, TimeSpan.FromMilliseconds(500), "a probe that finds room");
        Assert.Equal("M001", ((IssuedReply)(await Send(Issue, key: 5)).Reply!).Number);
    }

    [Fact]
    public async Task F3_DamagedHall_StandsStillAndTheOthersRun()
    {
        await Send(new ConfigureHall(0, VillageDocument), to: Village);
        await StopAsync();
        await StartAsync(j => j.Unreadable = hall => hall == 1 ? new HallDamagedException("Hall rudong-town: record 1 is broken.") : null);

        Assert.Equal(AnswerStatus.Quarantined, (await Send(Issue)).Status);
        Assert.Equal(AnswerStatus.Quarantined, (await Assert.ThrowsAsync<HallUnavailableException>(Board)).Status);
        Assert.Contains("record 1 is broken", Assert.Single(Halls.Problems), StringComparison.Ordinal);
        Assert.Equal(AnswerStatus.Done, (await Send(new OpenWindow(Window, Clerk, null), to: Village)).Status);
    }

    [Fact]
    public async Task Watch_OverAReloadThatTheStoreDoesNotAnswer_GoesOnWhenItDoes()
    {
        var sink = new RecordingSink();
        using var watch = await Watch(new Topic(TopicKind.Hall, Town), sink);
        Journal.Unreadable = static _ => new IOException("the store is away");
        Journal.Troubles.Enqueue(Trouble.NotStored);
        Assert.Equal(AnswerStatus.NotRecorded, (await Send(Issue, key: 5)).Status);
        // Refused by the load that fails, or by the next one: time brings it.
        var refused = Assert.ThrowsAsync<HallUnavailableException>(Board);
        await Until(refused, TimeSpan.FromMilliseconds(500), "the read refused");
        await refused;
        var back = sink.Next(m => m is FeedSnapshot);
        Journal.Unreadable = static _ => null;

        await Until(back, TimeSpan.FromMilliseconds(500), "a new snapshot once the store answers");
        var changed = sink.Next(m => m is FeedChange);
        Assert.Equal(AnswerStatus.Done, (await Send(Issue, key: 5)).Status);
        await Until(changed, TimeSpan.Zero, "the change");
    }

    // ---- time

    [Fact]
    public async Task Due_WithoutAnyCommand_HappensAtItsMoment()
    {
        var id = ((IssuedReply)(await Send(Issue with { Printed = false })).Reply!).Id;
        using var watch = await Watch(new Topic(TopicKind.Ticket, Town, null, id), new RecordingSink());
        async Task<TicketState> State() => (await Halls.ReadAsync(Town, new ReadTicket(id), TestContext.Current.CancellationToken))!.State;
        Time.Advance(TimeSpan.FromSeconds(58));
        Assert.Equal(TicketState.Issued, await State());
        await Until(async () => await State() == TicketState.Void, TimeSpan.FromSeconds(1), "the ticket void after 60 s");
    }

    [Fact]
    public async Task F8_MidnightWithoutAnyCommand_EndsTheDay()
    {
        var id = ((IssuedReply)(await Send(Issue)).Reply!).Id;
        Time.Advance(TimeSpan.FromHours(14.9));
        await Board();
        await Until(async () => (await Halls.ReadAsync(Town, new ReadTicket(id), TestContext.Current.CancellationToken))!.State == TicketState.Expired, TimeSpan.FromMinutes(2), "the ticket expired at midnight");
        Assert.Equal("M001", ((IssuedReply)(await Send(Issue)).Reply!).Number);
    }

    [Fact]
    public async Task F11_RestartAtLunch_WithAWindowPausedAndATicketBeingServed_GoesOnAsItWas()
    {
        var real = SampleHalls.Of("rudong-town");
        Assert.Equal(AnswerStatus.Done, (await Send(new ConfigureHall(0, real))).Status);
        var (two, nine) = (new WindowId("2"), new WindowId("9"));
        var (w02, w09) = (new Clerk("w02", new StaffId("w02"), false), new Clerk("w09", new StaffId("w09"), false));
        await Send(new OpenWindow(two, w02, null));
        await Send(new OpenWindow(nine, w09, null));
        await Send(Issue);
        Time.Advance(TimeSpan.FromMinutes(175));
        await Send(new CallNext(two, w02));
        await Send(new StartService(two, w02));
        // Noon: window 9 has nobody and is off duty in one of the two groups, window 2 in the other; whoever serves goes on.
        Time.Advance(TimeSpan.FromMinutes(12));
        await Send(new Poke());
        var before = await Board();
        Assert.Contains(before.Windows, w => w is { State: WindowStatus.Serving, Window: "2" });

        await StopAsync();
        Time.Advance(TimeSpan.FromMinutes(1));
        await StartAsync();

        var after = await Board();
        Assert.Equal(before.Windows.Select(w => (w.Window, w.State, w.Reason, w.ReopensAt, w.GoTo, w.Ticket)), after.Windows.Select(w => (w.Window, w.State, w.Reason, w.ReopensAt, w.GoTo, w.Ticket)));
        Assert.Equal(AnswerStatus.Done, (await Send(new FinishService(two, w02, null, null, null))).Status);
        Time.Advance(TimeSpan.FromMinutes(85));
        await Send(new Poke());
        Assert.All((await Board()).Windows.Where(w => w.Window is "2" or "9"), w => Assert.Equal(WindowStatus.Idle, w.State));
    }

    [Fact]
    public async Task F8_FirstLookAfterAMidnightNobodySaw_ShowsTheNewDay()
    {
        var id = ((IssuedReply)(await Send(Issue)).Reply!).Id;
        await StopAsync();
        Time.Advance(TimeSpan.FromHours(20));
        await StartAsync();
        Assert.Equal(TicketState.Expired, (await Halls.ReadAsync(Town, new ReadTicket(id), TestContext.Current.CancellationToken))!.State);

        var snapshot = new RecordingSink();
        var first = snapshot.Next(m => m is FeedSnapshot);
        using var watch = await Watch(new Topic(TopicKind.Ticket, Town, null, id), snapshot);
        Assert.Equal("expired", JsonDocument.Parse(((FeedSnapshot)await first).State["state"].Json).RootElement.GetString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task F8_HallOpenAtMidnight_NumbersBelongToTheirServiceDay(bool restart)
    {
        Time.Advance(TimeSpan.FromHours(14.9));
        await Send(new OpenWindow(Window, Clerk, null));
        var served = ((IssuedReply)(await Send(Issue)).Reply!).Id;
        var waiting = ((IssuedReply)(await Send(Issue)).Reply!).Id;
        await Send(new CallNext(Window, Clerk));
        await Send(new StartService(Window, Clerk));
        if (restart) await StopAsync();
        Time.Advance(TimeSpan.FromMinutes(30));
        if (restart) await StartAsync();

        var next = (IssuedReply)(await Send(Issue)).Reply!;

        Assert.Equal("M001", next.Number);
        Assert.NotEqual(served, next.Id);
        async Task<TicketState> State(TicketId id) => (await Halls.ReadAsync(Town, new ReadTicket(id), TestContext.Current.CancellationToken))!.State;
        Assert.Equal((TicketState.Serving, TicketState.Expired, TicketState.Waiting), (await State(served), await State(waiting), await State(next.Id)));
        // The window serves on over midnight, then calls the new day's first.
        var after = (NextReply)(await Send(new Next(Window, Clerk, null, null))).Reply!;
        Assert.Equal(("M001", "M001", next.Id), (after.Finished!.Number, after.Called!.Number, after.Called.Id));
    }

    // ---- what a process does with its halls, whichever engine

    [Fact]
    public async Task F5_TwoFlushesRunningThatFail_EndAcknowledgingAndCompleteFatal()
    {
        Journal.Troubles.Enqueue(Trouble.NotStored);
        Journal.Troubles.Enqueue(Trouble.UncertainNotStored);
        Assert.Equal(AnswerStatus.NotRecorded, (await Send(Issue, key: 1)).Status);
        Assert.Equal(AnswerStatus.OutcomeUnknown, (await Send(Issue, key: 1)).Status);

        await Until(Runner.Fatal, TimeSpan.Zero, "Fatal complete");
        var flushes = Journal.Flushes;
        Assert.Equal(AnswerStatus.JournalUnavailable, (await Send(Issue, key: 1)).Status);
        await Until(() => Halls.Problems.Count > 0, TimeSpan.FromSeconds(1), "a problem named");
        Assert.Equal(AnswerStatus.JournalUnavailable, (await Send(Issue, key: 1)).Status);
        Assert.Equal(flushes, Journal.Flushes);
    }

    [Fact]
    public async Task Idle_HallNobodyUses_LeavesMemoryAndComesBackTheSame()
    {
        await Send(new OpenWindow(Window, Clerk, null));
        var issued = (IssuedReply)(await Send(Issue, key: 7)).Reply!;
        var before = (await Board()) with { AsOf = default };
        Assert.Equal(1, Runner.Resident);

        await Until(() => Runner.Resident == 0, TimeSpan.FromSeconds(20), "the hall out of memory after 15 min");

        Assert.Equal(Town, Assert.Single(Halls.Halls).Hall);
        var after = (await Board()) with { AsOf = default };
        Assert.Equal(Feeds.FeedJson.Utf8(before), Feeds.FeedJson.Utf8(after));
        Assert.Equal(issued, (await Send(Issue, key: 7)).Reply);
        Assert.NotNull((await Journal.ReadAsync(1, TestContext.Current.CancellationToken)).Snapshot);
    }

    [Fact]
    public async Task Dispose_WithCommandsOnTheirWay_AnswersEveryOne()
    {
        Journal.Hold();
        var sent = Enumerable.Range(0, 1_500).Select(_ => Send(Issue)).ToList();
        await StopAsync();
        var answers = await Task.WhenAll(sent);
        await StartAsync();

        // Neither more nor fewer than were acknowledged.
        Assert.Equal(answers.Count(a => a.Status == AnswerStatus.Done), (await Board()).Lines.Sum(l => l.Waiting));
    }

    [Fact]
    public async Task InFlight_OfOneHall_StaysWithinItsBound()
    {
        Journal.Hold();
        var sent = Enumerable.Range(0, 1_900).Select(_ => Send(Issue)).ToList();
        await Until(() => Runner.Writer.InFlight >= JournalWriter.MaxInFlightOfHall, TimeSpan.Zero, "the hall's bound reached");
        // One turn's batch may pass it, no more.
        Assert.InRange(Runner.Writer.InFlight, JournalWriter.MaxInFlightOfHall, JournalWriter.MaxInFlightOfHall + 64);
        Journal.Release();
        var answers = await Task.WhenAll(sent);
        Assert.All(answers, a => Assert.True(a.Status is AnswerStatus.Done or AnswerStatus.HallBusy, $"{a}"));
        Assert.True(answers.Count(a => a.Status == AnswerStatus.Done) >= JournalWriter.MaxInFlightOfHall);
    }

    // ---- helpers for engines' own tests

    protected async Task<HallAnswer> Send(HallCommand command, UInt128 key = default, UInt128 body = default, HallId? to = null) =>
        await Halls.SendAsync(to ?? Town, new HallRequest(command, "test", key, body)).AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken);

    protected async Task<HallBoard> Board() => (await Halls.ReadAsync(Town, new ReadBoard(), TestContext.Current.CancellationToken))!;

    protected async Task<IDisposable?> Watch(Topic topic, IFeedSink sink) => await Halls.WatchAsync(topic, sink, TestContext.Current.CancellationToken);

    /// <summary>Lets time pass step by step until something is so; real time bounds it.</summary>
    protected async Task Until(Func<Task<bool>> isSo, TimeSpan step, string what)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await isSo())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Patience, $"expected {what}; it is {Time.GetUtcNow():O}, problems: {string.Join("; ", Halls.Problems)}");
            if (step > TimeSpan.Zero) Time.Advance(step);
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    protected Task Until(Func<bool> isSo, TimeSpan step, string what) => Until(() => Task.FromResult(isSo()), step, what);

    protected Task Until(Task came, TimeSpan step, string what) => Until(() => Task.FromResult(came.IsCompleted), step, what);

    protected async Task StopAsync()
    {
        Journal.Release();
        await CloseAsync(Halls);
        await Journal.DisposeAsync();
    }

    private protected async Task StartAsync(Action<TroubledJournal>? trouble = null)
    {
        Journal = new TroubledJournal(await OpenJournalAsync());
        trouble?.Invoke(Journal);
        Halls = await OpenAsync(Journal, Time);
    }

    private static PackedDocument Sample(string hall) => SampleHalls.AlwaysOpen(hall);

    /// <summary>A command no hall knows: deciding it throws, as a bug of ours would.</summary>
    private sealed record CommandOfNobody : HallCommand;
}
