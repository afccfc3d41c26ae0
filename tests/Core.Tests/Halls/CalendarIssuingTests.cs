using HallOps.Core.Calendars;
using HallOps.Core.Halls;
using static HallOps.Core.Tests.Halls.CalendarHall;
using static HallOps.Core.Tests.Halls.SampleHall;

namespace HallOps.Core.Tests.Halls;

/// <summary>Numbers and slots are given for the open, staffed time of the calendar only.</summary>
public sealed class CalendarIssuingTests
{
    [Fact]
    public void Numbers_AreGivenFromIssueFrom_AndNotBefore_AndTheRefusalSaysWhen()
    {
        var story = Empty().When(Issue()).ThenRefused(RefusalCode.HallClosed, ("opensAt", I("08:30:00")));
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
    public void Weekend_RunsItsNamedWindow_AndItsNamedService()
    {
        var story = Empty("2026-11-28T08:50:00").Given(Open(1, Li)).At(T8("2026-11-28T09:10:00"));
        story.When(Issue("permit")).ThenRefused(RefusalCode.CannotBeServedToday, ("lacking", "window"));
        story.When(Issue("water")).ThenRefused(RefusalCode.CannotBeServedToday);
        story.Given(Issue()).When(CallNext(1, Li)).ThenCalled(1, CallReason.FirstCome);
        // Window 2 is not on duty: who signs in there waits for Monday.
        story.When(Open(2, Wang)).Then(Opened(2, "wang"), new WindowPaused(W(2), PauseReason.Schedule, I("2026-11-30T09:00:00")));
    }

    [Theory]
    [InlineData("warn", true, false)]
    [InlineData("strict", false, false)]
    [InlineData("off", true, true)]
    public void Admission_KeepsItsWord(string admission, bool isIssued, bool isSilent)
    {
        var document = DocumentOf().Replace("\"maxWaiting\": 5", $"\"maxWaiting\": 500, \"admission\": \"{admission}\"", StringComparison.Ordinal).Replace("{\"kind\": \"extended\", \"days\": [\"workday\"], \"from\": \"17:00\", \"to\": \"18:30\", \"untilServed\": true},", "", StringComparison.Ordinal);
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
        var story = Empty();
        var slots = HallPicture.SlotsOf(story.State, story.Now, Card, null)!.Select(s => s.Slot.ToString("HH:mm", null)).ToList();
        // Not in extended hours; at lunch only window 3 is there.
        Assert.Equal("09:00 09:30 10:00 10:30 11:00 11:30 12:00 12:30 13:00 13:30 14:00 14:30 15:00 15:30 16:00 16:30", string.Join(' ', slots));
        Assert.Equal([4, 2], HallPicture.SlotsOf(story.State, story.Now, Card, null)!.Where(s => s.Slot.Hour is 9 or 12 && s.Slot.Minute == 0).Select(s => s.Capacity));
        Assert.Equal(["09:00", "09:30", "10:00", "10:30", "11:00", "11:30"], HallPicture.SlotsOf(story.State, story.Now, Card, new DateOnly(2026, 11, 28))!.Select(s => s.Slot.ToString("HH:mm", null)));
        story.When(new BookAppointment("AAAA2222", Card, I("08:30:00"), null, false)).ThenRefused(RefusalCode.SlotClosed);
        story.When(new BookAppointment("AAAA2222", Card, I("17:00:00"), null, false)).ThenRefused(RefusalCode.SlotClosed);
    }

    [Fact]
    public void ANumber_IsNotChangedToAServiceThatNobodyDoesToday()
    {
        // Saturday morning: cards only.
        var story = Empty("2026-11-28T08:50:00").Given(Open(1, Li)).At(T8("2026-11-28T09:10:00")).Given(Issue());
        story.When(new ChangeTicket(T(1), Permit)).ThenRefused(RefusalCode.CannotBeServedToday, ("lacking", "window"));
        story.When(CallNext(1, Li)).ThenCalled(1, CallReason.FirstCome);
    }

    [Fact]
    public void AVisitor_IsNotPassedOnToAServiceThatNobodyDoesToday_AndIsToldWhatIsLeft()
    {
        // Saturday morning: cards only.
        var story = Empty("2026-11-28T08:50:00").Given(Open(1, Li)).At(T8("2026-11-28T09:10:00")).Given(Issue(), CallNext(1, Li), StartAt(1, Li));
        story.When(PassOn(1, Li, Permit)).ThenRefused(RefusalCode.CannotBeServedToday, ("service", "permit"), ("lacking", "window"));
        Assert.Equal([new Alternative("session", I("2026-11-30T08:30:00"))], (IReadOnlyList<Alternative>)story.Refusal!.Facts.Single(f => f.Name == "alternatives").Value!);
        story.When(new Transfer(W(1), Li, B, null, null, false, false)).ThenRefused(RefusalCode.CannotBeServedToday, ("service", "water"));
        // Within the line of what is done there one may be passed on.
        story.When(new Transfer(W(1), Li, A, null, null, false, false)).ThenNothingRefused();
    }

    [Fact]
    public void AVisitor_IsPassedOnToALine_ThatIsStaffedLaterToday()
    {
        // At lunch only window 3 is there; from half past one window 2 does water, with nobody at it now.
        var noWater = Calendar.Replace("\"windows\": [\"3\"]}", "\"windows\": [\"3\"], \"services\": [\"card\"]}", StringComparison.Ordinal);
        var story = Staffed("12:10", noWater).Given(Issue(), CallNext(3, Sun), StartAt(3, Sun));
        story.When(PassOn(3, Sun, Water)).ThenNothingRefused();
        story.At(T8("13:30:01")).When(CallNext(2, Wang)).ThenCalled(1, CallReason.FirstCome);
    }

    [Fact]
    public void AfterHours_NobodyIsPassedOn_ToALineThatIsOverForToday()
    {
        var story = Staffed("18:20").Given(Issue() with { Override = Why, Grants = Grants.Guide | Grants.Self }).At(T8("18:20:01")).Given(CallNext(1, Li), StartAt(1, Li)).At(T8("18:31"));
        story.When(PassOn(1, Li, Water)).ThenRefused(RefusalCode.CannotBeServedToday);
        story.When(PassOn(1, Li, Card)).ThenRefused(RefusalCode.CannotBeServedToday);
        story.Given(FinishAt(1, Li));
    }

    [Fact]
    public void WithAFullBook_ARefusal_CompilesEachDateOnce_AndKeepsTodayAtHand()
    {
        var month = DocumentOf().Replace("\"capacity\": 4, \"daysAhead\": 5", "\"capacity\": 1, \"daysAhead\": 30", StringComparison.Ordinal);
        var story = HallScenario.Of(month, T8("07:00:00"));
        for (var ahead = 0; ahead <= 30; ahead++)
            foreach (var slot in HallPicture.SlotsOf(story.State, story.Now, Card, story.State.Day.AddDays(ahead))!)
            {
                var starts = Instant.From(slot.Slot);
                story.Given(new AppointmentBooked($"C{story.State.Sequence}", Card, starts, starts + TimeSpan.FromMinutes(30), starts, starts, null));
            }
        story.When(Issue()).ThenRefused(RefusalCode.HallClosed);
        Assert.Equal([new Alternative("session", I("08:30:00"))], (IReadOnlyList<Alternative>)story.Refusal!.Facts.Single(f => f.Name == "alternatives").Value!);

        var calendar = story.State.Settings.Calendar;
        var today = calendar.Of(story.State.Day, story.State.Holidays);
        var compiling = Allocated(() => Assert.Equal(32, calendar.Between(story.State.Day, story.State.Day.AddDays(31), story.State.Holidays).Count()));
        var refusing = Allocated(() => Assert.NotNull(Hall.Decide(story.State, Issue(), story.Now).Refusal));
        Assert.True(refusing < 3 * compiling, $"a refusal allocated {refusing:N0} bytes, compiling the 32 dates {compiling:N0}");
        Assert.Same(today, calendar.Of(story.State.Day, story.State.Holidays));

        static long Allocated(Action act)
        {
            act();
            var before = GC.GetAllocatedBytesForCurrentThread();
            act();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Fact]
    public void AnAppointment_IsCheckedInOnItsOwnServiceDay_AsTheCalendarHasItNow()
    {
        // Booked while Friday's service day went on to two at night; by now midnight ends it.
        string Night(string sessions) => DocumentOf($"\"calendar\": {{\"timeZone\": \"Asia/Shanghai\", \"holidays\": \"none\", \"sessions\": [{sessions}]}}").Replace("\"daysAhead\": 5", "\"daysAhead\": 5, \"earlyMinutes\": 60", StringComparison.Ordinal);
        var story = HallScenario.Of(Night("{\"kind\": \"regular\", \"days\": [\"friday\"], \"from\": \"20:00\", \"to\": \"26:00\"}"), T8("2026-11-27T19:00:00"))
            .Given(new BookAppointment("AAAA2222", Card, I("2026-11-28T00:30:00"), null, false));
        story.Given(Configure(Night("{\"kind\": \"regular\", \"days\": [\"friday\"], \"from\": \"20:00\", \"to\": \"24:00\"}, {\"kind\": \"weekend\", \"days\": [\"saturday\"], \"from\": \"00:00\", \"to\": \"02:00\"}")));
        var checkIn = new CheckIn("AAAA2222", null, null, Grants.Self, null, null, TicketSource.Kiosk, null, false);
        story.At(T8("2026-11-27T23:40:00")).When(checkIn).ThenRefused(RefusalCode.TooEarlyToCheckIn, ("from", I("2026-11-28T00:00:00")));
        story.At(T8("2026-11-28T00:00:00")).When(checkIn).ThenNothingRefused();
        Assert.Equal(new DateOnly(2026, 11, 28), story.Ticket(1).Day);
    }
}
