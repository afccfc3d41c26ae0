using HallOps.Core.Halls;
using HallOps.Silo.Feeds;
using HallOps.Silo.Journal;

namespace HallOps.Silo.Tests.Engine;

/// <summary>What is shown is durable: a hall that has decided more shows nothing, to nobody, until that is durable or lost.</summary>
public sealed class ConfirmedPictureTests : IRecorder, IPendingAnswer
{
    private static readonly WindowId Window = new("1");
    private static readonly Clerk Clerk = new("clerk-1", null, false);

    private readonly Instant _now = Instant.From(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.FromHours(8)));
    private readonly HallActor _actor;
    private readonly List<AnswerStatus> _answers = [];
    private readonly HallHistory _first = new(new Head(1, 0), null, []);
    private long _appended;

    public ConfirmedPictureTests()
    {
        var town = SampleHalls.AlwaysOpen("rudong-town");
        _actor = new HallActor(1, town.Settings.Hall, TimeSpan.FromSeconds(30));
        _actor.Loaded(1, _first, this, _now);
        Do(new ConfigureHall(1, town));
    }

    [Fact]
    public void State_IsShownOnlyWhileNothingIsInFlight()
    {
        Take(new OpenWindow(Window, Clerk, null));
        Assert.False(_actor.IsSettled);
        Assert.Throws<InvalidOperationException>(() => _actor.Confirmed);
        Assert.Throws<InvalidOperationException>(() => _actor.Read(new ReadBoard(), _now));
        Assert.Null(_actor.Snapshot());
        Store();
        Assert.NotNull(_actor.Confirmed.Windows[Window].Occupant);
        Assert.NotNull(_actor.Snapshot());
    }

    [Fact]
    public void Settle_HasTheHallDecideNothingMoreUntilAllIsDurable()
    {
        Take(new OpenWindow(Window, Clerk, null));
        var first = _appended;
        Take(new PauseWindow(Window, Clerk, PauseReason.Break, null));
        Assert.True(_actor.HasRoom);
        _actor.Settle();
        Assert.False(_actor.HasRoom);
        _actor.Stored(first, _now);
        Assert.False(_actor.HasRoom);
        Store();
        Assert.True(_actor.HasRoom);
        _actor.Settle();
        Assert.True(_actor.HasRoom);
    }

    [Fact]
    public void News_AreSentOnceNothingIsInFlight_WhichTheHallSeesTo()
    {
        var screen = new RecordingSink();
        Assert.True(_actor.Feed.Watch(new Topic(TopicKind.Hall, _actor.Hall), screen, _actor.Confirmed, _now));
        Take(new OpenWindow(Window, Clerk, null));
        var first = _appended;
        Take(new PauseWindow(Window, Clerk, PauseReason.Break, null));
        Assert.True(_actor.HasRoom);
        _actor.Stored(first, _now);
        Assert.Empty(screen.Messages.OfType<FeedChange>());
        Assert.False(_actor.HasRoom);
        Store();
        var change = Assert.Single(screen.Messages.OfType<FeedChange>());
        Assert.Equal(_actor.Confirmed.Sequence, change.To);
        Assert.True(_actor.HasRoom);
    }

    [Fact]
    public void WhatWasLost_IsNeverShown()
    {
        Take(new OpenWindow(Window, Clerk, null));
        _actor.Settle();
        _actor.Lost(AnswerStatus.NotRecorded);
        Assert.Equal(AnswerStatus.NotRecorded, _answers[^1]);
        Assert.Throws<InvalidOperationException>(() => _actor.Confirmed);
        _appended = 0;
        _actor.Loaded(2, _first, this, _now);
        Assert.True(_actor.IsSettled);
        Assert.True(_actor.HasRoom);
        Assert.False(_actor.Confirmed.Exists);
    }

    private void Do(HallCommand command)
    {
        Take(command);
        Store();
        Assert.Equal(AnswerStatus.Done, _answers[^1]);
    }

    private void Take(HallCommand command) => _actor.Take(new HallRequest(command, "test"), this, _now);

    private void Store() => _actor.Stored(_appended, _now);

    bool IRecorder.HasRoom => true;

    string? IRecorder.Unavailable => null;

    void IRecorder.Append(ReadOnlySpan<byte> frames, int count) => _appended += count;

    void IPendingAnswer.Set(HallAnswer answer) => _answers.Add(answer.Status);
}
