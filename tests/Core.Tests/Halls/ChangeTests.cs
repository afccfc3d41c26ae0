using HallOps.Core.Halls;
using static HallOps.Core.Tests.Halls.SampleHall;

namespace HallOps.Core.Tests.Halls;

/// <summary>The guide's change of a wrong number: another service, the time kept.</summary>
public sealed class ChangeTests
{
    private static readonly ServiceId Water = new("water");

    private static readonly ChangeTicket ToWater = new(T(1), Water);

    [Fact]
    public void ChangeTicket_OfOneThatWaits_StartsANewLeg_AndKeepsItsTime()
    {
        var story = Scenario().Given(Open(1, Li)).Given(Issue());
        var since = story.Ticket(1).Leg.Since;
        story.At(600).When(ToWater).Then(new TicketChanged(1, 2, Water, B, since));
        var ticket = story.Ticket(1);
        Assert.Equal((TicketState.Waiting, Water, B, since, LegOutcome.Open), (ticket.State, ticket.Leg.Service, ticket.Leg.Line, ticket.Leg.Since, ticket.Leg.Outcome));
        Assert.Equal((Card, LegOutcome.Transferred), (ticket.Earlier.Single().Service, ticket.Earlier.Single().Outcome));
        Assert.Equal((0, 1), (story.State.Find(A)!.Waiting, story.State.Find(B)!.Waiting));
        Assert.Equal(1, story.State.Waiting);
    }

    [Fact]
    public void ChangeTicket_ToTheSameService_ChangesNothing() => Assert.Empty(Scenario().Given(Issue()).When(new ChangeTicket(T(1), Card)).Events);

    [Fact]
    public void ChangeTicket_OfOneWhoWasMissed_WaitsAgain_LateFromTheChange()
    {
        var missed = Scenario().Given(Opened(1, "li"), Issued(1), Called(1), Missed(1));
        var since = missed.Ticket(1).Leg.Since;
        missed.At(60).When(ToWater).Then(new TicketChanged(1, 2, Water, B, since));
        Assert.Empty(HallPicture.Calls(missed.State));

        var late = Scenario().Given(Opened(1, "li"), Issued(1), Called(1), Missed(1)).At(3 * 3600);
        late.When(ToWater).Then(new TicketChanged(1, 2, Water, B, late.Now));
    }

    [Fact]
    public void ChangeTicket_OfOneNotPrinted_StaysNotPrinted()
    {
        var story = Scenario().Given(Issued(1, printed: false)).When(ToWater);
        Assert.Equal(TicketState.Issued, story.Ticket(1).State);
        Assert.Equal(TicketState.Waiting, story.When(new MarkPrinted(T(1))).Ticket(1).State);
    }

    [Fact]
    public void ChangeTicket_ToASuspendedService_IsRefused() =>
        Assert.Equal(RefusalCode.Suspended, Scenario().Given(Issue()).Given(SuspendService(Water)).When(ToWater).Refusal!.Code);
}
