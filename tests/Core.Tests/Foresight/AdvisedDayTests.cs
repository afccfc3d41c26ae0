using HallOps.Core.Foresight.Simulation;

namespace HallOps.Core.Tests.Foresight;

/// <summary>Days with an adviser whose every move is made: by hand, and laws over random days. A failure names its seed.</summary>
public sealed class AdvisedDayTests
{
    private const int Days = 200;
    private static readonly Foreknowledge Means = new() { MeanServiceSeconds = new Dictionary<string, double> { ["A"] = 100, ["B"] = 100 }, Adviser = new AdviserSettings(500, Flexible: true) };

    [Fact]
    public void OneWindowIdleAndAnotherLineLong_IsSetToItAtTheFirstStep()
    {
        // By 500 five of twenty have been called, each 100 after the other; from then on two at a time, and the last alone.
        var day = Of([Window("1", "A"), Window("2", "B")], Twenty());
        var (plain, advised) = (DaySimulator.Run(day), DaySimulator.RunAdvised(day));
        Assert.Equal((19_000L, (int?)null, true), (plain.Metrics.Served.WaitSum, plain.Metrics.Moves, plain.Moves is null));
        Assert.Equal(["500 2 A,B"], advised.Moves!.Select(Text));
        Assert.Equal((1_000 + (2 * 5_600) + 1_200L, 1), (advised.Metrics.Served.WaitSum, advised.Metrics.Moves));
    }

    [Fact]
    public void AtOneServiceAWindow_ItIsSetToTheOtherOne()
    {
        var day = Of([Window("1", "A"), Window("2", "B")], Twenty());
        day = day with { Foreknowledge = day.Foreknowledge with { Adviser = new AdviserSettings(500, Flexible: true, MaxServices: 1) } };
        Assert.Equal(["500 2 A"], DaySimulator.RunAdvised(day).Moves!.Select(Text));
    }

    [Fact]
    public void NotFlexible_AWindowDoesWhatItsPeopleCan()
    {
        var day = Of([Window("1", "A"), Window("2", "B")], Twenty());
        day = day with { Foreknowledge = day.Foreknowledge with { Adviser = new AdviserSettings(500) } };
        var advised = DaySimulator.RunAdvised(day);
        Assert.Equal((0, 19_000L), (advised.Metrics.Moves, advised.Metrics.Served.WaitSum));
    }

    [Fact]
    public void NothingToGain_NothingIsMoved()
    {
        // Both do both, and a long line of each waits.
        var both = Window("1", "A") with { Skills = ["A", "B"] };
        var day = Of([both, both with { Id = "2", Order = 2 }], [.. Twenty(), .. Enumerable.Range(0, 20).Select(i => At($"b{i:00}", 0, "B"))]);
        var (plain, advised) = (DaySimulator.Run(day), DaySimulator.RunAdvised(day));
        Assert.Empty(advised.Moves!);
        Assert.Equal(plain.Calls, advised.Calls);
        Assert.Equal(plain.Metrics.Served, advised.Metrics.Served);
    }

    [Fact]
    public void ServiceInProgress_IsFinishedBeforeTheMoveCounts()
    {
        var day = Of([Window("1", "A"), Window("2", "B")], [.. Twenty(), At("b", 450, "B", 400)]);
        var advised = DaySimulator.RunAdvised(day);
        Assert.Equal((500L, 850L), (advised.Moves![0].At, advised.Tickets.First(t => t.Ticket == "b").EndedAt!.Value));
        Assert.Equal(850, advised.Calls.First(c => c.Window == "2" && c.Ticket != "b").At);
    }

    [Theory]
    [InlineData(500, 0, "500 1000 3000 3500")]
    [InlineData(500, 1000, "1000 3000 3500")]
    [InlineData(700, 0, "700 1400 3500")]
    [InlineData(5_000, 0, "")]
    public void Adviser_IsAskedAtWholeSteps_WhileAWindowIsOpen_AndNotBeforeWindowsAct(long every, long now, string steps)
    {
        var day = Of([new("1", 1, ["A"], [new(0, 1_200), new(2_900, 4_000)], []), new("2", 2, ["B"], [new(1_100, 1_500)], [])], []) with { Now = now };
        var floor = new ScenarioFloor(day with { Foreknowledge = new() { Adviser = new AdviserSettings(every) } });
        List<long> asked = [];
        for (var step = floor.NextStep(-1); step is { } at; step = floor.NextStep(at)) asked.Add(at);
        Assert.Equal(steps, string.Join(' ', asked));
    }

    [Fact]
    public void Advice_OfAnyDay_DoesNotDependOnWhatIsToCome()
    {
        var compared = 0;
        for (var seed = 1; seed <= Days; seed++)
        {
            var day = Random(seed);
            var whole = DaySimulator.RunAdvised(day);
            if (whole.Moves!.Count == 0) continue;
            var cut = whole.Moves[^1].At;
            var other = DaySimulator.RunAdvised(WithAnotherFuture(day, whole, cut));
            Assert.True(whole.Moves.Select(Text).SequenceEqual(other.Moves!.Where(m => m.At <= cut).Select(Text)), $"seed {seed}, cut at {cut}");
            compared++;
        }
        Assert.True(compared > Days / 10, $"only {compared} days with moves");
    }

    [Fact]
    public void Moves_OfAnyDay_KeepToTheScenario_AndCallsToTheMoves()
    {
        var moved = 0;
        for (var seed = 1; seed <= Days; seed++)
        {
            var day = Random(seed);
            var played = DaySimulator.RunAdvised(day);
            Assert.Equal((seed, played.Moves!.Count), (seed, played.Metrics.Moves));
            var settings = day.Foreknowledge.Adviser!;
            foreach (var move in played.Moves)
            {
                var window = day.Windows.First(w => w.Id == move.Window);
                var before = Skills(window, played.Moves.TakeWhile(m => m != move), move.At);
                Assert.True(move.At > 0 && move.At % settings.EverySeconds == 0 && move.At >= day.Now && day.Windows.Any(w => w.Calendar.Any(o => o.Opens <= move.At && move.At < o.Closes)), $"seed {seed}: {Text(move)}");
                Assert.True(move.Skills.Count > 0 && move.Skills.Count <= (settings.MaxServices ?? int.MaxValue) && !move.Skills.Order().SequenceEqual(before.Order()), $"seed {seed}: {Text(move)}");
                if (!settings.Flexible) Assert.False(move.Skills.Except(Skills(window, [], move.At)).Any(), $"seed {seed}: {Text(move)} is more than its people can do");
                moved++;
            }
            foreach (var record in played.Tickets.Where(t => t.Window is not null))
                Assert.True(Skills(day.Windows.First(w => w.Id == record.Window), played.Moves, record.CalledAt!.Value).Contains(record.Service), $"seed {seed}: {record}");
        }
        Assert.True(moved > Days / 10, $"only {moved} moves");
    }

    [Fact]
    public void AdvisedDay_PlayedAgain_AndInMilliseconds_IsTheSame()
    {
        for (var seed = 1; seed <= Days / 2; seed++)
        {
            var day = Random(seed);
            var (first, again, fine) = (DaySimulator.RunAdvised(day), DaySimulator.RunAdvised(day), DaySimulator.RunAdvised(DaySimulatorLawTests.InMilliseconds(day)));
            Assert.True(first.Moves!.Select(Text).SequenceEqual(again.Moves!.Select(Text)) && first.Calls.SequenceEqual(again.Calls), $"seed {seed}");
            Assert.True(first.Moves!.Select(Text).SequenceEqual(fine.Moves!.Select(m => Text(m with { At = m.At / 1000 }))), $"seed {seed}: in milliseconds");
        }
    }

    [Fact]
    public void SampleDay_WithDemandThatShifts_WaitsLessThanHalf_AndNobodyIsLost()
    {
        var day = ScenarioDocument.Read(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "samples", "scenarios", "04-demand-that-shifts.json"))).Scenario!;
        var (plain, advised) = (DaySimulator.Run(day).Metrics, DaySimulator.RunAdvised(day).Metrics);
        Assert.True(advised.Served.WaitSum < plain.Served.WaitSum / 2, $"{plain.Served} {advised.Served} {advised.Moves}");
        Assert.True(advised.Served.N >= plain.Served.N && advised.Abandoned <= plain.Abandoned && advised.Unserved <= plain.Unserved, $"{plain} {advised}");
    }

    /// <summary>What a window may be called for after the moves of an instant.</summary>
    private static IReadOnlyList<string> Skills(ScenarioWindow window, IEnumerable<MoveRecord> moves, long at) =>
        window.SkillChanges.Where(c => c.At <= at).Select(c => (c.At, Turn: 0, c.Skills)).Concat(moves.Where(m => m.Window == window.Id && m.At <= at).Select(m => (m.At, Turn: 1, m.Skills)))
            .OrderBy(c => c.At).ThenBy(c => c.Turn).Select(c => c.Skills).LastOrDefault(window.Skills);

    /// <summary>The same until an instant's completions and changes of the calendar, and all else otherwise.</summary>
    private static Scenario WithAnotherFuture(Scenario day, DayResult played, long cut)
    {
        var done = played.Tickets.Where(t => t.EndedAt <= cut).GroupBy(t => t.Ticket).ToDictionary(g => g.Key, g => g.Count());
        var random = new Random(day.Arrivals.Count);
        return day with
        {
            Arrivals =
            [
                .. day.Arrivals.Where(a => a.At < cut).Select(a =>
                {
                    var stages = done.GetValueOrDefault(a.Ticket);
                    // What is not over by then takes longer, and may have no further stage or another one.
                    return a with
                    {
                        Duration = stages > 0 ? a.Duration : a.Duration + random.Next(1, 90),
                        Then = [.. a.Then.Select((s, i) => i + 1 < stages ? s : s with { Duration = s.Duration + random.Next(1, 90) })],
                    };
                }),
                .. Enumerable.Range(0, 60).Select(i => new Arrival($"new-{i}", cut + random.Next(0, 50), i % 2 == 0 ? "c" : "unheard of", random.Next(1, 30), i % 3, null, true, 0, [])),
            ],
            Windows = [.. day.Windows.Select(w => w with { SkillChanges = [.. w.SkillChanges.Where(c => c.At <= cut), new SkillChange(cut + 1, ["unheard of"])] })],
        };
    }

    private static Scenario Random(int seed)
    {
        var random = new Random(seed);
        var day = RandomScenario.Of(seed);
        // Longer days than those of single coincidences: the adviser thinks in minutes.
        var slow = day with
        {
            Arrivals = [.. day.Arrivals.Select(a => a with { At = a.At * 20, Duration = a.Duration * 20, Patience = a.Patience * 40, NotBefore = a.NotBefore * 20, Then = [.. a.Then.Select(s => s with { Duration = s.Duration * 20 })] })],
            Windows = [.. day.Windows.Select(w => w with { Calendar = [.. w.Calendar.Select(o => new Opening(o.Opens * 20, o.Closes * 20))], SkillChanges = [.. w.SkillChanges.Select(c => c with { At = c.At * 20 })] })],
            Now = day.Now * 20,
            InService = [.. day.InService.Select(s => s with { EndsAt = s.EndsAt * 20 })],
        };
        return slow with
        {
            Foreknowledge = new Foreknowledge
            {
                Adviser = new AdviserSettings(random.Next(200, 700), random.Next(3) > 0, random.Next(2) == 0 ? random.Next(1, 3) : null),
                Forecast = random.Next(2) == 0 ? new Dictionary<string, IReadOnlyList<double>> { ["a"] = [random.Next(0, 60), random.Next(0, 60), random.Next(0, 60)] } : [],
                MeanServiceSeconds = random.Next(2) == 0 ? new Dictionary<string, double> { ["a"] = random.Next(50, 400), ["b"] = 200 } : [],
            },
        };
    }

    private static string Text(MoveRecord move) => $"{move.At} {move.Window} {string.Join(',', move.Skills)}";

    private static List<Arrival> Twenty() => [.. Enumerable.Range(0, 20).Select(i => At($"{i:00}", 0, "A"))];

    private static Scenario Of(IReadOnlyList<ScenarioWindow> windows, IReadOnlyList<Arrival> arrivals) =>
        new() { Id = "s", Title = "t", Discipline = Discipline.Fifo, Rules = new(), Windows = windows, Arrivals = arrivals, Foreknowledge = Means };

    private static ScenarioWindow Window(string id, string service) => new(id, 1, [service], [new(0, 10_000)], []);

    private static Arrival At(string ticket, long t, string service, long duration = 100) => new(ticket, t, service, duration, 0, null, true, 0, []);
}
