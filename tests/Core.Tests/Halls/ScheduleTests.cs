using HallOps.Core.Calendars;
using HallOps.Core.Halls;
using static HallOps.Core.Tests.Halls.SampleHall;

namespace HallOps.Core.Tests.Halls;

/// <summary>The hall runs from its calendar: Monday, 23 November 2026, and the days after it.</summary>
public sealed class ScheduleTests
{
    private const string Calendar =
        """
        "calendar": {"timeZone": "Asia/Shanghai", "holidays": "CN",
          "sessions": [{"kind": "regular", "days": ["workday"], "from": "09:00", "to": "12:00", "issueFrom": "08:30", "issueUntil": "11:50"},
                       {"kind": "lunch", "days": ["workday"], "from": "12:00", "to": "13:30", "offered": "covered", "windows": ["3"]},
                       {"kind": "regular", "days": ["workday"], "from": "13:30", "to": "17:00"},
                       {"kind": "extended", "days": ["workday"], "from": "17:00", "to": "18:30", "untilServed": true},
                       {"kind": "weekend", "days": ["saturday"], "from": "09:00", "to": "12:00", "windows": ["1"], "services": ["card"], "offered": "covered"}],
          "roster": [{"window": "1", "a": "li", "b": "wang"}, {"window": "2", "a": "wang", "b": "li"}, {"window": "3", "a": "sun"}],
          "absences": [], "exceptions": []}
        """;

    private static string Document(string calendar = Calendar) =>
        With("\"calendar\": {\"timeZone\": \"Asia/Shanghai\", \"sessions\": \"always\", \"roster\": [{\"window\": \"1\", \"a\": \"li\", \"b\": \"wang\"}]}", calendar)
            .Replace("{\"staff\": \"wang\", \"name\": \"王\"}", "{\"staff\": \"wang\", \"name\": \"王\"}, {\"staff\": \"sun\", \"name\": \"孙\"}", StringComparison.Ordinal)
            .Replace("\"expectedMinutes\": 6", "\"expectedMinutes\": 6, \"appointments\": {\"slotMinutes\": 30, \"capacity\": 4, \"daysAhead\": 5}", StringComparison.Ordinal);

    private static readonly Clerk Sun = Person("sun");

    private static DateTimeOffset T8(string time) => DateTimeOffset.Parse(time.Length > 8 ? time + "+08:00" : $"2026-11-23T{time}+08:00", System.Globalization.CultureInfo.InvariantCulture);

    private static Instant I(string time) => Instant.From(T8(time));

    private static HallScenario Hall(string from = "08:00", string calendar = Calendar) => HallScenario.Of(Document(calendar), T8(from));

    private static HallScenario Open(string at = "09:30") => Hall().At(T8("08:40")).Given(SampleHall.Open(1, Li), SampleHall.Open(2, Wang), SampleHall.Open(3, Sun)).At(T8(at));

    private static string Moves(HallScenario story) => string.Join(' ', story.History.Select(h => (h.Event switch
    {
        WindowPaused e => $"-{e.Window}@",
        WindowResumed e => $"+{e.Window}@",
        ScheduleReached e => $"{e.Schedule.Session?.ToString() ?? "closed"}@",
        StandInChanged e => $"{e.Window}>{e.At?.Value ?? "x"}@",
        DayEnded e => "end@",
        _ => "",
    }, h.At)).Where(m => m.Item1.Length > 0).Select(m => m.Item1 + m.At.ToDateTimeOffset().ToOffset(TimeSpan.FromHours(8)).ToString("HH:mm:ss", null)));

    [Fact]
    public void Numbers_AreGivenFromIssueFrom_AndNotBefore_AndTheRefusalSaysWhen()
    {
        var story = Hall().When(Issue()).ThenRefused(RefusalCode.HallClosed, ("opensAt", I("08:30:00")));
        var alternatives = (IReadOnlyList<Alternative>)story.Refusal!.Facts.Single(f => f.Name == "alternatives").Value!;
        Assert.Equal([new Alternative("session", I("08:30:00")), new Alternative("appointment", I("09:00:00"))], alternatives);
        story.At(T8("08:29:59.999")).When(Issue()).ThenRefused(RefusalCode.HallClosed);
        story.At(T8("08:30:00")).When(Issue()).ThenNothingRefused();
        story.At(T8("11:49:59")).When(Issue()).ThenNothingRefused();
        story.At(T8("11:50:00")).When(Issue()).ThenRefused(RefusalCode.HallClosed, ("opensAt", I("12:00:00")));
        // Somebody at the door just then: the guide answers for it.
        story.When(Issue() with { Override = Why, Grants = Grants.Guide | Grants.Self }).ThenNothingRefused();
    }

    [Fact]
    public void AClerkWhoIsEarly_SignsIn_AndTheWindowOpensByItself()
    {
        var story = Hall().At(T8("08:40")).When(SampleHall.Open(1, Li)).Then(Opened(1, "li"), new WindowPaused(W(1), PauseReason.Schedule, I("09:00:00")));
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
        var story = Open("11:40").Given(Issue(), Issue(), Issue("water"), CallNext(1, Li), CallNext(2, Wang), StartAt(1, Li), StartAt(2, Wang));
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
        var story = Open("11:40").Given(Pause(1, Li)).At(T8("14:00")).When(new Poke());
        Assert.Equal((WindowStatus.Paused, PauseReason.Meal), (HallPicture.Window(story.State, W(1)).State, HallPicture.Window(story.State, W(1)).Reason));
    }

    [Fact]
    public void AWindowTakenOverAtLunch_WaitsForTheOneWhoIsThereNow()
    {
        var story = Hall().At(T8("08:40")).Given(SampleHall.Open(1, Li)).At(T8("12:30")).Given(TakeOver(1, Wang)).At(T8("13:40")).When(new Poke());
        Assert.Equal(WindowStatus.Paused, HallPicture.Window(story.State, W(1)).State);
        story.When(Unpause(1, Wang)).Then(new WindowResumed(W(1)));
    }

    [Fact]
    public void WhoIsNotThereByTheGrace_IsStoodInFor_AtTheWindowOfItsB_UntilItComes()
    {
        var story = Hall().At(T8("08:40")).Given(SampleHall.Open(2, Wang)).At(T8("09:09:59")).When(new Poke());
        Assert.Null(HallPicture.Window(story.State, W(1)).GoTo);
        story.At(T8("09:10:00")).When(new Poke()).ThenDue(new StandInChanged(W(1), W(2)));
        Assert.Equal("2", HallPicture.Window(story.State, W(1)).GoTo);
        Assert.Equal(["1"], HallPicture.Floor(story.State, story.Now).Seats.Single(s => s.Window == "2").Expected!.AlsoFor);
        // Line a is its own now: without the handicap of ten minutes that window 2 has as a helper.
        story.Given(Issue(), Issue("water")).When(CallNext(2, Wang)).ThenCalled(1, CallReason.FirstCome);
        // A short break of B changes nothing about where to go.
        story.Given(StartAt(2, Wang), FinishAt(2, Wang), Pause(2, Wang));
        Assert.Equal("2", HallPicture.Window(story.State, W(1)).GoTo);
        story.Given(Unpause(2, Wang)).At(T8("09:20")).Given(SampleHall.Open(1, Li)).When(new Poke()).ThenDue(new StandInChanged(W(1), null));
        Assert.Equal(600_000, story.State.Find(W(2))!.OfferOf(A)!.AfterMilliseconds);
    }

    [Fact]
    public void AnAbsenceThatIsPlanned_IsStoodInForFromTheFirstMinute()
    {
        var story = Hall("08:00", Calendar.Replace("\"absences\": []", "\"absences\": [{\"staff\": \"li\", \"from\": \"2026-11-23T09:00\", \"to\": \"2026-11-23T12:00\"}]", StringComparison.Ordinal));
        story.At(T8("08:40")).Given(SampleHall.Open(2, Wang)).At(T8("09:00")).Given(Issue()).When(CallNext(2, Wang)).ThenCalled(1, CallReason.FirstCome);
        Assert.Equal("2", HallPicture.Window(story.State, W(1)).GoTo);
        Assert.Equal(["b", "a"], HallPicture.Window(story.State, W(2)).Lines);
    }

    [Fact]
    public void ExtendedHours_StopIssuing_AndReleaseWindowsOneByOne_UntilTheLastIsServed()
    {
        var story = Open("16:58").Given(Issue(), Issue(), Issue("water"), CallNext(1, Li), StartAt(1, Li));
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
        var story = Open("16:50").Given(Issue(), CallNext(1, Li)).At(T8("16:51")).Given(Recall(1, Li)).At(T8("16:52")).Given(NoShow(1, Li)).At(T8("17:21")).When(new Poke());
        // Window 1 leaves first, since 3 is there for its line; 2 too; the last one stays until the return would be too late.
        Assert.EndsWith("Extended@17:00:00 -1@17:00:00 -2@17:00:00", Moves(story), StringComparison.Ordinal);
        story.At(T8("17:23")).When(new Poke());
        Assert.EndsWith("-3@17:22:00", Moves(story), StringComparison.Ordinal);
    }

    [Fact]
    public void ExtendedHours_EndAtTheCap_AndWhoIsLeftIsToldWhatIsLeft()
    {
        var story = Open("16:50").Given(Issue(), Issue()).At(T8("18:29")).Given(CallNext(1, Li), StartAt(1, Li)).At(T8("18:31")).When(new Poke());
        var view = HallPicture.Ticket(story.State, story.Now, T(2))!;
        Assert.Equal(ExplanationKind.Over, view.Explanation!.Kind);
        Assert.Equal([new AlternativeView("session", T8("2026-11-24T08:30:00")), new AlternativeView("appointment", T8("2026-11-24T09:00:00"))], view.Instead);
        // Who is being served is served.
        story.At(T8("18:40")).Given(FinishAt(1, Li)).At(T8("2026-11-24T00:01:00")).When(new Poke()).ThenTicket(2, TicketState.Expired, LegOutcome.Abandoned);
        Assert.Equal(T8("2026-11-24T09:00:00"), HallPicture.Ticket(story.State, story.Now, T(2))!.Instead![1].At);
    }

    [Fact]
    public void Weekend_RunsItsNamedWindow_AndItsNamedService()
    {
        var story = Hall("2026-11-28T08:50:00").Given(SampleHall.Open(1, Li)).At(T8("2026-11-28T09:10:00"));
        story.When(Issue("permit")).ThenRefused(RefusalCode.CannotBeServedToday, ("lacking", "window"));
        story.When(Issue("water")).ThenRefused(RefusalCode.CannotBeServedToday);
        story.Given(Issue()).When(CallNext(1, Li)).ThenCalled(1, CallReason.FirstCome);
        // Window 2 is not on duty: who signs in there waits for Monday.
        story.When(SampleHall.Open(2, Wang)).Then(Opened(2, "wang"), new WindowPaused(W(2), PauseReason.Schedule, I("2026-11-30T09:00:00")));
    }

    [Theory]
    [InlineData("warn", true, false)]
    [InlineData("strict", false, false)]
    [InlineData("off", true, true)]
    public void Admission_KeepsItsWord(string admission, bool isIssued, bool isSilent)
    {
        var document = Document().Replace("\"maxWaiting\": 5", $"\"maxWaiting\": 500, \"admission\": \"{admission}\"", StringComparison.Ordinal).Replace("{\"kind\": \"extended\", \"days\": [\"workday\"], \"from\": \"17:00\", \"to\": \"18:30\", \"untilServed\": true},", "", StringComparison.Ordinal);
        var story = HallScenario.Of(document, T8("16:00"));
        // An hour is left, three windows do it: at six minutes each, thirty can be served for certain; sixty at twice the pace.
        for (var i = 0; i < 29; i++) story.Given(Issue());
        Assert.False(((IssuedReply)story.Reply!).MayNotBeServed);
        for (var i = 0; i < 31; i++) story.Given(Issue());
        Assert.Equal(!isSilent, ((IssuedReply)story.Reply!).MayNotBeServed);
        story.When(Issue());
        if (isIssued) story.ThenNothingRefused();
        else story.ThenRefused(RefusalCode.CannotBeServedToday, ("lacking", "work"));
        story.When(Issue(@class: "elderly", grants: Grants.Self | Grants.IdCard, age: 70)).ThenNothingRefused();
        if (!isIssued) story.When(Issue() with { Override = Why }).ThenNothingRefused();
    }

    [Fact]
    public void Slots_AreThoseOfStaffedSessions()
    {
        var story = Hall();
        var slots = HallPicture.SlotsOf(story.State, story.Now, Card, null)!.Select(s => s.Slot.ToString("HH:mm", null)).ToList();
        // Not in extended hours; at lunch only window 3 is there.
        Assert.Equal("09:00 09:30 10:00 10:30 11:00 11:30 12:00 12:30 13:00 13:30 14:00 14:30 15:00 15:30 16:00 16:30", string.Join(' ', slots));
        Assert.Equal([4, 2], HallPicture.SlotsOf(story.State, story.Now, Card, null)!.Where(s => s.Slot.Hour is 9 or 12 && s.Slot.Minute == 0).Select(s => s.Capacity));
        Assert.Equal(["09:00", "09:30", "10:00", "10:30", "11:00", "11:30"], HallPicture.SlotsOf(story.State, story.Now, Card, new DateOnly(2026, 11, 28))!.Select(s => s.Slot.ToString("HH:mm", null)));
        story.When(new BookAppointment("AAAA2222", Card, I("08:30:00"), null, false)).ThenRefused(RefusalCode.SlotClosed);
        story.When(new BookAppointment("AAAA2222", Card, I("17:00:00"), null, false)).ThenRefused(RefusalCode.SlotClosed);
    }

    [Fact]
    public void Holidays_Announced_CloseTheHall_AndNameWhomToTell()
    {
        var story = Hall().Given(new BookAppointment("AAAA2222", Card, I("2026-11-25T09:30:00"), P(1), false), new BookAppointment("BBBB2222", Card, I("2026-11-26T09:30:00"), P(1), false));
        var notice = new HolidayTable([new HolidayDate(new DateOnly(2026, 11, 25), true, "国庆"), new HolidayDate(new DateOnly(2026, 11, 28), false, "国庆")]);
        Assert.Equal(["AAAA2222"], HallChange.StrandedBy(story.State, notice).Select(a => a.Code));

        var due = Core.Halls.Hall.NextDue(story.State, story.Now, notice)!.Value;
        Assert.Equal("HolidaysAnnounced", due.Event.GetType().Name);
        story.Given(due.Event).At(T8("2026-11-25T10:00:00")).When(Issue()).ThenRefused(RefusalCode.HallClosed, ("opensAt", I("2026-11-26T08:30:00")));
        Assert.Null(Core.Halls.Hall.NextDue(story.State, story.Now, notice));
        story.At(T8("2026-11-28T14:00:00")).When(Issue()).ThenNothingRefused();
    }

    [Fact]
    public void ACalendarChangedAtNoon_HoldsAtOnce_AndNamesWhomToTell()
    {
        var story = Open("10:00").Given(new BookAppointment("AAAA2222", Card, I("2026-11-25T12:30:00"), P(1), false));
        var changed = Document(Calendar.Replace("\"windows\": [\"3\"]}", "\"windows\": [\"2\"]}", StringComparison.Ordinal));
        Assert.Empty(HallChange.To(story.State, Pack(changed).Settings).InUse);
        Assert.Equal(["AAAA2222"], HallChange.To(story.State, Pack(changed).Settings).Stranded.Select(a => a.Code));
        story.At(T8("12:10")).Given(Configure(changed)).At(T8("12:10:01")).When(new Poke());
        Assert.EndsWith("Lunch@12:10:00 -3@12:10:00 +2@12:10:00", Moves(story), StringComparison.Ordinal);
        // Open at all hours from here on: who was paused by a timetable that is no more is back.
        story.Given(Configure(Document("\"calendar\": {\"sessions\": \"always\"}"))).When(new Poke());
        Assert.All(story.State.Windows.Values, w => Assert.Equal(WindowStatus.Idle, w.Status));
        Assert.Null(story.State.Schedule);
    }

    [Fact]
    public void DaysNobodyLooked_ArePassedOver_AndTheDayThatRunsIsToday()
    {
        var story = Open("09:30").At(T8("2026-11-26T10:00:00")).When(new Poke());
        Assert.Equal(new DateOnly(2026, 11, 26), story.State.Day);
        Assert.Equal(1, Moves(story).Split(' ').Count(m => m.StartsWith("end", StringComparison.Ordinal)));
        Assert.All(story.State.Windows.Values, w => Assert.Equal(WindowStatus.Idle, w.Status));
    }

    [Fact]
    public void AHallOpenAcrossMidnight_HasOneServiceDay()
    {
        var night = "\"calendar\": {\"sessions\": [{\"kind\": \"regular\", \"days\": [\"friday\"], \"from\": \"20:00\", \"to\": \"26:00\", \"windows\": [\"1\"], \"offered\": \"covered\"}]}";
        var story = HallScenario.Of(Document(night), T8("2026-11-27T19:00:00")).Given(SampleHall.Open(1, Li)).At(T8("2026-11-28T01:00:00")).Given(Issue()).When(CallNext(1, Li));
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
        var berlin = Document("\"calendar\": {\"timeZone\": \"Europe/Berlin\", \"holidays\": \"none\", \"sessions\": [{\"kind\": \"regular\", \"days\": [\"workday\", \"restday\"], \"from\": \"09:00\", \"to\": \"12:00\"}]}");
        var start = DateTimeOffset.Parse(from, System.Globalization.CultureInfo.InvariantCulture);
        var story = HallScenario.Of(berlin, start).Given(SampleHall.Open(1, Li)).At(start.AddHours(4)).When(new Poke()).At(start.AddHours(30)).When(new Poke());
        var reached = story.History.First(h => h.Event is ScheduleReached { Schedule.Session: not null });
        Assert.Equal(DateTimeOffset.Parse(opens, System.Globalization.CultureInfo.InvariantCulture), reached.At.ToDateTimeOffset());
        var ends = story.History.Where(h => h.Event is DayEnded).Select(h => h.At).ToList();
        Assert.Equal(hoursOfTheDay, (ends[1] - ends[0]).TotalHours);
    }

    [Fact]
    public void RestartedAtLunch_FromASnapshotOrFromCopies_GoesOnAsItWas()
    {
        var story = Open("11:40").Given(Issue(), Issue(), CallNext(1, Li), CallNext(3, Sun), StartAt(1, Li), StartAt(3, Sun)).At(T8("12:07")).When(Next(1, Li)).At(T8("12:08")).When(new Poke());
        var copy = story.State.Copy();
        for (var now = story.Now; now <= I("23:59:00"); now += TimeSpan.FromMinutes(7))
            while (Core.Halls.Hall.NextDue(copy, now) is var (e, at)) Core.Halls.Hall.Evolve(copy, e, at, copy.Sequence + 1);
        story.At(T8("23:59:00")).When(new Poke());
        Assert.Equal(story.State.Sequence, copy.Sequence);
        Assert.Equal(story.State.Windows.Values.Select(w => (w.Status, w.PausedUntil, w.ExpectedSince)), copy.Windows.Values.Select(w => (w.Status, w.PausedUntil, w.ExpectedSince)));
    }
}
