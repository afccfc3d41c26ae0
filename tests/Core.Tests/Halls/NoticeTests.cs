using HallOps.Core.Halls;
using static HallOps.Core.Tests.Halls.SampleHall;

namespace HallOps.Core.Tests.Halls;

/// <summary>Notices that a manager posts until a time.</summary>
public sealed class NoticeTests
{
    private static readonly ZoneId East = new("east");

    [Fact]
    public void Posted_IsOnTheBoardUntilItsTime_AndIsNamedByItsSequence()
    {
        var story = Scenario().At(10).When(Notice(100));

        story.Then(new NoticePosted(Why, null, story.Seconds(100)));
        Assert.Equal(new NoticeReply(2, story.Seconds(100)), story.Reply);
        var shown = Assert.Single(Shown(story));
        Assert.Equal((null, null, Why, 2L), (shown.Text, shown.Zone, shown.Posted, shown.Notice));
        Assert.Equal(new DateTimeOffset(2026, 11, 23, 9, 1, 40, TimeSpan.FromHours(8)), shown.Until);
        Assert.Equal(TimeSpan.FromHours(8), shown.Until!.Value.Offset);
    }

    [Fact]
    public void Posted_StandsBeforeTheDocumentsOwn_OldestFirst()
    {
        var story = Scenario("\"maxWaiting\": 5,", "\"maxWaiting\": 5, \"notices\": [{\"zh\": \"请带齐材料\"}],").Given(Notice(500), Notice(100));

        Assert.Equal([2, 3, null], Shown(story).Select(n => n.Notice));
    }

    [Fact]
    public void Posted_ForAZone_IsOnItsBoardAndTheHallsOnly()
    {
        var story = Zoned().Given(Notice(zone: "east"), Notice());

        Assert.Equal([2, 3], Shown(story).Select(n => n.Notice));
        Assert.Equal([2, 3], Shown(story, East).Select(n => n.Notice));
        Assert.Equal([3], Shown(story, new ZoneId("west")).Select(n => n.Notice));
    }

    [Fact]
    public void Post_ForAZoneThatIsNotThere_IsRefused() =>
        Zoned().When(Notice(zone: "north")).ThenRefused(RefusalCode.UnknownZone, ("zone", "north"));

    [Theory]
    [InlineData(49.999)]
    [InlineData(50)]
    public void Post_UntilATimeThatIsOver_IsRefused(double until)
    {
        var story = Scenario().At(50);
        story.When(Notice(until)).ThenRefused(RefusalCode.NoticeOver, ("until", story.Seconds(until)));
    }

    [Fact]
    public void Due_AtItsTime_EndsIt_AtThatMomentAndNotBefore()
    {
        var story = Scenario().Given(Notice(300), Notice(100));
        Assert.Equal(story.Seconds(100), Hall.DueAt(story.State));

        story.At(99.999).When(new Poke()).ThenDue();
        story.At(100).When(new Poke()).ThenDue(new NoticeEnded(3));
        Assert.Equal([2], Shown(story).Select(n => n.Notice));

        // However late it is looked at, the event has the moment it was due.
        story.At(1000).When(new Poke()).ThenDue(new NoticeEnded(2));
        Assert.Equal(story.Seconds(300), story.History[^1].At);
        Assert.Empty(Shown(story));
    }

    [Fact]
    public void Due_ManyAtOnce_EndInTheOrderOfTheirPosting() =>
        Scenario().Given(Notice(100), Notice(100), Notice(90)).At(200).When(new Poke()).ThenDue(new NoticeEnded(4), new NoticeEnded(2), new NoticeEnded(3));

    [Fact]
    public void Due_WithOtherThings_ComesInTheOrderOfTime()
    {
        var story = Scenario().Given(Opened(1, "li"), Issued(1), Called(1)).Given(Issued(2, printed: false)).Given(Notice(50), Notice(30), Notice(60));

        // A summons becomes a start after 45 seconds, a number nobody printed is void after 60: at one moment before a notice ends.
        story.At(60).When(new Poke()).ThenDue(new NoticeEnded(7), Started(1, story.Seconds(45), StartKind.Time), new NoticeEnded(6), new TicketVoided(2), new NoticeEnded(8));
    }

    [Fact]
    public void EndOfTheDay_LeavesItPosted()
    {
        var story = Scenario().Given(Notice(20 * 3600));

        story.At(16 * 3600).When(new Poke());
        Assert.IsType<DayEnded>(story.History[^1].Event);
        Assert.Equal([2], Shown(story).Select(n => n.Notice));
        story.At(20 * 3600).When(new Poke()).ThenDue(new NoticeEnded(2));
    }

    [Fact]
    public void Withdrawn_IsGone_AndOnlyOnce()
    {
        var story = Scenario().Given(Notice(100), Notice(200)).At(20).When(new WithdrawNotice(2)).Then(new NoticeEnded(2));

        Assert.Equal(new NoticeReply(2, story.Seconds(20)), story.Reply);
        Assert.Equal([3], Shown(story).Select(n => n.Notice));
        story.When(new WithdrawNotice(2)).ThenRefused(RefusalCode.UnknownNotice, ("notice", 2L));
        story.At(150).When(new Poke()).ThenDue();
    }

    [Fact]
    public void Withdraw_OfOneThatIsOver_OrOfAnotherEvent_IsRefused()
    {
        var story = Scenario().Given(Notice(100)).At(100);

        story.When(new WithdrawNotice(2)).ThenDue(new NoticeEnded(2)).ThenRefused(RefusalCode.UnknownNotice);
        story.When(new WithdrawNotice(1)).ThenRefused(RefusalCode.UnknownNotice);
    }

    [Fact]
    public void Post_OneTooMany_IsRefused_UntilOneIsOver()
    {
        var story = Scenario();
        for (var n = 0; n < Hall.MaxNotices; n++) story.Given(Notice(100 + n));

        story.When(Notice(500)).ThenRefused(RefusalCode.TooManyNotices, ("notices", 20));
        story.At(100).When(Notice(500)).ThenDue(new NoticeEnded(2)).ThenNothingRefused();
        Assert.Equal(Hall.MaxNotices, Shown(story).Count);
        story.When(Notice(500)).ThenRefused(RefusalCode.TooManyNotices);
    }

    [Fact]
    public void Copy_OfTheState_HasThem_AndLivesOnItsOwn()
    {
        var story = Scenario().Given(Notice(100));
        var copy = story.State.Copy();

        story.When(new WithdrawNotice(2));

        Assert.Equal([2], HallPicture.Notices(copy, story.Now).Select(n => n.Notice));
    }

    private static HallScenario Zoned() =>
        Scenario("\"maxWaiting\": 5,", "\"maxWaiting\": 5, \"zones\": [{\"zone\": \"east\", \"name\": {\"zh\": \"东\"}}, {\"zone\": \"west\", \"name\": {\"zh\": \"西\"}}],");

    private static IReadOnlyList<NoticeView> Shown(HallScenario story, ZoneId? zone = null) => HallPicture.Notices(story.State, story.Now, zone);
}
