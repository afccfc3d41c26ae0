using HallOps.Core.Halls;
using static HallOps.Core.Tests.Halls.SampleHall;

namespace HallOps.Core.Tests.Halls;

/// <summary>Who needs a low window (低位窗口) is left to one for a while, where one is open that does their service.</summary>
public sealed class LowWindowTests
{
    /// <summary>Window 3 is low and open. Ticket 1 is of class disabled, ticket 2 came after it.</summary>
    private static HallScenario Waiting(bool low = true)
    {
        var document = With("{\"class\": \"green\"", "{\"class\": \"disabled\", \"creditMinutes\": 20, \"grantedBy\": [\"guide\"]}, {\"class\": \"green\"").Replace("\"window\": \"3\", ", "\"window\": \"3\", \"low\": true, ", StringComparison.Ordinal);
        var story = HallScenario.Of(document).Given(Open(1, Li));
        if (low) story.Given(Open(3, Wang));
        return story.Given(Issue("card", "disabled", Grants.Guide)).At(10).Given(Issue());
    }

    [Fact]
    public void AnotherWindow_LeavesThemToTheLowOne_AndOvertakesNobody()
    {
        var story = Waiting().At(60);
        story.When(CallNext(1, Li)).ThenCalled(2, CallReason.FirstCome);
        story.When(CallNext(3, Wang)).ThenCalled(1, CallReason.FirstCome);
    }

    [Fact]
    public void AfterTenMinutes_AnyWindowCallsThem() => Waiting().At(600).When(CallNext(1, Li)).ThenCalled(1, CallReason.FirstCome);

    [Fact]
    public void WithNoLowWindowOpen_AnyWindowCallsThem()
    {
        Waiting(low: false).At(60).When(CallNext(1, Li)).ThenCalled(1, CallReason.FirstCome);
        Waiting().At(60).Given(Pause(3, Wang)).When(CallNext(1, Li)).ThenCalled(1, CallReason.FirstCome);
    }

    [Fact]
    public void WhereTheOneAtTheLowWindowCannotDoIt_AnyWindowCallsThem() =>
        Waiting().At(60).Given(Close(3, Wang), Open(3, Qian)).When(CallNext(1, Li)).ThenCalled(1, CallReason.FirstCome);

    [Fact]
    public void ManagersCall_IsTheManagers() => Waiting().At(60).When(CallTicket(1, Boss, "A001")).ThenCalled(1, CallReason.Manager);
}
