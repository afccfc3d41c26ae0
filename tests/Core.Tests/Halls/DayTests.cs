using HallOps.Core.Calendars;
using HallOps.Core.Halls;
using static HallOps.Core.Tests.Halls.SampleHall;

namespace HallOps.Core.Tests.Halls;

/// <summary>DOMAIN.md, "End of the day"; QUALITY.md F7 to F9.</summary>
public sealed class DayTests
{
    private static readonly DateTimeOffset Midnight = new(2026, 11, 24, 0, 0, 0, TimeSpan.FromHours(8));

    [Fact]
    public void DayEnded_EndsEveryVisitButTheOneBeingServed()
    {
        var story = Scenario("\"maxWaiting\": 5", "\"maxWaiting\": 50").At(Midnight.AddSeconds(-30))
            .Given(Opened(1, "li"), Opened(2, "wang"), Opened(3, "zhao"), Issued(1), Issued(2), Issued(3), Issued(4), Issued(5, printed: false), Issued(6))
            .Given(Called(1), Started(1, Instant.From(Midnight.AddSeconds(-30))), Called(2, 2), Called(3, 3), Missed(3, window: 3), Called(6, 3), Missed(6, window: 3), Returned(6, Instant.From(Midnight.AddSeconds(-30)), reservedFor: 3));
        story.At(Midnight).When(new Poke()).ThenDue(new DayEnded(new DateOnly(2026, 11, 23), new DateOnly(2026, 11, 24), Instant.From(Midnight.AddDays(1))));
        story.ThenTicket(1, TicketState.Serving)
            .ThenTicket(2, TicketState.Expired, LegOutcome.NoShow)
            .ThenTicket(3, TicketState.Expired, LegOutcome.NoShow)
            .ThenTicket(4, TicketState.Expired, LegOutcome.Abandoned)
            .ThenTicket(5, TicketState.Void, LegOutcome.Void)
            .ThenTicket(6, TicketState.Expired, LegOutcome.NoShow);
        Assert.Equal((0, 0, WindowStatus.Serving, WindowStatus.Idle), (story.State.Waiting, story.State.Find(A)!.Waiting, story.State.Find(W(1))!.Status, story.State.Find(W(2))!.Status));
    }

    [Fact]
    public void DayEnded_StartsNumbersAnewAndLetsTheServedFinishTheNextDay()
    {
        var story = Scenario().At(Midnight.AddMinutes(-5)).Given(Open(1, Li)).Given(Issue(), Issue()).Given(CallNext(1, Li), StartAt(1, Li));
        story.At(Midnight.AddMinutes(5)).When(Issue());
        Assert.Equal(("A001", 3L), (story.Ticket(3).Number, story.Ticket(3).Id.Ordinal));
        Assert.Equal(new DateOnly(2026, 11, 24), story.Ticket(3).Day);
        story.When(Next(1, Li)).Then(Finished(1), Called(3)).ThenTicket(1, TicketState.Finished, LegOutcome.Served);
        Assert.Equal(new DateOnly(2026, 11, 23), story.Ticket(1).Day);
        story.When(Rate(1)).Then(new ServiceRated(1, 1, W(1), Grade.Satisfied, [], null, OnPad: false));
    }

    [Fact]
    public void EndedVisits_StayFor24HoursThenTheirDayIsOver()
    {
        var story = Scenario().At(Midnight.AddHours(-1)).Given(Open(1, Li)).Given(Issue(), Issue()).Given(CallNext(1, Li), StartAt(1, Li), FinishAt(1, Li));
        story.At(Midnight.AddDays(1).AddMilliseconds(-1)).When(new CancelTicket(T(2))).ThenRefused(RefusalCode.WrongState, ("state", TicketState.Expired));
        story.When(Rate(1)).ThenTicket(1, TicketState.Finished, LegOutcome.Served);
        Assert.IsType<ServiceRated>(Assert.Single(story.Events));
        story.At(Midnight.AddDays(1)).When(new CancelTicket(T(2))).ThenRefused(RefusalCode.DayOver);
        story.When(Rate(1)).ThenRefused(RefusalCode.DayOver);
        story.When(new CancelTicket(T(3))).ThenRefused(RefusalCode.UnknownTicket);
        story.When(new CancelTicket(new TicketId(8, 1))).ThenRefused(RefusalCode.UnknownTicket);
    }

    [Fact]
    public void ServingForTwoDays_StaysUntilFinishedAndIsForgottenWithTheNextDay()
    {
        var story = Scenario().At(Midnight.AddHours(-1)).Given(Open(1, Li)).Given(Issue()).Given(CallNext(1, Li), StartAt(1, Li));
        story.At(Midnight).When(new Poke()).At(Midnight.AddDays(1)).When(new Poke()).At(Midnight.AddHours(30)).When(FinishAt(1, Li)).Then(Finished(1));
        story.At(Midnight.AddDays(2).AddMilliseconds(-1)).When(new CancelTicket(T(1))).ThenRefused(RefusalCode.WrongState);
        story.At(Midnight.AddDays(2)).When(Rate(1)).ThenRefused(RefusalCode.DayOver);
    }

    [Fact]
    public void NoShow_OfATicketWhoseDayIsOver_ClosesIt()
    {
        // Started by time alone before midnight, found missing after: its number may be somebody else's by now, so it does not come back.
        var story = Scenario().At(Midnight.AddSeconds(-90)).Given(Open(1, Li)).Given(Issue()).Given(CallNext(1, Li)).At(Midnight.AddSeconds(-70)).Given(Recall(1, Li));
        story.At(Midnight.AddSeconds(10)).Given(Issue());
        story.When(NoShow(1, Li)).Then(Missed(1), new TicketExpired(1)).ThenTicket(1, TicketState.Expired, LegOutcome.NoShow);
    }

    [Fact]
    public void ClockForwardSeveralDays_EndsTheDayOnce()
    {
        var story = Scenario().Given(Issue()).At(Midnight.AddDays(3).AddHours(2)).When(Issue());
        story.ThenDue(new DayEnded(new DateOnly(2026, 11, 23), new DateOnly(2026, 11, 27), Instant.From(Midnight.AddDays(4))), new DayForgotten(new DateOnly(2026, 11, 23)));
        Assert.Equal(Instant.From(Midnight), story.History.Single(h => h.Event is DayEnded).At);
    }

    [Fact]
    public void Pokes_HoweverMany_DoNotChangeWhatIsDue()
    {
        var once = Play(_ => false);
        var often = Play(_ => true);
        Assert.Equal(once, often);

        static List<string> Play(Func<int, bool> poked)
        {
            var story = Scenario().At(Midnight.AddSeconds(-100)).Given(Open(1, Li)).Given(Issue(printed: false), Issue()).Given(CallNext(1, Li));
            for (var second = -99; second <= 200; second++)
                if (poked(second)) story.At(Midnight.AddSeconds(second)).When(new Poke());
            story.At(Midnight.AddSeconds(200)).When(new Poke());
            return [.. story.History.Select(h => $"{h.At} {Say(h.Event)}")];
        }
    }

    [Theory]
    [InlineData("Asia/Shanghai", "2026-11-23", "2026-11-23T16:00:00Z")]
    [InlineData("America/New_York", "2026-11-23", "2026-11-24T05:00:00Z")]
    // The clock jumps from 00:00 to 01:00: the day begins with the instant after the gap.
    [InlineData("America/Santiago", "2026-09-05", "2026-09-06T04:00:00Z")]
    [InlineData("Africa/Cairo", "2026-04-23", "2026-04-23T22:00:00Z")]
    // The clock goes from 24:00 back to 23:00: the day ends at the only midnight there is.
    [InlineData("Africa/Cairo", "2026-10-29", "2026-10-29T22:00:00Z")]
    // The clock goes from 01:00 back to 00:00: midnight comes twice, the first one counts.
    [InlineData("America/Havana", "2026-10-31", "2026-11-01T04:00:00Z")]
    public void ServiceDay_EndsAtLocalMidnight(string zone, string day, string end)
    {
        var timeZone = TimeZoneInfo.FindSystemTimeZoneById(zone);
        var date = DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture);
        var instant = ServiceDay.EndOf(date, timeZone);
        Assert.Equal(Instant.From(DateTimeOffset.Parse(end, System.Globalization.CultureInfo.InvariantCulture)), instant);
        Assert.Equal(date.AddDays(1), ServiceDay.At(instant, timeZone));
        Assert.Equal(date, ServiceDay.At(new Instant(instant.Milliseconds - 1), timeZone));
    }

    [Fact]
    public void DayEnded_InADaylightSavingGapAtMidnight_RollsOnceAndOnTime()
    {
        var end = new DateTimeOffset(2026, 9, 6, 4, 0, 0, TimeSpan.Zero);
        var story = HallScenario.Of(With("Asia/Shanghai", "America/Santiago"), end.AddHours(-2)).Given(Issue());
        story.At(end.AddMilliseconds(-1)).When(new Poke()).ThenDue();
        story.At(end.AddHours(5)).When(new Poke()).ThenDue(new DayEnded(new DateOnly(2026, 9, 5), new DateOnly(2026, 9, 6), Instant.From(end.AddHours(23))));
    }

    [Fact]
    public void ANewTimeZone_InWhichTheDayIsOver_EndsItNowAndNotInThePast()
    {
        // 18:00 in Berlin is 01:00 of the next date in Shanghai.
        var evening = new DateTimeOffset(2026, 11, 23, 17, 0, 0, TimeSpan.Zero);
        var story = HallScenario.Of(With("Asia/Shanghai", "Europe/Berlin"), evening).Given(Issue()).Given(Configure(Document));
        story.At(evening.AddSeconds(1)).When(new Poke());
        Assert.Equal((new DateOnly(2026, 11, 24), Instant.From(evening)), (story.State.Day, story.History.Single(h => h.Event is DayEnded).At));
        story.ThenTicket(1, TicketState.Expired, LegOutcome.Abandoned);
    }
}
