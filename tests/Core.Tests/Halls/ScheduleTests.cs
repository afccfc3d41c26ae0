using HallOps.Core.Calendars;
using HallOps.Core.Halls;
using static HallOps.Core.Tests.Halls.CalendarHall;
using static HallOps.Core.Tests.Halls.SampleHall;

namespace HallOps.Core.Tests.Halls;

/// <summary>The hall runs from its calendar: who is at which window, and what a change of the calendar does.</summary>
public sealed class ScheduleTests
{
    [Fact]
    public void AClerkWhoIsEarly_SignsIn_AndTheWindowOpensByItself()
    {
        var story = Empty().At(T8("08:40")).When(Open(1, Li)).Then(Opened(1, "li"), new WindowPaused(W(1), PauseReason.Schedule, I("09:00:00")));
        story.When(Unpause(1, Li)).ThenRefused(RefusalCode.NotScheduled, ("opensAt", I("09:00:00")));
        Assert.False(HallPicture.Board(story.State, story.Now).Open);
        Assert.Equal(T8("09:00:00"), HallPicture.Board(story.State, story.Now).OpensAt);
        story.At(T8("09:00:30")).When(new Poke());
        Assert.Equal("closed@08:00:00 closed@08:30:00 -1@08:40:00 Regular@09:00:00 +1@09:00:00".Split(' ').Where(m => m != "closed@08:00:00"), Moves(story).Split(' ').Where(m => m != "closed@08:00:00"));
        Assert.True(HallPicture.Board(story.State, story.Now).Open);
        story.Given(Issue()).When(CallNext(1, Li)).ThenCalled(1, CallReason.FirstCome);
    }

    [Fact]
    public void AtLunch_WindowsFinishWhomTheyHave_ThenPause_AndSayWhereToGo_AndResumeByThemselves()
    {
        var story = Staffed("11:40").Given(Issue(), Issue(), Issue("water"), CallNext(1, Li), CallNext(2, Wang), StartAt(1, Li), StartAt(2, Wang));
        story.At(T8("12:07")).When(Next(1, Li));
        // Finished, and nobody called: the window has left the timetable.
        Assert.Equal(["ServiceFinished"], story.Events.Select(e => e.GetType().Name));
        story.At(T8("12:07:01")).When(new Poke()).ThenDue(new WindowPaused(W(1), PauseReason.Schedule, I("13:30:00")));
        var one = HallPicture.Window(story.State, W(1));
        Assert.Equal((WindowStatus.Paused, PauseReason.Schedule, T8("13:30:00"), "3"), (one.State, one.Reason, one.ReopensAt, one.GoTo));
        Assert.Equal(WindowStatus.Serving, HallPicture.Window(story.State, W(2)).State);
        // Window 3 goes on for everybody.
        story.When(CallNext(3, Sun)).ThenCalled(2, CallReason.FirstCome);
        story.At(T8("12:20")).Given(FinishAt(2, Wang)).At(T8("13:31")).When(new Poke());
        Assert.Contains("-2@12:20:00", Moves(story), StringComparison.Ordinal);
        Assert.EndsWith("Regular@13:30:00 +1@13:30:00 +2@13:30:00", Moves(story), StringComparison.Ordinal);
        Assert.Null(HallPicture.Window(story.State, W(1)).GoTo);
    }

    [Fact]
    public void AClerksOwnPause_IsNeverEndedByTheTimetable()
    {
        var story = Staffed("11:40").Given(Pause(1, Li)).At(T8("14:00")).When(new Poke());
        Assert.Equal((WindowStatus.Paused, PauseReason.Meal), (HallPicture.Window(story.State, W(1)).State, HallPicture.Window(story.State, W(1)).Reason));
    }

    [Fact]
    public void AWindowTakenOverAtLunch_WaitsForTheOneWhoIsThereNow()
    {
        var story = Empty().At(T8("08:40")).Given(Open(1, Li)).At(T8("12:30")).Given(TakeOver(1, Wang)).At(T8("13:40")).When(new Poke());
        Assert.Equal(WindowStatus.Paused, HallPicture.Window(story.State, W(1)).State);
        story.When(Unpause(1, Wang)).Then(new WindowResumed(W(1)));
    }

    [Fact]
    public void WhoIsNotThereByTheGrace_IsStoodInFor_AtTheWindowOfItsB_UntilItComes()
    {
        var story = Empty().At(T8("08:40")).Given(Open(2, Wang)).At(T8("09:09:59")).When(new Poke());
        Assert.Null(HallPicture.Window(story.State, W(1)).GoTo);
        story.At(T8("09:10:00")).When(new Poke()).ThenDue(new StandInChanged(W(1), W(2)));
        Assert.Equal("2", HallPicture.Window(story.State, W(1)).GoTo);
        Assert.Equal(["1"], HallPicture.Floor(story.State, story.Now).Seats.Single(s => s.Window == "2").Expected!.AlsoFor);
        // Line a is its own now: without the handicap of ten minutes that window 2 has as a helper.
        story.Given(Issue(), Issue("water")).When(CallNext(2, Wang)).ThenCalled(1, CallReason.FirstCome);
        // A short break of B changes nothing about where to go.
        story.Given(StartAt(2, Wang), FinishAt(2, Wang), Pause(2, Wang));
        Assert.Equal("2", HallPicture.Window(story.State, W(1)).GoTo);
        story.Given(Unpause(2, Wang)).At(T8("09:20")).Given(Open(1, Li)).When(new Poke()).ThenDue(new StandInChanged(W(1), null));
        Assert.Equal(600_000, story.State.Find(W(2))!.OfferOf(A)!.AfterMilliseconds);
    }

    [Fact]
    public void AnAbsenceThatIsPlanned_IsStoodInForFromTheFirstMinute()
    {
        var story = Empty("08:00", Calendar.Replace("\"absences\": []", "\"absences\": [{\"staff\": \"li\", \"from\": \"2026-11-23T09:00\", \"to\": \"2026-11-23T12:00\"}]", StringComparison.Ordinal));
        story.At(T8("08:40")).Given(Open(2, Wang)).At(T8("09:00")).Given(Issue()).When(CallNext(2, Wang)).ThenCalled(1, CallReason.FirstCome);
        Assert.Equal("2", HallPicture.Window(story.State, W(1)).GoTo);
        Assert.Equal(["b", "a"], HallPicture.Window(story.State, W(2)).Lines);
    }

    [Fact]
    public void WhoComesAfterAnother_HasTheWholeGrace()
    {
        var shifts = Calendar.Replace("{\"window\": \"1\", \"a\": \"li\", \"b\": \"wang\"}",
            "{\"window\": \"1\", \"a\": \"li\", \"b\": \"wang\", \"times\": [\"09:00\", \"10:00\"]}, {\"window\": \"1\", \"a\": \"zhao\", \"b\": \"wang\", \"times\": [\"10:00\", \"17:00\"]}", StringComparison.Ordinal);
        var story = Empty("08:00", shifts).At(T8("08:40")).Given(Open(1, Li), Open(2, Wang)).At(T8("10:00:10")).Given(Close(1, Li));
        story.At(T8("10:09:59")).When(new Poke());
        Assert.Null(story.State.Find(W(1))!.StandInAt);
        Assert.Equal(I("10:00:00"), story.State.Find(W(1))!.ExpectedSince);
        story.At(T8("10:10:00")).When(new Poke()).ThenDue(new StandInChanged(W(1), W(2)));
    }

    [Fact]
    public void Holidays_Announced_CloseTheHall_AndNameWhomToTell()
    {
        var story = Empty().Given(new BookAppointment("AAAA2222", Card, I("2026-11-25T09:30:00"), P(1), false), new BookAppointment("BBBB2222", Card, I("2026-11-26T09:30:00"), P(1), false));
        var notice = new HolidayTable([new HolidayDate(new DateOnly(2026, 11, 25), true, "国庆"), new HolidayDate(new DateOnly(2026, 11, 28), false, "国庆")]);
        Assert.Equal(["AAAA2222"], HallChange.StrandedBy(story.State, notice).Select(a => a.Code));

        var due = Hall.NextDue(story.State, story.Now, notice)!.Value;
        Assert.Equal("HolidaysAnnounced", due.Event.GetType().Name);
        story.Given(due.Event).At(T8("2026-11-25T10:00:00")).When(Issue()).ThenRefused(RefusalCode.HallClosed, ("opensAt", I("2026-11-26T08:30:00")));
        Assert.Null(Hall.NextDue(story.State, story.Now, notice));
        story.At(T8("2026-11-28T14:00:00")).When(Issue()).ThenNothingRefused();
    }

    [Fact]
    public void ACalendarChangedAtNoon_HoldsAtOnce_AndNamesWhomToTell()
    {
        var story = Staffed("10:00").Given(new BookAppointment("AAAA2222", Card, I("2026-11-25T12:30:00"), P(1), false));
        var changed = DocumentOf(Calendar.Replace("\"windows\": [\"3\"]}", "\"windows\": [\"2\"]}", StringComparison.Ordinal));
        Assert.Empty(HallChange.To(story.State, Pack(changed).Settings).InUse);
        Assert.Equal(["AAAA2222"], HallChange.To(story.State, Pack(changed).Settings).Stranded.Select(a => a.Code));
        story.At(T8("12:10")).Given(Configure(changed)).At(T8("12:10:01")).When(new Poke());
        Assert.EndsWith("Lunch@12:10:00 -3@12:10:00 +2@12:10:00", Moves(story), StringComparison.Ordinal);
        // Open at all hours from here on: who was paused by a timetable that is no more is back.
        story.Given(Configure(DocumentOf("\"calendar\": {\"sessions\": \"always\"}"))).When(new Poke());
        Assert.All(story.State.Windows.Values, w => Assert.Equal(WindowStatus.Idle, w.Status));
        Assert.Null(story.State.Schedule);
    }

    [Fact]
    public void AClosedWindow_SaysWhenItReopens_ByTheCalendarOfNow()
    {
        var story = Staffed("19:00").When(new Poke());
        Assert.Equal(T8("2026-11-24T09:00:00"), HallPicture.Window(story.State, W(1)).ReopensAt);
        var closed = DocumentOf(Calendar.Replace("\"exceptions\": []", "\"exceptions\": [{\"date\": \"2026-11-24\", \"closed\": true}]", StringComparison.Ordinal));
        story.Given(Configure(closed)).At(T8("19:00:01")).When(new Poke());
        Assert.Equal(T8("2026-11-25T09:00:00"), HallPicture.Window(story.State, W(1)).ReopensAt);
    }

    [Fact]
    public void DaysNobodyLooked_ArePassedOver_AndTheDayThatRunsIsToday()
    {
        var story = Staffed("09:30").At(T8("2026-11-26T10:00:00")).When(new Poke());
        Assert.Equal(new DateOnly(2026, 11, 26), story.State.Day);
        Assert.Equal(1, Moves(story).Split(' ').Count(m => m.StartsWith("end", StringComparison.Ordinal)));
        Assert.All(story.State.Windows.Values, w => Assert.Equal(WindowStatus.Idle, w.Status));
    }

    [Fact]
    public void AHallOpenAcrossMidnight_HasOneServiceDay()
    {
        var night = "\"calendar\": {\"sessions\": [{\"kind\": \"regular\", \"days\": [\"friday\"], \"from\": \"20:00\", \"to\": \"26:00\", \"windows\": [\"1\"], \"offered\": \"covered\"}]}";
        var story = HallScenario.Of(DocumentOf(night), T8("2026-11-27T19:00:00")).Given(Open(1, Li)).At(T8("2026-11-28T01:00:00")).Given(Issue()).When(CallNext(1, Li));
        Assert.Equal(new DateOnly(2026, 11, 27), story.Ticket(1).Day);
        story.Given(StartAt(1, Li), FinishAt(1, Li)).At(T8("2026-11-28T02:00:01")).When(new Poke());
        Assert.EndsWith("end@02:00:00 closed@02:00:00 -1@02:00:00", Moves(story), StringComparison.Ordinal);
        Assert.Equal(new DateOnly(2026, 11, 28), story.State.Day);
    }

    [Theory]
    // Berlin's clocks go from 2:00 to 3:00 on 28 March 2027 and from 3:00 to 2:00 on 25 October 2026: doors open at nine of the hall's own clock, an hour earlier or later for everybody else.
    [InlineData("2026-10-24T20:00:00Z", "2026-10-25T08:00:00Z", 25)]
    [InlineData("2027-03-27T20:00:00Z", "2027-03-28T07:00:00Z", 23)]
    [InlineData("2027-03-28T20:00:00Z", "2027-03-29T07:00:00Z", 24)]
    public void F9_ClocksThatChange_OpenTheHallAtNineOfItsOwnClock(string from, string opens, int hoursOfTheDay)
    {
        var berlin = DocumentOf("\"calendar\": {\"timeZone\": \"Europe/Berlin\", \"holidays\": \"none\", \"sessions\": [{\"kind\": \"regular\", \"days\": [\"workday\", \"restday\"], \"from\": \"09:00\", \"to\": \"12:00\"}]}");
        var start = DateTimeOffset.Parse(from, System.Globalization.CultureInfo.InvariantCulture);
        var story = HallScenario.Of(berlin, start).Given(Open(1, Li)).At(start.AddHours(4)).When(new Poke()).At(start.AddHours(30)).When(new Poke());
        var reached = story.History.First(h => h.Event is ScheduleReached { Schedule.Session: not null });
        Assert.Equal(DateTimeOffset.Parse(opens, System.Globalization.CultureInfo.InvariantCulture), reached.At.ToDateTimeOffset());
        var ends = story.History.Where(h => h.Event is DayEnded).Select(h => h.At).ToList();
        Assert.Equal(hoursOfTheDay, (ends[1] - ends[0]).TotalHours);
    }

    [Fact]
    public void RestartedAtLunch_FromASnapshotOrFromCopies_GoesOnAsItWas()
    {
        var story = Staffed("11:40").Given(Issue(), Issue(), CallNext(1, Li), CallNext(3, Sun), StartAt(1, Li), StartAt(3, Sun)).At(T8("12:07")).When(Next(1, Li)).At(T8("12:08")).When(new Poke());
        var copy = story.State.Copy();
        for (var now = story.Now; now <= I("23:59:00"); now += TimeSpan.FromMinutes(7))
            while (Hall.NextDue(copy, now) is var (e, at)) Hall.Evolve(copy, e, at, copy.Sequence + 1);
        story.At(T8("23:59:00")).When(new Poke());
        Assert.Equal(story.State.Sequence, copy.Sequence);
        Assert.Equal(story.State.Windows.Values.Select(w => (w.Status, w.PausedUntil, w.ExpectedSince)), copy.Windows.Values.Select(w => (w.Status, w.PausedUntil, w.ExpectedSince)));
    }

    [Fact]
    public void WhoseServiceTheSessionLeavesOut_IsToldWhenItIsDoneAgain_ThoughTheLineGoesOnForOthers()
    {
        // At lunch window 3 does cards only; permits are of the same line.
        var cut = Calendar.Replace("\"windows\": [\"3\"]}", "\"windows\": [\"3\"], \"services\": [\"card\"]}", StringComparison.Ordinal);
        var story = Staffed("11:40", cut).Given(Issue("permit"), Issue()).At(T8("12:10")).When(new Poke());
        Assert.Equal(1, story.State.Find(A)!.OpenWindows);
        var permit = HallPicture.Ticket(story.State, story.Now, T(1))!;
        Assert.Equal((ExplanationKind.NoWindow, T8("13:30:00")), (permit.Explanation!.Kind, permit.Explanation.At));
        Assert.Null(permit.Estimate);
        Assert.Null(permit.Instead);
        var card = HallPicture.Ticket(story.State, story.Now, T(2))!;
        Assert.Equal(ExplanationKind.Waiting, card.Explanation!.Kind);
        Assert.NotNull(card.Estimate);
        story.At(T8("13:30:01")).When(new Poke());
        Assert.Equal(ExplanationKind.Waiting, HallPicture.Ticket(story.State, story.Now, T(1))!.Explanation!.Kind);
    }

    [Fact]
    public void WhoseServiceIsNotDoneAgainToday_IsToldSo_AndWhenNumbersForItAreGivenAgain()
    {
        // The afternoon is for cards only, and so is Tuesday morning.
        var cut = Calendar.Replace("\"from\": \"13:30\", \"to\": \"17:00\"}", "\"from\": \"13:30\", \"to\": \"17:00\", \"services\": [\"card\"]}", StringComparison.Ordinal)
            .Replace("\"untilServed\": true}", "\"untilServed\": true, \"services\": [\"card\"]}", StringComparison.Ordinal)
            .Replace("\"exceptions\": []", "\"exceptions\": [{\"date\": \"2026-11-24\", \"sessions\": [{\"kind\": \"regular\", \"from\": \"09:00\", \"to\": \"12:00\", \"services\": [\"card\"]}]}]", StringComparison.Ordinal);
        var story = Staffed("11:40", cut).Given(Issue("permit")).At(T8("13:40")).When(new Poke());
        var permit = HallPicture.Ticket(story.State, story.Now, T(1))!;
        Assert.Equal((ExplanationKind.Over, T8("2026-11-25T08:30:00")), (permit.Explanation!.Kind, permit.Explanation.At));
        Assert.Equal([new AlternativeView("session", T8("2026-11-25T08:30:00"))], permit.Instead);
    }
}
