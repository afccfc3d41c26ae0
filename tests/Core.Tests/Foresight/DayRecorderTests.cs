using System.Text.Json;
using HallOps.Core.Foresight.Recording;
using HallOps.Core.Foresight.Simulation;
using HallOps.Core.Halls;
using HallOps.Core.Tests.Halls;
using static HallOps.Core.Tests.Halls.SampleHall;

namespace HallOps.Core.Tests.Foresight;

/// <summary>Recorded days as scenarios.</summary>
public sealed class DayRecorderTests
{
    private const long Nine = 9 * 3_600_000;

    private static readonly DateOnly Day = new(2026, 11, 23);

    [Fact]
    public void RecordedDay_HasServicesAsServed_AndPatienceWherePeopleLeft()
    {
        var hall = SampleHall.Scenario().Given(Open(1, Li))
            .At(10).Given(Issue(), CallNext(1, Li)).At(15).Given(StartAt(1, Li))
            .At(20).Given(Issue()).At(30).Given(Issue()).At(60).Given(new CancelTicket(T(3)))
            .At(100).Given(FinishAt(1, Li)).At(110).Given(CallNext(1, Li)).At(120).Given(StartAt(1, Li)).At(200).Given(FinishAt(1, Li))
            .At(300).Given(Close(1, Li));

        var day = Record(hall, Day)!.ToScenario();

        var window = Assert.Single(day.Windows);
        Assert.Equal(("1", new Opening(Nine, Nine + 300_000)), (window.Id, Assert.Single(window.Calendar)));
        Assert.Equal(["card", "permit", "deed"], window.Skills);
        Assert.Equal([("A001", 10_000L, 85_000L, null), ("A002", 20_000, 80_000, null), ("A003", 30_000, 80_000, (long?)30_000)], day.Arrivals.Select(a => (a.Ticket, a.At - Nine, a.Duration, a.Patience)));
        Assert.Equal((5_000L, true), (day.Rules.Walk, day.InMilliseconds));
        // Played again: the clerk who took ten seconds to call is not slow in a scenario.
        var played = DaySimulator.Run(day);
        Assert.Equal([Nine + 10_000, Nine + 100_000], played.Calls.Select(c => c.At));
        Assert.Equal([StageOutcome.Served, StageOutcome.Served, StageOutcome.Abandoned], played.Tickets.Select(t => t.Outcome));
    }

    [Fact]
    public void RecordedDay_HasTheHallsRule()
    {
        var discipline = Record(SampleHall.Scenario().Given(Open(1, Li)).Given(Issue()), Day)!.ToScenario().Discipline;
        Assert.Equal((DisciplineKind.Score, 900_000m, 86_400_000m), (discipline.Kind, discipline.HeadStart[1], discipline.HeadStart[2]));
        Assert.Equal(new FairnessSettings(10, 2), discipline.Bounds);
    }

    [Fact]
    public void NoShow_IsOneWhoDoesNotCome_AndATransferAFurtherStage()
    {
        var hall = SampleHall.Scenario("\"remoteIssue\": true", "\"remoteIssue\": true, \"calling\": {\"minCalls\": 1, \"returnMinutes\": 1}").Given(Open(1, Li), Open(2, Wang))
            .At(0).Given(Issue(), Issue(), CallNext(1, Li)).At(40).Given(NoShow(1, Li))
            .At(50).Given(CallNext(1, Li)).At(60).Given(StartAt(1, Li)).At(100).Given(PassOn(1, Li, Water))
            .At(110).Given(CallNext(2, Wang)).At(115).Given(StartAt(2, Wang)).At(145).Given(FinishAt(2, Wang))
            .At(new DateTimeOffset(2026, 11, 24, 1, 0, 0, TimeSpan.FromHours(8))).When(Issue());

        var day = Record(hall, Day)!.ToScenario();

        var (missed, passed) = (day.Arrivals[0], day.Arrivals[1]);
        Assert.False(missed.Shows);
        Assert.Equal((40_000L, new FurtherStage("water", 30_000), 40_000L), (passed.Duration, Assert.Single(passed.Then), day.Rules.NoShowGrace));
        // Both windows were never closed: the day's end closes them.
        Assert.All(day.Windows, w => Assert.Equal(new Opening(Nine, 86_400_000), Assert.Single(w.Calendar)));
    }

    [Fact]
    public void DayOfWhichNothingIsKnown_IsNone() => Assert.Null(Record(SampleHall.Scenario().Given(Issue()), Day.AddDays(1)));

    [Fact]
    public void RecordedDay_OfAnyHistory_IsReadAsItIsWritten_AndPlays()
    {
        for (var seed = 1; seed <= 150; seed++)
        {
            var hall = RandomDay(seed);
            var day = Record(hall, Day)!.ToScenario();
            var written = Write(day);
            var read = ScenarioDocument.Read(written);
            Assert.True(read.Problem is null, $"seed {seed}: {read.Problem}");
            Assert.True(written.AsSpan().SequenceEqual(Write(read.Scenario!)), $"seed {seed}: written otherwise");
            var people = hall.History.Select(h => h.Event).OfType<TicketIssued>().Count(e => hall.Ticket(e.Ticket).State is not (TicketState.Void or TicketState.Issued));
            Assert.Equal((seed, people), (seed, day.Arrivals.Count));
            var (fast, slow) = (DaySimulator.Run(read.Scenario!), DaySimulator.Run(day));
            Assert.True(fast.Tickets.SequenceEqual(slow.Tickets), $"seed {seed}: played otherwise");
        }
    }

    private static HallScenario RandomDay(int seed)
    {
        var random = new Random(seed);
        var hall = SampleHall.Scenario("\"maxWaiting\": 5", "\"maxWaiting\": 50");
        var t = 0.0;
        Clerk[] clerks = [Li, Wang, Qian];
        for (var i = 0; i < 200; i++)
        {
            var window = random.Next(1, 4);
            var (clerk, ticket) = (clerks[window - 1], random.Next(1, 60));
            hall.At(t += random.Next(0, 60)).When(random.Next(20) switch
            {
                < 6 => Issue(random.Next(3) == 0 ? "water" : "card", random.Next(4) == 0 ? "elderly" : null, Grants.Guide, printed: random.Next(9) > 0),
                < 8 => Open(window, clerk),
                < 12 => CallNext(window, clerk),
                < 14 => StartAt(window, clerk),
                < 16 => Next(window, clerk, FinishOutcome.Done),
                16 => NoShow(window, clerk),
                17 => new CancelTicket(T(ticket)),
                18 => random.Next(3) switch { 0 => PassOn(window, clerk, Water), 1 => Hold(window, clerk), _ => Back(ticket) },
                _ => random.Next(4) switch { 0 => Pause(window, clerk), 1 => Unpause(window, clerk), 2 => SuspendLine(B), _ => ResumeAll() },
            });
        }
        return hall;
    }

    /// <summary>The history once more, on a hall of its own. Null where nothing of the day is in it.</summary>
    private static DayRecorder? Record(HallScenario hall, DateOnly day)
    {
        var (state, recorder) = (new HallState(), new DayRecorder(day));
        foreach (var (@event, at) in hall.History)
        {
            Hall.Evolve(state, @event, at, state.Sequence + 1);
            recorder.Note(state, @event);
        }
        return recorder.HasDay ? recorder : null;
    }

    private static byte[] Write(Scenario scenario)
    {
        using var to = new MemoryStream();
        using (var json = new Utf8JsonWriter(to)) ScenarioJson.Write(json, scenario);
        return to.ToArray();
    }
}
