using HallOps.Core.Calendars;
using HallOps.Core.Halls;
using static HallOps.Core.Tests.Halls.CalendarHall;
using static HallOps.Core.Tests.Halls.SampleHall;

namespace HallOps.Core.Tests.Halls;

/// <summary>Extended hours (延时): windows leave one by one, at least one staying for whoever may still come, and come back for whom only they can serve.</summary>
public sealed class ExtendedHoursTests
{
    [Fact]
    public void ExtendedHours_StopIssuing_AndReleaseWindowsOneByOne_UntilTheLastIsServed()
    {
        var story = Staffed("16:58").Given(Issue(), Issue(), Issue("water"), CallNext(1, Li), StartAt(1, Li));
        story.At(T8("17:00:00")).When(Issue()).ThenRefused(RefusalCode.HallClosed, ("opensAt", I("2026-11-24T08:30:00")));
        // Two wait: nobody leaves.
        Assert.DoesNotContain("@17:", Moves(story).Replace("Extended@17:00:00", "", StringComparison.Ordinal), StringComparison.Ordinal);
        story.At(T8("17:02")).Given(CallNext(3, Sun)).Given(CallNext(2, Wang)).Given(StartAt(3, Sun), StartAt(2, Wang));
        story.At(T8("17:05")).Given(FinishAt(1, Li)).At(T8("17:05:01")).When(new Poke()).ThenDue(new WindowPaused(W(1), PauseReason.Schedule, I("2026-11-24T09:00:00")));
        Assert.True(HallPicture.Board(story.State, story.Now).Open);
        story.When(Unpause(1, Li)).ThenRefused(RefusalCode.NotScheduled);
        story.At(T8("17:09")).Given(FinishAt(3, Sun), FinishAt(2, Wang)).At(T8("18:31")).When(new Poke());
        Assert.EndsWith("-3@17:09:00 -2@17:09:00 closed@18:30:00", Moves(story), StringComparison.Ordinal);
    }

    [Fact]
    public void ExtendedHours_OneStaysForWhoMayComeBack_AndNoLongerThanThat()
    {
        var story = Staffed("16:50").Given(Issue(), CallNext(1, Li)).At(T8("16:51")).Given(Recall(1, Li)).At(T8("16:52")).Given(NoShow(1, Li)).At(T8("17:21")).When(new Poke());
        // Window 1 leaves first, since 3 is there for its line; 2 too; the last one stays until the return would be too late.
        Assert.EndsWith("Extended@17:00:00 -1@17:00:00 -2@17:00:00", Moves(story), StringComparison.Ordinal);
        story.At(T8("17:23")).When(new Poke());
        Assert.EndsWith("-3@17:22:00", Moves(story), StringComparison.Ordinal);
    }

    [Fact]
    public void ExtendedHours_EndAtTheCap_AndWhoIsLeftIsToldWhatIsLeft()
    {
        var story = Staffed("16:50").Given(Issue(), Issue()).At(T8("18:29")).Given(CallNext(1, Li), StartAt(1, Li)).At(T8("18:31")).When(new Poke());
        var view = HallPicture.Ticket(story.State, story.Now, T(2))!;
        Assert.Equal(ExplanationKind.Over, view.Explanation!.Kind);
        Assert.Equal([new AlternativeView("session", T8("2026-11-24T08:30:00")), new AlternativeView("appointment", T8("2026-11-24T09:00:00"))], view.Instead);
        // Who is being served is served.
        story.At(T8("18:40")).Given(FinishAt(1, Li)).At(T8("2026-11-24T00:01:00")).When(new Poke()).ThenTicket(2, TicketState.Expired, LegOutcome.Abandoned);
        Assert.Equal(T8("2026-11-24T09:00:00"), HallPicture.Ticket(story.State, story.Now, T(2))!.Instead![1].At);
    }

    [Fact]
    public void AWindowThatHasLeft_ComesBack_ForWhoIsLetInLater_AndLeavesAgain()
    {
        // Extended hours: nobody is left, all windows leave at once.
        var story = Staffed("17:10").When(new Poke());
        Assert.All(story.State.Windows.Values, w => Assert.Equal(WindowStatus.Paused, w.Status));
        story.Given(Issue() with { Override = Why, Grants = Grants.Guide | Grants.Self }).At(T8("17:10:01")).When(new Poke()).ThenDue(new WindowResumed(W(1)));
        story.When(CallNext(1, Li)).ThenCalled(1, CallReason.FirstCome);
        story.Given(StartAt(1, Li)).At(T8("17:20")).Given(FinishAt(1, Li)).At(T8("17:20:01")).When(new Poke()).ThenDue(new WindowPaused(W(1), PauseReason.Schedule, I("2026-11-24T09:00:00")));
    }

    [Fact]
    public void AWindowThatHasLeft_ComesBack_ForWhoIsPassedOnToIt_AndForNobodyElsesSake()
    {
        var story = HallScenario.Of(DocumentOf().Replace("{\"line\": \"a\"}, {\"line\": \"b\", \"onlyAfterWaitMinutes\": 5}", "{\"line\": \"a\"}", StringComparison.Ordinal), T8("08:00:00"));
        story.At(T8("08:40")).Given(Open(1, Li), Open(2, Wang), Open(3, Sun)).At(T8("16:55")).Given(Issue(), CallNext(1, Li), StartAt(1, Li));
        // Whoever has someone stays; nobody else.
        story.At(T8("17:05")).When(new Poke());
        Assert.Equal([WindowStatus.Serving, WindowStatus.Paused, WindowStatus.Paused], story.State.Windows.Values.Select(w => w.Status));
        story.Given(PassOn(1, Li, Water)).At(T8("17:05:01")).When(new Poke());
        Assert.Equal(WindowStatus.Idle, story.State.Find(W(2))!.Status);
        Assert.Equal(WindowStatus.Paused, story.State.Find(W(3))!.Status);
        story.When(CallNext(2, Wang)).ThenCalled(1, CallReason.FirstCome);
    }

    [Fact]
    public void ExtendedHours_OneStaysForAnAppointmentThatMayStillBeKept()
    {
        var late = DocumentOf().Replace("\"daysAhead\": 5", "\"daysAhead\": 5, \"lateMinutes\": 60", StringComparison.Ordinal);
        HallScenario Promised() => HallScenario.Of(late, T8("08:00:00")).At(T8("08:40")).Given(Open(1, Li), Open(2, Wang), Open(3, Sun))
            .Given(new BookAppointment("AAAA2222", Card, I("16:30:00"), null, false), new BookAppointment("BBBB2222", Card, I("2026-11-24T16:30:00"), null, false));

        // Line a is window 3's too: the last of the line stays, the others leave.
        var story = Promised().At(T8("17:10")).When(new Poke());
        Assert.EndsWith("Extended@17:00:00 -1@17:00:00 -2@17:00:00", Moves(story), StringComparison.Ordinal);
        story.Given(new CheckIn("AAAA2222", null, null, Grants.Self, null, null, TicketSource.Kiosk, null, false)).When(CallNext(3, Sun)).ThenCalled(1, CallReason.Due);
        story.Given(StartAt(3, Sun)).At(T8("17:20")).Given(FinishAt(3, Sun)).At(T8("17:20:01")).When(new Poke());
        Assert.EndsWith("-3@17:20:00", Moves(story), StringComparison.Ordinal);

        // Nobody comes: no longer than the grace.
        Assert.EndsWith("-2@17:00:00 -3@17:30:00", Moves(Promised().At(T8("17:31")).When(new Poke())), StringComparison.Ordinal);
    }

    [Fact]
    public void ExtendedHours_NobodyStaysForAnAppointmentOfALaterSession()
    {
        var evening = Calendar.Replace("\"to\": \"18:30\", \"untilServed\": true}", "\"to\": \"18:30\", \"untilServed\": true}, {\"kind\": \"regular\", \"days\": [\"workday\"], \"from\": \"19:00\", \"to\": \"20:00\"}", StringComparison.Ordinal);
        var story = Staffed("16:50", evening).Given(new BookAppointment("AAAA2222", Card, I("19:00:00"), null, false)).At(T8("17:10")).When(new Poke());
        Assert.EndsWith("-3@17:00:00", Moves(story), StringComparison.Ordinal);
        story.At(T8("18:40")).Given(new CheckIn("AAAA2222", null, null, Grants.Self, null, null, TicketSource.Kiosk, null, false)).At(T8("19:00:01")).When(CallNext(3, Sun)).ThenCalled(1, CallReason.FirstCome);
    }

    [Fact]
    public void AWindowThatHasLeft_IsBack_WhenAnotherExtendedSessionFollows()
    {
        var twice = Calendar.Replace("\"to\": \"18:30\", \"untilServed\": true}", "\"to\": \"18:00\", \"untilServed\": true}, {\"kind\": \"extended\", \"days\": [\"workday\"], \"from\": \"18:00\", \"to\": \"19:00\", \"untilServed\": true, \"windows\": [\"1\", \"2\"]}", StringComparison.Ordinal);
        var story = Staffed("17:10", twice).When(new Poke());
        Assert.Equal((PauseReason.Schedule, T8("18:00:00")), (HallPicture.Window(story.State, W(1)).Reason, HallPicture.Window(story.State, W(1)).ReopensAt));
        story.At(T8("18:00:01")).When(new Poke());
        // Back as it was said, and nobody is left for it: it leaves again, until tomorrow.
        Assert.EndsWith("Extended@18:00:00 +1@18:00:00 -1@18:00:00 +2@18:00:00 -2@18:00:00", Moves(story), StringComparison.Ordinal);
        Assert.Equal(T8("2026-11-24T09:00:00"), HallPicture.Window(story.State, W(1)).ReopensAt);
        // A calendar looked at again within the session brings back nobody.
        story.At(T8("18:10")).Given(Configure(DocumentOf(twice).Replace("\"maxWaiting\": 5", "\"maxWaiting\": 6", StringComparison.Ordinal))).At(T8("18:11")).When(new Poke());
        Assert.DoesNotContain("+1@18:1", Moves(story), StringComparison.Ordinal);
    }
}
