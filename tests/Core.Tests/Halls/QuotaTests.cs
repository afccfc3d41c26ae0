using HallOps.Core.Halls;
using static HallOps.Core.Tests.Halls.SampleHall;

namespace HallOps.Core.Tests.Halls;

/// <summary>Numbers of a line by time of day, and several cases on one.</summary>
public sealed class QuotaTests
{
    private const string Line = """{"line": "a", "prefix": "A", "name": {"zh": "甲"}}""";

    [Fact]
    public void Issue_OfASlotThatIsFull_IsRefusedWithWhenThereAreNumbersAgain()
    {
        var story = Limited().Given(Issue()).Given(Issue());
        story.When(Issue()).ThenRefused(RefusalCode.QuotaReached, ("line", "a"), ("max", 2), ("until", story.Seconds(3600)), ("next", story.Seconds(3600)));
        // Another line's numbers are none of it.
        story.When(Issue("water")).ThenNothingRefused();
        story.At(3600).Given(Issue()).When(Issue()).ThenRefused(RefusalCode.QuotaReached, ("next", null));
        // Outside every slot nothing is limited.
        story.At(2 * 3600).When(Issue()).ThenNothingRefused();
    }

    [Fact]
    public void Issue_WithAGuidesReason_IsPastQuotaAndAFullHall()
    {
        var story = Limited().Given(Issue()).Given(Issue());
        story.When(Issue() with { Override = Why }).ThenNothingRefused();
        var full = Scenario().Given(Issue()).Given(Issue()).Given(Issue()).Given(Issue()).Given(Issue());
        full.When(Issue() with { Override = Why }).ThenNothingRefused();
    }

    [Fact]
    public void ANumberNotPrinted_CountsWhileItMayBe_AndNoMoreOnceVoid()
    {
        var story = Limited().Given(Issue(printed: false)).Given(Issue()).When(Issue()).ThenRefused(RefusalCode.QuotaReached);
        story.At(61).When(Issue()).ThenNothingRefused();
    }

    [Fact]
    public void AChangeOfTheDocument_CountsWhatWasIssuedBeforeIt()
    {
        var story = Scenario().Given(Issue()).Given(Issue()).Given(Configure(Quotas()));
        story.When(Issue()).ThenRefused(RefusalCode.QuotaReached);
    }

    [Fact]
    public void TheNextDay_BeginsAnew()
    {
        var story = Limited().Given(Issue()).Given(Issue()).At(24 * 3600);
        story.When(Issue()).ThenNothingRefused();
    }

    [Fact]
    public void SeveralCasesOnOneNumber_AreWhatItsFinishCounts()
    {
        var story = Scenario().When(Issue() with { Cases = 7, Source = TicketSource.Agent });
        Assert.Equal([typeof(TicketIssued), typeof(CasesDeclared)], story.Events.Select(e => e.GetType()));
        Assert.Equal("A001", ((IssuedReply)story.Reply!).Number);
        story.Given(Open(1, Li)).Given(CallNext(1, Li)).Given(StartAt(1, Li));
        story.When(new FinishService(W(1), Li, null, null, null));
        Assert.Equal(7, Assert.IsType<ServiceFinished>(Assert.Single(story.Events)).Items);
    }

    // Two numbers from nine to ten, one from ten to eleven.
    private static string Quotas() => With(Line, Line[..^1] + """, "quotas": [{"from": "09:00", "to": "10:00", "max": 2}, {"from": "10:00", "to": "11:00", "max": 1}]}""");

    private static HallScenario Limited() => HallScenario.Of(Quotas());
}
