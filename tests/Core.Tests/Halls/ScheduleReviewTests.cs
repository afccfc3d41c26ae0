using HallOps.Core.Calendars;
using HallOps.Core.Halls;
using static HallOps.Core.Tests.Halls.SampleHall;

namespace HallOps.Core.Tests.Halls;

/// <summary>What becomes of people where the calendar and they do not keep step: Monday, 23 November 2026, and the days after it.</summary>
public sealed class ScheduleReviewTests
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

    [Fact]
    public void AWindowThatHasLeft_ComesBack_ForWhoIsLetInLater_AndLeavesAgain()
    {
        // Extended hours: nobody is left, all windows leave at once.
        var story = Open("17:10").When(new Poke());
        Assert.All(story.State.Windows.Values, w => Assert.Equal(WindowStatus.Paused, w.Status));
        story.Given(Issue() with { Override = Why, Grants = Grants.Guide | Grants.Self }).At(T8("17:10:01")).When(new Poke()).ThenDue(new WindowResumed(W(1)));
        story.When(CallNext(1, Li)).ThenCalled(1, CallReason.FirstCome);
        story.Given(StartAt(1, Li)).At(T8("17:20")).Given(FinishAt(1, Li)).At(T8("17:20:01")).When(new Poke()).ThenDue(new WindowPaused(W(1), PauseReason.Schedule, I("2026-11-24T09:00:00")));
    }

    [Fact]
    public void AWindowThatHasLeft_ComesBack_ForWhoIsPassedOnToIt_AndForNobodyElsesSake()
    {
        var story = HallScenario.Of(Document().Replace("{\"line\": \"a\"}, {\"line\": \"b\", \"onlyAfterWaitMinutes\": 5}", "{\"line\": \"a\"}", StringComparison.Ordinal), T8("08:00:00"));
        story.At(T8("08:40")).Given(SampleHall.Open(1, Li), SampleHall.Open(2, Wang), SampleHall.Open(3, Sun)).At(T8("16:55")).Given(Issue(), CallNext(1, Li), StartAt(1, Li));
        // Whoever has someone stays; nobody else.
        story.At(T8("17:05")).When(new Poke());
        Assert.Equal([WindowStatus.Serving, WindowStatus.Paused, WindowStatus.Paused], story.State.Windows.Values.Select(w => w.Status));
        story.Given(PassOn(1, Li, Water)).At(T8("17:05:01")).When(new Poke());
        Assert.Equal(WindowStatus.Idle, story.State.Find(W(2))!.Status);
        Assert.Equal(WindowStatus.Paused, story.State.Find(W(3))!.Status);
        story.When(CallNext(2, Wang)).ThenCalled(1, CallReason.FirstCome);
    }

    [Fact]
    public void AWindowThatHasLeft_ComesBack_ForAnAppointmentThatIsKeptInTime()
    {
        var story = HallScenario.Of(Document().Replace("\"daysAhead\": 5", "\"daysAhead\": 5, \"lateMinutes\": 60", StringComparison.Ordinal), T8("08:00:00"));
        story.At(T8("08:40")).Given(SampleHall.Open(1, Li), new BookAppointment("AAAA2222", Card, I("16:30:00"), null, false));
        story.At(T8("17:10")).When(new Poke());
        Assert.Equal(WindowStatus.Paused, story.State.Find(W(1))!.Status);
        story.Given(new CheckIn("AAAA2222", null, null, Grants.Self, null, null, TicketSource.Kiosk, null, false)).At(T8("17:10:01")).When(CallNext(1, Li));
        Assert.Single(story.Events.OfType<TicketCalled>());
    }

    [Fact]
    public void AClosedWindow_SaysWhenItReopens_ByTheCalendarOfNow()
    {
        var story = Open("19:00").When(new Poke());
        Assert.Equal(T8("2026-11-24T09:00:00"), HallPicture.Window(story.State, W(1)).ReopensAt);
        var closed = Document(Calendar.Replace("\"exceptions\": []", "\"exceptions\": [{\"date\": \"2026-11-24\", \"closed\": true}]", StringComparison.Ordinal));
        story.Given(Configure(closed)).At(T8("19:00:01")).When(new Poke());
        Assert.Equal(T8("2026-11-25T09:00:00"), HallPicture.Window(story.State, W(1)).ReopensAt);
    }

    [Fact]
    public void WhoComesAfterAnother_HasTheWholeGrace()
    {
        var shifts = Calendar.Replace("{\"window\": \"1\", \"a\": \"li\", \"b\": \"wang\"}",
            "{\"window\": \"1\", \"a\": \"li\", \"b\": \"wang\", \"times\": [\"09:00\", \"10:00\"]}, {\"window\": \"1\", \"a\": \"zhao\", \"b\": \"wang\", \"times\": [\"10:00\", \"17:00\"]}", StringComparison.Ordinal);
        var story = Hall("08:00", shifts).At(T8("08:40")).Given(SampleHall.Open(1, Li), SampleHall.Open(2, Wang)).At(T8("10:00:10")).Given(SampleHall.Close(1, Li));
        story.At(T8("10:09:59")).When(new Poke());
        Assert.Null(story.State.Find(W(1))!.StandInAt);
        Assert.Equal(I("10:00:00"), story.State.Find(W(1))!.ExpectedSince);
        story.At(T8("10:10:00")).When(new Poke()).ThenDue(new StandInChanged(W(1), W(2)));
    }

    [Fact]
    public void ANumber_IsNotChangedToAServiceThatNobodyDoesToday()
    {
        // Saturday morning: cards only.
        var story = Hall("2026-11-28T08:50:00").Given(SampleHall.Open(1, Li)).At(T8("2026-11-28T09:10:00")).Given(Issue());
        story.When(new ChangeTicket(T(1), Permit)).ThenRefused(RefusalCode.CannotBeServedToday, ("lacking", "window"));
        story.When(CallNext(1, Li)).ThenCalled(1, CallReason.FirstCome);
    }
}
