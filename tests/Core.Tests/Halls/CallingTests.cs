using HallOps.Core.Halls;
using static HallOps.Core.Tests.Halls.SampleHall;

namespace HallOps.Core.Tests.Halls;

/// <summary>DOMAIN.md, "Who is next": score, plain order, bounds and reasons.</summary>
public sealed class CallingTests
{
    private const string Room = "\"maxWaiting\": 5";

    /// <summary>The sample hall with room for many and these bounds.</summary>
    private static HallScenario Hall(int maxOvertakes = 10, int maxPriorityRun = 2) =>
        Scenario(Room, $"\"maxWaiting\": 10000, \"fairness\": {{\"maxOvertakes\": {maxOvertakes}, \"maxPriorityRun\": {maxPriorityRun}}}").Given(Open(1, Li));

    private static IssueTicket Elder() => Issue(@class: "elderly", grants: Grants.Guide);

    private static IssueTicket Strict() => Issue(@class: "green", grants: Grants.Guide);

    private static Next Done(int window, Clerk by) => Next(window, by, FinishOutcome.Done);

    [Fact]
    public void CallNext_AmongEquals_IsFirstComeFirstServed() =>
        Hall().Given(Issue()).Given(Issue("permit"), Issue()).Given(CallNext(1, Li)).ThenCalled(1, CallReason.FirstCome)
            .Given(Done(1, Li)).ThenCalled(2, CallReason.FirstCome).Given(Done(1, Li)).ThenCalled(3, CallReason.FirstCome);

    [Fact]
    public void CallNext_OfAClassWithCredit_OvertakesThoseWithin15Minutes()
    {
        var story = Hall().Given(Issue()).At(1).Given(Issue()).At(15 * 60 + 0.5).Given(Elder());
        story.When(CallNext(1, Li)).ThenCalled(1, CallReason.FirstCome);
        story.When(Done(1, Li)).ThenCalled(3, CallReason.Class, overtook: 1, firstOvertaken: 2);
    }

    [Fact]
    public void CallNext_OfEqualScores_CallsTheEarlierSince() =>
        Hall().Given(Issue()).At(15 * 60).Given(Elder()).When(CallNext(1, Li)).ThenCalled(1, CallReason.FirstCome);

    [Fact]
    public void CallNext_OfHeavierClass_CatchesUpWithTime()
    {
        // Weight 2 against weight 1: 10 minutes late, ahead after 20 minutes of the other's waiting.
        var story = Scenario("\"creditMinutes\": 15", "\"weight\": 2").Given(Open(1, Li)).Given(Issue()).At(600).Given(Elder());
        Assert.Equal(1, HallPicture.Ticket(story.State, story.Seconds(1200), T(2))!.Ahead);
        Assert.Equal(0, HallPicture.Ticket(story.State, story.Seconds(1200.001), T(2))!.Ahead);
        story.At(1200.001).When(CallNext(1, Li)).ThenCalled(2, CallReason.Class, overtook: 1, firstOvertaken: 1);
    }

    [Fact]
    public void CallNext_OfAHeavierLine_CountsItsWeight()
    {
        var story = HallScenario.Of(With("\"prefix\": \"B\"", "\"prefix\": \"B\", \"weight\": 1.5").Replace(", \"onlyAfterWaitMinutes\": 5", "", StringComparison.Ordinal)).Given(Open(3, Wang));
        story.Given(Issue()).At(100).Given(Issue("water")).At(301).When(CallNext(3, Wang)).ThenCalled(2, CallReason.Class, overtook: 1, firstOvertaken: 1);
    }

    [Fact]
    public void CallNext_AtAHelper_HelpsAtOnceWhenItsOwnLineIsEmpty() =>
        Hall().Given(Open(2, Wang)).Given(Issue()).When(CallNext(2, Wang)).ThenCalled(1, CallReason.Help);

    [Fact]
    public void CallNext_AtAHelper_PrefersItsOwnLineUpToTheHandicap()
    {
        var story = Hall().Given(Open(2, Wang)).Given(Issue(), Issue()).At(600).Given(Issue("water")).At(600.001).Given(Issue("water"));
        // A001 + 10 min ties with B001: the earlier since is first, in score and in plain order alike.
        story.When(CallNext(2, Wang)).ThenCalled(1, CallReason.Help);
        story.When(Done(2, Wang)).ThenCalled(2, CallReason.Help);
        story.When(Done(2, Wang)).ThenCalled(3, CallReason.FirstCome);
    }

    [Fact]
    public void CallNext_AfterMaxPriorityRun_ProtectsTheFirstInPlainOrder()
    {
        var story = Hall().Given(Issue(), Issue()).At(1).Given(Elder(), Elder(), Elder(), Elder());
        story.When(CallNext(1, Li)).ThenCalled(3, CallReason.Class, 2, 1);
        story.When(Done(1, Li)).ThenCalled(4, CallReason.Class, 2, 1);
        story.When(Done(1, Li)).ThenCalled(1, CallReason.Protected);
        story.When(Done(1, Li)).ThenCalled(5, CallReason.Class, 1, 2);
        story.When(Done(1, Li)).ThenCalled(6, CallReason.Class, 1, 2);
        story.When(Done(1, Li)).ThenCalled(2, CallReason.FirstCome);
    }

    [Fact]
    public void CallNext_AfterMaxPriorityRun_IsProtectedThroughClosingAndPausing()
    {
        var story = Hall().Given(Issue()).At(1).Given(Elder(), Elder(), Elder());
        story.Given(CallNext(1, Li), Done(1, Li), StartAt(1, Li), FinishAt(1, Li), Close(1, Li), Open(1, Wang), Pause(1, Wang), Unpause(1, Wang));
        story.When(CallNext(1, Wang)).ThenCalled(1, CallReason.Protected);
    }

    [Fact]
    public void CallNext_AtAnotherWindow_HasARunOfItsOwn()
    {
        var story = Hall().Given(Open(3, Wang)).Given(Issue()).At(1).Given(Elder(), Elder(), Elder());
        story.Given(CallNext(1, Li), Done(1, Li)).When(CallNext(3, Wang)).ThenCalled(4, CallReason.Class, 1, 1);
    }

    [Fact]
    public void CallNext_ThatWouldOvertakeOnceTooOften_IsProtected()
    {
        var story = Hall(maxOvertakes: 3, maxPriorityRun: 100).Given(Issue(), Issue()).At(1).Given(Strict(), Strict(), Strict(), Strict(), Strict());
        foreach (var ticket in new[] { 3, 4, 5 }) story.When(Next(1, Li, FinishOutcome.Done)).ThenCalled(ticket, CallReason.Class, 2, 1);
        // Both were overtaken three times: both go first.
        story.When(Done(1, Li)).ThenCalled(1, CallReason.Protected);
        story.When(Done(1, Li)).ThenCalled(2, CallReason.Protected);
        story.When(Done(1, Li)).ThenCalled(6, CallReason.FirstCome);
    }

    [Fact]
    public void ReservedAndManagersCalls_NeitherLengthenNorEndARun()
    {
        var story = Hall().Given(Issue(), Issue()).At(1).Given(Elder(), Elder(), Elder());
        story.When(CallNext(1, Li)).ThenCalled(3, CallReason.Class, 2, 1);
        story.Given(StartAt(1, Li), FinishAt(1, Li)).When(CallTicket(1, Boss, "A002")).ThenCalled(2, CallReason.Manager);
        story.When(Done(1, Li)).ThenCalled(4, CallReason.Class, 1, 1);
        story.When(Done(1, Li)).ThenCalled(1, CallReason.Protected);
    }

    [Fact]
    public void Overtakings_StayWithATicketThatWasMissedAndIsBack()
    {
        var story = Hall(maxOvertakes: 2, maxPriorityRun: 100).Given(Issue()).At(1).Given(Strict(), Strict());
        story.Given(CallNext(1, Li), Done(1, Li), StartAt(1, Li), FinishAt(1, Li)).When(CallTicket(1, Boss, "A001")).ThenCalled(1, CallReason.Manager);
        story.At(21).Given(Recall(1, Li), NoShow(1, Li)).At(5000).Given(new ReturnTicket(T(1))).At(5001).Given(Strict());
        story.When(CallNext(1, Li)).ThenCalled(1, CallReason.Protected);
    }

    [Fact]
    public void CallTicket_OfALineTheWindowDoesNotServe_IsTheManagersRight() =>
        Hall().Given(Issue("water")).When(CallTicket(1, Boss, "B001")).ThenCalled(1, CallReason.Manager);

    [Fact]
    public void CallNext_CountsOnlyThoseCallableAtThatWindow()
    {
        // zhao can do card, not permit; line b at window 3 only after five minutes.
        var story = Hall().Given(Open(3, Zhao)).Given(Issue("permit"), Issue(), Issue("water")).At(1).Given(Elder());
        story.When(CallNext(3, Zhao)).ThenCalled(4, CallReason.Class, 1, 2);
    }

    [Fact]
    public void Pick_With10000Waiting_LooksAtTheHeadsOfFewBlocks()
    {
        // A pick looks at the head of each group, and to count at the heads of its blocks and into one of them: 8 KiB of memory for a line of 10,000.
        var story = Hall();
        for (var i = 0; i < 10_000; i++) story.At(i * 0.01).Given(i % 2 == 1 ? Elder() : Issue());
        var groups = story.State.Find(A)!.Groups;
        Assert.Equal(2, groups.Count);
        Assert.InRange(groups.Sum(g => g.Blocks), 2, 10_000 / WaitingGroup.BlockSize + 2);
    }
}
