using System.Globalization;
using System.Text.Json;
using HallOps.Core.Calendars;
using HallOps.Core.Foresight.Simulation;
using HallOps.Core.Halls;
using HallOps.Web.Demo;

namespace HallOps.Web.Visits;

/// <summary>A row of a file of visits, as it is written. Times are the hall's wall clock.</summary>
public sealed record SampleVisit(string Hall, string Line, string Service, string? Department, string Class, string Number, DateTime Issued, DateTime? Called, DateTime? Started, DateTime? Finished, string? Window, string? Staff,
    string Outcome, string? FinishOutcome, string? Grade);

/// <summary>
/// A year of visits that nobody made: the sample halls' demand and calendars, each day played in virtual time with the windows that its roster has. The same seed gives the same year.
/// </summary>
/// <param name="samples">The folder with <c>halls</c>, <c>demand</c> and <c>warsaw</c>.</param>
public sealed class SampleYear(string samples, int year, int seed)
{
    private readonly List<(HallSettings Settings, JsonElement Document, JsonElement Demand)> _halls =
    [
        .. from file in Directory.GetFiles(Path.Combine(samples, "demand"), "*.json").Order(StringComparer.Ordinal)
           let bytes = File.ReadAllBytes(Path.Combine(samples, "halls", Path.GetFileName(file)))
           select (HallDocument.Read(bytes).Settings!, JsonDocument.Parse(bytes).RootElement, JsonDocument.Parse(File.ReadAllBytes(file)).RootElement),
    ];

    private readonly IReadOnlyDictionary<(int Hour, int Slot), double> _warsaw = DayPlan.ReadWarsaw(Path.Combine(samples, "warsaw", "arrivals.csv"));

    /// <summary>Of the first hall, then the second, and so on; each by day and issue. The first halls are the samples themselves, those after them are named after one with a number.</summary>
    /// <param name="day">Told each day once it was played, from 0.</param>
    public IEnumerable<SampleVisit> Visits(int halls, Action<int>? day = null)
    {
        for (var i = 0; i < halls; i++)
        {
            var (settings, document, demand) = _halls[i % _halls.Count];
            var hall = i < _halls.Count ? settings.Hall.Value : string.Create(CultureInfo.InvariantCulture, $"{settings.Hall}-{i / _halls.Count + 1}");
            var random = new Random(HashCode(seed, i));
            // How busy it is differs from hall to hall of a kind.
            var size = 0.7 + 0.6 * random.NextDouble();
            var wasOpen = true;
            var played = 0;
            foreach (var timeline in settings.Calendar.Between(new DateOnly(year, 1, 1), new DateOnly(year, 12, 31), HolidayData.China))
            {
                var isOpen = timeline.Issuing.Count > 0;
                if (isOpen)
                    foreach (var visit in Day(hall, settings, document, demand, timeline, size * FactorOf(demand, timeline.Date, !wasOpen), random)) yield return visit;
                // A weekend is no holiday: only after a longer rest does everybody come at once.
                wasOpen = isOpen || timeline.Date.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday;
                day?.Invoke(++played);
            }
        }
    }

    private IEnumerable<SampleVisit> Day(string hall, HallSettings settings, JsonElement document, JsonElement demand, DayTimeline timeline, double factor, Random random)
    {
        var zone = settings.Calendar.Zone;
        var zero = ServiceDay.EndOf(timeline.Date.AddDays(-1), zone).Milliseconds;
        var midnight = DateTimeOffset.FromUnixTimeMilliseconds(zero).ToOffset(zone.GetUtcOffset(DateTimeOffset.FromUnixTimeMilliseconds(zero)));
        var plan = DayPlan.Draw(document, demand, _warsaw, midnight, random, factor)
            .Where(v => timeline.Issuing.Any(s => s.From.Milliseconds <= v.At.ToUnixTimeMilliseconds() && v.At.ToUnixTimeMilliseconds() < s.To.Milliseconds))
            .Where(v => timeline.Intervals.Any(i => i.Stretch.From.Milliseconds <= v.At.ToUnixTimeMilliseconds() && i.Offered.Contains(new ServiceId(v.Service))))
            .ToList();
        var arrivals = plan.Select((v, i) => new Arrival(i.ToString("D5", CultureInfo.InvariantCulture), v.At.ToUnixTimeMilliseconds() - zero, v.Service, (long)v.ServiceTime.TotalMilliseconds, 0,
            v.LeavesAfter is { } patience ? (long)patience.TotalMilliseconds : null, v.Misses == 0 || v.Returns, 0, [])).ToList();
        var windows = WindowsOf(settings, timeline, zero);
        if (windows.Count == 0 || arrivals.Count == 0) yield break;
        var result = DaySimulator.Run(new Scenario
        {
            Id = hall, Title = hall, InMilliseconds = true, Discipline = Discipline.Fifo, Rules = new ScenarioRules(Walk: 25_000, NoShowGrace: 90_000), Windows = windows, Arrivals = arrivals,
        });

        var numbers = new Dictionary<LineId, int>();
        DateTime? Wall(long? at) => at is { } t ? midnight.DateTime.AddMilliseconds(t).AddTicks(-(midnight.DateTime.AddMilliseconds(t).Ticks % TimeSpan.TicksPerSecond)) : null;
        foreach (var record in result.Tickets)
        {
            var (visitor, service) = (plan[int.Parse(record.Ticket, CultureInfo.InvariantCulture)], settings.ServiceById[new ServiceId(record.Service)]);
            var line = settings.Lines.First(l => l.Line == service.Line);
            var number = numbers[line.Line] = numbers.GetValueOrDefault(line.Line) + 1;
            var served = record.Outcome == StageOutcome.Served;
            yield return new SampleVisit(hall, line.Line.Value, record.Service, service.Department?.Value, visitor.Class ?? "normal", string.Create(CultureInfo.InvariantCulture, $"{line.Prefix}{number:D3}"),
                Wall(record.Joined)!.Value, Wall(record.CalledAt), Wall(record.StartedAt),
                // Who was not served at all was sent home when the day ended.
                Wall(record.EndedAt ?? timeline.Ends.Milliseconds - zero), record.Window, StaffAt(timeline, record, zero),
                record.Outcome switch { StageOutcome.Served => "served", StageOutcome.NoShow => "noShow", _ => "abandoned" }, served ? visitor.Outcome : null, served ? visitor.Grade : null);
        }
    }

    private static List<ScenarioWindow> WindowsOf(HallSettings settings, DayTimeline timeline, long zero)
    {
        var windows = new List<ScenarioWindow>();
        foreach (var (window, order) in settings.Windows.Select((w, i) => (w.Window, i)))
        {
            var (openings, skills) = (new List<Opening>(), new List<SkillChange>());
            foreach (var interval in timeline.Intervals)
            {
                if (interval.Windows.FirstOrDefault(w => w.Window == window) is not { Services.Count: > 0 } staffed) continue;
                var (from, to) = (interval.Stretch.From.Milliseconds - zero, interval.Stretch.To.Milliseconds - zero);
                if (openings.Count > 0 && openings[^1].Closes == from) openings[^1] = openings[^1] with { Closes = to };
                else openings.Add(new Opening(from, to));
                skills.Add(new SkillChange(from, [.. staffed.Services.Select(s => s.Value)]));
            }
            if (openings.Count > 0) windows.Add(new ScenarioWindow(window.Value, order + 1, skills[0].Skills, openings, skills[1..]));
        }
        return windows;
    }

    private static string? StaffAt(DayTimeline timeline, StageRecord record, long zero) => record.CalledAt is not { } called ? null
        : timeline.Intervals.Where(i => i.Stretch.From.Milliseconds - zero <= called && called < i.Stretch.To.Milliseconds - zero)
            .SelectMany(i => i.Windows).FirstOrDefault(w => w.Window.Value == record.Window)?.Staff?.Value;

    private static double FactorOf(JsonElement demand, DateOnly date, bool afterHoliday)
    {
        var factor = demand.TryGetProperty("weekdayFactor", out var weekdays) && weekdays.TryGetProperty(date.DayOfWeek.ToString().ToLowerInvariant(), out var own) ? own.GetDouble() : 1;
        return afterHoliday && demand.TryGetProperty("firstDayAfterHoliday", out var more) ? factor * more.GetDouble() : factor;
    }

    // The same on every machine, unlike the framework's.
    private static int HashCode(int a, int b) => unchecked((a * 31 + b) * 486187739);
}
