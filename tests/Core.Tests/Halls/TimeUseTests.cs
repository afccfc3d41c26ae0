using HallOps.Core.Halls;
using static HallOps.Core.Tests.Halls.SampleHall;

namespace HallOps.Core.Tests.Halls;

/// <summary>Where the time of windows and visits goes. That the parts add up over any history is in <see cref="RandomHistoryTests"/>.</summary>
public sealed class TimeUseTests
{
    [Fact]
    public void Window_IdleIsTheClerksOnlyWhereNobodyStoppedTheService()
    {
        var story = Scenario().At(0).Given(Open(1, Li)).At(60).Given(Issue()).At(100).Given(SuspendLine(A)).At(400).Given(ResumeAll()).At(410).Given(CallNext(1, Li)).At(430).Given(StartAt(1, Li)).At(700).Given(FinishAt(1, Li))
            .At(800).Given(Pause(1, Li)).At(900).Given(Unpause(1, Li));
        var times = Of(story, 1000);
        Assert.Equal([0, 100, 300, 60 + 100 + 100, 40 + 10, 20, 270], times.Of(W(1))!.Select(ms => ms / 1000));
        Assert.Equal(100_000, times.PausesOf(W(1))![(int)PauseReason.Meal]);
        // From its issue on: what was suspended is waiting all the same for who waits.
        Assert.Equal([350, 0, 0, 20, 270, 0], times.Of(1)!.Select(ms => ms / 1000));
    }

    [Fact]
    public void Window_WhoseLinesAreAllSuspendedButOne_IsIdle()
    {
        var story = Scenario().Given(Open(2, Qian)).Given(SuspendLine(B)).At(10).Given(ResumeAll(), Close(2, Qian), Open(2, Li)).Given(SuspendLine(B));
        // Qian does line b alone; Li does both.
        Assert.Equal((10_000L, 50_000L), Of(story, 60) is var times ? (times.Of(W(2))![(int)WindowUse.Suspended], times.Of(W(2))![(int)WindowUse.Idle]) : default);
    }

    [Fact]
    public void Start_KnownOnlyLater_CountsFromWhenItWas_AndOneTakenBackNeverWas()
    {
        var story = Scenario().Given(Open(1, Li), Issue(), Issue(), CallNext(1, Li)).At(30).Given(Next(1, Li, FinishOutcome.Done));
        // Started at its call, says "next".
        var times = Of(story, 30);
        Assert.Equal((0L, 30_000L), (times.Of(1)![(int)VisitUse.Walking], times.Of(1)![(int)VisitUse.Served]));

        // Called at 30 s, started by time at 75 s, and not there after all.
        story.At(100).Given(Recall(1, Li)).At(120).Given(NoShow(1, Li));
        times = Of(story, 120);
        Assert.Equal((90_000L, 0L), (times.Of(2)![(int)VisitUse.Walking], times.Of(2)![(int)VisitUse.Served]));
        Assert.Equal((90_000L, 30_000L), (times.Of(W(1))![(int)WindowUse.Walking], times.Of(W(1))![(int)WindowUse.Serving]));
    }

    [Fact]
    public void Visit_HeldAwayAndMissed_HasItsParts()
    {
        var story = Scenario().Given(Open(1, Li), Issue()).At(10).Given(Away(1, 1)).At(40).Given(Back(1)).Given(CallNext(1, Li)).At(50).Given(StartAt(1, Li)).At(60).Given(Hold(1, Li)).At(100).Given(Back(1)).At(105).Given(CallNext(1, Li))
            .At(125).Given(Recall(1, Li)).At(145).Given(NoShow(1, Li)).At(200).Given(new CancelTicket(T(1)));
        Assert.Equal([10 + 5, 30, 55, 10 + 40, 10, 40], Of(story, 300).Of(1)!.Select(ms => ms / 1000));
    }

    private static TimeUse Of(HallScenario story, double until)
    {
        var (times, state) = (new TimeUse(), new HallState());
        foreach (var (e, at) in story.History)
        {
            times.Pass(state, e, at);
            Hall.Evolve(state, e, at, state.Sequence + 1);
        }
        times.Advance(state, story.Seconds(until));
        return times;
    }
}
