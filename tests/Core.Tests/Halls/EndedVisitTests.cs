using HallOps.Core.Halls;
using static HallOps.Core.Tests.Halls.SampleHall;

namespace HallOps.Core.Tests.Halls;

/// <summary>Visits that ended are one object in all pictures of a hall: what is learnt of them later stays in the picture that learnt it.</summary>
public sealed class EndedVisitTests
{
    /// <summary>Ticket 1 is finished at window 1, ticket 2 waits.</summary>
    private static HallScenario OneFinished() => Scenario().Given(Open(1, Li), Issue(), Issue(), CallNext(1, Li), StartAt(1, Li), FinishAt(1, Li));

    [Fact]
    public void Copy_HasEndedVisitsInCommon_AndARatingForItself()
    {
        var story = OneFinished();
        var copy = story.State.Copy();
        Assert.Same(story.Ticket(1), copy.Tickets[1]);
        Assert.NotSame(story.Ticket(2), copy.Tickets[2]);
        story.Given(Rate(1, Grade.Dissatisfied));
        IsRated(story.State, Grade.Dissatisfied);
        IsRated(copy, null);
        Hall.Evolve(copy, story.History[^1].Event, story.Now, copy.Sequence + 1);
        IsRated(copy, Grade.Dissatisfied);
    }

    [Fact]
    public void Share_TakesOverWhatEndedInBoth_UnlessItWasRatedSince()
    {
        var story = OneFinished();
        var behind = Replayed(story, rated: false);
        Assert.Same(story.Ticket(1), behind.Tickets[1]);
        Assert.Same(story.Ticket(1), behind.Windows[W(1)].Rateable!.Ticket);
        Assert.Same(story.Ticket(1), behind.RecentCalls[0].Ticket);

        story = OneFinished().Given(Rate(1));
        behind = Replayed(story, rated: false);
        IsRated(story.State, Grade.Satisfied);
        IsRated(behind, null);
        behind = Replayed(story, rated: true);
        Assert.Same(story.Ticket(1), behind.Tickets[1]);
        IsRated(behind, Grade.Satisfied);
    }

    /// <summary>A picture that follows the story's, up to its rating or with it.</summary>
    private static HallState Replayed(HallScenario story, bool rated)
    {
        var behind = new HallState();
        foreach (var (e, at) in story.History)
        {
            if (e is ServiceRated && !rated) break;
            Hall.Evolve(behind, e, at, behind.Sequence + 1);
            behind.Share(story.State, e);
        }
        return behind;
    }

    /// <summary>Wherever the visit stands it is the same one.</summary>
    private static void IsRated(HallState state, Grade? grade)
    {
        var ticket = state.Tickets[1];
        Assert.Equal(grade, ticket.Leg.Grade);
        Assert.Same(ticket.Leg, state.Windows[W(1)].Rateable);
        Assert.Same(ticket, state.RecentCalls.Single(c => c.Ticket.Id.Ordinal == 1).Ticket);
    }
}
