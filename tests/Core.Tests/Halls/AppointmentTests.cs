using HallOps.Core.Halls;
using static HallOps.Core.Tests.Halls.SampleHall;

namespace HallOps.Core.Tests.Halls;

/// <summary>Appointments: which slots there are and how many they take, booking, moving and cancelling, checking in early, in time and late, and who is called when.</summary>
public sealed class AppointmentTests
{
    private static readonly ClassId Appointed = ClassId.Appointment;

    /// <summary>Half-hour slots of card, four each, from half an hour before to a quarter after; two windows have its line as their own. It is 09:00; slot 1 begins at 09:30, in 1800 s.</summary>
    private static HallScenario Booking(string settings = "\"slotMinutes\": 30, \"capacity\": 4") =>
        HallScenario.Of(With(settings)).Given(Open(1, Li));

    private static string With(string settings) => SampleHall.With("\"expectedMinutes\": 6", $"\"expectedMinutes\": 6, \"appointments\": {{{settings}}}")
        .Replace("\"classes\": [", "\"classes\": [{\"class\": \"appointment\", \"creditMinutes\": 10, \"grantedBy\": [\"appointment\"]}, ", StringComparison.Ordinal);

    private static Instant Slot(int number) => HallScenario.Start + TimeSpan.FromMinutes(30 * number);

    private static BookAppointment Book(string code, int slot, PersonId? person = null, string service = "card", bool remote = false) => new(code, new ServiceId(service), Slot(slot), person, remote);

    private static CheckIn Come(string code, bool? printed = null, PersonId? person = null, string? service = null) =>
        new(code, service is null ? null : new ServiceId(service), null, Grants.Self, null, person, TicketSource.Kiosk, printed, false);

    private static (int Capacity, int Free) Room(HallScenario story, int slot, string service = "card") =>
        HallPicture.SlotsOf(story.State, story.Now, new ServiceId(service), null)!.Where(s => Instant.From(s.Slot) == Slot(slot)).Select(s => (s.Capacity, s.Free)).Single();

    // ---- slots

    [Fact]
    public void Book_AFreeSlot_IsAnsweredWithItsTimes()
    {
        var story = Booking().When(Book("K7QM2XWP", 2, P(1)));
        story.Then(new AppointmentBooked("K7QM2XWP", Card, Slot(2), Slot(3), Slot(1), Slot(2) + TimeSpan.FromMinutes(15), P(1)));
        Assert.Equal(new AppointmentReply("K7QM2XWP", Card, Slot(2), Slot(1), Slot(2) + TimeSpan.FromMinutes(15), AppointmentState.Booked), story.Reply);
        Assert.Equal((4, 3), Room(story, 2));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-30)]
    [InlineData(45)]
    [InlineData(24 * 60 * 6)]
    [InlineData(24 * 60 * 10_000)]
    [InlineData(24 * 60 * -10_000)]
    public void Book_NoSlotOrOneThatBegan_IsClosed(int minutes) =>
        Booking().When(new BookAppointment("a", Card, HallScenario.Start + TimeSpan.FromMinutes(minutes), null, false)).ThenRefused(RefusalCode.SlotClosed);

    [Fact]
    public void Book_OnTheLastDay_IsOpen() =>
        Booking().When(new BookAppointment("a", Card, HallScenario.Start + TimeSpan.FromDays(5), null, false)).ThenNothingRefused();

    [Fact]
    public void Book_AsOftenAsTheSlotTakes_IsThenFull()
    {
        var story = Booking().Given(Book("a", 1), Book("b", 1), Book("c", 1), Book("d", 1));
        story.When(Book("e", 1)).ThenRefused(RefusalCode.SlotFull, ("slot", Slot(1)));
        Assert.Equal((4, 0), Room(story, 1));
        story.Given(new CancelAppointment("b")).When(Book("e", 1)).ThenNothingRefused();
    }

    [Fact]
    public void Book_TakesAtMost40PercentOfTheOwnWindows()
    {
        // Two windows, 30 minutes, 40 %: 24 minutes, four of six.
        var story = Booking("\"slotMinutes\": 30, \"capacity\": 9");
        Assert.Equal((4, 4), Room(story, 1));
        story.Given(Book("a", 1), Book("b", 1));
        // One window left as its own: 12 minutes. Both stay booked, and nothing is below nothing.
        story.Given(Profile(3, new ProfileLine(B, 0, 0)));
        Assert.Equal((2, 0), Room(story, 1));
        story.Given(Profile(1, new ProfileLine(A, 5, 0)));
        Assert.Equal((0, 0), Room(story, 1));
        story.When(Book("c", 1)).ThenRefused(RefusalCode.SlotFull);
    }

    [Fact]
    public void Book_ForOneServiceOfALine_TakesFromTheOthers()
    {
        // permit is assumed to take five minutes.
        var document = With("\"slotMinutes\": 30, \"capacity\": 9").Replace("\"kind\": \"promised\"}", "\"kind\": \"promised\", \"appointments\": {\"slotMinutes\": 30, \"capacity\": 9}}", StringComparison.Ordinal);
        var story = HallScenario.Of(document);
        Assert.Equal((4, 4), Room(story, 1, "permit"));
        story.Given(Book("a", 1), Book("b", 1));
        Assert.Equal((4, 2), Room(story, 1, "permit"));
        story.Given(Book("c", 1, service: "permit"));
        Assert.Equal((4, 1), Room(story, 1));
    }

    [Fact]
    public void Book_InSlotsOfDifferentLengths_NeverFillsTheLongerBeyondItsShare()
    {
        // An hour has 48 minutes to give: eight of six. A quarter of an hour has 12.
        var document = With("\"slotMinutes\": 60, \"capacity\": 99").Replace("\"kind\": \"promised\"}", "\"kind\": \"promised\", \"expectedMinutes\": 3, \"appointments\": {\"slotMinutes\": 15, \"capacity\": 99}}", StringComparison.Ordinal);
        var story = HallScenario.Of(document);
        Assert.Equal((8, 8), Room(story, 2));
        story.Given(Book("a", 2), Book("b", 2), Book("c", 2), Book("d", 2));
        // 24 minutes of the hour are taken, six of each quarter: two of three are left there, and eight in the whole hour.
        Assert.Equal((4, 2), Room(story, 2, "permit"));
        story.Given(Book("e", 2, service: "permit"), Book("f", 2, service: "permit")).When(Book("g", 2, service: "permit")).ThenRefused(RefusalCode.SlotFull);
        // The hour has eighteen left.
        Assert.Equal((8, 3), Room(story, 2));
        story.Given(Book("h", 2), Book("i", 2), Book("j", 2));
        Assert.Equal(0, Room(story, 3, "permit").Free);
    }

    [Fact]
    public void Slots_OnADayWithoutTheMissingHour_AreAllDifferent()
    {
        // In Berlin 29 March 2026 goes from 02:00 to 03:00.
        var document = With("\"slotMinutes\": 30, \"capacity\": 1").Replace("Asia/Shanghai", "Europe/Berlin", StringComparison.Ordinal);
        var story = HallScenario.Of(document, new DateTimeOffset(2026, 3, 28, 12, 0, 0, TimeSpan.FromHours(1)));
        var slots = HallPicture.SlotsOf(story.State, story.Now, Card, new DateOnly(2026, 3, 29))!;
        Assert.Equal((46, 46), (slots.Count, slots.Select(s => s.Slot.UtcDateTime).Distinct().Count()));
        Assert.All(slots, s => Assert.Equal(new DateOnly(2026, 3, 29), DateOnly.FromDateTime(s.Slot.DateTime)));
        Assert.Equal((TimeSpan.FromHours(1), TimeSpan.FromHours(2)), (slots[0].Slot.Offset, slots[^1].Slot.Offset));
    }

    [Fact]
    public void Slots_OfAServiceWithoutAppointments_AreNone()
    {
        var story = Booking();
        Assert.Empty(HallPicture.SlotsOf(story.State, story.Now, Water, null)!);
        Assert.Null(HallPicture.SlotsOf(story.State, story.Now, new ServiceId("nothing"), null));
        Assert.Empty(HallPicture.SlotsOf(story.State, story.Now, Card, DateOnly.MaxValue)!);
        story.When(Book("a", 1, service: "water")).ThenRefused(RefusalCode.NoAppointments, ("service", "water"));
    }

    [Fact]
    public void Book_WithACodeThereIs_IsToBeTriedWithAnother() =>
        Booking().Given(Book("a", 1)).When(Book("a", 2)).ThenRefused(RefusalCode.CodeTaken);

    [Fact]
    public void Book_TwiceADay_IsRefusedWithTheCode()
    {
        var story = Booking().Given(Book("a", 1, P(1)));
        story.When(Book("b", 4, P(1))).ThenRefused(RefusalCode.AlreadyBooked, ("appointment", "a"), ("slot", Slot(1)));
        story.When(Book("b", 48, P(1))).ThenNothingRefused();
        // Moving the second one to the day of the first would be the same.
        story.When(new MoveAppointment("b", Slot(4))).ThenRefused(RefusalCode.AlreadyBooked);
        story.Given(new CancelAppointment("a")).When(new MoveAppointment("b", Slot(4))).ThenNothingRefused();
    }

    [Fact]
    public void Book_FromAnywhere_IsForHallsThatIssueSo()
    {
        Booking().When(Book("a", 1, P(1), remote: true)).ThenNothingRefused();
        HallScenario.Of(With("\"slotMinutes\": 30, \"capacity\": 4").Replace("\"remoteIssue\": true", "\"remoteIssue\": false", StringComparison.Ordinal))
            .When(Book("a", 1, P(1), remote: true)).ThenRefused(RefusalCode.RemoteIssueOff);
    }

    [Fact]
    public void Move_ToAFullSlot_KeepsTheOldOne()
    {
        var story = Booking("\"slotMinutes\": 30, \"capacity\": 1").Given(Book("a", 1), Book("b", 2));
        story.When(new MoveAppointment("a", Slot(2))).ThenRefused(RefusalCode.SlotFull);
        story.When(new MoveAppointment("a", Slot(1))).ThenNothing();
        Assert.Equal(Slot(1), ((AppointmentReply)story.Reply!).Slot);
        story.When(new MoveAppointment("a", Slot(3))).Then(new AppointmentMoved("a", Slot(3), Slot(4), Slot(2), Slot(3) + TimeSpan.FromMinutes(15)));
        Assert.Equal((1, 1), Room(story, 1));
        Assert.Equal((1, 0), Room(story, 3));
    }

    // ---- checking in

    [Fact]
    public void CheckIn_BeforeTheSlot_WaitsFromTheSlotInItsClass()
    {
        var story = Booking().Given(Book("a", 2, P(1))).At(1799).When(Come("a")).ThenRefused(RefusalCode.TooEarlyToCheckIn, ("from", Slot(1)));
        story.At(1800).When(Come("a")).Then(
            new TicketIssued(1, "A001", Card, A, Appointed, Grants.Appointment, P(1), TicketSource.Kiosk, true, 0, new Estimate(180, 360, 720), null),
            new AppointmentCheckedIn("a", 1, Slot(2), false));
        var reply = Assert.IsType<CheckedInReply>(story.Reply);
        Assert.Equal(("A001", Slot(2), false), (reply.Issued.Number, reply.Slot, reply.Late));
        Assert.Equal(Slot(2), story.Ticket(1).Leg.Since);
        story.When(Come("a")).ThenRefused(RefusalCode.AlreadyCheckedIn, ("number", "A001"));
        story.When(new CancelAppointment("a")).ThenRefused(RefusalCode.AppointmentOver);
        // Those who are there still have their place in the slot.
        Assert.Equal((4, 3), Room(story, 2));
    }

    [Fact]
    public void CheckIn_BeforeTheSlot_IsCalledAtOnceWhenNobodyWaits() =>
        Booking().Given(Book("a", 2)).At(1800).Given(Come("a")).When(CallNext(1, Li)).ThenCalled(1, CallReason.FirstCome);

    [Fact]
    public void CheckIn_BeforeTheSlot_StandsBehindWhoWaitsLonger()
    {
        var story = Booking().Given(Book("a", 2)).At(1800).Given(Come("a")).Given(Issue());
        // Until its slot, an hour from the opening, it has waited less than nothing: 30 minutes with 10 of credit are 20 behind one who has just come.
        Assert.Equal(1, HallPicture.Ticket(story.State, story.Now, T(1))!.Ahead);
        Assert.Equal(0, HallPicture.Ticket(story.State, story.Now, T(2))!.Ahead);
        story.When(CallNext(1, Li)).ThenCalled(2, CallReason.FirstCome);
    }

    [Fact]
    public void CheckIn_ForAJointService_IsDueInEveryLineItBeginsIn_UntilItIsServedThere()
    {
        var story = HallScenario.Of(With("\"slotMinutes\": 30, \"capacity\": 4").Replace("{\"service\": \"none\"", "{\"service\": \"home\", \"name\": {\"zh\": \"新居一件事\"}, \"line\": \"c\", \"kind\": \"joint\", \"legs\": [{\"service\": \"card\"}, {\"service\": \"water\"}, {\"service\": \"permit\", \"after\": [\"card\"]}],"
            + " \"appointments\": {\"slotMinutes\": 30, \"capacity\": 4}}, {\"service\": \"none\"", StringComparison.Ordinal)).Given(Open(1, Li), Open(2, Qian), Profile(3, new ProfileLine(new LineId("c"), 0, 0)));
        story.Given(Book("a", 1, P(1), "home")).At(10).Given(Issue("water"), Issue("card"), Issue("card")).At(1800).Given(Come("a", service: "home")).At(1800 + 600);
        // Others have waited far longer, in both lines.
        story.When(CallNext(2, Qian)).ThenCalled(4, CallReason.Due);
        story.Given(StartAt(2, Qian), FinishAt(2, Qian)).When(CallNext(1, Li)).ThenCalled(4, CallReason.Due);
        // What follows begins when its time has come, behind those who wait.
        story.Given(StartAt(1, Li), FinishAt(1, Li)).When(CallNext(1, Li)).ThenCalled(2, CallReason.FirstCome);
    }

    [Fact]
    public void CheckIn_AtAWindowWithAGate_HasToHaveWaited()
    {
        var story = Booking().Given(Open(3, Wang)).Given(Profile(3, new ProfileLine(A, 0, 5))).Given(Book("a", 2)).At(1800).Given(Come("a"));
        story.At(3600 + 299).When(CallNext(3, Wang)).ThenNothing();
        story.At(3600 + 300).When(CallNext(3, Wang)).ThenCalled(1, CallReason.FirstCome);
    }

    [Fact]
    public void CheckIn_InAHallWithoutTheClass_IsNormal()
    {
        var story = Scenario("\"expectedMinutes\": 6", "\"expectedMinutes\": 6, \"appointments\": {\"slotMinutes\": 30, \"capacity\": 4}").Given(Book("a", 1)).Given(Come("a"));
        Assert.Equal((ClassId.Normal, Slot(1)), (story.Ticket(1).Class, story.Ticket(1).Leg.Since));
    }

    [Fact]
    public void CheckIn_AfterTheGrace_IsAnOrdinaryNumberAndSaysSo()
    {
        var story = Booking().Given(Book("a", 1, P(1))).At(1800 + 900).When(Come("a"));
        story.ThenDue(new AppointmentReleased("a"));
        Assert.Equal(story.Seconds(2700), story.History[^3].At);
        Assert.True(Assert.IsType<CheckedInReply>(story.Reply).Late);
        Assert.Equal((ClassId.Normal, story.Now, P(1)), (story.Ticket(1).Class, story.Ticket(1).Leg.Since, story.Ticket(1).Person));
        story.When(Come("a")).ThenRefused(RefusalCode.AlreadyCheckedIn);
        // Never due: its time was not kept.
        story.At(4000).Given(Open(3, Wang)).When(CallNext(3, Wang)).ThenCalled(1, CallReason.FirstCome);
    }

    [Fact]
    public void CheckIn_AtTheLastMoment_IsInTime() =>
        Assert.False(Assert.IsType<CheckedInReply>(Booking().Given(Book("a", 1)).At(1800 + 899.999).When(Come("a")).Reply).Late);

    [Fact]
    public void CheckIn_InTime_IsHonouredThoughTheHallIsFullOrStandsStill()
    {
        var full = Booking().Given(Book("a", 1), Book("b", 1)).Given(Issue(), Issue(), Issue(), Issue(), Issue());
        full.When(Issue()).ThenRefused(RefusalCode.HallFull);
        full.When(Come("a")).ThenNothingRefused();
        full.At(2700).When(Come("b")).ThenRefused(RefusalCode.HallFull);

        var still = Booking().Given(Book("a", 1), Book("b", 1)).Given(SuspendLine(A));
        still.When(Come("a")).ThenNothingRefused();
        still.When(CallNext(1, Li)).ThenNothing();
        still.At(2700).When(Come("b")).ThenRefused(RefusalCode.Suspended);
        still.At(3000).Given(ResumeAll()).When(CallNext(1, Li)).ThenCalled(1, CallReason.Due);
    }

    [Fact]
    public void CheckIn_ForAnotherServiceOrWithoutWhatItNeeds_IsRefused()
    {
        var story = Booking().Given(Book("a", 1, P(1)));
        story.When(Come("a", service: "permit")).ThenRefused(RefusalCode.OtherService, ("service", "card"));
        story.When(Come("z")).ThenRefused(RefusalCode.UnknownAppointment);
        story.Given(Issue(person: P(1))).When(Come("a", service: "card")).ThenRefused(RefusalCode.AlreadyWaiting, ("number", "A001"));
    }

    [Fact]
    public void CheckIn_NeverPrinted_MayBeDoneAgain()
    {
        var story = Booking().Given(Book("a", 1)).Given(Come("a", printed: false)).At(61).When(Come("a"));
        story.ThenDue(new TicketVoided(1)).ThenTicket(1, TicketState.Void, LegOutcome.Void).ThenTicket(2, TicketState.Waiting);
        Assert.Equal(Slot(1), story.Ticket(2).Leg.Since);
        // Void after the grace: released at once.
        var late = Booking().Given(Book("a", 1)).At(2699).Given(Come("a", printed: false)).At(2800).When(Come("a"));
        late.ThenDue(new TicketVoided(1), new AppointmentReleased("a"));
        Assert.True(Assert.IsType<CheckedInReply>(late.Reply).Late);
    }

    [Fact]
    public void CheckIn_PrintedLater_WaitsFromTheSlot()
    {
        var story = Booking().Given(Book("a", 1)).Given(Come("a", printed: false)).At(30).Given(new MarkPrinted(T(1)));
        Assert.Equal(Slot(1), story.Ticket(1).Leg.Since);
        story.At(1800 + 600).Given(Issue(@class: "green", grants: Grants.Guide)).When(CallNext(1, Li)).ThenCalled(1, CallReason.Due);
    }

    // ---- due

    [Fact]
    public void Due_TenMinutesAfterTheSlot_ComesBeforeAnyScore()
    {
        var story = Booking().Given(Book("a", 1)).Given(Come("a")).Given(Issue(@class: "green", grants: Grants.Guide));
        story.At(1800 + 599.999).Given(CallNext(1, Li)).ThenCalled(2, CallReason.FirstCome);

        story = Booking().Given(Book("a", 1)).Given(Come("a")).Given(Issue(@class: "green", grants: Grants.Guide));
        story.At(1800 + 600).When(CallNext(1, Li)).ThenCalled(1, CallReason.Due);
        // Outside the bounds: nobody was overtaken, and no run began.
        Assert.Equal((0, 0), (story.State.Find(W(1))!.PriorityRun, story.Ticket(1).Leg.Overtook));
    }

    [Fact]
    public void Due_AtAHelper_IsNothing()
    {
        var story = Booking().Given(Open(2, Wang)).Given(Book("a", 1)).Given(Come("a")).Given(Issue("water"));
        story.At(1800 + 900).When(CallNext(2, Wang)).ThenCalled(2, CallReason.FirstCome);
    }

    [Fact]
    public void Due_OfSeveral_IsTheEarliestSlotWhoeverCameFirst()
    {
        var story = Booking("\"slotMinutes\": 15, \"capacity\": 1, \"lateMinutes\": 30").Given(new BookAppointment("early", Card, HallScenario.Start + TimeSpan.FromMinutes(30), null, false), new BookAppointment("late", Card, HallScenario.Start + TimeSpan.FromMinutes(45), null, false));
        // Both are due at 55; the later slot has waited since 45, the earlier one only since 50.
        story.At(1800).Given(Come("late")).At(50 * 60).Given(Come("early")).At(55 * 60);
        story.When(CallNext(1, Li)).ThenCalled(2, CallReason.Due);
        story.When(Next(1, Li, FinishOutcome.Done)).ThenCalled(1, CallReason.Due);
    }

    [Fact]
    public void Due_AfterWhoIsReservedOrBack()
    {
        var story = Booking().Given(Issue()).Given(Book("a", 1)).Given(Come("a")).Given(CallNext(1, Li)).At(30).Given(Recall(1, Li)).Given(NoShow(1, Li)).At(60).Given(Back(1));
        story.At(1800 + 600).When(CallNext(1, Li)).ThenCalled(1, CallReason.Returned);
    }

    [Fact]
    public void Due_OfOneWhoWasCalledAndMissed_IsNoMore()
    {
        var story = Booking().Given(Book("a", 1)).Given(Come("a")).At(1800 + 600).Given(CallNext(1, Li)).ThenCalled(1, CallReason.Due).At(2500).Given(Recall(1, Li)).Given(NoShow(1, Li));
        story.At(2600).Given(Issue()).At(2500 + 31 * 60).Given(Back(1)).When(CallNext(1, Li)).ThenCalled(2, CallReason.FirstCome);
    }

    [Fact]
    public void Due_OfOneWhoStepsAway_WaitsForTheReturn()
    {
        var story = Booking().Given(Book("a", 1)).Given(Come("a")).Given(Away(1, 60)).At(2700).Given(Issue()).When(CallNext(1, Li)).ThenCalled(2, CallReason.FirstCome);
        story.Given(Back(1)).When(Next(1, Li, FinishOutcome.Done)).ThenCalled(1, CallReason.Due);
    }

    // ---- days and documents

    [Fact]
    public void DayEnd_ForgetsTheAppointmentsOfTheDay()
    {
        var lastSlot = 29;
        var story = Booking("\"slotMinutes\": 30, \"capacity\": 4, \"earlyMinutes\": 60, \"lateMinutes\": 60").Given(Book("today", lastSlot), Book("first", 30), Book("next", 31));
        // Neither before nor after its own day: the first slot of a day is checked in to from midnight on, the last one until then.
        Assert.Equal((Slot(lastSlot - 2), Slot(30)), (story.State.Appointments.Find("today")!.From, story.State.Appointments.Find("today")!.Until));
        Assert.Equal(Slot(30), story.State.Appointments.Find("first")!.From);
        story.At(15 * 3600).When(new Poke());
        Assert.Equal(["first", "next"], story.State.Appointments.All.Select(a => a.Code));
        story.When(Come("today")).ThenRefused(RefusalCode.UnknownAppointment);
        story.When(Come("first")).ThenNothingRefused();
        story.When(Come("next")).ThenNothingRefused();
    }

    [Fact]
    public void Configure_WhileSomebodyIsBooked_KeepsTheServiceAndThePromise()
    {
        var story = Booking().Given(Book("a", 1));
        var without = With("\"slotMinutes\": 30, \"capacity\": 4").Replace("\"service\": \"card\"", "\"service\": \"cards\"", StringComparison.Ordinal).Replace("[\"card\", \"water\"]", "[\"cards\", \"water\"]", StringComparison.Ordinal);
        story.When(Configure(without)).ThenRefused(RefusalCode.InUse, ("path", "services/card"), ("by", "appointment at 2026-11-23T09:30+08:00"));
        // Other slots and a shorter grace: what was promised stands, and counts where it stands.
        story.Given(Configure(With("\"slotMinutes\": 45, \"capacity\": 1, \"lateMinutes\": 0")));
        story.At(2600).When(Come("a"));
        Assert.False(Assert.IsType<CheckedInReply>(story.Reply).Late);
    }
}
