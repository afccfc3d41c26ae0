using System.Globalization;
using System.Text;
using HallOps.Web.Halls;
using HallOps.Web.Visits;
using Microsoft.Extensions.DependencyInjection;

namespace HallOps.Web.Tests.Reports.Recomputed;

/// <content>Days before the halls counted here, from a file of visits.</content>
public abstract partial class RecomputedDaysTests
{
    private async Task ImportAsync()
    {
        var (random, legs, file) = (new Random(_seed), new List<NaiveLeg>(), new StringBuilder("hall,line,service,number,issued,called,started,finished,window,staff,outcome,finishOutcome,department,grade\n"));
        foreach (var (hall, zone, _, _) in s_halls)
            for (var day = new DateOnly(2026, 10, 25); day < new DateOnly(2026, 10, 28); day = day.AddDays(1))
                for (var i = 1; i <= 40; i++) legs.Add(Draw(random, hall.Value, zone, day, i, file));
        // Files are for halls of the list.
        foreach (var (hall, _, _, _) in s_halls) await _host.App.Services.GetRequiredService<IHallList>().HasAsync(Number(hall), 1, Cancel);
        var done = await _host.App.Services.GetRequiredService<VisitsImporter>().RunAsync(new MemoryStream(Encoding.UTF8.GetBytes(file.ToString())), "years.csv", check: false, null, Cancel);
        Assert.Equal((legs.Count, 0), (done.Imported, done.RefusedCount));
        _imported = legs;
    }

    private static NaiveLeg Draw(Random random, string hall, TimeZoneInfo zone, DateOnly day, int number, StringBuilder file)
    {
        var (line, service, department, target) = random.Next(3) switch { 0 => ("a", "s", "ga", 240_000L), 1 => ("b", "t", "rs", (long?)null), _ => ("c", "p", null, 120_000L) };
        long At(DateTime wall) => new DateTimeOffset(wall, zone.GetUtcOffset(wall)).ToUnixTimeMilliseconds();
        // To the second, as files have it.
        var issued = At(day.ToDateTime(new TimeOnly(8, 0))) + random.Next(0, 36_000) * 1000L;
        var called = issued + random.Next(5, 1_500) * 1000L;
        var started = called + random.Next(1, 60) * 1000L;
        var finished = started + random.Next(5, 900) * 1000L;
        var outcome = random.Next(10) switch { 0 => "abandoned", 1 => "noShow", 2 => "withdrawn", 3 => "open", 4 => "void", _ => "served" };
        var (wasCalled, isServed) = (outcome is "served" or "noShow" || (outcome == "withdrawn" && random.Next(2) == 0), outcome == "served");
        var seat = random.Next(1, 5);
        var leg = new NaiveLeg(hall, new NaiveVisit(-(day.DayNumber * 100 + number), day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)), 1, issued, issued)
        {
            Service = service, Line = line, Department = department, Target = target, KnownUntil = At(day.AddDays(1).ToDateTime(TimeOnly.MinValue)), Outcome = outcome, FirstCalled = wasCalled ? called : null, Called = wasCalled ? called : null,
            Started = isServed ? started : null, Finished = isServed ? finished : null, Ended = outcome == "open" ? null : finished, Window = wasCalled ? $"{seat}" : null, Staff = wasCalled ? $"w0{seat}" : null,
            Finish = isServed ? new[] { "done", "accepted", "toldOnce" }[random.Next(3)] : null, Grade = isServed && random.Next(2) == 0 ? random.Next(5) : null,
        };
        // Rows say what is over by the finish, whatever it was.
        string?[] cells = [hall, line, service, $"A{number:000}", Local(issued), Local(leg.Called), Local(leg.Started), Local(leg.Ended), leg.Window, leg.Staff, outcome, leg.Finish, department,
            leg.Grade is { } grade ? s_grades[grade] : null];
        file.AppendJoin(',', cells).Append('\n');
        return leg;

        string? Local(long? at) => at is { } some ? Wall(some, zone).ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture) : null;
    }

    private static readonly string[] s_grades = ["verySatisfied", "satisfied", "fairlySatisfied", "dissatisfied", "veryDissatisfied"];
}
