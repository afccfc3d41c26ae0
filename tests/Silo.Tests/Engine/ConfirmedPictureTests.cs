using HallOps.Core.Halls;
using HallOps.Silo.Journal;

namespace HallOps.Silo.Tests.Engine;

/// <summary>What is shown is durable, though the two pictures of a hall have ended visits in common.</summary>
public sealed class ConfirmedPictureTests : IRecorder, IPendingAnswer
{
    private static readonly WindowId Window = new("1");
    private static readonly Clerk Clerk = new("clerk-1", null, false);

    private readonly Instant _now = Instant.From(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.FromHours(8)));
    private readonly HallActor _actor;
    private long _appended;

    public ConfirmedPictureTests()
    {
        var town = SampleHalls.AlwaysOpen("rudong-town");
        _actor = new HallActor(1, town.Settings.Hall, TimeSpan.FromSeconds(30));
        _actor.Loaded(1, new HallHistory(new Head(1, 0), null, []), this, _now);
        Do(new ConfigureHall(1, town));
    }

    [Fact]
    public void Rating_IsSeenOnceItIsDurable()
    {
        var settings = _actor.Confirmed.Settings;
        var line = settings.WindowById[Window].Profile[0].Line;
        Do(new OpenWindow(Window, Clerk, null));
        Do(new IssueTicket(settings.Services.First(s => s.Line == line).Service, null, Grants.Self, null, null, TicketSource.Kiosk, null, false, null));
        Do(new CallNext(Window, Clerk));
        Do(new StartService(Window, Clerk));
        Do(new FinishService(Window, Clerk, FinishOutcome.Done, null, null));
        var ticket = _actor.Confirmed.Find(new TicketId(1, 1))!;
        Assert.Equal(TicketState.Finished, ticket.State);

        _actor.Take(new HallRequest(new RateTicket(ticket.Id, Grade.Dissatisfied, [], null), "test"), this, _now);
        Assert.Null(ticket.Leg.Grade);
        Assert.Null(_actor.Confirmed.Find(ticket.Id)!.Leg.Grade);
        Assert.Null(_actor.Confirmed.Find(Window)!.Rateable!.Grade);
        _actor.Stored(_appended, _now);
        Assert.Equal(Grade.Dissatisfied, _actor.Confirmed.Find(ticket.Id)!.Leg.Grade);
        Assert.Equal(Grade.Dissatisfied, _actor.Confirmed.Find(Window)!.Rateable!.Grade);
    }

    private void Do(HallCommand command)
    {
        _actor.Take(new HallRequest(command, "test"), this, _now);
        _actor.Stored(_appended, _now);
    }

    bool IRecorder.HasRoom => true;

    string? IRecorder.Unavailable => null;

    void IRecorder.Append(ReadOnlySpan<byte> frames, int count) => _appended += count;

    void IPendingAnswer.Set(HallAnswer answer) => Assert.Equal(AnswerStatus.Done, answer.Status);
}
