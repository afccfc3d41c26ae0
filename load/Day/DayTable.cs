using System.Diagnostics;
using HallOps.Core.Halls;
using HallOps.Load.Measuring;
using HallOps.Load.Server;

namespace HallOps.Load.Day;

/// <summary>The day in figures, a row a hall and one for all: counts from the journal, waits in minutes of the hall, call to glass in real milliseconds.</summary>
internal sealed class DayTable(IReadOnlyList<HallStory> stories, Ledger ledger, IReadOnlyList<Screen> screens)
{
    public void Print(Report report)
    {
        report.Say("");
        report.Say($"{"hall",-18}{"issued",8}{"called",8}{"served",8}{"no-shows",10}{"left",7}{"wait p50",10}{"p90 min",9}{"glass p50",11}{"p99 ms",9}{"ratings",9}{"bad",5}");
        foreach (var story in stories) Row(report, story.Hall, [story]);
        Row(report, "in all", stories);
        report.Say("");
    }

    private void Row(Report report, string name, IReadOnlyList<HallStory> of)
    {
        var waits = of.SelectMany(Waits).ToList();
        var glass = of.SelectMany(Glass).ToList();
        int Count(Func<HallEvent, bool> what) => of.Sum(s => s.Events.Count(e => what(e.Event)));
        report.Say(FormattableString.Invariant(
            $"{name,-18}{Count(e => e is TicketIssued),8}{of.Sum(s => s.Events.Where(e => e.Event is TicketCalled).Select(e => e.Subject).Distinct().Count()),8}{Count(e => e is ServiceFinished),8}{Count(e => e is TicketMissed),10}{Count(e => e is TicketCancelled),7}{NearestRank(waits, 50),10:0.0}{NearestRank(waits, 90),9:0.0}{NearestRank(glass, 50),11:0.0}{NearestRank(glass, 99),9:0.0}{Count(e => e is ServiceRated),9}{Count(e => e is ServiceRated { Grade: >= Grade.Dissatisfied }),5}"));
    }

    /// <summary>Minutes from the number to the call that was answered.</summary>
    private static IEnumerable<double> Waits(HallStory story)
    {
        var (since, called) = (new Dictionary<string, Instant>(), new Dictionary<string, Instant>());
        foreach (var (_, at, @event, subject) in story.Events)
        {
            switch (@event)
            {
                case TicketIssued:
                    since[subject] = at;
                    break;
                case TicketCalled:
                    called[subject] = at;
                    break;
                case ServiceFinished:
                    yield return (called[subject] - since[subject]).TotalMinutes;
                    break;
            }
        }
    }

    /// <summary>Milliseconds from the clerk's key to each screen that showed the call.</summary>
    private IEnumerable<double> Glass(HallStory story)
    {
        var sent = ledger.Placed.Where(p => p.Step.Hall == story.Hall && (p.Step.Event == typeof(TicketCalled) || p.Step.Event == typeof(TicketRecalled))).ToDictionary(p => p.Sequence, p => p.Step.Sent);
        foreach (var screen in screens.Where(s => s.Hall == story.Hall))
            foreach (var heard in screen.Announced)
                if (sent.TryGetValue(heard.Id, out var key)) yield return (heard.At - key) * 1000.0 / Stopwatch.Frequency;
    }

    private static double NearestRank(List<double> values, int percent)
    {
        if (values.Count == 0) return 0;
        values.Sort();
        return values[Math.Max(0, (int)Math.Ceiling(percent * values.Count / 100.0) - 1)];
    }
}
