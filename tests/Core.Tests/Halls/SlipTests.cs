using HallOps.Core.Halls;
using static HallOps.Core.Tests.Halls.SampleHall;

namespace HallOps.Core.Tests.Halls;

/// <summary>One paper missing: sent home once (一次性告知), back with the slip, and the second time counted.</summary>
public sealed class SlipTests
{
    private static HallScenario Told() => Hall().Given(Issue(person: P(1)), CallNext(1, Li), StartAt(1, Li)).At(60).Given(FinishAt(1, Li, FinishOutcome.ToldOnce));

    private static HallScenario Hall(string classes = "{\"class\": \"returning\", \"creditMinutes\": 20, \"grantedBy\": [\"slip\"]}, ") =>
        HallScenario.Of(With("{\"class\": \"green\"", classes + "{\"class\": \"green\"")).Given(Open(1, Li));

    private static IssueTicket Back(long slip, string service = "card") => Issue(service) with { Slip = T(slip) };

    [Fact]
    public void Finish_ToldOnce_GivesASlip() =>
        Told().Then(new ServiceFinished(1, 1, W(1), new StaffId("li"), FinishOutcome.ToldOnce, null, 1), new SlipGiven(1, Card, 1, HallScenario.Start + TimeSpan.FromSeconds(60) + TimeSpan.FromDays(30), null));

    [Fact]
    public void Issue_WithTheSlip_IsOfClassReturning_AndOfThePersonWhoWasTold()
    {
        var story = Told().At(3 * 86400 + 100).When(Back(1));
        var issued = Assert.IsType<TicketIssued>(story.Events[0]);
        Assert.Equal((ClassId.Returning, Grants.Slip, P(1)), (issued.Class, issued.Granted, issued.Person));
        Assert.Equal(new SlipShown(2, 1, 1), story.Events[1]);
        Assert.Equal((1, 1L), (story.Ticket(2).Told, story.Ticket(2).Slip));
    }

    [Fact]
    public void Issue_WithTheSlip_WhereTheHallHasNoSuchClass_IsAnOrdinaryNumberThatSaysSo()
    {
        var story = Hall("").Given(Issue(), CallNext(1, Li), StartAt(1, Li), FinishAt(1, Li, FinishOutcome.ToldOnce)).When(Back(1));
        Assert.Equal(ClassId.Normal, ((TicketIssued)story.Events[0]).Class);
        Assert.Equal(1, story.Ticket(2).Told);
    }

    [Fact]
    public void Finish_ToldAgain_IsTheSecondTime_AndOnlyTheNewSlipCounts()
    {
        var story = Told().Given(Back(1), CallNext(1, Li), StartAt(1, Li)).When(FinishAt(1, Li, FinishOutcome.ToldOnce));
        Assert.Equal(2, Assert.IsType<SlipGiven>(story.Events[1]).Times);
        story.When(Back(1)).ThenRefused(RefusalCode.UnknownSlip);
        story.When(Back(2)).ThenNothingRefused();
        Assert.Equal(2, story.Ticket(3).Told);
    }

    [Fact]
    public void Finish_ToldAgain_AfterPayingElsewhereInBetween_IsTheSecondTime()
    {
        var story = Told().Given(Open(2, Qian)).Given(Back(1), CallNext(1, Li), StartAt(1, Li), PassOn(1, Li, Water, returnHere: true), CallNext(2, Qian), StartAt(2, Qian), FinishAt(2, Qian, FinishOutcome.Paid));
        story.Given(CallNext(1, Li), StartAt(1, Li)).When(FinishAt(1, Li, FinishOutcome.ToldOnce));
        Assert.Equal((Card, 2), story.Events[1] is SlipGiven given ? (given.Service, given.Times) : default);
    }

    [Fact]
    public void Slip_ForAServiceThatIsJointByNow_StillCounts()
    {
        var story = Told().Given(Configure(With("\"kind\": \"immediate\", \"expectedMinutes\": 6", "\"kind\": \"joint\", \"legs\": [{\"service\": \"permit\"}]")));
        story.When(Back(1)).ThenNothingRefused();
        Assert.Equal(["TicketIssued", "JointBegun", "SlipShown"], story.Events.Select(e => e.GetType().Name));
        Assert.Equal((1, 2L), (story.Ticket(2).Told, Assert.Single(story.State.Slips).ShownBy));
    }

    [Fact]
    public void Slip_WhoseMatterIsDone_CountsNoMore()
    {
        var story = Told().Given(Back(1), CallNext(1, Li), StartAt(1, Li), FinishAt(1, Li));
        story.When(Back(1)).ThenRefused(RefusalCode.UnknownSlip);
    }

    [Fact]
    public void Slip_OfOneWhoCameBackAndLeft_StillCounts()
    {
        var story = Told().Given(Back(1)).When(Back(1)).ThenRefused(RefusalCode.AlreadyWaiting, ("number", "A002"));
        story.Given(new CancelTicket(T(2))).When(Back(1)).ThenNothingRefused();
    }

    [Fact]
    public void Slip_ForAnotherService_IsRefused_AndSaysForWhich() => Told().When(Back(1, "permit")).ThenRefused(RefusalCode.OtherService, ("service", "card"));

    [Fact]
    public void Slip_NeverGiven_OrOver_IsRefused()
    {
        Told().When(Back(9)).ThenRefused(RefusalCode.UnknownSlip);
        Told().When(Issue() with { Slip = new TicketId(8, 1) }).ThenRefused(RefusalCode.UnknownSlip);
        var story = Told().At(30 * 86400 + 60).When(Back(1)).ThenRefused(RefusalCode.UnknownSlip);
        story.At(32 * 86400).When(new Poke());
        Assert.Empty(story.State.Slips);
    }
}
