using System.Globalization;
using System.Text;

namespace HallOps.Core.Foresight.Simulation;

/// <summary>
/// A day as an SVG picture for reports: a bar for every service at its window, over time, and under them the line of people waiting. Whole without anything from elsewhere; bars say in their titles what they are.
/// </summary>
public static class DayPicture
{
    private const int Width = 1200, Left = 110, Right = 20, Top = 60, Lane = 22, Gap = 4, Line = 140, Axis = 24;

    // Seven that colour-blind people tell apart (Okabe and Ito 2008). The services with the most visits have one each, the others share a grey.
    private static readonly string[] Colours = ["#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#f0e442", "#0072b2", "#d55e00"];

    private const string Other = "#bbb";

    /// <param name="day">What <paramref name="scenario"/> came out as.</param>
    public static string Draw(Scenario scenario, DayResult day)
    {
        var ends = scenario.Windows.SelectMany(w => w.Calendar).Select(o => o.Closes).Append(day.Metrics.LastEnd ?? 0).Append(1).Max();
        var starts = scenario.Windows.SelectMany(w => w.Calendar).Select(o => o.Opens).Concat(day.Tickets.Take(1).Select(t => t.Joined)).DefaultIfEmpty(0).Min();
        var picture = new Picture(starts, Math.Max(ends, starts + 1), scenario.InMilliseconds ? 1000 : 1);
        var services = day.Metrics.ByService.OrderByDescending(s => s.Value.N).Take(Colours.Length).Select(s => s.Key).Order(StringComparer.Ordinal)
            .Select((service, i) => (service, Colours[i])).ToDictionary(s => s.service, s => s.Item2, StringComparer.Ordinal);
        var lanes = scenario.Windows.Count * (Lane + Gap);
        var bottom = Top + lanes + 30 + Line;
        picture.Begin(bottom + Axis, scenario.Title, FormattableString.Invariant($"{scenario.Title}: {day.Metrics.Served.N} served, at most {day.Metrics.QueueMax} waiting"));
        picture.Legend(services, hasOthers: day.Metrics.ByService.Count > services.Count);
        picture.Hours(Top, bottom);
        var byWindow = day.Tickets.Where(t => t.Window is not null).ToLookup(t => t.Window!);
        for (var i = 0; i < scenario.Windows.Count; i++) picture.Window(scenario.Windows[i], Top + i * (Lane + Gap), byWindow[scenario.Windows[i].Id], services);
        picture.Waiting(Top + lanes + 30, day);
        return picture.End();
    }

    private sealed class Picture(long starts, long ends, int unit)
    {
        private readonly StringBuilder _svg = new();

        private double X(long t) => Left + (double)(t - starts) / (ends - starts) * (Width - Left - Right);

        public void Begin(int height, string title, string description)
        {
            Add($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {height}\" role=\"img\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#1a1a1a\">");
            Add($"<title>{Text(description)}</title><rect width=\"{Width}\" height=\"{height}\" fill=\"#fff\"/><text x=\"{Left}\" y=\"24\" font-size=\"16\">{Text(title)}</text>");
        }

        public void Legend(Dictionary<string, string> services, bool hasOthers)
        {
            var x = Left;
            foreach (var (service, colour) in services) Sign(service, $"fill=\"{colour}\" stroke=\"#444\"");
            if (hasOthers) Sign("其他 other", $"fill=\"{Other}\" stroke=\"#444\"");
            Sign("叫号未开始 called", $"fill=\"#fff\" stroke=\"#888\" stroke-dasharray=\"2 1\"");

            void Sign(string name, string look)
            {
                Add($"<rect x=\"{x}\" y=\"34\" width=\"14\" height=\"12\" {look} stroke-width=\".5\"/><text x=\"{x + 18}\" y=\"45\">{Text(name)}</text>");
                // 12 points a character of Han, 7 of others.
                x += 38 + name.Sum(c => c < 0x2E80 ? 7 : 12);
            }
        }

        public void Hours(int top, int bottom)
        {
            // The shortest of these steps that leaves room for its labels.
            long[] steps = [60, 300, 900, 1800, 3600, 7200, 21_600, 86_400, 604_800, 2_592_000, 31_536_000];
            var step = steps.FirstOrDefault(s => (ends - starts) / (s * unit) <= 14, steps[^1]) * unit;
            for (var t = (starts + step - 1) / step * step; t <= ends; t += step)
                Add($"<line x1=\"{X(t):0.##}\" x2=\"{X(t):0.##}\" y1=\"{top}\" y2=\"{bottom}\" stroke=\"#ddd\"/><text x=\"{X(t):0.##}\" y=\"{bottom + 16}\" text-anchor=\"middle\">{Clock(t / unit)}</text>");
        }

        public void Window(ScenarioWindow window, int y, IEnumerable<StageRecord> served, Dictionary<string, string> services)
        {
            Add($"<text x=\"{Left - 8}\" y=\"{y + 15}\" text-anchor=\"end\">{Text(window.Id)}</text>");
            foreach (var opening in window.Calendar)
                Add($"<rect x=\"{X(opening.Opens):0.##}\" y=\"{y}\" width=\"{X(opening.Closes) - X(opening.Opens):0.##}\" height=\"{Lane}\" fill=\"#f2f2f2\"/>");
            // What is thinner than a third of a point and touches the last is drawn with it: a million services are no larger a picture than the screen has points.
            (double From, double To)? thin = null;
            foreach (var record in served.OrderBy(r => r.CalledAt))
            {
                var (from, to) = (X(record.CalledAt!.Value), X(record.EndedAt!.Value));
                if (to - from < 0.33)
                {
                    if (thin is { } run && from - run.To < 0.33) thin = (run.From, to);
                    else
                    {
                        Thin(thin, y);
                        thin = (from, to);
                    }
                    continue;
                }
                Thin(thin, y);
                thin = null;
                Bar(record, from, to, y, services);
            }
            Thin(thin, y);
        }

        private void Bar(StageRecord record, double from, double to, int y, Dictionary<string, string> services)
        {
            var begins = record.StartedAt is { } started ? X(started) : to;
            var what = FormattableString.Invariant($"{record.Ticket}, {record.Service}, waited {Clock(record.Wait!.Value / unit, seconds: true)}{(record.Outcome is StageOutcome.NoShow ? ", did not come" : "")}");
            Add($"<g><title>{Text(what)}</title>");
            if (begins - from > 0.1) Add($"<rect x=\"{from:0.##}\" y=\"{y + 2}\" width=\"{begins - from:0.##}\" height=\"{Lane - 4}\" fill=\"#fff\" stroke=\"#888\" stroke-width=\".5\" stroke-dasharray=\"2 1\"/>");
            if (to - begins > 0) Add($"<rect x=\"{begins:0.##}\" y=\"{y + 2}\" width=\"{to - begins:0.##}\" height=\"{Lane - 4}\" fill=\"{services.GetValueOrDefault(record.Service, Other)}\" stroke=\"#444\" stroke-width=\".5\"/>");
            Add($"</g>");
        }

        private void Thin((double From, double To)? run, int y)
        {
            if (run is var (from, to)) Add($"<rect x=\"{from:0.##}\" y=\"{y + 2}\" width=\"{Math.Max(0.1, to - from):0.##}\" height=\"{Lane - 4}\" fill=\"#888\"/>");
        }

        public void Waiting(int y, DayResult day)
        {
            var changes = new SortedDictionary<long, int>();
            foreach (var record in day.Tickets)
            {
                Change(record.Joined, +1);
                if ((record.CalledAt ?? record.EndedAt) is { } over) Change(over, -1);
            }
            var most = Math.Max(1, day.Metrics.QueueMax);
            Add($"<text x=\"{Left - 8}\" y=\"{y + 10}\" text-anchor=\"end\">{most}</text><text x=\"{Left - 8}\" y=\"{y + Line}\" text-anchor=\"end\">0</text>");
            Add($"<text x=\"{Left}\" y=\"{y - 6}\">等候人数 waiting</text>");
            _svg.Append(CultureInfo.InvariantCulture, $"<path fill=\"#d5e8f7\" stroke=\"#1f5f99\" d=\"M{Left} {y + Line}");
            var (waiting, column, lowest, highest) = (0, -1, 0, 0);
            foreach (var (t, by) in changes)
            {
                // Two points a column: the fewest and the most that waited in it.
                var x = (int)Math.Round(X(Math.Min(t, ends)) * 2);
                if (x != column)
                {
                    Step(column, lowest, highest, waiting);
                    (column, lowest, highest) = (x, waiting, waiting);
                }
                waiting += by;
                (lowest, highest) = (Math.Min(lowest, waiting), Math.Max(highest, waiting));
            }
            Step(column, lowest, highest, waiting);
            _svg.Append(CultureInfo.InvariantCulture, $"H{Width - Right}V{y + Line}Z\"/>\n");

            void Change(long t, int by) => changes[t] = changes.GetValueOrDefault(t) + by;
            void Step(int at, int low, int high, int now)
            {
                if (at >= 0) _svg.Append(CultureInfo.InvariantCulture, $"H{at / 2.0:0.#}V{Y(high):0.#}V{Y(low):0.#}V{Y(now):0.#}");
            }
            double Y(int number) => y + Line - (double)number / most * Line;
        }

        public string End() => _svg.Append("</svg>\n").ToString();

        private void Add(FormattableString part) => _svg.Append(part.ToString(CultureInfo.InvariantCulture)).Append('\n');

        private static string Clock(long t, bool seconds = false) =>
            seconds ? FormattableString.Invariant($"{t / 3600}:{t / 60 % 60:00}:{t % 60:00}") : FormattableString.Invariant($"{t / 3600}:{t / 60 % 60:00}");

        private static string Text(string s)
        {
            var safe = new StringBuilder(s.Length);
            foreach (var rune in s.EnumerateRunes())
            {
                switch (rune.Value)
                {
                    case '<': safe.Append("&lt;"); break;
                    case '>': safe.Append("&gt;"); break;
                    case '&': safe.Append("&amp;"); break;
                    case '"': safe.Append("&quot;"); break;
                    // No XML can hold them, in whatever writing.
                    case < 0x20 or 0xFFFE or 0xFFFF: safe.Append(' '); break;
                    default: safe.Append(rune.ToString()); break;
                }
            }
            return safe.ToString();
        }
    }
}
